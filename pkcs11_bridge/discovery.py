"""Where vendors' modules are: the shipped list and the settings' own files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from pkcs11_bridge.library import system_name

#: The shipped list.
MODULE_LIST = Path(__file__).resolve().parent.parent / "resources" / "pkcs11-modules.toml"


class KnownModule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the shipped list.

    :ivar vendor: who issues or makes the tokens.
    :ivar windows, linux, macos: file names, looked for in the system's folders, or full paths; ``%NAME%`` stands for
        a variable of the environment.
    """

    vendor: str
    windows: list[str] = []
    linux: list[str] = []
    macos: list[str] = []
    note: str = ""


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
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), ModuleList)


def find_modules(extra: Sequence[Path] = (), *, known: bool = True, file: Path = MODULE_LIST) -> list[Path]:
    """The modules to try, each file once.

    :param extra: of the settings; tried first, and kept where missing so that this is reported.
    :param known: also those files of the shipped list that exist on this computer.
    :param file: the shipped list.
    """
    candidates = list(extra)
    if known:
        candidates += [path for path in _candidates(known_modules(file)) if path.is_file()]
    found: dict[Path, Path] = {}
    for path in candidates:
        found.setdefault(path.resolve(), path)
    return list(found.values())


def _candidates(modules: ModuleList) -> Iterator[Path]:
    system = system_name()
    folders = [Path(os.path.expandvars(folder)) for folder in getattr(modules.folders, system)]
    for module in modules.module:
        for name in getattr(module, system):
            expanded = Path(os.path.expandvars(name))
            if expanded.is_absolute():
                yield expanded
            else:
                yield from (folder / expanded for folder in folders)
