"""Templates of group policies: every setting has a policy and every policy is a setting; what one sets is read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.settings import load, words
from app.settings.definitions import DATA_DIR, definitions, value_of
from app.settings.policy_templates import LANGUAGES, adml, admx, policy_name, write
from app.system.registry import RegistryValue
from app.system.windows import Windows
from tests.unit.test_system import FakeRegistry

COMMITTED = Path(__file__).resolve().parents[2] / "installer" / "windows" / "policies"
NS = {"p": "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"}
#: Other values than the defaults, as somebody would type them into the policy editor.
TYPED = {
    "agency.seal_diameter_mm": "34.5",
    "agency.seal_image": "/srv/dau.png",
    "agency.signature_image": "/srv/chu-ky.png",
    "archive.issued": "{type}/{year}",
    "archive.received": "Đến/{year}/{type}",
    "archive.name": "{symbol}",
    "archive.unnumbered": "{summary}",
    "archive.doubtful_below": "0.5",
    "database.url": "postgresql://antin@may-chu/antin",
    "data_dir": r"D:\Antin\{user}",
}


def policies() -> list[ET.Element]:
    return ET.fromstring(admx()).findall(".//p:policy", NS)


def test_every_setting_has_a_policy_and_every_policy_is_a_setting() -> None:
    expected = {policy_name(definition) for definition in (DATA_DIR, *definitions().values())}
    names = [policy.get("name") for policy in policies()]
    assert set(names) == expected
    assert len(names) == len(expected)


def test_every_setting_has_words_and_no_words_are_left_over() -> None:
    assert set(words.SETTINGS) == {"data_dir", *definitions()}
    for definition in definitions().values():
        assert words.section(definition.section)


@pytest.mark.parametrize("folder", LANGUAGES)
def test_every_string_and_presentation_that_a_policy_names_is_there_and_no_other(folder: str) -> None:
    definitions_text = admx().decode()
    resources = ET.fromstring(adml(LANGUAGES[folder]))
    named = {part.split(")")[0] for part in definitions_text.split("$(string.")[1:]}
    presented = {part.split(")")[0] for part in definitions_text.split("$(presentation.")[1:]}
    strings = resources.findall(".//p:string", NS)
    assert {string.get("id") for string in strings} == named
    assert all(string.text for string in strings)
    presentations = resources.findall(".//p:presentation", NS)
    assert {presentation.get("id") for presentation in presentations} == presented
    elements = {
        policy.get("name"): [element.get("id") for element in policy.findall("p:elements/*", NS)]
        for policy in policies()
    }
    for presentation in presentations:
        assert [shown.get("refId") for shown in presentation] == elements[presentation.get("id")]


def test_the_words_are_of_their_languages() -> None:
    assert "Máy chủ" in adml("vi").decode()
    assert "Time-stamp server" in adml("en").decode()


def test_the_committed_templates_are_those_of_the_definitions(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert (COMMITTED / path.relative_to(tmp_path)).read_bytes() == path.read_bytes(), (
            f"write them anew: antin settings --policy-templates {COMMITTED.relative_to(COMMITTED.parents[2])}"
        )


def _set(policy: ET.Element, keys: dict[str, dict[str, RegistryValue]], locked: bool) -> Any:
    """What the policy editor writes where a policy is enabled with another value than the default."""
    value, lock = policy.findall("p:elements/*", NS)
    name = (lock.get("valueName") or "", value.tag.rpartition("}")[2])
    key = keys.setdefault(policy.get("key") or "", {})
    keys.setdefault(lock.get("key") or "", {})[name[0]] = int(locked)
    written: RegistryValue
    default = DATA_DIR.default if name[0] == "data_dir" else definitions()[name[0]].default
    match name[1]:
        case "enum":
            items = [item.find("p:value/*", NS) for item in value.findall("p:item", NS)]
            typed = [
                int(kept.get("value") or 0) if kept.text is None else kept.text for kept in items if kept is not None
            ]
            written = next(item for item in typed if item != default)
            expected: Any = written if isinstance(written, str) else bool(written)
        case "decimal":
            written = expected = int(value.get("maxValue") or value.get("minValue") or 7) + (
                0 if value.get("maxValue") else 1
            )
        case "multiText":
            items_typed = ["AB" * 32] if name[0] in ("bundle.signers", "journal.sealers") else [r"C:\a", r"C:\b"]
            written = items_typed
            expected = type(default)(items_typed)
        case "list":
            keys[value.get("key") or ""] = {"ngắn": "{name}"}
            return {"ngắn": "{name}"}
        case _:
            written = TYPED.get(name[0], "12.5" if isinstance(default, float) else r"C:\x")
            expected = float(written) if isinstance(default, float) else written
    key[value.get("valueName") or ""] = written
    return expected


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.get("name"))
def test_what_a_policy_sets_is_what_the_program_reads(policy: ET.Element, tmp_path: Path) -> None:
    class Named(Windows):
        def user_name(self) -> str:
            return "van-thu"

    keys: dict[str, dict[str, RegistryValue]] = {}
    expected = _set(policy, keys, locked=True)
    if policy.get("name") == "data_dir":
        settings = load(system=Named(FakeRegistry(keys)))
        assert settings.origin("data_dir").kind == "managed"
        assert str(settings.data_dir).endswith(r"D:\Antin\van-thu")
        return
    settings = load(tmp_path, system=Named(FakeRegistry(keys)))
    name = next(known for known in definitions() if known.replace(".", "_") == policy.get("name"))
    assert settings.locked - {"bundle.signers", "bundle.authorities"} <= {name} <= settings.locked
    assert value_of(settings, name) == expected
    assert expected != definitions()[name].default
    assert settings.origin(name).kind == "managed"
