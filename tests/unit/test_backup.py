"""Backup and restore, from and into SQLite and PostgreSQL; damaged, foreign and hostile backups."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import docx
import msgspec
import pytest

from app.backing_up import back_up, restore
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.errors import AntinError, DiskFull
from app.office import Office
from app.settings import DatabaseSettings, Settings
from app.storage.backup import Backup
from app.storage.backup_errors import BackupDamaged, BackupExists, BackupTooNew, NoBackup, RestoreOver
from app.storage.schema import metadata
from tests.demo.database import PASSWORD, DatabaseServer
from tests.full_disk import full_beyond

KINDS = ["sqlite", "postgresql"]
DOCUMENTS = [
    DocumentInfo("Quyết định", "12", "QĐ-UBND", dt.date(2026, 11, 5), "Về việc phê duyệt kế hoạch đào tạo"),
    DocumentInfo("Công văn", "05", "UBND-VX", dt.date(2025, 12, 31), "V/v mời dự hội nghị “tổng kết”"),
    DocumentInfo(None, None, None, None, None),
]

MakeOffice = Callable[[str, str], Office]


@pytest.fixture
def make_office(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeOffice]:
    """An office without tokens by its name, on ``sqlite`` or ``postgresql``."""
    with ExitStack() as stack:

        def make(name: str, kind: str) -> Office:
            settings = Settings(data_dir=tmp_path / name, base=tmp_path / name)
            if kind == "postgresql":
                monkeypatch.setenv("PGPASSWORD", PASSWORD)
                server: DatabaseServer = request.getfixturevalue("database_server")
                template: str = request.getfixturevalue("_database_template")
                url = server.create(template)
                stack.callback(server.drop, url)
                address = "postgresql://antin@" + url.rpartition("@")[2]
                settings = msgspec.structs.replace(settings, database=DatabaseSettings(address))
            return stack.enter_context(Office(settings, modules=()))

        yield make


def work(office: Office, folder: Path) -> None:
    """File documents, enter what happened, decide about a root."""
    for number, info in enumerate(DOCUMENTS):
        source = folder / f"nguồn {number}.docx"
        text = docx.Document()
        text.add_paragraph(f"Văn bản số {number}: phê duyệt kế hoạch đào tạo cán bộ")
        text.save(str(source))
        copy = office.archive.add(source, info)
        office.ledger.append("file", path=copy.path, sha256=copy.sha256)
    (office.settings.data_dir / "trust" / "anchors").mkdir(parents=True)
    (office.settings.data_dir / "trust" / "anchors" / "a.json").write_text("{}")
    (office.settings.data_dir / "cache").mkdir()
    (office.settings.data_dir / "cache" / "fetched").write_text("x")


def rows(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the tables, but for the ledger, which goes on."""
    with office.store().read() as connection:
        return {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(table.select()))
            for table in metadata.sorted_tables
            if not table.name.startswith("ledger")
        }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_what_is_restored_is_what_was(make_office: MakeOffice, tmp_path: Path, kind: str, other: str) -> None:
    office = make_office("office", kind)
    work(office, tmp_path)
    entries = [entry.hash for entry in office.ledger.entries()]
    backup = tmp_path / "sao lưu.zip"
    manifest = back_up(office, backup, archive=True)
    assert {member.name.split("/")[0] for member in manifest.members} == {"antin.sqlite", "data", "archive"}
    assert not any("cache" in member.name or "antin.sqlite-" in member.name for member in manifest.members)
    assert backup.stat().st_mode & 0o077 == 0

    new = make_office("new", other)
    done, before = restore(new, backup)
    assert before is None and done.set_aside == []
    assert rows(new) == rows(office)
    for path in office.settings.archive_dir.rglob("*"):
        if path.is_file():
            copied = new.settings.archive_dir / path.relative_to(office.settings.archive_dir)
            assert copied.read_bytes() == path.read_bytes()
            assert abs(copied.stat().st_mtime - path.stat().st_mtime) < 0.01
    assert (new.settings.data_dir / "trust" / "anchors" / "a.json").read_text() == "{}"
    kept = [entry for entry in new.ledger.entries() if entry.kind != "restore"]
    assert [entry.hash for entry in kept] == entries
    assert new.ledger.verify().ok
    assert [entry.kind for entry in new.ledger.entries()][-1] == "restore"
    for query in ("phe duyet ke hoach", "12/qd", "hoi nghi", "can bo"):
        assert found(new, query) == found(office, query) != []
    source = tmp_path / "mới.txt"
    source.write_text("mới")
    assert new.archive.add(source, DocumentInfo("Kế hoạch", "1", "KH-UBND", dt.date(2026, 1, 1), "Mới")).id > 0


