"""What kind of file this is, told by its content, never by its name.

Reads the head of the file and, for a ZIP or a compound file, its directory, all within fixed bounds: a hostile
file costs no more than an honest one. The answer chooses a reader; it says nothing about the file being sound.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from app.errors import FileNotReadable, FolderGiven, from_os_error


class Format(StrEnum):
    """The formats told apart. ``ZIP``: a ZIP that is none of the document formats, or claims to be several.

    ``LEGACY_OFFICE``: Word, Excel, PowerPoint 97-2003; ``ENCRYPTED_OFFICE``: a password-protected OOXML file
    (MS-OFFCRYPTO 1.3.2, stream EncryptedPackage).
    """

    PDF = "pdf"
    OOXML = "ooxml"
    ODF = "odf"
    ASICE = "asice"
    CMS = "cms"
    XML = "xml"
    LEGACY_OFFICE = "legacy-office"
    ENCRYPTED_OFFICE = "encrypted-office"
    ZIP = "zip"
    UNKNOWN = "unknown"


_HEAD = 1024
_CFB_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_CFB_MAX_SECTORS = 256
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_MAX_DIRECTORY = 8 << 20
_CONTENT_TYPES = b"[Content_Types].xml"
_MAX_CONTENT_TYPES = 1 << 20
_CMS_START = re.compile(
    rb"\x30(?:\x80|[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....|\x85.{5})\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07",
    re.DOTALL,
)
_CMS_PEM = re.compile(rb"-----BEGIN (?:CMS|PKCS ?#?7)-----")
_XML_START = re.compile(rb"<(?:\?xml[\s-]|!--|!DOCTYPE\s+(?!html)|(?!html[\s>])[A-Za-z_:\x80-\xff])", re.IGNORECASE)
_ASIC_SIGNATURE = re.compile(rb"META-INF/[^/]*signature[^/]*\.(?:xml|p7s)", re.IGNORECASE)

_OOXML_MAIN = re.compile(
    r"application/vnd\.(?:"
    r"openxmlformats-officedocument\.(?P<kind>wordprocessingml\.(?:document|template)"
    r"|spreadsheetml\.(?:sheet|template)|presentationml\.(?:presentation|template|slideshow))"
    r"|ms-(?P<macro>word\.(?:document|template)|excel\.(?:sheet(?!\.binary)|template)"
    r"|powerpoint\.(?:presentation|template|slideshow))\.macroEnabled"
    r"|ms-excel\.(?P<binary>sheet\.binary)\.macroEnabled"
    r")\.main"
)
_OOXML_KINDS = {
    "wordprocessingml.document": "docx",
    "wordprocessingml.template": "dotx",
    "spreadsheetml.sheet": "xlsx",
    "spreadsheetml.template": "xltx",
    "presentationml.presentation": "pptx",
    "presentationml.template": "potx",
    "presentationml.slideshow": "ppsx",
    "word.document": "docm",
    "word.template": "dotm",
    "excel.sheet": "xlsm",
    "excel.template": "xltm",
    "powerpoint.presentation": "pptm",
    "powerpoint.template": "potm",
    "powerpoint.slideshow": "ppsm",
    "sheet.binary": "xlsb",
}
_ODF_MIME = b"application/vnd.oasis.opendocument."
_ODF_KINDS = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odg"}
_ASIC_MIMES = (b"application/vnd.etsi.asic-e+zip", b"application/vnd.etsi.asic-s+zip")
_LEGACY_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls", "PowerPoint Document": "ppt"}
_SUFFIXES: dict[Format, frozenset[str]] = {
    Format.PDF: frozenset({".pdf"}),
    Format.OOXML: frozenset(f".{kind}" for kind in _OOXML_KINDS.values()),
    Format.ODF: frozenset({".odt", ".ods", ".odp", ".odg", ".ott", ".ots", ".otp", ".odf"}),
    Format.ASICE: frozenset({".asice", ".sce", ".asics", ".scs", ".edoc", ".bdoc", ".adoc"}),
    Format.CMS: frozenset({".p7m", ".p7s", ".p7b", ".p7c", ".p7", ".pem", ".cms"}),
    Format.XML: frozenset({".xml", ".xades", ".xsig"}),
    Format.LEGACY_OFFICE: frozenset({".doc", ".xls", ".ppt", ".dot", ".xlt", ".pps", ".pot"}),
    Format.ENCRYPTED_OFFICE: frozenset(f".{kind}" for kind in _OOXML_KINDS.values()),
    Format.ZIP: frozenset({".zip"}),
    Format.UNKNOWN: frozenset(),
}
#: Endings that other programs open, as pages, pictures, mail or programs: a signed file under such a name is shown by a
#: program that sees another document in it.
_FOREIGN = frozenset(
    {
        *(
            ".htm",
            ".html",
            ".xhtml",
            ".xht",
            ".shtml",
            ".mht",
            ".mhtml",
            ".hta",
            ".svg",
            ".eml",
            ".msg",
            ".rtf",
            ".csv",
        ),
        *(".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ps", ".eps", ".epub", ".ofd", ".xps"),
        *(".fodt", ".fods", ".fodp", ".wps", ".et", ".dps", ".one", ".url", ".lnk", ".iso", ".rar", ".7z", ".gz"),
        *(".exe", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".wsf", ".jar", ".sh", ".py", ".apk"),
        *(".tar", ".csv"),
    }
)

#: How files packed by other programs begin. They are told apart only to say what to do with them.
_PACKED = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b\x08": "gzip"}


def detect(path: Path) -> Format:
    """The format of a file.

    A magic number at the very start wins over a PDF header further in, so that a ZIP or CMS that carries a PDF is
    what it is. A PDF header may stand anywhere in the first 1024 bytes, as readers accept it (ISO 32000-1, annex H.3,
    note 13).

    :raises FileMissing: there is no such file.
    :raises FileNotReadable: it cannot be opened, or is no regular file. :raises FolderGiven: it is a folder.
    """
    with _open(path) as file:
        return _detect(file)


def office_kind(path: Path) -> str | None:
    """The usual extension of an Office document's kind, without dot: ``docx``, ``xlsm``, ``odt``, ``doc``…

    :return: None where the content does not tell, such as an encrypted document.
    :raises FileMissing, FileNotReadable: as :func:`detect`.
    """
    with _open(path) as file:
        found = _detect(file)
        if found is Format.OOXML:
            return _ooxml_kind(file)
        if found is Format.ODF:
            mime = _mimetype(file)
            return _ODF_KINDS.get(mime.removeprefix(_ODF_MIME).removesuffix(b"-template")) if mime else None
        if found is Format.LEGACY_OFFICE:
            names = _compound_names(file)
            return next((kind for stream, kind in _LEGACY_STREAMS.items() if stream in names), None)
    return None


def packed_kind(path: Path) -> str:
    """``RAR``, ``7z`` or ``gzip``; empty for any other content.

    :raises FileMissing, FileNotReadable: as :func:`detect`.
    """
    with _open(path) as file:
        head = _at(file, 0, 8)
    return next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), "")


def compound_names(path: Path) -> set[str]:
    """Names of the streams and storages of a compound file (MS-CFB, section 2.6), as far as bounds reach.

    :raises FileMissing, FileNotReadable: as :func:`detect`.
    """
    with _open(path) as file:
        return _compound_names(file)


def extension_fits(path: Path, format: Format) -> bool:
    """Whether the name's extension is one that belongs to the content.

    :param format: as :func:`detect` gave it. For an OOXML file the extension must also be that of its kind,
        so a workbook named ``.docx`` does not fit.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES[format]:
        return False
    if format is Format.OOXML:
        kind = office_kind(path)
        return kind is None or suffix == f".{kind}"
    return True


