"""``antin database``: the database that an office's workstations share."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli import output
from app.cli.main import Context
from app.errors import AntinError, from_os_error
from app.i18n import N_, _


class NoSharedDatabase(AntinError):
    code = "no-shared-database"
    message_id = N_("The settings name no database; the records are in a file of this workstation.")
    hint_id = N_("Set url under [database] in settings.toml, such as postgresql://antin@server/antin.")


@click.group("database", help=N_("The database that the workstations of an office share."))
def command() -> None:
    pass


@command.command("password", help=N_("Keep the password of the database in the system's keyring."))
@click.option("--password-file", type=click.Path(path_type=Path), help=N_("File with the password; - reads one line."))
@click.option("--forget", is_flag=True, help=N_("Remove it from the keyring."))
@click.pass_obj
def password(context: Context, password_file: Path | None, forget: bool) -> int:
    from app.storage.address import store_password

    url = _url(context)
    store_password(url, "" if forget else _read(password_file))
    output.message(_("The password was removed.") if forget else _("The password is kept in the system's keyring."))
    return 0


@command.command("check", help=N_("Reach the database, and bring its tables to this version."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def check(context: Context, as_json: bool) -> int:
    from app.storage.schema import VERSION

    with context.office() as office:
        store = office.store()
        with store.write():
            pass
    if as_json:
        output.json_line({"database": store.name, "shared": store.is_server, "tables": VERSION})
    else:
        output.message(_("The database {name} can be read and written.").format(name=store.name))
    return 0


def _url(context: Context) -> str:
    url = context.settings.database.url
    if not url:
        raise NoSharedDatabase
    return url


def _read(file: Path | None) -> str:
    """From a prompt, a file, or one line of standard input."""
    if file is None:
        return str(click.prompt(_("Password of the database"), hide_input=True, err=True))
    if str(file) == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise from_os_error(error, file) from error
