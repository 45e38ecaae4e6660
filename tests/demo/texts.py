"""What the sample documents say: an invented commune's paperwork, in the order of Decree 30/2020."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from tests.demo.pki import LEADER

ISSUED = dt.date(2026, 11, 12)
PLACE_AND_DATE = f"Phong Điền, ngày {ISSUED.day:02} tháng {ISSUED.month} năm {ISSUED.year}"
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
AGENCY_LINES = ("ỦY BAN NHÂN DÂN", "XÃ PHONG ĐIỀN")
SIGNATURE_BLOCK = ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", LEADER)

Style = Literal["base", "centred", "article", "heading", "text"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body; ``lead`` is set bold before ``text`` (“Điều 1. …”, “1. …”)."""

    style: Style
    text: str
    lead: str = ""


@dataclass(frozen=True)
class OfficeDocument:
    """An administrative document.

    :ivar kind: as printed, such as ``QUYẾT ĐỊNH``; empty for an official letter (công văn).
    :ivar symbol: with the number before it, such as ``12/QĐ-UBND``.
    :ivar addressees: behind “Kính gửi:”; empty where there is none.
    :ivar recipients: behind “Nơi nhận:”.
    :ivar place_and_date: at the right of the head.
    """

    kind: str
    symbol: str
    summary: str
    addressees: tuple[str, ...]
    body: tuple[Paragraph, ...]
    recipients: tuple[str, ...]
    place_and_date: str = PLACE_AND_DATE


def _bases(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph("base", text) for text in texts)


def _text(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph("text", text) for text in texts)


def _article(number: int, text: str) -> Paragraph:
    return Paragraph("article", text, f"Điều {number}.")


def _heading(text: str) -> Paragraph:
    return Paragraph("heading", "", text)


DECISION = OfficeDocument(
    kind="QUYẾT ĐỊNH",
    symbol="12/QĐ-UBND",
    summary="Phê duyệt Kế hoạch chuyển đổi số xã Phong Điền năm 2027",
    addressees=(),
    body=(
        Paragraph("centred", "ỦY BAN NHÂN DÂN XÃ PHONG ĐIỀN"),
        *_bases(
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
            "Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;",
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
            "Căn cứ Nghị định số 68/2024/NĐ-CP ngày 25 tháng 6 năm 2024 của Chính phủ quy định về chữ ký số "
            "chuyên dùng công vụ;",
            "Theo đề nghị của Trưởng phòng Văn hóa - Xã hội tại Tờ trình số 03/TTr-VHXH ngày 06 tháng 11 năm 2026.",
        ),
        Paragraph("centred", "QUYẾT ĐỊNH:"),
        _article(
            1,
            "Phê duyệt Kế hoạch chuyển đổi số xã Phong Điền năm 2027 với các nội dung chủ yếu sau đây:",
        ),
        *_text(
            "1. Mục tiêu: 100% văn bản đi của Ủy ban nhân dân xã được ký số và phát hành trên môi trường điện tử, "
            "trừ văn bản có nội dung bí mật nhà nước; ít nhất 90% hồ sơ thủ tục hành chính được tiếp nhận và giải "
            "quyết trực tuyến toàn trình; mỗi ấp có ít nhất một Tổ công nghệ số cộng đồng hoạt động thường xuyên.",
            "2. Nhiệm vụ trọng tâm: số hóa tài liệu lưu trữ hình thành trước năm 2026; tổ chức bốn lớp tập huấn kỹ "
            "năng số cho cán bộ, công chức và người lao động; lắp đặt điểm hỗ trợ dịch vụ công trực tuyến tại nhà "
            "văn hóa của các ấp; rà soát việc quản lý, sử dụng thiết bị lưu khóa bí mật.",
            "3. Kinh phí: 486.000.000 đồng (bốn trăm tám mươi sáu triệu đồng), bố trí từ dự toán ngân sách xã năm "
            "2027 và các nguồn huy động hợp pháp khác theo quy định của pháp luật.",
            "4. Thời gian thực hiện: từ ngày 01 tháng 01 năm 2027 đến ngày 31 tháng 12 năm 2027.",
        ),
        _article(2, "Tổ chức thực hiện"),
        *_text(
            "1. Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã là cơ quan thường trực, theo dõi, đôn đốc, tổng hợp "
            "kết quả thực hiện và báo cáo Chủ tịch Ủy ban nhân dân xã trước ngày 20 hằng tháng.",
            "2. Phòng Kinh tế tham mưu bố trí kinh phí, hướng dẫn việc quản lý, sử dụng và thanh quyết toán kinh phí "
            "theo đúng quy định.",
            "3. Phòng Văn hóa - Xã hội chủ trì tuyên truyền, vận động Nhân dân sử dụng dịch vụ công trực tuyến, thanh "
            "toán không dùng tiền mặt và bảo vệ dữ liệu cá nhân.",
        ),
        _article(3, "Quyết định này có hiệu lực kể từ ngày ký."),
        *_text(
            "Chánh Văn phòng Hội đồng nhân dân và Ủy ban nhân dân xã, Trưởng các phòng, ban, Trưởng các ấp và các tổ "
            "chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./.",
        ),
    ),
    recipients=("Như Điều 3;", "UBND thành phố (để báo cáo);", "TT Đảng ủy, TT HĐND xã;", "Lưu: VT, VHXH."),
)

