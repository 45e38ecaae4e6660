"""A copy of a PDF without scripts, outward actions and XFA, its structure written anew by qpdf."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pikepdf import Array, Dictionary, ObjectStreamMode, Pdf, Stream

from app.preflight.pdf import ACTIONS, dictionaries, is_signed, name_of, objects, open_pdf

#: Where a dictionary keeps what it does by itself (ISO 32000-2, 12.6.2 and 12.6.3).
_TRIGGERS: Final = ("/A", "/OpenAction", "/PA", "/Next")
_REMOVED: Final = ACTIONS | {"/JavaScript"}


class Unmendable(Exception):
    """Signed or encrypted, which a new copy would undo."""


def repair(path: Path, out: Path) -> None:
    """Write the repaired copy.

    :param out: a path that does not exist yet.
    :raises Unmendable: the file bears a signature or is encrypted.
    :raises pikepdf.PdfError, ValueError: it cannot be opened, or not be looked through wholly.
    """
    with open_pdf(path) as pdf:
        if pdf.is_encrypted or is_signed(pdf) or _mentions_signature(path):
            raise Unmendable
        _strip(pdf)
        with out.open("xb") as file:
            pdf.save(file, object_stream_mode=ObjectStreamMode.generate)


def _mentions_signature(path: Path) -> bool:
    """Whether the octets speak of a signed range, be it in a part of a damaged file that cannot be reached any more."""
    word, before = b"/ByteRange", b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if word in before + piece:
                return True
            before = piece[-len(word) :]
    return False


def _strip(pdf: Pdf) -> None:
    root: Any = pdf.Root
    names = root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        del names["/JavaScript"]
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        del form["/XFA"]
    for item in objects(pdf):
        for one, _entries in dictionaries(item):
            _strip_actions(one)


def _strip_actions(one: Any) -> None:
    if "/AA" in one:
        del one["/AA"]
    for key in _TRIGGERS:
        if key in one and _acts(one.get(key)):
            del one[key]


def _acts(value: Any) -> bool:
    """Whether an action, or one of a list of actions, is of those removed; a destination is none."""
    if isinstance(value, (Dictionary, Stream)):
        return name_of(value, "/S") in _REMOVED
    if isinstance(value, Array):
        return any(isinstance(one, Dictionary) and name_of(one, "/S") in _REMOVED for one in value)
    return False
