"""What can go wrong with the store."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class StoreBusy(AntinError):
    code = "store-busy"
    message_id = N_("The index {path} has been held by another program for too long.")
    hint_id = N_("Close other windows of this program and try again.")


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
