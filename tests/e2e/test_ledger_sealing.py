"""The end of a signing session: one seal, no further PIN, and a token that misbehaves then spoils nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.journal.entry import Entry
from app.office import Office
from app.settings import Settings
from app.signing.control import RunControl, ScreenLocked
from app.signing.model import Act, PinAnswer, PinRequest, SignOptions, SignResult, Status
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.e2e.command import Antin
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
def opened(settings: Settings, module: Path, misbehaviour: Misbehaviour) -> Iterator[Office]:
    with Office(settings, modules=[module]) as opened:
        yield opened


class Session:
    """Signs files in one session.

    :ivar asked: how often the PIN was asked.
    """

    def __init__(self, opened: Office, demo: DemoOffice, folder: Path) -> None:
        self.opened, self.token, self.folder = opened, demo.tokens["second"], folder
        self.files = [Path(shutil.copy(demo.samples["xlsx"], folder / f"{number}.xlsx")) for number in range(3)]
        self.asked = 0
        self.control = RunControl()

    def sign(self, count: int = 3) -> list[SignResult]:
        keys = self.opened.keys()
        [key] = [key for key in keys if key.token.serial == self.token.serial]
        options = SignOptions(act=Act.PLAIN, out=self.folder / "signed")
        return self.opened.desk.sign(self.files[:count], options, key, pin_source=self._pin, control=self.control)

    def _pin(self, request: PinRequest) -> PinAnswer:
        self.asked += 1
        return PinAnswer(bytearray(self.token.pin.encode()))

    @property
    def entries(self) -> list[Entry]:
        return list(self.opened.ledger.entries())


@pytest.fixture
def session(opened: Office, office: DemoOffice, tmp_path: Path) -> Session:
    return Session(opened, office, tmp_path)


def _statuses(results: list[SignResult]) -> set[Status]:
    return {result.status for result in results}


def test_one_signature_and_no_pin_more(session: Session, misbehaviour: Misbehaviour) -> None:
    assert _statuses(session.sign()) == {Status.SIGNED}
    assert (misbehaviour.calls("C_Sign"), session.asked) == (4, 1)
    assert [entry.kind for entry in session.entries].count("seal") == 1
    assert session.entries[-1].kind == "seal"
    check = session.opened.ledger.verify()
    assert (check.ok, check.sealed, check.unproven) == (True, len(session.entries) - 1, None)


def test_a_session_that_signed_nothing_seals_nothing(session: Session, misbehaviour: Misbehaviour) -> None:
    for path in session.files:
        path.unlink()
    assert _statuses(session.sign()) == {Status.FAILED}
    assert (misbehaviour.calls("C_Sign"), [entry.kind for entry in session.entries]) == (0, [])


def test_the_settings_switch_it_off(
    settings: Settings, module: Path, misbehaviour: Misbehaviour, office: DemoOffice, tmp_path: Path
) -> None:
    off = msgspec.structs.replace(settings, journal=msgspec.structs.replace(settings.journal, seal=False))
    with Office(off, modules=[module]) as opened:
        session = Session(opened, office, tmp_path)
        assert _statuses(session.sign(1)) == {Status.SIGNED}
        assert (misbehaviour.calls("C_Sign"), [entry.kind for entry in session.entries]) == (1, ["sign", "file"])


def test_a_token_that_wants_its_pin_for_every_signature_is_not_asked(
    session: Session, misbehaviour: Misbehaviour
) -> None:
    misbehaviour.order(always_authenticate=True, pin=session.token.pin)
    assert _statuses(session.sign(2)) == {Status.SIGNED}
    asked = session.asked
    assert misbehaviour.calls("C_Sign") == 2
    last = session.entries[-1]
    assert (last.kind, last.data["reason"], session.asked) == ("unsealed", "pin-each-time", asked)
    assert session.opened.ledger.verify().unsealed == 1


def test_a_token_pulled_before_the_seal(session: Session, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(remove_at_signature=4)
    results = session.sign()
    assert _statuses(results) == {Status.SIGNED} and all(Path(result.output or "").exists() for result in results)
    assert session.entries[-1].kind == "unsealed"
    assert session.opened.ledger.verify().ok


def test_a_session_that_the_token_stopped_is_left_alone(session: Session, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(remove_at_signature=2)
    results = session.sign()
    assert [result.status for result in results] == [Status.SIGNED, Status.FAILED, Status.SKIPPED]
    assert (misbehaviour.calls("C_Sign"), session.entries[-1].kind) == (2, "unsealed")


def test_a_screen_locked_ends_the_login_without_a_seal(session: Session, misbehaviour: Misbehaviour) -> None:
    session.control.review = True
    session.control.approve(0)

    keys = session.opened.keys()
    [key] = [key for key in keys if key.token.serial == session.token.serial]
    results = session.opened.desk.sign(
        session.files[:2],
        SignOptions(act=Act.PLAIN, out=session.folder / "signed"),
        key,
        pin_source=session._pin,
        control=session.control,
        on_event=lambda event: session.control.end_session(ScreenLocked()) if event.stage == "asking" else None,
    )
    assert [result.status for result in results] == [Status.SIGNED, Status.SKIPPED]
    assert session.entries[-1].data["reason"] == "screen-locked"


def test_a_time_stamp_server_that_is_away_leaves_the_seal_without(session: Session, services: Services) -> None:
    network = msgspec.structs.replace(session.opened.settings.network, tsa_url="http://127.0.0.1:9/")
    session.opened.settings = msgspec.structs.replace(session.opened.settings, network=network)
    assert _statuses(session.sign(1)) == {Status.SIGNED}
    seal = session.entries[-1]
    assert (seal.kind, seal.data["stamped"]) == ("seal", False)
    check = session.opened.ledger.verify()
    assert (check.sealed, check.stamped) == (seal.seq - 1, False)


def test_offline_no_server_is_asked(
    offline_settings: Settings, office: DemoOffice, services: Services, tmp_path: Path
) -> None:
    with Office(offline_settings) as opened:
        session = Session(opened, office, tmp_path)
        assert _statuses(session.sign(1)) == {Status.SIGNED}
        assert session.entries[-1].kind == "seal" and not services.requests


def test_copies_that_cannot_be_kept_are_told(settings: Settings, office: DemoOffice, tmp_path: Path) -> None:
    (tmp_path / "share").write_text("")
    journal = msgspec.structs.replace(settings.journal, seal_copies=[str(tmp_path / "share" / "copies")])
    with Office(msgspec.structs.replace(settings, journal=journal)) as opened:
        session = Session(opened, office, tmp_path)
        assert _statuses(session.sign(1)) == {Status.SIGNED}
        seal, told = session.entries[-2:]
        assert (seal.kind, told.kind, told.data["seal"]) == ("seal", "seal-copy-failed", seal.seq)


def test_a_program_killed_while_the_token_seals_leaves_all_else_done(
    office: DemoOffice, data_dir: Path, module: Path, misbehaviour: Misbehaviour, tmp_path: Path
) -> None:
    source = Path(shutil.copy(office.samples["xlsx"], tmp_path / "a.xlsx"))
    token = office.tokens["second"]
    line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(data_dir), "sign", "--json", "--pin-file", "-"]
    line += ["--module", str(module), "--token", token.serial, "--out", str(tmp_path / "signed"), str(source)]
    misbehaviour.order(sign_delay_ms=1500)
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(token.pin.encode() + b"\n")
        process.stdin.close()
        row = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    assert row["status"] == "signed" and Path(row["output"]).exists()
    antin = Antin(data_dir)
    checked = antin("journal", "verify", "--json").rows[0]
    assert (checked["ok"], checked["entries"], checked["seals"]) == (True, 2, 0)
    misbehaviour.behave()
    again = antin("sign", "--json", "--pin-file", "-", "--module", module, "--token", token.serial, "--out",
                  tmp_path / "again", source, stdin=token.pin)  # fmt: skip
    assert again.code == 0, again.err
    assert antin("journal", "verify", "--json").rows[0]["sealed"] == 4
