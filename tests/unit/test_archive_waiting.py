"""An archive that goes away and comes back: copies wait on the workstation and are filed, none lost, none twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.afterwards import Afterwards
from app.archive.archive import Archive
from app.archive.tree import ArchiveAway
from app.archive.waiting import Waiting, WaitingRoom, is_away, let_wait
from app.documents.model import DocumentInfo
from app.errors import DiskFull, TargetNotWritable
from app.filing import place_beside
from app.filing_patiently import PatientDestination
from app.signing.model import Arrival
from app.signing.services import SignedCopy
from app.storage.store import Store, open_store
from tests.demo.database import DatabaseServer
from tests.full_disk import full_beyond


def info(number: int, summary: str = "Về việc phê duyệt") -> DocumentInfo:
    return DocumentInfo("Quyết định", str(number), "QĐ-UBND", dt.date(2026, 11, 5), f"{summary} {number}")


@pytest.fixture
def archive(tmp_path: Path, store: Store) -> Iterator[Archive]:
    """With one copy in it: an archive that has nothing yet cannot be away."""
    office = Archive(tmp_path / "share" / "kho", lambda: store)
    source = tmp_path / "first.txt"
    source.write_text("first")
    office.add(source, info(1))
    yield office
    office.close()


@pytest.fixture
def room(tmp_path: Path) -> WaitingRoom:
    return WaitingRoom(tmp_path / "data" / "waiting")


class Office:
    """A workstation that files what it signs."""

    def __init__(self, archive: Archive, room: WaitingRoom) -> None:
        self.archive, self.room = archive, room
        self.filed: list[str] = []
        self.destination = PatientDestination(
            lambda: archive, room, back=lambda: [*room.file(archive, place_beside)] and None, filed=self.filed.append
        )

    def file(
        self, number: int, *, content: bytes | None = None, pair: bool = False, arrival: Arrival | None = None
    ) -> Path:
        source = self.room.folder.parent.parent / f"văn bản {number}.pdf"
        octets = content or b"%%PDF-1.7 %d" % number
        source.write_bytes(octets)
        suffix = ".p7s" if pair else ".pdf"
        staged = self.destination.staging(info(number), source=source, suffix=suffix, arrival=arrival)
        document = None
        if pair:
            document = staged.with_name(f"{staged.name}.pdf")
            document.write_bytes(octets)
        staged.write_bytes(b"signature" if pair else octets)
        sha256 = hashlib.sha256(staged.read_bytes()).hexdigest()
        copy = SignedCopy(
            staged,
            info(number),
            source=source,
            suffix=staged.suffix,
            sha256=sha256,
            signers=["Trần Thị Bích Hạnh"],
            format="pdf",
            content=document,
            arrival=arrival,
        )
        return self.destination.take(copy).path


@pytest.fixture
def office(archive: Archive, room: WaitingRoom) -> Office:
    return Office(archive, room)


def go_away(archive: Archive, *, mount_point: bool = False) -> Path:
    """Take the share off; an empty mount point may be left."""
    share = archive.root.parent
    away = share.rename(share.with_name("away"))
    if mount_point:
        archive.root.mkdir(parents=True)
    return away


def come_back(archive: Archive, away: Path) -> None:
    if archive.root.is_dir():
        archive.root.rmdir()
        archive.root.parent.rmdir()
    away.rename(archive.root.parent)


def test_what_was_received_while_the_archive_was_away_arrived_on_that_day(
    archive: Archive, office: Office, room: WaitingRoom
) -> None:
    """Not on the day on which it is filed, which may be another year's."""
    away = go_away(archive)
    office.file(2, arrival=Arrival())
    office.file(3, arrival=Arrival(date=dt.date(2024, 12, 30)))
    for path, waiting in room.copies():
        early = dt.datetime(2024, 12, 31, 18, tzinfo=dt.UTC)  # New Year's Day in Vietnam
        room.keep(path, msgspec.structs.replace(waiting, since=early))
    come_back(archive, away)
    copies = [outcome.copy for outcome in room.file(archive, place_beside)]
    found = [archive.document(copy.document) for copy in copies if copy is not None]
    told = [(one.year, one.arrived_on, one.arrival_number) for one in found if one is not None]
    assert told == [(2025, dt.date(2025, 1, 1), 1), (2024, dt.date(2024, 12, 30), 1)]


