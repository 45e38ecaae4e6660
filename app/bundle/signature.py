"""Who signed a bundle, and whether the settings let them: CMS around the ZIP (RFC 5652), one signer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.bundle.errors import (
    BundleDamaged,
    BundleSignatureWrong,
    BundleSignerExpired,
    BundleSignerUnknown,
    BundleSignerUnnamed,
    BundleTooLarge,
)
from app.errors import from_os_error
from app.times import day, now
from app.trust import pem
from app.trust.algorithms import key_strength
from app.trust.certificate import read_certificate
from app.trust.cms import DATA, read_signed_data
from app.trust.der import DerError
from app.trust.holder import holder

if TYPE_CHECKING:
    from app.settings import Settings

#: Octets of the whole file.
SIZE_LIMIT = 64 << 20
#: Of the signature itself; a bundle of this version is signed with nothing weaker.
_HASHES = frozenset({"sha256", "sha384", "sha512"})
#: Least size of the signer's key in bits, by its family (annex I of Circular 15/2025/TT-BKHCN).
_KEYS = {"rsa": 2048, "ec": 256}


@dataclass(frozen=True)
class Signed:
    """A bundle whose signature holds.

    :ivar whole: the file; what was checked is what is kept, whatever stands at its path since.
    :ivar octets: the ZIP inside.
    :ivar certificate: DER of the signer's certificate; ``others`` are those that came with it.
    """

    whole: bytes
    octets: bytes
    certificate: bytes
    others: tuple[bytes, ...]

    @property
    def sha256(self) -> str:
        return read_certificate(self.certificate).sha256

    @property
    def signer(self) -> str:
        return holder(self.certificate).name


def read_signed(path: Path) -> Signed:
    """What was signed and by whom; whether they may is asked of :func:`check_signer`.

    :raises BundleTooLarge, BundleDamaged, BundleSignatureWrong: see there.
    :raises AntinError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise from_os_error(error, path) from error
    if len(data) > SIZE_LIMIT:
        raise BundleTooLarge(path=path, limit=SIZE_LIMIT >> 20)
    facts = read_signed_data(data, digest_of=None, stamped=False)
    if not facts.supported or facts.content is None or facts.certificate is None or facts.content_type != DATA:
        codes = ", ".join(problem.code for problem in facts.problems) or "cms-content"
        raise BundleDamaged(path=path, detail=codes)
    if not facts.intact:
        raise BundleSignatureWrong(path=path, detail=", ".join(problem.code for problem in facts.problems))
    if facts.digest_algorithm not in _HASHES or not facts.signature_algorithm.endswith(tuple(_HASHES)):
        raise BundleSignatureWrong(path=path, detail=facts.signature_algorithm)
    family, bits = key_strength(read_certificate(facts.certificate))
    if bits < _KEYS.get(family, bits + 1):
        raise BundleSignatureWrong(path=path, detail=f"{family}, {bits} bits")
    return Signed(data, facts.content, facts.certificate, facts.certificates)


def check_signer(signed: Signed, settings: Settings, path: Path, *, at: dt.datetime | None = None) -> None:
    """Whether the settings let this signer's bundles in.

    :param at: aware; when its certificate has to be in force; None: whenever, for a bundle taken in before.
    :raises BundleSignerUnnamed, BundleSignerUnknown, BundleSignerExpired: see there.
    :raises AntinError: a certificate file of the settings cannot be read.
    """
    named = settings.bundle
    if not named.signers and not named.authorities:
        raise BundleSignerUnnamed(path=path)
    pinned = {fingerprint.replace(":", "").lower() for fingerprint in named.signers}
    if signed.sha256 not in pinned and not _leads_to(signed, settings, lists=at is not None):
        raise BundleSignerUnknown(path=path, signer=signed.signer, sha256=signed.sha256)
    if at is None:
        return
    try:
        certificate = read_certificate(signed.certificate)
        in_force = certificate.not_before <= at <= certificate.not_after
    except DerError as error:
        raise BundleSignatureWrong(path=path, detail=str(error)) from error
    if not in_force:
        until = f"{day(certificate.not_before)} – {day(certificate.not_after)}"
        raise BundleSignerExpired(path=path, signer=signed.signer, until=until)


def _leads_to(signed: Signed, settings: Settings, *, lists: bool) -> bool:
    """Whether the signer's certificate leads to one of the authorities that the settings name, and may sign.

    :param lists: and is not revoked by a list at hand; nothing is contacted.
    """
    from app.trust.model import RevocationStatus
    from app.trust.path import TrustEvaluator
    from app.trust.store import TrustStore

    roots = [der for name in settings.bundle.authorities for der in pem.certificates(settings.resolve(name))]
    if not roots:
        return False
    crls = TrustStore.from_settings(settings).crls if lists else ()
    evaluator = TrustEvaluator(TrustStore(lambda: roots, crls=crls), None)
    found = evaluator.evaluate(signed.certificate, signed.others, at=now(), usage="signature")
    return found.trusted and found.revocation.status is not RevocationStatus.REVOKED
