"""The systems a workstation runs, each seen through its own module: Windows with another registry in its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.system import Managed, ManagedUnreadable
from app.system.linux import Linux
from app.system.macos import MacOS
from app.system.registry import RegistryValue
from app.system.windows import POLICIES, Windows

CSP = r"SOFTWARE\Microsoft\Cryptography\Defaults\Provider"
CSP32 = r"SOFTWARE\WOW6432Node\Microsoft\Cryptography\Defaults\Provider"
KSP = r"SYSTEM\CurrentControlSet\Control\Cryptography\Providers"


class FakeRegistry:
    """A registry of a test: keys with their values."""

    def __init__(self, keys: Mapping[str, Mapping[str, RegistryValue]]) -> None:
        self._keys = {key.casefold(): values for key, values in keys.items()}
        self._names = list(keys)

    def values(self, key: str) -> Mapping[str, RegistryValue] | None:
        return self._keys.get(key.casefold())

    def keys(self, key: str) -> list[str]:
        above = f"{key}\\".casefold()
        below = [name[len(above) :].split("\\")[0] for name in self._names if name.casefold().startswith(above)]
        return list(dict.fromkeys(below))


class ClosedRegistry:
    def values(self, key: str) -> Mapping[str, RegistryValue] | None:
        raise PermissionError(13, "Access is denied")

    def keys(self, key: str) -> list[str]:
        raise PermissionError(13, "Access is denied")


def test_without_a_managed_file_nothing_is_managed(tmp_path: Path) -> None:
    assert Linux(tmp_path / "etc" / "managed.toml").managed() is None
    assert MacOS(tmp_path).managed() is None


def test_a_managed_file_says_values_and_locks(tmp_path: Path) -> None:
    file = tmp_path / "managed.toml"
    file.write_text('locked = ["network"]\n[network]\nonline = false\n', encoding="utf-8")
    expected = Managed(str(file), {"network": {"online": False}}, ("network",), tmp_path)
    assert Linux(file).managed() == expected
    assert MacOS(tmp_path).managed() == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [("= nothing", "statement"), ("locked = 3", "locked"), ("locked = [1]", "locked"), ("locked = 'all'", "locked")],
)
def test_a_managed_file_that_cannot_be_read_is_told_and_never_passed_over(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "managed.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ManagedUnreadable) as refused:
        Linux(file).managed()
    assert str(file) in refused.value.message
    assert told in refused.value.message


def test_a_folder_in_the_place_of_the_managed_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManagedUnreadable):
        Linux(tmp_path).managed()


def _owned(found: os.stat_result, user: int) -> os.stat_result:
    return os.stat_result((*found[:4], user, *found[5:]))


def test_a_managed_file_that_users_may_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    file = folder / "managed.toml"
    file.write_text('language = "vi"\n', encoding="utf-8")
    file.chmod(0o644)
    assert Linux(file).managed() is not None
    for place, mode in ((file, 0o666), (folder, 0o777)):
        before = place.stat().st_mode
        place.chmod(mode)
        with pytest.raises(ManagedUnreadable, match=str(place)):
            Linux(file).managed()
        place.chmod(before)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    assert Linux(link).managed() is not None
    folder.chmod(0o777)
    with pytest.raises(ManagedUnreadable, match=str(folder)):
        Linux(link).managed()
    folder.chmod(0o1777)
    assert Linux(link).managed() is not None, "a sticky folder, as /tmp is"


def test_a_managed_file_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "managed.toml"
    file.write_text('language = "vi"\n', encoding="utf-8")
    monkeypatch.setattr("app.paths.RESOURCES", Path("/"))
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path, **_: _owned(stat(path), 4711 if path == file else 0))
    with pytest.raises(ManagedUnreadable, match="4711"):
        Linux(file).managed()


def test_a_pipe_in_the_place_of_the_managed_file_stops_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "managed.toml")
    with pytest.raises(ManagedUnreadable):
        Linux(tmp_path / "managed.toml").managed()


def test_without_policies_nothing_is_managed() -> None:
    assert Windows(FakeRegistry({})).managed() is None


def test_policies_are_values_sections_and_locks() -> None:
    registry = FakeRegistry(
        {
            POLICIES: {"language": "vi", "": "the key's own value"},
            rf"{POLICIES}\network": {"online": 0, "issuer_hosts": ["pki.local"]},
            rf"{POLICIES}\signing\mark_templates": {"ngắn": "{name}"},
            rf"{POLICIES}\Locked": {"network.online": 1, "language": 0},
        }
    )
    assert Windows(registry).managed() == Managed(
        rf"HKLM\{POLICIES}",
        {
            "language": "vi",
            "network": {"online": 0, "issuer_hosts": ["pki.local"]},
            "signing": {"mark_templates": {"ngắn": "{name}"}},
        },
        ("network.online",),
        as_text=True,
    )


@pytest.mark.parametrize(
    "keys",
    [
        {POLICIES: {"network": "x"}, rf"{POLICIES}\network": {"online": 1}},
        {POLICIES: {"Locked": 1}},
        {POLICIES: {"language": "vi"}, rf"{POLICIES}\Locked": {"language": "yes"}},
    ],
)
def test_policies_that_contradict_themselves_are_told(keys: Mapping[str, Mapping[str, RegistryValue]]) -> None:
    with pytest.raises(ManagedUnreadable) as refused:
        Windows(FakeRegistry(keys)).managed()
    assert POLICIES in refused.value.message


def test_policies_that_may_not_be_read_are_not_passed_over() -> None:
    with pytest.raises(ManagedUnreadable, match="denied"):
        Windows(ClosedRegistry()).managed()


def test_modules_are_found_by_the_providers_that_drivers_registered(tmp_path: Path) -> None:
    for name in ("System32/viettel-ca.dll", "System32/viettel-ca_s.dll", "SysWOW64/old.dll", "vendor/ksp.dll"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (tmp_path / "System32" / "rsaenh.dll").touch()
    registry = FakeRegistry(
        {
            rf"{CSP}\Viettel CSP": {"Image Path": r"%SystemRoot%\System32\viettel-ca_s.dll", "Type": 1},
            rf"{CSP}\Microsoft Strong Cryptographic Provider": {"Image Path": r"%SystemRoot%\System32\rsaenh.dll"},
            rf"{CSP}\Absent": {"Image Path": "absent.dll"},
            rf"{CSP}\Nameless": {"Type": 1},
            rf"{CSP32}\Old": {"IMAGE PATH": "old.dll"},
            rf"{KSP}\Vendor KSP\UM": {"Image": f"{tmp_path}/vendor/ksp.dll"},
            rf"{KSP}\Microsoft Software Key Storage Provider\UM": {"Image": "ncryptprov.dll"},
        }
    )
    found = Windows(registry, {"SystemRoot": str(tmp_path)}.__getitem__).registered_modules()
    assert found == [
        tmp_path / "System32" / "viettel-ca.dll",
        tmp_path / "System32" / "viettel-ca_s.dll",
        tmp_path / "SysWOW64" / "old.dll",
        tmp_path / "vendor" / "ksp.dll",
    ]


def test_a_registry_that_may_not_be_read_names_no_modules() -> None:
    assert Windows(ClosedRegistry()).registered_modules() == []


MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw
31 30 8:2 / /home/local rw - ext4 /dev/sda2 rw
32 22 0:41 / /mnt/Kho\040chung rw - cifs //server/kho rw
33 22 0:42 / /mnt/over rw - nfs server:/x rw
34 22 8:3 / /mnt/over rw - xfs /dev/sdb rw
cut line
"""


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/home/van-thu/.local/share/antin", True),
        ("/home/local/share", False),
        ("/home-made", False),
        ("/mnt/Kho chung/2026", True),
        ("/mnt/over/x", False),
        ("/var/lib", False),
    ],
)
def test_folders_on_another_computer_are_known(tmp_path: Path, path: str, remote: bool) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert Linux(mounts=tmp_path / "mountinfo").is_remote(Path(path)) is remote


def test_the_mounts_of_this_computer_can_be_read(tmp_path: Path) -> None:
    assert Linux().is_remote(tmp_path) is False
    assert Linux(mounts=tmp_path / "none").is_remote(tmp_path) is False


def test_a_share_is_remote_on_windows() -> None:
    assert Windows(FakeRegistry({})).is_remote(Path(r"\\server\ho-so\van-thu")) is True


def test_the_folder_of_all_users_on_windows_follows_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ProgramData", "PROGRAMDATA", "ALLUSERSPROFILE", "WIN_PD_OVERRIDE_COMMON_APPDATA"):
        monkeypatch.setenv(name, "/home/thu-kho")
    key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
    told = Windows(FakeRegistry({key: {"Common AppData": r"D:\ProgramData"}})).machine_dir()
    assert told == Path(r"D:\ProgramData") / "Antin"
    assert Windows(FakeRegistry({})).machine_dir() == Path(r"C:\ProgramData") / "Antin"
    assert Windows(ClosedRegistry()).machine_dir() == Path(r"C:\ProgramData") / "Antin"
