"""Batches at the desk with real tokens: what stops a run, what does not, and what is left behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.office import Office
from app.settings import Settings
from app.signing.control import RunControl
from app.signing.desk import DeskEvent
from app.signing.errors import PinNotGiven
from app.signing.keys import SigningKey, choose
from app.signing.model import Act, Level, PinAnswer, PinRequest, SignOptions, SignResult, Status
from pkcs11_bridge.errors import PinFinalTry, PinIncorrect, PinLocked
from pkcs11_bridge.protocol import PinState
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.token.build import Misbehaviour, compile_module


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_module(tmp_path_factory.mktemp("module"))


@pytest.fixture
def misbehaviour(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "orders", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def desk_office(settings: Settings, module: Path, misbehaviour: Misbehaviour) -> Iterator[Office]:
    with Office(settings, modules=[module]) as opened:
        yield opened


class Clerk:
    """Signs with one token; remembers how often the PIN was asked and what happened."""

    def __init__(self, office: Office, demo: DemoOffice, token: str = "second") -> None:
        self.office = office
        self.token = demo.tokens[token]
        self.pin = self.token.pin
        self.final_try = False
        self.asked: list[PinRequest] = []
        self.given: list[bytearray] = []
        self.events: list[DeskEvent] = []
        self.control = RunControl()

    def key(self) -> SigningKey:
        return choose(self.office.keys(), token=self.token.serial, certificate=None)

    def answer(self, request: PinRequest) -> PinAnswer:
        self.asked.append(request)
        self.given.append(bytearray(self.pin.encode()))
        return PinAnswer(self.given[-1], self.final_try)

    def sign(self, files: list[Path], **options: object) -> list[SignResult]:
        return self.office.desk.sign(
            files,
            SignOptions(**options),  # type: ignore[arg-type]
            self.key(),
            pin_source=self.answer,
            on_event=self.events.append,
            control=self.control,
        )


@pytest.fixture
def clerk(desk_office: Office, office: DemoOffice) -> Clerk:
    return Clerk(desk_office, office)


@pytest.fixture
def batch(samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    folder = tmp_path / "batch"
    folder.mkdir()
    return [Path(shutil.copy(samples["xlsx"], folder / f"phu-luc-{number}.xlsx")) for number in range(1, 6)]


def _filed(office: Office) -> list[Path]:
    return [path for path in office.settings.archive_dir.rglob("*") if path.is_file() and ".antin" not in path.parts]


def _statuses(results: list[SignResult]) -> list[Status]:
    return [result.status for result in results]


def test_results_come_in_the_order_given_and_each_stage_is_told(clerk: Clerk, batch: list[Path]) -> None:
    results = clerk.sign(batch)
    assert [result.input for result in results] == [str(path) for path in batch]
    assert set(_statuses(results)) == {Status.SIGNED}
    assert len(clerk.asked) == 1, "one PIN for a batch"
    assert clerk.asked[0].pin_state is PinState.OK
    for index in range(len(batch)):
        stages = [event.stage for event in clerk.events if event.index == index]
        assert stages == ["reading", "signing", "verifying", "filing", "done"]


def test_the_pin_is_overwritten_after_use(clerk: Clerk, batch: list[Path]) -> None:
    clerk.sign(batch[:1])
    assert set(clerk.given[0]) <= {0}


def test_a_wrong_pin_is_tried_once_and_nothing_is_signed(
    clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    misbehaviour.order(pin=clerk.token.pin, pin_tries=5)
    clerk.pin = "000000"
    with pytest.raises(PinIncorrect) as refused:
        clerk.sign(batch)
    assert refused.value.pin_state is PinState.LOW
    assert misbehaviour.tries_left == 4
    assert misbehaviour.calls("C_Login") == 1
    assert misbehaviour.calls("C_Sign") == 0
    assert _filed(clerk.office) == []


def test_the_last_try_is_not_used_without_consent(clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]) -> None:
    misbehaviour.order(pin=clerk.token.pin, pin_tries=5)
    misbehaviour.tries_left = 1
    with pytest.raises(PinFinalTry):
        clerk.sign(batch)
    assert clerk.asked[0].pin_state is PinState.FINAL_TRY
    assert misbehaviour.calls("C_Login") == 0
    clerk.final_try = True
    assert _statuses(clerk.sign(batch[:1])) == [Status.SIGNED]


def test_a_locked_token_is_not_asked_for_a_pin(clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]) -> None:
    misbehaviour.order(pin=clerk.token.pin, pin_tries=5)
    misbehaviour.tries_left = 0
    with pytest.raises(PinLocked):
        clerk.sign(batch)
    assert clerk.asked == []
    assert misbehaviour.calls("C_Login") == 0


def test_no_pin_given_signs_nothing(clerk: Clerk, batch: list[Path]) -> None:
    with pytest.raises(PinNotGiven):
        clerk.office.desk.sign(batch, SignOptions(), clerk.key(), pin_source=lambda request: None)
    assert _filed(clerk.office) == []


def test_a_key_that_wants_its_pin_each_time_is_asked_each_time(
    clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    misbehaviour.order(always_authenticate=True, pin=clerk.token.pin)
    results = clerk.sign(batch[:3])
    assert set(_statuses(results)) == {Status.SIGNED}
    assert len(clerk.asked) == 1 + 3


def test_a_token_pulled_out_in_mid_batch_stops_it_and_what_is_signed_stays(
    clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    misbehaviour.order(remove_at_signature=3)
    results = clerk.sign(batch)
    assert _statuses(results) == [Status.SIGNED] * 2 + [Status.FAILED] + [Status.SKIPPED] * 2
    assert results[2].error is not None
    assert results[2].error.code == "token-removed"
    assert {result.error.code for result in results[3:] if result.error} == {"run-stopped"}
    assert len(_filed(clerk.office)) == 2, "a half file or a staging file was left"
    entries = [entry.kind for entry in clerk.office.ledger.entries()]
    assert entries.count("sign") == entries.count("file") == 2


@pytest.mark.parametrize("orders", [{"crash_at": "C_Sign"}, {"exit_at": "C_Sign"}])
def test_a_driver_that_crashes_stops_the_run_and_the_next_run_works(
    clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path], orders: dict[str, str]
) -> None:
    misbehaviour.order(**orders)
    results = clerk.sign(batch[:2])
    assert _statuses(results) == [Status.FAILED, Status.SKIPPED]
    assert results[0].error is not None
    assert results[0].error.code == "module-crashed"
    misbehaviour.behave()
    assert _statuses(clerk.sign(batch[:2])) == [Status.SIGNED] * 2


def test_a_driver_that_hangs_is_ended_after_its_time(
    settings: Settings, module: Path, misbehaviour: Misbehaviour, office: DemoOffice, batch: list[Path]
) -> None:
    hasty = msgspec.structs.replace(settings, tokens=msgspec.structs.replace(settings.tokens, sign_timeout=1.5))
    with Office(hasty, modules=[module]) as opened:
        clerk = Clerk(opened, office)
        misbehaviour.order(hang_at="C_Sign")
        started = time.monotonic()
        results = clerk.sign(batch[:2])
    assert time.monotonic() - started < 20
    assert _statuses(results) == [Status.FAILED, Status.SKIPPED]
    assert results[0].error is not None
    assert results[0].error.code == "module-timeout"


def test_a_cancelled_run_ends_before_the_next_file(clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]) -> None:
    misbehaviour.order(sign_delay_ms=300)

    def cancel_at_second(event: DeskEvent) -> None:
        if event.index == 1 and event.stage == "signing":
            clerk.control.cancel()

    results = clerk.office.desk.sign(
        batch,
        SignOptions(),
        clerk.key(),
        pin_source=clerk.answer,
        on_event=cancel_at_second,
        control=clerk.control,
    )
    assert _statuses(results) == [Status.SIGNED] * 2 + [Status.SKIPPED] * 3
    assert {result.error.code for result in results[2:] if result.error} == {"cancelled"}
    assert len(_filed(clerk.office)) == 2


def test_a_bad_file_does_not_stop_the_others(clerk: Clerk, batch: list[Path], tmp_path: Path) -> None:
    no_office = tmp_path / "batch" / "ghi-chu.docx"
    no_office.write_bytes(b"not an office file")
    results = clerk.sign([batch[0], no_office, batch[1]])
    assert _statuses(results) == [Status.SIGNED, Status.FAILED, Status.SIGNED]
    assert results[1].error is not None
    assert results[1].error.code == "unsupported-format"
    assert no_office.read_bytes() == b"not an office file"


def test_the_token_works_on_while_files_are_checked_and_filed(
    clerk: Clerk, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    misbehaviour.order(sign_delay_ms=300)
    results = clerk.sign(batch)
    assert set(_statuses(results)) == {Status.SIGNED}
    told = [(event.stage, event.index) for event in clerk.events]
    early = [
        number for number in range(1, len(batch)) if told.index(("signing", number)) < told.index(("done", number - 1))
    ]
    assert len(early) >= len(batch) / 2, told


def test_a_time_stamp_server_that_is_down_lowers_the_level_and_says_so(
    clerk: Clerk, services: Services, office: DemoOffice, batch: list[Path]
) -> None:
    with services.failing("tsa"):
        (result,) = clerk.sign(batch[:1], level=Level.T, tsa_url=office.pki.tsa_url)
    assert (result.status, result.level_reached) == (Status.SIGNED, Level.B)
    assert [warning.code for warning in result.warnings] == ["timestamp-unavailable"]


def test_the_wrong_kind_of_certificate_is_refused_before_the_token_signs(
    desk_office: Office, office: DemoOffice, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    (as_agency,) = Clerk(desk_office, office, "leader").sign(batch[:1], act=Act.COPY)
    assert as_agency.error is not None
    assert as_agency.error.code == "not-agency-key"
    (as_person,) = Clerk(desk_office, office, "seal").sign(batch[:1], act=Act.APPROVE)
    assert as_person.error is not None
    assert as_person.error.code == "not-personal-key"
    assert misbehaviour.calls("C_Sign") == 0


def test_an_act_that_comes_as_a_mere_word_is_guarded_all_the_same(
    desk_office: Office, office: DemoOffice, misbehaviour: Misbehaviour, batch: list[Path]
) -> None:
    (result,) = Clerk(desk_office, office, "seal").sign(batch[:1], act="issue")
    assert result.error is not None
    assert result.error.code == "no-personal-signature"
    assert misbehaviour.calls("C_Sign") == 0


def test_a_number_already_filed_for_another_document_is_refused(
    clerk: Clerk, misbehaviour: Misbehaviour, samples: dict[str, Path]
) -> None:
    first = clerk.sign([samples["quyet_dinh_docx"]])
    assert _statuses(first) == [Status.SIGNED]
    before = misbehaviour.calls("C_Sign")
    (second,) = clerk.sign([samples["cong_van_docx"]], number="12", symbol="QĐ-UBND", document_type="Quyết định")
    assert second.error is not None
    assert second.error.code == "number-already-filed"
    assert misbehaviour.calls("C_Sign") == before, "the token signed a document that could not be filed"


def _in_child(code: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_leaves_no_half_file_and_says_so(
    settings: Settings, office: DemoOffice, samples: dict[str, Path]
) -> None:
    """The kernel refuses to let any file grow beyond 8 KiB, as on a disk that fills up."""
    code = """
