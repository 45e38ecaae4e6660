"""Where marks stood last, so that the next file of the same kind gets its mark there (``places.json`` in the data
folder). Lengths are millimetres of paper, from the upper left corner of the page as it is shown."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.signing.model import Act
from app.storage import writing

_FILE = "places.json"
#: A place that differs by less is the same, in millimetres.
_NEAR = 0.3
#: Kinds of files that are remembered.
_MOST = 500


class Remembered(msgspec.Struct, frozen=True):
    """A place.

    :ivar page: zero-based; -1 for the last page.
    :ivar left, top: of the mark.
    :ivar moved: how far to the right and down a person moved it from where it was proposed.
    :ivar by_hand: a person chose the place.
    """

    page: int
    left: float
    top: float
    moved: tuple[float, float] = (0.0, 0.0)
    by_hand: bool = False


class Places:
    """The remembered places of one office. Thread-safe; a file that cannot be read counts as empty, for all that is
    lost are proposals.

    :param data_dir: where they are kept.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _FILE
        self._lock = threading.Lock()
        self._known: dict[str, Remembered] | None = None

    def of_kind(self, act: Act, certificate: str, document_type: str | None) -> Remembered | None:
        """The last place in a file of that type.

        :param certificate: SHA-256 of the signer's.
        :param document_type: None for files that do not say what they are.
        """
        with self._lock:
            return self._read().get(_key(act, certificate, document_type or ""))

    def last(self, act: Act, certificate: str) -> Remembered | None:
        """The last place in a file of whatever type."""
        return self.of_kind(act, certificate, None)

    def remember(self, act: Act, certificate: str, document_type: str | None, place: Remembered) -> None:
        """Keep a place for files of the type, and as the last one.

        :raises app.errors.AntinError: the data folder takes nothing.
        """
        keys = {_key(act, certificate, document_type or ""), _key(act, certificate, "")}
        with self._lock:
            known = self._read()
            if all(key in known and _same(known[key], place) for key in keys):
                return
            for key in keys:
                known.pop(key, None)
                known[key] = place
            self._known = dict(list(known.items())[-_MOST:])
            writing.replace(self._path, msgspec.json.format(msgspec.json.encode(self._known)))

    def _read(self) -> dict[str, Remembered]:
        if self._known is None:
            try:
                self._known = msgspec.json.decode(self._path.read_bytes(), type=decodable(dict[str, Remembered]))
            except (OSError, msgspec.MsgspecError):
                self._known = {}
        return self._known


def _key(act: Act, certificate: str, document_type: str) -> str:
    return f"{act} {certificate[:16]} {document_type}"


def _same(one: Remembered, other: Remembered) -> bool:
    pairs = zip((one.left, one.top, *one.moved), (other.left, other.top, *other.moved), strict=True)
    return (one.page, one.by_hand) == (other.page, other.by_hand) and all(abs(a - b) < _NEAR for a, b in pairs)
