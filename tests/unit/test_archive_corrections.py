"""What people put right of a document, and the way back: corrections undone, files parted that were joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.errors import CopyAlone, CopyUnknown
from app.archive.model import Corrections, DossierData, FiledCopy, Query, Recipient
from app.correcting import CorrectionOverwritten, CorrectionUnknown, Corrector
from app.documents.model import DocumentInfo
from app.office import Office
from app.settings import Settings

DAY = dt.date(2026, 11, 5)


@pytest.fixture
def office(records_settings: Settings) -> Iterator[Office]:
    with Office(records_settings) as opened:
        yield opened


def _file(office: Office, name: str, number: str | None, summary: str, suffix: str = ".txt") -> int:
    source = office.settings.data_dir / f"{name}{suffix}"
    source.write_text(f"{name} {summary}")
    info = DocumentInfo(type="Quyết định", number=number, symbol="QĐ-UBND", date=DAY, summary=summary)
    return office.archive.add(source, info).document


def test_corrections_are_undone_one_after_the_other(office: Office) -> None:
    corrector = Corrector(office)
    document = _file(office, "một", "12", "Về việc trồng cây")
    [before] = [copy.path for copy in _known(office, document)]
    recipients = [Recipient("", "Sở Nội vụ")]
    first = corrector.correct(document, Corrections(summary="Về việc trồng rừng", recipients=recipients))
    second = corrector.correct(document, Corrections(summary="Về việc trồng lúa", year=2025))
    assert second.copies[0].path != first.copies[0].path != before
    newest, oldest = corrector.history(document)
    assert (newest.before, newest.after) == (
        {"summary": "Về việc trồng rừng", "year": 2026},
        {"summary": "Về việc trồng lúa", "year": 2025},
    )
    with pytest.raises(CorrectionOverwritten):
        corrector.undo(document, oldest.entry)
    back = corrector.undo(document, newest.entry)
    assert (back.summary, back.year, back.copies[0].path) == ("Về việc trồng rừng", 2026, first.copies[0].path)
    with pytest.raises(CorrectionUnknown):
        corrector.undo(document, newest.entry)
    back = corrector.undo(document, oldest.entry)
    assert (back.summary, list(back.recipients), back.copies[0].path) == ("Về việc trồng cây", [], before)
    assert [one.undone for one in reversed(corrector.history(document))] == [True, True, False, False]
    assert [one.undoes for one in reversed(corrector.history(document))][:2] == [None, None]
    assert office.ledger.verify().ok
    assert [hit.document.id for hit in office.archive.find(Query("trong cay")).hits] == [document]


def test_an_undone_correction_is_a_correction_and_can_be_undone(office: Office) -> None:
    corrector = Corrector(office)
    document = _file(office, "một", "12", "Về việc trồng cây")
    corrector.correct(document, Corrections(number="13", date=dt.date(2026, 11, 6), note=None))
    corrector.undo(document, corrector.history(document)[0].entry)
    again = corrector.undo(document, corrector.history(document)[0].entry)
    assert (again.number, again.date) == ("13", dt.date(2026, 11, 6))


def test_what_an_earlier_version_entered_is_shown_and_not_undone(office: Office) -> None:
    document = _file(office, "một", "12", "Về việc trồng cây")
    entry = office.ledger.append("correct", document=document, fields=["summary"], paths=[])
    (found,) = Corrector(office).history(document)
    assert (found.entry, found.undoable) == (entry.seq, False)
    with pytest.raises(CorrectionUnknown):
        Corrector(office).undo(document, entry.seq)


def test_an_entry_that_is_no_correction_is_not_undone(office: Office) -> None:
    """Whoever may write the ledger's file makes the archive neither fail nor change what nobody may correct."""
    document = _file(office, "một", "12", "Về việc trồng cây")
    for before, after in (
        ({"id": 7}, {"id": document}),
        ({"copies": []}, {"copies": []}),
        ({"__class__": "x"}, {"__class__": "y"}),
        ({"year": "năm nay"}, {"year": 2026}),
        ({"recipients": "x"}, {"recipients": []}),
    ):
        entry = office.ledger.append("correct", document=document, before=before, after=after)
        with pytest.raises(CorrectionUnknown):
            Corrector(office).undo(document, entry.seq)


def test_what_is_known_of_a_document_stays_when_it_is_joined(office: Office) -> None:
    """Its dossiers, and what the other document has nothing for; its number would be missing in the register."""
    archive = office.archive
    first, second = _file(office, "một", None, "Về việc trồng cây"), _file(office, "hai", "15", "Về việc nuôi cá")
    one, both = (archive.dossiers.open(DossierData(name, name, 2026)) for name in ("01.VT", "02.VT"))
    archive.dossiers.put(one.id, second)
    archive.dossiers.put(both.id, first, second)
    archive.correct(second, Corrections(note="Bản chính ở Văn phòng", kept_by="Văn thư"))
    archive.correct(first, Corrections(kept_by="Văn phòng"))
    joined = Corrector(office).join(first, second)
    assert joined.dossiers == {one.id: 1, both.id: 1}
    assert (joined.number, joined.summary) == ("15", "Về việc trồng cây")
    assert (joined.note, joined.kept_by) == ("Bản chính ở Văn phòng", "Văn phòng")
    assert [entry.document for entry in archive.register(2026, incoming=False).entries] == [first]
    assert [hit.document.id for hit in archive.find(Query("15")).hits] == [first]


def test_joined_files_are_parted_again(office: Office) -> None:
    corrector = Corrector(office)
    first, second = _file(office, "một", "12", "Về việc trồng cây"), _file(office, "hai", "15", "Về việc nuôi cá")
    joined = corrector.join(first, second)
    assert len(joined.copies) == 2 and office.archive.document(second) is None
    [moved] = [copy for copy in joined.copies if "15" in Path(copy.path).name]
    parted = corrector.part(moved.id)
    assert parted.id != first and [copy.path for copy in parted.copies] == [moved.path]
    assert [Path(copy.path).is_file() for copy in (*parted.copies, *_known(office, first))] == [True, True]
    assert {parted.copies[0].sha256, _known(office, first)[0].sha256} == {one.sha256 for one in joined.copies}
    with pytest.raises(CopyAlone):
        corrector.part(_known(office, first)[0].id)
    with pytest.raises(CopyUnknown):
        corrector.part(10**6)
    told = [entry.data for entry in office.ledger.entries() if entry.kind == "correct"]
    assert [("joined" in data, "parted" in data) for data in told] == [(True, False), (False, True)]
    assert [hit.document.id for hit in office.archive.find(Query("nuoi ca")).hits] == [parted.id]


def _known(office: Office, document: int) -> list[FiledCopy]:
    found = office.archive.document(document)
    assert found is not None
    return list(found.copies)
