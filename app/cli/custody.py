"""``antin custody``: announced by the contract, not there yet."""

from __future__ import annotations

import click

from app.cli import output
from app.cli.main import EXIT_USAGE
from app.i18n import N_, _


@click.command(
    "custody",
    help=N_("Register of tokens and their handovers (not yet)."),
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> int:
    output.message(_("“antin {command}” is not there yet.").format(command="custody"))
    return EXIT_USAGE
