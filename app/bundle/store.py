"""The bundle in use: one signed file, for this user or for all users of the computer.

The file itself is kept, not what is in it: its signature and its signer are checked whenever it is read, so that
nobody who can write into the folder can bring in more than they could by an import. Taking in another is one rename.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.bundle.changes import Change, changes
from app.bundle.content import Content, unpack
from app.bundle.errors import BundleOlder
from app.bundle.signature import Signed, check_signer, read_signed
from app.errors import AntinError, from_os_error
from app.storage import writing
from app.times import now

if TYPE_CHECKING:
    from app.settings import Settings

_NAME = "bundle.p7m"


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
    """A bundle taken in, and what it changes. ``changes`` is empty where the very same one was in use."""

    bundle: Bundle
    changes: list[Change]


class BundleStore:
    """The bundles of a workstation: of a user (``data_dir/trust``) and of all users (``machine_dir``)."""

    def __init__(self, settings: Settings, machine_dir: Path, record: Record | None = None) -> None:
        """
        :param machine_dir: folder for all users, which only an administrator writes.
        :param record: enters a bundle taken in; where it cannot, the bundle is still in use.
        """
        self._settings, self._record = settings, record
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

    def take(self, path: Path, *, for_all: bool = False) -> Taken:
        """Take a bundle in.

        :param for_all: for all users of this computer.
        :raises BundleDamaged, BundleTooLarge, BundleSignatureWrong, BundleSignerUnnamed, BundleSignerUnknown,
            BundleSignerExpired, BundleContentWrong: it is not taken in.
        :raises BundleOlder: one of a higher number, or another of the same, is in use.
        :raises AntinError: it cannot be read or kept; what was in use still is.
        """
        found = self.look(path)
        target, other = (self._machine, self._own) if for_all else (self._own, self._machine)
        before = self._before(target, other)
        kept = before.content.number if before else 0
        same = before is not None and before.signed.octets == found.signed.octets
        if not same and found.content.number <= kept:
            raise BundleOlder(path=path, number=found.content.number, kept=kept)
        if not (same and _is_there(target)):
            writing.replace(target, found.signed.whole)
            if for_all:
                _readable_by_all(target)
        changed = [] if same else changes(before.content if before else None, found.content)
        if self._record is not None and not same:
            self._record(
                "trust-bundle",
                number=found.content.number,
                name=found.signed.signer,
                certificate=found.signed.sha256,
                path=str(path),
            )
        return Taken(Bundle(target, found.content, found.signed), changed)

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
        read_modules(content.modules)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise from_os_error(error, path) from error


def _readable_by_all(path: Path) -> None:
    try:
        path.parent.chmod(0o755)
        path.chmod(0o644)
    except OSError as error:
        raise from_os_error(error, path) from error
