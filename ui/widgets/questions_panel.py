"""What has to be agreed to before documents are signed and any PIN is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.errors import ErrorInfo, describe
from app.i18n import _
from app.office import Office
from app.preflight.model import Severity
from app.signing.keys import SigningKey
from app.signing.model import SignOptions
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, button, clear, label
from ui.widgets.file_list import Entry


@dataclass(frozen=True)
class Question:
    """Something about a document that a person decides."""

    entry: Entry
    error: ErrorInfo


def office_questions(office: Office, entry: Entry, options: SignOptions, key: SigningKey) -> Iterator[ErrorInfo]:
    """What is to be asked about one document: findings that nobody answered, another signer, kinds kept on paper.
    What stops it anyway is told by the desk."""
    for finding in entry.findings:
        if finding.severity is Severity.ASK and finding.code not in entry.accepts:
            yield ErrorInfo(finding.code, finding.message, finding.hint)
    if entry.problem is None:
        yield from map(describe, office.questions(entry.path, options, key))


class QuestionsPanel(Card):
    #: Emitted with the questions, all answered with yes.
    agreed = Signal(list)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("questionsPanel")
        self._questions: Sequence[Question] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT)
        inside = QWidget()
        inside.setObjectName("scrollBody")
        inside.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName(_("Questions before signing"))
        scroll.setWidget(inside)
        self.agree = button("", "pen-line", clicked=self._agree)
        self.agree.setAccessibleName(_("It is right so"))
        self.agree.setObjectName("questionsAgree")
        self.back = button(_("&Back, without signing"), role="primary", clicked=self.given_up.emit)
        self.back.setObjectName("questionsBack")
        self.body.addWidget(label(_("Please look at this first"), "heading"))
        self.body.addWidget(scroll, 1)
        self.body.addWidget(self.back)
        self.body.addWidget(self.agree)

    def ask(self, questions: Sequence[Question], action: str) -> None:
        """Show the questions.

        :param action: what happens next, the text of the button that was pressed.
        """
        self._questions = questions
        clear(self._list)
        for question in questions:
            self._list.addWidget(label(question.entry.path.name, "strong"))
            notice = Notice()
            notice.tell(question.error.message, question.error.hint, "caution", "triangle-alert")
            self._list.addWidget(notice)
        self._list.addStretch(1)
        text = _("It is right so: {action}").format(action=action.replace("&", "").lower())
        self.agree.setText(text)
        self.agree.setAccessibleName(text)
        self.back.setFocus()

    def _agree(self) -> None:
        self.agreed.emit(list(self._questions))
