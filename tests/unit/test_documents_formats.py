"""What a file is, told by its content."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.formats import Format, detect, extension_fits, office_kind
from app.errors import FileMissing, FileNotReadable

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
BINARY = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def zipped(*entries: tuple[str, str | bytes], stored_first: bool = True) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, (name, content) in enumerate(entries):
            method = zipfile.ZIP_STORED if index == 0 and stored_first else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=method)
    return buffer.getvalue()


def content_types(main: str) -> str:
    return f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'


def ooxml(main: str = WORD) -> bytes:
    return zipped(("[Content_Types].xml", content_types(main)), ("word/document.xml", "<x/>"), stored_first=False)


def compound(*streams: str, directory_sectors: int = 1) -> bytes:
    """A compound file (MS-CFB) with nothing but a directory, the streams named in its last sector."""
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<HHHH", header, 24, 0x3E, 3, 0xFFFE, 9)
    struct.pack_into("<L", header, 48, 1)
    struct.pack_into("<109L", header, 76, 0, *[0xFFFFFFFF] * 108)
    fat = bytearray(b"\xff" * 512)
    for sector in range(1, directory_sectors):
        struct.pack_into("<L", fat, sector * 4, sector + 1)
    struct.pack_into("<L", fat, directory_sectors * 4, 0xFFFFFFFE)
    directory = bytearray(512 * directory_sectors)
    for index, name in enumerate(streams):
        at = 512 * (directory_sectors - 1) + 128 * index
        raw = name.encode("utf-16-le")
        directory[at : at + len(raw)] = raw
        struct.pack_into("<H", directory, at + 64, len(raw) + 2)
    return bytes(header + fat + directory)


SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")

CASES = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", Format.PDF),
    "pdf after garbage": (b"\r\n" * 500 + b"%PDF-1.4", Format.PDF),
    "pdf header too late": (b"\r\n" * 512 + b"%PDF-1.4", Format.UNKNOWN),
    "docx": (ooxml(), Format.OOXML),
    "odt": (zipped(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")), Format.ODF),
    "asice": (zipped(("mimetype", "application/vnd.etsi.asic-e+zip"), ("a.pdf", "%PDF-1.7")), Format.ASICE),
    "asice without mimetype": (zipped(("a.pdf", "%PDF-1.7"), ("META-INF/signatures0.xml", "<x/>")), Format.ASICE),
    "zip that holds a PDF": (zipped(("a.pdf", "%PDF-1.7 stored right at the start")), Format.ZIP),
    "zip with two claims": (
        zipped(("mimetype", "application/vnd.oasis.opendocument.text"), ("[Content_Types].xml", "<x/>")),
        Format.ZIP,
    ),
    "empty zip": (zipped(), Format.ZIP),
    "legacy word": (compound("Root Entry", "WordDocument"), Format.LEGACY_OFFICE),
    "encrypted": (compound("Root Entry", "EncryptionInfo", "EncryptedPackage"), Format.ENCRYPTED_OFFICE),
    "encrypted, long directory": (compound("EncryptedPackage", directory_sectors=9), Format.ENCRYPTED_OFFICE),
    "compound of another kind": (compound("Root Entry", "__properties_version1.0"), Format.UNKNOWN),
    "cms der": (b"\x30\x82\x10\x00" + SIGNED_DATA + b"\xa0\x82", Format.CMS),
    "cms indefinite, PDF inside": (b"\x30\x80" + SIGNED_DATA + b"\xa0\x80\x24\x80%PDF-1.7", Format.CMS),
    "cms pem": (b"-----BEGIN CMS-----\nMII", Format.CMS),
    "pkcs7 pem": (b"\n-----BEGIN PKCS7-----\nMII", Format.CMS),
    "certificate pem": (b"-----BEGIN CERTIFICATE-----\nMII", Format.UNKNOWN),
    "xml": (b'\xef\xbb\xbf<?xml version="1.0"?><a/>', Format.XML),
    "xml utf-16": ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), Format.XML),
    "xml utf-16 big endian": (b"\xfe\xff" + "<a/>".encode("utf-16-be"), Format.XML),
    "xml without declaration": (b"  <HSoThueDTu/>", Format.XML),
    "html": (b"<!DOCTYPE html><html>", Format.UNKNOWN),
    "text": (b"<3 hello", Format.UNKNOWN),
    "empty": (b"", Format.UNKNOWN),
}


@pytest.mark.parametrize(("content", "expected"), CASES.values(), ids=CASES.keys())
def test_content_decides(tmp_path: Path, content: bytes, expected: Format) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert detect(path) is expected


def test_a_truncated_word_file_is_still_told_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(ooxml()[:-40])
    assert detect(path) is Format.OOXML


def test_more_entries_than_32_bits_can_say(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    content = ooxml()
    end = content.rindex(b"PK\x05\x06")
    length, offset = struct.unpack_from("<LL", content, end + 12)
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 2, 2, length, offset)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, end, 1)
    closing = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 2, 2, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(content[:end] + record + locator + closing)
    assert office_kind(path) == "docx"


@pytest.mark.parametrize(
    ("main", "kind"), [(WORD, "docx"), (MACRO, "docm"), (BINARY, "xlsb"), (SHEET, "xlsx"), ("text/plain", None)]
)
def test_office_kind(tmp_path: Path, main: str, kind: str | None) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(ooxml(main))
    assert office_kind(path) == kind


def test_kinds_of_other_office_files(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "")))
    assert office_kind(path) == "ods"
    path.write_bytes(compound("Workbook"))
    assert office_kind(path) == "xls"
    path.write_bytes(b"%PDF-1.7")
    assert office_kind(path) is None


def test_a_workbook_named_docx_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.DOCX"
    path.write_bytes(ooxml(SHEET))
    assert not extension_fits(path, Format.OOXML)
    path.write_bytes(ooxml(WORD))
    assert extension_fits(path, Format.OOXML)
    assert not extension_fits(path, Format.PDF)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        detect(tmp_path / "không có.pdf")


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in the file system there")
def test_folders_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(FileNotReadable):
            detect(path)


def test_a_huge_directory_costs_no_memory(tmp_path: Path) -> None:
    """The central directory claims four gigabytes, which the (sparse) file has."""
    path = tmp_path / "bomb.docx"
    with path.open("wb") as file:
        file.write(ooxml())
        file.truncate(1 << 32)
        file.seek(0, os.SEEK_END)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 0xFFFFFFF0, 8, 0))
    code = (
        "import resource, sys, pathlib; resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20));"
        "from app.documents.formats import detect; print(detect(pathlib.Path(sys.argv[1])))"
    )
    started = time.monotonic()
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=30)
    assert run.stdout.strip() in ("ooxml", "zip"), run.stderr
    assert time.monotonic() - started < 5


@settings(max_examples=300)
@given(
    start=st.sampled_from([case[0] for case in CASES.values()]),
    cut=st.integers(0, 4000),
    noise=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
)
def test_damage_never_raises(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, cut: int, noise: list[tuple[int, int]]
) -> None:
    content = bytearray(start[: len(start) - cut] if cut < len(start) else start)
    for at, value in noise:
        if at < len(content):
            content[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    path.write_bytes(content)
    assert isinstance(detect(path), Format)
    office_kind(path)
