"""The first run: four steps, each of which can be skipped; what they write, and when they show themselves."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app import i18n, token_devices
from app.office import Office
from app.settings import Settings, load
from app.settings.model import Origin
from app.token_devices import Device
from tests.demo.database import PASSWORD, DatabaseServer
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.ui.person import PATIENCE
from tests.ui.slow_share import SlowShare
from tests.ui.test_window import _nameless
from ui import app as entry
from ui.app import open_window
from ui.first_run.agency_step import AgencyStep
from ui.first_run.due import is_due
from ui.first_run.page import FirstRunPage
from ui.first_run.records_step import RecordsStep
from ui.first_run.time_step import TimeStep
from ui.first_run.token_step import TokenStep
from ui.instance import Request
from ui.preferences import Preferences
from ui.window import MainWindow


@pytest.fixture
def fresh(tmp_path: Path, office: DemoOffice) -> Settings:
    """The settings of somebody who starts the program for the first time, with software tokens plugged in."""
    settings = load(tmp_path / "fresh")
    return msgspec.structs.replace(settings, tokens=load(office.settings_file.parent).tokens)


@pytest.fixture
def first(qtbot: QtBot, fresh: Settings) -> Iterator[MainWindow]:
    with Office(fresh) as made:
        window = open_window(made)
        window.resize(1280, 800)
        yield window
        window.close()
        window.deleteLater()


@pytest.fixture
def page(first: MainWindow) -> FirstRunPage:
    made = first.pages["first-run"]
    assert isinstance(made, FirstRunPage)
    return made


def _saves(qtbot: QtBot, page: FirstRunPage) -> None:
    """Press Save, and wait until that is done."""
    step = page.shown
    qtbot.waitUntil(page._save.isEnabled, timeout=PATIENCE)
    qtbot.mouseClick(page._save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.state(step) == "done", timeout=PATIENCE)


def _words(page: FirstRunPage) -> str:
    return "\n".join(label.text() for label in page.shown.findChildren(QLabel) if label.isVisible())


def test_it_shows_itself_at_the_first_start_only(qtbot: QtBot, fresh: Settings) -> None:
    with Office(fresh) as office:
        preferences = Preferences(fresh.data_dir)
        window = open_window(office)
        assert window.current_page == "first-run"
        window.close()
        window.deleteLater()
        assert is_due(office, preferences)  # closed without a word: nothing was decided
        again = open_window(office)
        page = again.pages["first-run"]
        assert isinstance(page, FirstRunPage)
        with qtbot.waitSignal(page.over, timeout=PATIENCE):
            page._later.click()
        qtbot.waitUntil(lambda: again.current_page == "sign", timeout=PATIENCE)
        again.close()
        again.deleteLater()
        assert not is_due(office, Preferences(fresh.data_dir))


def test_it_leaves_those_alone_who_have_settings_or_records(
    fresh: Settings, settings: Settings, tmp_path: Path
) -> None:
    with Office(settings) as office:
        assert not is_due(office, Preferences(settings.data_dir))
    with Office(fresh) as office:
        fresh.data_dir.mkdir()
        assert is_due(office, Preferences(fresh.data_dir))
        (fresh.data_dir / "ledger.jsonl").write_text("")
        assert not is_due(office, Preferences(fresh.data_dir))


def test_files_named_at_the_first_start_come_first(qtbot: QtBot, fresh: Settings, documents: dict[str, Path]) -> None:
    with Office(fresh) as office:
        window = open_window(office, Request("sign", [str(documents["xlsx"]).encode()]))
        assert window.current_page == "sign"
        assert window.pages["sign"].files() == [documents["xlsx"]]
        window.close()
        window.deleteLater()


def test_the_agency_is_written_with_a_copy_of_its_seal(
    qtbot: QtBot, page: FirstRunPage, fresh: Settings, office: DemoOffice, tmp_path: Path
) -> None:
    step = page.shown
    assert isinstance(step, AgencyStep)
    seal = Path(shutil.copy(office.seal_image, tmp_path / "stick.png"))
    step.name.line.setText("Ủy ban nhân dân xã Phong Điền")
    step.place.line.setText("Phong Điền")
    step.seal.line.setText(str(seal))
    step.diameter.line.setText("35,5")
    qtbot.waitUntil(lambda: not step.preview.empty, timeout=PATIENCE)
    assert "35.5" in step.preview.accessibleName()
    _saves(qtbot, page)
    assert isinstance(page.shown, TokenStep)
    seal.unlink()
    agency = load(fresh.data_dir).agency
    assert (agency.name, agency.place, agency.seal_diameter_mm) == ("Ủy ban nhân dân xã Phong Điền", "Phong Điền", 35.5)
    assert Path(agency.seal_image) == fresh.data_dir / "con-dau.png"
    assert Path(agency.seal_image).read_bytes() == office.seal_image.read_bytes()


def test_another_seal_is_not_written_over_the_first(
    qtbot: QtBot, page: FirstRunPage, fresh: Settings, office: DemoOffice
) -> None:
    (fresh.data_dir / "con-dau.png").write_bytes(b"another")
    step = page.shown
    assert isinstance(step, AgencyStep)
    step.seal.line.setText(str(office.seal_image))
    qtbot.waitUntil(lambda: not step.preview.empty, timeout=PATIENCE)
    _saves(qtbot, page)
    assert (fresh.data_dir / "con-dau.png").read_bytes() == b"another"
    assert Path(load(fresh.data_dir).agency.seal_image).name == "con-dau-2.png"


@pytest.mark.parametrize("wrong", ["missing", "text", "damaged"])
def test_what_is_no_seal_is_told_at_once_and_not_saved(
    qtbot: QtBot, page: FirstRunPage, fresh: Settings, office: DemoOffice, tmp_path: Path, wrong: str
) -> None:
    step = page.shown
    assert isinstance(step, AgencyStep)
    file = tmp_path / "seal.png"
    if wrong == "text":
        file.write_text("no picture")
    if wrong == "damaged":
        file.write_bytes(office.seal_image.read_bytes()[:200])
    step.seal.line.setText(str(file))
    qtbot.waitUntil(lambda: bool(step.seal.problem), timeout=PATIENCE)
    assert not page._save.isEnabled()
    step.seal.line.clear()
    step.diameter.line.setText("360")
    assert "10" in step.diameter.problem
    assert not page._save.isEnabled()
    qtbot.mouseClick(page._skip, Qt.MouseButton.LeftButton)
    assert page.state(step) == "skipped"
    assert not (fresh.data_dir / "settings.toml").exists()


def test_tokens_appear_with_their_certificates(qtbot: QtBot, page: FirstRunPage) -> None:
    page.show_step(1)
    qtbot.waitUntil(lambda: "Nguyễn Văn An" in _words(page), timeout=PATIENCE)
    assert i18n._("valid until {day}").partition("{")[0] in _words(page)


def test_a_device_without_driver_is_named_with_its_vendor(
    qtbot: QtBot, page: FirstRunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [Device("bit4id tokenME EVO v2", "VGCA (Bit4id TokenME EVO v2)"), Device("Smart Card Reader")]
    monkeypatch.setattr(token_devices, "plugged", lambda: devices)
    page.show_step(1)
    vendor = i18n._("{device} is plugged in, but its driver is not on this computer: {vendor}.")
    unknown = i18n._("{device} is plugged in, but no driver on this computer knows it.")
    qtbot.waitUntil(
        lambda: vendor.format(device=devices[0].name, vendor=devices[0].vendor) in _words(page), timeout=PATIENCE
    )
    assert unknown.format(device="Smart Card Reader") in _words(page)


def test_a_file_that_is_no_driver_is_told_though_its_share_is_slow_to_answer(
    qtbot: QtBot, page: FirstRunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.show_step(1)
    step = page.shown
    assert isinstance(step, TokenStep)
    share = SlowShare(tmp_path / "share", monkeypatch)
    step.module.line.setText(str(share.folder / "none.so"))
    qtbot.waitUntil(share.asked.is_set, timeout=PATIENCE)
    assert share.asked_by_window == []
    share.answer()
    qtbot.waitUntil(lambda: bool(step.module.problem), timeout=PATIENCE)
    assert not page._save.isEnabled()


def test_the_database_is_tried_before_it_is_written(
    qtbot: QtBot,
    page: FirstRunPage,
    fresh: Settings,
    database_server: DatabaseServer,
    postgresql_url: str,
    tmp_path: Path,
) -> None:
    page.show_step(2)
    step = page.shown
    assert isinstance(step, RecordsStep)
    step.folder.line.setText(str(tmp_path / "kho"))
    step.shared.setChecked(True)
    assert not page._save.isEnabled()
    step.address.line.setText("postgresql://antin:secret@server/antin")
    assert step.address.problem
    url = "postgresql://antin@" + postgresql_url.rpartition("@")[2]
    step.address.line.setText(url)
    step.password.line.setText("wrong")
    qtbot.mouseClick(step.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step.notice.property("tone") == "caution", timeout=PATIENCE)
    step.password.line.setText(PASSWORD)
    qtbot.mouseClick(step.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step.notice.property("tone") == "good", timeout=PATIENCE)
    page._save.click()  # the tests have no keyring
    qtbot.waitUntil(lambda: "keyring-unusable" in step.notice.whole_text(), timeout=PATIENCE)
    assert not (fresh.data_dir / "settings.toml").exists()
    step.password.line.clear()
    _saves(qtbot, page)
    written = load(fresh.data_dir)
    assert (written.database.url, written.archive_root) == (url, str(tmp_path / "kho"))


def test_the_time_stamp_server_is_asked(
    qtbot: QtBot, page: FirstRunPage, fresh: Settings, settings: Settings, services: Services
) -> None:
    page.show_step(3)
    step = page.shown
    assert isinstance(step, TimeStep)
    step.address.line.setText("tsa.ca.gov.vn")
    assert step.address.problem
    assert not step.test.isEnabled()
    step.address.line.setText(settings.network.tsa_url.rpartition("/")[0] + "/nothing-here")
    qtbot.mouseClick(step.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step.notice.property("tone") == "caution", timeout=PATIENCE)
    step.address.line.setText(settings.network.tsa_url)
    qtbot.mouseClick(step.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: step.notice.property("tone") == "good", timeout=PATIENCE)
    with qtbot.waitSignal(page.over, timeout=PATIENCE) as over:
        _saves(qtbot, page)
    assert over.args == [True]
    assert load(fresh.data_dir).network.tsa_url == settings.network.tsa_url


def test_what_it_staff_have_locked_is_shown_and_passed_over(qtbot: QtBot, fresh: Settings) -> None:
    origin = Origin("managed", "/etc/antin/managed.toml")
    names = (*AgencyStep.settings, "network.tsa_url", "archive_root")
    managed = msgspec.structs.replace(fresh, locked=frozenset(names), origins=dict.fromkeys(names, origin))
    with Office(managed) as office:
        window = open_window(office)
        page = window.pages["first-run"]
        assert isinstance(page, FirstRunPage)
        assert isinstance(page.shown, TokenStep)
        agency, _tokens, records, _time = page.steps
        assert [page.state(step) for step in page.steps] == ["locked", "todo", "todo", "locked"]
        page.show_step(0)
        assert "/etc/antin/managed.toml" in _words(page)
        assert isinstance(agency, AgencyStep)
        assert not agency.name.line.isEnabled()
        assert not page._save.isEnabled()
        assert isinstance(records, RecordsStep)
        assert not records.folder.line.isEnabled()
        assert records.address.line.isEnabled()
        page.show_step(1)
        page._skip.click()
        assert page.shown is records
        with qtbot.waitSignal(page.over, timeout=PATIENCE) as over:
            page._skip.click()
        assert over.args == [False]
        window.close()
        window.deleteLater()


def test_it_is_gone_through_with_the_keyboard_alone(qtbot: QtBot, page: FirstRunPage, first: MainWindow) -> None:
    page._tabs[0].setFocus()
    reached = []
    for _step in range(12):
        qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        reached.append(focus.objectName() if focus is not None else "")
    wanted = ["firstName", "firstParent", "firstPlace", "firstSeal", "firstSealChoose", "firstDiameter", "firstSkip"]
    assert [name for name in reached if name in wanted] == wanted
    assert "firstSave" in reached


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_control_of_every_step_has_a_name(page: FirstRunPage, first: MainWindow, language: i18n.Language) -> None:
    first._language_chosen(language)
    shown = first.pages["first-run"]
    assert isinstance(shown, FirstRunPage)
    for at in range(4):
        shown.show_step(at)
        assert _nameless(shown) == []


@pytest.mark.parametrize("size", [(1280, 720), (1024, 640)])
def test_no_step_is_wider_than_the_window(page: FirstRunPage, first: MainWindow, size: tuple[int, int]) -> None:
    first.resize(*size)
    for at, step in enumerate(page.steps):
        page.show_step(at)
        QApplication.processEvents()
        assert step.minimumSizeHint().width() <= step.width(), step
    assert (first.width(), first.height()) == size


def test_the_window_opens_anew_with_what_was_written(
    qtbot: QtBot, fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: the process's own loop, its first window and the one that follows."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    seen: list[tuple[str, str]] = []

    def visit() -> None:
        """What a person does at whatever window there is; called again and again."""
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()), None)
        if window is None:
            return
        look = (window.current_page, window._office.settings.agency.name)
        if look not in seen:
            seen.append(look)
        if look == ("sign", "Sở Nội vụ"):
            window.close()
            return
        page = window.pages["first-run"]
        assert isinstance(page, FirstRunPage)
        agency = page.steps[0]
        assert isinstance(agency, AgencyStep)
        if page.state(agency) == "done":
            page._later.click()
        elif not agency.name.text:
            agency.name.line.setText("Sở Nội vụ")
            page._save.click()

    person = QTimer()
    person.setInterval(20)
    person.timeout.connect(visit)
    person.start()
    assert entry.run(lambda: load(fresh.data_dir)) == 0
    person.stop()
    assert seen == [("first-run", ""), ("sign", "Sở Nội vụ")]
