"""Thiết lập ban đầu: four steps, each of which can be skipped, and all of which can be opened again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from app.errors import describe
from app.i18n import _
from app.office import Office
from app.settings import writing
from ui import icons, theme
from ui.first_run.agency_step import AgencyStep
from ui.first_run.records_step import RecordsStep
from ui.first_run.step import Step
from ui.first_run.time_step import TimeStep
from ui.first_run.token_step import TokenStep
from ui.pages.page import Page
from ui.preferences import Preferences
from ui.theme import UNIT
from ui.tokens import TokenWatch
from ui.widgets.basic import ICON_GAP, Card, Header, ScrollPane, button, column, row, set_icon
from ui.work import Pool

_ICONS = {"todo": "circle-dashed", "done": "circle-check", "skipped": "circle-minus", "locked": "lock"}


class FirstRunPage(Page):
    """Leads through the steps.

    :ivar steps: in their order.
    """

    #: Emitted when it is over; True where settings were written, which count in a window opened anew.
    over = Signal(bool)

    def __init__(self, office: Office, tokens: TokenWatch, preferences: Preferences) -> None:
        super().__init__(office)
        self._preferences = preferences
        self._saving = Pool(1, self)
        self._written = False
        self.steps: list[Step] = [AgencyStep(office), TokenStep(office, tokens), RecordsStep(office), TimeStep(office)]
        self._states = {step: "locked" if step.locked else "todo" for step in self.steps}
        self._later = button(_("Not &now"), "clock", role="quiet", clicked=self._put_off)
        self._later.setObjectName("firstLater")
        self._stack = QStackedWidget()
        self._tabs: list[QPushButton] = []
        self._skip = button(_("S&kip this step"), clicked=self._go_on)
        self._skip.setObjectName("firstSkip")
        self._save = button("", role="primary", clicked=self._submit)
        self._save.setObjectName("firstSave")
        self._lay_out()
        self.show_step(next((at for at, step in enumerate(self.steps) if not step.locked), 0))

    def _lay_out(self) -> None:
        layout = column(spacing=UNIT * 2)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        self.setLayout(layout)
        lead = _("Four short steps, in any order; each can be skipped, and Settings opens them again.")
        layout.addWidget(Header(_("First set-up"), lead, buttons=(self._later,)))
        rail = QWidget()
        rail.setFixedWidth(248)
        card = Card(margins=UNIT * 3, spacing=UNIT * 2)
        card.setMaximumWidth(880)
        body = row(rail, card, spacing=UNIT * 3)
        body.setStretch(1, 1)
        body.addStretch(0)
        layout.addLayout(body, 1)
        tabs = column(spacing=4)
        rail.setLayout(tabs)
        for at, step in enumerate(self.steps):
            tab = QPushButton()
            tab.setObjectName("stepButton")
            tab.setCheckable(True)
            tab.setAutoExclusive(True)
            tab.setAutoDefault(False)
            tab.clicked.connect(partial(self.show_step, at))
            tab.setText(f"{at + 1}. {step.title}")
            self._tabs.append(tab)
            tabs.addWidget(tab)
        tabs.addStretch(1)
        card.body.addWidget(self._stack, 1)
        for step in self.steps:
            self._put(step)
            step.changed.connect(self._refresh)
        foot = row(self._skip, spacing=UNIT)
        foot.addStretch(1)
        foot.addWidget(self._save)
        card.body.addLayout(foot)

    def _put(self, step: Step) -> None:
        """Lay out a step, which may be longer than the window is high."""
        pane, body = ScrollPane(step.title), QWidget()
        self._stack.addWidget(pane)
        body.setObjectName("scrollBody")
        pane.setWidget(body)
        inner = column()
        inner.setContentsMargins(0, 0, UNIT, 0)
        body.setLayout(inner)
        inner.addWidget(step)
        inner.addStretch(1)

    @property
    def shown(self) -> Step:
        """The step at hand."""
        return self.steps[self._stack.currentIndex()]

    @property
    def busy(self) -> str:
        return _("Settings are being written.") if self._saving.unfinished else ""

    def state(self, step: Step) -> str:
        """``todo``, ``done``, ``skipped`` or ``locked``."""
        return self._states[step]

    def show_step(self, at: int) -> None:
        """Go to a step."""
        self._stack.setCurrentIndex(at)
        self._tabs[at].setChecked(True)
        self.shown.entered()
        self._refresh()

    def entered(self) -> None:
        self.shown.entered()

    def first_focus(self) -> QWidget | None:
        return self._tabs[self._stack.currentIndex()]

    def stop(self) -> None:
        self._saving.close()
        for step in self.steps:
            step.stop()

    def _submit(self) -> None:
        """Write what the step asks for, and go on."""
        step = self.shown
        if step.problem:
            return
        file = self.office.settings.base / "settings.toml"

        save = step.saving()

        def write(_job: object) -> bool:
            values = save()
            if values:
                writing.write(file, values)
            return bool(values)

        self._saving.start(write, done=partial(self._saved, step), failed=partial(self._not_saved, step))
        self._refresh()

    def _saved(self, step: Step, written: bool) -> None:
        self._written = self._written or written
        step.notice.hide()
        self._states[step] = "done"
        self._next()

    def _not_saved(self, step: Step, error: Exception) -> None:
        step.notice.tell_error(describe(error))
        self._refresh()

    def _go_on(self) -> None:
        if self._states[self.shown] == "todo":
            self._states[self.shown] = "skipped"
        self._next()

    def _next(self) -> None:
        """To the next step that is not locked; after the last, out of here."""
        here = self._stack.currentIndex()
        after = [at for at in range(here + 1, len(self.steps)) if not self.steps[at].locked]
        if after:
            self.show_step(after[0])
            self._tabs[after[0]].setFocus()
        else:
            self._end()

    def _put_off(self) -> None:
        self._end()

    def _end(self) -> None:
        self._preferences.first_run_over = True
        self.over.emit(self._written)

    def _refresh(self) -> None:
        step = self.shown
        shown = theme.current()
        words: dict[str, Callable[[], str]] = {
            "todo": lambda: _("open"),
            "done": lambda: _("done"),
            "skipped": lambda: _("skipped"),
            "locked": lambda: _("set by IT staff"),
        }
        for tab, one in zip(self._tabs, self.steps, strict=True):
            state = self._states[one]
            colour = shown.good if state == "done" else shown.text_soft
            tab.setIcon(icons.icon(_ICONS[state], colour, None, shown.accent, ICON_GAP))
            tab.setAccessibleName(f"{tab.text()}, {words[state]()}")
            tab.setToolTip(words[state]())
        last = all(one.locked for one in self.steps[self.steps.index(step) + 1 :])
        self._save.setText(_("&Save and finish") if last else _("&Save and go on"))
        self._save.setAccessibleName(self._save.text().replace("&", ""))
        set_icon(self._save, "check" if last else "arrow-right", shown.on_accent)
        waiting = bool(self._saving.unfinished)
        self._save.setEnabled(not step.problem and not step.locked and not waiting)
        self._save.setToolTip(step.problem)
        self._skip.setEnabled(not waiting)
        self._skip.setVisible(self._states[step] in ("todo", "skipped"))
        self.busy_changed.emit()
