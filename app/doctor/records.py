"""Where the office's records are: data folder, database, archive, ledger; whether they can be written and have room."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.errors import AntinError, FileMissing, TargetNotWritable
from app.i18n import _, ngettext
from app.storage.files import writing_error
from app.system import here

#: Below this a batch of scans could fill the disk.
_LITTLE_SPACE = 1 << 30

_GIB = 1 << 30


def data(workplace: Workplace) -> Iterator[Finding]:
    """The data folder. On a network drive the database of one workstation may be damaged (SQLite, "Over a network")."""
    settings = workplace.office.settings
    folder = settings.data_dir
    found = _writable("data", folder)
    if found.status == "ok" and not settings.database.url and found.facts["place"] == "remote":
        found = Finding(
            "data",
            "warn",
            _("{folder} lies on a network drive.").format(folder=folder),
            _(
                "Ask IT staff to keep the program's data on this computer (option --data-dir, or ANTIN_DATA_DIR), or "
                "to set up the office's database (database.url): on a network drive it may be damaged when the "
                "connection breaks."
            ),
            facts=found.facts,
        )
    yield found


def archive(workplace: Workplace) -> Iterator[Finding]:
    """The archive's folder, which may well lie on a share."""
    yield _writable("archive", workplace.office.settings.archive_dir)


def database(workplace: Workplace) -> Iterator[Finding]:
    """The database, opened, read and, for a moment, written to."""
    office = workplace.office
    url = office.settings.database.url
    file = office.settings.data_dir / "antin.sqlite"
    if not url and not file.exists():
        yield Finding(
            "database", "ok", _("There is none yet; it is made with the first record."), facts={"kind": "unset"}
        )
        return
    from app.storage.schema import VERSION

    store = office.store()
    with store.write():
        pass
    facts: dict[str, Fact] = {"kind": "postgresql" if store.is_server else "sqlite", "schema": VERSION}
    if waiting := office.ledger.waiting:
        facts["waiting"] = waiting
        told = ngettext(
            "{n} entry of this computer waits for the office's database.",
            "{n} entries of this computer wait for the office's database.",
            waiting,
        )
        hint = _("They are entered by themselves. If this stays so for a day, tell whoever looks after the database.")
        yield Finding("database", "warn", told.format(n=waiting), hint, facts=facts)
        return
    yield Finding(
        "database",
        "ok",
        _("{name}, version {version} of the tables").format(name=store.name, version=VERSION),
        facts=facts,
    )


def ledger(workplace: Workplace) -> Iterator[Finding]:
    """The ledger's chain, from its first entry to its last."""
    check = workplace.office.ledger.verify()
    facts: dict[str, Fact] = {"entries": check.entries}
    if check.ok:
        told = ngettext("{n} entry", "{n} entries", check.entries).format(n=check.entries)
        yield Finding("ledger", "ok", told, facts=facts)
        return
    yield Finding(
        "ledger",
        "fail",
        _("The ledger is broken at entry {seq}: {what}").format(seq=check.first_bad, what=check.what),
        _("Keep the file as it is, restore the ledger from a backup and find out who wrote to it."),
        facts=facts,
    )


def _writable(name: str, folder: Path) -> Finding:
    """Whether a folder can be written to and has room; it is made where it is missing."""
    facts: dict[str, Fact] = {"place": "remote" if here().is_remote(folder) else "local"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"antin")
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return _refused(name, writing_error(error, folder), folder, facts)
    facts["free_mib"] = free >> 20
    message = _("{folder}, {free:.1f} GiB free").format(folder=folder, free=free / _GIB)
    if free < _LITTLE_SPACE:
        return Finding(name, "warn", message, _("Free some space on that disk."), facts=facts)
    return Finding(name, "ok", message, facts=facts)


def _refused(name: str, error: AntinError, folder: Path, facts: dict[str, Fact]) -> Finding:
    """A folder that cannot be written to or not be made: what above it is missing is mostly a drive."""
    if isinstance(error, FileMissing):
        told = TargetNotWritable(path=folder)
        return Finding(name, "fail", told.message, error.hint, told.code, facts)
    if isinstance(error, TargetNotWritable):
        hint = _(
            "Ask IT staff for the right to write to this folder, or for another one. Nothing that is there was changed."
        )
        return Finding(name, "fail", error.message, hint, error.code, facts)
    return Finding(name, "fail", error.message, error.hint, error.code, facts)
