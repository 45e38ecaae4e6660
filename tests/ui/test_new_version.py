"""A package that was upgraded under the running window."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import __version__, installed
from ui.status_line import StatusLine
from ui.widgets.new_version import NewVersion
from ui.window import MainWindow


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says the installed version, of a package whose program runs."""
    program = tmp_path / "antin" / __version__ / "antin"
    program.parent.mkdir(parents=True)
    file = tmp_path / "antin" / installed.FILE_NAME
    file.write_text(f"{__version__}\n", encoding="ascii")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    return file


def _install(file: Path, octets: bytes) -> None:
    """Put another file in the place of the one that says the version, as dpkg does."""
    new = file.with_suffix(".dpkg-new")
    new.write_bytes(octets)
    new.replace(file)


def test_the_window_tells_that_a_new_version_waits(qtbot: QtBot, window: MainWindow, packaged: Path) -> None:
    line = StatusLine(window.tokens)
    qtbot.addWidget(line)
    line.show()
    told = line.findChild(NewVersion)
    assert told is not None and not told.isVisible()
    _install(packaged, b"99.1\n")
    qtbot.waitUntil(told.isVisible, timeout=30_000)
    assert "99.1" in told.text.text() and told.accessibleName() == told.text.text()
    _install(packaged, f"{__version__}\n".encode())
    qtbot.waitUntil(told.isHidden, timeout=30_000)


@pytest.mark.parametrize(
    "octets", [b"", b"\xff\xfe", b"<b>1</b>\n", b"9" * 5000], ids=["empty", "octets", "tags", "long"]
)
def test_what_is_no_version_is_not_told(packaged: Path, octets: bytes) -> None:
    _install(packaged, octets)
    assert installed.waiting_version(packaged) is None


def test_only_a_package_says_its_version(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed.version_file() == packaged
    packaged.unlink()
    assert installed.version_file() is None
    assert installed.waiting_version(packaged) is None
    monkeypatch.delattr(sys, "frozen")
    assert installed.version_file() is None
