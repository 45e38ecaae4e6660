"""Raising a CMS signature to the higher levels of CAdES: T, LT and LTA (ETSI EN 319 122-1, sections 5.3 to 5.5)."""

from __future__ import annotations

import hashlib
from typing import Final

from asn1crypto import cms as asn1
from cryptography import x509

from app.trust import cms, der
from app.trust.timestamps import HttpTimestamper
from tests.demo.pki import Credential, Pki
from tests.unit.trust_material import CmsMaker, Holder, attribute, hash_algorithm, seq

LEVELS: Final = ("B", "T", "LT", "LTA")
ARCHIVE_TIME_STAMP: Final = "0.4.0.1733.2.4"
HASH_INDEX: Final = "0.4.0.19122.1.5"


def signed(content: bytes, signer: Credential, level: str, pki: Pki, *, attached: bool = False) -> bytes:
    """DER of a CAdES signature of a level, one of :data:`LEVELS`."""
    holder = Holder(x509.load_der_x509_certificate(signer.certificate), signer.private_key)
    data = CmsMaker(holder, content=content, attached=attached).make()
    step = LEVELS.index(level)
    if step > 0:
        value = asn1.ContentInfo.load(data)["content"]["signer_infos"][0]["signature"].native
        data = with_unsigned(data, cms.SIGNATURE_TIME_STAMP, _token(value, pki))
    if step > 1:
        authorities = (pki.certificate(name) for name in ("issuing", "root", "tsa"))
        crls = der.encode(der.context(0), seq(pki.crl("issuing"), pki.crl("root")))
        data = with_unsigned(data, cms.CERTIFICATE_VALUES, seq(*authorities))
        data = with_unsigned(data, cms.REVOCATION_VALUES, seq(crls))
    if step > 2:
        data = with_unsigned(data, ARCHIVE_TIME_STAMP, _archive_token(data, content, pki))
    return data


def _token(octets: bytes, pki: Pki) -> bytes:
    return HttpTimestamper(pki.tsa_url, timeout=10).token(hashlib.sha256(octets).digest(), "sha256")


def _archive_token(data: bytes, content: bytes, pki: Pki) -> bytes:
    """An archive time stamp of the third kind over all that is in the CMS."""
    structure = asn1.ContentInfo.load(data)["content"]
    signer = structure["signer_infos"][0]
    hashed = [[one.dump() for one in structure["certificates"]], []]
    hashed.append([part for one in signer["unsigned_attrs"] for part in _typed_values(one.dump())])
    index = seq(hash_algorithm("sha256"), *(seq(*map(_hashed, parts)) for parts in hashed))
    names = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    octets = structure["encap_content_info"]["content_type"].dump() + hashlib.sha256(content).digest()
    octets += b"".join(signer[name].dump() for name in names) + index
    return with_unsigned(_token(octets, pki), HASH_INDEX, index)


def _typed_values(attribute_der: bytes) -> list[bytes]:
    kind, values = der.read(attribute_der).children()
    return [kind.raw + value.raw for value in values.children()]


def _hashed(part: bytes) -> bytes:
    return der.encode(der.OCTET_STRING, hashlib.sha256(part).digest())


def with_unsigned(data: bytes, kind: str, value: bytes) -> bytes:
    """A CMS whose only signer has one more unsigned attribute."""
    identifier, wrapped = der.read(data).children()
    parts = wrapped.inner().children()
    (signer,) = parts[-1].children()
    fields = signer.children()
    before = fields.pop().content if fields[-1].tag == der.context(1) else b""
    unsigned = der.encode(der.context(1), before + attribute(kind, value))
    signer_info = seq(*(one.raw for one in fields), unsigned)
    body = seq(*(one.raw for one in parts[:-1]), der.encode(der.SET, signer_info))
    return seq(identifier.raw, der.encode(der.context(0), body))
