"""Facts of one XML signature, whatever document it stands in; what it covers is the document's examiner's to say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.times import VIETNAM
from app.trust.algorithms import verify_signature
from app.trust.certificate import read_certificate
from app.trust.cms import DigestOf
from app.trust.errors import CertificateUnreadable
from app.trust.model import Problem
from app.trust.timestamps import read_timestamp
from app.verification.model import Coverage, SignatureFacts
from app.xmldsig.canonical import Canonicalization, canonical_subset
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import Identifiers, XmlSignature, read_signature
from app.xmldsig.stamped import ContentOf, stamped_digest
from app.xmldsig.unsigned import is_name_of, subject_names
from app.xmldsig.xades import EncapsulatedStamp, Evidence, read_time

#: Hash names, the weakest first.
_STRENGTH: Final = ("sha1", "sha256", "sha384", "sha512")

#: Elements of signed objects that state a time: in OpenDocument, in e-invoices, in Office packages.
_TIME_NAMES: Final = (
    "{http://purl.org/dc/elements/1.1/}date",
    "{*}SigningTime",
    "{http://schemas.openxmlformats.org/package/2006/digital-signature}Value",
)


@dataclass(frozen=True)
class Protection:
    """What the references of a signature to its document say.

    :ivar broken: digests that do not hold.
    :ivar remarks: worth a sentence where all hold.
    :ivar hash_names: of digests beside those of SignedInfo.
    :ivar content: the octets that a reference out of the signature digests, in pieces; needed for archive time stamps.
    """

    coverage: Coverage
    uncovered: tuple[str, ...] = ()
    broken: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    hash_names: frozenset[str] = frozenset()
    content: ContentOf | None = None


def signature_facts(
    element: Element,
    identifiers: Identifiers,
    *,
    format: str,
    name: str,
    protection_of: Callable[[XmlSignature], Protection],
    manifests: bool = False,
) -> SignatureFacts:
    """The facts of a Signature element.

    :param identifiers: of its whole document.
    :param name: of the signature, as reports tell it.
    :param protection_of: checks the references that lead out of the signature; may raise SignatureFault.
    :param manifests: ``protection_of`` checks what a Manifest refers to.
    """
    facts = SignatureFacts(name=name, format=format, intact=False, certificate=None)
    try:
        signature = read_signature(element, identifiers, manifests=manifests)
    except SignatureFault as fault:
        return _refused(facts, fault)
    evidence = signature.properties.evidence if signature.properties else Evidence()
    facts = dataclasses.replace(
        facts,
        certificate=signature.certificates[0] if len(signature.certificates) == 1 else None,
        certificates=tuple(dict.fromkeys(signature.certificates + evidence.certificates)),
        digest_algorithm=_weakest(signature),
        signature_algorithm=signature.scheme.name,
        claimed_time=_claimed_time(signature),
        embedded_crls=evidence.crls,
        embedded_ocsps=evidence.ocsps,
    )
    try:
        certificate = _signer(signature)
        facts = dataclasses.replace(facts, certificate=certificate)
        _check_value(signature, certificate)
        protection = protection_of(signature)
        facts = _stamped(facts, signature, protection)
    except SignatureFault as fault:
        return _refused(facts, fault)
    facts = dataclasses.replace(facts, digest_algorithm=_weakest(signature, protection.hash_names))
    if protection.broken:
        return dataclasses.replace(facts, problems=protection.broken)
    return dataclasses.replace(
        facts,
        intact=True,
        coverage=protection.coverage,
        uncovered=protection.uncovered,
        problems=(*protection.remarks, *_remarks(signature), *_names_beside(signature, certificate)),
    )


def refused(name: str, format: str, fault: SignatureFault) -> SignatureFacts:
    """The facts of a signature that cannot be read."""
    return _refused(SignatureFacts(name=name, format=format, intact=False, certificate=None), fault)


def _remarks(signature: XmlSignature) -> Iterator[Problem]:
    properties = signature.properties
    if properties is None or properties.signer is None:
        yield Problem("xmldsig-certificate-not-named")
    for name in dict.fromkeys(properties.unchecked if properties else ()):
        code = "xmldsig-countersignature" if name == "CounterSignature" else "xmldsig-property-unchecked"
        yield Problem(code, (("name", name),))


def _names_beside(signature: XmlSignature, certificate: bytes) -> Iterator[Problem]:
    """Names in KeyInfo, which programs and style sheets show as the signer's though nobody signs them."""
    written = subject_names(signature.key_info)
    if not written:
        return
    read = read_certificate(certificate)
    known = [[text for _, text in name.attributes] for name in (read.subject, read.issuer)]
    for name in dict.fromkeys(written):
        if not any(is_name_of(name, values) for values in known):
            yield Problem("xmldsig-name-beside", (("name", name[:200]),))


