"""The archive looked after: what is found of each copy, the index from the files alone, evidence on its shelf."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import threading
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.archive import Archive
from app.archive.evidence import EvidenceDamaged, EvidenceExists, EvidenceMissing, EvidenceShelf
from app.archive.health import Checkup, Concern, Filings, Health, Judged, State
from app.archive.model import Corrections, FiledCopy
from app.archive.rebuild import Taking, take_in
from app.archive.tree import ArchiveAway, comparable, documents
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.storage.schema.archive import filed_copies
from app.storage.store import Store, open_store
from app.times import today
from app.trust.evidence import Evidence

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
SOUND = Judged("valid", "LTA", NOW + dt.timedelta(days=3000))


@pytest.fixture
def archive(tmp_path: Path, store: Store) -> Iterator[Archive]:
    office = Archive(tmp_path / "kho", lambda: store)
    yield office
    office.close()


def file(archive: Archive, number: int, **more: object) -> FiledCopy:
    source = archive.root.parent / f"{number}.txt"
    source.write_text(f"văn bản {number}")
    fields = {
        "type": "Quyết định",
        "symbol": "QĐ-UBND",
        "date": dt.date(2026, 11, 5),
        "summary": f"Về việc số {number}",
    }
    info = DocumentInfo(number=str(number), **{**fields, **more})  # type: ignore[arg-type]
    return archive.add(source, info)


def look(archive: Archive, judged: Judged = SOUND, now: dt.datetime = NOW, **options: object) -> dict[int, Checkup]:
    health = Health(archive, lambda copy: judged, now=lambda: now)
    return {found.copy.id: found for found in health.check(**options)}  # type: ignore[arg-type]


# What is found


def test_sound_copies(archive: Archive) -> None:
    copies = [file(archive, number) for number in (1, 2, 3)]
    found = look(archive)
    assert list(found) == [copy.id for copy in copies]
    assert all(one.healthy and one.state is State.WHOLE and one.conclusion == "valid" for one in found.values())
    health = Health(archive, lambda copy: SOUND)
    assert health.last() == [] and [one.copy.id for one in health.last(unhealthy=False)] == list(found)
    standing = health.standing()
    assert (standing.copies, standing.unchecked, standing.oldest, standing.states) == (3, 0, NOW, {"whole": 3})


def test_missing_altered_and_moved_copies(archive: Archive) -> None:
    gone, altered, longer, moved, whole = (file(archive, number) for number in range(1, 6))
    Path(gone.path).unlink()
    Path(altered.path).write_text("văn bản X")
    Path(longer.path).write_text("văn bản 3 và thêm")
    elsewhere = archive.root / "của tôi" / "tên khác.txt"
    elsewhere.parent.mkdir()
    Path(moved.path).rename(elsewhere)
    found = look(archive)
    states = [found[copy.id].state for copy in (gone, altered, longer, moved, whole)]
    assert states == [State.MISSING, State.ALTERED, State.ALTERED, State.MOVED, State.WHOLE]
    assert found[moved.id].found_at == str(elsewhere)
    assert {one.copy.id: one.state for one in Health(archive, lambda copy: SOUND).last()} == {
        copy.id: found[copy.id].state for copy in (gone, altered, longer, moved)
    }
    assert look(archive, mend=True)[moved.id].state is State.MOVED
    mended = look(archive)[moved.id]
    assert (mended.state, mended.copy.path) == (State.WHOLE, str(elsewhere))


@pytest.mark.parametrize(
    ("judged", "concerns"),
    [
        (Judged("invalid", "B", NOW + dt.timedelta(days=900)), [Concern.NOT_VALID]),
        (Judged("valid", "B", NOW + dt.timedelta(days=89), unstamped=True), [Concern.ENDING, Concern.NO_TIME_STAMP]),
        (Judged("valid", "T", NOW + dt.timedelta(days=91)), []),
        (Judged("warning", "LT", NOW + dt.timedelta(days=900), weak=True), [Concern.WEAK_HASH]),
        (Judged("valid", "LT", NOW + dt.timedelta(days=900), evidence=False), [Concern.NO_EVIDENCE]),
        (Judged("unsigned"), []),
        (Judged("unreadable"), [Concern.NOT_CHECKED]),
        (Judged("unsupported"), []),
    ],
)
def test_what_is_of_concern(archive: Archive, judged: Judged, concerns: list[Concern]) -> None:
    copy = file(archive, 1)
    found = look(archive, judged)[copy.id]
    assert found.concerns == concerns
    (kept,) = Health(archive, lambda copy: judged).last(unhealthy=False)
    assert kept == found


def test_a_mark_of_secrecy_found_out_later_is_of_concern(archive: Archive) -> None:
    copy, other = file(archive, 1), file(archive, 2)
    archive.correct(copy.document, Corrections(secrecy="Tối mật"))
    found = look(archive)
    assert [found[one.id].concerns for one in (copy, other)] == [[Concern.BEARS_MARK_OF_SECRECY], []]
    archive.correct(copy.document, Corrections(secrecy=None))
    assert look(archive)[copy.id].healthy


def test_signatures_that_are_gone_are_missed(archive: Archive) -> None:
    source = archive.root.parent / "ký.txt"
    source.write_text("văn bản đã ký")
    signed = archive.add(source, DocumentInfo("Quyết định", "9"), signers=["Nguyễn Văn An"])
    for conclusion in ("unsigned", "unsupported", "unreadable"):
        assert look(archive, Judged(conclusion))[signed.id].concerns == [Concern.NOT_VALID]


def test_a_copy_and_the_index_changed_together_are_told_by_the_ledger(archive: Archive) -> None:
    """Whoever may write the share may often write the index too; the ledger is sealed."""
    first, second, third, fourth = (file(archive, number) for number in (1, 2, 3, 4))
    filed = {copy.path: copy.sha256 for copy in (first, second, fourth)}
    filings = Filings(frozenset(filed.values()), {comparable(path): sha256 for path, sha256 in filed.items()})
    Path(second.path).write_text("văn bản khác")
    index, store = archive.indexed()
    with store.write() as connection:
        new = {"sha256": sha256_file(Path(second.path)), "size": Path(second.path).stat().st_size}
        connection.execute(filed_copies.update().where(filed_copies.c.id == second.id).values(new))
        moved = Path(fourth.path).rename(archive.root / "đã chuyển.txt")
        index.moved(connection, fourth.id, moved)
    assert {found.state for found in look(archive).values()} == {State.WHOLE}, "the index alone sees nothing"
    health = Health(archive, lambda copy: SOUND, now=lambda: NOW, filings=lambda: filings)
    found = {one.copy.id: (one.state, one.concerns) for one in health.check()}
    assert found == {
        first.id: (State.WHOLE, []),
        second.id: (State.ALTERED, [Concern.NOT_IN_LEDGER]),
        third.id: (State.WHOLE, [Concern.NOT_IN_LEDGER]),
        fourth.id: (State.WHOLE, []),
    }


def test_of_several_files_the_worst_counts() -> None:
    soon, late = NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=9)
    parts = [Judged("valid", "LT", late, weak=True), Judged("indeterminate", "B", soon, unstamped=True)]
    assert Judged.together(parts) == Judged("indeterminate", "B", soon, unstamped=True, weak=True)
    assert Judged.together([Judged("valid", "T", None), parts[0]]).provable_until is None


def test_only_what_was_not_looked_at_for_long(archive: Archive) -> None:
    first, second = file(archive, 1), file(archive, 2)
    look(archive, now=NOW - dt.timedelta(days=40))
    third = file(archive, 3)
    month = dt.timedelta(days=30)
    assert list(look(archive, older=month)) == [first.id, second.id, third.id]
    assert list(look(archive, older=month)) == []
    assert list(look(archive)) == [first.id, second.id, third.id]


def test_a_clock_set_back_does_not_put_looks_off_for_ever(archive: Archive) -> None:
    """A clock that ran ahead left a date of next year; with the right time again, that look does not count."""
    copy = file(archive, 1)
    look(archive, now=NOW + dt.timedelta(days=365))
    assert list(look(archive, older=dt.timedelta(days=30))) == [copy.id]
    assert list(look(archive, older=dt.timedelta(days=30))) == []


def test_a_look_that_is_broken_off_goes_on_where_it_was(archive: Archive) -> None:
    copies = [file(archive, number) for number in range(1, 8)]
    walk = Health(archive, lambda copy: SOUND, now=lambda: NOW).check()
    seen = [next(walk).copy.id for _ in range(3)]
    walk.close()
    rest = look(archive, older=dt.timedelta(days=30))
    assert [*seen, *rest] == [copy.id for copy in copies]


def test_an_archive_that_is_away_is_not_taken_for_lost(archive: Archive) -> None:
    """A network folder that is not connected: nothing is said of any copy."""
    file(archive, 1)
    root = archive.root.rename(archive.root.with_name("away"))
    with pytest.raises(ArchiveAway):
        look(archive)
    archive.root.mkdir()  # what is left of it is an empty mount point
    with pytest.raises(ArchiveAway):
        look(archive)
    with pytest.raises(ArchiveAway):
        list(take_in(Archive(root / "none", archive._open_store), lambda path: []))
    archive.root.rmdir()
    root.rename(archive.root)
    assert all(found.healthy for found in look(archive).values())


def test_a_copy_that_goes_while_it_is_looked_at(archive: Archive) -> None:
    """Taken out by another workstation: its result is not kept, and nothing breaks."""
    copy, other = file(archive, 1), file(archive, 2)
    index, store = archive.indexed()
    walk = Health(archive, lambda copy: SOUND, now=lambda: NOW).check()
    assert next(walk).copy.id == copy.id
    with store.write() as connection:
        index.drop_empty(connection, index.forget(connection, [Path(copy.path).relative_to(archive.root).as_posix()]))
    assert [found.copy.id for found in walk] == [other.id]
    assert [found.copy.id for found in Health(archive, lambda copy: SOUND).last(unhealthy=False)] == [other.id]


def test_a_copy_that_was_raised_is_not_raised_again(archive: Archive) -> None:
    """The proofs are those of the copy that came of it, as long as that is there."""
    copy, raised = file(archive, 1), file(archive, 2)
    told = Filings(frozenset({copy.sha256, raised.sha256}), {}, {copy.sha256: raised.sha256})
    ageing = Judged("valid", "B", NOW + dt.timedelta(days=89), unstamped=True, weak=True)

    def found(judged: Judged = ageing) -> list[tuple[list[Concern], bool]]:
        health = Health(archive, lambda copy: judged, now=lambda: NOW, filings=lambda: told)
        return [(one.concerns, one.renewable) for one in health.check()]

    why = [Concern.ENDING, Concern.NO_TIME_STAMP, Concern.WEAK_HASH]
    assert found() == [([], False), (why, True)]
    invalid = Judged("invalid", "B", unstamped=True)
    assert found(invalid) == [([Concern.NOT_VALID], False), ([Concern.NOT_VALID, Concern.NO_TIME_STAMP], False)]
    Path(raised.path).unlink()
    assert found()[0] == (why, True)


# From the files alone


def test_the_index_from_the_files_alone(archive: Archive, tmp_path: Path) -> None:
    copies = [file(archive, number) for number in (1, 2, 3)]
    source = tmp_path / "đến.txt"
    source.write_text("đến")
    received = archive.add(source, DocumentInfo("Công văn", None, None, dt.date(2025, 3, 4)), incoming=True)
    other = Archive(archive.root, lambda: open_store(tmp_path / "new.sqlite"))
    taken = list(take_in(other, lambda path: ["Trần Thị Bích Hạnh"]))
    assert [one.taking for one in taken] == [Taking.ENTERED] * 4
    for copy in (*copies, received):
        found = other.find_hash(copy.sha256)
        assert found is not None
        assert (found.path, found.type, found.year, found.incoming) == (copy.path, copy.type, copy.year, copy.incoming)
        assert found.signers == ["Trần Thị Bích Hạnh"] and abs(found.filed_at - copy.filed_at) < dt.timedelta(hours=1)
    assert list(take_in(other, lambda path: [])) == []
    assert len(other.search("bich hanh", signer="bich hanh")) == 4
    other.close()


def test_received_documents_are_numbered_anew_in_the_order_in_which_they_came(archive: Archive, tmp_path: Path) -> None:
    """The folders' order would give the first number to whatever type comes first in the alphabet."""
    numbers = {}
    for at, kind in enumerate(("Tờ trình", "Báo cáo", "Kế hoạch")):
        source = tmp_path / f"{kind}.txt"
        source.write_text(kind)
        copy = archive.add(source, DocumentInfo(kind, date=dt.date(2026, 3, 4)), incoming=True)
        os.utime(copy.path, (0, NOW.timestamp() + at))
        known = archive.document(copy.document)
        numbers[copy.sha256] = known.arrival_number if known is not None else None
    other = Archive(archive.root, lambda: open_store(tmp_path / "new.sqlite"))
    taken = [one.copy for one in take_in(other, lambda path: [])]
    found = {copy.sha256: other.document(copy.document) for copy in taken if copy is not None}
    assert {sha256: one.arrival_number for sha256, one in found.items() if one is not None} == numbers
    other.close()


