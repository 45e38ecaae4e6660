"""A seal changes hands: the token proves itself, both sides sign the minutes, the archive files them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.archive.tree import ArchiveAway
from app.custody.custody import Happening
from app.custody.errors import (
    GiverNotHolder,
    MinutesChanged,
    MinutesFinished,
    MinutesNumberTaken,
    MinutesVoid,
    NotThatPerson,
    NotTheOneRecorded,
    PermissionMissing,
    ProofMissing,
    SealedCertificate,
    SideSigned,
    SignerNotVouched,
)
from app.custody.handovers import Handed, Handover
from app.custody.minutes import SignaturePlace
from app.custody.model import MinutesState, Permission, Person
from app.custody.proof import Key
from app.custody.states import EventKind, Keeping
from app.documents.model import DocumentInfo
from app.errors import DiskFull
from app.office import Office
from app.settings import Settings
from app.signing.keys import SigningKey, choose
from app.signing.model import PinAnswer, PinRequest
from app.times import today
from app.verification.model import Conclusion
from pkcs11_bridge.errors import PinIncorrect
from pkcs11_bridge.protocol import PinState
from tests.demo.images import draw_signature
from tests.demo.office import DemoOffice

LEADER = Person("Nguyễn Văn An", "Chủ tịch", "UBND xã Phong Điền")
SECOND = Person("Trần Thị Bích Ngọc", "Công chức Văn phòng - Thống kê", "Văn phòng HĐND và UBND")
PERMISSION = Permission("15/QĐ-UBND", dt.date(2026, 11, 20), "Chủ tịch UBND xã Phong Điền")


class Desk:
    """The office with its tokens in, and the seal in the leader's hands."""

    def __init__(self, opened: Office, demo: DemoOffice) -> None:
        self.office, self.demo = opened, demo
        self.asked: list[PinRequest] = []
        for token in opened.bridge.tokens():
            if token.serial in {made.serial for made in demo.tokens.values()}:
                opened.custody.register(token)
        self.seal = demo.tokens["seal"].serial
        opened.custody.record(self.seal, Happening(EventKind.RECEIVED, receiver=LEADER))

    def key(self, name: str) -> SigningKey:
        return choose(self.office.keys(), token=self.demo.tokens[name].serial, certificate=None)

    def pin(self, name: str) -> object:
        def answer(request: PinRequest) -> PinAnswer:
            self.asked.append(request)
            return PinAnswer(bytearray(self.demo.tokens[name].pin.encode()))

        return answer

    def handover(self, **changes: object) -> Handover:
        proof = self.office.handovers.prove(self.seal, self.key("seal"), self.pin("seal"))
        made = Handover(
            EventKind.HANDED_OVER,
            [Handed(self.seal, "Hoạt động bình thường", "Hộp, dây đeo", proof)],
            receiver=SECOND,
            permission=PERMISSION,
            reason="Thay đổi vị trí công tác",
            place="Trụ sở UBND xã Phong Điền",
            number="05/BB-UBND",
        )
        return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def desk(settings: Settings, office: DemoOffice) -> Iterator[Desk]:
    with Office(settings) as opened:
        yield Desk(opened, office)


@pytest.fixture
def desk_anywhere(records_settings: Settings, office: DemoOffice) -> Iterator[Desk]:
    """With the records on SQLite, then on PostgreSQL."""
    with Office(records_settings) as opened:
        yield Desk(opened, office)


def _text(pdf: Path) -> str:
    run = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    return " ".join(run.stdout.replace("\u200b", "").split())


