"""Finding vendors' modules and telling from a file's header whether it can be one."""

from __future__ import annotations

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkcs11_bridge import discovery
from pkcs11_bridge.child import host_command
from pkcs11_bridge.discovery import find_modules, known_modules
from pkcs11_bridge.errors import ModuleUnusable, ModuleWordSize
from pkcs11_bridge.library import check_library

ENTRY = b"\0C_GetFunctionList\0"
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


def elf(bits: int = 64, machine: int = 62, kind: int = 3, order: str = "<", names: bytes = ENTRY) -> bytes:
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    return ident + struct.pack(f"{order}HHI", kind, machine, 1) + bytes(64) + names


def pe(machine: int = 0x8664, optional: int = 0x20B, characteristics: int = 0x2022, names: bytes = ENTRY) -> bytes:
    dos = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x80) + bytes(0x40)
    coff = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 240, characteristics)
    return dos + b"PE\0\0" + coff + struct.pack("<H", optional) + bytes(64) + names


def mach(cpu: int = 0x01000007, kind: int = 6) -> bytes:
    magic = b"\xcf\xfa\xed\xfe" if cpu & 0x01000000 else b"\xce\xfa\xed\xfe"
    return magic + struct.pack("<III", cpu, 0, kind) + bytes(32)


def fat(*cpus: int) -> bytes:
    entries = b"".join(struct.pack(">IIIII", cpu, 0, 4096, 100, 12) for cpu in cpus)
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(cpus)) + entries


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A 64-bit Linux computer with an x86-64 processor, whatever this one is."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return monkeypatch


def problem(folder: Path, image: bytes) -> str:
    file = folder / "module.so"
    file.write_bytes(image)
    with pytest.raises(ModuleUnusable) as caught:
        check_library(file)
    assert caught.value.module == str(file)
    return caught.value.detail


def test_the_real_module_is_accepted() -> None:
    check_library(SOFTHSM)


def test_a_fitting_library_is_accepted(here: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "module.so"
    file.write_bytes(elf())
    check_library(file)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        pytest.param(elf(32, 3), "32-bit library; this program is 64-bit", id="32-bit ELF"),
        pytest.param(elf(machine=183), "arm64 processors; this computer has x86-64", id="ARM ELF"),
        pytest.param(elf(machine=8, order=">"), "ELF machine 8 processors", id="big-endian MIPS"),
        pytest.param(elf(kind=2), "no shared library", id="ELF program"),
        pytest.param(elf(kind=1), "no shared library", id="ELF object"),
        pytest.param(elf(names=b""), "exports no C_GetFunctionList", id="another library"),
        pytest.param(elf(names=b"C_GetFunctionListX\0"), "exports no C_GetFunctionList", id="another name"),
        pytest.param(b"\x7fELF\x03" + elf()[5:], "no shared library", id="ELF of no class"),
        pytest.param(elf()[:18], "no shared library", id="cut ELF"),
        pytest.param(pe(), "made for windows, not for linux", id="PE"),
        pytest.param(mach(), "made for macos, not for linux", id="Mach-O"),
        pytest.param(b"#!/bin/sh\n", "no shared library", id="script"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\x7f", "no shared library", id="one octet"),
        pytest.param(b"PK\3\4" + bytes(100), "no shared library", id="zip"),
    ],
)
def test_on_linux(here: pytest.MonkeyPatch, tmp_path: Path, image: bytes, words: str) -> None:
    assert words in problem(tmp_path, image)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        pytest.param(pe(0x14C, 0x10B), "32-bit library; this program is 64-bit", id="32-bit PE"),
        pytest.param(pe(0xAA64), "arm64 processors", id="ARM PE"),
        pytest.param(pe(characteristics=0x22), "no shared library", id="exe"),
        pytest.param(pe(optional=0x107), "no shared library", id="ROM image"),
        pytest.param(pe(names=b""), "exports no C_GetFunctionList", id="another library"),
        pytest.param(b"MZ" + bytes(58) + b"\xff\xff\xff\xff", "no shared library", id="offset beyond the end"),
        pytest.param(b"MZ" + bytes(200), "no shared library", id="DOS program"),
        pytest.param(elf(), "made for linux, not for windows", id="ELF"),
    ],
)
def test_on_windows(here: pytest.MonkeyPatch, tmp_path: Path, image: bytes, words: str) -> None:
    here.setattr(sys, "platform", "win32")
    here.setattr(platform, "machine", lambda: "AMD64")
    (tmp_path / "good.dll").write_bytes(pe())
    check_library(tmp_path / "good.dll")
    assert words in problem(tmp_path, image)


