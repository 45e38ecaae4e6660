"""The bundle in use: one signed file, for this user or for all users of the computer.

The file itself is kept, not what is in it: its signature and its signer are checked whenever it is read, so that
nobody who can write into the folder can bring in more than they could by an import. Taking in another is one rename.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Protocol

from app import bounded_toml
from app.bundle.changes import Change, changes
from app.bundle.content import Content, unpack
from app.bundle.errors import BundleOlder
from app.bundle.signature import Signed, check_signer, read_signed
from app.errors import AntinError, from_os_error
from app.storage import writing
from app.storage.files import writing_error
from app.storage.locks import held
from app.times import now

if TYPE_CHECKING:
    from app.settings import Settings
    from pkcs11_bridge.discovery import ModuleList

_NAME = "bundle.p7m"
#: The kind of the ledger's entries of bundles taken in.
ENTRY = "trust-bundle"
#: Rights of the file for all users.
_FOR_ALL = 0o644
#: Seconds that one import waits for another.
_PATIENCE = 30.0


class Record(Protocol):
    """Takes a kind and data, such as ``Ledger.append``."""

    def __call__(self, kind: str, /, **data: object) -> object: ...


@dataclass(frozen=True)
class Bundle:
    """A bundle whose signature holds and whose signer may.

    :ivar path: its file.
    """

    path: Path
    content: Content
    signed: Signed


@dataclass(frozen=True)
class Taken:
    """A bundle taken in, and what it changes.

    :ivar same: the very same one was in use already.
    """

    bundle: Bundle
    changes: list[Change]
    same: bool = False


class BundleStore:
    """The bundles of a workstation: of a user (``data_dir/trust``) and of all users (``machine_dir``)."""

    def __init__(
        self,
        settings: Settings,
        machine_dir: Path,
        record: Record | None = None,
        entered: Callable[[], Iterable[Mapping[str, object]]] | None = None,
    ) -> None:
        """
        :param machine_dir: folder for all users, which only an administrator writes.
        :param record: enters a bundle taken in; where it cannot, the bundle is still in use.
        :param entered: the data of what was entered by ``record`` before, so that an older bundle is refused although
            the file of the newer one was deleted. Where it raises, as an unreadable ledger does, the files alone count.
        """
        self._settings, self._record, self._entered = settings, record, entered
        self._own = settings.data_dir / "trust" / _NAME
        self._machine = machine_dir / _NAME

    def current(self) -> Bundle | None:
        """The bundle in use: of the user's and all users' the one of the higher number.

        :raises AntinError: one of them is damaged, or its signer may not sign; going on without it could trust what it
            takes away.
        """
        return _newest(self._read(path) for path in (self._machine, self._own) if _is_there(path))

    def look(self, path: Path) -> Bundle:
        """Read a bundle as an import would, and take nothing in.

        :raises AntinError: as :meth:`take`, its age aside.
        """
        signed = read_signed(path)
        check_signer(signed, self._settings, path, at=now())
        return Bundle(path, unpack(signed.octets, path, check=check_texts), signed)

    def offered(self, path: Path, *, for_all: bool = False) -> Taken:
        """What :meth:`take` would change; nothing is taken in.

        :param for_all: for all users of this computer.
        :raises BundleDamaged, BundleTooLarge, BundleSignatureWrong, BundleSignerUnnamed, BundleSignerUnknown,
            BundleSignerExpired, BundleContentWrong: it would not be taken in.
        :raises BundleOlder: one of a higher number, or another of the same, is in use.
        :raises AntinError: it cannot be read.
        """
        found, before = self.look(path), self._before(*self._places(for_all))
        if before is not None and before.signed.octets == found.signed.octets:
            return Taken(found, [], same=True)
        number, kept = found.content.number, before.content.number if before else 0
        had = max(kept, *(known for known, digest in self._had() if (known, digest) != (number, _digest(found))), 0)
        if number <= had:
            raise BundleOlder(path=path, number=number, kept=had)
        return Taken(found, changes(before.content if before else None, found.content))

    def take(self, path: Path, *, for_all: bool = False) -> Taken:
        """Take a bundle in.

        :param for_all: for all users of this computer.
        :raises FileInUse: another process has been taking one in for half a minute.
        :raises AntinError: as :meth:`offered`, or it cannot be kept; what was in use still is.
        """
        target, _other = self._places(for_all)
        with _alone(target, for_all=for_all):
            offer = self.offered(path, for_all=for_all)
            found = offer.bundle
            writing.replace(target, found.signed.whole, mode=_FOR_ALL if for_all else None)
        if self._record is not None and not (offer.same and self._is_entered(found)):
            self._record(
                ENTRY,
                number=found.content.number,
                sha256=_digest(found),
                name=found.signed.signer,
                certificate=found.signed.sha256,
                path=str(path),
            )
        return Taken(Bundle(target, found.content, found.signed), offer.changes, offer.same)

    def _had(self) -> Iterator[tuple[int, str]]:
        """Number and digest of what was entered before."""
        if self._entered is None:
            return
        with suppress(AntinError):
            for data in self._entered():
                number, digest = data.get("number"), data.get("sha256")
                if isinstance(number, int) and isinstance(digest, str):
                    yield number, digest

    def _is_entered(self, found: Bundle) -> bool:
        """Whether a bundle that is in use was entered; an import that was cut off may not have come to it."""
        return self._entered is None or (found.content.number, _digest(found)) in self._had()

    def _places(self, for_all: bool) -> tuple[Path, Path]:
        """Where a bundle is kept, and where the one of the others is."""
        return (self._machine, self._own) if for_all else (self._own, self._machine)

    def _before(self, target: Path, other: Path) -> Bundle | None:
        """The bundle in use before another takes the place of ``target``. What is there and cannot be used any more, as
        after a change of signers, is no reason to refuse what mends it."""
        found = [self._read(other)] if _is_there(other) else []
        if _is_there(target):
            with suppress(AntinError):
                found.append(self._read(target))
        return _newest(found)

    def _read(self, path: Path) -> Bundle:
        signed = read_signed(path)
        check_signer(signed, self._settings, path)
        return Bundle(path, unpack(signed.octets, path, check=check_texts), signed)


def _newest(found: Iterable[Bundle]) -> Bundle | None:
    return max(found, key=lambda bundle: bundle.content.number, default=None)


def check_texts(content: Content) -> None:
    """:raises ValueError: the policy or the list of modules cannot be used."""
    from app.verification.policy import Policy
    from pkcs11_bridge.discovery import read_modules

    if content.policy:
        try:
            Policy.read(content.policy, Path("policy.toml"))
        except AntinError as error:
            raise ValueError(error.message) from error
    if content.modules:
        bounded_toml.loads(content.modules)
        _check_places(read_modules(content.modules))


def _digest(bundle: Bundle) -> str:
    return hashlib.sha256(bundle.signed.octets).hexdigest()


def _check_places(modules: ModuleList) -> None:
    """:raises ValueError: a folder or a file of the list would be looked for in the working folder, where whoever sends
    documents may put a file."""
    folders = modules.folders
    for name in (*folders.linux, *folders.macos):
        if not PurePosixPath(name).is_absolute():
            raise ValueError(f"{name} is no absolute path")
    for name in folders.windows:
        if not (PureWindowsPath(name).is_absolute() or name.startswith("%")):
            raise ValueError(f"{name} is no absolute path")
    for module in modules.module:
        windows = [PureWindowsPath(name) for name in module.windows]
        if any(path.anchor and not path.is_absolute() for path in windows):
            raise ValueError(f"{module.vendor}: a file is no absolute path")
        if any(".." in path.parts for path in (*windows, *map(PurePosixPath, (*module.linux, *module.macos)))):
            raise ValueError(f"{module.vendor}: a file leads out of its folder")


@contextmanager
def _alone(target: Path, *, for_all: bool) -> Iterator[None]:
    """Let nobody else take a bundle in between the look at the one in use and its replacement: the newer one stays."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if for_all:
            target.parent.chmod(0o755)
        with held(target.with_name(f"{target.name}.lock"), patience=_PATIENCE):
            yield
    except OSError as error:
        raise writing_error(error, target) from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise from_os_error(error, path) from error
