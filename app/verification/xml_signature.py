"""Facts of one XML signature, whatever document it stands in; what it covers is the document's examiner's to say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.times import VIETNAM
from app.trust.algorithms import verify_signature
from app.trust.errors import CertificateUnreadable
from app.trust.model import Problem
from app.trust.timestamps import read_timestamp
from app.verification.model import Coverage, SignatureFacts
from app.xmldsig.canonical import Canonicalization, canonical_subset
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element
from app.xmldsig.signature import Identifiers, XmlSignature, read_signature
from app.xmldsig.xades import read_time

#: Hash names, the weakest first.
_STRENGTH: Final = ("sha1", "sha256", "sha384", "sha512")

#: Elements of signed objects that state a time: the ``dc:date`` of ODF, the SigningTime of e-invoices.
_TIME_NAMES: Final = ("{http://purl.org/dc/elements/1.1/}date", "SigningTime")


@dataclass(frozen=True)
class Protection:
    """What the references of a signature to its document say.

    :ivar broken: digests that do not hold.
    :ivar remarks: worth a sentence where all hold.
    """

    coverage: Coverage
    uncovered: tuple[str, ...] = ()
    broken: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def signature_facts(
    element: Element,
    identifiers: Identifiers,
    *,
    format: str,
    name: str,
    protection_of: Callable[[XmlSignature], Protection],
) -> SignatureFacts:
    """The facts of a Signature element.

    :param identifiers: of its whole document.
    :param name: where the element has no Id.
    :param protection_of: checks the references that lead out of the signature; may raise SignatureFault.
    """
    facts = SignatureFacts(name=element.get("Id") or name, format=format, intact=False, certificate=None)
    try:
        signature = read_signature(element, identifiers)
    except SignatureFault as fault:
        return _refused(facts, fault)
    evidence = signature.properties.evidence if signature.properties else None
    facts = dataclasses.replace(
        facts,
        certificate=signature.certificates[0] if len(signature.certificates) == 1 else None,
        certificates=tuple(dict.fromkeys(signature.certificates + (evidence.certificates if evidence else ()))),
        digest_algorithm=_weakest(signature),
        signature_algorithm=signature.scheme.name,
        claimed_time=_claimed_time(signature),
        embedded_crls=evidence.crls if evidence else (),
        embedded_ocsps=evidence.ocsps if evidence else (),
    )
    try:
        certificate = _signer(signature)
        facts = dataclasses.replace(facts, certificate=certificate)
        _check_value(signature, certificate)
        protection = protection_of(signature)
        facts = _stamped(facts, signature)
    except SignatureFault as fault:
        return _refused(facts, fault)
    if protection.broken:
        return dataclasses.replace(facts, problems=protection.broken)
    remarks = list(protection.remarks)
    if signature.properties is None or signature.properties.signer is None:
        remarks.append(Problem("xmldsig-certificate-not-named"))
    return dataclasses.replace(
        facts,
        intact=True,
        coverage=protection.coverage,
        uncovered=protection.uncovered,
        problems=tuple(remarks),
    )


def problem_of(fault: SignatureFault) -> Problem:
    """A fault as a fact."""
    return Problem(fault.code, tuple(fault.data.items()))


def _refused(facts: SignatureFacts, fault: SignatureFault) -> SignatureFacts:
    return dataclasses.replace(facts, supported=fault.supported, problems=(problem_of(fault),))


def _weakest(signature: XmlSignature) -> str:
    used = {signature.scheme.hash_name}
    used.update(reference.hash_name for reference, _ in signature.own)
    used.update(reference.hash_name for reference in signature.references)
    return min(used, key=_STRENGTH.index)


def _claimed_time(signature: XmlSignature) -> dt.datetime | None:
    """SigningTime of XAdES, else a time that a signed object states; one without zone is Vietnam's."""
    properties = signature.properties
    if properties is not None and properties.claimed_time is not None:
        return properties.claimed_time
    for _, target in signature.own:
        for node in target.iter():
            if node.tag in _TIME_NAMES or node.tag.endswith("}SigningTime"):
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


def _stamped(facts: SignatureFacts, signature: XmlSignature) -> SignatureFacts:
    stamps = signature.properties.stamps if signature.properties else ()
    return dataclasses.replace(
        facts,
        timestamps=tuple(
            read_timestamp(
                stamp.token,
                message=canonical_subset(signature.value_element, stamp.canonicalization),
                certificates=facts.certificates,
            )
            for stamp in stamps
        ),
    )


def hash_of(hash_name: str, data: bytes) -> bytes:
    """:param hash_name: a hashlib name."""
    return hashlib.new(hash_name, data, usedforsecurity=False).digest()
