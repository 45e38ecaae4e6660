"""What is fuzzed: every parser of ours that meets octets of unknown origin.

A target takes octets and returns. It raises only where the program has a defect: an exception other than those its
parser documents, or a file that is accepted though what it shows was never signed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path

from app.errors import AntinError
from app.trust.algorithms import AlgorithmUnknown
from app.trust.der import DerError
from app.verification.model import Coverage, DocumentFacts
from app.verification.policy import Policy, Severity

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
#: Of a package, what a signature need not cover or covers by its meaning only.
_LOOSE = re.compile(r"_xmlsignatures/|docProps/|\[Content_Types\]\.xml$|.*\.rels$|META-INF/|mimetype$", re.IGNORECASE)
_COVERED = frozenset((Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA))
_NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


class FalseValid(AssertionError):
    """A file was accepted that shows what nobody signed."""


@dataclass(frozen=True)
class Target:
    """One parser.

    :ivar run: takes any octets; knowing what genuine files show (:func:`shown`), an examiner looks for false verdicts.
    :ivar format: of the samples of :mod:`tests.attacks` that are its seeds.
    :ivar parts: which entries of those samples, where they are archives and the parser reads entries.
    :ivar archive: the octets are a ZIP, whose entries are worth changing one at a time.
    """

    name: str
    run: Callable[[bytes, Container[bytes]], None]
    format: str
    parts: str = ""
    archive: bool = False


def _file(data: bytes, suffix: str = "") -> Path:
    """A file of this process that holds the octets."""
    memory = Path("/dev/shm")
    path = (memory if memory.is_dir() else Path(tempfile.gettempdir())) / f"antin-fuzz-{os.getpid()}{suffix}"
    path.write_bytes(data)
    return path


def _accepted(facts: DocumentFacts) -> bool:
    """Whether the shipped policy says yes to the whole document but for questions of trust."""
    problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
    return (
        facts.readable
        and all(_policy().severity(problem.code) < Severity.INDETERMINATE for problem in problems)
        and all(one.intact for one in facts.signatures)
        and all(one.coverage in _COVERED for one in facts.signatures[-1:])
    )


@cache
def _policy() -> Policy:
    return Policy.load()


def shown(format_: str, data: bytes) -> set[bytes]:
    """Digests of what the signatures of a file protect; empty where that cannot be told apart from the outside."""
    match format_:
        case "pdf":
            found = set()
            for numbers in _RANGE.findall(data):
                first, length, second, rest = map(int, numbers)
                signed = data[first : first + length] + data[second : second + rest]
                found.add(hashlib.sha256(signed).digest())
            return found
        case "ooxml" | "odf" | "asic":
            try:
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    entries = [name for name in archive.namelist() if not _LOOSE.match(name)]
                    whole = b"".join(
                        name.encode() + b"\0" + hashlib.sha256(archive.read(name)).digest() for name in sorted(entries)
                    )
            except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError):
                return set()
            return {hashlib.sha256(whole).digest()}
        case "xml":
            from lxml import etree

            try:
                root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
            except (etree.XMLSyntaxError, ValueError):
                return set()
            if root.tag == _SIGNATURE:
                return set()
            etree.strip_elements(root, _SIGNATURE, with_tail=False)
            return {hashlib.sha256(etree.tostring(root, method="c14n")).digest()}
    return set()


def is_signed(format_: str, data: bytes) -> bool:
    """Whether some signature is intact and covers the whole of a file, whatever else is wrong with it."""
    try:
        facts = _examine(format_, _file(data))
    except AntinError:
        return False
    return any(one.intact and one.coverage in _COVERED for one in facts.signatures)


def _examine(format_: str, path: Path) -> DocumentFacts:
    facts: DocumentFacts = import_module(f"app.verification.{format_}").examine(path)
    return facts


def _examiner(format_: str, suffix: str) -> Callable[[bytes, Container[bytes]], None]:
    def run(data: bytes, genuine: Container[bytes]) -> None:
        try:
            facts = _examine(format_, _file(data, suffix))
        except AntinError:
            return
        if facts.signatures and _accepted(facts):
            seen = shown(format_, data)
            if seen and all(digest not in genuine for digest in seen):
                raise FalseValid(format_)

    return run


def _parser(parse: Callable[[bytes], object], *allowed: type[Exception]) -> Callable[[bytes, Container[bytes]], None]:
    def run(data: bytes, genuine: Container[bytes]) -> None:
        try:
            parse(data)
        except allowed:
            pass

    return run


def _detect(data: bytes) -> None:
    from app.documents.formats import detect, extension_lies, office_kind

    path = _file(data, ".pdf")
    extension_lies(path, detect(path))
    office_kind(path)


def _archive(data: bytes) -> None:
    from app.documents.strict_zip import StrictZip

    with StrictZip(_file(data)) as archive:
        for entry in archive.entries.values():
            archive.read(entry, 1 << 20)


def _package(data: bytes) -> None:
    from app.ooxml.package import Package, metadata_of

    with Package(_file(data)) as package:
        metadata_of(package)


def _relationships(data: bytes) -> None:
    from app.ooxml import relationships

    found = relationships.read(data, "_rels/.rels", "/")
    relationships.read(relationships.written(found.relationships), "_rels/.rels", "/")


def _content_types(data: bytes) -> None:
    from app.ooxml.content_types import ContentTypeList

    ContentTypeList(data)


def _office_text(data: bytes) -> None:
    from app.documents.office_lines import read_office

    read_office(_file(data, ".docx"))


def _byte_range(data: bytes) -> None:
    from app.documents.pdf_syntax import SyntaxFault, dictionary_spans, object_header
    from app.verification.pdf_ranges import RangeFault, signed_range, trailing, unlisted_object

    file = io.BytesIO(data)
    for match in re.finditer(rb"\d+ \d+ obj", data):
        try:
            _, _, at = object_header(data, match.start())
            dictionary_spans(data, at)
        except SyntaxFault:
            pass
        try:
            signed_range(file, len(data), match.start())
        except RangeFault:
            pass
    trailing(file, len(data), len(data) // 2)
    unlisted_object(file, len(data) // 2, len(data), set())


def _pdf_objects(data: bytes) -> None:
    from tests.plain_objects import compare

    for match in islice(re.finditer(rb"[1-9]\d* \d+ obj", data), 200):
        compare(data[match.start() : match.start() + 2048])


def _certificates(data: bytes) -> None:
    from app.trust.certificate import read_certificate
    from app.trust.holder import holder
    from app.trust.pem import read_certificates

    for der in read_certificates(data):
        read_certificate(der)
        holder(der)


def _crl(data: bytes) -> None:
    from app.trust.crl import read_crl
    from app.trust.pem import unarmour

    for der in unarmour(data):
        read_crl(der)


def _cms(data: bytes) -> None:
    from app.trust.cms import read_signed_data

    read_signed_data(data, digest_of=None)
    read_signed_data(data, digest_of=lambda name: hashlib.new(name, b"").digest())


def _timestamp(data: bytes) -> None:
    from app.trust.timestamps import read_timestamp

    read_timestamp(data, message=b"")


def _evidence(data: bytes) -> None:
    """The same octets as certificate, list and answer of a certificate whose path is asked for."""
    from app.trust.path import TrustEvaluator
    from app.trust.pem import unarmour
    from app.trust.store import TrustStore

    try:
        blocks = unarmour(data)
    except DerError:
        blocks = [data]
    evaluator = TrustEvaluator(TrustStore(lambda: blocks[:1], crls=blocks), None)
    evaluator.evaluate(blocks[0], blocks, at=_NOW, usage="signature", crls=blocks, ocsps=blocks)


def _ber(data: bytes) -> None:
    from app.trust.ber import to_der

    to_der(data)


def _settings(data: bytes) -> None:
    from app.settings import load

    load(_file(data, "-data").parent / "antin-fuzz-none", _file(data, ".toml"))


TARGETS = {
    target.name: target
    for target in (
        Target("pdf", _examiner("pdf", ".pdf"), "pdf"),
        Target("byte-range", _parser(_byte_range), "pdf"),
        Target("pdf-objects", _parser(_pdf_objects), "pdf"),
        Target("ooxml", _examiner("ooxml", ".docx"), "ooxml", archive=True),
        Target("odf", _examiner("odf", ".odt"), "odf", archive=True),
        Target("asice", _examiner("asic", ".asice"), "asic", archive=True),
        Target("cms", _examiner("cms", ".p7m"), "cms"),
        Target("xml", _examiner("xml", ".xml"), "xml"),
        Target("format", _parser(_detect, AntinError), "*", archive=True),
        Target("zip", _parser(_archive, AntinError), "*", archive=True),
        Target("opc", _parser(_package, AntinError), "ooxml", archive=True),
        Target("office-text", _parser(_office_text, AntinError), "ooxml", archive=True),
        Target("relationships", _parser(_relationships, AntinError), "ooxml", parts=r".*\.rels$"),
        Target("content-types", _parser(_content_types, AntinError), "ooxml", parts=r"\[Content_Types\]\.xml$"),
        Target("certificates", _parser(_certificates, DerError, AntinError), "trust"),
        Target("crl", _parser(_crl, DerError, AntinError, AlgorithmUnknown), "trust"),
        Target("evidence", _parser(_evidence, AntinError), "trust"),
        Target("signed-data", _parser(_cms), "cms"),
        Target("timestamp", _parser(_timestamp), "trust"),
        Target("ber", _parser(_ber, DerError), "cms"),
        Target("settings", _parser(_settings, AntinError), "settings"),
    )
}
