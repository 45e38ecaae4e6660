"""Pictures of two pages that are compared, the signed one and that of now, drawn off the main thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.documents.page_painter import PictureRequest
from app.documents.pages import PageNotShown, PagePainter
from app.verification.changes.model import PagePair
from ui.work import Job, Pool

#: How large a picture of a page is asked for, at most, in pixels across.
_MOST_ACROSS = 4000


@dataclass(frozen=True)
class Drawn:
    """The pictures of a pair; in the place of one that cannot be drawn the error, of a page that is not there None."""

    pair: PagePair
    sides: tuple[QImage | PageNotShown | None, QImage | PageNotShown | None]


@dataclass(frozen=True)
class Frame:
    """What the pictures are drawn for.

    :ivar across, down: room for each, in device-independent pixels.
    :ivar ratio: pixels of the screen for one of those.
    :ivar zoom: part of ``across`` that a page takes; None: the whole page is to be seen.
    """

    across: int
    down: int
    ratio: float
    zoom: float | None


class PairPictures(QObject):
    """Draws in a thread and a process of its own, the pair asked for last.

    :param path: of the PDF. :param signed_size: octets of it that were signed.
    """

    #: The :class:`Drawn`.
    drawn = Signal(object)
    #: The exception that kept a pair from being drawn.
    failed = Signal(object)

    def __init__(self, path: Path, signed_size: int, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._size = path, signed_size
        self._painter = PagePainter()
        self._pool = Pool(1, self)
        self._job: Job[Drawn] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being drawn."""
        return self._pool.unfinished > 0

    def draw(self, pair: PagePair, frame: Frame) -> None:
        """Draw a pair; what is being drawn is given up."""
        if self._job is not None:
            self._job.cancel()

        def draw(_job: Job[Drawn]) -> Drawn:
            signed, now = self._side(pair.before, self._size, frame), self._side(pair.after, 0, frame)
            return Drawn(pair, (signed, now))

        self._job = self._pool.start(draw, done=self.drawn.emit, failed=self.failed.emit)

    def give_up(self) -> None:
        """End what is being drawn, and the process that draws."""
        self._pool.cancel_all()
        self._painter.give_up()
        self._painter.close()

    def stop(self) -> None:
        """Wait until the thread has ended; :meth:`give_up` first."""
        self._pool.close()

    def _side(self, page: int | None, size: int, frame: Frame) -> QImage | PageNotShown | None:
        """The picture of one page, wide as wanted or so that it can be seen whole.

        :param size: octets of the file that count; 0: all.
        """
        if page is None:
            return None
        width = min(_MOST_ACROSS, round(frame.across * (frame.zoom or 1.0) * frame.ratio))
        request = PictureRequest(self._path.absolute(), page, width=width, size=size)
        try:
            drawn = self._painter.paint(request)
            if frame.zoom is None and drawn.height > frame.down * frame.ratio:
                fitting = max(40, round(drawn.width * frame.down * frame.ratio / drawn.height))
                drawn = self._painter.paint(PictureRequest(request.path, page, width=fitting, size=size))
        except PageNotShown as error:
            return error
        image = QImage(drawn.data, drawn.width, drawn.height, drawn.width * 3, QImage.Format.Format_RGB888).copy()
        image.setDevicePixelRatio(frame.ratio)
        return image
