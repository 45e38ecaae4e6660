"""With which key to sign: those of the tokens plugged in, the one of the signer whom the documents name first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.documents.text import spelling_key
from app.i18n import _, ngettext
from app.signing.keys import SigningKey
from app.signing.model import Act
from ui import wording
from ui.theme import UNIT
from ui.tokens import Plugged
from ui.widgets import tips
from ui.widgets.basic import Notice, label


class KeyChoice(QWidget):
    """:ivar box: the keys. :ivar signer_notice: that documents name somebody else."""

    #: Another key is chosen, or what is plugged in was read again.
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._plugged: Plugged | None = None
        self._by_hand: SigningKey | None = None
        self._signers: Counter[str] = Counter()
        self.box = QComboBox()
        self.box.setObjectName("signKey")
        self.box.setAccessibleName(_("Sign with"))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(12)
        self.box.currentIndexChanged.connect(self._picked)
        self.box.activated.connect(self.keep)
        self._line = label(role="small")
        self.signer_notice = Notice()
        self.signer_notice.hide()
        caption = label(_("Sign &with"), "label", wrap=False)
        caption.setBuddy(self.box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        for part in (caption, self.box, self._line, self.signer_notice):
            layout.addWidget(part)

    @property
    def chosen(self) -> SigningKey | None:
        key = self.box.currentData(Qt.ItemDataRole.UserRole)
        return key if isinstance(key, SigningKey) else None

    @property
    def signers(self) -> Sequence[str]:
        """Whom the documents name, each once."""
        return list(self._signers)

    def show_tokens(self, plugged: Plugged | None) -> None:
        """Offer the keys of the tokens plugged in; those that cannot sign are grey and say why. A key chosen by hand is
        chosen again when its token comes back.

        :param plugged: None while nothing has been read yet.
        """
        wanted = self._by_hand or self.chosen
        self._plugged = plugged
        model = QStandardItemModel(self)
        select = first = -1
        holders = Counter(key.holder for key in (plugged.keys if plugged else ()))
        for at, key in enumerate(plugged.keys if plugged else ()):
            told = f"{key.holder} ({self._token(key)})" if holders[key.holder] > 1 else key.holder
            text = told if key.usable else f"{told} — {key.why}"
            item = QStandardItem(text)
            item.setData(key, Qt.ItemDataRole.UserRole)
            item.setToolTip(tips.plain(f"{text}\n{key.token_name} · {key.token.serial}"))
            item.setEnabled(key.usable)
            model.appendRow(item)
            if key.usable and _same_key(key, wanted):
                select = at
            elif key.usable and first < 0:
                first = at
        if select < 0:
            select = first
        self.box.blockSignals(True)
        self.box.setModel(model)
        self.box.setCurrentIndex(select)
        self.box.blockSignals(False)
        if not model.rowCount():
            self.box.setPlaceholderText(_("Looking for tokens…") if plugged is None else _("No token is plugged in"))
        elif select < 0:
            self.box.setPlaceholderText(_("No certificate here can sign"))
        self.box.setEnabled(bool(model.rowCount()))
        self._tell()

    def show_signers(self, signers: Sequence[str]) -> bool:
        """Whom the documents name as their signers.

        :param signers: the name of each document that names somebody, in the order of the list.
        :return: whether they are others than before.
        """
        named = Counter(signers)
        changed = list(named.items()) != list(self._signers.items())
        self._signers = named
        return changed

    def prefer_signer(self) -> None:
        """Choose the key of the signer whom the first document names, unless a key was chosen by hand."""
        if _same_key(self._by_hand, self.chosen) or not self._signers:
            return
        signer = next(iter(self._signers))
        keys = [self.box.itemData(at, Qt.ItemDataRole.UserRole) for at in range(self.box.count())]
        fitting = [
            at
            for at, key in enumerate(keys)
            if key.usable and key.kind != "organization" and same_person(key.holder, signer)
        ]
        if fitting and self.box.currentIndex() not in fitting:
            self.box.blockSignals(True)
            self.box.setCurrentIndex(fitting[0])
            self.box.blockSignals(False)
            self._tell()

    def tell_signers(self, act: Act, count: int) -> None:
        """Say where documents name another signer than the holder of the key; nothing is kept from signing.

        :param count: documents that would be signed.
        """
        key = self.chosen
        others = {}
        if key is not None and act is Act.APPROVE:
            others = {name: many for name, many in self._signers.items() if not same_person(name, key.holder)}
        self.signer_notice.setVisible(bool(others))
        if key is None or not others:
            return
        if count == 1:
            sentence = _("The document names {signer} as its signer, the certificate is that of {holder}.")
        else:
            sentence = ngettext(
                "{n} document names {signer} as its signer, the certificate is that of {holder}.",
                "{n} documents name {signer} as their signers, the certificate is that of {holder}.",
                sum(others.values()),
            )
        told = sentence.format(n=sum(others.values()), signer=", ".join(others), holder=key.holder)
        self.signer_notice.tell(told, _("It can be signed all the same; else choose another certificate."), "caution")

    def keep(self) -> None:
        """The key chosen now was chosen by hand."""
        self._by_hand = self.chosen

    def _picked(self) -> None:
        self.keep()
        self._tell()

    def _tell(self) -> None:
        if (key := self.chosen) is not None:
            until = _("Certificate valid until {day}").format(day=wording.day(key.not_after))
            token = self._token(key)
            self._line.setText(until if token == key.holder else f"{token} · {until}")
        else:
            self._line.setText(_("Plug in the token; it appears here by itself."))
        self.changed.emit()

    def _token(self, key: SigningKey) -> str:
        """What people call the token of a key."""
        return key.token_name if self._plugged is None else self._plugged.name(key.token)


def same_person(name: str, other: str) -> bool:
    """Whether two spellings name the same person."""
    return spelling_key(name) == spelling_key(other)


def _same_key(key: SigningKey | None, other: SigningKey | None) -> bool:
    """Whether both are one key on one token, as it was read at two times."""
    if key is None or other is None:
        return False
    return (key.sha256, key.token.serial) == (other.sha256, other.token.serial)
