"""Days as people type them."""

from __future__ import annotations

import datetime as dt


def day_typed(text: str) -> dt.date | None:
    """A day typed as ``dd/mm/yyyy``, ``dd-mm-yyyy`` or ``yyyy-mm-dd``; None where it is none of these."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None
