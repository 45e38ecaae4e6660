"""Documents with what preflight looks for, each made from a sound one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from tests.office_signing import changed, contents, rebuilt


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def edited_pdf(source: Path, target: Path, edit: Callable[[Pdf], Any], **saving: Any) -> Path:
    """A PDF edited by its objects and written anew."""
    with Pdf.open(source) as pdf:
        edit(pdf)
        pdf.save(target, **saving)
    return target


def scripts(pdf: Pdf) -> None:
    """A script that runs when the document is opened, one by name, one of a page, and a link that starts a program."""
    pdf.Root.OpenAction = script()
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))
    page = pdf.pages[0].obj
    page.AA = Dictionary(O=pdf.make_indirect(script()))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.A = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    page.Annots = Array([pdf.make_indirect(link), *page.get("/Annots", Array())])


def scripted_form(pdf: Pdf) -> None:
    """A text field that counts for itself, in a form with a second description."""
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("Tổng"), Rect=Array([0, 0, 90, 20]), V=String("1")
    )
    field.AA = Dictionary(C=script())
    placed = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([placed])
    form = Dictionary(Fields=Array([placed]), XFA=Array([String("template"), Stream(pdf, b"<template/>")]))
    pdf.Root.AcroForm = pdf.make_indirect(form)


def remarks_and_files(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    remark = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), Contents=String("Sửa lại"))
    page.Annots = Array([pdf.make_indirect(remark)])
    pdf.attachments["phụ lục.txt"] = b"x"


def loose_fonts(pdf: Pdf) -> None:
    fonts = pdf.pages[0].obj.Resources.Font
    fonts.F90 = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/.VnTime"))
    fonts.F91 = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def layers(pdf: Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Bản nháp")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())


def outside(pdf: Pdf) -> None:
    image = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    image.F = Dictionary(Type=Name.Filespec, F=String("http://127.0.0.1:9/a.jpg"))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im9=image)


def certified(pdf: Pdf) -> None:
    """The certification that forbids everything, without a signature's octets."""
    parameters = Dictionary(Type=Name.TransformParams, P=1, V=Name("/1.2"))
    reference = Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP, TransformParams=parameters)
    pdf.Root.Perms = Dictionary(DocMDP=pdf.make_indirect(Dictionary(Type=Name.Sig, Reference=Array([reference]))))


def dynamic(pdf: Pdf) -> None:
    pdf.Root.NeedsRendering = True


def scan(
    target: Path, *, dpi: int = 200, mode: str = "RGB", fill: float = 1.0, size: tuple[float, float] = (595.28, 841.89)
) -> Path:
    """A page with nothing on it but a picture.

    :param fill: part of the page's width and height that the picture takes.
    """
    pdf = Pdf.new()
    page = pdf.add_blank_page(page_size=size)
    pixels = [round(edge * fill / 72 * dpi) for edge in size]
    octets = io.BytesIO()
    Image.new(mode, (pixels[0], pixels[1]), 200).save(octets, "JPEG")
    image = Stream(pdf, octets.getvalue(), Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode)
    image.Width, image.Height, image.BitsPerComponent = pixels[0], pixels[1], 8
    image.ColorSpace = Name.DeviceRGB if mode == "RGB" else Name.DeviceGray
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.obj.Contents = Stream(pdf, b"q %f 0 0 %f 0 0 cm /Im0 Do Q" % (size[0] * fill, size[1] * fill))
    pdf.save(target, min_version="1.7")
    return target


def _run(inner: str) -> str:
    return f"<w:r><w:rPr><w:b/></w:rPr>{inner}</w:r>"


def field(instruction: str, result: str, within: str = "") -> str:
    """A complex field as Word writes it, its code in two pieces.

    :param within: a field inside of the code.
    """
    half = len(instruction) // 2
    return (
        _run('<w:fldChar w:fldCharType="begin"/>')
        + _run(f'<w:instrText xml:space="preserve">{instruction[:half]}</w:instrText>')
        + _run(f'<w:instrText xml:space="preserve">{instruction[half:]}</w:instrText>')
        + within
        + _run('<w:fldChar w:fldCharType="separate"/>')
        + _run(f"<w:t>{result}</w:t>")
        + _run('<w:fldChar w:fldCharType="end"/>')
    )


def docx_with(source: Path, target: Path, paragraph: str, **parts: Any) -> Path:
    """A Word file with a paragraph at its beginning.

    :param parts: see :func:`tests.office_signing.changed`; underscores are slashes.
    """

    def insert(content: bytes) -> bytes:
        return content.replace(b"<w:body>", b"<w:body><w:p>" + paragraph.encode() + b"</w:p>", 1)

    return changed(source, target, {"word/document.xml": insert, **parts})


def related(kind: str, address: str) -> Callable[[bytes], bytes]:
    """An edit of a relationships part: one more external relationship."""
    row = (
        f'<Relationship Id="rIdX" Target="{address}" TargetMode="External" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    ).encode()
    return lambda content: content.replace(b"</Relationships>", row)


def xlsx_with_formulas(source: Path, target: Path) -> Path:
    """A workbook whose first sheet gets formulas of time beside an ordinary one, and their order of calculation."""
    entries = contents(source)
    name = next(name for name in entries if name.startswith("xl/worksheets/") and name.endswith(".xml"))
    rows = (
        b'<row r="900"><c r="A900"><f>TODAY()</f><v>46000</v></c><c r="B900"><f>SUM(A1:A2)</f><v>3</v></c>'
        b'<c r="C900"><f t="shared" ref="C900:D900" si="7">A900+NOW()</f><v>1</v></c>'
        b'<c r="D900"><f t="shared" si="7"/><v>2</v></c><c r="E900" t="str"><f>"TODAY()"</f><v>TODAY()</v></c></row>'
    )
    entries[name] = entries[name].replace(b"</sheetData>", rows + b"</sheetData>", 1)
    entries["xl/calcChain.xml"] = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A900" i="1"/></calcChain>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'.encode()
    entries["[Content_Types].xml"] = entries["[Content_Types].xml"].replace(b"</Types>", override)
    relations = "xl/_rels/workbook.xml.rels"
    row = (
        b'<Relationship Id="rIdC" Target="calcChain.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>'
    )
    entries[relations] = entries[relations].replace(b"</Relationships>", row)
    return rebuilt(entries, target)


def encrypted(source: Path, target: Path, *, user: str = "") -> Path:
    """Protected by passwords."""
    with Pdf.open(source) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="chủ", user=user))
    return target
