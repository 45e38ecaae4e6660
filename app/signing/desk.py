"""The signing desk: a run over many files with one key, the token never idle.

Four stages overlap: while the token works on one file, the next are prepared, the last is confirmed and the one before
it filed. A wrong PIN, a pulled token or a failing driver stops the run; what is left is skipped, kept for
``antin sign --resume``, and never tried again by itself. The log-in lasts as long as the run.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from app.errors import AntinError, describe
from app.garbage import loaded_left_alone
from app.signing.control import RunControl, SkippedByPerson
from app.signing.errors import Cancelled, PinNotGiven, RunStopped
from app.signing.filing import Filing, SignedCopyGone, end, failed
from app.signing.job import NOT_KEPT, Job, JobNotes
from app.signing.keys import SigningKey
from app.signing.model import PinAnswer, PinRequest, PinSource, SignOptions, SignResult, Status
from app.signing.resume import is_left
from app.signing.services import CustodyOfRun, Destination, Services
from app.turns import short_turns
from pkcs11_bridge.errors import BridgeError, PinFinalTry, PinLocked
from pkcs11_bridge.protocol import PinState, SignatureAlgorithm, TokenInfo

#: How many files may be signed but not yet filed; bounds the temporary files on disk.
_UNFILED = 3
#: How many files are prepared before their turn: what that waits for, reading processes and the disk, overlaps.
_AHEAD = 3


@dataclass(frozen=True)
class DeskEvent:
    """A step of a run.

    :ivar stage: ``reading``, ``asking`` (a person has to decide first), ``signing``, ``verifying``, ``filing`` or
        ``done``.
    :ivar result: with ``done`` only.
    """

    file: Path
    index: int
    total: int
    stage: str
    result: SignResult | None = None


class Session(Protocol):
    """The part of a token session that the desk uses."""

    def pin_state(self) -> PinState: ...
    def login(self, pin: bytearray | None, *, allow_final_try: bool = False) -> None: ...
    def needs_pin_each_time(self, key_id: bytes) -> bool: ...
    def sign(
        self, key_id: bytes, data: bytes, algorithm: SignatureAlgorithm, *, pin: bytearray | None = None
    ) -> bytes: ...
    def close(self) -> None: ...


class Notes(Protocol):
    """Where a run is kept until nothing is left of it; an index is the file's in the run.

    :ivar filings: what an earlier run had signed as it is asked for now, and was about to file when it was interrupted.
    """

    @property
    def filings(self) -> Mapping[int, Filing]: ...
    def about_to_write(self, index: int, staged: Path) -> None: ...
    def about_to_file(self, index: int, filing: Filing) -> None: ...
    def done(self, index: int, placed: str | None = None) -> None: ...


class SigningDesk:
    """Signs files.

    :param open_session: opens a session on a token.
    :param destination: where the copies of a run go, given its options.
    """

    def __init__(
        self,
        services: Services,
        open_session: Callable[[TokenInfo], Session],
        destination: Callable[[SignOptions], Destination],
    ) -> None:
        self._services = services
        self._open_session = open_session
        self._destination = destination

    def sign(
        self,
        files: Sequence[Path],
        options: SignOptions,
        key: SigningKey,
        *,
        pin_source: PinSource,
        on_event: Callable[[DeskEvent], None] = lambda event: None,
        control: RunControl | None = None,
        corrected: Mapping[Path, SignOptions] = MappingProxyType({}),
        notes: Notes | None = None,
    ) -> list[SignResult]:
        """Sign files one after the other.

        :param corrected: the run's options with what was corrected by hand for single files; ``out`` counts for all.
        :param pin_source: asked once for the run, or for each file where the key wants it so.
        :param on_event: called from several threads.
        :param control: the reins of the run, for another thread.
        :param notes: told of each file that is about to be filed and of each that needs no more; what they say was
            signed before is filed and not signed again.
        :return: one result a file, in the order given.
        :raises BridgeError: the token could not be opened or its PIN was refused; nothing was signed.
        :raises PinNotGiven: no PIN came; nothing was signed.
        """
        if not files:
            return []
        destination = self._destination(options)
        services = dataclasses.replace(self._services, custody=CustodyOfRun(self._services.custody))
        jobs = [
            Job(services, destination, path, corrected.get(path, options), key, _notes_of(notes, index))
            for index, path in enumerate(files)
        ]
        run = _Run(jobs, options, key, pin_source, on_event, control or RunControl(), notes)
        if notes is not None:
            run.tell(self.end_filings(notes.filings, options, notes))
        if not run.left:
            return run.results
        self._services.expect(len(run.left))
        try:
            self._services.check_signer(key.certificate.der, options.algorithm or key.algorithm)
        except AntinError as error:
            return run.refuse(error)
        session = self._open_session(key.token)
        try:
            _log_in(session, key, pin_source)
            with loaded_left_alone(), short_turns():
                results = run.go(session)
            if any(result.status is Status.SIGNED for result in results):
                self._services.seal(session, key, options, run.stopped)
            return results
        finally:
            session.close()

    def sign_octets(self, key: SigningKey, octets: bytes, pin_source: PinSource) -> bytes:
        """Have a token sign octets that are no document, such as a challenge, with a log-in of its own.

        :return: the signature by the key's own algorithm, as the token gives it.
        :raises BridgeError, PinNotGiven: as :meth:`sign`.
        """
        session = self._open_session(key.token)
        try:
            _log_in(session, key, pin_source)
            pin = None
            if session.needs_pin_each_time(key.certificate.id) and not key.token.protected_authentication_path:
                pin = _asked(_request(session, key), pin_source).pin
            return session.sign(key.certificate.id, octets, key.algorithm, pin=pin)
        finally:
            session.close()

    def end_filings(self, filings: Mapping[int, Filing], options: SignOptions, notes: Notes) -> dict[int, SignResult]:
        """End what a crash interrupted between signature and place; no token is needed.

        :param filings: by the index of the file in its run.
        :param options: of that run; ``out`` counts.
        :return: the results by index; an index that is missing is to be signed as if nothing had been.
        """
        destination = self._destination(options)
        results = {}
        for index, filing in filings.items():
            try:
                result = end(filing, destination, self._services.ledger)
            except AntinError as error:
                result = failed(filing, error)
            if result is not None:
                results[index] = result
                if result.status is Status.SIGNED or (result.error and result.error.code == SignedCopyGone.code):
                    notes.done(index, result.output)
        return results


def _notes_of(notes: Notes | None, index: int) -> JobNotes:
    if notes is None:
        return NOT_KEPT
    return JobNotes(partial(notes.about_to_write, index), partial(notes.about_to_file, index))


class _Run:
    def __init__(
        self,
        jobs: Sequence[Job],
        options: SignOptions,
        key: SigningKey,
        pin_source: PinSource,
        on_event: Callable[[DeskEvent], None],
        control: RunControl,
        notes: Notes | None,
    ) -> None:
        self._jobs = jobs
        self._session: Session
        self._algorithm = options.algorithm or key.algorithm
        self._key = key
        self._pin_source = pin_source
        self._on_event = on_event
        self._control = control
        self._notes = notes
        self._stopped: BaseException | None = None
        self._pin_each_time: bool | None = None
        self._results: list[SignResult | None] = [None] * len(jobs)

    @property
    def stopped(self) -> BaseException | None:
        """What ended the log-in before the last file; None where nothing did."""
        return self._stopped or self._control.ended

    @property
    def left(self) -> list[int]:
        """The indexes of the files that have no result yet."""
        return [index for index, result in enumerate(self._results) if result is None]

    @property
    def results(self) -> list[SignResult]:
        return [result for result in self._results if result is not None]

    def tell(self, ended: Mapping[int, SignResult]) -> None:
        """Files that need no signature any more, by index."""
        for index, result in ended.items():
            self._results[index] = result
            self._tell(index, "done", result)

    def refuse(self, error: AntinError) -> list[SignResult]:
        """The certificate must not sign: no PIN is asked for it."""
        for index in self.left:
            self._done(index, self._jobs[index].failed(error))
        return self.results

    def go(self, session: Session) -> list[SignResult]:
        """Sign the files that are left."""
        self._session = session
        try:
            self._work(self.left)
        finally:
            for index in self.left:
                self._jobs[index].discard()
        return self.results

    def _work(self, indexes: Sequence[int]) -> None:
        unfiled: deque[Future[None]] = deque()
        with (
            ThreadPoolExecutor(_AHEAD, "antin-prepare") as preparing,
            ThreadPoolExecutor(1, "antin-confirm") as confirming,
            ThreadPoolExecutor(1, "antin-file") as filing,
        ):
            prepared = deque(preparing.submit(self._prepare, index) for index in indexes[:_AHEAD])
            for at, index in enumerate(indexes):
                ready = prepared.popleft().result()
                if at + _AHEAD < len(indexes):
                    prepared.append(preparing.submit(self._prepare, indexes[at + _AHEAD]))
                if ready and self._sign(index, self._jobs[index]):
                    confirmed = confirming.submit(self._confirm, index)
                    unfiled.append(filing.submit(self._file, index, confirmed))
                    if len(unfiled) > _UNFILED:
                        unfiled.popleft().result()
            for filed in unfiled:
                filed.result()

    def _prepare(self, index: int) -> bool:
        job = self._jobs[index]
        if self._skip_reason(index) is not None:
            return True
        self._tell(index, "reading")
        try:
            job.prepare()
        except Exception as error:
            self._done(index, job.failed(error))
            return False
        return True

    def _sign(self, index: int, job: Job) -> bool:
        self._control.await_turn(index, lambda: self._tell(index, "asking"))
        reason = self._skip_reason(index)
        if reason is not None:
            job.discard()
            self._done(index, job.failed(reason, skipped=True))
            return False
        self._tell(index, "signing")
        try:
            job.sign(partial(self._operation, index))
        except Exception as error:
            job.discard()
            if isinstance(error, BridgeError | PinNotGiven):
                self._stopped = error
            self._done(index, job.failed(error))
            return False
        return True

    def _operation(self, index: int, data: bytes) -> bytes:
        key_id = self._key.certificate.id
        pin = None
        if self._asks_each_time():
            request = dataclasses.replace(
                _request(self._session, self._key),
                file=self._jobs[index].source,
                number=index + 1,
                total=len(self._jobs),
            )
            if request.pin_state is PinState.FINAL_TRY:  # spent by another program since the log-in
                raise PinFinalTry(pin_state=request.pin_state)
            pin = _asked(request, self._pin_source).pin
        return self._session.sign(key_id, data, self._algorithm, pin=pin)

    def _asks_each_time(self) -> bool:
        """Whether the key wants the PIN for each file, typed here; asked of the token once a run."""
        if self._pin_each_time is None:
            wanted = self._session.needs_pin_each_time(self._key.certificate.id)
            self._pin_each_time = wanted and not self._key.token.protected_authentication_path
        return self._pin_each_time

    def _confirm(self, index: int) -> None:
        self._jobs[index].confirm(lambda stage: self._tell(index, stage))

    def _file(self, index: int, confirmed: Future[None]) -> None:
        job = self._jobs[index]
        try:
            confirmed.result()
            result = job.file(lambda stage: self._tell(index, stage))
        except Exception as error:
            job.throw_away(error)
            result = job.failed(error)
        self._done(index, result)

    def _skip_reason(self, index: int) -> BaseException | None:
        if self._stopped is None and self._control.ended is not None:
            self._stopped = self._control.ended
        if self._stopped is not None:
            return RunStopped(why=describe(self._stopped).message)
        if self._control.cancelled:
            return Cancelled()
        return SkippedByPerson() if self._control.is_skipped(index) else None

    def _tell(self, index: int, stage: str, result: SignResult | None = None) -> None:
        self._on_event(DeskEvent(self._jobs[index].source, index, len(self._jobs), stage, result))

    def _done(self, index: int, result: SignResult) -> None:
        self._results[index] = result
        if self._notes is not None and not is_left(result):
            self._notes.done(index, result.output)
        self._tell(index, "done", result)


def _request(session: Session, key: SigningKey) -> PinRequest:
    return PinRequest(key.token_name, key.token.serial, key.holder, session.pin_state())


def _log_in(session: Session, key: SigningKey, pin_source: PinSource) -> None:
    """Read the tries left, ask, and try once."""
    if key.token.protected_authentication_path:
        session.login(None)
        return
    answer = _asked(_request(session, key), pin_source)
    session.login(answer.pin, allow_final_try=answer.final_try)


def _asked(request: PinRequest, pin_source: PinSource) -> PinAnswer:
    if request.pin_state is PinState.LOCKED:
        raise PinLocked(pin_state=PinState.LOCKED)
    answer = pin_source(request)
    if answer is None:
        raise PinNotGiven()
    return answer
