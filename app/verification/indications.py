"""Indications and sub-indications of ETSI EN 319 102-1, table 5, for the codes of reasons."""

from __future__ import annotations

from typing import Final

from app.verification.model import Conclusion, Indication

#: Sub-indication by code of the deciding reason.
_SUB_INDICATIONS: Final = {
    "digest-mismatch": "HASH_FAILURE",
    "signature-value-wrong": "SIG_CRYPTO_FAILURE",
    "signature-broken": "SIG_CRYPTO_FAILURE",
    "algorithm-unknown": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "certificate-missing": "NO_SIGNING_CERTIFICATE_FOUND",
    "cms-signer-certificate-missing": "NO_SIGNING_CERTIFICATE_FOUND",
    "cms-signing-certificate-differs": "SIG_CRYPTO_FAILURE",
    "certificate-purpose-wrong": "CHAIN_CONSTRAINTS_FAILURE",
    "certificate-malformed": "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    "chain-root-unknown": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-issuer-unknown": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-signature-wrong": "NO_CERTIFICATE_CHAIN_FOUND",
    "certificate-expired": "OUT_OF_BOUNDS_NO_POE",
    "issuer-expired": "OUT_OF_BOUNDS_NO_POE",
    "issuer-not-yet-valid": "OUT_OF_BOUNDS_NO_POE",
    "certificate-not-yet-valid": "NOT_YET_VALID",
    "revoked": "REVOKED",
    "revoked-unproven": "REVOKED_NO_POE",
    "issuer-revoked": "REVOKED_CA_NO_POE",
    "revocation-unknown": "TRY_LATER",
    "revocation-outdated": "TRY_LATER",
    "issuer-revocation-unknown": "TRY_LATER",
    "weak-hash-unproven": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-key-unproven": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-evidence-new": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-hash-new": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-key-new": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-issuer-key": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "weak-issuer-signature-new": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "claimed-time-after-timestamp": "TIMESTAMP_ORDER_FAILURE",
    "ooxml-part-changed": "HASH_FAILURE",
    "ooxml-part-missing": "HASH_FAILURE",
    "ooxml-relationships-changed": "HASH_FAILURE",
    "xmldsig-properties-changed": "HASH_FAILURE",
    "xmldsig-signature-value": "SIG_CRYPTO_FAILURE",
    "xmldsig-certificate-mismatch": "SIG_CRYPTO_FAILURE",
    "xmldsig-no-certificate": "NO_SIGNING_CERTIFICATE_FOUND",
    "container-part-changed": "HASH_FAILURE",
    "container-part-missing": "HASH_FAILURE",
    "xml-content-changed": "HASH_FAILURE",
    "xml-external-reference": "SIGNED_DATA_NOT_FOUND",
    "cms-content-not-found": "SIGNED_DATA_NOT_FOUND",
    "cms-content-differs": "HASH_FAILURE",
}

#: What the policy makes fail although the standard leaves it open is told by the standard's nearest failure.
_AS_FAILURE: Final = {"REVOKED_NO_POE": "REVOKED", "REVOKED_CA_NO_POE": "REVOKED"}


def indication_of(conclusion: Conclusion) -> Indication:
    if conclusion in (Conclusion.VALID, Conclusion.WARNING):
        return Indication.TOTAL_PASSED
    return Indication.TOTAL_FAILED if conclusion is Conclusion.INVALID else Indication.INDETERMINATE


def sub_indication_of(conclusion: Conclusion, code: str) -> str | None:
    """The sub-indication of a signature's conclusion.

    :param code: of the reason that decided it.
    """
    if conclusion in (Conclusion.VALID, Conclusion.WARNING):
        return None
    if conclusion is Conclusion.INVALID:
        found = _SUB_INDICATIONS.get(code, "FORMAT_FAILURE")
        return _AS_FAILURE.get(found, found)
    if code.startswith("chain-"):
        return _SUB_INDICATIONS.get(code, "CHAIN_CONSTRAINTS_FAILURE")
    return _SUB_INDICATIONS.get(code, "SIG_CONSTRAINTS_FAILURE")
