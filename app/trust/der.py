"""Strict reading of DER (ITU-T X.690, clause 10): definite, minimal lengths and nothing left over.

Certificates, CMS and their evidence come from strangers. Reading them by their own schema, one element at
a time over one buffer, means that neither depth nor size of the input decides how much work is done, and
that nothing is accepted which another reader might see differently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
ENUMERATED = 0x0A
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
TELETEX_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
UNIVERSAL_STRING = 0x1C
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

#: More elements than this in one list are refused; CRL entries are read one by one and not counted.
MAX_CHILDREN = 20_000

#: An integer or object identifier longer than this many octets is refused.
_MAX_NUMBER = 4096

_STRING_CODECS = {
    UTF8_STRING: "utf-8",
    PRINTABLE_STRING: "ascii",
    IA5_STRING: "ascii",
    TELETEX_STRING: "latin-1",
    BMP_STRING: "utf-16-be",
    UNIVERSAL_STRING: "utf-32-be",
    0x12: "ascii",
    0x1A: "ascii",
}


class DerError(ValueError):
    """The octets are no DER, or not of the structure expected."""


def context(number: int) -> int:
    """Identifier octet of a constructed context-specific tag such as ``[0]``."""
    return 0xA0 | number


def context_primitive(number: int) -> int:
    """Identifier octet of a primitive context-specific tag, as in ``[0] IMPLICIT OCTET STRING``."""
    return 0x80 | number


@lru_cache(maxsize=512)
def _dotted(octets: bytes) -> str:
    """The object identifier of this content; the same few stand in every signature."""
    if not 0 < len(octets) <= _MAX_NUMBER or octets[-1] & 0x80:
        raise DerError("object identifier")
    numbers: list[int] = []
    number = 0
    for octet in octets:
        if number == 0 and octet == 0x80:
            raise DerError("object identifier")
        if number > 1 << 128:
            raise DerError("object identifier")
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(n) for n in (first, numbers[0] - 40 * first, *numbers[1:]))


class Element:
    """One element: its identifier octet and where it lies in the buffer.

    :ivar tag: the identifier octet; long-form tag numbers do not occur in what is read here and are refused.
    """

    __slots__ = ("_data", "_end", "_start", "_value", "tag")

    def __init__(self, data: bytes, start: int, limit: int) -> None:
        """Read the header at ``start``; the element must end at or before ``limit``.

        :raises DerError: the header is no DER or the element is cut.
        """
        if start + 2 > limit:
            raise DerError("element cut")
        self.tag = data[start]
        if self.tag & 0x1F == 0x1F:
            raise DerError("long tag")
        length, value = data[start + 1], start + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or value + count > limit:
                raise DerError("length not definite")
            length, value = int.from_bytes(data[value : value + count], "big"), value + count
            if length < 0x80 or length >> (8 * (count - 1)) == 0:
                raise DerError("length not minimal")
        if value + length > limit:
            raise DerError("element cut")
        self._data, self._start, self._value, self._end = data, start, value, value + length

    @property
    def raw(self) -> bytes:
        """The whole element with its header."""
        return self._data[self._start : self._end]

    @property
    def content(self) -> bytes:
        return self._data[self._value : self._end]

    @property
    def size(self) -> int:
        """Octets of the whole element."""
        return self._end - self._start

    def members_beginning(self, octets: bytes) -> Iterator[Element]:
        """The SEQUENCEs inside whose content begins with ``octets``, found by searching: a list of a million members is
        not read member by member. What looks like one deeper inside is found too."""
        position = self._data.find(octets, self._value, self._end)
        while position >= 0:
            for start in range(position - 2, max(position - 6, self._value) - 1, -1):
                if self._data[start] == SEQUENCE:
                    try:
                        member = Element(self._data, start, self._end)
                    except DerError:
                        continue
                    if member._value == position:
                        yield member
            position = self._data.find(octets, position + 1, self._end)

    def expect(self, *tags: int) -> Element:
        """This element, if its tag is one of ``tags``.

        :raises DerError: it is another.
        """
        if self.tag not in tags:
            raise DerError(f"tag {self.tag:#x} where {tags[0]:#x} is expected")
        return self

    def __iter__(self) -> Iterator[Element]:
        """The elements inside, read one by one.

        :raises DerError: this element is primitive, or one inside is no DER.
        """
        if not self.tag & 0x20:
            raise DerError("primitive where a structure is expected")
        position = self._value
        while position < self._end:
            child = Element(self._data, position, self._end)
            yield child
            position = child._end

    def children(self) -> list[Element]:
        """The elements inside, at most :data:`MAX_CHILDREN`."""
        found: list[Element] = []
        for child in self:
            if len(found) == MAX_CHILDREN:
                raise DerError("too many elements")
            found.append(child)
        return found

    def fields(self, *tags: int) -> Fields:
        """A cursor over the elements inside; ``tags`` are what this element itself may be (a SEQUENCE without)."""
        self.expect(*(tags or (SEQUENCE,)))
        return Fields(self.children())

    def inner(self) -> Element:
        """The one element inside an explicit tag."""
        inside = self.children()
        if len(inside) != 1:
            raise DerError("an explicit tag holds one element")
        return inside[0]

    def integer(self) -> int:
        if self.tag not in (INTEGER, ENUMERATED) and not self.tag & 0x80:
            raise DerError("no integer")
        if not 0 < self._end - self._value <= _MAX_NUMBER:
            raise DerError("integer size")
        octets = self.content
        if len(octets) > 1 and (octets[0], octets[1] >> 7) in ((0x00, 0), (0xFF, 1)):
            raise DerError("integer not minimal")
        return int.from_bytes(octets, "big", signed=True)

    def boolean(self) -> bool:
        octets = self.content
        if octets not in (b"\x00", b"\xff"):
            raise DerError("no boolean")
        return octets == b"\xff"

    def oid(self) -> str:
        """Dotted form of an object identifier."""
        return _dotted(self.expect(OID).content)

    def octets(self) -> bytes:
        """Content of an OCTET STRING."""
        return self.expect(OCTET_STRING).content

    def bits(self) -> bytes:
        """Octets of a BIT STRING of whole octets."""
        content = self.expect(BIT_STRING).content
        if not content or content[0] != 0:
            raise DerError("bit string with unused bits")
        return content[1:]

    def bit_numbers(self) -> set[int]:
        """Numbers of the bits that are set in a named bit list, of any tag."""
        content = self.content
        if not content or content[0] > 7 or len(content) > 64:
            raise DerError("bit list")
        return {8 * index + bit for index, octet in enumerate(content[1:]) for bit in range(8) if octet & (0x80 >> bit)}

    def text(self) -> str:
        """A character string of any of the kinds of X.520's DirectoryString."""
        codec = _STRING_CODECS.get(self.tag)
        if codec is None:
            raise DerError("no character string")
        return self.content.decode(codec, "replace")

    def time(self) -> dt.datetime:
        """A UTCTime or GeneralizedTime in UTC (RFC 5280, 4.1.2.5; fractions of seconds as RFC 3161 has them)."""
        self.expect(UTC_TIME, GENERALIZED_TIME)
        if self._end - self._value > 32:
            raise DerError("time")
        text = self.content.decode("ascii", "replace")
        if self.tag == UTC_TIME and len(text) >= 2 and text[:2].isdigit():
            text = ("19" if int(text[:2]) >= 50 else "20") + text
        whole, _, fraction = text.removesuffix("Z").partition(".")
        if not text.endswith("Z") or not whole.isdigit() or len(whole) != 14 or (fraction and not fraction.isdigit()):
            raise DerError("time not in UTC")
        try:
            moment = dt.datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        except ValueError as error:
            raise DerError("time") from error
        return moment.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))


