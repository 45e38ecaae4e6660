"""What an earlier run left, offered where the next one is prepared."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.i18n import _, ngettext
from app.signing.model import Status
from ui.signing_run import Left
from ui.theme import UNIT
from ui.widgets.basic import Card, button, label, row


class LeftRun(Card):
    """Hidden until :meth:`show_left`."""

    #: Emitted with the :class:`Left` that is to be gone on with.
    wanted = Signal(object)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__(spacing=UNIT // 2)
        self.setObjectName("leftRun")
        self._left: Left | None = None
        self._title = label(role="strong")
        self._line = label(role="soft")
        self.go_on = button(_("&Go on with them"), "rotate-ccw", role="primary", clicked=self._wanted)
        self.go_on.setObjectName("leftGoOn")
        self.forget = button(_("Do not sign them"), clicked=self._forget)
        self.forget.setObjectName("leftForget")
        head = row(self._title, self.go_on, self.forget)
        head.setStretch(0, 1)
        self.body.addLayout(head)
        self.body.addWidget(self._line)
        self.hide()

    def show_left(self, left: Left) -> None:
        """Offer what is left; say what was filed that had been signed already."""
        self._left = left
        count = len(left.remaining.files)
        filed = sum(result.status is Status.SIGNED for result in left.ended)
        self._title.setText(
            ngettext(
                "{n} document of an interrupted run is not signed yet.",
                "{n} documents of an interrupted run are not signed yet.",
                count,
            ).format(n=count)
            if count
            else _("An interrupted run has been brought to its end.")
        )
        lines = [_("Nothing is signed twice.")]
        if filed:
            lines.append(
                ngettext(
                    "{n} document that was signed before the interruption has now been filed.",
                    "{n} documents that were signed before the interruption have now been filed.",
                    filed,
                ).format(n=filed)
            )
        lines += [result.error.message for result in left.ended if result.error is not None]
        self._line.setText(" ".join(lines))
        self.go_on.setVisible(bool(count))
        self.setVisible(True)

    def _wanted(self) -> None:
        self.hide()
        self.wanted.emit(self._left)

    def _forget(self) -> None:
        self.hide()
        self.given_up.emit()
