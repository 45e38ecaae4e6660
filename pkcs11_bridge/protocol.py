"""What crosses the pipe between the client and the child process of a vendor module."""

from __future__ import annotations

from enum import StrEnum


class PinState(StrEnum):
    """What the token's flags say of its PIN (PKCS#11 v2.40, CK_TOKEN_INFO flags)."""

    OK = "ok"
    LOW = "low"
    FINAL_TRY = "final-try"
    LOCKED = "locked"
    NOT_SET = "not-set"


class SignatureAlgorithm(StrEnum):
    """A signature algorithm with its hash."""

    RSA_SHA256 = "rsa-sha256"
    RSA_SHA384 = "rsa-sha384"
    RSA_SHA512 = "rsa-sha512"
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    RSA_PSS_SHA384 = "rsa-pss-sha384"
    RSA_PSS_SHA512 = "rsa-pss-sha512"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ECDSA_SHA512 = "ecdsa-sha512"

    @property
    def hash_name(self) -> str:
        """The hashlib name: ``sha256``, ``sha384`` or ``sha512``."""
        return self.rsplit("-", 1)[1]