import sys
from pathlib import Path
from app.office import Office
from app.settings import load
from app.signing.keys import choose
from app.signing.model import PinAnswer, SignOptions
from tests.full_disk import full_beyond
with Office(load(Path(sys.argv[1]))) as office:
    key = choose(office.keys(), token=sys.argv[3], certificate=None)
    office.archive.search("x")
    with full_beyond(8192):
        (result,) = office.desk.sign([Path(sys.argv[2])], SignOptions(), key,
                                     pin_source=lambda request: PinAnswer(bytearray(sys.argv[4].encode())))
    print(result.status, result.error.code)
    print([str(p) for p in office.settings.archive_dir.rglob("*") if p.is_file() and ".antin" not in p.parts])
"""
    token = office.tokens["second"]
    out = _in_child(code, settings.data_dir, samples["quyet_dinh_docx"], token.serial, token.pin)
    assert out.splitlines() == ["failed disk-full", "[]"]


def test_a_target_that_cannot_be_written_is_named(clerk: Clerk, batch: list[Path], tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file stands where the folder should be")
    (result,) = clerk.sign(batch[:1], out=blocked / "signed")
    assert result.status is Status.FAILED
    assert result.error is not None
    assert result.error.code == "target-not-writable"
    assert str(blocked) in result.error.message


def test_copies_in_a_folder_never_replace_one_another(clerk: Clerk, batch: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "signed"
    names = [Path(clerk.sign(batch[:1], out=out)[0].output or "").name for _turn in range(3)]
    assert names == ["phu-luc-1_daky.xlsx", "phu-luc-1_daky (2).xlsx", "phu-luc-1_daky (3).xlsx"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
