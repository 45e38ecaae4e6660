"""What a check found, and the words that findings are told in."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.i18n import N_

Status = Literal["ok", "warn", "fail"]
Fact = bool | int | float | str

STATUSES = ("ok", "warn", "fail")

#: Checks by group, in the order in which they are shown.
GROUPS: dict[str, tuple[str, ...]] = {
    N_("Tokens and drivers"): ("modules", "duplicates", "readers", "tokens"),
    N_("Time and servers"): ("clock", "tsa", "ocsp"),
    N_("Trust"): ("anchors", "lists", "bundle"),
    N_("Records"): ("data", "database", "archive", "ledger"),
    N_("The program"): ("settings", "program", "display", "fonts", "crashes"),
}

#: Names of the checks for people.
CHECK_TITLES: dict[str, str] = {
    "modules": N_("Token drivers"),
    "duplicates": N_("Drivers for one token"),
    "readers": N_("Card readers"),
    "tokens": N_("Tokens"),
    "clock": N_("Clock"),
    "tsa": N_("Time-stamp server"),
    "ocsp": N_("Servers of the issuers (OCSP)"),
    "anchors": N_("Trusted roots"),
    "lists": N_("Revocation lists"),
    "bundle": N_("Trust bundle of IT staff"),
    "data": N_("Data folder"),
    "database": N_("Database"),
    "archive": N_("Archive folder"),
    "ledger": N_("Ledger"),
    "settings": N_("Settings"),
    "program": N_("Version"),
    "display": N_("Screen"),
    "fonts": N_("Fonts"),
    "crashes": N_("Reports of crashes"),
}

CHECK_NAMES = frozenset(CHECK_TITLES)

STATUS_WORDS: dict[Status, str] = {"ok": N_("good"), "warn": N_("look"), "fail": N_("wrong")}

#: Words that may stand as a fact beside numbers and versions; the file for support shows no others.
WORDS = frozenset(
    {"running", "stopped", "missing", "sqlite", "postgresql", "unset", "file", "local", "remote", "offline", "stamp"}
    | {"server", "files"}
)


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor.

    :ivar check: stable English name.
    :ivar message: with ``hint`` may name people and paths; the file for support leaves them out.
    :ivar code: of the error behind it, in English; empty where there is none.
    :ivar facts: numbers, versions and :data:`WORDS` that tell support more and nobody anything about whose they are.
    """

    check: str
    status: Status
    message: str
    hint: str = ""
    code: str = ""
    facts: dict[str, Fact] = {}


def position(check: str) -> int:
    """Where a check stands among all."""
    return list(CHECK_TITLES).index(check)
