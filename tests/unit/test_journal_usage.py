"""The usage report: what is counted, and the files it becomes."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from collections.abc import Iterable
from pathlib import Path

import msgspec
import openpyxl
import pikepdf
import pytest
import sqlalchemy as sa

from app import i18n
from app.custody.custody import Happening
from app.custody.model import DeviceCertificate, Kind
from app.custody.states import EventKind
from app.documents.letterhead import Letterhead
from app.journal import report_words as words
from app.journal.entry import Entry
from app.journal.report import (
    UsageReportExists,
    UsageReportFolderMissing,
    UsageReportKindUnknown,
    check_target,
    save,
)
from app.journal.usage import Certificates, Count, Devices, Issued, Period, UsageFigures, usage, yearly
from app.storage.schema.archive import documents, filed_copies
from app.storage.store import Store
from app.times import VIETNAM
from app.usage import _certificates, devices_of, documents_of
from tests.custody_office import CLERK, custody_of, token
from tests.demo.pki import Pki

YEAR = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
HEAD = Letterhead("Ủy ban nhân dân phường Phong Điền", "Ủy ban nhân dân thành phố Cần Thơ", "Phong Điền")
DEVICES = Devices(
    total=3,
    states=[Count("held", 2), Count("lost", 1)],
    conditions=[Count("working", 3)],
    events=[Count("handed-over", 4), Count("lost", 1)],
    certificates=Certificates(issued=[Count("person", 2)], operating=[Count("organization", 1), Count("person", 2)]),
    expiring=[Count("30", 0), Count("60", 1), Count("90", 1)],
)


def entry(kind: str, day: str, **data: object) -> Entry:
    time = dt.datetime.fromisoformat(day)
    return Entry(1, time if time.tzinfo else time.replace(tzinfo=VIETNAM), kind, "vanthu", "may", dict(data), "")


def signed(day: str, **data: object) -> Entry:
    told = {"act": "issue", "type": "Công văn", "signer": "UBND", "unit": "UBND", "key": "organization"}
    return entry("sign", day, **{**told, "result": "signed", **data})


def figures(*entries: Entry, period: Period = YEAR, issued: Issued | None = None) -> UsageFigures:
    return usage(entries, period, documents=lambda _: issued, devices=lambda _: DEVICES)


def by_name(counts: Iterable[Count]) -> dict[str, int]:
    return {each.name: each.count for each in counts}


def test_signatures_are_counted_by_what_they_are() -> None:
    found = figures(
        signed("2026-01-05"),
        signed("2026-01-31T23:59:59"),
        signed("2026-02-01", act="approve", type=None, signer="Nguyễn Văn A", unit="", key="person"),
        signed("2026-02-02", result="source-changed"),
        entry("file", "2026-02-02", path="a"),
    )
    assert (found.signed, found.failed) == (3, 1)
    assert by_name(found.by_type) == {"Công văn": 2, "": 1}
    assert by_name(found.by_act) == {"issue": 2, "approve": 1}
    assert by_name(found.by_signer) == {"UBND": 2, "Nguyễn Văn A": 1}
    assert by_name(found.by_unit) == {"UBND": 2, "": 1}
    assert by_name(found.by_key) == {"organization": 2, "person": 1}
    months = by_name(found.by_month)
    assert list(months) == [f"2026-{month:02d}" for month in range(1, 13)]
    assert (months["2026-01"], months["2026-02"], months["2026-03"]) == (2, 1, 0)


def test_days_are_vietnam_s() -> None:
    """What was signed at 17:30 UTC on the last day of a month belongs to the next month."""
    found = figures(signed("2026-03-31T17:30:00+00:00"), signed("2025-12-31T17:00:00+00:00"))
    assert (by_name(found.by_month)["2026-04"], by_name(found.by_month)["2026-01"]) == (1, 1)


def test_only_the_period_counts() -> None:
    march = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    found = figures(signed("2026-02-28T23:59:59"), signed("2026-03-01"), signed("2026-04-01"), period=march)
    assert (found.signed, by_name(found.by_month)) == (1, {"2026-03": 1})


def test_a_file_checked_twice_counts_once_with_its_last_conclusion() -> None:
    found = figures(
        entry("verify", "2026-05-01", path="a", sha256="1", result="indeterminate"),
        entry("verify", "2026-05-02", path="b", sha256="2", result="valid"),
        entry("verify", "2026-06-01", path="a", sha256="1", result="valid"),
    )
    assert (found.checked, by_name(found.by_conclusion)) == (2, {"valid": 2})
    assert (by_name(found.checked_by_month)["2026-05"], by_name(found.checked_by_month)["2026-06"]) == (1, 1)


def test_sessions_and_the_share_of_signed_documents() -> None:
    found = figures(
        entry("seal", "2026-01-01"), entry("unsealed", "2026-01-02"), issued=Issued(issued=8, signed=6, received=3)
    )
    assert (found.sealed_sessions, found.unsealed_sessions, found.share) == (1, 1, 0.75)
    assert figures(issued=Issued(0, 0, 0)).share is None


def test_figures_of_the_yearly_report() -> None:
    found = dict(yearly(figures(signed("2026-01-05", act="copy"), issued=Issued(4, 1, 2))))
    assert found["certificates-operating-organization"] == 1
    assert found["certificates-operating-person"] == 2
    assert (found["certificates-issued-person"], found["certificates-revoked-person"]) == (2, 0)
    assert (found["signatures"], found["signatures-copy"], found["share-signed"]) == (1, 1, 0.25)
    assert (found["devices-handed-over"], found["devices-lost"], found["expiring-90"]) == (4, 1, 1)
    assert found["persons-trained"] is None, "the program cannot know"


def test_what_is_not_known_is_not_said_to_be_nothing() -> None:
    without = usage([], YEAR, documents=lambda _: None, devices=lambda _: None)
    told = dict(yearly(without))
    assert told["documents-issued"] is told["certificates-issued-person"] is told["devices-lost"] is None
    assert "…" in [words.number(value) if value is not None else "…" for value in told.values()]  # type: ignore[arg-type]


def test_every_figure_has_a_name_in_both_languages() -> None:
    found = figures(signed("2026-01-05"), issued=Issued(4, 1, 2))
    for language in ("vi", "en"):
        i18n.set_language(language)  # type: ignore[arg-type]
        assert len(words.yearly_rows(found)) == len(list(yearly(found)))
        assert all(each.title and each.rows for each in words.tables(found))
    assert words.share(0.975) == "97.5 %"
    i18n.set_language("vi")
    assert (words.share(0.975), words.number(12345)) == ("97,5 %", "12.345")


# Counted in the database


def _filed(store: Store, **values: object) -> None:
    signers = values.pop("signers", [])
    with store.write() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(documents)) or 0
        row = {"key": count + 1, "incoming": False, "year": 2026, "type": "Công văn", **values}
        number = connection.execute(documents.insert().values(**row)).inserted_primary_key[0]  # type: ignore[index]
        for at, signer in enumerate((signers, [])):
            connection.execute(
                filed_copies.insert().values(
                    document_id=number, path=f"{number}-{at}", format="pdf", size=1, sha256="0" * 64, signers=signer,
                    filed_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
                )
            )  # fmt: skip


def test_documents_issued_signed_and_received(store: Store) -> None:
    _filed(store, date=dt.date(2026, 1, 1), signers=["Nguyễn Văn A"])
    _filed(store, date=dt.date(2026, 12, 31))
    _filed(store, date=dt.date(2025, 12, 31), signers=["Nguyễn Văn A"])
    _filed(store, date=None, signers=["Nguyễn Văn A"])
    _filed(store, incoming=True, date=dt.date(2025, 12, 30), arrived_on=dt.date(2026, 1, 2))
    assert documents_of(store, YEAR) == Issued(issued=3, signed=2, received=1)
    june = Period(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    assert documents_of(store, june) == Issued(issued=1, signed=1, received=0), "by the day of filing"


# Files


@pytest.fixture
def found() -> UsageFigures:
    entries = [signed(f"2026-{month:02d}-03", type=f"Loại {month % 5}") for month in range(1, 13) for _ in range(month)]
    checks = [entry("verify", "2026-05-01", sha256=str(number), result="valid") for number in range(7)]
    hostile = signed("2026-01-01", signer='=HYPERLINK("http://x")', unit="\u202eđảo ngược")
    return figures(*entries, *checks, hostile, issued=Issued(100, 90, 40))


def test_the_pdf_is_pdf_a_and_says_the_figures(found: UsageFigures, tmp_path: Path) -> None:
    save(tmp_path / "báo cáo.pdf", found, HEAD)
    with pikepdf.open(tmp_path / "báo cáo.pdf") as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "báo cáo.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    for word in ("Báo cáo sử dụng chữ ký số", "90,0 %", "Loại 1", "Tỷ lệ văn bản đi được ký số"):
        assert word in text, word
    assert "\u202e" not in text


def test_the_workbook_has_tables_charts_and_no_formula(found: UsageFigures, tmp_path: Path) -> None:
    save(tmp_path / "a.xlsx", found, HEAD)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert len(book.sheetnames) > 8
    for sheet in book.worksheets[2:]:
        assert len(sheet._charts) == 1, sheet.title
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(cell.value == '=HYPERLINK("http://x")' for cell in cells), "told as a name"
    by_month = next(sheet for sheet in book.worksheets if sheet.title.startswith("Lượt ký số theo tháng"))
    assert sum(cell.value for cell in by_month["B"] if isinstance(cell.value, int)) == found.signed


def test_the_json_is_the_data(found: UsageFigures, tmp_path: Path) -> None:
    save(tmp_path / "a.json", found, HEAD)
    assert msgspec.json.decode((tmp_path / "a.json").read_bytes(), type=UsageFigures) == found


def test_an_empty_period_makes_a_report_too(tmp_path: Path) -> None:
    for ending in (".pdf", ".xlsx"):
        save(tmp_path / f"a{ending}", figures(), Letterhead("", "", ""))
    assert openpyxl.load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes())).worksheets


def test_targets_are_checked_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("mine")
    for path, error in (
        (tmp_path / "a.pdf", UsageReportExists),
        (tmp_path / "a.doc", UsageReportKindUnknown),
        (tmp_path / "no" / "a.pdf", UsageReportFolderMissing),
    ):
        with pytest.raises(error):
            check_target(path)


def test_devices_as_they_stood_at_the_end_of_the_period(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    now = dt.datetime.now(VIETNAM)
    custody.register(token(pki, ["seal"]))
    custody.record("5A7C01", Happening(EventKind.RECEIVED, receiver=CLERK))
    custody.record("5A7C01", Happening(EventKind.LOST))
    today = devices_of(custody, Period(now.date(), now.date() + dt.timedelta(days=1)))
    assert (today.total, by_name(today.states), by_name(today.conditions)) == (1, {"lost": 1}, {"working": 1})
    assert by_name(today.events) == {"received": 1, "lost": 1}
    assert not today.certificates.operating, "what is lost is not in operation"
    before = devices_of(custody, Period(now.date() - dt.timedelta(days=9), now.date() - dt.timedelta(days=2)))
    assert (before.total, before.states, before.events) == (0, [], [])
    custody.record("5A7C01", Happening(EventKind.FOUND, receiver=CLERK))
    found = devices_of(custody, Period(now.date(), now.date() + dt.timedelta(days=1)))
    assert (by_name(found.states), by_name(found.certificates.operating)) == ({"held": 1}, {"organization": 1})
    assert [each.name for each in found.expiring] == ["30", "60", "90"]
    custody.withdraw_last("5A7C01", "nhầm")
    assert by_name(devices_of(custody, Period(now.date(), now.date() + dt.timedelta(days=1))).events) == {
        "received": 1,
        "lost": 1,
    }


def test_certificates_by_whose_they_are_and_what_became_of_them() -> None:
    def certificate(kind: Kind, first: int, last: int, **more: object) -> tuple[DeviceCertificate, bool]:
        begun, ends = dt.datetime(first, 6, 1, tzinfo=dt.UTC), dt.datetime(last, 6, 1, tzinfo=dt.UTC)
        return DeviceCertificate(1, None, "", "", "", "", begun, ends, kind, **more), True  # type: ignore[arg-type]

    revoked_on = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    found = _certificates(
        [
            certificate(Kind.ORGANIZATION, 2026, 2031),
            certificate(Kind.PERSON, 2024, 2029),
            certificate(Kind.PERSON, 2024, 2029, ended="revoked", ended_at=revoked_on),
            certificate(Kind.PERSON, 2021, 2026),
        ],
        YEAR,
    )
    assert (by_name(found.issued), by_name(found.revoked)) == ({"organization": 1}, {"person": 1})
    assert by_name(found.expired) == {"person": 1}
    assert by_name(found.operating) == {"organization": 1, "person": 1}
