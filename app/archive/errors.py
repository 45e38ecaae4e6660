"""What can keep a copy out of the archive."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class SecretNotFiled(AntinError):
    """State secrets are not stored on machines of a network (Circular 02/2019, Decree 30/2020). Carries ``path`` and
    ``secrecy``."""

    code = "secret-not-filed"
    message_id = N_("{path} bears the mark “{secrecy}” and is not filed here.")
    hint_id = N_(
        "State secrets are kept on paper or on machines that no network reaches. Where the mark was misread, put it "
        "right on the page of the archive while adding the document."
    )


class NumberAlreadyFiled(AntinError):
    """Carries ``number``, ``symbol``, ``year`` and ``path`` of the other document."""

    code = "number-already-filed"
    message_id = N_("Number {number}/{symbol} of {year} already belongs to another document: {path}")
    hint_id = N_("Give this document the next free number, or correct its date. Nothing was filed.")


class NoFreeName(AntinError):
    code = "no-free-name"
    message_id = N_("There are too many files named {name} in the archive.")
    hint_id = N_("Correct the number or the summary, then file it again.")


class OutsideArchive(AntinError):
    code = "outside-archive"
    message_id = N_("{path} does not lie in the archive {root}.")
    hint_id = N_("Check the folder of the archive in the settings. Nothing was filed.")


class CopyUnknown(AntinError):
    """Carries ``copy`` as it was named."""

    code = "copy-unknown"
    message_id = N_("The archive has no copy {copy}.")
    hint_id = N_("Name it by its path, its SHA-256 or its id; “antin archive search --json” tells them.")


class CopyAlone(AntinError):
    """Carries ``path``."""

    code = "copy-alone"
    message_id = N_("{path} is the only file of its document.")
    hint_id = N_("There is nothing to part it from. Nothing was changed.")


class DocumentUnknown(AntinError):
    """Carries ``id``."""

    code = "document-unknown"
    message_id = N_("The archive has no document {id}.")
    hint_id = N_("Search for it again: another workstation may have joined it to another document.")


class AttachedInCircle(AntinError):
    code = "attached-in-circle"
    message_id = N_("A document can be attached only to a main document, and not to one of its own attachments.")
    hint_id = N_("Choose the main document. Nothing was changed.")


class DossierUnknown(AntinError):
    """Carries ``id``."""

    code = "dossier-unknown"
    message_id = N_("There is no dossier {id}.")
    hint_id = N_("Look for it in the list of dossiers.")


class DossierExists(AntinError):
    """Carries ``notation`` and ``year``."""

    code = "dossier-exists"
    message_id = N_("There is a dossier {notation} of {year} already.")
    hint_id = N_("Put the documents into that one, or choose another number and symbol.")