def extension_lies(path: Path, format: Format) -> bool:
    """Whether the name's extension is that of another kind of file. An unknown or missing one says nothing, and
    ``.zip`` is true of every format that is a ZIP.

    :param format: as :func:`detect` gave it.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip" and format in (Format.OOXML, Format.ODF, Format.ASICE):
        return False
    foreign = suffix in _FOREIGN and format not in (Format.UNKNOWN, Format.ZIP)
    known = foreign or any(suffix in endings for endings in _SUFFIXES.values())
    return known and not extension_fits(path, format)


def usual_suffixes(*formats: Format) -> frozenset[str]:
    """The endings of names that files of these formats have, in small letters and with their dot."""
    return frozenset(suffix for format in formats for suffix in _SUFFIXES[format])


def _open(path: Path) -> BinaryIO:
    try:
        # A named pipe or device would block or never end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise from_os_error(error, path) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise (FolderGiven if stat.S_ISDIR(mode) else FileNotReadable)(path=str(path))
    return os.fdopen(descriptor, "rb")


def _detect(file: BinaryIO) -> Format:
    head = _at(file, 0, _HEAD)
    if head.startswith(_ZIP_MAGICS):
        return _zip_format(file)
    if head.startswith(_CFB_MAGIC):
        names = _compound_names(file)
        if "EncryptedPackage" in names:
            return Format.ENCRYPTED_OFFICE
        return Format.LEGACY_OFFICE if names & _LEGACY_STREAMS.keys() else Format.UNKNOWN
    if _CMS_START.match(head) or _CMS_PEM.match(head.lstrip()):
        return Format.CMS
    if head.startswith(b"%PDF-"):
        return Format.PDF
    if _XML_START.match(_as_ascii(head)):
        return Format.XML
    if b"%PDF-" in head:
        return Format.PDF
    return Format.UNKNOWN


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    try:
        file.seek(offset)
        return file.read(size)
    except OSError as error:
        raise from_os_error(error, file.name) from error


def _as_ascii(head: bytes) -> bytes:
    """The start of a text without byte order mark and blanks, UTF-16 thinned to its ASCII letters."""
    for mark, step in ((b"\xef\xbb\xbf", 1), (b"\xff\xfe", 2), (b"\xfe\xff", 2)):
        if head.startswith(mark):
            body = head[len(mark) :]
            return (body if step == 1 else body[(0 if mark == b"\xff\xfe" else 1) :: 2]).lstrip()
    return head.lstrip()


# ZIP (APPNOTE 6.3)


def _zip_format(file: BinaryIO) -> Format:
    names = {name for name, _ in _zip_entries(file)}
    first = _first_entry_name(file)
    if first is not None:
        names.add(first)
    mime = _mimetype(file)
    is_ooxml = _CONTENT_TYPES in names
    is_odf = (mime is not None and mime.startswith(_ODF_MIME)) or {b"content.xml", b"META-INF/manifest.xml"} <= names
    is_asic = mime in _ASIC_MIMES or (
        mime is None and not is_odf and not is_ooxml and any(_ASIC_SIGNATURE.fullmatch(name) for name in names)
    )
    claims = [
        format
        for format, claimed in ((Format.OOXML, is_ooxml), (Format.ODF, is_odf), (Format.ASICE, is_asic))
        if claimed
    ]
    return claims[0] if len(claims) == 1 else Format.ZIP


def _zip_entries(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and local header offset of the entries in the central directory; nothing where there is none in bounds."""
    size = os.fstat(file.fileno()).st_size
    tail_at = max(0, size - 65557)
    tail = _at(file, tail_at, 65557)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        return
    length, offset = struct.unpack_from("<LL", tail, end + 12)
    if 0xFFFFFFFF in (length, offset) and end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        (record_at,) = struct.unpack_from("<Q", tail, end - 12)
        record = _at(file, record_at, 56) if record_at < size else b""
        if len(record) < 56 or not record.startswith(b"PK\x06\x06"):
            return
        length, offset = struct.unpack_from("<QQ", record, 40)
    if offset >= size:
        return
    directory = _at(file, offset, min(length, _ZIP_MAX_DIRECTORY))
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        (local,) = struct.unpack_from("<L", directory, at + 42)
        yield directory[at + 46 : at + 46 + name], local
        at += 46 + name + extra + comment


