"""What is loaded is left alone by the collector, and what is made later is not."""

from __future__ import annotations

import gc
import io
import weakref

import pytest

from app.documents import pipe
from app.garbage import loaded_left_alone


class _Ring:
    def __init__(self) -> None:
        self.itself = self


def test_a_ring_made_in_the_block_is_collected_and_all_is_looked_at_again_after_it() -> None:
    before = gc.get_freeze_count()
    with loaded_left_alone():
        assert gc.get_freeze_count() > before
        made = weakref.ref(_Ring())
        gc.collect()
        assert made() is None
    assert gc.get_freeze_count() == 0


def test_the_block_ends_with_an_error_as_without() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), loaded_left_alone():
        assert gc.get_threshold()[0] > before[0]
        1 / 0  # noqa: B018
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == before


def test_a_process_settles_after_its_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[int] = []
    stream = io.BytesIO()
    for message in (b"one", b"two", b"three"):
        pipe.send(stream, message)
    stream.seek(0)
    heard: list[bytes] = []
    monkeypatch.setattr(pipe, "leave_loaded_alone", lambda: settled.append(len(heard)))
    for message in pipe.asked(stream):
        heard.append(message)
    assert heard == [b"one", b"two", b"three"]
    assert settled == [1]
