"""What the program asks of an operating system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from app.errors import AntinError
from app.i18n import N_


class ManagedUnreadable(AntinError):
    """What IT staff set for this computer is there and cannot be read. Carries ``origin`` and ``detail``."""

    code = "managed-unreadable"
    message_id = N_("What IT staff set for this computer cannot be read ({origin}): {detail}")
    hint_id = N_("Tell IT staff; the program does not start without what they set. Nothing was changed.")


@dataclass(frozen=True)
class Managed:
    """What IT staff set for a computer, as it is written; :mod:`app.settings` checks it.

    :ivar origin: the file, or the key of the registry.
    :ivar values: by the settings' names, a table for each section, as in ``settings.toml``.
    :ivar locked: names of settings or of whole sections that nothing else may change; True: all that is set here.
    :ivar base: folder against which relative paths are meant; None where there is none.
    :ivar as_text: numbers and yes or no may come as text or as numbers, as the registry keeps them.
    """

    origin: str
    values: Mapping[str, Any]
    locked: tuple[str, ...] | Literal[True] = ()
    base: Path | None = None
    as_text: bool = False


class System(ABC):
    """One operating system. Nothing here asks an environment variable where that would let a user change what IT staff
    set."""

    name: ClassVar[Literal["linux", "windows", "macos"]]

    @abstractmethod
    def managed(self) -> Managed | None:
        """What IT staff set for this computer; None where they set nothing.

        :raises ManagedUnreadable: there is something and it cannot be read.
        """

    @abstractmethod
    def registered_modules(self) -> list[Path]:
        """Files that may be PKCS#11 modules because drivers of tokens registered themselves with the system; existing
        ones only, whatever their word size. Empty where a system has no such register."""

    def data_dir(self) -> Path:
        """The user's own data folder of the program, such as ``~/.local/share/antin``. Not made here."""
        import platformdirs

        return Path(platformdirs.user_data_dir("antin", appauthor=False))

    @abstractmethod
    def machine_dir(self) -> Path:
        """The program's folder for all users of this computer, such as ``/var/lib/antin``, which only an administrator
        writes. Not made here."""

    @abstractmethod
    def user_name(self) -> str:
        """The account that runs the program, as the system itself says: no environment variable changes it."""

    @abstractmethod
    def is_remote(self, path: Path) -> bool:
        """Whether a file or folder, or the nearest existing one above it, lies on another computer."""

    def stranger_of(self, folder: Path) -> str:
        """The account that owns a folder, where it is neither this user nor an administrator; empty where it is, where
        there is no such folder, and where the system keeps users from making folders for others."""
        return ""
