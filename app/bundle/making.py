"""Making a bundle on a connected workstation of IT: what the office trusts and keeps, signed by a token or a key."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.bundle.content import Content
from app.bundle.errors import BundleKeyUnusable
from app.errors import from_os_error
from app.signing.pdf_cms import CmsDraft
from app.times import now
from app.trust import pem
from app.trust.errors import CertificateUnreadable
from pkcs11_bridge.protocol import SignatureAlgorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    from app.office import Office

_EC_ALGORITHMS = {
    256: SignatureAlgorithm.ECDSA_SHA256,
    384: SignatureAlgorithm.ECDSA_SHA384,
    521: SignatureAlgorithm.ECDSA_SHA512,
}

#: Makes the signature of octets: RSA octets, or ECDSA ``r‖s``.
Sign = Callable[[bytes], bytes]


def gather(
    office: Office, *, number: int | None = None, policy: Path | None = None, modules: Path | None = None
) -> Content:
    """What an office trusts and keeps: its anchors, issuing authorities and revocation lists that count here, and those
    that it disabled.

    :param number: of the bundle; the time, to the second, without it, and higher than that of the one in use.
    :param policy: a policy file; without it that of the settings or of the bundle in use, where there is one.
    :param modules: a list of modules as ``resources/pkcs11-modules.toml``; without it that of the bundle in use.
    :raises AntinError: a file cannot be read.
    """
    made, current = now().replace(microsecond=0), office.bundle
    own = office.settings.trust.policy
    policy = policy or (office.settings.resolve(own) if own else None)
    earlier = current.content if current else Content(0, made)
    return Content(
        number or max(int(made.astimezone(dt.UTC).strftime("%Y%m%d%H%M%S")), earlier.number + 1),
        made,
        office.settings.agency.name,
        office.anchors.domains(),
        tuple(office.anchors.issuers()),
        tuple(dict.fromkeys(office.trust.store.crls)),
        _read(policy) if policy else earlier.policy,
        _read(modules) if modules else earlier.modules,
        frozenset(hashlib.sha256(der).hexdigest() for der in office.anchors.distrusted()) | earlier.distrusted,
    )


def sign(octets: bytes, certificate: bytes, chain: Sequence[bytes], algorithm: SignatureAlgorithm, by: Sign) -> bytes:
    """DER of a CMS around octets, by one signer.

    :param certificate, chain: DER of the signer's certificate and of its issuers, which are carried along.
    :raises CertificateUnreadable, app.signing.errors.SignatureValueWrong: see there.
    """
    digest = hashlib.new(algorithm.hash_name, octets).digest()
    draft = CmsDraft(digest, certificate, chain, algorithm, now())
    return draft.assemble(draft.cms_value(by(draft.to_be_signed)), content=octets)


def sign_with_key(octets: bytes, key: Path, certificate: Path, password: bytes | None = None) -> bytes:
    """:func:`sign` with a private key of IT's in a PEM file.

    :param certificate: the file of its certificate, first in it, with its issuers behind it where wanted.
    :raises BundleKeyUnusable: the key is none, needs another password, or is not that of the certificate.
    """
    signer, *chain = pem.certificates(certificate)
    algorithm, by = _key(key, password)
    from app.signing.errors import SignatureValueWrong

    try:
        return sign(octets, signer, chain, algorithm, by)
    except (SignatureValueWrong, CertificateUnreadable) as error:
        raise BundleKeyUnusable(path=key) from error


def _key(path: Path, password: bytes | None) -> tuple[SignatureAlgorithm, Sign]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password)
    except OSError as error:
        raise from_os_error(error, path) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BundleKeyUnusable(path=path) from error
    if isinstance(key, rsa.RSAPrivateKey):
        return SignatureAlgorithm.RSA_SHA256, lambda octets: _rsa(key, octets)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size in _EC_ALGORITHMS:
        algorithm = _EC_ALGORITHMS[key.curve.key_size]
        return algorithm, lambda octets: _ecdsa(key, octets, algorithm.hash_name)
    raise BundleKeyUnusable(path=path)


def _rsa(key: rsa.RSAPrivateKey, octets: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def _ecdsa(key: ec.EllipticCurvePrivateKey, octets: bytes, hash_name: str) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    found = key.sign(octets, ec.ECDSA(getattr(hashes, hash_name.upper())()))
    size = (key.curve.key_size + 7) // 8
    return b"".join(number.to_bytes(size) for number in utils.decode_dss_signature(found))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise from_os_error(error, path) from error
    except UnicodeDecodeError as error:
        from app.bundle.errors import BundleContentWrong

        raise BundleContentWrong(path=path, name=path.name, detail=str(error)) from error
