"""How a command gets a PIN: from a file, from standard input, never twice by itself."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.pin import source
from app.signing.errors import PinNotGiven
from app.signing.model import PinRequest
from pkcs11_bridge.errors import PinFinalTry
from pkcs11_bridge.protocol import PinState


def _request(state: PinState = PinState.OK) -> PinRequest:
    return PinRequest("Dấu UBND", "0123", "Ủy ban nhân dân", state)


@pytest.mark.parametrize(
    ("content", "pin"),
    [
        (b"123456\n", b"123456"),
        (b"123456\r\nmore", b"123456"),
        (b"mat khau", b"mat khau"),
        ("mã\n".encode(), "mã".encode()),
    ],
)
def test_the_first_line_of_a_file_is_the_pin(tmp_path: Path, content: bytes, pin: bytes) -> None:
    file = tmp_path / "pin"
    file.write_bytes(content)
    answer = source(str(file))(_request())
    assert answer is not None
    assert answer.pin == pin
    assert answer.final_try is False


def test_an_empty_file_is_no_pin(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_bytes(b"\n123456")
    with pytest.raises(PinNotGiven):
        source(str(file))(_request())


def test_a_file_cannot_consent_to_the_last_try(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.write_bytes(b"123456")
    with pytest.raises(PinFinalTry):
        source(str(file))(_request(PinState.FINAL_TRY))


def test_standard_input_is_read_once_and_answers_for_each_file_while_it_is_right() -> None:
    code = """
from pathlib import Path
from app.cli.pin import source
from app.signing.model import PinRequest
from pkcs11_bridge.protocol import PinState
ask = source("-")
request = PinRequest("a", "b", "c", PinState.OK)
again = PinRequest("a", "b", "c", PinState.OK, Path("x.pdf"), 1, 2)
spent = PinRequest("a", "b", "c", PinState.LOW, Path("x.pdf"), 1, 2)
first = ask(request).pin
print(bytes(first))
first[:] = bytes(len(first))
print(bytes(ask(again).pin), ask(request), ask(spent))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"1234\n5678\n", capture_output=True, check=True, timeout=30
    )
    assert done.stdout.split() == [b"b'1234'", b"b'1234'", b"None", b"None"]


@pytest.mark.parametrize(
    ("state", "typed", "answer"),
    [
        (PinState.OK, b"123456\n", "b'123456' False"),
        (PinState.OK, b"12\xe34\n", r"b'12\xe34' False"),
        (PinState.OK, b"129\x7f3456\n", "b'123456' False"),
        (PinState.OK, b"\x04", "None"),
        (PinState.OK, b"\n", "None"),
        (PinState.FINAL_TRY, "có\n123456\n".encode(), "b'123456' True"),
        (PinState.FINAL_TRY, "không\n".encode(), "None"),
    ],
)
def test_a_person_at_a_terminal_types_the_pin_unseen(state: PinState, typed: bytes, answer: str) -> None:
    code = f"""
from app.cli.pin import source
from app.signing.model import PinRequest
from pkcs11_bridge.protocol import PinState
answer = source(None)(PinRequest("a", "b", "c", PinState({str(state)!r})))
print("GIVEN", answer and f"{{bytes(answer.pin)}} {{answer.final_try}}", "END", flush=True)
"""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=child, stdout=child, stderr=child, start_new_session=True
    ) as process:
        os.close(child)
        seen = b""
        for line in typed.splitlines(keepends=True):
            while not seen.rstrip().endswith(b":"):
                seen += os.read(parent, 1024)
            os.write(parent, line)
            asked, seen = seen, b""
            assert asked
        while b"END" not in seen:
            seen += os.read(parent, 1024)
        process.wait(timeout=30)
    os.close(parent)
    shown = seen.decode()
    assert f"GIVEN {answer} END" in shown
    assert "123456" not in shown.split("GIVEN")[0]
