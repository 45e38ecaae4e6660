"""The signed revision beside the document as it is now: what became of which page, boxed and named."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from app import i18n
from app.documents.child import ChildProcess
from app.documents.page_painter import PictureRequest
from app.documents.pages import PagePainter
from app.documents.revision_file import RevisionFile
from app.signing.model import Mark
from app.verification.changes import explain
from app.verification.changes.compare import Limits, PageNotCompared, RevisionComparer, drawing_process
from app.verification.changes.explain import explained
from app.verification.changes.model import Comparison, GaveUp, PageChange, PageKind
from app.verification.changes.sentences import changes_told, gave_up_told, page_told, region_told, told
from app.verification.changes.signers import named
from app.verification.model import Change, Conclusion, SignatureFacts
from app.verification.pdf import examine
from tests import pdf_samples as samples
from tests.attacks.pdf_files import current, signed, update
from tests.unit.test_reports import signature


def _page(*lines: str, extra: bytes = b"") -> bytes:
    """The content of a page with lines of text, the first 82 points under its upper edge."""
    shown = b" T* ".join(b"(%s) Tj" % line.encode() for line in lines)
    content = b"BT /F1 18 Tf 40 TL 72 760 Td %s ET %s" % (shown, extra)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _document(*pages: tuple[str, ...]) -> bytes:
    """A signed file of pages with lines of text."""
    bodies = samples.objects(len(pages))
    for index, lines in enumerate(pages):
        bodies[5 + 2 * index] = _page(*lines)
    return signed(samples.classic(bodies))


def _kids(*pages: int) -> bytes:
    """A page tree of the pages with these numbers, from zero."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * page) for page in pages)
    return b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))


def _altered(tmp_path: Path, content: bytes, bodies: dict[int, bytes]) -> Path:
    return samples.write(tmp_path / "altered.pdf", update(content, bodies))


def _signature(path: Path) -> SignatureFacts:
    return examine(path).signatures[0]


def _compared(path: Path, limits: Limits | None = None, named: tuple[int, ...] = ()) -> Comparison:
    size = _signature(path).signed_size
    assert size
    with RevisionComparer(path, size, limits or Limits(60, 60.0, 30.0)) as comparer:
        return comparer.compare(named)


THREE = (("Trang mot", "So tien: 50.000 dong"), ("Trang hai", "Phu luc A"), ("Trang ba", "Phu luc B"))


def test_a_changed_amount_is_boxed_and_named(tmp_path: Path) -> None:
    bodies = {5: _page("Trang mot", "So tien: 500.000 dong")}
    found = _compared(_altered(tmp_path, _document(*THREE), bodies))
    [change] = found.changes
    assert (change.kind, change.before, change.after, found.gave_up) == (PageKind.CHANGED, 0, 0, None)
    [region] = change.regions
    assert (region.before, region.after) == ("50.000", "500.000")
    left, bottom, right, top = region.points
    assert 72 < left < right < 400
    assert 710 < bottom < 722 < top < 740, "the second line stands on 720 points"
    assert region.box.left == pytest.approx(left / 595, abs=0.01)
    assert region.box.top == pytest.approx(1 - top / 842, abs=0.01)
    for box in (*region.words_before, *region.words_after):
        assert region.box.left - 0.05 < box.left < box.right < 0.5
    assert len(region.words_before) == len(region.words_after) == 1


def test_nothing_is_found_where_nothing_changed(tmp_path: Path) -> None:
    found = _compared(_altered(tmp_path, _document(*THREE), {5: _page(*THREE[0])}))
    assert (found.changes, found.pages_before, found.pages_after, len(found.pairs)) == ((), 3, 3, 3)


def test_a_single_point_that_became_a_comma_is_found(tmp_path: Path) -> None:
    bodies = {5: _page("Trang mot", "So tien: 50,000 dong")}
    [change] = _compared(_altered(tmp_path, _document(*THREE), bodies)).changes
    [region] = change.regions
    assert (region.before, region.after) == ("50.000", "50,000")


def test_a_drawing_without_words_is_boxed(tmp_path: Path) -> None:
    bodies = {5: _page(*THREE[0], extra=b"1 0 0 RG 300 300 m 360 360 l S")}
    [change] = _compared(_altered(tmp_path, _document(*THREE), bodies)).changes
    [region] = change.regions
    assert (region.before, region.after) == ("", "")
    assert region.points == pytest.approx((300, 300, 360, 360), abs=3)


