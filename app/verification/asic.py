"""Examiner of ASiC containers: files together with the signatures over them, XAdES or CAdES.

Source: ETSI EN 319 162-1 (V1.1.1): section 4.3 for ASiC-S, 4.4 for ASiC-E, annex A for what both share. A signature has
to cover every file of the container that is no signature, list or media type.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from app.documents.asic import EXTENDED, MIMETYPE, SIMPLE, sort_files
from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.documents.zip_records import STORED
from app.trust import der
from app.trust.ber import to_der
from app.trust.cms import DigestOf, read_signed_data
from app.trust.cms_signers import split
from app.trust.der import DerError
from app.trust.model import Problem
from app.trust.timestamps import read_timestamp
from app.verification import cms
from app.verification.container import SignedFiles, rejected, told
from app.verification.model import Coverage, DocumentFacts, SignatureFacts
from app.verification.xml_signature import Protection, problem_of, refused, signature_facts
from app.xmldsig.asic_manifest import Manifest, read_manifest
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

_TIME_STAMP: Final = ".tst"
_EVIDENCE_TOLD: Final = 5
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
        self._files = SignedFiles(archive)
        files = sort_files(name for name, entry in archive.entries.items() if not entry.is_directory)
        self._xades, self._cades, self._lists, self._evidence = files.xades, files.cades, files.lists, files.evidence
        self.data = files.data
        self._anomalies = tuple(self._found_anomalies())

    def facts(self) -> DocumentFacts:
        if len(self._xades) + len(self._cades) > _SIGNATURES_LIMIT:
            return DocumentFacts(FORMAT, problems=(Problem("asic-too-many-signatures"),))
        try:
            lists = {name: self._list(name) for name in self._lists}
            signatures = [facts for name in self._xades for facts in self._xades_facts(name)]
        except SignatureFault as fault:
            return DocumentFacts(FORMAT, problems=(problem_of(fault),))
        for name in self._cades:
            signatures.extend(self._cades_facts(name, lists))
        stamps = list(self._time_stamps(lists))
        unused = list(self._unused(stamps))
        if strange := next((name for name in unused if not self._is_evidence(name)), None):
            return DocumentFacts(FORMAT, problems=(Problem("asic-part-unreadable", (("name", strange),)),))
        remarks = [Problem("asic-evidence", (("name", name),)) for name in unused[:_EVIDENCE_TOLD]]
        remarks.extend(Problem("asic-time-stamp-broken", (("name", one.name),)) for one in stamps if not one.intact)
        if stamps and not signatures:
            remarks.append(Problem("asic-only-time-stamp", (("when", stamps[0].timestamps[0].time.isoformat()),)))
        signatures.extend(_with_evidence_of(signatures, stamps))
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

    # Time stamps over files

    def _time_stamps(self, lists: dict[str, Manifest]) -> Iterator[SignatureFacts]:
        """Those over all files and all signatures of the container (sections 4.3.3.2, 4.4.3.3 and annex A.7); others
        prove nothing of the whole. One that does not cover those before it proves nothing of them, so that it is not
        counted."""
        archival = dict(self._archival_lists())
        earlier: set[str] = set()
        for name in [one for one in self._evidence if one.endswith(_TIME_STAMP)]:
            leading = [one for one, manifest in (lists | archival).items() if manifest.signature == name]
            if len(leading) == 1:
                stamped = leading[0]
                try:
                    covered, broken = self._files.check((lists | archival)[stamped].references)
                except SignatureFault:
                    continue
            elif not leading and not lists and len(self.data) == 1:
                stamped, covered, broken = self.data[0], {self.data[0]}, []
            else:
                continue
            if {*self.data, *self._xades, *self._cades, *earlier} <= covered:
                earlier |= {name, *([stamped] if leading else [])}
                yield self._time_stamp(name, stamped, holds=not broken)

    def _archival_lists(self) -> Iterator[tuple[str, Manifest]]:
        for name in self._evidence:
            if name.endswith(".xml"):
                try:
                    yield name, self._list(name)
                except SignatureFault:
                    continue

    def _time_stamp(self, name: str, stamped: str, *, holds: bool) -> SignatureFacts:
        token = self._archive.read(self._archive.entries[name], _SIZE_LIMIT)
        facts = read_timestamp(token, message=self._digest_of(stamped))
        inside = read_signed_data(token, digest_of=None, stamped=False)
        return SignatureFacts(
            name=name,
            format=FORMAT,
            intact=facts.intact and holds,
            certificate=None,
            timestamps=(facts,),
            embedded_crls=inside.embedded_crls,
            embedded_ocsps=inside.embedded_ocsps,
            coverage=Coverage.WHOLE,
            document_timestamp=True,
        )

    def _unused(self, stamps: list[SignatureFacts]) -> Iterator[str]:
        """Evidence that is not checked: records, and time stamps over a part; a stamp's list goes with it."""
        used = {one.name for one in stamps}
        for name in self._evidence:
            if name not in used and not (used and name.endswith(".xml")):
                yield name

    def _is_evidence(self, name: str) -> bool:
        """Whether a file is what its name says; a document must not hide behind such a name."""
        if name.endswith(".xml"):
            try:
                root = self._parsed(name)
            except SignatureFault:
                return False
            return root.tag.rpartition("}")[2] in ("ASiCManifest", "EvidenceRecord")
        entry = self._archive.entries[name]
        if entry.size > _SIZE_LIMIT:
            return False
        try:
            return der.read(to_der(self._archive.read(entry, _SIZE_LIMIT))).tag == der.SEQUENCE
        except DerError:
            return False

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
        covered, broken = self._files.check(signature.references)
        coverage, uncovered, remarks = self._coverage(covered)
        return Protection(
            coverage,
            uncovered,
            tuple(broken),
            remarks,
            content=lambda reference, _: self._files.content(reference),
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
            covered, broken = self._files.check(manifest.references)
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


def _with_evidence_of(
    signatures: Sequence[SignatureFacts], stamps: Sequence[SignatureFacts]
) -> Iterator[SignatureFacts]:
    """Time stamps over a container with all that its files say of revocation, of their authorities too, and with the
    signatures whose evidence, which is in the same files, they cover."""
    held = (*signatures, *stamps)
    certificates = tuple(dict.fromkeys(one for facts in held for one in facts.certificates))
    crls = tuple(dict.fromkeys(one for facts in held for one in facts.embedded_crls))
    ocsps = tuple(dict.fromkeys(one for facts in held for one in facts.embedded_ocsps))
    names = tuple(one.name for one in signatures)
    for stamp in stamps:
        yield dataclasses.replace(
            stamp, certificates=certificates, embedded_crls=crls, embedded_ocsps=ocsps, seals=names
        )


def _strength(hash_name: str) -> bool:
    return hash_name != "sha1"
