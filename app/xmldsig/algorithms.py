"""Algorithm identifiers of XML signatures beside those that Office packages use (RFC 9231)."""

from __future__ import annotations

from typing import Final

from app.ooxml.algorithms import DIGESTS as DIGESTS
from app.ooxml.algorithms import SIGNATURES as _COMMON
from app.trust.algorithms import SignatureScheme

_PSS: Final = "http://www.w3.org/2007/05/xmldsig-more#{}-rsa-MGF1"

#: Signature identifier → scheme; the PSS forms have the digest's length of salt (RFC 9231, section 2.3.10).
SIGNATURES: Final = _COMMON | {
    _PSS.format(name): SignatureScheme("rsa-pss", name) for name in ("sha1", "sha256", "sha384", "sha512")
}
