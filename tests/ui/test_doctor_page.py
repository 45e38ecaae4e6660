"""Kiểm tra máy, as a clerk uses it, and what is offered after a crash."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.doctor.finding import CHECK_TITLES, GROUPS
from app.office import Office
from app.support import crashes
from tests.ui.person import Person
from ui import choosing
from ui.app import open_window
from ui.pages.doctor import DoctorPage
from ui.preferences import Preferences
from ui.widgets.finding_row import FindingRow
from ui.window import MainWindow


@pytest.fixture
def page(person: Person, window: MainWindow) -> DoctorPage:
    window.show_page("settings")
    press(person, window.pages["settings"], "settingsDoctor")
    made = window.pages["doctor"]
    assert isinstance(made, DoctorPage)
    person.waits_until(lambda: not made.looking)
    return made


def press(person: Person, within: QWidget, name: str) -> None:
    found = within.findChild(QAbstractButton, name)
    assert found is not None
    person.qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def rows(page: DoctorPage) -> dict[str, FindingRow]:
    return {row.finding.check: row for row in page.findChildren(FindingRow) if row.isVisibleTo(page)}


def test_every_check_stands_in_a_group_and_is_shown(person: Person, window: MainWindow, page: DoctorPage) -> None:
    assert [check for group in GROUPS.values() for check in group] == list(CHECK_TITLES)
    assert window.current_page == "doctor"
    assert rows(page).keys() == CHECK_TITLES.keys()
    for row in rows(page).values():
        told = person.reads(row)
        assert row.finding.hint in told
        assert {"ok": "tốt", "warn": "lưu ý", "fail": "lỗi"}[row.finding.status] in told
    assert "lỗi" not in page.summary.whole_text()


def test_what_is_wrong_is_told_with_what_to_do_and_looked_at_again(
    person: Person, page: DoctorPage, signing_office: Office
) -> None:
    blocked = signing_office.settings.archive_dir
    blocked.rmdir()
    blocked.write_bytes(b"")
    person.qtbot.mouseClick(page.again, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: not page.looking)
    found = rows(page)["archive"].finding
    assert found.status == "fail" and found.hint
    assert "1 mục lỗi" in page.summary.whole_text()
    blocked.unlink()
    person.qtbot.mouseClick(page.again, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: not page.looking)
    assert rows(page)["archive"].finding.status == "ok"


def test_it_is_reached_and_used_by_keyboard(person: Person, window: MainWindow) -> None:
    person.presses(Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "doctor"
    page = window.pages["doctor"]
    assert isinstance(page, DoctorPage)
    person.waits_until(lambda: not page.looking)
    person.tabs_to("doctorAgain")
    person.presses(Qt.Key.Key_Space)
    assert page.looking
    person.waits_until(lambda: not page.looking)
    person.tabs_to("doctorBack")
    person.presses(Qt.Key.Key_Space)
    assert window.current_page == "settings"


def test_tab_goes_through_the_findings_as_they_stand(person: Person, page: DoctorPage) -> None:
    person.tabs_to("doctorAgain")
    found = sorted((row for row in page.findChildren(FindingRow) if row.isVisible()), key=lambda row: _top(row, page))
    visited = []
    for _step in range(len(found) + 3):
        person.presses(Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget())
    copies = [row.copy for row in found]
    assert [widget for widget in visited if widget in copies] == copies


def _top(row: FindingRow, page: DoctorPage) -> int:
    return row.mapTo(page, QPoint()).y()


def test_all_can_be_copied(person: Person, page: DoctorPage) -> None:
    press(person, page, "doctorCopy")
    copied = QGuiApplication.clipboard().text()
    assert all(finding.message in copied for finding in page.findings)


def test_the_file_for_support_is_shown_before_it_is_saved(
    person: Person, page: DoctorPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "ho-tro.zip"
    monkeypatch.setattr(choosing, "to_save", lambda *_: target)
    press(person, page, "doctorBundle")
    person.waits_until(lambda: page.findChild(QWidget, "bundleFiles") is not None)
    preview = page.preview
    shown = {}
    for at in range(preview.files.count()):
        preview.files.setCurrentRow(at)
        shown[preview.files.item(at).text()] = preview.text.toPlainText()
    assert not target.exists()
    assert "tokens: ok" in shown["doctor.txt"]
    person.qtbot.mouseClick(preview.save, Qt.MouseButton.LeftButton)
    person.waits_until(target.exists)
    with zipfile.ZipFile(target) as packed:
        assert {name: packed.read(name).decode() for name in packed.namelist()} == shown
    person.waits_until(lambda: str(target) in person.reads(page.told))


def test_no_line_is_cut(person: Person, page: DoctorPage, window: MainWindow) -> None:
    for width in (1024, 1440):
        window.resize(width, 700)
        person.qtbot.wait(50)
        lines = [line for line in page.findChildren(QLabel) if line.wordWrap() and line.isVisible()]
        assert lines
        person.waits_until(
            lambda lines=lines: all(line.height() >= line.heightForWidth(line.width()) for line in lines)
        )


@pytest.fixture
def after_crash(qtbot: QtBot, signing_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The window at the start after the program stopped over an error."""
    folder = crashes.folder(signing_office.settings.data_dir)
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(crashes._watched, "folder", folder)
        patch.setattr(crashes._watched, "seen", set())
        crashes.record(LookupError("Đặng Thị Kim Thoa"), "stopped")
    Preferences(signing_office.settings.data_dir).theme = "light"
    made = open_window(signing_office)
    qtbot.waitExposed(made)
    qtbot.waitUntil(made.crashes.isVisible, timeout=30_000)
    yield made
    monkeypatch.setattr(made, "_may_stop", lambda sentence: True)
    made.close()
    made.deleteLater()


