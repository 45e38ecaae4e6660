"""Why an Office document was not signed."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class MainPartUnfit(AntinError):
    """Not one main part, or one of another kind than the file name says; the verifier would call it partial."""

    code = "office-main-part"
    message_id = N_("What {path} contains does not fit the ending of its name.")
    hint_id = N_("Open it in the Office program, save it as the right kind of file and sign that copy.")


class PartWithoutType(AntinError):
    code = "office-part-without-type"
    message_id = N_("{path} contains {name}, which no Office program has put there.")
    hint_id = N_("Open it in the Office program, save it under a new name and sign that copy.")


class StraySignatureParts(AntinError):
    """Signature parts that no relationship leads to: somebody removed the way to them."""

    code = "office-stray-signatures"
    message_id = N_("{path} contains remains of a signature that was cut off ({name}).")
    hint_id = N_("Ask for the document as it was signed, or open it in the Office program and save it anew.")


class EarlierSignatureCloses(AntinError):
    """An earlier signature covers what every further signature has to extend."""

    code = "office-earlier-signature-closes"
    message_id = N_("A further signature would break the one already in {path} ({name}).")
    hint_id = N_("Let the other person sign last, or sign a PDF of the document.")


class PartNameUnusual(AntinError):
    """A note, never raised: LibreOffice and others cannot follow signatures over such names."""

    code = "office-part-name-unusual"
    message_id = N_(
        "The document contains a part with an unusual name ({name}); some programs will call the signature invalid."
    )
    hint_id = N_("The signature is good. Where others cannot check it, sign a PDF of the document.")
