"""``antin custody`` commands of handovers and their minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import output
from app.cli.custody_events import save_new
from app.cli.custody_options import (
    AT,
    DAY,
    DEVICE,
    JSON,
    REASON,
    WHO,
    Command,
    event_row,
    key_on,
    permission_of,
    permitted,
    tell_minutes,
    tell_owed,
)
from app.cli.main import Context
from app.i18n import N_, _
from app.times import aware

if TYPE_CHECKING:
    from app.office import Office

_PIN_FILE = click.option(
    "--pin-file",
    "pin_files",
    multiple=True,
    help=N_("File with the PIN of the device, one for each --token in order; “-” for standard input."),
)


def _agreed(command: Command) -> Command:
    """The options that all handovers have."""
    for option in reversed(
        (
            click.option(
                "--token", "tokens", multiple=True, required=True, help=N_("Serial number or name of a device.")
            ),
            click.option("--from", "giver", type=WHO, help=N_("Who gives it; the holder, where not given.")),
            click.option("--to", "receiver", type=WHO, help=N_("Who takes it: “name; title; unit”.")),
            click.option("--witness", type=WHO, help=N_("Who witnesses it.")),
            REASON,
            click.option("--place", default="", help=N_("Where it is done.")),
            click.option("--appearance", default="", help=N_("Condition of the device.")),
            click.option("--accessories", default="", help=N_("What goes with it.")),
            click.option("--number", default="", help=N_("Number and symbol of the minutes, such as 05/BB-UBND.")),
            AT,
            click.option("--paper", is_flag=True, help=N_("The minutes are printed and signed by hand.")),
            click.option(
                "--no-proof", "unproven", metavar="WHY", default="", help=N_("Why the token cannot prove itself.")
            ),
            _PIN_FILE,
            JSON,
        )
    ):
        command = option(command)
    return command


@click.command("handover", help=N_("Hand a device over: the token proves itself, minutes are made."))
@permitted
@_agreed
@click.pass_obj
def handover(context: Context, /, **given: Any) -> int:
    return _hand_over(context, "handed-over", given)


@click.command("lend", help=N_("Lend a device until a day."))
@click.option("--due", type=DAY, required=True, help=N_("Until when."))
@permitted
@_agreed
@click.pass_obj
def lend(context: Context, /, **given: Any) -> int:
    return _hand_over(context, "lent", given)


@click.command("return", help=N_("Take a device back; a loan goes back to its lender."))
@permitted
@_agreed
@click.pass_obj
def return_(context: Context, /, **given: Any) -> int:
    return _hand_over(context, "returned", given)


def _hand_over(context: Context, kind: str, given: dict[str, Any]) -> int:
    from app.custody.handovers import Handover
    from app.custody.states import EventKind

    pin_files: Iterator[str | None] = chain(given["pin_files"], repeat(None))
    due: dt.datetime | None = given.get("due")
    permission = permission_of(
        given["permission"], given["permission_date"], given["permission_issuer"], given["permission_scan"]
    )
    with context.office() as office:
        devices = [
            _handed(office, wanted, given, pin_file)
            for wanted, pin_file in zip(given["tokens"], pin_files, strict=False)
        ]
        minutes = office.handovers.hand_over(
            Handover(
                EventKind(kind),
                devices,
                receiver=given["receiver"],
                giver=given["giver"],
                witness=given["witness"],
                permission=permission,
                reason=given["reason"],
                due=due.date() if due else None,
                at=aware(given["at"]),
                place=given["place"],
                number=given["number"],
                paper=given["paper"],
            )
        )
    tell_minutes(minutes, as_json=given["as_json"])
    return 0


def _handed(office: Office, wanted: str, given: dict[str, Any], pin_file: str | None) -> Any:
    """The device, having proven itself unless it is said why not."""
    from app.cli import pin
    from app.custody.errors import DeviceNotPlugged
    from app.custody.handovers import Handed

    device = office.custody.device(wanted)
    proof = None
    if not given["unproven"]:
        key = key_on(office, device.serial)
        if key is None:
            raise DeviceNotPlugged(serial=device.serial)
        proof = office.handovers.prove(device.serial, key, pin.source(pin_file))
    return Handed(device.serial, given["appearance"], given["accessories"], proof, given["unproven"])


@click.command("sign", help=N_("Sign minutes with a personal token; which side follows from its certificate."))
@click.argument("minutes", type=int)
@click.option("--token", help=N_("Serial number, label or nickname of the token."))
@click.option("--cert", "certificate", help=N_("SHA-256 or id of the certificate, where the token has several."))
@click.option("--pin-file", help=N_("File with the PIN; “-” for standard input."))
@JSON
@click.pass_obj
def sign(
    context: Context, minutes: int, token: str | None, certificate: str | None, pin_file: str | None, as_json: bool
) -> int:
    from app.cli import pin
    from app.signing.keys import choose

    with context.office() as office:
        key = choose(office.keys(), token=token, certificate=certificate)
        tell_minutes(office.handovers.sign(minutes, key, pin.source(pin_file)), as_json=as_json)
    return 0


@click.command("scan", help=N_("Add the scan of minutes that were signed by hand."))
@click.argument("minutes", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@JSON
@click.pass_obj
def scan(context: Context, minutes: int, file: Path, as_json: bool) -> int:
    with context.office() as office:
        tell_minutes(office.handovers.attach_scan(minutes, file), as_json=as_json)
    return 0


@click.command("permission", help=N_("Add the scan or the date of a permission that was given without it."))
@DEVICE
@click.option("--scan", type=click.Path(path_type=Path), help=N_("Its scan, or the signed file itself."))
@click.option("--date", type=DAY, help=N_("Its date."))
@click.option("--event", type=int, help=N_("Number of the event, where several wait; “history --json” tells it."))
@JSON
@click.pass_obj
def permission(
    context: Context, device: str, scan: Path | None, date: dt.datetime | None, event: int | None, as_json: bool
) -> int:
    if scan is None and date is None:
        raise click.UsageError(_("Give the scan, the date, or both."))
    with context.office() as office:
        done = office.handovers.permissions.complete(device, scan=scan, date=date.date() if date else None, event=event)
        devices = {one.id: one for one in office.custody.devices()}
    for one in done:
        if as_json:
            output.json_line(event_row(one, devices[one.device].serial))
            continue
        given = one.permission
        told = _("{device}: the permission {number} is in the register. Scan: {path}")
        path = given.scan if given is not None and given.scan else "—"
        output.message(told.format(device=devices[one.device].name, number=given.number if given else "", path=path))
        tell_owed(one.permission_owed, devices[one.device].serial, event)
    return 0


@click.command("minutes", help=N_("List minutes, or write some as PDF."))
@click.argument("identifier", metavar="ID", type=int, required=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=N_("The PDF to be written."))
@JSON
@click.pass_obj
def minutes(context: Context, identifier: int | None, out: Path | None, as_json: bool) -> int:
    if (identifier is None) != (out is None):
        raise click.UsageError(_("Give both the minutes and --out, or neither."))
    with context.office() as office:
        if identifier is not None and out is not None:
            found = [office.handovers.minutes(identifier)]
            save_new(out, office.handovers.pdf(identifier))
        else:
            found = office.handovers.all_minutes()
    for one in found:
        tell_minutes(one, as_json=as_json)
    if out is not None and not as_json:
        output.message(_("Written: {path}").format(path=out))
    return 0


HANDOVER_COMMANDS = (handover, lend, return_, sign, scan, permission, minutes)
