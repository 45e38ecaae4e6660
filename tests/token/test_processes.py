"""The children of the token bridge: none is left behind, none is waited for in vain, and hostile ones do no harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pkcs11_bridge import child as child_module
from pkcs11_bridge.client import SignatureAlgorithm, TokenBridge, TokenEvent, TokenSession
from pkcs11_bridge.errors import BridgeError, ModuleCrashed, ModuleError, ModuleTimeout, ModuleUnusable, PinRequired
from pkcs11_bridge.protocol import MAX_DATA, MAX_REPLY, Done, Failed, Reply, Tokens, Welcome, encode_frame
from tests.token import softhsm
from tests.token.build import Misbehaviour
from tests.token.signing import DATA, PATIENCE, limit_calls, pin, verify, wait_until
from tests.token.softhsm import RSA_ID

RSA = SignatureAlgorithm.RSA_SHA256


def _child_pid(session: TokenSession) -> int:
    pid = session._child.pid
    assert pid is not None
    return pid


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _signing(session: TokenSession) -> tuple[threading.Thread, list[BaseException]]:
    """A signature going on in another thread, and what it raised once that has ended."""
    raised: list[BaseException] = []

    def sign() -> None:
        try:
            session.sign(RSA_ID, DATA, RSA)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=sign)
    thread.start()
    return thread, raised


def test_killed_in_mid_signature(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    misbehaviour.order(hang_at="C_Sign")
    thread, raised = _signing(bad_session)
    wait_until(lambda: misbehaviour.calls("C_Sign") == 1)
    os.kill(_child_pid(bad_session), signal.SIGKILL)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    [error] = raised
    assert isinstance(error, ModuleCrashed)
    assert "SIGKILL" in error.detail
    misbehaviour.behave()
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    bad_session.login(pin())
    verify(bad_session.token, RSA_ID, DATA, bad_session.sign(RSA_ID, DATA, RSA), RSA)


def test_killed_while_idle(bad_session: TokenSession, bad_bridge: TokenBridge) -> None:
    bad_session.login(pin())
    first = _child_pid(bad_session)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not bad_session._child.running)
    bad_session.logout()
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    assert _child_pid(bad_session) != first
    assert len(bad_bridge.tokens()) == 1


def test_stopped_child_that_reads_nothing(bad_session: TokenSession) -> None:
    bad_session.login(pin())
    pid = _child_pid(bad_session)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    limit_calls(bad_session._bridge, 1.5)
    start = time.monotonic()
    with pytest.raises(ModuleTimeout):
        bad_session.sign(RSA_ID, bytes(MAX_DATA), RSA)
    assert time.monotonic() - start < PATIENCE
    assert not psutil.pid_exists(pid)


def test_closing_breaks_off_a_signature(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    pid = _child_pid(bad_session)
    misbehaviour.order(hang_at="C_Sign")
    thread, raised = _signing(bad_session)
    wait_until(lambda: misbehaviour.calls("C_Sign") == 1)
    start = time.monotonic()
    bad_session._bridge.close()
    assert time.monotonic() - start < bad_session._bridge.sign_timeout / 4
    thread.join(PATIENCE)
    assert [type(error) for error in raised] == [ModuleCrashed]
    assert not psutil.pid_exists(pid)


def test_nothing_is_left_behind(misbehaviour: Misbehaviour, misbehaving_module: Path) -> None:
    me = psutil.Process()
    children, threads = me.children(recursive=True), threading.active_count()

    def use() -> None:
        with TokenBridge([misbehaving_module, softhsm.MODULE], poll_interval=0.05) as bridge:
            stop = bridge.subscribe(lambda event: None)
            token = bridge.tokens()[0]
            with bridge.open(token) as session:
                session.login(pin())
                session.sign(RSA_ID, DATA, RSA)
            misbehaviour.order(crash_at="C_GetSlotList")
            bridge.tokens()
            misbehaviour.order(crash_at="", hang_at="C_GetSlotList")
            limit_calls(bridge, 0.5)
            bridge.tokens()
            misbehaviour.behave()
            limit_calls(bridge, PATIENCE)
            bridge.tokens()
            stop()

    use()
    wait_until(lambda: threading.active_count() == threads)
    before = me.num_fds()
    for _ in range(3):
        use()
    assert me.children(recursive=True) == children
    wait_until(lambda: threading.active_count() == threads)
    assert me.num_fds() == before


_PARENT = """
import os, sys, time
from pathlib import Path
from pkcs11_bridge.client import SignatureAlgorithm, TokenBridge
bridge = TokenBridge([Path(sys.argv[1])])
token = bridge.tokens()[0]
session = bridge.open(token)
session.login(bytearray(sys.argv[2].encode()))
if sys.argv[3] == "forked" and os.fork() == 0:
    time.sleep(3)  # and holds the other end of the child's pipe meanwhile
    os._exit(0)
