"""Scenes of Kho văn bản and Thiết bị, with an office's real records: signed and received documents, handovers."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from app.custody.custody import Happening
from app.custody.model import Permission, Person
from app.custody.states import EventKind
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions
from app.times import VIETNAM
from tests.custody_office import enter
from tests.ui.screenshots import Scenes
from ui.pages.archive import ArchivePage
from ui.pages.tokens import TokensPage

CLERK = Person("Trần Thị Bích Ngọc", "Văn thư", "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã Phong Điền")
OFFICER = Person("Lê Hoàng Hải", "Công chức văn hóa – xã hội", "Phòng Văn hóa – Xã hội")


class ArchiveScenes(Scenes):
    """Kho văn bản in one look."""

    def play(self) -> None:
        page = self._window.pages["archive"]
        assert isinstance(page, ArchivePage)
        self._window.show_page("archive")
        self._take("archive-empty")
        self._fill()
        page.refresh()
        self._until(lambda: page.list.found.rowCount() == 4 and page.pane.preview.page_count > 0)
        self._take("archive-all")
        page.query.setText("phe duyet ke hoach")
        self._until(lambda: page.list.found.rowCount() >= 1 and not page._search.searching)
        self._until(lambda: page.pane.preview.page_count > 0)
        self._take("archive-found")
        page.pane.show_part(1)
        self._take("archive-information")
        page.pane.show_part(2)
        self._take("archive-evidence")
        page.pane.show_part(1)
        self._until(lambda: page.pane.details.known is not None)
        page.pane.details.edit.click()
        self._until(lambda: page.editing.preview.page_count > 0)
        self._take("archive-edit")
        page.editing.panel.closed.emit()
        page.pane.details.link.click()
        self._take("archive-link")
        page.side.links.closed.emit()
        page.pane.details.put.click()
        self._take("archive-dossier")
        page.side.dossiers.closed.emit()
        page.add([self._demo.samples["xlsx"], self._long_name()])
        self._until(lambda: len(page.adding.entries) == 2 and all(entry.read for entry in page.adding.entries))
        page.adding.list.choose(1)
        self._until(lambda: page.adding.preview.page_count > 0)
        self._take("archive-add")
        page.adding.close_panel()
        page._show_registers()
        self._until(lambda: page.registers.register is not None)
        self._take("archive-register")
        page._left()
        missing = Path(page.list.found.hits[0].document.copies[0].path)
        missing.unlink()
        page._show_health()
        page.health.look()
        self._until(lambda: not page.health.busy and page.health.notice.isVisible())
        self._take("archive-state")
        page._left()
        page.query.setText("không có văn bản nào như thế")
        self._until(page.notice.isVisible)
        self._take("archive-nothing-found")
        self._close()

    def _fill(self) -> None:
        samples = {name: Path(shutil.copy(path, self._work)) for name, path in self._demo.samples.items()}
        key = choose(self._office.keys(), token=self._demo.tokens["leader"].serial, certificate=None)
        pin = self._demo.tokens["leader"].pin.encode()
        files = [samples["quyet_dinh_pdf"], samples["quyet_dinh_docx"], samples["to_trinh_pdf"]]
        self._office.desk.sign(
            files, SignOptions(act=Act.APPROVE), key, pin_source=lambda _request: PinAnswer(bytearray(pin))
        )
        self._office.archive.add(samples["thong_bao_pdf"])
        self._office.archive.add(samples["cong_van_pdf"], incoming=True)

    def _long_name(self) -> Path:
        name = "Văn bản rất dài " + "về việc rà soát thiết bị lưu khóa bí mật " * 2 + "của các phòng.pdf"
        return Path(shutil.copy(self._demo.samples["to_trinh_pdf"], self._work / name))


class TokenScenes(Scenes):
    """Thiết bị in one look."""

    def play(self) -> None:
        page = self._window.pages["tokens"]
        assert isinstance(page, TokensPage)
        self._window.show_page("tokens")
        self._until(lambda: len(page.list.found.shown) == 3)
        self._take("tokens-new")
        self._fill()
        seal = self._demo.tokens["seal"]
        page.refresh(seal.serial)
        self._until(lambda: page.pane.shown is not None and page.pane.shown.serial == seal.serial)
        self._until(lambda: bool(page.pane.timeline.events))
        self._take("tokens-register")
        bar = page.pane.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._take("tokens-history")
        page.pane.buttons["event"].click()
        self._take("tokens-event")
        page._back()
        page.pane.buttons["request"].click()
        page.side.request.asked.setCurrentIndex(1)
        self._take("tokens-request")
        page._back()
        page.pane.buttons["pin"].click()
        self._until(page.side.pin.isVisible)
        self._take("tokens-pin")
        page._back()
        self._hand_over(page)
        self._close()

    def _hand_over(self, page: TokensPage) -> None:
        second = self._demo.tokens["second"]
        page.refresh(second.serial)
        self._until(lambda: page.pane.shown is not None and page.pane.shown.serial == second.serial)
        self._until(lambda: "handed-over" in page.pane.buttons)
        page.pane.buttons["handed-over"].click()
        view = page.handover
        view.form.receiver.show_person(OFFICER)
        self._until(lambda: view.preview.page_count > 0)
        self._take("tokens-handover")
        view.next.click()
        self._until(view.proving.isVisible)
        self._take("tokens-proof")
        prove = view.proving.findChild(QPushButton, f"prove-{second.serial}")
        assert isinstance(prove, QPushButton)
        prove.click()
        self._until(view.pin.isVisible)
        self._take("tokens-proof-pin")
        view.pin.field.setText(second.pin)
        view.pin.submit.click()
        self._until(view.proving.enter.isEnabled)
        view.proving.enter.click()
        self._until(view.signing.isVisible)
        self._take("tokens-minutes")

    def _fill(self) -> None:
        custody = self._office.custody
        start = dt.datetime.now(VIETNAM) - dt.timedelta(days=200)
        for token in self._office.bridge.tokens():
            custody.register(token)
            custody.record(token.serial, Happening(EventKind.RECEIVED, receiver=CLERK, at=start, reason="Cấp mới"))
        seal = self._demo.tokens["seal"].serial
        custody.describe(seal, nickname="Dấu Ủy ban nhân dân xã", place="Két sắt phòng văn thư")
        permission = Permission("12/QĐ-UBND", start.date(), "Chủ tịch Ủy ban nhân dân xã")
        enter(
            custody,
            seal,
            Happening(
                EventKind.LENT,
                receiver=OFFICER,
                permission=permission,
                due=(start + dt.timedelta(days=20)).date(),
                at=start + dt.timedelta(days=10),
                reason="Người giữ thiết bị nghỉ phép",
                appearance="Hoạt động bình thường",
                accessories="Mã PIN niêm phong trong phong bì",
            ),
        )