@pytest.mark.parametrize("mount_point", [False, True])
def test_copies_wait_and_are_filed_in_their_order(archive: Archive, office: Office, mount_point: bool) -> None:
    away = go_away(archive, mount_point=mount_point)
    waiting = [office.file(number) for number in (5, 3, 4)]
    assert all(path.is_file() and office.room.folder in path.parents for path in waiting)
    assert [path.name for path in waiting] == ["văn bản 5.pdf", "văn bản 3.pdf", "văn bản 4.pdf"]
    assert office.filed == [] and [path for path, _ in office.room.copies()] == waiting
    assert [*office.room.file(archive, place_beside)] == []
    assert not archive.root.exists() or not any(archive.root.iterdir())

    come_back(archive, away)
    outcomes = [*office.room.file(archive, place_beside)]
    copies = [outcome.copy for outcome in outcomes]
    assert [copy and copy.number for copy in copies] == ["5", "3", "4"]
    assert [Path(copy.path).read_bytes() for copy in copies if copy] == [b"%PDF-1.7 5", b"%PDF-1.7 3", b"%PDF-1.7 4"]
    assert copies[0] is not None and copies[0].signers == ["Trần Thị Bích Hạnh"]
    assert office.room.copies() == [] and len(archive.search(limit=10)) == 4


def test_the_next_copy_takes_those_that_wait_with_it(archive: Archive, office: Office) -> None:
    away = go_away(archive)
    office.file(2)
    come_back(archive, away)
    office.file(3)
    assert office.room.copies() == [] and len(office.filed) == 1
    assert {copy.number for copy in archive.search()} == {"1", "2", "3"}


def test_a_document_waits_with_the_signature_beside_it(archive: Archive, office: Office) -> None:
    away = go_away(archive)
    path = office.file(2, pair=True)
    assert path.with_name("văn bản 2.p7s").read_bytes() == b"signature"
    come_back(archive, away)
    (outcome,) = office.room.file(archive, place_beside)
    assert outcome.copy is not None
    assert Path(outcome.copy.path).read_bytes() == b"%PDF-1.7 2"
    assert Path(f"{outcome.copy.path}.p7s").read_bytes() == b"signature"


def test_what_arrived_waits_and_is_registered_as_received(archive: Archive, office: Office) -> None:
    away = go_away(archive)
    office.file(2, arrival=Arrival(31, dt.date(2026, 11, 9)))
    come_back(archive, away)
    office.file(3, arrival=Arrival())
    (first, second) = (archive.document(copy.document) for copy in archive.search() if copy.incoming)
    assert first is not None and second is not None
    assert {(one.number, one.arrival_number) for one in (first, second)} == {("2", 31), ("3", 32)}


def test_a_number_that_somebody_took_meanwhile_waits_on(archive: Archive, office: Office, tmp_path: Path) -> None:
    """Two clerks with the same number, one of them cut off: the second to come is told, its copy is kept."""
    away = go_away(archive)
    path = office.file(2)
    office.file(3)
    come_back(archive, away)
    other = tmp_path / "other.txt"
    other.write_text("other")
    archive.add(other, info(2, "Về việc khác"))
    first, second = office.room.file(archive, place_beside)
    assert first.error is not None and first.error.code == "number-already-filed" and path.is_file()
    assert second.copy is not None and second.copy.number == "3"
    assert [kept for kept, _ in office.room.copies()] == [path]