_ROOM = "\u00a0" * 8


def unnumbered(year: int = ISSUED.year) -> OfficeDocument:
    """As it comes to the leader: number, day and month are left open; the year is printed."""
    return replace(DECISION, symbol=f"{_ROOM}/QĐ-UBND", place_and_date=f"Phong Điền, ngày{_ROOM}tháng{_ROOM}năm {year}")


LETTER = OfficeDocument(
    kind="",
    symbol="05/UBND-VP",
    summary="V/v rà soát thiết bị lưu khóa bí mật và chứng thư chữ ký số",
    addressees=(
        "Các phòng, ban thuộc Ủy ban nhân dân xã;",
        "Trạm Y tế xã Phong Điền;",
        "Các trường học trên địa bàn xã.",
    ),
    body=_text(
        "Thực hiện quy định tại Điều 32 và Điều 33 Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ "
        "về công tác văn thư, để việc quản lý, sử dụng con dấu và thiết bị lưu khóa bí mật được chặt chẽ, an toàn, Ủy "
        "ban nhân dân xã đề nghị các cơ quan, đơn vị thực hiện một số nội dung sau:",
        "1. Rà soát toàn bộ thiết bị lưu khóa bí mật đang quản lý, đối chiếu số hiệu thiết bị, người được giao quản "
        "lý và thời hạn của chứng thư chữ ký số. Đối với chứng thư hết hạn trong quý I năm 2027, lập danh sách đề nghị "
        "gia hạn theo mẫu gửi kèm.",
        "2. Việc giao, nhận thiết bị lưu khóa bí mật phải được người có thẩm quyền cho phép bằng văn bản và phải lập "
        "biên bản; không giao thiết bị và mật khẩu cho người không có trách nhiệm.",
        "3. Gửi kết quả rà soát về Ủy ban nhân dân xã (qua Văn phòng) trước ngày 25 tháng 11 năm 2026 để tổng hợp, "
        "báo cáo cấp có thẩm quyền.",
        "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, đề nghị các cơ quan, đơn vị liên hệ bà Trần Thị Bích "
        "Ngọc, công chức Văn phòng, để được hướng dẫn./.",
    ),
    recipients=("Như trên;", "CT, các PCT UBND xã;", "Lưu: VT, VP."),
)

SUBMISSION = OfficeDocument(
    kind="TỜ TRÌNH",
    symbol="07/TTr-UBND",
    summary="Về việc thông qua dự toán thu, chi ngân sách xã năm 2027",
    addressees=("Hội đồng nhân dân xã Phong Điền",),
    body=(
        *_text(
            "Căn cứ Luật Ngân sách nhà nước và các văn bản hướng dẫn thi hành; trên cơ sở ước thực hiện dự toán ngân "
            "sách năm 2026, Ủy ban nhân dân xã trình Hội đồng nhân dân xã xem xét, thông qua dự toán thu, chi ngân "
            "sách xã năm 2027 như sau:",
        ),
        _heading("1. Tổng thu ngân sách xã"),
        *_text(
            "Tổng thu ngân sách xã năm 2027 là 62.480.000.000 đồng, trong đó thu ngân sách xã hưởng theo phân cấp là "
            "18.350.000.000 đồng, thu bổ sung từ ngân sách cấp trên là 44.130.000.000 đồng.",
        ),
        _heading("2. Tổng chi ngân sách xã"),
        *_text(
            "Tổng chi ngân sách xã năm 2027 là 62.480.000.000 đồng, gồm chi đầu tư phát triển 15.200.000.000 đồng, chi "
            "thường xuyên 46.030.000.000 đồng và dự phòng ngân sách 1.250.000.000 đồng.",
            "Kính trình Hội đồng nhân dân xã xem xét, quyết định./.",
        ),
    ),
    recipients=("Như trên;", "TT Đảng ủy xã;", "Lưu: VT, KT."),
)

