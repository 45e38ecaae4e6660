"""Values written into ``settings.toml`` between what people wrote there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import TargetNotWritable
from app.settings import SettingsInvalid, load
from app.settings.definitions import value_of
from app.settings.writing import write

_WRITTEN = """\
# Của văn phòng
language = "vi"

[agency] # tên và con dấu
name = "Tên cũ" # sửa năm 2025
parent = "Ủy ban nhân dân thành phố Huế"

# Mạng
[network]
online = true
"""


def test_comments_order_and_other_values_stay(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(_WRITTEN, encoding="utf-8")
    write(file, {"agency.name": "Tên mới", "network.online": None, "archive_root": "/srv/kho", "database.url": ""})
    text = file.read_text(encoding="utf-8")
    assert 'name = "Tên mới" # sửa năm 2025' in text
    for kept in ("# Của văn phòng", "[agency] # tên và con dấu", "# Mạng"):
        assert kept in text
    settings = load(tmp_path)
    assert (settings.agency.name, settings.archive_root) == ("Tên mới", "/srv/kho")
    assert settings.agency.parent == "Ủy ban nhân dân thành phố Huế"
    assert not settings.network.online


def test_a_file_is_made_where_none_is(tmp_path: Path) -> None:
    write(tmp_path / "new" / "settings.toml", {"tokens.modules": ["/opt/driver.so"], "agency.seal_diameter_mm": 35.5})
    settings = load(tmp_path / "new")
    assert settings.tokens.modules == ["/opt/driver.so"]
    assert settings.agency.seal_diameter_mm == 35.5


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (_WRITTEN, {"agency.seal_diameter_mm": "wide"}),
        (_WRITTEN, {"agency.colour": "red"}),
        ("[agency\n", {"agency.name": "Tên"}),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, written: str, values: dict[str, object]) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(SettingsInvalid):
        write(file, values)
    assert file.read_text(encoding="utf-8") == written
    assert {path.name for path in tmp_path.iterdir()} == {file.name, f".{file.name}.lock"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetNotWritable):
        write(tmp_path / "file" / "settings.toml", {"language": "en"})


def test_of_several_who_write_at_once_nobody_s_value_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    values = {"agency.name": "Sở Y tế", "agency.place": "Huế", "network.proxy": "system", "updates.source": "/srv/moi"}
    values |= {"network.tsa_url": "http://tsa.example", "archive_root": "/srv/kho", "agency.parent": "UBND thành phố"}
    together = threading.Barrier(len(values))

    def save(name: str) -> None:
        together.wait()
        write(file, {name: values[name]})

    with ThreadPoolExecutor(len(values)) as people:
        list(people.map(save, values))
    settings = load(tmp_path)
    assert {name: value_of(settings, name) for name in values} == values
