"""Pages of a PDF as pictures, for looking at before signing; drawn in a process of its own."""

from __future__ import annotations

import atexit
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.documents.child import ChildProcess
from app.documents.packing import packed
from app.documents.page_painter import PagePicture, PictureRequest, Refusal
from app.errors import AntinError
from app.i18n import N_

#: Seconds for one page; an honest one takes a few tenths, a large scan two or three.
_PATIENCE = 20.0


class PageNotShown(AntinError):
    code = "page-not-shown"
    message_id = N_("Page {page} of {path} cannot be shown: {detail}")
    hint_id = N_("Open the file in another program to look at it before you sign.")


class PagePainter(ChildProcess):
    """The drawing process and the way to it.

    :param patience: seconds after which a page is given up and the process ended.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        super().__init__("app.documents.page_painter", patience)

    def paint(self, request: PictureRequest) -> PagePicture:
        """Draw one page.

        :raises PageNotShown: damaged, encrypted, no PDF, no such page, or too much for the time or memory given.
        """
        answer = self.ask(packed(request))
        detail = "no answer"
        if answer is not None:
            drawn = msgspec.msgpack.decode(answer, type=decodable(PagePicture | Refusal))
            if isinstance(drawn, PagePicture):
                return drawn
            detail = drawn.detail
        raise PageNotShown(page=request.page + 1, path=request.path.name, detail=detail)


#: The process that :func:`picture` and :func:`render` use.
shared = PagePainter()
atexit.register(shared.close)


def picture(path: Path, page: int, width: int) -> PagePicture:
    """A page as wide as asked.

    :param page: zero-based.
    :param width: in pixels; less where the page would have more than ``MAX_PIXELS``.
    :raises PageNotShown: see :meth:`PagePainter.paint`.
    """
    return shared.paint(PictureRequest(path.absolute(), page, width=width))


def render(path: Path, page: int, scale: float) -> tuple[int, int, bytes]:
    """A page at a scale.

    :param page: zero-based.
    :param scale: pixels a PDF point (1/72 inch).
    :return: width and height in pixels, and RGB octets, row by row without padding.
    :raises PageNotShown: see :meth:`PagePainter.paint`.
    """
    drawn = shared.paint(PictureRequest(path.absolute(), page, scale=scale))
    return drawn.width, drawn.height, drawn.data
