"""Names of filed copies."""

from __future__ import annotations

import dataclasses
import datetime as dt
import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.archive import names
from app.archive.layout import Layout, Slot
from app.documents.model import DocumentInfo
from app.settings import ArchiveSettings

ROOT = Path("/kho")
LAYOUT = Layout()
FOLDER = ROOT / "2026" / "Quyết định"


def name(info: DocumentInfo, source: str = "tài liệu.pdf", folder: Path = FOLDER) -> str:
    return LAYOUT.stem(info, Path(source), folder, ".pdf")


def test_the_pattern() -> None:
    info = DocumentInfo("Quyết định", "12", "QĐ-UBND", summary="Về việc phê duyệt kế hoạch")
    assert name(info) == "12_QĐ-UBND_phê-duyệt-kế-hoạch"
    assert LAYOUT.folder(ROOT, info, 2026, False) == FOLDER


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ("V/v: nâng bậc lương năm 2026", "nâng-bậc-lương-năm-2026"),
        ("Thực hiện Nghị định 30/2020/NĐ-CP", "thực-hiện-nghị-định-30-2020-nđ-cp"),
        ("Về công tác phòng, chống lụt bão", "về-công-tác-phòng-chống-lụt-bão"),
        (unicodedata.normalize("NFD", "Về việc ấn định"), "ấn-định"),
        ("", ""),
        ("…", ""),
    ],
)
def test_summaries(summary: str, words: str) -> None:
    assert name(DocumentInfo(number="05", summary=summary)) == "_".join(filter(None, ["05", words]))


def test_long_summaries_end_at_a_word() -> None:
    stem = name(DocumentInfo(number="1", symbol="QĐ", summary="kế hoạch " * 60))
    assert stem.endswith(("-kế", "-hoạch")) and len(stem) < 90


def test_without_a_number_the_source_gives_the_name() -> None:
    info = DocumentInfo("Quyết định", None, "QĐ-UBND", summary="Về việc khen thưởng")
    assert name(info, "Dự thảo: lần 2?.pdf") == "Dự thảo- lần 2-"[:-1]


@pytest.mark.parametrize(
    ("given_type", "folder"),
    [
        (None, "Khác"),
        ("", "Khác"),
        ("QUYẾT ĐỊNH", "Quyết định"),
        ("Giấy ủy quyền", "Giấy uỷ quyền"),
        ("../../etc", "etc"),
        ("a/b\\c", "a-b-c"),
        ("..", "Khác"),
        ("nul", "_nul"),
        ("Lịch công tác", "Lịch làm việc"),
        ("Biểu đồ", "Biểu đồ"),
    ],
)
def test_folders(given_type: str | None, folder: str) -> None:
    assert LAYOUT.folder(ROOT, DocumentInfo(given_type), 2026, False) == ROOT / "2026" / folder


@pytest.mark.parametrize("reserved", ["CON", "nul", "Com1", "LPT9", "aux.2", "COM²", "CONIN$"])
def test_names_that_windows_keeps_for_itself(reserved: str) -> None:
    assert name(DocumentInfo(), f"{reserved}.pdf").startswith("_")


def test_a_deep_archive_shortens_names() -> None:
    deep = Path("/" + "thư mục/" * 20 + "2026/Quyết định")
    stem = name(DocumentInfo(number="12", symbol="QĐ-UBND", summary="kế hoạch " * 20), folder=deep)
    assert len(str(deep)) + 1 + len(stem) + len(".pdf") <= 259 and stem.startswith("12_QĐ-UBND_kế")


texts = st.one_of(st.none(), st.text(max_size=400), st.text("CONAUX.… -_/\\:?ĐđẾế\u0301\u202e\ud800", max_size=400))


