"""Minutes on the page: the decree's form, whatever people are called and however many devices there are."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pikepdf
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app import i18n
from app.custody.errors import NotThatPerson, SideSigned, SideUnclear
from app.custody.handovers import _side
from app.custody.minutes import Agency, HandedDevice, MinutesContent, SignaturePlace, render
from app.custody.model import DeviceCertificate, Kind, Permission, Person
from app.custody.states import EventKind
from app.errors import AntinError
from app.times import VIETNAM

AT = dt.datetime(2026, 2, 5, 8, 5, tzinfo=VIETNAM)
CERTIFICATE = DeviceCertificate(
    1,
    "ab" * 32,
    "Ủy ban nhân dân xã Phong Điền",
    "",
    "5403a1b2c3d4e5f607185403a1b2c3d4",
    "Cơ quan chứng thực số chuyên dùng Chính phủ",
    AT,
    AT.replace(year=2031),
    Kind.ORGANIZATION,
)
DEVICE = HandedDevice(
    "0123456789ABCDEF",
    "Bit4id TokenME EVO",
    "Dấu chính",
    Kind.ORGANIZATION,
    [CERTIFICATE],
    "",
    "Hộp",
    None,
    "PIN bị khóa",
)
CONTENT = MinutesContent(
    kind=EventKind.HANDED_OVER,
    agency=Agency("Ủy ban nhân dân xã Phong Điền", "Ủy ban nhân dân thành phố Cần Thơ", "Phong Điền"),
    number="05/BB-UBND",
    at=AT,
    place="Trụ sở",
    giver=Person("Lê Thị Hoa", "Văn thư", "Văn phòng"),
    receiver=Person("Trần Thị Bích Ngọc", "Công chức", "Phòng Văn hóa - Xã hội"),
    witness=None,
    permission=Permission("15/QĐ-UBND", dt.date(2026, 1, 20), "Chủ tịch UBND xã"),
    devices=[DEVICE],
    reason="Thay đổi vị trí công tác",
)


def _written(content: MinutesContent, folder: Path) -> tuple[Path, list[SignaturePlace], str]:
    pdf, places = render(content)
    path = folder / "minutes.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return path, places, " ".join(run.stdout.replace("\u200b", "").split())


def test_the_words_of_the_decree_in_any_language_of_the_program(tmp_path: Path) -> None:
    i18n.set_language("en")
    _path, _places, text = _written(CONTENT, tmp_path)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ",
        "Số: 05/BB-UBND",
        "Phong Điền, ngày 05 tháng 02 năm 2026",
        "BIÊN BẢN Bàn giao thiết bị lưu khóa bí mật",
        "Căn cứ văn bản cho phép số 15/QĐ-UBND ngày 20 tháng 01 năm 2026 của Chủ tịch UBND xã",
        "vào hồi 08 giờ 05 phút, ngày 05 tháng 02 năm 2026",
        "BÊN GIAO Ông (bà): Lê Thị Hoa Chức vụ công tác: Văn thư Đơn vị: Văn phòng",
        "0123456789ABCDEF",
        "(con dấu của",
        "không được kiểm tra bằng chữ ký; lý do: PIN bị khóa",
        "phải đổi mã PIN ngay khi sử dụng thiết bị lần đầu",
        "mỗi bên giữ một bản./.",
        "ĐẠI DIỆN BÊN GIAO",
        "ĐẠI DIỆN BÊN NHẬN",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": EventKind.LENT, "due": dt.date(2026, 3, 1)}, "chậm nhất vào ngày 01 tháng 3 năm 2026"),
        ({"kind": EventKind.RETURNED, "permission": None}, "Bàn giao trả thiết bị lưu khóa bí mật"),
        ({"paper": True}, "lập thành hai bản; bên giao giữ một bản, bên nhận giữ một bản./."),
        ({"witness": Person("Ngô Văn Mười", "Kế toán", "")}, "NGƯỜI CHỨNG KIẾN Ông (bà): Ngô Văn Mười"),
        ({"number": ""}, "/BB-"),
    ],
)
def test_its_kinds(changes: dict[str, object], words: str, tmp_path: Path) -> None:
    assert words in _written(msgspec.structs.replace(CONTENT, **changes), tmp_path)[2]


def test_it_is_pdf_a_on_a4_with_the_decrees_margins(tmp_path: Path) -> None:
    many = [msgspec.structs.replace(DEVICE, serial=f"SERIAL{number:04d}") for number in range(30)]
    path, _places, text = _written(msgspec.structs.replace(CONTENT, devices=many), tmp_path)
    with pikepdf.open(path) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")) == ("2", "A")
        for page in pdf.pages:
            width, height = (float(edge) / 72 * 25.4 for edge in page.mediabox[2:])
            assert (round(width), round(height)) == (210, 297)
    assert all(f"SERIAL{number:04d}" in text for number in range(30))
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    edges = [tuple(map(float, found)) for found in re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', boxes)]
    assert min(left for left, _right in edges) >= 29.5 / 25.4 * 72
    assert max(right for _left, right in edges) <= (210 - 15) / 25.4 * 72


@pytest.mark.parametrize("witness", [None, Person("Ngô Văn Mười")])
@pytest.mark.parametrize("devices", [1, 2, 3, 4, 7])
def test_each_side_has_an_empty_place_under_its_heading(devices: int, witness: Person | None, tmp_path: Path) -> None:
    content = msgspec.structs.replace(CONTENT, devices=[DEVICE] * devices, witness=witness)
    path, places, _text = _written(content, tmp_path)
    headings = {"giver": "ĐẠI DIỆN BÊN GIAO", "receiver": "ĐẠI DIỆN BÊN NHẬN", "witness": "NGƯỜI CHỨNG KIẾN"}
    assert [place.name for place in places] == list(headings)[: 3 if witness else 2]
    document = pypdfium2.PdfDocument(path)
    for place in places:
        page = document[place.page - 1].get_textpage()

        def words(left: float, top: float, width: float, height: float, page: pypdfium2.PdfTextPage = page) -> str:
            box = [edge / 25.4 * 72 for edge in (left, 297 - top - height, left + width, 297 - top)]
            return " ".join(str(page.get_text_bounded(*box)).split())

        assert words(place.left, place.top, place.width, place.height) == ""
        assert headings[place.name] in words(place.left, place.top - 14, place.width, 14)
        named = {"giver": content.giver, "receiver": content.receiver, "witness": witness}[place.name]
        assert named is not None
        assert named.name in words(place.left, place.top + place.height, place.width, 8)
    document.close()


@pytest.mark.parametrize(
    "hostile",
    [
        '#eval("1") $x$ *b* _i_ @ref <mark> \\ // /* `',
        "名前 🙂 \u202egnp.exe\u0000",
        "x" * 5000,
        '"}}) #panic() ',
        "Nguyễn " * 40,
    ],
)
def test_whatever_is_typed_is_printed_as_text(hostile: str, tmp_path: Path) -> None:
    person = Person(hostile, hostile, hostile, hostile, hostile)
    content = msgspec.structs.replace(
        CONTENT,
        number=hostile,
        place=hostile,
        giver=person,
        receiver=person,
        witness=person,
        reason=hostile,
        devices=[msgspec.structs.replace(DEVICE, serial=hostile, name=hostile, nickname=hostile, appearance=hostile)],
    )
    _path, places, text = _written(content, tmp_path)
    assert [place.name for place in places] == ["giver", "receiver", "witness"]
    if hostile.startswith("#"):
        assert '#eval("1") $x$' in text


@dataclass
class Held:
    """A key on somebody's token."""

    holder: str
    certificate: SimpleNamespace
    kind: str = "person"


