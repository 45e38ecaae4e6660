"""The Windows installer as wixl makes it of stand-ins: what is in its tables, read by msiinfo."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer.windows import building, generated

ROOT = Path(__file__).parent.parent.parent
CLASSES = "SOFTWARE\\Classes\\"


@pytest.fixture(scope="module")
def msi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.inspected(ROOT, tmp_path_factory.mktemp("msi"), "1.2.3")


def _rows(msi: Path, table: str) -> list[list[str]]:
    done = subprocess.run(["msiinfo", "export", msi, table], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()[3:]]


def _registry(msi: Path) -> dict[tuple[str, str], str]:
    return {(key, name): value for _, _, key, name, value, _ in _rows(msi, "Registry")}


def test_it_is_for_the_whole_computer_and_known_by_its_upgrade_code(msi: Path) -> None:
    properties = dict(row for row in _rows(msi, "Property"))
    assert properties["ALLUSERS"] == "1"
    assert properties["ProductVersion"] == "1.2.3"
    assert properties["UpgradeCode"] == "{6D3B0C52-8E4F-4B57-9A61-2C1F8E7D5A30}"
    found = {(row[0], row[-1]) for row in _rows(msi, "Upgrade")}
    assert found == {
        (properties["UpgradeCode"], "WIX_UPGRADE_DETECTED"),
        (properties["UpgradeCode"], "WIX_DOWNGRADE_DETECTED"),
    }
    conditions = [row[0] for row in _rows(msi, "LaunchCondition")]
    assert "NOT WIX_DOWNGRADE_DETECTED" in conditions
    assert any("VersionNT64" in condition for condition in conditions)


def test_every_file_of_the_program_has_a_component_whose_guid_stays(msi: Path) -> None:
    names = [row[2] for row in _rows(msi, "File")]
    assert sorted(names) == sorted(
        ["antin.exe", "antinw.exe", "antin-token-host.exe", "antin-token-host.exe", "python311.dll", "policy.toml"]
    )
    guids = [row[1] for row in _rows(msi, "Component")]
    assert len(set(guids)) == len(guids)
    stable = str(uuid.uuid5(uuid.UUID("a6a2a4a2-3f3e-4f52-9d6b-4b1f6f0f2e77"), "host32/antin-token-host.exe")).upper()
    assert f"{{{stable}}}" in guids, "the helper for 32-bit modules lies in a folder of its own"


def test_no_type_loses_the_program_it_opens_with(msi: Path) -> None:
    registry = _registry(msi)
    for extension in generated.CHECKED:
        assert (f"{CLASSES}.{extension}", "") not in registry, "the default of a type is not ours"
        assert registry[(f"{CLASSES}.{extension}\\OpenWithProgids", "Antin.Document")] == ""
    assert registry[("SOFTWARE\\RegisteredApplications", "Antin")] == "SOFTWARE\\Antin\\Capabilities"


def test_explorer_has_both_verbs(msi: Path) -> None:
    registry = _registry(msi)
    for verb, option, extensions in (("Sign", "--sign", generated.SIGNED), ("Verify", "--verify", generated.CHECKED)):
        for extension in extensions:
            key = f"{CLASSES}SystemFileAssociations\\.{extension}\\shell\\Antin.{verb}"
            assert registry[(f"{key}\\command", "")] == f'"[INSTALLDIR]antinw.exe" open {option} -- "%1"'
            assert registry[(key, "MUIVerb")]
    assert (f"{CLASSES}SystemFileAssociations\\.p7s\\shell\\Antin.Sign", "MUIVerb") not in registry


def test_the_start_menu_has_it(msi: Path) -> None:
    ((_, folder, _, _, target, *_),) = _rows(msi, "Shortcut")
    assert (folder, target) == ("ProgramMenuFolder", "[INSTALLDIR]antinw.exe")


def test_the_folder_for_all_people_of_the_computer_is_made(msi: Path) -> None:
    assert ["MACHINEDIR", "MachineFolder"] in _rows(msi, "CreateFolder")
    (folder,) = [row for row in _rows(msi, "Directory") if row[0] == "MACHINEDIR"]
    assert (folder[1], folder[2].split("|")[-1]) == ("CommonAppDataFolder", "Antin")


def test_only_administrators_write_in_that_folder() -> None:
    source = ElementTree.fromstring((ROOT / "installer/windows/antin.wxs").read_text(encoding="utf-8"))
    (rights,) = source.iter("{http://schemas.microsoft.com/wix/2006/wi}PermissionEx")
    owner, _, entries = rights.attrib["Sddl"].partition("D:")
    assert owner == "O:BAG:BA", "who made the folder beforehand may not change its rights"
    assert entries.startswith("P"), "what %ProgramData% lets users do is not inherited"
    writing = {who for _, access, who in re.findall(r"\(A;(OICI);(\w+);;;(\w+)\)", entries) if access == "FA"}
    reading = {who for _, access, who in re.findall(r"\(A;(OICI);(\w+);;;(\w+)\)", entries) if access != "FA"}
    assert (writing, reading) == ({"SY", "BA"}, {"BU"})
    assert "(A;OICI;FRFX;;;BU)" in entries, "users read and list, no more"


def test_the_source_says_path_and_words_with_their_accents() -> None:
    source = (ROOT / "installer/windows/antin.wxs").read_text(encoding="utf-8")
    assert '<Environment Id="PATH" Name="PATH" Value="[INSTALLDIR]" Part="last"' in source
    assert 'Name="Ấn Tín"' in source


def test_the_hook_signs_and_tells_when_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "antin chương trình.exe"
    file.write_bytes(b"MZ")
    monkeypatch.delenv("ANTIN_SIGN_COMMAND", raising=False)
    building.sign(file)
    assert file.read_bytes() == b"MZ"
    script = tmp_path / "signer.py"
    script.write_text("import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_bytes(p.read_bytes() + b'signed')")
    monkeypatch.setenv("ANTIN_SIGN_COMMAND", f"'{sys.executable}' '{script}'")
    building.sign(file)
    assert file.read_bytes() == b"MZsigned"
    monkeypatch.setenv("ANTIN_SIGN_COMMAND", f"'{sys.executable}' -c 'raise SystemExit(1)'")
    with pytest.raises(building.SigningFailed, match="antin"):
        building.sign(file)