def test_a_file_dropped_into_the_tree_is_taken_in(archive: Archive) -> None:
    filed = file(archive, 1)
    dropped = archive.root / "2024" / "Thông báo" / "thông báo nghỉ lễ.txt"
    dropped.parent.mkdir(parents=True)
    dropped.write_text("nghỉ lễ")
    outside = archive.root / "để đây đã" / "x.txt"
    outside.parent.mkdir()
    outside.write_text("x")
    twice = Path(filed.path).with_name("bản sao.txt")
    twice.write_bytes(Path(filed.path).read_bytes())
    before = {path: path.read_bytes() for path in archive.root.rglob("*") if path.is_file()}
    taken = {one.path: one for one in take_in(archive, lambda path: [])}
    assert taken.keys() == {str(dropped), str(outside), str(twice)}
    copy = taken[str(dropped)].copy
    assert copy is not None and (copy.year, copy.type, copy.path) == (2024, "Thông báo", str(dropped))
    assert taken[str(outside)].taking is Taking.ENTERED
    assert taken[str(twice)].taking is Taking.DOUBLE and taken[str(twice)].copy == filed
    assert {path: path.read_bytes() for path in archive.root.rglob("*") if path.is_file()} == before
    assert [hit.path for hit in archive.search("nghi le")] == [str(dropped)]


