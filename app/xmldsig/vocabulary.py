"""Namespaces and types of XML signatures (XMLDSig 1.1, section 1.3; ETSI EN 319 132-1, section 4.4)."""

from __future__ import annotations

from typing import Final

XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
XADES_141: Final = "http://uri.etsi.org/01903/v1.4.1#"
SIGNED_PROPERTIES_TYPE: Final = "http://uri.etsi.org/01903#SignedProperties"
