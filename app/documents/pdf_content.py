"""The octets of a PDF as PDFium is given them for reading text: the file in memory, without colours that cost time.

PDFium reads a file by its path in pieces of half a kilobyte, and makes the tables of each colour profile that a page
names, which took a fifth of the time of reading a page and change nothing in its text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

#: A larger file is left on the disk.
_LARGEST: Final = 1 << 24
#: Colour spaces looked at in a file; an honest one has a few.
_MOST: Final = 32
#: Blanks looked over before the name of a colour space.
_BEFORE: Final = 8
_FAMILY: Final = b"/ICCBased"
_SPACE: Final = re.compile(rb"\[[\t\n\f\r ]*/ICCBased[\t\n\f\r ]+([1-9]\d{0,8})[ ]+(\d{1,5})[ ]+R[\t\n\f\r ]*\]")
_COMPONENTS: Final = re.compile(rb"[^>]{0,256}?/N[\t\n\f\r ]*([134])(?=[\t\n\f\r />])")
#: The plain colours by the number of their components (ISO 32000-2, 8.6.4), which PDFium itself takes where it cannot
#: read a profile (8.6.5.5).
_PLAIN: Final = {b"1": b"[/DeviceGray", b"3": b"[/DeviceRGB", b"4": b"[/DeviceCMYK"}


def content_of(path: Path) -> bytes | None:
    """What PDFium may read in place of the file: all its octets where they are, but for the names of colour spaces.

    :return: None for a large file.
    :raises OSError: the file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        # No more is asked for than is there: a buffer of the largest size takes longer to make than a file to read.
        content = file.read(min(os.fstat(file.fileno()).st_size, _LARGEST) + 1)
        if content and len(content) <= _LARGEST:
            return without_profiles(content)
    return None


def without_profiles(content: bytes) -> bytes:
    """A PDF whose colour spaces by profile are the plain ones of as many components, each octet where it was.

    Those in packed objects, and those whose profile is not seen, stay.
    """
    found: list[tuple[int, bytes]] = []
    at = -1
    for _ in range(_MOST):
        at = content.find(_FAMILY, at + 1)
        if at < 0:
            break
        begin = content.rfind(b"[", max(0, at - _BEFORE), at)
        space = _SPACE.match(content, begin) if begin >= 0 else None
        if space is not None and (plain := _plain_of(content, space)) is not None:
            found.append((begin, plain))
    if not found:
        return content
    changed = bytearray(content)
    for start, plain in found:
        changed[start : start + len(plain)] = plain
    return bytes(changed)


def _plain_of(content: bytes, space: re.Match[bytes]) -> bytes | None:
    """What stands in the place of a colour space, as long as that."""
    header = b"\n%s %s obj" % space.groups()
    at = content.rfind(header)
    components = _COMPONENTS.match(content, at + len(header)) if at >= 0 else None
    if components is None:
        return None
    return _PLAIN[components[1]].ljust(len(space[0]) - 1) + b"]"
