"""SoftHSM2 tokens of the tests' own: an RSA and an EC key with certificates on each, under a folder of the test.

Keys are made by softhsm2-util and a child process (``python -m tests.token.softhsm``); the tests' process never loads a
PKCS#11 module.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "24681357"
SO_PIN = "12345678"
RSA_ID = b"\x01"
EC_ID = b"\x02"


@dataclass(frozen=True)
class SoftToken:
    """A token in its own configuration; ``pin`` is its right PIN."""

    configuration: Path
    label: str
    pin: str = PIN


def configure(folder: Path) -> Path:
    """A ``softhsm2.conf`` that keeps tokens under ``folder``."""
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    return configuration


def initialise(configuration: Path, label: str, pin: str = PIN) -> SoftToken:
    """A further token, without keys."""
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", SO_PIN],
        env={**os.environ, "SOFTHSM2_CONF": str(configuration)},
        check=True,
        capture_output=True,
    )
    return SoftToken(configuration, label, pin)


def fill(token: SoftToken) -> None:
    """Put an RSA-2048 and an EC P-256 key with self-signed certificates on the token."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    objects = []
    for key_id, key in (
        (RSA_ID, rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        (EC_ID, ec.generate_private_key(ec.SECP256R1())),
    ):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{token.label} {key_id.hex()}")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(dt.datetime(2026, 1, 1))
            .not_valid_after(dt.datetime(2036, 1, 1))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        kind = "rsa" if key_id == RSA_ID else "ec"
        objects.append({"id": key_id.hex(), "kind": kind, "private": private.hex(), "certificate": der.hex()})
    subprocess.run(
        [sys.executable, "-m", "tests.token.softhsm", token.label, token.pin],
        env={**os.environ, "SOFTHSM2_CONF": str(token.configuration)},
        input=json.dumps(objects).encode(),
        check=True,
    )


def _store(label: str, pin: str, objects: list[dict[str, str]]) -> None:
    import pkcs11
    from pkcs11.util.ec import decode_ec_private_key
    from pkcs11.util.rsa import decode_rsa_private_key
    from pkcs11.util.x509 import decode_x509_certificate

    token = pkcs11.lib(str(MODULE)).get_token(token_label=label)
    with token.open(rw=True, user_pin=pin) as session:
        for item in objects:
            common = {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: bytes.fromhex(item["id"])}
            common[pkcs11.Attribute.LABEL] = f"khoá {item['kind']}"
            private = bytes.fromhex(item["private"])
            if item["kind"] == "rsa":
                key = decode_rsa_private_key(private, pkcs11.MechanismFlag.SIGN)
            else:
                key = decode_ec_private_key(private)
            session.create_object({**key, **common, pkcs11.Attribute.PRIVATE: True, pkcs11.Attribute.SENSITIVE: True})
            session.create_object({**decode_x509_certificate(bytes.fromhex(item["certificate"])), **common})


if __name__ == "__main__":
    _store(sys.argv[1], sys.argv[2], json.load(sys.stdin))
