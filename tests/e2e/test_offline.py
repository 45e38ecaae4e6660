"""Offline means offline: no socket for any format, with any command on trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.model import Genuine, Workshop
from tests.attacks.table import samples as table
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.e2e.command import Antin

_GUARDED = """
import sys
def guard(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        sys.stderr.write("SOCKET " + event + str(args[1:]) + chr(10))
        sys.stderr.flush()
sys.addaudithook(guard)
from app.cli.entry import main
sys.exit(main())
"""
"""Runs the command with every use of a socket told."""


def guarded(antin: Antin, *words: object) -> tuple[int, str, list[str]]:
    """Exit code, output, and what was done with sockets."""
    line = [sys.executable, "-c", _GUARDED, "--data-dir", str(antin.data_dir), *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, env=dict(os.environ), check=False)
    return done.returncode, done.stdout, [line for line in done.stderr.splitlines() if line.startswith("SOCKET")]


@pytest.fixture
def every_format(office: DemoOffice, tmp_path: Path) -> Path:
    """A folder with a genuine file of each format."""
    (tmp_path / "xuong").mkdir()
    workshop = Workshop(office, tmp_path / "xuong")
    folder = tmp_path / "den"
    wanted: dict[str, Genuine] = {}
    for sample in table():
        if isinstance(sample, Genuine):
            wanted.setdefault(sample.format, sample)
    for name, sample in wanted.items():
        place = folder / name
        place.mkdir(parents=True)
        sample.make(workshop, place)
    return folder


def test_no_format_opens_a_socket_offline(antin: Antin, every_format: Path, tmp_path: Path) -> None:
    report = tmp_path / "bao-cao.pdf"
    code, out, seen = guarded(antin, "verify", "--offline", "--json", "--report", report, every_format)
    rows: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert {row["format"] for row in rows} >= {"pdf", "ooxml", "odf", "asice", "cms", "xml"}
    assert code in (0, 4)
    assert all(row["signatures"] for row in rows), [row["path"] for row in rows if not row["signatures"]]
    assert seen == []
    assert report.stat().st_size > 1000
    _, _, online = guarded(antin, "verify", "--online", "--json", every_format)
    assert any("socket.connect" in line for line in online), "the guard itself must see"


def test_no_command_on_trust_opens_a_socket_but_an_update_online(antin: Antin, pki: Pki, tmp_path: Path) -> None:
    revocations = tmp_path / "ca.crl"
    revocations.write_bytes(pki.crl("root"))
    stranger = pki.stranger_root_certificate
    code, out, seen = guarded(antin, "trust", "add", "--yes", "--json", stranger)
    assert (code, seen) == (0, [])
    [added] = [json.loads(line) for line in out.splitlines()]
    for words, expected in (
        (("trust", "list", "--all", "--json"), 0),
        (("trust", "disable", added["sha256"]), 0),
        (("trust", "enable", added["sha256"]), 0),
        (("trust", "remove", added["sha256"]), 0),
        (("trust", "import-crl", revocations), 0),
        (("trust", "update", "--offline"), 2),
    ):
        code, _, seen = guarded(antin, *words)
        assert (code, seen) == (expected, []), words
    code, _, seen = guarded(antin, "trust", "update", "--online")
    assert any("socket.connect" in line for line in seen)
