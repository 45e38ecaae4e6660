"""Examiner of ASiC containers: files together with the signatures over them, XAdES or CAdES.

Source: ETSI EN 319 162-1 (V1.1.1): section 4.3 for ASiC-S, 4.4 for ASiC-E, annex A for what both share. A signature has
to cover every file of the container that is no signature, list or media type.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.documents.asic import EXTENDED, MIMETYPE, SIMPLE, sort_files
from app.documents.strict_zip import STORED, StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.trust.ber import to_der
from app.trust.cms import DigestOf, read_signed_data
from app.trust.cms_signers import split
from app.trust.der import DerError
from app.trust.model import Problem
from app.verification import cms
from app.verification.asic_manifest import Manifest, read_manifest
from app.verification.container import check_entries, content_of, rejected, told
from app.verification.model import Coverage, DocumentFacts, SignatureFacts
from app.verification.xml_signature import Protection, problem_of, refused, signature_facts
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import SIGNATURE, Identifiers, XmlSignature

FORMAT: Final = "asice"

_MIMETYPES: Final = frozenset({EXTENDED, SIMPLE})
_MIMETYPE_LIMIT: Final = 256
_ROOTS: Final = frozenset(
    {
        "{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures",
        "{http://uri.etsi.org/2918/v1.2.1#}XAdESSignatures",
        "{urn:oasis:names:tc:opendocument:xmlns:digitalsignature:1.0}document-signatures",
    }
)

_SIGNATURES_LIMIT: Final = 32
_SIZE_LIMIT: Final = 8 << 20


def examine(path: Path) -> DocumentFacts:
    """The facts of all signatures of an ASiC container.

    :return: ``readable`` is False where the container is not read at all; ``problems`` says why.
    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    try:
        with StrictZip(path) as archive:
            return _Container(archive).facts()
    except ArchiveRejected as error:
        return rejected(FORMAT, error)


