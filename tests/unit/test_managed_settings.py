"""What IT staff set: before the user's file, behind the command line, and locked where they say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.office import Office
from app.settings import (
    ManagedContradiction,
    ManagedInvalid,
    Origin,
    SettingLocked,
    Settings,
    SettingsInvalid,
    load,
    refuse_if_locked,
)
from app.system import System
from app.system.linux import Linux
from app.system.registry import RegistryValue
from app.system.windows import POLICIES, Windows
from tests.unit.test_system import FakeRegistry, _owned


def managed(tmp_path: Path, text: str) -> Linux:
    folder = tmp_path / "etc"
    folder.mkdir(exist_ok=True)
    (folder / "managed.toml").write_text(text, encoding="utf-8")
    return Linux(folder / "managed.toml")


def policies(sections: Mapping[str, Mapping[str, RegistryValue]]) -> Windows:
    keys = {f"{POLICIES}\\{name}" if name else POLICIES: values for name, values in sections.items()}
    return Windows(FakeRegistry(keys))


def read(tmp_path: Path, text: str, own: str = "", **options: Path) -> Settings:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    (data / "settings.toml").write_text(own, encoding="utf-8")
    return load(data, system=managed(tmp_path, text), **options)


def test_what_it_staff_set_comes_before_the_users_file_and_says_where_from(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[network]\ntsa_url = "http://tsa.tinh"\n',
        '[network]\ntsa_url = "http://own"\nfetch_timeout = 3\n',
    )
    assert settings.network.tsa_url == "http://tsa.tinh"
    assert settings.network.fetch_timeout == 3
    assert settings.origin("network.tsa_url") == Origin("managed", str(tmp_path / "etc" / "managed.toml"))
    assert settings.origin("network.fetch_timeout") == Origin("user", str(tmp_path / "data" / "settings.toml"))
    assert settings.origin("language") == Origin()
    assert settings.overruled == ("network.tsa_url",)
    assert not settings.locked


def test_a_section_a_setting_or_all_that_is_set_can_be_locked(tmp_path: Path) -> None:
    assert "tokens.idle_minutes" in read(tmp_path, 'locked = ["tokens"]').locked
    assert read(tmp_path, 'locked = ["language"]').locked == {"language"}
    text = 'locked = true\nlanguage = "en"\n[agency]\nname = "Sở Y tế"'
    assert read(tmp_path, text).locked == {"language", "agency.name"}


def test_what_is_locked_and_not_set_keeps_its_default(tmp_path: Path) -> None:
    settings = read(tmp_path, 'locked = ["network.online"]', "[network]\nonline = true\n")
    assert settings.network.online is False
    assert settings.origin("network.online").kind == "managed"


def test_paths_of_the_managed_file_are_meant_from_its_own_folder(tmp_path: Path) -> None:
    text = 'archive_root = "kho"\n[trust]\nroots = ["ca.pem", "/srv/ca.pem"]\n'
    settings = read(tmp_path, text, '[agency]\nseal_image = "dau.png"\n')
    assert settings.archive_dir == tmp_path / "etc" / "kho"
    assert settings.trust.roots == [str(tmp_path / "etc" / "ca.pem"), "/srv/ca.pem"]
    assert settings.agency.seal_image == str(tmp_path / "data" / "dau.png")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("langauge = 'vi'", "langauge"),
        ("[network]\nonlin = true", "onlin"),
        ("[network]\ntsa_timeout = 'soon'", "tsa_timeout"),
        ("network = 3", "network"),
        ("locked = ['network.onlin']", "network.onlin"),
        ("base = '/x'", "base"),
        ("origins = 1", "origins"),
        ("data_dir = 3", "data_dir"),
        ("data_dir = 'here'", "here"),
        ("[database]\nurl = 'mysql://x'", "database.url"),
        ("[bundle]\nsigners = ['abc']", "signers"),
    ],
)
def test_a_managed_file_with_a_wrong_name_or_value_is_told_as_theirs(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ManagedInvalid) as refused:
        read(tmp_path, text)
    assert str(tmp_path / "etc" / "managed.toml") in refused.value.message
    assert told in refused.value.message


def test_a_wrong_value_of_the_user_is_told_as_theirs_even_where_it_would_not_count(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read(tmp_path, 'language = "en"', "language = 3")
    assert str(tmp_path / "data" / "settings.toml") in refused.value.message


@pytest.mark.parametrize("own", ["locked = ['x']", "overruled = ['x']", "origins = {}", "data_dir = '/x'"])
def test_a_users_file_cannot_speak_of_locks(tmp_path: Path, own: str) -> None:
    with pytest.raises(SettingsInvalid):
        read(tmp_path, 'locked = ["language"]', own)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('locked = ["signing.level", "network.tsa_url"]\n[signing]\nlevel = "T"', "signing.level = 'T'"),
        ('locked = ["tokens"]\n[tokens]\nuse_known_modules = false', "tokens.modules = []"),
        (
            'locked = ["trust", "bundle"]\n[trust]\nuse_shipped_anchors = false\nown_anchors = false',
            "trust.use_shipped_anchors = False",
        ),
    ],
)
def test_locks_that_leave_nothing_that_works_are_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ManagedContradiction) as refused:
        read(tmp_path, text)
    assert told in refused.value.message


def test_what_the_user_can_still_put_right_is_no_contradiction(tmp_path: Path) -> None:
    assert read(tmp_path, 'locked = ["signing.level"]\n[signing]\nlevel = "T"').signing.level == "T"


@pytest.mark.parametrize("name", ["trust.roots", "trust.own_anchors", "trust.policy", "tokens.modules"])
def test_a_lock_is_not_passed_by_a_bundle_that_the_user_signs(tmp_path: Path, name: str) -> None:
    """A bundle brings roots, a policy and drivers: where these are locked, only IT staff say who may sign one."""
    own = f'[bundle]\nsigners = ["{"ab" * 32}"]\nauthorities = ["own.pem"]\n'
    settings = read(tmp_path, f'locked = ["{name}"]', own)
    assert settings.bundle.signers == []
    assert settings.bundle.authorities == []
    assert settings.locked == {name, "bundle.signers", "bundle.authorities"}
    assert settings.origin("bundle.signers").kind == "managed"
    named = read(tmp_path, f'locked = ["{name}"]\n[bundle]\nsigners = ["{"cd" * 32}"]\n', own)
    assert named.bundle.signers == ["cd" * 32]
    free = read(tmp_path, 'locked = ["network"]', own)
    assert free.bundle.signers == ["ab" * 32]


def test_a_settings_file_of_the_command_line_cannot_set_a_locked_value(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[network]\ntsa_url = "http://own"\n', encoding="utf-8")
    text = 'locked = true\n[network]\ntsa_url = "http://tsa.tinh"\n'
    with pytest.raises(SettingLocked) as refused:
        read(tmp_path, text, file=other)
    assert "network.tsa_url" in refused.value.message
    other.write_text('[network]\ntsa_url = "http://tsa.tinh"\n[agency]\nname = "Sở"\n', encoding="utf-8")
    assert read(tmp_path, text, file=other).agency.name == "Sở"


def test_a_settings_file_of_the_command_line_may_set_what_is_not_locked(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[network]\nfetch_timeout = 5\n", encoding="utf-8")
    assert read(tmp_path, 'locked = ["language"]', file=other).network.fetch_timeout == 5


def test_the_data_folder_of_it_staff_is_each_users_own(tmp_path: Path) -> None:
    class Second(Linux):
        def user_name(self) -> str:
            return "thu-kho"

    (tmp_path / "managed.toml").write_text(f'data_dir = "{tmp_path}/du-lieu/{{user}}"', encoding="utf-8")
    settings = load(system=Second(tmp_path / "managed.toml"))
    assert settings.data_dir == tmp_path / "du-lieu" / "thu-kho"
    assert settings.origin("data_dir").kind == "managed"


def test_a_locked_data_folder_is_not_left_by_option_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'locked = ["data_dir"]\ndata_dir = "{tmp_path}/du-lieu"'
    with pytest.raises(SettingLocked, match="data_dir"):
        load(tmp_path / "other", system=managed(tmp_path, text))
    for name in ("XDG_DATA_HOME", "HOME", "USER", "LOGNAME"):
        monkeypatch.setenv(name, str(tmp_path / "other"))
    assert load(system=managed(tmp_path, text)).data_dir == tmp_path / "du-lieu"
    assert load(tmp_path / "du-lieu", system=managed(tmp_path, text)).data_dir == tmp_path / "du-lieu"


def test_a_lock_of_the_data_folder_says_which(tmp_path: Path) -> None:
    """Its default follows the environment, which is the user's."""
    with pytest.raises(ManagedInvalid, match="data_dir"):
        load(system=managed(tmp_path, 'locked = ["data_dir"]'))


