"""Turns of threads are short for the length of a block."""

from __future__ import annotations

import sys

import pytest

from app.turns import short_turns


def test_turns_are_short_in_the_block_and_as_before_after_an_error() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError), short_turns():
        assert sys.getswitchinterval() < before
        1 / 0  # noqa: B018
    assert sys.getswitchinterval() == before


def test_shorter_turns_are_left_as_they_are() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with short_turns():
            assert sys.getswitchinterval() == pytest.approx(1e-5)
    finally:
        sys.setswitchinterval(before)
