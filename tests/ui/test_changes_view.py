"""What was changed after signing, seen: two pages side by side, differences boxed, listed, reached by keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.verification.changes.model import PagePair
from app.verification.model import Change, Conclusion, Coverage, SignatureReport
from tests import pdf_samples as samples
from tests.attacks.pdf_files import signed, update
from tests.ui.heartbeat import Heartbeat
from tests.ui.person import PATIENCE
from tests.unit.test_changes_pages import endless
from tests.unit.test_reports import signature
from ui import theme
from ui.theme import UNIT
from ui.widgets.changes_view import ChangesView, can_show_changes

Open = Callable[..., ChangesView]


def _page(*lines: str, extra: bytes = b"") -> bytes:
    shown = b" T* ".join(b"(%s) Tj" % line.encode() for line in lines)
    content = b"BT /F1 18 Tf 40 TL 72 760 Td %s ET %s" % (shown, extra)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _altered(tmp_path: Path, bodies: dict[int, bytes], pages: int = 3) -> tuple[Path, SignatureReport]:
    original = samples.objects(pages)
    for index in range(min(pages, 3)):
        original[5 + 2 * index] = _page(f"Trang {index + 1}", "So tien: 50.000 dong", "Noi nhan")
    content = signed(samples.classic(original))
    path = samples.write(tmp_path / "quyet-dinh.pdf", update(content, bodies))
    return path, signature(
        Conclusion.INVALID,
        signed_size=len(content),
        coverage=Coverage.EARLIER_REVISION,
        changes=[Change("content-changed", "/Contents", 1)],
    )


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Open]:
    shown: list[ChangesView] = []

    def make(path: Path, found: SignatureReport, *, wait: bool = True) -> ChangesView:
        view = ChangesView(path, found)
        shown.append(view)
        qtbot.addWidget(view)
        view.resize(1200, 760)
        view.show()
        if wait:
            qtbot.waitUntil(lambda: view.ready, timeout=PATIENCE)
        return view

    yield make
    for view in shown:
        view.stop()


def _changed_twice(tmp_path: Path) -> tuple[Path, SignatureReport]:
    return _altered(tmp_path, {5: _page("Trang 1", "So tien: 500.000 dong", "Noi nhan"), 9: _page("Trang 3", "Het")})


def test_differences_are_listed_and_the_first_is_shown(show: Open, tmp_path: Path) -> None:
    view = show(*_changed_twice(tmp_path))
    assert view.differences[0] == "“500.000” thay cho “50.000”"
    assert view.list.count() == len(view.differences) >= 2
    assert view.list.item(0).text().startswith("1. Trang 1\n")
    assert (view.list.currentRow(), view.pair) == (0, PagePair(0, 0))
    assert "không còn là nội dung mà Nguyễn Văn An đã ký" in view.notice.accessibleName()


def test_lines_of_differences_have_room_for_all_their_words(show: Open, tmp_path: Path) -> None:
    words = "Giao Văn phòng Hội đồng nhân dân và Ủy ban nhân dân tổ chức thực hiện".encode("ascii", "ignore").decode()
    view = show(*_altered(tmp_path, {5: _page("Trang 1", words, "Noi nhan")}))
    item = view.list.item(0)
    shown = view.list.visualItemRect(item)
    across = shown.width() - 2 * UNIT
    needed = view.list.fontMetrics().boundingRect(0, 0, across, 9999, Qt.TextFlag.TextWordWrap, item.text())
    assert needed.height() > 2 * view.list.fontMetrics().lineSpacing()
    assert shown.height() >= needed.height() + UNIT


def _ink(image: QImage, colour: str) -> int:
    """Pixels of a colour."""
    wanted = int(colour[1:], 16)
    return sum(
        image.pixel(x, y) & 0xFFFFFF == wanted for y in range(image.height()) for x in range(0, image.width(), 2)
    )


def test_the_boxes_are_drawn_on_both_pages(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    view = show(*_changed_twice(tmp_path))
    for sheet in (view.before, view.after):
        assert _ink(sheet.grab().toImage(), theme.LIGHT.accent) > 50
    view.turn(1)
    qtbot.waitUntil(lambda: view.ready and view.pair == PagePair(1, 1), timeout=PATIENCE)
    for sheet in (view.before, view.after):
        assert _ink(sheet.area.grab().toImage(), theme.LIGHT.accent) == 0, "page two did not change"


def test_keys_go_through_differences_and_pages(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    view = show(*_changed_twice(tmp_path))
    qtbot.keyClick(view, Qt.Key.Key_F3)
    assert (view.list.currentRow(), view.pair) == (1, PagePair(2, 2))
    qtbot.keyClick(view, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert (view.list.currentRow(), view.pair) == (0, PagePair(0, 0))
    qtbot.keyClick(view.before.area.viewport(), Qt.Key.Key_PageDown)
    assert (view.list.currentRow(), view.pair) == (-1, PagePair(1, 1))
    qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert view.list.currentRow() >= 0
    with qtbot.waitSignal(view.closed, timeout=PATIENCE):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_a_box_that_is_clicked_is_chosen(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    bodies = {5: _page("Trang mot", "So tien: 50.000 dong", "Noi gui")}
    view = show(*_altered(tmp_path, bodies))
    assert view.differences == ["“mot” thay cho “1”", "“gui” thay cho “nhan”"]
    place = view.after.place_of(1)
    assert place is not None
    qtbot.mouseClick(view.after.sheet, Qt.MouseButton.LeftButton, pos=place.center())
    assert view.list.currentRow() == 1
    qtbot.mouseClick(view.after.sheet, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert view.list.currentRow() == 1


def test_zoom_makes_both_pages_larger_and_they_scroll_together(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    view = show(*_changed_twice(tmp_path))
    width = view.before.sheet.minimumWidth()
    for _ in range(3):
        view.zoom(1)
    qtbot.waitUntil(lambda: view.ready and view.before.sheet.minimumWidth() > 2 * width, timeout=PATIENCE)
    view.before.area.verticalScrollBar().setValue(120)
    assert view.after.area.verticalScrollBar().value() == 120


def test_pages_put_in_and_taken_out_say_so_in_the_empty_place(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    view = show(*_altered(tmp_path, {2: b"<< /Type /Pages /Kids [4 0 R 8 0 R] /Count 2 >>"}))
    assert view.differences == ["Trang bị bỏ đi"]
    assert view.pair == PagePair(1, None)
    assert view.list.item(0).text().startswith("1. Trang 2 khi ký")
    assert view.after.shown_instead == "Trang này không còn trong văn bản."
    assert view.before.shown_instead == ""


def test_what_signing_allows_is_not_told_as_a_fault(show: Open, tmp_path: Path) -> None:
    path, _ = _altered(tmp_path, {60: b"<< /Later true >>"})
    content = path.read_bytes()
    found = signature(signed_size=content.index(b"60 0 obj"), changes=[Change("signature-added", "Signature2", 1)])
    view = show(path, found)
    assert "đều được phép" in view.notice.accessibleName()
    assert "có thêm chữ ký ở ô “Signature2”".casefold() in view.notice.accessibleName().casefold()
    assert view.differences == []


def test_a_page_beyond_the_first_ones_is_compared_when_it_is_shown(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    path, found = _altered(tmp_path, {5: _page("moi"), 5 + 2 * 69: _page("Trang cuoi")}, pages=70)
    view = show(path, found)
    listed = len(view.differences)
    assert "60" in view.limits
    view.turn(69)
    qtbot.waitUntil(lambda: len(view.differences) > listed, timeout=PATIENCE)
    assert view.list.item(listed).text().split("\n")[0].endswith("Trang 70")


def test_a_file_that_cannot_be_drawn_says_so(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    path = tmp_path / "hong.pdf"
    path.write_bytes(b"%PDF-1.7 khong phai")
    view = show(path, signature(signed_size=9, changes=[Change("x", "x")]), wait=False)
    qtbot.waitUntil(lambda: bool(view.limits), timeout=PATIENCE)
    assert view.before.shown_instead == "Không vẽ được các trang của văn bản này."
    assert "Kết luận về chữ ký không phụ thuộc" in view.limits


def test_the_window_lives_while_a_hostile_page_is_drawn_and_goes_back_at_once(
    qtbot: QtBot, show: Open, tmp_path: Path
) -> None:
    path, found = _altered(tmp_path, {})
    path = samples.write(path, update(path.read_bytes(), endless(path.read_bytes())))
    view = show(path, found, wait=False)
    with Heartbeat() as heart:
        qtbot.wait(600)
        qtbot.mouseClick(view.halt, Qt.MouseButton.LeftButton)
        qtbot.wait(100)
    assert heart.busiest < 0.5
    started = time.monotonic()
    view.stop()
    assert time.monotonic() - started < 4, "the process is ended, its eight seconds are not waited for"


def test_stopping_keeps_what_was_found(qtbot: QtBot, show: Open, tmp_path: Path) -> None:
    view = show(*_altered(tmp_path, {5: _page("moi")}, pages=58), wait=False)
    qtbot.mouseClick(view.halt, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(view.limits), timeout=PATIENCE)
    assert "dừng" in view.limits


def test_every_control_has_a_name(show: Open, tmp_path: Path) -> None:
    view = show(*_changed_twice(tmp_path))
    nameless = [child for child in view.findChildren(QAbstractButton) if not (child.accessibleName() or child.text())]
    assert nameless == []
    assert view.list.accessibleName() == "Các điểm khác nhau"
    assert view.before.area.accessibleName() == "Khi ký: Trang 1"
    assert view.after.area.accessibleName() == "Hiện nay: Trang 1"


def test_there_is_nothing_to_show_without_a_revision_a_change_or_a_file(tmp_path: Path) -> None:
    change = [Change("content-changed", "/Contents")]
    assert can_show_changes(tmp_path, signature(signed_size=5, changes=change))
    assert not can_show_changes(None, signature(signed_size=5, changes=change))
    assert not can_show_changes(tmp_path, signature(signed_size=5))
    assert not can_show_changes(tmp_path, signature(changes=change))
