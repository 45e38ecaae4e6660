"""An office's year by commands alone, on SQLite and on PostgreSQL: sign, issue, file, search, hand over, lose, revoke,
report, verify the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.settings import Settings
from app.times import today
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.office_year import CLERK, ISSUED, RECEIVED, Played, written


@pytest.mark.timeout(300)  # some thirty commands
def test_an_offices_year(records_settings: Settings, office: DemoOffice, tmp_path: Path) -> None:
    # on one of the two every command is started as a user starts it
    antin = Antin(records_settings.data_dir, anew=not records_settings.database.url)
    played = Played(antin, office, tmp_path / "documents")
    begun = today()
    year = played.play()
    arrived = {str(begun.year), str(today().year)}  # both where the year ends meanwhile

    # every document issued stands by year and type, valid for a recipient
    archive = records_settings.archive_dir
    assert len(year.filed) == len(ISSUED)
    assert all(path.is_relative_to(archive / "2026") for path in year.filed)
    assert {path.relative_to(archive / "Văn bản đến").parts[0] for path in year.incoming} <= arrived
    reports = played.run("verify", "--json", *year.filed).rows
    assert {report["conclusion"] for report in reports} == {"valid"}

    # found as people type, what names it before what only speaks of it
    def search(*words: str) -> list[Path]:
        return [Path(row["path"]) for row in played.run("archive", "search", "--json", *words).rows]

    assert search("to cong nghe so cong dong")[0] == year.filed[2]
    assert search("4/QĐ-UBND")[0] == year.filed[5]
    assert search("lap ho so dien tu", "--incoming") == [year.incoming[0]]
    assert search("khong co van ban nao nhu vay") == []

    # the registers tell the gap
    (register,) = played.run("archive", "register", "--json", "--year", "2026", "--out", tmp_path / "so-di.pdf").rows
    assert (tmp_path / "so-di.pdf").read_bytes().startswith(b"%PDF")
    gaps = {one["series"]: (one["first"], one["last"]) for one in register["irregularities"]}
    assert gaps["Quyết định UBND"] == ("3", "3")
    received = [
        played.run(
            "archive", "register", "--json", "--year", name, "--incoming", "--out", tmp_path / f"so-den-{name}.xlsx"
        ).rows[0]["documents"]
        for name in arrived
    ]
    assert sum(received) == len(RECEIVED)

    # the custody says in whose hands the seal is, and what became of the token lost
    seal, second = office.tokens["seal"], office.tokens["second"]
    (now,) = played.run("custody", "who", "--json", seal.serial).rows
    assert now["holder"]["name"] == CLERK.partition(";")[0]
    states = {row["serial"]: row for row in played.run("custody", "list", "--json").rows}
    assert (states[second.serial]["keeping"], states[second.serial]["condition"]) == ("lost", "revoked")
    history = played.run("custody", "history", "--json", second.serial).rows
    assert [row["kind"] for row in history] == ["received", "lost", "revoked"]
    minutes = tmp_path / "bien-ban.pdf"
    (told,) = played.run("custody", "minutes", year.minutes[0], "--json", "--out", minutes).rows
    assert told["permission_owed"] == []
    (checked,) = played.run("verify", "--json", minutes).rows
    assert checked["conclusion"] == "valid"
    assert len(checked["signatures"]) == 2

    # reports for the authority
    for name in ("bao-cao.pdf", "bao-cao.xlsx", "bao-cao.json"):
        played.run("journal", "report", "--from", "2026-01-01", "--to", today(), "--out", tmp_path / name)
    usage = json.loads((tmp_path / "bao-cao.json").read_text(encoding="utf-8"))
    assert usage["signed"] == 2 * len(ISSUED) + len(RECEIVED) + 2
    assert {each["name"]: each["count"] for each in usage["by_act"]}["issue"] == len(ISSUED)

    # every copy is there as it was filed; the ledger is whole, sealed, and a change of it is found
    copies = played.run("archive", "check", "--json", code=4).rows
    assert {row["state"] for row in copies} == {"whole"}
    assert {row["conclusion"] for row in copies} == {"valid"}
    unproven = {row["path"] for row in copies if [each["code"] for each in row["concerns"]] == ["no-time-stamp"]}
    assert unproven.isdisjoint(map(str, year.filed))
    assert unproven >= set(map(str, year.incoming))
    (whole,) = played.run("journal", "verify", "--json").rows
    assert whole["ok"]
    assert whole["sealed"] > 0
    assert whole["unproven"] is None


def test_a_changed_year_is_found_out(data_dir: Path, office: DemoOffice, tmp_path: Path) -> None:
    played = Played(Antin(data_dir), office, tmp_path / "documents")
    played.issues(written(tmp_path, *ISSUED[0]))
    [copy] = played.year.filed
    ledger = data_dir / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(office.tokens["leader"].holder.encode(), "Trần Văn Bình".encode()))
    copy.write_bytes(copy.read_bytes().replace(b"%PDF-1", b"%PDF-2", 1))
    (found,) = played.run("journal", "verify", "--json", code=1).rows
    assert (found["ok"], found["code"]) == (False, "changed")
    [row] = [row for row in played.run("archive", "check", "--json", code=1).rows if row["path"] == str(copy)]
    assert row["state"] == "altered"
