"""Where a PIN is and where it is not, looked up in the memory of the processes (Linux)."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from pkcs11_bridge.client import SignatureAlgorithm, TokenBridge
from pkcs11_bridge.errors import ModuleCrashed, PinIncorrect
from pkcs11_bridge.host.server import Server
from tests.token import softhsm
from tests.token.build import Misbehaviour
from tests.token.signing import DATA, pin, wait_until
from tests.token.softhsm import RSA_ID

_MASK = 0x5A
_TABLE = bytes(octet ^ _MASK for octet in range(256))


def occurrences(pid: int, masked: bytes) -> list[str]:
    """The mappings of a process that hold a secret, once for each place.

    :param masked: the secret, each octet XOR 0x5A, so that looking for it does not put it into memory.
    """
    found = []
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in maps:
            span, rights, *_, name = [*line.split(maxsplit=5), ""][:6]
            if "r" not in rights or name.startswith(("[vvar", "[vsyscall")):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            memory.seek(start)
            try:
                image = bytearray(memory.read(end - start))
            except OSError:
                continue
            found += [name.strip()] * bytes(image).translate(_TABLE).count(masked)
    return found


# The client works in a process of its own. The PIN comes masked and is put together in place, so that the only whole
# copies are those the bridge has to do with. After each step it says where it is and waits to be looked at.
_CLIENT = """
import sys
from pathlib import Path
from pkcs11_bridge.client import SignatureAlgorithm, TokenBridge

masked = bytes.fromhex(sys.argv[2])

def pin():
    buffer = bytearray(len(masked))
    for place, octet in enumerate(masked):
        buffer[place] = octet ^ 0x5A
    return buffer

def step(name):
    print(name, session._child.pid, flush=True)
    sys.stdin.readline()

with TokenBridge([Path(sys.argv[1])]) as bridge:
    [token] = bridge.tokens()
    with bridge.open(token) as session:
        buffer = pin()
        step("typed")
        session.login(buffer)
        step("logged in")
        session.sign(b"\\x01", b"x", SignatureAlgorithm.RSA_SHA256, pin=pin())
        step("signed")
        session.change_pin(pin(), pin())
        step("changed")
"""


def test_no_copy_of_the_pin_is_left_in_client_or_child(soft_token: object) -> None:
    masked = softhsm.PIN.encode().translate(_TABLE)
    command = [sys.executable, "-c", _CLIENT, str(softhsm.MODULE), masked.hex()]
    found: dict[str, tuple[list[str], list[str]]] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        for line in client.stdout:
            step, pid = line.rsplit(maxsplit=1)
            # Only root may look into the child, see the next test.
            found[step] = (
                occurrences(client.pid, masked),
                occurrences(int(pid), masked) if os.geteuid() == 0 else [],
            )
            client.stdin.write("\n")
            client.stdin.flush()
    assert client.returncode == 0
    assert len(found.pop("typed")[0]) == 1, "the way of looking for it does not find it"
    assert found == {"logged in": ([], []), "signed": ([], []), "changed": ([], [])}


def test_one_copy_is_in_the_child_while_the_module_checks_it(
    misbehaviour: Misbehaviour, misbehaving_module: Path
) -> None:
    """The counterpart of the test above: it would find a copy that was left. Only root may look."""
    masked = softhsm.PIN.encode().translate(_TABLE)
    with TokenBridge([misbehaving_module], call_timeout=20) as bridge:
        [token] = bridge.tokens()
        session = bridge.open(token)
        misbehaviour.order(hang_at="C_Login")
        failed: list[BaseException] = []

        def log_in() -> None:
            try:
                session.login(pin())
            except ModuleCrashed as error:
                failed.append(error)

        thread = threading.Thread(target=log_in)
        thread.start()
        wait_until(lambda: misbehaviour.calls("C_Login") == 1)
        pid = session._child.pid
        assert pid is not None
        copies = occurrences(pid, masked) if os.geteuid() == 0 else [""]
        bridge.close()
        thread.join()
    assert len(copies) == 1
    assert len(failed) == 1


def test_the_memory_of_the_child_is_closed_to_others(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    with bridge.open(token) as session:
        pid = session._child.pid
        assert pid is not None
        # The files in /proc of a process that must not be dumped belong to root, whoever runs it (proc(5)).
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
        if os.geteuid() != 0:
            with pytest.raises(PermissionError):
                Path(f"/proc/{pid}/mem").read_bytes()
        assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)


def test_hardening_forbids_dumps() -> None:
    script = (
        "import ctypes, resource; from pkcs11_bridge.host.hardening import leave_no_memory_images\n"
        "PR_GET_DUMPABLE = 3; ask = lambda: ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)\n"
        "before = ask(); leave_no_memory_images()\n"
        "print(before, ask(), resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output == "1 0 (0, 0)\n"


def test_a_crash_leaves_no_core(
    misbehaviour: Misbehaviour, misbehaving_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with TokenBridge([misbehaving_module]) as bridge:
            misbehaviour.order(crash_at="C_GetSlotList")
            assert bridge.tokens() == []
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert {it.name for it in set(tmp_path.iterdir()) - before} <= {"control.log"}


def test_the_pin_is_in_no_argument_and_no_variable(misbehaviour: Misbehaviour, misbehaving_module: Path) -> None:
    with TokenBridge([misbehaving_module], sign_timeout=5) as bridge:
        [token] = bridge.tokens()
        with bridge.open(token) as session:
            session.login(pin())
            misbehaviour.order(sign_delay_ms=400)
            signing = threading.Thread(target=session.sign, args=(RSA_ID, DATA, SignatureAlgorithm.RSA_SHA256))
            signing.start()
            wait_until(lambda: misbehaviour.calls("C_Sign") == 1)
            assert session._child.pid is not None
            process = psutil.Process(session._child.pid)
            seen = " ".join([*process.cmdline(), *process.environ(), *process.environ().values()])
            signing.join()
    assert "pkcs11_bridge.host" in seen
    assert softhsm.PIN not in seen


def test_errors_do_not_tell_the_pin(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    with bridge.open(token) as session, pytest.raises(PinIncorrect) as caught:
        session.login(pin("31415926"))
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert not any("31415926" in f"{error!r} {error} {vars(error) if error else ''}" for error in chain)


def test_the_childs_own_buffers_are_overwritten() -> None:
    """Without a module: what a request brought is gone once it is answered, whatever the answer."""
    import io

    from pkcs11_bridge.protocol import ChangePin, LogIn, Sign

    server = Server("/nonexistent", io.FileIO(os.devnull, "wb"))
    for request in (
        LogIn(1, 0, "", pin()),
        Sign(2, 0, "", RSA_ID, DATA, SignatureAlgorithm.RSA_SHA256, pin()),
        ChangePin(3, 0, "", False, pin(), pin()),
    ):
        buffers = [getattr(request, name) for name in ("pin", "old", "new") if hasattr(request, name)]
        assert all(map(any, buffers))
        server._answer(request)
        assert not any(map(any, buffers))
