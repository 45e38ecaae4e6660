"""Preflight finds what a signer should know, and repairs only copies of what was never signed."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Dictionary, Name, String

from app import i18n
from app.documents.pages import render
from app.errors import FileMissing, TargetNotWritable
from app.preflight.check import Inspector, preflight, repair, repair_into
from app.preflight.errors import NothingToMend, RepairFailed, SignedNotRepaired
from app.preflight.model import Found, Preflight, Severity
from app.preflight.sentences import _RULES, findings
from app.preflight.worker import Order
from app.signing.model import OpenFields, OpenText
from tests import pdf_samples
from tests import preflight_files as files
from tests.demo.pki import Pki
from tests.office_signing import changed, contents, sign
from tests.unit.test_signing_odf import sign as sign_odf
from tests.xml_signing import altered, write_odt


def codes(looked: Preflight) -> set[str]:
    return {finding.code for finding in looked.findings}


@pytest.fixture
def pdf(samples: dict[str, Path]) -> Path:
    return samples["cong_van_pdf"]


@pytest.fixture
def docx(samples: dict[str, Path]) -> Path:
    return samples["quyet_dinh_docx"]


def test_sound_documents_raise_no_finding(samples: dict[str, Path], tmp_path: Path) -> None:
    for path in [*samples.values(), write_odt(tmp_path / "a.odt", "Tờ trình")]:
        looked = preflight(path)
        assert (codes(looked), looked.severity, looked.signed, looked.mendable) == (set(), None, False, False), path


def test_a_pdf_that_cannot_be_opened_stops(pdf: Path, tmp_path: Path) -> None:
    torn = tmp_path / "a.pdf"
    torn.write_bytes(b"%PDF-1.7\n" + bytes(200))
    looked = preflight(torn)
    assert (codes(looked), looked.severity, looked.mendable) == ({"damaged"}, Severity.STOP, False)


def test_other_files_are_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert preflight(tmp_path / "a.txt").findings == []
    with pytest.raises(FileMissing):
        preflight(tmp_path / "missing")


@pytest.mark.parametrize(
    ("edit", "expected", "severity"),
    [
        (files.scripts, {"pdf-javascript", "pdf-actions"}, Severity.ASK),
        (files.scripted_form, {"pdf-javascript", "pdf-form-scripts", "pdf-xfa", "pdf-open-fields"}, Severity.ASK),
        (files.remarks_and_files, {"pdf-comments", "pdf-embedded-files"}, Severity.WARN),
        (files.loose_fonts, {"pdf-fonts-missing", "old-fonts"}, Severity.WARN),
        (files.layers, {"pdf-layers"}, Severity.WARN),
        (files.outside, {"pdf-external-content"}, Severity.ASK),
        (files.certified, {"pdf-forbids-signing"}, Severity.STOP),
        (files.dynamic, {"pdf-dynamic-form"}, Severity.STOP),
    ],
)
def test_pdf_findings(
    pdf: Path, tmp_path: Path, edit: Callable[[pikepdf.Pdf], None], expected: set[str], severity: Severity
) -> None:
    looked = preflight(files.edited_pdf(pdf, tmp_path / "a.pdf", edit))
    assert (codes(looked), looked.severity) == (expected, severity)
    assert all(finding.message and finding.hint for finding in looked.findings)


def test_a_hybrid_structure_is_told(tmp_path: Path) -> None:
    """Older programs read another list of objects than newer ones (ISO 32000-2, 7.5.8.4)."""
    looked = preflight(pdf_samples.write(tmp_path / "a.pdf", pdf_samples.hybrid(pdf_samples.objects())))
    assert "pdf-hybrid" in codes(looked)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"FT": Name.Tx}, True),
        ({"FT": Name.Tx, "V": String("đã điền")}, True),
        ({"FT": Name.Ch}, True),
        ({"FT": Name.Btn}, True),
        ({"FT": Name.Btn, "Ff": 1 << 16}, False),
        ({"FT": Name.Tx, "Ff": 1}, False),
        ({"FT": Name.Sig}, False),
    ],
)
def test_fields_that_can_be_filled_after_signing(
    pdf: Path, tmp_path: Path, entries: dict[str, Any], told: bool
) -> None:
    def form(document: pikepdf.Pdf) -> None:
        widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, T=String("Ý kiến"), Rect=[0, 0, 90, 20], **entries)
        placed = document.make_indirect(widget)
        document.pages[0].obj.Annots = pikepdf.Array([placed])
        document.Root.AcroForm = Dictionary(Fields=pikepdf.Array([placed]))

    looked = preflight(files.edited_pdf(pdf, tmp_path / "form.pdf", form))
    assert codes(looked) == ({"pdf-open-fields"} if told else set())
    assert all("Ý kiến" in finding.message for finding in looked.findings)


def test_what_a_certification_leaves_open_is_not_told(pdf: Path, tmp_path: Path) -> None:
    fields = OpenFields((0, (300.0, 100.0, 400.0, 200.0)), [OpenText("antin-number", 0, (100.0, 700.0, 140.0, 715.0))])
    certified = pdf_samples.sign(pdf, tmp_path / "certified.pdf", leaves_open=fields).path
    assert codes(preflight(certified)) == set()


def test_encryption(pdf: Path, tmp_path: Path) -> None:
    assert codes(preflight(files.encrypted(pdf, tmp_path / "a.pdf", user="mật khẩu"))) == {"pdf-password"}
    assert codes(preflight(files.encrypted(pdf, tmp_path / "b.pdf"))) == {"pdf-restricted"}


def test_a_claim_of_pdfa_is_told_as_a_claim(pdf: Path, tmp_path: Path) -> None:
    def claim(document: pikepdf.Pdf) -> None:
        with document.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"

    (finding,) = preflight(files.edited_pdf(pdf, tmp_path / "a.pdf", claim)).findings
    assert (finding.code, finding.severity) == ("pdf-a", Severity.INFO)
    assert "PDF/A-2B" in finding.message


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({}, set()),
        ({"dpi": 150}, {"scan-resolution"}),
        ({"mode": "L"}, {"scan-colour"}),
        ({"fill": 0.8}, {"scan-scale"}),
        ({"size": (500.0, 700.0)}, {"scan-scale"}),
        ({"dpi": 100, "mode": "L", "size": (841.89, 595.28)}, {"scan-resolution", "scan-colour"}),
    ],
)
def test_quality_of_a_scan(tmp_path: Path, wishes: dict[str, Any], expected: set[str]) -> None:
    made = files.scan(tmp_path / "scan.pdf", **wishes)
    assert codes(preflight(made, as_copy=True)) == expected
    assert codes(preflight(made)) == set()


def test_an_old_scan_and_a_page_of_text(pdf: Path, tmp_path: Path) -> None:
    made = files.scan(tmp_path / "scan.pdf")
    old = tmp_path / "old.pdf"
    old.write_bytes(re.sub(rb"^%PDF-1\.\d", b"%PDF-1.3", made.read_bytes()))
    assert codes(preflight(old, as_copy=True)) == {"scan-version"}
    assert codes(preflight(pdf, as_copy=True)) == set()


def _pixels(path: Path) -> bytes:
    return render(path, 0, 1.0)[2]


@pytest.mark.parametrize("edit", [files.scripts, files.scripted_form])
def test_a_repaired_pdf_does_nothing_and_looks_the_same(
    pdf: Path, tmp_path: Path, edit: Callable[[pikepdf.Pdf], None]
) -> None:
    source = files.edited_pdf(pdf, tmp_path / "a.pdf", edit)
    before = hashlib.sha256(source.read_bytes()).digest()
    left = repair(source, tmp_path / "copy.pdf")
    kept = {"pdf-open-fields"} & codes(preflight(source))
    assert (codes(left), left.path) == (kept, tmp_path / "copy.pdf")
    assert codes(preflight(left.path)) == kept
    assert hashlib.sha256(source.read_bytes()).digest() == before
    assert _pixels(left.path) == _pixels(source)
    with pikepdf.open(left.path) as copy:
        text = b"".join(one.unparse(resolved=True) for one in copy.objects)
    assert b"JavaScript" not in text
    assert b"Launch" not in text
    assert b"XFA" not in text


def test_a_link_to_an_address_survives_the_repair(pdf: Path, tmp_path: Path) -> None:
    def edit(document: pikepdf.Pdf) -> None:
        files.scripts(document)
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 1, 1]))
        link.A = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.vn"))
        document.pages[0].obj.Annots.append(link)

    left = repair(files.edited_pdf(pdf, tmp_path / "a.pdf", edit), tmp_path / "copy.pdf")
    with pikepdf.open(left.path) as copy:
        assert b"https://example.vn" in b"".join(one.unparse(resolved=True) for one in copy.objects)


def test_a_damaged_structure_is_rebuilt(pdf: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "a.pdf"
    damaged.write_bytes(re.sub(rb"startxref\s+\d+", b"startxref\n17", pdf.read_bytes()))
    assert codes(preflight(damaged)) == {"pdf-structure"}
    left = repair(damaged, tmp_path / "copy.pdf")
    assert codes(left) == set()
    assert _pixels(left.path) == _pixels(pdf)


def _signed_pdf(pdf: Path, target: Path, pki: Pki) -> Path:
    from app.signing.pdf import prepare
    from tests.office_signing import raw_signature, request

    credential = pki.credential("leader")
    preparation = prepare(request(pdf, target, credential))
    preparation.complete(raw_signature(credential, preparation.to_be_signed, "sha256"))
    return target


def test_what_bears_a_signature_is_never_repaired(pdf: Path, docx: Path, pki: Pki, tmp_path: Path) -> None:
    scripted = files.edited_pdf(pdf, tmp_path / "a.pdf", files.scripts)
    signed_pdf = _signed_pdf(scripted, tmp_path / "signed.pdf", pki)
    octets = signed_pdf.read_bytes()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(re.sub(rb"startxref\s+\d+", b"startxref\n17", octets))
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(octets[: octets.rindex(b"startxref")])
    dated = files.docx_with(docx, tmp_path / "a.docx", files.field(' DATE \\@ "dd/MM/yyyy" ', "21/11/2026"))
    signed_docx = tmp_path / "signed.docx"
    sign(dated, signed_docx, pki.credential("leader"))
    odt = _moving_odt(tmp_path / "a.odt")
    signed_odt = tmp_path / "signed.odt"
    sign_odf(odt, signed_odt, pki.credential("leader"))
    for path in (signed_pdf, broken, cut, signed_docx, signed_odt):
        looked = preflight(path)
        assert (looked.signed, looked.mendable) == (True, False), path
        assert looked.findings, path
        with pytest.raises(SignedNotRepaired):
            repair(path, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()


def test_octets_that_speak_of_a_signature_forbid_the_repair(pdf: Path, tmp_path: Path) -> None:
    """A part of a damaged file that nothing leads to any more may have been a signature."""
    scripted = files.edited_pdf(pdf, tmp_path / "a.pdf", files.scripts)
    scripted.write_bytes(scripted.read_bytes().replace(b"%PDF-", b"%PDF-", 1) + b"\n%/ByteRange[0 1 2 3]\n")
    with pytest.raises(SignedNotRepaired):
        repair(scripted, tmp_path / "copy.pdf")
    assert not (tmp_path / "copy.pdf").exists()


def test_nothing_is_written_over_and_nothing_left(pdf: Path, tmp_path: Path) -> None:
    scripted = files.edited_pdf(pdf, tmp_path / "a.pdf", files.scripts)
    there = tmp_path / "there.pdf"
    there.write_bytes(b"mine")
    with pytest.raises(TargetNotWritable):
        repair(scripted, there)
    assert there.read_bytes() == b"mine"
    with pytest.raises(NothingToMend):
        repair(pdf, tmp_path / "copy.pdf")
    with pytest.raises(RepairFailed):
        repair(scripted, tmp_path / "missing" / "copy.pdf")
    first, second = (repair_into(scripted, tmp_path / "out").path for _ in range(2))
    assert [first.name, second.name] == ["a_dasua.pdf", "a_dasua (2).pdf"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a_dasua (2).pdf", "a_dasua.pdf"]


# Office


def test_word_findings(docx: Path, tmp_path: Path) -> None:
    paragraph = (
        files.field(' DATE \\@ "dd/MM/yyyy" ', "21/11/2026")
        + files.field(" PAGE ", "1")
        + files.field(' INCLUDETEXT "khac.docx" ', "nội dung")
        + '<w:fldSimple w:instr=" TIME "><w:r><w:t>08:00</w:t></w:r></w:fldSimple>'
        + '<w:ins w:id="9" w:author="A"><w:r><w:t>thêm</w:t></w:r></w:ins>'
        + '<w:r><w:rPr><w:rFonts w:ascii=".VnTime"/><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>'
    )
    made = files.docx_with(
        docx,
        tmp_path / "a.docx",
        paragraph,
        **{
            "word/_rels/document.xml.rels": files.related("image", "http://127.0.0.1:9/a.png"),
            "word/embeddings/bang.bin": b"x",
            "[Content_Types].xml": lambda content: content.replace(
                b"</Types>", b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
            ),
        },
    )
    looked = preflight(made)
    told = {finding.code: finding for finding in looked.findings}
    assert set(told) == {
        *("changing-fields", "linked-fields", "tracked-changes", "hidden-content", "old-fonts"),
        *("external-content", "embedded-objects"),
    }
    assert "DATE, TIME" in told["changing-fields"].message
    assert "http://127.0.0.1:9/a.png" in told["external-content"].message


def _text(path: Path) -> str:
    return re.sub(r"<[^>]+>", "", contents(path)["word/document.xml"].decode())


def test_frozen_fields_keep_what_they_show(docx: Path, tmp_path: Path) -> None:
    nested = files.field(" INCLUDETEXT ", "nội dung", within=files.field(" FILENAME ", "tên tệp"))
    paragraph = (
        files.field(' DATE \\@ "dd/MM/yyyy" ', "21/11/2026")
        + files.field(" PAGE ", "trang 1")
        + '<w:fldSimple w:instr=" TIME "><w:r><w:t>08:00</w:t></w:r></w:fldSimple>'
    )
    settings = contents(docx)["word/settings.xml"]
    assert b"</w:settings>" in settings
    made = files.docx_with(
        docx,
        tmp_path / "a.docx",
        paragraph,
        **{
            "word/settings.xml": settings.replace(b"</w:settings>", b'<w:updateFields w:val="true"/></w:settings>'),
            "word/_rels/settings.xml.rels": (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                b'Id="rId1" Target="file:///x.dotm" TargetMode="External" Type="http://schemas.openxmlformats.org/'
                b'officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
            ),
        },
    )
    assert codes(preflight(made)) == {"changing-fields", "template"}
    left = repair(made, tmp_path / "copy.docx")
    assert codes(left) == set()
    text = _text(left.path)
    assert text.lstrip().startswith("21/11/2026 PAGE trang 108:00")
    assert text == _text(made).replace(' DATE \\@ "dd/MM/yyyy" ', "")
    unchanged = set(contents(made)) - {"word/document.xml", "word/settings.xml", "word/_rels/settings.xml.rels"}
    assert all(contents(made)[name] == contents(left.path)[name] for name in unchanged)
    deep = files.docx_with(docx, tmp_path / "deep.docx", nested)
    assert codes(preflight(deep)) == {"changing-fields", "linked-fields"}
    assert _text(repair(deep, tmp_path / "deep-copy.docx").path).lstrip().startswith("nội dungỦY BAN")


def test_formulas_of_time_become_their_values(samples: dict[str, Path], tmp_path: Path) -> None:
    made = files.xlsx_with_formulas(samples["xlsx"], tmp_path / "a.xlsx")
    (finding,) = preflight(made).findings
    assert (finding.code, "TODAY, NOW" in finding.message) == ("changing-formulas", True)
    left = repair(made, tmp_path / "copy.xlsx")
    assert codes(left) == set()
    entries = contents(left.path)
    assert "xl/calcChain.xml" not in entries
    assert b"calcChain" not in entries["[Content_Types].xml"] + entries["xl/_rels/workbook.xml.rels"]
    import openpyxl

    sheet = openpyxl.load_workbook(left.path).worksheets[0]
    assert [sheet[f"{column}900"].value for column in "ABCDE"] == [46000, "=SUM(A1:A2)", 1, 2, '="TODAY()"']


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "xl/_rels/workbook.xml.rels",
            files.related("externalLinkPath", "khac.xlsx"),
            "data-connections",
        ),
        (
            "xl/workbook.xml",
            lambda data: re.sub(rb'state="visible"', b'state="hidden"', data, count=1),
            "hidden-content",
        ),
    ],
)
def test_workbook_findings(samples: dict[str, Path], tmp_path: Path, name: str, content: Any, expected: str) -> None:
    made = changed(samples["xlsx"], tmp_path / "a.xlsx", {name: content})
    assert codes(preflight(made)) == {expected}


def test_macros_and_old_files(docx: Path, tmp_path: Path) -> None:
    kind = b'<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    made = changed(
        docx,
        tmp_path / "a.docx",
        {
            "word/vbaProject.bin": b"x",
            "[Content_Types].xml": lambda content: content.replace(b"</Types>", kind),
        },
    )
    assert codes(preflight(made)) == {"macros"}


# OpenDocument


def _moving_odt(target: Path) -> Path:
    date = '</text:p><text:p><text:date text:date-value="2026-11-21">21/11/2026</text:date>'
    return altered(
        write_odt(target.with_suffix(".plain"), "Tờ trình"),
        target,
        {"content.xml": lambda content: content.replace(b"</text:p>", date.encode() + b"</text:p>", 1)},
    )


def test_opendocument_fields_are_fixed(tmp_path: Path) -> None:
    made = _moving_odt(tmp_path / "a.odt")
    assert codes(preflight(made)) == {"changing-fields"}
    left = repair(made, tmp_path / "copy.odt")
    assert codes(left) == set()
    assert b'text:fixed="true">21/11/2026<' in contents(left.path)["content.xml"]


def test_opendocument_findings(tmp_path: Path) -> None:
    body = (
        b"<text:tracked-changes><text:changed-region/></text:tracked-changes><office:annotation/>"
        b'<text:p xlink:href="http://127.0.0.1:9/a.png" xmlns:xlink="http://www.w3.org/1999/xlink"/></office:text>'
    )
    made = altered(
        write_odt(tmp_path / "a.odt", "x", {"Basic/a.xml": b"<a/>"}),
        tmp_path / "b.odt",
        {"content.xml": lambda content: content.replace(b"</office:text>", body, 1)},
    )
    assert codes(preflight(made)) == {"macros", "tracked-changes", "comments", "external-content"}


# Hostile files


def _dot(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    fields = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image, "Width": 1, "Height": 1}
    return pikepdf.Stream(pdf, b"0", BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray, **fields)


def _bomb(target: Path) -> Path:
    import zlib

    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page()
    deflated = zlib.compress(b"q " * (64 << 20), 9)
    page = pdf.pages[0].obj
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=_dot(pdf)))
    page.Contents = pikepdf.Stream(pdf, deflated, Filter=pikepdf.Name.FlateDecode)
    pdf.save(target)
    return target


def _deep(target: Path) -> Path:
    target.write_bytes(b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer<</Root 1 0 R>>")
    return target


def _loop(target: Path) -> Path:
    target.write_bytes(
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
        b"trailer<</Root 1 0 R>>"
    )
    return target


def _laughs(target: Path) -> Path:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return altered(
        write_odt(target.with_suffix(".plain"), "x"),
        target,
        {"content.xml": f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'.encode()},
    )


def _zeros(target: Path) -> Path:
    with zipfile.ZipFile(write_odt(target, "x"), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Object 1/content.xml", bytes(200 << 20))
    return target


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (_bomb, "not-examined"),
        (_deep, "damaged"),
        (_loop, "damaged"),
        (_laughs, "damaged"),
        (_zeros, "not-examined"),
    ],
)
def test_hostile_files_end_in_a_finding(tmp_path: Path, make: Callable[[Path], Path], expected: str) -> None:
    started = time.monotonic()
    looked = preflight(make(tmp_path / "x"), as_copy=True)
    assert any(finding.code.startswith(expected) for finding in looked.findings), looked.findings
    assert looked.severity in (Severity.STOP, Severity.ASK)
    assert time.monotonic() - started < 60
    assert not looked.mendable or looked.format == "pdf"


def test_a_process_that_hangs_is_given_up(tmp_path: Path, pdf: Path) -> None:
    impatient = Inspector(patience=60.0)
    try:
        assert impatient.order(Order(pdf, "pdf")).inspection.found == []
        process = impatient._process
        assert process is not None
        process.kill()
        process.wait()
        assert impatient.order(Order(pdf, "pdf")).inspection.found == []
        assert impatient._process is not None
        os.kill(impatient._process.pid, signal.SIGSTOP)
        impatient._patience = 0.2
        assert [one.code for one in impatient.order(Order(pdf, "pdf")).inspection.found] == ["not-examined"]
    finally:
        impatient.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_finding_has_its_sentences(language: i18n.Language) -> None:
    i18n.set_language(language)
    data = {"count": "3", "names": "a", "detail": "b", "level": "2B", "version": "1.3"}
    told = findings([Found(code, data) for code in _RULES], signed=False)
    assert {finding.code for finding in told} == set(_RULES)
    assert [finding.severity for finding in told] == sorted((one.severity for one in told), key=list(Severity).index)
    assert not any("{" in finding.message + finding.hint for finding in told)
    if language == "vi":
        english = {rule.message_id for rule in _RULES.values()}
        assert not any(finding.message in english for finding in told)
