"""Before a root is trusted: what is in the file, to be compared with what its owner publishes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from app.i18n import _
from app.trust import words
from app.trust.anchors import Authority
from app.trust.shipped import Domain
from ui.theme import UNIT
from ui.widgets.authority_row import identity_facts
from ui.widgets.basic import Card, Elided, button, clear, column, label, row, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import facts


class AnchorOffer(Card):
    """Asks to compare the fingerprint, and for whom the source vouches."""

    #: Path of the file and the :class:`Domain` chosen.
    accepted = Signal(Path, object)
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path = Path()
        self._name = Elided(role="soft")
        self._found = QWidget()
        self._rows = QVBoxLayout(self._found)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(UNIT * 2)
        self.domain = QComboBox()
        self.domain.setObjectName("trustDomain")
        for domain in (Domain.OFFICE, Domain.GOVERNMENT, Domain.PUBLIC):
            self.domain.addItem(words.domain(domain), domain)
        caption = label(_("Put into the &group"), "label", wrap=False)
        caption.setBuddy(self.domain)
        self.domain.setAccessibleName(_("Put into the group"))
        self.compared = QCheckBox(_("I have &compared the fingerprint with the one its owner publishes"))
        self.compared.setObjectName("trustCompared")
        self.compared.setAccessibleName(self.compared.text().replace("&", ""))
        self.trust = button(
            _("&Trust this source"),
            "landmark",
            role="primary",
            clicked=lambda: self.accepted.emit(self._path, self.domain.currentData()),
        )
        self.trust.setObjectName("trustAccept")
        self.cancel = button(_("Do not trust it"), "x", role="quiet", clicked=self.dropped.emit)
        self.compared.toggled.connect(self.trust.setEnabled)
        self.body.addWidget(label(_("Compare before you trust"), "heading"))
        self.body.addWidget(self._name)
        lead = _(
            "To trust this source is to trust every signature that it confirms. Call its owner on a number you know "
            "already, and compare every digit of the fingerprint."
        )
        self.body.addWidget(label(lead, "strong"))
        self.body.addWidget(self._found)
        line = row(caption, self.domain, stretch=True)
        self.body.addLayout(line)
        self.body.addWidget(self.compared, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(Flow(self.trust, self.cancel))

    def show_found(self, path: Path, found: Sequence[Authority]) -> None:
        """Show the certificates of a file.

        :param found: as :meth:`app.trust.anchors.Anchors.preview` gives them.
        """
        self._path = path
        self._name.setText(str(path))
        clear(self._rows)
        for authority in found:
            part = QWidget()
            inner = column(spacing=4)
            inner.addWidget(selectable(authority.name, "strong"))
            inner.addLayout(facts(identity_facts(authority)))
            part.setLayout(inner)
            self._rows.addWidget(part)
        self.domain.setCurrentIndex(0)
        self.compared.setChecked(False)
        self.trust.setEnabled(False)
        self.show()
        self.compared.setFocus()
