"""Office documents turned into PDF by the real LibreOffice, and programs that fail."""

from __future__ import annotations

import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import psutil
import pypdfium2
import pytest

from app.conversion import libreoffice
from app.conversion.converter import Converter
from app.conversion.errors import ConversionFailed, FontsReplaced, NoConverter, NotConvertible
from app.documents.reading import read
from app.errors import TargetNotWritable
from app.preflight.check import fonts, preflight, repair
from tests import preflight_files as files
from tests.xml_signing import altered, write_odt


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    made = Converter()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["quyet_dinh_docx", "xlsx", "pptx"])
def test_a_pdf_that_can_be_signed(converter: Converter, samples: dict[str, Path], tmp_path: Path, kind: str) -> None:
    before = samples[kind].read_bytes()
    converted = converter.convert(samples[kind], tmp_path / "văn bản.pdf")
    assert (converted.program, list(converted.notes)) == ("LibreOffice", [])
    assert {finding.code for finding in preflight(converted.path).findings} == {"pdf-a"}
    assert samples[kind].read_bytes() == before
    assert [path.name for path in samples[kind].parent.iterdir() if path.name.startswith(".~lock")] == []
    with pikepdf.open(converted.path) as pdf:
        assert len(pdf.pages) >= 1


def test_what_the_document_says_of_itself_survives(
    converter: Converter, samples: dict[str, Path], tmp_path: Path
) -> None:
    source = samples["quyet_dinh_docx"]
    converted = converter.convert(source, tmp_path / "a.pdf")
    told, said = read(converted.path), read(source)
    assert (told.type, told.number, told.symbol, told.summary, told.signer_name) == (
        said.type,
        said.number,
        said.symbol,
        said.summary,
        said.signer_name,
    )
    assert {name.partition("-")[0] for name in fonts(converted.path)} == {"Tinos"}


def test_fonts_that_are_missing_are_told(converter: Converter, samples: dict[str, Path], tmp_path: Path) -> None:
    run = '<w:r><w:rPr><w:rFonts w:ascii="Không Có Sans" w:hAnsi="Không Có Sans"/></w:rPr><w:t>chữ</w:t></w:r>'
    source = files.docx_with(samples["quyet_dinh_docx"], tmp_path / "a.docx", run)
    (note,) = converter.convert(source, tmp_path / "a.pdf").notes
    assert isinstance(note, FontsReplaced)
    assert "Không Có Sans" in note.message


def test_nothing_is_fetched(converter: Converter, tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: object) -> None:
            pass

    for method in ("HEAD", "OPTIONS", "PROPFIND"):
        setattr(Listener, f"do_{method}", Listener.do_GET)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/a.png"
        picture = (
            '<text:p><draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
            'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" svg:width="3cm" svg:height="3cm">'
            f'<draw:image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{address}" xlink:type="simple" '
            'xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p></office:text>'
        ).encode()
        source = altered(
            write_odt(tmp_path / "plain.odt", "x"),
            tmp_path / "a.odt",
            {"content.xml": lambda content: content.replace(b"</office:text>", picture, 1)},
        )
        converter.convert(source, tmp_path / "a.pdf")
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


def test_a_program_that_hangs_is_ended_with_its_children(samples: dict[str, Path], tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text('#!/bin/sh\nsleep 60 &\necho $! > "$HOME/../child"\nwait\n')
    program.chmod(0o755)
    hanging = libreoffice.LibreOffice(program, patience=1.0)
    started = time.monotonic()
    with pytest.raises(ConversionFailed):
        Converter([hanging]).convert(samples["quyet_dinh_docx"], tmp_path / "a.pdf")
    assert time.monotonic() - started < 30
    home = Path(hanging._home())
    child = int((home.parent / "child").read_text())
    (home.parent / "child").unlink()
    hanging.close()
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert not home.exists()
    assert not (tmp_path / "a.pdf").exists()


def test_what_is_no_document_is_told(converter: Converter, samples: dict[str, Path], tmp_path: Path) -> None:
    plain = tmp_path / "a.txt"
    plain.write_text("x")
    with pytest.raises(NotConvertible):
        converter.convert(plain, tmp_path / "a.pdf")
    with pytest.raises(NoConverter):
        Converter([]).convert(samples["xlsx"], tmp_path / "a.pdf")
    broken = write_odt(tmp_path / "b.odt", "x")
    content = broken.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    with pytest.raises((ConversionFailed, NotConvertible)):
        converter.convert(broken, tmp_path / "b.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.odt"]


def test_a_taken_name_is_not_written_over(converter: Converter, samples: dict[str, Path], tmp_path: Path) -> None:
    there = Path(shutil.copy(samples["cong_van_pdf"], tmp_path / "a.pdf"))
    before = there.read_bytes()
    with pytest.raises(TargetNotWritable):
        converter.convert(samples["xlsx"], there)
    assert there.read_bytes() == before


def test_repaired_copies_open_and_say_the_same(converter: Converter, samples: dict[str, Path], tmp_path: Path) -> None:
    dated = files.docx_with(samples["quyet_dinh_docx"], tmp_path / "a.docx", files.field(" DATE ", "01/02/2003"))
    counted = files.xlsx_with_formulas(samples["xlsx"], tmp_path / "a.xlsx")
    for source, shown in ((dated, "01/02/2003"), (counted, "46000")):
        copy = repair(source, tmp_path / f"copy{source.suffix}").path
        document = pypdfium2.PdfDocument(converter.convert(copy, copy.with_suffix(f"{source.suffix}.pdf")).path)
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
        document.close()
        assert shown in text
