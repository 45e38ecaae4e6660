"""Word files turned into PDF by LibreOffice say the same as before."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from app.documents.reading import read
from tests.unit.office_pages import Page, word


def test_fields_survive_the_way_through_libreoffice(tmp_path: Path) -> None:
    pages = {
        "decision": Page(agency=("SỞ NỘI VỤ",)),
        "letter": Page(
            agency=("SỞ NỘI VỤ",),
            number="Số:      /SNV-VP",
            about=("V/v rà soát thiết bị", "lưu khóa bí mật"),
            kind="",
            summary=(),
            body=("Kính gửi: Ủy ban nhân dân các xã.", "Sở Nội vụ đề nghị rà soát."),
            title=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
        ),
        "long": Page(agency=("SỞ NỘI VỤ",), body=("Căn cứ Luật;", *["Điều 1. Nội dung."] * 70)),
    }
    files = [word(page, tmp_path / f"{name}.docx") for name, page in pages.items()]
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            *map(str, files),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    for file in files:
        expected = read(file)
        assert expected.signer_name == "Trần Thị Bích Hạnh" and expected.date is not None and expected.summary
        found = read(file.with_suffix(".pdf"))
        assert replace(found, issuer=None, pages=None) == replace(expected, issuer=None, pages=None), file.name
