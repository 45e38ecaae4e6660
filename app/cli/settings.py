"""``antin settings``: what is set, by whom, and what only IT staff change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app.cli import output
from app.cli.main import Context
from app.i18n import N_, _

if TYPE_CHECKING:
    from app.settings import Settings


class SettingRow(msgspec.Struct, frozen=True):
    """One setting.

    :ivar origin: ``default``, ``user``, ``managed`` or ``command``; ``where`` is the file, key or option. ``bundle``
        for a policy that nobody has set and a trust bundle brings.
    :ivar locked: only IT staff change it.
    :ivar overruled: the user's file sets it too, in vain.
    """

    name: str
    value: Any
    origin: str
    where: str
    locked: bool
    overruled: bool = False


@click.command("settings", help=N_("Show every setting, where it comes from, and whether IT staff have locked it."))
@click.option("--explain", is_flag=True, help=N_("Also say what each one is for."))
@click.option(
    "--policy-templates",
    "templates",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("Write the templates of group policies (ADMX and ADML) there instead."),
)
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(context: Context, explain: bool, templates: Path | None, as_json: bool) -> int:
    if templates is not None:
        from app.settings.policy_templates import write

        for path in write(templates):
            output.message(_("Written: {path}").format(path=path))
        return 0
    rows = [_as_brought(row, context) for row in _rows(context.settings)]
    if as_json:
        for row in rows:
            output.json_line(row)
    else:
        _show(rows, explain)
    return 0


def _rows(settings: Settings) -> Iterator[SettingRow]:
    from app.settings.definitions import definitions, value_of

    for name in ("data_dir", *definitions()):
        origin = settings.origin(name)
        yield SettingRow(
            name,
            value_of(settings, name),
            origin.kind,
            origin.where,
            name in settings.locked,
            name in settings.overruled,
        )


def _as_brought(row: SettingRow, context: Context) -> SettingRow:
    """The row of the policy names the trust bundle whose policy is in use; a bundle that cannot be used is told."""
    if row.name != "trust.policy" or row.value:
        return row
    from app.errors import AntinError, describe

    try:
        with context.office() as office:
            bundle = office.bundle
    except AntinError as error:
        output.message(describe(error).message)
        return row
    if bundle is None or not bundle.content.policy:
        return row
    return msgspec.structs.replace(row, origin="bundle", where=str(bundle.path))


def _show(rows: list[SettingRow], explain: bool) -> None:
    """For people: a section at a time; a setting that was changed stands out."""
    from itertools import groupby

    from rich.text import Text

    from app.settings import Origin, words

    console = output.console()
    for section, members in groupby(rows, key=lambda row: row.name.rpartition(".")[0]):
        console.print(Text(f"\n{words.section(section)}", style="bold"))
        for row in members:
            told = words.origin(Origin(row.origin, row.where))  # type: ignore[arg-type]
            state = _(" · locked") if row.locked else ""
            if row.overruled:
                state += _(" · your settings file says otherwise, in vain")
            console.print(
                Text.assemble(
                    (f"  {row.name}", "" if row.origin == "default" else "bold"),
                    (" = ", "bright_black"),
                    output.printable(_written(row.value)),
                    (f"\n      {output.printable(told)}{state}", "yellow" if row.locked else "bright_black"),
                    (f"\n      {words.explanation(row.name)}" if explain else "", "bright_black"),
                )
            )


def _written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_written(key)} = {_written(inner)}' for key, inner in value.items())}}}"
    return msgspec.json.encode(str(value)).decode()
