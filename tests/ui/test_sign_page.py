"""Ký số, as the clerk and the leader do it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.signing.model import Act, SignOptions, Status
from pkcs11_bridge.protocol import PinState
from tests.demo import samples, texts
from tests.demo.office import DemoOffice
from tests.demo.pki import LEADER, SECOND
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui import wording
from ui.status_line import StatusLine
from ui.window import MainWindow


def test_files_dropped_are_shown_with_what_was_read_from_them(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["quyet_dinh_pdf"], documents["cong_van_docx"])

    assert [entry.path for entry in page.list.files.entries] == [
        documents["quyet_dinh_pdf"],
        documents["cong_van_docx"],
    ]
    fields = page.setup.fields
    shown = (fields.type.currentText(), fields.number.text(), fields.symbol.text(), fields.date.text())
    assert shown == ("Quyết định", "12", "QĐ-UBND", "12/11/2026")
    assert "chuyển đổi số" in fields.summary.toPlainText()
    person.waits_until(lambda: page.preview.page_count > 0)
    assert "2" in page.setup.submit.text()


def test_signing_with_a_wrong_pin_and_then_the_right_one(
    person: Person, documents: dict[str, Path], signing_office: object
) -> None:
    page = person.signing
    before = {name: path.read_bytes() for name, path in documents.items()}
    person.puts_files_to_sign(documents["quyet_dinh_pdf"], documents["quyet_dinh_docx"])
    person.chooses_key_of("leader")
    assert page.setup.chosen_act is Act.APPROVE
    person.starts_signing()
    assert "Nguyễn Văn An" in page.batch.pin._holder.text()

    person.gives_pin("000000")
    person.waits_until(page.batch.pin._error.isVisible)
    assert page.batch.pin.field.text() == ""
    assert "[pin-incorrect]" in page.batch.pin._error.whole_text()
    assert page.batch.pin._state in (PinState.LOW, PinState.OK)

    person.gives_pin(person.office.tokens["leader"].pin)
    results = person.waits_for_results()
    assert [result.status for result in results] == [Status.SIGNED, Status.SIGNED]
    for result in results:
        assert result.filed is not None
        assert Path(result.filed.path).parts[-3:-1] == ("2026", "Quyết định")
        assert Path(result.output or "").is_file()
    assert {name: path.read_bytes() for name, path in documents.items()} == before
    assert page.results.retry.isHidden()


def test_the_status_line_forgets_a_wrong_pin_after_the_right_one(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    line = person.window.findChild(StatusLine)
    assert isinstance(line, StatusLine)
    wrong_before = wording.PIN_STATES[PinState.LOW].word
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    person.gives_pin("000000")
    person.waits_until(page.batch.pin._error.isVisible)
    person.presses(Qt.Key.Key_Escape)
    person.waits_until(lambda: wrong_before in line.button.text())
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    person.waits_for_results()
    person.waits_until(lambda: wrong_before not in line.button.text())


def test_a_document_can_be_corrected_before_it_is_signed(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"], documents["to_trinh_pdf"])
    person.chooses_key_of("second")
    page.list.choose_row(1)
    page.setup.fields.number.setFocus()
    page.setup.fields.number.selectAll()
    person.types("99")
    person.starts_signing()
    person.gives_pin(person.office.tokens["second"].pin)
    results = person.waits_for_results()
    names = sorted(Path(result.output or "").name.split("_")[0] for result in results)
    assert names == ["21", "99"]


def test_going_back_from_the_pin_signs_nothing(person: Person, documents: dict[str, Path]) -> None:
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    person.presses(Qt.Key.Key_Escape)
    person.waits_until(person.signing.setup.isVisible)
    assert person.signing.list.files.entries[0].result is None
    assert person.signing.setup.notice.isHidden()
    assert not person.window.pages["sign"].busy


def test_a_question_for_the_pin_that_nobody_answers_is_taken_back(
    person: Person, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.signing
    monkeypatch.setattr(page.batch.run, "_idle_seconds", 0.5)
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    person.waits_until(page.setup.isVisible)
    assert not page.busy
    assert page.list.files.entries[0].result is None


def test_an_error_stands_beside_its_document_and_can_be_copied(
    person: Person, documents: dict[str, Path], qapp: object
) -> None:
    """The agency's seal goes on no document without a personal signature (Decree 30/2020, article 32): no PIN is
    asked where that is so of all."""
    page = person.signing
    asked: list[object] = []
    page.batch.run.pin_asked.connect(asked.append)
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    page.setup.act.setCurrentIndex(page.setup.act.findData(Act.ISSUE))
    person.qtbot.mouseClick(page.setup.submit, Qt.MouseButton.LeftButton)
    [result] = person.waits_for_results()
    assert asked == []
    assert result.status is Status.FAILED
    assert result.error is not None
    assert result.error.code == "no-personal-signature"
    text = page.results.card(result).whole_text()
    path = documents["thong_bao_pdf"]
    assert result.error.message.replace(str(path), path.name) in text  # the whole path stands above
    assert text.count(str(path)) == 1
    assert result.error.hint in text
    assert "[no-personal-signature]" in text

    person.qtbot.mouseClick(page.results.retry, Qt.MouseButton.LeftButton)
    assert [entry.path for entry in page.list.files.entries] == [documents["thong_bao_pdf"]]
    assert page.setup.isVisible()


def test_what_was_exchanged_after_it_was_shown_is_not_signed_before_it_is_shown_again(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    kept = Path(shutil.copy(documents["cong_van_pdf"], tmp_path / "mot.pdf"))
    exchanged = Path(shutil.copy(documents["cong_van_pdf"], tmp_path / "hai.pdf"))
    person.puts_files_to_sign(kept, exchanged)
    person.chooses_key_of("second")
    shutil.copy(documents["thong_bao_pdf"], exchanged)
    person.starts_signing()
    person.agrees_to_questions()
    person.gives_pin(person.office.tokens["second"].pin)
    signed, refused = person.waits_for_results()
    assert signed.status is Status.SIGNED
    assert refused.status is Status.FAILED
    assert refused.error is not None
    assert refused.error.code == "source-not-as-seen"

    page = person.signing
    person.waits_until(lambda: not page.documents.reading)
    person.qtbot.mouseClick(page.results.card(refused).retry, Qt.MouseButton.LeftButton)
    entry = page.list.current
    assert entry is not None
    assert entry.info is not None
    assert entry.info.type == "Thông báo"
    person.agrees_to_questions()
    person.gives_pin(person.office.tokens["second"].pin)
    assert [result.status for result in person.waits_for_results()] == [Status.SIGNED, Status.SIGNED]


def test_a_damaged_pdf_is_told_in_the_list_and_in_the_preview(person: Person, tmp_path: Path) -> None:
    damaged = tmp_path / "hỏng.pdf"
    damaged.write_bytes(b"%PDF-1.7\nnothing more")
    person.puts_files_to_sign(damaged)
    problem = person.signing.preview.words.problem
    person.waits_until(lambda: problem.isVisible() and "[pdf-damaged]" in problem.whole_text())


def test_cancel_keeps_what_is_signed_and_leaves_the_rest(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    import shutil

    files = [Path(shutil.copy(documents["cong_van_pdf"], tmp_path / f"{number:02}.pdf")) for number in range(12)]
    page = person.signing
    person.puts_files_to_sign(*files)
    person.chooses_key_of("leader")
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    person.waits_until(lambda: any(entry.result is not None for entry in page.list.files.entries))
    person.presses(Qt.Key.Key_Escape)
    results = person.waits_for_results()
    done = [result for result in results if result.status is Status.SIGNED]
    left = [result for result in results if result.status is Status.SKIPPED]
    assert done
    assert left
    assert len(done) + len(left) == 12
    assert all(Path(result.output or "").is_file() for result in done)
    assert str(len(left)) in page.results.retry.text()


def test_the_whole_way_by_keyboard(person: Person, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+O, Tab, Enter: no mouse. Only the system's file dialog is answered for."""
    from PySide6.QtWidgets import QFileDialog

    chosen = [str(documents["thong_bao_pdf"])]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *args: (chosen, ""))
    page = person.signing
    person.presses(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    person.waits_until(lambda: page.list.files.entries and page.list.files.entries[0].info is not None)
    person.waits_until(lambda: page.setup.keys.box.count() == 3)
    person.tabs_to("signKey")
    serial = person.office.tokens["second"].serial
    person.presses(Qt.Key.Key_Home)
    for _step in range(3):
        if page.setup.chosen_key is not None and page.setup.chosen_key.token.serial == serial:
            break
        person.presses(Qt.Key.Key_Down)
    person.tabs_to("signSubmit")
    person.presses(Qt.Key.Key_Space)
    person.waits_until(page.batch.questions.isVisible)
    person.tabs_to("questionsAgree")
    person.presses(Qt.Key.Key_Space)
    person.waits_until(page.batch.pin.isVisible)
    person.types(person.office.tokens["second"].pin)
    person.presses(Qt.Key.Key_Return)
    [result] = person.waits_for_results()
    assert result.status is Status.SIGNED
    assert result.signer == "Trần Thị Bích Ngọc"


def test_the_window_stays_awake_while_documents_are_signed(person: Person, documents: dict[str, Path]) -> None:
    files = [documents[name] for name in ("quyet_dinh_pdf", "cong_van_pdf", "quyet_dinh_docx", "xlsx", "pptx")]
    person.puts_files_to_sign(*files)
    person.chooses_key_of("leader")
    person.starts_signing()
    with Heartbeat() as heart:
        person.gives_pin(person.office.tokens["leader"].pin)
        results = person.waits_for_results()
    assert {result.status for result in results} == {Status.SIGNED}
    assert heart.busiest < 0.3


def test_nothing_can_be_dropped_into_a_run(person: Person, documents: dict[str, Path]) -> None:
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    person.signing.add([documents["cong_van_pdf"]])
    assert len(person.signing.list.files.entries) == 1
    person.presses(Qt.Key.Key_Escape)
    person.waits_until(person.signing.setup.isVisible)


def test_closing_in_the_middle_of_a_run_asks_and_stops_cleanly(
    person: Person, window: MainWindow, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import shutil

    files = [Path(shutil.copy(documents["cong_van_pdf"], tmp_path / f"{number:02}.pdf")) for number in range(20)]
    person.puts_files_to_sign(*files)
    person.chooses_key_of("leader")
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    person.waits_until(lambda: any(entry.result is not None for entry in person.signing.list.files.entries))
    answers = [False, True]
    asked: list[str] = []

    def answer(sentence: str) -> bool:
        asked.append(sentence)
        return answers.pop(0)

    monkeypatch.setattr(window, "_may_stop", answer)
    assert not window.close()
    assert window.isVisible()
    assert person.signing.busy
    window.close()
    person.waits_until(lambda: not window.isVisible())
    assert asked == [_("Documents are being signed.")] * 2
    ours = {thread.name for thread in threading.enumerate() if thread.name.startswith("antin-")}
    assert ours <= {"antin-patience"}  # one for the whole program
    archive = window._office.settings.archive_dir
    assert not [
        path
        for path in archive.rglob("*")
        if path.is_file() and ".antin" not in path.parts and path.suffix not in (".pdf", ".json")
    ]


@pytest.mark.parametrize("width", [1024, 1280])
def test_the_setup_panel_needs_no_more_width_than_it_has(
    person: Person, window: MainWindow, documents: dict[str, Path], qtbot: QtBot, width: int
) -> None:
    from PySide6.QtWidgets import QScrollArea

    window.resize(width, 720)
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    scroll = person.signing.setup.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    qtbot.wait(50)
    person.waits_until(lambda: scroll.widget().width() <= scroll.viewport().width())


def test_options_of_a_run_are_those_chosen(person: Person, documents: dict[str, Path], office: DemoOffice) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    choice = page.setup.choice()
    assert choice is not None
    assert choice.options == SignOptions(act=Act.APPROVE)
    page.setup.mark.box.setChecked(False)
    page.setup.level.setCurrentIndex(page.setup.level.findData("T"))
    choice = page.setup.choice()
    assert choice is not None
    assert (choice.options.visible, choice.options.level, choice.options.tsa_url) == (False, "T", office.pki.tsa_url)
    person.chooses_key_of("seal")
    assert page.setup.act.findData(Act.APPROVE) < 0
    assert page.setup.act.findData(Act.ISSUE) >= 0


def test_the_mark_is_seen_where_it_will_stand_and_moved_with_the_arrow_keys(
    person: Person, documents: dict[str, Path]
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.waits_until(lambda: page.preview.mark is not None and page.preview.page_count > 0)
    proposed = page.preview.mark
    assert proposed is not None
    person.qtbot.mouseClick(page.setup.mark.page, Qt.MouseButton.LeftButton)
    person.waits_until(page.preview.handle.isVisible)
    before = page.preview.handle.pos()
    for _step in range(3):
        person.presses(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert page.preview.handle.pos().y() < before.y()
    moved = page.preview.mark
    assert moved is not None
    assert moved.box[1] - proposed.box[1] == pytest.approx(15 * 72 / 25.4)

    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    [result] = person.waits_for_results()
    with Path(result.output or "").open("rb") as stream:
        [signature] = PdfFileReader(stream).embedded_signatures
        box = [float(number) for number in signature.sig_field["/Rect"]]
    assert box == pytest.approx(moved.box, abs=0.5)


def test_a_mark_on_the_last_page_is_told_by_its_number_and_shown(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["quyet_dinh_pdf"])
    person.chooses_key_of("seal")
    page.setup.act.setCurrentIndex(page.setup.act.findData(Act.PLAIN))
    page.setup.mark.box.setChecked(True)
    person.waits_until(lambda: page.preview.mark is not None and page.preview.page_count > 1)
    assert page.preview.mark is not None
    assert page.preview.mark.page == -1
    last = page.preview.page_count
    assert page.setup.mark.page.text() == _("See it on page {n}").format(n=last)
    person.qtbot.mouseClick(page.setup.mark.page, Qt.MouseButton.LeftButton)
    person.waits_until(page.preview.handle.isVisible)
    assert page.preview.page == last - 1


def test_what_was_chosen_of_a_mark_outlives_another_look_at_the_tokens(
    person: Person, documents: dict[str, Path]
) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    page.setup.mark.box.setChecked(False)
    looks = []
    person.window.tokens.changed.connect(lambda: looks.append(person.window.tokens.looking))
    person.window.tokens.look()
    person.waits_until(lambda: looks and not looks[-1])
    assert not page.setup.mark.box.isChecked()


def test_a_mark_that_is_not_wanted_is_not_made(person: Person, documents: dict[str, Path]) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.waits_until(lambda: page.preview.mark is not None)
    page.setup.mark.box.setChecked(False)
    person.waits_until(lambda: page.preview.mark is None)
    person.starts_signing()
    person.gives_pin(person.office.tokens["leader"].pin)
    [result] = person.waits_for_results()
    with Path(result.output or "").open("rb") as stream:
        [signature] = PdfFileReader(stream).embedded_signatures
        box = [float(number) for number in signature.sig_field["/Rect"]]
    assert box == [0.0, 0.0, 0.0, 0.0]


def test_a_mark_stays_on_its_page(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.waits_until(lambda: page.preview.mark is not None and page.preview.page_count > 0)
    page.preview.handle.moved.emit(10_000.0, -10_000.0)
    mark, picture = page.preview.mark, page.preview._picture
    assert mark is not None
    assert picture is not None
    assert mark.box[2] == pytest.approx(picture.sheet.crop[2])
    assert mark.box[1] == pytest.approx(picture.sheet.crop[1])


@pytest.fixture
def of_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document that the deputy signs."""
    monkeypatch.setattr(texts, "SIGNATURE_BLOCK", ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", SECOND))
    made = tmp_path / "của phó chủ tịch.pdf"
    made.write_bytes(samples.pdf(texts.NOTICE))
    return made


def _chosen_holder(person: Person) -> str:
    person.waits_until(lambda: person.signing.setup.keys.box.count() == 3)
    key = person.signing.setup.chosen_key
    assert key is not None
    return key.holder


def test_the_key_of_the_signer_whom_the_document_names_is_chosen_at_first(
    person: Person, documents: dict[str, Path], of_second: Path
) -> None:
    page = person.signing
    person.puts_files_to_sign(of_second)
    assert _chosen_holder(person) == SECOND
    assert page.setup.chosen_act is Act.APPROVE
    page.list.choose_row(0)
    person.qtbot.mouseClick(page._remove, Qt.MouseButton.LeftButton)
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    assert _chosen_holder(person) == LEADER
    assert page.setup.chosen_act is Act.APPROVE
    assert page.setup.keys.signer_notice.isHidden()


def test_a_key_chosen_by_hand_stays_and_another_signer_is_told_before_the_pin(
    person: Person, documents: dict[str, Path], of_second: Path
) -> None:
    page = person.signing
    person.chooses_key_of("seal")
    person.chooses_key_of("leader")
    person.puts_files_to_sign(of_second)
    assert _chosen_holder(person) == LEADER
    assert page.setup.keys.signer_notice.isVisible()
    told = page.setup.keys.signer_notice.whole_text()
    assert SECOND in told
    assert LEADER in told
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    assert page.setup.keys.signer_notice.whole_text().startswith("1 ")
    person.chooses_key_of("seal")
    assert page.setup.chosen_act is Act.ISSUE
    assert page.setup.keys.signer_notice.isHidden()


def test_the_key_shown_when_signing_is_asked_for_signs_also_what_is_read_later(person: Person) -> None:
    setup = person.signing.setup
    box = setup.keys.box
    person.waits_until(lambda: box.count() == 3 and not person.window.tokens.looking)
    persons = [key for at in range(3) if (key := box.itemData(at)).kind == "person"]
    assert setup.chosen_key is not None
    [other] = [key.holder for key in persons if key.holder != setup.chosen_key.holder][:1]
    shown = setup.chosen_key.holder
    setup.hold(True)
    setup.show_signers([other])
    assert setup.chosen_key.holder == shown
    setup.hold(False)
    setup.show_signers([other, other])
    assert setup.chosen_key.holder == other


def test_the_leaders_picture_is_shown_for_the_leaders_key_alone(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    person.waits_until(page.setup.mark.picture.isVisible)
    assert page.preview.mark is not None
    person.chooses_key_of("second")
    person.waits_until(lambda: page.setup.mark.line.isVisible() and SECOND in page.setup.mark.line.text())
    assert page.setup.mark.picture.isHidden()
    assert page.preview.mark is None
    page.setup.act.setCurrentIndex(page.setup.act.findData(Act.PLAIN))
    page.setup.mark.box.setChecked(True)
    choice = page.setup.choice()
    assert choice is not None
    assert choice.options.mark_image is None


def test_of_a_dropped_folder_the_documents_are_taken(person: Person, documents: dict[str, Path]) -> None:
    folder = documents["xlsx"].parent
    (folder / "ghi chú.txt").write_text("no document")
    (folder / "~$Báo cáo.docx").write_text("lock file of a word processor")
    person.window.show_page("sign")
    person.drops(folder)
    person.waits_until(lambda: len(person.signing.files()) == len(documents))
    assert set(person.signing.files()) == set(documents.values())
