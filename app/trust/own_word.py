"""What an office itself decided about anchors: one small file a certificate in ``data_dir/trust/anchors``."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.errors import from_os_error
from app.storage import writing
from app.trust.errors import OwnAnchorsDamaged
from app.trust.shipped import Domain


class OwnWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office's decision about one certificate.

    :ivar since: when it was made.
    :ivar certificate: DER of one that the office added; None for one that comes with the program or the settings.
    :ivar enabled: whether it counts.
    :ivar removed: it came with the program and is no longer shown either.
    """

    sha256: str
    since: dt.datetime
    certificate: bytes | None = None
    domain: Domain = Domain.OFFICE
    enabled: bool = True
    removed: bool = False


class OwnWords:
    """The decisions of a data folder, each a file ``<sha256>.json``, so that two programs at work never undo one
    another's."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "trust" / "anchors"

    def read(self) -> dict[str, OwnWord]:
        """All decisions by SHA-256. Read anew each time.

        :raises OwnAnchorsDamaged: a file is none; trusting without it could trust what the office had disabled.
        :raises AntinError: a file cannot be read.
        """
        return {path.stem: _decode(path) for path in sorted(self._folder.glob("*.json"))}

    def write(self, word: OwnWord) -> None:
        """:raises AntinError: it could not be written; what was decided before still holds."""
        writing.replace(self._path(word.sha256), msgspec.json.format(msgspec.json.encode(word)))

    def forget(self, sha256: str) -> None:
        """:raises AntinError: the file could not be removed."""
        path = self._path(sha256)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise from_os_error(error, path) from error

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.json"


def _decode(path: Path) -> OwnWord:
    try:
        word = msgspec.json.decode(path.read_bytes(), type=decodable(OwnWord))
    except OSError as error:
        raise from_os_error(error, path) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise OwnAnchorsDamaged(path=path) from error
    fingerprint = word.sha256 if word.certificate is None else hashlib.sha256(word.certificate).hexdigest()
    if not path.stem == word.sha256 == fingerprint:
        raise OwnAnchorsDamaged(path=path)
    return word
