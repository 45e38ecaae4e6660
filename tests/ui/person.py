"""Somebody at the window: what a person does and sees, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.signing.model import SignResult
from app.verification.model import FileReport
from tests.demo.office import DemoOffice
from ui.pages.sign import SignPage
from ui.pages.verify import VerifyPage
from ui.widgets.report_card import ReportCard
from ui.window import MainWindow

Widget = TypeVar("Widget", bound=QWidget)

#: How long a person waits for what should take a second, in milliseconds; the machine may be busy.
PATIENCE = 30_000


class Person:
    def __init__(self, qtbot: QtBot, window: MainWindow, office: DemoOffice) -> None:
        self.qtbot = qtbot
        self.window = window
        self.office = office

    @property
    def signing(self) -> SignPage:
        page = self.window.pages["sign"]
        assert isinstance(page, SignPage)
        return page

    @property
    def checking(self) -> VerifyPage:
        page = self.window.pages["verify"]
        assert isinstance(page, VerifyPage)
        return page

    def waits_until(self, condition: object) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)  # type: ignore[arg-type]

    def drops(self, *files: Path, onto: QWidget | None = None) -> None:
        """Drop files onto a page, the one shown unless told otherwise."""
        target = onto or self.window.pages[self.window.current_page]
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        at = target.rect().center()
        QApplication.sendEvent(target, QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, buttons, keys))
        QApplication.sendEvent(target, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, buttons, keys))

    def presses(self, key: Qt.Key | str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, keys)  # type: ignore[arg-type]

    def types(self, text: str) -> None:
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def tabs_to(self, name: str) -> None:
        """Press Tab until the control of that object name has the keyboard."""
        for _step in range(60):
            focus = QApplication.focusWidget()
            if focus is not None and focus.objectName() == name:
                return
            self.presses(Qt.Key.Key_Tab)
        raise AssertionError(f"no way by Tab to {name}")

    def puts_files_to_sign(self, *files: Path) -> None:
        """Drop files on Ký số and wait until they are read, and what was read is shown."""
        self.window.show_page("sign")
        self.drops(*files)
        self.waits_until(
            lambda: (
                all(entry.info is not None or entry.problem for entry in self.signing.list.files.entries)
                and not self.signing._refreshing.isActive()
            )
        )

    def chooses_key_of(self, token: str) -> None:
        """Choose the key on the ``leader``, ``seal`` or ``second`` token, once what is plugged in has been read."""
        box = self.signing.setup.keys.box
        self.waits_until(lambda: box.count() == 3 and not self.window.tokens.looking)
        serial = self.office.tokens[token].serial
        rows = [row for row in range(3) if box.itemData(row).token.serial == serial]
        box.setCurrentIndex(rows[0])
        box.activated.emit(rows[0])  # as by hand, also where that key was chosen already

    def starts_signing(self) -> None:
        """Press the button that says how many are signed, and wait for the question for the PIN."""
        self.qtbot.mouseClick(self.signing.setup.submit, Qt.MouseButton.LeftButton)
        self.agrees_to_questions()

    def agrees_to_questions(self) -> None:
        """Say yes to what is asked about the documents, if anything is, and wait for the question for the PIN."""
        page = self.signing
        self.waits_until(lambda: page.batch.pin.isVisible() or page.batch.questions.isVisible())
        if page.batch.questions.isVisible():
            page.batch.questions.agree.click()
        self.waits_until(page.batch.pin.isVisible)

    def gives_pin(self, pin: str) -> None:
        self.qtbot.keyClicks(self.signing.batch.pin.field, pin)
        self.qtbot.keyClick(self.signing.batch.pin.field, Qt.Key.Key_Return)

    def waits_for_results(self) -> list[SignResult]:
        self.waits_until(self.signing.results.isVisible)
        return self.signing.results.results

    def waits_for_reports(self, count: int) -> list[FileReport]:
        self.waits_until(lambda: len(self.checking.reports) == count and not self.checking.busy)
        return self.checking.reports

    def waits_for_card(self, file: Path) -> ReportCard:
        """Choose a file among those checked, and look at its card."""
        self.waits_until(lambda: any(report.path == str(file) for report in self.checking.reports))
        found = self.checking.list.found
        [result] = [result for result in found.results if result.report.path == str(file)]
        self.checking.list.choose(result)
        card = self.checking.card
        assert card is not None
        assert card.report.path == str(file)
        self.waits_until(card.isVisible)
        return card

    def reads(self, widget: QWidget) -> str:
        """All words that are visible in a part of the window, as a person would copy them."""
        labels = [label for label in widget.findChildren(QLabel) if label.isVisible()]
        return "\n".join(label.text() for label in labels).replace("\u200b", "")
