"""Work off the main thread."""

from __future__ import annotations

import sys
import threading
import time

import shiboken6
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from tests.ui.heartbeat import Heartbeat
from tests.ui.person import PATIENCE
from ui import work
from ui.work import Job, Pool


def test_results_errors_and_steps_arrive_in_the_main_thread(qtbot: QtBot) -> None:
    pool = Pool(2)
    seen: list[tuple[str, object, bool]] = []
    main = threading.main_thread()

    def note(what: str) -> object:
        return lambda value: seen.append((what, value, threading.current_thread() is main))

    def count(job: Job[int]) -> int:
        assert threading.current_thread() is not main
        job.report(1)
        return 2

    def fail(job: Job[int]) -> int:
        raise ValueError("no")

    pool.start(count, done=note("done"), failed=note("failed"), progress=note("step"))  # type: ignore[arg-type]
    pool.start(fail, done=note("done"), failed=note("failed"))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: pool.unfinished == 0, timeout=PATIENCE)
    assert ("step", 1, True) in seen
    assert ("done", 2, True) in seen
    assert [str(value) for what, value, _main in seen if what == "failed"] == ["no"]


def test_a_pool_that_is_left_waits_for_nothing_and_lives_until_its_threads_have_ended(qtbot: QtBot) -> None:
    parent = QObject()
    pool = Pool(1, parent)
    began, release, ended = threading.Event(), threading.Event(), threading.Event()
    heard: list[object] = []

    def hang(job: Job[None]) -> None:
        began.set()
        release.wait(60)
        ended.set()

    pool.start(hang, done=heard.append, failed=heard.append)
    qtbot.waitUntil(began.is_set, timeout=PATIENCE)
    pool.leave()
    shiboken6.delete(parent)
    assert not ended.is_set() and shiboken6.isValid(pool)
    release.set()
    qtbot.waitUntil(lambda: not work._left, timeout=PATIENCE)
    assert ended.is_set() and heard == []


def test_a_cancelled_job_is_heard_of_no_more_and_waiting_ones_do_not_begin(qtbot: QtBot) -> None:
    pool = Pool(1)
    began: list[int] = []
    heard: list[int] = []
    release = threading.Event()

    def work(number: int) -> object:
        def run(job: Job[int]) -> int:
            began.append(number)
            release.wait(5)
            return number

        return run

    for number in (1, 2, 3):
        pool.start(work(number), done=heard.append, failed=lambda error: None)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: began == [1], timeout=PATIENCE)
    pool.cancel_all()
    release.set()
    assert pool.close()
    qtbot.wait(50)
    assert (began, heard, pool.unfinished) == ([1], [], 0)


def test_the_event_loop_beats_on_while_threads_compute(qtbot: QtBot) -> None:
    pool = Pool(2)

    def compute(job: Job[int]) -> int:
        until = time.perf_counter() + 0.5
        total = 0
        while time.perf_counter() < until:
            total += sum(range(1000))
        return total

    with Heartbeat() as heart:
        for _number in range(2):
            pool.start(compute, done=lambda total: None, failed=lambda error: None)
        qtbot.waitUntil(lambda: pool.unfinished == 0, timeout=PATIENCE)
    assert heart.beats > 2
    assert heart.busiest < 0.1


def test_what_comes_at_once_arrives_in_order_and_leaves_the_window_its_turns(qtbot: QtBot) -> None:
    pool = Pool(1)
    arrived: list[int] = []

    def report(job: Job[None]) -> None:
        for number in range(60):
            job.report(number)

    def receive(number: object) -> None:
        assert isinstance(number, int)
        arrived.append(number)
        until = time.thread_time() + 0.002
        while time.thread_time() < until:
            pass

    with Heartbeat() as heart:
        pool.start(report, done=lambda nothing: None, failed=lambda error: None, progress=receive)
        qtbot.waitUntil(lambda: pool.unfinished == 0, timeout=PATIENCE)
    assert arrived == list(range(60))
    assert heart.beats > 3  # of 120 ms


def test_a_receiver_that_fails_holds_up_nothing_that_came_with_it(qtbot: QtBot) -> None:
    pool = Pool(1)
    arrived: list[object] = []

    def report(job: Job[None]) -> None:
        for number in range(3):
            job.report(number)

    def receive(number: object) -> None:
        if number == 0:
            raise ValueError("no")
        arrived.append(number)

    with qtbot.capture_exceptions() as raised:
        pool.start(report, done=arrived.append, failed=lambda error: None, progress=receive)
        qtbot.waitUntil(lambda: pool.unfinished == 0, timeout=PATIENCE)
    assert arrived == [1, 2, None]
    assert [kind for kind, _value, _trace in raised] == [ValueError]


class _Emitter(QObject):
    told = Signal(object)


def test_the_binding_keeps_count_of_true(qtbot: QtBot) -> None:
    """Some releases of PySide6 give away a reference to True at every emit; Python ends when none is left."""
    emitter = _Emitter()
    emitter.told.connect(lambda value: None)
    before = sys.getrefcount(True)
    for _time in range(500):
        emitter.told.emit(None)
    assert sys.getrefcount(True) > before - 100
