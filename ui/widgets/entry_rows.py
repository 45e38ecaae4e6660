"""A table of as many entries as there are, of which only those in sight are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Set
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from app.i18n import _
from app.journal.entry import Entry
from app.journal.selection import Selection
from ui import icons, journal_text, theme
from ui.widgets import tips
from ui.widgets.table import Headed
from ui.work import Pool

#: Entries read together, and how many such blocks are kept.
_BLOCK, _KEPT = 128, 24
_RESULT = 4
_MARK: dict[int, Callable[[str], Any]] = {
    Qt.ItemDataRole.DecorationRole: lambda colour: icons.icon("triangle-alert", colour),
    Qt.ItemDataRole.ForegroundRole: QColor,
}
_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, *_MARK)
_Index = QModelIndex | QPersistentModelIndex


class EntryRows(Headed):
    """Entries of a selection, the newest first. What is not read yet shows an ellipsis until it is.

    :param pool: reads; a database may take its time.
    """

    #: An exception that reading raised.
    failed = Signal(object)

    def __init__(self, pool: Pool) -> None:
        super().__init__((_("No."), _("Time"), _("What"), _("File"), _("Result"), _("Who")))
        self._pool = pool
        self._selection: Selection | None = None
        self._count = 0
        self._blocks: OrderedDict[int, list[Entry]] = OrderedDict()
        self._asked: set[int] = set()
        self._outside: Set[int] = frozenset()

    def mark_outside(self, numbers: Set[int]) -> None:
        """Mark the signatures made while nobody answered for their token.

        :param numbers: of their entries.
        """
        self._outside = numbers
        if self._count:
            self.dataChanged.emit(self.index(0, _RESULT), self.index(self._count - 1, _RESULT))

    def outside(self, entry: Entry) -> bool:
        """Whether an entry is one of those."""
        return entry.seq in self._outside or journal_text.signed_outside(entry)

    def show(self, selection: Selection, first: list[Entry]) -> None:
        """Show other entries.

        :param first: the newest of them, in their order, read already; see :func:`newest`.
        """
        self.beginResetModel()
        self._selection, self._count = selection, len(selection)
        self._blocks.clear()
        self._asked.clear()
        if first:
            self._blocks[0] = first[::-1]
        self.endResetModel()

    def entry(self, row: int) -> Entry | None:
        """The entry in a row; None where it is not read yet, which is then begun."""
        if not 0 <= row < self._count:
            return None
        block = self._blocks.get(row // _BLOCK)
        if block is None:
            self._ask(row // _BLOCK)
            return None
        at = row % _BLOCK
        return block[at] if at < len(block) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's form
        return 0 if parent.isValid() else self._count

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in _ROLES:
            return None
        entry = self.entry(index.row())
        if entry is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        outside = index.column() == _RESULT and self.outside(entry)
        if role in _MARK:
            colour = theme.current().caution
            return _MARK[role](colour) if outside else None
        text = journal_text.row(entry, outside=outside)[index.column()]
        return tips.plain(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def _ask(self, block: int) -> None:
        selection = self._selection
        if selection is None or block in self._asked:
            return
        self._asked.add(block)
        # Rows run from the newest back.
        last = self._count - block * _BLOCK
        first = max(0, last - _BLOCK)
        self._pool.start(
            lambda job: selection.read(first, last - first)[::-1],
            done=lambda entries: self._arrived(selection, block, entries),
            failed=self.failed.emit,
        )

    def _arrived(self, selection: Selection, block: int, entries: list[Entry]) -> None:
        if selection is not self._selection:
            return
        self._asked.discard(block)
        self._blocks[block] = entries
        while len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        top = block * _BLOCK
        bottom = min(top + _BLOCK, self._count) - 1
        self.dataChanged.emit(self.index(top, 0), self.index(bottom, len(self._headings) - 1))


def newest(selection: Selection) -> list[Entry]:
    """The entries that are shown first, in their order.

    :raises AntinError: the ledger cannot be read.
    """
    first = max(0, len(selection) - _BLOCK)
    return selection.read(first, len(selection) - first)
