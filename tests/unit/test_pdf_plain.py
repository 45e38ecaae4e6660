"""Plain objects of a PDF are read as pyHanko reads them, and what leaves a choice is left to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from app.documents.pdf_plain import plain_object, plain_value
from tests.plain_objects import compare

_BITS = st.sampled_from(
    [
        *(b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b" ", b"\n", b"\r\n", b"\0", b"%", b"{", b"}"),
        *(b"/A", b"/B", b"/#41", b"/", b"/a.b-c_d", b"/Type/Page", b"/Kids", b"/Length 3", b"/Metadata 4 0 R"),
        *(b"1", b"-1", b"+2", b"0", b"007", b"1.5", b".5", b"-.5", b"4.", b"1e3", b"--1", b"1-2", b"5 0 R", b"0 0 R"),
        *(b"1 2 3 R", b"12 0  R", b"7 0 Rx", b"7 0 R/", b"1234567890 0 R", b"9 99999 R", b"9 999999 R", b"R"),
        *(
            b"(a)",
            b"(\\))",
            b"(\\101)",
            b"(a(b)c)",
            b"(\xfe\xff\0a)",
            b"(\xef\xbb\xbfa)",
            b"(\xad\x80)",
            b"(\n)",
            b"(\r)",
        ),
        *(b"<41>", b"<4>", b"<4 1>", b"<FEFF0041>", b"<>", b"true", b"false", b"null", b"trueness", b"nul"),
        *(b"stream\n", b"endstream", b"endobj", b"obj", b"xref", b"\xff", b"D:2026"),
    ]
)


@given(st.lists(_BITS, max_size=24).map(b"".join))
@settings(max_examples=400)
def test_any_octets_are_read_as_by_pyhanko_or_not_at_all(content: bytes) -> None:
    compare(b"3 0 obj\n" + content + b"\nendobj\n")
    compare(b"3 0 obj<<" + content + b">>endobj ")
    compare(b"3 0 obj [" + content + b"] endobj\r")


@given(st.lists(st.tuples(st.sampled_from([b"/A", b"/Bc", b"/D.e", b"/F"]), _BITS), max_size=8))
@settings(max_examples=400)
def test_dictionaries_of_any_values_are_read_as_by_pyhanko_or_not_at_all(pairs: list[tuple[bytes, bytes]]) -> None:
    compare(b"3 0 obj\n<<" + b" ".join(key + b" " + value for key, value in pairs) + b">>\nendobj\n")


@pytest.mark.parametrize(
    "content",
    [
        b"<</Type/Page/Parent 1 0 R/MediaBox[0 0 595.28 841.89]/Rotate -90/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<< /Length 12 /V (D:20260101) /T (So) /ID [<4142> <FEFF00C0>] /On true /No null >>",
        b"[ 1 0 R\n2 0 R ]",
        b"<<>>",
        b"0",
        b"null",
    ],
)
def test_what_documents_consist_of_is_plain(content: bytes) -> None:
    assert compare(b"3 0 obj\n" + content + b"\nendobj\n")


@pytest.mark.parametrize(
    "content",
    [
        b"<</A 1/A 2>>",
        b"<</A 1 % /B 2\n>>",
        b"<</#41 1>>",
        b"<</A (\\101)>>",
        b"<</A ((b))>>",
        b"<</Length 1>>stream\nx\nendstream",
        b"<</A <4>>>",
        b"<</A 0 0 R>>",
        b"<</A .5>>",
        b"<</A /\xc3\xa9>>",
        b"[" * 20 + b"]" * 20,
        b"<</A 1",
        b"1 2",
    ],
)
def test_what_leaves_a_choice_is_left_to_pyhanko(content: bytes) -> None:
    assert plain_object(b"3 0 obj\n" + content + b"\nendobj\n", generic.Reference(3, 0)) is None


@pytest.mark.parametrize("window", [b" 3 0 obj 1 endobj", b"4 0 obj 1 endobj", b"3 1 obj 1 endobj", b"3 0 obj 1 endob"])
def test_another_object_than_the_one_meant_is_none(window: bytes) -> None:
    assert plain_object(window, generic.Reference(3, 0)) is None


def test_a_value_ends_where_it_is_said_to() -> None:
    reference = generic.Reference(3, 0)
    assert plain_value(b"/A 12 /B", 3, 5, reference) == 12
    assert plain_value(b"/A 12 /B", 3, 6, reference) is None
    assert plain_value(b"/A 12 13", 3, 8, reference) is None
