"""Revocation lists that an office keeps: imported, fetched, used, told with their age."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509

from app.settings import Settings
from app.trust.errors import CrlFromFuture, CrlIssuerUnknown, CrlNotUsable, NoCrlFile
from app.trust.fetch import Fetcher
from app.trust.kept_lists import KeptLists, Outcome
from app.trust.model import RevocationSource, RevocationStatus
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.unit.trust_material import Holder, certificate, crl

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


def _authority(name: str = "CA nội bộ") -> Holder:
    return certificate(name, ca=True, start=NOW - 400 * DAY, end=NOW + 400 * DAY)


def _store(*anchors: Holder) -> TrustStore:
    return TrustStore(lambda: [anchor.der for anchor in anchors])


@pytest.fixture
def entered() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def kept(tmp_path: Path, entered: list[dict[str, Any]]) -> KeptLists:
    return KeptLists(tmp_path / "data", lambda kind, **data: entered.append({"kind": kind, **data}))


def _file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _pem(data: bytes) -> bytes:
    body = base64.encodebytes(data)
    return b"Danh sach thu hoi\r\n-----BEGIN X509 CRL-----\r\n" + body + b"-----END X509 CRL-----\r\n"


@pytest.mark.parametrize("armour", [bytes, _pem], ids=["der", "pem"])
def test_an_imported_list_decides(kept: KeptLists, tmp_path: Path, entered: list[dict[str, Any]], armour: Any) -> None:
    ca = _authority()
    leaf = certificate("Nguyễn Văn An", issuer=ca, start=NOW - 300 * DAY, end=NOW + 300 * DAY)
    data = crl(ca, {leaf.certificate.serial_number: NOW - 30 * DAY}, at=NOW)
    ((outcome, told),) = kept.import_file(_file(tmp_path / "ca.crl", armour(data)), _store(ca))
    assert (outcome, told.issuer, told.outdated) == (Outcome.UPDATED, "CA nội bộ", False)
    assert kept.read() == [data]
    assert kept.entries() == [told]
    (entry,) = entered
    assert (entry["kind"], entry["path"]) == ("trust-crl", str(tmp_path / "ca.crl"))
    settings = Settings(data_dir=tmp_path / "data")
    store = TrustStore(lambda: [ca.der], crls=TrustStore.from_settings(settings).crls)
    facts = TrustEvaluator(store, None).evaluate(leaf.der, [], at=NOW, usage="signature")
    assert (facts.revocation.status, facts.revocation.source) == (RevocationStatus.REVOKED, RevocationSource.CRL)


def test_a_newer_list_takes_the_place_of_an_older_one_only(kept: KeptLists, tmp_path: Path) -> None:
    ca, other = _authority(), _authority("CA khác")
    store = _store(ca, other)
    old, new = (_file(tmp_path / f"{days}.crl", crl(ca, at=NOW - days * DAY)) for days in (5, 1))
    assert [outcome for outcome, _ in kept.import_file(old, store)] == [Outcome.UPDATED]
    assert [outcome for outcome, _ in kept.import_file(new, store)] == [Outcome.UPDATED]
    assert [outcome for outcome, _ in kept.import_file(old, store)] == [Outcome.CURRENT]
    assert kept.read() == [new.read_bytes()]
    kept.import_file(_file(tmp_path / "other.crl", crl(other, at=NOW)), store)
    assert [item.issuer for item in kept.entries()] == ["CA khác", "CA nội bộ"]


def test_lists_of_different_scope_are_kept_side_by_side(kept: KeptLists, tmp_path: Path) -> None:
    ca = _authority()

    def scope(**only: bool) -> Any:
        flags = {
            "only_contains_user_certs": False,
            "only_contains_ca_certs": False,
            "indirect_crl": False,
            "only_contains_attribute_certs": False,
        }
        empty = {"full_name": None, "relative_name": None, "only_some_reasons": None}
        return x509.IssuingDistributionPoint(**{**empty, **flags, **only}), True

    for only in ("only_contains_user_certs", "only_contains_ca_certs"):
        data = crl(ca, at=NOW, extensions=[scope(**{only: True})])
        kept.import_file(_file(tmp_path / "part.crl", data), _store(ca))
    assert len(kept.read()) == 2
    with pytest.raises(CrlNotUsable):
        kept.import_file(
            _file(tmp_path / "indirect.crl", crl(ca, at=NOW, extensions=[scope(indirect_crl=True)])), _store(ca)
        )


def test_lists_of_strangers_and_forgeries_are_refused(
    kept: KeptLists, tmp_path: Path, entered: list[dict[str, Any]]
) -> None:
    ca, stranger = _authority(), certificate("CA lạ", ca=True)
    forged = crl(ca, at=NOW, key=stranger.key)
    wrong = {
        "stranger": (crl(stranger, at=NOW), CrlIssuerUnknown),
        "forged": (forged, CrlIssuerUnknown),
        "future": (crl(ca, at=NOW + 2 * DAY), CrlFromFuture),
        "none": (b"khong phai", NoCrlFile),
        "certificate": (ca.der, NoCrlFile),
        "one-of-two": (_pem(crl(ca, at=NOW)) + _pem(forged), CrlIssuerUnknown),
    }
    for name, (data, error) in wrong.items():
        with pytest.raises(error):
            kept.import_file(_file(tmp_path / name, data), _store(ca))
    assert kept.read() == []
    assert entered == []


def test_an_outdated_list_is_kept_and_told_so(kept: KeptLists, tmp_path: Path) -> None:
    ca = _authority()
    data = crl(ca, at=NOW - 60 * DAY, until=NOW - 50 * DAY)
    ((_, told),) = kept.import_file(_file(tmp_path / "old.crl", data), _store(ca))
    assert told.outdated


def test_a_damaged_file_in_the_folder_is_no_evidence_and_no_obstacle(kept: KeptLists, tmp_path: Path) -> None:
    ca = _authority()
    kept.import_file(_file(tmp_path / "ca.crl", crl(ca, at=NOW)), _store(ca))
    (tmp_path / "data/trust/crls/0.crl").write_bytes(b"\x30\x03\x02")
    assert len(kept.entries()) == 1
    leaf = certificate("Nguyễn Văn An", issuer=ca, start=NOW - 300 * DAY, end=NOW + 300 * DAY)
    store = TrustStore(lambda: [ca.der], crls=kept.read())
    facts = TrustEvaluator(store, None).evaluate(leaf.der, [], at=NOW, usage="signature")
    assert facts.revocation.status is RevocationStatus.GOOD


# With the demo office's real services.


def test_update_asks_the_distribution_points_of_authorities_and_those_asked_before(
    settings: Settings, pki: Pki, services: Services, entered: list[dict[str, Any]]
) -> None:
    own = msgspec.structs.replace(settings, trust=msgspec.structs.replace(settings.trust, use_shipped_anchors=False))
    store, fetcher = TrustStore.from_settings(own), Fetcher.from_settings(own)
    kept = KeptLists(own.data_dir, lambda kind, **data: entered.append(data))
    (only,) = kept.update(store, fetcher)
    assert (only.url, only.outcome) == (pki.root_crl_url, Outcome.UPDATED)
    assert only.kept is not None
    assert only.kept.issuer == "RootCA mẫu"
    with services.failing("ocsp", status=500):
        TrustEvaluator(store, fetcher).evaluate(pki.certificate("leader"), [], at=NOW, usage="signature")
    services.requests.clear()
    updates = {update.url: update.outcome for update in kept.update(store, fetcher)}
    assert updates == {pki.root_crl_url: Outcome.CURRENT, pki.crl_url: Outcome.UPDATED}
    assert len(services.requests) == 2
    assert len(entered) == 2
    offline = TrustEvaluator(TrustStore.from_settings(own), None)
    for name, status in (("leader", RevocationStatus.GOOD), ("revoked", RevocationStatus.REVOKED)):
        facts = offline.evaluate(pki.certificate(name), [], at=NOW, usage="signature")
        assert (facts.revocation.status, facts.problems) == (status, ())


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 404}, Outcome.FAILED),
        ({"status": 200, "body": b"<html>"}, Outcome.REFUSED),
        ({"status": 200, "body": crl(certificate("CA lạ", ca=True), at=NOW)}, Outcome.REFUSED),
    ],
)
def test_an_update_that_fails_leaves_what_was_kept(
    settings: Settings, pki: Pki, services: Services, tmp_path: Path, fault: dict[str, Any], outcome: Outcome
) -> None:
    own = msgspec.structs.replace(settings, trust=msgspec.structs.replace(settings.trust, use_shipped_anchors=False))
    store, kept = TrustStore.from_settings(own), KeptLists(own.data_dir)
    kept.import_file(_file(tmp_path / "root.crl", pki.crl("root")), store)
    before = kept.read()
    with services.failing("crls", **fault):
        (update,) = kept.update(store, Fetcher.from_settings(own))
    assert update.outcome is outcome
    assert update.detail
    assert kept.read() == before


def test_an_update_ends_in_time(settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.trust.kept_lists.UPDATE_TIME", -1.0)
    store = TrustStore.from_settings(settings)
    updates = list(KeptLists(settings.data_dir).update(store, Fetcher.from_settings(settings)))
    assert len(updates) > 1
    assert {update.outcome for update in updates} == {Outcome.FAILED}
    assert services.requests == []