NOTICE = OfficeDocument(
    kind="THÔNG BÁO",
    symbol="21/TB-UBND",
    summary="Lịch tiếp công dân của Chủ tịch Ủy ban nhân dân xã tháng 12 năm 2026",
    addressees=(),
    body=_text(
        "Căn cứ Luật Tiếp công dân ngày 25 tháng 11 năm 2013, Ủy ban nhân dân xã Phong Điền thông báo lịch tiếp công "
        "dân định kỳ của Chủ tịch Ủy ban nhân dân xã tháng 12 năm 2026 như sau:",
        "1. Thời gian: buổi sáng từ 07 giờ 30 phút đến 11 giờ 00 phút, buổi chiều từ 13 giờ 30 phút đến 16 giờ 30 "
        "phút, các ngày thứ Năm 03, 10, 17, 24 và 31 tháng 12 năm 2026.",
        "2. Địa điểm: Phòng Tiếp công dân, trụ sở Ủy ban nhân dân xã Phong Điền.",
        "3. Công dân đến kiến nghị, phản ánh, khiếu nại, tố cáo mang theo giấy tờ tùy thân và tài liệu có liên quan.",
        "Ủy ban nhân dân xã thông báo để các cơ quan, tổ chức và Nhân dân được biết./.",
    ),
    recipients=("TT Đảng ủy, TT HĐND xã;", "Đài Truyền thanh xã;", "Trưởng các ấp;", "Lưu: VT."),
)

STATISTICS_SYMBOL = "27/BC-UBND"
STATISTICS_SUMMARY = "Kết quả giải quyết thủ tục hành chính tháng 10 năm 2026"
STATISTICS = (
    ("Hộ tịch", 214, 188, 209, 5),
    ("Chứng thực", 532, 97, 532, 0),
    ("Đất đai", 126, 104, 111, 15),
    ("Bảo trợ xã hội", 85, 79, 82, 3),
    ("Người có công", 31, 28, 30, 1),
    ("Kinh doanh, hộ kinh doanh", 47, 47, 46, 1),
    ("Xây dựng", 22, 19, 18, 4),
    ("Giáo dục và đào tạo", 18, 18, 18, 0),
)

SLIDES_SYMBOL = "28/BC-UBND"
SLIDES_SUMMARY = "Kết quả sử dụng chữ ký số chuyên dùng công vụ năm 2026"
SLIDES = (
    (
        "Kết quả nổi bật",
        (
            "100% văn bản đi (trừ văn bản mật) được ký số của người có thẩm quyền và của cơ quan",
            "4.812 văn bản điện tử phát hành trong 10 tháng, tăng 37% so với cùng kỳ",
            "23 thiết bị lưu khóa bí mật được giao, có biên bản bàn giao đầy đủ",
        ),
    ),
    (
        "Khó khăn, vướng mắc",
        (
            "06 chứng thư chữ ký số hết hạn trong quý I năm 2027",
            "Đường truyền đến dịch vụ cấp dấu thời gian có lúc gián đoạn",
            "Một số tệp đính kèm chưa được ký số của cơ quan",
        ),
    ),
    (
        "Nhiệm vụ trọng tâm năm 2027",
        (
            "Gia hạn toàn bộ chứng thư trước khi hết hạn ít nhất 30 ngày",
            "Ký số, kiểm tra chữ ký số đối với toàn bộ văn bản đến",
            "Nộp hồ sơ điện tử có dấu thời gian vào lưu trữ cơ quan",
        ),
    ),
)
