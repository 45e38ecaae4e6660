"""The licences of everything that is shipped, in one text for people.

Python distributions bring their licence files in their metadata; fonts, icons and the few libraries of the system that
lie in the package have theirs beside them.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from installer.frozen.shipped import distributions

_LINE: Final = "=" * 100
_LICENCE_NAMES: Final = ("licen", "copying", "notice", "authors", "copyright")
#: Their text is not among Debian's common licences where PySide6 has no file of its own.
_QT: Final = (
    "Qt, PySide6 and Shiboken are used under the GNU Lesser General Public License, version 3 (with the GNU General "
    "Public License, version 3, that it adds to). They are separate libraries in the folder _internal/PySide6 and may "
    "be replaced by others with the same interface. Their source is published by the Qt Company on its download server "
    "and as the project pyside-setup."
)
#: The truth as long as the source tree has no licence file.
_OWN: Final = (
    "The source tree of Ấn Tín has no licence file: no licence is stated under which others may copy, change or pass "
    "on the program itself. Whoever wants to asks its authors."
)


class NoticeMissing(Exception):
    """Something is shipped whose licence is found nowhere; says what."""


def text(root: Path, program: Path) -> str:
    """All notices.

    :param root: the source tree.
    :param program: the frozen program's folder; its libraries are looked up.
    :raises NoticeMissing: a part has no licence that could be named.
    """
    parts = [_part("Ấn Tín", _own(root)), "Ấn Tín contains the following works of others.\n"]
    parts += [_part(name, words) for name, words in _python()]
    parts += [_part(name, words) for name, words in _distributions(root)]
    parts += [_part(name, words) for name, words in _resources(root)]
    if sys.platform.startswith("linux"):
        parts += [_part(name, words) for name, words in _system_libraries(program)]
    return "\n".join(parts)


def _own(root: Path) -> str:
    """The program's own licence; that there is none where the tree has no file of one."""
    files = sorted(
        file for file in root.iterdir() if file.is_file() and file.name.lower().startswith(_LICENCE_NAMES[:2])
    )
    return "\n\n".join(file.read_text(encoding="utf-8") for file in files) or _OWN


def _part(name: str, words: str) -> str:
    return f"{_LINE}\n{name}\n{_LINE}\n\n{words.strip()}\n"


def _python() -> Iterator[tuple[str, str]]:
    for folder in (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)):
        for name in ("LICENSE.txt", "LICENSE"):
            if (folder / name).is_file():
                yield f"Python {sys.version.split()[0]}", (folder / name).read_text(encoding="utf-8")
                return
    raise NoticeMissing("Python")


def _distributions(root: Path) -> Iterator[tuple[str, str]]:
    for name in distributions(root):
        found = importlib.metadata.distribution(name)
        files = [file for file in found.files or () if _is_licence(PurePosixPath(file))]
        texts = [
            Path(str(found.locate_file(file))).read_text(encoding="utf-8", errors="replace") for file in sorted(files)
        ]
        if name.startswith(("pyside6", "shiboken6")):
            texts = [_QT]
        declared = licence(name)
        if not texts and not declared:
            raise NoticeMissing(name)
        yield f"{found.name} {found.version}" + (f" ({declared})" if declared else ""), "\n\n".join(texts) or declared


def _is_licence(file: PurePosixPath) -> bool:
    return ".dist-info" in file.parts[0] and file.name.lower().startswith(_LICENCE_NAMES)


def licence(name: str) -> str:
    """What a distribution says of its licence in a few words, SPDX where it does; empty where it says nothing.

    :param name: of a distribution that is installed.
    """
    said = importlib.metadata.metadata(name)
    expression = said.get("License-Expression")
    if expression:
        return expression
    short = said.get("License") or ""
    if short and "\n" not in short and len(short) < 60:
        return short
    classifiers = [entry for entry in said.get_all("Classifier") or () if entry.startswith("License ::")]
    return ", ".join(entry.rpartition(" :: ")[2] for entry in classifiers)


def _resources(root: Path) -> Iterator[tuple[str, str]]:
    for file in sorted((root / "resources").rglob("*")):
        if file.is_file() and ("ofl" in file.name.lower() or file.name.lower().startswith(_LICENCE_NAMES)):
            yield f"resources/{file.relative_to(root / 'resources').as_posix()}", file.read_text(encoding="utf-8")


def _system_libraries(program: Path) -> Iterator[tuple[str, str]]:
    """Debian's copyright files of the libraries that lie at the top of the package's folder of libraries."""
    packages: dict[str, list[str]] = {}
    for file in sorted((program / "_internal").glob("*.so*")):
        if file.is_symlink() or file.name.startswith("libpython") or "cpython" in file.name:
            continue
        packages.setdefault(_owner(file.name), []).append(file.name)
    for package, names in sorted(packages.items()):
        copyright_file = Path(f"/usr/share/doc/{package}/copyright")
        if not copyright_file.is_file():
            raise NoticeMissing(", ".join(names))
        yield f"{', '.join(names)} (Debian package {package})", copyright_file.read_text(encoding="utf-8")


def _owner(library: str) -> str:
    """The Debian package that a library of the system is from."""
    done = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=False)  # noqa: S607
    for line in done.stdout.splitlines():
        owner, _, path = line.partition(": ")
        if Path(path).parent.name in ("x86_64-linux-gnu", "lib"):
            return owner.partition(":")[0]
    raise NoticeMissing(library)
