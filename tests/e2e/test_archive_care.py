"""``antin archive check``, ``rebuild``, ``evidence`` and ``antin backup`` on really signed copies."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from cryptography import x509

from app.settings import Settings
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


def sign(antin: Antin, office: DemoOffice, path: Path, *more: str) -> Path:
    leader = office.tokens["leader"]
    words = ("sign", "--as", "approve", "--token", leader.serial, "--pin-file", "-", "--json", *more)
    signed = antin(*words, path, stdin=leader.pin)
    assert signed.code == 0, signed.err
    return Path(signed.rows[0]["output"])


def test_signed_copies_are_looked_after(
    office: DemoOffice, samples: dict[str, Path], records_settings: Settings, tmp_path: Path
) -> None:
    antin = Antin(records_settings.data_dir)
    plain = sign(antin, office, samples["quyet_dinh_pdf"])
    lasting = sign(antin, office, samples["cong_van_pdf"], "--level", "LTA")

    checked = antin("archive", "check", "--json")
    assert checked.code == 4, checked.err
    rows = {row["path"]: row for row in checked.rows}
    assert rows.keys() == {str(plain), str(lasting)}
    assert (rows[str(plain)]["state"], rows[str(plain)]["level"]) == ("whole", "B")
    assert [concern["code"] for concern in rows[str(plain)]["concerns"]] == ["no-time-stamp"]
    assert (rows[str(lasting)]["level"], rows[str(lasting)]["concerns"]) == ("LTA", [])
    assert rows[str(plain)]["provable_until"] < rows[str(lasting)]["provable_until"]
    assert antin("archive", "check", "--older", "30", "--json").rows == []
    assert [row["path"] for row in antin("archive", "check", "--last", "--json").rows] == [str(plain)]

    bundle = tmp_path / "bằng chứng.zip"
    saved = antin("archive", "evidence", plain, "--out", bundle, "--json")
    assert saved.code == 0, saved.err
    with zipfile.ZipFile(bundle) as packed:
        names = packed.namelist()
        assert packed.read(plain.name) == plain.read_bytes()
        subjects = {
            x509.load_der_x509_certificate(packed.read(name)).subject.rfc4514_string()
            for name in names
            if name.startswith("certificates/")
        }
        report = json.loads(packed.read(next(name for name in names if name.startswith("checks/"))))["report"]
    assert len(subjects) >= 3 and any(name.startswith(("crls/", "ocsps/")) for name in names)
    assert report["conclusion"] in ("valid", "warning") and report["sha256"] == rows[str(plain)]["sha256"]
    assert antin("archive", "evidence", plain, "--out", bundle).code == 2

    elsewhere = plain.with_name("đổi tên.pdf")
    plain.rename(elsewhere)
    lasting.write_bytes(lasting.read_bytes() + b"\n")
    found = antin("archive", "check", "--mend", "--json")
    assert found.code == 1
    assert {row["path"]: row["state"] for row in found.rows} == {str(plain): "moved", str(lasting): "altered"}
    assert antin("archive", "check", "--last").out.count("đã bị thay đổi") <= 1
    assert {row["state"] for row in antin("archive", "check", "--json").rows} == {"whole", "altered"}

    renewed = antin("archive", "check", "--ahead", "40000", "--renew", "--json")
    raised = [row for row in renewed.rows if row.get("level_reached") == "LTA"]
    assert [row["input"] for row in raised] == [str(elsewhere)]
    again = antin("archive", "check", "--renew", "--json").rows
    assert not [row for row in again if row.get("input") == str(elsewhere)]
    assert antin("journal", "verify").code == 0


def test_a_lost_index_is_made_again_from_the_files(
    office: DemoOffice, samples: dict[str, Path], antin: Antin, tmp_path: Path
) -> None:
    signed = sign(antin, office, samples["quyet_dinh_pdf"])
    backup = tmp_path / "b.zip"
    assert antin("backup", backup, "--with-archive").code == 0
    assert antin("backup", backup).code == 2
    assert antin("backup", "--check", backup).code == 0
    assert antin("backup", "--restore", backup).code == 2

    before = antin("archive", "search", "--json").rows
    dropped = signed.with_name("thả vào.pdf")
    dropped.write_bytes(samples["cong_van_pdf"].read_bytes())
    taken = antin("archive", "rebuild", "--json")
    assert [(row["path"], row["taking"]) for row in taken.rows] == [(str(dropped), "entered")]
    assert len(antin("archive", "search", "--json").rows) == len(before) + 1

    restored = antin("backup", "--restore", "--replace", backup, "--json")
    assert restored.code == 0, restored.err
    assert antin("archive", "search", "--json").rows == before
    assert antin("archive", "rebuild").code == 0
    assert len(antin("archive", "search", "--json").rows) == len(before) + 1
    assert antin("journal", "verify").code == 0


def test_signing_goes_on_while_the_archive_is_away(office: DemoOffice, samples: dict[str, Path], antin: Antin) -> None:
    filed = sign(antin, office, samples["quyet_dinh_pdf"])
    root = antin.data_dir / "Kho văn bản"
    away = root.rename(root.with_name("đã rút ra"))
    kept = sign(antin, office, samples["cong_van_pdf"])
    assert kept.is_file() and antin.data_dir / "waiting" in kept.parents and not root.exists()
    waiting = antin("archive", "waiting", "--json")
    assert (waiting.code, [row["path"] for row in waiting.rows]) == (1, [str(kept)])
    assert antin("archive", "check").code == 2
    away.rename(root)
    back = antin("archive", "waiting", "--json")
    assert back.code == 0, back.err
    (outcome,) = back.rows
    assert Path(outcome["copy"]["path"]).parent.parent.parent == root and not kept.exists()
    assert filed.is_file() and len(antin("archive", "search", "--json").rows) == 2


def test_signatures_beside_a_document_are_looked_after(office: DemoOffice, antin: Antin, tmp_path: Path) -> None:
    text = tmp_path / "số liệu.txt"
    text.write_text("Số liệu tháng 11", encoding="utf-8")
    first = sign(antin, office, text, "--container", "p7s")
    document = first.with_suffix("")

    def looked() -> tuple[str, str, list[str]]:
        (row,) = antin("archive", "check", "--json").rows
        assert row["path"] == str(document)
        return row["state"], row["conclusion"], [concern["code"] for concern in row["concerns"]]

    state, conclusion, concerns = looked()
    assert (state, concerns) == ("whole", ["no-time-stamp"]) and conclusion in ("valid", "warning")
    bundle = tmp_path / "bằng chứng.zip"
    assert antin("archive", "evidence", document, "--out", bundle).code == 0
    with zipfile.ZipFile(bundle) as packed:
        assert packed.read(first.name) == first.read_bytes()

    document_octets, signature = document.read_bytes(), first.read_bytes()
    first.write_bytes(signature[:-9] + bytes([signature[-9] ^ 1]) + signature[-8:])
    assert "not-valid" in looked()[2], "altered"
    first.unlink()
    assert "not-valid" in looked()[2], "thrown away"
    assert document.read_bytes() == document_octets
