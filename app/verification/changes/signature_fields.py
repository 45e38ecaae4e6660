"""Where the signature fields of a page stand, as PDFium reads them."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

#: Points by which a picture may be drawn wider than its field: pixels at the edge are mixed.
_ROOM = 2.0

#: Annotations looked at on one page, and octets of a name.
_MOST, _LONGEST = 5000, 1024


class SignatureField(NamedTuple):
    """:ivar area: left, bottom, right, top in points of the page's default user space."""

    name: str
    area: tuple[float, float, float, float]

    def holds(self, points: tuple[float, float, float, float]) -> bool:
        """Whether a place, given in the same way, lies in the field."""
        left, bottom, right, top = self.area
        return (
            left - _ROOM <= points[0]
            and bottom - _ROOM <= points[1]
            and points[2] <= right + _ROOM
            and points[3] <= top + _ROOM
        )


def signature_fields(document: Any, page: Any) -> list[SignatureField]:
    """The signature fields that stand on a page with an area, signed or not.

    :param document: a ``pypdfium2.PdfDocument`` whose forms are initialised; without a form there are none.
    :param page: one of its pages, open.
    """
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw
    if document.formenv is None:
        return []
    found = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not note:
            continue
        try:
            field = _field(pdfium, document.formenv.raw, note)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
        if field is not None:
            found.append(field)
    return found


def _field(pdfium: Any, form: Any, note: Any) -> SignatureField | None:
    if pdfium.FPDFAnnot_GetFormFieldType(form, note) != pdfium.FPDF_FORMFIELD_SIGNATURE:
        return None
    area = pdfium.FS_RECTF()
    name = (ctypes.c_ushort * (_LONGEST // 2))()
    size = pdfium.FPDFAnnot_GetFormFieldName(form, note, name, _LONGEST)
    if not 2 < size <= _LONGEST or not pdfium.FPDFAnnot_GetRect(note, ctypes.byref(area)):
        return None
    told = bytes(name)[: size - 2].decode("utf-16-le", "replace")
    return SignatureField(told, (area.left, area.bottom, area.right, area.top))
