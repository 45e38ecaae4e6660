"""Examiner of Office packages: what is cryptographically so of each signature in a .docx, .xlsx or .pptx.

A package that two programs could read differently is not read at all; of a readable one every signature is checked by
itself: its markup, its value, the parts it names, and what it leaves uncovered (reference/ooxml-signatures, section 5).
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Final

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import vocabulary
from app.ooxml.package import Origin, Package, Part
from app.trust.algorithms import verify_signature
from app.trust.errors import CertificateUnreadable
from app.trust.model import Problem
from app.trust.timestamps import read_timestamp
from app.verification import ooxml_coverage
from app.verification.model import DocumentFacts, SignatureFacts
from app.verification.ooxml_manifest import Covered, check_manifest
from app.verification.ooxml_markup import Finding, SignatureMarkup, read_markup
from app.xmldsig.markup import canonical

FORMAT: Final = "ooxml"

_SIGNATURE_LIMIT: Final = 8 << 20
_STRENGTH: Final = ("sha1", "sha256", "sha384", "sha512")


def examine(path: Path) -> DocumentFacts:
    """The facts of all signatures of an Office package, in the order in which it names them.

    :return: ``readable`` is False where the package is not read at all; ``problems`` says why.
    :raises app.errors.AntinError: the file is missing or may not be read.
    """
    try:
        with Package(path) as package:
            return _examine(package, path.suffix)
    except ArchiveRejected as error:
        data = tuple((name, str(value)) for name, value in error.data.items())
        return DocumentFacts(FORMAT, readable=False, problems=(Problem(error.code, data),))


def _examine(package: Package, suffix: str) -> DocumentFacts:
    origin = package.origin()
    remarks = ooxml_coverage.notes(package)
    if origin is None or not origin.signatures:
        if _unlinked_signature(package):
            remarks.insert(0, Problem("ooxml-signature-cut-off"))
        return DocumentFacts(FORMAT, problems=tuple(remarks))
    signatures = tuple(_signature(package, origin, part, suffix) for part in origin.signatures)
    return DocumentFacts(FORMAT, signatures, problems=tuple(remarks))


def _unlinked_signature(package: Package) -> bool:
    return any(
        key.startswith("/_xmlsignatures/") or part.content_type == vocabulary.SIGNATURE_TYPE
        for key, part in package.parts.items()
    )


def _signature(package: Package, origin: Origin, part: Part, suffix: str) -> SignatureFacts:
    facts = SignatureFacts(name=part.name, format=FORMAT, intact=False, certificate=None)
    try:
        if part.content_type != vocabulary.SIGNATURE_TYPE:
            raise Finding("ooxml-signature-type")
        markup = read_markup(package.read(part, _SIGNATURE_LIMIT), part.name)
    except Finding as finding:
        return _refused(facts, finding)
    facts = dataclasses.replace(
        facts,
        certificate=markup.certificates[0] if len(markup.certificates) == 1 else None,
        certificates=tuple(dict.fromkeys(markup.certificates + markup.evidence.certificates)),
        digest_algorithm=_weakest(markup),
        signature_algorithm=markup.scheme.name,
        claimed_time=markup.claimed_time,
        embedded_crls=markup.evidence.crls,
        embedded_ocsps=markup.evidence.ocsps,
    )
    try:
        facts = dataclasses.replace(facts, certificate=_signer(markup))
        _check_value(markup, facts.certificate or b"")
        covered, problems = check_manifest(package, markup.manifest)
    except Finding as finding:
        return _refused(facts, finding)
    return _concluded(package, origin, suffix, facts, markup, covered, problems)


def _refused(facts: SignatureFacts, finding: Finding) -> SignatureFacts:
    problem = Problem(finding.code, tuple(finding.data.items()))
    return dataclasses.replace(facts, supported=finding.supported, problems=(problem,))


def _concluded(
    package: Package,
    origin: Origin,
    suffix: str,
    facts: SignatureFacts,
    markup: SignatureMarkup,
    covered: Covered,
    broken: list[Problem],
) -> SignatureFacts:
    stamps = tuple(
        read_timestamp(
            stamp.token,
            message=canonical(markup.value_element, stamp.canonicalization),
            certificates=facts.certificates,
        )
        for stamp in markup.stamps
    )
    facts = dataclasses.replace(facts, timestamps=stamps)
    if broken:
        return dataclasses.replace(facts, problems=tuple(broken))
    coverage, uncovered, problems = ooxml_coverage.coverage_of(package, origin, covered, suffix)
    if markup.signer is None:
        problems.append(Problem("ooxml-certificate-not-named"))
    return dataclasses.replace(facts, intact=True, coverage=coverage, uncovered=uncovered, problems=tuple(problems))


def _signer(markup: SignatureMarkup) -> bytes:
    """The signer's certificate: the one that the signed properties name, else the one whose key fits."""
    if markup.signer is not None:
        for certificate in markup.certificates:
            if (
                hashlib.new(markup.signer.hash_name, certificate, usedforsecurity=False).digest()
                == markup.signer.digest
            ):
                return certificate
        raise Finding("ooxml-certificate-mismatch")
    octets = canonical(markup.signed_info, markup.canonicalization)
    for certificate in markup.certificates:
        try:
            if verify_signature(certificate, markup.scheme, markup.value, octets):
                return certificate
        except CertificateUnreadable:
            continue
    raise Finding("ooxml-signature-value")


def _check_value(markup: SignatureMarkup, certificate: bytes) -> None:
    """The signature value first, then the digests of what SignedInfo names."""
    octets = canonical(markup.signed_info, markup.canonicalization)
    try:
        if not verify_signature(certificate, markup.scheme, markup.value, octets):
            raise Finding("ooxml-signature-value")
    except CertificateUnreadable as error:
        raise Finding("ooxml-certificate-unreadable") from error
    for reference, target in markup.own:
        transform = reference.transforms[0].algorithm if reference.transforms else None
        content = canonical(target, transform) if transform else canonical(target)
        if hashlib.new(reference.hash_name, content, usedforsecurity=False).digest() != reference.digest:
            raise Finding("ooxml-properties-changed", id=reference.uri[1:80])


def _weakest(markup: SignatureMarkup) -> str:
    used = {markup.scheme.hash_name}
    used.update(reference.hash_name for reference, _ in markup.own)
    used.update(reference.hash_name for reference in markup.manifest)
    return min(used, key=_STRENGTH.index)
