"""SoftHSM2 tokens under the office's folder: initialised, keys and certificates imported.

PKCS#11 is loaded in a child process only (``python -m tests.demo.tokens MODULE``, specifications as JSON on
standard input, serial numbers on standard output), never in the process that builds the office.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from tests.demo.pki import AGENCY, LEADER, SECOND, Pki

SO_PIN = "demo-so-pin"


@dataclass(frozen=True)
class TokenPlan:
    """A token to be made: whose credential of the PKI it holds, and under which label and PIN."""

    name: str
    holder: str
    label: str
    pin: str


PLANS = (
    TokenPlan("leader", LEADER, "Nguyễn Văn An", "246810"),
    TokenPlan("seal", AGENCY, "Dấu UBND xã Phong Điền", "135791"),
    TokenPlan("second", SECOND, "Trần Thị Bích Ngọc", "112358"),
)


@dataclass(frozen=True)
class DemoToken:
    """A token in its slot.

    :ivar name: ``leader``, ``seal`` or ``second``; also its credential's name in the PKI.
    :ivar key_id: CKA_ID of key and certificate, the SHA-1 of the public key (RFC 5280, 4.2.1.2).
    :ivar certificate: DER.
    """

    name: str
    holder: str
    label: str
    serial: str
    pin: str
    key_id: bytes
    certificate: bytes


class SoftHsmMissing(Exception):
    def __init__(self) -> None:
        super().__init__("libsofthsm2.so is not installed; the Debian package is softhsm2.")


_MODULE_FOLDERS = (
    "/usr/lib/softhsm",
    "/usr/lib/x86_64-linux-gnu/softhsm",
    "/usr/lib/aarch64-linux-gnu/softhsm",
    "/usr/lib64/pkcs11",
    "/usr/lib64",
    "/usr/local/lib/softhsm",
    "/opt/homebrew/lib/softhsm",
)


def find_module() -> Path:
    """The SoftHSM2 library in the usual folders.

    :raises SoftHsmMissing: it is in none of them.
    """
    for folder in _MODULE_FOLDERS:
        path = Path(folder, "libsofthsm2.so")
        if path.exists():
            return path
    raise SoftHsmMissing


def write_configuration(file: Path, token_folder: Path) -> None:
    """Write a ``softhsm2.conf`` that keeps the tokens in ``token_folder``."""
    token_folder.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"directories.tokendir = {token_folder.absolute()}\n"
        "objectstore.backend = file\n"
        "log.level = ERROR\n"
        "slots.removable = true\n",
        encoding="utf-8",
    )


def create(configuration: Path, module: Path, pki: Pki, plans: Iterable[TokenPlan] = PLANS) -> dict[str, DemoToken]:
    """Make the tokens of ``plans`` and put the key and certificate of the credential of that name on each.

    :param configuration: a ``softhsm2.conf``, see :func:`write_configuration`.
    :raises subprocess.CalledProcessError: SoftHSM2 refused; what it said is on standard error.
    """
    environment = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
    plans = list(plans)
    specifications = []
    for plan in plans:
        credential = pki.credential(plan.name)
        specifications.append(
            {
                "label": plan.label,
                "pin": plan.pin,
                "holder": plan.holder,
                "key": _pkcs8(credential.private_key).hex(),
                "certificate": credential.certificate.hex(),
                "id": _key_id(credential.certificate).hex(),
            }
        )
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", plan.label, "--so-pin", SO_PIN, "--pin", plan.pin],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    reply = subprocess.run(
        [sys.executable, "-m", "tests.demo.tokens", str(module)],
        env=environment,
        input=json.dumps(specifications).encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return load(pki, json.loads(reply), plans)


def load(pki: Pki, serials: dict[str, str], plans: Iterable[TokenPlan] = PLANS) -> dict[str, DemoToken]:
    """The tokens as :func:`create` made them before, from their serial numbers by label."""
    tokens = {}
    for plan in plans:
        certificate = pki.certificate(plan.name)
        tokens[plan.name] = DemoToken(
            plan.name, plan.holder, plan.label, serials[plan.label], plan.pin, _key_id(certificate), certificate
        )
    return tokens


def _pkcs8(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return bytes(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _key_id(certificate: bytes) -> bytes:
    from asn1crypto import x509

    return sha1(bytes(x509.Certificate.load(certificate).public_key["public_key"])).digest()


def _import(module: str, specifications: list[dict[str, str]]) -> dict[str, str]:
    """Store keys and certificates on initialised tokens; serial numbers by label."""
    import pkcs11
    from asn1crypto import keys
    from pkcs11.util.ec import decode_ec_private_key
    from pkcs11.util.rsa import decode_rsa_private_key
    from pkcs11.util.x509 import decode_x509_certificate, decode_x509_public_key

    tokens = {token.label: token for token in pkcs11.lib(module).get_tokens()}
    for specification in specifications:
        key = keys.PrivateKeyInfo.load(bytes.fromhex(specification["key"]))
        certificate = bytes.fromhex(specification["certificate"])
        common = {
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.ID: bytes.fromhex(specification["id"]),
            pkcs11.Attribute.LABEL: specification["holder"],
        }
        if key.algorithm == "rsa":
            private = decode_rsa_private_key(key["private_key"].parsed.dump(), pkcs11.MechanismFlag.SIGN)
        else:
            private = decode_ec_private_key(_with_parameters(key))
        with tokens[specification["label"]].open(rw=True, user_pin=specification["pin"]) as session:
            session.create_object(
                private
                | common
                | {
                    pkcs11.Attribute.PRIVATE: True,
                    pkcs11.Attribute.SENSITIVE: True,
                    pkcs11.Attribute.EXTRACTABLE: False,
                }
            )
            session.create_object(decode_x509_public_key(certificate) | common | {pkcs11.Attribute.VERIFY: True})
            session.create_object(decode_x509_certificate(certificate) | common)
    return {label: token.serial.decode("ascii").rstrip() for label, token in tokens.items()}


def _with_parameters(key: Any) -> bytes:
    """An RFC 5915 key that names its curve, which PKCS#8 (RFC 5208) moves to the algorithm."""
    private = key["private_key"].parsed.copy()
    private["parameters"] = key["private_key_algorithm"]["parameters"]
    return bytes(private.dump())


if __name__ == "__main__":
    json.dump(_import(sys.argv[1], json.load(sys.stdin)), sys.stdout)
