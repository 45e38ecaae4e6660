"""Giving a token a new PIN: what the token says first, its own rules second, one try last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.signing.pin_rules import check_new_pin
from pkcs11_bridge.errors import PinFinalTry, PinLocked
from pkcs11_bridge.protocol import PinState, wipe

if TYPE_CHECKING:
    from pkcs11_bridge.client import TokenSession


def change_pin(
    session: TokenSession, old: bytearray, new: bytearray, again: bytearray, *, final_try: bool = False
) -> None:
    """Change the PIN with one try; the buffers are always overwritten.

    :param old: UTF-8, as all three; ``again`` is the new one typed a second time.
    :param final_try: the person agreed to use the last try.
    :raises PinsDiffer, PinLengthWrong: nothing was sent to the token.
    :raises PinLocked: the token is locked; nothing was tried.
    :raises PinFinalTry: one try is left and was not agreed to; nothing was tried.
    :raises PinIncorrect: the old PIN is wrong; ``pin_state`` tells what is left.
    :raises PinInvalid: the token refuses the new PIN; the old one stays.
    """
    try:
        check_new_pin(session.token, new, again)
        state = session.pin_state()
        if state is PinState.LOCKED:
            raise PinLocked(pin_state=state)
        if state is PinState.FINAL_TRY and not final_try:
            raise PinFinalTry(pin_state=state)
        session.change_pin(old, new, allow_final_try=final_try)
    finally:
        wipe(old, new, again)
