"""What is asked before a PIN is: whose certificate, which agency, which kind of document."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.documents.fields import Line, SignatureBlock
from app.documents.model import DocumentInfo
from app.documents.reading import Reading, read_with_places
from app.office import Office
from app.settings import Settings
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions, Status
from app.signing.questions import questions
from tests.demo.office import DemoOffice
from tests.demo.pki import LEADER
from tests.marked_pages import signing_key


def codes(act: Act, name: str, reading: Reading, kinds: tuple[str, ...] = ()) -> list[str]:
    return [question.code for question in questions("a.pdf", act, signing_key(name), reading, kinds)]


def document(*names: str, issuer: str | None = None, headings: tuple[str, ...] = ()) -> Reading:
    blocks = tuple(SignatureBlock((Line("CHỦ TỊCH"),), Line(name)) for name in names)
    return Reading(DocumentInfo(issuer=issuer), blocks[0] if blocks else None, blocks=blocks, headings=headings)


@pytest.mark.parametrize(
    ("certified", "written", "expected"),
    [
        ("Nguyễn Văn An", ["Nguyễn Văn An"], []),
        ("NGUYỄN VĂN AN", ["Nguyễn Văn An"], []),
        ("Nguyễn Văn An", ["TS. Nguyễn Văn An"], []),
        ("Nguyễn Văn An", ["Tiến sĩ Nguyễn Văn An"], []),
        ("Nguyễn Văn An", ["Văn An Nguyễn"], ["signer-differs"]),
        ("Trần Thị Hoà", ["Trần Thị Hòa"], []),
        ("Nguyễn Văn An", ["Nguyễn Văn Ân"], ["signer-differs"]),
        ("Nguyễn Văn An", ["Lê Thị Bình", "Nguyễn Văn An"], []),
        ("Nguyễn Văn An", ["Lê Thị Bình"], ["signer-differs"]),
        ("Nguyễn Văn An", [], []),
    ],
)
def test_the_name_below_the_block_is_the_holders(certified, written, expected):
    assert codes(Act.APPROVE, certified, document(*written)) == expected


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM", []),
        ("UBND TỈNH THỬ NGHIỆM", []),
        ("VĂN PHÒNG UBND TỈNH THỬ NGHIỆM", []),
        ("SỞ TÀI CHÍNH", ["agency-differs"]),
        (None, []),
    ],
)
def test_the_agency_in_the_head_is_the_certificates(issuer, expected):
    assert codes(Act.ISSUE, "Văn thư thử nghiệm", document(issuer=issuer)) == expected


def test_other_acts_name_nobody():
    for act in (Act.ATTACHMENT, Act.COPY, Act.INCOMING, Act.PLAIN):
        assert codes(act, "Nguyễn Văn An", document("Lê Thị Bình", issuer="SỞ TÀI CHÍNH")) == []


def test_kinds_that_stay_on_paper():
    kinds = ("Giấy chứng nhận quyền sử dụng đất", "Hợp đồng")
    land = document(headings=("GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU NHÀ Ở",))
    assert codes(Act.PLAIN, "A B", land, kinds) == ["stays-on-paper"]
    assert codes(Act.PLAIN, "A B", Reading(DocumentInfo(type="Hợp đồng")), kinds) == ["stays-on-paper"]
    assert codes(Act.PLAIN, "A B", document(headings=("QUYẾT ĐỊNH",)), kinds) == []
    assert codes(Act.INCOMING, "A B", land, kinds) == []


def test_the_head_of_a_real_document_is_read(samples):
    assert "QUYẾT ĐỊNH" in read_with_places(samples["quyet_dinh_pdf"]).headings
    assert codes(Act.APPROVE, LEADER, read_with_places(samples["quyet_dinh_pdf"]), ("Quyết định",)) == [
        "agency-differs",  # the test certificate is of another agency
        "stays-on-paper",
    ]


def run(office: DemoOffice, settings: Settings, source: Path, out: Path, **options: object):
    token = office.tokens["second"]
    with Office(settings) as opened:
        key = choose(opened.keys(), token=token.serial, certificate=None)
        wanted = SignOptions(act=Act.APPROVE, out=out, **options)  # type: ignore[arg-type]
        asked = opened.questions(source, wanted, key)
        (result,) = opened.desk.sign(
            [source], wanted, key, pin_source=lambda _: PinAnswer(bytearray(token.pin.encode()))
        )
    return asked, result


def test_the_desk_refuses_until_somebody_says_yes(office, settings, samples, tmp_path):
    source = samples["quyet_dinh_pdf"]
    before = source.read_bytes()
    asked, refused = run(office, settings, source, tmp_path)
    assert [question.code for question in asked] == ["signer-differs"]
    assert (refused.status, refused.error.code) == (Status.FAILED, "signer-differs")
    assert LEADER in refused.error.message
    assert list(tmp_path.glob("*.pdf")) == []
    asked, signed = run(office, settings, source, tmp_path, accepts=("signer-differs",))
    assert asked == []
    assert signed.status is Status.SIGNED, signed.error
    assert source.read_bytes() == before
