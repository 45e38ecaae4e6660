"""What is coming: certificates, loans, confirmations, open minutes; the calendar; requests to the issuer."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path

import msgspec
import pytest

from app.custody.ahead import coming, papers_owed, reminders
from app.custody.calendar import calendar
from app.custody.errors import GroundsNotFitting
from app.custody.minutes import Agency
from app.custody.model import Device, DeviceCertificate, Event, Kind, Minutes, MinutesState, Permission, Person
from app.custody.request import Asked, Grounds, Request, fitting_grounds, render_request
from app.custody.states import Condition, EventKind, Keeping
from app.times import VIETNAM

TODAY = dt.date(2026, 11, 22)
WHO = Person("Lê Thị Hoa", "Văn thư", "Văn phòng")


def moment(days: int, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(TODAY + dt.timedelta(days), dt.time(hour), VIETNAM)


def certificate(days: int, kind: Kind = Kind.PERSON, **changes: object) -> DeviceCertificate:
    made = DeviceCertificate(
        1, None, "Lê Thị Hoa", "UBND xã", "5403a1", "CA chuyên dùng", moment(-300), moment(days), kind
    )
    return msgspec.structs.replace(made, **changes)


def device(*certificates: DeviceCertificate, **changes: object) -> Device:
    made = Device(
        id=1,
        serial="A1",
        maker="Bit4id",
        model="TokenME EVO",
        label="",
        nickname="Token Hoa",
        place="",
        note="",
        registered_at=moment(-10),
        confirmed_at=moment(-10),
        keeping=Keeping.HELD,
        condition=Condition.WORKING,
        holder=WHO,
        since=moment(-10),
        due=None,
        certificates=list(certificates),
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize(
    ("days", "code", "band"),
    [
        (-1, "certificate-ended", None),
        (0, "certificate-ends", 30),
        (30, "certificate-ends", 30),
        (31, "certificate-ends", 60),
        (60, "certificate-ends", 60),
        (61, "certificate-ends", 90),
        (90, "certificate-ends", 90),
    ],
)
def test_a_certificate_that_ends(days: int, code: str, band: int | None) -> None:
    (found,) = reminders([device(certificate(days))], [], TODAY)
    assert (found.code, found.days, found.band, found.holder) == (code, days, band, WHO.name)
    assert "Token Hoa" in found.message and found.next_step and found.when


def test_what_needs_no_reminder() -> None:
    quiet = [
        device(certificate(91)),
        device(certificate(10, ended="revoked")),
        device(certificate(10), condition=Condition.REVOKED),
        device(certificate(10), keeping=Keeping.HANDED_BACK, holder=None),
        device(keeping=Keeping.LENT, due=TODAY + dt.timedelta(8)),
        device(confirmed_at=moment(-364)),
        device(confirmed_at=moment(-400), keeping=Keeping.LOST),
    ]
    assert reminders(quiet, [], TODAY) == []
    assert [found.days for found in reminders([device(certificate(40))], [], TODAY, within=30)] == []


def test_loans_confirmations_and_minutes_the_most_urgent_first() -> None:
    minutes = Minutes(
        7, MinutesState.OPEN, "05/BB-UBND", moment(-2), ["A1"], WHO, Person("Trần Văn Bốn"), [], None, None
    )
    found = reminders(
        [
            device(keeping=Keeping.LENT, due=TODAY - dt.timedelta(1), serial="L1"),
            device(keeping=Keeping.LENT, due=TODAY + dt.timedelta(7), serial="L2"),
            device(confirmed_at=None, registered_at=moment(-365), serial="N1"),
            device(certificate(20)),
        ],
        [minutes, msgspec.structs.replace(minutes, state=MinutesState.SIGNED)],
        TODAY,
    )
    assert [(it.code, it.serial) for it in found] == [
        ("not-confirmed", "N1"),
        ("minutes-open", "A1"),
        ("loan-overdue", "L1"),
        ("loan-due", "L2"),
        ("certificate-ends", "A1"),
    ]
    assert found[1].minutes == 7 and all(it.message and it.next_step for it in found)


def test_the_day_is_vietnams() -> None:
    """A certificate that ends at 18:00 UTC ends on the next day here."""
    late = certificate(0, not_after=dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC))
    assert next(it.on for it in coming([device(late)], TODAY)) == dt.date(2026, 11, 23)


def test_a_certificate_without_end_is_asked_after_by_nobody() -> None:
    """RFC 5280, 4.1.2.5: 99991231235959Z; in Vietnam that is in the year 10000."""
    without_end = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    one = device(certificate(0, not_after=without_end), certificate(20))
    assert [it.days for it in reminders([one], [], TODAY)] == [20]
    content = calendar(coming([one], TODAY), moment(0))
    assert content.count(b"BEGIN:VEVENT") == 2  # the other certificate, the next confirmation


def test_the_calendar_is_icalendar() -> None:
    """RFC 5545: lines of 75 octets at most, folded between characters; commas and semicolons escaped; one day each."""
    named = device(certificate(45, subject="Trường Mầm non A, B; C\\D\nE " + "ữ" * 90), keeping=Keeping.LENT, due=TODAY)
    content = calendar(coming([named], TODAY), moment(0))
    lines = content.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75 and all(line.decode() is not None for line in lines)
    unfolded = content.replace(b"\r\n ", b"").decode()
    assert "A\\, B\\; C\\\\D\\nE" in unfolded
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 3
    assert "DTSTART;VALUE=DATE:20270106\r\nDTEND;VALUE=DATE:20270107" in unfolded
    assert re.findall("TRIGGER:(.*)", unfolded) == ["-P90D\r", "-P60D\r", "-P30D\r", "-P1D\r", "-P7D\r"]
    identities = re.findall("UID:(.*)", unfolded)
    assert len(set(identities)) == 3
    later = calendar(coming([msgspec.structs.replace(named, due=TODAY + dt.timedelta(5))], TODAY), moment(1))
    assert re.findall("UID:(.*)", later.replace(b"\r\n ", b"").decode()) == identities


def test_what_is_owed_stands_on_the_day_of_the_calendar_and_is_the_same_entry_in_a_newer_one() -> None:
    minutes = Minutes(7, MinutesState.OPEN, "05/BB-UBND", moment(-9), ["A1"], WHO, WHO, [], None, None)
    event = Event(
        id=3,
        device=1,
        kind=EventKind.HANDED_OVER,
        at=moment(-9),
        entered_at=moment(-9),
        giver=WHO,
        receiver=WHO,
        witness=None,
        permission=Permission("15/QĐ-UBND"),
        proof=None,
        reason="",
        appearance="",
        accessories="",
        note="",
        due=None,
        minutes=7,
        keeping=Keeping.HELD,
        condition=Condition.WORKING,
        holder=WHO,
        since=moment(-9),
        permission_owed=["date", "scan"],
    )
    owed = list(papers_owed([device()], [minutes], [(device(), event)], TODAY))
    assert [(one.code, one.days, one.owed) for one in owed] == [
        ("minutes-open", -9, ()),
        ("permission-owed", -9, ("date", "scan")),
    ]
    today, later = (calendar(owed, moment(days)).replace(b"\r\n ", b"").decode() for days in (0, 1))
    assert today.count("DTSTART;VALUE=DATE:20261122") == later.count("DTSTART;VALUE=DATE:20261123") == 2
    assert "15/QĐ-UBND" in today
    identities = re.findall("UID:(.*)", today)
    assert len(set(identities)) == 2 and re.findall("UID:(.*)", later) == identities


def _text(pdf: bytes, folder: Path) -> str:
    path = folder / "request.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(run.stdout.replace("\u200b", "").split())


def _request(kind: Kind, asked: Asked, grounds: Grounds | None) -> Request:
    return Request(
        asked, device(), certificate(20, kind), Agency("UBND xã Phong Điền", "", "Phong Điền"), TODAY, grounds
    )


@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.ORGANIZATION])
def test_grounds_fit_a_person_or_an_agency(kind: Kind, tmp_path: Path) -> None:
    """Decree 68/2024, article 17."""
    fitting = fitting_grounds(kind)
    assert (Grounds.RETIRED in fitting) == (kind is Kind.PERSON)
    assert (Grounds.AGENCY_MERGED in fitting) == (kind is Kind.ORGANIZATION)
    for grounds in [*Grounds, None]:
        request = _request(kind, Asked.REVOCATION, grounds)
        if grounds in fitting:
            text = _text(render_request(request), tmp_path)
            assert "thu hồi chứng thư chữ ký số" in text and "5403a1" in text and "Kính gửi: CA chuyên dùng" in text
        else:
            with pytest.raises(GroundsNotFitting):
                render_request(request)


def test_a_renewal_is_asked_for_with_the_day_of_the_end(tmp_path: Path) -> None:
    text = _text(render_request(_request(Kind.PERSON, Asked.RENEWAL, None)), tmp_path)
    assert "V/v đề nghị gia hạn chứng thư chữ ký số" in text
    assert "hết hiệu lực vào ngày 12 tháng 12 năm 2026" in text
