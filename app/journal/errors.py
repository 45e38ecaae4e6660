"""What can keep an entry out of the ledger."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class LedgerEntryTooLarge(AntinError):
    code = "ledger-entry-too-large"
    message_id = N_("An entry of {size} bytes is too large for the ledger.")
    hint_id = N_("Shorten the reason or the names given. Nothing was entered.")


class LedgerBusy(AntinError):
    code = "ledger-busy"
    message_id = N_("The ledger {path} has been held by another program for too long.")
    hint_id = N_("Close other windows of this program and try again. Nothing was entered.")
