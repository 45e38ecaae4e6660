"""What happened, in words: the kinds of ledger entries as a person reads them."""

from __future__ import annotations

from typing import Final

from app.i18n import N_, _
from app.journal.ledger import Entry

_KINDS: Final = {
    "sign": N_("Signed"),
    "verify": N_("Checked"),
    "file": N_("Filed"),
    "trust-add": N_("Root trusted"),
    "trust-remove": N_("Root removed"),
    "trust-enable": N_("Root allowed"),
    "trust-disable": N_("Root blocked"),
    "trust-crl": N_("Revocation list taken in"),
    "head-lost": N_("End mark of the journal was missing"),
    "damaged": N_("Unreadable entry"),
}


def what(entry: Entry) -> str:
    """What an entry tells of; a signature that was made and thrown away is not called signed."""
    if entry.kind == "sign" and entry.data.get("result") != "signed":
        return _("Signing failed")
    return _(_KINDS[entry.kind]) if entry.kind in _KINDS else entry.kind
