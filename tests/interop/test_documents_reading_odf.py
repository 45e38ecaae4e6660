"""An OpenDocument file, as LibreOffice writes it, says of itself what the Word file says that it was made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.documents.reading import read, read_with_places
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.e2e.command import Antin
from tests.interop import libreoffice
from tests.xml_signing import altered, write_odt


@pytest.mark.parametrize("sample", ["quyet_dinh_docx", "cong_van_docx"])
def test_read_alike(samples: dict[str, Path], pki: Pki, tmp_path: Path, sample: str) -> None:
    authorities = pki.certificate("root"), pki.certificate("issuing")
    converted = tmp_path / "a.odt"
    libreoffice.running(authorities).store(samples[sample], converted, "writer8")
    told, said = read_with_places(converted), read_with_places(samples[sample])
    assert told.info == said.info
    assert said.signature is not None
    assert told.signature is not None
    assert told.signature.name is not None


def test_a_mark_of_secrecy_is_seen_and_such_a_document_is_not_signed(
    data_dir: Path, office: DemoOffice, tmp_path: Path
) -> None:
    marked = altered(
        write_odt(tmp_path / "plain.odt", "Kế hoạch"),
        tmp_path / "a.odt",
        {"content.xml": lambda content: content.replace(b"<text:p>", "<text:p>MẬT</text:p><text:p>".encode(), 1)},
    )
    assert read(marked).secrecy == "Mật"
    assert read(write_odt(tmp_path / "b.odt", "Bảo mật thông tin")).secrecy is None
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    token = office.tokens["leader"]
    words = ("sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", tmp_path / "out", marked)
    answer = Antin(data_dir)(*words, stdin=token.pin)
    assert [row["error"]["code"] for row in answer.rows] == ["secret-document"]
