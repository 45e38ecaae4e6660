"""ZIPs of documents, walked as folders are: what is walked, what is refused, what is left behind."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.documents.zip_errors import ArchiveRejected
from app.office import Office
from app.settings import Settings
from app.verification import bundle
from app.verification.bundle import Bundles, Member, rejected
from app.verification.model import Conclusion, FileReport
from tests.unit.trust_material import CmsMaker, pki


class Reader:
    """Stands where the verifier stands and keeps what it was given to read."""

    def __init__(self) -> None:
        self.seen: list[tuple[Path, bytes]] = []

    def verify(self, path: Path, *, at: dt.datetime | None = None) -> FileReport:
        self.seen.append((path, path.read_bytes()))
        return FileReport(str(path), "00", "pdf", Conclusion.UNSIGNED, "", "", [], [], 0.0)


@pytest.fixture
def bundles() -> Iterator[Bundles]:
    with Bundles() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _zip(path: Path, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def _names(bundles: Bundles, path: Path) -> list[str]:
    return [member.name for member in bundles.members(path)]


def test_members_are_read_one_by_one_and_leave_nothing(bundles: Bundles, tmp_path: Path, _temporary: Path) -> None:
    entries = [("Quyết định.pdf", b"mot"), ("thu-muc/", b""), ("thu-muc/van-ban.docx", b"hai" * 100_000)]
    path = _zip(tmp_path / "ho-so.zip", *entries)
    found, reader = bundles.members(path), Reader()
    assert [str(member) for member in found] == [f"{path}/Quyết định.pdf", f"{path}/thu-muc/van-ban.docx"]
    reports = [bundles.verify(reader, member) for member in found]  # type: ignore[arg-type]
    assert [report.path for report in reports] == [str(member) for member in found]
    assert [content for _, content in reader.seen] == [b"mot", b"hai" * 100_000]
    assert [place.suffix for place, _ in reader.seen] == [".pdf", ".docx"]
    assert all(_temporary in place.parents for place, _ in reader.seen)
    assert list(_temporary.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["[Content_Types].xml", "[content_types].XML", "mimetype", "META-INF/manifest.xml", "meta-inf/signatures.xml"],
)
def test_what_looks_like_a_document_is_not_walked(bundles: Bundles, tmp_path: Path, name: str) -> None:
    """It is for the verifier of its format: walked as a folder, a forged document would seem to be fine parts."""
    assert _names(bundles, _zip(tmp_path / "a.zip", ("van-ban.pdf", b"%PDF-1.7"), (name, b"<x/>"))) == []


def test_what_is_no_zip_is_not_walked(bundles: Bundles, samples: dict[str, Path], tmp_path: Path) -> None:
    for path in (samples["cong_van_pdf"], samples["quyet_dinh_docx"], tmp_path / "khong-co.zip"):
        assert bundles.members(path) == []
    (tmp_path / "rong.zip").write_bytes(b"")
    assert bundles.members(tmp_path / "rong.zip") == []
    assert bundles.members(_zip(tmp_path / "khong-tep.zip")) == []


def _duplicate(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("a.pdf", b"mot")
        archive.writestr("a.pdf", b"hai")


def _hidden(path: Path) -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    for stream, content in ((inner, b"mot"), (outer, b"hai")):
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.pdf", content)
    path.write_bytes(outer.getvalue() + inner.getvalue())


def _outside(path: Path) -> None:
    _zip(path, ("../../a.pdf", b"mot"))


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.pdf", "w") as out,
    ):
        for _ in range(600):
            out.write(bytes(1 << 20))


@pytest.mark.parametrize("make", [_duplicate, _hidden, _outside, _bomb])
def test_a_zip_that_programs_read_differently_is_refused(bundles: Bundles, tmp_path: Path, make: Any) -> None:
    path = tmp_path / "ho-so.zip"
    make(path)
    with pytest.raises(ArchiveRejected) as caught:
        bundles.members(path)
    report = rejected(path, caught.value)
    assert (report.conclusion, report.path) == (Conclusion.UNREADABLE, str(path))
    assert report.reasons[0].code == caught.value.code
    assert report.summary
    assert report.next_step


def test_a_damaged_member_is_told_and_the_others_are_read(bundles: Bundles, tmp_path: Path, _temporary: Path) -> None:
    path = _zip(tmp_path / "ho-so.zip", ("a.pdf", b"mot" * 9), ("b.pdf", b"hai" * 9), method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"motmot", b"motmat", 1))
    reader = Reader()
    damaged, sound = [bundles.verify(reader, member) for member in bundles.members(path)]  # type: ignore[arg-type]
    assert (damaged.conclusion, damaged.reasons[0].code) == (Conclusion.UNREADABLE, "zip-data-damaged")
    assert damaged.path == f"{path}/a.pdf"
    assert sound.conclusion is Conclusion.UNSIGNED
    assert len(reader.seen) == 1
    assert list(_temporary.iterdir()) == []


def test_a_member_too_large_is_not_unpacked(bundles: Bundles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_MEMBER", 1000)
    (member,) = bundles.members(_zip(tmp_path / "ho-so.zip", ("a.pdf", bytes(1001))))
    reader = Reader()
    assert bundles.verify(reader, member).reasons[0].code == "zip-too-large"  # type: ignore[arg-type]
    assert reader.seen == []


class Neighbours(Reader):
    """:ivar lying: names in the folder of each file given."""

    def __init__(self) -> None:
        super().__init__()
        self.lying: list[list[str]] = []

    def verify(self, path: Path, *, at: dt.datetime | None = None) -> FileReport:
        self.lying.append(sorted(place.name for place in path.parent.iterdir()))
        return super().verify(path, at=at)


@pytest.mark.parametrize(
    ("signed", "lying"),
    [
        ("công văn số 5.pdf", ["công văn số 5.pdf", "công văn số 5.pdf.p7s"]),
        ("đợt 1/bản vẽ.dwg", ["bản vẽ.dwg", "bản vẽ.dwg.p7s"]),
        ("con.pdf", ["document.pdf", "document.pdf.p7s"]),
        ("a\u202egpj.pdf", ["document.pdf", "document.pdf.p7s"]),
        ("x" * 200 + ".pdf", ["document.pdf", "document.pdf.p7s"]),
    ],
)
def test_what_a_signature_file_signs_lies_beside_it(
    bundles: Bundles, tmp_path: Path, _temporary: Path, signed: str, lying: list[str]
) -> None:
    path = _zip(tmp_path / "ho-so.zip", (signed, b"mot"), (f"{signed}.p7s", b"hai"), ("khac/khac.p7s", b"ba"))
    reader = Neighbours()
    reports = [bundles.verify(reader, member) for member in bundles.members(path)]  # type: ignore[arg-type]
    assert reports[1].path == f"{path}/{signed}.p7s"
    assert reader.lying == [[f"document{Path(signed).suffix}"], lying, ["document.p7s"]]
    assert [content for _, content in reader.seen] == [b"mot", b"hai", b"ba"]
    assert list(_temporary.iterdir()) == []


def test_a_detached_signature_in_a_zip_is_checked_over_its_document(
    bundles: Bundles, tmp_path: Path, offline_settings: Settings
) -> None:
    signature = CmsMaker(pki().person, content=b"van ban", attached=False).make()
    true = _zip(tmp_path / "that.zip", ("a.txt", b"van ban"), ("a.txt.p7s", signature))
    forged = _zip(tmp_path / "gia.zip", ("a.txt", b"van  ban"), ("a.txt.p7s", signature))
    with Office(offline_settings) as office:
        found = [
            bundles.verify(office.verifier, Member(path, "a.txt.p7s")).signatures[0].integrity
            for path in (true, forged)
        ]
    assert [str(integrity) for integrity in found] == ["intact", "broken"]


def test_a_zip_exchanged_in_the_meantime_is_looked_at_anew(bundles: Bundles, tmp_path: Path) -> None:
    path = _zip(tmp_path / "ho-so.zip", ("a.pdf", b"mot"))
    (member,) = bundles.members(path)
    _zip(path, ("b.pdf", b"hai hai"))
    reader = Reader()
    assert bundles.verify(reader, member).reasons[0].code == "file-missing"  # type: ignore[arg-type]
    assert _names(bundles, path) == ["b.pdf"]
    path.unlink()
    assert bundles.verify(reader, Member(path, "b.pdf")).reasons[0].code == "file-missing"  # type: ignore[arg-type]


def test_thousands_of_members_cost_one_look_at_the_structure(
    bundles: Bundles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _zip(tmp_path / "ho-so.zip", *((f"{number}.pdf", b"x") for number in range(2000)))
    opened = []
    real = bundle.StrictZip
    monkeypatch.setattr(bundle, "StrictZip", lambda path: opened.append(path) or real(path))
    reader = Reader()
    for member in bundles.members(path):
        bundles.verify(reader, member)  # type: ignore[arg-type]
    assert len(reader.seen) == 2000
    assert opened == [path]


@pytest.mark.parametrize("name", ["a.pdf;rm", "a." + "x" * 300, "a.p\u202edf", "a"])
def test_no_name_of_a_zip_reaches_the_disk(bundles: Bundles, tmp_path: Path, name: str) -> None:
    (member,) = bundles.members(_zip(tmp_path / "ho-so.zip", (name, b"mot")))
    reader = Reader()
    report = bundles.verify(reader, member)  # type: ignore[arg-type]
    assert reader.seen[0][0].name == "document"
    assert report.path.endswith(name)
    assert msgspec.json.encode(report)
