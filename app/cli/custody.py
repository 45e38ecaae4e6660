"""``antin custody``: the register of tokens, who holds them, and their handovers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.custody_events import EVENT_COMMANDS
from app.cli.custody_handover import HANDOVER_COMMANDS
from app.cli.custody_options import (
    DEVICE,
    JSON,
    device_row,
    event_row,
    person_line,
    show_devices,
)
from app.cli.main import Context
from app.i18n import N_, _
from app.times import VIETNAM, aware, clock, day

if TYPE_CHECKING:
    from app.custody.model import Event

_KIND = click.Choice(["person", "organization"])


@click.group("custody", help=N_("Register of tokens, who holds them, and their handovers."))
def command() -> None:
    pass


@command.command("register", help=N_("Enter a token that is plugged in; or by hand one that is not."))
@click.option("--token", help=N_("Serial number or label of the token; the only one plugged in without it."))
@click.option("--module", type=click.Path(path_type=Path), help=N_("Look only at this PKCS#11 module."))
@click.option("--by-hand", "serial", metavar="SERIAL", help=N_("Serial number of a device that is not plugged in."))
@click.option("--maker", default="", help=N_("Maker, of a device entered by hand."))
@click.option("--model", default="", help=N_("Model, of a device entered by hand."))
@click.option("--subject", default="", help=N_("Whose certificate is on it, of a device entered by hand."))
@click.option("--certificate-serial", default="", help=N_("Number of that certificate."))
@click.option("--issuer", default="", help=N_("Who issued that certificate."))
@click.option("--not-before", type=click.DateTime(["%Y-%m-%d"]), help=N_("First day of that certificate."))
@click.option("--not-after", type=click.DateTime(["%Y-%m-%d"]), help=N_("Last day of that certificate."))
@click.option("--kind", type=_KIND, help=N_("Whose certificate it is, where its name does not say it rightly."))
@click.option("--nickname", help=N_("What the device is called here."))
@click.option("--place", help=N_("Where it is kept."))
@click.option("--note", help=N_("What else should be known."))
@JSON
@click.pass_obj
def register(
    context: Context,
    token: str | None,
    module: Path | None,
    serial: str | None,
    maker: str,
    model: str,
    subject: str,
    certificate_serial: str,
    issuer: str,
    not_before: dt.datetime | None,
    not_after: dt.datetime | None,
    kind: str | None,
    nickname: str | None,
    place: str | None,
    note: str | None,
    as_json: bool,
) -> int:
    from app.custody.identity import CertificateFacts, DeviceFacts
    from app.custody.model import Kind

    if serial is not None and token is not None:
        raise click.UsageError(_("A device is either plugged in or entered by hand."))
    with context.office(modules=None if module is None else [module]) as office:
        if serial is not None:
            certificates: tuple[CertificateFacts, ...] = ()
            if subject:
                certificates = (
                    CertificateFacts(
                        subject,
                        serial=certificate_serial,
                        issuer=issuer,
                        not_before=aware(not_before),
                        not_after=_end_of_day(not_after),
                        kind=Kind(kind) if kind else Kind.UNKNOWN,
                    ),
                )
            device = office.custody.register_by_hand(DeviceFacts(serial, maker, model, certificates=certificates))
        else:
            device = office.custody.register(office.plugged(token))
            if kind is not None:
                device = office.custody.correct_kind(device.serial, Kind(kind))
        device = office.custody.describe(device.serial, nickname=nickname, place=place, note=note)
    if as_json:
        output.json_line(device_row(device))
    else:
        show_devices([device])
    return 0


@command.command("name", help=N_("Say what a device is called, where it is kept, and whose its certificate is."))
@DEVICE
@click.option("--nickname", help=N_("What the device is called here."))
@click.option("--place", help=N_("Where it is kept."))
@click.option("--note", help=N_("What else should be known."))
@click.option("--kind", type=_KIND, help=N_("Whose certificate it is, where its name does not say it rightly."))
@click.option("--certificate", help=N_("Which one, by first digits of its SHA-256 or by its number."))
@JSON
@click.pass_obj
def name(
    context: Context,
    device: str,
    nickname: str | None,
    place: str | None,
    note: str | None,
    kind: str | None,
    certificate: str | None,
    as_json: bool,
) -> int:
    from app.custody.model import Kind

    with context.office() as office:
        found = office.custody.describe(device, nickname=nickname, place=place, note=note)
        if kind is not None:
            found = office.custody.correct_kind(found.serial, Kind(kind), certificate)
    if as_json:
        output.json_line(device_row(found))
    else:
        show_devices([found])
    return 0


@command.command("list", help=N_("The devices of the register and who holds them."))
@JSON
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    with context.office() as office:
        devices = office.custody.devices()
    if as_json:
        for device in devices:
            output.json_line(device_row(device))
    elif devices:
        show_devices(devices)
    else:
        output.message(_("The register has no device yet. Plug a token in and use “antin custody register”."))
    return 0


@command.command("history", help=N_("What happened to a device, and signatures made while nobody held it."))
@DEVICE
@JSON
@click.pass_obj
def history(context: Context, device: str, as_json: bool) -> int:
    from app.custody import words

    with context.office() as office:
        found = office.custody.device(device)
        events = office.custody.history(found.serial)
        outside = [it for it in office.signatures_outside() if it.token == found.serial]
    if as_json:
        for event in events:
            output.json_line(event_row(event, found.serial))
        for signature in outside:
            output.json_line(signature)
        return 0
    output.table(
        f"{found.name}  ·  {found.serial}  ·  {words.standing(found.keeping, found.condition)}",
        [_("Time"), _("Event"), _("From"), _("To"), _("Permission"), _("Minutes"), _("Note")],
        [
            (
                clock(event.at),
                words.event(event.kind)
                + (_(" (withdrawn: {why})").format(why=event.withdrawn_why) if event.withdrawn_at else ""),
                person_line(event.giver),
                person_line(event.receiver),
                _permission(event),
                event.minutes or "",
                "; ".join(filter(None, (event.reason, event.note, day(event.due)))),
            )
            for event in events
        ],
    )
    for signature in outside:
        output.message(
            _("{time}: signed while the device was in nobody's hands: {path}").format(
                time=clock(signature.time), path=signature.path
            )
        )
    return 0


def _permission(event: Event) -> str:
    if event.permission is None:
        return ""
    missing = {"date": _("date missing"), "scan": _("scan missing")}
    return "; ".join((event.permission.number, *(missing[name] for name in event.permission_owed)))


@command.command("who", help=N_("Who held a device at a time."))
@DEVICE
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help=N_("The time; now, where not given."),
)
@JSON
@click.pass_obj
def who(context: Context, device: str, at: dt.datetime | None, as_json: bool) -> int:
    moment = aware(at) or dt.datetime.now(dt.UTC)
    with context.office() as office:
        found = office.custody.device(device)
        held = office.custody.holder_at(found.serial, moment)
    if as_json:
        output.json_line({"serial": found.serial, "at": moment, "state": held.state, "holder": held.holder})
    else:
        words = {"held": _("held by {who}"), "lent": _("lent to {who}"), "outside": _("in nobody's hands")}
        told = words[held.state].format(who=person_line(held.holder))
        output.message(f"{found.name} ({found.serial}), {clock(moment)}: {told}")
    return 0


@command.command("expiring", help=N_("What wants attention: certificates that end, loans, devices not confirmed."))
@click.option("--days", type=click.IntRange(0), default=90, show_default=True, help=N_("So many days ahead."))
@click.option(
    "--ics", type=click.Path(path_type=Path, dir_okay=False), help=N_("Write a calendar of all that is coming.")
)
@JSON
@click.pass_obj
def expiring(context: Context, days: int, ics: Path | None, as_json: bool) -> int:
    from app.custody.calendar import calendar
    from app.storage.writing import replace
    from app.times import now

    with context.office() as office:
        found = office.handovers.reminders(within=days)
        if ics is not None:
            replace(ics, calendar(office.handovers.coming(), now()))
    if as_json:
        for reminder in found:
            output.json_line(
                {**{name: getattr(reminder, name) for name in reminder.__struct_fields__}, "message": reminder.message}
            )
    elif found:
        output.table(
            "",
            [_("When"), _("What"), _("What to do")],
            [(reminder.when, reminder.message, reminder.next_step) for reminder in found],
        )
    else:
        output.message(_("Nothing wants attention in the next {days} days.").format(days=days))
    return 0


for _command in (*EVENT_COMMANDS, *HANDOVER_COMMANDS):
    command.add_command(_command)


def _end_of_day(last: dt.datetime | None) -> dt.datetime | None:
    """The last second of a day in Vietnam: a certificate holds on its last day."""
    return None if last is None else dt.datetime.combine(last, dt.time(23, 59, 59), VIETNAM)
