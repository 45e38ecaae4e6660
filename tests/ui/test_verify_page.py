"""Kiểm tra, as the recipient does it with one document."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.i18n import _
from app.office import Office
from app.verification.model import Conclusion
from tests.attacks.cms import OpenSsl
from tests.demo.office import DemoOffice
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui import choosing, wording
from ui.report_text import whole_text
from ui.window import MainWindow


def changed_word_file(signed: Path, target: Path) -> Path:
    """A signed Word file whose text was changed afterwards."""
    with zipfile.ZipFile(signed) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(b"</w:t>", b".</w:t>", 1) if name == "word/document.xml" else content)
    return target


def with_a_patch(signed: Path, target: Path) -> Path:
    """A signed PDF with a white patch laid over its first page in an update at its end."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    with signed.open("rb") as file:
        writer = IncrementalPdfFileWriter(file)
        patch = generic.StreamObject(stream_data=b"q 1 1 1 rg 100 500 400 60 re f Q")
        writer.add_stream_to_page(0, writer.add_object(patch))
        with target.open("wb") as out:
            writer.write(out)
    return target


def test_what_is_dropped_anywhere_is_checked(person: Person, window: MainWindow, documents: dict[str, Path]) -> None:
    window.show_page("journal")
    person.drops(documents["quyet_dinh_pdf"], documents["xlsx"])
    assert window.current_page == "verify"
    assert {report.conclusion for report in person.waits_for_reports(2)} == {Conclusion.UNSIGNED}


