"""A trusted source: name, period, whence, whether it counts; facts unfold."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.i18n import _, pgettext
from app.trust import words
from app.trust.anchors import Authority, Origin
from ui import theme, wording
from ui.report_text import Row
from ui.theme import UNIT, Tone
from ui.widgets.basic import button, column, label, pictogram, row
from ui.widgets.report_parts import FactsFold
from ui.wording import beginning

#: What a word beside a quiet button stands lower, so that both are on one line.
_BESIDE_BUTTON = 6


def fingerprint(sha256: str) -> str:
    """A fingerprint in groups of four digits, as people compare it."""
    return " ".join(sha256[at : at + 4] for at in range(0, len(sha256), 4)).upper()


def period(authority: Authority) -> str:
    return _("{start} to {end}").format(start=wording.day(authority.not_before), end=wording.day(authority.not_after))


def identity_facts(authority: Authority) -> list[Row]:
    """What there is to compare of a source, before anything was decided on it."""
    return [
        (_("Organisation"), authority.organization or "—"),
        (_("Valid"), period(authority)),
        (_("SHA-256"), fingerprint(authority.sha256)),
    ]


def authority_facts(authority: Authority) -> list[Row]:
    """What there is to know of a source that counts here, or did."""
    rows = [
        *identity_facts(authority),
        (_("Role"), beginning(words.state(authority))),
        (_("Comes from"), " · ".join(filter(None, (beginning(words.origin(authority.origin)), authority.source)))),
    ]
    if authority.since is not None:
        rows.append((_("Decided here"), wording.moment(authority.since)))
    return rows


class AuthorityRow(QWidget):
    """One source of a list."""

    #: Whether it shall count from now on.
    switched = Signal(bool)
    removal_asked = Signal()

    def __init__(self, authority: Authority, *, decided_here: bool = True) -> None:
        """
        :param decided_here: whether somebody at this workstation may switch it off or remove it.
        """
        super().__init__()
        self.authority = authority
        icon, tone = _picture(authority)
        name = label(authority.name, "strong")
        state = label(beginning(words.state(authority)), wrap=False)
        state.setProperty("tone", tone)
        state.setContentsMargins(0, _BESIDE_BUTTON, 0, 0)
        owner = authority.organization if authority.organization != authority.name else ""
        line = label(f"{period(authority)} · {beginning(words.origin(authority.origin))}", "soft")
        self.fold = FactsFold(
            _("Fingerprint and details"),
            _("Fingerprint and details of {name}").format(name=authority.name),
            authority_facts(authority),
        )
        facts = column(spacing=2)
        facts.addWidget(name)
        if owner:
            facts.addWidget(label(owner))
        facts.addWidget(line)
        facts.addWidget(self.fold)
        top = row(spacing=UNIT + 4)
        top.addWidget(pictogram(icon, theme.tone_colour(tone)), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(facts, 1)
        for widget in (state, *(self._tools() if decided_here else ())):
            top.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(top)

    def _tools(self) -> list[QWidget]:
        authority = self.authority
        enabled = authority.enabled
        text = pgettext("trust", "Suspend") if enabled else pgettext("trust", "Use again")
        self.switch = button(text, role="quiet", clicked=lambda: self.switched.emit(not enabled))
        self.switch.setAccessibleName(f"{self.switch.text()}: {authority.name}")
        tools: list[QWidget] = [self.switch]
        if authority.origin is not Origin.SETTINGS and not authority.removed:
            self.remove = button(pgettext("trust", "Remove"), role="quiet", clicked=self.removal_asked.emit)
            self.remove.setAccessibleName(f"{self.remove.text()}: {authority.name}")
            tools.append(self.remove)
        return tools


def _picture(authority: Authority) -> tuple[str, Tone]:
    if not authority.enabled:
        return "circle-minus", "neutral"
    return "landmark", "good"