class Fields:
    """A cursor over the fields of a structure, in order."""

    __slots__ = ("_elements", "_position")

    def __init__(self, elements: list[Element]) -> None:
        self._elements, self._position = elements, 0

    def next(self, *tags: int) -> Element:
        """The next field, which must be there and be one of ``tags`` (any tag without)."""
        if self._position == len(self._elements):
            raise DerError("field missing")
        element = self._elements[self._position]
        if tags:
            element.expect(*tags)
        self._position += 1
        return element

    def optional(self, *tags: int) -> Element | None:
        """The next field if it is one of ``tags``."""
        if self._position < len(self._elements) and self._elements[self._position].tag in tags:
            return self.next()
        return None

    def end(self) -> None:
        """
        :raises DerError: a field is left.
        """
        if self._position != len(self._elements):
            raise DerError("unknown field")

    @property
    def more(self) -> bool:
        return self._position < len(self._elements)


def read(data: bytes) -> Element:
    """The one element that fills ``data``.

    :raises DerError: no DER, or octets after it.
    """
    element = Element(data, 0, len(data))
    if element.size != len(data):
        raise DerError("octets after the end")
    return element


def read_prefix(data: bytes) -> tuple[Element, bytes]:
    """The element ``data`` begins with, and the octets after it."""
    element = Element(data, 0, len(data))
    return element, data[element.size :]


def encode(tag: int, content: bytes) -> bytes:
    """An element of that identifier octet and content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def encode_oid(dotted: str) -> bytes:
    """An object identifier from its dotted form."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        content += bytes(reversed(groups))
    return encode(OID, bytes(content))


def encode_integer(number: int) -> bytes:
    """An INTEGER."""
    length = (number + (number < 0)).bit_length() // 8 + 1
    return encode(INTEGER, number.to_bytes(length, "big", signed=True))
