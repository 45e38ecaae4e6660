"""Options and rows that the commands of custody share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from app.cli import output
from app.i18n import N_, _
from app.times import clock, day

if TYPE_CHECKING:
    from app.custody.model import Device, Event, Minutes, Permission, Person
    from app.office import Office
    from app.signing.keys import SigningKey

JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
DEVICE = click.argument("device", metavar="SERIAL")
AT = click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help=N_("When it happened; now, where not given."),
)
DAY = click.DateTime(["%Y-%m-%d"])
REASON = click.option("--reason", default="", help=N_("Why."))

Command = TypeVar("Command", bound=Callable[..., Any])


class WhoType(click.ParamType):  # type: ignore[type-arg]
    """``name; title; unit; identity number; telephone``, of which only the name has to be given."""

    name = "who"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Person:
        from app.custody.model import Person

        if isinstance(value, Person):
            return value
        parts = [part.strip() for part in str(value).split(";")]
        if not parts[0] or len(parts) > 5:
            self.fail(_("Give “name; title; unit”."), param, ctx)
        return Person(*parts)


WHO = WhoType()


def permitted(command: Command) -> Command:
    """The options of the written permission."""
    for option in reversed(
        (
            click.option("--permission", help=N_("Number of the written permission, such as 15/QĐ-UBND.")),
            click.option("--permission-date", type=DAY, help=N_("Its date.")),
            click.option("--permission-from", "permission_issuer", default="", help=N_("Who gave it.")),
            click.option("--permission-scan", type=click.Path(), help=N_("Its scan, or the signed file itself.")),
        )
    ):
        command = option(command)
    return command


def permission_of(number: str | None, date: dt.datetime | None, issuer: str, scan: str | None) -> Permission | None:
    """The permission that the options of :func:`permitted` name; its scan is not filed yet.

    :raises click.UsageError: what belongs to a permission is given without its number.
    """
    from app.custody.model import Permission

    if number is None or not number.strip():
        if date is not None or issuer or scan is not None:
            raise click.UsageError(_("Give the number of the permission too: --permission."))
        return None
    return Permission(number.strip(), date.date() if date else None, issuer.strip(), scan)


def tell_owed(owed: Sequence[str], serial: str, event: int | None = None) -> None:
    """Say what of a permission is still to be given, and how.

    :param event: id of the event, where the device has several that wait.
    """
    if not owed:
        return
    options = {"date": "--date YYYY-MM-DD", "scan": "--scan FILE"}
    which = [] if event is None else [f"--event {event}"]
    words = " ".join(["antin custody permission", serial, *which, *(options[name] for name in owed)])
    told = {
        ("date",): _("The date of the permission is still to be given: “{command}”."),
        ("scan",): _("The scan of the permission is still to be given: “{command}”."),
        ("date", "scan"): _("Date and scan of the permission are still to be given: “{command}”."),
    }[tuple(owed)]
    output.message(told.format(command=words))


def key_on(office: Office, serial: str) -> SigningKey | None:
    """The first usable key of a token that is plugged in."""
    from app.custody.identity import serial_key

    wanted = serial_key(serial)
    keys = office.keys()
    return next((key for key in keys if key.usable and serial_key(key.token.serial) == wanted), None)


def person_line(person: Person | None) -> str:
    return "" if person is None else ", ".join(filter(None, (person.name, person.title, person.unit)))


def device_row(device: Device) -> dict[str, Any]:
    """What is printed of a device, one object."""
    row: dict[str, Any] = msgspec.to_builtins(device, builtin_types=(dt.datetime, dt.date))
    del row["id"]
    return {**row, "name": device.name, "kind": str(device.kind)}


def event_row(event: Event, serial: str) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(event, builtin_types=(dt.datetime, dt.date))
    del row["device"]
    return {"serial": serial, **row}


def tell_event(event: Event, device: Device, *, as_json: bool) -> None:
    from app.custody import words

    if as_json:
        output.json_line(event_row(event, device.serial))
        return
    output.message(f"{device.name} ({device.serial}): {words.event(event.kind)}, {clock(event.at)}")
    tell_owed(event.permission_owed, device.serial)


def tell_minutes(minutes: Minutes, *, as_json: bool) -> None:
    if as_json:
        output.json_line(minutes)
        return
    told = {
        "open": _("Minutes {id}: to be signed by both sides (“antin custody sign {id}”), or printed and scanned."),
        "signed": _("Minutes {id} are signed by both sides and filed: {path}"),
        "scanned": _("Minutes {id}: the scan is filed: {path}"),
        "void": _("Minutes {id} are void: the handover was withdrawn."),
    }[minutes.state]
    output.message(told.format(id=minutes.id, path=minutes.path))
    tell_owed(minutes.permission_owed, minutes.devices[0] if len(minutes.devices) == 1 else "SERIAL")


def show_devices(devices: list[Device]) -> None:
    from app.custody import words

    output.table(
        "",
        [_("Device"), _("Serial number"), _("State"), _("Held by"), _("Certificate ends")],
        [
            (
                f"{device.name}\n({words.kind(device.kind)})",
                device.serial,
                words.standing(device.keeping, device.condition)
                + (_(" until {date}").format(date=day(device.due)) if device.due else ""),
                person_line(device.holder),
                ", ".join(day(one.not_after) for one in device.present_certificates),
            )
            for device in devices
        ],
    )
