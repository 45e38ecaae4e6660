"""One file on its way: prepared, signed by the token, confirmed, filed, entered in the ledger."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from app.conversion.errors import OriginalNotFiled
from app.documents.formats import Format
from app.documents.hashing import hashed_meanwhile, state
from app.documents.model import DocumentInfo
from app.documents.reading import Reading
from app.errors import AntinError, ErrorInfo, describe, from_os_error
from app.preflight.errors import StoppedByPreflight
from app.preflight.model import Preflight, Severity
from app.signing import loading
from app.signing.corrections import corrected
from app.signing.errors import FilingNotEntered, OutsideCustody, SourceChanged, SourceNotAsSeen
from app.signing.filing import Filing
from app.signing.keys import SigningKey
from app.signing.levels import lower
from app.signing.making import Making, making_of, signed_document
from app.signing.model import (
    Act,
    Completed,
    Level,
    Mark,
    Preparation,
    SignatureRequest,
    SignOptions,
    SignResult,
    Status,
    Timestamper,
)
from app.signing.questions import SignaturesLost
from app.signing.rules import Rules
from app.signing.services import Confirmed, Destination, Services
from app.signing.signer_check import SignerStatus
from app.storage.files import flushed_meanwhile
from app.times import now

if TYPE_CHECKING:
    from app.signing.acts import Subject


@dataclass(frozen=True)
class JobNotes:
    """What is kept of a job for the case that the program is killed.

    :ivar about_to_write: told the temporary file before anything is written to it.
    :ivar about_to_file: told once the signed file is whole and confirmed, before anything is entered or named.
    """

    about_to_write: Callable[[Path], None] = lambda staged: None
    about_to_file: Callable[[Filing], None] = lambda filing: None


#: Of a job that nobody goes on with.
NOT_KEPT = JobNotes()


class Job:
    """The signing of one file. Call :meth:`prepare`, then :meth:`sign`, :meth:`confirm` and :meth:`file`, each perhaps
    on another thread but one after the other; any error ends it, after :meth:`throw_away` where there is a signature,
    and :meth:`failed` tells the result.
    """

    def __init__(
        self,
        services: Services,
        destination: Destination,
        source: Path,
        options: SignOptions,
        key: SigningKey,
        notes: JobNotes = NOT_KEPT,
    ) -> None:
        self.source = source
        self._document = source
        self._content = source
        self._named = source
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._services = services
        self._destination = destination
        self._options = options
        self._key = key
        self._rules = Rules(services, options, key, source)
        self._notes = notes
        self._format = ""
        self._reading = Reading(DocumentInfo())
        self._text = ""
        self._marked: tuple[Subject, Mark] | None = None
        self._before = ""
        self._making: Making | None = None
        self._preparation: Preparation | None = None
        self._following: list[SignatureRequest] = []
        self._passed: list[Completed] = []
        self._timestamper: Timestamper | None = None
        self._signer = SignerStatus("unchecked")
        self._signature = b""
        self._completed: Completed | None = None
        self._filing: Filing | None = None
        self._found: list[ErrorInfo] = []
        self._entered = False
        self._started = time.perf_counter()
        self._token_seconds = 0.0

    @property
    def to_be_signed(self) -> bytes:
        assert self._preparation is not None
        return self._preparation.to_be_signed

    def prepare(self) -> None:
        """Read the file, guard the rules, compute what the token must sign.

        :raises SourceChanged: the file was written to or replaced meanwhile.
        :raises SourceNotAsSeen: it is not what was shown.
        :raises AntinError: why this file is not signed; nothing is left on disk.
        """
        self._started = time.perf_counter()
        with _os_errors_named(self.source):
            found = state(self.source)
            kind = self._services.detect(self.source)
        self._format = str(kind)
        if kind is Format.PDF or self._options.as_pdf:
            loading.load_pdf()
        if self._options.as_pdf and kind is not Format.PDF:
            self._convert()
            kind = Format.PDF
        try:
            with _os_errors_named(self.source), self._hashed(kind) as before:
                self._prepare(kind)
                self._before = before()
                if state(self.source) != found:
                    raise SourceChanged(path=self.source)
                if self._options.seen not in ("", self._before):
                    raise SourceNotAsSeen(path=self.source)
        except BaseException:
            self.discard()
            raise

    def _hashed(self, kind: Format) -> AbstractContextManager[Callable[[], str]]:
        """What gives the SHA-256 of the source once the block has prepared it; copying a PDF brings it along.

        :param kind: of what is signed, the source or a PDF made of it.
        """
        if kind is not Format.PDF or self._document != self.source:
            return hashed_meanwhile(self.source)
        return nullcontext(self._copied_sha256)

    def _copied_sha256(self) -> str:
        assert self._preparation is not None
        return self._preparation.source_sha256

    def _convert(self) -> None:
        """Have a PDF made of the source, in a folder of this job's own."""
        if self._look_through().signed:
            lost = SignaturesLost(path=self.source)
            if lost.code not in self._options.accepts:
                raise lost
            self._found.append(describe(lost))
        with _os_errors_named(None):
            target = self._own_folder() / f"{self.source.stem}.pdf"
            self._document, notes = self._services.as_pdf(self.source, target)
        self._content = self._document
        self._found += map(describe, notes)

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
        return Path(self._folder.name)

    def _prepare(self, kind: Format) -> None:
        making = self._making = making_of(self._document, kind, self._options.container)
        self._format = str(making.format)
        with _os_errors_named(self.source):
            if kind is Format.CMS:
                self._content = signed_document(self._document, kind, self._own_folder)
            if making.beside:
                self._named = self._content
            reading, self._text = self._services.read(self._content)
            self._reading = dataclasses.replace(reading, info=corrected(reading.info, self._options))
        self._signer = self._rules.check(self._document, self._reading)
        with _os_errors_named(None):
            staged = self._destination.staging(
                self._reading.info, source=self._named, suffix=making.suffix, arrival=self._options.arrival
            )
            self._notes.about_to_write(staged)
            self._preparation = making.prepare(self._request(staged.with_name(staged.name + making.beside)))
        self._look_through()

    def sign(self, operation: Callable[[bytes], bytes]) -> None:
        """Have the token sign, once; where number and date become signatures of their own, once for each.

        :param operation: the octets to be signed in, the raw signature out.
        """
        self._signature = self._timed(operation)
        while self._following:
            following = self._following.pop(0)
            assert self._preparation is not None and self._making is not None
            with _os_errors_named(None):
                self._passed.append(self._preparation.complete(self._signature))
                before = self._passed[-1].path
                target = before.with_name(f"{before.stem}.{len(self._passed)}{before.suffix}")
                self._preparation = self._making.prepare(dataclasses.replace(following, source=before, target=target))
                before.unlink()
            self._signature = self._timed(operation)

    def _timed(self, operation: Callable[[bytes], bytes]) -> bytes:
        started = time.perf_counter()
        try:
            return operation(self.to_be_signed)
        finally:
            self._token_seconds += time.perf_counter() - started

    def confirm(self, on_stage: Callable[[str], None]) -> None:
        """Write what was signed and bring it to the disk; see that the signature holds. From then on no token is needed
        for the file any more, whatever happens to the program.

        :param on_stage: told ``verifying`` as that begins.
        :raises AntinError: why the signed file is to be thrown away, by :meth:`throw_away`.
        """
        assert self._preparation is not None
        with _os_errors_named(None):
            self._completed = self._preparation.complete(self._signature)
            self._completed = self._raised(self._completed)
            completed = self._completed
            on_stage("verifying")
            with flushed_meanwhile(completed.path):
                confirmed = self._services.confirm(completed.path, self._key.certificate.der, completed.known)
                self._rules.check_order(completed.path)
            self._filing = self._filing_of(completed, confirmed)
            self._notes.about_to_file(self._filing)

    def file(self, on_stage: Callable[[str], None]) -> SignResult:
        """File and enter what was confirmed.

        :param on_stage: told ``filing`` as that begins.
        :raises AntinError: why the signed file is to be thrown away, by :meth:`throw_away`.
        """
        assert self._completed is not None and self._filing is not None
        on_stage("filing")
        with _os_errors_named(None):
            result = self._file(self._completed, self._filing)
            self._keep_place()
        self.discard()
        return result

    def throw_away(self, error: Exception) -> None:
        """Leave nothing of a signed file on disk, and tell the ledger of its signature.

        :param error: why.
        """
        self.discard()
        completed = self._completed
        for path in () if completed is None else filter(None, (completed.path, completed.content)):
            path.unlink(missing_ok=True)
        if not self._entered:
            with suppress(AntinError):  # the cause is told; a ledger that fails as well may be it
                self._services.ledger.append("sign", **self._entry(result=describe(error).code))

    def _raised(self, completed: Completed) -> Completed:
        """Add what the level wanted needs beyond the signature; no token is needed for it."""
        assert self._making is not None
        raised = self._services.levels.after_signing(
            completed.path,
            self._making.format,
            self._key.certificate.der,
            wanted=self._options.level,
            made=reduce(lower, (one.level for one in self._passed), completed.level),
            timestamper=self._timestamper,
        )
        return dataclasses.replace(completed, level=raised.level, notes=(*completed.notes, *raised.notes))

    def discard(self) -> None:
        """Leave nothing of this job on disk."""
        if self._preparation is not None:
            self._preparation.discard()
        for passed in self._passed:
            passed.path.unlink(missing_ok=True)
        if self._folder is not None:
            self._folder.cleanup()

    def failed(self, error: BaseException, *, skipped: bool = False) -> SignResult:
        """The result of a job that ended with an error."""
        return SignResult(
            input=str(self.source),
            output=None,
            format=self._format,
            status=Status.SKIPPED if skipped else Status.FAILED,
            act=self._options.act,
            signer=self._key.holder,
            level_requested=self._options.level,
            level_reached=None,
            sha256=None,
            seconds=0.0 if skipped else time.perf_counter() - self._started,
            token_seconds=self._token_seconds,
            error=describe(error),
        )

    def _look_through(self) -> Preflight:
        """Stop where the document must not be signed as it is; keep what else was found for the result."""
        looked = self._services.preflight(self._content, as_copy=self._options.act is Act.COPY)
        for finding in looked.findings:
            if finding.severity is Severity.STOP:
                raise StoppedByPreflight(path=self.source, why=finding.message, hint=finding.hint)
            if finding.severity is not Severity.INFO:
                self._found.append(ErrorInfo(finding.code, finding.message, finding.hint))
        return looked

    def _request(self, staged: Path) -> SignatureRequest:
        """The first signature's; those that follow it wait in ``_following``."""
        from app.signing import acts

        options, key = self._options, self._key
        signing_time = now()
        if options.level != Level.B and options.tsa_url:
            self._timestamper = self._services.timestamper(options.tsa_url)
        marking = acts.Marking(None)
        if self._format == Format.PDF:
            self._reading = acts.numbered(self._reading, options, signing_time.date())
            subject = acts.Subject(
                self._document,
                options,
                key,
                self._reading,
                self._services.agency,
                signing_time,
                self._services.places,
            )
            marking = acts.marking(subject)
            self._marked = (subject, marking.mark) if marking.mark is not None else None
        request = SignatureRequest(
            source=self._document,
            target=staged,
            certificate=key.certificate.der,
            chain=self._services.chain(key.certificate.der),
            algorithm=options.algorithm or key.algorithm,
            signing_time=signing_time,
            level=options.level,
            timestamper=self._timestamper,
            mark=marking.mark,
            scope=options.scope,
            reason=options.reason,
            leaves_open=marking.leaves_open,
            fills=marking.fills,
            open_field=marking.open_field,
        )
        before = [dataclasses.replace(request, mark=mark, open_field="") for mark in marking.before]
        first, *self._following = [*before, request]
        return first

    def _filing_of(self, completed: Completed, confirmed: Confirmed) -> Filing:
        assert self._making is not None
        entry = self._entry(result="signed", output_sha256=confirmed.sha256, level=str(completed.level))
        return Filing(
            source=str(self.source.absolute()),
            staged=str(completed.path.absolute()),
            sha256=confirmed.sha256,
            size=completed.path.stat().st_size,
            info=self._reading.info,
            suffix=self._making.suffix,
            format=self._format,
            signers=list(confirmed.signers),
            entry=entry,
            begun=dt.datetime.now(dt.UTC),
            converted=self._document != self.source,
            content=None if completed.content is None else str(completed.content.absolute()),
            document=None if self._named == self.source else str(self._named.absolute()),
            arrival=self._options.arrival,
            wanted=self._options.level,
            told=self._told(completed, outside=entry["custody"] == "outside"),
        )

    def _told(self, completed: Completed, *, outside: bool) -> list[ErrorInfo]:
        """What is to be said of the signature, each once.

        :param outside: the token is in nobody's hands.
        """
        notes = [note for one in (*self._passed, completed) for note in one.notes]
        if self._signer.note is not None:
            notes.insert(0, self._signer.note)
        if outside:
            notes.insert(0, OutsideCustody(serial=self._key.token.serial))
        return [*self._found, *{told.code: told for told in map(describe, notes)}.values()]

    def _file(self, completed: Completed, filing: Filing) -> SignResult:
        self._services.ledger.append("sign", **filing.entry)
        self._entered = True
        placed = filing.place(self._destination, self._text)
        notes: list[Exception] = []
        try:
            self._services.ledger.append(
                "file", path=str(placed.path), sha256=filing.sha256, archive=placed.filed is not None
            )
        except AntinError as error:
            notes.append(FilingNotEntered(why=error.message))
        notes += self._keep_original()
        return SignResult(
            input=str(self.source),
            output=str(placed.path),
            format=self._format,
            status=Status.SIGNED,
            act=self._options.act,
            signer=self._key.holder,
            level_requested=self._options.level,
            level_reached=completed.level,
            sha256=filing.sha256,
            seconds=time.perf_counter() - self._started,
            token_seconds=self._token_seconds,
            filed=placed.filed,
            warnings=[*filing.told, *map(describe, notes)],
        )

    def _keep_place(self) -> None:
        """Propose the mark's place for the next file of the kind."""
        from app.signing import acts

        if self._marked is not None:
            with suppress(AntinError):  # the file is signed and filed; nothing but a proposal is lost
                acts.keep_place(*self._marked)

    def _keep_original(self) -> Iterator[Exception]:
        """File what a signed PDF was made from; why not, where that fails."""
        if self._document == self.source:
            return
        try:
            kept = self._destination.keep_original(self._reading.info, self.source, self._options.arrival)
            if kept is not None:
                self._services.ledger.append("file", path=str(kept), sha256=self._before, archive=True)
        except AntinError as error:
            yield OriginalNotFiled(why=error.message)

    def _entry(
        self, *, result: str, output_sha256: str | None = None, level: str | None = None
    ) -> dict[str, str | None]:
        """What the ledger is told of the token's signature, and of what became of it."""
        custody = self._services.custody(self._key.token.serial)
        return {
            "input": str(self.source),
            "input_sha256": self._before,
            "output_sha256": output_sha256,
            "act": str(self._options.act),
            "type": self._reading.info.type,
            "level": level,
            "token": self._key.token.serial,
            "certificate": self._key.sha256,
            "signer": self._key.holder,
            "unit": self._key.unit,
            "key": self._key.kind,
            "signer_status": self._signer.word,
            "custody": custody.state,
            "custodian": custody.holder or None,
            "result": result,
        }


@contextmanager
def _os_errors_named(path: Path | None) -> Iterator[None]:
    """Turn what the operating system says into the house's errors."""
    try:
        yield
    except AntinError:
        raise
    except OSError as error:
        raise from_os_error(error, path) from error
