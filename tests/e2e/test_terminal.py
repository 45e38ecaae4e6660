"""The command among pipes, terminals and odd file names: nothing is lost, nobody is misled."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.journal.ledger import Ledger
from app.settings import Settings
from app.storage.staging import is_staging
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module

#: ``văn-bản`` in a code page of the nineties: no UTF-8.
ODD = b"v\xe3n-b\xb6n.xlsx"


def _copies(samples: dict[str, Path], folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phu-luc-{number}.xlsx")) for number in range(count)]


def _line(antin: Antin, *words: object) -> list[str]:
    return [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir), *map(str, words)]


def test_a_file_name_that_is_no_utf8_is_signed_told_and_verified(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + ODD))
    shutil.copy(samples["quyet_dinh_docx"].with_name(samples["xlsx"].name), path)
    token = office.tokens["second"]
    for target in ([], ["--out", tmp_path / "out"]):
        answer = antin(
            "sign", "--token", token.serial, "--pin-file", "-", "--json", *target, path, stdin=token.pin
        )  # fmt: skip
        assert answer.code == 0, answer.err
        (row,) = answer.rows
        assert row["status"] == "signed"
        assert row["input"] == str(path), "a path is printed as given"
        (report,) = antin("verify", "--json", row["output"]).rows
        assert report["conclusion"] == "valid", report
        assert report["path"] == row["output"]
    assert antin("verify", path).code == 5
    refused = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", path, stdin="000000")
    assert (refused.code, refused.rows[0]["status"]) == (3, "skipped")
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert [row["input"] for row in resumed.rows] == [str(path)]
    assert resumed.rows[0]["status"] == "signed"
    added = antin("archive", "add", "--json", path)
    assert added.code == 0, added.err + added.out


def test_a_reader_that_goes_away_ends_the_run_and_nothing_is_lost(
    antin: Antin, office: DemoOffice, settings: Settings, samples: dict[str, Path], tmp_path: Path
) -> None:
    files = _copies(samples, tmp_path / "in", 8)
    token = office.tokens["second"]
    line = _line(antin, "sign", "--token", token.serial, "--pin-file", "-", "--json", *files)
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(token.pin.encode() + b"\n")
        process.stdin.close()
        assert process.stderr is not None
        told = process.stderr.read()
        assert process.wait(60) == 1, told
    assert b"Traceback" not in told
    left = [path for path in settings.archive_dir.rglob("*") if is_staging(path.name)]
    assert left == []
    signed = {entry.data["input"] for entry in Ledger(antin.data_dir).entries() if entry.kind == "sign"}
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert {row["input"] for row in resumed.rows} == {str(path) for path in files} - signed
    assert len(signed) < len(files)


def test_standard_output_that_is_closed_is_no_crash(antin: Antin) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *_line(antin, "tokens", "--json")],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr


class Terminal:
    """The command on a terminal of its own, its processes one foreground group, as in a person's shell."""

    def __init__(self, line: list[str]) -> None:
        self.shown = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execv(line[0], line)

    def until(self, words: str, limit: float = 30.0) -> None:
        deadline = time.monotonic() + limit
        while words.encode() not in self.shown:
            assert time.monotonic() < deadline, self.shown.decode(errors="replace")
            if not self._read(0.2):
                raise AssertionError(self.shown.decode(errors="replace"))

    def keys(self, text: str) -> None:
        os.write(self.master, text.encode())

    def ended(self, limit: float = 60.0) -> int:
        deadline = time.monotonic() + limit
        while self._read(0.2):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, wait: float) -> bool:
        """False where the other side has ended."""
        if not select.select([self.master], [], [], wait)[0]:
            return True
        try:
            piece = os.read(self.master, 4096)
        except OSError:
            return False
        self.shown += piece
        return bool(piece)


@pytest.fixture
def misbehaviour(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "orders", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return compile_module(tmp_path)


def test_ctrl_c_at_the_prompt_tries_no_pin(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], misbehaviour: Misbehaviour, module: Path
) -> None:
    token = office.tokens["second"]
    terminal = Terminal(_line(antin, "sign", "--module", module, "--token", token.serial, samples["xlsx"]))
    terminal.until(token.serial)
    terminal.keys("00\x03")
    assert terminal.ended() == 3, terminal.shown.decode()
    assert misbehaviour.calls("C_Login") == 0


def test_ctrl_c_in_mid_run_lets_the_file_on_the_token_be_finished(
    antin: Antin,
    office: DemoOffice,
    samples: dict[str, Path],
    misbehaviour: Misbehaviour,
    module: Path,
    tmp_path: Path,
) -> None:
    misbehaviour.order(sign_delay_ms=700)
    files = _copies(samples, tmp_path / "in", 5)
    token = office.tokens["second"]
    terminal = Terminal(_line(antin, "sign", "--module", module, "--token", token.serial, *files))
    terminal.until(token.serial)
    terminal.keys(token.pin + "\n")
    deadline = time.monotonic() + 30
    while misbehaviour.calls("C_Sign") == 0:
        assert time.monotonic() < deadline, terminal.shown.decode()
        time.sleep(0.02)
    terminal.keys("\x03")
    assert terminal.ended() == 0, terminal.shown.decode()
    assert token.pin not in terminal.shown.decode()
    kinds = [entry.kind for entry in Ledger(antin.data_dir).entries()]
    signed = kinds.count("sign")
    assert 1 <= signed < len(files), terminal.shown.decode()
    assert misbehaviour.calls("C_Sign") == signed + kinds.count("seal"), "the signature on the token was lost"


