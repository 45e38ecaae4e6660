"""Preflight through the real command, and what signing makes of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests import preflight_files as files
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.xml_signing import altered, write_odt


def test_found_told_and_repaired(antin: Antin, samples: dict[str, Path], tmp_path: Path) -> None:
    scripted = files.edited_pdf(samples["cong_van_pdf"], tmp_path / "công văn.pdf", files.scripts)
    dated = files.docx_with(samples["quyet_dinh_docx"], tmp_path / "a.docx", files.field(" DATE ", "21/11/2026"))
    sound = samples["to_trinh_pdf"]
    answer = antin("preflight", "--json", "--fix", tmp_path / "out", scripted, dated, sound)
    assert answer.code == 1, answer.err
    rows = answer.rows
    assert [[one["code"] for one in row["findings"]] for row in rows] == [
        ["pdf-actions", "pdf-javascript"],
        ["changing-fields"],
        [],
    ]
    assert [row["severity"] for row in rows] == ["ask", "ask", None]
    assert [row["fixed"] and Path(row["fixed"]).name for row in rows] == ["công văn_dasua.pdf", "a_dasua.docx", None]
    assert antin("preflight", "--json", *(row["fixed"] for row in rows[:2])).code == 0
    shown = antin("preflight", scripted, sound)
    assert "kịch bản" in shown.out
    assert antin("preflight", tmp_path / "missing.pdf").code == 3


def test_signing_tells_what_was_found_and_stops_where_it_must(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    scripted = files.edited_pdf(samples["cong_van_pdf"], tmp_path / "a.pdf", files.scripts)
    dynamic = files.edited_pdf(samples["cong_van_pdf"], tmp_path / "b.pdf", files.dynamic)
    locked = files.encrypted(samples["cong_van_pdf"], tmp_path / "c.pdf", user="x")
    poor = files.scan(tmp_path / "d.pdf", dpi=100)
    sound = Path(shutil.copy(samples["xlsx"], tmp_path / "e.xlsx"))
    entity = b'<!DOCTYPE x [<!ENTITY e "y">]><office:document-content'
    odd = altered(
        write_odt(tmp_path / "f.plain", "Tờ trình"),
        tmp_path / "f.odt",
        {"content.xml": lambda content: content.replace(b"<office:document-content", entity, 1)},
    )
    token = office.tokens["leader"]
    words = ("sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", tmp_path / "out")
    answer = antin(*words, scripted, dynamic, locked, sound, odd, stdin=token.pin)
    rows = sorted(answer.rows, key=lambda row: row["input"])
    assert [row["status"] for row in rows] == ["signed", "failed", "failed", "signed", "failed"], rows
    assert [[one["code"] for one in row["warnings"]] for row in rows] == [
        ["pdf-actions", "pdf-javascript"],
        [],
        [],
        [],
        [],
    ]
    errors = [row["error"]["code"] for row in rows if row["error"]]
    assert errors == ["pdf-dynamic-form", "pdf-encrypted", "stopped-by-preflight"]
    assert "bị hỏng" in rows[4]["error"]["message"]
    assert rows[4]["error"]["hint"].startswith("Mở tệp")
    seal = office.tokens["seal"]
    words = ("sign", "--token", seal.serial, "--pin-file", "-", "--json", "--out", tmp_path / "out")
    (row,) = antin(*words, "--as", "copy", poor, stdin=seal.pin).rows
    assert [one["code"] for one in row["warnings"]] == ["scan-resolution"]