print(session._child.pid, flush=True)
if sys.argv[3] == "sign":
    session.sign(b"\\x01", b"x", SignatureAlgorithm.RSA_SHA256)
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["idle", "sign", "forked"])
def test_the_child_ends_with_its_parent(misbehaviour: Misbehaviour, misbehaving_module: Path, state: str) -> None:
    misbehaviour.order(hang_at="C_Sign")
    command = [sys.executable, "-c", _PARENT, str(misbehaving_module), softhsm.PIN, state]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if state == "sign":
            wait_until(lambda: misbehaviour.calls("C_Sign") == 1)
        assert not _gone(pid)
        parent.kill()
        wait_until(lambda: _gone(pid))
    finally:
        parent.kill()
        parent.communicate()


@pytest.mark.parametrize("state", ["idle", "sign"])
def test_the_end_of_the_pipe_alone_ends_the_child(
    misbehaviour: Misbehaviour, misbehaving_module: Path, state: str
) -> None:
    """As on systems without a parent-death signal: the parent lives on, only the pipe is closed."""
    from pkcs11_bridge.protocol import Hello, ListTokens, LogIn, Sign, decode_reply, read_frame

    misbehaviour.order(hang_at="C_Sign")
    command = child_module.host_command(misbehaving_module)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(request: object) -> Reply:
            process.stdin.write(encode_frame(request))
            body = read_frame(process.stdout, MAX_REPLY)
            assert body is not None
            return decode_reply(body)

        assert isinstance(ask(Hello(1)), Welcome)
        listed = ask(ListTokens(2))
        assert isinstance(listed, Tokens)
        [token] = listed.tokens
        assert isinstance(ask(LogIn(3, token.slot, token.serial, pin())), Done)
        if state == "sign":
            process.stdin.write(encode_frame(Sign(4, token.slot, token.serial, RSA_ID, DATA, RSA)))
            wait_until(lambda: misbehaviour.calls("C_Sign") == 1)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_an_older_client_is_refused(soft_token: object) -> None:
    from pkcs11_bridge.protocol import Hello, ListTokens, decode_reply, read_frame

    command = child_module.host_command(softhsm.MODULE)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None and process.stdout is not None
        for request in (Hello(1, protocol=0), ListTokens(2)):
            process.stdin.write(encode_frame(request))
            body = read_frame(process.stdout, MAX_REPLY)
            assert body is not None
            reply = decode_reply(body)
            assert isinstance(reply, Failed)
            assert reply.code == ModuleUnusable.code
        process.stdin.close()


def test_a_frozen_program_has_the_child_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for program, host in (
        ("/opt/antin/antin", "/opt/antin/antin-token-host"),
        ("/a/antin.exe", "/a/antin-token-host.exe"),
    ):
        monkeypatch.setattr(sys, "executable", program)
        assert child_module.host_command(Path("/usr/lib/ký.so")) == [host, "/usr/lib/ký.so"]


def test_the_child_wants_exactly_one_module() -> None:
    from pkcs11_bridge.host.server import main

    assert main([]) == 2
    assert main(["a", "b"]) == 2


def test_start_to_first_list(soft_token: object) -> None:
    """Under 0.2 s on an idle machine; bound for a busy and slow one."""
    times = []
    for _ in range(3):
        with TokenBridge([softhsm.MODULE]) as bridge:
            start = time.monotonic()
            assert len(bridge.tokens()) == 1
            times.append(time.monotonic() - start)
    assert min(times) < 2


# Children that are no proper ones. They say what a file holds and then wait for their end.


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., TokenBridge]]:
    words = tmp_path / "words"
    bridges: list[TokenBridge] = []

    def bridge(octets: bytes, ends: bool = False, limit: float = 0.4) -> TokenBridge:
        words.write_bytes(octets)
        script = 'cat "$1"' if ends else 'cat "$1"; cat >/dev/null'
        command = ["sh", "-c", script, "sh", str(words)]
        monkeypatch.setattr(child_module, "host_command", lambda module: command)
        bridges.append(TokenBridge([softhsm.MODULE], call_timeout=limit, sign_timeout=limit, poll_interval=0.05))
        return bridges[-1]

    yield bridge
    for made in bridges:
        made.close()


