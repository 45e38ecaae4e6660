"""The token bridge on a module that misbehaves as real ones do."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.signing.pin_change import change_pin
from pkcs11_bridge.client import _BUSY_WAIT, PinState, SignatureAlgorithm, TokenBridge, TokenEvent, TokenSession
from pkcs11_bridge.errors import (
    BridgeError,
    KeyNotFound,
    MechanismMissing,
    ModuleCrashed,
    ModuleTimeout,
    PinError,
    PinExpired,
    PinFinalTry,
    PinIncorrect,
    PinLocked,
    PinNotSet,
    PinRequired,
    SigningCancelled,
    TokenMemory,
    TokenRemoved,
)
from tests.token import softhsm
from tests.token.build import Misbehaviour
from tests.token.signing import DATA, PATIENCE, limit_calls, pin, verify, wait_until
from tests.token.softhsm import EC_ID, PIN, RSA_ID

RSA = SignatureAlgorithm.RSA_SHA256
PSS = SignatureAlgorithm.RSA_PSS_SHA256
ECDSA = SignatureAlgorithm.ECDSA_SHA256


def test_without_orders_it_behaves(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    for algorithm, key_id in ((RSA, RSA_ID), (PSS, RSA_ID), (ECDSA, EC_ID)):
        verify(bad_session.token, key_id, DATA, bad_session.sign(key_id, DATA, algorithm), algorithm)
    assert misbehaviour.calls("C_Login") == 1
    assert misbehaviour.calls("C_Sign") == 3


def test_a_slow_token_costs_its_delay_once_a_signature(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    bad_session.sign(RSA_ID, DATA, RSA)
    misbehaviour.order(sign_delay_ms=200)
    start = time.monotonic()
    for _ in range(3):
        bad_session.sign(RSA_ID, DATA, RSA)
    assert time.monotonic() - start >= 0.6
    assert misbehaviour.calls("C_Sign") == 4


def test_rubbish_on_standard_output_does_not_reach_the_protocol(
    misbehaviour: Misbehaviour, bad_bridge: TokenBridge
) -> None:
    misbehaviour.order(print_rubbish=True)
    [token] = bad_bridge.tokens()
    with bad_bridge.open(token) as session:
        session.login(pin())
        verify(token, RSA_ID, DATA, session.sign(RSA_ID, DATA, RSA), RSA)


# The token pulled out.


def test_pulled_out_at_the_third_signature(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    misbehaviour.order(remove_at_signature=3)
    bad_session.sign(RSA_ID, DATA, RSA)
    bad_session.sign(RSA_ID, DATA, RSA)
    for _ in range(2):
        with pytest.raises(TokenRemoved):
            bad_session.sign(RSA_ID, DATA, RSA)
    with pytest.raises(TokenRemoved):
        bad_session.pin_state()


@pytest.mark.parametrize("number", range(1, 16))
def test_pulled_out_at_any_call(bad_session: TokenSession, misbehaviour: Misbehaviour, number: int) -> None:
    misbehaviour.order(remove_at_call=number)
    with pytest.raises(TokenRemoved):
        for _ in range(8):
            bad_session.login(pin())
            bad_session.sign(RSA_ID, DATA, RSA)


def test_plugged_in_again_it_wants_its_pin_again(
    bad_session: TokenSession, bad_bridge: TokenBridge, misbehaviour: Misbehaviour
) -> None:
    events: list[TokenEvent] = []
    bad_bridge.subscribe(events.append)
    bad_session.login(pin())
    bad_session.sign(RSA_ID, DATA, RSA)
    misbehaviour.order(removed=True)
    wait_until(lambda: [it.kind for it in events] == ["removed"])
    assert bad_bridge.tokens() == []
    misbehaviour.order(removed=False)
    wait_until(lambda: [it.kind for it in events] == ["removed", "inserted"])
    tries = misbehaviour.calls("C_Login")
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    assert misbehaviour.calls("C_Login") == tries
    bad_session.login(pin())
    verify(bad_session.token, RSA_ID, DATA, bad_session.sign(RSA_ID, DATA, RSA), RSA)


@pytest.mark.parametrize("opened", [False, True])
def test_another_token_in_the_slot_is_sent_no_pin(
    bad_session: TokenSession, bad_bridge: TokenBridge, misbehaviour: Misbehaviour, opened: bool
) -> None:
    if opened:
        with pytest.raises(PinIncorrect):
            bad_session.login(pin("00000000"))
    misbehaviour.order(serial="another")
    with pytest.raises(TokenRemoved):
        bad_session.login(pin())
    with pytest.raises(TokenRemoved):
        bad_session.change_pin(pin(), pin("13572468"))
    assert misbehaviour.calls("C_Login") == int(opened)
    assert misbehaviour.calls("C_SetPIN") == 0
    assert [token.serial for token in bad_bridge.tokens()] == ["another"]


def test_pulled_out_and_put_back_between_two_calls(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    bad_session.sign(RSA_ID, DATA, RSA)
    misbehaviour.order(removed=True)
    with pytest.raises(TokenRemoved):
        bad_session.sign(RSA_ID, DATA, RSA)
    misbehaviour.behave()
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    bad_session.login(pin())
    verify(bad_session.token, RSA_ID, DATA, bad_session.sign(RSA_ID, DATA, RSA), RSA)


# The module that crashes or hangs.


@pytest.mark.parametrize("name", ["C_Login", "C_SignInit", "C_Sign", "C_GetAttributeValue"])
def test_a_crash_says_which_signal(bad_session: TokenSession, misbehaviour: Misbehaviour, name: str) -> None:
    misbehaviour.order(crash_at=name)
    with pytest.raises(ModuleCrashed, match="SIGSEGV") as caught:
        bad_session.login(pin())
        bad_session.sign(RSA_ID, DATA, RSA)
    assert caught.value.module == bad_session.token.module
    misbehaviour.behave()
    tries = misbehaviour.calls("C_Login")
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    assert misbehaviour.calls("C_Login") == tries, "the PIN was sent again by itself"
    bad_session.login(pin())
    verify(bad_session.token, RSA_ID, DATA, bad_session.sign(RSA_ID, DATA, RSA), RSA)


def test_an_exit_says_which_code(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bad_session.login(pin())
    misbehaviour.order(exit_at="C_Sign")
    with pytest.raises(ModuleCrashed, match="exit code 7"):
        bad_session.sign(RSA_ID, DATA, RSA)


@pytest.mark.parametrize("name", ["C_Initialize", "C_GetSlotList", "C_GetTokenInfo", "C_FindObjects"])
def test_a_module_that_crashes_or_hangs_at_the_look_hides_no_other(
    misbehaviour: Misbehaviour, misbehaving_module: Path, name: str
) -> None:
    modules = [misbehaving_module, softhsm.MODULE]
    with TokenBridge(modules) as bridge:
        misbehaviour.order(crash_at=name)
        assert [token.module for token in bridge.tokens()] == [str(softhsm.MODULE)]
        assert [type(problem) for problem in bridge.problems()] == [ModuleCrashed]
        misbehaviour.order(crash_at="", hang_at=name)
        limit_calls(bridge, 1.0)
        start = time.monotonic()
        assert [token.module for token in bridge.tokens()] == [str(softhsm.MODULE)]
        assert time.monotonic() - start < PATIENCE
        assert [type(problem) for problem in bridge.problems()] == [ModuleTimeout]
        misbehaviour.behave()
        limit_calls(bridge, PATIENCE)
        assert len(bridge.tokens()) == 2
        assert bridge.problems() == []


@pytest.mark.parametrize("name", ["C_Login", "C_Sign"])
def test_a_hang_ends_at_the_time_limit(bad_session: TokenSession, misbehaviour: Misbehaviour, name: str) -> None:
    misbehaviour.order(hang_at=name)
    limit_calls(bad_session._bridge, 1.5)
    start = time.monotonic()
    with pytest.raises(ModuleTimeout, match=r"1\.5 s"):
        bad_session.login(pin())
        bad_session.sign(RSA_ID, DATA, RSA)
    assert 1.4 < time.monotonic() - start < PATIENCE
    misbehaviour.behave()
    limit_calls(bad_session._bridge, PATIENCE)
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    bad_session.login(pin())
    bad_session.sign(RSA_ID, DATA, RSA)


def test_what_only_a_look_in_between_saw_is_told_when_it_is_over(
    misbehaving_module: Path, misbehaviour: Misbehaviour
) -> None:
    """A token gone and back between two looks of the watch: whoever was shown the gap hears that it is over."""
    events: list[TokenEvent] = []
    with TokenBridge([misbehaving_module], poll_interval=2.5) as bridge:
        assert bridge.tokens()
        bridge.subscribe(events.append)
        time.sleep(0.5)
        misbehaviour.order(removed=True)
        assert bridge.tokens() == []
        misbehaviour.order(removed=False)
        wait_until(lambda: [it.kind for it in events] == ["inserted"])
        time.sleep(3)
        assert len(events) == 1, "told again and again"


def test_a_subscriber_hears_of_a_failing_module_once_and_of_its_recovery(
    bad_bridge: TokenBridge, misbehaviour: Misbehaviour
) -> None:
    events: list[TokenEvent] = []
    bad_bridge.tokens()
    bad_bridge.subscribe(events.append)
    misbehaviour.order(crash_at="C_GetSlotList")
    wait_until(lambda: len(events) == 2)
    time.sleep(1)
    assert [it.kind for it in events] == ["removed", "module-failed"]
    misbehaviour.behave()
    wait_until(lambda: len(events) == 3)
    assert events[2].kind == "inserted"


def test_tokens_does_not_wait_for_a_signature(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    bridge = bad_session._bridge
    bridge.sign_timeout = 10
    bad_session.login(pin())
    misbehaviour.order(sign_delay_ms=3000)
    signing = threading.Thread(target=bad_session.sign, args=(RSA_ID, DATA, RSA))
    signing.start()
    time.sleep(0.2)
    assert [token.serial for token in bridge.tokens()] == [bad_session.token.serial]
    assert signing.is_alive()
    signing.join()


def test_a_token_that_cannot_be_read_is_shown_all_the_same(bad_bridge: TokenBridge, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(fail_at="C_FindObjectsInit", fail_with=0x30)
    [token] = bad_bridge.tokens()
    assert (token.label, token.certificates) == ("Nguyễn Văn Lãnh Đạo", [])
    assert "CKR_DEVICE_ERROR" in token.problem
    misbehaviour.behave()
    [token] = bad_bridge.tokens()
    assert (len(token.certificates), token.problem) == (2, "")


def test_labels_that_are_no_utf_8(bad_bridge: TokenBridge, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(bad_labels=True)
    [token] = bad_bridge.tokens()
    assert token.problem == ""
    assert len(token.certificates) == 2
    assert all(set(certificate.label) == {"\N{REPLACEMENT CHARACTER}"} for certificate in token.certificates)


def test_a_module_that_lists_no_slots_is_a_problem(bad_bridge: TokenBridge, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(fail_at="C_GetSlotList", fail_with=0x5)
    assert bad_bridge.tokens() == []
    [problem] = bad_bridge.problems()
    assert "CKR_GENERAL_ERROR" in problem.detail


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("C_Login", 0xA1, PinIncorrect),
        ("C_Login", 0xA2, PinIncorrect),
        ("C_Login", 0xA3, PinExpired),
        ("C_Login", 0xA4, PinLocked),
        ("C_Login", 0x102, PinNotSet),
        ("C_Login", 0x50, SigningCancelled),
        ("C_Login", 0x30, BridgeError),
        ("C_Login", 0x80000001, BridgeError),
        ("C_Sign", 0x01, SigningCancelled),
        ("C_Sign", 0x200, SigningCancelled),
        ("C_Sign", 0x31, TokenMemory),
        ("C_Sign", 0x32, TokenRemoved),
        ("C_Sign", 0xB0, TokenRemoved),
        ("C_Sign", 0xE0, TokenRemoved),
        ("C_Sign", 0x101, PinRequired),
        ("C_Sign", 0x05, BridgeError),
        ("C_SignInit", 0x60, KeyNotFound),
        ("C_SignInit", 0x63, MechanismMissing),
        ("C_SignInit", 0x70, MechanismMissing),
        ("C_OpenSession", 0xB1, TokenMemory),
        ("C_OpenSession", 0xE1, BridgeError),
        ("C_FindObjectsInit", 0x32, TokenRemoved),
        ("C_GetMechanismList", 0x32, TokenRemoved),
    ],
)
def test_return_values_become_errors(
    bad_session: TokenSession, misbehaviour: Misbehaviour, name: str, value: int, expected: type[BridgeError]
) -> None:
    misbehaviour.order(fail_at=name, fail_with=value)
    with pytest.raises(BridgeError) as caught:
        bad_session.login(pin())
        bad_session.sign(RSA_ID, DATA, RSA)
    assert type(caught.value) is expected
    assert caught.value.detail.startswith("CKR_") or expected is MechanismMissing


# The PIN.


def test_wrong_pins_count_down_and_the_last_try_needs_consent(
    bad_session: TokenSession, misbehaviour: Misbehaviour
) -> None:
    misbehaviour.order(pin_tries=3)
    for state in (PinState.LOW, PinState.FINAL_TRY):
        with pytest.raises(PinIncorrect) as wrong:
            bad_session.login(pin("00000000"))
        assert wrong.value.pin_state is state
        assert bad_session.pin_state() is state
    with pytest.raises(PinFinalTry) as final:
        bad_session.login(pin())
    assert final.value.pin_state is PinState.FINAL_TRY
    assert misbehaviour.calls("C_Login") == 2, "the last try was used without consent"
    assert misbehaviour.tries_left == 1
    with pytest.raises(PinIncorrect) as last:
        bad_session.login(pin("00000000"), allow_final_try=True)
    assert last.value.pin_state is PinState.LOCKED
    for allow in (False, True):
        with pytest.raises(PinLocked) as locked:
            bad_session.login(pin(), allow_final_try=allow)
        assert locked.value.pin_state is PinState.LOCKED
    assert misbehaviour.calls("C_Login") == 3, "a locked token was tried"


def test_the_right_pin_at_the_last_try_sets_the_counter_back(
    bad_session: TokenSession, misbehaviour: Misbehaviour
) -> None:
    misbehaviour.order(pin_tries=3)
    misbehaviour.tries_left = 1
    assert bad_session.pin_state() is PinState.FINAL_TRY
    bad_session.login(pin(), allow_final_try=True)
    assert bad_session.pin_state() is PinState.OK
    assert misbehaviour.tries_left == 3


def test_after_a_wrong_pin_nothing_is_tried_by_itself(
    bad_session: TokenSession, bad_bridge: TokenBridge, misbehaviour: Misbehaviour
) -> None:
    bad_bridge.subscribe(lambda event: None)
    with pytest.raises(PinIncorrect):
        bad_session.login(pin("00000000"))
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    bad_bridge.tokens()
    time.sleep(0.6)
    assert misbehaviour.calls("C_Login") == 1
    assert misbehaviour.calls("C_Sign") == 0


@pytest.mark.parametrize(("left", "expected"), [(1, PinFinalTry), (0, PinLocked)])
def test_changing_the_pin_reads_the_tries_first(
    bad_session: TokenSession, misbehaviour: Misbehaviour, left: int, expected: type[PinError]
) -> None:
    misbehaviour.order(pin_tries=3)
    misbehaviour.tries_left = left
    with pytest.raises(expected):
        bad_session.change_pin(pin(), pin("13572468"))
    assert misbehaviour.calls("C_SetPIN") == 0


def test_the_last_try_to_change_the_pin_is_used_where_that_was_agreed_to(
    bad_session: TokenSession, misbehaviour: Misbehaviour
) -> None:
    misbehaviour.order(pin_tries=3)
    misbehaviour.tries_left = 1
    with pytest.raises(PinIncorrect) as last:
        change_pin(bad_session, pin("00000000"), pin("13572468"), pin("13572468"), final_try=True)
    assert last.value.pin_state is PinState.LOCKED
    assert misbehaviour.calls("C_SetPIN") == 1
    assert misbehaviour.tries_left == 0


def test_a_wrong_old_pin_counts_down(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(pin_tries=3)
    with pytest.raises(PinIncorrect) as caught:
        bad_session.change_pin(pin("00000000"), pin("13572468"))
    assert caught.value.pin_state is PinState.LOW
    assert misbehaviour.calls("C_SetPIN") == 1


def test_a_wrong_pin_is_remembered_where_the_token_does_not_tell_it(
    bad_session: TokenSession, bad_bridge: TokenBridge, misbehaviour: Misbehaviour
) -> None:
    misbehaviour.order(pin_tries=3, without_flags=True)
    assert bad_session.pin_state() is PinState.OK
    with pytest.raises(PinIncorrect) as wrong:
        bad_session.login(pin("00000000"))
    assert wrong.value.pin_state is PinState.LOW
    assert bad_session.pin_state() is PinState.LOW
    assert PinState.LOW in [token.pin_state for token in bad_bridge.tokens()]
    bad_session.login(pin())
    assert bad_session.pin_state() is PinState.OK


def test_a_second_login_is_not_tried(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(pin_tries=3)
    bad_session.login(pin())
    bad_session.login(pin("00000000"))
    assert misbehaviour.calls("C_Login") == 1
    assert bad_session.pin_state() is PinState.OK


# Keys that want the PIN each time.


def test_always_authenticate(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(always_authenticate=True, pin=PIN)
    bad_session.login(pin())
    assert bad_session.needs_pin_each_time(RSA_ID) is True
    for _ in range(2):
        each_time = pin()
        signature = bad_session.sign(RSA_ID, DATA, RSA, pin=each_time)
        verify(bad_session.token, RSA_ID, DATA, signature, RSA)
        assert not any(each_time)
    assert misbehaviour.calls("C_Login") == 3


def test_always_authenticate_without_a_pin_is_not_tried(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(always_authenticate=True, pin=PIN)
    bad_session.login(pin())
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)
    assert misbehaviour.calls("C_Sign") == 0
    bad_session.sign(RSA_ID, DATA, RSA, pin=pin())


def test_always_authenticate_with_a_wrong_pin(bad_session: TokenSession, misbehaviour: Misbehaviour) -> None:
    misbehaviour.order(always_authenticate=True, pin=PIN, pin_tries=3)
    bad_session.login(pin())
    wrong = pin("00000000")
    with pytest.raises(PinIncorrect) as caught:
        bad_session.sign(RSA_ID, DATA, RSA, pin=wrong)
    assert caught.value.pin_state is PinState.LOW
    assert not any(wrong)
    assert misbehaviour.calls("C_Sign") == 0
    bad_session.login(pin())
    verify(bad_session.token, RSA_ID, DATA, bad_session.sign(RSA_ID, DATA, RSA, pin=pin()), RSA)


@pytest.mark.parametrize(("left", "expected"), [(1, PinFinalTry), (0, PinLocked)])
def test_always_authenticate_reads_the_tries_first(
    bad_session: TokenSession, misbehaviour: Misbehaviour, left: int, expected: type[PinError]
) -> None:
    misbehaviour.order(always_authenticate=True, pin=PIN, pin_tries=3)
    bad_session.login(pin())
    misbehaviour.tries_left = left
    with pytest.raises(expected):
        bad_session.sign(RSA_ID, DATA, RSA, pin=pin())
    assert misbehaviour.calls("C_Login") == 1


def test_a_key_found_out_to_want_its_pin_only_when_signing(
    bad_session: TokenSession, misbehaviour: Misbehaviour
) -> None:
    bad_session.login(pin())
    bad_session.sign(RSA_ID, DATA, RSA)
    misbehaviour.order(always_authenticate=True, pin=PIN)
    with pytest.raises(PinRequired):
        bad_session.sign(RSA_ID, DATA, RSA)


# Tokens with a keypad of their own.


def test_protected_authentication_path(misbehaviour: Misbehaviour, bad_bridge: TokenBridge) -> None:
    misbehaviour.order(protected_path=True, pin=PIN, new_pin="97531864")
    [token] = bad_bridge.tokens()
    assert token.protected_authentication_path
    with bad_bridge.open(token) as session:
        session.login(None)
        verify(token, RSA_ID, DATA, session.sign(RSA_ID, DATA, RSA), RSA)
        session.change_pin(None, None)
        session.logout()
        with pytest.raises(PinIncorrect):
            session.login(None)
        misbehaviour.order(pin="97531864")
        session.login(None)


def test_protected_authentication_path_at_each_signature(misbehaviour: Misbehaviour, bad_bridge: TokenBridge) -> None:
    misbehaviour.order(protected_path=True, always_authenticate=True, pin=PIN)
    [token] = bad_bridge.tokens()
    with bad_bridge.open(token) as session:
        session.login(None)
        assert session.needs_pin_each_time(EC_ID)
        verify(token, EC_ID, DATA, session.sign(EC_ID, DATA, ECDSA), ECDSA)
        assert misbehaviour.calls("C_Login") == 2


# Tokens that offer little.


@pytest.mark.parametrize("algorithm", [it for it in SignatureAlgorithm if it.startswith("rsa-sha")])
@pytest.mark.parametrize("order", ["no_hash_mechanisms", "refuse_hash_mechanisms"])
def test_without_hash_mechanisms_the_hash_is_made_outside(
    misbehaviour: Misbehaviour, bad_bridge: TokenBridge, order: str, algorithm: SignatureAlgorithm
) -> None:
    misbehaviour.order(**{order: True})
    [token] = bad_bridge.tokens()
    assert ("CKM_SHA256_RSA_PKCS" in token.mechanisms) is (order == "refuse_hash_mechanisms")
    with bad_bridge.open(token) as session:
        session.login(pin())
        verify(token, RSA_ID, DATA, session.sign(RSA_ID, DATA, algorithm), algorithm)


def test_without_pss(misbehaviour: Misbehaviour, bad_bridge: TokenBridge) -> None:
    misbehaviour.order(no_pss=True)
    [token] = bad_bridge.tokens()
    with bad_bridge.open(token) as session:
        session.login(pin())
        with pytest.raises(MechanismMissing, match="rsa-pss-sha256"):
            session.sign(RSA_ID, DATA, PSS)
        session.sign(RSA_ID, DATA, RSA)
    assert misbehaviour.calls("C_Sign") == 1


def test_the_first_look_waits_for_a_module_that_another_look_keeps_busy(
    bad_bridge: TokenBridge, misbehaviour: Misbehaviour
) -> None:
    """The watch's own look begins at the same time; a module not seen before is not taken for one without tokens."""
    [child] = bad_bridge._children.values()
    with ThreadPoolExecutor(1) as pool:
        with child._turn:
            looking = pool.submit(bad_bridge.tokens)
            time.sleep(_BUSY_WAIT * 1.5)
            assert not looking.done()
        assert looking.result()
    assert not bad_bridge.problems()
