"""``antin doctor`` on workstations where something went wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_module(tmp_path_factory.mktemp("module"))


def checks(antin: Antin, *options: object, env: dict[str, str] | None = None) -> dict[str, dict[str, object]]:
    return {row["check"]: row for row in antin("doctor", "--json", *options, env=env).rows}


def test_what_the_file_for_support_holds_is_shown(antin: Antin, tmp_path: Path) -> None:
    path = tmp_path / "ho-tro.zip"
    shown = antin("doctor", "--show")
    assert "--- doctor.txt" in shown.out and "--- crashes.txt" in shown.out
    both = antin("doctor", "--json", "--show", "--bundle", path)
    assert len(both.rows) >= 18, "nothing but rows on standard output"
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            assert packed.read(name).decode() in both.err.replace("\r", "")


def test_a_crash_of_the_program_is_told_by_the_next_start_and_put_into_the_file(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """Killed while it signs, by the signal that a broken library brings about."""
    token = office.tokens["leader"]
    document = Path(shutil.copy(samples["cong_van_pdf"], tmp_path / "Công văn điều động Đặng Thị Kim Thoa.pdf"))
    os.mkfifo(fifo := tmp_path / "waiting")
    command = [
        sys.executable,
        "-m",
        "app.cli.entry",
        "--data-dir",
        str(antin.data_dir),
        "sign",
        "--token",
        token.serial,
    ]
    running = subprocess.Popen([*command, "--pin-file", str(fifo), str(document)], stderr=subprocess.PIPE)
    with running, fifo.open("wb", buffering=0) as pipe:  # opens once the command reads the PIN
        pipe.write(token.pin.encode())
        running.send_signal(signal.SIGSEGV)
        running.wait(100)
    assert running.returncode == -signal.SIGSEGV
    found = checks(antin)
    assert (found["crashes"]["status"], found["crashes"]["facts"]) == ("warn", {"reports": 1, "new": 1})
    path = tmp_path / "ho-tro.zip"
    antin("doctor", "--bundle", path)
    with zipfile.ZipFile(path) as packed:
        told = packed.read("crashes.txt").decode()
    assert "stopped" in told and "Segmentation fault" in told and "app/cli/" in told
    left = b"".join(file.read_bytes() for file in (antin.data_dir / "crashes").iterdir()) + told.encode()
    for secret in (token.pin, token.serial, "Thoa", str(tmp_path)):
        assert secret.encode() not in left


def test_a_crash_of_the_window_is_told_too(antin: Antin) -> None:
    command = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir)]
    folder = antin.data_dir / "crashes"
    with subprocess.Popen(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}) as running:
        until = time.monotonic() + 60
        while not list(folder.glob("running-window-*.trace")) and time.monotonic() < until and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGSEGV)
        running.wait(100)
    assert running.returncode == -signal.SIGSEGV
    assert checks(antin)["crashes"]["facts"] == {"reports": 1, "new": 1}


def test_a_driver_that_dies_leaves_a_report(
    antin: Antin, office: DemoOffice, misbehaving: Path, tmp_path: Path
) -> None:
    control = tmp_path / "control"
    control.mkdir()
    behaviour = Misbehaviour(control / "orders", office.module)
    behaviour.order(crash_at="C_GetTokenInfo")
    done = antin("tokens", "--module", misbehaving, env=behaviour.environment)
    assert "module-crashed" in done.out + done.err or done.code != 0
    path = tmp_path / "ho-tro.zip"
    antin("doctor", "--bundle", path)
    with zipfile.ZipFile(path) as packed:
        told = packed.read("crashes.txt").decode()
    assert "module" in told and "SIGSEGV" in told and "ListTokens" in told
    assert str(tmp_path) not in told


def test_an_archive_folder_that_nobody_may_write_to(antin: Antin) -> None:
    settings = antin.data_dir / "settings.toml"
    settings.write_text('archive_root = "/proc/kho"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    answer = antin("doctor", "--json")
    [row] = [row for row in answer.rows if row["check"] == "archive"]
    assert (row["status"], answer.code) == ("fail", 1)
    assert row["hint"]


def test_no_screen_is_told(antin: Antin) -> None:
    found = checks(antin, env={"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert (found["display"]["status"], found["display"]["code"]) == ("warn", "no-display")


def test_settings_that_cannot_be_read_are_told_and_the_rest_is_looked_at(antin: Antin) -> None:
    settings = antin.data_dir / "settings.toml"
    settings.write_text("[network]\nonline = 3\n", encoding="utf-8")
    found = checks(antin)
    assert (found["settings"]["status"], found["settings"]["code"]) == ("fail", "settings-invalid")
    assert found["settings"]["hint"]
    assert found.keys() >= {"modules", "clock", "data", "archive", "fonts"}