def test_differences_far_apart_are_several(tmp_path: Path) -> None:
    pages = (("mot", "hai", "ba", "bon", "nam"),)
    [change] = _compared(_altered(tmp_path, _document(*pages), {5: _page("moi", "hai", "ba", "bon", "sau")})).changes
    assert [(region.before, region.after) for region in change.regions] == [("mot", "moi"), ("nam", "sau")]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((0, 2), [(PageKind.REMOVED, 1, None)]),
        ((2, 0, 1), [(PageKind.MOVED, 2, 0)]),
        ((0, 1, 1, 2), [(PageKind.ADDED, None, 1)]),
        ((), None),
    ],
)
def test_pages_taken_out_moved_and_put_in(
    tmp_path: Path, order: tuple[int, ...], expected: list[tuple[PageKind, int | None, int | None]] | None
) -> None:
    found = _compared(_altered(tmp_path, _document(*THREE), {2: _kids(*order)}))
    if expected is None:
        assert found.gave_up is GaveUp.NOT_SHOWN, "a document without pages is not one that is the same"
        return
    changes = [(change.kind, change.before, change.after) for change in found.changes]
    if changes != expected:  # which of two equal pages is the new one is a matter of taste
        assert [change[0] for change in changes] == [expected[0][0]]
        assert {page for change in changes for page in change[1:]} <= {None, 1, 2}
    assert [pair.after for pair in found.pairs if pair.after is not None] == list(range(len(order)))


def test_a_page_that_changed_is_paired_by_its_words_though_another_was_taken_out(tmp_path: Path) -> None:
    pages = tuple((f"Trang {word}", *(f"{word} {number}" for number in range(8))) for word in ("mot", "hai", "ba"))
    bodies = {
        2: _kids(0, 2),
        5: _page(*pages[0], extra=b"0 0 50 50 re f"),
        9: _page(*pages[2], extra=b"9 9 50 50 re f"),
    }
    found = _compared(_altered(tmp_path, _document(*pages), bodies))
    assert [(change.kind, change.before, change.after) for change in found.changes] == [
        (PageKind.CHANGED, 0, 0),
        (PageKind.REMOVED, 1, None),
        (PageKind.CHANGED, 2, 1),
    ]


def test_a_page_of_another_size(tmp_path: Path) -> None:
    content = _document(*THREE)
    page = current(content, 4).replace(b"595", b"300")
    [change] = _compared(_altered(tmp_path, content, {4: page})).changes
    assert (change.kind, change.resized, change.regions) == (PageKind.CHANGED, True, ())


def test_words_that_are_not_seen(tmp_path: Path) -> None:
    bodies = {5: _page(*THREE[0], extra=b"BT 3 Tr /F1 18 Tf 72 600 Td (Bi mat) Tj ET")}
    [change] = _compared(_altered(tmp_path, _document(*THREE), bodies)).changes
    assert change.kind is PageKind.HIDDEN_TEXT
    assert (change.regions[0].before, change.regions[0].after) == ("", "Bi mat")


def test_a_turned_page_has_its_boxes_where_they_are_seen(tmp_path: Path) -> None:
    bodies = samples.objects(1, page_extra=b"/Rotate 90")
    bodies[5] = _page("Trang mot", "So tien: 50.000 dong")
    content = signed(samples.classic(bodies))
    path = _altered(tmp_path, content, {5: _page("Trang mot", "So tien: 500.000 dong")})
    region, *_further = _compared(path).changes[0].regions
    assert (region.before, region.after) == ("50.000", "500.000")
    assert 710 < region.points[1] < region.points[3] < 740
    assert region.box.left > 0.8, "turned clockwise, what was above stands at the right"


# Limits.


def test_a_document_of_thousands_of_pages_is_compared_in_part_and_says_so(tmp_path: Path) -> None:
    content = signed(samples.classic(samples.objects(5000)))
    path = _altered(tmp_path, content, {5: _page("Trang mot"), 5 + 2 * 4000: _page("Trang 4001")})
    found = _compared(path, Limits(6, 60.0, 30.0), named=(0, 4000))
    assert [(change.before, change.after) for change in found.changes] == [(0, 0), (4000, 4000)]
    assert (found.pages_after, found.gave_up, len(found.pairs)) == (5000, GaveUp.PAGES, 7)
    assert "6" in gave_up_told(found) or "7" in gave_up_told(found)


def test_a_page_put_in_before_the_limit_is_not_told_as_one_taken_out_behind_it(tmp_path: Path) -> None:
    pages = tuple((f"Trang {number}",) for number in range(12))
    content = _document(*pages)
    path = _altered(tmp_path, content, {2: _kids(0, 5, *range(1, 12)), 4 + 2 * 11: current(content, 26)})
    found = _compared(path, Limits(5, 60.0, 30.0))
    assert [(change.kind, change.after) for change in found.changes] == [(PageKind.ADDED, 1)]


def _bomb() -> bytes:
    """An image of 60,000 by 60,000 pixels in a few kilobytes."""
    packed = zlib.compress(zlib.compress(bytes(60_000 * 2_000), 9) * 1, 9)
    return (
        b"<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)
    )


