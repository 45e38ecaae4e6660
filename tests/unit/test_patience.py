"""Answers that do not come are given up, those that come are not."""

from __future__ import annotations

import threading
import time

from app.documents.patience import Watch


def test_what_takes_too_long_is_ended_once() -> None:
    watch, ended, count = Watch(), threading.Event(), []

    def act() -> None:
        count.append(1)
        ended.set()

    with watch.over_after(0.01, act):
        assert ended.wait(10)
        with watch.over_after(0.01, ended.clear):
            pass
    assert count == [1]


def test_what_ends_in_time_is_left_alone() -> None:
    watch, later = Watch(), threading.Event()
    touched: list[int] = []
    for number in range(50):
        with watch.over_after(1.0, lambda number=number: touched.append(number)):  # type: ignore[misc]
            pass
    with watch.over_after(1.1, later.set):
        assert later.wait(10)
    assert touched == []


def test_a_shorter_patience_that_begins_later_ends_first() -> None:
    watch, short = Watch(), threading.Event()
    long: list[float] = []
    with watch.over_after(60, lambda: long.append(0.0)):
        started = time.monotonic()
        with watch.over_after(0.01, short.set):
            assert short.wait(10)
        assert time.monotonic() - started < 10
    assert long == []


def test_many_wait_at_once() -> None:
    watch = Watch()
    ended = [threading.Event() for _ in range(20)]

    def wait(event: threading.Event) -> None:
        with watch.over_after(0.02, event.set):
            event.wait(10)

    threads = [threading.Thread(target=wait, args=(event,)) for event in ended]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert all(event.is_set() for event in ended)
