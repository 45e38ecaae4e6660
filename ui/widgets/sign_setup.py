"""What is asked before signing: the document's own words, the act, the key, the mark, where to."""

from __future__ import annotations

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

from app.i18n import _, ngettext
from app.settings import Settings
from app.signing.keys import SigningKey
from app.signing.model import Act, Level, Scope, SignOptions
from ui import wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets.basic import Card, Elided, Notice, button, label, row, rule
from ui.widgets.document_fields import DocumentFields

_AGENCY_ACTS = (Act.ISSUE, Act.ATTACHMENT, Act.COPY, Act.INCOMING, Act.PLAIN)
_PERSON_ACTS = (Act.APPROVE, Act.PLAIN)


#: Acts whose mark is a picture; that of the others is words.
_PICTURED = (Act.APPROVE, Act.ISSUE, Act.INCOMING, Act.PLAIN)


@dataclass(frozen=True)
class Choice:
    """What was chosen for a run."""

    key: SigningKey
    options: SignOptions


class SignSetup(QWidget):
    """The panel beside the document. The button at its foot says how many documents it signs."""

    submitted = Signal()
    #: Key, act or visibility of the mark changed.
    changed = Signal()
    #: The person wants to see the mark on its page.
    mark_wanted = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._plugged: Plugged | None = None
        self._count = 0
        self._out: Path | None = None
        self.fields = DocumentFields()

        self.key = QComboBox()
        self.key.setObjectName("signKey")
        self.key.setAccessibleName(_("Sign with"))
        self.key.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.key.setMinimumContentsLength(12)
        self.key.currentIndexChanged.connect(self._key_chosen)
        self.key_line = label(role="small")
        self.act = QComboBox()
        self.act.setObjectName("signAct")
        self.act.setAccessibleName(_("Act of the office"))
        self.act.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.act.setMinimumContentsLength(12)
        self.act.currentIndexChanged.connect(self._act_chosen)
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
        self.show_mark_page(None)
        self.timestamp = QCheckBox(_("Add a t&ime stamp of the server"))
        self.timestamp.setObjectName("signTimestamp")
        self.timestamp.setAccessibleName(self.timestamp.text().replace("&", ""))
        self.timestamp.setEnabled(bool(settings.network.tsa_url))
        self.timestamp.setChecked(settings.signing.level != "B" and bool(settings.network.tsa_url))
        if not settings.network.tsa_url:
            self.timestamp.setToolTip(_("No time-stamp server is set."))
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

        card = Card(spacing=UNIT // 2)
        card.body.addWidget(label(_("What the document says"), "heading"))
        card.body.addSpacing(UNIT // 2)
        card.body.addWidget(self.fields)
        card.body.addSpacing(UNIT)
        card.body.addWidget(rule())
        card.body.addSpacing(UNIT)
        card.body.addWidget(label(_("The signature"), "heading"))
        card.body.addSpacing(UNIT // 2)
        for caption, field, line in (
            (_("Sign &with"), self.key, self.key_line),
            (_("A&ct of the office"), self.act, self.act_line),
        ):
            words = label(caption, "label", wrap=False)
            words.setBuddy(field)
            card.body.addWidget(words)
            card.body.addWidget(field)
            card.body.addWidget(line)
            card.body.addSpacing(UNIT // 2)
        card.body.addWidget(self.mark)
        card.body.addLayout(row(self.mark_picture, self.mark_page, stretch=True))
        card.body.addWidget(self.mark_line)
        card.body.addWidget(self.timestamp)
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

    def show_tokens(self, plugged: Plugged | None) -> None:
        """Offer the keys of the tokens plugged in; those that cannot sign are grey and say why."""
        self._plugged = plugged
        chosen = self.chosen_key
        model = QStandardItemModel(self)
        select = -1
        for at, key in enumerate(plugged.keys if plugged else ()):
            text = key.holder if key.usable else f"{key.holder} — {key.why}"
            item = QStandardItem(text)
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(f"{text}\n{key.token.label} · {key.token.serial}")
            item.setEnabled(key.usable)
            model.appendRow(item)
            same = chosen is not None and key.sha256 == chosen.sha256 and key.token.serial == chosen.token.serial
            if key.usable and (same or select < 0):
                select = at
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
        level = Level.B
        if self.timestamp.isChecked():
            level = Level(signing.level) if signing.level != "B" else Level.T
        shown = self.mark.isChecked() and self.mark.isEnabled()
        options = SignOptions(
            act=self.chosen_act,
            level=level,
            tsa_url=network.tsa_url if level is not Level.B else "",
            mark_image=self._picture() if shown and self.chosen_act in _PICTURED else None,
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
        self._allow()

    def _show_mark(self) -> None:
        """What the mark will be: a picture, or words in the corner (Decree 30/2020, appendix I)."""
        picture = self._picture() if self.chosen_act in _PICTURED else None
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
        elif picture is None and self.chosen_key is not None:
            words = _("No picture is set for this key; see Settings.")
        self.mark_line.setText(words)
        self.mark_line.setVisible(bool(words))
        self.changed.emit()

    def show_mark_page(self, page: int | None) -> None:
        """On which page, from zero, the mark of the document shown will stand; None where there is none."""
        text = _("See it on page {n}").format(n=(page or 0) + 1)
        self.mark_page.setText(text)
        self.mark_page.setAccessibleName(text)
        self.mark_page.setVisible(page is not None)

    def _allow(self) -> None:
        self.submit.setEnabled(self._count > 0 and self.chosen_key is not None)

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Folder for the signed copies"))
        if name:
            self._go_to(Path(name))

    def _go_to(self, out: Path | None) -> None:
        self._out = out
        self._place.setText(str(out) if out else _("The archive, by year and type of document"))
        self._place.setToolTip(str(out or self._settings.archive_dir))
        self._archive.setVisible(out is not None)