def test_a_handover_from_proof_to_archive(desk_anywhere: Desk, tmp_path: Path) -> None:
    desk = desk_anywhere
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover())
    assert minutes.state is MinutesState.OPEN
    device = desk.office.custody.device(desk.seal)
    assert device.holder == SECOND and device.keeping is Keeping.HELD
    with pytest.raises(SealedCertificate):
        handovers.sign(minutes.id, desk.key("seal"), desk.pin("seal"))
    minutes = handovers.sign(minutes.id, desk.key("second"), desk.pin("second"))
    assert (minutes.state, minutes.signed_by) == (MinutesState.OPEN, ["receiver"])
    with pytest.raises(SideSigned):
        handovers.sign(minutes.id, desk.key("second"), desk.pin("second"))
    minutes = handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader"))
    assert (minutes.state, minutes.signed_by) == (MinutesState.SIGNED, ["receiver", "giver"])
    with pytest.raises(MinutesFinished):
        handovers.attach_scan(minutes.id, tmp_path / "scan.pdf")

    filed = Path(minutes.path or "")
    assert "Biên bản" in filed.parts and filed.read_bytes() == handovers.pdf(minutes.id)
    report = desk.office.verify(filed)
    assert report.conclusion in (Conclusion.VALID, Conclusion.WARNING)
    assert [signature.signer for signature in report.signatures] == [SECOND.name, LEADER.name]
    text = _text(filed)
    for word in (
        "BIÊN BẢN",
        "Số: 05/BB-UBND",
        SECOND.name,
        LEADER.name,
        desk.seal,
        "15/QĐ-UBND",
        "phong bì niêm phong",
    ):
        assert word in text, word
    copies = desk.office.archive.search("bien ban " + desk.seal)
    assert [copy.path for copy in copies] == [str(filed)]
    told = [entry.data for entry in desk.office.ledger.entries() if entry.kind == "custody"]
    handed = next(entry for entry in told if entry["event"] == "handed-over")
    assert (handed["proven"], handed["permission"], handed["receiver"]) == (True, "15/QĐ-UBND", SECOND.name)
    assert told[-1]["event"] == "minutes-finished" and told[-1]["path"] == str(filed)
    assert desk.office.ledger.verify().ok


def test_minutes_on_paper_are_finished_by_their_scan(desk: Desk, samples: dict[str, Path]) -> None:
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover(paper=True, number="", witness=Person("Lê Văn Chín", "Kế toán", "")))
    assert handovers.all_minutes(only_open=True) == [minutes]
    scan = samples["thong_bao_pdf"]
    finished = handovers.attach_scan(minutes.id, scan)
    assert finished.state is MinutesState.SCANNED
    assert Path(finished.path or "").read_bytes() == scan.read_bytes()
    assert handovers.all_minutes(only_open=True) == []


def test_nothing_is_handed_over_without_proof_or_a_reason(desk: Desk) -> None:
    handovers = desk.office.handovers
    good = desk.handover()
    (handed,) = good.devices
    bare = dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=None)])
    with pytest.raises(ProofMissing):
        handovers.hand_over(bare)
    assert handed.proof is not None
    stale = msgspec.structs.replace(handed.proof, at=handed.proof.at - dt.timedelta(hours=2))
    with pytest.raises(ProofMissing):
        handovers.hand_over(dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=stale)]))
    forged = msgspec.structs.replace(handed.proof, signature="00" * 256)
    with pytest.raises(NotTheOneRecorded):
        handovers.hand_over(dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=forged)]))
    other = handovers.prove(desk.demo.tokens["leader"].serial, desk.key("leader"), desk.pin("leader"))
    with pytest.raises(ProofMissing):
        handovers.hand_over(dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=other)]))
    for refused, why in (
        (dataclasses.replace(good, permission=None), PermissionMissing),
        (dataclasses.replace(good, giver=Person("Ai Khác")), GiverNotHolder),
    ):
        with pytest.raises(why):
            handovers.hand_over(refused)
    assert desk.office.custody.device(desk.seal).holder == LEADER and handovers.all_minutes() == []
    told = handovers.hand_over(
        dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=None, unproven="mã PIN đã bị khóa")])
    )
    path = Path(desk.office.settings.data_dir) / "look.pdf"
    path.write_bytes(handovers.pdf(told.id))
    assert "mã PIN đã bị khóa" in _text(path)


def test_a_proof_serves_one_handover_and_one_moment(desk: Desk) -> None:
    handovers = desk.office.handovers
    good = desk.handover()
    (handed,) = good.devices
    assert handed.proof is not None
    later = msgspec.structs.replace(handed.proof, at=handed.proof.at + dt.timedelta(minutes=5))
    with pytest.raises(ProofMissing):
        handovers.hand_over(dataclasses.replace(good, devices=[dataclasses.replace(handed, proof=later)]))
    forged = msgspec.structs.replace(handed.proof, signature="00" * 256)
    excused = dataclasses.replace(handed, proof=forged, unproven="mã PIN đã bị khóa")
    with pytest.raises(NotTheOneRecorded):
        handovers.hand_over(dataclasses.replace(good, devices=[excused]))
    handovers.hand_over(good)
    with pytest.raises(ProofMissing):
        handovers.hand_over(dataclasses.replace(good, receiver=LEADER))
    assert desk.office.custody.device(desk.seal).holder == SECOND
    desk.office.custody.withdraw_last(desk.seal, "nhầm")
    handovers.hand_over(good)


