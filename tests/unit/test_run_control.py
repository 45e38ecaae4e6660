"""The reins of a run: what waits, what wakes it, what ends its log-in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.signing.control import RunControl, ScreenLocked, SessionIdle


def _waits(control: RunControl, release: object) -> None:
    waiting = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        turn = pool.submit(control.await_turn, 0, waiting.set)
        assert waiting.wait(10)
        assert not turn.done()
        release()  # type: ignore[operator]
        turn.result(timeout=10)


def test_nothing_waits_without_a_reason() -> None:
    RunControl(idle_seconds=1).await_turn(0, lambda: pytest.fail("waited"))


def test_a_paused_run_waits_until_it_goes_on() -> None:
    control = RunControl()
    control.pause()
    _waits(control, control.go_on)
    assert not control.paused


def test_under_review_each_file_waits_for_its_own_yes() -> None:
    control = RunControl(review=True)
    control.approve(1)
    control.await_turn(1, lambda: pytest.fail("waited"))
    _waits(control, lambda: control.approve(0))
    control = RunControl(review=True)
    _waits(control, lambda: control.skip(0))
    assert control.is_skipped(0)
    control = RunControl(review=True)
    _waits(control, control.approve_rest)
    control.await_turn(5, lambda: pytest.fail("waited"))


def test_cancelling_and_locking_the_screen_wake_what_waits() -> None:
    control = RunControl(review=True)
    _waits(control, control.cancel)
    assert control.cancelled
    control = RunControl(review=True)
    reason = ScreenLocked()
    _waits(control, lambda: control.end_session(reason))
    assert control.ended is reason


def test_a_run_that_nobody_answers_ends_its_log_in() -> None:
    control = RunControl(review=True, idle_seconds=0.1)
    control.await_turn(0, lambda: None)
    assert isinstance(control.ended, SessionIdle)
