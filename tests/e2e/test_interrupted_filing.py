"""A program killed between two steps of a file: nothing is signed twice, whether the run is gone on with or asked for
anew."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.documents.hashing import sha256_file
from app.journal.ledger import Ledger
from app.settings import Settings
from app.storage.staging import is_staging
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.e2e.command import Antin
from tests.e2e.signed_once import each_signed_once

#: The command, which kills itself at the second time that a step is over.
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
from app.signing.job import Job
from app.signing.resume import KeptRun
from app.verification import guards
from pkcs11_bridge.client import TokenSession

match sys.argv.pop(1):
    case "prepared":
        killing(Job, "prepare")
    case "answered":
        killing(TokenSession, "sign")
    case "raised":
        killing(Job, "_raised")
    case "confirmed":
        killing(guards, "confirm")
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
    case "done":
        killing(KeptRun, "done")

from app.cli.entry import main
sys.exit(main())
"""


@pytest.fixture
def files(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phu-luc-{number}.xlsx")) for number in range(3)]


@pytest.fixture(scope="module")
def approved(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Documents that the leader has approved, ready for the agency's seal."""
    antin = Antin(tmp_path_factory.mktemp("leader"))
    shutil.copy(office.settings_file, antin.data_dir / "settings.toml")
    token = office.tokens["leader"]
    words = ["sign", "--as", "approve", "--token", token.serial, "--pin-file", "-", "--json"]
    done = antin(*words, "--out", antin.data_dir / "out", *_letters(office), stdin=token.pin)
    assert done.code == 0, done.err
    return [Path(row["output"]) for row in done.rows]


def _letters(office: DemoOffice) -> list[Path]:
    return [office.samples[name] for name in ("quyet_dinh_pdf", "cong_van_pdf", "thong_bao_pdf")]


def _killed(antin: Antin, office: DemoOffice, moment: str, token: str, words: Sequence[object]) -> list[bytes]:
    """Sign until the moment has come; the rows told before."""
    one = office.tokens[token]
    line = ["--data-dir", antin.data_dir, "sign", "--token", one.serial, "--pin-file", "-", "--json", *words]
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, moment, *map(str, line)],
        input=one.pin.encode() + b"\n",
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stdout.decode() + killed.stderr.decode()
    return killed.stdout.splitlines()


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
    out = tmp_path / "out"
    to_folder = ["--out", out] if into == "folder" else []
    told = _killed(antin, office, moment, "second", [*to_folder, *files])
    assert len(told) == 1 or (moment == "noted" and not told)  # the one before it may still be on its way

    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=office.tokens["second"].pin)
    assert resumed.code == 0, resumed.err
    signed = [row["input"] for row in resumed.rows if row["status"] == "signed"]
    assert signed in ([str(path) for path in files[1:]], [str(path) for path in files[len(told) :]])
    assert len(signed) == len(resumed.rows)
    assert all(Path(row["output"]).is_file() for row in resumed.rows)

    folder = out if into == "folder" else settings.archive_dir
    assert len(each_signed_once(antin.data_dir, files, folder)) == len(files)
    assert not any(is_staging(path.name) for path in folder.rglob("*"))
    if into == "archive":
        assert len(antin("archive", "search", "", "--json").rows) == len(files)


def test_a_level_not_reached_is_told_after_an_interruption_too(
    antin: Antin, office: DemoOffice, files: list[Path], services: Services
) -> None:
    with services.failing("tsa", status=500):
        _killed(antin, office, "entered", "second", ["--level", "T", *files[:2]])
        resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=office.tokens["second"].pin)
    assert resumed.code == 0, resumed.err
    told = {(row["level_requested"], row["level_reached"], len(row["warnings"])) for row in resumed.rows}
    assert told == {("T", "B", 1)}


