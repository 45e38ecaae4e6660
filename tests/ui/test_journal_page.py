"""Nhật ký và báo cáo: any number of entries, their check, the figures of a period, and what is saved of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.custody.custody import Happening
from app.custody.model import Person as Holder
from app.custody.states import EventKind
from app.i18n import _
from app.journal.entry import Draft
from app.journal.file_book import FileBook
from app.office import Office
from app.times import VIETNAM
from tests.ui.person import Person
from ui.pages.journal import JournalPage
from ui.widgets import entry_rows
from ui.widgets.charts import BarChart, ColumnChart
from ui.window import MainWindow

COUNT = 3000
_YEAR = dt.datetime.now(VIETNAM).year - 1
#: Of the usual periods.
_THIS_YEAR, _LAST_YEAR = 0, 4


def _drafts(count: int) -> list[Draft]:
    """Entries of the first days of last year, one a minute."""
    begin = dt.datetime(_YEAR, 1, 1, 0, 30, tzinfo=VIETNAM)
    names = ("Công văn Phong Điền", "Quyết định")
    made = []
    for number in range(count):
        kind = ("sign", "verify")[number % 2]
        path = f"/tmp/{names[number % 3 == 0]} {number}.pdf"
        data = (
            {
                "input": path,
                "act": "issue",
                "type": names[1],
                "signer": "Nguyễn Văn A",
                "key": "person",
                "result": "signed",
            }
            if kind == "sign"
            else {"path": path, "sha256": f"{number:064x}", "result": "valid"}
        )
        made.append(Draft(begin + dt.timedelta(minutes=number), kind, "vanthu", "may", data))
    return made


@pytest.fixture
def page(person: Person, window: MainWindow, signing_office: Office) -> Iterator[JournalPage]:
    FileBook(signing_office.settings.data_dir).append(_drafts(COUNT))
    window.show_page("journal")
    page = window.pages["journal"]
    assert isinstance(page, JournalPage)
    page.period.usual.setCurrentIndex(_LAST_YEAR)
    person.waits_until(lambda: page.rows.rowCount() == COUNT)
    yield page


def _text(page: JournalPage, row: int, column: int = 0) -> str:
    return str(page.rows.data(page.rows.index(row, column)))


def test_the_newest_entries_come_first_and_only_those_in_sight_are_read(person: Person, page: JournalPage) -> None:
    assert _text(page, 0) == str(COUNT)
    person.waits_until(lambda: page._pool.unfinished == 0)
    assert len(page.rows._blocks) < 4, "three thousand entries, of which a screenful was read"
    page.table.scrollToBottom()
    person.waits_until(lambda: _text(page, COUNT - 1) == "1")
    page.table.selectRow(COUNT - 2)
    person.waits_until(lambda: "2" in page.facts.accessibleName())
    for row in range(0, COUNT, entry_rows._BLOCK // 2):
        person.waits_until(lambda row=row: _text(page, row) == str(COUNT - row))
    assert len(page.rows._blocks) <= entry_rows._KEPT


def test_a_signature_that_turns_out_to_be_made_in_nobodys_custody_is_marked(
    person: Person, page: JournalPage, signing_office: Office
) -> None:
    assert not page.outside.isVisible()
    token = person.office.tokens["leader"].serial
    signed = dt.datetime.now(VIETNAM) - dt.timedelta(hours=1)
    data = {"input": "/tmp/Nghỉ lễ.pdf", "act": "issue", "signer": "Nguyễn Văn A", "token": token, "result": "signed"}
    FileBook(signing_office.settings.data_dir).append([Draft(signed, "sign", "vanthu", "may", data)])
    signing_office.custody.register(signing_office.plugged(token))
    for kind, hours in ((EventKind.RECEIVED, 3), (EventKind.LOST, 2)):
        at = dt.datetime.now(VIETNAM) - dt.timedelta(hours=hours)
        receiver = Holder("Nguyễn Văn A") if kind is EventKind.RECEIVED else None
        signing_office.custody.record(token, Happening(kind, receiver=receiver, at=at))
    page.period.usual.setCurrentIndex(_LAST_YEAR if signed.year == _YEAR else _THIS_YEAR)
    page.entered()
    person.waits_until(page.outside.isVisible)
    assert str(COUNT + 1) in page.outside.whole_text()

    def row() -> int:
        return next((at for at in range(page.rows.rowCount()) if _text(page, at) == str(COUNT + 1)), -1)

    person.waits_until(lambda: row() >= 0)
    result = page.rows.index(row(), 4)
    assert _("in nobody's custody") in str(page.rows.data(result))
    assert page.rows.data(result, Qt.ItemDataRole.DecorationRole) is not None
    assert page.rows.data(page.rows.index(row() - 1, 4), Qt.ItemDataRole.DecorationRole) is None


def test_kind_words_and_period_choose(person: Person, page: JournalPage) -> None:
    page.kind.setCurrentIndex(page.kind.findData("verify"))
    person.waits_until(lambda: page.rows.rowCount() == COUNT // 2)
    page.query.setFocus()
    person.types("phong dien 17")
    person.presses(Qt.Key.Key_Return)
    person.waits_until(lambda: 0 < page.rows.rowCount() < COUNT // 4)
    assert "Phong Điền" in _text(page, 0, 3) and "17" in _text(page, 0, 3)
    page.query.clear()
    page.kind.setCurrentIndex(0)
    page.period.last.setDate(QDate(_YEAR, 1, 1))
    assert page.period.usual.currentIndex() == page.period.usual.count() - 1
    first_day = sum(draft.time.date() == dt.date(_YEAR, 1, 1) for draft in _drafts(COUNT))
    person.waits_until(lambda: page.rows.rowCount() == first_day)
    page.period.usual.setCurrentIndex(_THIS_YEAR)
    person.waits_until(lambda: page.rows.rowCount() == 0)
    assert page._stack.currentIndex() == 1, "nothing happened this year; the ledger is not empty"


def test_the_check_says_what_is_wrong(person: Person, page: JournalPage, signing_office: Office) -> None:
    person.qtbot.mouseClick(page._check, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: page.notice.property("tone") == "good")
    path = signing_office.ledger.path
    path.write_text(path.read_text(encoding="utf-8").replace("Văn A", "Văn B", 1), encoding="utf-8")
    person.qtbot.mouseClick(page._check, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: page.notice.property("tone") == "bad")
    assert "1" in page.notice.whole_text()


def test_figures_charts_and_the_saved_report(person: Person, page: JournalPage, tmp_path: Path) -> None:
    page.show_view("usage")
    person.waits_until(lambda: page._figures is not None and bool(page.usage.charts))
    months, types = page.usage.charts["by-month"], page.usage.charts["by-type"]
    assert isinstance(months, ColumnChart) and isinstance(types, BarChart)
    assert sum(count for _name, count in months.counts) == COUNT // 2
    assert "1.500" in types.accessibleDescription()
    for name in ("a.pdf", "a.xlsx"):
        page.save_report(tmp_path / name)
        person.waits_until(lambda name=name: (tmp_path / name).exists() and name in page.notice.whole_text())
    page.save_report(tmp_path / "a.pdf")
    person.waits_until(lambda: page.notice.property("tone") == "caution")
    page.period.usual.setCurrentIndex(_THIS_YEAR)
    assert page._figures is None and not page._save.isEnabled(), "never the figures of another period"
    person.waits_until(lambda: page._figures is not None)
    assert page._figures is not None and page._figures.signed == 0


def test_the_exported_journal(person: Person, page: JournalPage, tmp_path: Path) -> None:
    page.export(tmp_path / "sổ.zip")
    person.waits_until(lambda: page.notice.property("tone") == "good")
    assert (tmp_path / "sổ.zip").stat().st_size > 1000


def test_an_empty_ledger_teaches(person: Person, window: MainWindow) -> None:
    window.show_page("journal")
    page = window.pages["journal"]
    assert isinstance(page, JournalPage)
    person.waits_until(lambda: page._pool.unfinished == 0)
    assert page._stack.currentIndex() == 0 and not page.notice.isVisible()


def test_a_ledger_that_cannot_be_read_is_told(person: Person, page: JournalPage, signing_office: Office) -> None:
    signing_office.ledger.path.unlink()
    signing_office.ledger.path.mkdir()
    page.look()
    person.waits_until(lambda: page.notice.property("tone") == "caution")


def test_all_is_reached_by_keyboard_and_has_a_name(qtbot: QtBot, person: Person, page: JournalPage) -> None:
    for view in ("list", "usage"):
        page.show_view(view)
        person.waits_until(lambda: page._pool.unfinished == 0)
        visible = [widget for widget in page.findChildren(QWidget) if widget.isVisible()]
        controls = [widget for widget in visible if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        nameless = [
            widget
            for widget in controls
            if not widget.accessibleName()
            and not (isinstance(widget, QAbstractButton) and widget.text())
            and widget.parent().accessibleName() == ""  # type: ignore[attr-defined]
        ]
        assert not nameless
    page.show_view("list")
    page.query.setFocus()
    assert page.first_focus() is page.query
    person.presses(Qt.Key.Key_Tab)
    person.waits_until(lambda: page.table.hasFocus())
    person.presses(Qt.Key.Key_Down)
    person.waits_until(lambda: page.table.currentIndex().row() == 1)


def test_in_a_small_window_the_list_has_the_room(person: Person, window: MainWindow, page: JournalPage) -> None:
    window.resize(1024, 640)
    person.waits_until(lambda: page.table.isColumnHidden(5) and not page.facts.isVisible())
    assert page.table.columnWidth(3) > 120
    window.resize(1440, 900)
    person.waits_until(lambda: not page.table.isColumnHidden(5) and page.facts.isVisible())
