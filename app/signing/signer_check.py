"""The signer's certificate is judged before it signs (Decree 68/2024, article 29: validity, then path, then the key;
Circular 15/2025, appendix II: what cannot be checked is told to the signer)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.errors import AntinError
from app.signing.errors import (
    HashNotAllowed,
    KeyNotAllowed,
    SignerExpired,
    SignerPathUnknown,
    SignerPurposeWrong,
    SignerRevocationUnknown,
    SignerRevoked,
)
from app.trust.algorithms import key_name
from app.trust.holder import holder
from app.trust.model import RevocationStatus, TrustFacts
from pkcs11_bridge.protocol import SignatureAlgorithm

#: Seconds after which a batch looks again.
_FRESH: Final = 300.0


@dataclass(frozen=True)
class SignerStatus:
    """What is known of a certificate that may sign.

    :ivar word: ``good``, ``revocation-unknown`` or ``path-unknown``, as the ledger keeps it.
    :ivar note: what the signer should know; None where nothing is in doubt.
    """

    word: str
    note: AntinError | None = None


class SignerCheck:
    """Judges signers' certificates, each anew after five minutes. Thread-safe.

    :param evaluate: path, period and revocation of a certificate (DER) now.
    :param weakness: what the office's policy holds against a new signature by a certificate (DER) with a hash
        (hashlib's name): ``weak-key-new``, ``weak-hash-new``, or nothing.
    """

    def __init__(self, evaluate: Callable[[bytes], TrustFacts], weakness: Callable[[bytes, str], str]) -> None:
        self._evaluate, self._weakness = evaluate, weakness
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[float, TrustFacts]] = {}

    def check(self, certificate: bytes, algorithm: SignatureAlgorithm) -> SignerStatus:
        """What is known of it.

        :param algorithm: by which it is about to sign.
        :raises KeyNotAllowed, HashNotAllowed: the office's policy would not accept the signature.
        :raises SignerRevoked, SignerExpired, SignerPurposeWrong: it must not sign.
        """
        name = holder(certificate).name
        self._check_strength(certificate, algorithm, name)
        facts = self._facts(certificate)
        revocation = facts.revocation
        codes = {problem.code for problem in facts.problems}
        if revocation.status is RevocationStatus.REVOKED or "issuer-revoked" in codes:
            raise SignerRevoked(holder=name)
        if facts.trusted and not facts.in_period:
            raise SignerExpired(holder=name)
        if "certificate-purpose-wrong" in codes:
            raise SignerPurposeWrong(holder=name)
        if not facts.trusted:
            return SignerStatus("path-unknown", SignerPathUnknown(holder=name))
        if revocation.status is not RevocationStatus.GOOD or "issuer-revocation-unknown" in codes:
            return SignerStatus("revocation-unknown", SignerRevocationUnknown(holder=name))
        return SignerStatus("good")

    def _check_strength(self, certificate: bytes, algorithm: SignatureAlgorithm, name: str) -> None:
        match self._weakness(certificate, algorithm.hash_name):
            case "weak-key-new":
                raise KeyNotAllowed(holder=name, key=key_name(certificate))
            case "weak-hash-new":
                raise HashNotAllowed(algorithm=algorithm)

    def _facts(self, certificate: bytes) -> TrustFacts:
        with self._lock:
            when, facts = self._known.get(certificate, (0.0, None))
            if facts is None or time.monotonic() - when > _FRESH:
                facts = self._evaluate(certificate)
                self._known[certificate] = time.monotonic(), facts
            return facts
