"""Formulas whose result is another one each time, in spreadsheets of both kinds of Office formats."""

from __future__ import annotations

import re
from typing import Final

#: Functions of time, chance, the reader's machine, or addresses outside of the workbook.
_CHANGING: Final = re.compile(
    r"\b(NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY|INDIRECT|OFFSET|CELL|INFO|RTD|WEBSERVICE|DDE|CALL|REGISTER\.ID)\s*\(",
    re.IGNORECASE,
)
_STRING: Final = re.compile(r'"[^"]*"')


def changing(formula: str) -> list[str]:
    """The functions in a formula that give another result each time; what stands in quotes does not count."""
    return [name.upper() for name in _CHANGING.findall(_STRING.sub('""', formula))]
