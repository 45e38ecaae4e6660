"""What a token asks of a new PIN, told before anything is sent to it."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_
from pkcs11_bridge.protocol import TokenInfo


class PinsDiffer(AntinError):
    code = "pins-differ"
    message_id = N_("The two new PINs differ; nothing was changed.")
    hint_id = N_("Type the same new PIN twice.")


class PinLengthWrong(AntinError):
    """Carries ``length``, ``least`` and ``most``."""

    code = "pin-length-wrong"
    message_id = N_("The new PIN has {length} characters; this token wants {least} to {most}.")
    hint_id = N_("Choose a PIN of another length. Nothing was sent to the token.")


def check_new_pin(token: TokenInfo, new: bytes | bytearray, again: bytes | bytearray) -> None:
    """Hold a new PIN against the lengths that the token states (PKCS#11, CK_TOKEN_INFO: ulMinPinLen, ulMaxPinLen).

    :param new: UTF-8; ``again`` the same, typed a second time.
    :raises PinsDiffer, PinLengthWrong: it is not sent.
    """
    if new != again:
        raise PinsDiffer()
    least, most = pin_lengths(token)
    if not least <= len(new) <= most:
        raise PinLengthWrong(length=len(new), least=least, most=most)


def pin_lengths(token: TokenInfo) -> tuple[int, int]:
    """The least and the largest length in octets; of a token that states none, 4 and 255."""
    return token.min_pin_len or 4, token.max_pin_len or 255
