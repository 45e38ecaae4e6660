"""Within a run the register is asked in whose hands a token is at most once a second."""

from __future__ import annotations

from app.signing.services import CustodyOfRun, TokenCustody


def test_the_register_is_asked_again_after_a_second_and_for_each_token() -> None:
    asked: list[str] = []
    now = [100.0]

    def ask(serial: str) -> TokenCustody:
        asked.append(serial)
        return TokenCustody("held", f"{serial}-{len(asked)}")

    custody = CustodyOfRun(ask, clock=lambda: now[0])
    assert [custody("A").holder, custody("A").holder, custody("B").holder] == ["A-1", "A-1", "B-2"]
    now[0] += 0.9
    assert custody("A").holder == "A-1"
    now[0] += 0.2
    assert custody("A").holder == "A-3"
    assert asked == ["A", "B", "A"]
