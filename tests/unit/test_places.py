"""Where a mark stood is where the next one of its kind is proposed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from app.documents import pages
from app.signing.model import Act, SignOptions
from app.signing.places import Places, Remembered
from tests import pdf_samples
from tests.demo import samples as demo_samples
from tests.demo import texts
from tests.demo.office import DemoOffice
from tests.marked_pages import laid, marked

MM = 72 / 25.4


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letter") / "Công văn.pdf"
    path.write_bytes(demo_samples.pdf(texts.LETTER))
    return path


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letter") / "Công văn khác.pdf"
    path.write_bytes(demo_samples.pdf(replace(texts.LETTER, body=texts.LETTER.body[:2])))
    return path


def leader(office: DemoOffice) -> SignOptions:
    return SignOptions(act=Act.APPROVE, mark_image=office.signature_image)


def test_a_moved_mark_moves_the_next_of_the_same_kind(letter, other, office, tmp_path):
    proposed, _signed = marked(letter, tmp_path / "1.pdf", leader(office))
    elsewhere, _signed = marked(other, tmp_path / "2.pdf", leader(office))
    by = (4 * MM, -7 * MM)
    moved = replace(proposed, box=tuple(edge + by[at % 2] for at, edge in enumerate(proposed.box)))
    data = tmp_path / "data"
    marked(letter, tmp_path / "3.pdf", replace(leader(office), mark=moved), places=Places(data))
    again, _signed = marked(other, tmp_path / "4.pdf", leader(office), places=Places(data))
    assert again.box == pytest.approx([edge + by[at % 2] for at, edge in enumerate(elsewhere.box)], abs=0.1)


def test_a_moved_mark_moves_alike_on_a_turned_page(letter, other, office, tmp_path):
    proposed, _signed = marked(letter, tmp_path / "1.pdf", leader(office))
    moved = replace(proposed, box=tuple(edge + (4 * MM, -7 * MM)[at % 2] for at, edge in enumerate(proposed.box)))
    data = tmp_path / "data"
    marked(letter, tmp_path / "2.pdf", replace(leader(office), mark=moved), places=Places(data))
    turned = laid(letter, tmp_path / "turned.pdf", turn=90)
    plain, _signed = marked(turned, tmp_path / "3.pdf", leader(office))
    again, _signed = marked(turned, tmp_path / "4.pdf", leader(office), places=Places(data))
    # shown, right is up in user space and down is right
    assert again.box == pytest.approx([edge + (7 * MM, 4 * MM)[at % 2] for at, edge in enumerate(plain.box)], abs=0.1)


def test_a_page_whose_corners_are_named_the_other_way_round_is_the_same_page(letter, office, tmp_path):
    """ISO 32000-2, section 7.9.5: any two corners that face each other."""
    turned_over = tmp_path / "corners.pdf"
    with pikepdf.open(letter) as pdf:
        for page in pdf.pages:
            left, bottom, right, top = list(page.mediabox)
            page.mediabox = pikepdf.Array([right, top, left, bottom])
            page.obj["/CropBox"] = pikepdf.Array([left, top, right, bottom])
        pdf.save(turned_over)
    as_usual, _signed = marked(letter, tmp_path / "1.pdf", leader(office))
    the_same, _signed = marked(turned_over, tmp_path / "2.pdf", leader(office))
    assert (the_same.page, the_same.box) == (as_usual.page, pytest.approx(as_usual.box, abs=0.1))
    shown = [pages.picture(path, as_usual.page, 200).crop for path in (turned_over, letter)]
    assert shown[0] == pytest.approx(shown[1], abs=0.1)


def test_a_scan_falls_back_to_the_last_place(letter, office, tmp_path):
    data = tmp_path / "data"
    first, _signed = marked(letter, tmp_path / "1.pdf", leader(office), places=Places(data))
    bodies = pdf_samples.objects(3)
    for number in (5, 7, 9):
        bodies[number] = b"<< /Length 0 >>\nstream\n\nendstream"
    scan = pdf_samples.write(tmp_path / "scan.pdf", pdf_samples.classic(bodies))
    again, _signed = marked(scan, tmp_path / "2.pdf", leader(office), places=Places(data))
    assert again.page == -1
    assert (again.box[0], again.box[3]) == pytest.approx((first.box[0], first.box[3]), abs=0.5)
    aside, _signed = marked(scan, tmp_path / "3.pdf", leader(office))
    assert aside.box[1] < again.box[1]


def test_kinds_signers_and_acts_are_kept_apart(tmp_path):
    places = Places(tmp_path)
    places.remember(Act.APPROVE, "a" * 64, "Quyết định", Remembered(0, 10, 20, by_hand=True))
    places.remember(Act.APPROVE, "a" * 64, "Công văn", Remembered(-1, 30, 40, by_hand=True))
    again = Places(tmp_path)
    assert again.of_kind(Act.APPROVE, "a" * 64, "Quyết định") == Remembered(0, 10, 20, by_hand=True)
    assert again.last(Act.APPROVE, "a" * 64) == Remembered(-1, 30, 40, by_hand=True)
    assert again.last(Act.PLAIN, "a" * 64) is None
    assert again.last(Act.APPROVE, "b" * 64) is None


def test_a_damaged_memory_is_an_empty_one(tmp_path):
    (tmp_path / "places.json").write_text("{")
    places = Places(tmp_path)
    assert places.last(Act.APPROVE, "a" * 64) is None
    places.remember(Act.APPROVE, "a" * 64, None, Remembered(0, 1, 2))
    assert Places(tmp_path).last(Act.APPROVE, "a" * 64) == Remembered(0, 1, 2)
