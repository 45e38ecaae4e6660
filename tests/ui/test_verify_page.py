"""Kiểm tra, as the recipient does it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.office import Office
from app.verification.model import Conclusion
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui import wording
from ui.widgets.report_card import report_text
from ui.window import MainWindow


def test_what_is_dropped_anywhere_is_checked(person: Person, window: MainWindow, documents: dict[str, Path]) -> None:
    window.show_page("journal")
    person.drops(documents["quyet_dinh_pdf"], documents["xlsx"])
    assert window.current_page == "verify"
    cards = person.waits_for_cards(2)
    assert {card.report.conclusion for card in cards} == {Conclusion.UNSIGNED}
    assert all(wording.VERDICTS[Conclusion.UNSIGNED].word in card.accessibleName() for card in cards)


def test_a_signed_document_tells_who_when_and_how_that_is_known(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    window.open_files(signed_documents[:1])
    [card] = person.waits_for_cards(1)
    assert card.report.conclusion in (Conclusion.VALID, Conclusion.WARNING)
    assert card.is_unfolded
    told = "\n".join(label.text() for label in card.findChildren(QLabel)).replace("\u200b", "")
    signature = card.report.signatures[0]
    for expected in (signature.signer, signature.organization, signature.issuer, str(card.report.sha256)):
        assert expected in told
    person.qtbot.mouseClick(card.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert card.report.summary in copied
    assert f"SHA-256: {card.report.sha256}" in copied

    person.qtbot.mouseClick(card.details_button, Qt.MouseButton.LeftButton)
    assert not card.is_unfolded


def test_a_changed_document_is_not_valid_in_colour_icon_and_word(
    person: Person, window: MainWindow, signed_documents: list[Path]
) -> None:
    forged = signed_documents[0]
    content = bytearray(forged.read_bytes())
    content[len(content) // 3] ^= 0xFF
    forged.write_bytes(content)
    window.open_files([forged])
    [card] = person.waits_for_cards(1)
    assert card.report.conclusion in (Conclusion.INVALID, Conclusion.UNREADABLE)
    sign = wording.VERDICTS[card.report.conclusion]
    words = [label for label in card.findChildren(QLabel) if label.text() == sign.word]
    assert words[0].property("tone") == sign.tone
    assert card.report.next_step


def test_what_a_broken_signature_protects_is_not_told(
    person: Person, window: MainWindow, signed_documents: list[Path], tmp_path: Path
) -> None:
    forged = tmp_path / "sửa sau khi ký.docx"
    with zipfile.ZipFile(signed_documents[1]) as signed, zipfile.ZipFile(forged, "w") as changed:
        for name in signed.namelist():
            content = signed.read(name)
            changed.writestr(
                name, content.replace(b"</w:t>", b".</w:t>", 1) if name == "word/document.xml" else content
            )
    window.open_files([signed_documents[1], forged])
    reports = {report.path: report for report in (card.report for card in person.waits_for_cards(2))}
    broken, intact = reports[str(forged)], reports[str(signed_documents[1])]
    assert broken.signatures[0].conclusion is Conclusion.INVALID
    row = _("What it protects") + ":"
    assert row in report_text(intact)
    assert row not in report_text(broken)


def test_hostile_and_missing_files_get_a_card_each(person: Person, window: MainWindow, tmp_path: Path) -> None:
    files = {"cụt.pdf": b"%PDF-1.7\n1 0 obj", "giả.docx": b"PK\x03\x04 no zip", "rỗng.xlsx": b"", "ảnh.png": b"\x89PNG"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    window.open_files([*(tmp_path / name for name in files), tmp_path / "không có.pdf"])
    cards = person.waits_for_cards(5)
    assert {card.report.conclusion for card in cards} == {Conclusion.UNREADABLE}
    assert all(card.report.summary for card in cards)


def test_a_folder_is_walked_and_a_file_dropped_again_keeps_one_card(
    person: Person, window: MainWindow, documents: dict[str, Path]
) -> None:
    folder = documents["xlsx"].parent
    window.show_page("verify")
    person.drops(folder)
    person.waits_for_cards(len(documents))
    person.drops(documents["xlsx"])
    person.waits_until(lambda: not person.checking.busy and list(person.checking.files())[-1] == documents["xlsx"])
    assert len(person.checking.cards) == len(documents)


def test_chips_count_verdicts_and_leave_only_theirs(
    person: Person, window: MainWindow, documents: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "cụt.pdf").write_bytes(b"%PDF-1.7\n1 0 obj")
    window.open_files([tmp_path / "cụt.pdf", documents["xlsx"], documents["pptx"]])
    cards = person.waits_for_cards(3)
    chip = person.checking._chip_of[Conclusion.UNSIGNED]
    person.waits_until(chip.isVisible)
    assert chip.text() == f"{wording.VERDICTS[Conclusion.UNSIGNED].word}  2"
    person.qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert [card.isVisible() for card in cards] == [card.report.conclusion is Conclusion.UNSIGNED for card in cards]


def test_three_hundred_files_do_not_freeze_the_window(
    person: Person, window: MainWindow, signing_office: Office, samples: dict[str, Path], tmp_path: Path
) -> None:
    """Each file is really checked; what counts is that the main thread is never kept for long."""
    import shutil

    files = [Path(shutil.copy(samples["pptx"], tmp_path / f"báo cáo {number:03}.pptx")) for number in range(300)]
    window.show_page("verify")
    with Heartbeat() as heart:
        person.drops(*files)
        reports = person.waits_for_reports(300)
    print(f"busiest {heart.busiest * 1000:.0f} ms, longest {heart.longest * 1000:.0f} ms, {heart.beats} beats")
    assert {report.conclusion for report in reports} == {Conclusion.UNSIGNED}
    assert len(person.checking.cards) < 60
    assert heart.busiest < 0.1


def test_stop_keeps_what_is_known_and_clear_begins_anew(
    person: Person, window: MainWindow, samples: dict[str, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    import shutil

    files = [Path(shutil.copy(samples["pptx"], tmp_path / f"{number:03}.pptx")) for number in range(80)]
    window.open_files(files)
    person.waits_until(lambda: len(person.checking.reports) > 2)
    qtbot.mouseClick(person.checking._stop, Qt.MouseButton.LeftButton)
    assert not person.checking.busy
    qtbot.wait(200)
    assert 2 < len(person.checking.reports) < 80
    qtbot.mouseClick(person.checking._clear, Qt.MouseButton.LeftButton)
    assert person.checking.reports == []
    assert person.checking._empty.isVisible()


def test_names_of_120_letters_give_way(
    person: Person, window: MainWindow, samples: dict[str, Path], tmp_path: Path
) -> None:
    import shutil

    name = ("Quyết định về việc phê duyệt kế hoạch " * 4)[:115].strip() + ".pdf"
    long = Path(shutil.copy(samples["quyet_dinh_pdf"], tmp_path / name))
    window.resize(1024, 700)
    window.open_files([long])
    [card] = person.waits_for_cards(1)
    assert card.width() <= person.checking._list.viewport().width()
    assert card.file_name.text() == name
    assert card.details_button.visibleRegion().boundingRect().width() == card.details_button.width()
    person.puts_files_to_sign(long)
    assert window.width() == 1024
