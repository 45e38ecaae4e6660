"""Whether there is a screen. Without one Qt ends the process, and a person would be told nothing they understand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import AntinError, describe
from app.i18n import N_, _
from app.system.display import has_display

#: Exit code of what could not begin, as the commands have it.
_CODE = 2


class NoDisplay(AntinError):
    code = "no-display"
    message_id = N_("There is no screen to open the window on.")
    hint_id = N_("Use the commands instead: “antin --help” lists them.")


class ScreenUnusable(AntinError):
    """Carries ``detail``: what Qt says of it."""

    code = "screen-unusable"
    message_id = N_("The window cannot be shown on this screen: {detail}")
    hint_id = N_("Start the program from the desktop itself, or use the commands: “antin --help” lists them.")


def check() -> None:
    """Whether Qt is told of a screen.

    :raises NoDisplay: it is told of none.
    """
    if not has_display():
        raise NoDisplay


@contextmanager
def watched() -> Iterator[None]:
    """While Qt reaches for the screen: where it cannot have it, say so and end the process before Qt aborts it."""
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    said: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtFatalMsg:
            said.append(text)
            return
        told = describe(ScreenUnusable(detail=(said or text.splitlines())[0]))
        sys.stderr.write(f"{_('Error: {message}').format(message=told.message)}\n{told.hint}\n")
        sys.stderr.flush()
        os._exit(_CODE)

    before = qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
    for text in said:
        sys.stderr.write(f"{text}\n")
