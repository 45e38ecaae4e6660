"""TOML of whoever wrote it, read within bounds.

``tomllib`` keeps every beginning of a dotted name, so that one line of 200 KiB takes all memory, and descends into
nested values by recursion.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

#: Octets of a file; a thousand times what any of the program's own has.
MAX_SIZE = 1 << 20
#: Parts of a dotted name.
_MAX_PARTS = 32

_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_NAME = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}){{{_MAX_PARTS}}}")


def loads(text: str) -> dict[str, Any]:
    """What TOML says.

    :raises ValueError: it is none, or too large or too deep for this program (``tomllib.TOMLDecodeError`` is one).
    """
    if len(text) > MAX_SIZE:
        raise ValueError(f"larger than {MAX_SIZE >> 10} KiB")
    if (found := _LONG_NAME.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(f"a name of more than {_MAX_PARTS} parts (at line {line})")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("values are nested too deep") from error


def load(path: Path) -> dict[str, Any]:
    """What a TOML file says.

    :raises OSError: it cannot be read.
    :raises ValueError: as :func:`loads`, or it is no UTF-8.
    """
    with path.open("rb") as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise ValueError(f"larger than {MAX_SIZE >> 10} KiB")
    return loads(data.decode("utf-8"))
