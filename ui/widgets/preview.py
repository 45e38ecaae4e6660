"""The document as it will be signed: pages of a PDF, or what was read from an Office file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.documents import pages
from app.documents.model import DocumentInfo
from app.documents.sheet import POINTS_PER_MM, Sheet
from app.errors import ErrorInfo, describe
from app.i18n import _
from app.signing.model import Mark
from ui import theme
from ui.theme import UNIT
from ui.widgets.basic import Elided, icon_button, label
from ui.widgets.file_words import FileWords
from ui.widgets.mark_handle import MarkHandle, in_size
from ui.work import Job, Pool

_ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class _Picture:
    image: QImage
    page: int
    pages: int
    sheet: Sheet


class _Sheet(QWidget):
    """A page on its ground, with a thin shadow."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("previewGround")
        self._image = QImage()
        self._inks: Sequence[tuple[QRect, QImage]] = ()

    def show_inks(self, inks: Sequence[tuple[QRect, QImage]]) -> None:
        """Show what will be written on the page: where it stands, and its picture on white in that size."""
        self._inks = inks
        self.update()

    def show_image(self, image: QImage, width: int) -> None:
        self._image = image
        if image.isNull():
            self.setFixedSize(width, 0)
            return
        size = image.deviceIndependentSize().toSize()
        self.setFixedSize(max(width, size.width() + UNIT * 4), size.height() + UNIT * 4)
        self.update()

    @property
    def paper(self) -> QRect:
        """Where the page lies."""
        size = self._image.deviceIndependentSize().toSize()
        return QRect((self.width() - size.width()) // 2, UNIT * 2, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = theme.current()
        painter.fillRect(self.rect(), QColor(shown.sunken))
        if not self._image.isNull():
            paper = self.paper
            painter.fillRect(paper.adjusted(-1, 0, 1, 2), QColor(shown.paper_shadow))
            painter.drawImage(paper.topLeft(), self._image)
            # as ink on the page beneath: white leaves it as it is
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            for place, picture in self._inks:
                painter.drawImage(place.topLeft(), picture)
        painter.end()


class Preview(QFrame):
    """Shows one document; pages are drawn in a worker, the last asked for wins.

    :ivar words: what is said of a file whose pages are not shown.
    """

    #: Emitted with the page number, from zero, once it is shown.
    shown = Signal(int)
    #: The :class:`Mark` at the place a person moved it to.
    mark_moved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "preview")
        self._pool = Pool(1, self)
        self._job: Job[_Picture] | None = None
        self._path: Path | None = None
        self._version = ""
        self._drawable = False
        self._page = 0
        self._pages = 0
        self._zoom = 0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(120)
        self._again.timeout.connect(self._draw)

        self._title = Elided(role="strong")
        self._previous = icon_button(_("Previous page"), "chevron-left", lambda: self.turn(-1))
        self._next = icon_button(_("Next page"), "chevron-right", lambda: self.turn(1))
        self._where = label(role="small", wrap=False)
        self._smaller = icon_button(_("Smaller"), "zoom-out", lambda: self.zoom(-1))
        self._larger = icon_button(_("Larger"), "zoom-in", lambda: self.zoom(1))
        self._tools = (self._previous, self._where, self._next, self._smaller, self._larger)
        bar = QHBoxLayout()
        bar.setContentsMargins(UNIT * 2, UNIT // 2, UNIT, UNIT // 2)
        bar.setSpacing(0)
        bar.addWidget(self._title, 1)
        bar.addStrut(32)
        for widget in self._tools:
            bar.addWidget(widget)

        self._picture: _Picture | None = None
        self._mark: Mark | None = None
        self._mark_picture = QImage()
        self._written: Sequence[tuple[Mark, QImage]] = ()
        self._sheet = _Sheet()
        self.handle = MarkHandle(self._sheet)
        self.handle.moved.connect(self._move_mark)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._sheet)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._scroll.setAccessibleName(_("Page of the document"))
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setProperty("role", "page")
        self._scroll.viewport().setObjectName("previewGround")
        self._scroll.viewport().installEventFilter(self)

        self._stack = QStackedWidget()
        self._stack.addWidget(self._scroll)
        self.words = FileWords()
        self._stack.addWidget(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        for keys, action in (
            (QKeySequence(QKeySequence.StandardKey.ZoomIn), lambda: self.zoom(1)),
            (QKeySequence(QKeySequence.StandardKey.ZoomOut), lambda: self.zoom(-1)),
        ):
            QShortcut(keys, self, action)
        self.show_file(None, None)

    @property
    def page(self) -> int:
        """The page shown, from zero."""
        return self._page

    @property
    def page_count(self) -> int:
        return self._pages

    def show_nothing_of(self, path: Path, sentence: str) -> None:
        """Show only why there is nothing to look at, and nothing to open."""
        self.show_file(path, None, pages=False)
        self.words.show_nothing(sentence)

    def show_problem(self, path: Path, problem: ErrorInfo) -> None:
        """Show why a file is not signed, in the place of its pages."""
        self.show_file(path, None, pages=False)
        self.words.show_problem(path, problem)

    def show_file(
        self, path: Path | None, info: DocumentInfo | None, *, pages: bool | None = None, version: str = ""
    ) -> None:
        """Show a document from its first page; for an Office file, what was read from it.

        :param pages: whether it has pages that can be drawn; by the name's ending where that is not known.
        :param version: what tells its content from another at the same path; empty where that is not known.
        """
        drawable = path is not None and (path.suffix.lower() == ".pdf" if pages is None else pages)
        changed = (path, drawable) != (self._path, self._drawable) or (self._version not in ("", version))
        self._path, self._drawable, self._version = path, drawable, version
        self._title.setText(path.name if path else "")
        for widget in self._tools:
            widget.setVisible(self._drawable)
        if changed:
            self._picture = self._mark = None
            self._written = ()
            self._place_handle()
        if self._drawable:
            if changed:
                self._page = self._pages = 0
                self._sheet.show_image(QImage(), self._width())
                self._stack.setCurrentIndex(0)
                self._draw()
            return
        self._cancel()
        self._stack.setCurrentIndex(1)
        self.words.show_file(path, info)

    def show_mark(
        self, mark: Mark | None, picture: QImage | None = None, written: Sequence[tuple[Mark, QImage]] = ()
    ) -> None:
        """Show where the mark will stand; None: none will.

        :param picture: of the mark, on white.
        :param written: what else will be written on pages, which stays where it is, with pictures of it.
        """
        self._written = written
        self._mark = mark
        self._mark_picture = QImage() if picture is None else picture
        self._place_handle()

    @property
    def mark(self) -> Mark | None:
        return self._mark

    @property
    def mark_page(self) -> int | None:
        """The page of the mark, from zero; None without a mark and until it is known how many pages there are."""
        return self._mark.page % self._pages if self._mark is not None and self._pages else None

    def go_to_mark(self) -> None:
        """Show the page of the mark and give the mark the keyboard."""
        if (page := self.mark_page) is not None:
            self.turn(page - self._page)
            self.handle.setFocus()

    def turn(self, by: int) -> None:
        """Go forward or back by pages."""
        page = min(max(0, self._page + by), max(0, self._pages - 1))
        if page != self._page:
            self._page = page
            self._scroll.verticalScrollBar().setValue(0)
            self._draw()

    def zoom(self, by: int) -> None:
        """Larger or smaller, from the width of the view up to three times that."""
        zoom = min(max(0, self._zoom + by), len(_ZOOMS) - 1)
        if zoom != self._zoom:
            self._zoom = zoom
            self._draw()

    def stop(self) -> None:
        """Wait until no thread draws any more."""
        self._again.stop()
        self._pool.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._path is not None:
            self._again.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            key = event.key()  # type: ignore[attr-defined]
            steps = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
            if key in steps:
                self.turn(steps[key])
                return True
        return super().eventFilter(watched, event)

    def _width(self) -> int:
        """What a page has across, the scroll bar's place left free."""
        return self._scroll.width() - self._scroll.verticalScrollBar().sizeHint().width() - 2

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _draw(self) -> None:
        path, page = self._path, self._page
        if path is None or not self._drawable:
            return
        self._cancel()
        ratio = self.devicePixelRatioF()
        width = max(160.0, (self._width() - UNIT * 4) * _ZOOMS[self._zoom]) * ratio

        def render(job: Job[_Picture]) -> _Picture:
            drawn = pages.picture(path, page, round(width))
            image = QImage(drawn.data, drawn.width, drawn.height, drawn.width * 3, QImage.Format.Format_RGB888).copy()
            image.setDevicePixelRatio(ratio)
            return _Picture(image, page, drawn.pages, Sheet(drawn.crop, drawn.crop, drawn.rotation))

        self._job = self._pool.start(render, done=self._drawn, failed=self._failed)
        self._show_where()

    def _drawn(self, picture: _Picture) -> None:
        self._pages = picture.pages
        self._sheet.show_image(picture.image, self._width())
        self._picture = picture
        self._stack.setCurrentIndex(0)
        self._show_where()
        self._place_handle()
        self.shown.emit(picture.page)

    def _place_handle(self) -> None:
        """Show the mark and what else will be written, as far as it stands on the page shown."""
        mark, picture = self._mark, self._picture
        if picture is None or self._path is None:
            self._sheet.show_inks(())
            self.handle.hide()
            return
        here = [
            (self._area(picture, one), ink) for one, ink in self._written if one.page % picture.pages == picture.page
        ]
        ratio = self.devicePixelRatioF()
        self._sheet.show_inks([(area, in_size(ink, area.size(), ratio)) for area, ink in here])
        if mark is None or mark.page % picture.pages != picture.page:
            self.handle.hide()
            return
        self.handle.setGeometry(self._area(picture, mark))
        self.handle.show_picture(self._mark_picture, self._pixels_per_mm(picture) / POINTS_PER_MM)
        self.handle.show()

    def _area(self, picture: _Picture, mark: Mark) -> QRect:
        """Where a mark stands on the sheet shown."""
        paper, scale = self._sheet.paper, self._pixels_per_mm(picture)
        left, top, width, height = (round(length * scale) for length in picture.sheet.in_mm(mark.box))
        return QRect(paper.left() + left, paper.top() + top, max(8, width), max(8, height))

    def _pixels_per_mm(self, picture: _Picture) -> float:
        """Device-independent pixels a millimetre of the page as it is shown."""
        return self._sheet.paper.width() / max(1.0, picture.sheet.size_mm[0])

    def _move_mark(self, right: float, up: float) -> None:
        """Move the mark, but not over the edge of the page.

        :param right, up: in PDF points, as the page is shown.
        """
        if self._mark is None or self._picture is None:
            return
        sheet = self._picture.sheet
        left, top, width, height = sheet.in_mm(self._mark.box)
        wide, high = sheet.size_mm
        left = min(max(0.0, left + right / POINTS_PER_MM), max(0.0, wide - width))
        top = min(max(0.0, top - up / POINTS_PER_MM), max(0.0, high - height))
        self._mark = dataclasses.replace(self._mark, box=sheet.at_mm(left, top, width, height))
        self._place_handle()
        self.mark_moved.emit(self._mark)

    def _failed(self, error: Exception) -> None:
        self._stack.setCurrentIndex(1)
        self.words.show_problem(self._path, describe(error))

    def _show_where(self) -> None:
        self._where.setText(
            _("Page {page} of {pages}").format(page=self._page + 1, pages=self._pages) if self._pages else ""
        )
        self._previous.setEnabled(self._page > 0)
        self._next.setEnabled(self._page + 1 < self._pages)
        self._smaller.setEnabled(self._zoom > 0)
        self._larger.setEnabled(self._zoom + 1 < len(_ZOOMS))

    def sizeHint(self) -> QSize:
        return QSize(480, 560)
