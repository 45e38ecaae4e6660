"""Which anchors count for an office: those shipped, those of the settings, and what the office itself decided."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.times import now
from app.trust import pem, shipped
from app.trust.algorithms import signed_by
from app.trust.bundled import NOTHING, Bundled
from app.trust.certificate import Certificate, read_certificate
from app.trust.der import DerError
from app.trust.errors import (
    AnchorAmbiguous,
    AnchorFingerprintDiffers,
    AnchorKnown,
    AnchorNotAuthority,
    AnchorOfSettings,
    AnchorsNotDecidedHere,
    AnchorUnknown,
)
from app.trust.holder import holder
from app.trust.own_word import OwnWord, OwnWords
from app.trust.shipped import Domain

if TYPE_CHECKING:
    from app.settings import Settings

#: Digits of a fingerprint that must be given at least.
MIN_FINGERPRINT = 8


class Origin(StrEnum):
    SHIPPED = "shipped"
    SETTINGS = "settings"
    BUNDLE = "bundle"
    ADDED = "added"


class Role(StrEnum):
    """An anchor is trusted; an issuer only leads from a signer to an anchor."""

    ANCHOR = "anchor"
    ISSUER = "issuer"


class Authority(msgspec.Struct, frozen=True):
    """A certificate authority as an office sees it.

    :ivar enabled: whether it counts.
    :ivar removed: withdrawn by the office, kept only to be brought back.
    :ivar source: where a shipped file comes from; the file of the settings.
    :ivar since: when the office decided about it.
    """

    role: Role
    name: str
    organization: str
    domain: Domain
    not_before: dt.datetime
    not_after: dt.datetime
    sha256: str
    origin: Origin
    enabled: bool = True
    removed: bool = False
    source: str = ""
    since: dt.datetime | None = None


@dataclass(frozen=True)
class _Known:
    """A certificate with where it comes from."""

    certificate: bytes
    origin: Origin
    domain: Domain
    source: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.certificate).hexdigest()


class Anchors:
    """The anchors of an office, and its changes to them, each entered where ``record`` leads.

    :ivar record: takes a kind and data, such as ``Ledger.append``; a change that cannot be entered is taken back.
    """

    def __init__(
        self, settings: Settings, record: Callable[..., object] | None = None, bundled: Bundled = NOTHING
    ) -> None:
        """
        :param bundled: what IT staff sent to this workstation.
        """
        self._settings = settings
        self._bundled = bundled
        self._own_words = OwnWords(settings.data_dir)
        self.record = record

    def check_settings(self) -> None:
        """Read what the settings name and what the office decided, so that a fault shows before the first file.

        :raises NoCertificateFile: a file of the settings is none.
        :raises OwnAnchorsDamaged: see :meth:`OwnWords.read`.
        """
        trust = self._settings.trust
        for known in self._of_settings([*trust.roots, *trust.intermediates]):
            read_certificate(known.certificate)
        self._words()

    def trusted(self) -> list[bytes]:
        """DER of every anchor that counts, those of the settings first.

        :raises NoCertificateFile: a file of the settings is none.
        :raises OwnAnchorsDamaged, ShippedAnchorsDamaged: see there.
        """
        words = self._words()
        return [known.certificate for known in self._anchors(words) if _counts(words.get(known.sha256))]

    def domains(self) -> dict[bytes, Domain]:
        """The domain of every anchor that counts, by its DER; errors as :meth:`trusted`."""
        words = self._words()
        return {known.certificate: known.domain for known in self._anchors(words) if _counts(words.get(known.sha256))}

    def issuers(self) -> list[bytes]:
        """DER of the authorities that lead to an anchor, enabled ones only; errors as :meth:`trusted`."""
        words = self._words()
        return [known.certificate for known in self._issuers(words) if _counts(words.get(known.sha256))]

    def distrusted(self) -> list[bytes]:
        """DER of the authorities that the office disabled or removed; errors as :meth:`trusted`."""
        words = self._words()
        known = [*self._anchors(words), *self._issuers(words)]
        return [item.certificate for item in known if not _counts(words.get(item.sha256))]

    def authorities(self, *, issuers: bool = False, removed: bool = False) -> list[Authority]:
        """What is known, by domain and name.

        :param issuers: the chain material too.
        :param removed: also what the office withdrew.
        """
        words = self._words()
        anchors = {read_certificate(known.certificate): known for known in self._anchors(words)}
        found = [_told(Role.ANCHOR, known, known.domain, words.get(known.sha256)) for known in anchors.values()]
        if issuers:
            domains = _DomainFinder({anchor: known.domain for anchor, known in anchors.items()})
            found += [
                _told(Role.ISSUER, known, domains.of(known), words.get(known.sha256)) for known in self._issuers(words)
            ]
        order = list(Domain)
        return sorted(
            (item for item in found if removed or not item.removed),
            key=lambda item: (order.index(item.domain), item.role, item.name.casefold(), item.sha256),
        )

    def add(self, path: Path, *, domain: Domain = Domain.OFFICE, sha256: str = "") -> list[Authority]:
        """Trust the roots of a file; issuing authorities in it become chain material.

        :param sha256: what the file's only certificate must be, as its owner publishes it.
        :raises NoCertificateFile: the file is none.
        :raises AnchorNotAuthority: a certificate in it is nobody's authority.
        :raises AnchorFingerprintDiffers: it is not the one meant.
        :raises AnchorKnown: nothing in it is new.
        """
        read = _authorities_in(path)
        wanted = _digits(sha256)
        for certificate in read:
            if wanted and (certificate.sha256 != wanted or len(read) > 1):
                raise AnchorFingerprintDiffers(path=path, sha256=certificate.sha256)
        before = {item.sha256 for item in self.authorities(issuers=True) if item.enabled}
        new = [certificate for certificate in read if certificate.sha256 not in before]
        if not new:
            raise AnchorKnown(path=path)
        for certificate in new:
            self._admit(certificate, domain, path)
        added = {certificate.sha256 for certificate in new}
        return [item for item in self.authorities(issuers=True) if item.sha256 in added]

    def preview(self, path: Path, *, domain: Domain = Domain.OFFICE) -> list[Authority]:
        """What :meth:`add` would make of a file, to be compared with what its owner publishes. Nothing is changed.

        :return: each certificate as it would be listed: a self-signed one as an anchor, any other as an issuer.
        :raises NoCertificateFile, AnchorNotAuthority: as :meth:`add`.
        """
        return [
            _told(_role(certificate), _Known(certificate.der, Origin.ADDED, domain, str(path)), domain, None)
            for certificate in _authorities_in(path)
        ]

    def remove(self, fingerprint: str) -> Authority:
        """Withdraw an authority: one that the office added is forgotten, a shipped one is no longer shown.

        :param fingerprint: the SHA-256 or its first digits.
        :raises AnchorUnknown, AnchorAmbiguous: it names none, or several.
        :raises AnchorOfSettings: only the settings can take it out.
        """
        found = self._find(fingerprint)
        if found.origin is Origin.SETTINGS:
            raise AnchorOfSettings(name=found.name, path=found.source)
        if found.origin is Origin.ADDED:
            self._settle("trust-remove", found, None)
        else:
            self._settle("trust-remove", found, OwnWord(found.sha256, now(), enabled=False, removed=True))
        return msgspec.structs.replace(found, enabled=False, removed=True)

    def enable(self, fingerprint: str) -> Authority:
        """Let an authority count again; parameters and errors as :meth:`remove`."""
        return self._switch(fingerprint, on=True)

    def disable(self, fingerprint: str) -> Authority:
        """Keep an authority in the list without trusting it; parameters and errors as :meth:`remove`."""
        return self._switch(fingerprint, on=False)

    def _switch(self, fingerprint: str, *, on: bool) -> Authority:
        found = self._find(fingerprint)
        word = self._words().get(found.sha256)
        if found.origin is Origin.ADDED and word is not None:
            changed: OwnWord | None = msgspec.structs.replace(word, enabled=on, since=now())
        else:
            changed = None if on else OwnWord(found.sha256, now(), enabled=False)
        if found.enabled is not on:
            self._settle("trust-enable" if on else "trust-disable", found, changed)
        return self._find(found.sha256)

    def _admit(self, certificate: Certificate, domain: Domain, path: Path) -> None:
        """Add a certificate, or bring a shipped one back."""
        known = {item.sha256: item for item in self.authorities(issuers=True, removed=True)}
        if certificate.sha256 in known and known[certificate.sha256].origin is not Origin.ADDED:
            self._settle("trust-enable", known[certificate.sha256], None)
            return
        told = _told(_role(certificate), _Known(certificate.der, Origin.ADDED, domain), domain, None)
        self._settle("trust-add", told, OwnWord(certificate.sha256, now(), certificate.der, domain), path=str(path))

    def _settle(self, kind: str, authority: Authority, word: OwnWord | None, **data: str) -> None:
        """Make a change and enter it.

        :param word: the decision from now on; None where there is none any more.
        :raises AnchorsNotDecidedHere: the settings leave no decision to this workstation, or the bundle none about it.
        """
        if not self._settings.trust.own_anchors:
            raise AnchorsNotDecidedHere(origin=self._settings.origin("trust.own_anchors").where)
        if authority.sha256 in self._bundled.distrusted:
            raise AnchorsNotDecidedHere(origin=self._bundled.source)
        before = self._own_words.read().get(authority.sha256)
        self._put(authority.sha256, word)
        if self.record is None:
            return
        try:
            self.record(
                kind,
                name=authority.name,
                certificate=authority.sha256,
                role=str(authority.role),
                domain=str(authority.domain),
                **data,
            )
        except BaseException:
            self._put(authority.sha256, before)
            raise

    def _put(self, sha256: str, word: OwnWord | None) -> None:
        if word is None:
            self._own_words.forget(sha256)
        else:
            self._own_words.write(word)

    def _words(self) -> dict[str, OwnWord]:
        """What was decided at this workstation, where that counts, below what IT staff took trust from; errors as
        :meth:`OwnWords.read`."""
        words = self._own_words.read() if self._settings.trust.own_anchors else {}
        for sha256 in self._bundled.distrusted:
            word = words.get(sha256) or OwnWord(sha256, self._bundled.made)
            words[sha256] = msgspec.structs.replace(word, enabled=False)
        return words

    def _find(self, fingerprint: str) -> Authority:
        digits = _digits(fingerprint)
        if len(digits) < MIN_FINGERPRINT:
            raise AnchorUnknown(fingerprint=fingerprint)
        found = [
            item for item in self.authorities(issuers=True, removed=True) if item.sha256.startswith(digits)
        ]  # fmt: skip
        if not found:
            raise AnchorUnknown(fingerprint=fingerprint)
        if len(found) > 1:
            raise AnchorAmbiguous(fingerprint=fingerprint, names=", ".join(item.name for item in found))
        return found[0]

    def _anchors(self, words: dict[str, OwnWord]) -> Iterator[_Known]:
        yield from _once(
            [
                *self._of_settings(self._settings.trust.roots),
                *(known for known in _added(words) if _role(read_certificate(known.certificate)) is Role.ANCHOR),
                *(
                    _Known(anchor.certificate, Origin.SHIPPED, anchor.domain, anchor.source)
                    for anchor in (shipped.anchors() if self._settings.trust.use_shipped_anchors else ())
                ),
                *(
                    _Known(certificate, Origin.BUNDLE, domain, self._bundled.source)
                    for certificate, domain in self._bundled.anchors.items()
                ),
            ]
        )

    def _issuers(self, words: dict[str, OwnWord]) -> Iterator[_Known]:
        yield from _once(
            [
                *self._of_settings(self._settings.trust.intermediates),
                *(known for known in _added(words) if _role(read_certificate(known.certificate)) is Role.ISSUER),
                *(
                    _Known(certificate, Origin.SHIPPED, Domain.PUBLIC)
                    for certificate in (shipped.issuers() if self._settings.trust.use_shipped_anchors else ())
                ),
                *(
                    _Known(certificate, Origin.BUNDLE, Domain.PUBLIC, self._bundled.source)
                    for certificate in self._bundled.intermediates
                ),
            ]
        )

    def _of_settings(self, names: Sequence[str]) -> Iterator[_Known]:
        for path in map(self._settings.resolve, names):
            for certificate in pem.certificates(path):
                yield _Known(certificate, Origin.SETTINGS, Domain.OFFICE, str(path))


class _DomainFinder:
    """The domain of an issuer is that of the anchor above it."""

    def __init__(self, anchors: dict[Certificate, Domain]) -> None:
        self._anchors = anchors

    def of(self, known: _Known) -> Domain:
        certificate = read_certificate(known.certificate)
        above = (domain for anchor, domain in self._anchors.items() if anchor.subject == certificate.issuer)
        return next(above, known.domain)


def _once(known: Sequence[_Known]) -> Iterator[_Known]:
    """Each certificate once, as first met."""
    seen: dict[bytes, _Known] = {}
    for item in known:
        seen.setdefault(item.certificate, item)
    yield from seen.values()


def _authorities_in(path: Path) -> list[Certificate]:
    """The certificates of a file, each once.

    :raises NoCertificateFile: the file is none.
    :raises AnchorNotAuthority: one is nobody's authority.
    """
    read = [read_certificate(data) for data in dict.fromkeys(pem.certificates(path))]
    for certificate in read:
        if not is_authority(certificate):
            raise AnchorNotAuthority(path=path, name=holder(certificate.der).name)
    return read


def _role(certificate: Certificate) -> Role:
    """An anchor is self-signed. One that another key of the same name signed only leads to that one."""
    return Role.ANCHOR if is_root(certificate) else Role.ISSUER


def is_root(certificate: Certificate) -> bool:
    """Whether it is self-signed."""
    return certificate.self_issued and signed_by(certificate, certificate)


def is_authority(certificate: Certificate) -> bool:
    """Whether it is an authority's; old roots of version 1 do not say so."""
    try:
        return certificate.is_ca or (certificate.version < 3 and certificate.self_issued)
    except DerError:
        return False


def _added(words: dict[str, OwnWord]) -> Iterator[_Known]:
    for word in words.values():
        if word.certificate is not None:
            yield _Known(word.certificate, Origin.ADDED, word.domain)


def _counts(word: OwnWord | None) -> bool:
    return word is None or (word.enabled and not word.removed)


def _digits(fingerprint: str) -> str:
    return "".join(fingerprint.replace(":", " ").split()).lower()


def _told(role: Role, known: _Known, domain: Domain, word: OwnWord | None) -> Authority:
    certificate, whose = read_certificate(known.certificate), holder(known.certificate)
    return Authority(
        role=role,
        name=whose.common_name,
        organization=whose.organization,
        domain=domain,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        sha256=certificate.sha256,
        origin=known.origin,
        enabled=_counts(word),
        removed=word is not None and word.removed,
        source=known.source,
        since=word.since if word else None,
    )