def test_names_are_never_taken_for_markup_or_orders_to_the_terminal(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "[red] \x1b[2K\nHỢP LỆ.xlsx"
    shutil.copy(samples["xlsx"], path)
    token = office.tokens["second"]
    pin = tmp_path / "pin"
    pin.write_text(token.pin)
    terminal = Terminal(_line(antin, "sign", "--token", token.serial, "--pin-file", pin, path))
    assert terminal.ended() == 0, terminal.shown.decode()
    answer = antin("verify", path)
    assert answer.code == 5
    assert "\x1b" not in answer.out
    assert not any(line.startswith("HỢP LỆ") for line in answer.out.splitlines())
    missing = antin("sign", "--token", token.serial, "--pin-file", pin, tmp_path / "\x1b]0;x\x07.pdf")
    assert missing.code == 1
    assert "\x1b" not in missing.out + missing.err


def test_a_folder_that_cannot_be_walked_is_not_passed_over(antin: Antin, tmp_path: Path) -> None:
    """Root reads every folder, so that a name too long for the system stands for one that cannot be read."""
    code = "import os, sys; os.chdir(sys.argv[1]); [(os.mkdir('d' * 250), os.chdir('d' * 250)) for _ in range(20)]"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    answer = antin("verify", "--json", tmp_path)
    assert answer.code == 3, answer.out
    assert answer.rows[0]["conclusion"] == "unreadable"


def test_the_language_asked_for_is_also_that_of_files_checked_side_by_side(
    antin: Antin, samples: dict[str, Path]
) -> None:
    files = [samples["xlsx"], samples["pptx"]]
    alone = antin("--lang", "en", "verify", "--json", *files).rows
    beside = antin("--lang", "en", "verify", "--jobs", "2", "--json", *files).rows
    assert {row["path"]: row["summary"] for row in beside} == {row["path"]: row["summary"] for row in alone}


def test_a_file_named_twice_is_signed_once(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    (path,) = _copies(samples, tmp_path / "in", 1)
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    token = office.tokens["second"]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json", path, path, link]
    answer = antin(*words, stdin=token.pin)
    assert answer.code == 0, answer.err
    assert [row["input"] for row in answer.rows] == [str(path)]
    kinds = [json.loads(line)["kind"] for line in antin("journal", "list", "--json").out.splitlines()]
    assert kinds == ["sign", "file", "seal"]


def test_a_token_that_is_not_plugged_in_stops_the_run(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    answer = antin("sign", "--token", "ABSENT", "--pin-file", "-", "--json", samples["xlsx"], stdin="0")
    assert answer.code == 3
    (row,) = answer.rows
    assert (row["status"], row["error"]["code"]) == ("skipped", "no-such-key")


def test_somebody_elses_document_is_asked_about_before_the_pin(
    antin: Antin,
    office: DemoOffice,
    samples: dict[str, Path],
    misbehaviour: Misbehaviour,
    module: Path,
    tmp_path: Path,
) -> None:
    token = office.tokens["second"]
    line = _line(
        antin, "sign", "--as", "approve", "--module", module, "--token", token.serial, "--out", tmp_path / "out",
        samples["quyet_dinh_pdf"],
    )  # fmt: skip
    refusing = Terminal(line)
    refusing.until("[y/N]")
    assert token.serial not in refusing.shown.decode(errors="replace")
    refusing.keys("n\n")
    assert refusing.ended() == 1, refusing.shown.decode()
    assert misbehaviour.calls("C_Login") == 0
    agreeing = Terminal(line)
    agreeing.until("[y/N]")
    agreeing.keys("y\n")
    agreeing.until(token.serial)
    agreeing.keys(token.pin + "\n")
    assert agreeing.ended() == 0, agreeing.shown.decode()
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 1


def test_no_pin_is_asked_where_nothing_is_to_be_signed(
    antin: Antin,
    office: DemoOffice,
    samples: dict[str, Path],
    misbehaviour: Misbehaviour,
    module: Path,
    tmp_path: Path,
) -> None:
    """Half a PDF, and a decision that the seal must not go on before a person has signed it."""
    torn = tmp_path / "tai-do.pdf"
    torn.write_bytes(samples["quyet_dinh_pdf"].read_bytes()[:2_000])
    out = tmp_path / "out"
    line = _line(
        antin, "sign", "--as", "issue", "--module", module, "--token", office.tokens["seal"].serial, "--out", out,
        torn, samples["quyet_dinh_pdf"],
    )  # fmt: skip
    refused = Terminal(line)
    assert refused.ended() == 1, refused.shown.decode()
    assert office.tokens["seal"].serial not in refused.shown.decode()
    assert "tai-do.pdf" in refused.shown.decode()
    assert misbehaviour.calls("C_Login") == 0
    assert list(out.glob("**/*")) == []
    resumed = antin("sign", "--resume", "--pin-file", "-")
    assert resumed.code == 0, "nothing was kept of it"
