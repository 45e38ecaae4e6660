"""The list of the files to sign paints what changed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.documents.model import DocumentInfo
from tests.ui.person import PATIENCE
from ui.signing_entry import Entry
from ui.widgets.file_list import FileList

_FILES = 200


class _Painted:
    """Counts the rows whose name is drawn, by what the list asks of their entries."""

    def __init__(self, shown: FileList, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[int] = []
        usual = Entry.picture

        def picture(entry: Entry, act: object) -> object:
            self.rows.append(shown.files.row_of(entry))
            return usual(entry, act)  # type: ignore[arg-type]

        monkeypatch.setattr(Entry, "picture", picture)


@pytest.fixture
def shown(qtbot: QtBot) -> FileList:
    found = FileList()
    qtbot.addWidget(found)
    found.resize(300, 500)
    found.files.add([Path(f"/công văn/{at:03}.pdf") for at in range(_FILES)])
    found.show()
    qtbot.waitExposed(found)
    qtbot.wait(80)
    return found


@pytest.fixture
def painted(shown: FileList, monkeypatch: pytest.MonkeyPatch) -> _Painted:
    return _Painted(shown, monkeypatch)


def test_rows_that_change_are_painted_and_no_others(shown: FileList, painted: _Painted, qtbot: QtBot) -> None:
    entries = shown.files.entries
    for at in (1, 4):
        entries[at].stage = "signing"
        shown.files.touch(entries[at])
        shown.files.touch(entries[at])
    qtbot.waitUntil(lambda: painted.rows != [], timeout=PATIENCE)
    qtbot.wait(80)
    assert sorted(painted.rows) == [1, 4]


def test_what_is_not_seen_is_not_painted(shown: FileList, painted: _Painted, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown.files.dataChanged, timeout=PATIENCE):
        shown.files.touch(shown.files.entries[150])
    qtbot.wait(80)
    assert painted.rows == []
    shown.scrollTo(shown.files.index(150))
    qtbot.waitUntil(lambda: 150 in painted.rows, timeout=PATIENCE)


def test_neighbours_are_told_of_together(shown: FileList, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        told.append((first.row(), last.row()))

    shown.files.dataChanged.connect(note)
    for at in (7, 5, 6, 90):
        shown.files.touch(shown.files.entries[at])
    gone = shown.files.entries[120]
    shown.files.touch(gone)
    shown.files.remove(120)
    qtbot.waitUntil(lambda: told != [], timeout=PATIENCE)
    assert told == [(5, 7), (90, 90)]


def test_a_number_read_while_its_row_is_typed_into_and_out_of_sight(shown: FileList, qtbot: QtBot) -> None:
    entry = shown.files.entries[3]
    entry.read = entry.info = DocumentInfo()
    shown.ask_number(3)
    shown.verticalScrollBar().setValue(shown.verticalScrollBar().maximum())
    entry.read = entry.info = DocumentInfo(number="45")
    shown.files.touch(entry)
    editor = shown.findChild(QLineEdit, "rowNumber")
    assert editor is not None
    qtbot.waitUntil(lambda: editor.text() == "45", timeout=PATIENCE)


def test_a_row_that_is_dragged_is_drawn_though_the_list_is_not(shown: FileList, painted: _Painted) -> None:
    option = QStyleOptionViewItem()
    option.rect = shown.visualRect(shown.files.index(2))
    picture = QPixmap(shown.size())
    painter = QPainter(picture)
    shown.itemDelegate().paint(painter, option, shown.files.index(2))
    painter.end()
    assert painted.rows == [2]
