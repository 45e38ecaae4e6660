"""Evidence that a PDF carries of its signers' certificates: the document security store (ISO 32000-2, 12.8.4.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from app.documents.pdf_form import elements, entry
from app.documents.pdf_reader import FAULTS
from app.trust.der import SEQUENCE, DerError, read_prefix

_STORE_KEYS: Final = frozenset({"/Type", "/Certs", "/CRLs", "/OCSPs", "/VRI"})
_RELATED_KEYS: Final = frozenset({"/Type", "/Cert", "/CRL", "/OCSP", "/TU", "/TS"})
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


def is_only_evidence(store: object) -> bool:
    """Whether a document security store holds the entries of tables 261 and 262 and no others, and its streams, as far
    as they can be unpacked, are each one DER element: anybody may add to it, but nothing else than evidence.

    :param store: the ``/DSS`` dictionary.
    """
    related = entry(store, "/VRI")
    entries = [entry(related, key) for key in related if key != "/Type"] if isinstance(related, dict) else []
    return (
        isinstance(store, generic.DictionaryObject)
        and set(store) <= _STORE_KEYS
        and (related is None or isinstance(related, generic.DictionaryObject))
        and all(isinstance(each, generic.DictionaryObject) and set(each) <= _RELATED_KEYS for each in entries)
        and all(_is_der(data) for kind in read_store(store) for data in kind)
    )


def _is_der(data: bytes) -> bool:
    """A SEQUENCE, and nothing but blanks and zeros after it."""
    try:
        element, rest = read_prefix(data)
    except DerError:
        return False
    return element.tag == SEQUENCE and not rest.strip(b"\0\t\n\f\r ")


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
        if not isinstance(item, generic.StreamObject) or predicts(item):
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


def predicts(stream: generic.StreamObject) -> bool:
    """Whether its filters want a predictor, which is for pictures and tables and slow."""
    stated = entry(stream, "/DecodeParms")
    parameters = list(elements(stated)) if isinstance(stated, generic.ArrayObject) else [stated]
    return any(entry(part, "/Predictor") not in (None, _PREDICTOR_NONE) for part in parameters)