def test_a_crash_between_filing_and_forgetting_files_once(
    archive: Archive, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = go_away(archive)
    office.file(2)
    come_back(archive, away)
    monkeypatch.setattr("app.archive.waiting.shutil.rmtree", lambda folder, ignore_errors: None)
    (first,) = office.room.file(archive, place_beside)
    monkeypatch.undo()
    (second,) = office.room.file(archive, place_beside)
    assert first.copy is not None and second.copy is not None
    assert second.copy.duplicate and second.copy.id == first.copy.id
    assert office.room.copies() == [] and len(archive.search()) == 2


def test_what_a_crash_left_half_written_does_not_wait(archive: Archive, office: Office) -> None:
    away = go_away(archive)
    office.room.staging(".pdf").write_bytes(b"half")
    damaged = office.room.staging(".pdf")
    damaged.with_name("copy.json").write_bytes(b"{")
    office.file(2)
    come_back(archive, away)
    assert len([*office.room.file(archive, place_beside)]) == 1
    assert damaged.parent.is_dir()  # never thrown away unread


FILER = """
import sys
from pathlib import Path
from app.archive.archive import Archive
from app.archive.waiting import WaitingRoom
from app.filing import place_beside
from app.storage.store import open_store
store = open_store(sys.argv[2])
for outcome in WaitingRoom(Path(sys.argv[3])).file(Archive(Path(sys.argv[1]), lambda: store), place_beside):
    assert outcome.copy is not None, outcome
"""


def test_several_windows_file_what_waits(archive: Archive, office: Office, store_url: str) -> None:
    away = go_away(archive)
    for number in range(2, 22):
        office.file(number)
    come_back(archive, away)
    words = [sys.executable, "-c", FILER, str(archive.root), store_url, str(office.room.folder)]
    runs = [subprocess.Popen(words, stderr=subprocess.PIPE) for _ in range(3)]
    assert [run.communicate(timeout=90)[1] for run in runs] == [b""] * 3
    assert office.room.copies() == []
    assert sorted(int(copy.number or 0) for copy in archive.search(limit=100)) == list(range(1, 22))
    assert len([path for path in archive.root.rglob("*") if path.is_file()]) == 21


def test_a_folder_that_may_not_be_written_to_is_not_away(archive: Archive, office: Office) -> None:
    """A mistake to be told at once, not a network to be waited for."""
    (archive.root / "2026" / "Quyết định").rename(archive.root / "cũ")
    (archive.root / "2026" / "Quyết định").write_text("in the way")
    assert not is_away(archive)
    with pytest.raises(TargetNotWritable):
        office.file(2)
    assert office.room.copies() == []


@pytest.mark.parametrize("mount_point", [False, True])
def test_nothing_is_filed_into_the_place_of_an_archive_that_is_away(
    archive: Archive, tmp_path: Path, mount_point: bool
) -> None:
    """It would become a second archive, hidden when the share is back."""
    go_away(archive, mount_point=mount_point)
    source = tmp_path / "a.txt"
    source.write_text("a")
    with pytest.raises(ArchiveAway):
        archive.add(source, info(2))
    assert not [path for path in archive.root.parent.rglob("*") if path.is_file()]


def test_a_new_archive_is_not_away(tmp_path: Path, store: Store) -> None:
    assert not is_away(Archive(tmp_path / "kho", lambda: store))


def test_no_room_to_wait_in(archive: Archive, office: Office) -> None:
    go_away(archive)
    source = archive.root.parent.parent / "big.txt"
    source.write_bytes(bytes(100_000))
    with full_beyond(50_000), pytest.raises(DiskFull):
        let_wait(office.room, source, Waiting("", "", info(2), "", [], "", dt.datetime.now(dt.UTC)))
    assert office.room.copies() == [] and source.stat().st_size == 100_000


def test_a_database_that_is_away(tmp_path: Path, room: WaitingRoom) -> None:
    with DatabaseServer() as server:
        store = open_store(server.create())
        archive = Archive(tmp_path / "kho", lambda: store)
        office = Office(archive, room)
        office.file(1)
        server.kill()
        path = office.file(2)
        assert room.folder in path.parents and [kept for kept, _ in room.copies()] == [path]
        (outcome,) = room.file(archive, place_beside)
        assert outcome.error is not None and outcome.error.code == "store-unreachable"
        server.start()
        office.file(3)
        assert {copy.number for copy in archive.search()} == {"1", "2", "3"}
        archive.close()


SIGNER = """
import datetime as dt, sys
from pathlib import Path
from app.archive.archive import Archive
from app.documents.model import DocumentInfo
from app.storage.store import open_store
store = open_store(sys.argv[2])
archive = Archive(Path(sys.argv[1]), lambda: store)
source = Path(sys.argv[3])
for number in range(12):
    source.write_text(f"{source.name} {number}")
    info = DocumentInfo("Công văn", "7", "UBND-VX", dt.date(2026, 11, 5), "Mời họp")
    copy = archive.add(source, info, incoming=True)
    print(copy.sha256, copy.path, sep="|", flush=True)
"""


@pytest.mark.parametrize("stores", ["each its own", "one"])
def test_workstations_file_the_same_name_into_one_share(tmp_path: Path, stores: str, store_url: str) -> None:
    """Whether they share a database or not: nothing is written over, every copy keeps its octets."""
    urls = [store_url] * 4 if stores == "one" else [str(tmp_path / f"{number}.sqlite") for number in range(4)]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SIGNER, str(tmp_path / "kho"), url, str(tmp_path / f"workstation {number}.txt")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, url in enumerate(urls)
    ]
    answers = [run.communicate(timeout=90) for run in runs]
    assert [error for _said, error in answers] == [""] * 4
    filed = dict(line.split("|", 1) for said, _error in answers for line in said.splitlines())
    assert len(filed) == len(set(filed.values())) == 48
    assert all(hashlib.sha256(Path(path).read_bytes()).hexdigest() == sha256 for sha256, path in filed.items())


# Work that waits until it is quiet


def test_work_begins_when_nothing_new_comes_and_all_is_done_at_the_end() -> None:
    done: list[int] = []
    first = threading.Event()

    def handle(item: int) -> None:
        done.append(item)
        first.set()

    calm = Afterwards(handle, quiet=0.01)
    for item in range(5):
        calm.add(item)
    assert first.wait(20)
    calm.close()
    assert done == list(range(5))

    done.clear()
    busy = Afterwards(handle, quiet=1000)
    for item in range(5):
        busy.add(item)
    assert done == []
    busy.close()
    busy.close()
    assert done == list(range(5))
    Afterwards(handle).close()

    done.clear()
    hurried = Afterwards(handle, quiet=1000, patience=-1)
    hurried.add(1)
    hurried.close()
    assert done == []
