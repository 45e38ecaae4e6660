"""Large files to measure with, made when needed."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from docx import Document
from PIL import Image

_MIB = 1 << 20


def large_docx(path: Path, *, mebibytes: int = 100, pictures: int = 20) -> Path:
    """A Word file whose weight is in pictures that do not compress."""
    document = Document()
    document.add_paragraph("Báo cáo kèm ảnh hiện trường")
    side = int((mebibytes * _MIB / pictures / 3) ** 0.5)
    for _number in range(pictures):
        picture = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
        stream = io.BytesIO()
        picture.save(stream, "PNG", compress_level=0)
        stream.seek(0)
        document.add_picture(stream)
    document.save(str(path))
    assert zipfile.is_zipfile(path)
    return path


def linked_docx(path: Path, source: Path, *, links: int = 20_000) -> Path:
    """A copy of a Word file whose main part has that many relationships more, to web pages."""
    rows = "".join(
        f'<Relationship Id="lien{number}" TargetMode="External" Target="https://vi-du.invalid/{number}" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/>'
        for number in range(links)
    )
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "word/_rels/document.xml.rels":
                content = content.replace(b"</Relationships>", f"{rows}</Relationships>".encode())
            new.writestr(item, content)
    return path


def large_pdf(path: Path, *, mebibytes: int = 500) -> Path:
    """A one-page PDF whose weight is in an attached stream, written piece by piece."""
    size = mebibytes * _MIB
    with path.open("wb") as out:
        offsets = []

        def add(text: str) -> None:
            offsets.append(out.tell())
            out.write(f"{len(offsets)} 0 obj\n{text}\nendobj\n".encode())

        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        add("<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(du-lieu.bin) 6 0 R] >> >> >>")
        add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        add(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >> >> >> >>"
        )
        content = "BT /F1 14 Tf 72 770 Td (Ho so quet) Tj ET"
        add(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        offsets.append(out.tell())
        out.write(f"5 0 obj\n<< /Type /EmbeddedFile /Length {size} >>\nstream\n".encode())
        for _piece in range(mebibytes):
            out.write(os.urandom(_MIB))
        out.write(b"\nendstream\nendobj\n")
        add("<< /Type /Filespec /F (du-lieu.bin) /UF (du-lieu.bin) /EF << /F 5 0 R >> >>")
        start = out.tell()
        rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        out.write(f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{rows}".encode())
        out.write(f"trailer\n<< /Size {len(offsets) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return path
