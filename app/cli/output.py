"""Printing: JSON Lines for programs, sentences and tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from rich.console import Console


def _encode(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_encode)

#: What would be an order to the terminal, turn the direction of what follows (Unicode TR 9), or not be seen at all.
_ORDERS = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(
        [*range(0x80, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)], 0xFFFD
    ),
    **dict.fromkeys([0xAD, 0x61C, 0x180E, 0xFEFF], 0xFFFD),
}


def json_line(row: Any) -> None:
    """One object on standard output, at once. A path that is no Unicode keeps its octets as lone surrogates, escaped
    as Python does (PEP 383)."""
    try:
        line = _encoder.encode(row)
    except UnicodeEncodeError:
        line = json.dumps(msgspec.to_builtins(row, enc_hook=_encode)).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def printable(text: str) -> str:
    """A name or text of foreign origin on one line, its control characters seen instead of obeyed."""
    return text.translate(_ORDERS)


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def console(*, stderr: bool = False) -> Console:
    """A console for people; paths and names are never taken for markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, soft_wrap=False)


def text(lines: str) -> None:
    """Text on standard output as it is, to be copied or sent on."""
    sys.stdout.write(lines)
    sys.stdout.flush()


def message(text: str) -> None:
    """A message for a person, on standard error."""
    sys.stderr.write(_lines(text) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=Text(_lines(title), style="table.title") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else Text(_lines(str(cell))) for cell in row))
    console().print(drawn)
