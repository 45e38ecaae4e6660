"""What happened, in words: the kinds of ledger entries as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.i18n import _, pgettext
from app.journal.entry import Entry
from app.journal.seal import Standing

_KINDS: Final[dict[str, Callable[[], str]]] = {
    "sign": lambda: pgettext("journal", "Signed"),
    "verify": lambda: pgettext("journal", "Checked"),
    "file": lambda: pgettext("journal", "Filed"),
    "upgrade": lambda: pgettext("journal", "Level raised"),
    "trust-add": lambda: _("Root trusted"),
    "trust-remove": lambda: _("Root removed"),
    "trust-enable": lambda: _("Root allowed"),
    "trust-disable": lambda: _("Root blocked"),
    "trust-bundle": lambda: _("Trust bundle taken in"),
    "trust-crl": lambda: _("Revocation list taken in"),
    "custody": lambda: _("Custody of a token"),
    "correct": lambda: _("Record corrected"),
    "backup": lambda: _("Backed up"),
    "restore": lambda: _("Backup put back"),
    "seal": lambda: _("Ledger sealed"),
    "unsealed": lambda: _("Session without a seal"),
    "seal-copy-failed": lambda: _("Copy of a seal not kept"),
    "head-lost": lambda: _("End mark of the journal was missing"),
    "waiting-damaged": lambda: _("Entries that waited were changed"),
    "damaged": lambda: _("Unreadable entry"),
}


_STANDINGS: Final[dict[Standing, Callable[[], str]]] = {
    Standing.OFFICE: lambda: _("a token of the office"),
    Standing.UNREGISTERED: lambda: _("not in the register of tokens"),
    Standing.UNTRUSTED: lambda: _("leads to no trusted root"),
}


def standing(what: Standing) -> str:
    """What a seal is worth, as the end of a sentence."""
    return _STANDINGS[what]()


def kinds() -> dict[str, str]:
    """All kinds by their codes, as a person reads them, in the order in which they are offered."""
    return {code: word() for code, word in _KINDS.items()}


def what(entry: Entry) -> str:
    """What an entry tells of; a signature that was made and thrown away is not called signed."""
    if entry.kind == "file" and entry.data.get("archive") is False:
        return _("Saved in a folder")
    if entry.kind == "sign" and entry.data.get("result") != "signed":
        return _("Signing failed")
    return _KINDS[entry.kind]() if entry.kind in _KINDS else entry.kind
