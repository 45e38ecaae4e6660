"""Why a PDF was not signed, or not at the level asked for."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class PdfDamaged(AntinError):
    """The structure cannot be read; ``detail`` is the reader's own word, for support."""

    code = "pdf-damaged"
    message_id = N_("{path} is damaged or is not a complete PDF file ({detail}).")
    hint_id = N_("Ask for the file once more, or print it to PDF again, and sign that one. The original is untouched.")


class PdfEncrypted(AntinError):
    """A password is needed to open it, or it is encrypted for named recipients."""

    code = "pdf-encrypted"
    message_id = N_("{path} is protected by a password and cannot be signed.")
    hint_id = N_("Open it with the password, save it without protection and sign that file.")


class PdfForbidsSigning(AntinError):
    """ISO 32000-2, 12.8.2.2: the author's certification allows no change, and a further signature is one."""

    code = "pdf-forbids-signing"
    message_id = N_("{path} was certified with the order that nothing more may be added, not even a signature.")
    hint_id = N_("Ask the author for a version that allows further signatures.")


class PdfDynamicForm(AntinError):
    """An XFA form drawn by the viewer (ISO 32000-2, annex J): what is shown is not in the pages that get signed."""

    code = "pdf-dynamic-form"
    message_id = N_("{path} is a dynamic form whose content is not fixed, so that it cannot be signed.")
    hint_id = N_("Fill it in, print it to PDF and sign that file.")


class PdfWithoutPages(AntinError):
    code = "pdf-without-pages"
    message_id = N_("{path} has no page that could bear a signature.")
    hint_id = N_("Print the document to PDF again and sign that file.")


class MarkPlaceInvalid(AntinError):
    """The page is not there, or the box lies off the page or has no area."""

    code = "mark-place-invalid"
    message_id = N_("The place of the mark is not on a page of {path}.")
    hint_id = N_("Choose the page and move the mark onto it, then sign again.")


class MarkTextUnprintable(AntinError):
    """The shipped font lacks a letter; dropping it would falsify a name."""

    code = "mark-text-unprintable"
    message_id = N_("The text of the mark has letters that cannot be printed: {letters}")
    hint_id = N_("Remove these letters from the text of the mark and sign again.")


class SignatureTooLarge(AntinError):
    """The room reserved for the signature is too small for what came."""

    code = "signature-too-large"
    message_id = N_("The signature with its certificates does not fit into the room kept for it ({size} bytes).")
    hint_id = N_("Sign without time stamp, or use another time-stamp server.")


class TimestampTooLarge(AntinError):
    code = "timestamp-too-large"
    message_id = N_("The time stamp was too large ({size} bytes) and was left out.")
    hint_id = N_("The signature itself is good. Use another time-stamp server for the next one.")


class NotCertified(AntinError):
    """A note, never raised: ISO 32000-2, 12.8.2.2: only the first signature of a document can certify it."""

    code = "pdf-not-certified"
    message_id = N_("The document bears signatures already, so no fields for number, date and seal were prepared.")
    hint_id = N_("The signature is good. Whoever issues the document puts number, date and seal on it.")


class SealTooLarge(AntinError):
    """Carries ``path`` and ``diameter_mm``: the field that the leader left for the seal is smaller than the seal."""

    code = "seal-too-large"
    message_id = N_("The seal ({diameter_mm} mm) is larger than the room that {path} leaves for it.")
    hint_id = N_("Check the diameter of the seal in the settings; if it is right, have the document signed anew.")
