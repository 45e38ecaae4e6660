"""The revocation lists at hand: whose, how old; fetched anew, or taken in from a file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from app.errors import ErrorInfo
from app.i18n import _, ngettext
from app.trust import words
from app.trust.kept_lists import KeptList, Outcome, Update
from ui import theme, wording
from ui.theme import UNIT, Tone
from ui.widgets.basic import Card, Notice, button, clear, column, label, pictogram, row, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import breakable
from ui.wording import beginning


class KeptListsCard(Card):
    """A table of the lists, and what an update brought."""

    update_asked = Signal()
    import_asked = Signal()
    stop_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.update_button = button(_("&Update now"), "refresh-cw", clicked=self.update_asked.emit)
        self.update_button.setObjectName("trustUpdate")
        self.import_button = button(_("&Import from a file…"), "file-plus", clicked=self.import_asked.emit)
        self.import_button.setObjectName("trustImport")
        self._stop = button(_("St&op updating"), "x", role="quiet", clicked=self.stop_asked.emit)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Update of the revocation lists"))
        self._asked = label(role="soft")
        self._progress = QWidget()
        self._progress.setLayout(row(self._asked, self._bar, self._stop, spacing=UNIT * 2))
        self._progress.hide()
        self.notice = Notice()
        self.notice.hide()
        self._lists = QWidget()
        self._grid = QGridLayout(self._lists)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(UNIT * 3)
        self._grid.setVerticalSpacing(UNIT)
        self._grid.setColumnStretch(1, 1)
        self._failures = column(spacing=4)
        self.body.addWidget(label(_("Revocation lists"), "heading"))
        lead = _(
            "They tell which certificates were withdrawn. Without a network, bring the authorities' list files here."
        )
        self.body.addWidget(label(lead, "soft"))
        self.body.addWidget(self._lists)
        self.body.addWidget(self._progress)
        self.body.addWidget(self.notice)
        self.body.addLayout(self._failures)
        self.body.addLayout(Flow(self.update_button, self.import_button))

    def show_lists(self, lists: Sequence[KeptList]) -> None:
        """Show what is at hand."""
        clear(self._grid)
        if not lists:
            self._grid.addWidget(label(_("No list is at hand yet."), "soft"), 0, 0, 1, 4)
            return
        for at, text in enumerate((_("Authority"), _("Issued"), _("Next one due"), _("Age"))):
            self._grid.addWidget(label(text, "small", wrap=False), 0, at + 1)
        for at, kept in enumerate(lists, start=1):
            tone: Tone = "caution" if kept.outdated else "good"
            icon = "triangle-alert" if kept.outdated else "circle-check"
            self._grid.addWidget(pictogram(icon, theme.tone_colour(tone), 18), at, 0)
            self._grid.addWidget(selectable(kept.issuer or "—"), at, 1)
            self._grid.addWidget(label(wording.moment(kept.this_update), wrap=False), at, 2)
            self._grid.addWidget(label(wording.moment(kept.next_update), wrap=False), at, 3)
            age = label(words.age(kept), wrap=False)
            age.setProperty("tone", tone if kept.outdated else "")
            self._grid.addWidget(age, at, 4)

    def show_updating(self, going_on: bool) -> None:
        """Whether addresses are being asked just now."""
        self._progress.setVisible(going_on)
        self.update_button.setEnabled(not going_on)
        self.import_button.setEnabled(not going_on)
        if going_on:
            self.notice.hide()
            clear(self._failures)
            self._asked.setText(_("Asking the authorities…"))

    def show_step(self, count: int) -> None:
        """How many addresses have been asked."""
        self._asked.setText(ngettext("{n} address asked", "{n} addresses asked", count).format(n=count))

    def tell_updates(self, updates: Sequence[Update]) -> None:
        """What an update brought, every address that failed by name."""
        new = sum(update.outcome is Outcome.UPDATED for update in updates)
        failed = [update for update in updates if update.outcome in (Outcome.FAILED, Outcome.REFUSED)]
        got = ngettext("{n} new list", "{n} new lists", new).format(n=new)
        asked = ngettext("{n} address asked", "{n} addresses asked", len(updates)).format(n=len(updates))
        if failed:
            missed = ngettext("{n} gave none", "{n} gave none", len(failed)).format(n=len(failed))
            hint = _("The lists kept before still count. Try again later, or import the authority's list file.")
            self.notice.tell(f"{asked}; {got}; {missed}.", hint, "caution", "triangle-alert", copy=True)
        else:
            self.notice.tell(f"{asked}; {got}.", tone="good", icon="circle-check")
        self.notice.show()
        for update in failed:
            why = f" – {update.detail}" if update.detail else ""
            told = f"{update.url}: {words.outcome(update.outcome)}{why}"
            self._failures.addWidget(selectable(breakable(told), "soft"))

    def tell_imported(self, taken: Sequence[tuple[Outcome, KeptList]]) -> None:
        """What a file brought."""
        lines = [beginning(f"{words.outcome(outcome)}: {words.kept_list(kept)}") for outcome, kept in taken]
        self.notice.tell(_("The file was taken in."), "\n".join(lines), "good", "circle-check")
        self.notice.show()

    def tell_error(self, error: ErrorInfo) -> None:
        """Why an update or an import came to nothing."""
        self.notice.tell_error(error)
