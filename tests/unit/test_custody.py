"""The register of tokens and its events, on SQLite and on PostgreSQL."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from app.custody.custody import Custody, Happening
from app.custody.errors import (
    CertificateNotOnDevice,
    DeviceAmbiguous,
    DeviceUnknown,
    DueMissing,
    EventInFuture,
    EventNotAllowed,
    EventOutOfOrder,
    GiverNotHolder,
    KindCertain,
    MinutesMissing,
    MinutesOutdated,
    NothingToWithdraw,
    PermissionComplete,
    PermissionMissing,
    PermissionNotOwed,
    PermissionUnclear,
    ReceiverMissing,
    SamePerson,
    ScanTooLarge,
    ScanUnfit,
)
from app.custody.handovers import Handed, Handover
from app.custody.identity import CertificateFacts, DeviceFacts
from app.custody.model import Kind, MinutesState, Permission, Person
from app.custody.owed import Permissions
from app.custody.states import Condition, EventKind, Keeping
from app.errors import AntinError, DiskFull, FileMissing, FolderGiven
from app.storage.store import Store, open_store
from tests.custody_office import CLERK, LEADER, OTHER, PERMISSION, custody_of, enter, handovers_of, token
from tests.demo.pki import Pki

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
DAY_OF = dt.date(2026, 9, 1)


def days_ago(days: float) -> dt.datetime:
    return NOW - days * DAY


def test_a_token_plugged_in_fills_the_register(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    device = custody.register(token(pki, ["seal"]))
    assert (device.maker, device.model, device.serial, device.label) == ("Bit4id", "TokenME EVO", "5A7C01", "VGCA")
    (certificate,) = device.certificates
    assert certificate.kind is device.kind is Kind.ORGANIZATION
    assert certificate.subject.startswith("Ủy ban nhân dân xã Phong Điền") or "PHONG" in certificate.subject.upper()
    assert certificate.sha256 and certificate.not_after and certificate.issuer
    assert (device.keeping, device.holder) == (Keeping.REGISTERED, None)
    assert device.confirmed_at is not None
    assert [entry["event"] for entry in entries.told] == ["registered"]
    assert entries.told[0]["kind"] == "custody"


def test_registering_again_keeps_what_people_said(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    custody.register(token(pki, ["leader"]))
    custody.describe("5A7C01", nickname="Dấu 1", place="Két sắt phòng Văn thư")
    custody.correct_kind("5A7C01", Kind.ORGANIZATION)
    again = custody.register(token(pki, ["leader"]))
    assert (again.nickname, again.place, again.kind) == ("Dấu 1", "Két sắt phòng Văn thư", Kind.ORGANIZATION)
    assert again.certificates[0].kind_corrected
    assert len(custody.devices()) == 1


def test_the_register_makes_no_person_of_the_seal(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    seal = custody.register(token(pki, ["seal"], serial="A1")).certificates[0]
    for kind in (Kind.PERSON, Kind.UNKNOWN):
        with pytest.raises(KindCertain):
            custody.correct_kind("A1", kind)
    assert [entry["event"] for entry in entries.told] == ["registered"]
    by_hand = CertificateFacts(seal.subject, serial=seal.serial)
    custody.register_by_hand(DeviceFacts("A2", certificates=(by_hand,)))
    custody.correct_kind("A2", Kind.PERSON)
    assert custody.register(token(pki, ["seal"], serial="A2")).kind is Kind.ORGANIZATION


def test_a_correction_that_the_ledger_does_not_take_does_not_count(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    custody.register(token(pki, ["leader"]))

    def full(kind: str, /, **data: object) -> object:
        raise DiskFull(path="ledger.jsonl")

    with pytest.raises(DiskFull):
        Custody(lambda: store, full).correct_kind("5A7C01", Kind.ORGANIZATION)
    assert custody.device("5A7C01").kind is Kind.PERSON
    custody.correct_kind("5A7C01", Kind.ORGANIZATION)
    assert entries.told[-1]["event"] == "kind-corrected"


def test_a_certificate_gone_from_the_token_is_told_as_replaced(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    custody.register(token(pki, ["leader"]))
    device = custody.register(token(pki, ["second"]))
    assert [certificate.ended for certificate in device.certificates] == [None, "replaced"]
    back = custody.register(token(pki, ["leader", "second"]))
    assert [certificate.ended for certificate in back.certificates] == [None, None]


def test_a_device_in_a_drawer_and_then_plugged_in_is_one(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    real = token(pki, ["leader"], serial="5a-7c 01")
    known = custody.register(real).certificates[0]
    by_hand = CertificateFacts("Nguyễn Văn An", serial=known.serial.upper(), kind=Kind.PERSON)
    device = custody.register_by_hand(DeviceFacts("77:01", "SafeNet", "eToken 5110", certificates=(by_hand,)))
    assert device.confirmed_at is None and device.certificates[0].sha256 is None
    plugged = custody.register(token(pki, ["leader"], serial="7701"))
    assert plugged.id == device.id
    (certificate,) = plugged.certificates
    assert certificate.sha256 == known.sha256
    assert custody.register(token(pki, ["leader"])).id == custody.device("5A7C01").id


def test_devices_are_found_by_serial_nickname_or_label(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    for serial in ("A1", "A2"):
        custody.register(token(pki, ["seal"], serial=serial))
    custody.describe("A1", nickname="Dấu chính")
    assert custody.device("dau chinh").serial == custody.device(" a-1 ").serial == "A1"
    with pytest.raises(DeviceAmbiguous) as several:
        custody.device("VGCA")
    assert "A1" in several.value.message and "A2" in several.value.message
    with pytest.raises(DeviceUnknown):
        custody.device("B1")
    with pytest.raises(CertificateNotOnDevice):
        custody.correct_kind("A1", Kind.PERSON, "00ff00")


def test_the_life_of_a_seal(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    custody.register(token(pki, ["seal"]))

    def record(kind: EventKind, days: float, **given: object) -> None:
        enter(custody, "5A7C01", Happening(kind, at=days_ago(days), **given))  # type: ignore[arg-type]

    record(EventKind.RECEIVED, 100, receiver=CLERK)
    record(EventKind.LENT, 90, receiver=OTHER, permission=PERMISSION, due=days_ago(80).date())
    record(EventKind.PIN_LOCKED, 85)
    device = custody.device("5A7C01")
    assert (device.keeping, device.condition, device.due) == (Keeping.LENT, Condition.PIN_LOCKED, days_ago(80).date())
    assert device.holder == OTHER and device.since == days_ago(90)
    record(EventKind.RETURNED, 80)
    device = custody.device("5A7C01")
    assert device.holder == CLERK and device.due is None and device.condition is Condition.PIN_LOCKED
    record(EventKind.RECOVERED, 70)
    record(EventKind.LOST, 10)
    record(EventKind.REVOKED, 9)
    device = custody.device("5A7C01")
    assert (device.keeping, device.condition, device.holder) == (Keeping.LOST, Condition.REVOKED, CLERK)
    assert [certificate.ended for certificate in device.certificates] == ["revoked"]
    assert device.kind is Kind.ORGANIZATION
    record(EventKind.FOUND, 5)
    record(EventKind.HANDED_BACK, 4)
    assert custody.device("5A7C01").holder is None
    told = [entry["event"] for entry in entries.told]
    assert told == [
        "registered",
        "received",
        "lent",
        "pin-locked",
        "returned",
        "recovered",
        "lost",
        "revoked",
        "found",
        "handed-back",
    ]
    assert entries.told[2]["permission"] == "15/QĐ-UBND" and entries.told[2]["holder"] == OTHER.name

    held = {days: custody.holder_at("5a 7c01", days_ago(days)) for days in (101, 95, 85, 75, 7, 4.5, 1)}
    assert [held[days].state for days in held] == ["outside", "held", "lent", "held", "outside", "held", "outside"]
    assert [held[days].holder for days in (95, 85, 75, 4.5)] == [CLERK, OTHER, CLERK, CLERK]
    assert custody.holder_at("ffff", NOW).state == "unregistered"
    assert custody.signatures_outside([("5A7C01", days_ago(7)), ("5A7C01", days_ago(85))]) == [True, False]


def test_the_permission_is_asked_for_the_seal_and_not_for_a_personal_token(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    for serial, name in (("S1", "seal"), ("P1", "leader")):
        custody.register(token(pki, [name], serial=serial))
        enter(custody, serial, Happening(EventKind.RECEIVED, receiver=CLERK))
    with pytest.raises(PermissionMissing):
        enter(custody, "S1", Happening(EventKind.HANDED_OVER, receiver=OTHER))
    assert custody.device("S1").holder == CLERK
    enter(custody, "P1", Happening(EventKind.HANDED_OVER, receiver=OTHER))
    enter(custody, "S1", Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=PERMISSION))
    assert custody.device("S1").holder == OTHER
    unknown = DeviceFacts("U1")
    custody.register_by_hand(unknown)
    enter(custody, "U1", Happening(EventKind.RECEIVED, receiver=CLERK))
    with pytest.raises(PermissionMissing):
        enter(custody, "U1", Happening(EventKind.HANDED_OVER, receiver=OTHER))


def test_no_other_word_lets_the_seal_go_on_without_a_permission(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    custody.register(token(pki, ["seal"], serial="S1"))
    enter(custody, "S1", Happening(EventKind.RECEIVED, receiver=CLERK))
    blank = Permission("  ")
    for happening in (
        Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=blank),
        Happening(EventKind.RETURNED, receiver=OTHER),
    ):
        with pytest.raises(PermissionMissing):
            enter(custody, "S1", happening)
    enter(custody, "S1", Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=PERMISSION))
    with pytest.raises(PermissionMissing):
        enter(custody, "S1", Happening(EventKind.RETURNED, receiver=LEADER))
    enter(custody, "S1", Happening(EventKind.LOST))
    with pytest.raises(PermissionMissing):
        enter(custody, "S1", Happening(EventKind.FOUND, receiver=LEADER))
    enter(custody, "S1", Happening(EventKind.FOUND))
    assert enter(custody, "S1", Happening(EventKind.RETURNED, receiver=CLERK)).holder == CLERK


def test_date_and_scan_of_a_permission_are_owed_where_the_decree_asks_for_one(
    store: Store, pki: Pki, tmp_path: Path
) -> None:
    custody, entries = custody_of(store)
    second = Permission("16/QĐ-UBND", DAY_OF)
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"\x89PNG\r\n\x1a\n")
    filed: list[Path] = []

    def file_away(path: Path, _content: object) -> tuple[str, str]:
        filed.append(path)
        return f"/kho/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest()

    permissions = Permissions(custody, lambda: store, file_away)
    for serial, name in (("S1", "seal"), ("P1", "leader")):
        custody.register(token(pki, [name], serial=serial))
        enter(custody, serial, Happening(EventKind.RECEIVED, receiver=CLERK, at=days_ago(30)))
    enter(custody, "P1", Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=PERMISSION))
    enter(custody, "S1", Happening(EventKind.LENT, receiver=OTHER, permission=PERMISSION, due=NOW.date() + DAY))
    enter(custody, "S1", Happening(EventKind.RETURNED, receiver=CLERK, permission=PERMISSION))
    enter(custody, "S1", Happening(EventKind.LOST))
    found = custody.record("S1", Happening(EventKind.FOUND, receiver=LEADER, permission=second))
    assert found.permission_owed == ["scan"]
    enter(custody, "S1", Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=PERMISSION))
    custody.withdraw_last("S1", "nhầm")
    assert custody.history("P1")[-1].permission_owed == []
    owed = [(event.kind, event.permission_owed) for event in custody.history("S1") if event.permission]
    lent = (EventKind.LENT, ["date", "scan"])
    assert owed == [lent, (EventKind.RETURNED, []), (EventKind.FOUND, ["scan"]), (EventKind.HANDED_OVER, [])]

    with pytest.raises(PermissionNotOwed):
        permissions.complete("P1", scan=scan)
    with pytest.raises(PermissionUnclear) as several:
        permissions.complete("S1", scan=scan)
    first, last = (event.id for _device, event in permissions.owing())
    assert f"{first} (" in several.value.message and f"{last} (" in several.value.message
    with pytest.raises(PermissionComplete):
        permissions.complete("S1", date=DAY_OF, event=last)
    assert filed == []
    (half,) = permissions.complete("S1", date=DAY_OF, event=first)
    assert half.permission_owed == ["scan"] and half.permission and half.permission.date == DAY_OF
    permissions.complete("S1", scan=scan, event=first)
    (done,) = permissions.complete("S1", scan=scan)
    assert (done.id, done.permission_owed, permissions.owing()) == (last, [], [])
    with pytest.raises(PermissionComplete):
        permissions.complete("S1", scan=scan, event=last)
    told = [entry for entry in entries.told if entry["event"] == "permission-completed"]
    assert [(entry["event_id"], entry["of"]) for entry in told] == [(first, "lent"), (first, "lent"), (last, "found")]
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    assert [entry["permission_sha256"] for entry in told] == [None, digest, digest]
    assert told[1]["permission_date"] == DAY_OF.isoformat() and told[1]["permission_scan"] == "/kho/scan.png"


def test_one_permission_serves_all_devices_of_a_handover(
    store: Store, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger, which missed the handover itself, is told of that before."""
    custody, entries = custody_of(store)
    for serial, name in (("S1", "seal"), ("S2", "seal"), ("P1", "leader")):
        custody.register(token(pki, [name], serial=serial))
        enter(custody, serial, Happening(EventKind.RECEIVED, receiver=CLERK))
    handovers = handovers_of(custody, file_away=lambda path, _content: (str(path), "ab" * 32))
    permission = msgspec.structs.replace(PERMISSION, date=DAY_OF)
    devices = [Handed(serial, unproven="Mã PIN đã bị khóa") for serial in ("S1", "P1", "S2")]
    with monkeypatch.context() as broken:
        broken.setattr(custody, "tell_ledger", lambda _events: None)
        minutes = handovers.hand_over(
            Handover(
                EventKind.HANDED_OVER,
                devices,
                receiver=OTHER,
                permission=permission,
            )
        )
    assert minutes.permission_owed == ["scan"] and handovers.all_minutes() == [minutes]
    (reminder,) = [one for one in handovers.reminders() if one.code == "permission-owed"]
    assert "S1" in reminder.device and "S2" in reminder.device and "P1" not in reminder.device
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7\n")
    entries.told.clear()
    assert len(handovers.permissions.complete("S2", scan=scan)) == 2
    assert [(entry["event"], entry["token"]) for entry in entries.told] == [
        ("handed-over", "S2"), ("handed-over", "S1"), ("permission-completed", "S2"), ("permission-completed", "S1"),
    ]  # fmt: skip
    assert handovers.minutes(minutes.id).permission_owed == []
    assert [one.code for one in handovers.reminders()] == ["minutes-open"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ\x90 khong phai ban quet", ScanUnfit),
        (b"", ScanUnfit),
        (b"%PDF-1.7\n" + bytes(64), ScanTooLarge),
        (None, FileMissing),
        ("folder", FolderGiven),
    ],
)
def test_what_is_no_scan_is_refused_and_nothing_is_entered(
    store: Store, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object, why: type[AntinError]
) -> None:
    monkeypatch.setattr("app.custody.scans.LARGEST", 64)
    custody, entries = custody_of(store)
    custody.register(token(pki, ["seal"], serial="S1"))
    enter(custody, "S1", Happening(EventKind.RECEIVED, receiver=CLERK))
    enter(custody, "S1", Happening(EventKind.HANDED_OVER, receiver=OTHER, permission=PERMISSION))
    handovers, told = handovers_of(custody), len(entries.told)
    (minutes,) = handovers.all_minutes()
    scan = tmp_path / "scan.pdf"
    if isinstance(content, bytes):
        scan.write_bytes(content)
    elif content is not None:
        scan.mkdir()
    given = msgspec.structs.replace(PERMISSION, scan=str(scan))
    back = Handover(EventKind.RETURNED, [Handed("S1", unproven="hỏng")], receiver=LEADER, permission=given)
    for do in (
        lambda: handovers.permissions.complete("S1", scan=scan),
        lambda: handovers.attach_scan(minutes.id, scan),
        lambda: handovers.hand_over(back),
    ):
        with pytest.raises(why):
            do()
    assert len(entries.told) == told and handovers.all_minutes() == [minutes]
    assert custody.history("S1")[-1].permission_owed == ["date", "scan"]


