"""Examiner of OpenDocument packages: what is cryptographically so of each signature in a .odt, .ods or .odp.

Every file of the package but the list of these signatures has to be signed: the list of files, the media type and the
signatures of macros too (ODF 1.3 part 2, section 3.2 and 5; reference/ooxml-signatures, section 7).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from app.documents.strict_zip import Entry, StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.documents.zip_records import STORED
from app.trust.model import Problem
from app.verification.container import SignedFiles, rejected, told
from app.verification.model import Coverage, DocumentFacts
from app.verification.xml_signature import Protection, problem_of, signature_facts
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import SIGNATURE, Identifiers, XmlSignature

FORMAT: Final = "odf"

_SIGNATURES: Final = "META-INF/documentsignatures.xml"
_MACRO_SIGNATURES: Final = "META-INF/macrosignatures.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_MIMETYPE: Final = "mimetype"

_SIGNATURES_LIMIT: Final = 32
_SIGNATURES_SIZE_LIMIT: Final = 8 << 20
_MANIFEST_LIMIT: Final = 8 << 20
_MIMETYPE_LIMIT: Final = 256
_LINKS_TOLD: Final = 5
#: Most bytes of markup that are looked through for links.
_LINKS_LIMIT: Final = 24 << 20

_ROOT: Final = "{urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0}document-signatures"
_MANIFEST_NAMESPACE: Final = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_XLINK: Final = "http://www.w3.org/1999/xlink"
#: Elements whose link is only followed when somebody clicks on it.
_ANCHORS: Final = frozenset({"a", "event-listener"})


def examine(path: Path) -> DocumentFacts:
    """The facts of all signatures of an OpenDocument package, in their order.

    :return: ``readable`` is False where the package is not read at all; ``problems`` says why.
    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    try:
        with StrictZip(path) as archive:
            return _examine(archive)
    except ArchiveRejected as error:
        return rejected(FORMAT, error)


def _examine(archive: StrictZip) -> DocumentFacts:
    try:
        manifest = _manifest(archive)
    except SignatureFault as fault:
        return DocumentFacts(FORMAT, readable=False, problems=(problem_of(fault),))
    if manifest is not None and next(manifest.iter(f"{_MANIFEST_NAMESPACE}encryption-data"), None) is not None:
        return DocumentFacts(FORMAT, readable=False, problems=(Problem("odf-encrypted"),))
    listed = archive.entries.get(_SIGNATURES)
    files = SignedFiles(archive)
    remarks = list(_remarks(archive))
    if listed is None:
        return DocumentFacts(FORMAT, problems=tuple(remarks))
    try:
        root = parse_bounded(archive.read(listed, _SIGNATURES_SIZE_LIMIT), _SIGNATURES)
    except SignatureFault:
        return DocumentFacts(FORMAT, problems=(Problem("odf-signatures-unreadable"), *remarks))
    elements = list(root)
    if root.tag != _ROOT or any(element.tag != SIGNATURE for element in elements):
        return DocumentFacts(FORMAT, problems=(Problem("odf-signatures-unreadable"), *remarks))
    if len(elements) > _SIGNATURES_LIMIT:
        return DocumentFacts(FORMAT, problems=(Problem("odf-too-many-signatures"), *remarks))
    anomalies = tuple(_anomalies(archive, manifest))
    identifiers = Identifiers(root)

    def protection(signature: XmlSignature) -> Protection:
        return _protection(archive, files, signature, anomalies)

    signatures = tuple(
        signature_facts(
            element, identifiers, format=FORMAT, name=element.get("Id") or str(number), protection_of=protection
        )
        for number, element in enumerate(elements, 1)
    )
    return DocumentFacts(FORMAT, signatures, problems=tuple(remarks))


def _manifest(archive: StrictZip) -> Element | None:
    entry = archive.entries.get(_MANIFEST)
    return None if entry is None else parse_bounded(archive.read(entry, _MANIFEST_LIMIT), _MANIFEST)


def _anomalies(archive: StrictZip, manifest: Element | None) -> Iterator[Problem]:
    """What makes programs read the package as something else than was signed (ODF 1.3 part 2, section 3.3)."""
    if archive.stray_bytes:
        yield Problem("container-stray-bytes", (("count", str(archive.stray_bytes)),))
    first = min(archive.entries.values(), key=lambda entry: entry.offset)
    if first.name != _MIMETYPE or first.method != STORED or first.size > _MIMETYPE_LIMIT:
        yield Problem("odf-mimetype")
        return
    stated = archive.read(first, _MIMETYPE_LIMIT).decode("ascii", "replace").strip()
    name, kind = f"{_MANIFEST_NAMESPACE}full-path", f"{_MANIFEST_NAMESPACE}media-type"
    entries = () if manifest is None else manifest.iter(f"{_MANIFEST_NAMESPACE}file-entry")
    roots = [entry.get(kind) for entry in entries if entry.get(name) == "/"]
    if roots != [stated]:
        yield Problem("odf-mimetype")


def _protection(
    archive: StrictZip, files: SignedFiles, signature: XmlSignature, anomalies: tuple[Problem, ...]
) -> Protection:
    covered, broken = files.check(signature.references)
    if _SIGNATURES in covered:
        raise SignatureFault("xmldsig-reference", uri=_SIGNATURES)
    uncovered = tuple(
        entry.name
        for entry in archive.entries.values()
        if not entry.is_directory and entry.name not in covered and entry.name != _SIGNATURES
    )
    remarks = anomalies
    if uncovered:
        remarks += (Problem("container-uncovered", told(uncovered)),)
    coverage = Coverage.PARTIAL if remarks else Coverage.WHOLE
    return Protection(
        coverage, uncovered, tuple(broken), remarks, content=lambda reference, _: files.content(reference)
    )


def _remarks(archive: StrictZip) -> Iterator[Problem]:
    """What is worth a sentence whatever the signatures say."""
    if _MACRO_SIGNATURES in archive.entries:
        yield Problem("odf-macro-signatures")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.entries):
        yield Problem("odf-macros")
    files = SignedFiles(archive, parsed_limit=_LINKS_LIMIT)
    links = dict.fromkeys(
        link
        for name, entry in archive.entries.items()
        if name.rpartition("/")[2] in ("content.xml", "styles.xml")
        for link in _external(files, entry)
    )
    for link in list(links)[:_LINKS_TOLD]:
        yield Problem("odf-external-content", (("target", link[:200]),))


def _external(files: SignedFiles, entry: Entry) -> Iterator[str]:
    """Addresses outside of the package that a program loads when it shows the document."""
    try:
        root = files.markup(entry)
    except SignatureFault:
        return
    for node in root.iter(f"{_OFFICE}dde-source"):
        yield " ".join(node.get(f"{_OFFICE}dde-{name}", "") for name in ("application", "topic", "item"))
    for node in root.xpath("//*[@link:href]", namespaces={"link": _XLINK}):
        link = node.get(f"{{{_XLINK}}}href")
        if node.tag.rpartition("}")[2] not in _ANCHORS and not _inside(link):
            yield link


def _inside(link: str) -> bool:
    path = unquote(link).strip()
    if path.startswith("#"):
        return True
    if path.startswith(("/", "\\")) or ":" in path.partition("/")[0]:
        return False
    return posixpath.normpath(path).partition("/")[0] != ".."
