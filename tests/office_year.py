"""A year of an invented office, played through by commands alone: for the test of the records and their pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.demo import samples, texts
from tests.demo.office import DemoOffice
from tests.demo.texts import OfficeDocument
from tests.e2e.command import Answer, Antin

LEADER = "Nguyễn Văn An; Chủ tịch; UBND xã Phong Điền"
CLERK = "Trần Thị Bích Ngọc; Công chức Văn phòng - Thống kê; Văn phòng HĐND và UBND"

#: What the office issues: the sample it is written after, number, day, and what it is about where that is another.
#: Number 3 of the decisions is missing and has to be told.
ISSUED = (
    (texts.DECISION, "1/QĐ-UBND", dt.date(2026, 1, 9), "Ban hành Quy chế quản lý, sử dụng chữ ký số của cơ quan"),
    (texts.LETTER, "2/UBND-VP", dt.date(2026, 2, 26), "V/v chuẩn bị đón Tết Nguyên đán an toàn, tiết kiệm"),
    (texts.DECISION, "2/QĐ-UBND", dt.date(2026, 3, 17), "Thành lập Tổ công nghệ số cộng đồng các ấp"),
    (texts.NOTICE, "4/TB-UBND", dt.date(2026, 5, 5), "Lịch tiếp công dân của Chủ tịch Ủy ban nhân dân xã quý II"),
    (texts.SUBMISSION, "5/TTr-UBND", dt.date(2026, 7, 20), "Về việc điều chỉnh dự toán chi ngân sách xã năm 2026"),
    (texts.DECISION, "4/QĐ-UBND", dt.date(2026, 9, 1), "Phê duyệt Kế hoạch chuyển đổi số xã Phong Điền năm 2027"),
)
RECEIVED = (
    (texts.LETTER, "118/STP-VB", dt.date(2026, 4, 2), "V/v hướng dẫn lập hồ sơ điện tử và nộp lưu trữ cơ quan"),
    (texts.NOTICE, "33/TB-UBND", dt.date(2026, 8, 11), "Kết luận cuộc họp về bàn giao thiết bị lưu khóa bí mật"),
)


@dataclass
class Year:
    """What came of it.

    :ivar drafts, filed, incoming: files as written, as issued and filed, as received and filed.
    :ivar minutes: numbers of the minutes made, in the office's own count.
    """

    drafts: list[Path] = field(default_factory=list)
    filed: list[Path] = field(default_factory=list)
    incoming: list[Path] = field(default_factory=list)
    minutes: list[Any] = field(default_factory=list)


class Played:
    """The office at its commands.

    :param folder: where documents are written before they are filed.
    """

    def __init__(self, antin: Antin, office: DemoOffice, folder: Path) -> None:
        self.antin, self.office, self.folder = antin, office, folder
        self.year = Year()

    def run(self, *words: object, stdin: str = "", code: int = 0) -> Answer:
        """A command that ends as it should."""
        answer = self.antin(*words, stdin=stdin)
        assert answer.code == code, (words, answer.code, answer.out, answer.err)
        return answer

    def play(self) -> Year:
        self.tokens_come()
        self.issues(*(written(self.folder, *one) for one in ISSUED))
        self.receives(*(written(self.folder, *one) for one in RECEIVED))
        self.seal_changes_hands()
        self.token_is_lost()
        return self.year

    def tokens_come(self) -> None:
        """Three tokens come from the issuer and are entered."""
        for name, holder, nickname in (
            ("leader", LEADER, "Chữ ký Chủ tịch"),
            ("seal", LEADER, "Con dấu cơ quan"),
            ("second", CLERK, "Chữ ký văn thư"),
        ):
            token = self.office.tokens[name]
            place = "Két sắt Văn phòng"
            self.run("custody", "register", "--token", token.serial, "--nickname", nickname, "--place", place)
            self.run("custody", "received", token.serial, "--to", holder, "--from", "Cục Chứng thực số")

    def issues(self, *drafts: Path) -> None:
        """The leader signs, the agency seals."""
        self.year.drafts.extend(drafts)
        approved = self.signs("approve", "leader", drafts, "--level", "T", "--out", self.folder / "signed")
        self.year.filed.extend(self.signs("issue", "seal", approved, "--level", "T"))

    def receives(self, *files: Path) -> None:
        """Documents come, signed elsewhere; they are checked and filed."""
        signed = self.signs("plain", "second", files, "--out", self.folder / "post")
        self.run("verify", "--json", *signed)
        filed = self.run("archive", "add", "--incoming", "--json", *signed).rows
        self.year.incoming.extend(Path(row["path"]) for row in filed)

    def signs(self, act: str, name: str, files: Sequence[Path], *more: object) -> list[Path]:
        """One session of one token."""
        token = self.office.tokens[name]
        words = ("sign", "--as", act, "--token", token.serial, "--pin-file", "-", "--json", *more, *files)
        return [Path(row["output"]) for row in self.run(*words, stdin=token.pin + "\n").rows]

    def seal_changes_hands(self) -> None:
        """The leader gives the seal to the clerk, with the decision that permits it; both sign the minutes."""
        seal, leader, second = (self.office.tokens[name] for name in ("seal", "leader", "second"))
        (made,) = self.run(
            *("custody", "handover", "--json", "--token", seal.serial, "--to", CLERK, "--pin-file", "-"),
            *("--permission", "4/QĐ-UBND", "--permission-date", "2026-09-01", "--permission-scan", self.year.filed[-1]),
            *("--permission-from", "Chủ tịch UBND xã Phong Điền", "--reason", "Giao văn thư quản lý, sử dụng con dấu"),
            *("--place", "Trụ sở UBND xã Phong Điền", "--accessories", "Hộp, dây đeo", "--number", "1/BB-UBND"),
            stdin=seal.pin + "\n",
        ).rows
        self.year.minutes.append(made["id"])
        for token in (leader, second):
            self.run("custody", "sign", made["id"], "--token", token.serial, "--pin-file", "-", stdin=token.pin + "\n")

    def token_is_lost(self) -> None:
        """The clerk's own token is lost, its revocation asked for, then told by the issuer."""
        second = self.office.tokens["second"]
        request = self.folder / "de-nghi-thu-hoi.pdf"
        self.run("custody", "lost", second.serial, "--reason", "Mất trên đường công tác")
        self.run("custody", "request", "revocation", second.serial, "--grounds", "device-lost", "--out", request)
        self.run("custody", "revoked", second.serial, "--reason", "Theo thông báo của Cục Chứng thực số")


def written(folder: Path, source: OfficeDocument, symbol: str, day: dt.date, summary: str) -> Path:
    """A document of its own as PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    place_and_date = f"Phong Điền, ngày {day.day:02} tháng {day.month:02} năm {day.year}"
    document = replace(source, symbol=symbol, place_and_date=place_and_date, summary=summary)
    path = folder / f"{symbol.replace('/', '_')}.pdf"
    path.write_bytes(samples.pdf(document))
    return path