def test_a_moved_copy_keeps_what_was_known_of_it(archive: Archive) -> None:
    copy = file(archive, 1)
    elsewhere = Path(copy.path).with_name("tên khác.txt")
    Path(copy.path).rename(elsewhere)
    (taken,) = take_in(archive, lambda path: [])
    assert taken.taking is Taking.MOVED and taken.copy is not None
    assert (taken.copy.id, taken.copy.path, taken.copy.number) == (copy.id, str(elsewhere), "1")


@pytest.mark.parametrize("modified", [-(2**40), 2**40, 2**36])
def test_a_file_whose_time_no_calendar_has_is_taken_in(archive: Archive, modified: int) -> None:
    """A computer without a battery, a share that tells nonsense."""
    path = archive.root / "2026" / "Công văn" / "cũ.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Công văn")
    os.utime(path, (0, modified))
    before = dt.datetime.now(dt.UTC)
    (taken,) = take_in(archive, lambda path: [])
    assert taken.taking is Taking.ENTERED and taken.copy is not None, taken
    assert before <= taken.copy.filed_at <= dt.datetime.now(dt.UTC) and taken.copy.year == 2026


def test_a_folder_of_a_year_that_never_was_is_no_year(archive: Archive) -> None:
    path = archive.root / "0000" / "Công văn" / "cũ.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Công văn")
    (taken,) = take_in(archive, lambda path: [])
    assert taken.taking is Taking.ENTERED and taken.copy is not None, taken
    assert taken.copy.year == today().year


