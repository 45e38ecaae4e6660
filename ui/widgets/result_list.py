"""The files checked: a list that stays quick with thousands of rows, filtered and sorted."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView

from app.documents.text import fold
from app.i18n import _
from app.verification.model import Conclusion, FileReport
from ui import icons, report_text, theme, wording
from ui.widgets.row_list import RowList, RowModel, RowPainter, Texts, ratio, use, write

if TYPE_CHECKING:
    from app.verification.bundle import Member


@dataclass(eq=False)
class Result:
    """One file checked.

    :ivar path: the file on the disk; of a file in a ZIP the ZIP.
    :ivar member: where in the ZIP it is; None for a file by itself.
    :ivar number: in the order of arrival.
    :ivar place: sorts the files of folders and ZIPs as a person counts them: 2 before 10.
    """

    report: FileReport
    path: Path
    member: Member | None
    number: int
    words: str = field(init=False)
    place: tuple[str | int, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = (part for signature in self.report.signatures for part in (signature.signer, signature.organization))
        self.words = fold(" ".join((self.report.path, *names)))
        self.place = _counted(self.report.path)

    @property
    def line(self) -> str:
        """The second line of its row: verdict, and who signed."""
        verdict = wording.VERDICTS[self.report.conclusion].word
        names = dict.fromkeys(report_text.signer(signature) for signature in self.report.signatures)
        return " · ".join([verdict, ", ".join(names)]) if names else verdict


class Order(StrEnum):
    """What a list is sorted by."""

    VERDICT = "verdict"
    PLACE = "place"
    NAME = "name"
    SIGNER = "signer"
    TIME = "time"


def _counted(path: str) -> tuple[str | int, ...]:
    """A path cut at its numbers, which compare as numbers: words and numbers take turns."""
    return tuple(
        int(part) if number else part
        for number, part in zip(cycle((False, True)), _NUMBERS.split(fold(path)), strict=False)
    )


def _by_time(result: Result) -> float:
    times = [time for signature in result.report.signatures if (time := report_text.time_of(signature)) is not None]
    return -max(time.timestamp() for time in times) if times else float("inf")


_VERDICT_ORDER = {conclusion: at for at, conclusion in enumerate(wording.VERDICTS)}

#: Digits of any length up to what no office numbers; longer ones are cut, so that they compare quickly.
_NUMBERS = re.compile(r"([0-9]{1,18})")

_KEYS: dict[Order, Callable[[Result], tuple[Any, ...]]] = {
    Order.VERDICT: lambda result: (_VERDICT_ORDER[result.report.conclusion], result.place, result.number),
    Order.PLACE: lambda result: (result.place, result.number),
    Order.NAME: lambda result: (fold(report_text.file_name(result.report)), result.number),
    Order.SIGNER: lambda result: (
        (fold(report_text.signer(next(iter(result.report.signatures)))), result.number)
        if result.report.signatures
        else ("\uffff", result.number)
    ),
    Order.TIME: lambda result: (_by_time(result), result.number),
}


class ResultModel(RowModel[Result]):
    """All results, of which those are shown that have the conclusion and the words asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._all: dict[str, Result] = {}
        self._count = 0
        self._conclusion: Conclusion | None = None
        self._words: tuple[str, ...] = ()
        self._order = Order.VERDICT

    @property
    def results(self) -> list[Result]:
        """Everything known, in the order of arrival."""
        return list(self._all.values())

    @property
    def conclusion(self) -> Conclusion | None:
        """The only conclusion shown; None for all."""
        return self._conclusion

    def counts(self) -> Counter[Conclusion]:
        """How many files there are of each conclusion."""
        return Counter(result.report.conclusion for result in self._all.values())

    def add(self, found: Iterable[tuple[FileReport, Path, Member | None]]) -> None:
        """Take results in; one of the same path takes the place of the one before.

        :param found: reports, each with the file on the disk and, in a ZIP, the place there.
        """
        for report, path, member in found:
            if (before := self._all.pop(report.path, None)) is not None:
                self._leave_out(before)
            self._count += 1
            number = before.number if before else self._count
            result = self._all[report.path] = Result(report, path, member, number)
            if self._wanted(result):
                self._show(result)

    def clear(self) -> None:
        self.beginResetModel()
        self._all.clear()
        self.shown = []
        self._conclusion = None
        self.endResetModel()

    def show_only(self, conclusion: Conclusion | None) -> None:
        """Show the files of one conclusion; of all for None."""
        self._conclusion = conclusion
        self._arrange()

    def find(self, text: str) -> None:
        """Show the files whose path or signers have all these words; accents do not count."""
        self._words = tuple(fold(text).split())
        self._arrange()

    def sort_by(self, order: Order) -> None:
        self._order = order
        self._arrange()

    def row_of(self, result: Result) -> int:
        """Where a result is shown; -1 where it is not."""
        key = _KEYS[self._order]
        at = bisect_left(self.shown, key(result), key=key)
        return at if at < len(self.shown) and self.shown[at] is result else -1

    def texts(self, item: Result) -> Texts:
        name = report_text.file_name(item.report)
        return Texts(name, f"{item.report.path}\n{item.report.summary}", f"{name}. {item.line}")

    def _arrange(self) -> None:
        self.show(sorted(filter(self._wanted, self._all.values()), key=_KEYS[self._order]))

    def _wanted(self, result: Result) -> bool:
        if self._conclusion not in (None, result.report.conclusion):
            return False
        return all(word in result.words for word in self._words)

    def _show(self, result: Result) -> None:
        key = _KEYS[self._order]
        at = bisect_left(self.shown, key(result), key=key)
        self.beginInsertRows(QModelIndex(), at, at)
        insort(self.shown, result, key=key)
        self.endInsertRows()

    def _leave_out(self, result: Result) -> None:
        if (row := self.row_of(result)) >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self.shown[row]
            self.endRemoveRows()


