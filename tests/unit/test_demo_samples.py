"""The sample documents: deterministic, set in their own fonts, and saying what they should."""

from __future__ import annotations

import datetime as dt
import subprocess
import zipfile
from pathlib import Path

import pytest

from app.documents.reading import read
from tests.demo import samples as made
from tests.demo import texts

_EXPECTED = {
    "quyet_dinh": ("Quyết định", texts.DECISION),
    "cong_van": ("Công văn", texts.LETTER),
    "to_trinh": ("Tờ trình", texts.SUBMISSION),
    "thong_bao": ("Thông báo", texts.NOTICE),
}


def test_the_same_sources_give_the_same_bytes(samples: dict[str, Path], tmp_path: Path) -> None:
    again = made.build(tmp_path)
    assert {name: path.read_bytes() for name, path in again.items()} == {
        name: path.read_bytes() for name, path in samples.items()
    }
    stamp = again["xlsx"].stat().st_mtime_ns
    assert made.build(tmp_path)["xlsx"].stat().st_mtime_ns == stamp, "written a second time without need"


@pytest.mark.parametrize("name", [name for name in made.FILES if name.endswith("_pdf")])
def test_pdf_fonts_are_embedded(samples: dict[str, Path], name: str) -> None:
    """pdffonts tells of each font whether it is embedded; Tinos is metrically Times New Roman."""
    told = subprocess.run(["pdffonts", samples[name]], capture_output=True, text=True, check=True, timeout=20).stdout
    fonts = told.splitlines()[2:]
    assert fonts
    for font in fonts:
        assert "Tinos" in font
        assert font.split()[-5] == "yes", font
    read_back = subprocess.run(
        ["pdftotext", samples[name], "-"], capture_output=True, text=True, check=True, timeout=20
    )
    for phrase in (*texts.MOTTO, texts.PLACE_AND_DATE, *texts.SIGNATURE_BLOCK):
        assert phrase in read_back.stdout


@pytest.mark.parametrize("name", [name for name in made.FILES if "_" in name])
def test_documents_are_read_as_written(samples: dict[str, Path], name: str) -> None:
    kind, document = _EXPECTED[name.rpartition("_")[0]]
    info = read(samples[name])
    number, _, symbol = document.symbol.partition("/")
    assert (info.type, info.number, info.symbol, info.date) == (kind, number, symbol, dt.date(2026, 11, 12))
    assert info.summary == document.summary.removeprefix("V/v ")
    assert info.signer_name == texts.LEADER
    assert info.secrecy is None


@pytest.mark.parametrize(
    ("name", "symbol", "summary"),
    [
        ("xlsx", texts.STATISTICS_SYMBOL, texts.STATISTICS_SUMMARY),
        ("pptx", texts.SLIDES_SYMBOL, texts.SLIDES_SUMMARY),
    ],
)
def test_reports_are_read_as_written(samples: dict[str, Path], name: str, symbol: str, summary: str) -> None:
    info = read(samples[name])
    assert f"{info.number}/{info.symbol}" == symbol
    assert (info.type, info.summary, info.date) == ("Báo cáo", summary, dt.date(2026, 11, 12))


@pytest.mark.parametrize("name", [name for name in made.FILES if not name.endswith("pdf")])
def test_packages_bear_the_date_of_issue(samples: dict[str, Path], name: str) -> None:
    with zipfile.ZipFile(samples[name]) as package:
        assert {info.date_time for info in package.infolist()} == {(2026, 11, 12, 0, 0, 0)}
        assert b"2026-11-12T00:00:00Z" in package.read("docProps/core.xml")
