"""What a run still has to sign, kept in the data folder from its beginning until nothing is left.

Each run has a file of its own in ``remaining/``: the first line says what was asked; every further one is the index of
a file that needs no more, with the place of its copy where it was signed, or the index and where a copy of it is being
written, or what is about to be filed of it. So a run that stops, and one whose program is killed, can be gone on with,
or be asked for anew, nothing is signed twice, and no half copy stays. While a program works on a run it holds the lock
beside it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.documents.hashing import sha256_file
from app.errors import AntinError
from app.i18n import N_
from app.signing.control import SkippedByPerson
from app.signing.errors import PinNotGiven, RunStopped
from app.signing.filing import Filing
from app.signing.model import SignOptions, SignResult, Status
from app.storage.files import flush_folder, writing_error
from app.storage.locks import try_lock
from app.storage.staging import is_staging
from pkcs11_bridge.errors import BridgeError

_FOLDER = "remaining"
#: Of a certificate's SHA-256 in hexadecimal; any other word is the id that the token has for it.
_SHA256_LENGTH = 64


class RemainingUnreadable(AntinError):
    code = "remaining-unreadable"
    message_id = N_("What a stopped run left cannot be read from {path}.")
    hint_id = N_("Move that file away and name the files to sign again; what was signed stands in the ledger.")


class Remaining(msgspec.Struct, frozen=True):
    """The files not yet signed and what was asked for them; never a PIN.

    :ivar token: serial or label.
    :ivar certificate: SHA-256 or hexadecimal id.
    :ivar module: the PKCS#11 module named, None for those of the settings.
    :ivar trust_roots: beside those of the settings.
    :ivar own: the options of single files, by their index, where they differ from ``options``.
    """

    files: list[str]
    options: SignOptions
    token: str | None = None
    certificate: str | None = None
    module: str | None = None
    trust_roots: list[str] = []
    own: dict[int, SignOptions] = {}


class _Noted(msgspec.Struct, frozen=True):
    """A line of a run's file: the temporary file that a copy is written to, what is about to be filed, or where it
    was."""

    index: int
    staged: str | None = None
    filing: Filing | None = None
    placed: str | None = None


class KeptRun:
    """A run as it is kept; made by :func:`begin` and :func:`take`. Close it when the run has ended.

    :ivar remaining: what was left when this program took the run up.
    :ivar filings: of those, what was signed and about to be filed, by index; to be ended without a token. In a new run,
        what an earlier one had signed with the same key and the same wishes.
    :ivar signed: what this run has done with, by the name of the document: wishes, and the copy, which is in its place.
    """

    def __init__(
        self,
        path: Path,
        lock: int,
        remaining: Remaining,
        indexes: list[int],
        filings: dict[int, Filing] | None = None,
        signed: dict[str, tuple[SignOptions, Filing]] | None = None,
    ) -> None:
        self.remaining = remaining
        self.filings = filings or {}
        self.signed = signed or {}
        self._path = path
        self._lock = lock
        self._indexes = indexes
        self._left = set(indexes)
        self._writing = threading.Lock()

    def done(self, index: int, placed: str | None = None) -> None:
        """A file needs no more: it was signed, or cannot be. Thread-safe.

        :param index: in ``remaining.files``.
        :param placed: path of the signed copy.
        """
        number = self._indexes[index]
        with self._writing:
            self._left.discard(number)
            with self._path.open("ab") as stream:
                stream.write(b"%d\n" % number if placed is None else _line(_Noted(number, placed=placed)))

    def leave_out(self, indexes: Collection[int]) -> None:
        """Number the files anew without some that this program does not sign.

        :param indexes: in ``remaining.files``; those of them that are not done stay for another time.
        """
        staying = [at for at in range(len(self._indexes)) if at not in indexes]
        self.remaining = _narrowed(self.remaining, staying)
        self._indexes = [self._indexes[at] for at in staying]
        self.filings = {}

    def about_to_write(self, index: int, staged: Path) -> None:
        """A copy is about to be written to a temporary file, which goes, unless it is to be filed, when the run of a
        program that was killed is taken up. Thread-safe.

        :raises TargetNotWritable, DiskFull: it cannot be noted.
        """
        with self._writing, _errors_of(self._path), self._path.open("ab") as stream:
            stream.write(_line(_Noted(self._indexes[index], staged=str(staged.absolute()))))

    def about_to_file(self, index: int, filing: Filing) -> None:
        """A file is signed and confirmed; on disk when this returns. Thread-safe.

        :raises TargetNotWritable, DiskFull: it cannot be noted.
        """
        with self._writing, _errors_of(self._path), self._path.open("ab") as stream:
            stream.write(_line(_Noted(self._indexes[index], filing=filing)))
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        """Forget the run if nothing is left of it; else another program may take it up."""
        if not self._left:
            self._path.unlink(missing_ok=True)
        os.close(self._lock)
        if not self._left:
            with suppress(OSError):
                _lock_of(self._path).unlink()


def begin(data_dir: Path, remaining: Remaining) -> KeptRun:
    """Keep a new run. Relative names are made absolute; files that an earlier run left and that are asked for anew
    are left to this one. What that run had signed already stays signed: it is filed by this run where it was signed as
    is asked for now, and by the earlier one, gone on with, where it was not.

    :raises TargetNotWritable, DiskFull: the data folder takes nothing.
    """
    plan = msgspec.structs.replace(remaining, files=[str(Path(name).absolute()) for name in remaining.files])
    path = data_dir / _FOLDER / f"{time.time_ns():020d}-{secrets.token_hex(4)}.jsonl"
    with _errors_of(path), ExitStack() as closing:
        path.parent.mkdir(parents=True, exist_ok=True)
        earlier = [run for kept in _kept(data_dir) if (run := _held(kept, closing)) is not None]
        filings = {index: filing for run in earlier for index, filing in _adopted(run, plan).items()}
        lock = _open_lock(path)
        try_lock(lock)
        with path.open("xb") as stream:
            stream.write(
                b"".join([_line(plan), *(_line(_Noted(index, filing=filing)) for index, filing in filings.items())])
            )
            stream.flush()
            os.fsync(stream.fileno())
        flush_folder(path.parent)
        for run in earlier:
            _withdraw(run, plan, _adopted(run, plan).values())
    return KeptRun(path, lock, remaining, list(range(len(plan.files))), filings)


def take(data_dir: Path) -> KeptRun | None:
    """The newest run that stopped and that no other program goes on with; None where there is none.

    :raises RemainingUnreadable: it is not as it was written.
    """
    for path in _kept(data_dir):
        run = _taken(path)
        if run is not None and run.remaining.files:
            return run
        if run is not None:
            run.close()
    return None


def _kept(data_dir: Path) -> list[Path]:
    """The newest first."""
    return sorted((data_dir / _FOLDER).glob("*.jsonl"), reverse=True)


def _stopping_codes() -> frozenset[str]:
    def codes(error: type[BridgeError | PinNotGiven]) -> Iterator[str]:
        yield error.code
        for narrower in error.__subclasses__():
            yield from codes(narrower)

    return frozenset((*codes(BridgeError), *codes(PinNotGiven)))


_STOPPING = _stopping_codes()


def has_stopped(result: SignResult) -> bool:
    """Whether the token or the PIN ended a run at this file."""
    return result.error is not None and result.error.code in _STOPPING | {RunStopped.code}


def is_left(result: SignResult) -> bool:
    """Whether a run gone on with should take the file up: it was skipped, not by hand, or the token failed while it was
    on."""
    if result.error is not None and result.error.code == SkippedByPerson.code:
        return False
    return result.status is Status.SKIPPED or has_stopped(result)


def _held(path: Path, closing: ExitStack) -> KeptRun | None:
    """An earlier run, until ``closing`` ends; None where another program holds it, or it cannot be read: that is told
    when it is gone on with."""
    try:
        run = _taken(path)
    except RemainingUnreadable:
        return None
    if run is not None:
        closing.callback(run.close)
    return run


def _adopted(run: KeptRun, plan: Remaining) -> dict[int, Filing]:
    """What an earlier run had signed of what a new one is asked to sign in the same way, by index in the new one."""
    known = dict(run.signed)
    known |= {run.remaining.files[at]: (_wishes(run.remaining, at), filing) for at, filing in run.filings.items()}
    found = {}
    for at, name in enumerate(plan.files):
        wishes, filing = known.get(name, (None, None))
        if filing is not None and wishes == _wishes(plan, at) and _of_key(filing, plan) and _unchanged(filing):
            found[at] = filing
    return found


def _withdraw(run: KeptRun, plan: Remaining, adopted: Collection[Filing]) -> None:
    """Leave to a new run what it is asked for; what was signed otherwise is still to be filed by the earlier one."""
    for index, name in enumerate(run.remaining.files):
        filing = run.filings.get(index)
        if name in plan.files and (filing is None or filing in adopted):
            run.done(index)


def _of_key(filing: Filing, plan: Remaining) -> bool:
    """Whether it was signed with the key of a run; a run that found no key yet has none that differs."""
    wanted = plan.certificate or ""
    return len(wanted) != _SHA256_LENGTH or wanted == filing.entry["certificate"]


def _wishes(plan: Remaining, index: int) -> SignOptions:
    """What was asked for a file; what a person said yes to is no wish."""
    return dataclasses.replace(plan.own.get(index, plan.options), accepts=())


def _unchanged(filing: Filing) -> bool:
    """Whether the document still is what was signed."""
    try:
        return sha256_file(Path(filing.source)) == filing.entry["input_sha256"]
    except OSError:
        return False


def _taken(path: Path) -> KeptRun | None:
    """The run, held by this program; None where another holds it."""
    lock = _open_lock(path)
    try:
        if try_lock(lock):
            return _read(path, lock)
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _read(path: Path, lock: int) -> KeptRun:
    try:
        first, *rest = _lines(path) or [b""]
    except FileNotFoundError:  # another program ended it a moment ago
        return KeptRun(path, lock, Remaining([], SignOptions()), [])
    try:
        plan = msgspec.convert(json.loads(first), decodable(Remaining), dec_hook=_decode, str_keys=True)
        done = {int(line) for line in rest if line.isdigit()}
        noted = [msgspec.convert(json.loads(line), decodable(_Noted)) for line in rest if line.startswith(b"{")]
    except (ValueError, msgspec.ValidationError) as error:
        raise RemainingUnreadable(path=path) from error
    filings = {one.index: one.filing for one in noted if one.filing is not None}
    _remove_half_copies([Path(one.staged) for one in noted if one.staged is not None], filings.values())
    placed = {one.index: Path(one.placed) for one in noted if one.placed is not None}
    done |= placed.keys()
    signed = {
        plan.files[index]: (_wishes(plan, index), filings[index])
        for index, copy in placed.items()
        if index in filings and copy.is_file() and copy.stat().st_size == filings[index].size
    }
    indexes = [index for index in range(len(plan.files)) if index not in done]
    left = _narrowed(plan, indexes)
    unfiled = {indexes.index(index): filing for index, filing in filings.items() if index not in done}
    return KeptRun(path, lock, left, indexes, unfiled, signed)


def _remove_half_copies(staged: Sequence[Path], filings: Collection[Filing]) -> None:
    """Remove what a program that was killed was writing.

    :param filings: whose temporary files stay: they are whole.
    """
    kept = {Path(filing.staged).name for filing in filings}
    for path in staged:
        if is_staging(path.name) and not any(name.startswith(path.stem) for name in kept):
            for half in path.parent.glob(f"{path.stem}*"):
                with suppress(OSError):
                    half.unlink()


def _line(value: Remaining | _Noted) -> bytes:
    # Names that are no UTF-8 come as lone surrogates, which only this encoder writes.
    return json.dumps(msgspec.to_builtins(value, enc_hook=_encode, str_keys=True)).encode() + b"\n"


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise writing_error(error, path) from error


def _narrowed(plan: Remaining, indexes: Sequence[int]) -> Remaining:
    return msgspec.structs.replace(
        plan,
        files=[plan.files[index] for index in indexes],
        own={at: plan.own[index] for at, index in enumerate(indexes) if index in plan.own},
    )


def _lines(path: Path) -> list[bytes]:
    """The lines that were written to their ends; one that a killed program left unfinished is cut off."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if 0 < whole < len(content):
        os.truncate(path, whole)
    return content[:whole].splitlines()


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _open_lock(path: Path) -> int:
    return os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)


def _encode(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(kind.__name__)
