"""A batch in the window: order, act and number of each file, review, pause, what an earlier run left."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.office import Office
from app.preflight.model import Finding, Severity
from app.signing.control import ScreenLocked
from app.signing.model import Act, SignOptions, Status
from app.signing.resume import Remaining, begin, take
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui.app import open_window

#: How long each step of two hundred files may take, in milliseconds; the machine may be busy.
_LONG = 120_000


@pytest.fixture
def batch(documents: dict[str, Path], tmp_path: Path) -> list[Path]:
    return [Path(shutil.copy(documents["xlsx"], tmp_path / f"phu-luc-{number}.xlsx")) for number in range(1, 5)]


def _begins(person: Person, files: list[Path], *, review: bool = False) -> None:
    person.puts_files_to_sign(*files)
    person.chooses_key_of("second")
    setup = person.signing.setup
    person.qtbot.mouseClick(setup.review if review else setup.submit, Qt.MouseButton.LeftButton)
    person.agrees_to_questions()
    person.gives_pin(person.office.tokens["second"].pin)


def test_each_document_is_looked_at_signed_or_left_out(person: Person, batch: list[Path]) -> None:
    _begins(person, batch, review=True)
    progress, files = person.signing.batch.progress, person.signing.list
    person.waits_until(lambda: progress.waiting == 0 and progress.approve.isVisible())
    assert files.current is files.files.entries[0]
    progress.approve.click()
    person.waits_until(lambda: progress.waiting == 1)
    assert files.current is files.files.entries[1]
    progress.skip.click()
    person.waits_until(lambda: progress.waiting == 2)
    progress.rest.click()
    results = person.waits_for_results()
    assert [result.status for result in results] == [Status.SIGNED, Status.SKIPPED, Status.SIGNED, Status.SIGNED]
    assert results[1].error is not None
    assert results[1].error.code == "skipped-by-person"
    assert take(person.window._office.settings.data_dir) is None


def test_a_locked_screen_ends_the_log_in_and_the_rest_is_kept(person: Person, batch: list[Path]) -> None:
    _begins(person, batch, review=True)
    progress = person.signing.batch.progress
    person.waits_until(lambda: progress.waiting == 0)
    person.signing.batch.screen_locked()
    results = person.waits_for_results()
    assert {result.status for result in results} == {Status.SKIPPED}
    assert results[0].error is not None
    assert ScreenLocked().message in results[0].error.message
    kept = take(person.window._office.settings.data_dir)
    assert kept is not None
    assert kept.remaining.files == list(map(str, batch))
    kept.close()


def test_a_paused_run_goes_on(person: Person, batch: list[Path]) -> None:
    person.puts_files_to_sign(*batch)
    person.chooses_key_of("second")
    person.starts_signing()
    person.signing.batch.progress.pause.click()
    person.signing.batch.setCurrentWidget(person.signing.batch.pin)
    person.gives_pin(person.office.tokens["second"].pin)
    person.waits_until(lambda: person.signing.batch.progress.waiting == 0)
    assert not any(entry.result for entry in person.signing.list.files.entries)
    person.signing.batch.progress.pause.click()
    assert {result.status for result in person.waits_for_results()} == {Status.SIGNED}


def test_the_order_is_changed_by_keyboard(person: Person, batch: list[Path]) -> None:
    person.puts_files_to_sign(*batch)
    files = person.signing.list
    files.choose_row(0)
    files.setFocus()
    person.presses(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert person.signing.files() == [batch[1], batch[0], *batch[2:]]
    assert files.current is files.files.entries[1]
    person.presses(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    person.presses(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert person.signing.files() == batch


@pytest.mark.parametrize(("dragged", "onto", "below", "order"), [(0, 2, True, "1203"), (3, 0, False, "3012")])
def test_the_order_is_changed_by_dragging(
    person: Person, batch: list[Path], dragged: int, onto: int, below: bool, order: str
) -> None:
    person.puts_files_to_sign(*batch)
    files = person.signing.list
    files.choose_row(dragged)
    entry = files.current
    rect = files.visualRect(files.files.index(onto))
    at = QPointF(rect.center().x(), rect.bottom() - 4 if below else rect.top() + 4)
    mime = files.model().mimeData([files.currentIndex()])
    assert mime is not None
    move, left, plain = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    files.dropEvent(QDropEvent(at, move, mime, left, plain))  # Qt delivers it only while a drag is under way
    assert person.signing.files() == [batch[int(place)] for place in order]
    assert files.current is entry
    assert len({entry.path for entry in files.files.entries}) == 4


def test_a_document_without_a_number_asks_for_it_in_its_row(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    page.setup.act.setCurrentIndex(page.setup.act.findData(Act.ISSUE))
    [entry] = page.list.files.entries
    assert entry.info is not None
    entry.read = entry.info = dataclasses.replace(entry.info, number=None)
    page.setup.submit.click()
    person.waits_until(lambda: page.list.findChild(QLineEdit, "rowNumber") is not None)
    assert not page.batch.running
    assert page.setup.notice.isVisible()
    editor = page.list.findChild(QLineEdit, "rowNumber")
    assert isinstance(editor, QLineEdit)
    person.qtbot.keyClicks(editor, "3")
    page.list.files.touch(entry)  # the file is looked through meanwhile
    person.qtbot.keyClicks(editor, "5")
    person.qtbot.keyClick(editor, Qt.Key.Key_Return)
    person.waits_until(lambda: entry.info is not None and entry.info.number == "35")
    assert page.setup.fields.number.text() == "35"
    assert page.setup.notice.isHidden()
    assert not entry.lacks_number(Act.ISSUE)


def test_an_attachment_asks_what_it_is_attached_to_and_shows_what_will_be_signed(
    person: Person, documents: dict[str, Path]
) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    page.setup.act.setCurrentIndex(page.setup.act.findData(Act.ATTACHMENT))
    [entry] = page.list.files.entries
    assert entry.info is not None
    entry.read = entry.info = dataclasses.replace(entry.info, number=None, symbol=None)
    page.setup.submit.click()
    person.waits_until(lambda: page.list.findChild(QLineEdit, "rowNumber") is not None)
    assert not page.batch.running
    assert page.setup.notice.isVisible()
    editor = page.list.findChild(QLineEdit, "rowNumber")
    assert isinstance(editor, QLineEdit)
    editor.setText("12/QĐ-UBND")
    person.qtbot.keyClick(editor, Qt.Key.Key_Return)
    person.waits_until(lambda: page.preview.mark is not None and page.preview.mark.text.startswith("12/QĐ-UBND\n"))
    assert not entry.lacks_number(Act.ATTACHMENT)
    assert entry.row_number(Act.ATTACHMENT) == "12/QĐ-UBND"


def test_one_document_has_an_act_of_its_own(person: Person, batch: list[Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(*batch[:2])
    person.chooses_key_of("second")
    page.set_act([page.list.files.entries[1]], Act.PLAIN)
    person.starts_signing()
    person.gives_pin(person.office.tokens["second"].pin)
    assert [result.act for result in person.waits_for_results()] == [Act.APPROVE, Act.PLAIN]


def test_what_has_to_be_looked_at_is_asked_before_the_pin(person: Person, batch: list[Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(batch[0])
    person.chooses_key_of("second")
    [entry] = page.list.files.entries
    person.waits_until(lambda: not page.documents.reading)
    assert entry.looked is not None
    finding = Finding("tracked-changes", Severity.ASK, "Còn thay đổi được theo dõi", "Xem lại", True)
    entry.looked = dataclasses.replace(entry.looked, findings=[finding])
    page.setup.submit.click()
    person.waits_until(page.batch.questions.isVisible)
    assert "Còn thay đổi được theo dõi" in person.reads(page.batch.questions)
    page.batch.questions.agree.click()
    person.waits_until(page.batch.pin.isVisible)
    person.gives_pin(person.office.tokens["second"].pin)
    assert [result.status for result in person.waits_for_results()] == [Status.SIGNED]


def test_what_an_earlier_run_left_is_offered_with_its_own_options(person: Person, batch: list[Path]) -> None:
    page = person.signing
    data_dir = person.window._office.settings.data_dir
    own = SignOptions(act=Act.APPROVE, number="77")
    begin(data_dir, Remaining(list(map(str, batch[:2])), SignOptions(act=Act.PLAIN), own={1: own})).close()
    person.window.show_page("sign")
    page.batch.run.find_left(page._left.show_left, page._told)
    person.waits_until(page._left.isVisible)
    assert "2" in page._left._title.text()
    page._left.go_on.click()
    entries = page.list.files.entries
    person.waits_until(lambda: all(entry.info is not None for entry in entries))
    assert [entry.path for entry in entries] == batch[:2]
    assert (entries[0].act, entries[1].act) == (None, Act.APPROVE)
    assert entries[1].info is not None
    assert entries[1].info.number == "77"


def test_one_document_is_tried_again_by_itself(person: Person, batch: list[Path]) -> None:
    page = person.signing
    _begins(person, batch[:3], review=True)
    progress = page.batch.progress
    for index, choice in enumerate((progress.skip, progress.skip, progress.approve)):
        person.waits_until(lambda index=index: progress.waiting == index)
        choice.click()
    results = person.waits_for_results()
    assert [result.status for result in results] == [Status.SKIPPED, Status.SKIPPED, Status.SIGNED]
    outputs = [result.output for result in results]
    person.qtbot.mouseClick(page.results.card(results[1]).retry, Qt.MouseButton.LeftButton)
    person.agrees_to_questions()
    person.presses(Qt.Key.Key_Escape)
    person.waits_until(page.results.isVisible)
    assert [result.status for result in page.results.results] == [Status.SKIPPED, Status.SKIPPED, Status.SIGNED]
    person.qtbot.mouseClick(page.results.card(page.results.results[1]).retry, Qt.MouseButton.LeftButton)
    person.agrees_to_questions()
    person.gives_pin(person.office.tokens["second"].pin)
    person.waits_until(lambda: not page.batch.running and page.results.isVisible())
    results = page.results.results
    assert [result.status for result in results] == [Status.SKIPPED, Status.SIGNED, Status.SIGNED]
    assert results[2].output == outputs[2]
    page.results.retry.click()
    assert page.files() == [batch[0]]


def test_a_paused_run_tells_that_it_waits_and_can_be_cancelled(person: Person, batch: list[Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(*batch)
    person.chooses_key_of("second")
    person.starts_signing()
    progress = page.batch.progress
    page.batch.setCurrentWidget(progress)
    progress.pause.click()
    page.batch.setCurrentWidget(page.batch.pin)
    person.gives_pin(person.office.tokens["second"].pin)
    person.waits_until(lambda: progress.waiting == 0)
    assert _("Paused") in person.reads(progress)
    assert page.busy
    assert page.list.files.entries[0].stage == "asking"
    assert not progress.approve.isVisible()
    progress.cancel.click()
    results = person.waits_for_results()
    assert {result.status for result in results} == {Status.SKIPPED}


def test_a_run_that_was_interrupted_is_offered_by_the_next_window_and_signed(
    person: Person, batch: list[Path], qtbot: QtBot
) -> None:
    """A locked screen ends the run; the window is closed and another one opened on the same data."""
    page = person.signing
    _begins(person, batch[:3], review=True)
    person.waits_until(lambda: page.batch.progress.waiting == 0)
    page.batch.progress.approve.click()
    person.waits_until(lambda: page.batch.progress.waiting == 1)
    page.batch.screen_locked()
    first = person.waits_for_results()
    assert [result.status for result in first] == [Status.SIGNED, Status.SKIPPED, Status.SKIPPED]
    person.window.close()
    with Office(person.window._office.settings) as office:
        window = open_window(office)
        again = Person(qtbot, window, person.office)
        page = again.signing
        again.waits_until(page._left.isVisible)
        assert "2" in page._left._title.text()
        page._left.go_on.click()
        again.waits_until(lambda: page.files() == batch[1:3])
        again.waits_until(lambda: all(entry.info is not None for entry in page.list.files.entries))
        again.chooses_key_of("second")
        again.starts_signing()
        assert page._left.isHidden()
        again.gives_pin(person.office.tokens["second"].pin)
        assert [result.status for result in again.waits_for_results()] == [Status.SIGNED] * 2
        kept = take(office.settings.data_dir)
        assert kept is None
        window.close()


def test_what_was_left_is_forgotten_when_nobody_wants_it(person: Person, batch: list[Path]) -> None:
    page = person.signing
    data_dir = person.window._office.settings.data_dir
    begin(data_dir, Remaining(list(map(str, batch[:2])), SignOptions(act=Act.PLAIN))).close()
    person.window.show_page("sign")
    page.batch.run.find_left(page._left.show_left, page._told)
    person.waits_until(page._left.isVisible)
    page._left.forget.click()

    def forgotten() -> bool:
        kept = take(data_dir)
        if kept is not None:
            kept.close()
        return kept is None

    person.waits_until(lambda: page.batch.run._looking.unfinished == 0)
    assert forgotten()
    assert all(path.is_file() for path in batch)


@pytest.mark.timeout(400)
def test_the_window_stays_awake_over_two_hundred_files(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    """The main thread itself is never busy for long; how late it was on this machine is for the bench to say."""
    page = person.signing
    papers = [Path(shutil.copy(documents["thong_bao_pdf"], tmp_path / f"văn bản {at:03}.pdf")) for at in range(200)]
    assert all(person.window.pages.values())
    person.window.show_page("sign")
    touched: list[int] = []
    on_token: list[int] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        touched.append(last.row() - first.row() + 1)
        on_token.append(sum(entry.stage == "signing" for entry in page.list.files.entries))

    page.list.files.dataChanged.connect(note)
    with Heartbeat() as heart:
        page.add(papers)
        person.chooses_key_of("leader")
        page.setup.act.setCurrentIndex(page.setup.act.findData(Act.PLAIN))
        entries = page.list.files.entries
        person.qtbot.waitUntil(lambda: all(entry.looked is not None for entry in entries), timeout=_LONG)
        page.setup.submit.click()
        person.qtbot.waitUntil(page.batch.pin.isVisible, timeout=_LONG)
        touched.clear()
        person.gives_pin(person.office.tokens["leader"].pin)
        person.qtbot.waitUntil(page.results.isVisible, timeout=_LONG)
    assert [result.error for result in page.results.results if result.error is not None] == []
    assert all(entry.signed for entry in entries)
    assert max(on_token) == 1
    assert 10 < len(touched) < 1000  # the 1,000 steps of the run are told of together
    assert sum(touched) <= 1400  # rows that had no step are left alone, but when the run begins and ends
    assert heart.busiest < 8 * 0.05  # what it is where nothing else runs, of which the bench has the exact figure
