"""Whether somebody opens the program for the first time."""

from __future__ import annotations

from app.office import Office
from ui.preferences import FILE_NAME, Preferences

#: What an open window keeps by itself before anything was done in it.
_OF_THE_WINDOW = {FILE_NAME, "logs", "crashes"}


def is_due(office: Office, preferences: Preferences) -> bool:
    """Whether the first-run page is to be shown by itself: the user has set nothing, nothing is kept yet, and the page
    was neither finished nor put off."""
    settings = office.settings
    if preferences.first_run_over or any(origin.kind == "user" for origin in settings.origins.values()):
        return False
    if not settings.data_dir.exists():
        return True
    return {entry.name for entry in settings.data_dir.iterdir()} <= _OF_THE_WINDOW
