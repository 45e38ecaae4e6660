"""Questions asked of a process that may be lost over any of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.documents.child import ChildProcess

#: Answers in capitals, but hangs or ends over some questions.
_PROGRAM = """
import os, time
from app.documents.pipe import serve

def answer(question):
    if question == b"hang":
        time.sleep(600)
    if question == b"end":
        os._exit(1)
    return question.upper()

serve(answer, 1 << 30)
"""


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChildProcess]:
    monkeypatch.setattr("app.documents.child.command_of", lambda _module: [sys.executable, "-I", "-c", _PROGRAM])
    process = ChildProcess("asked", patience=30)
    yield process
    process.close()


def test_a_question_that_costs_the_process_costs_no_other_its_answer(child: ChildProcess) -> None:
    asked = [b"a", b"end", b"b", b"hang", b"hang", b"c", b"d", b"end"]
    assert list(child.ask_each(asked, patience=1.5)) == [b"A", None, b"B", None, None, b"C", b"D", None]
    assert child.ask(b"e") == b"E"
    assert list(child.ask_each([])) == []


def test_answers_that_nobody_waits_for_are_no_answers_to_others(child: ChildProcess) -> None:
    with closing(child.ask_each([b"a", b"b", b"c"])) as answers:
        assert next(answers) == b"A"
    assert child.ask(b"d") == b"D"


def test_what_is_given_up_is_the_question_that_is_worked_on(child: ChildProcess) -> None:
    with closing(child.ask_each([b"a", b"hang", b"b"])) as answers:
        assert next(answers) == b"A"
        child.give_up()
        assert list(answers) == [None, b"B"]
