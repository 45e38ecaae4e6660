"""The files to sign, in the order in which they are signed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt, QTimer, Signal

from app.signing.model import Act
from ui import wording
from ui.signing_entry import Entry
from ui.widgets import tips

#: Milliseconds within which rows that change are told of together.
_TOGETHER = 40


class FileListModel(QStringListModel):
    """The files in the order in which they are signed. How many rows there are, which Qt asks many times for each that
    it paints, Qt knows by itself: from its own list, which has an empty text for each.

    :ivar act: of the files that have none of their own.
    :ivar as_pdf: whether Office documents are turned into PDF.
    :ivar locked: nothing can be moved or numbered, because a run is under way.
    """

    #: Emitted with the entry whose number was typed in its row.
    numbered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self._rows: dict[Entry, int] = {}
        self._touched: list[Entry] = []
        self._telling = QTimer(self)
        self._telling.setSingleShot(True)
        self._telling.setInterval(_TOGETHER)
        self._telling.timeout.connect(self._tell)
        self.act = Act.PLAIN
        self.as_pdf = False
        self.locked = False
        self.rowsRemoved.connect(self._removed)  # before a view hears of it, as of what is moved
        self.rowsMoved.connect(self._moved)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.path.name
        if role == Qt.ItemDataRole.EditRole:
            return entry.row_number(self.act)
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips.plain("\n".join((str(entry.path), *self.lines(entry))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ". ".join((entry.path.name, *self.lines(entry)))
        return None

    def lines(self, entry: Entry) -> tuple[str, str]:
        """What stands under the name of a file: act and number, and its state."""
        act = entry.act or self.act
        words = wording.act_in_short(act)
        if act is Act.INCOMING and entry.arrival:
            words = f"{words} {entry.arrival}"
        kind = entry.numbered or wording.file_kind(entry.path)
        return " · ".join(filter(None, (kind, words))), entry.state(self.act)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not index.isValid():  # between the rows, where one that is dragged is dropped
            return Qt.ItemFlag.NoItemFlags if self.locked else Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        if not self.locked and self.entries[index.row()].info is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(
        self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """The number of a document was typed."""
        entry = self.entries[index.row()]
        if role != Qt.ItemDataRole.EditRole or entry.info is None or self.locked:
            return False
        entry.type_row_number(self.act, str(value).strip())
        self.touch(entry)
        self.numbered.emit(entry)
        return True

    def show_act(self, act: Act) -> None:
        """The act of the files that have none of their own."""
        changed = act is not self.act
        self.act = act
        if changed and self.entries:
            self.dataChanged.emit(self.index(0), self.index(len(self.entries) - 1))

    def number_arrivals_after(self, row: int) -> None:
        """Number the incoming documents after a row onward from the number of its arrival."""
        found = re.fullmatch(r"(\D*)(\d+)", self.entries[row].arrival)
        if found is None or self.locked:
            return
        number = int(found[2])
        for entry in self.entries[row + 1 :]:
            if (entry.act or self.act) is Act.INCOMING:
                number += 1
                entry.arrival = f"{found[1]}{number:0{len(found[2])}}"
                self.touch(entry)

    def move(self, row: int, to: int) -> None:
        """Move a file before the one that now stands at ``to``."""
        if row in (to, to - 1) or not 0 <= to <= len(self.entries) or self.locked:
            return
        self.moveRows(QModelIndex(), row, 1, QModelIndex(), to)

    def add(self, paths: list[Path]) -> list[Entry]:
        """Add files not yet in the list; those added."""
        new = self._new(paths)
        self._insert(len(self.entries), new)
        return new

    def put_in_place(self, entry: Entry, paths: list[Path]) -> list[Entry]:
        """Put files not yet in the list into the place of an entry; those put there. In the place of one that is not in
        the list any more nothing is put. The row of the entry, chosen or not, is that of the first file then."""
        row = self.row_of(entry)
        if row < 0:
            return []
        new = self._new(paths)
        if not new:
            self.remove(row)
            return []
        self.entries[row] = new[0]
        self._insert(row + 1, new[1:])
        self.touch(new[0])
        return new

    def remove(self, row: int) -> None:
        self.removeRows(row, 1)

    def replace(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._count_rows()
        self.setStringList([""] * len(entries))

    def row_of(self, entry: Entry) -> int:
        """Where an entry stands; -1 where it does not."""
        return self._rows.get(entry, -1)

    def touch(self, entry: Entry) -> None:
        """An entry's words changed."""
        self._touched.append(entry)
        if not self._telling.isActive():
            self._telling.start()

    def _tell(self) -> None:
        """Of the rows touched, those of a run lie together."""
        touched, self._touched = self._touched, []
        rows = sorted({row for row in map(self.row_of, touched) if row >= 0})
        for first, last in _ranges(rows):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _new(self, paths: list[Path]) -> list[Entry]:
        known = {entry.path for entry in self.entries}
        return [Entry(path) for path in dict.fromkeys(paths) if path not in known]

    def _insert(self, row: int, new: list[Entry]) -> None:
        self.entries[row:row] = new
        self._count_rows()
        if new:
            self.insertRows(row, len(new))

    def _removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.entries[first : last + 1]
        self._count_rows()

    def _moved(self, _parent: QModelIndex, row: int, _last: int, _target: QModelIndex, to: int) -> None:
        entry = self.entries.pop(row)
        self.entries.insert(to - (to > row), entry)
        self._count_rows()

    def _count_rows(self) -> None:
        self._rows = {entry: row for row, entry in enumerate(self.entries)}


def _ranges(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of the rows that follow one another.

    :param rows: ascending.
    """
    for _apart, together in groupby(enumerate(rows), key=lambda one: one[1] - one[0]):
        found = [row for _at, row in together]
        yield found[0], found[-1]
