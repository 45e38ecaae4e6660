"""What can go wrong with a backup. Each carries ``path`` of it."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class BackupExists(AntinError):
    code = "backup-exists"
    message_id = N_("There is a file {path} already; no backup is written over it.")
    hint_id = N_("Choose another name for the backup, or move that file away.")


class NoBackup(AntinError):
    code = "no-backup"
    message_id = N_("{path} is no backup of this program.")
    hint_id = N_("Choose a file that “antin backup” has written.")


class BackupTooNew(AntinError):
    code = "backup-too-new"
    message_id = N_("The backup {path} was written by a newer version of this program.")
    hint_id = N_("Install the newest version on this computer, then restore it. Nothing was changed.")


class BackupDamaged(AntinError):
    """Carries ``name`` of the damaged part."""

    code = "backup-damaged"
    message_id = N_("The backup {path} is damaged: {name} is not what was written.")
    hint_id = N_("Use another backup, or another copy of this one. Nothing was changed.")


class RestoreOver(AntinError):
    """Carries ``what`` is there already."""

    code = "restore-over"
    message_id = N_("There are records already, which the backup {path} would replace: {what}")
    hint_id = N_("Restore into an empty folder, or add --replace: what is there is then backed up first.")
