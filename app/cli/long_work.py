"""What commands that work for long share: a bar on the terminal, and Ctrl+C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli import output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def progress_bar(console: Console | None = None) -> Progress:
    """A bar that leaves nothing behind, with what is done, what there is to do, and the time left.

    :param console: standard error without it.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console or output.console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )


@contextmanager
def interrupt_cancels(cancel: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl+C calls ``cancel``; the second ends the program."""

    def interrupted(number: int, frame: object) -> None:
        cancel()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
