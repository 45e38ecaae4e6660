"""What was changed after signing: the signed pages beside those of now, the differences boxed, numbered and named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.documents.pages import PageNotShown
from app.errors import describe
from app.i18n import _, ngettext
from app.verification.changes.compare import RevisionComparer, drawing_process
from app.verification.changes.model import Comparison, PageChange, PagePair, Region
from app.verification.changes.sentences import changes_told, gave_up_told, page_told, region_told
from app.verification.model import Coverage, SignatureReport
from ui.pair_pictures import Drawn, Frame, PairPictures
from ui.theme import UNIT
from ui.widgets.basic import Header, Notice, button, column, icon_button, label, row
from ui.widgets.compared_page import ComparedPage, Spot
from ui.widgets.difference_list import WIDTH, DifferenceList
from ui.wording import beginning
from ui.work import Job, Pool

#: Parts of the width that a page is shown at; None: the whole page in view.
_ZOOMS = (None, 1.0, 1.5, 2.0, 3.0)

#: Changes named above the pages, of those that the verdict rests on.
_TOLD = 4


@dataclass(frozen=True)
class _Difference:
    """One line of the list.

    :ivar region: None where the whole page is concerned.
    """

    pair: PagePair
    region: Region | None
    sentence: str


def can_show_changes(path: Path | None, signature: SignatureReport) -> bool:
    """Whether there is anything for :class:`ChangesView` to compare.

    :param path: the file on the disk; None where there is none by itself, as in a ZIP.
    """
    return path is not None and signature.signed_size is not None and bool(signature.changes)


class ChangesView(QWidget):
    """Compares a signed revision of a PDF with the document as it is; draws and compares in threads of its own.

    Show it in the place of what it belongs to; call :meth:`stop` before it goes.

    :param path: of the PDF.
    :param signature: one that :func:`can_show_changes` accepts.
    """

    #: A person wants to go back.
    closed = Signal()
    #: Emitted once the first comparison has ended, however it ended.
    compared = Signal()

    def __init__(self, path: Path, signature: SignatureReport) -> None:
        super().__init__()
        self._path, self._signature = path, signature
        self._size = signature.signed_size or 0
        self._pictures = PairPictures(path, self._size, self)
        self._pictures.drawn.connect(self._show_pictures)
        self._pictures.failed.connect(self._failed)
        self._child = drawing_process()
        self._comparer: RevisionComparer | None = None
        self._comparing = Pool(1, self)
        self._compare_job: Job[Comparison] | None = None
        self._pairs: list[PagePair] = []
        self._asked: set[PagePair] = set()
        self._differences: list[_Difference] = []
        self._drawn: Drawn | None = None
        self._at = 0
        self._zoom = 0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(120)
        self._again.timeout.connect(self._draw)
        self._build()
        self._start()

    # Parts

    def _build(self) -> None:
        self.back = button(_("&Back to the result"), "arrow-left", role="quiet", clicked=self.closed.emit)
        header = Header(_("What was changed after signing"), self._path.name, buttons=(self.back,))
        self.notice = Notice()
        self._tell_verdict()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(_("Pages compared"))
        self._bar_text = label(_("Comparing the pages…"), "small", wrap=False)
        self.halt = button(_("&Stop"), "x", clicked=self._halt)
        self._bar_row = QWidget()
        self._bar_row.setLayout(row(self._bar_text, self._bar, self.halt, spacing=UNIT * 2))

        both = QHBoxLayout()
        both.setSpacing(UNIT * 2)
        both.addWidget(self._build_side())
        both.addLayout(self._build_pages(), 1)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(header)
        layout.addWidget(self.notice)
        layout.addWidget(self._bar_row)
        layout.addLayout(both, 1)
        for keys, action in (
            (QKeySequence(Qt.Key.Key_F3), lambda: self.step(1)),
            (QKeySequence(Qt.KeyboardModifier.ShiftModifier | Qt.Key.Key_F3), lambda: self.step(-1)),
            (QKeySequence(QKeySequence.StandardKey.ZoomIn), lambda: self.zoom(1)),
            (QKeySequence(QKeySequence.StandardKey.ZoomOut), lambda: self.zoom(-1)),
            (QKeySequence(Qt.Key.Key_Escape), self.closed.emit),
        ):
            shortcut = QShortcut(keys, self, action)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._show_state()

    def _build_side(self) -> QWidget:
        """The differences, and why there may be more."""
        self._limits = label(role="small")
        self._limits.hide()
        self.list = DifferenceList()
        self.list.currentRowChanged.connect(self._chosen)
        self._count = label(_("Differences"), "heading", wrap=False)
        self.up = icon_button(_("Previous difference (Shift+F3)"), "chevron-up", lambda: self.step(-1))
        self.down = icon_button(_("Next difference (F3)"), "chevron-down", lambda: self.step(1))
        side = QWidget()
        side.setFixedWidth(WIDTH)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        heading = row(self._count, spacing=0)
        heading.addStretch(1)
        heading.addWidget(self.up)
        heading.addWidget(self.down)
        beside.addLayout(heading)
        beside.addWidget(self.list, 1)
        beside.addWidget(self._limits)
        return side

    def _build_pages(self) -> QVBoxLayout:
        """The two pages, and what moves both."""
        self.before = ComparedPage(_("As it was signed"))
        self.after = ComparedPage(_("As it is now"))
        for sheet, other in ((self.before, self.after), (self.after, self.before)):
            sheet.pressed.connect(self._choose)
            sheet.area.viewport().installEventFilter(self)
            for bar, same in (
                (sheet.area.verticalScrollBar(), other.area.verticalScrollBar()),
                (sheet.area.horizontalScrollBar(), other.area.horizontalScrollBar()),
            ):
                bar.valueChanged.connect(same.setValue)
        self.previous = icon_button(_("Previous page"), "chevron-left", lambda: self.turn(-1))
        self.next = icon_button(_("Next page"), "chevron-right", lambda: self.turn(1))
        self._where = label(role="small", wrap=False)
        self.smaller = icon_button(_("Smaller"), "zoom-out", lambda: self.zoom(-1))
        self.larger = icon_button(_("Larger"), "zoom-in", lambda: self.zoom(1))
        tools = row(self.previous, self._where, self.next, stretch=True)
        tools.addWidget(self.smaller)
        tools.addWidget(self.larger)
        sheets = QHBoxLayout()
        sheets.setSpacing(UNIT)
        sheets.addWidget(self.before, 1)
        sheets.addWidget(self.after, 1)
        pages = column(spacing=UNIT // 2)
        pages.addLayout(tools)
        pages.addLayout(sheets, 1)
        return pages

    def _tell_verdict(self) -> None:
        told = beginning("; ".join(changes_told(self._signature.changes)[:_TOLD]))
        signer = self._signature.signer or _("an unknown signer")
        if self._signature.coverage is Coverage.WHOLE:
            sentence = _("What came after the signature of {signer} is what signing allows.").format(signer=signer)
            self.notice.tell(sentence, told, "good", "circle-check")
        else:
            sentence = _("The document is no longer what {signer} signed.").format(signer=signer)
            self.notice.tell(sentence, told, "bad", "circle-x")

    # Comparing

    @property
    def differences(self) -> list[str]:
        """The sentences of the list."""
        return [difference.sentence for difference in self._differences]

    @property
    def limits(self) -> str:
        """Why not everything was compared; empty where it was."""
        return self._limits.text()

    @property
    def ready(self) -> bool:
        """Whether the pages asked for are compared and shown."""
        idle = not self._comparing.unfinished and not self._pictures.busy and not self._again.isActive()
        return idle and self._drawn is not None and self._drawn.pair == self.pair

    @property
    def pair(self) -> PagePair | None:
        """The pages shown, zero-based."""
        return self._pairs[self._at] if self._pairs else None

    def _start(self) -> None:
        named = [change.page - 1 for change in self._signature.changes if change.page]

        def compare(job: Job[Comparison]) -> Comparison:
            comparer = self._comparer = RevisionComparer(self._path, self._size, child=self._child)
            return comparer.compare(
                named, progress=lambda done, all_: job.report((done, all_)), is_cancelled=self._halted
            )

        self._stop_wanted = False
        self._compare_job = self._comparing.start(
            compare, done=self._compared, failed=self._failed, progress=self._progress
        )

    def _halted(self) -> bool:
        job = self._compare_job
        return self._stop_wanted or (job is not None and job.cancelled.is_set())

    def _halt(self) -> None:
        self._stop_wanted = True

    def _progress(self, step: tuple[int, int]) -> None:
        done, all_ = step
        self._bar.setRange(0, all_)
        self._bar.setValue(done)

    def _compared(self, found: Comparison) -> None:
        self._bar_row.hide()
        self._asked = set(found.pairs)
        self._pairs = _all_pairs(found)
        for change in found.changes:
            self._add(change)
        limits = gave_up_told(found)
        self._limits.setText(limits)
        self._limits.setVisible(bool(limits))
        if self._differences:
            self._choose(0)
        elif self._pairs:
            self._go(0)
        else:
            for sheet in (self.before, self.after):
                sheet.show_nothing(_("The pages of this document cannot be drawn."))
        self._show_state()
        self.list.setFocus()
        self.compared.emit()

    def _failed(self, error: Exception) -> None:
        self._bar_row.hide()
        told = describe(error)
        for sheet in (self.before, self.after):
            sheet.show_problem(told.message, told.hint)
        self._show_state()
        self.compared.emit()

    def _add(self, change: PageChange) -> None:
        """Put a page's differences into the list, behind those of the pages before it."""
        pair = PagePair(change.before, change.after)
        found = [
            _Difference(pair, region, beginning(region_told(change.kind, region, self._signature.changes)))
            for region in change.regions
        ]
        found = found or [_Difference(pair, None, beginning(page_told(change)))]
        place = self._pairs.index(pair)
        at = sum(self._pairs.index(known.pair) < place for known in self._differences)
        self._differences[at:at] = found
        self.list.show_lines(
            [
                f"{number}. {_page_name(difference.pair)}\n{difference.sentence}"
                for number, difference in enumerate(self._differences, start=1)
            ]
        )

    def _compare_shown(self, pair: PagePair) -> None:
        """Compare a pair that was left out, now that somebody looks at it."""
        comparer, before, after = self._comparer, pair.before, pair.after
        if pair in self._asked or comparer is None or before is None or after is None:
            return
        self._asked.add(pair)

        def done(change: PageChange | None) -> None:
            if change is not None:
                self._add(change)
                self._show_state()
                self._show_drawn()

        self._comparing.start(
            lambda job: comparer.compare_page(before, after),
            done=done,
            failed=lambda error: self._tell_limits(describe(error).message),
        )

    def _tell_limits(self, sentence: str) -> None:
        self._limits.setText(sentence)
        self._limits.show()

    # Moving about

    def step(self, by: int) -> None:
        """Go to a further difference."""
        wanted = self.list.currentRow() + by
        if 0 <= wanted < len(self._differences):
            self._choose(wanted)

    def turn(self, by: int) -> None:
        """Go forward or back by pages."""
        self._go(self._at + by)

    def zoom(self, by: int) -> None:
        """Larger or smaller, from the whole page up to three times the width of the view."""
        zoom = min(max(0, self._zoom + by), len(_ZOOMS) - 1)
        if zoom != self._zoom:
            self._zoom = zoom
            self._draw()

    def stop(self) -> None:
        """End what is compared and drawn; no thread does so any more when this returns."""
        self._again.stop()
        self._stop_wanted = True
        self._comparing.cancel_all()
        self._child.give_up()
        self._child.close()
        self._pictures.give_up()
        self._comparing.close()
        self._pictures.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._again.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
            key = event.key()  # type: ignore[attr-defined]
            if key in steps:
                self.turn(steps[key])
                return True
        return super().eventFilter(watched, event)

    def _choose(self, number: int) -> None:
        self.list.setCurrentRow(number)

    def _chosen(self, number: int) -> None:
        if not 0 <= number < len(self._differences):
            return
        place = self._pairs.index(self._differences[number].pair)
        if place != self._at or self._drawn is None:
            self._go(place)
        else:
            self._show_chosen()
        self._show_state()

    def _go(self, at: int) -> None:
        if not 0 <= at < len(self._pairs):
            return
        self._at = at
        chosen = self.list.currentRow()
        if 0 <= chosen < len(self._differences) and self._differences[chosen].pair != self._pairs[at]:
            self.list.setCurrentRow(-1)
        self._compare_shown(self._pairs[at])
        self._draw()
        self._show_state()

    # Drawing

    def _draw(self) -> None:
        if (pair := self.pair) is not None:
            across, down = self.before.room
            self._pictures.draw(pair, Frame(across, down, self.devicePixelRatioF(), _ZOOMS[self._zoom]))

    def _show_pictures(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._show_drawn()

    def _show_drawn(self) -> None:
        drawn = self._drawn
        if drawn is None:
            return
        regions = [
            (number, difference.region)
            for number, difference in enumerate(self._differences)
            if difference.pair == drawn.pair and difference.region is not None
        ]
        spots = (
            [Spot(number, region.box, region.words_before) for number, region in regions],
            [Spot(number, region.box, region.words_after) for number, region in regions],
        )
        pages = (drawn.pair.before, drawn.pair.after)
        empty = (_("This page was not in the document when it was signed."), _("This page is no longer there."))
        sheets = zip((self.before, self.after), drawn.sides, pages, spots, empty, strict=True)
        for sheet, side, page, own, nothing in sheets:
            if isinstance(side, QImage):
                sheet.show_page(side, _("Page {n}").format(n=(page or 0) + 1), own)
            elif isinstance(side, PageNotShown):
                sheet.show_problem(side.message, "")
            else:
                sheet.show_nothing(nothing)
        self._show_chosen()

    def _show_chosen(self) -> None:
        number = self.list.currentRow()
        difference = self._differences[number] if 0 <= number < len(self._differences) else None
        region = difference.region if difference is not None and difference.pair == self.pair else None
        for sheet in (self.before, self.after):
            sheet.choose(number, region.box if region is not None else None)

    def _show_state(self) -> None:
        count, number = len(self._differences), self.list.currentRow()
        busy = not self._bar_row.isHidden()
        if count:
            self._count.setText(ngettext("{n} difference", "{n} differences", count).format(n=count))
        else:
            self._count.setText(_("Differences") if busy else _("No difference to be seen"))
        self.up.setEnabled(number > 0)
        self.down.setEnabled(number + 1 < count)
        self.previous.setEnabled(self._at > 0)
        self.next.setEnabled(self._at + 1 < len(self._pairs))
        self.smaller.setEnabled(self._zoom > 0)
        self.larger.setEnabled(self._zoom + 1 < len(_ZOOMS))
        pair = self.pair
        self._where.setText(_page_name(pair) if pair is not None else "")


def _all_pairs(found: Comparison) -> list[PagePair]:
    """The pairs compared and, for the pages left out, those with the same number."""
    before = {pair.before for pair in found.pairs}
    after = {pair.after for pair in found.pairs}
    rest = [
        PagePair(page if page < found.pages_before else None, page if page < found.pages_after else None)
        for page in range(max(found.pages_before, found.pages_after))
        if page not in before and page not in after
    ]
    return [*found.pairs, *rest]


def _page_name(pair: PagePair) -> str:
    """The page's number now; of one that is gone, the number it had."""
    if pair.after is None:
        return _("Page {n} when signed").format(n=(pair.before or 0) + 1)
    return _("Page {n}").format(n=pair.after + 1)