@pytest.mark.parametrize("kind", [EventKind.HANDED_OVER, EventKind.LENT, EventKind.RETURNED])
def test_what_needs_minutes_is_not_entered_without_any(store: Store, pki: Pki, kind: EventKind) -> None:
    """The register would say that the seal changed hands, and nobody has signed for it."""
    custody, entries = custody_of(store)
    for serial in ("S1", "S2"):
        custody.register(token(pki, ["seal"], serial=serial))
        custody.record(serial, Happening(EventKind.RECEIVED, receiver=CLERK))
    given = Happening(kind, receiver=OTHER, permission=PERMISSION, due=NOW.date() + DAY)
    with pytest.raises(MinutesMissing):
        custody.record("S1", given)
    enter(custody, "S2", dataclasses.replace(given, kind=EventKind.HANDED_OVER))
    [of_another] = [event.minutes for event in custody.history("S2") if event.minutes]
    for minutes in (None, of_another, 4711):
        with pytest.raises(MinutesMissing):
            custody.record("S1", dataclasses.replace(given, minutes=minutes))
        with store.write() as connection, pytest.raises(MinutesMissing):
            custody.add(connection, custody.device("S1"), dataclasses.replace(given, minutes=minutes))
    assert custody.device("S1").holder == CLERK
    assert [entry["event"] for entry in entries.told if entry["token"] == "S1"] == ["registered", "received"]


