"""Options and rows that the commands of custody share."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app.cli import output
from app.i18n import N_, _
from app.times import VIETNAM, clock, day

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
REASON = click.option("--reason", default="", help=N_("Why."))


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


def aware(moment: dt.datetime | None) -> dt.datetime | None:
    """A time as typed, in Vietnam's time zone."""
    return None if moment is None else moment.replace(tzinfo=VIETNAM)


def permission_of(number: str | None, date: dt.datetime | None, issuer: str, scan: str | None) -> Permission | None:
    from app.custody.model import Permission

    if number is None:
        return None
    return Permission(number.strip(), date.date() if date else None, issuer.strip(), scan)


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