def _held(name: str, identity: str) -> Held:
    """With a certificate that says the identity number as Vietnamese authorities do (UID=CCCD:…)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if identity:
        subject.append(x509.NameAttribute(NameOID.USER_ID, f"CCCD:{identity}"))
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(x509.Name(subject))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=900))
        .sign(key, hashes.SHA256())
    )
    return Held(name, SimpleNamespace(der=made.public_bytes(serialization.Encoding.DER)))


@pytest.mark.parametrize(
    ("giver", "receiver", "number", "side"),
    [
        ("", "", "", SideUnclear),
        ("079 085 001 234", "", "079085001234", "giver"),
        ("", "079085001234", "079085001234", "receiver"),
        ("079085001234", "079085009999", "079085009999", "receiver"),
        ("079085001234", "079085009999", "001085000001", NotThatPerson),
        ("", "079085009999", "", SideUnclear),
    ],
)
def test_two_of_one_name_are_told_apart_by_their_numbers(
    giver: str, receiver: str, number: str, side: str | type[AntinError]
) -> None:
    name = "Nguyễn Văn An"
    content = msgspec.structs.replace(
        CONTENT, giver=Person(name, identity=giver), receiver=Person(name, identity=receiver), witness=None
    )
    if isinstance(side, str):
        assert _side(content, _held(name, number), []) == side  # type: ignore[arg-type]
        with pytest.raises(SideSigned):
            _side(content, _held(name, number), [side])  # type: ignore[arg-type]
        return
    with pytest.raises(side):
        _side(content, _held(name, number), [])  # type: ignore[arg-type]
