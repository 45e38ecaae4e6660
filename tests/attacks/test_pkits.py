"""The path validation test suite of NIST (PKITS): nothing that RFC 5280 refuses is accepted."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.trust.model import RevocationStatus
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore

FOLDER = Path(__file__).parent / "pkits"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
AT = dt.datetime(2012, 1, 1, tzinfo=dt.UTC)

#: Valid by the standard, but resting on what this program does not use. Each ends in "unknown", none in a yes or no.
STRICTER = {
    "4.1.4": "DSA",
    "4.1.5": "DSA",
    **dict.fromkeys(
        ("4.4.19", "4.5.1", "4.5.4", "4.5.6", "4.6.15", "4.6.17", "4.9.6", "4.12.9", "4.13.19"),
        "a list signed with another key of the authority than the certificate",
    ),
    **dict.fromkeys(("4.14.18", "4.14.19"), "lists for some reasons only"),
    **dict.fromkeys(("4.14.22", "4.14.24", "4.14.25", "4.14.28", "4.14.29", "4.14.30", "4.14.33"), "indirect lists"),
}


@pytest.fixture(scope="module")
def material() -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(FOLDER / "pkits.zip") as archive:
        yield archive


def accepted(case: dict[str, Any], material: zipfile.ZipFile) -> bool:
    root = material.read("certs/TrustAnchorRootCertificate.crt")
    crls = [material.read(f"crls/{name}") for name in [*case["crls"], "TrustAnchorRootCRL.crl"]]
    facts = TrustEvaluator(TrustStore(lambda: [root], crls=crls), None).evaluate(
        material.read(f"certs/{case['certificate']}"),
        [material.read(f"certs/{name}") for name in case["others"]],
        at=AT,
        usage="signature",
    )
    return (
        facts.trusted
        and facts.in_period
        and facts.revocation.status is RevocationStatus.GOOD
        and not any(problem.code.startswith("issuer-") for problem in facts.problems)
    )


@pytest.mark.parametrize("case", CASES, ids=[f"{case['section']}-{case['certificate']}" for case in CASES])
def test_section(case: dict[str, Any], material: zipfile.ZipFile) -> None:
    assert accepted(case, material) is (case["valid"] and case["section"] not in STRICTER)


def test_the_suite_is_whole() -> None:
    assert sum(case["valid"] for case in CASES) > 80
    assert sum(not case["valid"] for case in CASES) > 100
