"""Reading of PDF pages in a process of its own, started when first needed and again after it was lost."""

from __future__ import annotations

import atexit
import dataclasses
import os
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.documents.child import ChildProcess
from app.documents.page_questions import BOTH, FIELDS, TEXT, UNSIGNED
from app.documents.pdf_signatures import SignatureValue
from app.documents.reading import NOTHING, Reading, Whole

#: Seconds for one document; an honest one takes a few hundredths, the first of a process a tenth.
_PATIENCE = 15.0

_Answer = tuple[Reading, bytes, tuple[SignatureValue, ...] | None]


class PageReader(ChildProcess):
    """The reading process and the way to it.

    :param patience: seconds after which a reading is given up and the process ended.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        super().__init__("app.documents.page_reader", patience)

    def read(self, path: Path) -> Reading:
        """What a PDF says of itself; nothing, and that it was given up, where it takes too long or too much memory."""
        message = self.ask(FIELDS + os.fsencode(path.absolute()))
        if message is None:
            return dataclasses.replace(NOTHING, gave_up=True)
        return msgspec.msgpack.decode(message, type=decodable(Reading))

    def read_whole(self, path: Path, *, signatures: bool = True) -> Whole:
        """:meth:`read` and :meth:`text` of a PDF in one, the text folded (:func:`app.documents.text.fold`), and its
        signatures.

        :param signatures: False: those are not read, for which the whole file is gone through.
        """
        return _whole(self.ask((BOTH if signatures else UNSIGNED) + os.fsencode(path.absolute())))

    def read_each(self, paths: Iterable[Path]) -> Generator[Whole, None, None]:
        """:meth:`read_whole` of several PDFs, as :meth:`ask_each` gives them."""
        with closing(self.ask_each(BOTH + os.fsencode(path.absolute()) for path in paths)) as answers:
            yield from map(_whole, answers)

    def text(self, path: Path) -> str:
        """The text of a PDF; none where it takes too long or too much memory."""
        message = self.ask(TEXT + os.fsencode(path.absolute()))
        return message.decode("utf-8") if message is not None else ""


def _whole(answer: bytes | None) -> Whole:
    if answer is None:
        return Whole(dataclasses.replace(NOTHING, gave_up=True), "")
    reading, text, found = msgspec.msgpack.decode(answer, type=decodable(_Answer))
    return Whole(reading, text.decode("utf-8"), found)


#: The process that :func:`app.documents.reading.read` uses.
shared = PageReader()
atexit.register(shared.close)