def test_a_ledger_goes_into_a_database_and_back_with_what_is_wrong_with_it(
    make_office: MakeOffice, tmp_path: Path
) -> None:
    alone, shared, again = (
        make_office("alone", "sqlite"),
        make_office("shared", "postgresql"),
        make_office("z", "sqlite"),
    )
    for number in range(4):
        alone.ledger.append("note", text=f"mục {number}")
    path = alone.ledger.path
    path.write_bytes(path.read_bytes().replace("mục 2".encode(), "mục 9".encode()))
    lines = path.read_bytes().splitlines()
    back_up(alone, tmp_path / "1.zip")
    restore(shared, tmp_path / "1.zip")
    found = shared.ledger.verify()
    assert (found.ok, found.code, found.first_bad) == (False, "changed", 3)
    assert list(shared.ledger.lines()[1])[:4] == lines
    back_up(shared, tmp_path / "2.zip")
    shared.ledger.append("note", text="sau đó")
    again.ledger.append("note", text="của máy này")
    own = again.ledger.path.read_bytes()
    restore(again, tmp_path / "2.zip", replace=True)
    found = again.ledger.verify()
    assert (found.ok, found.code, found.first_bad) == (False, "changed", 3)
    assert again.ledger.path.read_bytes().splitlines()[:4] == lines
    assert own in [
        other.read_bytes()[: len(own)] for other in again.settings.data_dir.glob("ledger.jsonl.before-restore-*")
    ]
    back_up(again, tmp_path / "3.zip")  # has the ledger once
    once_more = make_office("once more", "sqlite")
    restore(once_more, tmp_path / "3.zip")
    assert [entry.hash for entry in once_more.ledger.entries()][:-1] == [
        entry.hash for entry in again.ledger.entries()
    ][:-1]


def test_what_the_program_keeps_for_itself_stands_in_no_backups_way(make_office: MakeOffice, tmp_path: Path) -> None:
    """On a new computer the window was opened once before; and backups of earlier versions have its log."""
    office, new = make_office("office", "sqlite"), make_office("new", "sqlite")
    work(office, tmp_path)
    own = ("logs/antin.log", "crashes/1.json", "window.ini")
    for one in (office, new):
        for name in own:
            path = one.settings.data_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(one.settings.data_dir))
    manifest = back_up(office, tmp_path / "b.zip")
    assert not {f"data/{name}" for name in own} & {member.name for member in manifest.members}
    earlier = tmp_path / "earlier.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.backing_up._PASSING", frozenset({"cache"}))
        assert f"data/{own[0]}" in {member.name for member in back_up(office, earlier).members}
    done, _before = restore(new, earlier)
    assert done.set_aside == [] and rows(new) == rows(office)
    assert {(new.settings.data_dir / name).read_text() for name in own} == {str(new.settings.data_dir)}


