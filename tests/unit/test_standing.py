"""What a certificate was worth when it signed and is worth now, and who manages it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from app.paths import RESOURCES
from app.trust import pem
from app.trust.managing import managing_body
from app.trust.shipped import Domain
from app.verification.model import SignatureReport
from tests.unit.test_engine import DAY, facts_of, judged, lists
from tests.unit.trust_material import NOW, YEAR, CmsMaker, certificate, name, pki, timestamp


def standings(report: SignatureReport) -> tuple[str, str, str]:
    return str(report.integrity), str(report.valid_at_signing), str(report.valid_now)


def report_of(maker: CmsMaker, **options: Any) -> SignatureReport:
    changes = options.pop("changes", {})
    [report] = judged(facts_of(maker, **changes), **options)
    return report


@pytest.mark.parametrize(
    ("changes", "integrity"),
    [
        ({}, "intact"),
        ({"intact": False}, "broken"),
        ({"intact": False, "supported": False}, "unknown"),
        ({"changes_allowed": False}, "broken"),
    ],
)
def test_integrity(changes: dict[str, Any], integrity: str) -> None:
    assert report_of(CmsMaker(pki().person), changes=changes).integrity == integrity


def test_an_expired_certificate_with_and_without_a_time_stamp() -> None:
    late = NOW + 60 * DAY
    short = certificate("Trần Văn Ngắn", issuer=pki().ca, end=NOW + 30 * DAY)
    assert standings(report_of(CmsMaker(short), now=late)) == ("intact", "unknown", "expired")
    maker = CmsMaker(short, timestamp=lambda value: timestamp(value))
    report = report_of(maker, now=late, crls=[*lists(), *lists(at=late)])
    assert standings(report) == ("intact", "valid", "expired")
    assert report.proven_time == NOW


def test_revoked_since_a_claimed_time_is_not_told_as_valid_then() -> None:
    revoked = {pki().person.certificate.serial_number: NOW + DAY}
    report = report_of(CmsMaker(pki().person), now=NOW + 3 * DAY, crls=lists(revoked, at=NOW + 3 * DAY))
    assert standings(report) == ("intact", "unknown", "revoked")


def test_unknown_revocation_unknown_root_and_a_claim_before_the_certificate() -> None:
    assert standings(report_of(CmsMaker(pki().person), crls=[])) == ("intact", "unknown", "unknown")
    stranger = certificate("Root khác", ca=True)
    assert standings(report_of(CmsMaker(pki().person), roots=[stranger])) == ("intact", "untrusted", "untrusted")
    early = CmsMaker(pki().person, signing_time=NOW - 2 * YEAR)
    assert standings(report_of(early)) == ("intact", "not-yet-valid", "valid")
    assert standings(report_of(CmsMaker(pki().person, signing_time=None))) == ("intact", "unknown", "valid")


def test_a_claim_in_the_future_is_judged_as_of_now() -> None:
    facts = facts_of(CmsMaker(pki().person))
    [report] = judged(replace(facts, claimed_time=dt.datetime.max.replace(tzinfo=dt.UTC)))
    assert standings(report) == ("intact", "valid", "valid")


def vgca_name(**parts: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(getattr(NameOID, kind), text) for kind, text in parts.items()])


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ({"ORGANIZATION_NAME": "UBND tỉnh Hậu Lộc", "COMMON_NAME": "Sở Nội vụ"}, "UBND tỉnh Hậu Lộc"),
        ({"ORGANIZATIONAL_UNIT_NAME": "Bộ Mẫu", "COMMON_NAME": "Nguyễn Văn An"}, "Bộ Mẫu"),
        ({"COMMON_NAME": "Nguyễn Văn An"}, "Ban Cơ yếu Chính phủ"),
    ],
)
def test_the_managing_body_of_an_official_certificate(subject: dict[str, str], body: str) -> None:
    issuing = certificate("CA phục vụ", ca=True, subject=name("CA phục vụ", "Ban Cơ yếu Chính phủ"))
    person = certificate("Nguyễn Văn An", issuer=issuing, subject=vgca_name(**subject))
    assert managing_body(person.der, (person.der, issuing.der)) == body
    assert managing_body(person.der, (person.der, issuing.der), Domain.GOVERNMENT) == body


def test_the_managing_body_of_a_public_certificate_is_the_one_that_runs_its_authority() -> None:
    issuing = certificate("VNX-CA", ca=True, subject=name("VNX-CA", "Công ty Chữ ký mẫu"))
    person = certificate("Nguyễn Văn An", issuer=issuing, subject=name("Nguyễn Văn An", "Công ty Bút mẫu"))
    assert managing_body(person.der, (person.der, issuing.der), Domain.PUBLIC) == "Công ty Chữ ký mẫu"
    nameless = certificate("VNY-CA", ca=True, subject=vgca_name(COMMON_NAME="VNY-CA"))
    person = certificate("Nguyễn Văn An", issuer=nameless)
    assert managing_body(person.der) == "VNY-CA"
    assert managing_body(person.der, (person.der, nameless.der, issuing.der), Domain.PUBLIC) == "Công ty Chữ ký mẫu"
    assert managing_body(b"no certificate") == ""


def test_a_shipped_authority_of_the_government_is_told_as_managed_by_it() -> None:
    [path] = (RESOURCES / "trust" / "roots").glob("RootCA-chuy*")
    [root] = pem.certificates(path)
    assert managing_body(root, (root,), Domain.GOVERNMENT) == "Ban Cơ yếu Chính phủ"
