"""Making the frozen program smaller on Linux, without taking a function away.

Symbols for debuggers are stripped. Of libraries that several wheels bring a copy of, the newest stays. Qt's ICU brings
data of all languages and of character sets from before Unicode, 31 MB; the program speaks two languages and reads
Unicode, so only theirs stays. The library with the data is linked anew by gcc, since it is nothing but one table;
``icupkg`` (Debian's icu-devtools) takes items out of the table.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

#: Items of ICU's data that stay: what does not belong to a language, and those of the program's two.
_KEPT_ITEMS: Final = re.compile(
    r"(?!.*\.cnv$)(?:.*/)?"
    r"(?:(?:root|vi|vi_VN|en|en_001|en_150|en_GB|en_US|en_US_POSIX|pool|res_index|[a-z]+[A-Z][A-Za-z]*|zoneinfo64"
    r"|icu[a-z]+|metadata|plurals|units)\.res|[^/]*\.(?:icu|nrm|spp|cfu))"
)
#: Word lists for line breaks in Thai and the like, names of characters, transliteration.
_DROPPED_FOLDERS: Final = ("brkitr/", "translit/", "rbnf/")

#: Libraries that wheels bring as copies of their own and every desktop has: the name before the wheel's mark → the
#: system's. Its updates then reach them too.
_SYSTEM_NAMES: Final = {
    "libcrypto": "libcrypto.so.3",
    "libssl": "libssl.so.3",
    "libgssapi_krb5": "libgssapi_krb5.so.2",
    "libkrb5": "libkrb5.so.3",
    "libcom_err": "libcom_err.so.2",
    "libxcb": "libxcb.so.1",
    "libzstd": "libzstd.so.1",
    "liblzma": "liblzma.so.5",
}
#: A wheel's copy of a library: the name before the wheel's mark, the number of its interface, its version.
_WHEEL_COPY: Final = re.compile(r"(lib\w+)-[0-9a-f]{8}\.so(?:\.(\d+)(\S*))?")


class BuildToolFailed(Exception):
    """A tool of the build ended with an error; says which and what it said."""


def slim(libraries: Path, work: Path) -> None:
    """Strip every library below a folder, leave one copy of each, and cut ICU's data down.

    :param libraries: the folder of libraries, changed in place.
    :param work: a folder for what is made on the way.
    :raises BuildToolFailed: binutils, patchelf, icupkg or gcc fail.
    """
    copies = newest_copies(libraries)
    for file in sorted(libraries.rglob("*.so*")):
        if not file.is_symlink() and not file.name.startswith("libicudata"):
            _use_the_systems(file)
            _use_one_copy(file, copies)
            _run("strip", "--strip-unneeded", str(file))
    for file in sorted(libraries.rglob("*.so*")):
        copy = _WHEEL_COPY.fullmatch(file.name)
        if copy and copies.get((copy[1], copy[2]), file).name != file.name:
            file.unlink()
    for file in sorted(libraries.rglob("libicudata.so.*")):
        if not file.is_symlink():
            _cut_icu(file, work)


def _use_the_systems(library: Path) -> None:
    """Let a library of a wheel load the system's libraries in the place of copies that are left out."""
    changes: list[str] = []
    for needed in _run("patchelf", "--print-needed", str(library)).split():
        copy = _WHEEL_COPY.fullmatch(needed)
        if copy and copy[1] in _SYSTEM_NAMES:
            changes += ["--replace-needed", needed, _SYSTEM_NAMES[copy[1]]]
    if changes:
        _run("patchelf", *changes, str(library))


def newest_copies(libraries: Path) -> dict[tuple[str, str], Path]:
    """Of what several wheels bring a copy of, the newest, by name and number of the interface.

    :param libraries: the folder of libraries.
    """
    found: dict[tuple[str, str], list[Path]] = {}
    for file in sorted(libraries.rglob("*.so*")):
        copy = _WHEEL_COPY.fullmatch(file.name)
        if copy and copy[2] and not file.is_symlink():
            found.setdefault((copy[1], copy[2]), []).append(file)
    return {key: max(files, key=_version) for key, files in found.items()}


def _version(copy: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", copy.name.partition(".so")[2])]


def _use_one_copy(library: Path, copies: dict[tuple[str, str], Path]) -> None:
    """Let a library of a wheel load the copy that stays of what its wheel has an older copy of."""
    for needed in _run("patchelf", "--print-needed", str(library)).split():
        copy = _WHEEL_COPY.fullmatch(needed)
        kept = copies.get((copy[1], copy[2])) if copy else None
        if kept is not None and kept.name != needed:
            folder = f"$ORIGIN/{os.path.relpath(kept.parent, library.parent)}"
            places = _run("patchelf", "--print-rpath", str(library)).strip()
            _run("patchelf", "--replace-needed", needed, kept.name, str(library))
            _run("patchelf", "--set-rpath", ":".join(filter(None, (places, folder))), str(library))


def _cut_icu(library: Path, work: Path) -> None:
    version = library.name.rpartition(".")[2]
    table, smaller = work / f"icudt{version}l.dat", work / f"smaller/icudt{version}l.dat"
    smaller.parent.mkdir(exist_ok=True)
    _run("objcopy", "-O", "binary", "--only-section=.rodata", str(library), str(table))
    dropped = work / "dropped.txt"
    items = _run("icupkg", "-l", str(table)).split()
    dropped.write_text("\n".join(name for name in items if not is_kept(name)) + "\n", encoding="ascii")
    _run("icupkg", "-r", str(dropped), str(table), str(smaller))
    symbol = f"icudt{version}_dat"
    source = work / "icudata.s"
    source.write_text(
        f'.section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, @object\n{symbol}:\n.incbin "{smaller}"\n'
        f'.size {symbol}, .-{symbol}\n.section .note.GNU-stack,"",@progbits\n',
        encoding="utf-8",
    )
    linked = work / library.name
    _run(
        "gcc",
        "-shared",
        "-nostdlib",
        f"-Wl,-soname,{library.name}",
        "-Wl,--build-id=none",
        str(source),
        "-o",
        str(linked),
    )
    _run("strip", str(linked))
    library.write_bytes(linked.read_bytes())


def is_kept(item: str) -> bool:
    """Whether an item of ICU's data stays.

    :param item: its name as ``icupkg -l`` has it, such as ``coll/vi.res``.
    """
    return not item.startswith(_DROPPED_FOLDERS) and _KEPT_ITEMS.fullmatch(item) is not None


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildToolFailed(f"{command[0]}: {error}") from error
    if done.returncode:
        raise BuildToolFailed(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout
