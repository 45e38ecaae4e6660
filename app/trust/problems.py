"""Problems that speak of a certificate."""

from __future__ import annotations

from app.trust.certificate import Certificate
from app.trust.errors import CertificateUnreadable
from app.trust.holder import holder
from app.trust.model import Problem


def about(code: str, certificate: Certificate, **data: str) -> Problem:
    """A problem whose data begins with the ``name`` of the certificate's holder."""
    try:
        name = holder(certificate.der).name
    except CertificateUnreadable:
        name = certificate.sha256[:16]
    return Problem(code, (("name", name), *data.items()))
