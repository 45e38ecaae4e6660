"""A page read by the first and last letters of its words is the page read letter by letter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents import pdf_lines, pdf_runs
from app.documents.pdf_content import content_of, without_profiles
from app.documents.sheet import Sheet
from tests.demo.images import FONTS

_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyẢẬỐỮỴƠgjpqyÀ0123456789,;:/-–.…_"
_WORDS = st.text(st.sampled_from(_LETTERS), min_size=1, max_size=12)
_LINES = st.lists(st.lists(_WORDS, min_size=1, max_size=9), min_size=1, max_size=6)
_SET = '#set page(width: 15cm, height: 9cm, margin: 1cm)\n#set text(font: "Tinos", size: {size}pt)\n{lines}'


def page_of(lines: list[list[str]], size: int, spread: bool) -> bytes:
    """A PDF of some lines, the words of each apart as in a paragraph, or spread over its width."""
    apart = "#h(1fr)" if spread else " "
    text = "#linebreak()\n".join(apart.join(f'#"{word}"' for word in line) for line in lines)
    compiler: Any = typst.Compiler(font_paths=[str(FONTS)], ignore_system_fonts=True)
    made: bytes = compiler.compile(_SET.format(size=size, lines=text).encode(), format="pdf")
    return made


@contextmanager
def text_page(content: bytes | Path) -> Iterator[Any]:
    library: Any = pypdfium2
    document = library.PdfDocument(content)
    try:
        yield document[0].get_textpage()
    finally:
        document.close()


def runs(page: Any, sheet: Sheet | None = None, *, slowly: bool) -> list[pdf_runs.Run]:
    """:param slowly: every letter is asked for its place."""
    with pytest.MonkeyPatch.context() as patch:
        if slowly:
            none: Callable[..., list[bool]] = lambda words, *_: [False] * len(words)  # noqa: E731
            patch.setattr(pdf_runs, "_usual", none)
        return pdf_runs.read_runs(page, sheet)


def check_same(one: list[pdf_runs.Run], other: list[pdf_runs.Run]) -> None:
    """Letters, places across the page and weight are the same; a letter that is not asked for may reach a fiftieth of
    the line's height further up."""
    assert [(run.text, run.left, run.right, run.bold, run.words) for run in one] == [
        (run.text, run.left, run.right, run.bold, run.words) for run in other
    ]
    for quick, slow in zip(one, other, strict=True):
        assert (quick.top, quick.bottom) == pytest.approx((slow.top, slow.bottom), abs=slow.height / 50)


@settings(max_examples=25)
@given(_LINES, st.integers(6, 20), st.booleans())
def test_any_words_stand_where_their_letters_do(lines: list[list[str]], size: int, spread: bool) -> None:
    with text_page(page_of(lines, size, spread)) as page:
        check_same(runs(page, slowly=False), runs(page, slowly=True))


def test_the_documents_of_an_office_stand_where_their_letters_do(samples: dict[str, Path]) -> None:
    found = 0
    for path in samples.values():
        if path.suffix == ".pdf":
            with text_page(path) as page:
                quick = runs(page, slowly=False)
                check_same(quick, runs(page, slowly=True))
                found += len(quick)
    assert found > 50


def test_letters_without_a_place_are_left_out(samples: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = pdf_runs._plain
    with text_page(samples["thong_bao_pdf"]) as page:
        whole = runs(page, slowly=False)
        first = whole[0].words[0]

        def without_first(page: object, at: int, place: object) -> int:
            return 0 if at == first.position else plain("FPDFText_GetLooseCharBox")(page, at, place)

        monkeypatch.setattr(
            pdf_runs, "_plain", lambda name: without_first if name == "FPDFText_GetLooseCharBox" else plain(name)
        )
        less = runs(page, slowly=False)
    assert less[0].text == whole[0].text[1:]


def test_a_page_says_the_same_without_its_colours(samples: dict[str, Path], tmp_path: Path) -> None:
    original = samples["thong_bao_pdf"].read_bytes()
    changed = without_profiles(original)
    assert b"/ICCBased" in original and b"/ICCBased" not in changed and len(changed) == len(original)
    assert content_of(samples["thong_bao_pdf"]) == changed
    with text_page(original) as one, text_page(changed) as other:
        assert one.get_text_range() == other.get_text_range() != ""
        assert runs(one, slowly=False) == runs(other, slowly=False)


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        (b"1 0 obj\n[/ICCBased 2 0 R]\nendobj\n2 0 obj\n<</N 3/Length 0>>", b"[/DeviceRGB     ]"),
        (b"1 0 obj\n[ /ICCBased 2 0 R ]\nendobj\n2 0 obj\n<< /Length 0 /N 1 >>", b"[/DeviceGray      ]"),
        (b"1 0 obj\n[/ICCBased 2 0 R]\nendobj\n2 0 obj\n<</N 4>>", b"[/DeviceCMYK    ]"),
        (b"1 0 obj\n[/ICCBased 2 0 R]\nendobj\n2 0 obj\n<</N 2>>", None),
        (b"1 0 obj\n[/ICCBased 2 0 R]\nendobj\n12 0 obj\n<</N 3>>", None),
        (b"/ICCBased", None),
        (b"[/ICCBased <<>>]\n2 0 obj\n<</N 3>>", None),
    ],
)
def test_only_colours_of_a_known_profile_are_replaced(content: bytes, changed: bytes | None) -> None:
    found = without_profiles(content)
    assert len(found) == len(content)
    assert found == content if changed is None else changed in found


def test_colours_without_end_are_not_all_looked_at() -> None:
    hostile = b"[/ICCBased 1 0 R]" * 500_000
    started = time.process_time()
    assert without_profiles(hostile) == hostile
    assert time.process_time() - started < 5


def test_a_large_file_is_left_on_the_disk(tmp_path: Path, samples: dict[str, Path]) -> None:
    large = tmp_path / "lớn.pdf"
    content = samples["thong_bao_pdf"].read_bytes()
    large.write_bytes(content[:9] + b"%" + b"x" * (1 << 24) + b"\n" + content[9:])
    assert content_of(large) is None
    pages = list(pdf_lines.read_pages(large))
    assert [line.text for line in pages[0].lines] == [
        line.text for line in next(pdf_lines.read_pages(samples["thong_bao_pdf"])).lines
    ]


def test_a_page_without_text_has_no_lines() -> None:
    with text_page(page_of([], 12, spread=False)) as page:
        assert runs(page, slowly=False) == []
