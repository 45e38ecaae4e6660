"""The one walk of folders and ZIPs: what is a document, what is told, what must not hang or loop."""

from __future__ import annotations

import os
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from app.verification import walk as module
from app.verification.bundle import Member
from app.verification.model import Conclusion, FileReport
from app.verification.walk import LeftOut, is_document, walk


def _names(*paths: Path, base: Path) -> list[str]:
    return [str(target).removeprefix(f"{base}/") for target in walk(paths) if not isinstance(target, FileReport)]


def _reports(*paths: Path) -> list[FileReport]:
    return [target for target in walk(paths) if isinstance(target, FileReport)]


def _zip(path: Path, *members: str | Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            if isinstance(member, Path):
                archive.write(member, member.name)
            else:
                archive.writestr(member, member)
    return path


def test_documents_come_in_the_order_of_paths(tmp_path: Path) -> None:
    for name in (
        "b.pdf",
        "a.DOCX",
        "ghi chú.txt",
        "~$a.docx",
        ".ẩn.pdf",
        "x/c.xml",
        "x/y/d.p7s",
        ".git/e.pdf",
        "a/f.doc",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert _names(tmp_path, base=tmp_path) == ["a.DOCX", "a/f.doc", "b.pdf", "x/c.xml", "x/y/d.p7s"]


def test_what_is_left_out_is_told_but_for_what_programs_keep_for_themselves(tmp_path: Path) -> None:
    for name in ("a.pdf", "thư.eml", "b/c.rar", ".ẩn.txt", "~$a.docx", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    _zip(tmp_path / "c.zip", "d.pdf", "ảnh.png", "__MACOSX/e.txt", ".f/g.txt")
    left_out = LeftOut()
    assert len(list(walk([tmp_path], left_out=left_out))) == 2
    assert (left_out.count, sorted(left_out.names)) == (3, ["c.rar", "thư.eml", "ảnh.png"])
    for number in range(20):
        (tmp_path / f"{number}.txt").touch()
    left_out = LeftOut()
    list(walk([tmp_path], left_out=left_out))
    assert (left_out.count, len(left_out.names)) == (23, LeftOut.MOST_NAMES)


def test_what_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    named = [tmp_path / ".ẩn", tmp_path / "không có.txt"]
    assert list(walk(named)) == named


def test_links_pipes_and_sockets_neither_loop_nor_hang(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "thật.pdf").touch()
    (folder / "vòng").symlink_to(tmp_path)
    (folder / "vòng.pdf").symlink_to(folder)
    (folder / "chính nó.pdf").symlink_to(folder / "chính nó.pdf")
    (folder / "đâu.pdf").symlink_to(tmp_path / "không có")
    (folder / "khác.pdf").symlink_to(folder / "thật.pdf")
    os.mkfifo(folder / "ống.pdf")
    os.mkfifo(folder / "ống.zip")
    found = _names(tmp_path, base=folder)
    assert sorted(found) == ["chính nó.pdf", "khác.pdf", "thật.pdf", "đâu.pdf", "ống.pdf", "ống.zip"]


def test_a_folder_named_as_a_document_is_walked(tmp_path: Path) -> None:
    (tmp_path / "hồ sơ.pdf").mkdir()
    (tmp_path / "hồ sơ.pdf" / "a.pdf").touch()
    assert _names(tmp_path, base=tmp_path) == ["hồ sơ.pdf/a.pdf"]


def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root opens every folder; a name too long for the system stands for one that it keeps closed."""
    (tmp_path / "a.pdf").touch()
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        Path("d" * 250).mkdir()
        os.chdir("d" * 250)
    assert _names(tmp_path, base=tmp_path) == ["a.pdf"]
    (told,) = _reports(tmp_path)
    assert (told.conclusion, told.reasons[0].code) == (Conclusion.UNREADABLE, "folder-not-readable")
    assert told.path.startswith(str(tmp_path))


def test_folders_deeper_than_calls_may_nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = sys.getrecursionlimit() + 100
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.pdf").touch()
    try:
        assert _names(tmp_path, base=tmp_path) == ["d/" * depth + "a.pdf"]
    finally:
        Path("a.pdf").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()


def test_zips_inside_zips_are_walked_to_a_depth(tmp_path: Path) -> None:
    place = _zip(tmp_path / "4.zip", "sâu nhất.pdf")
    for number in (3, 2, 1):
        place = _zip(tmp_path / f"{number}.zip", place, f"văn bản {number}.pdf", "~$khóa.docx", "ghi chú.txt")
    assert _names(place, base=tmp_path) == [
        "1.zip/2.zip/3.zip/4.zip",
        "1.zip/2.zip/3.zip/văn bản 3.pdf",
        "1.zip/2.zip/văn bản 2.pdf",
        "1.zip/văn bản 1.pdf",
    ]
    member = next(iter(walk([place])))
    assert isinstance(member, Member)
    assert member.places == (place, ["2.zip", "3.zip", "4.zip"])
    assert Member.at(*member.places) == member
    assert Member.at(place, []) == place


def test_a_damaged_zip_inside_a_zip_is_told_and_the_rest_is_walked(tmp_path: Path) -> None:
    (tmp_path / "hỏng.zip").write_bytes(b"PK\x03\x04" + b"\x07" * 500)
    outer = _zip(tmp_path / "ngoài.zip", tmp_path / "hỏng.zip", "a.pdf")
    assert _names(outer, base=tmp_path) == ["ngoài.zip/a.pdf"]
    (told,) = _reports(outer)
    assert (told.path, told.conclusion) == (f"{outer}/hỏng.zip", Conclusion.UNREADABLE)


def test_a_zip_without_end_is_cut_off_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DOCUMENTS", 3)
    inner = _zip(tmp_path / "trong.zip", "a.pdf", "b.pdf", "c.pdf")
    outer = _zip(tmp_path / "ngoài.zip", inner, "d.pdf")
    whole = _zip(tmp_path / "vừa.zip", "a.pdf", "b.pdf", "c.pdf")
    assert len(_names(outer, whole, base=tmp_path)) == 6
    (told,) = _reports(outer, whole)
    assert (told.path, told.reasons[0].code) == (str(outer), "zip-too-many-documents")


def test_a_zip_of_no_documents_stands_for_itself(tmp_path: Path) -> None:
    path = _zip(tmp_path / "ảnh.zip", "a.jpg")
    assert list(walk([path])) == [path]


def test_a_walk_that_is_cancelled_ends(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.pdf").touch()
    cancelled = threading.Event()
    found = walk([tmp_path], cancelled=cancelled)
    next(found)
    cancelled.set()
    assert list(found) == []


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a/b/c.PDF", True),
        ("a/.b/c.pdf", False),
        ("__MACOSX/a.pdf", False),
        ("a/__MACOSX.pdf", True),
        ("~$a.docx", False),
        ("a", False),
        (".pdf", False),
        ("a.pdf/b", False),
    ],
)
def test_names_of_documents(name: str, is_one: bool) -> None:
    assert is_document(name) is is_one
