"""The certificates that come with the program (``resources/trust``)."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.paths import RESOURCES
from app.trust import pem
from app.trust.errors import ShippedAnchorsDamaged

_FOLDER = RESOURCES / "trust"


class Domain(StrEnum):
    """For whom an anchor vouches: the Government's agencies, the public, or whom an office itself decided to trust."""

    GOVERNMENT = "government"
    PUBLIC = "public"
    OFFICE = "office"


@dataclass(frozen=True)
class ShippedAnchor:
    """An entry of ``anchors.toml``.

    :ivar certificate: DER; its SHA-256 is that of the entry.
    :ivar source: where the file comes from.
    """

    certificate: bytes
    sha256: str
    domain: Domain
    source: str


@lru_cache(maxsize=1)
def anchors() -> tuple[ShippedAnchor, ...]:
    """The roots that ``anchors.toml`` names. A file that it does not name is not trusted.

    :raises ShippedAnchorsDamaged: the list cannot be read, or a file is not the one of its fingerprint.
    """
    path = _FOLDER / "anchors.toml"
    try:
        return tuple(_read(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["anchor"])
    except (OSError, ValueError, KeyError) as error:
        raise ShippedAnchorsDamaged(path=path) from error


def _read(entry: dict[str, str]) -> ShippedAnchor:
    path = _FOLDER / entry["file"]
    (certificate,) = pem.certificates(path)
    if hashlib.sha256(certificate).hexdigest() != entry["sha256"]:
        raise ShippedAnchorsDamaged(path=path)
    return ShippedAnchor(certificate, entry["sha256"], Domain(entry["domain"]), entry["source"])


@lru_cache(maxsize=1)
def issuers() -> tuple[bytes, ...]:
    """DER of the issuing authorities: never trusted by themselves, they only lead from a signer to an anchor."""
    paths = sorted((_FOLDER / "intermediates").glob("*.pem"))
    return tuple(certificate for path in paths for certificate in pem.certificates(path))
