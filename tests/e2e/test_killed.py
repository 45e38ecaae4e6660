"""A program killed at any moment of a batch: no half file under a final name, no broken ledger, nothing lost."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.documents.hashing import sha256_file
from app.journal.ledger import Ledger
from app.office import Office
from app.settings import Settings
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.e2e.signed_once import copies_in, each_signed_once
from tests.token.build import Misbehaviour, compile_module

_FILES = 12
_KILLS = 4
#: How long the token takes for each file, in milliseconds: about what the rest of a file takes.
_TOKEN_MS = 60


def test_a_batch_killed_again_and_again_is_signed_once(
    antin: Antin,
    office: DemoOffice,
    settings: Settings,
    samples: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed while the token, the next file and the last one are all under way; each time gone on with."""
    module = compile_module(tmp_path)
    misbehaviour = Misbehaviour(tmp_path / "orders", office.module)
    misbehaviour.order(sign_delay_ms=_TOKEN_MS)
    for name, value in misbehaviour.environment.items():
        monkeypatch.setenv(name, value)
    inputs = tmp_path / "in"
    inputs.mkdir()
    files = [Path(shutil.copy(samples["xlsx"], inputs / f"phu-luc-{number}.xlsx")) for number in range(_FILES)]
    contents = {path: path.read_bytes() for path in files}
    token = office.tokens["second"]
    moments = random.Random(4)
    words: list[object] = ["--module", module, "--token", token.serial, *files]
    told: set[str] = set()
    for _time in range(_KILLS):
        told |= _killed(antin, token.pin, words, rows=moments.randint(1, 2), later=moments.uniform(0, 2 * _TOKEN_MS))
        words = ["--module", module, "--resume"]
        assert {path: path.read_bytes() for path in files} == contents
        assert Ledger(antin.data_dir).verify().ok
        copies = copies_in(settings.archive_dir)
        assert told <= set(map(str, copies)), "a copy that was told is not there"
        entered = {entry.data["output_sha256"] for entry in Ledger(antin.data_dir).entries() if entry.kind == "sign"}
        assert set(map(sha256_file, copies)) <= entered, "a signed file without its entry"
    ended = antin("sign", *words, "--pin-file", "-", "--json", stdin=token.pin)
    assert ended.code == 0, ended.err
    copies = each_signed_once(antin.data_dir, files, settings.archive_dir)
    assert told <= set(map(str, copies))
    with Office(settings) as opened:
        assert {opened.verify(copy).conclusion for copy in copies} <= {"valid", "warning"}


def _killed(antin: Antin, pin: str, words: Sequence[object], *, rows: int, later: float) -> set[str]:
    """Sign until some files are told, and the given milliseconds on; the copies told. On a machine that is busy with
    other things the run may have come to its end meanwhile.

    :param rows: how many files are waited for.
    """
    line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir)]
    line += ["sign", "--pin-file", "-", "--json", *map(str, words)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pin.encode() + b"\n")
        process.stdin.close()
        said = [process.stdout.readline() for _row in range(rows)]
        select.select([], [], [], later / 1000)
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
        complaints = process.stderr.read() if process.stderr is not None else b""
    assert all(said) or process.returncode == 0, complaints
    return {json.loads(row)["output"] for row in said if row.endswith(b"\n")}
