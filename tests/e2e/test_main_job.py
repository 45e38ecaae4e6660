"""The main job as a clerk's script does it: from a token to a filed, verified copy, by the real commands."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin

_ROW_FIELDS = {
    *("input", "output", "format", "status", "act", "signer", "level_requested", "level_reached", "sha256"),
    *("seconds", "token_seconds", "filed", "error"),
}


@pytest.fixture
def antin(data_dir: Path) -> Antin:
    """Every command of the main job is started as a user starts it."""
    return Antin(data_dir, anew=True)


def _sha256(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_a_leader_signs_the_agency_seals_and_a_recipient_verifies(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    leader, seal = office.tokens["leader"], office.tokens["seal"]
    source = samples["quyet_dinh_pdf"]
    before = _sha256(source)

    approved = antin(
        "sign", "--as", "approve", "--level", "T", "--token", leader.serial, "--pin-file", "-", "--json", source,
        stdin=leader.pin + "\n",
    )  # fmt: skip
    assert approved.code == 0, approved.err
    (row,) = approved.rows
    assert row.keys() >= _ROW_FIELDS
    assert (row["status"], row["level_reached"], row["format"], row["act"]) == ("signed", "T", "pdf", "approve")
    assert row["signer"] == leader.holder
    assert _sha256(source) == before, "the input was changed"
    filed = Path(row["output"])
    assert row["sha256"] == _sha256(filed)
    assert filed.parent.name == row["filed"]["type"] == "Quyết định"
    assert filed.parent.parent.name == str(row["filed"]["year"])
    assert filed.name.startswith("12_QĐ-UBND_")

    issued = antin(
        "sign", "--as", "issue", "--token", seal.label, "--pin-file", "-", "--json", filed, stdin=seal.pin + "\n"
    )
    assert issued.code == 0, issued.err + issued.out
    sealed = Path(issued.rows[0]["output"])
    assert sealed != filed
    assert filed.exists()

    checked = antin("verify", "--json", sealed)
    assert checked.code == 0, checked.out
    (report,) = checked.rows
    assert report["conclusion"] == "valid"
    assert {signature["signer"] for signature in report["signatures"]} >= {leader.holder}
    assert [signature["conclusion"] for signature in report["signatures"]] == ["valid", "valid"]
    assert report["signatures"][0]["timestamp_time"]
    assert report["signatures"][0]["revocation"]["status"] == "good"

    listed = antin("journal", "list", "--json")
    kinds = [json.loads(line)["kind"] for line in listed.out.splitlines()]
    assert kinds == ["sign", "file", "seal", "sign", "file", "seal", "verify"]
    assert antin("journal", "verify").code == 0

    found = antin("archive", "search", "12", "--json")
    assert {Path(copy["path"]).name for copy in found.rows} >= {filed.name, sealed.name}


@pytest.mark.parametrize("sample", ["quyet_dinh_docx", "xlsx", "pptx"])
@pytest.mark.parametrize("token_name", ["leader", "second"])
def test_office_files_are_signed_filed_and_verified(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], sample: str, token_name: str
) -> None:
    token = office.tokens[token_name]
    path = samples[sample]
    signed = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", path, stdin=token.pin)
    assert signed.code == 0, signed.err + signed.out
    (row,) = signed.rows
    assert (row["status"], row["format"]) == ("signed", "ooxml")
    (report,) = antin("verify", "--json", row["output"]).rows
    assert report["conclusion"] in ("valid", "warning"), report
    assert report["signatures"][0]["coverage"] == "whole-except-metadata"
    assert report["signatures"][0]["signer"] == token.holder


def test_tokens_are_listed_without_a_pin(antin: Antin, office: DemoOffice) -> None:
    listed = antin("tokens", "--json")
    assert listed.code == 0, listed.err
    by_serial = {row["serial"]: row for row in listed.rows}
    for token in office.tokens.values():
        row = by_serial[token.serial]
        assert row["label"] == token.label
        assert row["pin_state"] == "ok"
        (certificate,) = row["certificates"]
        assert certificate["usable"] is True
        assert certificate["sha256"] == hashlib.sha256(token.certificate).hexdigest()
        assert certificate["key"] in ("rsa-2048", "ec-p256")


def test_a_wrong_pin_stops_the_run_after_one_try_and_resume_goes_on(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    token = office.tokens["second"]
    files = [samples["xlsx"], samples["pptx"]]
    refused = antin("sign", "--token", token.serial, "--pin-file", "-", "--json", *files, stdin="000000\n")
    assert refused.code == 3
    assert [row["status"] for row in refused.rows] == ["skipped", "skipped"]
    assert {row["error"]["code"] for row in refused.rows} == {"pin-incorrect"}
    assert not list(antin.data_dir.rglob("*.xlsx"))

    resumed = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert resumed.code == 0, resumed.err + resumed.out
    assert [row["status"] for row in resumed.rows] == ["signed", "signed"]
    again = antin("sign", "--resume", "--pin-file", "-", "--json", stdin=token.pin)
    assert (again.code, again.out) == (0, "")


def test_the_seal_is_refused_on_a_document_nobody_signed(
    antin: Antin, office: DemoOffice, samples: dict[str, Path]
) -> None:
    seal = office.tokens["seal"]
    answer = antin(
        "sign", "--as", "issue", "--token", seal.serial, "--pin-file", "-", "--json", samples["cong_van_pdf"],
        stdin=seal.pin,
    )  # fmt: skip
    assert answer.code == 1
    (row,) = answer.rows
    assert (row["status"], row["error"]["code"]) == ("failed", "no-personal-signature")
    assert not list(antin.data_dir.rglob("*.pdf"))


def test_the_seal_is_refused_on_a_document_changed_after_the_leader_signed(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    leader, seal = office.tokens["leader"], office.tokens["seal"]
    signed = antin(
        "sign", "--out", tmp_path, "--token", leader.serial, "--pin-file", "-", "--json", samples["cong_van_pdf"],
        stdin=leader.pin,
    ).rows[0]  # fmt: skip
    forged = tmp_path / "forged.pdf"
    content = Path(signed["output"]).read_bytes()
    at = content.index(b"/MediaBox")
    forged.write_bytes(content[:at] + b"/MediaBoy" + content[at + 9 :])
    answer = antin("sign", "--as", "issue", "--token", seal.serial, "--pin-file", "-", "--json", forged, stdin=seal.pin)
    assert answer.code == 1
    assert answer.rows[0]["status"] == "failed"


def test_no_pin_stands_in_any_command_line_or_file(antin: Antin, office: DemoOffice, samples: dict[str, Path]) -> None:
    token = office.tokens["leader"]
    answer = antin("--verbose", "sign", "--token", token.serial, "--pin-file", "-", samples["xlsx"], stdin=token.pin)
    assert answer.code == 0, answer.err
    assert token.pin not in answer.out + answer.err
    assert all(token.pin not in word for call in antin.calls for word in call)
    for path in antin.data_dir.rglob("*"):
        if path.is_file():
            assert token.pin.encode() not in path.read_bytes(), path


def test_version_and_wrong_use(antin: Antin) -> None:
    import app

    assert antin("no-such-command").code == 2
    assert antin("custody", "no-such-command").code == 2
    from tests.e2e.command import Answer

    answer: Answer = antin("--version")
    assert (answer.code, answer.out) == (0, f"antin {app.__version__}\n")


def test_doctor_finds_everything_in_place_and_its_bundle_names_nobody(
    antin: Antin, office: DemoOffice, tmp_path: Path
) -> None:
    import zipfile

    bundle = tmp_path / "ho-tro.zip"
    answer = antin("doctor", "--json", "--bundle", bundle, env={"TZ": "Asia/Ho_Chi_Minh"})
    by_check = {row["check"]: row for row in answer.rows}
    assert by_check.keys() >= {"modules", "tokens", "clock", "anchors", "tsa", "data", "archive", "ledger", "fonts"}
    assert by_check.pop("lists")["status"] == "warn", "none was fetched yet"
    assert {row["status"] for row in by_check.values()} == {"ok"}, answer.out
    assert answer.code == 0
    with zipfile.ZipFile(bundle) as content:
        text = "".join(content.read(name).decode() for name in content.namelist())
    for token in office.tokens.values():
        assert token.holder not in text
        assert token.serial not in text
    assert str(antin.data_dir) not in text
