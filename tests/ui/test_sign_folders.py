"""What is taken out of folders that are dropped to be signed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.i18n import _
from tests.ui.person import Person
from ui.pages import sign_folders
from ui.pages.sign_folders import collect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/d/4.docx", "b/3.pdf", "1.PDF", "2.xlsx", ".ẩn/5.pdf", "b/~$3.docx", "b/.6.pdf", "b/ảnh.tiff"):
        path = tmp_path / "hồ sơ" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-1.7")
    return tmp_path / "hồ sơ"


def _names(folder: Path, files: list[Path]) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


def test_documents_of_sub_folders_are_taken_and_hidden_ones_and_locks_are_not(folder: Path) -> None:
    found = collect([folder])
    assert _names(folder, found.files) == ["1.PDF", "2.xlsx", "b/3.pdf", "b/d/4.docx"]
    assert found.left_out == 1
    assert not found.cut


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "khác"
    other.mkdir()
    (other / "9.pdf").write_bytes(b"%PDF-1.7")
    (folder / "liên kết").symlink_to(other)
    (folder / "vòng").symlink_to(folder)
    (folder / "9.pdf").symlink_to(other / "9.pdf")
    assert _names(folder, collect([folder]).files) == ["1.PDF", "2.xlsx", "b/3.pdf", "b/d/4.docx"]


def test_no_more_is_taken_than_can_be_handled_and_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_folders, "MOST_DOCUMENTS", 2)
    found = collect([folder])
    assert _names(folder, found.files) == ["1.PDF", "2.xlsx"]
    assert found.cut
    told = _("The folder holds very much; only the first {n} documents were taken.").format(n=2)
    assert list(found.sentences) == [told]


def test_a_walk_can_be_given_up(folder: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    assert collect([folder], cancelled).files == []


def test_a_folder_without_documents_is_told_on_the_empty_page(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "ảnh"
    (folder / "sâu").mkdir(parents=True)
    (folder / "sâu" / "a.tiff").write_bytes(b"II*\0")
    person.window.show_page("sign")
    person.drops(folder)
    person.waits_until(person.signing.told.isVisible)
    assert person.signing.told.whole_text().startswith("1 ")
    assert person.signing.files() == []


def test_an_empty_folder_is_told_and_stays_not_in_the_list(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "trống"
    folder.mkdir()
    person.window.show_page("sign")
    person.drops(folder)
    assert person.signing.files() == [folder]
    person.waits_until(person.signing.told.isVisible)
    told = _("There are no documents in the folder {path}.").format(path=folder)
    assert person.signing.told.whole_text().startswith(told)
    assert person.signing.files() == []


def test_what_a_folder_holds_stands_where_it_stood(person: Person, folder: Path, documents: dict[str, Path]) -> None:
    first, last = documents["xlsx"], documents["thong_bao_pdf"]
    person.window.show_page("sign")
    person.drops(first, folder, last)
    person.signing.list.choose_row(1)
    person.waits_until(lambda: len(person.signing.files()) == 6)
    inside = [folder / name for name in ("1.PDF", "2.xlsx", "b/3.pdf", "b/d/4.docx")]
    assert person.signing.files() == [first, *inside, last]
    current = person.signing.list.current
    assert current is not None and current.path == inside[0]
