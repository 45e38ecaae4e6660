"""One window for each user and data folder: real processes, as the desktop starts them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.command import Antin
from ui import instance

#: An administrator is bound by the rights of files like anybody else where the capabilities are given up.
_BOUND = ["setpriv", "--bounding-set=-all"] if os.getuid() == 0 else []
_NOBODY = 65534
_PATIENCE = 60.0


def _until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


class Desk:
    """A person's desktop: starts windows on one data folder."""

    def __init__(self, data_dir: Path, runtime: Path) -> None:
        self.data_dir = data_dir
        self.place = runtime / "antin"
        self._environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
        self._started: list[subprocess.Popen[str]] = []

    def starts(self, *words: object) -> subprocess.Popen[str]:
        """Start the program and leave it running."""
        line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(self.data_dir), "open", *map(str, words)]
        made = subprocess.Popen(
            line, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._started.append(made)
        return made

    def opens(self, *words: object) -> subprocess.Popen[str]:
        """Start the program and wait until it listens to others."""
        before = self.address()
        made = self.starts(*words)
        _until(lambda: self.address() not in ("", before) or made.poll() is not None)
        assert made.poll() is None, made.communicate()[1]
        return made

    def address(self) -> str:
        """Whom starts speak to, with when that was said; empty where nobody listens."""
        for file in self.place.glob("*.address"):
            with contextlib.suppress(OSError):
                return f"{file.read_text()} {file.stat().st_mtime_ns}"
        return ""

    def checked(self, file: Path) -> bool:
        """Whether the window has checked a file: the ledger says so."""
        ledger = self.data_dir / "ledger.jsonl"
        return ledger.exists() and file.name in ledger.read_text(encoding="utf-8")

    def ends(self) -> None:
        for one in self._started:
            one.kill()
            one.communicate()


@pytest.fixture
def desk(data_dir: Path) -> Iterator[Desk]:
    runtime = Path(tempfile.mkdtemp(prefix="antin-run-"))  # a socket's path is short
    made = Desk(data_dir, runtime)
    yield made
    made.ends()
    shutil.rmtree(runtime)


@pytest.fixture
def letters(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    return [Path(shutil.copy(samples["xlsx"], tmp_path / f"Bảng kê {name}.xlsx")) for name in ("một", "hai", "ba")]


def test_a_second_start_hands_its_files_to_the_window_and_ends(desk: Desk, letters: list[Path]) -> None:
    window = desk.opens(letters[0])
    second = desk.starts("--verify", letters[1].as_uri())
    assert second.wait(_PATIENCE) == 0
    assert desk.starts().wait(_PATIENCE) == 0
    _until(lambda: desk.checked(letters[0]) and desk.checked(letters[1]))
    assert window.poll() is None


def test_many_starts_at_once_are_one_window(desk: Desk, letters: list[Path]) -> None:
    """Explorer starts one process for each file chosen."""
    starts = [desk.starts("--verify", letter) for letter in letters]
    _until(lambda: all(desk.checked(letter) for letter in letters))
    _until(lambda: sum(one.poll() is None for one in starts) == 1)
    assert sorted(one.poll() or 0 for one in starts) == [0, 0, 0]


def test_after_a_kill_the_next_start_is_the_window(desk: Desk, letters: list[Path]) -> None:
    first = desk.opens()
    first.kill()
    first.wait(_PATIENCE)
    assert list(desk.place.glob("*.sock"))
    second = desk.opens()
    assert desk.starts("--verify", letters[0]).wait(_PATIENCE) == 0
    _until(lambda: desk.checked(letters[0]))
    assert second.poll() is None


def test_a_window_that_hangs_is_told_and_does_not_hold_up_the_second(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = desk.opens()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(desk.place.parent))
    window.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(instance.WindowNotAnswering):
            instance.claim_or_hand_over(desk.data_dir, instance.Request(), patience=0.5)
    finally:
        window.send_signal(signal.SIGCONT)
    assert instance.claim_or_hand_over(desk.data_dir, instance.Request(), patience=_PATIENCE) is None


def test_nobody_else_can_reach_the_window(desk: Desk) -> None:
    desk.opens()
    [path] = desk.place.glob("*.sock")
    assert stat.S_IMODE(desk.place.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    for folder in (desk.place, desk.place.parent):
        folder.chmod(0o755)  # even where somebody opened the folders, the socket stays shut
    if os.getuid() == 0:
        assert _refused_to_another_user(path)


def _refused_to_another_user(path: Path) -> bool:
    """Whether the socket is shut to another user; asked by a process that becomes one."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
        try:
            socket.socket(socket.AF_UNIX).connect(str(path))
        except PermissionError:
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_two_users_and_two_data_folders_have_windows_of_their_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(desk.place.parent))
    mine = instance.claim_or_hand_over(desk.data_dir, instance.Request())
    other = instance.claim_or_hand_over(tmp_path / "other", instance.Request())
    assert mine is not None
    assert other is not None
    with pytest.raises(instance.WindowNotAnswering):
        instance.claim_or_hand_over(desk.data_dir / ".." / desk.data_dir.name, instance.Request(), patience=0)
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert instance._name(desk.data_dir) != mine.name
    mine.release()
    other.release()


def test_a_folder_of_somebody_else_is_no_meeting_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = Path(tempfile.mkdtemp(prefix="antin-run-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)  # what is made belongs to another from here on
    with pytest.raises(instance.NoMeetingPlace):
        instance.meeting_place()
    shutil.rmtree(place)


def test_handing_over_loads_nothing_of_the_window(desk: Desk) -> None:
    desk.opens()
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(desk.place.parent)}
    line = [sys.executable, "-X", "importtime", "-m", "app.cli.entry", "--data-dir", str(desk.data_dir), "open"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=_PATIENCE, env=environment, check=True)
    rows = (row for row in done.stderr.splitlines() if row.startswith("import time:"))
    loaded = {row.rpartition("|")[2].strip() for row in rows}
    assert "PySide6.QtNetwork" in loaded
    heavy = {"PySide6.QtWidgets", "PySide6.QtGui", "ui.app", "ui.window", "app.office", "sqlalchemy", "cryptography"}
    assert loaded & (heavy | {"pyhanko", "lxml", "rich", "app.signing", "app.verification"}) == set()


@pytest.mark.parametrize("display", [None, ":77"])
def test_without_a_screen_there_is_a_sentence_and_the_commands_work(
    antin: Antin, samples: dict[str, Path], display: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    said = antin("--lang", "en", "open", samples["xlsx"])
    assert said.code == 2
    assert "antin --help" in said.err
    assert "Traceback" not in said.err
    assert antin("--lang", "en").err == antin("--lang", "en", "open").err == said.err
    assert antin("verify", "--offline", samples["xlsx"]).code == 5


@pytest.fixture
def sealed_home() -> Iterator[Path]:
    """A home folder in which its user may write nothing."""
    home = Path(tempfile.mkdtemp(prefix="antin-home-"))
    home.chmod(0o555)
    yield home
    home.chmod(0o755)
    shutil.rmtree(home)


def test_a_read_only_home_is_told_and_leaves_nothing_half_done(
    sealed_home: Path, samples: dict[str, Path], tmp_path: Path
) -> None:
    letter = sealed_home.parent / f"{sealed_home.name}.xlsx"
    shutil.copy(samples["xlsx"], letter)
    letter.chmod(0o644)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("XDG_") and name != "SOFTHSM2_CONF"
    }
    environment |= {"HOME": str(sealed_home), "PYTHONDONTWRITEBYTECODE": "1"}

    def runs(*words: object) -> subprocess.CompletedProcess[str]:
        line = [*_BOUND, sys.executable, "-m", "app.cli.entry", "--lang", "en", *map(str, words)]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=100)

    try:
        checked = runs("verify", "--offline", letter)
        assert checked.returncode == 5
        assert "not entered in the ledger" in checked.stderr
        filed = runs("archive", "search", "quyết định")
        assert filed.returncode == 2
        assert str(sealed_home) in filed.stderr
        for said in (checked, filed):
            assert "Traceback" not in said.stderr
    finally:
        letter.unlink()
    code, said_by_window = _at_a_terminal([*_BOUND, sys.executable, "-m", "app.cli.entry", "--lang", "en"], environment)
    assert code == 2
    assert f"data folder {sealed_home}" in said_by_window
    assert "Traceback" not in said_by_window
    assert list(sealed_home.iterdir()) == []


def _at_a_terminal(line: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Exit code and standard error of a program started at a terminal; elsewhere it tells in a box as well."""
    ours, its = os.openpty()
    done = subprocess.run(line, env=environment, stdout=subprocess.DEVNULL, stderr=its, timeout=100)
    os.close(its)
    with os.fdopen(ours, encoding="utf-8", errors="replace") as terminal:
        said = ""
        with contextlib.suppress(OSError):  # what a terminal says when nobody writes to it any more
            while read := terminal.readline():
                said += read
    return done.returncode, " ".join(said.split())