def test_another_token_is_refused_before_its_pin_is_asked(desk: Desk) -> None:
    with pytest.raises(NotTheOneRecorded):
        desk.office.handovers.prove(desk.seal, desk.key("leader"), desk.pin("leader"))
    assert desk.asked == []
    like = dataclasses.replace(
        desk.key("leader"), token=msgspec.structs.replace(desk.key("leader").token, serial=desk.seal)
    )
    with pytest.raises(NotTheOneRecorded):
        desk.office.handovers.prove(desk.seal, like, desk.pin("leader"))
    assert desk.asked == []


def test_a_wrong_pin_is_tried_once_and_proves_nothing(desk: Desk) -> None:
    asked = []

    def wrong(request: PinRequest) -> PinAnswer:
        asked.append(request.pin_state)
        return PinAnswer(bytearray(b"000000"))

    with pytest.raises(PinIncorrect):
        desk.office.handovers.prove(desk.seal, desk.key("seal"), wrong)
    assert asked == [PinState.OK]
    assert desk.office.handovers.prove(desk.seal, desk.key("seal"), desk.pin("seal"))  # which sets the count back


def test_only_the_two_sides_sign(desk: Desk) -> None:
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover(receiver=Person("Ngô Văn Mười", "Văn thư", "Văn phòng")))
    with pytest.raises(NotThatPerson) as refused:
        handovers.sign(minutes.id, desk.key("second"), desk.pin("second"))
    assert "Ngô Văn Mười" in refused.value.message


def test_a_name_that_no_trusted_authority_vouches_for_signs_nothing(desk: Desk) -> None:
    """Anybody can make a certificate with the leader's name on a token of one's own."""
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover())
    key = desk.key("leader")
    made = msgspec.structs.replace(key.certificate, der=desk.demo.pki.certificate("leader", stranger=True))
    with pytest.raises(SignerNotVouched):
        handovers.sign(minutes.id, dataclasses.replace(key, certificate=made), desk.pin("leader"))
    assert handovers.minutes(minutes.id).signed_by == []


def test_a_loan_ends_with_its_lender(desk_anywhere: Desk) -> None:
    desk = desk_anywhere
    handovers, due = desk.office.handovers, today() + dt.timedelta(days=7)
    handovers.hand_over(desk.handover(kind=EventKind.LENT, due=due))
    assert desk.office.custody.device(desk.seal).due == due
    back = desk.handover(kind=EventKind.RETURNED, receiver=None, permission=None, number="06/BB-UBND")
    handovers.hand_over(back)
    device = desk.office.custody.device(desk.seal)
    assert (device.holder, device.keeping, device.due) == (LEADER, Keeping.HELD, None)


def test_the_scan_of_the_permission_is_filed(desk: Desk, samples: dict[str, Path]) -> None:
    scan = samples["quyet_dinh_pdf"]
    given = msgspec.structs.replace(PERMISSION, scan=str(scan))
    minutes = desk.office.handovers.hand_over(desk.handover(permission=given))
    assert minutes.permission_owed == []
    permission = desk.office.custody.history(desk.seal)[-1].permission
    assert permission is not None and permission.scan is not None and permission.sha256
    assert Path(permission.scan) != scan and Path(permission.scan).read_bytes() == scan.read_bytes()
    told = [entry.data for entry in desk.office.ledger.entries() if entry.data.get("event") == "handed-over"]
    assert [entry["permission_sha256"] for entry in told] == [permission.sha256]


def test_a_scan_that_comes_later_is_owed_until_it_is_filed(desk_anywhere: Desk, tmp_path: Path) -> None:
    """Nothing is entered of it while the archive is away."""
    desk = desk_anywhere
    handovers, archive = desk.office.handovers, desk.office.archive.root
    desk.office.archive.add(desk.demo.samples["cong_van_pdf"])
    minutes = handovers.hand_over(desk.handover())
    assert minutes.permission_owed == ["scan"]
    (reminder,) = [one for one in handovers.reminders() if one.code == "permission-owed"]
    assert (reminder.permission, reminder.minutes, reminder.owed) == (PERMISSION.number, minutes.id, ("scan",))
    scan = tmp_path / "cho phép.png"
    draw_signature(scan)
    away = archive.rename(archive.with_name("away"))
    with pytest.raises(ArchiveAway):
        handovers.permissions.complete(desk.seal, scan=scan)
    assert not archive.exists() and desk.office.custody.history(desk.seal)[-1].permission_owed == ["scan"]
    away.rename(archive)
    (event,) = handovers.permissions.complete(desk.seal, scan=scan)
    assert event.permission is not None and Path(event.permission.scan or "").read_bytes() == scan.read_bytes()
    assert desk.office.custody.history(desk.seal)[-1] == event
    assert [one.code for one in handovers.reminders()] == ["minutes-open"]
    told = [entry.data for entry in desk.office.ledger.entries() if entry.kind == "custody"][-1]
    assert (told["event"], told["permission_sha256"]) == ("permission-completed", event.permission.sha256)
    assert desk.office.ledger.verify().ok


