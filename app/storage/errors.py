"""What can go wrong with the store. Each carries ``path``: the file, or the server's address without its password."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class StoreBusy(AntinError):
    code = "store-busy"
    message_id = N_("The index {path} has been held by another program for too long.")
    hint_id = N_("Close other windows of this program and try again.")


class StoreConflict(StoreBusy):
    code = "store-conflict"
    message_id = N_("Another workstation was writing the same to {path} at the same moment.")
    hint_id = N_("Try again. Nothing was changed.")


class StoreDamaged(AntinError):
    code = "store-damaged"
    message_id = N_("The index {path} cannot be used: {detail}")
    hint_id = N_("The filed documents themselves are untouched. Put back a backup of the index, or move it away.")


class StoreTooNew(AntinError):
    code = "store-too-new"
    message_id = N_("The index {path} was written by a newer version of this program.")
    hint_id = N_("Install the newest version on this computer. Nothing was changed.")


class StoreUnreachable(AntinError):
    code = "store-unreachable"
    message_id = N_("The database of the office cannot be reached: {detail}")
    hint_id = N_("Check the network, then ask whoever looks after the database server.")


class StorePasswordMissing(AntinError):
    code = "store-password-missing"
    message_id = N_("The database {path} wants a password, and this computer has none.")
    hint_id = N_("Give it once with “antin database password”; it is kept in the system's keyring.")


class StoreReadOnly(AntinError):
    code = "store-read-only"
    message_id = N_("Nothing can be written to the database {path}: {detail}")
    hint_id = N_("Ask whoever looks after the database server for the right to write. Nothing was changed.")


class StoreFailing(AntinError):
    code = "store-failing"
    message_id = N_("The disk or share of the database {path} does not answer: {detail}")
    hint_id = N_("Check the disk and the network connection, then try again. Nothing was changed.")
