"""What the tests of the token bridge do again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from pkcs11_bridge.client import SignatureAlgorithm, TokenBridge, TokenInfo
from tests.token.softhsm import PIN

#: How long what should take a moment is waited for, in seconds; the machine may be busy.
PATIENCE = 30.0
DATA = "Điều 1. Ban hành kèm theo Quyết định này".encode()

_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}


def pin(text: str = PIN) -> bytearray:
    return bytearray(text.encode())


def verify(token: TokenInfo, key_id: bytes, data: bytes, signature: bytes, algorithm: SignatureAlgorithm) -> None:
    """Verify with the certificate of that id.

    :raises cryptography.exceptions.InvalidSignature: it does not hold.
    """
    [der] = [certificate.der for certificate in token.certificates if certificate.id == key_id]
    key = x509.load_der_x509_certificate(der).public_key()
    digest = _HASHES[algorithm.hash_name]
    if isinstance(key, ec.EllipticCurvePublicKey):
        half = key.key_size // 8
        assert len(signature) == 2 * half
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(digest))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        if "pss" in algorithm:
            key.verify(signature, data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        else:
            key.verify(signature, data, padding.PKCS1v15(), digest)


def limit_calls(bridge: TokenBridge, seconds: float) -> None:
    """Give every call of a bridge from now on that long, the start of a child and a signature too.

    Bridges have :data:`PATIENCE` and more, for on a busy machine a child takes seconds to start; where a module is told
    to hang, a test shortens that for as long as it hangs.
    """
    bridge.call_timeout = bridge.sign_timeout = seconds
    for caller in (bridge._watch, *bridge._children.values()):
        caller._call_timeout = seconds  # type: ignore[attr-defined]


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that comes true within a second or two on an idle machine.

    :raises AssertionError: it did not come true within :data:`PATIENCE`.
    """
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < PATIENCE, f"not within {PATIENCE} s"
        time.sleep(0.01)
