"""What is asked before signing: the document's own words, the key, the act, the mark, the level, where to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.documents.formats import Format
from app.i18n import _, ngettext
from app.settings import Settings
from app.signing.keys import SigningKey
from app.signing.model import Act, Level, Scope, SignOptions
from ui import wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets.act_details import ActDetails
from ui.widgets.basic import Card, Notice, ScrollPane, button, label, rule
from ui.widgets.document_fields import DocumentFields
from ui.widgets.findings_list import FindingsList
from ui.widgets.format_choice import FormatChoice
from ui.widgets.key_choice import KeyChoice
from ui.widgets.managed_card import lock
from ui.widgets.mark_choice import MarkChoice
from ui.widgets.out_choice import OutChoice

_AGENCY_ACTS = (Act.ISSUE, Act.ATTACHMENT, Act.COPY, Act.INCOMING, Act.PLAIN)
_PERSON_ACTS = (Act.APPROVE, Act.PLAIN)


@dataclass(frozen=True)
class Choice:
    """What was chosen for a run."""

    key: SigningKey
    options: SignOptions


class SignSetup(QWidget):
    """The panel beside the document. The button at its foot says how many documents it signs."""

    submitted = Signal()
    #: The person wants to look at each document and sign it then.
    review_wanted = Signal()
    #: Key, act, mark or format changed.
    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._count = 0
        self._held = False
        self._act_by_hand = False
        self.fields = DocumentFields()
        self.findings = FindingsList()
        self.keys = KeyChoice()
        self.details = ActDetails()
        self.mark = MarkChoice(settings)
        self.formats = FormatChoice()
        self.out = OutChoice(settings.archive_dir)
        self._make_act()
        self._make_level()
        self.notice = Notice()
        self.notice.hide()
        self.submit = button("", "pen-line", role="primary", clicked=self.submitted.emit)
        self.submit.setObjectName("signSubmit")
        self.submit.setMinimumHeight(40)
        self.submit.setIconSize(QSize(20, 20))
        self.review = button(_("Look at &each document before it is signed"), "eye", clicked=self.review_wanted.emit)
        self.review.setObjectName("signReview")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(self._scrolled(), 1)
        for part in (self.notice, self.submit, self.review):
            layout.addWidget(part)
        self.keys.changed.connect(self._key_chosen)
        for choice in (self.details, self.mark, self.formats):
            choice.changed.connect(self.changed)
        self.keys.show_tokens(None)

    def _make_act(self) -> None:
        self.act = QComboBox()
        self.act.setObjectName("signAct")
        self.act.setAccessibleName(_("Act of the office"))
        self.act.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.act.setMinimumContentsLength(12)
        self.act.currentIndexChanged.connect(self._act_picked)
        self.act.activated.connect(self._keep_act)
        self.act_line = label(role="small")

    def _make_level(self) -> None:
        settings = self._settings
        self.level = QComboBox()
        self.level.setObjectName("signLevel")
        self.level.setAccessibleName(_("Level of the signature"))
        for level in Level:
            self.level.addItem(wording.level_name(level), str(level))
        server = bool(settings.network.tsa_url)
        self.level.setEnabled(server)
        self.level.setCurrentIndex(self.level.findData(settings.signing.level) if server else 0)
        lock(self.level, settings, "signing.level")
        self.level_line = label("" if server else _("No time-stamp server is set."), role="small")
        self.level.currentIndexChanged.connect(self._tell_level)
        self._tell_level()

    def _scrolled(self) -> QWidget:
        """All that is chosen, in a card that scrolls where the window is low."""
        card = Card(spacing=UNIT // 2)
        body = card.body
        body.addWidget(label(_("What the document says"), "heading"))
        body.addSpacing(UNIT // 2)
        body.addWidget(self.fields)
        body.addWidget(self.findings)
        self._divide(card)
        body.addWidget(label(_("The signature"), "heading"))
        body.addSpacing(UNIT // 2)
        body.addWidget(self.keys)
        body.addSpacing(UNIT // 2)
        for text, field, below in (
            (_("A&ct of the office"), self.act, (self.act_line, self.details, self.mark, self.formats)),
            (_("Level of the s&ignature"), self.level, (self.level_line,)),
        ):
            caption = label(text, "label", wrap=False)
            caption.setBuddy(field)
            for part in (caption, field, *below):
                body.addWidget(part)
        self._divide(card)
        body.addWidget(self.out)
        body.addStretch(1)
        scroll = ScrollPane(_("The signature"))
        scroll.setWidget(card)
        return scroll

    def _divide(self, card: Card) -> None:
        card.body.addSpacing(UNIT)
        card.body.addWidget(rule())
        card.body.addSpacing(UNIT)

    def stop(self) -> None:
        """Look for nothing any more."""
        self.mark.stop()

    def show_count(self, count: int) -> None:
        """How many documents would be signed."""
        self._count = count
        text = self.words_for(count)
        self.submit.setText(text)
        self.submit.setAccessibleName(text.replace("&", ""))
        self._allow()

    def words_for(self, count: int) -> str:
        """What a button says that signs so many documents."""
        return ngettext("&Sign {n} document", "&Sign {n} documents", count).format(n=count)

    def hold(self, held: bool) -> None:
        """Let nothing be signed for the moment."""
        self._held = held
        self._allow()

    def show_signers(self, signers: Sequence[str]) -> None:
        """Whom the documents name as their signers.

        :param signers: the name of each document that names somebody, in the order of the list.
        """
        if self.keys.show_signers(signers):
            self._prefer_signer()
        self.keys.tell_signers(self.chosen_act, self._count)

    def show_tokens(self, plugged: Plugged | None) -> None:
        """Offer the keys of the tokens plugged in."""
        self.keys.show_tokens(plugged)
        self._prefer_signer()

    def show_files(self, formats: Collection[Format | None], acts: Collection[Act]) -> None:
        """Of which formats the files are, and which acts single ones have of their own."""
        self.formats.show_formats(formats)
        self.details.show_acts({self.chosen_act, *acts})

    @property
    def chosen_key(self) -> SigningKey | None:
        return self.keys.chosen

    @property
    def chosen_act(self) -> Act:
        """The act chosen; Qt keeps but the text of it."""
        return Act(self.act.currentData() or Act.PLAIN)

    def choice(self) -> Choice | None:
        """What is chosen now; None where no key is."""
        key = self.chosen_key
        if key is None:
            return None
        signing, network = self._settings.signing, self._settings.network
        level = Level(self.level.currentData()) if network.tsa_url else Level.B
        options = SignOptions(
            act=self.chosen_act,
            level=level,
            tsa_url=network.tsa_url if level is not Level.B else "",
            scope=Scope(signing.scope),
            out=self.out.out,
        )
        options = self.mark.applied(options, list(self.keys.signers))
        return Choice(key, self.formats.applied(self.details.applied(options)))

    def take_options(self, options: SignOptions) -> None:
        """Choose again what an earlier run was asked for, as far as the key allows it."""
        if (at := self.act.findData(str(options.act))) >= 0:
            self.act.setCurrentIndex(at)
        if self.level.isEnabled():
            self.level.setCurrentIndex(self.level.findData(str(options.level)))
        for part in (self.details, self.mark, self.formats):
            part.take(options)
        self.out.go_to(options.out)

    def _prefer_signer(self) -> None:
        """The key of the signer whom the first document names, unless an act was chosen that is not a signer's, or the
        person asked for signatures with the key shown while documents are still being read."""
        if not self._held and (not self._act_by_hand or self.chosen_act is Act.APPROVE):
            self.keys.prefer_signer()

    def _act_picked(self) -> None:
        self._keep_act()
        self._act_chosen()

    def _keep_act(self) -> None:
        self._act_by_hand = True

    def _key_chosen(self) -> None:
        key = self.chosen_key
        before = self.act.currentData()
        acts: tuple[Act, ...] = _PERSON_ACTS if key is not None and key.kind == "person" else _AGENCY_ACTS
        if key is None or key.kind == "unknown":
            acts = tuple(Act)
        self.act.blockSignals(True)
        self.act.clear()
        for act in acts:
            self.act.addItem(wording.act_name(act), str(act))
        self.act.setCurrentIndex(max(0, self.act.findData(before)))
        self.act.blockSignals(False)
        self._act_chosen()

    def _act_chosen(self) -> None:
        self.act_line.setText(wording.act_meaning(self.chosen_act))
        self.keys.tell_signers(self.chosen_act, self._count)
        self.mark.show_for(self.chosen_act, self.chosen_key)
        self._allow()

    def _tell_level(self) -> None:
        if self.level.isEnabled():
            self.level_line.setText(wording.level_meaning(Level(self.level.currentData())))

    def _allow(self) -> None:
        ready = self._count > 0 and self.chosen_key is not None and not self._held
        self.submit.setEnabled(ready)
        self.review.setEnabled(ready)
        self.review.setVisible(self._count > 1)
