"""``antin custody`` commands that enter one event of one device."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.custody_options import AT, DEVICE, JSON, REASON, WHO, permission_of, permitted, tell_event
from app.cli.main import Context
from app.i18n import N_, _
from app.times import aware

if TYPE_CHECKING:
    from app.custody.model import Permission, Person

#: Command, event and help of those that need nothing but a time and a reason.
_PLAIN = (
    ("locked", "pin-locked", N_("Report that the PIN is locked.")),
    ("recovered", "recovered", N_("The issuer has unlocked or repaired the device.")),
    ("lost", "lost", N_("Report a device lost.")),
    ("damaged", "damaged", N_("Report a device damaged.")),
    ("hand-back", "handed-back", N_("The device went back to the issuer.")),
    ("confirm", "confirmed", N_("Confirm that the device is there.")),
)


def _plain(name: str, kind: str, help: str) -> click.Command:
    @click.command(name, help=help)
    @DEVICE
    @AT
    @REASON
    @JSON
    @click.pass_obj
    def event(context: Context, device: str, at: dt.datetime | None, reason: str, as_json: bool) -> int:
        return _record(context, device, kind, at, as_json, reason=reason)

    return event


@click.command("received", help=N_("A device came from its issuer."))
@DEVICE
@click.option("--to", "receiver", type=WHO, required=True, help=N_("Who took it: “name; title; unit”."))
@click.option("--from", "giver", type=WHO, help=N_("Who brought it."))
@AT
@REASON
@JSON
@click.pass_obj
def received(
    context: Context,
    device: str,
    receiver: Person,
    giver: Person | None,
    at: dt.datetime | None,
    reason: str,
    as_json: bool,
) -> int:
    return _record(context, device, "received", at, as_json, reason=reason, giver=giver, receiver=receiver)


@click.command("found", help=N_("A lost device was found."))
@DEVICE
@click.option("--to", "receiver", type=WHO, help=N_("Who has it now; the last holder, where not given."))
@permitted
@AT
@REASON
@JSON
@click.pass_obj
def found(
    context: Context,
    device: str,
    receiver: Person | None,
    permission: str | None,
    permission_date: dt.datetime | None,
    permission_issuer: str,
    permission_scan: str | None,
    at: dt.datetime | None,
    reason: str,
    as_json: bool,
) -> int:
    given = permission_of(permission, permission_date, permission_issuer, permission_scan)
    return _record(context, device, "found", at, as_json, reason=reason, receiver=receiver, permission=given)


@click.command("revoked", help=N_("The issuer has revoked a certificate."))
@DEVICE
@click.option("--certificate", help=N_("Which one, by first digits of its SHA-256 or by its number; all, without it."))
@AT
@REASON
@JSON
@click.pass_obj
def revoked(
    context: Context, device: str, certificate: str | None, at: dt.datetime | None, reason: str, as_json: bool
) -> int:
    return _record(context, device, "revoked", at, as_json, reason=reason, certificate=certificate)


@click.command("renewed", help=N_("The certificate was renewed; plug the token in, so that the new one is entered."))
@DEVICE
@AT
@REASON
@JSON
@click.pass_obj
def renewed(context: Context, device: str, at: dt.datetime | None, reason: str, as_json: bool) -> int:
    from app.custody.identity import serial_key

    with context.office() as office:
        wanted = serial_key(office.custody.device(device).serial)
        for token in office.bridge.tokens():
            if serial_key(token.serial) == wanted:
                office.custody.register(token)
    return _record(context, device, "renewed", at, as_json, reason=reason)


@click.command("withdraw", help=N_("Take back the newest event of a device, entered by mistake."))
@DEVICE
@click.option("--why", required=True, help=N_("Why."))
@JSON
@click.pass_obj
def withdraw(context: Context, device: str, why: str, as_json: bool) -> int:
    with context.office() as office:
        event = office.custody.withdraw_last(device, why)
        tell_event(event, office.custody.device(device), as_json=as_json)
    return 0


@click.command("request", help=N_("Write a request to the issuer: renewal or revocation of a certificate."))
@click.argument("asked", type=click.Choice(["renewal", "revocation"]))
@DEVICE
@click.option("--certificate", help=N_("Which one, by first digits of its SHA-256 or by its number."))
@click.option(
    "--grounds", help=N_("Grounds of a revocation, such as device-lost, retired, key-exposed, agency-merged.")
)
@click.option("--to", default="", help=N_("Whom it is sent to; the issuer, without it."))
@click.option("--number", default="", help=N_("Number and symbol of the request."))
@click.option("--more", default="", help=N_("What is added to the grounds."))
@click.option("--signer", default="", help=N_("Who signs it."))
@click.option("--signer-title", default="", help=N_("Title of the one who signs."))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help=N_("The PDF to be written.")
)
@JSON
@click.pass_obj
def request(
    context: Context,
    asked: str,
    device: str,
    certificate: str | None,
    grounds: str | None,
    to: str,
    number: str,
    more: str,
    signer: str,
    signer_title: str,
    out: Path,
    as_json: bool,
) -> int:
    from app.custody.minutes import Agency
    from app.custody.register import certificate_of
    from app.custody.request import Asked, Grounds, Request, render_request
    from app.times import now

    if grounds is not None and grounds not in list(Grounds):
        raise click.UsageError(_("Grounds are: {known}.").format(known=", ".join(Grounds)))
    with context.office() as office:
        found = office.custody.device(device)
        agency = office.settings.agency
        pdf = render_request(
            Request(
                Asked(asked),
                found,
                certificate_of(found, certificate),
                Agency(agency.name, agency.parent, agency.place),
                now().date(),
                Grounds(grounds) if grounds else None,
                to,
                number,
                more,
                signer_title,
                signer,
            )
        )
    save_new(out, pdf)
    if as_json:
        output.json_line({"serial": found.serial, "asked": asked, "output": out})
    else:
        output.message(_("Written: {path}").format(path=out))
    return 0


def save_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    :raises click.UsageError: it is.
    """
    from app.storage.writing import write_new

    try:
        write_new(path, content)
    except FileExistsError as error:
        raise click.UsageError(_("{path} is there already; give another name.").format(path=path)) from error


def _record(
    context: Context,
    device: str,
    kind: str,
    at: dt.datetime | None,
    as_json: bool,
    *,
    reason: str,
    giver: Person | None = None,
    receiver: Person | None = None,
    certificate: str | None = None,
    permission: Permission | None = None,
) -> int:
    from app.custody.custody import Happening
    from app.custody.register import certificate_of
    from app.custody.states import EventKind

    with context.office() as office:
        found = office.custody.device(device)
        chosen = certificate_of(found, certificate).id if certificate is not None else None
        event = office.custody.record(
            found.serial,
            Happening(
                EventKind(kind),
                at=aware(at),
                giver=giver,
                receiver=receiver,
                reason=reason,
                certificate=chosen,
                permission=office.handovers.permissions.filed(permission),
            ),
        )
        tell_event(event, found, as_json=as_json)
    return 0


EVENT_COMMANDS = (*(_plain(*plain) for plain in _PLAIN), received, found, revoked, renewed, withdraw, request)
