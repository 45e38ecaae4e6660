"""Finding the blanks that a document leaves for its number and date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from app.documents.blanks import Word, find
from app.documents.reading import read_with_places
from tests.demo import samples, texts

ROOM = "\u00a0" * 8


def page(
    tmp_path: Path, symbol: str = f"{ROOM}/QĐ-UBND", date: str = f"Phong Điền, ngày{ROOM}tháng{ROOM}năm 2026"
) -> Path:
    path = tmp_path / "vb.pdf"
    path.write_bytes(samples.pdf(replace(texts.DECISION, symbol=symbol, place_and_date=date)))
    return path


def letters_between(path: Path, left: float, right: float, baseline: float) -> str:
    text = pypdfium2.PdfDocument(path)[0].get_textpage()
    return text.get_text_bounded(left, baseline - 3, right, baseline + 10).strip("\u00a0 \r\n")


def test_blanks_lie_between_the_words_beside_them_and_hold_nothing(tmp_path):
    path = page(tmp_path)
    blanks = read_with_places(path).blanks
    for blank in (blanks.number, blanks.day, blanks.month):
        assert blank is not None
        assert blank.page == 0
        assert blank.right - blank.left > 13
        assert letters_between(path, blank.left, blank.right, blank.baseline) == ""
    assert letters_between(path, blanks.number.left - 28, blanks.number.right + 70, blanks.number.baseline).startswith(
        "Số:"
    )
    assert blanks.year is None


@pytest.mark.parametrize(
    ("symbol", "date"),
    [
        ("12/QĐ-UBND", "Phong Điền, ngày 12 tháng 11 năm 2026"),
        ("/QĐ-UBND", "Phong Điền, ngày tháng năm 2026"),
    ],
    ids=["written", "no room"],
)
def test_what_is_written_or_has_no_room_is_no_blank(tmp_path, symbol, date):
    assert not read_with_places(page(tmp_path, symbol, date)).blanks


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (f"Phong Điền, ngày{ROOM}tháng{ROOM}năm 2026", (None, 2026)),
        (f"Phong Điền, ngày{ROOM}tháng 11 năm 2026.", (11, 2026)),
        (f"Phong Điền, ngày……tháng 02 năm{ROOM}", (2, None)),
        (f"Phong Điền, ngày{ROOM}tháng{ROOM}năm", (None, None)),
        ("Phong Điền, ngày 12 tháng 11 năm 2026", (None, None)),
    ],
)
def test_what_is_printed_beside_the_blanks_of_a_date(tmp_path, date, expected):
    blanks = read_with_places(page(tmp_path, date=date)).blanks
    assert (blanks.printed_month, blanks.printed_year) == expected


def test_a_year_left_open_has_room_at_the_end_of_the_line(tmp_path):
    blanks = read_with_places(page(tmp_path, date=f"Phong Điền, ngày{ROOM}tháng{ROOM}năm")).blanks
    assert blanks.year is not None
    assert blanks.year.right - blanks.year.left == pytest.approx(30, abs=0.5)


def test_dots_are_written_over(tmp_path):
    blanks = read_with_places(page(tmp_path, f"{'.' * 8}/QĐ-UBND", f"Phong Điền, ngày{'.' * 8}tháng……năm 2026")).blanks
    assert blanks.number and blanks.day and blanks.month


def test_a_date_in_a_sentence_is_none(tmp_path):
    words = [
        Word(text, left, left + 30, 700, 13, position)
        for position, (text, left) in enumerate([("ngày", 100), ("16", 133), ("tháng", 150), ("làm", 190)])
    ]
    assert find(words) == {}