def offered(window: MainWindow, word: str) -> QAbstractButton:
    buttons = window.crashes.findChildren(QAbstractButton)
    return next(button for button in buttons if word in button.text().replace("&", ""))


def kept(window: MainWindow) -> list[bool]:
    return [report.told for report in crashes.reports(window._office.settings.data_dir)]


def test_a_report_is_offered_shown_and_deleted(qtbot: QtBot, after_crash: MainWindow) -> None:
    assert "Lần trước chương trình dừng đột ngột." in after_crash.crashes.told.notice.whole_text()
    qtbot.mouseClick(offered(after_crash, "Xem báo cáo"), Qt.MouseButton.LeftButton)
    text = after_crash.crashes.findChild(QWidget, "bundleText").toPlainText()  # type: ignore[union-attr]
    assert "LookupError" in text and "Thoa" not in text
    qtbot.mouseClick(offered(after_crash, "Xóa"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept(after_crash) == [], timeout=30_000)
    assert not after_crash.crashes.isVisible()


def test_a_report_goes_into_the_file_for_support(qtbot: QtBot, after_crash: MainWindow) -> None:
    qtbot.mouseClick(offered(after_crash, "Đưa vào gói hỗ trợ"), Qt.MouseButton.LeftButton)
    assert after_crash.current_page == "doctor"
    page = after_crash.pages["doctor"]
    assert isinstance(page, DoctorPage)
    qtbot.waitUntil(lambda: page.findChild(QWidget, "bundleFiles") is not None, timeout=60_000)
    [row] = [at for at in range(page.preview.files.count()) if page.preview.files.item(at).text() == "crashes.txt"]
    page.preview.files.setCurrentRow(row)
    assert "LookupError" in page.preview.text.toPlainText()
    page.preview.reject()
    assert kept(after_crash) == [True]


def test_a_report_that_was_closed_is_not_offered_again(qtbot: QtBot, after_crash: MainWindow) -> None:
    after_crash.crashes.told.closed.emit()
    qtbot.waitUntil(lambda: kept(after_crash) == [True], timeout=30_000)
    again = type(after_crash.crashes)(after_crash._office)
    qtbot.addWidget(again)
    again.look()
    qtbot.waitUntil(lambda: not again._pool.unfinished, timeout=30_000)
    assert not again.isVisible()
    again.stop()
