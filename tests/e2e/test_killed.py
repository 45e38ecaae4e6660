"""A program killed at any moment of a batch: no half file under a final name, no broken ledger, nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.journal.ledger import Ledger
from app.office import Office
from app.settings import Settings
from app.storage.staging import is_staging
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


@pytest.mark.parametrize("moment", [0.15, 0.45, 0.9])
def test_kill_9_in_mid_batch(
    antin: Antin,
    office: DemoOffice,
    settings: Settings,
    samples: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: float,
) -> None:
    module = compile_module(tmp_path)
    misbehaviour = Misbehaviour(tmp_path / "orders", office.module)
    misbehaviour.order(sign_delay_ms=120)
    for name, value in misbehaviour.environment.items():
        monkeypatch.setenv(name, value)
    inputs = tmp_path / "in"
    inputs.mkdir()
    files = [Path(shutil.copy(samples["xlsx"], inputs / f"phu-luc-{number}.xlsx")) for number in range(12)]
    contents = {path: path.read_bytes() for path in files}
    token = office.tokens["second"]
    line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir)]
    line += ["sign", "--module", str(module), "--token", token.serial, "--pin-file", "-", "--json", *map(str, files)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(token.pin.encode() + b"\n")
        process.stdin.close()
        told = [process.stdout.readline()]
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        told += process.stdout.readlines()
    assert {path: path.read_bytes() for path in files} == contents

    ledger = Ledger(antin.data_dir)
    check = ledger.verify()
    assert check.ok, check
    entries = list(ledger.entries())
    signed = {entry.data["output_sha256"] for entry in entries if entry.kind == "sign"}
    copies = [
        path
        for path in settings.archive_dir.rglob("*")
        if path.is_file() and ".antin" not in path.parts and not is_staging(path.name)
    ]
    assert len(copies) >= sum(1 for row in told if row.endswith(b"\n")), "a copy that was told is not there"
    with Office(settings) as opened:
        for copy in copies:
            report = opened.verify(copy)
            assert report.conclusion in ("valid", "warning"), report
            assert report.sha256 in signed, "a signed file without its entry"
    assert Ledger(antin.data_dir).verify().ok

    rest = antin(
        "sign", "--module", module, "--token", token.serial, "--pin-file", "-", "--json", *files, stdin=token.pin
    )
    assert rest.code == 0, rest.err
    assert len(rest.rows) == len(files)
