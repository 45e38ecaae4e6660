"""What a window hears of other starts: only what is whole, small and of a known shape."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.person import PATIENCE, Person
from ui import instance
from ui.instance import Claim, Listener, Request
from ui.window import MainWindow


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Claim]:
    runtime = tempfile.mkdtemp(prefix="antin-run-")  # a socket's path is short
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    made = instance.claim_or_hand_over(tmp_path, Request())
    assert made is not None
    yield made
    made.release()
    shutil.rmtree(runtime)


@pytest.fixture
def listener(qtbot: QtBot, claim: Claim) -> Iterator[Listener]:
    made = Listener(claim)
    made.listen()
    yield made
    made.close()


@pytest.fixture
def speaker(listener: Listener, claim: Claim) -> Iterator[socket.socket]:
    """Somebody of the same user who speaks to the window."""
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(claim.address_file.read_text())
        made.settimeout(PATIENCE / 1000)
        yield made


def _framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


def test_a_request_that_comes_in_pieces_is_heard_whole(
    qtbot: QtBot, listener: Listener, speaker: socket.socket, tmp_path: Path
) -> None:
    asked = instance.request("sign", [tmp_path / "Tờ trình.pdf"])
    message = _framed(msgspec.msgpack.encode(asked))
    with qtbot.waitSignal(listener.asked, timeout=PATIENCE) as heard:
        for at in range(0, len(message), 7):
            speaker.sendall(message[at : at + 7])
            QApplication.processEvents()
    assert heard.args == [asked]
    assert heard.args[0].paths == [tmp_path / "Tờ trình.pdf"]
    assert speaker.recv(9) == b"\x01"


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        _framed(b"\xc1"),
        _framed(msgspec.msgpack.encode(["away", [], ""])),
        _framed(msgspec.msgpack.encode(["sign", ["text"], ""])),
        _framed(msgspec.msgpack.encode(["sign", [b""], ""])),
        _framed(msgspec.msgpack.encode(["sign", [b"/" * (1 << 16)], ""])),
        _framed(msgspec.msgpack.encode(["sign", [b"van-ban.pdf"], ""])),
        _framed(msgspec.msgpack.encode(["sign", [b"/tmp/a\0b.pdf"], ""])),
        _framed(msgspec.msgpack.encode([None, [], "t" * 2000])),
        _framed(msgspec.msgpack.encode([None, [], ""])) + b"more",
        (1 << 31).to_bytes(4, "big"),
    ],
    ids=[
        "other-words",
        "no-message",
        "no-page",
        "text",
        "nameless",
        "long",
        "relative",
        "nul",
        "token",
        "more",
        "length",
    ],
)
def test_anything_else_ends_the_conversation(
    qtbot: QtBot, listener: Listener, speaker: socket.socket, message: bytes
) -> None:
    heard: list[Request] = []
    listener.asked.connect(heard.append)
    speaker.setblocking(False)
    speaker.sendall(message)

    def ended() -> bool:
        try:
            return speaker.recv(9) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True

    qtbot.waitUntil(ended, timeout=PATIENCE)
    assert heard == []


def test_somebody_who_says_nothing_is_not_listened_to_for_ever(
    qtbot: QtBot, listener: Listener, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_PATIENCE_MS", 1000)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(claim.address_file.read_text())
        qtbot.waitUntil(lambda: len(listener._conversations) == 1, timeout=PATIENCE)
        qtbot.waitUntil(lambda: not listener._conversations, timeout=PATIENCE)


def test_too_many_at_once_are_turned_away(
    qtbot: QtBot, listener: Listener, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "_CONVERSATIONS", 3)
    crowd = [socket.socket(socket.AF_UNIX) for _one in range(6)]
    for one in crowd:
        one.connect(claim.address_file.read_text())
        one.setblocking(False)

    def turned_away() -> int:
        count = 0
        for one in crowd:
            try:
                count += one.recv(1) == b""
            except BlockingIOError:
                continue
            except ConnectionResetError:
                count += 1
        return count

    qtbot.waitUntil(lambda: turned_away() == 3, timeout=PATIENCE)
    for one in crowd:
        one.close()


def test_what_another_start_asks_is_shown(
    person: Person, window: MainWindow, documents: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "of-the-desktop")
    window.showMinimized()
    window.take_request(instance.request("sign", [documents["xlsx"]]))
    assert window.current_page == "sign"
    assert not window.isMinimized()
    person.waits_until(lambda: person.signing.files() == [documents["xlsx"]])
    window.take_request(instance.request(None, [documents["pptx"]]))
    assert window.current_page == "verify"
    person.waits_for_reports(1)
    window.take_request(Request("journal"))
    assert window.current_page == "journal"
    window.take_request(Request())
    assert window.current_page == "journal"


def test_files_that_come_while_others_are_signed_wait_and_are_told(
    person: Person, window: MainWindow, documents: dict[str, Path]
) -> None:
    person.puts_files_to_sign(documents["quyet_dinh_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    late = [documents["xlsx"], documents["pptx"]]
    window.take_request(instance.request("sign", late))
    window.take_request(instance.request("sign", late[:1]))
    page = person.signing
    assert page.files() == [documents["quyet_dinh_pdf"]]
    assert page.told.isVisible()
    assert "2" in page.told.whole_text()
    person.gives_pin(person.office.tokens["leader"].pin)
    assert len(person.waits_for_results()) == 1
    page.results.anew.emit()
    person.waits_until(lambda: page.files() == late)


def test_files_that_came_while_a_pin_was_asked_join_the_list_when_it_is_not_given(
    person: Person, window: MainWindow, documents: dict[str, Path]
) -> None:
    person.puts_files_to_sign(documents["quyet_dinh_pdf"])
    person.chooses_key_of("leader")
    person.starts_signing()
    window.take_request(instance.request("sign", [documents["xlsx"]]))
    person.signing.batch.pin.given_up.emit()
    person.waits_until(lambda: person.signing.files() == [documents["quyet_dinh_pdf"], documents["xlsx"]])


def test_a_window_that_closes_hears_no_more(
    qtbot: QtBot, window: MainWindow, listener: Listener, claim: Claim, tmp_path: Path
) -> None:
    window.leaving.connect(listener.close)
    window.close()
    with pytest.raises(instance.WindowNotAnswering):
        instance.claim_or_hand_over(tmp_path, Request(), patience=0)


def test_the_meeting_place_lies_where_nobody_else_can_exchange_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "r"
    runtime.mkdir(mode=0o700)
    monkeypatch.setattr(instance, "_PATH_LIMIT", 500)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert instance.meeting_place() == runtime / "antin"
    runtime.chmod(0o777)
    assert instance.meeting_place() != runtime / "antin"
    runtime.chmod(0o1777)
    assert instance.meeting_place() == runtime / "antin"


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "x.lock").symlink_to(victim)
    with pytest.raises(OSError, match="links"):
        instance._lock(tmp_path / "x.lock")
    assert not victim.exists()