def test_who_and_when_must_be_clear(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    custody.register(token(pki, ["leader"]))
    serial = "5A7C01"
    with pytest.raises(EventNotAllowed):
        enter(custody, serial, Happening(EventKind.LOST))
    with pytest.raises(ReceiverMissing):
        enter(custody, serial, Happening(EventKind.RECEIVED))
    with pytest.raises(ReceiverMissing):
        enter(custody, serial, Happening(EventKind.RECEIVED, receiver=Person("  ")))
    with pytest.raises(EventInFuture):
        enter(custody, serial, Happening(EventKind.RECEIVED, receiver=CLERK, at=NOW + DAY))
    enter(custody, serial, Happening(EventKind.RECEIVED, receiver=CLERK, at=days_ago(3)))
    with pytest.raises(EventOutOfOrder):
        enter(custody, serial, Happening(EventKind.LOST, at=days_ago(4)))
    with pytest.raises(SamePerson):
        enter(custody, serial, Happening(EventKind.HANDED_OVER, receiver=Person("LÊ THỊ HOÀ".replace("À", "A"))))
    with pytest.raises(GiverNotHolder):
        enter(custody, serial, Happening(EventKind.HANDED_OVER, giver=LEADER, receiver=OTHER))
    for due in (None, days_ago(2).date()):
        with pytest.raises(DueMissing):
            enter(custody, serial, Happening(EventKind.LENT, receiver=OTHER, due=due))
    assert [entry["event"] for entry in entries.told] == ["registered", "received"]
    assert [event.kind for event in custody.history(serial)] == [EventKind.RECEIVED]


def test_minutes_of_devices_one_of_which_did_not_change_hands_are_not_signed(store: Store, tmp_path: Path) -> None:
    custody, _entries = custody_of(store)
    for serial in ("S1", "S2"):
        custody.register_by_hand(DeviceFacts(serial))
        custody.record(serial, Happening(EventKind.RECEIVED, receiver=LEADER))
    handovers = handovers_of(custody)
    both = [Handed(serial, unproven="Mã PIN đã bị khóa") for serial in ("S1", "S2")]
    made = handovers.hand_over(Handover(EventKind.HANDED_OVER, both, receiver=CLERK, permission=PERMISSION))
    custody.withdraw_last("S2", "chưa giao")
    for step in (lambda: handovers.sign(made.id, None, None), lambda: handovers.attach_scan(made.id, tmp_path)):
        with pytest.raises(MinutesOutdated) as refused:
            step()
        assert refused.value.data["serials"] == "S2"
    assert [one.minutes for one in handovers.reminders() if one.code == "minutes-open"] == [made.id]
    custody.withdraw_last("S1", "lập lại biên bản")
    assert handovers.minutes(made.id).state is MinutesState.VOID


def test_withdrawing_revives_what_the_event_itself_ended_and_nothing_else(store: Store) -> None:
    """Entered from papers, several events have the same day and so the same moment."""
    custody, _entries = custody_of(store)
    two = tuple(CertificateFacts(f"Dấu {number}", serial=f"0{number}") for number in "12")
    custody.register_by_hand(DeviceFacts("S1", certificates=two))
    day = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

    def happens(kind: EventKind, **more: object) -> None:
        custody.record("S1", Happening(kind, at=day, **more))  # type: ignore[arg-type]

    def ended() -> list[str | None]:
        return sorted((one.ended or "") for one in custody.device("S1").certificates)

    happens(EventKind.RECEIVED, receiver=LEADER)
    first, second = custody.device("S1").present_certificates
    happens(EventKind.REVOKED, certificate=first.id)
    happens(EventKind.LOST)
    custody.withdraw_last("S1", "tìm thấy ngay")
    assert ended() == ["", "revoked"]
    happens(EventKind.REVOKED, certificate=second.id)
    custody.withdraw_last("S1", "nhầm")  # of which of the two is not known: none may be used again
    assert ended() == ["revoked", "revoked"]
    custody.withdraw_last("S1", "nhầm")
    assert ended() == ["", ""] and custody.device("S1").condition is Condition.WORKING


def test_an_event_entered_by_mistake_is_withdrawn_and_stays_to_be_seen(store: Store, pki: Pki) -> None:
    custody, entries = custody_of(store)
    custody.register(token(pki, ["seal"]))
    with pytest.raises(NothingToWithdraw):
        custody.withdraw_last("5A7C01", "nhầm")
    enter(custody, "5A7C01", Happening(EventKind.RECEIVED, receiver=CLERK))
    enter(custody, "5A7C01", Happening(EventKind.REVOKED))
    assert custody.device("5A7C01").present_certificates == []
    withdrawn = custody.withdraw_last("5A7C01", "nhầm thiết bị")
    device = custody.device("5A7C01")
    assert (device.keeping, device.condition) == (Keeping.HELD, Condition.WORKING)
    assert len(device.present_certificates) == 1
    assert withdrawn.withdrawn_why == "nhầm thiết bị"
    assert [event.withdrawn_at is not None for event in custody.history("5A7C01")] == [False, True]
    assert entries.told[-1]["withdrawn"] == "nhầm thiết bị"


def test_one_of_two_certificates_revoked_leaves_a_device_that_works(store: Store, pki: Pki) -> None:
    custody, _entries = custody_of(store)
    device = custody.register(token(pki, ["leader", "second"]))
    enter(custody, "5A7C01", Happening(EventKind.RECEIVED, receiver=LEADER))
    enter(custody, "5A7C01", Happening(EventKind.REVOKED, certificate=device.certificates[0].id))
    left = custody.device("5A7C01")
    assert left.condition is Condition.WORKING and len(left.present_certificates) == 1
    enter(custody, "5A7C01", Happening(EventKind.REVOKED, certificate=left.present_certificates[0].id))
    assert custody.device("5A7C01").condition is Condition.REVOKED


def test_an_event_that_the_ledger_missed_is_entered_with_the_next(
    store: Store, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    custody, entries = custody_of(store)
    custody.register(token(pki, ["leader"]))

    class Killed(BaseException):
        pass

    def fail(kind: str, /, **data: object) -> object:
        raise Killed

    broken, _unused = custody_of(store)
    broken._append = fail  # the program ends between the store and the ledger
    with pytest.raises(Killed):
        broken.record("5A7C01", Happening(EventKind.RECEIVED, receiver=CLERK, at=days_ago(2)))
    assert custody.device("5A7C01").holder == CLERK
    monkeypatch.setattr("app.custody.custody._LEFT_BEHIND", dt.timedelta(0))
    enter(custody, "5A7C01", Happening(EventKind.CONFIRMED))
    enter(custody, "5A7C01", Happening(EventKind.LOST))
    assert [entry["event"] for entry in entries.told] == ["registered", "received", "confirmed", "lost"]


def test_a_clock_that_is_behind(store: Store, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A little, as between workstations, changes nothing; a clock set back is told."""
    custody, _entries = custody_of(store)
    custody.register(token(pki, ["leader"]))
    first = enter(custody, "5A7C01", Happening(EventKind.RECEIVED, receiver=CLERK))
    monkeypatch.setattr("app.custody.custody._now", lambda: first.at - dt.timedelta(minutes=3))
    assert enter(custody, "5A7C01", Happening(EventKind.LOST)).at == first.at
    assert custody.holder_at("5A7C01", first.at).outside
    monkeypatch.setattr("app.custody.custody._now", lambda: first.at - dt.timedelta(hours=3))
    with pytest.raises(EventOutOfOrder):
        enter(custody, "5A7C01", Happening(EventKind.FOUND))


def test_many_hands_enter_at_once(store_url: str, pki: Pki, tmp_path: Path) -> None:
    """Processes that each hand the same token on: one event follows another, each once in the ledger."""
    first = open_store(store_url)
    custody, _entries = custody_of(first)
    custody.register(token(pki, ["leader"]))
    custody.record("5A7C01", Happening(EventKind.RECEIVED, receiver=CLERK))
    code = """
import sys
from app.custody.custody import Custody, Happening
from app.custody.model import Person
from app.custody.states import EventKind
from app.storage.store import open_store
from tests.custody_office import enter
store = open_store(sys.argv[1])
ledger = open(sys.argv[2], "a", buffering=1)
custody = Custody(lambda: store, lambda kind, /, **data: print(data["event_id"], file=ledger))
for number in range(10):
    enter(custody, "5A7C01", Happening(EventKind.HANDED_OVER, receiver=Person(f"{sys.argv[3]} {number}")))
"""
    ledger = tmp_path / "ledger"
    running = [
        subprocess.Popen([sys.executable, "-c", code, store_url, str(ledger), name], stderr=subprocess.PIPE)
        for name in ("Một", "Hai", "Ba")
    ]
    for process in running:
        _out, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint.decode()
    history = custody.history("5A7C01")
    assert len(history) == 31
    for before, event in pairwise(history):
        assert event.giver == before.holder and event.at >= before.at
    told = ledger.read_text().split()
    assert sorted(map(int, told)) == sorted(event.id for event in history[1:])
    first.close()
