"""``antin sign --resume``: what a stopped run left is signed as it was asked for, once, and nothing of it is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.journal.ledger import Ledger
from app.signing.model import SignOptions
from app.signing.resume import Remaining, begin, take
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


@pytest.fixture
def files(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phu-luc-{number}.xlsx")) for number in range(6)]


@pytest.fixture
def misbehaviour(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "orders", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return compile_module(tmp_path)


def _signed(antin: Antin) -> Counter[str]:
    return Counter(entry.data["input"] for entry in Ledger(antin.data_dir).entries() if entry.kind == "sign")


def _kill_after(antin: Antin, rows: int, words: list[object], pin: str) -> None:
    line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir), *map(str, words)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pin.encode() + b"\n")
        process.stdin.close()
        for _row in range(rows):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)


def test_a_run_that_was_killed_is_gone_on_with_and_nothing_is_signed_twice(
    antin: Antin, office: DemoOffice, files: list[Path], misbehaviour: Misbehaviour, module: Path
) -> None:
    misbehaviour.order(sign_delay_ms=300)
    token = office.tokens["second"]
    first = ["sign", "--module", module, "--token", token.serial, "--pin-file", "-", "--json", *files]
    _kill_after(antin, 2, first, token.pin)
    _kill_after(antin, 1, ["sign", "--resume", "--pin-file", "-", "--json"], token.pin)
    misbehaviour.behave()
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert resumed.code == 0, resumed.err
    assert _signed(antin) == Counter(map(str, files))


def test_another_run_does_not_forget_what_is_left(antin: Antin, office: DemoOffice, files: list[Path]) -> None:
    token = office.tokens["second"]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json"]
    assert antin(*words, *files[:2], stdin="000000").code == 3
    assert antin(*words, files[2], stdin=token.pin).code == 0
    assert antin(*words, files[3], stdin="000000").code == 3
    for left in ([files[3]], files[:2]):
        resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
        assert [row["input"] for row in resumed.rows] == list(map(str, left))
    assert antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin).out == ""


def test_a_run_goes_on_with_the_module_roots_and_options_it_was_begun_with(
    antin: Antin, office: DemoOffice, files: list[Path], misbehaviour: Misbehaviour, module: Path, tmp_path: Path
) -> None:
    token = office.tokens["second"]
    out = tmp_path / "out"
    stopped = antin(
        "sign", "--module", module, "--token", token.serial, "--out", out, "--pin-file", "-", files[0], stdin="000000"
    )
    assert stopped.code == 3
    assert misbehaviour.calls("C_Sign") == 0
    assert antin("sign", "--resume", "--as", "approve", "--pin-file", "-", stdin=token.pin).code == 2
    assert antin("sign", "--resume", "--pin-file", "-", stdin=token.pin).code == 0
    assert misbehaviour.calls("C_Sign") > 0
    assert _signed(antin) == Counter([str(files[0])])
    assert [path.name for path in out.iterdir()] == ["phu-luc-0_daky.xlsx"]


def test_a_run_that_another_program_works_on_is_not_taken(tmp_path: Path) -> None:
    older = begin(tmp_path, Remaining(["/a"], SignOptions()))
    older.close()
    working = begin(tmp_path, Remaining(["/b", "/c"], SignOptions()))
    found = take(tmp_path)
    assert found is not None
    assert found.remaining.files == ["/a"]
    assert take(tmp_path) is None
    working.done(0)
    working.close()
    again = take(tmp_path)
    assert again is not None
    assert again.remaining.files == ["/c"]
    again.done(0)
    again.close()
    found.done(0)
    found.close()
    assert list((tmp_path / "remaining").iterdir()) == []


def test_files_asked_for_anew_are_not_left_to_an_earlier_run(
    antin: Antin, office: DemoOffice, files: list[Path]
) -> None:
    token = office.tokens["second"]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json"]
    assert antin(*words, *files[:3], stdin="000000").code == 3
    assert antin(*words, *files[:2], stdin=token.pin).code == 0
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert [row["input"] for row in resumed.rows] == [str(files[2])]
    assert _signed(antin) == Counter(map(str, files[:3]))


def test_a_note_that_cannot_be_read_is_told(antin: Antin) -> None:
    folder = antin.data_dir / "remaining"
    folder.mkdir()
    (folder / "1.jsonl").write_text("{")
    answer = antin("sign", "--resume")
    assert answer.code == 2
    assert "1.jsonl" in answer.err


def test_two_programs_at_once_share_one_data_folder(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """Each with its own token, both over the same documents and so the same names."""
    running = []
    for name in ("leader", "second"):
        token = office.tokens[name]
        files = [samples[sample] for sample in ("quyet_dinh_pdf", "quyet_dinh_docx", "cong_van_pdf", "xlsx")]
        line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir), "sign"]
        line += ["--token", token.serial, "--pin-file", "-", "--json", *map(str, files)]
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(token.pin.encode() + b"\n")
        process.stdin.flush()
        running.append(process)
    outputs = []
    for process in running:
        told, complaints = process.communicate(timeout=100)
        assert process.returncode == 0, complaints + told
        outputs += [json.loads(row)["output"] for row in told.splitlines()]
    assert len(set(outputs)) == 8
    assert all(Path(path).is_file() for path in outputs)
    ledger = Ledger(antin.data_dir)
    assert ledger.verify().ok
    kinds = Counter(entry.kind for entry in ledger.entries())
    assert (kinds["sign"], kinds["file"]) == (8, 8)
    assert list((antin.data_dir / "remaining").iterdir()) == []
