"""What custody uses of the other services; the composition root hands it in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.custody import proof
from app.custody.custody import Append
from app.custody.minutes import Agency, MinutesContent, SignaturePlace


class FileAway(Protocol):
    """Files a copy of a file into the archive."""

    def __call__(self, path: Path, content: MinutesContent | None) -> tuple[str, str]:
        """:param content: of minutes; None for another document, which says itself what it is.
        :return: where it is filed, absolute, and the SHA-256 of the file."""
        ...


class NumberBearer(Protocol):
    """Looks in the archive for the number of minutes."""

    def __call__(self, content: MinutesContent) -> str | None:
        """:return: path of another document that bears it; None where it is free, or borne by these very minutes."""
        ...


class SignOctets(Protocol):
    """Has a token sign octets once: a key, the octets, where the PIN comes from."""

    def __call__(self, key: proof.Key, octets: bytes, pin_source: object) -> bytes: ...


class SignPdf(Protocol):
    """Has a token sign a PDF at a place; the signed copy is in the folder given."""

    def __call__(self, path: Path, folder: Path, place: SignaturePlace, key: proof.Key, pin_source: object) -> Path: ...


@dataclasses.dataclass(frozen=True)
class Services:
    """What the composition root hands in.

    :ivar vouched: whether a key's certificate leads to a trusted root now.
    """

    sign_octets: SignOctets
    sign_pdf: SignPdf
    file_away: FileAway
    number_bearer: NumberBearer
    append: Append
    agency: Agency
    vouched: Callable[[proof.Key], bool]
