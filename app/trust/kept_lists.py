"""The revocation lists that an office keeps in ``data_dir/trust/crls``, imported or fetched."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.errors import from_os_error
from app.storage import writing
from app.trust import pem
from app.trust.algorithms import AlgorithmUnknown
from app.trust.certificate import Certificate
from app.trust.crl import CertificateList, distribution_points, freshest_points, read_crl
from app.trust.der import DerError
from app.trust.errors import CertificateUnreadable, CrlFromFuture, CrlIssuerUnknown, CrlNotUsable, NoCrlFile
from app.trust.exchange import FetchFailed
from app.trust.holder import COMMON_NAME, holder

if TYPE_CHECKING:
    from app.trust.fetch import Fetcher
    from app.trust.store import TrustStore

#: Clocks of authorities may be ahead by this much.
_SKEW = dt.timedelta(minutes=5)

#: Seconds after which an update asks no further address.
UPDATE_TIME = 300.0


class KeptList(msgspec.Struct, frozen=True):
    """A revocation list at hand.

    :ivar issuer: the authority's name.
    :ivar next_update: when its authority promised the next one.
    :ivar outdated: that time has passed: the list proves nothing about now.
    :ivar delta: it only completes another list of the same authority.
    """

    issuer: str
    this_update: dt.datetime
    next_update: dt.datetime | None
    outdated: bool
    path: str
    delta: bool = False

    @property
    def age_days(self) -> int:
        """Whole days since it was issued."""
        return max(0, (dt.datetime.now(dt.UTC) - self.this_update).days)


class Outcome(StrEnum):
    """What became of a list: a newer one is kept now; the one kept is as new; it could not be had, or does not hold."""

    UPDATED = "updated"
    CURRENT = "current"
    FAILED = "failed"
    REFUSED = "refused"


class Update(msgspec.Struct, frozen=True):
    """An address asked.

    :ivar detail: why nothing came, in words of the system or server.
    """

    url: str
    outcome: Outcome
    kept: KeptList | None = None
    detail: str = ""


class KeptLists:
    """Lists by their authority and scope; a newer one takes the place of an older one, never the other way round."""

    def __init__(self, data_dir: Path, record: Callable[..., object] | None = None) -> None:
        """
        :param record: takes a kind and data, such as ``Ledger.append``; enters every list taken in.
        """
        self._folder = data_dir / "trust" / "crls"
        self._record = record

    def read(self) -> list[bytes]:
        """DER of all lists kept.

        :raises AntinError: one cannot be read.
        """
        return [_content(path) for path in self._paths()]

    def entries(self) -> list[KeptList]:
        """What is kept, by authority. A file that is no list is left out: it is no evidence either.

        :raises AntinError: one cannot be read.
        """
        return sorted(self._told(), key=lambda kept: (kept.issuer.casefold(), kept.path))

    def import_file(self, path: Path, store: TrustStore) -> list[tuple[Outcome, KeptList]]:
        """Take in the lists of a DER or PEM file.

        :param store: knows the authorities, one of which must have signed each list.
        :raises NoCrlFile: the file is none.
        :raises CrlIssuerUnknown, CrlNotUsable, CrlFromFuture: a list is not taken, and none of the file is.
        :raises AntinError: the file cannot be read, or the list not be written.
        """
        admitted = [(block, _admitted(block, store, path)) for block in pem.revocation_lists(path)]
        return [self._take(block, authority, str(path)) for block, authority in admitted]

    def update(self, store: TrustStore, fetcher: Fetcher) -> Iterator[Update]:
        """Fetch the lists of the known authorities, each from where a certificate says.

        Asked are the distribution points of the authorities' own certificates and those asked before while checking
        documents; no more after :data:`UPDATE_TIME` seconds.
        """
        deadline = time.monotonic() + UPDATE_TIME
        for url in _addresses(store, fetcher):
            if time.monotonic() > deadline:
                yield Update(url, Outcome.FAILED, detail="time is up")
                continue
            yield self._updated(url, store, fetcher)

    def _updated(self, url: str, store: TrustStore, fetcher: Fetcher) -> Update:
        try:
            blocks = pem.unarmour(fetcher.new_crl(url))
            for block in blocks:
                read_crl(block)
        except FetchFailed as error:
            return Update(url, Outcome.FAILED, detail=error.detail)
        except DerError:
            return Update(url, Outcome.REFUSED, detail=NoCrlFile(path=url).message)
        try:
            admitted = [(block, _admitted(block, store, url)) for block in blocks]
        except (CrlIssuerUnknown, CrlNotUsable, CrlFromFuture) as error:
            return Update(url, Outcome.REFUSED, detail=error.message)
        outcome, kept = max(
            (self._take(block, authority, url) for block, authority in admitted), key=lambda pair: pair[1].this_update
        )
        return Update(url, outcome, kept)

    def _take(self, block: bytes, authority: Certificate, source: str) -> tuple[Outcome, KeptList]:
        found = read_crl(block)
        path = self._folder / f"{_name(found, authority)}.crl"
        if path.exists():
            kept = _content(path)
            if _is_as_new(kept, found):
                return Outcome.CURRENT, _kept(kept, path)
        writing.replace(path, block)
        if self._record is not None:
            self._record(
                "trust-crl",
                name=holder(authority.der).name,
                certificate=authority.sha256,
                sha256=hashlib.sha256(block).hexdigest(),
                this_update=found.this_update.isoformat(),
                path=source,
            )
        return Outcome.UPDATED, _kept(block, path)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.crl"))

    def _told(self) -> Iterator[KeptList]:
        for path in self._paths():
            try:
                yield _kept(_content(path), path)
            except DerError:
                continue


def _admitted(block: bytes, store: TrustStore, source: object) -> Certificate:
    """The known authority that signed a list.

    :raises CrlIssuerUnknown, CrlNotUsable, CrlFromFuture: see there.
    """
    found = read_crl(block)
    authority = next((item for item in _named(store, found) if _signed(found, item)), None)
    if authority is None:
        raise CrlIssuerUnknown(path=source, issuer=_issuer_name(found))
    if not found.usable:
        raise CrlNotUsable(path=source)
    if found.this_update > dt.datetime.now(dt.UTC) + _SKEW:
        raise CrlFromFuture(path=source, time=found.this_update.isoformat(timespec="minutes"))
    return authority


def _named(store: TrustStore, found: CertificateList) -> Sequence[Certificate]:
    return [*store.anchors_named(found.issuer), *store.intermediates_named(found.issuer)]


def _signed(found: CertificateList, authority: Certificate) -> bool:
    try:
        return found.is_issued_by(authority)
    except (DerError, AlgorithmUnknown):
        return False


def _addresses(store: TrustStore, fetcher: Fetcher) -> list[str]:
    found: list[str] = []
    for certificate in (*store.anchors, *store.intermediates):
        try:
            found += [*distribution_points(certificate), *freshest_points(certificate)]
        except DerError:
            continue
    web = (url for url in [*found, *fetcher.crl_addresses()] if url.startswith(("http://", "https://")))
    return list(dict.fromkeys(web))


def _name(found: CertificateList, authority: Certificate) -> str:
    """The same for every list of one authority's key and of one scope, complete or delta."""
    kind = bytes([found.only_users, found.only_authorities, found.base_number is not None])
    scope = [authority.spki, *sorted(found.points), kind]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in scope)).hexdigest()[:32]


def _is_as_new(kept: bytes, found: CertificateList) -> bool:
    try:
        return read_crl(kept).this_update >= found.this_update
    except DerError:
        return False


def _kept(block: bytes, path: Path) -> KeptList:
    found = read_crl(block)
    outdated = found.next_update is not None and found.next_update < dt.datetime.now(dt.UTC)
    return KeptList(
        _issuer_name(found), found.this_update, found.next_update, outdated, str(path), found.base_number is not None
    )


def _issuer_name(found: CertificateList) -> str:
    try:
        return found.issuer.first(COMMON_NAME) or next((text for _, text in found.issuer.attributes), "")
    except (DerError, CertificateUnreadable):
        return ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error, path) from error
