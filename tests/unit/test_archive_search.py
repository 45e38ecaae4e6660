"""Finding documents as people type, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.archive.archive import Archive
from app.archive.errors import AttachedInCircle
from app.archive.marking import marks, passage
from app.archive.model import Corrections, DossierData, FiledCopy, Query, Recipient
from app.archive.search import SearchIndex
from app.documents.model import DocumentInfo, MainDocument
from app.storage.store import open_store
from app.times import today

DAY = dt.date(2026, 11, 5)


@pytest.fixture
def archive(store_url: str, tmp_path: Path) -> Iterator[Archive]:
    office = Archive(tmp_path / "kho", lambda: open_store(store_url))
    yield office
    office.close()


def file(archive: Archive, info: DocumentInfo, text: str = "", suffix: str = ".pdf", **more: object) -> FiledCopy:
    incoming = bool(more.get("incoming"))
    staged = archive.staging(info, suffix=suffix, incoming=incoming)
    content = f"{info} {text} {suffix} {more}".encode()
    staged.write_bytes(content)
    return archive.take(
        staged,
        info,
        sha256=hashlib.sha256(content).hexdigest(),
        source=archive.root.parent / f"nguồn{suffix}",
        format="pdf" if suffix == ".pdf" else "ooxml",
        text=text,
        **{"signers": [], **more},  # type: ignore[arg-type]
    )


def decision(number: str, summary: str, date: dt.date = DAY, **more: object) -> DocumentInfo:
    return DocumentInfo("Quyết định", number, "QĐ-UBND", date, summary, **more)  # type: ignore[arg-type]


def numbers(archive: Archive, text: str = "", **filters: object) -> list[str | None]:
    return [hit.document.number for hit in archive.find(Query(text, **filters)).hits]  # type: ignore[arg-type]


@pytest.fixture
def filled(archive: Archive) -> Archive:
    file(archive, decision("12", "Về việc phê duyệt kế hoạch đào tạo", issuer="ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN"))
    file(archive, decision("120", "Về việc khen thưởng", dt.date(2026, 3, 1)), "Giao Phòng Tài chính thi hành")
    file(
        archive,
        DocumentInfo("Công văn", "05", "UBND-VX", dt.date(2025, 2, 1), "nâng bậc lương cán bộ xã Hoà Sơn"),
        signers=["Nguyễn Văn Ân"],
    )
    incoming = DocumentInfo("Công văn", "1234", "SNV-VP", dt.date(2026, 10, 9), "rà soát điện sinh hoạt", "SỞ NỘI VỤ")
    file(archive, incoming, "công văn của phòng điện lực về cúp điện", incoming=True)
    return archive


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phe duyet ke hoach", ["12"]),
        ("PHÊ DUYỆT đào", ["12"]),
        ("xa phong dien", ["12"]),
        ("hòa sơn", ["05"]),
        ("hoa son", ["05"]),
        ("đao tạo", ["12"]),
        ("kê hoa", ["12"]),
        ("12", ["12", "1234", "120"]),
        ("012", ["12"]),
        ("23", ["1234"]),
        ("234", ["1234"]),
        ("12/QĐ-UBND", ["12", "120"]),
        ("1234/snv", ["1234"]),
        ("5", ["05"]),
        ("nguyen van an", ["05"]),
        ("05/11/2026", ["12"]),
        ("duyet 5.11.2026", ["12"]),
        ('"kế hoạch đào"', ["12"]),
        ('"hoạch kế"', []),
        ("100%", []),
        ("' OR 1=1 --", []),
        ('" AND (*', []),
        ("không có", []),
        ("phòng tài chính", ["120"]),
    ],
)
def test_what_people_type(filled: Archive, text: str, expected: list[str]) -> None:
    assert numbers(filled, text) == expected


def test_a_head_comes_before_a_text(filled: Archive) -> None:
    found = filled.find(Query("cong van dien"))
    assert [(hit.document.number, hit.in_text) for hit in found.hits] == [("1234", False)]
    found = filled.find(Query("phong dien"))
    assert [(hit.document.number, hit.in_text) for hit in found.hits] == [("12", False), ("1234", True)]


def test_filters(filled: Archive) -> None:
    assert numbers(filled) == ["12", "1234", "120", "05"]
    assert numbers(filled, year=2025) == ["05"] and numbers(filled, type="quyết định") == ["12", "120"]
    assert numbers(filled, date_from=dt.date(2026, 3, 1), date_to=dt.date(2026, 10, 1)) == ["120"]
    assert numbers(filled, "cong", incoming=True) == ["1234"] and numbers(filled, "cong", incoming=False) == ["05"]
    assert numbers(filled, signer="van an") == ["05"] and numbers(filled, signer="người khác") == []
    assert numbers(filled, "khen", year=2026, type="Công văn") == []


def test_pages_of_results_have_each_document_once(archive: Archive) -> None:
    for count in range(1, 24):
        head = "kế hoạch chung" if count % 2 else "báo cáo"
        file(archive, decision(str(count), f"{head} số {count}", DAY - dt.timedelta(days=count % 5)), "kế hoạch chung")
    for text in ("", "ke hoach", "ke hoach chung 7", "7"):
        whole = numbers(archive, text)
        found, after = [], None
        while True:
            page = archive.find(Query(text), after=after, limit=4)
            found += [hit.document.number for hit in page.hits]
            if (after := page.next) is None:
                break
        assert found == whole and len(set(found)) == len(found), text
    assert len(numbers(archive, "ke hoach")) == 23 and numbers(archive, "ke hoach")[:12] == numbers(
        archive, '"kế hoạch"'
    )


def test_the_words_found_are_told(filled: Archive) -> None:
    (hit,) = filled.find(Query("12 phe duy")).hits
    summary = hit.document.summary or ""
    assert [summary[start:end] for start, end in hit.marks["summary"]] == ["phê", "duy"]
    assert hit.marks["number"] == [(0, 2)]


def test_marks_and_passages() -> None:
    text = (
        "Ủy ban nhân dân xã Hoà Sơn giao Phòng Tài chính thi hành. "
        + "Nội dung khác. " * 40
        + "Phòng tài chính chủ trì."
    )
    assert [text[start:end] for start, end in marks(text, ["hoa", "ta"])][:2] == ["Hoà", "Tà"]
    shown = passage(text, ["tai", "chinh", "chu", "tri"], 60)
    assert shown is not None and shown.text.endswith("Phòng tài chính chủ trì.") and len(shown.text) < 120
    assert {shown.text[start:end].lower() for start, end in shown.marks} >= {"tài", "chính", "chủ", "trì"}
    assert passage(text, ["khong", "thay"], 60) is None and marks("Số 0123", ["123"]) == [(3, 7)]


def test_a_correction_is_found_and_what_was_wrong_is_not(filled: Archive) -> None:
    (hit,) = filled.find(Query("khen thuong")).hits
    Path(hit.document.copies[0].path + ".p7s").write_bytes(b"signature")
    corrected = filled.correct(
        hit.document.id, Corrections(number="0121", summary="Về việc kỷ luật", note="ghi chú lạ", year=2025)
    )
    assert corrected.number == "0121" and corrected.doubts == {}
    assert [Path(copy.path).relative_to(filled.root).as_posix() for copy in corrected.copies] == [
        "2025/Quyết định/0121_QĐ-UBND_kỷ-luật.pdf"
    ]
    assert Path(corrected.copies[0].path).is_file() and Path(corrected.copies[0].path + ".p7s").is_file()
    assert numbers(filled, "khen thuong") == [] and numbers(filled, "ky luat") == numbers(filled, "ghi chu la") == [
        "0121"
    ]
    assert numbers(filled, "120") == [] and numbers(filled, year=2025) == ["0121", "05"]


def test_dossiers(filled: Archive) -> None:
    ids = {hit.document.number: hit.document.id for hit in filled.find(Query()).hits}
    data = DossierData("01.TCCB", "Đào tạo cán bộ", 2026, "H57.3", maintenance="Vĩnh viễn")
    dossier = filled.dossiers.open(data)
    assert filled.dossiers.put(dossier.id, ids["120"], ids["12"], ids["120"]).documents == 2
    other = filled.dossiers.open(DossierData("02.TCCB", "Khen thưởng", 2026))
    filled.dossiers.put(other.id, ids["12"])
    assert filled.dossiers.contents(dossier.id) == [ids["120"], ids["12"]]
    document = filled.document(ids["12"])
    assert document is not None and document.dossiers == {dossier.id: 2, other.id: 1}
    assert numbers(filled, dossier=dossier.id) == ["12", "120"] and numbers(filled, "khen", dossier=dossier.id) == [
        "120"
    ]
    assert [each.data.notation for each in filled.dossiers.find("dao tao")] == ["01.TCCB"]
    filled.dossiers.take_out(dossier.id, ids["120"])
    assert numbers(filled, dossier=dossier.id) == ["12"] and len(numbers(filled)) == 4


def test_files_of_one_document_are_linked(archive: Archive) -> None:
    pdf = file(archive, decision("7", "Về việc phê duyệt"))
    word = file(archive, decision("7", "Về việc phê duyệt"), suffix=".docx")
    assert word.document == pdf.document and len(archive.find(Query()).hits) == 1
    lone = file(archive, DocumentInfo("Lịch làm việc", summary="Tuần 47", date=DAY))
    again = file(archive, DocumentInfo("Lịch làm việc", summary="Tuần 47", date=DAY), suffix=".docx")
    assert again.document == lone.document and again.path.endswith(".docx")
    other = file(archive, DocumentInfo("Lịch làm việc", summary="Tuần 47 sửa", date=DAY), suffix=".docx")
    assert other.document != lone.document
    joined = archive.join(lone.document, other.document)
    assert len(joined.copies) == 3 and archive.document(other.document) is None


def test_attachments_find_their_main_document_whichever_comes_first(archive: Archive) -> None:
    main = MainDocument("12", "QĐ-UBND", DAY)
    before = file(archive, DocumentInfo("Quy chế", summary="Làm việc", date=DAY, main=main))
    decided = file(archive, decision("012", "Ban hành quy chế"))
    after = file(archive, DocumentInfo("Danh sách", summary="Kèm theo", date=DAY, main=main))
    document = archive.document(decided.document)
    assert document is not None and document.attachments == sorted([before.document, after.document])
    assert archive.attach(after.document, None).attached_to is None
    with pytest.raises(AttachedInCircle):
        archive.attach(decided.document, before.document)


def test_received_documents_are_numbered_as_they_arrive(archive: Archive) -> None:
    copies = [
        file(archive, DocumentInfo("Công văn", str(count), "SNV-VP", DAY, f"việc {count}"), incoming=True)
        for count in (9, 5, 7)
    ]
    found = [archive.document(copy.document) for copy in copies]
    assert [document.arrival_number for document in found if document] == [1, 2, 3]
    assert all(document and document.arrived_on == today() for document in found)
    assert Path(copies[0].path).relative_to(archive.root).parts[:2] == ("Văn bản đến", str(today().year))
    more = Corrections(arrival_number=40, arrived_on=dt.date(2026, 1, 2), handled_by="Văn phòng")
    taken = file(archive, DocumentInfo("Công văn", "8", "SNV-VP", DAY, "việc"), incoming=True, more=more)
    document = archive.document(taken.document)
    assert document is not None and (document.arrival_number, document.handled_by) == (40, "Văn phòng")
    assert document.arrived_on == dt.date(2026, 1, 2)


def test_registers(archive: Archive) -> None:
    for number, kind, symbol in (
        ("01", "Quyết định", "QĐ-UBND"),
        ("02", "Quyết định", "QĐ-UBND"),
        ("05", "Quyết định", "QĐ-UBND"),
        ("01", "Công văn", "UBND-VX"),
        ("02", "Công văn", "UBND-VP"),
        ("02", "Công văn", "UBND-NC"),
        ("01", "Nghị quyết", "NQ-HĐND"),
        ("02", "Bản sao y", "SY-UBND"),
    ):
        info = DocumentInfo(kind, number, symbol, DAY, f"việc {number} {symbol}", signer_name="Trần Văn Bình")
        more = Corrections(recipients=[Recipient("", "Sở Nội vụ")], copies_issued=3)
        file(archive, info, more=more)
    found = archive.register(2026, incoming=False)
    assert len(found.entries) == 8 and found.entries[0].recipients == ["Sở Nội vụ"]
    told = [(one.kind, one.series, one.first, one.last) for one in found.irregularities]
    assert told == [
        ("gap", "Bản sao", "1", "1"),
        ("double", "Công văn UBND", "2", "2"),
        ("gap", "Quyết định UBND", "3", "4"),
    ]


def test_a_thousand_words_of_hostile_text_are_only_words(archive: Archive) -> None:
    text = "'; DROP TABLE documents; -- \\' \" ) OR _y2026 \x00 " + "x" * 100 + " bình thường"
    file(archive, decision("1", "An"), text)
    assert numbers(archive, "binh thuong") == ["1"] and numbers(archive, "drop table") == ["1"]
    assert numbers(archive, "_tquyetdinh") == [] and numbers(archive, "x" * 100) == []


def test_a_number_with_signs_of_a_query_is_a_number(archive: Archive) -> None:
    given = {"An": "12'a", "Bình": "7\\' | 'x", "Châu": "8 b"}
    for summary, number in given.items():
        file(archive, decision(number, summary))
    assert numbers(archive, "12") == ["12'a"]
    assert [numbers(archive, summary) for summary in given] == [[number] for number in given.values()]
    last = archive.find(Query("Châu")).hits[0].document
    assert archive.correct(last.id, Corrections(number="9'c")).number == "9'c"


def test_the_index_is_merged_with_each_row_and_never_by_itself(tmp_path: Path) -> None:
    store = open_store(tmp_path / "antin.sqlite")
    index = SearchIndex("sqlite")
    apart = {"search_heads": 0, "search_texts": 0}
    for key in range(15):
        words = [f"w{key * number % 97}" for number in range(40)]
        with store.write() as connection:
            index.add_heads(connection, [(key, words)])
            index.add_texts(connection, [(key, words)])
    with store.read() as connection:
        for name in apart:
            config = connection.exec_driver_sql(f"SELECT k, v FROM {name}_config").all()
            assert ("automerge", 0) in [tuple(row) for row in config]
            apart[name] = connection.exec_driver_sql(f"SELECT count(DISTINCT segid) FROM {name}_idx").scalar() or 0
    store.close()
    assert all(count < 10 for count in apart.values()), apart
