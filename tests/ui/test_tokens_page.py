"""Thiết bị, as the custodian uses it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from app.custody.custody import Happening
from app.custody.model import Kind, MinutesState, Permission, Person
from app.custody.states import EventKind, Keeping
from app.i18n import _
from app.office import Office
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions
from tests.custody_office import enter
from tests.demo.office import DemoOffice
from tests.demo.pki import LEADER
from tests.ui.person import Person as Somebody
from ui.pages.tokens import TokensPage
from ui.tokens import TokenWatch

CLERK = Person("Trần Thị Bích Ngọc", "Văn thư", "Văn phòng HĐND và UBND xã")


@pytest.fixture
def person(qtbot: QtBot, office: DemoOffice) -> Somebody:
    """Somebody at the page alone; the window around it has tests of its own."""
    return Somebody(qtbot, QMainWindow(), office)  # type: ignore[arg-type]


@pytest.fixture
def page(qtbot: QtBot, person: Somebody, signing_office: Office) -> Iterator[TokensPage]:
    watch = TokenWatch(signing_office)
    made = TokensPage(signing_office, watch)
    qtbot.addWidget(made)
    made.resize(1096, 760)
    made.show()
    qtbot.waitExposed(made)
    watch.look()
    made.entered()
    person.waits_until(lambda: len(made.list.found.shown) == 3 and made._devices is not None)
    yield made
    made.stop()
    watch.stop()


def _chooses(person: Somebody, page: TokensPage, serial: str) -> None:
    def row() -> int:
        return next((at for at, one in enumerate(page.list.found.shown) if one.serial == serial), -1)

    person.waits_until(lambda: row() >= 0)
    page.list.setCurrentIndex(page.list.found.index(row()))
    person.waits_until(lambda: page.pane.shown is not None and page.pane.shown.serial == serial)


def _held(office: Office, serial: str, holder: Person = CLERK) -> None:
    [token] = [token for token in office.bridge.tokens() if token.serial == serial]
    office.custody.register(token)
    office.custody.record(serial, Happening(EventKind.RECEIVED, receiver=holder))


def test_a_token_plugged_in_is_entered_with_its_certificate(
    person: Somebody, page: TokensPage, signing_office: Office
) -> None:
    serial = person.office.tokens["seal"].serial
    _chooses(person, page, serial)
    page.pane.buttons["register"].click()
    person.waits_until(lambda: page.told.isVisible() and "event" in page.pane.buttons)
    device = signing_office.custody.device(serial)
    assert device.kind is Kind.ORGANIZATION
    assert device.keeping is Keeping.REGISTERED


def test_what_happened_is_entered_and_stands_in_the_history(
    person: Somebody, page: TokensPage, signing_office: Office
) -> None:
    serial = person.office.tokens["seal"].serial
    [token] = [token for token in signing_office.bridge.tokens() if token.serial == serial]
    signing_office.custody.register(token)
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "event" in page.pane.buttons)
    page.pane.buttons["event"].click()
    page.side.happened.receiver.name.setText("Trần Thị Bích Ngọc")
    page.side.happened.day.setText("hôm qua")
    page.side.happened.submit.click()
    assert page.side.happened.notice.isVisible()
    page.side.happened.day.setText(page.side.happened._proposed[0])
    page.side.happened.submit.click()
    person.waits_until(lambda: len(page.pane.timeline.events) == 1)
    person.waits_until(lambda: "Trần Thị Bích Ngọc" in person.reads(page.pane.timeline))
    page.pane.buttons["withdraw"].click()
    assert not page.side.withdrawal.submit.isEnabled()
    page.side.withdrawal.why.setPlainText("Ghi nhầm thiết bị")
    page.side.withdrawal.submit.click()
    person.waits_until(
        lambda: bool(page.pane.timeline.events) and page.pane.timeline.events[0].withdrawn_at is not None
    )
    assert signing_office.custody.device(serial).keeping is Keeping.REGISTERED


def test_a_signature_made_with_a_lost_token_is_marked_in_the_history(
    person: Somebody, page: TokensPage, signing_office: Office, documents: dict[str, Path]
) -> None:
    token = person.office.tokens["leader"]
    _held(signing_office, token.serial)
    signing_office.custody.record(token.serial, Happening(EventKind.LOST, reason="Mất trên đường công tác"))
    key = choose(signing_office.keys(), token=token.serial, certificate=None)
    [result] = signing_office.desk.sign(
        [documents["thong_bao_pdf"]],
        SignOptions(act=Act.APPROVE),
        key,
        pin_source=lambda _request: PinAnswer(bytearray(token.pin.encode())),
    )
    assert result.error is None
    page.refresh(token.serial)
    person.waits_until(lambda: _("Signed while in nobody's custody") in person.reads(page.pane.timeline))
    assert documents["thong_bao_pdf"].name in person.reads(page.pane.timeline)
    assert len(page.pane.timeline.events) == 2


def test_name_place_and_kind_are_corrected(person: Somebody, page: TokensPage, signing_office: Office) -> None:
    serial = person.office.tokens["leader"].serial
    _held(signing_office, serial)
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "describe" in page.pane.buttons)
    page.pane.buttons["describe"].click()
    page.side.form.nickname.setText("Thiết bị của Chủ tịch")
    page.side.form.place.setText("Két sắt")
    [kind] = page.side.form.kinds.values()
    kind.setCurrentIndex(kind.findData(Kind.ORGANIZATION))
    page.side.form.submit.click()
    person.waits_until(lambda: page.told.isVisible())
    device = signing_office.custody.device(serial)
    assert (device.nickname, device.place, device.kind) == ("Thiết bị của Chủ tịch", "Két sắt", Kind.ORGANIZATION)


def test_a_device_in_a_drawer_is_entered_by_hand(person: Somebody, page: TokensPage, signing_office: Office) -> None:
    page._new.click()
    assert not page.side.new.submit.isEnabled()
    page.side.new.serial.setText("0099 1234")
    page.side.new.subject.setText("Lê Hoàng Hải")
    page.side.new.end.setText("30/02/2027")
    page.side.new.submit.click()
    assert page.side.new.notice.isVisible()
    page.side.new.end.setText("28/02/2027")
    page.side.new.submit.click()
    person.waits_until(lambda: len(page.list.found.shown) == 4)
    [certificate] = signing_office.custody.device("0099 1234").certificates
    assert certificate.subject == "Lê Hoàng Hải"


def test_the_pin_is_changed_and_nothing_typed_stays(person: Somebody, page: TokensPage, signing_office: Office) -> None:
    token = person.office.tokens["second"]
    _chooses(person, page, token.serial)
    page.pane.buttons["pin"].click()
    panel = page.side.pin
    person.waits_until(panel.isVisible)
    fields = (panel.old, panel.new, panel.again)
    for field, text in zip(fields, (token.pin, "24681357", "13572468"), strict=True):
        field.setText(text)
    panel.new.insert("ữ")
    assert panel.new.text() == "24681357"
    panel.submit.click()
    assert "[pins-differ]" in panel.notice.whole_text()
    assert (panel.new.text(), panel.again.text()) == ("", "")
    try:
        for field, text in zip(fields, (token.pin, "24681357", "24681357"), strict=True):
            field.setText(text)
        panel.submit.click()
        assert [field.text() for field in fields] == ["", "", ""]
        person.waits_until(lambda: page.told.isVisible() and page.pane.isVisible())
        [plugged] = [one for one in signing_office.bridge.tokens() if one.serial == token.serial]
        with signing_office.bridge.open(plugged) as session:
            session.login(bytearray(b"24681357"))
    finally:
        [plugged] = [one for one in signing_office.bridge.tokens() if one.serial == token.serial]
        with signing_office.bridge.open(plugged) as session:
            session.change_pin(bytearray(b"24681357"), bytearray(token.pin.encode()))


def test_a_handover_from_agreement_to_the_signed_and_filed_minutes(
    person: Somebody, page: TokensPage, signing_office: Office
) -> None:
    seal = person.office.tokens["seal"]
    giver, receiver = _people(signing_office, person)
    _held(signing_office, seal.serial, giver)
    page.refresh(seal.serial)
    _chooses(person, page, seal.serial)
    person.waits_until(lambda: "handed-over" in page.pane.buttons)
    page.pane.buttons["handed-over"].click()
    view = page.handover
    assert not {"signing", "pin"} & vars(view).keys()  # made when it comes to them: together they hold the window
    view.next.click()
    assert view.notice.isVisible()
    view.form.receiver.show_person(receiver)
    view.next.click()
    person.waits_until(lambda: "[permission-missing]" in view.notice.whole_text())
    view.form.permission.number.setText("15/QĐ-UBND")
    view.form.permission.given_on.setText("20/11/2026")
    view.next.click()
    person.waits_until(view.proving.isVisible)
    assert not view.proving.enter.isEnabled()
    _button(view.proving, f"prove-{seal.serial}").click()
    _gives_pin(person, page, seal.pin)
    person.waits_until(lambda: seal.serial in view.proofs and view.proving.enter.isEnabled())
    view.proving.enter.click()
    person.waits_until(view.signing.isVisible)
    assert signing_office.custody.device(seal.serial).holder == receiver
    for name in ("leader", "second"):
        token = person.office.tokens[name]
        person.waits_until(
            lambda serial=token.serial: view.signing.findChild(QPushButton, f"sign-{serial}") is not None
        )
        _button(view.signing, f"sign-{token.serial}").click()
        _gives_pin(person, page, token.pin)
        person.waits_until(lambda: not view.busy and view.signing.isVisible())
    person.waits_until(lambda: view.minutes is not None and view.minutes.state is MinutesState.SIGNED)
    assert view.minutes is not None
    assert view.minutes.path is not None
    assert "Biên bản" in Path(view.minutes.path).parts
    view.signing.done.click()
    person.waits_until(lambda: any(event.minutes for event in page.pane.timeline.events))
    page.pane.timeline.minutes_wanted.emit(view.minutes.id)
    person.waits_until(view.signing.isVisible)


def test_what_cannot_be_proven_needs_a_reason_and_paper_a_scan(
    person: Somebody, page: TokensPage, signing_office: Office, documents: dict[str, Path]
) -> None:
    serial = person.office.tokens["leader"].serial
    _held(signing_office, serial)
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "handed-over" in page.pane.buttons)
    page.pane.buttons["handed-over"].click()
    view = page.handover
    view.form.receiver.show_person(Person(LEADER, "Chủ tịch", "UBND xã"))
    view.form.paper.setChecked(True)
    view.next.click()
    person.waits_until(view.proving.isVisible)
    view.proving.whys[serial].setText("Bị khóa mã PIN")
    view.proving.enter.click()
    person.waits_until(view.signing.isVisible)
    view.attach_scan(documents["quyet_dinh_pdf"])
    person.waits_until(lambda: view.minutes is not None and view.minutes.state is MinutesState.SCANNED)


def test_what_is_owed_of_a_permission_is_told_and_taken(
    person: Somebody, page: TokensPage, signing_office: Office, documents: dict[str, Path], tmp_path: Path
) -> None:
    serial = person.office.tokens["seal"].serial
    _held(signing_office, serial)
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "handed-over" in page.pane.buttons)
    assert page.side.count() == 1, "panels are made when they are wanted"
    page.pane.buttons["handed-over"].click()
    view = page.handover
    view.form.receiver.show_person(Person(LEADER, "Chủ tịch", "UBND xã"))
    view.form.permission.number.setText("15/QĐ-UBND")
    view.next.click()
    person.waits_until(view.proving.isVisible)
    view.proving.whys[serial].setText("Bị khóa mã PIN")
    view.proving.enter.click()
    person.waits_until(view.signing.isVisible)
    assert _("Date and scan of the permission are still to be given.") in person.reads(view.signing)
    letter = tmp_path / "thư.txt"
    letter.write_text("không phải bản quét", "utf-8")
    view.attach_permission(letter)
    person.waits_until(lambda: "[scan-unfit]" in view.notice.whole_text())
    view.signing.done.click()
    person.waits_until(lambda: page.ahead.isVisible() and "15/QĐ-UBND" in person.reads(page.ahead))
    person.waits_until(lambda: any(event.permission_owed for event in page.pane.timeline.events))
    (owing,) = [event for event in page.pane.timeline.events if event.permission_owed]
    _button(page.pane.timeline, f"permission-{owing.id}").click()
    panel = page.side.permission
    assert panel.isVisible() and not panel.submit.isEnabled()
    panel.day.setText("hôm kia")
    panel.submit.click()
    assert panel.notice.isVisible()
    panel.day.setText("20/11/2026")
    panel.scan.show_path(letter)
    panel.submit.click()
    person.waits_until(lambda: "[scan-unfit]" in panel.notice.whole_text())
    panel.scan.leave_out.click()
    assert panel.scan.path is None and not panel.scan.leave_out.isVisible()
    panel.scan.show_path(documents["quyet_dinh_pdf"])
    panel.submit.click()
    person.waits_until(lambda: page.pane.isVisible() and page.told.isVisible())
    person.waits_until(lambda: not any(event.permission_owed for event in page.pane.timeline.events))
    permission = signing_office.custody.history(serial)[-1].permission
    assert permission is not None and permission.sha256 is not None
    assert str(permission.scan) in person.reads(page.told)
    person.waits_until(lambda: "15/QĐ-UBND" not in person.reads(page.ahead))


def test_a_lost_seal_that_somebody_else_found_needs_a_permission(
    person: Somebody, page: TokensPage, signing_office: Office
) -> None:
    serial = person.office.tokens["seal"].serial
    _held(signing_office, serial)
    signing_office.custody.record(serial, Happening(EventKind.LOST))
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "event" in page.pane.buttons)
    page.pane.buttons["event"].click()
    panel = page.side.happened
    panel.kind.setCurrentIndex(panel.kind.findData(EventKind.FOUND))
    assert panel.permission.isVisible()
    panel.receiver.name.setText("Lê Hoàng Hải")
    panel.submit.click()
    person.waits_until(lambda: "[permission-missing]" in panel.notice.whole_text())
    panel.permission.number.setText("16/QĐ-UBND")
    panel.permission.given_on.setText("mai")
    panel.submit.click()
    person.waits_until(lambda: panel.permission.given_on.accessibleName() in panel.notice.whole_text())
    panel.permission.given_on.setText("20/11/2026")
    panel.submit.click()
    person.waits_until(lambda: bool(page.pane.timeline.events) and page.pane.timeline.events[-1].permission is not None)
    assert signing_office.custody.device(serial).holder == Person("Lê Hoàng Hải", CLERK.title, CLERK.unit)


def test_a_loan_overdue_is_told_above_the_list(person: Somebody, page: TokensPage, signing_office: Office) -> None:
    serial = person.office.tokens["leader"].serial
    [token] = [token for token in signing_office.bridge.tokens() if token.serial == serial]
    custody = signing_office.custody
    custody.register(token)
    at = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    custody.record(serial, Happening(EventKind.RECEIVED, receiver=CLERK, at=at))
    loan = Happening(
        EventKind.LENT,
        receiver=Person("Lê Hoàng Hải"),
        due=(at + dt.timedelta(days=7)).date(),
        at=at + dt.timedelta(hours=1),
        permission=Permission("3/QĐ-UBND"),
    )
    enter(custody, serial, loan)
    page.refresh()
    person.waits_until(page.ahead.isVisible)
    assert "Lê Hoàng Hải" in person.reads(page.ahead)


def test_a_request_for_renewal_is_written(
    person: Somebody, page: TokensPage, signing_office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = person.office.tokens["leader"].serial
    _held(signing_office, serial)
    page.refresh(serial)
    _chooses(person, page, serial)
    person.waits_until(lambda: "request" in page.pane.buttons)
    page.pane.buttons["request"].click()
    target = tmp_path / "Đề nghị.pdf"
    monkeypatch.setattr("ui.choosing.to_save", lambda *_given: target)
    page.side.request.submit.click()
    person.waits_until(lambda: page.told.isVisible())
    assert target.read_bytes().startswith(b"%PDF-")
    page.pane.buttons["request"].click()
    page.side.request.asked.setCurrentIndex(1)
    assert page.side.request.grounds.isVisible()
    page.side.request.submit.click()
    person.waits_until(lambda: "[target-exists]" in page.side.request.notice.whole_text())


def _people(office: Office, person: Somebody) -> tuple[Person, Person]:
    """The holders of the two personal tokens."""
    found = office.keys()
    serials = [person.office.tokens[name].serial for name in ("leader", "second")]
    names = [next(key.holder for key in found if key.token.serial == serial) for serial in serials]
    return Person(names[0], "Chủ tịch", "UBND xã"), Person(names[1], "Văn thư", "Văn phòng")


def _button(widget: object, name: str) -> QPushButton:
    found = widget.findChild(QPushButton, name)  # type: ignore[attr-defined]
    assert isinstance(found, QPushButton)
    return found


def _gives_pin(person: Somebody, page: TokensPage, pin: str) -> None:
    panel = page.handover.pin
    person.waits_until(panel.isVisible)
    panel.field.setText(pin)
    panel.submit.click()