def test_both_sides_sign_at_the_same_moment(desk_anywhere: Desk) -> None:
    """The second to come back finds that the minutes are not those it signed, and signs once more."""
    desk = desk_anywhere
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover())
    sign = handovers._services.sign_pdf

    def meanwhile(path: Path, folder: Path, place: SignaturePlace, key: Key, pin_source: object) -> Path:
        object.__setattr__(handovers._services, "sign_pdf", sign)
        handovers.sign(minutes.id, desk.key("second"), desk.pin("second"))
        return sign(path, folder, place, key, pin_source)

    object.__setattr__(handovers._services, "sign_pdf", meanwhile)
    with pytest.raises(MinutesChanged):
        handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader"))
    assert handovers.minutes(minutes.id).signed_by == ["receiver"]
    finished = handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader"))
    assert finished.signed_by == ["receiver", "giver"]
    assert len(desk.office.verify(Path(finished.path or "")).signatures) == 2


def test_minutes_that_could_not_be_filed_stay_open(desk: Desk) -> None:
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover())
    handovers.sign(minutes.id, desk.key("second"), desk.pin("second"))
    file_away = handovers._services.file_away

    def full(path: Path, content: object) -> tuple[str, str]:
        raise DiskFull(path=str(path))

    object.__setattr__(handovers._services, "file_away", full)
    with pytest.raises(DiskFull):
        handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader"))
    assert handovers.minutes(minutes.id).signed_by == ["receiver"]
    object.__setattr__(handovers._services, "file_away", file_away)
    assert handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader")).state is MinutesState.SIGNED


def test_the_minutes_of_a_withdrawn_handover_are_void(desk: Desk) -> None:
    handovers = desk.office.handovers
    minutes = handovers.hand_over(desk.handover())
    assert {reminder.code: reminder.minutes for reminder in handovers.reminders()} == {
        "minutes-open": minutes.id,
        "permission-owed": minutes.id,
    }
    desk.office.custody.withdraw_last(desk.seal, "nhầm người nhận")
    assert desk.office.custody.device(desk.seal).holder == LEADER
    assert handovers.minutes(minutes.id).state is MinutesState.VOID and handovers.reminders() == []
    with pytest.raises(MinutesVoid):
        handovers.sign(minutes.id, desk.key("leader"), desk.pin("leader"))


def test_minutes_have_a_number_of_their_own(desk_anywhere: Desk) -> None:
    """Else both would sign, and the archive not take them."""
    desk = desk_anywhere
    handovers, archive = desk.office.handovers, desk.office.archive
    first = handovers.hand_over(desk.handover())
    again = desk.handover(receiver=LEADER, number="5/bb-ubnd")
    for refused in (handovers.preview, handovers.hand_over):
        with pytest.raises(MinutesNumberTaken):
            refused(again)
    assert desk.office.custody.device(desk.seal).holder == SECOND
    # and where a document comes with that number before they are signed, no PIN is asked in vain
    other = Path(desk.office.settings.data_dir) / "kiem-ke.txt"
    other.write_text("Kiểm kê tài sản", encoding="utf-8")
    kept = archive.add(
        other, DocumentInfo(type="Biên bản", number="05", symbol="BB-UBND", date=today(), summary="Kiểm kê")
    )
    desk.asked.clear()
    with pytest.raises(MinutesNumberTaken) as taken:
        handovers.sign(first.id, desk.key("leader"), desk.pin("leader"))
    assert (taken.value.data["what"], desk.asked) == (kept.path, [])
    desk.office.custody.withdraw_last(desk.seal, "trùng số biên bản")
    with pytest.raises(MinutesNumberTaken):
        handovers.hand_over(desk.handover())
    assert handovers.hand_over(desk.handover(number="06/BB-UBND")).state is MinutesState.OPEN
