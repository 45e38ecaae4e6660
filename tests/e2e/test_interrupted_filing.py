"""A program killed between the token's signature and the note that nothing is left to do: nothing is signed twice."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.journal.ledger import Ledger
from app.settings import Settings
from app.storage.staging import is_staging
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin

#: The command, which kills itself at the second time that a step of filing is over.
_KILLED = """
import os, signal, sys
times = 0

def over():
    global times
    times += 1
    if times == 2:
        os.kill(os.getpid(), signal.SIGKILL)

def killing(owner, name, counts=lambda *given: True):
    original = getattr(owner, name)
    def step(*given, **named):
        answer = original(*given, **named)
        if counts(*given):
            over()
        return answer
    setattr(owner, name, step)

from app.filing import ArchiveDestination, FolderDestination
from app.journal.ledger import Ledger
from app.signing.resume import KeptRun

match sys.argv.pop(1):
    case "noted":
        killing(KeptRun, "about_to_file")
    case "entered":
        killing(Ledger, "append", lambda ledger, kind: kind == "sign")
    case "half named":
        killing(os, "link")
    case "named":
        killing(os, "unlink", lambda path: "/.antin-" in str(path) and os.path.basename(path).startswith(".antin-"))
    case "placed":
        killing(ArchiveDestination, "take")
        killing(FolderDestination, "take")
    case "filed":
        killing(Ledger, "append", lambda ledger, kind: kind == "file")

from app.cli.entry import main
sys.exit(main())
"""


@pytest.fixture
def files(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phu-luc-{number}.xlsx")) for number in range(3)]


@pytest.mark.parametrize(
    ("moment", "into"),
    [(moment, "archive") for moment in ("noted", "entered", "half named", "named", "placed", "filed")]
    + [(moment, "folder") for moment in ("noted", "half named", "named")],
)
def test_what_was_signed_is_filed_and_not_signed_again(
    antin: Antin,
    office: DemoOffice,
    settings: Settings,
    files: list[Path],
    tmp_path: Path,
    moment: str,
    into: str,
) -> None:
    token = office.tokens["second"]
    out = tmp_path / "out"
    words = ["--data-dir", antin.data_dir, "sign", "--token", token.serial, "--pin-file", "-", "--json"]
    words += ["--out", out] if into == "folder" else []
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, moment, *map(str, words), *map(str, files)],
        input=token.pin.encode() + b"\n",
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(killed.stdout.splitlines()) == 1

    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert resumed.code == 0, resumed.err
    assert [(row["input"], row["status"]) for row in resumed.rows] == [(str(path), "signed") for path in files[1:]]
    assert all(Path(row["output"]).is_file() for row in resumed.rows)

    entries = list(Ledger(antin.data_dir).entries())
    assert Ledger(antin.data_dir).verify().ok
    signed = [entry.data for entry in entries if entry.kind == "sign"]
    assert Counter(data["input"] for data in signed) == Counter(map(str, files))
    assert Counter(e.data["sha256"] for e in entries if e.kind == "file") == Counter(d["output_sha256"] for d in signed)
    folder = out if into == "folder" else settings.archive_dir
    copies = [path for path in folder.rglob("*") if path.is_file()]
    assert len(copies) == len(files)
    assert not any(is_staging(path.name) for path in copies)
    if into == "archive":
        assert len(antin("archive", "search", "", "--json").rows) == len(files)
    assert list((antin.data_dir / "remaining").iterdir()) == []


def test_a_filing_that_cannot_be_ended_stays_for_another_time(
    antin: Antin, office: DemoOffice, files: list[Path], tmp_path: Path
) -> None:
    """The copy vanished: the file is not signed again by itself."""
    token = office.tokens["second"]
    out = tmp_path / "out"
    words = ["--data-dir", antin.data_dir, "sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", out]
    subprocess.run(
        [sys.executable, "-c", _KILLED, "entered", *map(str, words), *map(str, files)],
        input=token.pin.encode() + b"\n",
        capture_output=True,
        timeout=100,
        check=False,
    )
    [staged] = [path for path in out.iterdir() if is_staging(path.name)]
    staged.unlink()
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert resumed.code == 1
    assert [row["status"] for row in resumed.rows] == ["failed", "signed"]
    assert resumed.rows[0]["error"]["code"] == "signed-copy-gone"