def _first_entry_name(file: BinaryIO) -> bytes | None:
    header = _at(file, 0, 30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        return None
    (length,) = struct.unpack_from("<H", header, 26)
    return _at(file, 30, min(length, _HEAD))


def _mimetype(file: BinaryIO) -> bytes | None:
    """Content of a stored first entry ``mimetype`` (ETSI EN 319 162-1, annex A; ODF 1.3 part 2, section 3.3)."""
    if _first_entry_name(file) != b"mimetype":
        return None
    return _entry(file, 0, 256).strip() or None


def _entry(file: BinaryIO, local: int, limit: int) -> bytes:
    """Up to ``limit`` bytes of an entry's content, empty where it cannot be had."""
    header = _at(file, local, 30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        return b""
    flags, method = struct.unpack_from("<HH", header, 6)
    packed, _, name, extra = struct.unpack_from("<LLHH", header, 18)
    if flags & 8:
        packed = limit
    content = _at(file, local + 30 + name + extra, min(packed, limit))
    if method == 0:
        return content.partition(b"PK\x07\x08")[0] if flags & 8 else content
    if method != 8:
        return b""
    try:
        return zlib.decompressobj(-15).decompress(content, limit)
    except zlib.error:
        return b""


def _ooxml_kind(file: BinaryIO) -> str | None:
    local = next((offset for name, offset in _zip_entries(file) if name == _CONTENT_TYPES), None)
    if local is None:
        return None
    markup = _entry(file, local, _MAX_CONTENT_TYPES)
    encoding = "utf-16" if markup.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    found = _OOXML_MAIN.search(markup.decode(encoding, "replace"))
    if found is None:
        return None
    return _OOXML_KINDS[found["kind"] or found["macro"] or found["binary"]]


# Compound files (MS-CFB)


def _compound_names(file: BinaryIO) -> set[str]:
    """Names in the directory of a compound file, as far as the bounds reach."""
    header = _at(file, 0, 512)
    if len(header) < 512:
        return set()
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        return set()
    size = 1 << shift
    (sector,) = struct.unpack_from("<L", header, 48)
    fat_sectors = struct.unpack_from("<109L", header, 76)
    names: set[str] = set()
    for _ in range(_CFB_MAX_SECTORS):
        if sector >= 0xFFFFFFFA:
            break
        content = _at(file, (sector + 1) * size, size)
        if len(content) < 128:
            break
        for at in range(0, len(content) - 127, 128):
            (length,) = struct.unpack_from("<H", content, at + 64)
            if 2 <= length <= 64:
                names.add(content[at : at + length - 2].decode("utf-16-le", "replace"))
        block, place = divmod(sector, size // 4)
        if block >= len(fat_sectors) or fat_sectors[block] >= 0xFFFFFFFA:
            break
        following = _at(file, (fat_sectors[block] + 1) * size + place * 4, 4)
        if len(following) < 4:
            break
        (sector,) = struct.unpack("<L", following)
    return names
