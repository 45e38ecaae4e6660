"""``antin journal``: listed, checked, exported and counted, with the ledger in a file and in the office's database."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.settings import Settings
from app.times import VIETNAM, today
from tests.demo.office import DemoOffice
from tests.e2e.command import Answer, Antin

pytestmark = pytest.mark.usefixtures("office")


@pytest.fixture
def work(office: DemoOffice, tmp_path: Path) -> Path:
    return Path(shutil.copy(office.samples["xlsx"], tmp_path / "Phụ lục.xlsx"))


def _sign(antin: Antin, office: DemoOffice, work: Path, out: Path) -> Answer:
    token = office.tokens["leader"]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", out, work]
    done = antin(*words, stdin=token.pin + "\n")
    assert done.code == 0, done.out + done.err
    return done


def test_a_ledger_is_listed_checked_exported_and_counted(
    records_settings: Settings, office: DemoOffice, work: Path, tmp_path: Path
) -> None:
    antin = Antin(records_settings.data_dir)
    shared = bool(records_settings.database.url)
    output = _sign(antin, office, work, tmp_path / "signed").rows[0]["output"]
    assert antin("verify", "--json", output).code == 0
    assert (records_settings.data_dir / "ledger.jsonl").exists() is not shared

    listed = antin("journal", "list", "--json")
    assert [row["kind"] for row in listed.rows] == ["sign", "file", "seal", "verify"]
    assert listed.rows[0]["data"]["key"] == "person" and listed.rows[0]["data"]["unit"]
    begun = dt.datetime.fromisoformat(listed.rows[0]["time"]).astimezone(VIETNAM).date()
    day = dt.timedelta(days=1)
    until = today()
    assert antin("journal", "list", "--json", "--from", until + day).rows == []
    assert antin("journal", "list", "--json", "--to", begun - day).rows == []
    assert len(antin("journal", "list", "--json", "--from", begun, "--to", until).rows) == len(listed.rows)

    checked = antin("journal", "verify", "--json")
    assert (checked.code, checked.rows[0]["ok"], checked.rows[0]["seals"], checked.rows[0]["sealed"]) == (0, True, 1, 2)
    assert [seal["standing"] for seal in checked.rows[0]["seal_list"]] == ["office"]
    assert office.tokens["leader"].holder in antin("journal", "verify").err

    exported = antin("journal", "export", "--json", "--out", tmp_path / "sổ.zip")
    assert exported.rows[0]["entries"] == len(listed.rows)
    with zipfile.ZipFile(tmp_path / "sổ.zip") as archive:
        archive.extractall(tmp_path / "sổ")
    script = subprocess.run(
        [
            sys.executable,
            "-I",
            str(tmp_path / "sổ" / "check_ledger.py"),
            str(tmp_path / "sổ"),
            str(office.pki.root_certificate),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert script.returncode == 0 and "WHOLE: 4" in script.stdout, script.stderr
    assert antin("journal", "export", "--out", tmp_path / "sổ.zip").code == 2, "nothing is written over"

    first = begun.replace(month=1, day=1)
    report = antin("journal", "report", "--from", first, "--to", until, "--out", tmp_path / "b.xlsx", "--json").rows[0]
    assert (report["signed"], report["checked"], report["sealed_sessions"]) == (1, 1, 1)
    assert report["documents"] == {"issued": 0, "signed": 0, "received": 0}
    assert report["devices"]["total"] == 0
    assert (tmp_path / "b.xlsx").read_bytes()[:2] == b"PK"
    assert antin("journal", "report", "--out", tmp_path / "b.pdf").code == 0
    assert (tmp_path / "b.pdf").read_bytes()[:5] == b"%PDF-"
    assert antin("journal", "report", "--out", tmp_path / "b.pdf").code == 2, "nothing is written over"
    assert antin("journal", "report", "--from", until, "--to", first - day).code == 2
    assert "Lượt ký số" in antin("journal", "report").out


def test_a_changed_entry_is_named(antin: Antin, office: DemoOffice, work: Path, tmp_path: Path) -> None:
    _sign(antin, office, work, tmp_path / "signed")
    path = antin.data_dir / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"plain"', b'"issue"', 1))
    checked = antin("journal", "verify", "--json")
    assert (checked.code, checked.rows[0]["first_bad"], checked.rows[0]["code"]) == (1, 1, "changed")


def test_a_seal_whose_root_is_not_trusted_proves_nothing(
    antin: Antin, office: DemoOffice, work: Path, tmp_path: Path
) -> None:
    _sign(antin, office, work, tmp_path / "signed")
    shutil.copy(antin.data_dir / "ledger.jsonl", tmp_path / "ledger.jsonl")
    elsewhere = Antin(tmp_path / "elsewhere")
    elsewhere.data_dir.mkdir()
    for name in ("ledger.jsonl", "ledger.head"):
        shutil.copy(antin.data_dir / name, elsewhere.data_dir)
    checked = elsewhere("journal", "verify", "--json")
    assert (checked.code, checked.rows[0]["ok"], checked.rows[0]["unproven"]) == (4, True, 3)


def test_a_seal_counts_once_the_register_has_its_token(
    antin: Antin, office: DemoOffice, work: Path, tmp_path: Path
) -> None:
    """Anybody with a certificate of the country's roots could have sealed it; the settings of this office pin none.
    What a new office is to do is said."""
    token = office.tokens["leader"].serial
    settings = antin.data_dir / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[journal]")[0], encoding="utf-8")
    _sign(antin, office, work, tmp_path / "signed")
    checked = antin("journal", "verify", "--json")
    (row,) = checked.rows
    assert (checked.code, row["ok"], row["sealed"], row["unproven"], row["unregistered"]) == (4, True, 0, None, 3)
    assert [(seal["standing"], seal["token"]) for seal in row["seal_list"]] == [("unregistered", token)]
    assert f"custody register --token {token}" in row["next_step"]
    read = antin("--lang", "vi", "journal", "verify")
    assert read.code == 4 and f"custody register --token {token}" in " ".join(read.out.split() + read.err.split())
    assert antin("custody", "register", "--token", token).code == 0
    checked = antin("journal", "verify", "--json")
    assert checked.rows[0]["next_step"] == ""
    assert (checked.code, checked.rows[0]["sealed"], checked.rows[0]["unregistered"]) == (0, 2, None)


@pytest.mark.parametrize("reached", [True, False], ids=["reached before", "never reached before"])
def test_signing_while_the_database_is_away_keeps_the_entries_and_says_so(
    reached: bool,
    antin: Antin,
    office: DemoOffice,
    work: Path,
    tmp_path: Path,
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.demo.database import PASSWORD

    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    settings = antin.data_dir / "settings.toml"
    before = settings.read_text(encoding="utf-8")
    there = postgresql_url.rpartition("@")[2]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{closed.getsockname()[1]}/{there.partition('/')[2]}"

    def database_at(place: str) -> None:
        settings.write_text(f'{before}\n[database]\nurl = "postgresql://antin@{place}"\n', encoding="utf-8")

    if reached:
        database_at(there)
        assert not _sign(antin, office, work, tmp_path / "1").err
    database_at(away)
    assert "3 mục" in _sign(antin, office, work, tmp_path / "2").err, "said so"
    kept = (antin.data_dir / "ledger-waiting" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in kept] == ["sign", "file", "unsealed"]
    assert antin("journal", "list", "--json").code != 0, "never a part for the whole"
    database_at(there)
    checked = antin("journal", "verify", "--json")
    assert (checked.code, checked.rows[0]["ok"], checked.rows[0]["entries"], checked.rows[0]["waiting"]) == (
        0,
        True,
        6 if reached else 3,
        0,
    )