def _with_drawing(content: bytes) -> bytes:
    """Page one with object 60 among its resources, as ``/N``."""
    page = current(content, 4)
    assert page.count(b"/Font <<") == 1
    return page.replace(b"/Font <<", b"/XObject << /N 60 0 R >> /Font <<")


def endless(content: bytes) -> dict[int, bytes]:
    """Drawings that each hold the next one ten times, six deep: drawing page one takes minutes."""
    page = _with_drawing(content)
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] %s /Length %d >>\nstream\n%s\nendstream"
    holds, often = b"/Resources << /XObject << /N %d 0 R >> >>", b"/N Do " * 10
    bodies = {number: form % (holds % (number + 1), len(often), often) for number in range(60, 66)}
    bodies[66] = form % (b"", 18, b"0 0 300 300 re f  ")
    return {4: page, 5: _page("x", extra=b"/N Do"), **bodies}


@pytest.mark.parametrize("kind", ["bomb", "endless", "two-metres"])
def test_a_hostile_page_costs_the_comparison_and_nothing_else(tmp_path: Path, kind: str) -> None:
    content = _document(*THREE)
    if kind == "bomb":
        page = _with_drawing(content)
        bodies = {4: page, 5: _page("x", extra=b"600 0 0 800 0 0 cm /N Do"), 60: _bomb()}
    elif kind == "endless":
        bodies = endless(content)
    else:
        bodies = {4: current(content, 4).replace(b"595", b"5669").replace(b"842", b"5669")}
    path = _altered(tmp_path, content, bodies)
    before = examine(path)
    started = time.monotonic()
    after = explained(path, before, started + 3.0)
    assert time.monotonic() - started < 8 * 3
    told_now, told_before = after.signatures[0], before.signatures[0]
    assert (told_now.changes_allowed, told_now.problems) == (False, told_before.problems)
    assert set(told_before.changes) <= set(told_now.changes)


def test_a_page_that_cannot_be_drawn_in_time_is_given_up_and_the_next_document_is_not(tmp_path: Path) -> None:
    child = drawing_process()
    content = _document(*THREE)
    slow = _altered(tmp_path, content, endless(content))
    size = _signature(slow).signed_size or 0
    with RevisionComparer(slow, size, Limits(3, 60.0, 0.3), child) as comparer:
        assert comparer.compare().gave_up is GaveUp.NOT_SHOWN
        with pytest.raises(PageNotCompared):
            comparer.compare_page(0, 0)
    with RevisionComparer(slow, size, Limits(1, 60.0, 60.0), child) as comparer:
        assert comparer.compare_page(1, 1) is None
    child.close()


def test_time_and_cancelling_end_the_comparison_between_pages(tmp_path: Path) -> None:
    path = _altered(tmp_path, _document(*THREE), {5: _page("moi")})
    assert _compared(path, Limits(60, 0.0, 30.0)).gave_up is GaveUp.TIME
    size = _signature(path).signed_size or 0
    with RevisionComparer(path, size) as comparer:
        steps: list[tuple[int, int]] = []
        found = comparer.compare(
            progress=lambda done, all_: steps.append((done, all_)), is_cancelled=lambda: len(steps) == 2
        )
        assert (found.gave_up, steps) == (GaveUp.CANCELLED, [(1, 6), (2, 6)])
        assert comparer.compare_page(0, 0) is not None


def test_a_file_written_anew_is_looked_at_anew_by_the_same_process(tmp_path: Path) -> None:
    content, child = _document(*THREE), drawing_process()
    for word in ("mot moi", "hai moi"):
        path = _altered(tmp_path, content, {5: _page(word)})
        with RevisionComparer(path, len(content), Limits(60, 60.0, 30.0), child) as comparer:
            [change] = comparer.compare().changes
        assert change.regions[0].after.endswith(word.split()[-1]) or word.split()[0] in change.regions[0].after
    assert isinstance(child, ChildProcess)
    child.close()


# What is told.


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr(explain, "_SECONDS", 60.0)
    monkeypatch.setattr(explain, "_PATIENCE", 60.0)


@pytest.mark.usefixtures("_patient")
def test_the_facts_of_an_altered_file_name_what_is_seen(tmp_path: Path) -> None:
    path = _altered(tmp_path, _document(*THREE), {5: _page("Trang mot", "So tien: 500.000 dong"), 2: _kids(0, 1)})
    facts = explained(path, examine(path), time.monotonic() + 60)
    seen = [change for change in facts.signatures[0].changes if change.kind.startswith("page-")]
    assert seen == [
        Change("page-changed", "“500.000” thay cho “50.000”", 1),
        Change("page-removed", "trang bị bỏ đi", 3),
    ]
    i18n.set_language("en")
    facts = explained(path, examine(path), time.monotonic() + 60)
    assert Change("page-changed", "“500.000” instead of “50.000”", 1) in facts.signatures[0].changes


