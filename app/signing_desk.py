"""What signing and the raising of levels use of the rest of the office: verification, trust, custody, ledger."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.child import ReadingProcessMissing
from app.documents.formats import Format, detect
from app.documents.reading import read_all, read_with_places
from app.errors import AntinError
from app.signing.services import Services, TokenCustody
from app.verification.guards import check_earlier, personally_signed

if TYPE_CHECKING:
    from app.office import Office
    from app.signing.keys import SigningKey
    from app.signing.levels import Levels
    from app.signing.model import SignOptions
    from app.signing.sealing import OpenToken
    from app.signing.upgrade import Upgrader
    from app.trust.evidence import Evidence
    from app.trust.model import TrustFacts
    from app.trust.path import Usage

#: How long the seal of the ledger may wait for its time stamp; it holds without one.
_SEAL_STAMP_SECONDS = 10.0
#: Files of a run for which all that it will need is begun at once.
_MANY = 20


def services(office: Office) -> Services:
    """For :class:`app.signing.desk.SigningDesk`."""
    from app.signing.signer_check import SignerCheck
    from app.trust.certificate import read_certificate

    signer_check = SignerCheck(
        lambda certificate: office.trust.evaluate(certificate, (), at=dt.datetime.now(dt.UTC), usage="signature"),
        lambda certificate, hash_name: office.policy.weakness_of_new(read_certificate(certificate), hash_name),
    )

    def seal(token: OpenToken, key: SigningKey, options: SignOptions, stopped: BaseException | None) -> None:
        _seal(office, token, key, options, stopped)

    return Services(
        detect=detect,
        read=read_all,
        personally_signed=lambda path: personally_signed(office.verifier, path, office.glance.look().kinds),
        confirm=office.confirmer,
        check_earlier=check_earlier,
        preflight=office.preflight,
        as_pdf=office.as_pdf,
        chain=lambda certificate: office.trust.issuers(certificate),
        timestamper=office.timestamper,
        levels=office.levels,
        check_signer=signer_check.check,
        ledger=office.ledger,
        agency=office.settings.agency,
        places=office.places,
        paper_kinds=office.settings.signing.paper_kinds,
        custody=lambda serial: _custody(office, serial),
        seal=seal,
        expect=lambda files: _expect(office, files),
    )


def _expect(office: Office, files: int) -> None:
    """Begin what a run of many files would wait for one after the other: to load what signs PDF files, and to start the
    processes that read pages, look documents through and confirm. What does not start is told by whoever needs it."""
    from app.documents import page_client
    from app.preflight import check
    from app.signing.loading import load_pdf

    office.confirmer.expect(files)
    if files > _MANY:
        for begin in (load_pdf, page_client.shared.start, check.shared.start):
            threading.Thread(target=_begin, args=(begin,), name="antin-expect").start()


def _begin(what: Callable[[], None]) -> None:
    with suppress(ReadingProcessMissing):
        what()


def _custody(office: Office, serial: str) -> TokenCustody:
    """In whose hands a token is, for the ledger. A register that cannot be read keeps nobody from signing."""
    try:
        held = office.glance.held(serial)
    except AntinError:
        return TokenCustody("unknown")
    return TokenCustody(held.state, held.holder.name if held.holder else "")


def _seal(
    office: Office, token: OpenToken, key: SigningKey, options: SignOptions, stopped: BaseException | None
) -> None:
    """Seal the ledger at the end of a signing session, unless the settings forbid it. A time-stamp server is asked
    where the session asked one, or where the settings name one and the network may be used."""
    if not office.settings.journal.seal:
        return
    from app.journal.seal import content
    from app.signing.model import Level
    from app.signing.sealing import LedgerSealing
    from app.trust.timestamps import HttpTimestamper

    network = office.settings.network
    url = options.tsa_url if options.level != Level.B else network.tsa_url if office.online else None
    timeout = min(network.tsa_timeout, _SEAL_STAMP_SECONDS)
    LedgerSealing(
        office.ledger,
        lambda head: content(head.seq, head.hash),
        lambda certificate: office.trust.issuers(certificate),
    ).seal(
        token,
        key,
        options.algorithm or key.algorithm,
        stopped=stopped,
        timestamper=HttpTimestamper(url, timeout=timeout, proxy=network.proxy, retries=0) if url else None,
    )


def questions(office: Office, path: Path, options: SignOptions, key: SigningKey) -> list[AntinError]:
    """What a person should be asked about a document before the PIN; see :mod:`app.signing.questions`.

    :return: those that ``options.accepts`` does not answer yet.
    :raises AntinError: the file cannot be read.
    """
    from app.signing.questions import SignaturesLost
    from app.signing.questions import questions as of_the_text

    found = list(of_the_text(path, options.act, key, read_with_places(path), office.settings.signing.paper_kinds))
    if options.as_pdf and detect(path) is not Format.PDF and office.preflight(path).signed:
        found.append(SignaturesLost(path=path))
    return [question for question in found if question.code not in options.accepts]


def levels(office: Office) -> Levels:
    """Raises the levels of signatures, and says which they have reached."""
    from app.signing.levels import Levels
    from app.signing.model import Level
    from app.trust.evidence import EvidenceGatherer
    from app.trust.path import TrustEvaluator
    from app.trust.store import TrustStore
    from app.verification.engine import Verifier
    from app.verification.proven_level import proven_level

    gatherer = EvidenceGatherer.from_settings(office.settings, office.trust.store, offline=not office.online)
    anchors = TrustStore(lambda: [anchor.der for anchor in office.trust.store.anchors])
    alone = Verifier(TrustEvaluator(anchors, None), office.policy)

    def gather(certificate: bytes, others: Sequence[bytes], usage: Usage) -> tuple[TrustFacts, Evidence]:
        return gatherer.gather(certificate, others, at=dt.datetime.now(dt.UTC), usage=usage)

    def proven(path: Path, certificate: bytes | None) -> Level:
        return Level(proven_level(path, certificate, informed=office.verifier, alone=alone))

    return Levels(gather, proven)


def upgrader(office: Office, tsa_url: str | None, out: Path | None, beside: bool) -> Upgrader:
    """As :meth:`app.office.Office.upgrader`."""
    from app.filing import destination_of_raised
    from app.signing.upgrade import Upgrader, UpgradeServices
    from app.verification.guards import signers

    url = tsa_url or office.settings.network.tsa_url
    return Upgrader(
        UpgradeServices(detect, office.read, signers, check_earlier, office.levels, office.ledger),
        lambda source: destination_of_raised(
            source, out, beside=beside, archive_dir=office.settings.archive_dir, archive=lambda: office.archive
        ),
        office.timestamper(url) if url else None,
    )