@pytest.mark.parametrize("moment", ["prepared", "answered", "raised", "confirmed", "noted", "named", "done"])
def test_files_named_anew_after_a_crash_are_not_signed_again(
    antin: Antin, office: DemoOffice, settings: Settings, files: list[Path], moment: str
) -> None:
    """Neither the one that was about to be filed nor those that were filed."""
    told = _killed(antin, office, moment, "second", files)
    token = office.tokens["second"]
    again = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", *files, stdin=token.pin)
    assert again.code == 0, again.err
    rows = {row["input"]: row for row in again.rows}
    assert [rows[str(path)]["status"] for path in files] == ["signed"] * len(files)
    assert len(again.rows) == len(files)
    for before in map(json.loads, told):
        assert rows[before["input"]]["output"] == before["output"]
    copies = each_signed_once(antin.data_dir, files, settings.archive_dir)
    assert {Path(row["output"]) for row in again.rows} == set(copies)
    assert not any(is_staging(path.name) for path in settings.archive_dir.rglob("*"))


@pytest.mark.parametrize("moment", ["answered", "noted", "filed"])
@pytest.mark.parametrize(("token", "act"), [("leader", "approve"), ("seal", "issue")])
def test_acts_with_evidence_are_gone_on_with(
    antin: Antin,
    office: DemoOffice,
    settings: Settings,
    approved: list[Path],
    moment: str,
    token: str,
    act: str,
) -> None:
    files = _letters(office) if act == "approve" else approved
    words = ["--as", act, "--level", "LT", *files]
    _killed(antin, office, moment, token, words)
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=office.tokens[token].pin)
    assert resumed.code == 0, resumed.err
    assert {row["level_reached"] for row in resumed.rows} == {"LT"}
    copies = each_signed_once(antin.data_dir, files, settings.archive_dir)
    assert not any(is_staging(path.name) for path in settings.archive_dir.rglob("*"))
    reports = antin("verify", "--json", *copies).rows
    assert [report["conclusion"] for report in reports] == ["valid"] * len(files), reports
    assert {len(report["signatures"]) for report in reports} == {1 if act == "approve" else 2}


@pytest.mark.parametrize("named", ["anew in another way", "after a change"])
def test_what_is_asked_for_in_another_way_is_signed_and_the_first_copy_is_not_lost(
    antin: Antin, office: DemoOffice, files: list[Path], tmp_path: Path, named: str
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    _killed(antin, office, "noted", "second", ["--out", before, *files[:2]])
    if named == "after a change":
        with zipfile.ZipFile(office.samples["xlsx"]) as old, zipfile.ZipFile(files[1], "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        after = before
    token = office.tokens["second"]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", after]
    again = antin(*words, files[1], stdin=token.pin)
    assert [row["status"] for row in again.rows] == ["signed"], again.err
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json")
    assert {row["status"] for row in resumed.rows} == {"signed"}
    *before_it, first = resumed.rows
    assert [row["input"] for row in before_it] in ([], [str(files[0])])  # it may still have been on its way
    assert first["input"] == str(files[1])
    assert again.rows[0]["output"] != first["output"]
    assert all(Path(row["output"]).is_file() for row in (again.rows[0], first))


def test_a_copy_that_was_taken_away_is_made_anew(
    antin: Antin, office: DemoOffice, files: list[Path], tmp_path: Path
) -> None:
    words = ["--out", tmp_path / "out", *files]
    (told,) = _killed(antin, office, "entered", "second", words)
    Path(json.loads(told)["output"]).unlink()
    token = office.tokens["second"]
    again = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", *words, stdin=token.pin)
    assert [row["status"] for row in again.rows] == ["signed"] * 3, again.err
    assert all(Path(row["output"]).is_file() for row in again.rows)


def test_a_filing_that_cannot_be_ended_stays_for_another_time(
    antin: Antin, office: DemoOffice, files: list[Path], tmp_path: Path
) -> None:
    """The copy vanished: the file is not signed again by itself."""
    token = office.tokens["second"]
    out = tmp_path / "out"
    _killed(antin, office, "entered", "second", ["--out", out, *files])
    entered = [entry.data["output_sha256"] for entry in Ledger(antin.data_dir).entries() if entry.kind == "sign"]
    [staged] = [path for path in out.iterdir() if is_staging(path.name) and sha256_file(path) == entered[-1]]
    staged.unlink()
    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert resumed.code == 1
    assert [row["status"] for row in resumed.rows] == ["failed", "signed"]
    assert resumed.rows[0]["error"]["code"] == "signed-copy-gone"
