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
    "chain-root-namesake": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-self-made": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-distrusted": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-issuer-unknown": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-signature-wrong": "NO_CERTIFICATE_CHAIN_FOUND",
    "chain-malformed": "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    "certificate-expired": "OUT_OF_BOUNDS_NO_POE",
    "certificate-expired-then": "OUT_OF_BOUNDS_NO_POE",
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
    "xmldsig-signature-algorithm": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "xmldsig-digest-algorithm": "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "xmldsig-no-certificate": "NO_SIGNING_CERTIFICATE_FOUND",
    "container-part-changed": "HASH_FAILURE",
    "container-part-missing": "HASH_FAILURE",
    "xml-content-changed": "HASH_FAILURE",
    "xml-external-reference": "SIGNED_DATA_NOT_FOUND",
    "cms-content-not-found": "SIGNED_DATA_NOT_FOUND",
    "cms-content-differs": "HASH_FAILURE",
}

#: Sub-indications of TOTAL-FAILED. To these comes a weak algorithm, which the standard leaves open and the policy of
#: an office may make fail; there is no nearer word for it.
FAILURES: Final = {
    *("FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID"),
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
}

#: What the policy makes fail although the standard leaves it open is told by the standard's nearest failure; all else
#: by FORMAT_FAILURE.
_AS_FAILURE: Final = {
    "REVOKED_NO_POE": "REVOKED",
    "REVOKED_CA_NO_POE": "REVOKED",
    "OUT_OF_BOUNDS_NO_POE": "EXPIRED",
}

#: What the policy leaves open although the standard makes it fail; all else is SIG_CONSTRAINTS_FAILURE.
_AS_OPEN: Final = {"REVOKED": "REVOKED_NO_POE", "NOT_YET_VALID": "OUT_OF_BOUNDS_NO_POE"}


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
    found = _SUB_INDICATIONS.get(code, "")
    if conclusion is Conclusion.INVALID:
        return found if found in FAILURES else _AS_FAILURE.get(found, "FORMAT_FAILURE")
    if not found and code.startswith("chain-"):
        return "CHAIN_CONSTRAINTS_FAILURE"
    if not found or (found in FAILURES and found != "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"):
        return _AS_OPEN.get(found, "SIG_CONSTRAINTS_FAILURE")
    return found
