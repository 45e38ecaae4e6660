"""Certificates and revocation lists from files: DER, PEM, or a PKCS#7 bundle of certificates."""

from __future__ import annotations

import binascii
from pathlib import Path

from app.errors import from_os_error
from app.trust import der
from app.trust.certificate import read_certificate
from app.trust.der import DerError
from app.trust.errors import NoCertificateFile, NoCrlFile

_SIGNED_DATA = "1.2.840.113549.1.7.2"

#: A file larger than this is refused.
MAX_SIZE = 64 * 1024 * 1024


def unarmour(data: bytes) -> list[bytes]:
    """DER of every PEM block (RFC 7468), or the data itself where there is none.

    :raises DerError: a block is cut or holds no base64.
    """
    if b"-----BEGIN " not in data[:4096] and data[:1] == b"\x30":
        return [data]
    blocks = []
    for part in data.split(b"-----BEGIN ")[1:]:
        _, opened, body = part.partition(b"-----")
        text, closed, _ = body.partition(b"-----END ")
        if not opened or not closed:
            raise DerError("PEM block cut")
        try:
            blocks.append(binascii.a2b_base64(text))
        except binascii.Error as error:
            raise DerError("no base64") from error
    return blocks or [data]


def certificates(path: Path) -> list[bytes]:
    """DER of the certificates of a file.

    :raises NoCertificateFile: it holds none.
    :raises AntinError: it cannot be read.
    """
    try:
        found = read_certificates(_content(path))
    except DerError as error:
        raise NoCertificateFile(path=path) from error
    if not found:
        raise NoCertificateFile(path=path)
    return found


def read_certificates(data: bytes) -> list[bytes]:
    """DER of the certificates in the content of a file.

    :raises DerError: something in it is no certificate.
    """
    found = [certificate for block in unarmour(data) for certificate in _bundled(block)]
    for certificate in found:
        read_certificate(certificate)
    return found


def revocation_lists(path: Path) -> list[bytes]:
    """DER of the CRLs of a file.

    :raises NoCrlFile: it holds none.
    :raises AntinError: it cannot be read.
    """
    from app.trust.crl import read_crl

    try:
        found = unarmour(_content(path))
        for block in found:
            read_crl(block)
    except DerError as error:
        raise NoCrlFile(path=path) from error
    return found


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise DerError("too large")
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error, path) from error


def _bundled(block: bytes) -> list[bytes]:
    """The certificates of a certs-only PKCS#7 (RFC 5652, section 5), or the one certificate itself."""
    fields = der.read(block).fields()
    first = fields.next()
    if first.tag != der.OID:
        return [block]
    if first.oid() != _SIGNED_DATA:
        raise DerError("no certificates")
    inside = fields.next(der.context(0)).inner().fields()
    inside.next(der.INTEGER)
    inside.next(der.SET)
    inside.next(der.SEQUENCE)
    bundle = inside.next(der.context(0))
    return [item.raw for item in bundle.children() if item.tag == der.SEQUENCE]
