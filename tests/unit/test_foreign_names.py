"""Names of strangers neither order the terminal about nor hide letters."""

from __future__ import annotations

import pytest

from app.cli import output
from app.trust.holder import holder
from tests.unit.trust_material import certificate


@pytest.mark.parametrize(
    "letter",
    ["\x1b", "\r", "\x7f", "\x9b", "\u00ad", "\u200b", "\u200f", "\u2028", "\u202e", "\u2066", "\ufeff"],
)
def test_orders_to_the_terminal_are_seen(letter: str) -> None:
    shown = output.printable(f"Nguyễn{letter}Văn An")
    assert len(shown) == len("Nguyễn?Văn An")
    assert letter not in shown


@pytest.mark.parametrize("name", ["Nguyễn\u202e Văn An", "Nguyễn\u200b\n Văn An", " Nguyễn\tVăn An\ufeff"])
def test_a_holder_is_named_on_one_line_without_hidden_letters(name: str) -> None:
    assert holder(certificate(name).der).name == "Nguyễn Văn An"
