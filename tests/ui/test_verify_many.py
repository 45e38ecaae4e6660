"""Kiểm tra, as the recipient does it with folders, archives and thousands of files."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from app.office import Office
from app.verification.model import Conclusion, FileReport
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from ui import choosing, wording
from ui.checking import FEW, Checked
from ui.widgets.result_list import Order, ResultList
from ui.window import MainWindow


@pytest.fixture
def mixed(signed_documents: list[Path], documents: dict[str, Path], tmp_path: Path) -> Path:
    """A folder with two signed files, two unsigned and one cut short."""
    folder = tmp_path / "đến"
    folder.mkdir()
    for file in (*signed_documents, documents["xlsx"], documents["pptx"]):
        shutil.copy(file, folder)
    (folder / "cụt.pdf").write_bytes(b"%PDF-1.7\n1 0 obj")
    return folder


def test_a_folder_is_walked_and_a_file_dropped_again_keeps_one_row(
    person: Person, window: MainWindow, mixed: Path
) -> None:
    window.show_page("verify")
    person.drops(mixed)
    person.waits_for_reports(5)
    assert person.checking.list.isVisible()
    person.drops(mixed / "cụt.pdf")
    person.waits_until(lambda: not person.checking.busy)
    assert len(person.checking.reports) == 5


def test_what_is_in_an_archive_gets_a_row_each(person: Person, window: MainWindow, mixed: Path, tmp_path: Path) -> None:
    archive = tmp_path / "hồ sơ.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(mixed.iterdir()):
            packed.write(file, file.name)
    window.open_files([archive])
    reports = person.waits_for_reports(5)
    assert {Path(report.path).parent for report in reports} == {archive}
    assert person.checking.files() == [archive]


def test_a_file_of_an_archive_is_shown_opened_and_checked_again(
    person: Person, window: MainWindow, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "hồ sơ.zip"
    signed = next(file for file in sorted(mixed.iterdir()) if file.name.endswith("_daky.pdf"))

    def pack(content: bytes) -> None:
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(mixed / "cụt.pdf", "cụt.pdf")
            packed.writestr(f"đến/{signed.name}", content)

    pack(signed.read_bytes())
    window.open_files([archive])
    person.waits_for_reports(2)
    member = archive / "đến" / signed.name
    card = person.waits_for_card(member)
    assert card.report.conclusion is Conclusion.VALID
    opened: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())))
    person.qtbot.mouseClick(card.open_button, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: bool(opened))
    [copy] = opened
    assert copy.read_bytes() == signed.read_bytes()
    assert not copy.stat().st_mode & 0o222
    person.qtbot.mouseClick(card.document_button, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: person.checking.preview.page_count > 0)

    altered = bytearray(signed.read_bytes())
    altered[altered.index(b"stream") + 60] ^= 1
    pack(bytes(altered))
    person.qtbot.mouseClick(card.again_button, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: person.waits_for_card(member).report.conclusion is Conclusion.INVALID)
    assert len(person.checking.reports) == 2
    person.checking.stop()
    assert not copy.exists()


def test_the_gravest_file_is_chosen_until_a_person_chooses_and_numbers_count(qtbot: QtBot, qapp: object) -> None:
    view = ResultList()
    qtbot.addWidget(view)
    view.found.add([result("10 b.pdf", Conclusion.VALID)])
    view.found.add([result("2 a.pdf", Conclusion.VALID), result("z.pdf", Conclusion.INVALID)])
    assert [shown.report.path for shown in view.found.shown] == ["/z.pdf", "/2 a.pdf", "/10 b.pdf"]
    assert view.current.report.path == "/z.pdf"
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    view.found.add([result("a.pdf", Conclusion.INVALID)])
    assert view.current.report.path == "/2 a.pdf"
    view.clear()
    view.found.add([result("10 b.pdf", Conclusion.VALID)])
    view.found.add([result("y.pdf", Conclusion.UNREADABLE)])
    assert view.current.report.path == "/y.pdf"


def result(name: str, conclusion: Conclusion) -> tuple[FileReport, Path, None]:
    path = f"/{name}"
    return FileReport(path, None, "pdf", conclusion, "", "", [], [], 0.0), Path(path), None


def test_chips_words_and_order_leave_what_is_looked_for(person: Person, window: MainWindow, mixed: Path) -> None:
    window.open_files([mixed])
    person.waits_for_reports(5)
    page = person.checking
    chip = page.desk.filter.chips[Conclusion.UNSIGNED]
    assert chip.text() == f"{wording.VERDICTS[Conclusion.UNSIGNED].word}  2"
    person.qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert {result.report.conclusion for result in page.list.found.shown} == {Conclusion.UNSIGNED}
    assert page.card.report.conclusion is Conclusion.UNSIGNED
    person.qtbot.mouseClick(page.desk.filter.chips[None], Qt.MouseButton.LeftButton)

    page.desk.words.setFocus()
    person.types("nguyen van an")
    assert len(page.list.found.shown) == 2
    person.types(" docx")
    assert [Path(result.report.path).suffix for result in page.list.found.shown] == [".docx"]
    person.types(" zzz")
    assert page.list.found.shown == []
    assert page.desk.nothing.isVisible()
    page.desk.words.clear()

    page.desk.order.setCurrentIndex(page.desk.order.findData(Order.VERDICT))
    page.desk.order.activated.emit(page.desk.order.currentIndex())
    order = [wording_order(result.report) for result in page.list.found.shown]
    assert order == sorted(order)


def wording_order(report: FileReport) -> int:
    return list(wording.VERDICTS).index(report.conclusion)


def test_a_row_shows_its_card_and_its_document_and_the_way_back(
    person: Person, window: MainWindow, mixed: Path, signed_documents: list[Path]
) -> None:
    window.open_files([mixed])
    person.waits_for_reports(5)
    card = person.waits_for_card(mixed / signed_documents[0].name)
    assert card.report.conclusion is Conclusion.VALID
    person.qtbot.mouseClick(card.document_button, Qt.MouseButton.LeftButton)
    assert person.checking.preview.isVisible()
    person.qtbot.mouseClick(person.checking.desk.to_list, Qt.MouseButton.LeftButton)
    assert person.checking.list.isVisible()


@pytest.mark.parametrize("ending", ["pdf", "xlsx", "json", "xml"])
def test_a_report_is_saved_on_the_files_shown(
    person: Person, window: MainWindow, mixed: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_files([mixed])
    person.waits_for_reports(5)
    target = tmp_path / f"báo cáo.{ending}"
    monkeypatch.setattr(choosing, "to_save", lambda *_asked: target)
    person.qtbot.mouseClick(person.checking.save, Qt.MouseButton.LeftButton)
    person.waits_until(target.exists)
    person.waits_until(lambda: str(target) in person.reads(person.checking.told))
    before = target.read_bytes()
    person.qtbot.mouseClick(person.checking.save, Qt.MouseButton.LeftButton)
    person.waits_until(lambda: "report-exists" in person.checking.told.notice.whole_text())
    assert target.read_bytes() == before


def test_three_hundred_files_are_checked_while_the_window_stays_awake(
    person: Person, window: MainWindow, signing_office: Office, samples: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "nhiều"
    folder.mkdir()
    for number in range(300):
        shutil.copy(samples["pptx"], folder / f"báo cáo {number:03}.pptx")
    window.show_page("verify")
    with Heartbeat() as heart:
        person.drops(folder)
        reports = person.waits_for_reports(300)
    print(f"busiest {heart.busiest * 1000:.0f} ms, longest {heart.longest * 1000:.0f} ms, {heart.beats} beats")
    assert {report.conclusion for report in reports} == {Conclusion.UNSIGNED}
    assert heart.busiest < 0.4
    entered = signing_office.ledger.path.read_text(encoding="utf-8")
    assert entered.count('"verify"') == 300


def test_stop_keeps_what_is_known_and_clear_begins_anew(
    person: Person, window: MainWindow, samples: dict[str, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    files = [Path(shutil.copy(samples["pptx"], tmp_path / f"{number:03}.pptx")) for number in range(300)]
    window.open_files(files)
    person.waits_until(lambda: len(person.checking.reports) > 2)
    qtbot.mouseClick(person.checking._progress.stop, Qt.MouseButton.LeftButton)
    assert not person.checking.busy
    known = len(person.checking.reports)
    assert 2 < known < 300
    qtbot.wait(300)
    assert len(person.checking.reports) == known
    qtbot.mouseClick(person.checking._clear, Qt.MouseButton.LeftButton)
    assert person.checking.reports == []
    assert person.checking._empty.isVisible()


def test_few_files_need_no_crew(
    person: Person, window: MainWindow, samples: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Office, "crew", None)
    files = [Path(shutil.copy(samples["pptx"], tmp_path / f"{number}.pptx")) for number in range(FEW)]
    window.open_files(files)
    person.waits_for_reports(FEW)


def test_thousands_of_rows_stay_quick_and_small(
    person: Person, window: MainWindow, signed_documents: list[Path], qtbot: QtBot
) -> None:
    """Rows come in, are filtered, sorted and walked through; each step is compared with the first row's."""
    import tracemalloc

    window.open_files(signed_documents[:1])
    [report] = person.waits_for_reports(1)
    page, count = person.checking, 3000
    reports = [msgspec.structs.replace(report, path=f"/hồ sơ/{n:05} văn bản.pdf") for n in range(count)]
    tracemalloc.start()
    with Heartbeat() as heart:
        for at in range(0, count, 50):
            page.checking.arrived.emit([Checked(found, Path(found.path)) for found in reports[at : at + 50]])
            qtbot.wait(1)
        taken, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        page.desk.words.setText("02999")
        assert len(page.list.found.shown) == 1
        page.desk.words.clear()
        page.list.setFocus()
        for _row in range(20):
            person.presses(Qt.Key.Key_Down)
        qtbot.wait(100)
    assert len(page.list.found.shown) == count + 1
    print(f"busiest {heart.busiest * 1000:.0f} ms, {taken / count:.0f} octets a row")
    assert taken / count < 8000
    assert heart.busiest < 8 * 0.16


def test_the_row_chosen_stays_chosen_while_others_come(qtbot: QtBot, qapp: object) -> None:
    view = ResultList()
    qtbot.addWidget(view)

    view.found.sort_by(Order.NAME)
    view.found.add([result("m.pdf", Conclusion.VALID)])
    assert view.current is not None
    view.choose(view.current)
    view.found.add([result("a.pdf", Conclusion.VALID), result("z.pdf", Conclusion.INVALID)])
    assert view.current.report.path == "/m.pdf"
    view.found.sort_by(Order.VERDICT)
    assert view.current.report.path == "/m.pdf"
    view.found.show_only(Conclusion.INVALID)
    assert view.current.report.path == "/z.pdf"
    view.found.show_only(Conclusion.UNSIGNED)
    assert view.current is None