def found(office: Office, query: str) -> list[str]:
    return [copy.sha256 for copy in office.archive.search(query)]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_overwritten_silently(make_office: MakeOffice, tmp_path: Path, kind: str) -> None:
    office = make_office("office", kind)
    work(office, tmp_path)
    backup = tmp_path / "b.zip"
    back_up(office, backup, archive=True)
    with pytest.raises(BackupExists):
        back_up(office, backup)
    source = tmp_path / "later.txt"
    source.write_text("later")
    later = office.archive.add(source, DocumentInfo("Kế hoạch", "1", "KH-UBND", dt.date(2026, 1, 1), "Sau"))
    office.ledger.append("file", path=later.path)
    was = rows(office)
    with pytest.raises(RestoreOver):
        restore(office, backup)
    assert rows(office) == was and list(tmp_path.rglob("*before-restore*")) == []

    done, before = restore(office, backup, replace=True)
    assert len(found(office, "")) == 3 and office.ledger.verify().ok
    assert Path(later.path).exists()
    if kind == "sqlite":
        assert [path.name.partition(".before")[0] for path in done.set_aside if "ledger.jsonl" in path.name]
    assert before is not None
    restore(office, before, replace=True)
    assert rows(office) == was


def test_files_that_differ_are_kept(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office("office", "sqlite")
    work(office, tmp_path)
    back_up(office, tmp_path / "b.zip", archive=True)
    new = make_office("new", "sqlite")
    copy = next(path for path in office.settings.archive_dir.rglob("*") if path.is_file())
    other = new.settings.archive_dir / copy.relative_to(office.settings.archive_dir)
    other.parent.mkdir(parents=True)
    other.write_text("of another document")
    (new.settings.data_dir / "settings.toml").write_text('language = "en"')
    with pytest.raises(RestoreOver) as refused:
        restore(new, tmp_path / "b.zip")
    assert refused.value.data["what"] == str(other)
    done, _before = restore(new, tmp_path / "b.zip", replace=True)
    assert other.read_bytes() == copy.read_bytes()
    assert [path.read_text() for path in done.set_aside if path.parent == other.parent] == ["of another document"]
    assert (new.settings.data_dir / "settings.toml").read_text() == 'language = "en"'


FILER = """
import sys, datetime as dt
from pathlib import Path
from app.office import Office
from app.settings import load
from app.documents.model import DocumentInfo
with Office(load(Path(sys.argv[1])), modules=()) as office:
    source = Path(sys.argv[1]).parent / "filing.txt"
    for number in range(100_000):
        source.write_text(f"document {number}")
        info = DocumentInfo("Quyết định", str(number + 1), "QĐ-UBND", dt.date(2026, 1, 1), f"Số {number}")
        copy = office.archive.add(source, info)
        office.ledger.append("file", path=copy.path, sha256=copy.sha256)
        print(number, flush=True)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_while_documents_are_filed(make_office: MakeOffice, tmp_path: Path, kind: str) -> None:
    office = make_office("office", kind)
    office.settings.data_dir.mkdir()
    (office.settings.data_dir / "settings.toml").write_text(f'[database]\nurl = "{office.settings.database.url}"\n')
    if kind == "sqlite":
        (office.settings.data_dir / "settings.toml").write_text("")
    filer = subprocess.Popen(
        [sys.executable, "-c", FILER, str(office.settings.data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert filer.stdout is not None
    try:
        for count in range(3):
            said = int([filer.stdout.readline() for _ in range(5)][-1])
            back_up(office, tmp_path / f"{count}.zip", archive=True)
            new = make_office(f"new {count}", kind)
            restore(new, tmp_path / f"{count}.zip")
            copies = new.archive.search(limit=100_000)
            assert len(copies) > said
            assert all(sha256_file(Path(copy.path)) == copy.sha256 for copy in copies)
            assert new.ledger.verify().ok
            assert sum(entry.kind == "file" for entry in new.ledger.entries()) > said
    finally:
        filer.kill()
        filer.communicate()


def test_an_open_window_goes_on_after_a_restore(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office("office", "sqlite")
    work(office, tmp_path)
    back_up(office, tmp_path / "b.zip")
    window = Office(office.settings, modules=())
    assert len(window.archive.search()) == 3
    restore(office, tmp_path / "b.zip", replace=True)
    source = tmp_path / "later.txt"
    source.write_text("later")
    window.archive.add(source, DocumentInfo("Kế hoạch", "1", "KH-UBND", dt.date(2026, 1, 1), "Sau"))
    assert len(office.archive.search()) == 4
    window.close()


# Backups that are none, or not whole


@pytest.fixture
def written(make_office: MakeOffice, tmp_path: Path) -> Path:
    office = make_office("office", "sqlite")
    work(office, tmp_path)
    back_up(office, tmp_path / "b.zip", archive=True)
    return tmp_path / "b.zip"


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """A backup with other members."""
    with zipfile.ZipFile(backup) as packed:
        members = {info.filename: packed.read(info) for info in packed.infolist()}
    change(members)
    path = backup.with_name("other.zip")
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def edit(members: dict[str, bytes], change: Callable[[dict[str, object]], object]) -> None:
    manifest = json.loads(members["backup.json"])
    change(manifest)
    members["backup.json"] = json.dumps(manifest).encode()


def refused(make_office: MakeOffice, path: Path, kind: type[AntinError]) -> AntinError:
    new = make_office("new", "sqlite")
    with pytest.raises(kind) as caught:
        restore(new, path)
    left = [each for each in new.settings.data_dir.rglob("*") if each.is_file() and "antin.sqlite" not in each.name]
    assert left == []
    return caught.value


def test_a_damaged_part_is_found_before_anything_is_done(make_office: MakeOffice, written: Path) -> None:
    def alter(members: dict[str, bytes]) -> None:
        name = next(name for name in members if name.startswith("archive/"))
        members[name] = members[name][:-1] + b"!"

    assert "archive/" in refused(make_office, rewritten(written, alter), BackupDamaged).message


def test_an_altered_octet_anywhere_is_found(make_office: MakeOffice, written: Path) -> None:
    content = bytearray(written.read_bytes())
    content[len(content) // 3] ^= 0x55
    written.write_bytes(content)
    refused(make_office, written, BackupDamaged)


@pytest.mark.parametrize("what", ["less", "more"])
def test_a_part_too_much_or_too_little(make_office: MakeOffice, written: Path, what: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        if what == "more":
            members["data/settings.toml"] = b"[network]\nonline = true\n"
        else:
            members.pop("antin.sqlite")

    refused(make_office, rewritten(written, change), BackupDamaged)


@pytest.mark.parametrize("modified", [1e300, -1e300])
def test_a_time_that_no_file_can_have(make_office: MakeOffice, written: Path, modified: float) -> None:
    def change(manifest: dict[str, object]) -> None:
        manifest["members"][0]["modified"] = modified  # type: ignore[index]

    refused(make_office, rewritten(written, lambda members: edit(members, change)), BackupDamaged)


def test_a_list_without_tables(make_office: MakeOffice, written: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        del members["antin.sqlite"]

        def drop(manifest: dict[str, object]) -> None:
            listed = manifest["members"]
            manifest["members"] = [one for one in listed if one["name"] != "antin.sqlite"]  # type: ignore[attr-defined]

        edit(members, drop)

    refused(make_office, rewritten(written, change), BackupDamaged)


@pytest.mark.parametrize(
    "name",
    [
        *("data/../../evil", "/etc/evil", "data//evil", "data/./evil", "evil", "data/C:/evil", "data/a\\..\\evil"),
        *("data/antin.sqlite", "data/Antin.SQLite", "data/antin.sqlite-wal", "data/antin.sqlite.", "data/ANTIN~1.SQL"),
        *("data/Settings.toml", "data/settings.toml. ", "data/SETTIN~1.TOM", "data/settings.toml/x"),
        *("data/ａｎｔｉｎ.sqlite", "data/antin.sqlite /x"),
    ],
)
def test_a_name_that_leads_elsewhere(make_office: MakeOffice, written: Path, name: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[name] = members.pop("data/ledger.jsonl")

        def rename(manifest: dict[str, object]) -> None:
            for member in manifest["members"]:  # type: ignore[attr-defined]
                if member["name"] == "data/ledger.jsonl":
                    member["name"] = name

        edit(members, rename)

    refused(make_office, rewritten(written, change), BackupDamaged)


def test_two_names_that_some_systems_take_for_one(make_office: MakeOffice, written: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["data/Ledger.jsonl"] = members["data/ledger.jsonl"]

        def add(manifest: dict[str, object]) -> None:
            listed: list[dict[str, object]] = manifest["members"]  # type: ignore[assignment]
            [one] = [one for one in listed if one["name"] == "data/ledger.jsonl"]
            listed.append({**one, "name": "data/Ledger.jsonl"})

        edit(members, add)

    refused(make_office, rewritten(written, change), BackupDamaged)


def test_a_list_longer_than_its_members_is_not_read(make_office: MakeOffice, written: Path) -> None:
    """A few kilobytes of ZIP could unpack to a gigabyte."""

    def change(members: dict[str, bytes]) -> None:
        members["backup.json"] += b" " * (1 << 20)

    refused(make_office, rewritten(written, change), NoBackup)


def test_an_error_of_whoever_reads_a_part_is_not_called_damage(written: Path) -> None:
    with closing(Backup(written)) as backup:
        member = backup.manifest.members[-1]
        with pytest.raises(KeyError), backup.content(member):
            raise KeyError("of the reader")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"%PDF-1.7 " * 1000])
def test_something_else(make_office: MakeOffice, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    refused(make_office, tmp_path / "b.zip", NoBackup)


def test_a_zip_without_a_list(make_office: MakeOffice, written: Path) -> None:
    refused(make_office, rewritten(written, lambda members: members.pop("backup.json")), NoBackup)


def test_a_backup_of_a_newer_program(make_office: MakeOffice, written: Path) -> None:
    other = rewritten(written, lambda members: edit(members, lambda manifest: manifest.update(format=2, members=3)))
    refused(make_office, other, BackupTooNew)


def test_tables_of_a_newer_program(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office("office", "sqlite")
    with office.store().write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    back_up(office, tmp_path / "b.zip")
    refused(make_office, tmp_path / "b.zip", BackupTooNew)


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_an_earlier_version(make_office: MakeOffice, written: Path, tmp_path: Path, kind: str) -> None:
    """Its tables are brought up to date on the way."""
    import hashlib
    import sqlite3

    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript((Path(__file__).parent / "stores" / "0001.sqlite.sql").read_text(encoding="utf-8"))

    def change(members: dict[str, bytes]) -> None:
        content = old.read_bytes()
        members["antin.sqlite"] = content

        def list_it(manifest: dict[str, object]) -> None:
            for member in manifest["members"]:  # type: ignore[attr-defined]
                if member["name"] == "antin.sqlite":
                    member.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())

        edit(members, list_it)

    new = make_office("new", kind)
    restore(new, rewritten(written, change))
    assert [copy.sha256[:1] for copy in new.archive.search("dao tao")] == ["2", "1"]


def test_no_room(make_office: MakeOffice, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is asked before anything is written."""
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr("app.storage.restoring.shutil.disk_usage", lambda path: usage._replace(free=1000))
    refused(make_office, written, DiskFull)


def test_a_full_disk_leaves_no_half_backup(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office("office", "sqlite")
    work(office, tmp_path)
    with full_beyond(20_000), pytest.raises(AntinError):
        back_up(office, tmp_path / "out" / "b.zip", archive=True)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_database_makes_no_backup(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office("office", "sqlite")
    work(office, tmp_path)
    office.close()
    path = office.settings.data_dir / "antin.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    with pytest.raises(AntinError):
        back_up(office, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_backup_is_read_with_little_memory(written: Path) -> None:
    with closing(Backup(written)) as backup:
        backup.check()
        member = backup.manifest.members[0]
        with backup.content(member) as chunks:
            assert max(map(len, chunks)) <= 1 << 20
