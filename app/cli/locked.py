"""Options of commands that stand for a setting, and their refusal where IT staff have locked it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from app.settings import Settings

#: Setting by option; with the command where another one means something else by it. Those of roots, lists, modules and
#: the network are refused by :class:`app.office.Office`, whoever asks.
_SETTINGS = {
    "--lang": "language",
    "--tsa": "network.tsa_url",
    "sign --level": "signing.level",
    "sign --scope": "signing.scope",
    "verify --jobs": "verification.workers",
}


def refuse_locked(settings: Settings) -> None:
    """Look through the options of the running command.

    :raises app.settings.SettingLocked: one asks for another value than the locked one.
    """
    from app.settings import refuse_if_locked
    from app.settings.definitions import value_of

    for option, name, value in _given(click.get_current_context(silent=True)):
        if value != value_of(settings, name):
            refuse_if_locked(settings, name, f"{option} {value}")


def _given(context: click.Context | None) -> Iterator[tuple[str, str, object]]:
    """Option, setting and value of whatever was given on the command line or by the environment."""
    while context is not None:
        for parameter in context.command.params:
            stated = context.get_parameter_source(parameter.name or "")
            if stated not in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
                continue
            for option in parameter.opts:
                name = _SETTINGS.get(option) or _SETTINGS.get(f"{context.command.name} {option}")
                if name is not None:
                    yield option, name, context.params.get(parameter.name or "")
        context = context.parent
