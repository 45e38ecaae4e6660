"""Scenes of the records after an office's year, which was played through by commands alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from app.custody.model import Person
from tests.demo import texts
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.office_year import ISSUED, Played, written
from tests.ui.screenshots import Look, Scenes
from tests.unit import office_pages
from ui.pages.archive import ArchivePage
from ui.pages.journal import JournalPage
from ui.pages.tokens import TokensPage

#: Name of the year's data folder, beside the demo office.
YEAR = "Hồ sơ 2026"
#: Some 120 letters that a file and the summary of its document bear.
LONG = (
    "Rà soát, lập danh mục thiết bị lưu khóa bí mật của các phòng chuyên môn, "
    "đơn vị sự nghiệp và ban nhân dân các ấp năm 2026"
)


def play_year(office: DemoOffice, data: Path) -> None:
    """Play the year, and what a page has to mark: a signature made with a token that was told lost.

    :param data: data folder of the year; is made here.
    """
    os.environ.update(office.environment)
    data.mkdir()
    shutil.copy(office.settings_file, data / "settings.toml")
    documents = data.with_name("van-ban")
    played = Played(Antin(data), office, documents)
    played.play()
    long = written(documents, texts.LETTER, "6/UBND-VP", ISSUED[-1][2], f"V/v {LONG[0].lower()}{LONG[1:]}")
    played.issues(long.rename(documents / f"{LONG}.pdf"))
    leader = office.tokens["leader"].serial
    played.run("custody", "lost", leader, "--reason", "Không tìm thấy sau hội nghị")
    played.signs("approve", "leader", [written(documents, texts.NOTICE, "7/TB-UBND", ISSUED[-1][2], "Nghỉ lễ")])


class YearScenes(Scenes):
    """Kho văn bản, Thiết bị, Nhật ký và báo cáo in one look."""

    def __init__(self, folder: Path, look: Look, office: Path, *, brief: bool = False) -> None:
        super().__init__(folder, look, office, brief=brief, data=office.with_name(YEAR))

    def play(self) -> None:
        self._until(lambda: self._window.tokens.plugged is not None)
        self._archive()
        self._tokens()
        self._journal()
        self._close()

    def _archive(self) -> None:
        page = self._window.pages["archive"]
        assert isinstance(page, ArchivePage)
        self._window.show_page("archive")
        self._until(lambda: page.list.found.rowCount() > len(ISSUED) and page.pane.preview.page_count > 0)
        self._take("year-archive")
        page.query.setText("thiet bi luu khoa bi mat")
        self._until(lambda: page.list.found.rowCount() > 1 and not page._search.searching)
        self._until(lambda: page.pane.preview.page_count > 0)
        self._take("year-archive-found")
        summaries = [hit.document.summary for hit in page.list.found.hits]
        row = summaries.index(ISSUED[-1][3])
        page.list.setCurrentIndex(page.list.found.index(row))
        page.pane.show_part(1)
        self._take("year-archive-information")
        page.pane.show_part(2)
        self._take("year-archive-evidence")
        page.pane.show_part(0)
        self._adding(page)
        page._show_registers()
        self._until(lambda: page.registers.register is not None)
        self._take("year-archive-register")
        page._left()
        page._show_health()
        page.health.look()
        self._until(lambda: not page.health.busy and page.health.notice.isVisible())
        self._take("year-archive-state")
        page._left()

    def _adding(self, page: ArchivePage) -> None:
        """A folder of documents received, one of which bears a mark of secrecy."""
        folder = self._work / "Công văn đến ngày 19-11"
        written(folder, texts.LETTER, "402/STP-VB", ISSUED[-1][2], "V/v kiểm tra công tác văn thư, lưu trữ năm 2026")
        (folder / "415-BC-CA.pdf").write_bytes(office_pages.pdf(office_pages.Page(secrecy="MẬT")))
        page.add([folder])
        adding = page.adding
        self._until(lambda: len(adding.entries) > 1 and all(entry.read for entry in adding.entries))
        adding.list.choose(next(at for at, entry in enumerate(adding.entries) if entry.problem))
        self._until(lambda: adding.preview.page_count > 0)
        self._take("year-archive-add")
        adding.close_panel()

    def _tokens(self) -> None:
        page = self._window.pages["tokens"]
        assert isinstance(page, TokensPage)
        self._window.show_page("tokens")
        for name in ("seal", "leader", "second"):
            self._choose(page, name)
            self._take(f"year-tokens-{name}")
            bar = page.pane.verticalScrollBar()
            bar.setValue(bar.maximum())
            self._take(f"year-tokens-{name}-history")
        seal = self._demo.tokens["seal"]
        self._choose(page, "seal")
        page.pane.buttons["handed-over"].click()
        view = page.handover
        receiver = Person("Lê Hoàng Hải", "Công chức văn hóa – xã hội", "Phòng Văn hóa – Xã hội")
        view.form.receiver.show_person(receiver)
        view.form.permission.number.setText("5/QĐ-UBND")
        view.form.permission.given_on.setText("16/11/2026")
        self._until(lambda: view.preview.page_count > 0)
        self._take("year-handover")
        view.next.click()
        self._until(view.proving.isVisible)
        prove = view.proving.findChild(QPushButton, f"prove-{seal.serial}")
        assert isinstance(prove, QPushButton)
        prove.click()
        self._until(view.pin.isVisible)
        self._take("year-handover-pin")
        view.pin.field.setText(seal.pin)
        view.pin.submit.click()
        self._until(view.proving.enter.isEnabled)
        self._take("year-handover-proven")
        view._close()

    def _choose(self, page: TokensPage, name: str) -> None:
        serial = self._demo.tokens[name].serial
        page.refresh(serial)
        self._until(lambda: page.pane.shown is not None and page.pane.shown.serial == serial)
        self._until(lambda: bool(page.pane.timeline.events))

    def _journal(self) -> None:
        page = self._window.pages["journal"]
        assert isinstance(page, JournalPage)
        self._window.show_page("journal")
        self._until(lambda: page.rows.rowCount() > 0)
        page.check()
        self._until(lambda: page._check.isEnabled() and page.notice.isVisible())
        self._take("year-journal")
        page.query.setText("nghi le")
        page.look()
        self._take("year-journal-found")
        page.query.clear()
        page.show_view("usage")
        self._until(lambda: page._figures is not None)
        self._take("year-journal-figures")
