"""``antin archive add``: files and folders into the archive, one line a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import output
from app.cli.archive_options import copy_row, tell_error
from app.documents.folders import files_inside
from app.errors import AntinError, from_os_error
from app.i18n import _

if TYPE_CHECKING:
    from app.archive.batch import BatchOptions, Outcome
    from app.archive.model import FiledCopy
    from app.office import Office

#: Files from which a terminal shows how far the filing is.
_MANY = 20


class Adding:
    """Files a number of documents and tells of each what became of it.

    :param attach_to: id of the main document of all. :param dossier: id of the dossier of all.
    """

    def __init__(self, office: Office, attach_to: int | None, dossier: int | None, *, as_json: bool) -> None:
        self._office, self._attach_to, self._dossier, self._as_json = office, attach_to, dossier, as_json
        self._whole = True

    def add(self, paths: Sequence[Path], wanted: BatchOptions) -> bool:
        """File them; what cannot be filed is told and does not stop the others.

        :return: whether nothing went wrong.
        """
        files = list(self._files(paths))
        with self._progress(len(files)) as advance:
            for together in self._office.keeper.add(files, wanted):
                for outcome in together:
                    self._tell(outcome)
                advance(len(together))
        return self._whole

    def _files(self, paths: Sequence[Path]) -> Iterator[Path]:
        """Of a folder its files, in order; links and hidden files left out."""
        for path in paths:
            if path.is_dir():
                yield from files_inside(path, self._cannot_look)
            else:
                yield path

    def _cannot_look(self, error: OSError) -> None:
        path = Path(os.fsdecode(error.filename or ""))
        self._refuse(path, from_os_error(error, path))

    def _refuse(self, source: Path, error: BaseException) -> None:
        self._whole = False
        tell_error(source, error, as_json=self._as_json)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.waiting is not None:
            self._tell_waiting(outcome.source, outcome.waiting)
        elif outcome.copy is None:
            self._refuse(outcome.source, outcome.error or AntinError())
        else:
            self._put(outcome.copy)
            self._tell_filed(outcome.source, outcome.copy)

    def _put(self, copy: FiledCopy) -> None:
        if self._attach_to is not None:
            self._office.archive.attach(copy.document, self._attach_to)
        if self._dossier is not None:
            self._office.archive.dossiers.put(self._dossier, copy.document)

    def _tell_waiting(self, source: Path, waiting: Path) -> None:
        if self._as_json:
            output.json_line({"input": str(source), "waiting": str(waiting)})
        else:
            output.message(_("{path} waits for the archive to be back: {copy}").format(path=source, copy=waiting))

    def _tell_filed(self, source: Path, copy: FiledCopy) -> None:
        if self._as_json:
            output.json_line(copy_row(copy, input=str(source)))
        elif copy.duplicate:
            output.message(_("{path} is filed already: {copy}").format(path=source, copy=copy.path))
        else:
            output.message(_("Filed: {copy}").format(copy=copy.path))

    @contextmanager
    def _progress(self, count: int) -> Iterator[Callable[[int], None]]:
        """A bar on a terminal while many are filed."""
        from app.cli.long_work import progress_bar

        console = output.console(stderr=True)
        if count < _MANY or self._as_json or not console.is_terminal:
            yield lambda _done: None
            return
        with progress_bar(console) as bar:
            task = bar.add_task(_("Filing"), total=count)
            yield lambda done: bar.advance(task, done)
