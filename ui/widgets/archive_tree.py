"""The archive's tree: issued and received, by year and type, each with how many documents there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QTreeWidget, QTreeWidgetItem

from app.documents.types import document_types
from app.i18n import _, pgettext
from ui import icons, theme

if TYPE_CHECKING:
    from app.archive.model import Branch

_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class TreePlace:
    """A part of the archive; None stands for all of it."""

    incoming: bool | None = None
    year: int | None = None
    type: str | None = None


class ArchiveTree(QTreeWidget):
    """Parts of the archive of which one is chosen."""

    #: The :class:`TreePlace` chosen.
    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.header().setAccessibleName(_("Years and types"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setIconSize(QSize(18, 18))
        self.setObjectName("archiveTree")
        self.setAccessibleName(_("Years and types"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.currentItemChanged.connect(lambda current, _previous: self._choose(current))
        self._known: list[Branch] | None = None

    @property
    def place(self) -> TreePlace:
        """The part chosen."""
        item = self.currentItem()
        return item.data(0, _PLACE) if item is not None else TreePlace()

    def show_branches(self, branches: Iterable[Branch]) -> None:
        """Show what there is; the part chosen stays chosen where it is still there."""
        known = list(branches)
        if known == self._known:
            return
        self._known = known
        chosen, unfolded = self.place, self._unfolded()
        blocker = QSignalBlocker(self)
        self.clear()
        total = sum(branch.documents for branch in known)
        everything = self._item(_("All documents"), total, TreePlace(), "archive")
        self.addTopLevelItem(everything)
        for incoming, name, icon in (
            (False, pgettext("documents", "Issued"), "send"),
            (True, pgettext("documents", "Received"), "inbox"),
        ):
            of_it = [branch for branch in known if branch.incoming == incoming]
            if of_it:
                count = sum(branch.documents for branch in of_it)
                top = self._item(name, count, TreePlace(incoming), icon)
                self.addTopLevelItem(top)
                self._add_years(top, incoming, of_it)
                top.setExpanded(True)
        newest = max((branch.year for branch in known), default=0)
        for item in self._items():
            place: TreePlace = item.data(0, _PLACE)
            if place.year is not None and place.type is None:
                item.setExpanded(place in unfolded or (not unfolded and place.year == newest))
        self.setCurrentItem(next((item for item in self._items() if item.data(0, _PLACE) == chosen), everything))
        blocker.unblock()
        if self.place != chosen:
            self.chosen.emit(self.place)

    def choose(self, place: TreePlace) -> None:
        """Choose a part, where it is there."""
        for item in self._items():
            if item.data(0, _PLACE) == place:
                self.setCurrentItem(item)
                return

    def _add_years(self, top: QTreeWidgetItem, incoming: bool, branches: list[Branch]) -> None:
        years = Counter[int]()
        for branch in branches:
            years[branch.year] += branch.documents
        order = {kind.name: at for at, kind in enumerate(document_types())}
        for year in sorted(years, reverse=True):
            item = self._item(str(year), years[year], TreePlace(incoming, year))
            top.addChild(item)
            types = sorted(
                (branch for branch in branches if branch.year == year),
                key=lambda branch: (order.get(branch.type, len(order)), branch.type),
            )
            for branch in types:
                item.addChild(self._item(branch.type, branch.documents, TreePlace(incoming, year, branch.type)))

    def _item(self, name: str, count: int, place: TreePlace, icon: str = "") -> QTreeWidgetItem:
        number = f"{count:,}".replace(",", ".")
        item = QTreeWidgetItem([f"{name}  {number}"])
        item.setData(0, _PLACE, place)
        item.setToolTip(0, f"{name}: {number}")
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}: {number}")
        if icon:
            item.setIcon(0, icons.icon(icon, theme.current().text_soft))
        return item

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(0, _PLACE))

    def _unfolded(self) -> set[TreePlace]:
        return {item.data(0, _PLACE) for item in self._items() if item.isExpanded()}

    def _items(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        waiting = [self.topLevelItem(at) for at in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop(0)
            if item is not None:
                found.append(item)
                waiting.extend(item.child(at) for at in range(item.childCount()))
        return found
