"""What is asked before signing: the document's own words, the act, the key, the mark, where to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.documents.text import spelling_key
from app.i18n import _, ngettext
from app.settings import Settings
from app.signing.keys import SigningKey
from app.signing.model import Act, Level, Mark, Scope, SignOptions
from ui import wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets import tips
from ui.widgets.basic import Card, Elided, Notice, button, label, row, rule
from ui.widgets.document_fields import DocumentFields
from ui.widgets.findings_list import FindingsList

_AGENCY_ACTS = (Act.ISSUE, Act.ATTACHMENT, Act.COPY, Act.INCOMING, Act.PLAIN)
_PERSON_ACTS = (Act.APPROVE, Act.PLAIN)


#: Acts whose mark is a picture; that of the others is words.
_PICTURED = (Act.APPROVE, Act.ISSUE, Act.INCOMING, Act.PLAIN)
#: Of those, the acts whose picture the desk takes from the settings itself.
_PICTURED_BY_DESK = (Act.APPROVE, Act.ISSUE)


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
    #: Key, act or visibility of the mark changed.
    changed = Signal()
    #: The person wants to see the mark on its page.
    mark_wanted = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._plugged: Plugged | None = None
        self._count = 0
        self._signers: Counter[str] = Counter()
        self._key_by_hand: SigningKey | None = None
        self._act_by_hand = False
        self._proposed: Mark | None = None
        self._left_out = False
        self._out: Path | None = None
        self.fields = DocumentFields()
        self.findings = FindingsList()

        self.key = QComboBox()
        self.key.setObjectName("signKey")
        self.key.setAccessibleName(_("Sign with"))
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.key.setMinimumContentsLength(12)
        self.key.currentIndexChanged.connect(self._key_picked)
        self.key.activated.connect(self._keep_key)
        self.key_line = label(role="small")
        self.signer_notice = Notice()
        self.signer_notice.hide()
        self.act = QComboBox()
        self.act.setObjectName("signAct")
        self.act.setAccessibleName(_("Act of the office"))
        self.act.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.act.setMinimumContentsLength(12)
        self.act.currentIndexChanged.connect(self._act_picked)
        self.act.activated.connect(self._keep_act)
        self.act_line = label(role="small")
        self.mark = QCheckBox(_("Show the signature on the &page"))
        self.mark.setObjectName("signMark")
        self.mark.setAccessibleName(self.mark.text().replace("&", ""))
        self.mark_line = label(role="small")
        self.mark_picture = QLabel()
        self.mark_picture.setProperty("role", "picture")
        self.mark.toggled.connect(self._show_mark)
        self.mark_page = button("", "eye", role="quiet", clicked=self.mark_wanted.emit)
        self.mark_page.setObjectName("markPage")
        self.mark_page.hide()
        self.level = QComboBox()
        self.level.setObjectName("signLevel")
        self.level.setAccessibleName(_("Level of the signature"))
        for level in Level:
            self.level.addItem(wording.level_name(level), str(level))
        server = bool(settings.network.tsa_url)
        self.level.setEnabled(server)
        self.level.setCurrentIndex(self.level.findData(settings.signing.level) if server else 0)
        self.level_line = label("" if server else _("No time-stamp server is set."), role="small")
        self.level.currentIndexChanged.connect(self._tell_level)
        self._place = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._other = button(_("Choose another &folder…"), "folder-open", role="quiet", clicked=self._choose_folder)
        self._archive = button(_("File into the a&rchive"), "archive", role="quiet", clicked=lambda: self._go_to(None))

        self.notice = Notice()
        self.notice.hide()
        self.submit = button("", "pen-line", role="primary", clicked=self.submitted.emit)
        self.submit.setObjectName("signSubmit")
        self.submit.setMinimumHeight(40)
        self.submit.setIconSize(QSize(20, 20))
        self.review = button(_("Look at &each document before it is signed"), "eye", clicked=self.review_wanted.emit)
        self.review.setObjectName("signReview")

        card = Card(spacing=UNIT // 2)
        card.body.addWidget(label(_("What the document says"), "heading"))
        card.body.addSpacing(UNIT // 2)
        card.body.addWidget(self.fields)
        card.body.addWidget(self.findings)
        card.body.addSpacing(UNIT)
        card.body.addWidget(rule())
        card.body.addSpacing(UNIT)
        card.body.addWidget(label(_("The signature"), "heading"))
        card.body.addSpacing(UNIT // 2)
        for caption, field, lines in (
            (_("Sign &with"), self.key, (self.key_line, self.signer_notice)),
            (_("A&ct of the office"), self.act, (self.act_line,)),
        ):
            words = label(caption, "label", wrap=False)
            words.setBuddy(field)
            card.body.addWidget(words)
            card.body.addWidget(field)
            for line in lines:
                card.body.addWidget(line)
            card.body.addSpacing(UNIT // 2)
        card.body.addWidget(self.mark)
        card.body.addLayout(row(self.mark_picture, self.mark_page, stretch=True))
        card.body.addWidget(self.mark_line)
        words = label(_("Level of the s&ignature"), "label", wrap=False)
        words.setBuddy(self.level)
        for part in (words, self.level, self.level_line):
            card.body.addWidget(part)
        card.body.addSpacing(UNIT)
        card.body.addWidget(rule())
        card.body.addSpacing(UNIT)
        card.body.addWidget(label(_("Signed copies go to"), "label"))
        card.body.addWidget(self._place)
        card.body.addLayout(row(self._other, self._archive, spacing=0, stretch=True))
        card.body.addStretch(1)

        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName(_("The signature"))
        scroll.setWidget(card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.notice)
        layout.addWidget(self.submit)
        layout.addWidget(self.review)
        self._tell_level()
        self._go_to(None)
        self.show_tokens(None)

    def show_count(self, count: int) -> None:
        """How many documents would be signed."""
        self._count = count
        text = ngettext("&Sign {n} document", "&Sign {n} documents", count).format(n=count)
        self.submit.setText(text)
        self.submit.setAccessibleName(text.replace("&", ""))
        self._allow()

    @property
    def action(self) -> str:
        """What the button says."""
        return self.submit.text()

    def show_signers(self, signers: Sequence[str]) -> None:
        """Whom the documents name as their signers.

        :param signers: the name of each document that names somebody, in the order of the list.
        """
        named = Counter(signers)
        if list(named.items()) != list(self._signers.items()):
            self._signers = named
            self._prefer_signer()
        self._tell_signer()

    def show_tokens(self, plugged: Plugged | None) -> None:
        """Offer the keys of the tokens plugged in; those that cannot sign are grey and say why. A key chosen by hand is
        chosen again when its token comes back."""
        self._plugged = plugged
        wanted = self._key_by_hand or self.chosen_key
        model = QStandardItemModel(self)
        select = first = -1
        for at, key in enumerate(plugged.keys if plugged else ()):
            text = key.holder if key.usable else f"{key.holder} — {key.why}"
            item = QStandardItem(text)
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(tips.plain(f"{text}\n{key.token.label} · {key.token.serial}"))
            item.setEnabled(key.usable)
            model.appendRow(item)
            if key.usable and _same_key(key, wanted):
                select = at
            elif key.usable and first < 0:
                first = at
        if select < 0:
            select = first
        self.key.blockSignals(True)
        self.key.setModel(model)
        self.key.setCurrentIndex(select)
        self.key.blockSignals(False)
        if not model.rowCount():
            self.key.setPlaceholderText(_("Looking for tokens…") if plugged is None else _("No token is plugged in"))
        elif select < 0:
            self.key.setPlaceholderText(_("No certificate here can sign"))
        self.key.setEnabled(bool(model.rowCount()))
        self._key_chosen()
        self._prefer_signer()

    @property
    def chosen_key(self) -> SigningKey | None:
        key = self.key.currentData(Qt.ItemDataRole.UserRole)
        return key if isinstance(key, SigningKey) else None

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
        shown = self.mark.isChecked() and self.mark.isEnabled()
        options = SignOptions(
            act=self.chosen_act,
            level=level,
            tsa_url=network.tsa_url if level is not Level.B else "",
            mark_image=self._picture() if shown and self._picture_is_ours() else None,
            visible=shown,
            scope=Scope(signing.scope),
            out=self._out,
        )
        return Choice(key, options)

    def _picture(self) -> Path | None:
        """The picture that stands for the chosen key, where the settings name one that is there."""
        key = self.chosen_key
        if key is None:
            return None
        agency = self._settings.agency
        name = agency.seal_image if key.kind == "organization" else agency.signature_image
        path = self._settings.resolve(name) if name else None
        return path if path is not None and path.is_file() else None

    def _picture_is_ours(self) -> bool:
        """Whether the picture has to be named for the act; that of a leader only where all documents name the holder
        of the key or the settings do."""
        key, act = self.chosen_key, self.chosen_act
        if key is None or act not in _PICTURED or act in _PICTURED_BY_DESK:
            return False
        if key.kind == "organization":
            return True
        holder = self._settings.agency.signature_holder
        named = [holder] if holder else list(self._signers)
        return bool(named) and all(_same(name, key.holder) for name in named)

    def _prefer_signer(self) -> None:
        """Choose the key of the signer whom the first document names, unless key or act was chosen by hand."""
        if _same_key(self._key_by_hand, self.chosen_key) or not self._signers:
            return
        if self._act_by_hand and self.chosen_act is not Act.APPROVE:
            return
        signer = next(iter(self._signers))
        keys = [self.key.itemData(at, Qt.ItemDataRole.UserRole) for at in range(self.key.count())]
        fitting = [
            at for at, key in enumerate(keys) if key.usable and key.kind != "organization" and _same(key.holder, signer)
        ]
        if fitting and self.key.currentIndex() not in fitting:
            self.key.blockSignals(True)
            self.key.setCurrentIndex(fitting[0])
            self.key.blockSignals(False)
            self._key_chosen()

    def _tell_signer(self) -> None:
        """Say where documents name another signer than the holder of the key; nothing is kept from signing."""
        key = self.chosen_key
        others = {}
        if key is not None and self.chosen_act is Act.APPROVE:
            others = {name: count for name, count in self._signers.items() if not _same(name, key.holder)}
        self.signer_notice.setVisible(bool(others))
        if key is None or not others:
            return
        if self._count == 1:
            sentence = _("The document names {signer} as its signer, the certificate is that of {holder}.")
        else:
            sentence = ngettext(
                "{n} document names {signer} as its signer, the certificate is that of {holder}.",
                "{n} documents name {signer} as their signers, the certificate is that of {holder}.",
                sum(others.values()),
            )
        told = sentence.format(n=sum(others.values()), signer=", ".join(others), holder=key.holder)
        self.signer_notice.tell(told, _("It can be signed all the same; else choose another certificate."), "caution")

    def _key_picked(self) -> None:
        self._keep_key()
        self._key_chosen()

    def _keep_key(self) -> None:
        self._key_by_hand = self.chosen_key

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
        if key is not None:
            until = _("Certificate valid until {day}").format(day=wording.day(key.not_after))
            self.key_line.setText(until if key.token.label == key.holder else f"{key.token.label} · {until}")
        else:
            self.key_line.setText(_("Plug in the token; it appears here by itself."))
        self._act_chosen()

    def _act_chosen(self) -> None:
        act = self.chosen_act
        self.act_line.setText(wording.act_meaning(act))
        possible = act not in _PICTURED or self._picture() is not None
        self.mark.setEnabled(possible)
        self.mark.setChecked(possible and act not in (Act.PLAIN, Act.INCOMING))
        self._show_mark()
        self._tell_signer()
        self._allow()

    def _show_mark(self) -> None:
        self._proposed, self._left_out = None, False
        self._tell_mark()
        self.changed.emit()

    def _tell_mark(self) -> None:
        """What the mark will be: a picture, or words in the corner (Decree 30/2020, appendix I)."""
        picture = self._proposed.image if self._proposed is not None else None
        shown = self.mark.isChecked() and self.mark.isEnabled()
        self.mark_picture.setVisible(shown and picture is not None)
        if picture is not None:
            image = QPixmap(str(picture)).scaledToHeight(72, Qt.TransformationMode.SmoothTransformation)
            image.setDevicePixelRatio(2.0)
            self.mark_picture.setPixmap(image)
            self.mark_picture.setAccessibleName(_("Picture that will stand on the page"))
        words = ""
        if self.chosen_act not in _PICTURED:
            words = _("In words, at the top right of the first page.") if shown else ""
        elif self.chosen_key is not None and self._picture() is None:
            words = _("No picture is set for this key; see Settings.")
        elif self.chosen_key is not None and shown and self._left_out:
            words = _("The picture set is not known to be the signature of {holder}: the page will show none.").format(
                holder=self.chosen_key.holder
            )
        self.mark_line.setText(words)
        self.mark_line.setVisible(bool(words))

    def show_proposal(self, mark: Mark | None, *, left_out: bool = False) -> None:
        """The mark that the document shown will bear.

        :param left_out: whether one was wanted and there is none to show.
        """
        self._proposed, self._left_out = mark, left_out
        self._tell_mark()

    def show_mark_page(self, page: int | None) -> None:
        """On which page, from zero, the mark of the document shown will stand; None where there is none."""
        text = _("See it on page {n}").format(n=(page or 0) + 1)
        self.mark_page.setText(text)
        self.mark_page.setAccessibleName(text)
        self.mark_page.setVisible(page is not None)

    def _tell_level(self) -> None:
        if self.level.isEnabled():
            self.level_line.setText(wording.level_meaning(Level(self.level.currentData())))

    def take_options(self, options: SignOptions) -> None:
        """Choose again what an earlier run was asked for, as far as the key allows it."""
        if (at := self.act.findData(str(options.act))) >= 0:
            self.act.setCurrentIndex(at)
        if self.level.isEnabled():
            self.level.setCurrentIndex(self.level.findData(str(options.level)))
        self._go_to(options.out)

    def _allow(self) -> None:
        ready = self._count > 0 and self.chosen_key is not None
        self.submit.setEnabled(ready)
        self.review.setEnabled(ready)
        self.review.setVisible(self._count > 1)

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Folder for the signed copies"))
        if name:
            self._go_to(Path(name))

    def _go_to(self, out: Path | None) -> None:
        self._out = out
        self._place.setText(str(out) if out else _("The archive, by year and type of document"))
        self._place.setToolTip(str(out or self._settings.archive_dir))
        self._archive.setVisible(out is not None)


def _same_key(key: SigningKey | None, other: SigningKey | None) -> bool:
    """Whether both are one key on one token, as it was read at two times."""
    if key is None or other is None:
        return False
    return (key.sha256, key.token.serial) == (other.sha256, other.token.serial)


def _same(name: str, other: str) -> bool:
    """Whether two spellings name the same person."""
    return spelling_key(name) == spelling_key(other)
