"""What a person sees when a token or its driver misbehaves: a real module in C that does so on request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.custody.custody import Happening
from app.custody.model import Person as Holder
from app.custody.states import EventKind
from app.i18n import _
from app.office import Office
from app.settings import Settings
from app.signing.model import Status
from pkcs11_bridge.protocol import PinState
from tests.demo.office import DemoOffice
from tests.token.build import Misbehaviour, compile_module
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui import wording
from ui.app import open_window
from ui.pages.tokens import TokensPage
from ui.status_line import StatusLine
from ui.widgets.pin_change_panel import PinChangePanel
from ui.window import MainWindow


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_module(tmp_path_factory.mktemp("module"))


@pytest.fixture
def token(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "control", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def window(qtbot: QtBot, settings: Settings, module: Path, token: Misbehaviour) -> Iterator[MainWindow]:
    """The window on an office whose only module is the misbehaving one."""
    with Office(settings, modules=[module]) as office:
        made = open_window(office)
        qtbot.waitExposed(made)
        yield made
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(made, "_may_stop", lambda sentence: True)
            made.close()
        made.deleteLater()


@pytest.fixture
def person(qtbot: QtBot, window: MainWindow, office: DemoOffice) -> Person:
    return Person(qtbot, window, office)


def _copies(document: Path, folder: Path, count: int) -> list[Path]:
    return [Path(shutil.copy(document, folder / f"văn bản {number:02}.pdf")) for number in range(count)]


def test_a_token_pulled_out_in_mid_batch_keeps_what_is_signed_and_the_rest_can_be_taken_up(
    person: Person, token: Misbehaviour, documents: dict[str, Path], tmp_path: Path
) -> None:
    page = person.signing
    person.puts_files_to_sign(*_copies(documents["cong_van_pdf"], tmp_path, 5))
    person.chooses_key_of("leader")
    person.starts_signing()
    token.order(remove_at_signature=3)
    person.gives_pin(person.office.tokens["leader"].pin)
    results = person.waits_for_results()
    assert [result.status for result in results].count(Status.SIGNED) == 2
    [stopped] = [result for result in results if result.status is Status.FAILED]
    assert stopped.error is not None
    assert stopped.error.code == "token-removed"
    assert stopped.error.hint in page.results.card(stopped).whole_text()

    token.behave()
    person.qtbot.mouseClick(page.results.retry, Qt.MouseButton.LeftButton)
    assert len(page.list.files.entries) == 3
    person.chooses_key_of("leader")
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    assert [result.status for result in person.waits_for_results()] == [Status.SIGNED] * 3


def test_tries_are_counted_down_to_the_last_which_needs_a_tick_and_then_it_is_locked(
    person: Person, window: MainWindow, token: Misbehaviour, documents: dict[str, Path]
) -> None:
    token.order(pin_tries=3)
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    for tries_left in (2, 1):
        person.gives_pin("999999")
        person.waits_until(lambda: page.batch.pin._error.isVisible() and page.batch.pin.isVisible())
        assert token.tries_left == tries_left
    assert page.batch.pin._state is PinState.FINAL_TRY
    person.gives_pin("999999")
    assert token.tries_left == 1
    assert page.batch.pin.isVisible()

    page.batch.pin.consent.setChecked(True)
    person.qtbot.mouseClick(page.batch.pin.submit, Qt.MouseButton.LeftButton)
    person.waits_until(page.setup.notice.isVisible)
    assert token.tries_left == 0
    assert "[pin-locked]" in page.setup.notice.whole_text()
    line = window.findChild(StatusLine)
    assert isinstance(line, StatusLine)
    person.waits_until(lambda: wording.PIN_STATES[PinState.LOCKED].word in line.button.text())
    window.show_page("tokens")
    words = [label.text() for label in window.pages["tokens"].findChildren(QLabel)]
    assert wording.PIN_STATES[PinState.LOCKED].word in words


def test_a_driver_that_crashes_is_told_beside_the_button_and_signing_goes_on_after(
    person: Person, token: Misbehaviour, documents: dict[str, Path]
) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    token.order(crash_at="C_Login")
    person.gives_pin(person.office.tokens["leader"].pin)
    person.waits_until(page.setup.notice.isVisible)
    assert "[module-crashed]" in page.setup.notice.whole_text()
    token.behave()
    person.chooses_key_of("leader")
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    assert [result.status for result in person.waits_for_results()] == [Status.SIGNED]


def test_a_token_that_comes_and_goes_is_followed(person: Person, window: MainWindow, token: Misbehaviour) -> None:
    line = window.findChild(StatusLine)
    assert isinstance(line, StatusLine)
    person.waits_until(lambda: "Nguyễn Văn An" in line.button.text())
    person.chooses_key_of("seal")
    person.signing.setup.keys.keep()
    token.order(removed=True)
    person.waits_until(lambda: "Nguyễn Văn An" not in line.button.text())
    assert not person.signing.setup.submit.isEnabled()
    token.behave()
    person.waits_until(lambda: "Nguyễn Văn An" in line.button.text())
    chosen = person.signing.setup.chosen_key
    assert chosen is not None
    assert chosen.token.serial == person.office.tokens["seal"].serial


def test_a_slow_token_leaves_the_window_awake_and_cancel_works_at_once(
    person: Person, token: Misbehaviour, documents: dict[str, Path], tmp_path: Path
) -> None:
    page = person.signing
    person.puts_files_to_sign(*_copies(documents["cong_van_pdf"], tmp_path, 6))
    person.chooses_key_of("leader")
    token.order(sign_delay_ms=700)
    person.starts_signing()
    with Heartbeat() as heart:
        person.gives_pin(person.office.tokens["leader"].pin)
        person.waits_until(lambda: any(entry.stage == "signing" for entry in page.list.files.entries))
        person.qtbot.mouseClick(page.batch.progress.cancel, Qt.MouseButton.LeftButton)
        assert not page.batch.progress.cancel.isEnabled()
        results = person.waits_for_results()
    assert [result.status for result in results].count(Status.SKIPPED) >= 4
    assert heart.busiest < 0.3


def test_a_new_pin_is_refused_with_a_wrong_old_one_down_to_the_last_try(
    person: Person, window: MainWindow, token: Misbehaviour
) -> None:
    token.order(pin_tries=3)
    page = _device(person, window, "second")
    page.pane.buttons["pin"].click()
    person.waits_until(page.side.pin.isVisible)
    for tries_left in (2, 1):
        _types_pins(page.side.pin, "999999", "24681357")
        page.side.pin.submit.click()
        person.waits_until(
            lambda: "[pin-incorrect]" in page.side.pin.notice.whole_text() and not page._pin_pool.unfinished
        )
        assert token.tries_left == tries_left, "tried once, not again by itself"
        assert (page.side.pin.old.text(), page.side.pin.new.text()) == ("", "")
        person.waits_until(lambda left=tries_left: page.side.pin.consent.isVisible() == (left == 1))
    _types_pins(page.side.pin, "999999", "24681357")
    assert not page.side.pin.submit.isEnabled()
    page.side.pin.consent.setChecked(True)
    assert page.side.pin.submit.isEnabled()


def test_a_token_pulled_out_while_it_proves_itself_is_told_and_can_prove_itself_after(
    person: Person, window: MainWindow, token: Misbehaviour
) -> None:
    device = person.office.tokens["leader"]
    custody = window.pages["tokens"].office.custody
    custody.register(window.pages["tokens"].office.plugged(device.serial))
    custody.record(device.serial, Happening(EventKind.RECEIVED, receiver=Holder("Nguyễn Văn An", "Chủ tịch")))
    page = _device(person, window, "leader")
    person.waits_until(lambda: "handed-over" in page.pane.buttons)
    page.pane.buttons["handed-over"].click()
    view = page.handover
    view.form.receiver.show_person(Holder("Trần Thị Bích Ngọc", "Văn thư", "Văn phòng"))
    view.next.click()
    person.waits_until(view.proving.isVisible)

    def prove() -> None:
        person.waits_until(lambda: view.proving.findChild(QPushButton, f"prove-{device.serial}") is not None)
        *_replaced, button = view.proving.findChildren(QPushButton, f"prove-{device.serial}")
        button.click()
        person.waits_until(view.pin.isVisible)
        assert view.pin._title.text() == _("Type the PIN so that the device proves itself")
        view.pin.field.setText(device.pin)
        view.pin.submit.click()
        person.waits_until(lambda: not view.busy and view.proving.isVisible())

    token.order(remove_at_signature=1)
    prove()
    person.waits_until(lambda: "[token-removed]" in view.notice.whole_text())
    assert view.notice.isVisible()
    assert not view.proofs
    assert not view.proving.enter.isEnabled()
    token.behave()
    page._tokens.look()
    prove()
    person.waits_until(lambda: device.serial in view.proofs and view.proving.enter.isEnabled())


def _device(person: Person, window: MainWindow, name: str) -> TokensPage:
    """Thiết bị with one token chosen."""
    page = window.pages["tokens"]
    assert isinstance(page, TokensPage)
    window.show_page("tokens")
    serial = person.office.tokens[name].serial
    person.waits_until(lambda: any(one.serial == serial for one in page.list.found.shown))
    page.refresh(serial)
    person.waits_until(lambda: page.pane.shown is not None and page.pane.shown.serial == serial)
    return page


def _types_pins(panel: PinChangePanel, old: str, new: str) -> None:
    for field, text in ((panel.old, old), (panel.new, new), (panel.again, new)):
        field.setText(text)
