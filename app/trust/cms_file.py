"""Signature files: their octets, out of PEM armour where they are in one, and the file that a detached one signs."""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import from_os_error

#: Largest file read whole; a large content belongs beside its signature.
SIZE_LIMIT: Final = 48 << 20
_ENDINGS: Final = frozenset({".p7m", ".p7s", ".p7b", ".p7c", ".p7", ".pem", ".cms"})
_ARMOUR: Final = re.compile(
    rb"\s*+-----BEGIN (?P<label>CMS|PKCS ?#?7)-----(?P<body>[A-Za-z0-9+/=\s]*+)-----END (?P=label)-----\s*+"
)
#: What tells a further signature file of a document from the first: ``congvan.pdf (2).p7s``.
_NUMBER: Final = re.compile(r" \([1-9]\d{0,3}\)$")
_NEIGHBOURS_LIMIT: Final = 20_000


@dataclass(frozen=True)
class Beside:
    """A file that may be what a detached signature signs.

    :ivar certain: a person says so, or the signature's name does, ``congvan.pdf.p7s`` for ``congvan.pdf``.
    """

    path: Path
    certain: bool


def octets(path: Path) -> bytes | None:
    """The file's content, out of its PEM armour; None where it is larger than :data:`SIZE_LIMIT`. Nothing may stand
    before, behind or in the armour, where other programs would show it; of such a file nothing is taken.

    :raises app.errors.AntinError: it is missing or may not be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise from_os_error(error, path) from error
    if len(data) > SIZE_LIMIT:
        return None
    if data.lstrip()[:11] != b"-----BEGIN ":
        return data
    armoured = _ARMOUR.fullmatch(data)
    try:
        return base64.b64decode(b"".join(armoured["body"].split()), validate=True) if armoured else b""
    except (binascii.Error, ValueError):
        return b""


def beside(path: Path) -> Beside | None:
    """The file that a detached signature signs: named like it without ``.p7s``, else the only one of its stem.

    :raises app.errors.AntinError: the folder may not be read.
    """
    if path.suffix.lower() in _ENDINGS:
        for name in filter(None, (path.stem, _NUMBER.sub("", path.stem))):
            named = path.with_name(name)
            if named.suffix and named.is_file():
                return Beside(named, True)
    found: list[Path] = []
    try:
        with os.scandir(path.parent) as entries:
            for number, entry in enumerate(entries):
                other = Path(entry.path)
                if number > _NEIGHBOURS_LIMIT or len(found) > 1:
                    return None
                if other.stem == path.stem and other.suffix.lower() not in _ENDINGS and entry.is_file():
                    found.append(other)
    except OSError as error:
        raise from_os_error(error, path.parent) from error
    return Beside(found[0], False) if len(found) == 1 and found[0] != path else None
