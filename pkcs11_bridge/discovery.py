"""Where vendors' modules are: the shipped list and the settings' own files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from pkcs11_bridge.library import is_module, system_name

#: The shipped list.
MODULE_LIST = Path(__file__).resolve().parent.parent / "resources" / "pkcs11-modules.toml"


class KnownModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the shipped list.

    :ivar vendor: who issues or makes the tokens.
    :ivar windows, linux, macos: file names, looked for in the system's folders, or full paths; ``%NAME%`` stands for
        a variable of the environment.
    :ivar usb: ids of the devices that need it, ``vendor:product`` in hexadecimal capitals.
    :ivar readers: words in the names by which the system's service for card readers knows them.
    """

    vendor: str
    windows: list[str] = []
    linux: list[str] = []
    macos: list[str] = []
    note: str = ""
    usb: list[str] = []
    readers: list[str] = []


class Folders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Usual folders of a system, searched in this order."""

    windows: list[str]
    linux: list[str]
    macos: list[str]


class ModuleList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    folders: Folders
    module: list[KnownModule]


#: Made known to msgspec once, in import: two threads that teach it a type at the same time end the program.
msgspec.json.Decoder(ModuleList)


def known_modules(file: Path = MODULE_LIST) -> ModuleList:
    """The shipped list of vendors' modules."""
    return read_modules(file.read_text(encoding="utf-8"))


def read_modules(text: str) -> ModuleList:
    """A list of modules as it is written in TOML.

    :raises ValueError: it is no TOML, or no such list.
    """
    return msgspec.convert(tomllib.loads(text), ModuleList)


def find_modules(
    extra: Sequence[Path] = (),
    *,
    known: bool = True,
    file: Path = MODULE_LIST,
    further: Sequence[ModuleList] = (),
    registered: Callable[[], Sequence[Path]] = tuple,
) -> list[Path]:
    """The modules to try, each file once.

    :param extra: of the settings; tried first, and kept where missing so that this is reported.
    :param known: also those files of the lists that exist on this computer, and what drivers registered.
    :param file: the shipped list.
    :param further: lists of the office, tried before the shipped one.
    :param registered: gives files that drivers registered with the system; those that are no PKCS#11 modules are left
        out.
    """
    candidates = list(extra)
    if known:
        lists = [*further, known_modules(file)]
        candidates += [path for modules in lists for path in _candidates(modules) if path.is_file()]
        candidates += [path for path in registered() if is_module(path)]
    found: dict[Path, Path] = {}
    for path in candidates:
        found.setdefault(path.resolve(), path)
    return list(found.values())


def places_of(module: KnownModule, folders: Folders) -> Iterator[Path]:
    """Where the files of a known module would be on this system, there or not."""
    system = system_name()
    usual = [Path(os.path.expandvars(folder)) for folder in getattr(folders, system)]
    for name in getattr(module, system):
        expanded = Path(os.path.expandvars(name))
        if expanded.is_absolute():
            yield expanded
        else:
            yield from (folder / expanded for folder in usual)


def _candidates(modules: ModuleList) -> Iterator[Path]:
    for module in modules.module:
        yield from places_of(module, modules.folders)
