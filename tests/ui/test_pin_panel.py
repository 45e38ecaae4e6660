"""The question for the PIN, in every state of a token."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from app import i18n
from app.signing.model import PinAnswer, PinRequest
from pkcs11_bridge.protocol import PinState
from tests.ui.person import PATIENCE
from ui.pages.sign_batch import PANEL_WIDTH
from ui.widgets.pin_panel import PinPanel


@pytest.fixture
def panel(qtbot: QtBot) -> PinPanel:
    made = PinPanel()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _ask(panel: PinPanel, state: PinState) -> list[PinAnswer]:
    answers: list[PinAnswer] = []
    panel.answered.connect(answers.append)
    panel.ask(PinRequest("Lãnh đạo", "A1", "Nguyễn Văn An", state), "Ký 2 văn bản", None)
    return answers


def test_the_pin_leaves_the_field_as_octets_and_nothing_stays(qtbot: QtBot, panel: PinPanel) -> None:
    answers = _ask(panel, PinState.OK)
    assert not panel.submit.isEnabled()
    assert panel.field.echoMode() == QLineEdit.EchoMode.Password
    panel.field.insert("ma-")
    qtbot.keyClicks(panel.field, "1234")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert [(bytes(answer.pin), answer.final_try) for answer in answers] == [(b"ma-1234", False)]
    assert isinstance(answers[0].pin, bytearray)
    assert panel.field.text() == ""
    assert not panel.field.isUndoAvailable()


def test_a_low_counter_is_told_before_the_pin_is_typed(panel: PinPanel) -> None:
    _ask(panel, PinState.LOW)
    assert panel._warning.isVisible()
    assert panel.consent.isHidden()


def test_all_that_is_told_can_be_read_in_a_low_window(qtbot: QtBot, panel: PinPanel) -> None:
    """The last try, Caps Lock and a typing mode at once, in the room that 720 pixels of a screen leave."""
    panel.setFixedSize(PANEL_WIDTH, 560)
    _ask(panel, PinState.FINAL_TRY)
    panel.field.caps_lock.emit(True)
    panel.field.composed.emit()
    [area] = panel.findChildren(QScrollArea)
    qtbot.waitUntil(area.verticalScrollBar().isVisible, timeout=PATIENCE)
    for notice in (panel._warning, panel._typing.caps, panel._typing.composed):
        qtbot.waitUntil(
            lambda notice=notice: notice.height() >= notice.heightForWidth(notice.width()), timeout=PATIENCE
        )
    assert area.horizontalScrollBar().maximum() == 0
    area.ensureWidgetVisible(panel.submit)
    assert not panel.submit.visibleRegion().isEmpty()


def test_the_last_try_needs_a_tick(qtbot: QtBot, panel: PinPanel) -> None:
    answers = _ask(panel, PinState.FINAL_TRY)
    qtbot.keyClicks(panel.field, "1234")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert answers == []
    assert not panel.submit.isEnabled()
    panel.consent.setChecked(True)
    qtbot.mouseClick(panel.submit, Qt.MouseButton.LeftButton)
    assert [answer.final_try for answer in answers] == [True]


def test_asking_again_forgets_tick_and_text(qtbot: QtBot, panel: PinPanel) -> None:
    _ask(panel, PinState.FINAL_TRY)
    qtbot.keyClicks(panel.field, "1234")
    panel.consent.setChecked(True)
    panel._reveal.click()
    assert panel.field.echoMode() == QLineEdit.EchoMode.Normal
    panel.ask(PinRequest("Lãnh đạo", "A1", "Nguyễn Văn An", PinState.FINAL_TRY), "Ký", None)
    assert (panel.field.text(), panel.consent.isChecked()) == ("", False)
    assert panel.field.echoMode() == QLineEdit.EchoMode.Password


def test_caps_lock_is_noticed_from_what_is_typed(qtbot: QtBot, panel: PinPanel) -> None:
    _ask(panel, PinState.OK)
    assert panel._typing.caps.isHidden()
    qtbot.keyClick(panel.field, "A")
    assert panel._typing.caps.isVisible()
    qtbot.keyClick(panel.field, "a")
    assert panel._typing.caps.isHidden()
    qtbot.keyClick(panel.field, "A", Qt.KeyboardModifier.ShiftModifier)
    assert panel._typing.caps.isHidden()


def test_letters_of_a_vietnamese_typing_mode_are_refused_and_told(qtbot: QtBot, panel: PinPanel) -> None:
    _ask(panel, PinState.OK)
    qtbot.keyClicks(panel.field, "ma")
    composed = QInputMethodEvent()
    composed.setCommitString("ã")
    QApplication.sendEvent(panel.field, composed)
    assert panel.field.text() == ""
    assert panel._typing.composed.isVisible()
    panel.field.insert("mã")
    assert panel.field.text() == ""
    qtbot.keyClicks(panel.field, "1234")
    assert panel.field.text() == "1234"


def test_a_token_that_asks_for_each_document_says_which(panel: PinPanel) -> None:
    request = PinRequest("Dấu", "A1", "UBND", PinState.OK, Path("cong-van.pdf"), 3, 20)
    panel.ask(request, "Ký", None)
    assert "3/20" in panel._count.text() or "3 of 20" in panel._count.text()
    assert "cong-van.pdf" in panel._count.text()


def test_the_pin_is_not_in_the_panel_s_description(qtbot: QtBot, panel: PinPanel) -> None:
    _ask(panel, PinState.OK)
    qtbot.keyClicks(panel.field, "24680")
    texts = [
        panel.accessibleName(),
        panel.field.accessibleName(),
        panel.field.accessibleDescription(),
        panel.field.displayText(),
    ]
    assert not any("24680" in text for text in texts)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("state", [PinState.OK, PinState.LOW, PinState.FINAL_TRY])
def test_the_panel_fits_its_column(qtbot: QtBot, language: i18n.Language, state: PinState) -> None:
    i18n.set_language(language)
    panel = PinPanel()
    qtbot.addWidget(panel)
    _ask(panel, state)
    panel._typing.caps.show()
    assert panel.minimumSizeHint().width() <= PANEL_WIDTH
