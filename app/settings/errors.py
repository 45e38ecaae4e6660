"""What can be wrong with settings."""

from __future__ import annotations

from app.errors import AntinError
from app.i18n import N_


class SettingsInvalid(AntinError):
    """Carries ``path`` and ``detail``."""

    code = "settings-invalid"
    message_id = N_("The settings file {path} cannot be used: {detail}")
    hint_id = N_("Correct that line, or delete it to use the default value.")


class ManagedInvalid(AntinError):
    """What IT staff set has an unknown name or a value of a wrong type. Carries ``origin`` and ``detail``."""

    code = "managed-invalid"
    message_id = N_("What IT staff set for this computer cannot be used ({origin}): {detail}")
    hint_id = N_("Tell IT staff the name it speaks of; the program does not start without what they set.")


class ManagedContradiction(AntinError):
    """Two locked settings cannot both hold. Carries ``origin``, ``one`` and ``other``: the settings, with values."""

    code = "managed-contradiction"
    message_id = N_("What IT staff set for this computer contradicts itself ({origin}): {one} and {other}.")
    hint_id = N_("Tell IT staff to change one of the two; nobody else can, because both are locked.")


class SettingLocked(AntinError):
    """Something else than what IT staff set was asked for. Carries ``name``, ``origin`` and ``asked``, what asked."""

    code = "setting-locked"
    message_id = N_("{asked} is refused: IT staff have locked {name} ({origin}).")
    hint_id = N_("Go on without it, or ask IT staff; “antin settings --explain” shows what they set. Nothing was done.")
