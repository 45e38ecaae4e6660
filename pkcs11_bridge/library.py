"""Whether a file can be a PKCS#11 module for this program, told from its header without loading it.

Header fields after the System V ABI (ELF), the PE format specification and ``mach-o/loader.h``.
"""

from __future__ import annotations

import mmap
import os
import platform
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from pkcs11_bridge.errors import ModuleUnusable, ModuleWordSize
from pkcs11_bridge.helper import loadable_word_sizes, own_word_size

#: Every module exports this; Mach-O export tries do not hold it in one piece.
_ENTRY_POINT = b"C_GetFunctionList\0"


def system_name() -> str:
    """This system, as it is called in lists and headers: ``windows``, ``linux`` or ``macos``."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def check_library(path: Path) -> None:
    """Read a file's header and exported names before anything is started for it.

    :raises ModuleWordSize: made for this system, but of the other word size.
    :raises ModuleUnusable: missing, no shared library, made for another system or processor, or no PKCS#11 module;
        ``detail`` says which.
    """
    if not path.exists():
        raise ModuleUnusable("the file is missing", str(path))
    if not path.is_file():
        raise ModuleUnusable("no file, but a folder or a device", str(path))
    try:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise ModuleUnusable("the file is empty", str(path))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
                try:
                    library = _read_header(image)
                except (struct.error, IndexError):
                    raise ModuleUnusable("the file is no shared library", str(path)) from None
                has_entry_point = library.system == "macos" or image.find(_ENTRY_POINT) >= 0
    except (OSError, ValueError) as error:
        raise ModuleUnusable(getattr(error, "strerror", None) or str(error), str(path)) from error
    if library.is_of_other_word_size:
        raise ModuleWordSize(library.problem_here() or "", str(path))
    problem = library.problem_here()
    if problem is None and not has_entry_point:
        problem = "the file is no PKCS#11 module: it exports no C_GetFunctionList"
    if problem is not None:
        raise ModuleUnusable(problem, str(path))


def word_size(path: Path) -> int:
    """Bits of a module: this program's own where the file has them too, or is no library at all."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
            words = {word for _, word in _read_header(image).machines}
    except (OSError, ValueError, struct.error, IndexError):
        return own_word_size()
    return own_word_size() if own_word_size() in words else words.pop()


def is_module(path: Path) -> bool:
    """Whether a file is a PKCS#11 module of this system, of whatever word size: a driver's other DLLs are none."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
            return _read_header(image).system == system_name() and image.find(_ENTRY_POINT) >= 0
    except (OSError, ValueError, struct.error, IndexError):
        return False


@dataclass(frozen=True)
class _Library:
    """What a header says: ``system``; ``machines`` as (processor, bits), several in a universal file."""

    system: str
    machines: list[tuple[str, int]]

    @property
    def is_of_other_word_size(self) -> bool:
        return self.system == system_name() and loadable_word_sizes().isdisjoint(word for _, word in self.machines)

    def problem_here(self) -> str | None:
        """Why this interpreter cannot load it; None where it can."""
        system = system_name()
        if self.system != system:
            return f"the file is made for {self.system}, not for {system}"
        loadable = loadable_word_sizes()
        if loadable.isdisjoint(word for _, word in self.machines):
            return f"the file is a {self.machines[0][1]}-bit library; this program is {own_word_size()}-bit"
        processor = _PROCESSORS.get(platform.machine().lower(), platform.machine().lower())
        of_words = {own_word_size(): processor}
        if processor == "x86-64":
            of_words[32] = "x86"
        if all(name != of_words.get(word) for name, word in self.machines if word in loadable):
            names = ", ".join(name for name, _ in self.machines)
            return f"the file is made for {names} processors; this computer has {processor}"
        return None


#: platform.machine() of the systems, in the words used here; a 32-bit interpreter may run on a 64-bit system.
_X86 = "x86" if struct.calcsize("P") == 4 else "x86-64"
_PROCESSORS = {
    "x86_64": _X86,
    "amd64": _X86,
    "i386": "x86",
    "i686": "x86",
    "x86": "x86",
    "aarch64": "arm64",
    "arm64": "arm64",
}
_ELF_MACHINES = {3: "x86", 62: "x86-64", 40: "arm", 183: "arm64"}
_PE_MACHINES = {0x014C: "x86", 0x8664: "x86-64", 0x01C4: "arm", 0xAA64: "arm64"}
_MACH_CPUS = {7: "x86", 0x01000007: "x86-64", 12: "arm", 0x0100000C: "arm64"}

_ELF_SHARED = 3
_PE_DLL = 0x2000
_MACH_DYLIB, _MACH_BUNDLE = 6, 8
_MACH_64 = 0x01000000


def _read_header(image: mmap.mmap) -> _Library:
    """:raises struct.error: the file ends inside its header. IndexError: it is none of the three."""
    magic = image[:4]
    if magic == b"\x7fELF":
        return _read_elf(image)
    if magic[:2] == b"MZ":
        return _read_pe(image)
    if magic in (b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"):
        cpu, _, kind = struct.unpack_from("<III", image, 4)
        if kind not in (_MACH_DYLIB, _MACH_BUNDLE):
            raise IndexError
        return _Library("macos", [_mach_machine(cpu)])
    if magic == b"\xca\xfe\xba\xbe":
        (count,) = struct.unpack_from(">I", image, 4)
        if not 0 < count <= 16:
            raise IndexError
        return _Library("macos", [_mach_machine(*struct.unpack_from(">I", image, 8 + 20 * i)) for i in range(count)])
    raise IndexError


def _read_elf(image: mmap.mmap) -> _Library:
    bits = {1: 32, 2: 64}[image[4]] if image[4] in (1, 2) else 0
    order = {1: "<", 2: ">"}.get(image[5])
    if not bits or order is None:
        raise IndexError
    kind, machine = struct.unpack_from(f"{order}HH", image, 16)
    if kind != _ELF_SHARED:
        raise IndexError
    return _Library("linux", [(_ELF_MACHINES.get(machine, f"ELF machine {machine}"), bits)])


def _read_pe(image: mmap.mmap) -> _Library:
    (offset,) = struct.unpack_from("<I", image, 0x3C)
    if image[offset : offset + 4] != b"PE\0\0":
        raise IndexError
    machine, _, _, _, _, _, characteristics, optional = struct.unpack_from("<HHIIIHHH", image, offset + 4)
    if not characteristics & _PE_DLL:
        raise IndexError
    bits = {0x10B: 32, 0x20B: 64}.get(optional, 0)
    if not bits:
        raise IndexError
    return _Library("windows", [(_PE_MACHINES.get(machine, f"PE machine {machine:#06x}"), bits)])


def _mach_machine(cpu: int) -> tuple[str, int]:
    return _MACH_CPUS.get(cpu, f"Mach-O CPU {cpu:#x}"), 64 if cpu & _MACH_64 else 32