@pytest.mark.usefixtures("_patient")
def test_the_mark_of_a_later_signature_is_not_told_as_a_fault(tmp_path: Path) -> None:
    """A page is changed after a second person signed: the change is told, that person's mark is not."""
    image = tmp_path / "mark.png"
    Image.new("RGB", (60, 60), "red").save(image)
    first = samples.write(tmp_path / "first.pdf", _document(*THREE))
    second = samples.sign(
        first, tmp_path / "second.pdf", samples.signer("p256"), mark=Mark(0, (300, 100, 400, 200), image)
    )
    size = first.stat().st_size
    with RevisionComparer(second.path, size, Limits(60, 60.0, 30.0)) as comparer:
        [change] = comparer.compare().changes
    [mark] = change.regions
    assert mark.field == "Signature2"
    added = Change("signature-added", "Signature2", 1, who="Trần Văn Bình")
    assert region_told(change.kind, mark, [added]) == "có thêm chữ ký, con dấu của Trần Văn Bình"
    path = _altered(tmp_path, second.path.read_bytes(), {5: _page("Trang mot", "So tien: 500.000 dong")})
    facts = explained(path, examine(path), time.monotonic() + 60)
    seen = [change.what for change in facts.signatures[0].changes if change.kind.startswith("page-")]
    assert seen == ["“500.000” thay cho “50.000”"]


def test_a_further_signature_is_told_by_whose_it_is() -> None:
    first = signature(name="Signature1", changes=[Change("signature-added", "antin-seal", 1)])
    office = "Ủy ban nhân dân xã Phong Điền"
    for conclusion, told_as in ((Conclusion.VALID, office), (Conclusion.INDETERMINATE, f"{office} (chưa xác nhận)")):
        seal = signature(conclusion, name="antin-seal", signer=office, organization=office)
        [told_first, told_seal] = named([first, seal])
        assert changes_told(told_first.changes) == [f"trang 1: có thêm chữ ký, con dấu của {told_as}"]
        assert told_seal == seal
    [alone] = named([first])
    assert changes_told(alone.changes) == ["trang 1: có thêm chữ ký ở ô “antin-seal”"]


def test_a_genuine_file_costs_no_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChildProcess, "ask", lambda *_: pytest.fail("a process was asked"))
    path = samples.write(tmp_path / "signed.pdf", signed(_document(*THREE), who=samples.signer("p256")))
    facts = examine(path)
    assert explained(path, facts, time.monotonic() + 60) == facts


def test_changes_that_the_examiner_named_are_told_once_with_their_pages() -> None:
    changes = [
        Change("page-changed", "“2” thay cho “1”", 1),
        Change("content-changed", "/Contents", 1),
        Change("content-changed", "/Contents", 3),
        Change("metadata-changed", "/Title"),
        Change("content-changed", "/Strange"),
        Change("signature-added", "Signature2", 2),
    ]
    assert changes_told(changes) == [
        "trang 1, 3: nội dung hiển thị trên trang bị sửa",
        "tiêu đề bị sửa",
        "thành phần bên trong văn bản bị sửa (/Strange)",
        "trang 2: có thêm chữ ký ở ô “Signature2”",
    ]
    assert told(changes[0]) == changes[0].what


def test_what_became_of_a_page_in_words() -> None:
    assert page_told(PageChange(PageKind.MOVED, 4, 0)) == "khi ký, trang này đứng ở vị trí thứ 5"
    assert page_told(PageChange(PageKind.ADDED, None, 0)) == "trang được thêm vào"
    assert page_told(PageChange(PageKind.CHANGED, 0, 0, resized=True)) == "trang có khổ khác hoặc bị xoay"


# Revisions.


def test_a_revision_is_read_as_if_it_were_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(100)))
    with RevisionFile(path, 40) as revision:
        assert revision.read() == bytes(range(40))
        assert revision.seek(-5, 2) == 35
        assert revision.read(50) == bytes(range(35, 40))
        assert (revision.read(1), revision.tell()) == (b"", 40)
        revision.seek(90)
        assert revision.read(5) == b""
    with RevisionFile(path) as whole:
        assert len(whole.read()) == 100


def test_a_page_is_drawn_as_it_was_signed(tmp_path: Path) -> None:
    content = _document(*THREE)
    path = _altered(tmp_path, content, {5: _page("", extra=b"1 0 0 rg 0 0 595 842 re f"), 2: _kids(0)})
    painter = PagePainter()
    now = painter.paint(PictureRequest(path, 0, width=60))
    signed_page = painter.paint(PictureRequest(path, 0, width=60, size=len(content)))
    painter.close()
    assert (now.data[:3], now.pages) == (b"\xff\x00\x00", 1)
    assert (signed_page.data[:3], signed_page.pages) == (b"\xff\xff\xff", 3)
