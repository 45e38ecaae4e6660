"""Kho văn bản, as the clerk uses it."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from app.archive.model import Corrections, DossierData, Found, Query
from app.archive.waiting import Waiting, let_wait
from app.documents.model import DocumentInfo
from app.i18n import _, ngettext
from app.office import Office
from app.settings import Settings, load
from tests.demo.office import DemoOffice
from tests.ui.person import Person
from tests.unit import office_pages
from ui import archive_search
from ui.pages.archive import ArchivePage
from ui.widgets.archive_tree import TreePlace
from ui.widgets.hit_list import seen
from ui.widgets.metadata_form import Field, FieldSpec

_SAMPLES = ("quyet_dinh_pdf", "to_trinh_pdf", "thong_bao_pdf", "cong_van_pdf")


@pytest.fixture(scope="module")
def full_archive(
    office: DemoOffice, samples: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, int]]:
    """A data folder with documents in its archive, and name of the sample → id of the document."""
    data = tmp_path_factory.mktemp("archive")
    settings = msgspec.structs.replace(load(data, office.settings_file), archive_root="")
    with Office(settings, online=False) as filling:
        copies = {name: filling.archive.add(samples[name], incoming=name == "cong_van_pdf") for name in _SAMPLES}
        for copy in copies.values():
            filling.ledger.append("file", path=copy.path, sha256=copy.sha256, archive=True)
    return data, {name: copy.document for name, copy in copies.items()}


@pytest.fixture
def filed(settings: Settings, full_archive: tuple[Path, dict[str, int]]) -> dict[str, int]:
    """The same documents in the archive of this test."""
    data, ids = full_archive
    shutil.copytree(data, settings.data_dir, dirs_exist_ok=True)
    return ids


@pytest.fixture
def person(qtbot: QtBot, office: DemoOffice) -> Person:
    """Somebody at the page alone; the window around it has tests of its own."""
    return Person(qtbot, QMainWindow(), office)  # type: ignore[arg-type]


@pytest.fixture
def empty(qtbot: QtBot, signing_office: Office) -> Iterator[ArchivePage]:
    """The page, before anybody came to it."""
    made = ArchivePage(signing_office)
    qtbot.addWidget(made)
    made.resize(1096, 720)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.stop()


@pytest.fixture
def page(person: Person, filed: dict[str, int], empty: ArchivePage) -> ArchivePage:
    empty.entered()
    person.waits_until(lambda: empty.list.found.rowCount() == len(filed) and empty.tree.topLevelItemCount() == 3)
    return empty


def _found(page: ArchivePage) -> set[int]:
    return {hit.document.id for hit in page.list.found.hits}


def _chooses(person: Person, page: ArchivePage, document: int) -> None:
    person.waits_until(lambda: page.list.found.row_of(document) >= 0)
    page.list.setCurrentIndex(page.list.found.index(page.list.found.row_of(document)))
    page.pane.show_part(1)
    person.waits_until(lambda: page.pane.details.known is not None and page.pane.details.known.document.id == document)


def test_results_follow_what_is_typed_and_the_words_found_are_marked(
    person: Person, page: ArchivePage, filed: dict[str, int]
) -> None:
    page.query.setFocus()
    person.types("chuyen doi so")
    person.waits_until(lambda: _found(page) == {filed["quyet_dinh_pdf"]})
    [hit] = page.list.found.hits
    summary = hit.document.summary or ""
    assert [summary[begin:end] for begin, end in hit.marks["summary"]] == ["chuyển", "đổi", "số"]
    person.presses(Qt.Key.Key_Escape)
    person.waits_until(lambda: len(_found(page)) == len(filed))


def test_a_late_answer_to_an_older_question_is_dropped(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, held, real = [], threading.Event(), signing_office.archive.find

    def find(query: Query, **more: object) -> object:
        asked.append(query.text)
        if query.text == "quyet":
            held.wait(20)
        return real(query, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(signing_office.archive, "find", find)
    page._search.ask(Query("quyet"))
    person.waits_until(lambda: "quyet" in asked)
    page._search.ask(Query("thong qua du toan"))
    person.waits_until(lambda: _found(page) == {filed["to_trinh_pdf"]})
    held.set()
    person.waits_until(lambda: not page._search.searching)
    assert _found(page) == {filed["to_trinh_pdf"]}


def test_the_tree_counts_and_narrows(person: Person, page: ArchivePage, filed: dict[str, int]) -> None:
    told = [item.text(0) for item in page.tree._items()]
    assert any(text.endswith("  4") for text in told)
    incoming = next(
        place
        for item in page.tree._items()
        if isinstance(place := item.data(0, Qt.ItemDataRole.UserRole), TreePlace) and place.incoming and place.type
    )
    page.tree.choose(incoming)
    person.waits_until(lambda: _found(page) == {filed["cong_van_pdf"]})


def test_pages_of_results_come_as_the_list_asks_for_them(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, real = [], signing_office.archive.find

    def find(query: Query, *, after: str | None = None, limit: int) -> Found:
        found = real(query, after=after, limit=limit)
        pages.append((after is not None, len(found.hits)))
        return found

    monkeypatch.setattr(archive_search, "PAGE", 2)
    monkeypatch.setattr(signing_office.archive, "find", find)
    page.search()
    person.waits_until(lambda: _found(page) == set(filed.values()) and len(pages) >= 2)
    assert pages[:2] == [(False, 2), (True, 2)]
    assert len(page.list.found.hits) == len(filed)


def test_by_keyboard_from_the_words_to_the_list_to_the_document(
    person: Person, page: ArchivePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("ui.widgets.document_pane.open_file", opened.append)
    page.query.setFocus()
    person.types("lich tiep")
    person.waits_until(lambda: page.list.found.rowCount() == 1)
    person.presses(Qt.Key.Key_Down)
    assert QApplication.focusWidget() is page.list
    person.presses(Qt.Key.Key_Return)
    assert [path.suffix for path in opened] == [".pdf"]


def test_the_first_page_is_shown_and_what_is_known(person: Person, page: ArchivePage, filed: dict[str, int]) -> None:
    page.query.setText("thong qua du toan")
    person.waits_until(lambda: _found(page) == {filed["to_trinh_pdf"]})
    person.waits_until(lambda: page.pane.preview.page_count == 1)
    _chooses(person, page, filed["to_trinh_pdf"])
    person.waits_until(lambda: "07/TTr-UBND" in person.reads(page.pane.details))
    assert "Nguyễn Văn An" in person.reads(page.pane.details)


def test_information_is_corrected_beside_the_page(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    _chooses(person, page, filed["to_trinh_pdf"])
    page.pane.details.edit.click()
    panel = page.editing.panel
    person.waits_until(lambda: panel.isVisible() and page.editing.preview.page_count == 1)
    panel.form.fields["date"].edit.setText("31/31/2026")  # type: ignore[attr-defined]
    panel.save.click()
    assert all(told.isVisible() for told in panel.form.fields["date"]._told)
    panel.form.fields["date"].edit.setText("13/11/2026")  # type: ignore[attr-defined]
    panel.form.fields["note"].edit.setPlainText("Họp ngày 20")  # type: ignore[attr-defined]
    panel.save.click()
    person.waits_until(lambda: page.told.isVisible() and page.pane.isVisible())
    document = signing_office.archive.document(filed["to_trinh_pdf"])
    assert document is not None
    assert (str(document.date), document.note) == ("2026-11-13", "Họp ngày 20")


def test_a_number_that_another_document_has_is_refused_beside_the_form(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    _chooses(person, page, filed["thong_bao_pdf"])
    page.pane.details.edit.click()
    panel = page.editing.panel
    person.waits_until(panel.isVisible)
    panel.form.fields["number"].edit.setText("12")  # type: ignore[attr-defined]
    panel.form.fields["symbol"].edit.setText("QĐ-UBND")  # type: ignore[attr-defined]
    panel.save.click()
    person.waits_until(panel.notice.isVisible)
    assert "[number-already-filed]" in panel.notice.whole_text()
    assert panel.isVisible()


def test_an_attachment_is_linked_and_the_way_back_is_offered(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    _chooses(person, page, filed["thong_bao_pdf"])
    page.pane.details.link.click()
    person.waits_until(page.side.links.isVisible)
    page.side.links.query.setText("12/QĐ")
    person.waits_until(lambda: page.side.links.list.found.rowCount() == 1)
    page.side.links.submit.click()
    archive = signing_office.archive

    def attached_to() -> int | None:
        document = archive.document(filed["thong_bao_pdf"])
        assert document is not None
        return document.attached_to

    person.waits_until(lambda: page.told.isVisible() and attached_to() == filed["quyet_dinh_pdf"])
    undo = page.told.findChildren(type(page.side.links.submit))[0]
    undo.click()
    person.waits_until(lambda: attached_to() is None)


def test_a_document_goes_into_a_new_dossier_which_then_narrows_the_list(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    _chooses(person, page, filed["quyet_dinh_pdf"])
    page.pane.details.put.click()
    panel = page.side.dossiers
    person.waits_until(panel.isVisible)
    assert not panel.submit.isEnabled()
    panel.notation.setText("01.VP")
    panel.title.setText("Hồ sơ chuyển đổi số năm 2027")
    panel.submit.click()
    person.waits_until(lambda: page.filters.dossier.count() == 2)
    [dossier] = signing_office.archive.dossiers.find()
    assert dossier.documents == 1
    page.filters.choose_dossier(dossier.id)
    person.waits_until(lambda: _found(page) == {filed["quyet_dinh_pdf"]})


def test_a_dossier_there_is_offered_first(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    signing_office.archive.dossiers.open(DossierData("02.VP", "Hồ sơ ngân sách", 2026))
    _chooses(person, page, filed["to_trinh_pdf"])
    page.pane.details.put.click()
    person.waits_until(page.side.dossiers.isVisible)
    assert "02.VP" in page.side.dossiers.dossier.currentText()
    page.side.dossiers.submit.click()
    person.waits_until(lambda: signing_office.archive.dossiers.find()[0].documents == 1)


def test_dropped_files_are_read_looked_at_and_filed(
    person: Person, page: ArchivePage, signing_office: Office, documents: dict[str, Path], tmp_path: Path
) -> None:
    gone = Path(shutil.copy(documents["pptx"], tmp_path / "mất.pptx"))
    person.drops(documents["xlsx"], gone, onto=page)
    adding = page.adding
    person.waits_until(lambda: len(adding.entries) == 2 and all(entry.read for entry in adding.entries))
    assert adding.isVisible()
    gone.unlink()
    adding.issued.click()
    adding.list.choose(0)
    adding.form.fields["note"].edit.setPlainText("Bản gốc ở phòng Một cửa")  # type: ignore[attr-defined]
    adding.file.click()
    person.waits_until(lambda: adding.entries[0].filed is not None and not adding.filing)
    assert adding.isVisible()
    person.waits_until(adding.notice.isVisible)
    assert "[file-missing]" in adding.notice.whole_text()
    copy = adding.entries[0].filed
    assert copy is not None
    document = signing_office.archive.document(copy.document)
    assert document is not None
    assert (document.incoming, document.note) == (False, "Bản gốc ở phòng Một cửa")
    entered = [entry for entry in signing_office.ledger.entries() if "input" in entry.data]
    assert [entry.data["path"] for entry in entered] == [copy.path]


def test_a_folder_is_dropped_and_a_mark_of_secrecy_told_before_anything_is_filed(
    person: Person, page: ArchivePage, signing_office: Office, samples: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "văn bản cũ"
    (folder / "2026").mkdir(parents=True)
    shutil.copy(samples["quyet_dinh_docx"], folder / "2026")
    (folder / "a.pdf").write_bytes(office_pages.pdf(office_pages.Page(secrecy="MẬT")))
    person.drops(folder, onto=page)
    adding = page.adding
    person.waits_until(lambda: len(adding.entries) == 2 and all(entry.read for entry in adding.entries))
    assert "[secret-not-filed]" in adding.notice.whole_text()
    assert adding.file.text() == ngettext("&File {n} document", "&File {n} documents", 1).format(n=1)
    adding.file.click()
    person.waits_until(lambda: adding.entries[1].done and not adding.filing)
    assert [entry.filed is None for entry in adding.entries] == [True, False]
    misread = adding.form.fields["secrecy"].edit
    misread.setCurrentIndex(0)  # type: ignore[attr-defined]
    adding.confirm.click()
    adding.file.click()
    person.waits_until(lambda: page.told.isVisible())
    assert len(signing_office.archive.find(Query(text="")).hits) == len(_SAMPLES) + 2


def test_a_folder_of_thousands_is_listed_at_once_and_filed_without_waiting_for_all_to_be_read(
    person: Person, page: ArchivePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.widgets.archive_adding.MOST", 2_500)
    monkeypatch.setattr("ui.archive_reading.ReadingAhead._go_on", lambda _reading: None)  # a slow disk
    folder = tmp_path / "văn bản cũ"
    folder.mkdir()
    for number in range(2_501):
        (folder / f"{number:04d}.pdf").touch()
    adding = page.adding
    person.drops(folder, onto=page)
    told = _("The folder holds very much; only the first {n} documents were taken.").format(n=2_500)
    person.waits_until(lambda: len(adding.entries) == 2_500 and told in adding.notice.whole_text())
    assert adding.notice.isVisible() and "500" in adding.notice.whole_text().removeprefix(told)
    assert adding.list.found.rowCount() < 1_000
    assert adding.file.isEnabled() and "2500" in adding.file.text()
    adding.list.choose(2_400)
    assert adding.entry is adding.entries[2_400]
    adding.leave_out.click()
    assert len(adding.entries) == 2_499 and "2499" in adding.file.text()
    adding.close_panel()
    assert adding.list.found.rowCount() == 0 and not adding.file.isEnabled()


def test_of_very_many_files_those_not_read_are_filed_by_what_they_say_themselves(
    person: Person, page: ArchivePage, signing_office: Office, samples: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.widgets.archive_adding.LOOKED_THROUGH", 1)
    monkeypatch.setattr("ui.archive_reading.ReadingAhead._go_on", lambda _reading: None)  # a slow disk
    person.drops(samples["quyet_dinh_docx"], samples["cong_van_docx"], onto=page)
    adding = page.adding
    person.waits_until(lambda: adding.file.isEnabled())
    adding.file.click()
    person.waits_until(lambda: page.told.isVisible() and not adding.filing)
    entered = [entry.data for entry in signing_office.ledger.entries() if "input" in entry.data]
    assert sorted(each["input"] for each in entered) == sorted(
        str(samples[name]) for name in ("quyet_dinh_docx", "cong_van_docx")
    )
    copies = [signing_office.archive.find_hash(str(each["sha256"])) for each in entered]
    assert all(copy is not None and copy.number for copy in copies)


def test_while_the_archive_is_away_what_is_added_waits_and_is_filed_when_it_is_back(
    person: Person, page: ArchivePage, signing_office: Office, documents: dict[str, Path], tmp_path: Path
) -> None:
    archive = signing_office.archive
    archive.root.rename(tmp_path / "away")
    person.drops(documents["xlsx"], onto=page)
    adding = page.adding
    person.waits_until(lambda: bool(adding.entries) and adding.entries[0].read)
    adding.file.click()
    person.waits_until(lambda: page.told.isVisible() and not adding.filing)
    assert _("They are filed when it is back: with the next document, or when this page is opened.") in (
        page.told.notice.whole_text()
    )
    assert len(signing_office.keeper.waiting_room.copies()) == 1 and not archive.root.exists()
    (tmp_path / "away").rename(archive.root)
    page.entered()
    person.waits_until(lambda: signing_office.keeper.waiting_room.copies() == [])
    person.waits_until(lambda: len(_found(page)) == len(_SAMPLES) + 1)


def test_a_document_that_waited_and_is_not_taken_is_told_with_its_reason(
    person: Person, page: ArchivePage, signing_office: Office, filed: dict[str, int], documents: dict[str, Path]
) -> None:
    there = signing_office.archive.document(filed["quyet_dinh_pdf"])
    assert there is not None
    info = DocumentInfo(there.type, there.number, there.symbol, there.date, "Về việc khác hẳn")
    waiting = Waiting("", "", info, str(documents["xlsx"]), [], "xlsx", there.copies[0].filed_at, year=there.year)
    let_wait(signing_office.keeper.waiting_room, documents["xlsx"], waiting)
    page.entered()
    person.waits_until(lambda: there.copies[0].path in page.told.notice.whole_text())
    assert len(signing_office.keeper.waiting_room.copies()) == 1


def test_who_signed_what_is_added_is_known_and_its_evidence_is_gathered(
    person: Person, page: ArchivePage, signing_office: Office, signed_documents: list[Path]
) -> None:
    person.drops(signed_documents[0], onto=page)
    adding = page.adding
    person.waits_until(lambda: bool(adding.entries) and adding.entries[0].read)
    adding.file.click()
    person.waits_until(lambda: page.told.isVisible() and not adding.filing)
    (entry,) = [one for one in signing_office.ledger.entries() if one.kind == "file" and "input" in one.data]
    copy = signing_office.archive.find_hash(str(entry.data["sha256"]))
    assert copy is not None and copy.signers
    keeper = signing_office.keeper
    assert keeper.owing(copy.sha256) is not None or keeper.shelf.has(copy.sha256)


def test_a_copy_is_saved_and_never_written_over_another(
    person: Person, page: ArchivePage, filed: dict[str, int], tmp_path: Path
) -> None:
    _chooses(person, page, filed["quyet_dinh_pdf"])
    copy = page.pane.copy
    assert copy is not None
    target = tmp_path / "bản sao.pdf"
    page.pane.copy_wanted.emit(Path(copy.path), target)
    person.waits_until(lambda: page.told.isVisible() and target.exists())
    assert target.read_bytes() == Path(copy.path).read_bytes()
    page.pane.copy_wanted.emit(Path(copy.path), target)
    person.waits_until(lambda: "[target-exists]" in page.told.notice.whole_text())
    assert [file.name for file in tmp_path.glob("*bản sao*")] == ["bản sao.pdf"]


def test_checking_hands_the_file_to_the_page_that_checks(person: Person, page: ArchivePage) -> None:
    handed: list[tuple[str, list[Path]]] = []
    page.handed_over.connect(lambda name, files: handed.append((name, files)))
    page.pane.check.click()
    [(name, [path])] = handed
    assert (name, path.is_file()) == ("verify", True)


def test_nothing_found_says_what_to_do(person: Person, page: ArchivePage) -> None:
    page.query.setText("zzzz")
    person.waits_until(page.notice.isVisible)
    assert page.list.found.rowCount() == 0
    assert page.pane.document is None


def test_an_empty_archive_teaches(person: Person, empty: ArchivePage) -> None:
    empty.entered()
    person.waits_until(lambda: not empty._search.searching)
    assert empty._empty.isVisible()
    assert len([label for label in empty._empty.findChildren(QLabel) if label.isVisible() and label.text()]) >= 2


def test_an_archive_that_cannot_be_read_says_so(person: Person, empty: ArchivePage, signing_office: Office) -> None:
    (signing_office.settings.data_dir / "antin.sqlite").write_bytes(b"no database" * 500)
    empty.entered()
    person.waits_until(empty.notice.isVisible)
    assert "[" in empty.notice.whole_text()


def test_a_long_text_begins_where_its_first_mark_is_seen() -> None:
    text = "Về việc " * 30 + "phê duyệt kế hoạch"
    at = text.index("phê")
    shown, marks = seen(text, [(at, at + 3)], 40)
    assert shown.startswith("…")
    assert [shown[begin:end] for begin, end in marks] == ["phê"]
    assert seen("ngắn phê", [(5, 8)], 40) == ("ngắn phê", [(5, 8)])


@pytest.mark.parametrize(
    ("kind", "typed", "right"),
    [("date", "5/11/2026", True), ("date", "31/02/2026", False), ("count", "12", True), ("count", "mười", False)],
)
def test_a_field_says_what_is_wrong_with_it(qapp: object, kind: str, typed: str, right: bool) -> None:
    field = Field(FieldSpec("x", lambda: "X", kind))  # type: ignore[arg-type]
    field.edit.setText(typed)  # type: ignore[attr-defined]
    assert field.check() is right
    assert bool(field.edit.accessibleDescription()) is not right


def test_what_is_doubtful_can_be_listed_until_somebody_looked(
    person: Person, page: ArchivePage, signing_office: Office, documents: dict[str, Path], tmp_path: Path
) -> None:
    unclear = tmp_path / "ghi chú.docx"
    unclear.write_bytes(documents["cong_van_docx"].read_bytes())
    archive = signing_office.archive
    from app.documents.model import DocumentInfo

    staged = archive.staging(DocumentInfo(), suffix=".docx")
    staged.write_bytes(unclear.read_bytes())
    from app.documents.hashing import sha256_file

    copy = archive.take(
        staged,
        DocumentInfo(summary="Ghi chú họp giao ban"),
        sha256=sha256_file(staged),
        source=unclear,
        signers=(),
        format="ooxml",
        doubts={"summary": 0.4},
    )
    page.filters.doubtful.click()
    person.waits_until(lambda: _found(page) == {copy.document})
    archive.correct(copy.document, Corrections())
    page.search()
    person.waits_until(lambda: _found(page) == set())


def test_only_what_somebody_signed_is_listed(person: Person, page: ArchivePage, filed: dict[str, int]) -> None:
    person.qtbot.keyClicks(page.filters.signer, "khong ai ten nay")
    person.waits_until(lambda: _found(page) == set())
    assert page.filters.active
    page.filters.clear()
    person.waits_until(lambda: _found(page) == set(filed.values()))
    assert not page.filters.active and page.filters.signer.text() == ""


def test_a_look_at_the_archive_finds_a_missing_copy_and_leads_to_it(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    document = signing_office.archive.document(filed["thong_bao_pdf"])
    assert document is not None
    Path(document.copies[0].path).unlink()
    page._show_health()
    page.health.look()
    person.waits_until(lambda: not page.health.busy and page.health.rows.rowCount() == 1)
    assert page.health.rows.item(0).copy.document == document.id  # type: ignore[attr-defined]
    page.health.show_it.click()
    person.waits_until(lambda: page.pane.document is not None and page.pane.document.id == document.id)


def test_files_dropped_into_the_tree_are_taken_in_and_what_is_not_is_told(
    person: Person, page: ArchivePage, signing_office: Office, documents: dict[str, Path]
) -> None:
    place = signing_office.archive.root / "2026" / "Báo cáo"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(documents["xlsx"], place)
    (place / "mật.pdf").write_bytes(office_pages.pdf(office_pages.Page(secrecy="MẬT")))
    page._show_health()
    health = page.health
    health.take_in.click()
    person.waits_until(lambda: health.notice.isVisible() and not health.busy)
    told = health.notice.whole_text()
    assert ngettext("{n} file was taken in.", "{n} files were taken in.", 1).format(n=1) in told
    assert str(place / "mật.pdf") in told
    assert len(signing_office.archive.find(Query()).hits) == len(_SAMPLES) + 1


def test_what_was_corrected_is_shown_and_undone(
    person: Person, page: ArchivePage, filed: dict[str, int], signing_office: Office
) -> None:
    document = filed["thong_bao_pdf"]
    before = signing_office.archive.document(document)
    assert before is not None
    details = page.pane.details
    _chooses(person, page, document)
    page.pane.show_part(1)
    person.waits_until(lambda: details.known is not None and details.known.document.id == document)
    page._changes.correct(document, Corrections(summary="Nghỉ lễ Quốc khánh"))
    person.waits_until(lambda: details.known is not None and details.known.document.summary == "Nghỉ lễ Quốc khánh")
    details.history.click()
    person.waits_until(lambda: page.side.currentWidget() is page.side.corrections)
    assert "Nghỉ lễ Quốc khánh" in person.reads(page.side.corrections)
    [undo] = [one for one in page.side.corrections.findChildren(QPushButton) if "undoCorrection" in one.objectName()]
    undo.click()
    person.waits_until(lambda: details.known is not None and details.known.document.summary == before.summary)


def test_a_register_tells_missing_numbers_and_is_written_once(
    person: Person, page: ArchivePage, tmp_path: Path
) -> None:
    page._show_registers()
    panel = page.registers
    panel.year.setText("26")
    assert not panel.save.isEnabled()
    panel.year.setText("2026")
    person.waits_until(panel.save.isEnabled)
    assert panel.register is not None
    assert panel.register.irregularities
    target = tmp_path / "Sổ.xlsx"
    panel.save_to(target)
    person.waits_until(lambda: page.told.isVisible() and target.exists())
    panel.save_to(target)
    person.waits_until(lambda: "[target-exists]" in panel.notice.whole_text())


def test_evidence_of_a_file_nobody_signed_says_so(person: Person, page: ArchivePage, filed: dict[str, int]) -> None:
    page.pane.show_part(2)
    evidence = page.pane.evidence
    person.waits_until(lambda: evidence.isVisible() and not evidence.export.isEnabled())
    evidence.gather.click()
    person.waits_until(lambda: evidence.gather.isEnabled() and evidence.notice.isVisible())


def test_evidence_of_a_signed_copy_is_gathered_and_exported(
    person: Person, page: ArchivePage, signing_office: Office, signed_documents: list[Path], tmp_path: Path
) -> None:
    copy = signing_office.archive.add(signed_documents[0])
    page._wanted = copy.document
    page.refresh()
    person.waits_until(lambda: page.pane.document is not None and page.pane.document.id == copy.document)
    page.pane.evidence.show_copy(copy)
    page.pane.evidence.gather_now()
    person.waits_until(page.pane.evidence.export.isEnabled)
    target = tmp_path / "bằng chứng.zip"
    page.pane.evidence.export_wanted.emit(copy, target)
    person.waits_until(target.exists)
    with zipfile.ZipFile(target) as packed:
        assert any(name.startswith("certificates/") for name in packed.namelist())
