"""The composition root: an office, its settings, and the services that work on them.

Services are made when first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from app.made_once import made_once
from app.settings import Settings, refuse_if_locked

if TYPE_CHECKING:
    from app.archive.archive import Archive
    from app.bundle.store import Bundle, BundleStore
    from app.conversion.converter import Converter
    from app.custody.custody import Custody
    from app.custody.glance import Glance
    from app.custody.handovers import Handovers
    from app.custody.model import SignatureOutside
    from app.documents.model import DocumentInfo
    from app.documents.pdf_signatures import SignatureValue
    from app.errors import AntinError
    from app.journal.ledger import Ledger
    from app.journal.usage import Period, UsageFigures
    from app.keeping import Keeper
    from app.preflight.model import Preflight
    from app.signing.desk import SigningDesk
    from app.signing.keys import SigningKey
    from app.signing.levels import Levels
    from app.signing.model import SignOptions, SignResult
    from app.signing.places import Places
    from app.signing.services import Services
    from app.signing.upgrade import Upgrader
    from app.storage.store import Store
    from app.trust.anchors import Anchors
    from app.trust.bundled import Bundled
    from app.trust.kept_lists import KeptLists, Update
    from app.trust.path import TrustEvaluator, Usage
    from app.trust.timestamps import HttpTimestamper
    from app.verification.confirming import Confirmer
    from app.verification.crew import Crew
    from app.verification.engine import Verifier
    from app.verification.model import FileReport
    from app.verification.policy import Policy
    from app.verification.report import Occasion
    from pkcs11_bridge.client import TokenBridge
    from pkcs11_bridge.protocol import TokenInfo


class Office:
    """All services of one office. Close it when done: it holds the children that hold the tokens.

    :param modules: PKCS#11 modules to use instead of those of the settings.
    :param trust_roots: anchors beside those of the settings; PEM or DER files.
    :param crls: revocation lists beside those of the settings.
    :param online: whether revocation addresses may be contacted; the settings' word without it.
    :raises app.settings.SettingLocked: one of these asks for something else than IT staff have locked.

    :ivar making: held while a service is made; see :class:`~app.made_once.made_once`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        modules: Sequence[Path] | None = None,
        trust_roots: Sequence[Path] = (),
        crls: Sequence[Path] = (),
        online: bool | None = None,
    ) -> None:
        self.settings = settings
        self.making = RLock()
        self._modules = modules
        self._trust_roots = trust_roots
        self._crls = crls
        self._refuse_locked(("trust.roots", trust_roots), ("trust.crls", crls))
        if not settings.trust.own_anchors:
            self._refuse_locked(("trust.own_anchors", trust_roots))
        self._online = settings.network.online
        if online is not None:
            self._switch(online)
        self._store: Store | None = None
        self._opening_store = Lock()

    def _refuse_locked(self, *given: tuple[str, Sequence[Path]]) -> None:
        """:raises app.settings.SettingLocked: files are given beside those of a locked setting."""
        for name, files in given:
            if files:
                refuse_if_locked(self.settings, name, ", ".join(map(str, files)))

    def _switch(self, online: bool) -> None:
        """:raises app.settings.SettingLocked: IT staff have locked the network the other way."""
        if online is not self.settings.network.online:
            refuse_if_locked(self.settings, "network.online", "--online" if online else "--offline")
        self._online = online

    @made_once
    def modules(self) -> Sequence[Path]:
        """The PKCS#11 modules to look at: as given, else those of the settings and of the shipped list.

        :raises app.settings.SettingLocked: one is given that is none of those that IT staff have locked.
        """
        from app.system import here
        from pkcs11_bridge.discovery import find_modules, read_modules

        tokens = self.settings.tokens
        locked = "tokens.modules" in self.settings.locked
        if self._modules is not None and not locked:
            return self._modules
        sent = self.bundle.content.modules if self.bundle else ""
        known = find_modules(
            [self.settings.resolve(name) for name in tokens.modules],
            known=tokens.use_known_modules,
            further=[read_modules(sent)] if sent else (),
            registered=here().registered_modules,
        )
        if self._modules is None:
            return known
        allowed = {path.resolve() for path in known}
        self._refuse_locked(("tokens.modules", [path for path in self._modules if path.resolve() not in allowed]))
        return self._modules

    @made_once
    def bridge(self) -> TokenBridge:
        """The tokens of all modules."""
        from app.support.crashes import record_driver
        from pkcs11_bridge.client import TokenBridge

        tokens = self.settings.tokens
        return TokenBridge(
            self.modules, call_timeout=tokens.call_timeout, sign_timeout=tokens.sign_timeout, crashed=record_driver
        )

    def keys(self) -> list[SigningKey]:
        """What the plugged-in tokens could sign with; of a token that two modules show, as the first shows it."""
        from app.signing.keys import one_module_each

        return one_module_each(self.keys_of(self.bridge.tokens()))

    def keys_of(self, tokens: Iterable[TokenInfo]) -> list[SigningKey]:
        """What these tokens could sign with, with the nicknames and corrections of the register of tokens.

        :raises AntinError: the register cannot be read.
        """
        from app.signing.keys import Registered, keys_of

        look = self.glance.look()

        def registered(serial: str) -> Registered:
            seen = look.device(serial)
            return Registered(seen.nickname, seen.kinds)

        return keys_of(tokens, registered=registered)

    @made_once
    def glance(self) -> Glance:
        """What signing needs of the register of tokens, quickly."""
        from app.custody.glance import Glance

        folder = self.settings.data_dir
        file = None if self.settings.database.url else folder / "antin.sqlite"
        return Glance(folder, file, lambda: self.custody)

    @made_once
    def desk(self) -> SigningDesk:
        from app.signing.desk import SigningDesk

        return SigningDesk(self._signing, lambda token: self.bridge.open(token), self.keeper.destination)

    @made_once
    def _signing(self) -> Services:
        """What signing uses of the other services."""
        from app.signing_desk import services

        return services(self)

    @made_once
    def confirmer(self) -> Confirmer:
        """Looks whether fresh signatures hold."""
        from app.verification.confirming import Confirmer

        return Confirmer()

    @made_once
    def places(self) -> Places:
        """Where marks stood last."""
        from app.signing.places import Places

        return Places(self.settings.data_dir)

    def questions(self, path: Path, options: SignOptions, key: SigningKey) -> list[AntinError]:
        """What a person should be asked about a document before the PIN; see :func:`app.signing_desk.questions`."""
        from app.signing_desk import questions

        return questions(self, path, options, key)

    def refusals(
        self,
        files: Sequence[Path],
        options: SignOptions,
        key: SigningKey,
        corrected: Mapping[Path, SignOptions],
    ) -> list[SignResult]:
        """Why none of the files would be signed, before any PIN is asked; see :mod:`app.signing.refusals`."""
        from app.signing.refusals import refusals

        return refusals(self._signing, self.keeper.destination(options), files, options, key, corrected)

    @made_once
    def levels(self) -> Levels:
        """Raises the levels of signatures, and says which they have reached."""
        from app.signing_desk import levels

        return levels(self)

    def upgrader(self, *, tsa_url: str | None = None, out: Path | None = None, beside: bool = False) -> Upgrader:
        """Raises levels of files that are signed.

        :param tsa_url: of the time-stamp server; the settings' without it.
        :param out: folder for the copies. :param beside: beside the originals, filed ones too.
        """
        from app.signing_desk import upgrader

        return upgrader(self, tsa_url, out, beside)

    def timestamper(self, url: str) -> HttpTimestamper:
        """Asks a time-stamp server.

        :raises app.settings.SettingLocked: IT staff have locked another one.
        """
        from app.trust.timestamps import HttpTimestamper

        network = self.settings.network
        if url != network.tsa_url:
            refuse_if_locked(self.settings, "network.tsa_url", url)
        return HttpTimestamper(url, timeout=network.tsa_timeout, proxy=network.proxy)

    @made_once
    def trust(self) -> TrustEvaluator:
        """What certificates are worth, seen from the anchors."""
        from app.trust.fetch import Fetcher
        from app.trust.path import TrustEvaluator
        from app.trust.store import TrustStore

        store = TrustStore.from_settings(
            self.settings, extra_roots=self._trust_roots, extra_crls=self._crls, bundled=self._bundled
        )
        return TrustEvaluator(store, Fetcher.from_settings(self.settings, offline=not self._online))

    @property
    def online(self) -> bool:
        """Whether revocation addresses may be contacted; a change counts from the next file on."""
        return self._online

    @online.setter
    def online(self, value: bool) -> None:
        self._switch(value)
        self.renew_trust()

    def renew_trust(self) -> None:
        """Let changes to anchors, kept lists and bundles count from the next file on; files being checked or signed end
        as they began."""
        with self.making:
            for name in ("trust", "verifier", "bundle", "anchors", "policy", "levels", "_signing", "desk"):
                self.__dict__.pop(name, None)

    @made_once
    def anchors(self) -> Anchors:
        """Which roots the office trusts. Every change is entered in the ledger; it counts after :meth:`renew_trust`."""
        from app.trust.anchors import Anchors

        return Anchors(self.settings, self.ledger.append, self._bundled)

    @property
    def _bundled(self) -> Bundled:
        """The anchors, chain material and lists of the bundle in use."""
        from app.trust.bundled import NOTHING

        bundle = self.bundle
        return bundle.content.bundled(str(bundle.path)) if bundle else NOTHING

    @made_once
    def bundle(self) -> Bundle | None:
        """The trust bundle in use; None where none was taken in.

        :raises AntinError: it is damaged, or its signer may not sign bundles any more.
        """
        return self.bundles(read_only=True).current()

    def bundles(self, *, read_only: bool = False) -> BundleStore:
        """The trust bundles of this workstation. One taken in is entered in the ledger and counts after
        :meth:`renew_trust`."""
        from app.bundle.store import BundleStore
        from app.system import here

        record = None if read_only else self.ledger.append
        return BundleStore(self.settings, here().machine_dir(), record, self._bundles_entered)

    def _bundles_entered(self) -> list[dict[str, Any]]:
        """What the ledger says of trust bundles taken in at this workstation."""
        import socket

        from app.bundle.store import ENTRY
        from app.journal.selection import Wish

        found = self.ledger.select(Wish(kinds=(ENTRY,)))
        mine = {socket.gethostname()} if self.ledger.shared else None
        return [entry.data for entry in found.read(0, len(found)) if mine is None or entry.machine in mine]

    @made_once
    def kept_lists(self) -> KeptLists:
        """The revocation lists that the office keeps. Every list taken in is entered in the ledger."""
        from app.trust.kept_lists import KeptLists

        return KeptLists(self.settings.data_dir, self.ledger.append)

    def update_lists(self) -> Iterator[Update]:
        """Fetch the revocation lists of the known authorities, each told as it comes.

        :raises TrustUpdateOffline: nothing may be contacted.
        """
        from app.trust.errors import TrustUpdateOffline
        from app.trust.fetch import Fetcher

        if not self._online:
            raise TrustUpdateOffline
        return self.kept_lists.update(self.trust.store, Fetcher.from_settings(self.settings))

    @made_once
    def policy(self) -> Policy:
        """What is made of facts: the policy file that the settings name, else that of the bundle in use, else the one
        that comes with the program."""
        from app.verification.policy import Policy

        own = self.settings.trust.policy
        if not own and self.bundle and self.bundle.content.policy:
            return Policy.read(self.bundle.content.policy, self.bundle.path)
        return Policy.load(self.settings.resolve(own) if own else None)

    @made_once
    def verifier(self) -> Verifier:
        """Examines files and concludes; writes no ledger."""
        from app.verification.engine import Verifier

        return Verifier(self.trust, self.policy)

    def verify(self, path: Path, *, at: dt.datetime | None = None) -> FileReport:
        """Check one file and enter the result in the ledger. Thread-safe.

        :param at: judge as of that time instead of now.
        """
        report = self.verifier.verify(path, at=at)
        self.enter(report)
        return report

    def enter(self, *reports: FileReport) -> None:
        """Write verifications into the ledger, all or none."""
        self.ledger.append_all("verify", [_told(report) for report in reports])

    def crew(self, workers: int | None = None, *, enter: Callable[[Sequence[FileReport]], None] | None = None) -> Crew:
        """Processes that check many files as this office would, and enter the results in the ledger. To be closed by
        the caller.

        :param workers: how many; the settings' word without it.
        :param enter: does the entering instead.
        """
        from app.verification.crew import Crew
        from app.verification.crew_messages import CheckOptions

        options = CheckOptions(tuple(self._trust_roots), tuple(self._crls), self._online)
        return Crew(self.settings, options, workers, enter=enter or (lambda reports: self.enter(*reports)))

    def occasion(self, *, as_of: dt.datetime | None = None) -> Occasion:
        """This office and this moment, as reports tell them.

        :param as_of: aware; the time as of which files were judged, where it is another.
        """
        from app import __version__
        from app.verification.report import Occasion

        agency = self.settings.agency
        return Occasion(agency.name, agency.parent, agency.place, dt.datetime.now(dt.UTC), __version__, as_of)

    def read(self, path: Path) -> DocumentInfo:
        """What a document says of itself."""
        from app.documents.reading import read

        return read(path)

    def preflight(self, path: Path, *, as_copy: bool = False) -> Preflight:
        """What in a document should be known or put right before it is signed.

        :param as_copy: it is a scan to be signed as a copy.
        """
        from app.preflight.check import preflight

        return preflight(path, as_copy=as_copy)

    @made_once
    def converter(self) -> Converter:
        """The Office programs that turn documents into PDF."""
        from app.conversion.converter import Converter

        return Converter()

    def as_pdf(self, path: Path, target: Path) -> tuple[Path, Sequence[Exception]]:
        """A PDF of an Office document at ``target``, and what should be looked at in it."""
        converted = self.converter.convert(path, target)
        return converted.path, converted.notes

    def repair(self, path: Path, folder: Path) -> Preflight:
        """Put right on a copy what can be; the copy's path and what is left on it.

        :param folder: of the copy.
        """
        from app.preflight.check import repair_into

        return repair_into(path, folder)

    @made_once
    def archive(self) -> Archive:
        from app.archive.archive import Archive
        from app.archive.layout import Layout

        return Archive(self.settings.archive_dir, self.store, Layout(self.settings.archive))

    def store(self) -> Store:
        """The database of the office, one for all services: opened when first asked for, closed with the office.

        :raises AntinError: as :func:`~app.storage.store.open_store`; asked again, it is tried again.
        """
        from app.storage.store import open_store

        with self._opening_store:
            if self._store is None:
                url = self.settings.database.url
                self._store = open_store(url or self.settings.data_dir / "antin.sqlite")
            return self._store

    @made_once
    def custody(self) -> Custody:
        """The register of tokens: which there are, what happened to them, who holds them."""
        from app.custody.custody import Custody

        return Custody(self.store, self.ledger.append)

    def signatures_outside(self) -> list[SignatureOutside]:
        """Signatures of the ledger made while the register has their token in nobody's custody: a loss may be reported
        after them. Tokens that the register does not know are left out."""
        from app.usage import signatures_outside

        return signatures_outside(self.ledger, self.custody)

    def plugged(self, wanted: str | None = None) -> TokenInfo:
        """A token that is plugged in.

        :param wanted: its serial number, label or nickname; None: the only one there is.
        :raises DeviceNotPlugged, DeviceAmbiguous: none, or several.
        """
        from app.custody.errors import DeviceAmbiguous, DeviceNotPlugged

        look = self.glance.look()
        found = {
            token.serial: token
            for token in reversed(self.bridge.tokens())
            if wanted in (None, token.serial, token.label, look.device(token.serial).nickname or None)
        }
        if not found:
            raise DeviceNotPlugged(serial=wanted or "")
        if len(found) > 1:
            choices = ", ".join(f"{token.label} ({token.serial})" for token in reversed(found.values()))
            raise DeviceAmbiguous(wanted=wanted or "*", choices=choices)
        return next(iter(found.values()))

    @made_once
    def handovers(self) -> Handovers:
        """Handovers of tokens and their minutes."""
        from app.custody.handovers import Handovers
        from app.handing_over import services

        return Handovers(self.custody, self.store, services(self))

    def signers(self, path: Path, values: Sequence[SignatureValue] | None = None) -> Sequence[str]:
        """Whose signatures a file bears, in order, each once; nothing is verified.

        :param values: the signatures, where they were read already.
        :raises AntinError: the file cannot be read.
        """
        from app.verification.guards import signers

        return signers(path, values)

    @made_once
    def keeper(self) -> Keeper:
        """Looks after the archive: evidence, health, files dropped into the tree."""
        from app.keeping import Keeper

        return Keeper(self)

    @made_once
    def ledger(self) -> Ledger:
        from app.journal.ledger import Ledger

        settings = self.settings
        return Ledger(
            settings.data_dir,
            store=self.store if settings.database.url else None,
            judge=self._sealed_by_known,
            own=self._own_certificates,
            seal_copies=[settings.resolve(name) for name in settings.journal.seal_copies],
        )

    def usage(self, period: Period) -> UsageFigures:
        """How signatures were used in a period.

        :raises AntinError: the ledger, the archive's index or the register of tokens cannot be read.
        """
        from app.journal.usage import usage
        from app.usage import devices_of, documents_of

        return usage(
            self.ledger.entries(period.start, period.end),
            period,
            documents=lambda period: documents_of(self.store(), period),
            devices=lambda period: devices_of(self.custody, period),
        )

    def save_usage(self, path: Path, found: UsageFigures) -> None:
        """Write a usage report; see :func:`app.journal.report.save`."""
        from app.documents.letterhead import Letterhead
        from app.journal.report import save

        agency = self.settings.agency
        save(path, found, Letterhead(agency.name, agency.parent, agency.place))

    def _sealed_by_known(self, certificate: bytes, others: Sequence[bytes], at: dt.datetime, usage: Usage) -> bool:
        """Whether the certificate of a seal, or of its time stamp, led to a trusted root when that was made; nothing is
        contacted."""
        from app.trust.model import RevocationStatus
        from app.trust.path import TrustEvaluator

        facts = TrustEvaluator(self.trust.store, None).evaluate(certificate, others, at=at, usage=usage)
        return facts.trusted and facts.in_period and facts.revocation.status is not RevocationStatus.REVOKED

    def _own_certificates(self) -> dict[str, dt.datetime | None]:
        """The certificates of the office's own tokens: of the register, with when each ended, and of the settings."""
        pinned = (name.replace(":", "").lower() for name in self.settings.journal.sealers)
        return {**self.glance.certificates(), **dict.fromkeys(pinned)}

    def close(self) -> None:
        """End the children that hold tokens, close the store."""
        if "bridge" in self.__dict__:
            self.bridge.close()
        if "confirmer" in self.__dict__:
            self.confirmer.close()
        if "keeper" in self.__dict__:
            self.keeper.close()
        if "archive" in self.__dict__:
            self.archive.close()
        if "converter" in self.__dict__:
            self.converter.close()
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Office:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _told(report: FileReport) -> dict[str, object]:
    return {"path": report.path, "sha256": report.sha256, "result": str(report.conclusion)}
