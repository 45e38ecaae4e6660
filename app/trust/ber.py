"""From BER to DER, as far as CMS files of other programs need it (ITU-T X.690, 8.1.3.6 and 8.7.3).

Programs that write a CMS while they still read its content use lengths that are not definite and cut octet strings
into pieces. Only these two are put right; whatever needs no change keeps its octets, so that signed parts do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.trust import der
from app.trust.der import DerError

_CONSTRUCTED: Final = 0x20
_INDEFINITE: Final = 0x80
_DEPTH_LIMIT: Final = 32
_ELEMENTS_LIMIT: Final = 100_000
_CONSTRUCTED_OCTET_STRING: Final = der.OCTET_STRING | _CONSTRUCTED


def to_der(data: bytes) -> bytes:
    """The same structure with definite lengths and whole octet strings.

    :raises DerError: no BER, too deep (32), too many elements (100,000), or octets after its end.
    """
    found = _Conversion(data).element(0, len(data), 0)
    if found.end != len(data):
        raise DerError("octets after the end")
    return found.octets


@dataclass(frozen=True)
class _Converted:
    """One element in DER: its octets, whether they changed, and where it ended in the input."""

    octets: bytes
    changed: bool
    end: int


class _Conversion:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _ELEMENTS_LIMIT

    def element(self, start: int, limit: int, depth: int) -> _Converted:
        self._left -= 1
        if depth > _DEPTH_LIMIT or self._left < 0:
            raise DerError("too deep or too many elements")
        if start + 2 > limit:
            raise DerError("element cut")
        tag = self._data[start]
        if tag & 0x1F == 0x1F:
            raise DerError("long tag")
        indefinite = self._data[start + 1] == _INDEFINITE
        if indefinite:
            if not tag & _CONSTRUCTED:
                raise DerError("length not definite")
            value, end = start + 2, limit
        else:
            count = self._data[start + 1] & 0x7F if self._data[start + 1] & 0x80 else 0
            value = start + 2 + count
            if count > 4 or value > limit:
                raise DerError("length")
            length = int.from_bytes(self._data[start + 2 : value], "big") if count else self._data[start + 1]
            end = value + length
            if end > limit:
                raise DerError("element cut")
            if not tag & _CONSTRUCTED:
                return _Converted(self._data[start:end], False, end)
        children, end = self._children(value, end, depth, indefinite=indefinite)
        if tag == _CONSTRUCTED_OCTET_STRING:
            pieces = [der.read(child.octets).octets() for child in children]
            return _Converted(der.encode(der.OCTET_STRING, b"".join(pieces)), True, end)
        if indefinite or any(child.changed for child in children):
            return _Converted(der.encode(tag, b"".join(child.octets for child in children)), True, end)
        return _Converted(self._data[start:end], False, end)

    def _children(self, position: int, end: int, depth: int, *, indefinite: bool) -> tuple[list[_Converted], int]:
        children: list[_Converted] = []
        while indefinite or position < end:
            if indefinite and self._data[position : position + 2] == b"\0\0" and position + 2 <= end:
                return children, position + 2
            child = self.element(position, end, depth + 1)
            children.append(child)
            position = child.end
        return children, end