class _Container:
    """An opened container.

    :ivar data: names of the files that have to be signed.
    """

    def __init__(self, archive: StrictZip) -> None:
        self._archive = archive
        files = sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
        self._xades, self._cades, self._lists, self._evidence = files.xades, files.cades, files.lists, files.evidence
        self.data = files.data
        self._anomalies = tuple(self._found_anomalies())

    def facts(self) -> DocumentFacts:
        remarks = [Problem("asic-evidence", (("name", name),)) for name in self._evidence[:5]]
        if len(self._xades) + len(self._cades) > _SIGNATURES_LIMIT:
            return DocumentFacts(FORMAT, problems=(Problem("asic-too-many-signatures"),))
        try:
            lists = {name: self._list(name) for name in self._lists}
            signatures = [facts for name in self._xades for facts in self._xades_facts(name)]
        except SignatureFault as fault:
            return DocumentFacts(FORMAT, problems=(problem_of(fault), *remarks))
        for name in self._cades:
            signatures.extend(self._cades_facts(name, lists))
        led_to = {manifest.signature for manifest in lists.values()}
        for name in sorted(led_to - set(self._cades) - set(self._evidence)):
            remarks.insert(0, Problem("asic-signature-missing", (("name", name),)))
        return DocumentFacts(FORMAT, tuple(signatures), problems=tuple(remarks))

    def _found_anomalies(self) -> Iterator[Problem]:
        """What makes programs read the container as something else than was signed (annex A.1)."""
        if self._archive.stray_bytes:
            yield Problem("container-stray-bytes", (("count", str(self._archive.stray_bytes)),))
        entry = self._archive.entries.get(MIMETYPE)
        if entry is not None:
            stated = self._archive.read(entry, _MIMETYPE_LIMIT).decode("ascii", "replace").strip()
            if entry.offset or entry.method != STORED or stated not in _MIMETYPES:
                yield Problem("asic-mimetype")
            if stated == SIMPLE and len(self.data) != 1:
                yield Problem("asic-several-files")
        if not self.data:
            yield Problem("asic-no-files")

    def _parsed(self, name: str) -> Element:
        return parse_bounded(self._archive.read(self._archive.entries[name], _SIZE_LIMIT), name)

    def _list(self, name: str) -> Manifest:
        return read_manifest(self._parsed(name), name)

    # XAdES

    def _xades_facts(self, name: str) -> Iterator[SignatureFacts]:
        root = self._parsed(name)
        elements = [root] if root.tag == SIGNATURE else list(root) if root.tag in _ROOTS else []
        if not 0 < len(elements) <= _SIGNATURES_LIMIT or any(element.tag != SIGNATURE for element in elements):
            raise SignatureFault("asic-part-unreadable", name=name)
        identifiers = Identifiers(root)
        for element in elements:
            told_name = element.get("Id") or name
            yield signature_facts(element, identifiers, format=FORMAT, name=told_name, protection_of=self._protection)

    def _protection(self, signature: XmlSignature) -> Protection:
        covered, broken = check_entries(self._archive, signature.references)
        coverage, uncovered, remarks = self._coverage(covered)
        return Protection(
            coverage,
            uncovered,
            tuple(broken),
            remarks,
            content=lambda reference, _: content_of(self._archive, reference),
        )

    def _coverage(self, covered: set[str]) -> tuple[Coverage, tuple[str, ...], tuple[Problem, ...]]:
        uncovered = tuple(name for name in self.data if name not in covered)
        remarks = self._anomalies
        if uncovered:
            remarks += (Problem("container-uncovered", told(uncovered)),)
        return Coverage.PARTIAL if remarks else Coverage.WHOLE, uncovered, remarks

    # CAdES

    def _cades_facts(self, name: str, lists: dict[str, Manifest]) -> Iterator[SignatureFacts]:
        """One for each signer of a signature file, over its list (ASiC-E) or over the only file (ASiC-S)."""
        leading = [one for one, manifest in lists.items() if manifest.signature == name]
        if len(leading) > 1 or (not leading and (self._lists or len(self.data) != 1)):
            yield refused(name, FORMAT, SignatureFault("asic-list-missing", name=name))
            return
        signed = leading[0] if leading else self.data[0]
        try:
            parts = split(to_der(self._archive.read(self._archive.entries[name], _SIZE_LIMIT)))
        except DerError:
            yield refused(name, FORMAT, SignatureFault("asic-part-unreadable", name=name))
            return
        if not parts.signatures:
            yield refused(name, FORMAT, SignatureFault("asic-part-unreadable", name=name))
        for one in parts.signatures:
            read = cms.without_exchange(read_signed_data(one, digest_of=self._digest_of(signed)), self._head(signed))
            facts = cms.signature_facts(read, name, FORMAT, one, self._digest_of(signed))
            yield self._covering(facts, lists[leading[0]]) if leading else self._over_one_file(facts)

    def _head(self, name: str) -> bytes:
        """What a file begins with."""
        return bytes(next(iter(self._archive.chunks(self._archive.entries[name])), b""))

    def _digest_of(self, name: str) -> DigestOf:
        def digest(hash_name: str) -> bytes:
            return self._archive.digest(self._archive.entries[name], hash_name)

        return digest

    def _over_one_file(self, facts: SignatureFacts) -> SignatureFacts:
        coverage, uncovered, remarks = self._coverage(set(self.data))
        return dataclasses.replace(facts, coverage=coverage, uncovered=uncovered, problems=(*facts.problems, *remarks))

    def _covering(self, facts: SignatureFacts, manifest: Manifest) -> SignatureFacts:
        """Only a list that is itself signed says anything."""
        if not facts.intact:
            return dataclasses.replace(facts, coverage=Coverage.PARTIAL)
        try:
            covered, broken = check_entries(self._archive, manifest.references)
        except SignatureFault as fault:
            return dataclasses.replace(facts, intact=False, supported=fault.supported, problems=(problem_of(fault),))
        if broken:
            return dataclasses.replace(facts, intact=False, problems=tuple(broken))
        coverage, uncovered, remarks = self._coverage(covered)
        weakest = min((facts.digest_algorithm, *(one.hash_name for one in manifest.references)), key=_strength)
        return dataclasses.replace(
            facts,
            coverage=coverage,
            uncovered=uncovered,
            digest_algorithm=weakest,
            problems=(*facts.problems, *remarks),
        )


def _strength(hash_name: str) -> bool:
    return hash_name != "sha1"
