"""Who manages a certificate: what checking software must show beside issuer and holder (Circular 15/2025/TT-BKHCN,
article 6, clause 2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from app.trust.certificate import Certificate, Name, read_certificate
from app.trust.der import DerError
from app.trust.holder import COMMON_NAME, ORGANIZATION, UNIT
from app.trust.shipped import Domain

#: The Government's authority for official signatures as its certificates name it, with and without marks.
_OFFICIAL = {"ban cơ yếu chính phủ", "ban co yeu chinh phu"}


def managing_body(certificate_der: bytes, path: Sequence[bytes] = (), domain: Domain | None = None) -> str:
    """The body that manages a certificate.

    For an official signature that is the ministry, province or other agency which manages the subscriber (Decree
    68/2024/NĐ-CP): the organization of the subject, or its topmost unit. For a public one it is the organization that
    runs the issuing authority (Decree 23/2025/NĐ-CP).

    :param path: DER from the certificate up to the anchor, as far as known.
    :param domain: that of the anchor; None where there is no path to one.
    :return: a name as the certificates state it; empty where they state none or are malformed.
    """
    try:
        certificate = read_certificate(certificate_der)
        issuing = certificate.issuer
        if domain is Domain.GOVERNMENT or _folded(issuing.first(ORGANIZATION)) in _OFFICIAL:
            managed_by = certificate.subject.first(ORGANIZATION) or _topmost_unit(certificate.subject)
            if managed_by:
                return _composed(managed_by)
        return _composed(_operator(issuing, [read_certificate(data) for data in path[1:]]))
    except DerError:
        return ""


def _operator(issuing: Name, above: Sequence[Certificate]) -> str:
    """The organization of the issuing authority, else of the nearest one above it that names one."""
    organizations = (name.first(ORGANIZATION) for name in (issuing, *(item.subject for item in above)))
    return next(filter(None, organizations), issuing.first(COMMON_NAME))


def _topmost_unit(subject: Name) -> str:
    """The first of the organizational units, which go from the whole to the part (X.501)."""
    return next((text for kind, text in subject.attributes if kind == UNIT), "")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _folded(text: str) -> str:
    return " ".join(_composed(text).casefold().split())