_WELCOME = bytes(encode_frame(Welcome(1, 1, 64, "", "")))


def _octets() -> st.SearchStrategy[bytes]:
    """Frames of anything, frames cut short, anything."""
    framed = st.binary(min_size=1, max_size=200).map(lambda body: len(body).to_bytes(4, "big") + body)
    replies = st.sampled_from(
        [bytes(encode_frame(it)) for it in (Tokens(2, []), Tokens(3, []), Done(2), Failed(2, "no-such-code", "?"))]
    )
    changed = st.tuples(replies, st.integers(0, 40), st.integers(0, 255)).map(
        lambda it: it[0][: it[1]] + bytes([it[2]]) + it[0][it[1] + 1 :]
    )
    return st.one_of(st.binary(max_size=200), framed, replies, changed)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(octets=_octets(), welcomed=st.booleans(), ends=st.booleans())
def test_any_answer_ends_in_time_with_tokens_or_a_typed_error(
    says: Callable[..., TokenBridge], octets: bytes, welcomed: bool, ends: bool
) -> None:
    children = psutil.Process().children()
    bridge = says(_WELCOME + octets if welcomed else octets, ends)
    start = time.monotonic()
    found = bridge.tokens()
    assert time.monotonic() - start < PATIENCE
    assert found == []
    for problem in bridge.problems():
        assert isinstance(problem, ModuleError)
    bridge.close()
    assert psutil.Process().children() == children


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"DEBUG: driver loaded\n", id="text"),
        pytest.param(b"\xff\xff\xff\xff", id="4 GiB"),
        pytest.param((MAX_REPLY + 1).to_bytes(4, "big"), id="over the limit"),
        pytest.param(b"\0\0\0\0", id="empty frame"),
        pytest.param(b"\0\0\0\1\xc0", id="nil"),
        pytest.param(b"\0\0\0\5\xdd\xff\xff\xff\xff", id="array of 4 G items"),
        pytest.param((100_000).to_bytes(4, "big") + b"\x91" * 100_000, id="deep nesting"),
        pytest.param(bytes(encode_frame(Done(1))), id="answer of another kind"),
        pytest.param(bytes(encode_frame(Welcome(7, 1, 64, "", ""))), id="answer to another question"),
    ],
)
@pytest.mark.parametrize("welcomed", [False, True])
def test_garbage_is_a_crash(says: Callable[..., TokenBridge], octets: bytes, welcomed: bool) -> None:
    bridge = says(_WELCOME + octets if welcomed else octets, limit=2 * PATIENCE)
    start = time.monotonic()
    assert bridge.tokens() == []
    [problem] = bridge.problems()
    assert isinstance(problem, ModuleCrashed), problem
    assert "unreadable answer" in problem.detail
    assert time.monotonic() - start < PATIENCE, "it waited for the time limit"


def test_silence_is_a_timeout(says: Callable[..., TokenBridge]) -> None:
    bridge = says(b"\0\0\1\0half a frame", False)
    assert bridge.tokens() == []
    assert [type(problem) for problem in bridge.problems()] == [ModuleTimeout]


def test_another_protocol_is_refused(says: Callable[..., TokenBridge]) -> None:
    bridge = says(bytes(encode_frame(Welcome(1, 2, 64, "", ""))), limit=PATIENCE)
    assert bridge.tokens() == []
    [problem] = bridge.problems()
    assert isinstance(problem, ModuleUnusable)
    assert "protocol 2" in problem.detail


def test_a_crash_loop_is_not_run_hot(says: Callable[..., TokenBridge], monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[TokenEvent] = []
    bridge = says(b"", True)
    started = 0
    command = child_module.host_command

    def count(module: Path) -> list[str]:
        nonlocal started
        started += 1
        return command(module)

    monkeypatch.setattr(child_module, "host_command", count)
    bridge.subscribe(events.append)
    time.sleep(1.5)
    assert [event.kind for event in events] == ["module-failed"]
    assert 2 <= started <= 6


def test_a_program_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "host_command", lambda module: ["/nonexistent/antin"])
    with TokenBridge([softhsm.MODULE]) as bridge:
        assert bridge.tokens() == []
        assert [type(problem) for problem in bridge.problems()] == [ModuleUnusable]
        assert issubclass(ModuleUnusable, BridgeError)
