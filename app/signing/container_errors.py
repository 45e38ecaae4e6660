"""Why an OpenDocument file, a container or any other file was not signed."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class OdfEncrypted(AntinError):
    code = "odf-encrypted"
    message_id = N_("{path} is protected by a password and cannot be signed.")
    hint_id = N_("Open it with the password, save it without protection and sign that file.")


class OdfUnfit(AntinError):
    """The package would never be called wholly signed (ODF 1.3 part 2, section 3); ``name``: the part that is wrong."""

    code = "odf-unfit"
    message_id = N_("{path} is not built as an OpenDocument file has to be ({name}).")
    hint_id = N_("Open it in the program that made it, save it under a new name and sign that copy.")


class EarlierSignaturesUnreadable(AntinError):
    """A further signature would have to be written into a list that cannot be read."""

    code = "earlier-signatures-unreadable"
    message_id = N_("The signatures already in {path} cannot be read ({name}), so none is added.")
    hint_id = N_("Ask for the document as it was signed, and sign that one.")


class ContainerUnfit(AntinError):
    """An ASiC container that takes no XAdES signature over all its files; ``name``: what is in the way."""

    code = "container-unfit"
    message_id = N_("No further signature can be added to {path} ({name}).")
    hint_id = N_("Sign the documents in it themselves, or the container as any other file with “--container p7s”.")


class ContainerCrowded(AntinError):
    code = "container-crowded"
    message_id = N_("{path} bears {limit} signatures already; more are not added.")
    hint_id = N_("Sign the documents in it themselves.")


class ContentTooLarge(AntinError):
    code = "content-too-large"
    message_id = N_("{path} is too large for a signed container.")
    hint_id = N_("Sign it with “--container p7s”: the signature then stands in a small file beside it.")


class SignatureFileUnfit(AntinError):
    """A signature file to which no signer is added; ``why``: a code of the verifier."""

    code = "signature-file-unfit"
    message_id = N_("{path} is a signature file to which no further signature can be added ({why}).")
    hint_id = N_("Sign the document that it belongs to.")