def test_a_data_folder_that_another_user_has_made_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'data_dir = "{tmp_path}/du-lieu/{{user}}"'
    system = managed(tmp_path, text)
    folder = tmp_path / "du-lieu" / system.user_name()
    assert load(system=system).data_dir == folder
    folder.mkdir(parents=True)
    assert load(system=system).data_dir == folder
    stat = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path, **_: _owned(stat(path), 4711 if path == folder else 0))
    with pytest.raises(ManagedInvalid, match="4711"):
        load(system=system)


def test_a_data_folder_that_is_only_suggested_gives_way_to_the_option(tmp_path: Path) -> None:
    settings = load(tmp_path / "other", system=managed(tmp_path, f'data_dir = "{tmp_path}/du-lieu"'))
    assert settings.data_dir == tmp_path / "other"
    assert settings.origin("data_dir") == Origin("command", "--data-dir")


def test_policies_of_the_registry_are_read_in_its_own_types(tmp_path: Path) -> None:
    system = policies(
        {
            "": {"language": "en", "archive_root": r"D:\Kho"},
            "network": {"online": 1, "tsa_timeout": "20.5", "issuer_hosts": ["pki.local"]},
            "verification": {"workers": 4},
            "signing": {"paper_kinds": ["Giấy chứng nhận"]},
            "signing\\mark_templates": {"ngắn": "{name}"},
            "Locked": {"network.online": 1, "language": 0},
        }
    )
    settings = load(tmp_path, system=system)
    assert settings.language == "en"
    assert settings.archive_root == r"D:\Kho"
    assert settings.network.online is True
    assert settings.network.tsa_timeout == 20.5
    assert settings.network.issuer_hosts == ["pki.local"]
    assert settings.verification.workers == 4
    assert settings.signing.paper_kinds == ("Giấy chứng nhận",)
    assert settings.signing.mark_templates == {"ngắn": "{name}"}
    assert settings.locked == {"network.online"}


