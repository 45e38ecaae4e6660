"""Evidence that a PDF carries of its signers' certificates: the document security store (ISO 32000-2, 12.8.4.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from app.documents.pdf_form import elements, entry
from app.documents.pdf_reader import FAULTS

_MOST_STREAMS: Final = 200
#: Octets of one kind; the list of an authority of a million subscribers has some thirty megabytes.
_MOST_OCTETS: Final = 64 << 20
_PREDICTOR_NONE: Final = 1

Octets = tuple[bytes, ...]


def read_store(store: object) -> tuple[Octets, Octets, Octets]:
    """Certificates, revocation lists and OCSP answers.

    What cannot be unpacked, or unfolds to more than such things have, is left out, so that its evidence is missing.

    :param store: the ``/DSS`` dictionary.
    """
    return (
        _streams(entry(store, "/Certs"), DecodePurpose.CERTIFICATE),
        _streams(entry(store, "/CRLs"), DecodePurpose.CRL),
        _streams(entry(store, "/OCSPs"), DecodePurpose.OCSP_RESPONSE),
    )


def evidence_for(values: Iterable[bytes], before: object, after: object) -> bool:
    """Whether a document security store has evidence of revocation for a signature.

    Its ``/VRI`` names the signature, or it holds evidence that the store of the signed revision did not.

    :param values: octets of the signature's ``/Contents``, with their padding and without.
    :param before: the ``/DSS`` of the revision that the signature covers; ``after``: the one looked at.
    """
    held = _revocation(after)
    if not held:
        return False
    names = {"/" + hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper() for octets in values}
    related = entry(after, "/VRI")
    named = isinstance(related, generic.DictionaryObject) and not names.isdisjoint(related)
    return named or not held <= _revocation(before)


def _revocation(store: object) -> set[tuple[int, int]]:
    """Numbers of the revocation lists and OCSP answers in a store."""
    listed = (entry(store, key) for key in ("/CRLs", "/OCSPs"))
    raw = (
        array.raw_get(index)
        for array in listed
        if isinstance(array, generic.ArrayObject)
        for index in range(len(array))
    )
    return {(item.idnum, item.generation) for item in raw if isinstance(item, generic.IndirectObject)}


def _streams(listed: object, purpose: DecodePurpose) -> Octets:
    found: list[bytes] = []
    left = _MOST_OCTETS
    for item, _count in zip(elements(listed), range(_MOST_STREAMS), strict=False):
        if not isinstance(item, generic.StreamObject) or _predicts(item):
            continue
        try:
            data: bytes = item.read_data(purpose)
        except FAULTS:
            continue
        left -= len(data)
        if left < 0:
            break
        found.append(data)
    return tuple(found)


def _predicts(stream: generic.StreamObject) -> bool:
    """Whether its filters want a predictor, which is for pictures and tables and slow."""
    stated = entry(stream, "/DecodeParms")
    parameters = list(elements(stated)) if isinstance(stated, generic.ArrayObject) else [stated]
    return any(entry(part, "/Predictor") not in (None, _PREDICTOR_NONE) for part in parameters)
