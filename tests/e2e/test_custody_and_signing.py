"""The register of tokens has its say when something is signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.custody.custody import Happening
from app.custody.model import Kind, Person
from app.custody.states import EventKind
from app.office import Office
from app.settings import Settings
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions, SignResult, Status
from tests.demo.office import DemoOffice

CLERK = Person("Lê Thị Hoa", "Văn thư", "Văn phòng")


@pytest.fixture
def opened(records_settings: Settings) -> Iterator[Office]:
    with Office(records_settings) as office:
        yield office


def _sign(opened: Office, demo: DemoOffice, token: str, file: Path, out: Path, act: Act) -> SignResult:
    given = demo.tokens[token]
    key = choose(opened.keys(), token=given.serial, certificate=None)
    (result,) = opened.desk.sign(
        [file],
        SignOptions(act=act, out=out),
        key,
        pin_source=lambda request: PinAnswer(bytearray(given.pin.encode())),
    )
    return result


def _register(opened: Office, serial: str) -> None:
    (token,) = [token for token in opened.bridge.tokens() if token.serial == serial]
    opened.custody.register(token)


def test_the_seal_follows_a_person_as_the_register_has_it(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    signed = _sign(opened, office, "leader", samples["cong_van_pdf"], tmp_path / "1", Act.APPROVE)
    assert signed.output is not None
    leader = office.tokens["leader"].serial
    _register(opened, leader)
    opened.custody.correct_kind(leader, Kind.ORGANIZATION)
    refused = _sign(opened, office, "seal", Path(signed.output), tmp_path / "2", Act.ISSUE)
    assert refused.error is not None and refused.error.code == "no-personal-signature"
    approving = _sign(opened, office, "leader", samples["cong_van_pdf"], tmp_path / "3", Act.APPROVE)
    assert approving.error is not None and approving.error.code == "not-personal-key"
    opened.custody.correct_kind(leader, Kind.PERSON)
    sealed = _sign(opened, office, "seal", Path(signed.output), tmp_path / "4", Act.ISSUE)
    assert sealed.status is Status.SIGNED, sealed.error


def test_the_seal_said_to_be_a_person_stays_the_seal(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the register says: rows of it may be written by other hands."""
    seal = office.tokens["seal"].serial
    _register(opened, seal)
    monkeypatch.setattr("app.custody.register.check_kind", lambda *row: None)
    opened.custody.correct_kind(seal, Kind.PERSON)
    assert opened.glance.look().device(seal).kinds
    for act, code in ((Act.PLAIN, "no-personal-signature"), (Act.APPROVE, "not-personal-key")):
        refused = _sign(opened, office, "seal", samples["cong_van_pdf"], tmp_path / "1", act)
        assert refused.error is not None and refused.error.code == code


def test_the_ledger_says_in_whose_hands_the_token_was(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    leader = office.tokens["leader"].serial

    def signed() -> tuple[object, object, list[str]]:
        result = _sign(opened, office, "leader", samples["cong_van_pdf"], tmp_path / "out", Act.PLAIN)
        assert result.status is Status.SIGNED, result.error
        entry = [entry for entry in opened.ledger.entries() if entry.kind == "sign"][-1]
        return entry.data["custody"], entry.data["custodian"], [warning.code for warning in result.warnings]

    state, holder, warnings = signed()
    assert (state, holder) == ("unregistered", None) and "outside-custody" not in warnings
    _register(opened, leader)
    opened.custody.record(leader, Happening(EventKind.RECEIVED, receiver=CLERK))
    state, holder, warnings = signed()
    assert (state, holder) == ("held", CLERK.name) and "outside-custody" not in warnings
    opened.custody.record(leader, Happening(EventKind.LOST))
    state, holder, warnings = signed()
    assert (state, holder) == ("outside", CLERK.name) and "outside-custody" in warnings
