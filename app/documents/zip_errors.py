"""Why a ZIP file was refused: one class a reason, each with its sentence."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_

_ASK_AGAIN = N_("Ask the sender for the file again; if it comes the same way, do not trust what it shows.")
_SAVE_AGAIN = N_("Open it in the program that made it, save it under a new name and use that copy.")


class ArchiveRejected(AntinError):
    """Base: the file is not read at all, so nothing is said of any signature in it."""

    code = "zip-rejected"
    message_id = N_("The file is not built as it should be.")
    hint_id = _ASK_AGAIN


class NotZip(ArchiveRejected):
    code = "zip-not-a-zip"
    message_id = N_("The file is damaged, cut off, or not of the kind its name says.")
    hint_id = N_("Ask the sender for the file again, or copy it again from where it was.")


class ZipStructure(ArchiveRejected):
    """Headers contradict one another or reach outside the file. ``detail``: which, in English."""

    code = "zip-structure"
    message_id = N_("The file's table of contents contradicts its contents ({detail}).")


class ZipHeadersDiffer(ArchiveRejected):
    code = "zip-headers-differ"
    message_id = N_("Two descriptions of the part {name} inside the file contradict each other.")


class ZipOverlap(ArchiveRejected):
    code = "zip-overlap"
    message_id = N_("Parts inside the file overlap at {name}.")


class ZipHiddenContent(ArchiveRejected):
    """Bytes between, before or after the entries hold further ZIP records (ooxml-signatures, section 5.1)."""

    code = "zip-hidden-content"
    message_id = N_("The file hides further content beside what it lists.")


class ZipEncrypted(ArchiveRejected):
    code = "zip-encrypted"
    message_id = N_("The part {name} inside the file is protected by a password.")
    hint_id = N_("Remove the password in the program that made the file, then try again.")


class ZipMethod(ArchiveRejected):
    code = "zip-method"
    message_id = N_("The part {name} inside the file is packed in a way that is not supported.")
    hint_id = _SAVE_AGAIN


class ZipName(ArchiveRejected):
    code = "zip-name"
    message_id = N_("The part {name} inside the file bears a name that is not allowed.")


class ZipDuplicate(ArchiveRejected):
    code = "zip-duplicate"
    message_id = N_("The file holds {name} more than once; programs differ in which one they show.")


class ZipTooManyEntries(ArchiveRejected):
    code = "zip-too-many-entries"
    message_id = N_("The file holds more than {limit} parts.")


class ZipTooLarge(ArchiveRejected):
    code = "zip-too-large"
    message_id = N_("The file, or the part {name} in it, is larger than {limit} bytes when unpacked.")


class ZipDataDamaged(ArchiveRejected):
    code = "zip-data-damaged"
    message_id = N_("The content of {name} inside the file is damaged.")
    hint_id = N_("Ask the sender for the file again, or copy it again from where it was.")
