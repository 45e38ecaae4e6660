"""Raising XML signatures to levels T, LT and LTA (ETSI EN 319 132-1, sections 5.3 to 5.5 and 6.3).

Time stamps and evidence go into the unsigned properties of a signature, which neither it nor any other one covers. An
archive time stamp covers what was there before it; what comes later, such as evidence for that stamp, follows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from lxml import etree

from app.signing.errors import SignatureNotUnderstood, SignatureWithoutProperties
from app.signing.gathering import Used, authorities
from app.signing.model import Level
from app.signing.raising import HASH, Means, Outcome, climb
from app.trust.evidence import Evidence
from app.trust.timestamps import read_timestamp
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import Element, canonical
from app.xmldsig.signature import Identifiers, XmlSignature, read_signature
from app.xmldsig.stamped import ContentOf, stamped_digest
from app.xmldsig.unsigned_writing import add_archive_timestamp, add_timestamp, add_values, has_values
from app.xmldsig.vocabulary import XADES, XMLDSIG

_DS: Final = f"{{{XMLDSIG}}}"
_XD: Final = f"{{{XADES}}}"


def raise_all(root: Element, elements: Iterable[Element], means: Means, content_of: ContentOf) -> Outcome:
    """Add to signatures of a document what the level lacks; one that is at LTA gets fresh evidence and a further stamp.

    :param root: of the document; ``elements``: its Signature elements, which are added to.
    :param content_of: the octets that references out of a signature digest.
    :return: what was reached; whatever was added is whole, also where something else failed.
    :raises SignatureNotUnderstood, SignatureWithoutProperties: a signature cannot be added to.
    """
    outcome = Outcome()
    for element in elements:
        raising = _Raising(root, element, means, content_of)
        if means.certificate is not None and raising.signer != means.certificate:
            continue
        before = etree.tostring(element)
        level, note = raising.run()
        notes = () if note is None else (note,)
        outcome.add(Outcome(level, notes, etree.tostring(element) != before))
    return outcome


def add_signature_stamp(signature: Element, name: str, means: Means) -> None:
    """Add a time stamp over the signature value.

    :param name: of the signature, for the error.
    :raises SignatureWithoutProperties: there is no place for one.
    :raises TimestamperMissing, app.trust.errors.TimestampUnavailable: none can be had.
    """
    value = signature.find(f"{_DS}SignatureValue")
    if value is None or signature.find(f"{_DS}Object/{_XD}QualifyingProperties") is None:
        raise SignatureWithoutProperties(name=name)
    add_timestamp(signature, means.token(hashlib.new(HASH, canonical(value)).digest()))


class _Raising:
    """One signature on its way up."""

    def __init__(self, root: Element, element: Element, means: Means, content_of: ContentOf) -> None:
        self._root, self._element, self._means, self._content_of = root, element, means, content_of
        self._name = element.get("Id") or "?"
        self._signature = self._read()
        self.signer = _signer(self._signature)

    def run(self) -> tuple[Level, Exception | None]:
        steps = {Level.T: self._add_stamp, Level.LT: self._add_evidence, Level.LTA: self._add_archive_stamp}
        return climb(self._means.wanted, steps)

    def _add_stamp(self) -> None:
        if not self._stamped():
            add_signature_stamp(self._element, self._name, self._means)

    def _read(self) -> XmlSignature:
        try:
            return read_signature(self._element, Identifiers(self._root))
        except SignatureFault as fault:
            raise SignatureNotUnderstood(name=self._name, why=fault.code) from fault

    def _stamped(self) -> bool:
        properties = self._signature.properties
        if properties is None:
            raise SignatureWithoutProperties(name=self._name)
        return any(not stamp.archival for stamp in properties.stamps)

    def _add_evidence(self) -> None:
        """Certificates and revocation information of the signer, then those of time stamps (sections 5.4 and 5.5.1).

        Where an archive time stamp stands, all that is new goes behind it as data on the validation of time stamps.
        :raises EvidenceMissing: it does not suffice.
        """
        signature = self._signature = self._read()
        properties = signature.properties
        if self.signer is None or properties is None:
            raise SignatureWithoutProperties(name=self._name)
        gathering = self._means.gathering
        tokens = [read_timestamp(stamp.token, message=lambda _name: b"") for stamp in properties.stamps]
        own = gathering.evidence([Used(self.signer, signature.certificates, "signature")])
        stamps = gathering.evidence(authorities(tokens))
        known = properties.evidence
        held = Evidence((*signature.certificates, *known.certificates), known.crls, known.ocsps)
        if has_values(self._element):
            self._add(own + stamps, held, of_stamps=True)
        else:
            self._add(own, held, of_stamps=False)
            self._add(stamps, held + own, of_stamps=True)

    def _add(self, evidence: Evidence, held: Evidence, *, of_stamps: bool) -> None:
        add_values(
            self._element,
            [one for one in evidence.certificates if one not in held.certificates],
            [one for one in evidence.crls if one not in held.crls],
            [one for one in evidence.ocsps if one not in held.ocsps],
            of_stamps=of_stamps,
        )

    def _add_archive_stamp(self) -> None:
        place = add_archive_timestamp(self._element)
        try:
            signature = self._read()
            assert signature.properties is not None
            stamp = signature.properties.stamps[-1]
            imprint = stamped_digest(stamp, signature, self._content_of, HASH)
            place.set_token(self._means.token(imprint))
        except SignatureFault as fault:
            place.remove()
            raise SignatureNotUnderstood(name=self._name, why=fault.code) from fault
        except BaseException:
            place.remove()
            raise


def _signer(signature: XmlSignature) -> bytes | None:
    """The certificate that the signed properties name; None where they name none."""
    named = signature.properties.signer if signature.properties else None
    if named is None:
        return None
    fits = (
        one
        for one in signature.certificates
        if hashlib.new(named.hash_name, one, usedforsecurity=False).digest() == named.digest
    )
    return next(fits, None)
