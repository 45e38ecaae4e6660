"""Indications and sub-indications: those of ETSI EN 319 102-1, table 5, and the right one for each reason."""

from __future__ import annotations

import importlib

import pytest

from app.verification import indications, reasons
from app.verification.indications import FAILURES, indication_of, sub_indication_of
from app.verification.model import Conclusion, Indication

#: Sub-indications of INDETERMINATE.
OPEN = {
    *("SIG_CONSTRAINTS_FAILURE", "CHAIN_CONSTRAINTS_FAILURE", "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    *("CRYPTO_CONSTRAINTS_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "POLICY_PROCESSING_ERROR"),
    *("SIGNATURE_POLICY_NOT_AVAILABLE", "TIMESTAMP_ORDER_FAILURE", "NO_SIGNING_CERTIFICATE_FOUND"),
    *("NO_CERTIFICATE_CHAIN_FOUND", "REVOKED_NO_POE", "REVOKED_CA_NO_POE", "OUT_OF_BOUNDS_NO_POE", "NO_POE"),
    *("TRY_LATER", "SIGNED_DATA_NOT_FOUND"),
}

CODES = sorted(code for name in reasons.MODULES for code in importlib.import_module(name).REASONS)


def test_every_reason_has_a_sub_indication_of_its_indication() -> None:
    assert len(CODES) > 150
    assert set(indications._SUB_INDICATIONS) <= set(CODES)
    for code in [*CODES, "never-heard-of"]:
        assert sub_indication_of(Conclusion.INVALID, code) in FAILURES, code
        assert sub_indication_of(Conclusion.INDETERMINATE, code) in OPEN, code
        assert sub_indication_of(Conclusion.WARNING, code) is None


@pytest.mark.parametrize(
    ("conclusion", "code", "expected"),
    [
        (Conclusion.INVALID, "digest-mismatch", "HASH_FAILURE"),
        (Conclusion.INVALID, "ooxml-part-changed", "HASH_FAILURE"),
        (Conclusion.INVALID, "container-part-changed", "HASH_FAILURE"),
        (Conclusion.INVALID, "xml-content-changed", "HASH_FAILURE"),
        (Conclusion.INVALID, "cms-content-differs", "HASH_FAILURE"),
        (Conclusion.INVALID, "signature-value-wrong", "SIG_CRYPTO_FAILURE"),
        (Conclusion.INVALID, "xmldsig-signature-value", "SIG_CRYPTO_FAILURE"),
        (Conclusion.INVALID, "pdf-byterange-gap", "FORMAT_FAILURE"),
        (Conclusion.INVALID, "zip-duplicate", "FORMAT_FAILURE"),
        (Conclusion.INVALID, "revoked", "REVOKED"),
        (Conclusion.INVALID, "revoked-unproven", "REVOKED"),
        (Conclusion.INDETERMINATE, "revoked-unproven", "REVOKED_NO_POE"),
        (Conclusion.INDETERMINATE, "revoked", "REVOKED_NO_POE"),
        (Conclusion.INVALID, "issuer-revoked", "REVOKED"),
        (Conclusion.INDETERMINATE, "issuer-revoked", "REVOKED_CA_NO_POE"),
        (Conclusion.INVALID, "certificate-not-yet-valid", "NOT_YET_VALID"),
        (Conclusion.INDETERMINATE, "certificate-not-yet-valid", "OUT_OF_BOUNDS_NO_POE"),
        (Conclusion.INDETERMINATE, "certificate-expired", "OUT_OF_BOUNDS_NO_POE"),
        (Conclusion.INVALID, "certificate-expired", "EXPIRED"),
        (Conclusion.INDETERMINATE, "revocation-unknown", "TRY_LATER"),
        (Conclusion.INDETERMINATE, "revocation-outdated", "TRY_LATER"),
        (Conclusion.INDETERMINATE, "chain-root-unknown", "NO_CERTIFICATE_CHAIN_FOUND"),
        (Conclusion.INDETERMINATE, "chain-issuer-unknown", "NO_CERTIFICATE_CHAIN_FOUND"),
        (Conclusion.INDETERMINATE, "chain-path-length", "CHAIN_CONSTRAINTS_FAILURE"),
        (Conclusion.INDETERMINATE, "chain-malformed", "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (Conclusion.INDETERMINATE, "certificate-purpose-wrong", "CHAIN_CONSTRAINTS_FAILURE"),
        (Conclusion.INDETERMINATE, "certificate-missing", "NO_SIGNING_CERTIFICATE_FOUND"),
        (Conclusion.INDETERMINATE, "weak-hash-unproven", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        (Conclusion.INVALID, "weak-hash-new", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        (Conclusion.INDETERMINATE, "algorithm-unknown", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        (Conclusion.INDETERMINATE, "cms-content-not-found", "SIGNED_DATA_NOT_FOUND"),
        (Conclusion.INDETERMINATE, "signature-unsupported", "SIG_CONSTRAINTS_FAILURE"),
        (Conclusion.VALID, "certificate-expired", None),
    ],
)
def test_sub_indications(conclusion: Conclusion, code: str, expected: str | None) -> None:
    assert code in CODES
    assert sub_indication_of(conclusion, code) == expected


def test_indications() -> None:
    assert [indication_of(found) for found in (Conclusion.VALID, Conclusion.WARNING)] == [Indication.TOTAL_PASSED] * 2
    assert indication_of(Conclusion.INVALID) is Indication.TOTAL_FAILED
    assert indication_of(Conclusion.INDETERMINATE) is Indication.INDETERMINATE
