"""The commands of docs/cai-dat.md, by the names that stand before them in the document."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).parent.parent.parent / "docs/cai-dat.md"

_BLOCK = re.compile(r"<!-- test: (?P<name>[a-z-]+) -->\n```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


def blocks() -> dict[str, str]:
    """Every named block as it stands in the document."""
    return {found["name"]: found["text"] for found in _BLOCK.finditer(GUIDE.read_text(encoding="utf-8"))}


#: Names of the blocks that were asked for so far.
used: set[str] = set()


def block(name: str) -> str:
    """A block as it stands in the document."""
    used.add(name)
    return blocks()[name]


def command(name: str) -> str:
    """Lines for a shell run by root, who needs no sudo."""
    return re.sub(r"^sudo ", "", block(name), flags=re.MULTILINE)
