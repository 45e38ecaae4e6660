"""What is chosen before signing: any file, PDF first, copies, arrivals, words and codes of a plain mark, repair."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QScrollArea

from app import times
from app.documents.sheet import Sheet
from app.i18n import _
from app.office import Office
from app.signing import open_fields
from app.signing.keys import choose
from app.signing.model import Act, Container, CopyForm, Level, PinAnswer, SignOptions, Status
from app.signing.qr import matrix
from tests import preflight_files as files
from tests.demo import samples, texts
from tests.ui.person import Person
from ui import wording


def _signs(person: Person, token: str) -> None:
    person.starts_signing()
    person.gives_pin(person.office.tokens[token].pin)


def _chooses_act(person: Person, act: Act) -> None:
    box = person.signing.setup.act
    box.setCurrentIndex(box.findData(str(act)))
    assert person.signing.setup.chosen_act is act


@pytest.mark.parametrize(("container", "ending"), [("asice", ".asice"), ("p7s", ".p7s")])
def test_a_file_of_any_kind_is_signed_in_a_container_or_beside(
    person: Person, tmp_path: Path, container: str, ending: str
) -> None:
    page = person.signing
    table = tmp_path / "số liệu.csv"
    table.write_text("đơn vị;số\nVăn phòng;12\n", encoding="utf-8")
    person.puts_files_to_sign(table)
    person.chooses_key_of("second")
    choice = page.setup.formats.container
    person.waits_until(choice.isVisible)
    assert not page.setup.formats.as_pdf.isVisible()
    choice.setCurrentIndex(choice.findData(container))
    _signs(person, "second")
    [result] = person.waits_for_results()
    assert result.error is None
    assert Path(result.output or "").name.endswith(ending)


def test_any_file_may_be_chosen_and_a_folder_gives_its_documents(
    person: Person, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.signing
    folder = documents["xlsx"].parent
    (folder / "ảnh.tiff").write_bytes(b"II*\0")
    shown: list[str] = []

    def names(_page: object, _title: str, _folder: str, kinds: str) -> tuple[list[str], str]:
        shown.append(kinds)
        return [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", names)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *words: str(folder))
    person.window.show_page("sign")
    page.choose()
    assert shown[0].split(";;")[0].endswith("(*)")
    page.choose_folder()
    person.waits_until(lambda: set(page.files()) == set(documents.values()))
    assert page.told.isVisible()
    assert page.told.whole_text().startswith("1 ")


def test_an_office_document_is_seen_as_pdf_and_the_pdf_is_signed(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    source = documents["quyet_dinh_docx"]
    before = source.read_bytes()
    person.puts_files_to_sign(source)
    person.chooses_key_of("leader")
    person.waits_until(page.setup.formats.as_pdf.isVisible)
    assert page.preview.page_count == 0
    page.setup.formats.as_pdf.setChecked(True)
    person.waits_until(lambda: page.preview.page_count > 0 and page.preview.mark is not None)
    _signs(person, "leader")
    [result] = person.waits_for_results()
    assert (result.status, result.format) == (Status.SIGNED, "pdf")
    assert source.read_bytes() == before


def test_a_scan_that_is_copied_is_looked_at_as_a_scan(person: Person, tmp_path: Path) -> None:
    page = person.signing
    scan = files.scan(tmp_path / "bản quét.pdf", dpi=100)
    person.puts_files_to_sign(scan)
    person.chooses_key_of("seal")
    [entry] = page.list.files.entries

    def codes() -> set[str]:
        return {one.code for one in entry.findings}

    person.waits_until(lambda: entry.looked is not None and not page.documents.reading)
    assert "scan-resolution" not in codes()
    _chooses_act(person, Act.COPY)
    person.waits_until(lambda: "scan-resolution" in codes())
    form = page.setup.details.form
    assert form.isVisible()
    form.setCurrentIndex(form.findData(str(CopyForm.SAO_LUC)))
    choice = page.setup.choice()
    assert choice is not None
    assert choice.options.copy_form is CopyForm.SAO_LUC
    person.waits_until(lambda: page.preview.mark is not None and "SAO LỤC" in page.preview.mark.text)
    _chooses_act(person, Act.ATTACHMENT)
    person.waits_until(lambda: "scan-resolution" not in codes())


def test_whatever_is_chosen_fits_into_its_column(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    [scroll] = page.setup.findChildren(QScrollArea)
    for token in ("leader", "seal"):
        person.chooses_key_of(token)
        acts = [Act(page.setup.act.itemData(at)) for at in range(page.setup.act.count())]
        for act in acts:
            _chooses_act(person, act)
            page.setup.details.number.setText("045")
            page.setup.details.arrival_typed.emit("045")
            page.setup.mark.box.setChecked(True)
            person.waits_until(page.setup.mark.picture.isVisible)
            person.waits_until(page.setup.mark.page.isVisible)
            assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width(), act


def test_arrivals_are_numbered_onward_and_stamped(person: Person, documents: dict[str, Path], tmp_path: Path) -> None:
    page = person.signing
    papers = [Path(shutil.copy(documents["thong_bao_pdf"], tmp_path / f"đến {at}.pdf")) for at in range(3)]
    person.puts_files_to_sign(*papers)
    person.chooses_key_of("seal")
    _chooses_act(person, Act.INCOMING)
    details = page.setup.details
    page.list.choose_row(0)
    details.number.setFocus()
    person.types("098")
    person.waits_until(lambda: page.preview.mark is not None and page.preview.mark.stamp is not None)
    assert page.setup.mark.picture.isVisible()
    details.onward.click()
    entries = page.list.files.entries
    assert [entry.arrival for entry in entries] == ["098", "099", "100"]
    page.list.ask_number(2)
    person.types("7")
    person.presses(Qt.Key.Key_Return)
    person.waits_until(lambda: entries[2].arrival == "7")
    assert entries[2].info is not None
    assert entries[2].info.number == "21"
    details.day.setText("")
    details.day.setFocus()
    person.types("02/11/2026")
    _signs(person, "seal")
    results = person.waits_for_results()
    assert [result.error for result in results] == [None] * 3
    for result, number in zip(results, ("098", "099", "7"), strict=True):
        document = pypdfium2.PdfDocument(result.output)
        document.init_forms()
        shown = document[0].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
        colours = shown.getcolors(shown.width * shown.height)
        assert any(red > 180 and green < 90 for _count, (red, green, _blue) in colours), number
        document.close()


def test_a_plain_mark_has_the_words_and_the_code_chosen(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("second")
    _chooses_act(person, Act.PLAIN)
    mark = page.setup.mark
    assert not mark.plain.isVisible()
    mark.box.setChecked(True)
    assert mark.plain.isVisible()
    mark.reason.setText("Đã xem")
    person.waits_until(lambda: page.preview.mark is not None and "Đã xem" in page.preview.mark.text)
    mark.qr.setChecked(True)
    person.waits_until(lambda: page.preview.mark is not None and bool(page.preview.mark.qr))
    mark.words.setCurrentIndex(mark.words.count() - 1)
    assert mark.own.isVisible()
    mark.own.setPlainText("Ký tên: {name}")
    person.waits_until(lambda: page.preview.mark is not None and page.preview.mark.text.startswith("Ký tên: "))
    mark.own.setPlainText("Chữ ký hợp lệ")
    person.waits_until(lambda: mark.line.isVisible() and "hop le" in mark.line.text().lower())
    assert page.preview.mark is None
    mark.own.setPlainText("Ký tên: {name}")
    person.waits_until(lambda: page.preview.mark is not None)
    _signs(person, "second")
    [result] = person.waits_for_results()
    assert result.error is None


def test_what_is_seen_of_a_mark_is_what_will_stand_on_the_page(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    """The code on the screen has the modules of the code that is signed."""
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("second")
    _chooses_act(person, Act.PLAIN)
    page.setup.mark.words.setCurrentIndex(0)
    page.setup.mark.qr.setChecked(True)
    page.setup.mark.box.setChecked(True)
    person.waits_until(lambda: page.preview.mark is not None and not page.preview._mark_picture.isNull())
    assert page.preview.mark is not None
    rows = matrix(page.preview.mark.qr)
    picture = page.preview._mark_picture
    quiet = 4
    size = len(rows) + 2 * quiet
    read = [
        [
            picture.pixelColor(
                int((column + quiet + 0.5) * picture.width() / size), int((row + quiet + 0.5) * picture.height() / size)
            ).lightness()
            < 128
            for column in range(len(rows))
        ]
        for row in range(len(rows))
    ]
    assert read == [[bool(dark) for dark in row] for row in rows]


def test_number_and_date_are_seen_in_their_blanks_before_they_are_written(
    person: Person, signing_office: Office, tmp_path: Path
) -> None:
    page = person.signing
    document, out = tmp_path / "Quyết định.pdf", tmp_path / "signed"
    document.write_bytes(samples.pdf(texts.unnumbered(times.today().year)))
    leader = person.office.tokens["leader"]
    key = choose(signing_office.keys(), token=leader.serial, certificate=None)
    options, pin = SignOptions(act=Act.APPROVE, out=out), leader.pin
    [made] = signing_office.desk.sign(
        [document], options, key, pin_source=lambda request: PinAnswer(bytearray(pin, "ascii"))
    )
    person.puts_files_to_sign(Path(made.output or ""))
    person.chooses_key_of("seal")
    _chooses_act(person, Act.ISSUE)
    person.waits_until(lambda: len(page.preview._sheet._inks) == 1)  # the date, of today; the number is not known yet
    page.setup.fields.number.setFocus()
    person.types("7")
    person.waits_until(lambda: len(page.preview._sheet._inks) == 2)
    written = [piece.text for mark, _picture in page.preview._written for piece in mark.pieces]
    today = times.now().date()
    dated = [open_fields.filling(name, "7", today) for name in (open_fields.DAY, open_fields.MONTH)]
    assert written == ["07", *dated]  # the year is printed
    paper = page.preview._sheet.paper
    for place, picture in page.preview._sheet._inks:
        assert paper.contains(place)
        assert place.bottom() < paper.center().y()
        assert any(
            picture.pixelColor(x, y).lightness() < 128 for x in range(picture.width()) for y in range(picture.height())
        )


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_mark_on_a_turned_page_is_shown_and_moved_as_the_page_is_seen(
    person: Person, documents: dict[str, Path], tmp_path: Path, turn: int
) -> None:
    page = person.signing
    turned = tmp_path / "xoay.pdf"
    document = pypdfium2.PdfDocument(documents["thong_bao_pdf"])
    document[0].set_rotation(turn)
    document.save(turned)
    document.close()
    person.puts_files_to_sign(turned)
    person.chooses_key_of("seal")
    _chooses_act(person, Act.COPY)
    person.waits_until(lambda: page.preview.mark is not None and page.preview.page_count > 0)
    person.waits_until(page.preview.handle.isVisible)
    paper = page.preview._sheet.paper
    person.waits_until(lambda: page.preview.handle.geometry().center().y() < paper.center().y())  # no more the seal's
    handle = page.preview.handle.geometry()
    assert handle.center().x() > paper.center().x()
    page.preview.handle.setFocus()
    for _step in range(4):
        person.presses(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.preview.handle.geometry().top() > handle.top()
    assert page.preview.handle.geometry().left() == handle.left()
    moved, sheet = page.preview.mark, page.preview._picture
    assert moved is not None
    assert sheet is not None
    assert isinstance(sheet.sheet, Sheet)
    assert sheet.sheet.in_mm(moved.box)[1] >= 20


def test_a_document_is_mended_on_a_copy_that_is_signed_in_its_place(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    page = person.signing
    source = files.edited_pdf(documents["thong_bao_pdf"], tmp_path / "có mã lệnh.pdf", files.scripts)
    before = source.read_bytes()
    person.puts_files_to_sign(source)
    person.chooses_key_of("second")
    person.waits_until(page.setup.findings.repair.isVisible)
    person.qtbot.mouseClick(page.setup.findings.repair, Qt.MouseButton.LeftButton)
    [entry] = page.list.files.entries
    person.waits_until(lambda: entry.path != source and entry.to_look_at == [])
    assert source.read_bytes() == before
    assert entry.path.parent == source.parent
    assert page.setup.findings.repair.isHidden()
    person.waits_until(lambda: page.preview.page_count > 0)
    _signs(person, "second")
    [result] = person.waits_for_results()
    assert result.input == str(entry.path)
    assert result.status is Status.SIGNED


def test_a_damaged_document_is_refused_until_it_is_mended_on_a_copy(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    page = person.signing
    octets = documents["thong_bao_pdf"].read_bytes()
    source = tmp_path / "hỏng bảng mục lục.pdf"
    source.write_bytes(octets[: octets.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n")
    person.puts_files_to_sign(source)
    person.chooses_key_of("second")
    [entry] = page.list.files.entries
    person.waits_until(page.setup.findings.repair.isVisible)
    assert entry.problem is not None
    assert entry.problem.code == "pdf-damaged"
    assert not page.setup.submit.isEnabled()
    page.setup.findings.repair.click()
    person.waits_until(lambda: entry.path != source and not entry.refusal and page.preview.page_count > 0)
    person.waits_until(page.setup.submit.isEnabled)


def test_the_level_of_a_copy_is_raised_step_by_step(person: Person, documents: dict[str, Path]) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    _signs(person, "leader")
    [result] = person.waits_for_results()
    assert result.level_reached is Level.B
    card = page.results.card(result)
    assert card.higher.text() == _("Raise to level {level}").format(level="T")
    person.qtbot.mouseClick(card.higher, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: page.results.results[0].level_reached is Level.T)
    raised = page.results.card(page.results.results[0])
    assert Path(page.results.results[0].output or "").name in raised.whole_text()
    assert raised.higher.text() == _("Raise to level {level}").format(level="LT")


def test_a_level_that_cannot_be_had_is_told_beside_its_document(
    person: Person, documents: dict[str, Path], tmp_path: Path
) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("leader")
    _signs(person, "leader")
    [result] = person.waits_for_results()
    Path(result.output or "").unlink()
    person.qtbot.mouseClick(page.results.card(result).higher, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: "[file-missing]" in page.results.card(result).whole_text())
    assert page.results.results[0].level_reached is Level.B


def test_the_menu_of_a_row_gives_it_an_act_and_signs_it_alone(
    person: Person, documents: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.signing
    papers = [Path(shutil.copy(documents["xlsx"], tmp_path / f"{at}.xlsx")) for at in range(3)]
    person.puts_files_to_sign(*papers)
    person.chooses_key_of("second")
    page.list.choose_row(1)
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: shown.append(menu))  # offscreen nothing can be popped up

    def action(menu: QMenu, words: str) -> QAction:
        [found] = [one for one in menu.actions() if one.text() == words]
        return found

    person.qtbot.mouseClick(page._menu, Qt.MouseButton.LeftButton)
    acts = next(menu for menu in shown[0].findChildren(QMenu) if menu.title() == _("Act of the office"))
    action(acts, wording.act_name(Act.PLAIN)).trigger()
    assert [entry.act for entry in page.list.files.entries] == [None, Act.PLAIN, None]
    person.qtbot.mouseClick(page._menu, Qt.MouseButton.LeftButton)
    action(shown[1], _("Sign only this")).trigger()
    person.agrees_to_questions()
    person.gives_pin(person.office.tokens["second"].pin)
    [result] = person.waits_for_results()
    assert (result.input, result.act) == (str(papers[1]), Act.PLAIN)
    assert "2" in page.results.retry.text()
    page.results.retry.click()
    assert page.files() == [papers[0], papers[2]]


def test_what_cannot_be_signed_is_told_in_its_row_before_any_pin(
    person: Person, signing_office: Office, documents: dict[str, Path], tmp_path: Path
) -> None:
    """A signature file without its document, a picture under a name of a PDF, half a PDF, what is no file at all."""
    page = person.signing
    data = tmp_path / "số liệu.csv"
    data.write_text("đơn vị;số\n", encoding="utf-8")
    key = choose(signing_office.keys(), token=person.office.tokens["second"].serial, certificate=None)
    pin = person.office.tokens["second"].pin
    options = SignOptions(act=Act.PLAIN, container=Container.P7S, out=tmp_path / "signed")
    [made] = signing_office.desk.sign(
        [data], options, key, pin_source=lambda request: PinAnswer(bytearray(pin, "ascii"))
    )
    alone, lying, pipe = tmp_path / "một mình.csv.p7s", tmp_path / "tên sai.pdf", tmp_path / "ống.pdf"
    torn = tmp_path / "tải dở.pdf"
    torn.write_bytes(documents["quyet_dinh_pdf"].read_bytes()[:2_000])
    shutil.copy(made.output or "", alone)
    lying.write_bytes(b"GIF89a" + bytes(64))
    os.mkfifo(pipe)
    person.window.show_page("sign")
    page.add([documents["thong_bao_pdf"], alone, lying, torn, pipe])
    person.chooses_key_of("second")
    person.starts_signing()  # at once, while they are still looked through
    sound, *refused = page.list.files.entries
    assert not sound.refusal
    codes = [entry.problem.code if entry.problem is not None else "" for entry in refused]
    assert codes == ["signed-content-missing", "unsupported-format", "pdf-damaged", "file-not-readable"]
    page.list.choose_row(1)
    assert "[signed-content-missing]" in page.preview.words.problem.whole_text()
    assert all(entry.refusal and entry.state(Act.PLAIN) == entry.refusal for entry in refused)
    person.gives_pin(pin)
    results = person.waits_for_results()
    assert [result.input for result in results] == [str(documents["thong_bao_pdf"])]