def test_one_look_says_whether_to_accept_a_signed_document(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    window.open_files(signed_documents[:1])
    card = person.waits_for_card(signed_documents[0])
    report = card.report
    assert report.conclusion is Conclusion.VALID
    told = person.reads(card)
    signature = report.signatures[0]
    for expected in (
        wording.VERDICTS[Conclusion.VALID].word,
        wording.advice(Conclusion.VALID),
        report.summary,
        signature.signer,
        signature.organization,
    ):
        assert expected in told
    for jargon in ("SHA-256", "OCSP", "CRL", "TOTAL", "PAdES", str(report.sha256)):
        assert jargon not in told, "on the first screen"
    assert person.checking.preview.isVisible()
    person.waits_until(lambda: person.checking.preview.page_count > 0)


def test_all_facts_unfold_and_are_copied(person: Person, window: MainWindow, signed_documents: list[Path]) -> None:
    window.open_files(signed_documents[:1])
    card = person.waits_for_card(signed_documents[0])
    person.qtbot.mouseClick(card.signers[0].fold.button, Qt.MouseButton.LeftButton)
    person.qtbot.mouseClick(card.about.button, Qt.MouseButton.LeftButton)
    told = person.reads(card)
    signature = card.report.signatures[0]
    assert signature.certificate is not None
    for expected in (
        signature.issuer,
        signature.managing_body,
        signature.certificate.sha256,
        " → ".join(signature.path),
        "TOTAL-PASSED",
        str(card.report.sha256),
    ):
        assert expected in told
    person.qtbot.mouseClick(card.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert card.report.summary in copied
    assert f"SHA-256: {card.report.sha256}" in copied
    person.qtbot.mouseClick(card.about.button, Qt.MouseButton.LeftButton)
    assert not card.about.is_unfolded


def test_a_changed_document_is_not_valid_in_colour_icon_and_word(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    forged = signed_documents[0]
    content = bytearray(forged.read_bytes())
    content[len(content) // 3] ^= 0xFF
    forged.write_bytes(content)
    window.open_files([forged])
    card = person.waits_for_card(forged)
    sign = wording.VERDICTS[card.report.conclusion]
    assert card.report.conclusion in (Conclusion.INVALID, Conclusion.UNREADABLE)
    assert card.verdict.text() == sign.word
    assert card.verdict.property("tone") == sign.tone
    assert wording.advice(card.report.conclusion) in person.reads(card)
    assert card.report.next_step in person.reads(card)


def test_what_was_changed_is_shown_beside_what_was_signed(
    person: Person, window: MainWindow, signed_documents: list[Path], tmp_path: Path
) -> None:
    altered = with_a_patch(signed_documents[0], tmp_path / "có miếng che.pdf")
    window.open_files([altered])
    card = person.waits_for_card(altered)
    assert card.report.conclusion is Conclusion.INVALID
    person.qtbot.mouseClick(card.see_changes, Qt.MouseButton.LeftButton)
    view = person.checking.changes
    assert view is not None
    person.waits_until(lambda: bool(view.differences))
    view.closed.emit()
    assert person.checking.changes is None
    assert card.isVisible()


def test_nothing_is_offered_that_does_not_apply(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    window.open_files(signed_documents[:1])
    card = person.waits_for_card(signed_documents[0])
    for offered in (card.see_changes, card.refuse, card.ask_again, card.see_trust, card.document_button):
        assert not offered.isVisible()


def test_what_a_broken_signature_protects_is_not_told(
    person: Person, window: MainWindow, signed_documents: list[Path], tmp_path: Path
) -> None:
    import datetime as dt

    forged = changed_word_file(signed_documents[1], tmp_path / "sửa sau khi ký.docx")
    window.open_files([signed_documents[1], forged])
    reports = {report.path: report for report in person.waits_for_reports(2)}
    broken, intact = reports[str(forged)], reports[str(signed_documents[1])]
    assert broken.signatures[0].conclusion is Conclusion.INVALID
    caption, now = _("What it protects") + ":", dt.datetime.now(dt.UTC)
    assert caption in whole_text(intact, now)
    assert caption not in whole_text(broken, now)


def test_a_refusal_is_written_changed_copied_and_saved(
    person: Person, window: MainWindow, signed_documents: list[Path], tmp_path: Path
) -> None:
    forged = changed_word_file(signed_documents[1], tmp_path / "sửa sau khi ký.docx")
    window.open_files([forged])
    card = person.waits_for_card(forged)
    person.qtbot.mouseClick(card.refuse, Qt.MouseButton.LeftButton)
    panel = person.checking.refusal
    assert panel.isVisible()
    assert str(card.report.sha256) in panel.text.toPlainText()
    person.waits_until(lambda: "văn bản số 12/QĐ-UBND" in panel.text.toPlainText())
    panel.text.appendPlainText("Đề nghị gửi lại trước 16 giờ.")
    person.qtbot.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == panel.text.toPlainText()

    target = tmp_path / "từ chối.txt"
    panel.save(target)
    person.waits_until(target.exists)
    assert target.read_text(encoding="utf-8") == panel.text.toPlainText()
    before = target.read_bytes()
    panel.text.appendPlainText("Thêm một dòng.")
    panel.save(target)
    person.waits_until(lambda: "report-exists" in panel.notice.whole_text())
    assert target.read_bytes() == before
    person.qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert card.isVisible()


def test_an_unsigned_file_is_asked_for_again(
    person: Person, window: MainWindow, documents: dict[str, Path], tmp_path: Path
) -> None:
    window.open_files([documents["to_trinh_pdf"]])
    card = person.waits_for_card(documents["to_trinh_pdf"])
    assert not card.refuse.isVisible()
    person.qtbot.mouseClick(card.ask_again, Qt.MouseButton.LeftButton)
    panel = person.checking.refusal
    for told in (documents["to_trinh_pdf"].name, str(card.report.sha256), card.report.summary):
        assert told in panel.text.toPlainText()
    target = tmp_path / "đề nghị gửi lại.txt"
    panel.save(target)
    person.waits_until(target.exists)
    assert target.read_text(encoding="utf-8") == panel.text.toPlainText()


def test_words_of_a_file_without_pages_are_shown_whole(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    window.resize(1024, 700)
    window.open_files(signed_documents[1:])
    person.waits_for_card(signed_documents[1])
    preview = person.checking.preview
    person.waits_until(preview.words.summary.isVisible)
    person.qtbot.wait(50)
    for shown in (preview.words.heading, preview.words.summary, preview.words.more):
        person.waits_until(lambda shown=shown: shown.height() >= shown.heightForWidth(shown.width()))


def test_a_signature_file_asks_for_the_document_it_signs(
    person: Person, window: MainWindow, office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, signature = tmp_path / "ở nơi khác" / "công văn.txt", tmp_path / "chữ ký.p7s"
    letter.parent.mkdir()
    letter.write_text("Kính gửi Sở Nội vụ", encoding="utf-8")
    OpenSsl(office.pki, tmp_path).sign(letter, signature, "-cades", "-outform", "DER")
    window.open_files([signature])
    card = person.waits_for_card(signature)
    assert card.report.conclusion is Conclusion.INDETERMINATE
    assert wording.advice(Conclusion.INDETERMINATE) in person.reads(card)
    assert not person.checking.preview.words.open.isVisible()
    monkeypatch.setattr(choosing, "one_to_open", lambda *_asked: letter)
    person.qtbot.mouseClick(card.choose_content, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: person.checking.reports[0].conclusion in (Conclusion.VALID, Conclusion.WARNING))
    letter.write_text("Kính gửi Sở Tài chính", encoding="utf-8")
    monkeypatch.undo()
    person.checking.checking.start_with(signature, letter)
    person.waits_until(lambda: person.checking.reports[0].conclusion is Conclusion.INVALID)


def test_f5_checks_the_file_as_it_is_now(
    person: Person, window: MainWindow, signed_documents: list[Path], tmp_path: Path
) -> None:
    file = Path(shutil.copy(signed_documents[1], tmp_path / "văn bản.docx"))
    window.open_files([file])
    person.waits_for_card(file)
    changed_word_file(signed_documents[1], file)
    window.setFocus()
    person.presses(Qt.Key.Key_F5)
    person.waits_until(lambda: person.checking.reports[0].conclusion is Conclusion.INVALID)
    person.waits_until(lambda: person.checking.card.report.conclusion is Conclusion.INVALID)
    assert len(person.checking.reports) == 1


def test_the_file_and_its_folder_are_opened_by_the_system(
    person: Person, window: MainWindow, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.open_files([documents["xlsx"]])
    card = person.waits_for_card(documents["xlsx"])
    person.qtbot.mouseClick(card.open_button, Qt.MouseButton.LeftButton)
    person.qtbot.mouseClick(card.folder_button, Qt.MouseButton.LeftButton)
    assert opened == [str(documents["xlsx"]), str(documents["xlsx"].parent)]


def test_hostile_and_missing_files_get_a_card_each(person: Person, window: MainWindow, tmp_path: Path) -> None:
    files = {"cụt.pdf": b"%PDF-1.7\n1 0 obj", "giả.docx": b"PK\x03\x04 no zip", "rỗng.xlsx": b"", "ảnh.png": b"\x89PNG"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    named = [*(tmp_path / name for name in files), tmp_path / "không có.pdf"]
    window.open_files(named)
    reports = person.waits_for_reports(5)
    assert {report.conclusion for report in reports} == {Conclusion.UNREADABLE}
    for file in named:
        card = person.waits_for_card(file)
        assert card.report.summary in person.reads(card)


def test_a_result_that_the_journal_refuses_is_shown_all_the_same(
    person: Person, window: MainWindow, signing_office: Office, documents: dict[str, Path]
) -> None:
    folder = signing_office.ledger.path
    folder.unlink(missing_ok=True)
    folder.mkdir()
    window.open_files([documents["xlsx"]])
    person.waits_for_card(documents["xlsx"])
    person.waits_until(person.checking.told.isVisible)
    assert _("The file was checked, but the result was not entered in the journal.") in person.reads(
        person.checking.told
    )


def test_the_card_of_a_small_file_is_there_at_once(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    """What counts here is that the main thread is never kept; the time itself is measured by ``make bench``."""
    window.open_files(signed_documents[:1])
    person.waits_for_card(signed_documents[0])
    person.checking.clear()
    person.waits_until(lambda: len(window._stack.made) >= len(window.pages) - 1)  # made ahead, in the first seconds
    with Heartbeat() as heart:
        person.drops(signed_documents[0])
        person.waits_for_card(signed_documents[0])
        person.qtbot.wait(200)
    print(f"busiest {heart.busiest * 1000:.0f} ms")
    assert heart.busiest < 0.4


def test_names_of_120_letters_give_way(
    person: Person, window: MainWindow, samples: dict[str, Path], tmp_path: Path
) -> None:
    name = ("Quyết định về việc phê duyệt kế hoạch " * 4)[:115].strip() + ".pdf"
    long = Path(shutil.copy(samples["quyet_dinh_pdf"], tmp_path / name))
    window.resize(1024, 700)
    window.open_files([long])
    card = person.waits_for_card(long)
    assert card.width() <= person.checking.pane.viewport().width()
    assert card.file_name.text() == name
    for tool in (card.open_button, card.folder_button, card.again_button, card.copy_button):
        assert tool.width() >= tool.sizeHint().width()
        assert tool.geometry().right() <= card.width()
    person.puts_files_to_sign(long)
    assert window.width() == 1024
