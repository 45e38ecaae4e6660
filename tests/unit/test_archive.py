"""Filing: names, duplicates, numbers, search, faults of the disk, many at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.archive import Archive, FiledCopy
from app.archive.errors import NumberAlreadyFiled, OutsideArchive
from app.archive.model import Corrections, Query
from app.documents.model import DocumentInfo
from app.errors import DiskFull, FileMissing, TargetNotWritable
from app.storage.staging import is_staging
from app.storage.store import open_store
from app.times import today
from tests.full_disk import full_beyond

DECISION = DocumentInfo(
    "Quyết định",
    "12",
    "QĐ-UBND",
    dt.date(2026, 11, 5),
    "Về việc phê duyệt kế hoạch đào tạo",
    "ỦY BAN NHÂN DÂN XÃ HÒA SƠN",
)


def info(number: str | None, summary: str = "Về việc phê duyệt kế hoạch", **more: object) -> DocumentInfo:
    fields: dict[str, object] = {"type": "Quyết định", "symbol": "QĐ-UBND", "date": dt.date(2026, 11, 5)}
    return DocumentInfo(number=number, summary=summary, **{**fields, **more})  # type: ignore[arg-type]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    office = Archive(tmp_path / "kho", lambda: open_store(tmp_path / "antin.sqlite"))
    yield office
    office.close()


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files(archive: Archive) -> list[str]:
    return sorted(str(path.relative_to(archive.root)) for path in archive.root.rglob("*") if path.is_file())


def take(archive: Archive, document: DocumentInfo, content: bytes, source: Path, **more: object) -> FiledCopy:
    staged = archive.staging(document, suffix=".pdf", source=source)
    staged.write_bytes(content)
    return archive.take(
        staged,
        document,
        sha256=hashlib.sha256(content).hexdigest(),
        source=source,
        signers=["Trần Thị Bích Hạnh"],
        format="pdf",
        **more,  # type: ignore[arg-type]
    )


def test_a_copy_filed_anew_where_the_first_one_is_gone_stays_with_its_document(store_url: str, tmp_path: Path) -> None:
    """As after a killed run: the index knows a copy at the path, the file is not there."""
    archive = Archive(tmp_path / "kho", lambda: open_store(store_url))
    source = write(tmp_path / "a.pdf", b"%PDF-1.7")
    first = take(archive, DECISION, b"%PDF-1.7 signed", source)
    Path(first.path).unlink()
    again = take(archive, DECISION, b"%PDF-1.7 signed anew", source)
    assert (again.path, again.document) == (first.path, first.document)
    assert archive.find_hash(first.sha256) is None
    assert archive.find_hash(again.sha256) == again
    [hit] = archive.find(Query("ke hoach dao tao")).hits
    assert [one.id for one in hit.document.copies] == [again.id]
    archive.close()


def test_a_signed_copy_finds_its_place(archive: Archive, tmp_path: Path) -> None:
    copy = take(archive, DECISION, b"%PDF-1.7 signed", write(tmp_path / "a.pdf", b"%PDF-1.7"))
    assert files(archive) == ["2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo.pdf"]
    assert Path(copy.path).read_bytes() == b"%PDF-1.7 signed"
    assert (copy.year, copy.type, copy.duplicate, copy.filed_at.tzinfo is not None) == (2026, "Quyết định", False, True)
    assert archive.find_hash(copy.sha256) == copy
    other = dataclasses.replace(DECISION, number="012", summary="Về việc khác")
    assert archive.number_bearer(other) == copy.path
    assert archive.number_bearer(dataclasses.replace(DECISION, number="012")) is None
    assert archive.number_bearer(dataclasses.replace(other, date=dt.date(2025, 12, 31))) is None


def test_adding_leaves_the_original_alone(archive: Archive, tmp_path: Path) -> None:
    source = write(tmp_path / "Giấy mời họp.PDF", b"%PDF-1.7 not readable")
    before = source.stat()
    copy = archive.add(source)
    assert files(archive) == [f"{today().year}/Khác/Giấy mời họp.pdf"]
    assert source.stat().st_mtime_ns == before.st_mtime_ns and source.read_bytes() == Path(copy.path).read_bytes()


def test_the_same_octets_are_filed_once(archive: Archive, tmp_path: Path) -> None:
    first = archive.add(write(tmp_path / "a.pdf", b"%PDF-1.7 a"), DECISION)
    again = archive.add(write(tmp_path / "b.pdf", b"%PDF-1.7 a"), DECISION)
    assert (again.path, again.id, again.duplicate) == (first.path, first.id, True)
    assert len(files(archive)) == 1


def test_a_lost_index_still_knows_the_same_octets(archive: Archive, tmp_path: Path) -> None:
    first = archive.add(write(tmp_path / "a.pdf", b"%PDF-1.7 a"), DECISION)
    other = Archive(archive.root, lambda: open_store(tmp_path / "new.sqlite"))
    again = other.add(write(tmp_path / "b.pdf", b"%PDF-1.7 a"), DECISION)
    assert again.duplicate and again.path == first.path and len(files(archive)) == 1
    assert other.find_hash(first.sha256) is not None
    other.close()


def test_a_copy_that_was_altered_since_is_no_duplicate(archive: Archive, tmp_path: Path) -> None:
    source = write(tmp_path / "a.pdf", b"%PDF-1.7 a")
    first = archive.add(source, DECISION)
    Path(first.path).write_bytes(b"%PDF-1.7 altered")
    again = archive.add(source, DECISION)
    assert not again.duplicate and again.path.endswith("đào-tạo (2).pdf")


def test_a_second_file_of_a_name_gets_a_suffix(archive: Archive, tmp_path: Path) -> None:
    for count in range(3):
        archive.add(write(tmp_path / f"{count}.pdf", b"%%PDF-1.7 %d" % count), DECISION)
    stem = "2026/Quyết định/12_QĐ-UBND_phê-duyệt-kế-hoạch-đào-tạo"
    assert files(archive) == [f"{stem} (2).pdf", f"{stem} (3).pdf", f"{stem}.pdf"]


def test_a_number_of_another_document_is_refused_before_any_work(archive: Archive, tmp_path: Path) -> None:
    archive.add(write(tmp_path / "a.pdf", b"%PDF-1.7 a"), info("05"))
    other = write(tmp_path / "b.pdf", b"%PDF-1.7 b")
    before = files(archive)
    for wrong in (info("5", "Về việc khen thưởng"), info("05", date=dt.date(2026, 12, 1)), info("05", "")):
        with pytest.raises(NumberAlreadyFiled) as caught:
            archive.staging(wrong, suffix=".pdf", source=other)
        assert caught.value.data["path"].endswith(".pdf")  # type: ignore[attr-defined]
        with pytest.raises(NumberAlreadyFiled):
            archive.add(other, wrong)
    assert files(archive) == before
    archive.add(other, info("05", "Về việc khen thưởng", date=dt.date(2025, 11, 5)))
    archive.add(write(tmp_path / "c.pdf", b"%PDF c"), info("05", "Khác", symbol="KH-UBND", type="Kế hoạch"))
    archive.add(write(tmp_path / "d.pdf", b"%PDF d"), info("05", "Văn bản đến"), incoming=True)


def test_the_next_signature_and_another_format_are_the_same_document(archive: Archive, tmp_path: Path) -> None:
    draft = write(tmp_path / "a.pdf", b"%PDF-1.7 a")
    approved = take(archive, info("7"), b"%PDF-1.7 a approved", draft)
    issued = take(archive, info("7"), b"%PDF-1.7 a approved issued", Path(approved.path))
    assert issued.path.endswith(" (2).pdf")
    archive.add(write(tmp_path / "a.docx", b"PK"), info("07", "Về việc  Phê duyệt kế hoạch"))
    unreadable = info("8", "")
    first = take(archive, unreadable, b"%PDF-1.7 scan approved", draft)
    take(archive, unreadable, b"%PDF-1.7 scan approved issued", Path(first.path))


def test_search(archive: Archive, tmp_path: Path) -> None:
    documents = [
        DECISION,
        info("120", "Về việc khen thưởng", date=dt.date(2026, 3, 1)),
        DocumentInfo("Công văn", "05", "UBND-VX", dt.date(2025, 2, 1), "nâng bậc lương cho cán bộ xã Hoà Sơn"),
    ]
    for count, document in enumerate(documents):
        take(archive, document, b"%%PDF %d" % count, write(tmp_path / f"{count}.pdf", b"%%PDF %d" % (count + 10)))

    def found(query: str = "", **filters: object) -> list[str | None]:
        return [copy.number for copy in archive.search(query, **filters)]  # type: ignore[arg-type]

    assert found("phe duyet ke hoach") == ["12"]
    assert found("PHÊ DUYỆT đào") == ["12"]
    assert found("hoa son") == ["12", "05"] and found("hòa") == found("hoà") == ["12", "05"]
    assert found("12") == ["12", "120"]
    assert found("12/QD-UBND") == ["12", "120"]
    assert found("5/ubnd-vx") == ["05"]
    assert found("") == ["12", "120", "05"] and found("", limit=1) == ["12"]
    assert found("", year=2025) == ["05"] and found("", type="quyết định") == ["12", "120"]
    assert found("", date_from=dt.date(2026, 3, 1), date_to=dt.date(2026, 10, 1)) == ["120"]
    assert found("", signer="bich hanh") == ["12", "120", "05"] and found("", signer="người khác") == []
    assert found("100%") == []


def test_a_staged_file_of_another_place_is_refused(archive: Archive, tmp_path: Path) -> None:
    staged = write(tmp_path / ".antin-1.pdf", b"x")
    with pytest.raises(OutsideArchive):
        archive.take(staged, DECISION, sha256="0" * 64, source=staged, signers=[], format="pdf")


# Faults of the disk


def test_a_missing_source(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        archive.add(tmp_path / "không có.pdf", DECISION)


def test_a_folder_where_nothing_can_be_written(tmp_path: Path) -> None:
    source = write(tmp_path / "a.pdf", b"%PDF")
    for root in (Path("/sys/kernel/kho"), write(tmp_path / "file", b"") / "kho"):
        archive = Archive(root, lambda: open_store(tmp_path / "antin.sqlite"))
        with pytest.raises(TargetNotWritable):
            archive.add(source, DECISION)
        archive.close()
    assert source.read_bytes() == b"%PDF"


def test_a_full_disk_leaves_nothing_behind(archive: Archive, tmp_path: Path) -> None:
    source = write(tmp_path / "a.pdf", b"%PDF" + bytes(4 << 20))
    archive.add(write(tmp_path / "b.pdf", b"%PDF b"), info("1"))
    before = files(archive)
    with full_beyond(2 << 20), pytest.raises(DiskFull):
        archive.add(source, DECISION)
    assert files(archive) == before
    assert archive.add(source, DECISION).path.endswith(".pdf")


def test_an_index_that_cannot_be_written_files_nothing(tmp_path: Path) -> None:
    """The rename is undone when the index fails after it."""
    store = open_store(tmp_path / "antin.sqlite")
    archive = Archive(tmp_path / "kho", lambda: store)
    source = write(tmp_path / "a.pdf", b"%PDF a")
    archive.add(source, info("1"))
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (content BLOB)")
        connection.exec_driver_sql(
            "CREATE TRIGGER fill BEFORE INSERT ON filed_copies BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END"
        )
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than there are
    staged = archive.staging(info("2"), suffix=".pdf")
    staged.write_bytes(b"%PDF b")
    with pytest.raises(DiskFull):
        archive.take(staged, info("2"), sha256="1" * 64, source=source, signers=[], format="pdf")
    assert staged.exists() and len(files(archive)) == 2
    archive.close()


# Many at once, and killed

FILER = """
import datetime as dt, sys
from pathlib import Path
from app.archive.archive import Archive
from app.documents.model import DocumentInfo
from app.storage.store import open_store
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
archive = Archive(folder / "kho", lambda: open_store(folder / "antin.sqlite"))
info = DocumentInfo("Quyết định", "12", "QĐ-UBND", dt.date(2026, 11, 5), "Về việc phê duyệt kế hoạch")
source = folder / f"{name}.pdf"
for number in range(count):
    source.write_bytes(b"%PDF-1.7 " + f"{name} {number} ".encode() * 1000)
    print(archive.add(source, info).path, flush=True)
