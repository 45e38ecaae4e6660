"""Examiner of signed XML files: what is cryptographically so of each XMLDSig or XAdES signature in them.

Signatures stand in the document they sign (enveloped), beside it in the same file, or around it (enveloping). Only
references to the file itself are followed. What a signature covers is compared with all there is: an element elsewhere
than the signer put it, or beside what was signed, is not covered (W3C Note "XML Signature Best Practices", section 2).
"""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from lxml import etree

from app.errors import from_os_error
from app.trust.model import Problem
from app.verification.model import Coverage, DocumentFacts, SignatureFacts
from app.verification.xml_coverage import Outside, frame_is_known, in_words, told, uncovered
from app.verification.xml_signature import Protection, hash_of, problem_of, signature_facts
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.canonical import Canonicalization, canonical_subset, canonical_whole, removed
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import DS, SIGNATURE, Identifiers, Reference, XmlSignature

FORMAT: Final = "xml"

_SIZE_LIMIT: Final = 32 << 20
#: Most octets that all references of a file together are digested over.
_WORK_LIMIT: Final = 64 << 20
_SIGNATURES_LIMIT: Final = 32
#: Parts of a signature that speak of the signature.
_PROPERTIES: Final = frozenset({"SignedProperties", "QualifyingProperties", "SignatureProperties", "SignatureProperty"})
_STYLESHEET: Final = "xml-stylesheet"


