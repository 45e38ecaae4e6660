"""The settings as support may see them: which are set and by whom, and values where they are numbers or choices."""

from __future__ import annotations

from typing import Any

from app.settings import Settings
from app.settings.definitions import Definition, definitions, value_of


def lines(settings: Settings) -> list[str]:
    """``network.online = true (user)`` and the like, in the order of their definition.

    Texts are told as set or not set, lists and tables by how many they hold: any of them may name somebody.
    """
    return [_line(settings, definition) for definition in definitions().values()]


def _line(settings: Settings, definition: Definition) -> str:
    origin = settings.origins.get(definition.name)
    whose = f" ({origin.kind}{', locked' if definition.name in settings.locked else ''})" if origin else ""
    return f"{definition.name} = {_shown(value_of(settings, definition.name), definition)}{whose}"


def _shown(value: Any, definition: Definition) -> str:
    match definition.kind:
        case "yes-no":
            return "true" if value else "false"
        case "whole" | "number":
            return f"{value:g}"
        case "choice":
            return f'"{value}"' if value in definition.choices else "(set)"
        case "list" | "table":
            return f"({len(value)} entries)"
        case _:
            return "(default)" if value == definition.default else "(set)" if value else "(not set)"
