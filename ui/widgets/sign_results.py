"""What came of a run: one card a document, its error beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.errors import ErrorInfo, describe
from app.i18n import _, ngettext
from app.signing.model import Level, SignResult, Status
from app.signing.summary import write_summary
from app.signing.upgrade import UpgradeResult, UpgradeStatus
from ui import wording
from ui.opening import open_folder_of
from ui.theme import UNIT
from ui.widgets import tips
from ui.widgets.basic import Card, Elided, Notice, button, column, copy_text, icon_button, label, row
from ui.widgets.card_list import CardList
from ui.widgets.report_parts import badge
from ui.work import Pool

#: What a copy can be raised to, by the level that it has.
_HIGHER: dict[Level | None, Level] = {Level.B: Level.T, Level.T: Level.LT, Level.LT: Level.LTA}


class ResultCard(Card):
    """The card of one document of a run.

    :param raised: what came of raising its level; None before that.
    :param raise_level: called when the person wants a higher level; None where none can be had.
    :param retry: called when the person wants it tried again; None where it is signed.
    """

    def __init__(
        self,
        result: SignResult,
        raised: UpgradeResult | None = None,
        raise_level: Callable[[Level], object] | None = None,
        retry: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(spacing=0)
        self.result = result
        self._raised = raised
        sign = wording.RESULTS[result.status]
        shown = Path(result.output or result.input)
        word = label(sign.word, wrap=False)
        word.setProperty("tone", sign.tone)
        name = Elided(shown.name, "strong")
        name.setToolTip(tips.plain(str(shown)))
        head = row(word, name)
        head.setStretch(1, 1)
        words = column(spacing=2)
        words.addLayout(head)
        for line in self._lines():
            words.addWidget(label(*line))
        top = QHBoxLayout()
        top.setSpacing(UNIT * 2)
        top.addWidget(badge(sign), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        tools = row(spacing=0)
        if result.error is not None or result.warnings or (raised is not None and raised.error is not None):
            tools.addWidget(icon_button(_("Copy this message"), "copy", lambda: copy_text(self.whole_text())))
        higher = _HIGHER.get(self._level)
        if raise_level is not None and higher is not None:
            self.higher = button(
                _("Raise to level {level}").format(level=higher), "clock", role="quiet", clicked=self._raise
            )
            self.higher.setObjectName("resultRaise")
            self.higher.setAccessibleName(_("Raise {file} to level {level}").format(file=shown.name, level=higher))
            tools.addWidget(self.higher)
        self._raise_level = raise_level
        if retry is not None:
            self.retry = button(_("Try again"), "rotate-ccw", role="quiet", clicked=retry)
            self.retry.setObjectName("resultRetry")
            self.retry.setAccessibleName(_("Try {file} again").format(file=shown.name))
            tools.addWidget(self.retry)
        self.folder = button(_("Open the folder"), "folder-open", role="quiet", clicked=lambda: open_folder_of(shown))
        self.folder.setAccessibleName(_("Open the folder of {file}").format(file=shown.name))
        tools.addWidget(self.folder)
        top.addLayout(tools)
        top.setAlignment(tools, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(top)
        self.setAccessibleName(self.whole_text())

    @property
    def _level(self) -> Level | None:
        """The level that the copy has; None where there is no copy."""
        if self._raised is not None and self._raised.status is not UpgradeStatus.FAILED:
            return self._raised.level_reached
        return self.result.level_reached

    def _raise(self) -> None:
        level = self._level
        if self._raise_level is not None and level is not None:
            self.higher.setEnabled(False)
            self._raise_level(_HIGHER[level])

    def whole_text(self) -> str:
        """All that the card says, and the code of the error."""
        errors = (self.result.error, self._raised.error if self._raised is not None else None)
        code = [f"[{error.code}]" for error in errors if error is not None]
        return "\n".join(
            [f"{wording.RESULTS[self.result.status].word}: {self.result.output or self.result.input}"]
            + [text for text, _role in self._lines()]
            + code
        )

    def _lines(self) -> list[tuple[str, str]]:
        result = self.result
        lines = []
        if result.status is Status.SIGNED:
            where = result.filed
            if where is not None:
                lines.append((_("Filed under {year} › {type}").format(year=where.year, type=where.type), ""))
            else:
                lines.append((str(Path(result.output or "").parent), ""))
            level = str(result.level_reached or result.level_requested)
            lines.append((_("Level {level} · signed by {signer}").format(level=level, signer=result.signer), "soft"))
        if result.level_reached is not None and result.level_reached is not result.level_requested:
            lines.append(
                (
                    _("Level {wanted} was wanted; it can be raised later without the token.").format(
                        wanted=result.level_requested
                    ),
                    "",
                )
            )
        if (raised := self._raised) is not None:
            if raised.error is not None:
                lines += _told(raised.error, raised.input)
            else:
                path = Path(raised.output or raised.input).name
                lines.append((_("Raised to level {level}: {file}").format(level=raised.level_reached, file=path), ""))
            for note in raised.warnings:
                lines += _told(note, raised.input)
        for told in (*((result.error,) if result.error is not None else ()), *result.warnings):
            lines += _told(told, result.input)
        return [line for line in lines if line[0]]


def _told(error: ErrorInfo, path: str) -> list[tuple[str, str]]:
    """What went wrong with the file whose name stands above, and what to do, each with its role."""
    brief = wording.beside_file(error, Path(path))
    return [(brief.message, ""), (brief.hint, "soft")]


class SignResults(QWidget):
    """The page after a run."""

    again = Signal()
    anew = Signal()
    #: Emitted with a :class:`SignResult` and the :class:`Level` its copy is to be raised to.
    raise_wanted = Signal(object, object)
    #: Emitted with the :class:`SignResult` of a document that is to be tried again by itself.
    retry_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._saving = Pool(1, self)
        self.title = label(role="heading")
        self.title.setObjectName("resultsTitle")
        self.retry = button("", "rotate-ccw", clicked=self.again.emit)
        self.retry.setObjectName("resultsRetry")
        self.more = button(_("Sign &other documents"), "file-plus", role="primary", clicked=self.anew.emit)
        self.more.setObjectName("resultsMore")
        self._list = CardList(_("Results"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT * 2)
        self.save = button(_("Sa&ve the table…"), "save", clicked=self._save)
        self.save.setObjectName("resultsSave")
        self.notice = Notice()
        self.notice.hide()
        head = row(self.title, self.save, self.retry, self.more)
        head.setStretch(0, 1)
        layout.addLayout(head)
        layout.addWidget(self.notice)
        layout.addWidget(self._list, 1)
        self.results: list[SignResult] = []
        self._raised: dict[str, UpgradeResult] = {}
        self._offer_again(0)

    def card(self, result: SignResult) -> ResultCard:
        """The card of one of the results shown."""
        card = self._list.card(result.input)
        assert isinstance(card, ResultCard)
        return card

    def show_results(self, results: Sequence[SignResult], left: int) -> None:
        """Show a run's results, those that need a look first.

        :param left: how many documents at hand are not signed.
        """
        self._raised = {}
        self.results = list(results)
        self._show_cards()
        self.notice.hide()
        signed = sum(result.status is Status.SIGNED for result in results)
        if signed < len(results):
            self.title.setText(_("{signed} of {total} documents signed").format(signed=signed, total=len(results)))
        else:
            self.title.setText(
                _("{documents} signed, checked and put away").format(documents=wording.documents(signed))
            )
        self._offer_again(left)
        self.more.setFocus()

    def show_raised(self, result: SignResult, raised: UpgradeResult) -> SignResult:
        """Tell what came of raising the level of a copy.

        :return: the result as it is now; the next raising is that of the raised copy.
        """
        at = self.results.index(result)
        if raised.status is UpgradeStatus.UPGRADED:
            replaced = msgspec.structs.replace(
                result, output=raised.output, level_reached=raised.level_reached, sha256=raised.sha256
            )
            self.results[at] = replaced
        self._raised[result.input] = raised
        self._show_cards()
        return self.results[at]

    def _show_cards(self) -> None:
        self._list.clear()
        order = list(wording.RESULTS)
        for result in sorted(self.results, key=lambda result: order.index(result.status)):
            self._list.put(result.input, partial(self._made, result))

    def _made(self, result: SignResult) -> ResultCard:
        highest = Level.T if result.format == "ooxml" else Level.LTA
        can_be_raised = result.status is Status.SIGNED and result.level_reached is not highest
        return ResultCard(
            result,
            self._raised.get(result.input),
            partial(self.raise_wanted.emit, result) if can_be_raised else None,
            None if result.status is Status.SIGNED else partial(self.retry_wanted.emit, result),
        )

    def tell(self, error: Exception) -> None:
        """Tell an error that belongs to no document."""
        self.notice.tell_error(describe(error))

    def _save(self) -> None:
        """Keep what the run came to as a table."""
        kinds = (_("Spreadsheet (*.xlsx)"), _("Text table (*.csv)"))
        name, chosen = QFileDialog.getSaveFileName(
            self, _("Save the table"), _("Signed documents") + ".xlsx", ";;".join(kinds)
        )
        if not name:
            return
        path = Path(name)
        if path.suffix.lower() not in (".xlsx", ".csv"):
            path = path.with_name(path.name + (".csv" if chosen == kinds[1] else ".xlsx"))
        self.save_table(path)

    def save_table(self, path: Path) -> None:
        """Write the table of the results shown."""
        results = list(self.results)
        self.save.setEnabled(False)

        def end() -> None:
            self.save.setEnabled(True)
            self.notice.show()

        def done(_nothing: None) -> None:
            self.notice.tell(_("Saved: {file}").format(file=path), "", "good", "circle-check")
            end()

        def failed(error: Exception) -> None:
            self.tell(error)
            end()

        self._saving.start(lambda _job: write_summary(results, path), done=done, failed=failed)

    def stop(self) -> None:
        """Wait until the table is written."""
        self._saving.close()

    def _offer_again(self, left: int) -> None:
        text = ngettext("Try the &rest again ({n} document)", "Try the &rest again ({n} documents)", left).format(
            n=left
        )
        self.retry.setText(text)
        self.retry.setAccessibleName(text.replace("&", ""))
        self.retry.setVisible(bool(left))
