"""``antin tokens``: what is plugged in, and what it could sign with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from app.cli import output
from app.cli.main import Context
from app.errors import describe
from app.i18n import N_, _
from app.times import day

if TYPE_CHECKING:
    from app.signing.keys import SigningKey
    from pkcs11_bridge.protocol import TokenInfo


class CertificateRow(msgspec.Struct, frozen=True, omit_defaults=False):
    id: str
    sha256: str
    subject: str
    issuer: str
    serial: str
    not_before: dt.datetime
    not_after: dt.datetime
    key: str
    usable: bool
    why: str | None = None


class TokenRow(msgspec.Struct, frozen=True):
    module: str
    slot: int
    label: str
    serial: str
    nickname: str
    model: str
    manufacturer: str
    pin_state: str
    certificates: list[CertificateRow]


@click.command("tokens", help=N_("List the tokens plugged in and their certificates."))
@click.option("--module", type=click.Path(path_type=Path), help=N_("Look only at this PKCS#11 module."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(context: Context, module: Path | None, as_json: bool) -> int:
    with context.office(modules=None if module is None else [module]) as office:
        tokens = office.bridge.tokens()
        register = office.glance.look()
        rows = [_row(token, register.device(token.serial).nickname, office.keys_of([token])) for token in tokens]
        problems = office.bridge.problems()
    for problem in problems:
        output.message(f"{problem.module}: {describe(problem).message} ({problem.detail})")
    if as_json:
        for row in rows:
            output.json_line(row)
    elif rows:
        for row in rows:
            _show(row)
    else:
        output.message(_("No token is plugged in."))
    return 3 if module is not None and problems else 0


def _row(token: TokenInfo, nickname: str, keys: list[SigningKey]) -> TokenRow:
    return TokenRow(
        module=token.module,
        slot=token.slot,
        label=token.label,
        serial=token.serial,
        nickname=nickname,
        model=token.model,
        manufacturer=token.manufacturer,
        pin_state=str(token.pin_state),
        certificates=[
            CertificateRow(
                id=key.certificate.id.hex(),
                sha256=key.sha256,
                subject=key.holder,
                issuer=key.issuer,
                serial=key.serial,
                not_before=key.not_before,
                not_after=key.not_after,
                key=key.key,
                usable=key.usable,
                why=key.why or None,
            )
            for key in keys
        ],
    )


def _show(row: TokenRow) -> None:
    from app.signing.keys import PIN_WORDS
    from pkcs11_bridge.protocol import PinState

    pin = _(PIN_WORDS[PinState(row.pin_state)])
    output.table(
        f"{row.nickname or row.label}  ·  {row.serial}  ·  {row.manufacturer} {row.model}  ·  {pin}",
        [_("Holder"), _("Issuer"), _("Key"), _("Valid"), _("Id"), _("Can sign")],
        [
            (
                key.subject,
                key.issuer,
                key.key,
                f"{day(key.not_before)} – {day(key.not_after)}",
                key.sha256[:16],
                _("yes") if key.usable else key.why,
            )
            for key in row.certificates
        ],
    )
