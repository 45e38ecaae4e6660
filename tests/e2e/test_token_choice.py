"""Which token signs, how it is asked for its PIN, and what the ledger says where a step after the signature fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import DiskFull
from app.journal.entry import Entry
from app.journal.ledger import Ledger
from app.office import Office
from app.settings import Settings
from app.signing.desk import DeskEvent
from app.signing.keys import choose
from app.signing.model import PinAnswer, PinRequest, SignOptions, SignResult, Status
from app.verification.guards import SignatureNotConfirmed
from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


@pytest.fixture
def misbehaviour(office: DemoOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    orders = Misbehaviour(tmp_path / "orders", office.module)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def module(tmp_path: Path) -> Path:
    return compile_module(tmp_path)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Office]:
    with Office(settings) as office:
        yield office


class Asked:
    def __init__(self, pin: str) -> None:
        self.pin = pin
        self.requests: list[PinRequest] = []

    def __call__(self, request: PinRequest) -> PinAnswer:
        self.requests.append(request)
        return PinAnswer(bytearray(self.pin.encode()))


def _sign(opened: Office, demo: DemoOffice, file: Path, **options: object) -> SignResult:
    token = demo.tokens["second"]
    key = choose(opened.keys(), token=token.serial, certificate=None)
    (result,) = opened.desk.sign([file], SignOptions(**options), key, pin_source=Asked(token.pin))  # type: ignore[arg-type]
    return result


def test_a_token_that_two_modules_show_is_one_choice(
    settings: Settings, office: DemoOffice, misbehaviour: Misbehaviour, module: Path
) -> None:
    with Office(settings, modules=[module, office.module]) as opened:
        keys = opened.keys()
        assert len(opened.bridge.tokens()) == 2 * len(office.tokens)
        assert len(keys) == len(office.tokens)
        assert {key.token.module for key in keys} == {str(module)}
        serial = office.tokens["leader"].serial
        assert choose(keys, token=serial, certificate=None).token.serial == serial


def test_a_token_with_a_keypad_is_never_given_a_pin(
    settings: Settings, office: DemoOffice, misbehaviour: Misbehaviour, module: Path, samples: dict[str, Path]
) -> None:
    """Also where the key wants it for each signature."""
    misbehaviour.order(protected_path=True, always_authenticate=True, pin=office.tokens["second"].pin)
    with Office(settings, modules=[module]) as opened:
        key = choose(opened.keys(), token=office.tokens["second"].serial, certificate=None)
        asked = Asked("1")
        (result,) = opened.desk.sign([samples["xlsx"]], SignOptions(), key, pin_source=asked)
    assert result.status is Status.SIGNED, result.error
    assert asked.requests == []


def test_no_files_need_no_pin(opened: Office, office: DemoOffice) -> None:
    key = choose(opened.keys(), token=office.tokens["second"].serial, certificate=None)
    asked = Asked("000000")
    assert opened.desk.sign([], SignOptions(), key, pin_source=asked) == []
    assert asked.requests == []


class FailingLedger(Ledger):
    """As a ledger on a disk that is full when entries of one kind come."""

    failing = ""

    def append(self, kind: str, /, **data: object) -> Entry:
        if kind == self.failing:
            raise DiskFull(path=str(self.path))
        return super().append(kind, **data)


def test_a_disk_that_fills_up_after_the_filing_hides_no_copy(
    opened: Office, office: DemoOffice, samples: dict[str, Path]
) -> None:
    ledger = FailingLedger(opened.settings.data_dir)
    ledger.failing = "file"
    opened.__dict__["ledger"] = ledger
    result = _sign(opened, office, samples["quyet_dinh_docx"])
    assert result.status is Status.SIGNED
    assert result.output is not None
    assert Path(result.output).is_file()
    assert [warning.code for warning in result.warnings] == ["filing-not-entered"]
    assert [entry.kind for entry in ledger.entries()] == ["sign", "seal"]


def test_what_cannot_be_entered_is_not_filed(opened: Office, office: DemoOffice, samples: dict[str, Path]) -> None:
    ledger = FailingLedger(opened.settings.data_dir)
    ledger.failing = "sign"
    opened.__dict__["ledger"] = ledger
    result = _sign(opened, office, samples["quyet_dinh_docx"])
    assert result.error is not None
    assert result.error.code == "disk-full"
    assert [path for path in opened.settings.archive_dir.rglob("*") if path.is_file()] == []


def test_a_signature_that_was_made_and_thrown_away_is_in_the_ledger(
    opened: Office, office: DemoOffice, samples: dict[str, Path]
) -> None:
    def refuse(path: Path, certificate: bytes, known: object) -> None:
        raise SignatureNotConfirmed(why="x")

    object.__setattr__(opened.desk._services, "confirm", refuse)
    result = _sign(opened, office, samples["quyet_dinh_docx"])
    assert result.error is not None
    assert result.error.code == "self-check-failed"
    (entry,) = opened.ledger.entries()
    assert entry.kind == "sign"
    assert entry.data["result"] == "self-check-failed"
    assert entry.data["output_sha256"] is None
    assert opened.ledger.verify().ok


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf%s\r\n", b"%s"])
def test_a_pin_file_of_a_windows_editor_costs_no_try(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, content: bytes
) -> None:
    token = office.tokens["second"]
    pin = tmp_path / "pin.txt"
    pin.write_bytes(content % token.pin.encode())
    source = Path(shutil.copy(samples["xlsx"], tmp_path / "phu-luc.xlsx"))
    assert antin("sign", "--token", token.serial, "--pin-file", pin, source).code == 0


@pytest.mark.parametrize(
    "line",
    [b"%s \r\n", "\ufeff{}\r\n"],
    ids=["echo of cmd.exe", "echo of PowerShell"],
)
def test_a_pin_file_that_a_script_spoiled_costs_no_try(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, line: bytes | str
) -> None:
    """A SoftHSM token shows a wrong PIN typed before."""
    token = office.tokens["second"]
    content = line.format(token.pin).encode("utf-16-le") if isinstance(line, str) else line % token.pin.encode()
    pin = tmp_path / "pin.txt"
    pin.write_bytes(content)
    source = Path(shutil.copy(samples["xlsx"], tmp_path / "phu-luc.xlsx"))
    answer = antin("sign", "--token", token.serial, "--pin-file", pin, "--json", source)
    assert (answer.code, [row["error"]["code"] for row in answer.rows]) == (3, ["pin-line-unfit"])
    assert token.pin not in answer.out + answer.err
    (shown,) = [row for row in antin("tokens", "--json").rows if row["serial"] == token.serial]
    assert shown["pin_state"] == "ok"


def test_a_support_file_that_exists_is_not_written_over(antin: Antin, tmp_path: Path) -> None:
    bundle = tmp_path / "ho-tro.zip"
    bundle.write_bytes(b"mine")
    answer = antin("doctor", "--json", "--bundle", bundle)
    assert answer.code == 2
    assert "FileExistsError" not in answer.err
    assert bundle.read_bytes() == b"mine"


def test_a_run_that_breaks_off_leaves_no_half_made_copy(
    opened: Office, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    """As by a second Ctrl+C: one document lies prepared, the next is being prepared."""
    token = office.tokens["second"]
    key = choose(opened.keys(), token=token.serial, certificate=None)
    files = [Path(shutil.copy(samples["cong_van_pdf"], tmp_path / f"van-ban-{number}.pdf")) for number in range(3)]

    def break_off(event: DeskEvent) -> None:
        if (event.index, event.stage) == (1, "signing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened.desk.sign(files, SignOptions(out=tmp_path / "out"), key, pin_source=Asked(token.pin), on_event=break_off)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["van-ban-0_daky.pdf"]
