"""The sample documents as files, made by scripts: PDF by Typst with Tinos embedded, Office files by their libraries.

The same sources give the same bytes, on any day.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.demo import texts
from tests.demo.images import FONTS
from tests.demo.texts import OfficeDocument

_TEMPLATE = Path(__file__).with_name("templates") / "document.typ"
_SOURCES = (
    *(Path(__file__), Path(texts.__file__), _TEMPLATE),
    *(Path(__file__).with_name(name) for name in ("office_files.py", "embedded_fonts.py")),
)
_MARKER = ".made-by"
_MIDNIGHT = (texts.ISSUED.year, texts.ISSUED.month, texts.ISSUED.day, 0, 0, 0)

FILES = {
    "quyet_dinh_pdf": "Quyết định phê duyệt kế hoạch chuyển đổi số.pdf",
    "cong_van_pdf": "Công văn rà soát thiết bị lưu khóa bí mật.pdf",
    "to_trinh_pdf": "Tờ trình dự toán ngân sách.pdf",
    "thong_bao_pdf": "Thông báo lịch tiếp công dân.pdf",
    "quyet_dinh_docx": "Quyết định phê duyệt kế hoạch chuyển đổi số.docx",
    "cong_van_docx": "Công văn rà soát thiết bị lưu khóa bí mật.docx",
    "xlsx": "Thống kê thủ tục hành chính.xlsx",
    "pptx": "Báo cáo sử dụng chữ ký số.pptx",
}
"""Name of a sample → name of its file."""

_DOCUMENTS = {
    "quyet_dinh": texts.DECISION,
    "cong_van": texts.LETTER,
    "to_trinh": texts.SUBMISSION,
    "thong_bao": texts.NOTICE,
}


def build(folder: Path) -> dict[str, Path]:
    """Write the samples into ``folder`` unless those of the same sources are there; their paths by name."""
    paths = {name: folder / file for name, file in FILES.items()}
    digest = sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()
    marker = folder / _MARKER
    if not (marker.exists() and marker.read_text() == digest and all(path.exists() for path in paths.values())):
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in paths.items():
            _write(name, path)
        marker.write_text(digest)
    return paths


def _write(name: str, path: Path) -> None:
    from tests.demo import office_files

    subject, _, kind = name.rpartition("_")
    if kind == "pdf":
        path.write_bytes(pdf(_DOCUMENTS[subject]))
        return
    writers: dict[str, Callable[[Path], None]] = {
        "docx": lambda file: office_files.write_docx(_DOCUMENTS[subject], file),
        "xlsx": office_files.write_statistics,
        "pptx": office_files.write_slides,
    }
    writers[kind](path)
    _fix_dates(path)


def pdf(document: OfficeDocument) -> bytes:
    """Set a document in PDF."""
    import typst

    content: dict[str, Any] = {
        **asdict(document),
        "title": f"{document.kind} {document.summary}".strip(),
        "year": texts.ISSUED.year,
        "month": texts.ISSUED.month,
        "day": texts.ISSUED.day,
        "agency": texts.AGENCY_LINES,
        "motto": texts.MOTTO,
        "signature": texts.SIGNATURE_BLOCK,
    }
    made = typst.compile(
        str(_TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(content, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)
    return made


def _fix_dates(path: Path) -> None:
    """Write a package again with the date of issue instead of now, in its properties and its directory."""
    stamp = f"{texts.ISSUED.isoformat()}T00:00:00Z".encode()
    with zipfile.ZipFile(path) as package:
        parts = [(info.filename, package.read(info)) for info in package.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts:
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            info = zipfile.ZipInfo(name, _MIDNIGHT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            package.writestr(info, content)