class _Row(RowPainter[Result]):
    def draw(self, painter: QPainter, rect: QRect, item: Result, font: QFont, *, chosen: bool) -> None:
        sign, shown = wording.VERDICTS[item.report.conclusion], theme.current()
        picture = icons.pixmap(sign.icon, theme.tone_colour(sign.tone), 22, ratio(painter))
        painter.drawPixmap(rect.left() + 10, rect.top() + 14, picture)
        words = rect.adjusted(42, 6, -8, -5)
        use(painter, font, shown.text, strong=True)
        write(painter, words, report_text.file_name(item.report), cut=Qt.TextElideMode.ElideMiddle)
        use(painter, font, shown.text_soft, strong=False)
        write(painter, words, item.line, Qt.AlignmentFlag.AlignBottom)


class ResultList(RowList[Result]):
    """Rows of files with their verdicts. The first row is chosen until a person chooses one, which then stays chosen
    while others come and go."""

    #: The :class:`Result` chosen, None where nothing is shown.
    chosen = Signal(object)

    def __init__(self) -> None:
        self.found = ResultModel()
        super().__init__(self.found, "resultList", _("Files checked"))
        self.setItemDelegate(_Row(self, 120, 52))
        self._kept: Result | None = None
        self._own_choice = False
        self.selectionModel().currentChanged.connect(lambda current, _previous: self._choose(current))
        self.found.modelReset.connect(self._choose_again)
        self.found.rowsInserted.connect(lambda *_rows: self._choose_again())

    def choose(self, result: Result) -> None:
        """Choose a row, where it is shown; it stays chosen."""
        self._own_choice = True
        if (row := self.found.row_of(result)) >= 0:
            self.setCurrentIndex(self.found.index(row))

    def clear(self) -> None:
        """Begin anew with nothing."""
        self._own_choice = False
        self.found.clear()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._own_choice = True
        super().mousePressEvent(event)

    def moveCursor(self, action: QListView.CursorAction, keys: Qt.KeyboardModifier) -> QModelIndex:
        self._own_choice = True
        return super().moveCursor(action, keys)

    def _choose(self, index: QModelIndex) -> None:
        self._kept = self.item_at(index)
        self.chosen.emit(self._kept)

    def _choose_again(self) -> None:
        """The row chosen before, wherever it is now; the first one where it is gone."""
        if self.currentIndex().isValid() and (self._own_choice or self.currentIndex().row() == 0):
            return
        row = self.found.row_of(self._kept) if self._kept is not None and self._own_choice else -1
        if self.found.shown:
            self.setCurrentIndex(self.found.index(max(0, row)))
        elif self._kept is not None:
            self._kept = None
            self.chosen.emit(None)
