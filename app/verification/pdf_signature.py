"""What the value of a PDF signature holds cryptographically (ISO 32000-2, 12.8.3; ETSI EN 319 142-1)."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

from app.documents.pdf_form import entry
from app.trust.cms import read_signed_data
from app.trust.model import Problem, problem
from app.trust.timestamps import read_timestamp
from app.verification.model import SignatureFacts
from app.verification.pdf_dictionary import claimed_time, parsed_contents, without_padding
from app.verification.pdf_ranges import RangeDigests

_DETACHED = {"/adbe.pkcs7.detached", "/ETSI.CAdES.detached"}
_SHA1_INSIDE = "/adbe.pkcs7.sha1"
_TIME_STAMP = "/ETSI.RFC3161"


def signed_facts(
    unread: SignatureFacts,
    value: Any,
    contents: bytes,
    digests: RangeDigests,
    evidence: tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]],
) -> SignatureFacts:
    """Whether a signature is of the octets that it covers, and whose it is.

    :param unread: its facts so far: its name, and nothing proven.
    :param value: its dictionary. :param contents: the octets of ``/Contents``, padding included.
    :param digests: of the octets covered.
    :param evidence: certificates, revocation lists and OCSP answers of the document security store.
    :return: facts without coverage; of an unknown kind of signature, that it is not supported.
    """
    certificates, crls, ocsps = evidence
    kind = str(entry(value, "/SubFilter") or "")
    content, clean = without_padding(contents)
    problems = () if clean else (problem("pdf-contents-padding"),)
    facts = replace(unread, embedded_crls=crls, embedded_ocsps=ocsps, problems=problems)
    if kind == _TIME_STAMP:
        stamp = read_timestamp(content, message=digests, certificates=certificates)
        return replace(
            facts,
            intact=stamp.intact and clean,
            certificate=stamp.certificate,
            certificates=stamp.certificates,
            digest_algorithm=stamp.digest_algorithm,
            document_timestamp=True,
            timestamps=(stamp,),
            problems=(*problems, *stamp.problems),
        )
    if kind not in _DETACHED and kind != _SHA1_INSIDE:
        return replace(
            facts,
            supported=False,
            claimed_time=claimed_time(value),
            problems=(*problems, problem("pdf-subfilter-unknown", kind=kind[:80] or "–")),
        )
    inside = kind == _SHA1_INSIDE
    cms = read_signed_data(content, digest_of=None if inside else digests, certificates=certificates)
    intact = cms.intact and clean
    if inside and not hmac.compare_digest(cms.content or b"", digests("sha1")):
        intact = False
        problems = (*problems, problem("digest-mismatch"))
    return replace(
        facts,
        intact=intact,
        supported=cms.supported,
        certificate=cms.certificate,
        certificates=cms.certificates,
        digest_algorithm="sha1" if inside else cms.digest_algorithm,
        signature_algorithm=cms.signature_algorithm,
        claimed_time=cms.claimed_time or claimed_time(value),
        timestamps=cms.timestamps,
        embedded_crls=(*cms.embedded_crls, *crls),
        embedded_ocsps=(*cms.embedded_ocsps, *ocsps),
        problems=(*problems, *cms.problems),
    )


def signer_only(unread: SignatureFacts, value: Any, why: Problem) -> SignatureFacts:
    """Who claims to have signed, for a signature whose range is wrong.

    :param unread, value: as given to :func:`signed_facts`. :param why: what is wrong with the range.
    """
    contents = parsed_contents(value)
    read = read_signed_data(without_padding(contents)[0], digest_of=lambda _name: b"") if contents else None
    return replace(
        unread,
        certificate=read.certificate if read else None,
        certificates=read.certificates if read else (),
        claimed_time=claimed_time(value),
        problems=(why,),
    )
