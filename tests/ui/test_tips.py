"""Tool tips show the names of strangers as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QTextEdit

from ui.widgets import tips
from ui.widgets.basic import Elided

_HOSTILE = "<b>Nguyễn Văn An</b><img src='//host.example/a.png'> & con\nVăn phòng"


def _seen(text: str) -> str:
    """What a person reads where Qt itself tells plain text from HTML, as it does in tool tips."""
    shown = QTextEdit()
    shown.setText(text)
    return shown.toPlainText()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("text", [_HOSTILE, "Nguyễn Văn An", str(Path("a & b", "công văn.pdf"))])
def test_a_tip_shows_what_is_written(text: str) -> None:
    assert _seen(tips.plain(text)) == text
    assert _seen(Elided(text).toolTip()) == text


@pytest.mark.usefixtures("qapp")
def test_without_it_the_name_would_be_obeyed() -> None:
    assert _seen(_HOSTILE) != _HOSTILE