"""


def test_many_processes_file_the_same_name(archive: Archive, tmp_path: Path) -> None:
    """From nothing: they also make the database together."""
    filers = [
        subprocess.Popen([sys.executable, "-c", FILER, str(tmp_path), str(name), "12"], stdout=subprocess.PIPE)
        for name in range(4)
    ]
    paths = [line for filer in filers for line in filer.communicate(timeout=90)[0].splitlines()]
    assert [filer.returncode for filer in filers] == [0] * 4
    assert len(set(paths)) == len(paths) == 48 == len(files(archive))
    contents = {path.read_bytes() for path in archive.root.rglob("*.pdf")}
    assert len(contents) == 48 and len(archive.search(limit=100)) == 48


def test_many_threads_file_at_once(archive: Archive, tmp_path: Path) -> None:
    source = write(tmp_path / "a.pdf", b"%PDF a")
    failures: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for number in range(8):
                take(archive, DECISION, b"%%PDF %d %d" % (thread, number), source)
                archive.search("phe duyet")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(archive.search(limit=100)) == len(files(archive)) == 48


def test_killed_while_filing(archive: Archive, tmp_path: Path) -> None:
    chance = random.Random(11)
    acknowledged: list[str] = []
    for turn in range(5):
        filer = subprocess.Popen(
            [sys.executable, "-c", FILER, str(tmp_path), f"lần {turn}", "100000"], stdout=subprocess.PIPE, text=True
        )
        assert filer.stdout is not None
        acknowledged.append(filer.stdout.readline().strip())
        time.sleep(chance.uniform(0, 0.03))
        filer.send_signal(signal.SIGKILL)
        acknowledged += [line for line in filer.communicate()[0].splitlines() if line.endswith(".pdf")]
    assert acknowledged
    for path in archive.root.rglob("*"):
        if path.is_file() and not is_staging(path.name):
            words = path.read_bytes()
            assert words.startswith(b"%PDF-1.7 ") and len(words) % 1000 == 9, path
    indexed = {copy.path: copy.sha256 for copy in archive.search(limit=10_000)}
    assert indexed.keys() >= set(acknowledged)
    for path, sha256 in indexed.items():
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == sha256


def test_filing_costs_little(archive: Archive, tmp_path: Path) -> None:
    """Of the processor: disks of test machines may be slow. On an SSD 4 ms a copy."""
    archive.add(write(tmp_path / "a.pdf", b"%PDF a"), DECISION)
    started = time.process_time()
    for number in range(50):
        take(archive, info(str(100 + number)), os.urandom(30_000), tmp_path / "a.pdf")
    assert time.process_time() - started < 5


def test_a_received_document_is_of_the_year_of_its_arrival(archive: Archive, tmp_path: Path) -> None:
    """Entered after New Year, it stands in the register of the year in which it came, with a number of that year."""
    source = write(tmp_path / "den.txt", b"den")
    info = DocumentInfo("Công văn", "9", "STP-VB", dt.date(2024, 12, 20), "Về việc cuối năm")
    copy = archive.add(source, info, incoming=True, more=Corrections(arrived_on=dt.date(2024, 12, 31)))
    assert copy.year == 2024 and "Văn bản đến/2024" in copy.path
    assert [one.arrival_number for one in archive.register(2024, incoming=True).entries] == [1]
    assert archive.register(today().year, incoming=True).entries == []
