"""What has to be agreed to before documents are signed and any PIN is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal

from app.errors import ErrorInfo, describe
from app.i18n import _
from app.office import Office
from app.preflight.model import Severity
from app.signing.keys import SigningKey
from app.signing.model import Act, SignOptions
from ui.signing_entry import Entry
from ui.theme import UNIT
from ui.widgets.basic import Card, Elided, Notice, button, label
from ui.widgets.card_list import CardList
from ui.wording import beside_file


@dataclass(frozen=True)
class Question:
    """Something about a document that a person decides."""

    entry: Entry
    error: ErrorInfo


def office_questions(office: Office, entry: Entry, options: SignOptions, key: SigningKey) -> Iterator[ErrorInfo]:
    """What is to be asked about one document: findings that nobody answered, another signer, kinds kept on paper.
    What stops it anyway is told by the desk.

    :raises app.errors.AntinError: it was not looked through yet and cannot be read.
    """
    looked = entry.looked
    if looked is None and entry.problem is None:
        looked = office.preflight(entry.path, as_copy=options.act is Act.COPY)
    for finding in looked.findings if looked is not None else ():
        if finding.severity is Severity.ASK and finding.code not in entry.accepts:
            yield ErrorInfo(finding.code, finding.message, finding.hint)
    if entry.problem is None:
        for question in office.questions(entry.path, options, key):
            yield beside_file(describe(question), entry.path)


def _card(question: Question) -> Card:
    card = Card(margins=0, spacing=UNIT // 2)
    card.setProperty("role", "")
    name = Elided(question.entry.path.name, "strong")
    notice = Notice()
    notice.tell(question.error.message, question.error.hint, "caution", "triangle-alert")
    card.body.addWidget(name)
    card.body.addWidget(notice)
    return card


class QuestionsPanel(Card):
    #: Emitted with the questions, all answered with yes.
    agreed = Signal(list)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(margins=UNIT * 2)
        self.setObjectName("questionsPanel")
        self._questions: Sequence[Question] = ()
        self._list = CardList(_("Questions before signing"))
        self.agree = button("", "pen-line", clicked=self._agree)
        self.agree.setAccessibleName(_("It is right so"))
        self.agree.setObjectName("questionsAgree")
        self.back = button(_("&Back, without signing"), role="primary", clicked=self.given_up.emit)
        self.back.setObjectName("questionsBack")
        self.body.addWidget(label(_("Please look at this first"), "heading"))
        self.body.addWidget(self._list, 1)
        self.body.addWidget(self.back)
        self.body.addWidget(self.agree)

    def ask(self, questions: Sequence[Question], action: str) -> None:
        """Show the questions.

        :param action: what happens next, the text of the button that was pressed.
        """
        self._questions = questions
        self._list.clear()
        for at, question in enumerate(questions):
            self._list.put(at, partial(_card, question))
        text = _("It is right so: {action}").format(action=action.replace("&", "").lower())
        self.agree.setText(text)
        self.agree.setAccessibleName(text)
        self.back.setFocus()

    def _agree(self) -> None:
        self.agreed.emit(list(self._questions))