def examine(path: Path) -> DocumentFacts:
    """The facts of all signatures of an XML file, in document order.

    :return: ``readable`` is False where the file is not read at all; ``problems`` says why.
    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise from_os_error(error, path) from error
    if len(data) > _SIZE_LIMIT:
        return _unreadable(Problem("xml-too-large", (("limit", str(_SIZE_LIMIT)),)))
    try:
        root = parse_bounded(data, path.name)
    except SignatureFault as fault:
        return _unreadable(Problem("xml-not-plain") if fault.code == "xmldsig-content-not-xml" else problem_of(fault))
    return _Document(root).facts()


def _unreadable(problem: Problem) -> DocumentFacts:
    return DocumentFacts(FORMAT, readable=False, problems=(problem,))


class _Document:
    """A parsed file.

    :ivar signatures: the Signature elements that stand in no other.
    """

    def __init__(self, root: Element) -> None:
        self._root = root
        self.signatures = [one for one in root.iter(SIGNATURE) if next(one.iterancestors(SIGNATURE), None) is None]
        self._work = 0
        self._covered: dict[int, list[Element]] = {}

    def facts(self) -> DocumentFacts:
        if not self.signatures:
            return DocumentFacts(FORMAT)
        if len(self.signatures) > _SIGNATURES_LIMIT:
            return DocumentFacts(FORMAT, problems=(Problem("xml-too-many-signatures"),))
        identifiers = Identifiers(self._root)
        found = [
            signature_facts(
                element,
                identifiers,
                format=FORMAT,
                name=element.get("Id") or str(number),
                protection_of=lambda signature: self._protection(signature, identifiers),
            )
            for number, element in enumerate(self.signatures, 1)
        ]
        intact = [one for one, facts in zip(self.signatures, found, strict=True) if facts.intact]
        signatures = tuple(
            self._with_coverage(facts, element, intact) for element, facts in zip(self.signatures, found, strict=True)
        )
        return DocumentFacts(FORMAT, signatures, problems=tuple(self._remarks()))

    def _remarks(self) -> list[Problem]:
        """What is worth a sentence whatever the signatures say."""
        tree = self._root.getroottree()
        comments = [one for one in tree.iter(etree.Comment) if next(one.iterancestors(SIGNATURE), None) is None]
        remarks = []
        if any(_splits_text(comment) for comment in comments):
            remarks.append(Problem("xml-comment-in-text"))
        elif comments:
            remarks.append(Problem("xml-comments", (("count", str(len(comments))),)))
        if any(one.target == _STYLESHEET for one in tree.iter(etree.ProcessingInstruction)):
            remarks.append(Problem("xml-stylesheet"))
        return remarks

    # What a signature covers.

    def _protection(self, signature: XmlSignature, identifiers: Identifiers) -> Protection:
        """Check the references out of the signature; coverage is found when all signatures are known."""
        covered: list[Element] = []
        broken: list[Problem] = []
        for reference in signature.references:
            target = self._target(reference, signature, identifiers)
            if any(target is known for known in covered):
                raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
            covered.append(target)
            if hash_of(reference.hash_name, self._octets(reference, target, signature)) != reference.digest:
                broken.append(Problem("xml-content-changed", (("name", told(target)),)))
        covered.extend(target for _, target in signature.own if target.tag != f"{DS}SignatureProperty")
        self._covered[id(signature.element)] = covered

        def content(reference: Reference, method: Canonicalization) -> tuple[bytes]:
            target = self._target(reference, signature, identifiers)
            return (self._octets(reference, target, signature, method),)

        return Protection(Coverage.WHOLE, broken=tuple(broken), content=content)

    def _target(self, reference: Reference, signature: XmlSignature, identifiers: Identifiers) -> Element:
        uri = reference.uri
        if uri and not uri.startswith("#"):
            raise SignatureFault("xml-external-reference", supported=False, uri=uri[:120])
        target = identifiers.element(uri[1:]) if uri else self._root
        if target is None:
            raise SignatureFault("xmldsig-reference", uri=uri[:120])
        around = any(one is target for one in signature.element.iterancestors())
        if around is not reference.enveloped:
            raise SignatureFault("xmldsig-reference", uri=uri[:120])
        return target

    def _octets(
        self,
        reference: Reference,
        target: Element,
        signature: XmlSignature,
        default: Canonicalization | None = None,
    ) -> bytes:
        """References within a document leave comments out, whatever the method says (XMLDSig, section 4.4.3.3).

        :param default: the method where the reference names none.
        """
        method = (reference.canonicalization or default or Canonicalization()).without_comments()
        with removed(signature.element) if reference.enveloped else nullcontext():
            octets = canonical_subset(target, method) if reference.uri else canonical_whole(self._root, method)
        self._work += len(octets)
        if self._work > _WORK_LIMIT:
            raise SignatureFault("xml-too-complex", supported=False)
        return octets

    def _with_coverage(self, facts: SignatureFacts, element: Element, intact: list[Element]) -> SignatureFacts:
        """Compare what an intact signature covers with all there is, and with what the other intact ones cover."""
        if not facts.intact:
            return facts
        covered = self._covered[id(element)]
        found = uncovered(self._root, covered, self.signatures, whole=self._covers_whole(element))
        others = [target for one in intact if one is not element for target in self._covered[id(one)]]
        coverage, problems = self._judged(found, covered, others, element)
        return dataclasses.replace(
            facts,
            coverage=coverage,
            uncovered=tuple(found.names[:50]),
            problems=(*facts.problems, *problems),
        )

    def _covers_whole(self, element: Element) -> bool:
        """Whether what stands beside the root is signed too, as only the reference to the whole document does."""
        return any(reference.get("URI") == "" for reference in element.iterfind(f"{DS}SignedInfo/{DS}Reference"))

    def _judged(
        self, found: Outside, covered: list[Element], others: list[Element], element: Element
    ) -> tuple[Coverage, list[Problem]]:
        names = (("count", str(len(found.names))), ("names", ", ".join(map(in_words, found.names[:5]))))
        parts = ", ".join(in_words(told(target)) for target in covered if _is_content(target, element))
        if not parts:
            return Coverage.PARTIAL, [Problem("xml-nothing-signed")]
        if not found.names:
            if not found.framed:
                return Coverage.WHOLE, []
            known = frame_is_known(self._root, covered, found.frame)
            code = "xml-frame-known" if known else "xml-frame"
            return Coverage.WHOLE_EXCEPT_METADATA, [Problem(code, (("names", parts),))]
        only_elements = len(found.elements) == len(found.names)
        if only_elements and frame_is_known(self._root, covered, found.frame, found.elements):
            signed = all(_stands_in(one, others) for one in found.elements if one.tag.endswith("MCCQT"))
            code = "xml-invoice-additions" if signed else "xml-invoice-code-unsigned"
            return Coverage.WHOLE_EXCEPT_METADATA, [Problem(code, names)]
        if only_elements and all(_stands_in(one, others) for one in found.elements):
            return Coverage.EARLIER_REVISION, [Problem("xml-part-signed", (*names, ("parts", parts)))]
        return Coverage.PARTIAL, [Problem("xml-uncovered", names)]


def _is_content(target: Element, signature: Element) -> bool:
    """Whether something signed is more than a part of the signature that speaks of the signature."""
    inside = any(one is signature for one in target.iterancestors())
    if not inside:
        return next(target.iterancestors(SIGNATURE), None) is None
    parts = list(target) if target.tag == f"{DS}Object" else [target]
    return target.tag != f"{DS}KeyInfo" and any(one.tag.rpartition("}")[2] not in _PROPERTIES for one in parts)


def _stands_in(element: Element, targets: list[Element]) -> bool:
    return any(one in targets for one in (element, *element.iterancestors()))


def _splits_text(comment: Element) -> bool:
    parent = comment.getparent()
    if parent is None:
        return False
    texts = (parent.text, *(child.tail for child in parent))
    return any(text and text.strip() for text in texts)