def test_what_is_no_document_is_left_alone(archive: Archive) -> None:
    copy = Path(file(archive, 1).path)
    names = ["Thumbs.db", ".DS_Store", "~$van ban.docx", ".antin-0011.pdf", ".~lock.a.odt#", f"{copy.name}.p7s"]
    for name in names:
        copy.with_name(name).write_text("x")
    (archive.root / ".antin" / "evidence").mkdir(parents=True)
    (archive.root / ".antin" / "evidence" / "a.json").write_text("{}")
    copy.with_name("link.txt").symlink_to(copy)
    (archive.root / "loop").symlink_to(archive.root)
    assert list(documents(archive.root)) == [copy]


def test_names_that_a_file_system_decomposed(archive: Archive) -> None:
    """macOS and some shares give names back in NFD: the same file, not another one."""
    copy = Path(file(archive, 1, summary="Về việc nghỉ lễ").path)
    decomposed = copy.with_name(unicodedata.normalize("NFD", copy.name))
    assert decomposed.name != copy.name
    folder = copy.parent.with_name(unicodedata.normalize("NFD", copy.parent.name))
    copy.rename(decomposed)
    decomposed.parent.rename(folder)
    assert list(take_in(archive, lambda path: [])) == []


def test_many_take_in_at_once(archive: Archive) -> None:
    folder = archive.root / "2024" / "Thông báo"
    folder.mkdir(parents=True)
    for number in range(12):
        (folder / f"{number}.txt").write_text(str(number))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            list(take_in(archive, lambda path: []))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(Path(copy.path).name for copy in archive.search(limit=100)) == sorted(f"{n}.txt" for n in range(12))


