"""The table at the end of a run over files: what became of each, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from app.cli import output
from app.errors import ErrorInfo
from app.i18n import _


class Result(Protocol):
    """What became of one file, see :class:`app.signing.model.SignResult`."""

    @property
    def input(self) -> str: ...

    @property
    def output(self) -> str | None: ...

    @property
    def error(self) -> ErrorInfo | None: ...

    @property
    def warnings(self) -> list[ErrorInfo]: ...


def show(rows: Iterable[tuple[Result, tuple[str, str], Sequence[object]]]) -> None:
    """Print a table of results.

    :param rows: of each file its result, the word for it and the word's colour, and the levels to be told.
    """
    from rich.text import Text

    told = [
        (
            output.printable(Path(result.input).name),
            Text(word, style=colour),
            " → ".join(str(level) for level in levels if level is not None),
            "\n".join(_words(result)),
        )
        for result, (word, colour), levels in rows
    ]
    output.table("", [_("File"), _("Result"), _("Level"), _("Where, or why")], told)


def _words(result: Result) -> list[str]:
    found = [result.output or ""] if result.error is None else [result.error.message, result.error.hint]
    return [words for words in (*found, *(warning.message for warning in result.warnings)) if words]
