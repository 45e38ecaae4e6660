"""File systems and names that an archive meets: letters that no system keeps, names too long for any, a name that is
spelled in two ways and is one file."""

from __future__ import annotations

import datetime as dt
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.archive import Archive
from app.archive.health import Health, Judged, State
from app.archive.model import Query
from app.archive.rebuild import Taking, take_in
from app.documents.model import DocumentInfo
from app.storage.store import Store

DAY = dt.date(2026, 11, 5)


@pytest.fixture
def archive(tmp_path: Path, store: Store) -> Iterator[Archive]:
    office = Archive(tmp_path / "kho", lambda: store)
    yield office
    office.close()


@pytest.mark.parametrize(
    ("number", "symbol", "summary"),
    [
        ("12", "QĐ/UB:ND*?", "Về việc “A/B: C*?” <x>|y\\z"),
        ("12a", "CV", "Về việc " + "rà soát thiết bị lưu khóa bí mật " * 20),
        ("7", "CON", "nul. "),
        ("1", "Tr" + "ộ" * 300, "ộ" * 500),
    ],
)
def test_names_that_no_system_keeps_are_filed_found_and_found_again(
    archive: Archive, tmp_path: Path, number: str, symbol: str, summary: str
) -> None:
    source = tmp_path / ("x" * 240 + ".txt")
    source.write_text("văn bản")
    filed = archive.add(source, DocumentInfo("Quyết định", number, symbol, date=DAY, summary=summary))
    path = Path(filed.path)
    assert path.read_text() == "văn bản" and path.is_relative_to(archive.root / "2026" / "Quyết định")
    [hit] = archive.find(Query(number)).hits
    assert (hit.document.symbol, hit.document.summary) == (symbol, summary), "only the name was made safe"
    index, store = archive.indexed()
    with store.write() as connection:
        index.drop_empty(connection, index.forget(connection, [path.relative_to(archive.root).as_posix()]))
    (taken,) = take_in(archive, lambda path: [])
    assert taken.taking is Taking.ENTERED and taken.copy is not None and taken.copy.path == filed.path
    (found,) = Health(archive, lambda copy: Judged("unsigned")).check()
    assert found.state is State.WHOLE


@pytest.mark.parametrize("spell", [str.upper, lambda name: unicodedata.normalize("NFD", name)], ids=["case", "NFD"])
def test_a_file_renamed_to_another_spelling_of_its_name_is_no_double(archive: Archive, tmp_path: Path, spell) -> None:  # type: ignore[no-untyped-def]
    """Where case or composition does not count, both names open the one file, as two links to it do here."""
    source = tmp_path / "a.txt"
    source.write_text("văn bản")
    filed = archive.add(source, DocumentInfo("Quyết định", "12", "QĐ-UBND", date=DAY, summary="Về việc rà soát"))
    path = Path(filed.path)
    other = path.with_name(spell(path.stem) + path.suffix)
    os.link(path, other)
    assert {taken.taking for taken in take_in(archive, lambda path: [])} <= {Taking.MOVED}
    [hit] = archive.find(Query("ra soat")).hits
    assert [copy.id for copy in hit.document.copies] == [filed.id], "still one copy"
    assert Path(hit.document.copies[0].path).samefile(path)
