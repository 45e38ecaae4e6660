"""The token bridge on SoftHSM2 as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pkcs11_bridge.client import PinState, SignatureAlgorithm, TokenBridge, TokenEvent, TokenSession
from pkcs11_bridge.errors import (
    KeyNotFound,
    MechanismMissing,
    ModuleCrashed,
    ModuleUnusable,
    PinIncorrect,
    PinInvalid,
    PinRequired,
    TokenNotFound,
    TokenRemoved,
)
from pkcs11_bridge.protocol import MAX_DATA
from tests.token import softhsm
from tests.token.build import Misbehaviour
from tests.token.signing import DATA, pin, verify, wait_until
from tests.token.softhsm import EC_ID, RSA_ID, SoftToken

RSA_ALGORITHMS = [it for it in SignatureAlgorithm if it.startswith("rsa")]
EC_ALGORITHMS = [it for it in SignatureAlgorithm if it.startswith("ecdsa")]


def test_tokens_tells_what_is_readable_without_a_pin(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    assert token.module == str(softhsm.MODULE)
    assert token.label == "Nguyễn Văn Lãnh Đạo"
    assert len(token.serial) == 16
    assert (token.model, token.manufacturer) == ("SoftHSM v2", "SoftHSM project")
    assert token.pin_state is PinState.OK
    assert not token.protected_authentication_path
    assert (token.min_pin_len, token.max_pin_len) == (4, 255)
    assert {"CKM_SHA256_RSA_PKCS", "CKM_RSA_PKCS", "CKM_ECDSA"} <= set(token.mechanisms)
    assert all(name.startswith("CKM_") and not name.startswith("CKM__") for name in token.mechanisms)
    assert sorted(it.id for it in token.certificates) == [RSA_ID, EC_ID]
    assert {it.label for it in token.certificates} == {"khoá rsa", "khoá ec"}
    assert bridge.problems() == []


@pytest.mark.parametrize("algorithm", RSA_ALGORITHMS)
def test_rsa_signatures_hold(session: TokenSession, algorithm: SignatureAlgorithm) -> None:
    session.login(pin())
    verify(session.token, RSA_ID, DATA, session.sign(RSA_ID, DATA, algorithm), algorithm)


@pytest.mark.parametrize("algorithm", EC_ALGORITHMS)
def test_ec_signatures_hold_and_have_fixed_length(session: TokenSession, algorithm: SignatureAlgorithm) -> None:
    session.login(pin())
    for number in range(8):
        data = DATA + bytes([number])
        verify(session.token, EC_ID, data, session.sign(EC_ID, data, algorithm), algorithm)


def test_key_of_another_kind_is_told_before_signing(session: TokenSession) -> None:
    session.login(pin())
    with pytest.raises(MechanismMissing, match="EC"):
        session.sign(EC_ID, DATA, SignatureAlgorithm.RSA_SHA256)
    with pytest.raises(MechanismMissing, match="RSA"):
        session.sign(RSA_ID, DATA, SignatureAlgorithm.ECDSA_SHA256)


def test_unknown_key(session: TokenSession) -> None:
    session.login(pin())
    with pytest.raises(KeyNotFound, match="0909"):
        session.sign(b"\x09\x09", DATA, SignatureAlgorithm.RSA_SHA256)


def test_signing_needs_the_login(session: TokenSession) -> None:
    with pytest.raises(PinRequired):
        session.sign(RSA_ID, DATA, SignatureAlgorithm.RSA_SHA256)
    with pytest.raises(PinRequired):
        session.needs_pin_each_time(RSA_ID)
    session.login(pin())
    assert session.needs_pin_each_time(RSA_ID) is False
    session.logout()
    with pytest.raises(PinRequired):
        session.sign(RSA_ID, DATA, SignatureAlgorithm.RSA_SHA256)


def test_64_kib_cross_and_no_octet_more(session: TokenSession) -> None:
    session.login(pin())
    data = bytes(range(256)) * (MAX_DATA // 256)
    verify(session.token, RSA_ID, data, session.sign(RSA_ID, data, RSA_ALGORITHMS[0]), RSA_ALGORITHMS[0])
    with pytest.raises(ValueError, match="65537"):
        session.sign(RSA_ID, data + b"!", RSA_ALGORITHMS[0])
    verify(session.token, RSA_ID, b"", session.sign(RSA_ID, b"", RSA_ALGORITHMS[0]), RSA_ALGORITHMS[0])


def test_every_pin_buffer_is_overwritten(session: TokenSession) -> None:
    wrong, right, unused = pin("99999999"), pin(), pin("88888888")
    with pytest.raises(PinIncorrect) as caught:
        session.login(wrong)
    assert caught.value.pin_state is PinState.LOW
    assert session.pin_state() is PinState.LOW
    session.login(right)
    assert session.pin_state() is PinState.OK
    session.login(unused)
    too_long = pin("77777777")
    with pytest.raises(ValueError, match="at most"):
        session.sign(RSA_ID, bytes(MAX_DATA + 1), RSA_ALGORITHMS[0], pin=too_long)
    old, new = pin("66666666"), pin("55555555")
    with pytest.raises(PinIncorrect):
        session.change_pin(old, new)
    assert not any(map(any, (wrong, right, unused, too_long, old, new)))


@pytest.mark.parametrize("text", ["1", "9" * 300, "9" * 5000], ids=["short", "long", "pasted"])
def test_pin_of_impossible_length_is_a_wrong_one(session: TokenSession, text: str) -> None:
    with pytest.raises(PinIncorrect):
        session.login(pin(text))


def test_no_pin_and_empty_pin_are_not_tried(session: TokenSession) -> None:
    with pytest.raises(PinRequired):
        session.login(None)
    with pytest.raises(PinRequired):
        session.login(bytearray())
    assert session.pin_state() is PinState.OK


def test_change_pin(session: TokenSession) -> None:
    with pytest.raises(PinInvalid):
        session.change_pin(pin(), pin("1"))
    with pytest.raises(PinInvalid):
        session.change_pin(pin(), bytearray())
    with pytest.raises(PinInvalid):
        session.change_pin(pin(), None)
    with pytest.raises(PinInvalid):
        session.change_pin(pin(), pin("7" * 5000))
    session.change_pin(pin(), pin("mới-7531"))
    with pytest.raises(PinIncorrect):
        session.login(pin())
    session.login(pin("mới-7531"))
    session.change_pin(pin("mới-7531"), pin())
    session.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])


def test_sessions_share_the_login_until_the_last_one_is_closed(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    first, second = bridge.open(token), bridge.open(token)
    first.login(pin())
    second.login(pin("wrong, but not needed"))
    second.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])
    first.close()
    first.close()
    second.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])
    second.close()
    with bridge.open(token) as third, pytest.raises(PinRequired):
        third.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])


def test_threads_share_a_session(session: TokenSession) -> None:
    session.login(pin())
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                data = bytes([number, turn])
                verify(session.token, RSA_ID, data, session.sign(RSA_ID, data, RSA_ALGORITHMS[0]), RSA_ALGORITHMS[0])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_token_initialised_later_is_seen(bridge: TokenBridge, soft_token: SoftToken) -> None:
    assert len(bridge.tokens()) == 1
    softhsm.initialise(soft_token.configuration, "Dấu cơ quan")
    assert [token.label for token in bridge.tokens() if token.label != soft_token.label] == ["Dấu cơ quan"]


def test_a_token_initialised_later_is_seen_beside_an_open_session(
    session: TokenSession, bridge: TokenBridge, soft_token: SoftToken
) -> None:
    with pytest.raises(PinIncorrect):
        session.login(pin("99999999"))
    softhsm.initialise(soft_token.configuration, "Dấu cơ quan")
    assert len(bridge.tokens()) == 2
    session.login(pin())
    softhsm.initialise(soft_token.configuration, "Người khác")
    assert len(bridge.tokens()) == 2, "the module was initialised again and the log-in lost"
    session.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])
    session.logout()
    assert len(bridge.tokens()) == 3


def test_insertion_and_removal_are_told(soft_token: SoftToken) -> None:
    events: list[TokenEvent] = []
    with TokenBridge([softhsm.MODULE]) as bridge:
        assert bridge._watch._interval <= 1, "it tells them within two seconds"
        bridge.tokens()
        unsubscribe = bridge.subscribe(events.append)
        before = set(Path(soft_token.configuration.parent, "tokens").iterdir())
        softhsm.initialise(soft_token.configuration, "Dấu cơ quan")
        wait_until(lambda: len(events) == 1)
        [folder] = set(Path(soft_token.configuration.parent, "tokens").iterdir()) - before
        shutil.rmtree(folder)
        wait_until(lambda: len(events) == 2)
        assert [event.kind for event in events] == ["inserted", "removed"]
        assert {event.label for event in events} == {"Dấu cơ quan"}
        assert events[0].serial == events[1].serial != ""
        unsubscribe()
        unsubscribe()
        softhsm.initialise(soft_token.configuration, "Người khác")
        time.sleep(1.2)
        assert len(events) == 2


def test_without_an_earlier_look_the_first_one_is_compared_with(bridge: TokenBridge) -> None:
    events: list[TokenEvent] = []
    bridge.subscribe(events.append)
    time.sleep(0.8)
    assert events == []


def test_what_changed_since_the_last_look_is_told(bridge: TokenBridge, soft_token: SoftToken) -> None:
    bridge.tokens()
    softhsm.initialise(soft_token.configuration, "Dấu cơ quan")
    events: list[TokenEvent] = []
    bridge.subscribe(events.append)
    wait_until(lambda: [event.label for event in events] == ["Dấu cơ quan"])


def test_a_failing_listener_stops_no_other(
    bridge: TokenBridge, soft_token: SoftToken, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[TokenEvent] = []

    def fail(event: TokenEvent) -> None:
        raise ZeroDivisionError

    bridge.tokens()
    bridge.subscribe(fail)
    bridge.subscribe(events.append)
    softhsm.initialise(soft_token.configuration, "Dấu cơ quan")
    wait_until(lambda: len(events) == 1)
    wait_until(lambda: "a listener failed at inserted" in caplog.text)


def test_token_of_another_office_is_not_found(bridge: TokenBridge, soft_token: SoftToken) -> None:
    [token] = bridge.tokens()
    shutil.rmtree(soft_token.configuration.parent / "tokens")
    (soft_token.configuration.parent / "tokens").mkdir()
    with pytest.raises(TokenNotFound, match=token.serial):
        bridge.open(token)
    assert bridge.tokens() == []


def test_token_gone_while_open(session: TokenSession, soft_token: SoftToken) -> None:
    shutil.rmtree(soft_token.configuration.parent / "tokens")
    (soft_token.configuration.parent / "tokens").mkdir()
    with pytest.raises(TokenRemoved):
        session.login(pin())


def test_an_unusable_module_hides_no_other(soft_token: SoftToken, tmp_path: Path) -> None:
    text = tmp_path / "readme.so"
    text.write_text("not a library")
    missing = tmp_path / "missing.so"
    with TokenBridge([text, softhsm.MODULE, missing]) as bridge:
        assert [token.label for token in bridge.tokens()] == [soft_token.label]
        problems = bridge.problems()
        assert [(type(it), it.module) for it in problems] == [
            (ModuleUnusable, str(text)),
            (ModuleUnusable, str(missing)),
        ]
        assert "no shared library" in problems[0].detail
        assert "missing" in problems[1].detail


def test_a_module_in_a_folder_with_a_vietnamese_name(
    misbehaviour: Misbehaviour, misbehaving_module: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Thiết bị ký số"
    folder.mkdir()
    module = Path(shutil.copy(misbehaving_module, folder / "ấn tín.so"))
    with TokenBridge([module]) as bridge:
        [token] = bridge.tokens()
        assert token.module == str(module)


def test_a_library_that_cannot_be_initialised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "nowhere.conf"))
    with TokenBridge([softhsm.MODULE]) as bridge:
        assert bridge.tokens() == []
        [problem] = bridge.problems()
        assert isinstance(problem, ModuleUnusable)
        assert "CKR_" in problem.detail


def test_a_closed_bridge_says_so(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    session = bridge.open(token)
    bridge.close()
    with pytest.raises(ModuleCrashed, match="closed"):
        session.sign(RSA_ID, DATA, RSA_ALGORITHMS[0])
    assert bridge.tokens() == []
    session.close()
    bridge.close()


def test_modules_of_no_bridge_are_refused(bridge: TokenBridge) -> None:
    [token] = bridge.tokens()
    with TokenBridge([]) as other:
        assert other.tokens() == []
        with pytest.raises(ModuleUnusable):
            other.open(token)


def test_the_client_is_light() -> None:
    script = (
        "import sys, pkcs11_bridge.client;"
        "print([name for name in ('pkcs11', 'ctypes', 'tomllib', 'asyncio', 'logging', 'cryptography', 'asn1crypto')"
        " if name in sys.modules])"
    )
    command = [sys.executable, "-I", "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_child_takes_nothing_from_the_working_folder(
    soft_token: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pkcs11.py").write_text("raise SystemExit(9)")
    (tmp_path / "msgspec.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    with TokenBridge([softhsm.MODULE]) as bridge:
        assert len(bridge.tokens()) == 1
