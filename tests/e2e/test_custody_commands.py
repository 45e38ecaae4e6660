"""The custody of an office's tokens by commands alone, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.times import today
from tests.demo.office import DemoOffice
from tests.e2e.command import Answer, Antin

LEADER = "Nguyễn Văn An; Chủ tịch; UBND xã Phong Điền"
SECOND = "Trần Thị Bích Ngọc; Công chức Văn phòng - Thống kê; Văn phòng HĐND và UBND"


class Custodian:
    """Runs ``antin custody`` and looks at what it says."""

    def __init__(self, data_dir: Path, office: DemoOffice, folder: Path) -> None:
        self.antin = Antin(data_dir)
        self.office, self.folder = office, folder
        for name, token in office.tokens.items():
            (folder / f"{name}.pin").write_text(token.pin)

    def serial(self, name: str) -> str:
        return self.office.tokens[name].serial

    def pin(self, name: str) -> Path:
        return self.folder / f"{name}.pin"

    def __call__(self, *words: object) -> list[dict[str, Any]]:
        answer = self.answer(*words)
        assert answer.code == 0, answer.err
        return answer.rows

    def answer(self, *words: object) -> Answer:
        return self.antin("custody", *words, "--json")


@pytest.fixture
def custody(settings: Settings, office: DemoOffice, tmp_path: Path) -> Custodian:
    return Custodian(settings.data_dir, office, tmp_path)


def test_the_seal_from_issuer_to_loss(
    records_settings: Settings, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    custody = Custodian(records_settings.data_dir, office, tmp_path)
    seal = custody.serial("seal")
    (row,) = custody("register", "--token", seal, "--nickname", "Dấu chính", "--place", "Két sắt Văn thư")
    assert (row["serial"], row["kind"], row["nickname"], row["keeping"]) == (
        seal, "organization", "Dấu chính", "registered",
    )  # fmt: skip
    assert row["certificates"][0]["subject"] == "Ủy ban nhân dân xã Phong Điền"
    (event,) = custody("received", "dau chinh", "--to", LEADER)
    assert (event["kind"], event["receiver"]["title"], event["keeping"]) == ("received", "Chủ tịch", "held")

    refused = custody.answer("handover", "--token", seal, "--to", SECOND, "--pin-file", custody.pin("seal"))
    assert refused.code == 2 and "văn bản" in refused.err
    (minutes,) = custody(
        "handover", "--token", seal, "--to", SECOND, "--reason", "Thay đổi vị trí công tác", "--number", "05/BB-UBND",
        "--permission", "15/QĐ-UBND", "--permission-date", "2026-11-20", "--permission-scan", samples["quyet_dinh_pdf"],
        "--pin-file", custody.pin("seal"),
    )  # fmt: skip
    assert (minutes["state"], minutes["signed_by"], minutes["giver"]["name"]) == ("open", [], "Nguyễn Văn An")
    number = minutes["id"]
    (minutes,) = custody("sign", number, "--token", custody.serial("second"), "--pin-file", custody.pin("second"))
    (minutes,) = custody("sign", number, "--token", custody.serial("leader"), "--pin-file", custody.pin("leader"))
    assert minutes["state"] == "signed" and Path(minutes["path"]).is_file()
    out = tmp_path / "bb.pdf"
    custody("minutes", number, "--out", out)
    assert out.read_bytes() == Path(minutes["path"]).read_bytes()
    again = custody.answer("minutes", number, "--out", out)
    assert again.code == 2
    verified = custody.antin("verify", out, "--json")
    assert verified.code == 0, verified.out

    (held,) = custody("who", seal)
    assert (held["state"], held["holder"]["name"]) == ("held", "Trần Thị Bích Ngọc")
    custody("lost", seal, "--reason", "Mất tại hội nghị")
    signed = custody.antin(
        "sign", samples["cong_van_pdf"], "--as", "copy", "--token", "Dấu chính", "--pin-file", custody.pin("seal"),
        "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert signed.code == 0, signed.err
    assert "outside-custody" in [warning["code"] for warning in signed.rows[0]["warnings"]]
    custody("revoked", seal)
    rows = custody("history", seal)
    assert [row["kind"] for row in rows if "kind" in row] == ["received", "handed-over", "lost", "revoked"]
    (outside,) = [row for row in rows if "seq" in row]
    assert outside["path"] == str(samples["cong_van_pdf"])
    assert [(row["serial"], row["condition"]) for row in custody("list")] == [(seal, "revoked")]
    assert custody.antin("journal", "verify").code == 0


def test_tokens_are_listed_with_their_nicknames(custody: Custodian) -> None:
    custody("register", "--token", custody.serial("seal"), "--nickname", "Dấu hai")
    rows = {row["serial"]: row for row in custody.antin("tokens", "--json").rows}
    assert rows[custody.serial("seal")]["nickname"] == "Dấu hai"
    assert rows[custody.serial("leader")]["nickname"] == ""
    assert "Dấu hai" in custody.antin("tokens").out


def test_a_request_for_revocation(custody: Custodian, tmp_path: Path) -> None:
    custody("register", "--token", custody.serial("leader"))
    out = tmp_path / "de-nghi.pdf"
    asked = ("request", "revocation", custody.serial("leader"), "--out", out)
    for grounds in ([], ["--grounds", "agency-merged"]):
        refused = custody.answer(*asked, *grounds)
        assert refused.code == 2 and not out.exists()
    assert custody.answer(*asked, "--grounds", "whim").code == 2
    custody(*asked, "--grounds", "retired", "--signer", "Nguyễn Văn An", "--signer-title", "Chủ tịch")
    text = subprocess.run(["pdftotext", str(out), "-"], capture_output=True, text=True, check=True).stdout
    text = re.sub(r"\s+", " ", text.replace("\u200b", ""))
    for words in (
        "V/v đề nghị thu hồi chứng thư chữ ký số",
        "thuê bao nghỉ hưu",
        "68/2024/NĐ-CP",
        custody.serial("leader"),
    ):
        assert words in text, words


def test_a_locked_token_goes_without_proof_and_with_its_reason(custody: Custodian) -> None:
    custody("register", "--by-hand", "B1", "--subject", "Lê Văn Tám", "--kind", "person")
    custody("received", "B1", "--to", LEADER)
    custody("locked", "B1")
    missing = custody.answer("handover", "--token", "B1", "--to", SECOND)
    assert missing.code == 2 and "B1" in missing.err
    (minutes,) = custody("handover", "--token", "B1", "--to", SECOND, "--no-proof", "mã PIN đã bị khóa", "--paper")
    refused = custody.answer("lend", "--token", "B1", "--to", LEADER, "--due", "2030-01-01", "--no-proof", "x")
    assert refused.code == 2
    scan = custody.folder / "scan.pdf"
    custody("minutes", minutes["id"], "--out", scan)
    (finished,) = custody("scan", minutes["id"], scan)
    assert finished["state"] == "scanned"
    custody("withdraw", "B1", "--why", "nhập nhầm")
    assert custody("list")[0]["holder"]["name"] == "Nguyễn Văn An"


def test_what_is_owed_of_a_permission_is_told_and_given_later(custody: Custodian, samples: dict[str, Path]) -> None:
    custody("register", "--by-hand", "D1", "--subject", "UBND xã Phong Điền", "--kind", "organization")
    custody("received", "D1", "--to", LEADER)
    handover = ("handover", "--token", "D1", "--to", SECOND, "--no-proof", "mã PIN đã bị khóa")
    refused = custody.answer(*handover, "--permission-date", "2026-09-01")
    assert refused.code == 2 and "--permission" in refused.err
    said = custody.antin("custody", *handover, "--permission", "4/QĐ-UBND")
    assert said.code == 0 and "antin custody permission D1 --date YYYY-MM-DD --scan FILE" in said.out + said.err
    (row,) = [row for row in custody("expiring") if row["code"] == "permission-owed"]
    assert (row["serial"], row["permission"], row["owed"]) == ("D1", "4/QĐ-UBND", ["date", "scan"])
    assert custody.answer("permission", "D1").code == 2
    scan = samples["quyet_dinh_pdf"]
    (event,) = custody("permission", "D1", "--date", "2026-09-01", "--scan", scan)
    assert event["permission"]["date"] == "2026-09-01" and event["permission_owed"] == []
    assert Path(event["permission"]["scan"]).read_bytes() == scan.read_bytes()
    assert custody("minutes")[0]["permission_owed"] == []
    again = custody.answer("permission", "D1", "--scan", scan)
    assert again.code == 2 and "D1" in again.err


def test_people_read_it_too(custody: Custodian) -> None:
    def said(*words: object) -> str:
        answer = custody.antin("custody", *words)
        assert answer.code == 0, answer.err
        return " ".join((answer.out + answer.err).split())

    assert "chưa có thiết bị" in said("list")
    by_hand = ("--subject", "Lê Văn Tám", "--kind", "person", "--maker", "SafeNet", "--model", "eToken 5110")
    end = (today() + dt.timedelta(20)).isoformat()
    said("register", "--by-hand", "C1", *by_hand, "--not-after", end, "--nickname", "TokenTám")
    said("received", "C1", "--to", LEADER)
    assert "TokenTám" in said("list")
    assert "Nguyễn Văn An" in said("who", "C1")
    assert "nhận từ" in said("history", "C1")
    ics = custody.folder / "lich.ics"
    assert "còn" in said("expiring", "--ics", ics)
    assert b"BEGIN:VALARM" in ics.read_bytes()
    (row,) = custody("expiring", "--days", "30")
    assert (row["code"], row["serial"], row["band"]) == ("certificate-ends", "C1", 30) and row["message"]
    (entered,) = custody("list")
    assert entered["certificates"][0]["not_after"].startswith(f"{end}T16:59:59")  # 23:59:59 in Vietnam
    assert custody("expiring", "--days", "10") == []
    answer = custody.antin("custody", "received", "C1", "--to", ";")
    assert answer.code == 2
