"""``antin pin change``: give a token a new PIN."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.main import EXIT_TOKEN, Context
from app.errors import AntinError, describe
from app.i18n import N_, _

if TYPE_CHECKING:
    from app.office import Office
    from pkcs11_bridge.client import TokenSession
    from pkcs11_bridge.protocol import TokenInfo


@click.group("pin", help=N_("Change or look after PINs."))
def command() -> None:
    pass


@command.command("change", help=N_("Change the PIN of a token."))
@click.option("--module", type=click.Path(path_type=Path), help=N_("Use this PKCS#11 module."))
@click.option("--token", help=N_("Serial number, label or nickname of the token."))
@click.option(
    "--pin-file",
    help=N_("File with the old PIN and, on its second line, the new one; - reads them from standard input."),
)
@click.pass_obj
def change(context: Context, module: Path | None, token: str | None, pin_file: str | None) -> int:
    from pkcs11_bridge.errors import BridgeError

    with context.office(modules=None if module is None else [module]) as office:
        try:
            found, called = _one(office, token)
            with office.bridge.open(found) as session:
                _change(session, found, called, pin_file)
        except (BridgeError, AntinError) as error:
            told = describe(error)
            output.message(f"{told.message}\n{told.hint}")
            return EXIT_TOKEN
    output.message(_("The PIN was changed."))
    return 0


def _one(office: Office, wanted: str | None) -> tuple[TokenInfo, str]:
    """The token meant, and what people call it."""
    from app.signing.errors import AmbiguousKey, NoSigningKey, NoSuchKey

    register = office.glance.look()
    tokens = [(token, register.device(token.serial).nickname) for token in office.bridge.tokens()]
    fitting = [
        (token, nickname or token.label)
        for token, nickname in tokens
        if wanted is None or wanted in (token.serial, token.label, nickname or None)
    ]
    if not tokens:
        raise NoSigningKey()
    if not fitting:
        raise NoSuchKey(wanted=wanted or "")
    if len({token.serial for token, _called in fitting}) > 1:
        raise AmbiguousKey(choices="; ".join(f"{called} ({token.serial})" for token, called in fitting))
    return fitting[0]


def _change(session: TokenSession, token: TokenInfo, called: str, pin_file: str | None) -> None:
    """Tries left first, the token's own rules second, the token last."""
    from app.cli import pin
    from app.signing.errors import PinNotGiven
    from app.signing.model import PinRequest
    from app.signing.pin_change import change_pin
    from app.signing.pin_rules import pin_lengths
    from pkcs11_bridge.errors import PinLocked
    from pkcs11_bridge.protocol import PinState, wipe

    state = session.pin_state()
    if state is PinState.LOCKED:
        raise PinLocked(pin_state=state)
    if token.protected_authentication_path:
        session.change_pin(None, None)
        return
    old, new, again, final_try = bytearray(), bytearray(), bytearray(), False
    try:
        if pin_file is not None:
            old, new = pin.two_lines(pin_file)
            again = new[:]
        else:
            name = output.printable(f"{called} ({token.serial})")
            least, most = pin_lengths(token)
            output.message(
                _("The token “{name}” has a PIN of {least} to {most} characters.").format(
                    name=name, least=least, most=most
                )
            )
            answer = pin.source(None)(PinRequest(called, token.serial, called, state))
            if answer is None:
                raise PinNotGiven()
            old, final_try = answer.pin, answer.final_try
            new = pin.typed(_("New PIN of {token}: ").format(token=name))
            again = pin.typed(_("New PIN once more: "))
        change_pin(session, old, new, again, final_try=final_try)
    finally:
        wipe(old, new, again)
