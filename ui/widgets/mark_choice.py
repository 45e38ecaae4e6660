"""Whether the signature is seen on the page, and what a plain one shows there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.i18n import _
from app.settings import Settings
from app.signing.keys import SigningKey
from app.signing.model import Act, SignOptions
from ui.theme import UNIT
from ui.widgets.basic import button, column, label
from ui.widgets.flow import Flow
from ui.widgets.key_choice import same_person
from ui.work import Job, Pool

#: Acts whose mark is a picture of the settings, taken by the desk itself.
_PICTURED = (Act.APPROVE, Act.ISSUE)
#: Height of the picture of the mark, in pixels.
_PICTURE_HEIGHT = 40
_PICTURE_WIDTH = 176

#: Words offered for a plain mark whatever the settings name; see :mod:`app.signing.mark_text` for the fields.
_OF_PERSON = "{name}\n{organization}\n{reason}\n{time}"
_OF_AGENCY = "{name}\n{reason}\n{time}"


class MarkChoice(QWidget):
    """:ivar box: whether there is a mark. :ivar page: leads to it."""

    changed = Signal()
    #: The person wants to see the mark on its page.
    page_wanted = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._key: SigningKey | None = None
        self._act: Act | None = None
        self._proposed = False
        self._left_out = False
        self._problem = ""
        self._image: Path | None = None
        self._pool = Pool(1, self)
        self._look: Job[frozenset[Path]] | None = None
        self._away: frozenset[Path] = frozenset()
        self.box = QCheckBox(_("Show the signature on the &page"))
        self.box.setObjectName("signMark")
        self.box.setAccessibleName(self.box.text().replace("&", ""))
        self.line = label(role="small")
        self.picture = QLabel()
        self.picture.setProperty("role", "picture")
        self.picture.setAccessibleName(_("What will stand on the page"))
        self.page = button("", "eye", role="quiet", clicked=self.page_wanted.emit)
        self.page.setObjectName("markPage")
        self.page.hide()
        self.plain = self._made_plain()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addWidget(self.box)
        layout.addWidget(self.plain)
        layout.addLayout(Flow(self.picture, self.page, spacing=UNIT // 2))
        layout.addWidget(self.line)
        self.box.toggled.connect(self._changed)

    def _made_plain(self) -> QWidget:
        """What a plain mark shows: words, a QR code, a picture."""
        made = QWidget()
        self.words = QComboBox()
        self.words.setObjectName("markWords")
        self.words.addItem(_("No words"), "")
        self.words.addItem(_("Name, agency, reason, time"), _OF_PERSON)
        for name, words in self._settings.signing.mark_templates.items():
            self.words.addItem(name, words.replace("\\n", "\n"))
        self.words.addItem(_("Words of my own"), None)
        self.words.setCurrentIndex(1)
        self.words.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.words.setMinimumContentsLength(12)
        self.own = QPlainTextEdit(_OF_PERSON)
        self.own.setObjectName("markOwnWords")
        self.own.setAccessibleName(_("Words of my own"))
        self.own.setTabChangesFocus(True)
        self.own.setFixedHeight(88)
        self.own.hide()
        self.reason = QLineEdit()
        self.reason.setObjectName("markReason")
        self.qr = QCheckBox(_("&QR code with the hash of the document"))
        self.qr.setObjectName("markQr")
        self.qr.setAccessibleName(self.qr.text().replace("&", ""))
        self.choose = button(_("Choose a p&icture…"), "folder-open", role="quiet", clicked=self._choose)
        self.choose.setObjectName("markChoose")
        self.drop = button(_("No picture"), "x", role="quiet", clicked=lambda: self._take(None))
        self.drop.setObjectName("markNoPicture")
        self.drop.hide()
        body = column(spacing=UNIT // 2)
        for text, field in ((_("Wor&ds of the mark"), self.words), (_("Rea&son"), self.reason)):
            caption = label(text, "label", wrap=False)
            caption.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            body.addWidget(caption)
            body.addWidget(field)
            if field is self.words:
                body.addWidget(self.own)
        body.addWidget(self.qr)
        body.addLayout(Flow(self.choose, self.drop, spacing=0))
        made.setLayout(body)
        self.words.currentIndexChanged.connect(self._changed)
        self.own.textChanged.connect(self._changed)
        self.reason.textChanged.connect(self._changed)
        self.qr.toggled.connect(self._changed)
        return made

    def show_for(self, act: Act, key: SigningKey | None) -> None:
        """Offer what the act and the key allow; a mark is proposed where the act has one of its own. What was chosen
        for the same act and key stays."""
        same = act is self._act and (key and key.sha256) == (self._key and self._key.sha256)
        self._act, self._key = act, key
        if same:
            self._changed()
            return
        self.words.setItemData(1, _OF_AGENCY if key is not None and key.holder == key.organization else _OF_PERSON)
        self._propose_mark()
        self._look_for_pictures()

    def stop(self) -> None:
        """Look for no more pictures."""
        self._pool.leave()

    def _propose_mark(self) -> None:
        possible = self._act not in _PICTURED or self._set_picture() is not None
        with QSignalBlocker(self.box):
            self.box.setEnabled(possible)
            self.box.setChecked(possible and self._act is not Act.PLAIN)
        self._changed()

    def _look_for_pictures(self) -> None:
        """Find out which pictures of the settings are not there, off the main thread: they may lie on a share."""
        if self._look is not None:
            self._look.cancel()
        paths = [path for path in map(self._named_picture, ("organization", "person")) if path is not None]
        self._look = self._pool.start(
            lambda _job: frozenset(path for path in paths if not _is_file(path)),
            done=self._found_away,
            failed=lambda _error: None,
        )

    def _found_away(self, away: frozenset[Path]) -> None:
        before, self._away = self._set_picture(), away
        if self._set_picture() != before:
            self._propose_mark()

    def applied(self, options: SignOptions, signers: list[str]) -> SignOptions:
        """The options with what is chosen here.

        :param signers: whom the documents name.
        """
        shown = self.box.isChecked() and self.box.isEnabled()
        if self._act is not Act.PLAIN:
            return dataclasses.replace(options, visible=shown)
        reason = " ".join(self.reason.text().split())
        if not shown:
            return dataclasses.replace(options, visible=False, reason=reason)
        return dataclasses.replace(
            options,
            mark_image=self._image or self._own_picture(signers),
            mark_template=self._template(),
            reason=reason,
            qr=self.qr.isChecked(),
        )

    def take(self, options: SignOptions) -> None:
        """Choose again what an earlier run was asked for."""
        if self.box.isEnabled():
            self.box.setChecked(options.visible)
        if options.act is not Act.PLAIN:
            return
        at = self.words.findData(options.mark_template)
        if at < 0:
            at = self.words.count() - 1
            self.own.setPlainText(options.mark_template)
        self.words.setCurrentIndex(at)
        self.reason.setText(options.reason)
        self.qr.setChecked(options.qr)
        self._take(options.mark_image)

    def show_proposal(self, picture: QImage | None, *, left_out: bool = False, problem: str = "") -> None:
        """The mark that the document shown will bear; None where there is none to show.

        :param left_out: whether one was wanted.
        :param problem: why it cannot be made.
        """
        self._proposed, self._left_out, self._problem = picture is not None, left_out, problem
        if picture is not None:
            ratio = max(2.0, self.devicePixelRatioF())
            size = picture.size().scaled(
                round(_PICTURE_WIDTH * ratio), round(_PICTURE_HEIGHT * ratio), Qt.AspectRatioMode.KeepAspectRatio
            )
            shown = QPixmap.fromImage(
                picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
            )
            shown.setDevicePixelRatio(ratio)
            self.picture.setPixmap(shown)
        self._tell()

    def show_page(self, page: int | None) -> None:
        """On which page, from zero, the mark of the document shown will stand; None where there is none."""
        text = _("See it on page {n}").format(n=(page or 0) + 1)
        self.page.setText(text)
        self.page.setAccessibleName(text)
        self.page.setVisible(page is not None)

    def _changed(self) -> None:
        self.own.setVisible(self.words.currentData() is None)
        self._proposed = self._left_out = False
        self._problem = ""
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        """What the mark will be: a picture, or words in the corner (Decree 30/2020, appendix I)."""
        shown = self.box.isChecked() and self.box.isEnabled()
        self.plain.setVisible(shown and self._act is Act.PLAIN)
        self.picture.setVisible(shown and self._proposed)
        words = self._problem
        if self._act in (Act.ATTACHMENT, Act.COPY):
            words = words or (_("In words, at the top right of the first page.") if shown else "")
        elif self._act is Act.INCOMING:
            awaited = shown and not self._proposed
            words = words or (_("The stamp of arrival, once its number is typed.") if awaited else "")
        elif self._key is not None and self._act in _PICTURED and self._set_picture() is None:
            words = _("No picture is set for this key; see Settings.")
        elif self._key is not None and self._act in _PICTURED and shown and self._left_out:
            words = _("The picture set is not known to be the signature of {holder}: the page will show none.").format(
                holder=self._key.holder
            )
        self.line.setText(words)
        self.line.setVisible(bool(words))

    def _template(self) -> str:
        data = self.words.currentData()
        return str(data) if data is not None else self.own.toPlainText().strip()

    def _set_picture(self) -> Path | None:
        """The picture that stands for the chosen key, where the settings name one; but one that is known not to be
        there."""
        path = self._named_picture(self._key.kind) if self._key is not None else None
        return None if path in self._away else path

    def _named_picture(self, kind: str) -> Path | None:
        """What the settings name for a kind of key."""
        agency = self._settings.agency
        name = agency.seal_image if kind == "organization" else agency.signature_image
        return self._settings.resolve(name) if name else None

    def _own_picture(self, signers: list[str]) -> Path | None:
        """The picture of the settings for a plain mark; that of a leader only where all documents name the holder of
        the key or the settings do."""
        key = self._key
        if key is None or key.kind == "organization":
            return self._set_picture()
        holder = self._settings.agency.signature_holder
        named = [holder] if holder else signers
        ours = bool(named) and all(same_person(name, key.holder) for name in named)
        return self._set_picture() if ours else None

    def _choose(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, _("Picture of the mark"), "", _("Pictures (*.png)"))
        if name:
            self._take(Path(name))

    def _take(self, image: Path | None) -> None:
        self._image = image
        self.drop.setVisible(image is not None)
        self._changed()


def _is_file(path: Path) -> bool:
    """What cannot be looked at is no picture either."""
    try:
        return path.is_file()
    except OSError:
        return False