# The shelf of evidence


@pytest.fixture
def shelf(tmp_path: Path) -> EvidenceShelf:
    return EvidenceShelf(tmp_path / "kho")


PIECES = Evidence((b"certificate", b"issuer"), (b"list",), (b"answer",))


def test_evidence_is_kept_and_exported(shelf: EvidenceShelf, tmp_path: Path) -> None:
    copy = tmp_path / "văn bản.pdf"
    copy.write_bytes(b"%PDF")
    sha256 = hashlib.sha256(b"%PDF").hexdigest()
    assert not shelf.has(sha256) and shelf.records(sha256) == []
    with pytest.raises(EvidenceMissing):
        shelf.export(copy, sha256, tmp_path / "out.zip")
    shelf.keep(sha256, {"conclusion": "valid"}, PIECES, program="1")
    shelf.keep(sha256, {"conclusion": "indeterminate"}, Evidence(PIECES.certificates), program="2")
    assert shelf.has(sha256)
    assert [record.report["conclusion"] for record in shelf.records(sha256)] == ["valid", "indeterminate"]
    assert [shelf.piece(piece) for piece in shelf.records(sha256)[0].pieces] == [
        b"certificate",
        b"issuer",
        b"list",
        b"answer",
    ]

    shelf.export(copy, sha256, tmp_path / "out.zip")
    with pytest.raises(EvidenceExists):
        shelf.export(copy, sha256, tmp_path / "out.zip")
    folder = tmp_path / "out"
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        packed.extractall(folder)
    run = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout.count(": OK") == 1 + 4 + 2


@pytest.mark.parametrize("name", ["hai\ndòng.pdf", "a\\b.pdf", "SHA256SUMS"])
def test_sums_of_odd_names_are_read_by_sha256sum(shelf: EvidenceShelf, tmp_path: Path, name: str) -> None:
    """A name with the end of a line in it could otherwise bring a line of its own into the list."""
    copy = tmp_path / name
    copy.write_bytes(b"%PDF")
    sha256 = hashlib.sha256(b"%PDF").hexdigest()
    shelf.keep(sha256, {}, PIECES, program="1")
    shelf.export(copy, sha256, tmp_path / "out.zip")
    folder = tmp_path / "out"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        assert len(set(packed.namelist())) == len(packed.namelist())
        for info in packed.infolist():
            target = folder / info.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed.read(info))
    run = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout.count("OK") == 1 + 4 + 1, run.stdout + run.stderr


@pytest.mark.parametrize("piece", [{"kind": "key", "sha256": "a" * 64}, {"kind": "crl", "sha256": "../../x"}])
def test_a_record_that_names_what_is_no_piece_is_damaged(shelf: EvidenceShelf, piece: dict[str, str]) -> None:
    sha256 = "b" * 64
    shelf.keep(sha256, {}, PIECES, program="1")
    (path,) = shelf._copy_folder(sha256).glob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pieces": [piece]}))
    with pytest.raises(EvidenceDamaged):
        shelf.records(sha256)


def test_a_piece_is_kept_once(shelf: EvidenceShelf, tmp_path: Path) -> None:
    for number in range(5):
        shelf.keep(f"{number:064}", {}, PIECES, program="1")
    assert len([path for path in (tmp_path / "kho").rglob("pieces/*/*") if path.is_file()]) == 4


def test_altered_evidence_is_told(shelf: EvidenceShelf, tmp_path: Path) -> None:
    record = shelf.keep("a" * 64, {}, PIECES, program="1")
    path = next((tmp_path / "kho").rglob(record.pieces[0].name))
    path.write_bytes(b"forged")
    with pytest.raises(EvidenceDamaged):
        shelf.piece(record.pieces[0])
    with pytest.raises(EvidenceDamaged):
        shelf.export(path, "a" * 64, tmp_path / "out.zip")
    path.unlink()
    with pytest.raises(EvidenceDamaged):
        shelf.piece(record.pieces[0])
    next((tmp_path / "kho").rglob("copies/*/*/*.json")).write_text("{")
    with pytest.raises(EvidenceDamaged):
        shelf.records("a" * 64)
    assert not (tmp_path / "out.zip").exists() and [path.name for path in tmp_path.iterdir()] == ["kho"]
