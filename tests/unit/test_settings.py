"""Settings from TOML: typed, with defaults, and refused where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import FileMissing
from app.settings import SettingsInvalid, load


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    settings = load(tmp_path / "data")
    assert settings.language == "vi"
    assert settings.archive_dir == tmp_path / "data" / "Kho văn bản"
    assert settings.network.online is False


def test_paths_are_taken_from_the_folder_of_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "it" / "antin.toml"
    file.parent.mkdir()
    file.write_text('archive_root = "../kho"\n[agency]\nseal_image = "dau.png"\n', encoding="utf-8")
    settings = load(tmp_path / "data", file)
    assert settings.archive_dir.resolve() == tmp_path / "kho"
    assert settings.agency.seal_image == str(tmp_path / "it" / "dau.png")


@pytest.mark.parametrize(
    "text",
    [
        'language = "fr"',
        "langauge = 'vi'",
        "[network]\ntsa_timeout = 'soon'",
        "[tokens]\nmodules = 'one'",
        "data_dir = '/x'",
        "= nothing",
    ],
)
def test_a_wrong_value_or_an_unknown_name_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load(tmp_path)
    assert str(tmp_path / "settings.toml") in refused.value.message


def test_a_file_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        load(tmp_path, tmp_path / "absent.toml")


@given(st.binary(max_size=200))
def test_any_bytes_are_settings_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("settings")
    (folder / "settings.toml").write_bytes(content)
    try:
        load(folder)
    except SettingsInvalid:
        pass
