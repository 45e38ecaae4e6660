"""OpenDocument files and files of any kind through the real command, token included."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography import x509

from app.storage.staging import is_staging
from tests.demo.office import DemoOffice
from tests.e2e.command import Answer, Antin
from tests.unit.office_pages import Page, pdf
from tests.unit.trust_material import CmsMaker, Holder
from tests.xml_signing import write_odt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (made / "bản đồ.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    (made / "số liệu.txt").write_text("Số liệu tháng 3", encoding="utf-8")
    write_odt(made / "tờ trình.odt", "Tờ trình")
    return made


def sign(antin: Antin, office: DemoOffice, holder: str, *words: object) -> Answer:
    token = office.tokens[holder]
    return antin("sign", "--token", token.serial, "--pin-file", "-", "--json", *words, stdin=token.pin)


def test_filed_signed_and_valid(antin: Antin, office: DemoOffice, folder: Path) -> None:
    files = sorted(folder.iterdir())
    answer = sign(antin, office, "leader", *files)
    assert answer.code == 0, answer.err + answer.out
    assert [(row["format"], Path(row["output"]).suffix) for row in answer.rows] == [
        ("asice", ".asice"),
        ("asice", ".asice"),
        ("odf", ".odt"),
    ]
    outputs = [row["output"] for row in answer.rows]
    reports = antin("verify", "--json", *outputs).rows
    assert [row["conclusion"] for row in reports] == ["valid"] * 3, reports
    assert antin("archive", "search", "bản đồ", "--json").rows[0]["path"] == outputs[0]

    sealed = sign(antin, office, "seal", "--as", "issue", "--level", "T", *outputs)
    assert sealed.code == 0, sealed.err + sealed.out
    assert [row["level_reached"] for row in sealed.rows] == ["T"] * 3
    reports = antin("verify", "--json", *(row["output"] for row in sealed.rows)).rows
    assert [(row["conclusion"], len(row["signatures"])) for row in reports] == [("valid", 2)] * 3
    again = sign(antin, office, "seal", "--as", "issue", sealed.rows[0]["output"])
    assert again.rows[0]["error"]["code"] == "already-signed"


def test_the_seal_waits_for_the_person(antin: Antin, office: DemoOffice, folder: Path) -> None:
    answer = sign(antin, office, "seal", "--as", "issue", *sorted(folder.iterdir()))
    assert (answer.code, {row["error"]["code"] for row in answer.rows}) == (1, {"no-personal-signature"})
    attached = sign(antin, office, "seal", "--as", "attachment", *sorted(folder.iterdir()))
    assert attached.code == 0, attached.out


@pytest.mark.parametrize("into", ["archive", "folder", "same folder"])
def test_signature_files_stand_beside_their_documents(
    antin: Antin, office: DemoOffice, folder: Path, tmp_path: Path, into: str
) -> None:
    out = {"archive": [], "folder": ["--out", tmp_path / "out"], "same folder": ["--out", folder]}[into]
    picture = folder / "bản đồ.png"
    before = sorted(folder.iterdir())
    answer = sign(antin, office, "leader", "--container", "p7s", "--level", "T", picture, *out)
    assert answer.code == 0, answer.err + answer.out
    (row,) = answer.rows
    made = Path(row["output"])
    assert (row["format"], made.suffixes[-2:], row["level_reached"]) == ("cms", [".png", ".p7s"], "T")
    assert made.with_suffix("").read_bytes() == picture.read_bytes()
    assert [one["conclusion"] for one in antin("verify", "--json", made).rows] == ["valid"]
    if into == "same folder":
        assert sorted(folder.iterdir()) == sorted([*before, made])
    if into == "folder":
        assert sorted(path.name for path in made.parent.iterdir()) == ["bản đồ.png", "bản đồ.png.p7s"]

    again = sign(antin, office, "second", "--container", "p7s", picture, *out)
    other = Path(again.rows[0]["output"])
    assert other.name == (f"{made.stem} (2).p7s" if into == "archive" else "bản đồ_daky.png.p7s")
    assert antin("verify", "--json", other).rows[0]["conclusion"] == "valid"
    assert not [path for path in made.parent.iterdir() if is_staging(path.name)]
    assert made.with_suffix("").read_bytes() == picture.read_bytes()


@pytest.mark.parametrize("into", ["archive", "folder"])
def test_a_signature_file_gets_a_second_signer_and_a_higher_level(
    antin: Antin, office: DemoOffice, folder: Path, tmp_path: Path, into: str
) -> None:
    out = {"archive": [], "folder": ["--out", tmp_path / "out"]}[into]
    picture = folder / "bản đồ.png"
    first = Path(sign(antin, office, "leader", "--container", "p7s", picture, *out).rows[0]["output"])
    octets = first.read_bytes()

    answer = sign(antin, office, "second", first, *out)
    assert answer.code == 0, answer.out
    second = Path(answer.rows[0]["output"])
    (row,) = antin("verify", "--json", second).rows
    assert (row["conclusion"], len(row["signatures"])) == ("valid", 2)

    raised = antin("upgrade", "--level", "LTA", "--json", second, *out).rows[0]
    assert (raised["status"], raised["level_reached"], raised["error"]) == ("upgraded", "LTA", None)
    (row,) = antin("verify", "--json", raised["output"]).rows
    assert [one["level"] for one in row["signatures"]] == ["LTA", "LTA"]
    assert len({first, second, Path(raised["output"])}) == 3
    assert first.read_bytes() == octets
    assert not [path for path in first.parent.iterdir() if is_staging(path.name)]


def test_what_a_signature_file_holds_is_read_before_it_is_signed(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """A mark of secrecy is found inside it, too."""
    credential = office.pki.credential("leader")
    holder = Holder(x509.load_der_x509_certificate(credential.certificate), credential.private_key)
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(pdf(Page(secrecy="MẬT")))
    for source, code in ((secret, "secret-document"), (samples["cong_van_pdf"], None)):
        attached = tmp_path / f"{source.name}.p7m"
        attached.write_bytes(CmsMaker(holder, content=source.read_bytes(), attached=True).make())
        row = sign(antin, office, "second", attached, "--out", tmp_path / "out").rows[0]
        assert (row["error"] and row["error"]["code"]) == code, row
        if code is None:
            assert antin("verify", "--json", row["output"]).rows[0]["conclusion"] == "valid"


def test_a_changed_document_is_told(antin: Antin, office: DemoOffice, folder: Path, tmp_path: Path) -> None:
    answer = sign(antin, office, "leader", "--container", "p7s", "--out", tmp_path / "out", folder / "số liệu.txt")
    made = Path(answer.rows[0]["output"])
    made.with_suffix("").write_text("Số liệu tháng 4", encoding="utf-8")
    assert antin("verify", "--json", made).rows[0]["conclusion"] == "invalid"
    shutil.copy(folder / "tờ trình.odt", tmp_path / "x.pdf")
    lying = sign(antin, office, "leader", "--out", tmp_path / "out", tmp_path / "x.pdf")
    assert lying.rows[0]["status"] == "signed", "an OpenDocument file is one under any name"