def test_a_32_bit_module_is_for_the_helper_of_its_word_size(here: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here.setattr(sys, "platform", "win32")
    here.setattr(platform, "machine", lambda: "AMD64")
    here.setattr(sys, "frozen", True, raising=False)
    here.setattr(sys, "executable", str(tmp_path / "antinw.exe"))
    module = tmp_path / "st3csp11.dll"
    module.write_bytes(pe(0x14C, 0x10B))
    with pytest.raises(ModuleWordSize):
        check_library(module)
    helper = tmp_path / "host32/antin-token-host.exe"
    helper.parent.mkdir()
    helper.write_bytes(b"MZ")
    check_library(module)
    assert host_command(module) == [str(helper), str(module)]
    module.write_bytes(pe())
    check_library(module)
    assert host_command(module) == [str(tmp_path / "antin-token-host.exe"), str(module)]
    module.write_bytes(pe(0x1C4, 0x10B))
    assert "arm processors" in problem(tmp_path, module.read_bytes())


@pytest.mark.parametrize(
    ("image", "words"),
    [
        pytest.param(mach(7), "32-bit library; this program is 64-bit", id="32-bit"),
        pytest.param(mach(0x0100000C), "arm64 processors", id="ARM"),
        pytest.param(
            fat(7, 0x0100000C), "x86, arm64 processors; this computer has x86-64", id="universal without this processor"
        ),
        pytest.param(fat(7, 12), "32-bit library", id="universal, 32-bit only"),
        pytest.param(mach(kind=2), "no shared library", id="program"),
        pytest.param(b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(50), "no shared library", id="Java class"),
        pytest.param(fat(7, 12)[:12], "no shared library", id="cut"),
    ],
)
def test_on_macos(here: pytest.MonkeyPatch, tmp_path: Path, image: bytes, words: str) -> None:
    here.setattr(sys, "platform", "darwin")
    for good in (mach(), mach(kind=8), fat(0x01000007, 0x0100000C)):
        (tmp_path / "good.dylib").write_bytes(good)
        check_library(tmp_path / "good.dylib")
    assert words in problem(tmp_path, image)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    start=st.sampled_from([b"", b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", elf()[:16], pe()[:0x84]]),
    rest=st.binary(max_size=200),
)
def test_any_file_is_accepted_or_unusable(tmp_path: Path, start: bytes, rest: bytes) -> None:
    file = tmp_path / "any"
    file.write_bytes(start + rest)
    try:
        check_library(file)
    except ModuleUnusable:
        pass


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("missing", "missing"), (".", "folder or a device"), ("pipe", "folder or a device")):
        with pytest.raises(ModuleUnusable, match=words):
            check_library(tmp_path / name)
    with pytest.raises(ModuleUnusable, match="folder or a device"):
        check_library(Path("/dev/zero"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "module.so"
    file.write_bytes(elf())
    file.chmod(0)
    script = (
        "import os, sys; from pathlib import Path; from pkcs11_bridge.library import check_library\n"
        "from pkcs11_bridge.errors import ModuleUnusable\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: check_library(Path(sys.argv[1]))\n"
        "except ModuleUnusable as error: print(error.detail)\n"
    )
    for folder in [file.parent, *file.parent.parents]:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    command = [sys.executable, "-c", script, str(file)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "Permission denied\n"


# The shipped list.


def test_the_shipped_list_is_well_formed() -> None:
    modules = known_modules()
    assert len(modules.module) > 20
    vendors = [module.vendor for module in modules.module]
    assert len(vendors) == len(set(vendors))
    assert any("SoftHSM" in vendor for vendor in vendors)
    assert any("OpenSC" in vendor for vendor in vendors)
    for module in modules.module:
        assert module.windows or module.linux or module.macos
        assert all(name.lower().endswith(".dll") for name in module.windows), module.vendor
        assert all(".so" in name for name in module.linux), module.vendor
        assert all(name.endswith((".dylib", ".so")) for name in module.macos), module.vendor
        for names in (module.windows, module.linux, module.macos):
            assert len({name.lower() for name in names}) == len(names), module.vendor


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("bit4xpki.dll", "windows"),
        ("viettel-ca_v6.dll", "windows"),
        ("vnptca_p11_v10.dll", "windows"),
        ("fptca_v4.so", "linux"),
        ("libbit4xpki.so", "linux"),
        ("opensc-pkcs11.so", "linux"),
    ],
)
def test_the_shipped_list_knows_the_common_tokens(name: str, system: str) -> None:
    assert any(name in getattr(module, system) for module in known_modules().module)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of one vendor, with its folders under the test's."""
    file = tmp_path / "modules.toml"
    file.write_text(
        "[folders]\n"
        "windows = ['%ANTIN_TEST_ROOT%']\n"
        f"linux = ['{tmp_path}/a', '{tmp_path}/b']\n"
        "macos = []\n"
        "[[module]]\n"
        "vendor = 'Test'\n"
        f"linux = ['one.so', '{tmp_path}/c/two.so']\n"
    )
    for folder in "abc":
        (tmp_path / folder).mkdir()
    return file


def test_known_files_that_exist_are_found_once(listed: Path, tmp_path: Path) -> None:
    assert find_modules(file=listed) == []
    (tmp_path / "b" / "one.so").touch()
    (tmp_path / "a" / "one.so").symlink_to(tmp_path / "b" / "one.so")
    (tmp_path / "c" / "two.so").touch()
    assert find_modules(file=listed) == [tmp_path / "a" / "one.so", tmp_path / "c" / "two.so"]
    assert find_modules([tmp_path / "b" / "one.so"], file=listed) == [
        tmp_path / "b" / "one.so",
        tmp_path / "c" / "two.so",
    ]


def test_modules_of_the_settings_are_kept_where_missing(listed: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.so"
    (tmp_path / "a" / "one.so").touch()
    assert find_modules([missing], file=listed) == [missing, tmp_path / "a" / "one.so"]
    assert find_modules([missing], known=False, file=listed) == [missing]


def test_softhsm_is_found_by_the_shipped_list() -> None:
    assert SOFTHSM.resolve() in [path.resolve() for path in find_modules()]


def test_every_folder_of_the_list_is_absolute_on_its_system() -> None:
    folders = known_modules().folders
    assert all(folder.startswith("/") for folder in [*folders.linux, *folders.macos])
    assert folders.windows == [r"%SystemRoot%\System32"]
    assert discovery.MODULE_LIST.name == "pkcs11-modules.toml"
