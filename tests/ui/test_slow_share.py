"""The window goes on while a share does not answer, and says what it waits for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.archive.model import FiledCopy
from app.i18n import _
from app.office import Office
from app.signing.model import Act
from app.verification.model import Change, Conclusion
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import PATIENCE, Person
from tests.ui.slow_share import SlowShare
from tests.unit.test_reports import signature
from ui import work
from ui.pages.archive import ArchivePage
from ui.pages.settings import SettingsPage
from ui.widgets.basic import Notice
from ui.widgets.changes_view import ChangesView
from ui.widgets.sign_results import SignResults

#: So many beats of the window are waited for while the share does not answer.
_BEATS = 20


@pytest.fixture
def slow() -> Iterator[Callable[[Path], SlowShare]]:
    """Makes a folder one on a share that does not answer."""
    made: list[SlowShare] = []
    with pytest.MonkeyPatch.context() as patch:

        def make(folder: Path) -> SlowShare:
            made.append(SlowShare(folder, patch))
            return made[-1]

        yield make
        for share in made:
            share.answer()


@pytest.fixture
def share(documents: dict[str, Path], tmp_path: Path, slow: Callable[[Path], SlowShare]) -> SlowShare:
    """A share with a folder, ``Công văn``, of two documents, and one beside it."""
    folder = tmp_path / "share"
    (folder / "Công văn").mkdir(parents=True)
    for name, to in (("cong_van_pdf", "Công văn/1.pdf"), ("cong_van_docx", "Công văn/2.docx"), ("xlsx", "3.xlsx")):
        shutil.copy(documents[name], folder / to)
    return slow(folder)


def _goes_on(waiting: Person | QtBot, share: SlowShare) -> None:
    """While the share is asked and does not answer, the window beats, and asks nothing itself."""
    qtbot = waiting.qtbot if isinstance(waiting, Person) else waiting
    qtbot.waitUntil(share.asked.is_set, timeout=PATIENCE)
    with Heartbeat() as heart:
        qtbot.waitUntil(lambda: heart.beats >= _BEATS, timeout=PATIENCE)
    assert share.asked_by_window == []


def test_what_is_dropped_to_be_signed_stands_in_the_list_at_once(person: Person, share: SlowShare) -> None:
    page = person.signing
    person.drops(share.folder / "Công văn", share.folder / "3.xlsx")
    assert [path.name for path in page.files()] == ["Công văn", "3.xlsx"]
    _goes_on(person, share)
    assert {entry.state(entry.act or page.setup.chosen_act) for entry in page.list.files.entries} == {_("Reading…")}
    assert _("Reading…") in person.reads(page.preview)
    share.answer()
    person.waits_until(lambda: [path.name for path in page.files()] == ["1.pdf", "2.docx", "3.xlsx"])
    person.waits_until(lambda: all(entry.looked for entry in page.list.files.entries))
    assert page.list.current is page.list.files.entries[0]


def test_others_do_not_wait_for_a_folder_that_does_not_answer_nor_for_one_taken_out(
    person: Person, share: SlowShare, documents: dict[str, Path]
) -> None:
    page = person.signing
    person.drops(share.folder / "Công văn")
    person.waits_until(share.asked.is_set)
    person.drops(documents["thong_bao_pdf"])
    person.waits_until(lambda: page.list.files.entries[1].looked is not None)
    assert page.documents.reading
    page.list.removal_asked.emit(0)
    assert not page.documents.reading
    share.answer()
    assert page.documents._looking.close()
    assert page.files() == [documents["thong_bao_pdf"]]


def test_the_look_changes_while_a_share_does_not_answer(person: Person, share: SlowShare) -> None:
    person.drops(share.folder / "Công văn")
    person.waits_until(share.asked.is_set)
    before = person.signing
    person.window._theme_chosen("dark")
    assert person.signing is not before and work._left
    assert person.signing.files() == [share.folder / "Công văn"]
    share.answer()
    person.waits_until(lambda: [path.name for path in person.signing.files()] == ["1.pdf", "2.docx"])
    person.waits_until(lambda: not work._left)


def test_it_is_told_that_what_is_dropped_to_be_filed_is_looked_for(person: Person, share: SlowShare) -> None:
    person.window.show_page("archive")
    page = person.window.pages["archive"]
    assert isinstance(page, ArchivePage)
    person.drops(share.folder / "3.xlsx", share.folder / "Công văn", onto=page)
    _goes_on(person, share)
    person.waits_until(page.adding.notice.isVisible)
    assert _("Looking for files…") in page.adding.notice.whole_text()
    assert not page.adding.form.isEnabled() and not page.adding.file.isEnabled()
    share.answer()
    person.waits_until(lambda: all(entry.read for entry in page.adding.entries) and bool(page.adding.entries))
    assert [entry.path.name for entry in page.adding.entries] == ["3.xlsx", "1.pdf", "2.docx"]
    assert _("Looking for files…") not in page.adding.notice.whole_text()


def test_what_is_dropped_to_be_checked_is_looked_for_beside_the_window(person: Person, share: SlowShare) -> None:
    person.window.show_page("verify")
    person.drops(share.folder / "Công văn", share.folder / "3.xlsx")
    _goes_on(person, share)
    share.answer()
    person.waits_for_reports(3)


def test_pictures_of_the_settings_are_shown_when_they_come(person: Person, slow: Callable[[Path], SlowShare]) -> None:
    share = slow(person.office.seal_image.parent)
    person.window.show_page("settings")
    page = person.window.pages["settings"]
    assert isinstance(page, SettingsPage)
    assert _("Reading…") in person.reads(page)
    _goes_on(person, share)
    share.answer()
    person.waits_until(lambda: _("Reading…") not in person.reads(page))
    shown = [part for part in page.findChildren(QLabel) if part.property("role") == "picture"]
    assert [Path(part.accessibleName()) for part in shown] == [person.office.seal_image, person.office.signature_image]
    assert [part.pixmap().deviceIndependentSize().height() for part in shown] == [56, 56]
    person.waits_until(lambda: all(part.size() == part.sizeHint() for part in shown))


def test_the_picture_of_a_mark_is_looked_for_beside_the_window(
    person: Person, documents: dict[str, Path], slow: Callable[[Path], SlowShare]
) -> None:
    page = person.signing
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    share = slow(person.office.seal_image.parent)
    page.setup.act.setCurrentIndex(page.setup.act.findData(str(Act.COPY)))
    page.setup.act.setCurrentIndex(page.setup.act.findData(str(Act.ISSUE)))
    _goes_on(person, share)
    assert page.setup.mark.box.isEnabled() and page.setup.mark.box.isChecked()
    share.answer()


def test_a_picture_that_is_not_there_is_told_once_that_is_known(
    person: Person, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = person.signing
    monkeypatch.setattr("ui.widgets.mark_choice._is_file", lambda path: path != person.office.seal_image)
    person.puts_files_to_sign(documents["thong_bao_pdf"])
    person.chooses_key_of("seal")
    page.setup.act.setCurrentIndex(page.setup.act.findData(str(Act.ISSUE)))
    person.waits_until(lambda: not page.setup.mark.box.isEnabled())
    assert not page.setup.mark.box.isChecked()
    assert page.setup.mark.line.text() == _("No picture is set for this key; see Settings.")


def test_what_was_signed_is_written_into_a_table_beside_the_window(
    qtbot: QtBot, tmp_path: Path, slow: Callable[[Path], SlowShare]
) -> None:
    (tmp_path / "share").mkdir()
    share = slow(tmp_path / "share")
    view = SignResults()
    qtbot.addWidget(view)
    view.show()
    view.save_table(share.folder / "bảng.csv")
    _goes_on(qtbot, share)
    assert not view.save.isEnabled()
    share.answer()
    qtbot.waitUntil(view.save.isEnabled, timeout=PATIENCE)
    assert (share.folder / "bảng.csv").exists() and "bảng.csv" in view.notice.whole_text()
    assert view.notice.isVisible()
    view.save_table(share.folder / "bảng.csv" / "bảng.csv")
    qtbot.waitUntil(lambda: view.notice.whole_text().endswith("]"), timeout=PATIENCE)
    view.stop()


def test_a_document_whose_changes_are_to_be_seen_is_asked_for_beside_the_window(qtbot: QtBot, share: SlowShare) -> None:
    changed = signature(Conclusion.INVALID, signed_size=1000, changes=[Change("content-changed", "/Contents", 1)])
    view = ChangesView(share.folder / "mất.pdf", changed)
    qtbot.addWidget(view)
    view.show()
    _goes_on(qtbot, share)
    with qtbot.waitSignal(view.compared, timeout=PATIENCE):
        share.answer()
    assert any(part.isVisible() for part in view.findChildren(Notice))
    view.stop()


def test_whether_evidence_is_owed_is_looked_for_beside_the_window(
    person: Person, signing_office: Office, documents: dict[str, Path], slow: Callable[[Path], SlowShare]
) -> None:
    person.window.show_page("archive")
    page = person.window.pages["archive"]
    assert isinstance(page, ArchivePage)
    copy: FiledCopy = signing_office.archive.add(documents["xlsx"])
    share = slow(signing_office.settings.data_dir / "evidence-owed")
    page.pane.evidence.show_copy(copy)
    _goes_on(person, share)
    share.answer()
