"""``antin pin change`` on a real token."""

from __future__ import annotations

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


def test_a_pin_is_changed_and_back(antin: Antin, office: DemoOffice) -> None:
    token = office.tokens["second"]
    words = ["pin", "change", "--token", token.serial, "--pin-file", "-"]
    changed = antin(*words, stdin=f"{token.pin}\n97531864\n")
    try:
        assert changed.code == 0, changed.err
        assert "97531864" not in changed.out + changed.err
    finally:
        back = antin(*words, stdin=f"97531864\n{token.pin}\n")
    assert back.code == 0, back.err


def test_a_new_pin_against_the_token_s_rules_costs_no_try(antin: Antin, office: DemoOffice) -> None:
    """The old PIN is wrong as well: had it been sent, the token would tell of a wrong PIN."""
    token = office.tokens["second"]
    refused = antin("pin", "change", "--token", token.serial, "--pin-file", "-", stdin="000000\n12\n")
    assert refused.code == 3
    assert "2" in refused.err
    [row] = [row for row in antin("tokens", "--json").rows if row["serial"] == token.serial]
    assert row["pin_state"] == "ok"


def test_without_a_new_pin_nothing_is_changed(antin: Antin, office: DemoOffice) -> None:
    token = office.tokens["second"]
    assert antin("pin", "change", "--token", token.serial, "--pin-file", "-", stdin=f"{token.pin}\n").code == 3


def test_a_token_is_known_by_what_people_call_it(antin: Antin, office: DemoOffice) -> None:
    """Of two tokens that look alike, the nickname tells which is meant: the wrong one's tries are not spent."""
    token = office.tokens["second"]
    assert antin("custody", "register", "--token", token.serial, "--nickname", "Thiết bị dự phòng").code == 0
    words = ["pin", "change", "--token", "Thiết bị dự phòng", "--pin-file", "-"]
    refused = antin(*words, stdin=f"{token.pin}\n12\n")
    assert (refused.code, "Thiết bị" in refused.err) == (3, False), "it was found; the new PIN is too short"
    changed = antin(*words, stdin=f"{token.pin}\n97531864\n")
    back = antin(*words, stdin=f"97531864\n{token.pin}\n")
    assert (changed.code, back.code) == (0, 0), changed.err + back.err
    unknown = antin(*words[:3], "Thiết bị khác", *words[4:], stdin=f"{token.pin}\n97531864\n")
    assert unknown.code == 3 and "Thiết bị khác" in unknown.err
