"""The table of a run's results."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from app.errors import ErrorInfo, TargetNotWritable
from app.signing.model import Act, Filed, Level, SignResult, Status
from app.signing.summary import write_summary

RESULTS = [
    SignResult(
        "/a/quyết định.pdf",
        "/kho/12.pdf",
        "pdf",
        Status.SIGNED,
        Act.APPROVE,
        "Nguyễn Văn An",
        Level.T,
        Level.B,
        "ab" * 32,
        1.0,
        0.5,
        filed=Filed(2026, "Quyết định", "/kho/12.pdf"),
        warnings=[ErrorInfo("timestamp-unavailable", "Không có dấu thời gian", "")],
    ),
    SignResult(
        "=cmd|'/c'!A1",
        None,
        "pdf",
        Status.FAILED,
        Act.ISSUE,
        "",
        Level.B,
        None,
        None,
        0.0,
        0.0,
        error=ErrorInfo("x", "Vì sao\x07", "Làm gì"),
    ),
]


def test_as_a_spreadsheet_every_value_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "bảng.xlsx"
    write_summary(RESULTS, path)
    sheet = openpyxl.load_workbook(path).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(rows) == 2
    assert rows[0][0] == "/a/quyết định.pdf"
    assert "2026 › Quyết định" in rows[0]
    assert rows[1][0] == "=cmd|'/c'!A1"
    assert sheet["A3"].data_type == "s"
    assert rows[1][7] == "Vì sao\ufffd"


def test_as_csv_no_value_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "bảng.csv"
    write_summary(RESULTS, path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heading, first, second = csv.reader(stream)
    assert len(heading) == len(first) == len(second)
    assert first[4] == "B"
    assert second[0] == "'=cmd|'/c'!A1"
    assert [path.name for path in tmp_path.iterdir()] == ["bảng.csv"]


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(TargetNotWritable):
        write_summary(RESULTS, blocked / "bảng.xlsx")
