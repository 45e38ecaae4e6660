"""Why a document was not converted, or what the copy lacks."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class NoConverter(AntinError):
    code = "no-converter"
    message_id = N_("{path} cannot be turned into PDF: neither LibreOffice nor Microsoft Word is installed.")
    hint_id = N_("Install LibreOffice, or save the document as PDF in the program that made it and sign that file.")


class NotConvertible(AntinError):
    code = "not-convertible"
    message_id = N_("{path} is not a document of an Office program, so it is not turned into PDF.")
    hint_id = N_("Sign it as it is.")


class ConversionFailed(AntinError):
    """``program``: which one; it gave no PDF, or took too long."""

    code = "conversion-failed"
    message_id = N_("{program} could not turn {path} into PDF.")
    hint_id = N_("Open it in the program that made it, save it as PDF and sign that file.")


class FontsReplaced(AntinError):
    """A note, never raised: the PDF shows other fonts than the document asks for."""

    code = "fonts-replaced"
    message_id = N_("This computer lacks fonts of the document ({names}); the PDF shows others in their place.")
    hint_id = N_("Look at the PDF. Install the fonts, or convert the document on the computer where it was written.")


class OriginalNotFiled(AntinError):
    """A note, never raised: the signed PDF is in its place, the document it was made from is not beside it."""

    code = "original-not-filed"
    message_id = N_("The signed PDF was filed, but not the document it was made from: {why}")
    hint_id = N_("File the document by hand with “antin archive add”.")
