"""The window goes on while a share does not answer, and says what it waits for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.i18n import _
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import Person
from tests.ui.slow_share import SlowShare
from ui.pages.archive import ArchivePage

#: So many beats of the window are waited for while the share does not answer.
_BEATS = 20


@pytest.fixture
def share(documents: dict[str, Path], tmp_path: Path) -> Iterator[SlowShare]:
    """A share with a folder, ``Công văn``, of two documents, and one beside it."""
    folder = tmp_path / "share"
    (folder / "Công văn").mkdir(parents=True)
    for name, to in (("cong_van_pdf", "Công văn/1.pdf"), ("cong_van_docx", "Công văn/2.docx"), ("xlsx", "3.xlsx")):
        shutil.copy(documents[name], folder / to)
    with pytest.MonkeyPatch.context() as patch:
        made = SlowShare(folder, patch)
        yield made
        made.answer()


def _goes_on(person: Person, share: SlowShare) -> None:
    """While the share is asked and does not answer, the window beats, and asks nothing itself."""
    person.waits_until(share.asked.is_set)
    with Heartbeat() as heart:
        person.waits_until(lambda: heart.beats >= _BEATS)
    assert share.asked_by_window == []


def test_what_is_dropped_to_be_signed_stands_in_the_list_at_once(person: Person, share: SlowShare) -> None:
    page = person.signing
    person.drops(share.folder / "Công văn", share.folder / "3.xlsx")
    assert [path.name for path in page.files()] == ["Công văn", "3.xlsx"]
    _goes_on(person, share)
    assert {entry.state(entry.act or page.setup.chosen_act) for entry in page.list.files.entries} == {_("Reading…")}
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


def test_it_is_told_that_what_is_dropped_to_be_filed_is_looked_for(person: Person, share: SlowShare) -> None:
    person.window.show_page("archive")
    page = person.window.pages["archive"]
    assert isinstance(page, ArchivePage)
    person.drops(share.folder / "3.xlsx", share.folder / "Công văn", onto=page)
    _goes_on(person, share)
    person.waits_until(page.adding.notice.isVisible)
    assert _("Looking for files…") in page.adding.notice.whole_text()
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