@pytest.mark.parametrize(
    "sections",
    [
        {"": {"archive_root": "kho"}},
        {"": {"network": 1}},
        {"network": {"online": 2}},
        {"network": {"online": "perhaps"}},
        {"Network2": {"online": 1}},
        {"Locked": {"network.onlin": 1}},
        {"tokens": {"modules": [r"vendor\p11.dll"]}},
        {"network": {"tsa_url": b"\0\1"}},
    ],
)
def test_policies_with_a_wrong_name_or_value_are_told(
    tmp_path: Path, sections: Mapping[str, Mapping[str, RegistryValue]]
) -> None:
    with pytest.raises(ManagedInvalid, match="Policies"):
        load(tmp_path, system=policies(sections))


@pytest.fixture
def locked(tmp_path: Path) -> Settings:
    text = """\
locked = ["network.online", "network.tsa_url", "trust.roots", "trust.own_anchors", "trust.crls", "tokens.modules"]
[network]
tsa_url = "http://tsa.tinh"
[trust]
own_anchors = false
"""
    return read(tmp_path, text)


def test_an_office_refuses_what_is_locked_whoever_asks(locked: Settings, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    for options in ({"trust_roots": [file]}, {"crls": [file]}, {"online": True}):
        with pytest.raises(SettingLocked):
            Office(locked, **options)  # type: ignore[arg-type]
    with Office(locked, online=False) as office, pytest.raises(SettingLocked):
        office.online = True
    with Office(locked, modules=[tmp_path / "own.so"]) as office, pytest.raises(SettingLocked):
        office.modules  # noqa: B018
    with Office(locked) as office, pytest.raises(SettingLocked):
        office.upgrader(tsa_url="http://own")


def test_a_lock_is_told_with_who_set_it(locked: Settings) -> None:
    with pytest.raises(SettingLocked) as refused:
        refuse_if_locked(locked, "network.tsa_url", "--tsa http://own")
    assert "--tsa http://own" in refused.value.message
    assert "managed.toml" in refused.value.message
    refuse_if_locked(locked, "language", "--lang en")


def test_the_example_of_the_guide_is_a_managed_file(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "quan-tri.md").read_text(encoding="utf-8")
    example = guide.split("```toml\n")[1].split("```")[0].replace("<SHA-256 của chứng thư ký gói>", "AB" * 32)
    settings = load(system=managed(tmp_path, example))
    assert "trust.own_anchors" in settings.locked
    assert settings.trust.policy == str(tmp_path / "etc" / "chinh-sach.toml")
    assert settings.data_dir.parent == Path("/srv/antin")


def test_the_system_is_one_of_three() -> None:
    from app.system import here

    assert isinstance(here(), System)
    assert here().user_name()
