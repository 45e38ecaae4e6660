"""The process that looks through documents and repairs copies: ``python -m app.preflight.worker``.

Hostile files cost this process and nothing else. Requests are MessagePack of :class:`Order`, replies of
:class:`Answer`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.documents.packing import unpacked
from app.documents.pipe import serve
from app.preflight.model import Found, Inspection

#: Memory of the process in bytes; an honest document needs a few hundred megabytes at most.
MAX_MEMORY = 1 << 30


class Order(msgspec.Struct, frozen=True):
    """:ivar out: where to write a repaired copy; None: only look.
    :ivar as_copy: the quality of scanned pages counts."""

    path: Path
    format: str
    as_copy: bool = False
    out: Path | None = None


class Answer(msgspec.Struct, frozen=True):
    """:ivar inspection: of the file, or of the copy where one was made.
    :ivar unmended: why there is no copy; empty where there is one, or none was asked for."""

    inspection: Inspection
    unmended: str = ""


def main() -> None:
    """Serve requests until the input ends."""
    serve(lambda question: msgspec.msgpack.encode(answer(unpacked(question, Order))), MAX_MEMORY)


def answer(order: Order) -> Answer:
    """Do what is ordered; whatever a file makes go wrong is an answer too."""
    try:
        if order.out is None:
            return Answer(_inspect(order.path, order))
        _repair(order.path, order.out, order.format)
        return Answer(_inspect(order.out, order))
    except Exception as error:
        told = type(error).__name__
        return Answer(Inspection([Found("not-examined", {"count": "1", "names": told})]), unmended=told)


def _inspect(path: Path, order: Order) -> Inspection:
    match order.format:
        case "pdf":
            from app.preflight import pdf

            return pdf.inspect(path, as_copy=order.as_copy)
        case "ooxml":
            from app.preflight import ooxml

            return ooxml.inspect(path)
        case "odf":
            from app.preflight import odf

            return odf.inspect(path)
        case _:
            return Inspection([])


def _repair(path: Path, out: Path, format: str) -> None:
    match format:
        case "pdf":
            from app.preflight.repair_pdf import repair

            repair(path, out)
        case "ooxml":
            from app.preflight.repair_office import repair_ooxml

            repair_ooxml(path, out)
        case "odf":
            from app.preflight.repair_office import repair_odf

            repair_odf(path, out)
        case _:
            raise ValueError(format)


if __name__ == "__main__":
    main()
