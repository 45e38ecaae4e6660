"""Many files filed together, on SQLite and on PostgreSQL alike: what belongs together, what is refused, who signed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.archive import batch
from app.archive.archive import Archive
from app.archive.batch import BatchOptions, LookedAt, Outcome
from app.archive.errors import NumberAlreadyFiled, SecretNotFiled
from app.archive.model import Corrections, Query
from app.archive.rebuild import take_in
from app.archive.tree import ArchiveAway
from app.archive.waiting import WaitingRoom
from app.documents import page_client
from app.documents.child import ReadingProcessMissing
from app.documents.hashing import sha256_file
from app.documents.model import DocumentInfo
from app.documents.text import fold
from app.errors import FileNotReadable
from app.filing import place_beside
from app.storage.errors import StoreUnreachable
from app.storage.staging import is_staging
from app.storage.store import Store, open_store
from tests.demo import samples, texts
from tests.unit import office_pages


@pytest.fixture
def archive(store_url: str, tmp_path: Path) -> Iterator[Archive]:
    office = Archive(tmp_path / "kho", lambda: open_store(store_url))
    yield office
    office.close()


@pytest.fixture
def letters(tmp_path: Path) -> list[Path]:
    """Letters 1 to 4."""
    files = [tmp_path / f"{number}.pdf" for number in range(1, 5)]
    for number, path in enumerate(files, 1):
        path.write_bytes(samples.pdf(replace(texts.LETTER, symbol=f"{number}/UBND-VP")))
    return files


def filed(archive: Archive, files: list[Path], wanted: BatchOptions | None = None) -> list[Outcome]:
    return [outcome for together in archive.add_all(files, wanted) for outcome in together]


def test_documents_of_a_batch_are_entered_in_order_and_found(archive: Archive, letters: list[Path]) -> None:
    outcomes = filed(archive, letters)
    copies = [outcome.copy for outcome in outcomes]
    assert [outcome.source for outcome in outcomes] == letters
    assert [copy.number for copy in copies if copy] == ["1", "2", "3", "4"]
    assert len({copy.id for copy in copies if copy}) == len({copy.document for copy in copies if copy}) == 4
    for copy in copies:
        assert copy is not None and Path(copy.path).is_file()
        assert archive.find_hash(copy.sha256) == copy
    word = fold(texts.LETTER.summary).split()[0]
    shown = [hit.document.number for hit in archive.find(Query(word)).hits]
    assert shown == ["4", "3", "2", "1"]
    assert not [path for path in archive.root.rglob("*") if is_staging(path.name)]


def test_the_same_file_twice_and_again_is_one_copy(archive: Archive, letters: list[Path], tmp_path: Path) -> None:
    twin = tmp_path / "bản sao.pdf"
    twin.write_bytes(letters[0].read_bytes())
    first, second, other = (outcome.copy for outcome in filed(archive, [letters[0], twin, letters[1]]))
    assert first is not None and second is not None and other is not None
    assert second.duplicate and second.path == first.path and second.document == first.document != other.document
    (again,) = (outcome.copy for outcome in filed(archive, [letters[0]]))
    assert again is not None and again.duplicate and again.id == first.id
    assert len(archive.find(Query()).hits) == 2


def test_another_document_of_a_number_is_refused_and_the_others_are_filed(
    archive: Archive, letters: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "trùng số.pdf"
    other.write_bytes(samples.pdf(replace(texts.LETTER, symbol="2/UBND-VP", summary="V/v nội dung khác hẳn")))
    outcomes = filed(archive, [letters[1], other, letters[2]])
    assert [outcome.copy is None for outcome in outcomes] == [False, True, False]
    assert isinstance(outcomes[1].error, NumberAlreadyFiled)
    assert len([path for path in archive.root.rglob("*") if path.is_file()]) == 2


def test_signers_are_entered_and_found(archive: Archive, letters: list[Path]) -> None:
    def signers(path: Path, values: object) -> list[str]:
        assert path.is_file() and values == ()
        return ["Đỗ Thị Ngân Hà"]

    filed(archive, letters[:1], BatchOptions(signers=signers))
    filed(archive, letters[1:2])
    found = archive.find(Query(signer="do thi ngan ha")).hits
    assert [hit.document.number for hit in found] == ["1"]
    assert found[0].document.copies[0].signers == ["Đỗ Thị Ngân Hà"]


def test_a_file_whose_signatures_cannot_be_read_is_filed(archive: Archive, letters: list[Path]) -> None:
    def signers(path: Path, values: object) -> list[str]:
        raise FileNotReadable(path=str(path))

    (outcome,) = filed(archive, letters[:1], BatchOptions(signers=signers))
    assert outcome.copy is not None and outcome.copy.signers == []


def test_what_somebody_looked_at_is_in_no_doubt(archive: Archive, letters: list[Path], tmp_path: Path) -> None:
    plain = tmp_path / "scan.txt"
    plain.write_text("không có gì để đọc")
    said = LookedAt(DocumentInfo("Thông báo", "9", "TB-UBND", summary="Lịch trực"), Corrections(note="bản giấy"))
    looked_at, unseen = filed(archive, [plain, letters[0]], BatchOptions(looked_at={plain: said}))
    assert looked_at.copy is not None and unseen.copy is not None
    document = archive.document(looked_at.copy.document)
    assert document is not None
    assert (document.number, document.summary, document.note, document.doubts) == ("9", "Lịch trực", "bản giấy", {})
    other = archive.document(unseen.copy.document)
    assert other is not None and (other.number, other.note) == ("1", None)


def test_a_document_that_bears_a_mark_of_secrecy_is_filed_by_no_way(archive: Archive, tmp_path: Path) -> None:
    secret = tmp_path / "mật.pdf"
    secret.write_bytes(office_pages.pdf(office_pages.Page(secrecy="MẬT")))
    for away in (False, True):
        if away:
            filed(archive, [_letter(tmp_path)])
            archive.root.rename(tmp_path / "gone")
        (outcome,) = filed(archive, [secret], BatchOptions(room=WaitingRoom(tmp_path / "waiting")))
        assert isinstance(outcome.error, SecretNotFiled) and outcome.waiting is None
    (tmp_path / "gone").rename(archive.root)
    with pytest.raises(SecretNotFiled):
        archive.add(secret, incoming=True)
    dropped = archive.root / "2026" / "Báo cáo" / "mật.pdf"
    dropped.parent.mkdir(parents=True, exist_ok=True)
    dropped.write_bytes(secret.read_bytes())
    (taken,) = take_in(archive, lambda path: [])
    assert (taken.copy, taken.error and taken.error.code) == (None, "secret-not-filed")
    assert [hit.document.secrecy for hit in archive.find(Query()).hits] == [None]
    misread = LookedAt(DocumentInfo("Báo cáo", "2", "BC-CA"))
    (told,) = filed(archive, [secret], BatchOptions(looked_at={secret: misread}))
    assert told.copy is not None


def _letter(folder: Path) -> Path:
    path = folder / "thư.pdf"
    path.write_bytes(samples.pdf(texts.LETTER))
    return path


def test_while_the_archive_is_away_copies_wait_and_are_filed_later(
    archive: Archive, letters: list[Path], tmp_path: Path
) -> None:
    room = WaitingRoom(tmp_path / "waiting")
    filed(archive, letters[:1])
    gone = archive.root.rename(tmp_path / "gone")
    wanted = BatchOptions(incoming=True, more=Corrections(note="qua bưu điện"), room=room)
    waiting = filed(archive, letters[1:], wanted)
    assert [(outcome.copy, outcome.error) for outcome in waiting] == [(None, None)] * 3
    assert [outcome.waiting.read_bytes() for outcome in waiting if outcome.waiting] == [
        path.read_bytes() for path in letters[1:]
    ]
    assert not archive.root.exists()
    (refused,) = filed(archive, letters[1:2])
    assert isinstance(refused.error, ArchiveAway) and not archive.root.exists()
    gone.rename(archive.root)
    assert all(outcome.copy for outcome in room.file(archive, place_beside))
    found = [hit.document for hit in archive.find(Query(incoming=True)).hits]
    assert [(one.number, one.note) for one in sorted(found, key=lambda one: one.number or "")] == [
        (number, "qua bưu điện") for number in ("2", "3", "4")
    ]


@pytest.mark.parametrize("moment", ["copied", "named"])
def test_a_share_that_goes_in_the_middle_of_writing_loses_nothing(
    archive: Archive, letters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """It goes while a file is being copied to it, or before the finished copy has its name."""
    room = WaitingRoom(tmp_path / "waiting")
    filed(archive, letters[:1])

    def go(real: Callable[..., object]) -> Callable[..., object]:
        def gone(*given: object) -> object:
            if archive.root.exists():
                archive.root.rename(tmp_path / "gone")
            return real(*given)

        return gone

    if moment == "copied":
        monkeypatch.setattr("app.archive.copying.os.fsync", go(os.fsync))
    else:
        monkeypatch.setattr(batch, "Newcomers", go(batch.Newcomers))
    outcomes = filed(archive, letters[1:3], BatchOptions(room=room))
    assert [(outcome.copy, outcome.error) for outcome in outcomes] == [(None, None)] * 2
    assert sorted(waiting.sha256 for _path, waiting in room.copies()) == sorted(map(sha256_file, letters[1:3]))
    monkeypatch.undo()
    (tmp_path / "gone").rename(archive.root)
    assert all(outcome.copy for outcome in room.file(archive, place_beside))
    assert len(archive.find(Query()).hits) == 3


def test_of_two_clerks_with_the_same_number_one_is_refused(store_url: str, tmp_path: Path) -> None:
    for name in ("một", "hai"):
        (tmp_path / f"{name}.pdf").write_bytes(
            samples.pdf(replace(texts.LETTER, symbol="7/UBND-VP", summary=f"V/v việc thứ {name}"))
        )
    start = threading.Barrier(2)

    def clerk(name: str) -> Outcome:
        own = Archive(tmp_path / "kho", lambda: open_store(store_url))
        try:
            own.indexed()
            start.wait(30)
            (outcome,) = filed(own, [tmp_path / f"{name}.pdf"])
            return outcome
        finally:
            own.close()

    with ThreadPoolExecutor(2) as both:
        outcomes = list(both.map(clerk, ("một", "hai")))
    assert sorted(outcome.copy is None for outcome in outcomes) == [False, True]
    assert [type(outcome.error) for outcome in outcomes if outcome.error] == [NumberAlreadyFiled]
    assert len(list((tmp_path / "kho").rglob("*.pdf"))) == 1


def test_a_database_that_went_away_lets_copies_wait(
    archive: Archive, letters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = WaitingRoom(tmp_path / "waiting")
    filed(archive, letters[:1])
    before = sorted(archive.root.rglob("*"))

    def unreachable(self: Store, area: str = "") -> object:
        raise StoreUnreachable(path=self.name, detail="connection refused")

    monkeypatch.setattr(Store, "write", unreachable)
    outcomes = filed(archive, letters[1:], BatchOptions(room=room))
    assert [path for path, _waiting in room.copies()] == [outcome.waiting for outcome in outcomes]
    assert sorted(archive.root.rglob("*")) == before
    monkeypatch.undo()
    assert len(list(room.file(archive, place_beside))) == 3 and len(archive.find(Query()).hits) == 4


def test_files_that_wait_keep_their_order(archive: Archive, letters: list[Path], tmp_path: Path) -> None:
    """It is that of their numbers of arrival."""
    room = WaitingRoom(tmp_path / "waiting")
    filed(archive, letters[:1])
    away = archive.root.rename(tmp_path / "away")
    many = [tmp_path / f"{number:02}.txt" for number in range(40)]
    for path in many:
        path.write_text("x" * (2_000_000 if path == many[0] else 1) + path.name)
    filed(archive, many, BatchOptions(room=room, incoming=True))
    away.rename(archive.root)
    sources = [Path(waiting.source) for _path, waiting in room.copies()]
    numbers = [archive.document(one.copy.document) for one in room.file(archive, place_beside) if one.copy is not None]
    assert sources == many
    assert [one.arrival_number for one in numbers if one is not None] == list(range(1, 41))


def test_a_batch_that_is_stopped_leaves_only_what_it_told(
    archive: Archive, letters: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_TOGETHER", 1)
    told = archive.add_all(letters)
    (first,) = next(told)
    told.close()  # type: ignore[attr-defined]
    assert first.copy is not None
    assert [path for path in archive.root.rglob("*") if path.is_file()] == [Path(first.copy.path)]
    assert len(archive.find(Query()).hits) == 1


def test_without_a_process_that_reads_pages_each_pdf_is_refused_and_the_others_are_filed(
    archive: Archive, letters: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "ghi chép.txt"
    plain.write_text("không có gì để đọc")
    monkeypatch.setattr(batch, "_FOR_A_READER", 1)
    monkeypatch.setattr("app.documents.child.command_of", lambda _module: [str(tmp_path / "none")])
    page_client.shared.close()
    outcomes = filed(archive, [letters[0], plain, *letters[1:]])
    assert [type(outcome.error) for outcome in outcomes] == [
        ReadingProcessMissing,
        type(None),
        *[ReadingProcessMissing] * 3,
    ]
    assert [outcome.source for outcome in outcomes if outcome.copy] == [plain]


def test_a_fault_of_the_program_with_one_file_leaves_nothing_of_the_others(
    archive: Archive, letters: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = batch._copied

    def faulty(archive: Archive, file: batch._Read, wanted: BatchOptions) -> object:
        if file.source == letters[1]:
            raise ZeroDivisionError
        return copied(archive, file, wanted)

    monkeypatch.setattr(batch, "_copied", faulty)
    with pytest.raises(ZeroDivisionError):
        filed(archive, letters)
    assert [path for path in archive.root.rglob("*") if path.is_file()] == []