@settings(max_examples=500)
@given(texts, texts, texts, texts, st.text(min_size=1, max_size=80))
def test_every_name_is_good_on_every_system(
    type_: str | None, number: str | None, symbol: str | None, summary: str | None, source: str
) -> None:
    info = DocumentInfo(type_, number, symbol, summary=summary)
    folder = LAYOUT.folder(ROOT, info, 2026, False)
    stem = LAYOUT.stem(info, Path(source.replace("\0", "")), folder, ".pdf")
    for part in (folder.name, names.numbered(stem, 9999, ".pdf")):
        assert part and part == unicodedata.normalize("NFC", part)
        assert not set(part) & set('<>:"/\\|?*')
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") or letter in "\u202e\u200f" for letter in part)
        assert part[0] != "." and part[-1] not in ". "
        assert len(part.encode("utf-8")) <= 255
        assert part.partition(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}
    assert folder.parent == ROOT / "2026"
    assert len(f"{folder}/{stem} (9999).pdf".encode("utf-16-le")) // 2 <= 259


@pytest.mark.parametrize(
    ("issued", "received", "path", "slot"),
    [
        ("{year}/{type}", "Văn bản đến/{year}/{type}", "2026/Quyết định/a.pdf", Slot(False, 2026, "Quyết định")),
        ("{year}/{type}", "Văn bản đến/{year}/{type}", "Văn bản đến/2026/Khác/a.pdf", Slot(True, 2026, "Khác")),
        ("{year}/{type}", "Văn bản đến/{year}/{type}", "Linh tinh/a.pdf", None),
        ("Đi/{year}/{month}/{type}", "Đến {year}/{type}", "Đi/2026/11/Khác/a.pdf", Slot(False, 2026, "Khác")),
        ("Đi/{year}/{month}/{type}", "Đến {year}/{type}", "Đi/2026/Khác/a.pdf", Slot(False, 2026, "Khác")),
    ],
)
def test_an_offices_own_layout(issued: str, received: str, path: str, slot: Slot | None) -> None:
    layout = Layout(ArchiveSettings(issued=issued, received=received))
    assert layout.slot(PurePosixPath(path)) == slot
    for incoming in (False, True):
        folder = layout.folder(ROOT, DocumentInfo("Báo cáo", date=dt.date(2026, 11, 5)), 2026, incoming)
        assert layout.slot(PurePosixPath(folder.relative_to(ROOT).as_posix()) / "a.pdf") == Slot(
            incoming, 2026, "Báo cáo"
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"issued": "{year}"},
        {"issued": "{year}/{type}/{secret}"},
        {"issued": "/{year}/{type}"},
        {"issued": "../{year}/{type}"},
        {"issued": "{year}/{type!r}"},
        {"issued": "C:/{year}/{type}"},
        {"name": ""},
        {"name": "{number}/{symbol}"},
        {"name": "{info.number}"},
        {"received": "{year}/{type}"},
    ],
)
def test_templates_that_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"`|folders"):
        ArchiveSettings(**wrong)


@pytest.mark.parametrize(
    ("issued", "received"),
    [
        ("{year}/{type}", "{year}/{issuer}/{type}"),
        ("{year}/{type}", "{issuer}/{year}/{type}"),
        ("Đi -- {year}/{type}.", "Đến/{year}/{type} {year}"),
        ("CON/{year}/Tháng {month}/{type}", "{year}{month}/{type}"),
    ],
)
def test_a_folder_says_what_was_filed_in_it(issued: str, received: str, tmp_path: Path) -> None:
    """Of any template: an index made anew depends on it."""
    layout = Layout(ArchiveSettings(issued=issued, received=received))
    known = DocumentInfo("Quyết định", issuer="Sở Nội vụ", date=dt.date(2026, 3, 4))
    for incoming, info in ((False, known), (True, known), (False, dataclasses.replace(known, issuer=None, date=None))):
        folder = layout.folder(tmp_path, info, 2026, incoming).relative_to(tmp_path)
        for spelled in ("NFC", "NFD"):  # as some file systems give names back
            path = PurePosixPath(unicodedata.normalize(spelled, folder.as_posix())) / "a.pdf"  # type: ignore[arg-type]
            assert layout.slot(path) == Slot(incoming, 2026, "Quyết định")
