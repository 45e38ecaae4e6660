"""Why an Office package was refused, when it is opened or before it is signed."""

from __future__ import annotations

from app.documents.zip_errors import ArchiveRejected
from app.errors import AntinError
from app.i18n import N_

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


class XmlRejected(PackageRejected):
    """A document type declaration, a foreign encoding, or text that is no XML; ``name``: the part."""

    code = "opc-xml"
    message_id = N_("The part {name} is not the plain XML that it has to be.")
    hint_id = _SAVE_AGAIN


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


class SigningRefused(AntinError):
    """Base of what forbids a signature on an otherwise readable document."""

    code = "office-signing-refused"
    message_id = N_("The document cannot be signed.")


class MainPartUnfit(SigningRefused):
    code = "office-main-part"
    message_id = N_("The document's content does not fit its file name ending {suffix}.")
    hint_id = N_("Open it in the Office program and save it under the right kind of file, then sign that copy.")


class ContentTypeMissing(SigningRefused):
    code = "office-part-without-type"
    message_id = N_("The document holds {name}, which no Office program has put there.")
    hint_id = _SAVE_AGAIN


class StraySignatureParts(SigningRefused):
    """Signature parts that no relationship leads to: somebody removed the way to them."""

    code = "office-stray-signatures"
    message_id = N_("The document holds remains of a signature that was cut off ({name}).")
    hint_id = N_("Ask for the document as it was signed, or open it in the Office program and save it anew.")


class EarlierSignatureWouldBreak(SigningRefused):
    code = "office-earlier-signature-closed"
    message_id = N_("The signature {name} already in the document allows no further one: it would be broken.")
    hint_id = N_("Sign the document before the other person does, or sign a PDF of it.")


class AlgorithmUnfit(SigningRefused):
    code = "office-algorithm"
    message_id = N_("Office documents cannot be signed with {algorithm} and the key of this certificate.")
    hint_id = N_("Choose RSA (PKCS #1 v1.5) or ECDSA with SHA-256, SHA-384 or SHA-512, as the certificate's key is.")


class CertificateUnfit(SigningRefused):
    code = "office-certificate"
    message_id = N_("The certificate cannot be used for a signature in an Office document.")
    hint_id = N_("Choose another certificate of the token.")


class SignatureWrong(SigningRefused):
    """What the token returned does not verify with the certificate."""

    code = "office-signature-wrong"
    message_id = N_("The token returned a signature that does not fit the certificate.")
    hint_id = N_(
        "Nothing was written. Unplug the token, plug it in and try again; tell the issuer if it happens again."
    )


class SourceChanged(SigningRefused):
    code = "office-source-changed"
    message_id = N_("{path} was changed while it was being signed.")
    hint_id = N_("Close it where it is open and sign again. Nothing was written.")


class LevelNotAvailable(SigningRefused):
    """LT and LTA are not written into Office packages; level T is reached instead."""

    code = "office-level"
    message_id = N_("Level {wanted} does not exist for Office documents; level {reached} was reached.")
    hint_id = N_("Sign a PDF of the document where it must be provable for long.")


class TimestamperMissing(SigningRefused):
    code = "office-no-timestamper"
    message_id = N_("No time-stamp server is set, so the document was signed without a time stamp.")
    hint_id = N_("Enter the address of a time-stamp server in the settings or with --tsa.")
