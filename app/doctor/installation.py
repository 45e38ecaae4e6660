"""The program itself: its settings, version, screen, fonts, and what it met before."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from app import __version__
from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.i18n import _, ngettext
from app.paths import RESOURCES
from app.support import crashes as reports
from app.support.harmless import kernel
from app.system.display import has_display

#: What is printed and what the window shows is set in these.
_FONTS = ("Tinos-Regular.ttf", "BeVietnamPro-Regular.ttf")
#: A font file begins with this (OpenType 1.9, table directory).
_TRUETYPE = b"\x00\x01\x00\x00"


def settings(workplace: Workplace) -> Iterator[Finding]:
    """The settings, which could be read or nothing would have come so far."""
    found = workplace.office.settings
    file = found.base / "settings.toml"
    name = found.agency.name
    if not name:
        yield Finding(
            "settings",
            "warn",
            _("The agency's name is not set."),
            _("Enter it under “Settings”: it stands in registers, minutes and reports."),
            facts={"file": "file" if file.is_file() else "missing"},
        )
        return
    yield Finding("settings", "ok", f"{name}, {file}", facts={"file": "file" if file.is_file() else "missing"})


def program(workplace: Workplace) -> Iterator[Finding]:
    """Which version this is, on what."""
    told = f"Ấn Tín {__version__}, Python {platform.python_version()}, {platform.system()} {kernel(platform.release())}"
    yield Finding("program", "ok", told, facts={"version": __version__, "python": platform.python_version()})


def display(workplace: Workplace) -> Iterator[Finding]:
    """Whether the window could be opened."""
    if has_display():
        yield Finding("display", "ok", _("The window can be opened."))
    else:
        yield Finding(
            "display",
            "warn",
            _("There is no screen to open the window on."),
            _("Sign in at the computer's own screen to use the window; the commands work all the same."),
            "no-display",
        )


def fonts(workplace: Workplace) -> Iterator[Finding]:
    """The fonts that came with the program."""
    missing = [name for name in _FONTS if not _is_font(name)]
    if missing:
        hint = _("Install the program again: its fonts are missing.")
        yield Finding("fonts", "fail", ", ".join(missing), hint, facts={"missing": len(missing)})
    else:
        yield Finding("fonts", "ok", "Tinos, Be Vietnam Pro")


def _is_font(name: str) -> bool:
    try:
        with (RESOURCES / "fonts" / name).open("rb") as file:
            return file.read(4) == _TRUETYPE
    except OSError:
        return False


def crashes(workplace: Workplace) -> Iterator[Finding]:
    """Reports that nobody has looked at yet."""
    kept = reports.reports(workplace.office.settings.data_dir)
    new = sum(not report.told for report in kept)
    facts: dict[str, Fact] = {"reports": len(kept), "new": new}
    if new:
        told = ngettext(
            "{n} report of an unexpected stop or error has not been looked at.",
            "{n} reports of unexpected stops or errors have not been looked at.",
            new,
        ).format(n=new)
        hint = _(
            "Save the file for support and send it: the reports are in it, without names or contents of documents."
        )
        yield Finding("crashes", "warn", told, hint, facts=facts)
    else:
        yield Finding("crashes", "ok", _("Nothing new to report."), facts=facts)
