"""What is found on this workstation and what is wrong with it, each with a hint."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from app import __version__
from app.errors import AntinError, describe, from_os_error
from app.i18n import N_, _, ngettext
from app.paths import RESOURCES
from app.storage.files import writing_error
from app.times import day

if TYPE_CHECKING:
    from app.office import Office

_LIBRARIES = ("PySide6-Essentials", "cryptography", "lxml", "pyhanko", "pypdfium2", "python-pkcs11", "sqlalchemy")
#: Below this a batch of scans could fill the disk.
_LITTLE_SPACE = 1 << 30

_UPDATE_LISTS = N_("Fetch them with “antin trust update --online”, or import them with “antin trust import-crl”.")


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor.

    :ivar check: stable English name.
    :ivar message: with ``hint`` may name people and paths; the bundle leaves them out.
    :ivar code: of the error behind it, in English; empty where there is none.
    """

    check: str
    status: Literal["ok", "warn", "fail"]
    message: str
    hint: str = ""
    code: str = ""


def examine(office: Office) -> Iterator[Finding]:
    """Look at everything; a check that breaks is itself a finding.

    :return: findings as they are known.
    """
    checks: list[tuple[str, Callable[[Office], Iterator[Finding]]]] = [
        ("modules", _modules),
        ("tokens", _tokens),
        ("clock", _clock),
        ("anchors", _anchors),
        ("lists", _lists),
        ("tsa", _tsa),
        ("data", _data),
        ("archive", _archive),
        ("ledger", _ledger),
        ("fonts", _fonts),
    ]
    for name, check in checks:
        try:
            yield from check(office)
        except Exception as error:
            told = describe(error)
            yield Finding(name, "fail", told.message, told.hint, told.code)


def write_bundle(path: Path, findings: list[Finding]) -> None:
    """For support: what was found and on what system, without names, titles, paths or PINs.

    :raises TargetNotWritable, DiskFull: something of that name is there already, or nothing can be written.
    """
    report = {
        "antin": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "time": dt.datetime.now(dt.UTC),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "findings": [{"check": finding.check, "status": finding.status, "code": finding.code} for finding in findings],
    }
    try:
        with path.open("xb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("doctor.json", msgspec.json.format(msgspec.json.encode(report), indent=2))
    except OSError as error:
        raise writing_error(error, path) from error


def _version(library: str) -> str | None:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _modules(office: Office) -> Iterator[Finding]:
    modules = office.modules
    office.bridge.tokens()
    for problem in office.bridge.problems():
        told = describe(problem)
        message = f"{problem.module}: {told.message} {problem.detail}".strip()
        yield Finding("modules", "warn", message, told.hint, told.code)
    if modules:
        yield Finding("modules", "ok", ", ".join(str(module) for module in modules))
    else:
        yield Finding(
            "modules",
            "warn",
            _("No PKCS#11 driver was found."),
            _("Install the driver of the token's vendor, or name its file in the settings (tokens.modules)."),
        )


def _tokens(office: Office) -> Iterator[Finding]:
    from app.signing.keys import PIN_WORDS

    tokens = office.bridge.tokens()
    if not tokens:
        yield Finding("tokens", "warn", _("No token is plugged in."), _("Plug in a token and run this again."))
    for token in tokens:
        state = str(token.pin_state)
        yield Finding(
            "tokens",
            "fail" if state == "locked" else "ok" if state == "ok" else "warn",
            f"{token.label} ({token.serial}): {_(PIN_WORDS[token.pin_state])}",
            _("Only the issuer can unlock the token.") if state == "locked" else "",
        )


def _clock(office: Office) -> Iterator[Finding]:
    now = dt.datetime.now().astimezone()
    offset = now.strftime("%z")
    if now.year < 2026:
        yield Finding("clock", "fail", now.isoformat(timespec="seconds"), _("Set the computer's date and time."))
    elif offset != "+0700":
        yield Finding(
            "clock",
            "warn",
            _("The computer's time zone is {offset}, not Vietnam's.").format(offset=offset),
            _("Set the time zone to Asia/Ho_Chi_Minh so that times of signing read right."),
        )
    else:
        yield Finding("clock", "ok", now.isoformat(timespec="seconds"))


def _anchors(office: Office) -> Iterator[Finding]:
    count = len(office.trust.store.anchors)
    if count:
        told = ngettext("{n} trusted root", "{n} trusted roots", count).format(n=count)
        yield Finding("anchors", "ok", told)
    else:
        yield Finding(
            "anchors", "fail", _("There is no trusted root."), _("Allow the shipped anchors in the settings (trust).")
        )


def _lists(office: Office) -> Iterator[Finding]:
    """Revocation lists at hand. Without them nothing can be concluded while the network is down."""
    lists = office.kept_lists.entries()
    outdated = [kept for kept in lists if kept.outdated]
    told = ngettext("{n} revocation list", "{n} revocation lists", len(lists)).format(n=len(lists))
    if outdated:
        names = ", ".join(f"{kept.issuer} ({day(kept.this_update)})" for kept in outdated)
        told = _("{lists}, outdated: {names}").format(lists=told, names=names)
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS))
    elif not lists:
        told = _("There is no revocation list yet; without a network nothing can then be concluded.")
        yield Finding("lists", "warn", told, _(_UPDATE_LISTS))
    else:
        yield Finding("lists", "ok", told)


def _tsa(office: Office) -> Iterator[Finding]:
    from app.trust.timestamps import HttpTimestamper

    network = office.settings.network
    if not network.tsa_url:
        yield Finding(
            "tsa", "warn", _("No time-stamp server is set."), _("Set network.tsa_url to sign with a proven time.")
        )
        return
    timestamper = HttpTimestamper(network.tsa_url, timeout=network.fetch_timeout, proxy=network.proxy)
    try:
        timestamper.token(bytes(32), "sha256")
    except AntinError as error:
        yield Finding("tsa", "fail", error.message, error.hint, error.code)
    else:
        yield Finding("tsa", "ok", network.tsa_url)


def _writable(name: str, folder: Path) -> Iterator[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        told = describe(from_os_error(error, folder))
        yield Finding(name, "fail", told.message, told.hint, told.code)
        return
    free = shutil.disk_usage(folder).free
    message = _("{folder}, {free:.1f} GiB free").format(folder=folder, free=free / (1 << 30))
    if free < _LITTLE_SPACE:
        yield Finding(name, "warn", message, _("Free some space on that disk."))
    else:
        yield Finding(name, "ok", message)


def _data(office: Office) -> Iterator[Finding]:
    yield from _writable("data", office.settings.data_dir)


def _archive(office: Office) -> Iterator[Finding]:
    yield from _writable("archive", office.settings.archive_dir)


def _ledger(office: Office) -> Iterator[Finding]:
    check = office.ledger.verify()
    if check.ok:
        yield Finding("ledger", "ok", ngettext("{n} entry", "{n} entries", check.entries).format(n=check.entries))
    else:
        yield Finding(
            "ledger",
            "fail",
            _("The ledger is broken at entry {seq}: {what}").format(seq=check.first_bad, what=check.what),
            _("Keep the file as it is, restore the ledger from a backup and find out who wrote to it."),
        )


def _fonts(office: Office) -> Iterator[Finding]:
    missing = [
        name for name in ("Tinos-Regular.ttf", "BeVietnamPro-Regular.ttf") if not (RESOURCES / "fonts" / name).is_file()
    ]
    if missing:
        yield Finding("fonts", "fail", ", ".join(missing), _("Install the program again: its fonts are missing."))
    else:
        yield Finding("fonts", "ok", "Tinos, Be Vietnam Pro")
