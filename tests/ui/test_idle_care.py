"""While nobody works at the window the archive is looked at, and evidence that is owed is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.archive.model import FiledCopy
from app.office import Office
from app.settings import Settings
from ui.idle_care import IdleCare


@pytest.fixture
def opened(settings: Settings) -> Iterator[Office]:
    with Office(settings) as opened:
        yield opened


@pytest.fixture
def copies(opened: Office, signed_documents: list[Path]) -> list[FiledCopy]:
    found = [opened.archive.add(path, signers=opened.signers(path)) for path in signed_documents[:2]]
    for copy in found:
        opened.ledger.append("file", path=copy.path, sha256=copy.sha256, archive=True)
    return found


def _unchecked(opened: Office) -> int:
    return opened.keeper.health().standing().unchecked


def test_what_was_not_looked_at_for_long_is(qtbot: QtBot, opened: Office, copies: list[FiledCopy]) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    busy = True
    care = IdleCare(opened, lambda: busy, owner)
    care.begin()
    assert (care._job, _unchecked(opened)) == (None, len(copies)), "something else goes on"
    busy = False
    care.begin()
    qtbot.waitUntil(lambda: _unchecked(opened) == 0, timeout=60_000)
    qtbot.waitUntil(lambda: care._job is None, timeout=60_000)
    assert care._quiet.isActive(), "and again later"
    care.stop()


def test_the_settings_switch_it_off(qtbot: QtBot, settings: Settings, opened: Office, copies: list[FiledCopy]) -> None:
    opened.settings = msgspec.structs.replace(settings, archive=msgspec.structs.replace(settings.archive, check_days=0))
    owner = QWidget()
    qtbot.addWidget(owner)
    care = IdleCare(opened, lambda: False, owner)
    care.begin()
    qtbot.waitUntil(lambda: care._job is None, timeout=60_000)
    assert _unchecked(opened) == len(copies)
    care.stop()


def test_a_key_in_whatever_window_is_in_front_ends_it(qtbot: QtBot, opened: Office, copies: list[FiledCopy]) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    care = IdleCare(opened, lambda: False, owner)
    with qtbot.waitActive(owner, timeout=30_000):
        owner.show()
    box = QDialog(owner)
    for window in (owner, box):
        with qtbot.waitActive(window, timeout=30_000):
            window.show()
            window.activateWindow()
        care.begin()
        job = care._job
        assert job is not None
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)  # type: ignore[call-overload]
        assert care._job is None and job.cancelled.is_set()
    care.stop()
    QTest.keyClick(owner.windowHandle(), Qt.Key.Key_A)  # type: ignore[call-overload]
    assert not care._quiet.isActive()


def test_evidence_that_is_owed_is_gathered_and_why_not_is_told(opened: Office, copies: list[FiledCopy]) -> None:
    keeper, shelf = opened.keeper, opened.keeper.shelf
    first, second = (copy.sha256 for copy in copies)
    assert keeper.owing(first) is None and not shelf.has(first)
    keeper._owed.add(first, second)
    waiting = keeper.owing(first)
    assert waiting is not None and waiting.why is None
    Path(copies[1].path).unlink()
    keeper.gather_owed()
    assert shelf.has(first) and keeper.owing(first) is None
    stopped = keeper.owing(second)
    assert stopped is not None and stopped.why is not None
    assert keeper._owed.all() == [second], "tried again another time"
    keeper.close()
    with Office(opened.settings) as later:
        assert later.keeper.owing(second) is not None, "another program knows of it"
