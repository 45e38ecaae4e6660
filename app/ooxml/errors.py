"""Why a file was not opened as an Office package: one class a reason."""

from __future__ import annotations

from app.documents.zip_errors import ArchiveRejected
from app.i18n import N_
from app.xmldsig.errors import XmlRejected as XmlRejected

_SAVE_AGAIN = N_("Open it in the program that made it, save it under a new name and use that copy.")


class PackageRejected(ArchiveRejected):
    """Base: the ZIP is sound but the package in it is not; nothing is said of its signatures."""

    code = "opc-rejected"


class NotOffice(PackageRejected):
    code = "opc-not-office"
    message_id = N_("The file is a ZIP archive but no Office document.")
    hint_id = N_("Choose a .docx, .xlsx or .pptx file, or a PDF.")


class OfficeEncrypted(PackageRejected):
    code = "opc-encrypted"
    message_id = N_("The Office document is protected by a password.")
    hint_id = N_("Remove the password in the Office program, save the file, then try again.")


class LegacyOffice(PackageRejected):
    code = "opc-legacy-format"
    message_id = N_("The file has the old Office format (.doc, .xls, .ppt), whose signatures are not safe.")
    hint_id = N_("Save it as .docx, .xlsx or .pptx, or as PDF, and use that copy.")


class PartName(PackageRejected):
    code = "opc-part-name"
    message_id = N_("The part {name} bears a name that Office documents do not allow.")
    hint_id = _SAVE_AGAIN


class PartDuplicate(PackageRejected):
    code = "opc-part-duplicate"
    message_id = N_("The document holds the part {name} more than once; programs differ in which one they show.")


class ContentTypes(PackageRejected):
    code = "opc-content-types"
    message_id = N_("The document's list of content types is damaged ({detail}).")
    hint_id = _SAVE_AGAIN


class RelationshipsDamaged(PackageRejected):
    code = "opc-relationships"
    message_id = N_("The document's list of relationships {name} is damaged ({detail}).")
    hint_id = _SAVE_AGAIN


class SignatureOrigin(PackageRejected):
    code = "opc-signature-origin"
    message_id = N_("The document's entry point to its signatures is damaged ({detail}).")


class TooManySignatures(PackageRejected):
    code = "opc-too-many-signatures"
    message_id = N_("The document holds more than {limit} signatures.")
