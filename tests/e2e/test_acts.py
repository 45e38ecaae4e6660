"""The acts with their marks, and what is asked first, by the real command."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pypdfium2
import pytest

from app.office import Office
from app.settings import Settings
from tests.demo.office import DemoOffice
from tests.e2e.command import Answer, Antin


def sign(antin: Antin, office: DemoOffice, token: str, *words: object) -> Answer:
    one = office.tokens[token]
    return antin("sign", "--token", one.serial, "--pin-file", "-", "--json", *words, stdin=one.pin + "\n")


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("seal", ["--as", "copy", "--copy-form", "trich-sao"]),
        ("seal", ["--as", "incoming", "--arrival-number", "12", "--arrival-date", "2026-11-20"]),
        ("leader", ["--mark-template", "{name}\\n{time}", "--reason", "Đã đọc", "--qr"]),
    ],
)
def test_an_act_leaves_its_mark_and_a_valid_signature(antin, office, samples, tmp_path, token, words):
    source = samples["cong_van_pdf"]
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    done = sign(antin, office, token, *words, "--out", tmp_path / "out", source)
    assert done.code == 0, done.err + done.out
    signed = Path(done.rows[0]["output"])
    (report,) = antin("verify", "--json", signed).rows
    assert report["conclusion"] == "valid", report
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    with pypdfium2.PdfDocument(signed) as document:
        widgets = [
            annotation for page in document for annotation in range(pypdfium2.raw.FPDFPage_GetAnnotCount(page.raw))
        ]
    assert len(widgets) == 1


def test_somebody_elses_document_is_refused_and_signed_when_told_so(antin, office, samples, tmp_path):
    words = ("--as", "approve", "--out", tmp_path / "out", samples["quyet_dinh_pdf"])
    refused = sign(antin, office, "second", *words)
    assert (refused.code, refused.rows[0]["error"]["code"]) == (1, "signer-differs")
    assert "--signer-differs-ok" in refused.rows[0]["error"]["hint"]
    assert not list((tmp_path / "out").glob("*.pdf"))
    assert sign(antin, office, "second", "--signer-differs-ok", *words).code == 0


def test_a_kind_that_stays_on_paper_is_refused(antin, office, samples, tmp_path):
    settings = antin.data_dir / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + '\n[signing]\npaper_kinds = ["Quyết định"]\n', "utf-8")
    words = ("--out", tmp_path / "out", samples["quyet_dinh_pdf"])
    refused = sign(antin, office, "leader", *words)
    assert (refused.code, refused.rows[0]["error"]["code"]) == (1, "stays-on-paper")
    assert sign(antin, office, "leader", "--paper-kind-ok", *words).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--as", "copy", "--qr"],
        ["--as", "approve", "--mark-template", "{name}"],
        ["--arrival-number", "3"],
        ["--as", "incoming", "--arrival-date", "2026-01-01"],
        ["--as", "copy", "--copy-form", "photo"],
    ],
)
def test_options_of_other_acts_are_wrong_use(antin, samples, words):
    assert antin("sign", *words, samples["cong_van_pdf"]).code == 2


def test_one_number_is_not_sealed_into_two_documents(antin: Antin, samples: dict[str, Path], tmp_path: Path) -> None:
    words = ("--as", "issue", "--number", "7", "--out", tmp_path / "out")
    answer = antin("sign", *words, samples["quyet_dinh_pdf"], samples["cong_van_pdf"])
    assert answer.code == 2
    assert "một văn bản" in " ".join(answer.err.split())
    assert not (tmp_path / "out").exists()


def test_what_arrived_is_filed_and_registered_as_received(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], settings: Settings
) -> None:
    """Under the folder of what arrived, with its own number of arrival; a number of ours is no number of theirs."""
    words = ("--as", "incoming", "--arrival-number", "12", "--arrival-date", "2026-11-20")
    (row,) = sign(antin, office, "seal", *words, samples["cong_van_pdf"]).rows
    assert Path(row["output"]).is_relative_to(settings.archive_dir / "Văn bản đến"), row
    with Office(settings) as opened:
        (copy,) = opened.archive.search()
        document = opened.archive.document(copy.document)
    assert document is not None and document.incoming
    assert (document.arrival_number, document.arrived_on) == (12, dt.date(2026, 11, 20))
    ours = sign(antin, office, "leader", "--as", "approve", "--summary", "Việc khác", samples["cong_van_pdf"])
    assert ours.code == 0, ours.out
    assert not Path(ours.rows[0]["output"]).is_relative_to(settings.archive_dir / "Văn bản đến")
    (raised,) = antin("upgrade", "--level", "T", "--json", row["output"]).rows
    assert Path(raised["output"]).is_relative_to(settings.archive_dir / "Văn bản đến"), raised


def test_attachments_bear_the_number_of_their_document_and_take_it_from_nobody(antin, office, samples, tmp_path):
    """Two attachments and the decision itself, all of number 7, are filed."""
    numbered = ("--number", "7", "--symbol", "QĐ-UBND")
    attached = sign(antin, office, "seal", "--as", "attachment", *numbered, samples["xlsx"], samples["cong_van_pdf"])
    assert attached.code == 0, attached.out
    approved = sign(antin, office, "leader", "--as", "approve", samples["quyet_dinh_pdf"])
    issued = sign(antin, office, "seal", "--as", "issue", *numbered, approved.rows[0]["output"])
    assert issued.code == 0, issued.out
