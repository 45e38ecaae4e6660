"""What came of a run: one card a document, its error beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import _, ngettext
from app.signing.model import SignResult, Status
from ui import wording
from ui.opening import open_folder
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, button, column, copy_text, icon_button, label, row
from ui.widgets.card_list import CardList
from ui.widgets.report_parts import badge


class ResultCard(Card):
    """The card of one document of a run."""

    def __init__(self, result: SignResult) -> None:
        super().__init__(spacing=0)
        self.result = result
        sign = wording.RESULTS[result.status]
        shown = Path(result.output or result.input)
        word = label(sign.word, wrap=False)
        word.setProperty("tone", sign.tone)
        name = Elided(shown.name, "strong")
        name.setToolTip(str(shown))
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
        if result.error is not None or result.warnings:
            tools.addWidget(icon_button(_("Copy this message"), "copy", lambda: copy_text(self.whole_text())))
        self.folder = button(_("Open the folder"), "folder-open", role="quiet", clicked=lambda: open_folder(shown))
        self.folder.setAccessibleName(_("Open the folder of {file}").format(file=shown.name))
        tools.addWidget(self.folder)
        top.addLayout(tools)
        top.setAlignment(tools, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(top)
        self.setAccessibleName(self.whole_text())

    def whole_text(self) -> str:
        """All that the card says, and the code of the error."""
        code = [f"[{self.result.error.code}]"] if self.result.error is not None else []
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
        if result.error is not None:
            lines += [(result.error.message, ""), (result.error.hint, "soft")]
        for warning in result.warnings:
            lines += [(warning.message, ""), (warning.hint, "soft")]
        return [line for line in lines if line[0]]


class SignResults(QWidget):
    """The page after a run."""

    again = Signal()
    anew = Signal()

    def __init__(self) -> None:
        super().__init__()
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
        head = row(self.title, self.retry, self.more)
        head.setStretch(0, 1)
        layout.addLayout(head)
        layout.addWidget(self._list, 1)
        self.results: list[SignResult] = []
        self._offer_again(0)

    def card(self, result: SignResult) -> ResultCard:
        """The card of one of the results shown."""
        card = self._list.card(result.input)
        assert isinstance(card, ResultCard)
        return card

    def show_results(self, results: Sequence[SignResult]) -> None:
        """Show a run's results, those that need a look first."""
        self._list.clear()
        order = list(wording.RESULTS)
        for result in sorted(results, key=lambda result: order.index(result.status)):
            self._list.put(result.input, partial(ResultCard, result))
        self.results = list(results)
        signed = sum(result.status is Status.SIGNED for result in results)
        if signed < len(results):
            self.title.setText(_("{signed} of {total} documents signed").format(signed=signed, total=len(results)))
        else:
            self.title.setText(
                _("{documents} signed, checked and put away").format(documents=wording.documents(signed))
            )
        self._offer_again(len(results) - signed)
        self.more.setFocus()

    def _offer_again(self, left: int) -> None:
        text = ngettext("Try the &rest again ({n} document)", "Try the &rest again ({n} documents)", left).format(
            n=left
        )
        self.retry.setText(text)
        self.retry.setAccessibleName(text.replace("&", ""))
        self.retry.setVisible(bool(left))
