"""Files signed by Acrobat: its second signature leaves the first whole, and so does ours after both."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.signing.model import Mark
from app.verification.model import Coverage
from app.verification.pdf import examine
from tests.pdf_samples import sign

FILES = sorted((Path(__file__).parent / "acrobat").glob("*.pdf"))


def assert_all_hold(path: Path, count: int) -> None:
    found = examine(path).signatures
    assert len(found) == count
    for one in found:
        assert (one.intact, one.changes_allowed, one.coverage) == (True, True, Coverage.WHOLE), (one.changes, one.name)
    report = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, timeout=60).stdout
    assert report.count("Signature is Valid.") == count, report


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_acrobat_signed_holds(path: Path) -> None:
    """The second signature brings its font into the form where Acrobat made its field."""
    assert_all_hold(path, 2)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_further_signature_leaves_acrobats_as_they_were(path: Path, tmp_path: Path) -> None:
    mark = Mark(0, (10, 10, 90, 40), text="Người ký sau cùng")
    signed = sign(path, tmp_path / "signed.pdf", mark=mark).path
    assert signed.read_bytes().startswith(path.read_bytes())
    assert_all_hold(signed, 3)


def test_a_font_of_the_form_that_is_exchanged_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / "changed.pdf"
    with (FILES[0].parent / "second-field-made-by-acrobat.pdf").open("rb") as stream:
        writer = IncrementalPdfFileWriter(stream)
        fonts = writer.root["/AcroForm"]["/DR"]["/Font"]
        fonts["/Helv"] = fonts.raw_get("/MyriadPro-Regular")
        writer.update_container(fonts)
        with path.open("wb") as out:
            writer.write(out)
    last = examine(path).signatures[-1]
    assert last.intact
    assert not last.changes_allowed
    assert last.changes[-1].what == "/AcroForm /DR"
