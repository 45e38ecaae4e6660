"""Algorithm identifiers of XML signatures (XMLDSig 1.1, section 6; RFC 9231).

What is not in these tables is not checked, and a signature that uses it is never valid.
"""

from __future__ import annotations

from typing import Final

from app.trust.algorithms import SignatureScheme

_XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_PSS: Final = "http://www.w3.org/2007/05/xmldsig-more#{}-rsa-MGF1"
_XMLENC: Final = "http://www.w3.org/2001/04/xmlenc#"

#: Digest identifier → hashlib name.
DIGESTS: Final = {
    _XMLDSIG + "sha1": "sha1",
    _XMLENC + "sha256": "sha256",
    _MORE + "sha384": "sha384",
    _XMLENC + "sha512": "sha512",
}
DIGEST_IDENTIFIERS: Final = {name: identifier for identifier, name in DIGESTS.items()}

#: Signature identifier → scheme; the PSS forms have the digest's length of salt (RFC 9231, section 2.3.10).
SIGNATURES: Final = {
    _XMLDSIG + "rsa-sha1": SignatureScheme("rsa-pkcs1", "sha1"),
    **{_MORE + f"rsa-{name}": SignatureScheme("rsa-pkcs1", name) for name in ("sha256", "sha384", "sha512")},
    **{_MORE + f"ecdsa-{name}": SignatureScheme("ecdsa-raw", name) for name in ("sha1", "sha256", "sha384", "sha512")},
    **{_PSS.format(name): SignatureScheme("rsa-pss", name) for name in ("sha1", "sha256", "sha384", "sha512")},
}
SIGNATURE_IDENTIFIERS: Final = {scheme.name: identifier for identifier, scheme in SIGNATURES.items()}
