"""Certomancer's signing without loading and checking an RSA key anew for every response."""

from __future__ import annotations

from functools import lru_cache

from asn1crypto import algos, keys
from certomancer import crypto_utils
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class KeepingBackend(crypto_utils.PycaCryptographyBackend):
    """Keeps the RSA keys that it has loaded; they were generated here, so they are not checked."""

    def generic_sign(
        self, private_key: keys.PrivateKeyInfo, tbs_bytes: bytes, sd_algo: algos.SignedDigestAlgorithm
    ) -> bytes:
        if sd_algo.signature_algo != "rsassa_pkcs1v15":
            return super().generic_sign(private_key, tbs_bytes, sd_algo)
        hash_algorithm: hashes.HashAlgorithm = getattr(hashes, sd_algo.hash_algo.upper())()
        return _load(private_key.dump()).sign(tbs_bytes, padding.PKCS1v15(), hash_algorithm)


@lru_cache(maxsize=64)
def _load(pkcs8: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def install() -> None:
    """Make certomancer use it in this process."""
    crypto_utils.CRYPTO_BACKEND = KeepingBackend()
