"""One verified file: whether to accept it, why, what to do; who signed; and all facts, folded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from app.i18n import _, ngettext
from app.verification.model import Conclusion, FileReport
from app.verification.refusal import is_refusable
from app.verification.resending import can_be_asked_for_again
from ui import opening, report_text, theme, wording
from ui.theme import UNIT
from ui.widgets import tips
from ui.widgets.basic import (
    QUIET_PADDING,
    Card,
    Elided,
    button,
    column,
    copy_text,
    label,
    pictogram,
    rule,
    selectable,
)
from ui.widgets.changes_view import can_show_changes
from ui.widgets.flow import Flow
from ui.widgets.report_parts import FactsFold, Signer, reason_line

#: The reason of a signature file whose document is not beside it.
_WITHOUT_CONTENT = "cms-content-not-found"

#: Reasons to look at which roots are trusted.
_ABOUT_ROOTS = frozenset({"chain-root-unknown", "chain-issuer-unknown"})


class ReportCard(Card):
    """The card of one file.

    :param report: what it shows.
    :param where: the file on the disk; of a file in a ZIP the ZIP.
    :param packed: whether it is in a ZIP.
    """

    #: A person wants to see what was changed after signing; the :class:`SignatureReport` it was changed after.
    changes_asked = Signal(object)
    #: … to write to the sender: to refuse the document, or to ask for it again.
    note_asked = Signal()
    #: … to say which file a signature file signs.
    content_asked = Signal()
    #: … the file checked again.
    again_asked = Signal()
    #: … to look at the document.
    document_asked = Signal()
    #: … to open it in the program that the system has for it.
    open_asked = Signal()
    #: … to see which roots are trusted.
    trust_asked = Signal()

    def __init__(self, report: FileReport, where: Path, *, packed: bool = False) -> None:
        super().__init__(margins=0, spacing=0)
        self.report = report
        self._where = where
        self._packed = packed
        self.signers: list[Signer] = []
        self._now = dt.datetime.now(dt.UTC)
        sign = wording.VERDICTS[report.conclusion]
        name = report_text.file_name(report)
        self.setAccessibleName(f"{sign.word}: {name}. {wording.advice(report.conclusion)} {report.summary}")
        self.file_name = Elided(name)
        self.file_name.setToolTip(tips.plain(report.path))
        self.refuse = button(_("Re&fuse to receive…"), "ban", clicked=self.note_asked.emit)
        self.ask_again = button(_("&Write a request to send it again…"), "file-pen-line", clicked=self.note_asked.emit)
        self.see_trust = button(_("See the &trusted sources"), "landmark", clicked=self.trust_asked.emit)
        self.choose_content = button(
            _("Choose the &signed document…"), "file-search", role="primary", clicked=self.content_asked.emit
        )
        self.changed = next((one for one in report.signatures if can_show_changes(where, one)), None)
        harmless = report.conclusion is Conclusion.VALID
        self.see_changes = button(
            _("See &what was added") if harmless else _("See &what was changed"),
            "diff",
            role="quiet" if harmless else "",
            clicked=lambda: self.changes_asked.emit(self.changed),
        )
        self.document_button = self._tool(_("Look at the doc&ument"), "file-text", self.document_asked.emit)

        self.body.addWidget(self._head(sign))
        inner = column(spacing=UNIT * 2)
        inner.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        inner.addLayout(self._sentences())
        if report.signatures:
            inner.addWidget(rule())
            inner.addLayout(self._signers())
        inner.addWidget(rule())
        inner.addLayout(self._about_the_file())
        self.body.addLayout(inner)

    def take_keyboard(self) -> None:
        """Let the keyboard begin with what this card is about: a decision, else the first signature's details."""
        folds = [signer.fold.button for signer in self.signers]
        [*self._decisions(), *folds, self.about.button][0].setFocus()

    def show_document_button(self, shown: bool) -> None:
        """Offer to look at the document, where it does not stand beside the card."""
        self.document_button.setVisible(shown)

    def _head(self, sign: wording.Sign) -> QFrame:
        """The verdict as large as anything on the page."""
        head = QFrame()
        head.setProperty("role", "verdict")
        head.setProperty("tone", sign.tone)
        self.verdict = label(sign.word)
        self.verdict.setProperty("role", "verdict")
        self.verdict.setProperty("tone", sign.tone)
        words = column(spacing=0)
        words.addWidget(self.verdict)
        words.addWidget(selectable(wording.advice(self.report.conclusion), "strong"))
        words.addSpacing(4)
        words.addWidget(self.file_name)
        layout = QHBoxLayout(head)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(pictogram(sign.icon, theme.tone_colour(sign.tone), 40))
        layout.addLayout(words, 1)
        return head

    def _sentences(self) -> QVBoxLayout:
        words = column(spacing=UNIT)
        words.addWidget(selectable(self.report.summary))
        if self.report.next_step not in ("", wording.advice(self.report.conclusion)):
            words.addWidget(label(_("What to do"), "label"))
            words.addWidget(selectable(self.report.next_step, "strong"))
        told = self.report.summary
        own = [reason for reason in self.report.reasons if reason.message.rstrip(".")[1:] not in told]
        for reason in own:
            words.addLayout(reason_line(reason, self.report.next_step))
        if tools := self._decisions():
            words.addLayout(Flow(*tools))
        return words

    def _signers(self) -> QVBoxLayout:
        signatures = self.report.signatures
        told = self.report.next_step
        self.signers = [Signer(at, signature, self._now, told) for at, signature in enumerate(signatures, start=1)]
        words = column(spacing=UNIT * 2)
        count = len(signatures)
        words.addWidget(label(ngettext("{n} signature", "{n} signatures", count).format(n=count), "label"))
        for signer in self.signers:
            words.addWidget(signer)
        return words

    def _about_the_file(self) -> QVBoxLayout:
        self.about = FactsFold(
            _("About the file"),
            _("About the file {file}").format(file=report_text.file_name(self.report)),
            report_text.file_rows(self.report),
        )
        words = column(spacing=UNIT)
        words.addWidget(self.about)
        self.open_button = self._tool(_("&Open the file"), "external-link", self.open_asked.emit)
        self.folder_button = self._tool(
            _("Open its fol&der"), "folder-open", lambda: opening.open_folder_of(self._where)
        )
        self.again_button = self._tool(_("Check a&gain (F5)"), "refresh-cw", self.again_asked.emit)
        self.copy_button = self._tool(_("&Copy the result"), "copy", self._copy)
        tools = [self.document_button, self.open_button, self.folder_button, self.again_button, self.copy_button]
        if self.report.conclusion is Conclusion.VALID and self.changed is not None:
            tools.insert(0, self.see_changes)
        words.addLayout(Flow(*tools, spacing=2, outdent=QUIET_PADDING))
        return words

    def _decisions(self) -> list[QPushButton]:
        """What a person may want to do where a document is not simply valid."""
        tools = []
        if self.report.conclusion is not Conclusion.VALID and self.changed is not None:
            tools.append(self.see_changes)
        if is_refusable(self.report):
            tools.append(self.refuse)
        if can_be_asked_for_again(self.report):
            tools.append(self.ask_again)
        reasons = [*self.report.reasons, *(r for signature in self.report.signatures for r in signature.reasons)]
        codes = {reason.code for reason in reasons}
        if _WITHOUT_CONTENT in codes and not self._packed:
            tools.insert(0, self.choose_content)
        if codes & _ABOUT_ROOTS:
            tools.append(self.see_trust)
        return tools

    def _tool(self, text: str, icon: str, clicked: Callable[[], object]) -> QPushButton:
        made = button(text, icon, role="quiet", clicked=clicked)
        name = text.replace("&", "")
        made.setAccessibleName(f"{name}: {report_text.file_name(self.report)}")
        return made

    def _copy(self) -> None:
        copy_text(report_text.whole_text(self.report, self._now))
