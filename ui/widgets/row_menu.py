"""What can be done with the files chosen in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import _
from app.signing.model import Act
from ui import wording
from ui.signing_entry import Entry
from ui.widgets.file_list import FileList


class RowMenu(QMenu):
    """:param entries: the files chosen, none of them in a run.
    :param acts: those that the chosen key allows.
    :param set_act: called with the act, None for that of the others.
    :param sign: called where these alone are to be signed.
    :param remove: called where they are to leave the list.
    """

    def __init__(
        self,
        parent: QWidget,
        files: FileList,
        entries: Sequence[Entry],
        acts: Sequence[Act],
        *,
        set_act: Callable[[Act | None], object],
        sign: Callable[[], object],
        remove: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        first = files.files.row_of(entries[0])
        alone = len(entries) == 1
        self.addAction(_("Sign only this") if alone else _("Sign only these"), lambda: sign())
        chosen = self.addMenu(_("Act of the office"))
        for act in (None, *acts):
            words = _("As the others") if act is None else wording.act_name(act)
            action = chosen.addAction(words, partial(set_act, act))
            action.setCheckable(True)
            action.setChecked(all(entry.act is act for entry in entries))
        if alone:
            self.addAction(_("Type the number…"), partial(files.ask_number, first))
        self.addAction(_("Move up"), partial(files.files.move, first, first - 1)).setEnabled(alone and first > 0)
        down = self.addAction(_("Move down"), partial(files.files.move, first, first + 2))
        down.setEnabled(alone and first + 1 < len(files.files.entries))
        self.addSeparator()
        self.addAction(_("Take out of the list"), lambda: remove())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