def problem_of(fault: SignatureFault) -> Problem:
    """A fault as a fact."""
    return Problem(fault.code, tuple(fault.data.items()))


def _refused(facts: SignatureFacts, fault: SignatureFault) -> SignatureFacts:
    return dataclasses.replace(facts, supported=fault.supported, problems=(problem_of(fault),))


def _weakest(signature: XmlSignature, others: frozenset[str] = frozenset()) -> str:
    used = {signature.scheme.hash_name, *others, *(reference.hash_name for reference, _ in signature.entries)}
    return min(used, key=_STRENGTH.index)


def _claimed_time(signature: XmlSignature) -> dt.datetime | None:
    """SigningTime of XAdES, else a time that a signed object states; one without zone is Vietnam's."""
    properties = signature.properties
    if properties is not None and properties.claimed_time is not None:
        return properties.claimed_time
    for _, target in signature.own:
        for node in target.iter(*_TIME_NAMES):
            found = read_time(node.text, VIETNAM)
            if found is not None:
                return found
    return None


def _signer(signature: XmlSignature) -> bytes:
    """The signer's certificate: the one that the signed properties name, else the one whose key fits."""
    named = signature.properties.signer if signature.properties else None
    if named is not None:
        for certificate in signature.certificates:
            if hash_of(named.hash_name, certificate) == named.digest:
                return certificate
        raise SignatureFault("xmldsig-certificate-mismatch")
    octets = canonical_subset(signature.signed_info, signature.canonicalization)
    for certificate in signature.certificates:
        try:
            if verify_signature(certificate, signature.scheme, signature.value, octets):
                return certificate
        except CertificateUnreadable:
            continue
    raise SignatureFault("xmldsig-signature-value")


def _check_value(signature: XmlSignature, certificate: bytes) -> None:
    """The signature value first, then the digests of the parts of the signature itself."""
    octets = canonical_subset(signature.signed_info, signature.canonicalization)
    try:
        if not verify_signature(certificate, signature.scheme, signature.value, octets):
            raise SignatureFault("xmldsig-signature-value")
    except CertificateUnreadable as error:
        raise SignatureFault("xmldsig-certificate-unreadable") from error
    for reference, target in signature.own:
        content = canonical_subset(target, reference.canonicalization or Canonicalization())
        if hash_of(reference.hash_name, content) != reference.digest:
            raise SignatureFault("xmldsig-properties-changed", id=reference.uri[1:80])


def _stamped(facts: SignatureFacts, signature: XmlSignature, protection: Protection) -> SignatureFacts:
    stamps = signature.properties.stamps if signature.properties else ()
    read = [
        (
            stamp.archival,
            read_timestamp(
                stamp.token, message=_digest_of(stamp, signature, protection), certificates=facts.certificates
            ),
        )
        for stamp in stamps
    ]
    return dataclasses.replace(
        facts,
        timestamps=tuple(found for archival, found in read if not archival),
        archive_timestamps=tuple(found for archival, found in read if archival),
    )


def _digest_of(stamp: EncapsulatedStamp, signature: XmlSignature, protection: Protection) -> DigestOf:
    return lambda hash_name: stamped_digest(stamp, signature, protection.content, hash_name)


def hash_of(hash_name: str, data: bytes) -> bytes:
    """:param hash_name: a hashlib name."""
    return hashlib.new(hash_name, data, usedforsecurity=False).digest()
