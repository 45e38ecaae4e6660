"""What IT staff locked shows so in the window, says who locked it, and does not give way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.office import Office
from app.settings import load
from app.system.linux import Linux
from tests.demo.office import DemoOffice
from ui.app import open_window
from ui.pages.trust import TrustPage
from ui.preferences import Preferences
from ui.window import MainWindow

MANAGED = """\
locked = ["language", "network.online", "trust.own_anchors", "signing.level", "updates"]
language = "vi"
[agency]
name = "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ"
[network]
online = false
[trust]
own_anchors = false
[signing]
level = "T"
paper_kinds = ["Giấy chứng nhận", "Bằng", "Chứng chỉ", "Sổ hộ tịch", "Giấy khai sinh"]
[updates]
source = "https://phan-mem.cantho.example/antin"
"""


@pytest.fixture
def managed(data_dir: Path, tmp_path: Path) -> Linux:
    file = tmp_path / "etc" / "managed.toml"
    file.parent.mkdir()
    file.write_text(MANAGED, encoding="utf-8")
    return Linux(file)


@pytest.fixture
def window(qtbot: QtBot, data_dir: Path, managed: Linux, office: DemoOffice) -> Iterator[MainWindow]:
    preferences = Preferences(data_dir)
    preferences.theme, preferences.language, preferences.online = "light", "en", True
    with Office(load(data_dir, system=managed)) as opened:
        made = open_window(opened)
        made.resize(1280, 800)
        qtbot.waitExposed(made)
        yield made
        made.close()
        made.deleteLater()


def control(window: MainWindow, page: str, name: str) -> QWidget:
    window.show_page(page)
    found = window.pages[page].findChild(QWidget, name)
    assert found is not None
    return found


def test_what_was_chosen_in_the_window_gives_way_to_a_lock(window: MainWindow) -> None:
    assert window._office.online is False
    assert control(window, "settings", "settingsLanguage").property("currentText") == "Tiếng Việt"


@pytest.mark.parametrize(
    ("page", "name"),
    [("settings", "settingsLanguage"), ("trust", "trustOnline"), ("trust", "trustAdd"), ("sign", "signLevel")],
)
def test_locked_controls_are_off_and_say_why(window: MainWindow, page: str, name: str) -> None:
    found = control(window, page, name)
    assert not found.isEnabled()
    assert "công nghệ thông tin" in found.toolTip()


def test_sources_offer_no_decision_where_none_counts(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page("trust")
    page = window.pages["trust"]
    assert isinstance(page, TrustPage)
    qtbot.waitUntil(lambda: bool(page.rows), timeout=20_000)
    assert not any(hasattr(row, "switch") or hasattr(row, "remove") for row in page.rows)


def test_the_settings_page_lists_what_it_staff_set_with_its_locks(window: MainWindow, managed: Linux) -> None:
    card = control(window, "settings", "settingsManaged")
    told = {label.objectName().removeprefix("managed-"): label for label in card.findChildren(QLabel)}
    assert told["updates.source"].text() == "https://phan-mem.cantho.example/antin"
    assert told["network.online"].text() == "Không"
    assert "…" in told["signing.paper_kinds"].text()
    locked = {name for name, label in told.items() if label.accessibleDescription()}
    assert {"language", "network.online", "signing.level", "updates.source"} <= locked
    assert "agency.name" not in locked
    words = " ".join(label.text() for label in card.findChildren(QLabel))
    assert "managed.toml" in words


def test_where_nobody_set_anything_there_is_no_such_card(qtbot: QtBot, data_dir: Path, tmp_path: Path) -> None:
    with Office(load(data_dir, system=Linux(tmp_path / "none.toml"))) as opened:
        window = open_window(opened)
        try:
            assert control(window, "settings", "settingsManaged").isHidden()
            assert control(window, "settings", "settingsLanguage").isEnabled()
        finally:
            window.close()
            window.deleteLater()
