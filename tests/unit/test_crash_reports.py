"""The program's log and the reports of crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.support import crashes, log

SECRET = "Đặng Thị Kim Thoa 73915468"

_PROGRAM = """
import os, sys, subprocess, threading
from pathlib import Path
from app.support import observing
observing.start(Path(sys.argv[1]), "command")
pin = holder = {secret!r}
def inner(pin):
    {act}
inner(pin)
"""
_HELPER = "from app.support.helper import report_crashes; report_crashes(); import ctypes; ctypes.string_at(1)"


def run(data_dir: Path, act: str) -> subprocess.CompletedProcess[str]:
    """A program that keeps a log and does something."""
    program = _PROGRAM.format(secret=SECRET, act=act)
    command = [sys.executable, "-c", program, str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def written(data_dir: Path) -> str:
    return "".join(path.read_text("utf-8") for path in data_dir.rglob("*") if path.is_file())


def test_a_segmentation_fault_leaves_a_report_for_the_next_start(tmp_path: Path) -> None:
    ended = run(tmp_path, "import ctypes; ctypes.string_at(1)")
    assert ended.returncode == -signal.SIGSEGV
    [kept] = crashes.reports(tmp_path)
    report = kept.report
    assert (report.kind, report.process, report.error) == ("stopped", "command", "Segmentation fault")
    assert any(place.startswith("ctypes:") for place in kept.report.places)
    assert not kept.told
    assert SECRET not in written(tmp_path)
    assert list(crashes.folder(tmp_path).glob("*.trace")) == []


def test_a_signal_from_outside_is_reported_too(tmp_path: Path) -> None:
    ended = run(tmp_path, "os.kill(os.getpid(), 11)")
    assert ended.returncode == -signal.SIGSEGV
    assert [kept.report.kind for kept in crashes.reports(tmp_path)] == ["stopped"]


def test_a_helper_s_crash_is_reported_and_the_program_goes_on(tmp_path: Path) -> None:
    ended = run(tmp_path, f"print(subprocess.run([sys.executable, '-c', {_HELPER!r}]).returncode)")
    assert (ended.returncode, ended.stdout.strip()) == (0, str(-signal.SIGSEGV)), ended.stderr
    assert [(kept.report.kind, kept.report.error) for kept in crashes.reports(tmp_path)] == [
        ("error", "Segmentation fault")
    ]


@pytest.mark.parametrize(
    ("act", "kind", "code"),
    [
        ("raise ValueError(pin)", "stopped", 1),
        ("t = threading.Thread(target=int, args=(pin,)); t.start(); t.join()", "error", 0),
    ],
    ids=["program", "thread"],
)
def test_an_error_nobody_foresaw_is_reported_without_its_words(tmp_path: Path, act: str, kind: str, code: int) -> None:
    assert run(tmp_path, act).returncode == code
    [kept] = crashes.reports(tmp_path)
    assert (kept.report.kind, kept.report.error) == (kind, "ValueError")
    assert "Thoa" not in written(tmp_path) and "73915468" not in written(tmp_path)


def test_a_program_that_ends_well_leaves_no_report(tmp_path: Path) -> None:
    assert run(tmp_path, "pass").returncode == 0
    assert crashes.reports(tmp_path) == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["antin.log"]


def test_one_that_runs_is_not_taken_for_crashed(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        _PROGRAM.format(secret="", act="print('up', flush=True); sys.stdin.read()"),
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stdout.readline() == "up\n"
        assert crashes.reports(tmp_path) == []
        assert list(crashes.folder(tmp_path).glob("*.trace"))
        running.send_signal(signal.SIGSEGV)
        running.wait(100)
    assert len(crashes.reports(tmp_path)) == 1


def test_reports_are_seen_once_and_deleted_on_request(tmp_path: Path) -> None:
    run(tmp_path, "raise ValueError")
    crashes.mark_told(crashes.reports(tmp_path))
    [kept] = crashes.reports(tmp_path)
    assert kept.told
    crashes.remove([kept])
    assert crashes.reports(tmp_path) == []


def test_a_folder_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_bytes(b"")
    (tmp_path / "logs").write_bytes(b"")
    assert run(tmp_path, "print('done')").stdout == "done\n"
    missing = tmp_path / "missing"
    assert run(missing, "print('done')").stdout == "done\n"
    assert not missing.exists()


def test_the_log_stays_small_and_is_written_by_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_SIZE", 20_000)
    monkeypatch.setattr(log, "_file", tmp_path / "logs" / "antin.log")
    writers = [
        threading.Thread(target=lambda: [log.note("error", error="disk-full") for _ in range(400)]) for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    files = log.files(tmp_path)
    assert len(files) == log.KEPT + 1
    assert all(path.stat().st_size < 21_000 for path in files)
    assert all(line.endswith(b"}") for path in files for line in log.lines(path))


def test_a_report_that_is_no_report_is_left_out(tmp_path: Path) -> None:
    folder = crashes.folder(tmp_path)
    folder.mkdir()
    (folder / "one.json").write_bytes(b"{")
    (folder / "two.json").write_bytes(b'{"time":"2026-11-05T00:00:00","kind":"stopped","version":"1"}')
    (folder / f"running-command-{os.getpid()}.trace").write_bytes(b"no trace")
    assert crashes.reports(tmp_path) == []
