"""The file for support: a ZIP that tells how the program is and what it met, and nothing about whose it is.

It is made by admission: every line in it is composed here from values that :mod:`app.support.harmless` lets pass. No
file of the data folder is copied into it.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import io
import platform
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app import __version__
from app.decoding import decodable
from app.doctor.finding import Finding, position
from app.errors import TargetExists
from app.i18n import _
from app.storage.writing import write_new
from app.support import crashes, harmless, log, settings_shown

if TYPE_CHECKING:
    from app.settings import Settings

#: By the names under which they are installed.
_LIBRARIES = ("PySide6-Essentials", "cryptography", "lxml", "pyhanko", "pypdfium2", "python-pkcs11", "sqlalchemy")

#: Of the log, the newest lines.
_MOST_LINES = 4000


class Part(msgspec.Struct, frozen=True):
    """A file of the ZIP: its name, and its whole text."""

    name: str
    text: str


def compose(settings: Settings, findings: Sequence[Finding]) -> list[Part]:
    """What the ZIP will hold, to be looked at before it is written.

    :param findings: of the doctor.
    """
    return [
        Part("README.txt", _readme()),
        Part("doctor.txt", _text(map(_finding, sorted(findings, key=lambda finding: position(finding.check))))),
        Part("versions.txt", _text(_versions())),
        Part("settings.txt", _text(settings_shown.lines(settings))),
        Part("log.txt", _text(_log(settings.data_dir))),
        Part("crashes.txt", _text(_crashes(settings.data_dir))),
    ]


def write(path: Path, parts: Sequence[Part]) -> None:
    """Write the ZIP under a name that nothing has yet.

    :raises TargetExists: there is a file of that name.
    :raises TargetNotWritable, DiskFull: nothing was written.
    """
    packed = io.BytesIO()
    now = dt.datetime.now(dt.UTC).timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for part in parts:
            bundle.writestr(zipfile.ZipInfo(part.name, now), part.text.encode(), zipfile.ZIP_DEFLATED)
    try:
        write_new(path, packed.getvalue())
    except FileExistsError as error:
        raise TargetExists(path=path) from error


def _text(lines: Iterator[str] | Sequence[str] | map[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _readme() -> str:
    paragraphs = (
        _("For the support of Ấn Tín, made on a computer of an office."),
        _(
            "In it are: what the doctor found (doctor.txt), versions (versions.txt), which settings are set "
            "(settings.txt), the program's log (log.txt) and reports of crashes (crashes.txt)."
        ),
        _(
            "Not in it are: names of people, agencies, computers and files, titles and numbers of documents, "
            "certificates, serial numbers of devices, addresses, PINs and passwords. {black} stands for what was left "
            "out."
        ).format(black=harmless.BLACK),
    )
    return "\n\n".join(paragraphs) + "\n"


def _finding(finding: Finding) -> str:
    """One line: the check, its status, the code of an error and the numbers it goes by."""
    code = f" [{harmless.word(finding.code, harmless.error_codes())}]" if finding.code else ""
    facts = "".join(f" {name}={_fact(value)}" for name, value in finding.facts.items())
    return f"{finding.check}: {finding.status}{code}{facts}"


def _fact(value: object) -> str:
    """A number, or a word of those that checks use."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) and value in _fact_words() else harmless.version(value)


def _fact_words() -> frozenset[str]:
    from app.doctor.finding import WORDS

    return WORDS | harmless.drivers()


def _versions() -> Iterator[str]:
    yield f"antin {__version__}"
    yield f"python {harmless.version(platform.python_version())}"
    yield from (f"{name} {value}" for name, value in harmless.system().items())
    yield f"made {dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    for name in _LIBRARIES:
        yield f"{name} {_installed(name)}"


def _installed(library: str) -> str:
    try:
        return harmless.version(importlib.metadata.version(library))
    except importlib.metadata.PackageNotFoundError:
        return "-"


def _log(data_dir: Path) -> Iterator[str]:
    """The log's lines, each written anew from what is known in it."""
    found: list[str] = []
    left_out = 0
    for path in log.files(data_dir):
        try:
            lines = list(log.lines(path))
        except OSError:
            left_out += 1
            continue
        for line in lines:
            try:
                found.append(_log_line(msgspec.json.decode(line, type=decodable(log.Line))))
            except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
                left_out += 1
    yield from found[-_MOST_LINES:]
    if left_out:
        yield f"{left_out} lines not shown"


def _log_line(line: log.Line) -> str:
    from app.doctor.finding import CHECK_NAMES, STATUSES

    shown: list[tuple[str, Callable[[], str]]] = [
        ("process", lambda: harmless.word(line.process, log.PROCESSES)),
        ("version", lambda: harmless.version(line.version)),
        ("command", lambda: harmless.word(line.command, log.COMMANDS)),
        ("code", lambda: str(line.code)),
        ("seconds", lambda: f"{line.seconds:.3f}"),
        ("error", lambda: harmless.word(line.error, harmless.error_codes())),
        ("check", lambda: harmless.word(line.check, CHECK_NAMES)),
        ("status", lambda: harmless.word(line.status, STATUSES)),
        ("count", lambda: str(line.count)),
        ("places", lambda: ",".join(map(harmless.placed, line.places[:10]))),
    ]
    facts = "".join(f" {name}={show()}" for name, show in shown if getattr(line, name) not in ("", None, ()))
    return f"{line.time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {line.pid} {line.event}{facts}"


def _crashes(data_dir: Path) -> Iterator[str]:
    for kept in crashes.reports(data_dir):
        yield from report_lines(crashes.shown(kept.report))
        yield ""


def report_lines(report: crashes.Report) -> Iterator[str]:
    """A report of a crash as text.

    :param report: of :func:`app.support.crashes.shown`.
    """
    time = f"{report.time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    yield f"{time} {report.kind} antin {report.version} {report.process}".rstrip()
    if report.error:
        yield f"  {report.error}"
    if report.driver:
        yield f"  {report.driver} {report.call}".rstrip()
    yield from (f"  {place}" for place in report.places)
