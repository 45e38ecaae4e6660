"""Kiểm tra máy: what is missing or wrong on this computer, and the file for support."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.doctor.finding import GROUPS, Finding, position
from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from app.support.bundle import Part
from app.times import today
from ui import choosing
from ui.opening import open_folder
from ui.pages.page import Page
from ui.theme import UNIT
from ui.widgets.basic import Card, Header, Notice, button, clear, copy_text, label, rule
from ui.widgets.bundle_preview import BundlePreview
from ui.widgets.card_column import CardColumn
from ui.widgets.finding_row import FindingRow, PendingRow, as_text
from ui.widgets.told import Told
from ui.work import Job, Pool


class DoctorPage(Page):
    """The findings by group, each shown as soon as it is known.

    :ivar findings: so far.
    """

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.findings: list[Finding] = []
        self._looking = Pool(1, self)
        self._saving = Pool(1, self)
        self._bundle_after = False
        self._looked = False
        back = button(
            _("Back to &Settings"), "arrow-left", role="quiet", clicked=lambda: self.handed_over.emit("settings", [])
        )
        back.setObjectName("doctorBack")
        self.again = button(_("&Look again"), "refresh-cw", role="primary", clicked=self.examine)
        self.again.setObjectName("doctorAgain")
        self.bundle = button(_("Save the file for &support…"), "save", clicked=self.offer_bundle)
        self.bundle.setObjectName("doctorBundle")
        self.copy = button(_("&Copy all"), "copy", clicked=self._copy)
        self.copy.setObjectName("doctorCopy")
        self.told = Told()
        self.summary = Notice()
        self.summary.setObjectName("doctorSummary")
        self._places: dict[str, QVBoxLayout] = {}

        cards = [self._card(title, checks) for title, checks in GROUPS.items()]
        self.scroll_area = CardColumn(_("What was found"), cards, by_keys=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(Header(_("Look over this computer"), buttons=(back, self.copy, self.bundle, self.again)))
        layout.addWidget(self.told)
        layout.addWidget(self.summary)
        layout.addWidget(self.scroll_area, 1)

    @property
    def looking(self) -> bool:
        """Whether checks are going on."""
        return self._looking.unfinished > 0

    def entered(self) -> None:
        if not self._looked:
            self.examine()

    def first_focus(self) -> QWidget | None:
        return self.again if self.again.isEnabled() else self.bundle

    def stop(self) -> None:
        self._looking.close()
        self._saving.close()

    def examine(self) -> None:
        """Look at everything anew."""
        if self.looking:
            return
        self._looked = True
        self.findings = []
        self.again.setEnabled(False)
        self.told.hide()
        for check, place in self._places.items():
            clear(place)
            _put(place, PendingRow(check))

        def look(job: Job[None]) -> None:
            from app.doctor.examination import examine

            for finding in examine(self.office):
                job.report(finding)
                if job.cancelled.is_set():
                    return

        self._looking.start(look, done=lambda _nothing: self._ended(), failed=self._fail, progress=self._found)
        self._sum_up()

    def offer_bundle(self) -> None:
        """Show what the file for support would hold; before that, wait for the checks that go on."""
        if not self._looked:
            self.examine()
        if self.looking:
            self._bundle_after = True
            self.told.tell_working(_("The file for support is made as soon as everything was looked at."))
            return
        self._bundle_after = False

        def compose(_job: Job[list[Part]]) -> list[Part]:
            from app.support.bundle import compose

            return compose(self.office.settings, self.findings)

        self._saving.start(compose, done=self._preview, failed=lambda error: self.told.tell_error(describe(error)))

    def _card(self, title: str, checks: tuple[str, ...]) -> Card:
        card = Card()
        card.body.addWidget(label(_(title), "heading", wrap=False))
        for check in checks:
            card.body.addWidget(rule())
            place = QVBoxLayout()
            place.setSpacing(0)
            card.body.addLayout(place)
            self._places[check] = place
        return card

    def _found(self, finding: Finding) -> None:
        place = self._places[finding.check]
        if not any(before.check == finding.check for before in self.findings):
            clear(place)
        self.findings.append(finding)
        _put(place, FindingRow(finding))
        self._sum_up()

    def _ended(self) -> None:
        self.again.setEnabled(True)
        self._order()
        self._sum_up(ended=True)
        if self._bundle_after:
            self.told.hide()
            self.offer_bundle()

    def _order(self) -> None:
        """Let Tab go through the findings as they stand, not as they came."""
        before: QWidget = self.scroll_area
        for place in self._places.values():
            for at in range(place.count()):
                item = place.itemAt(at)
                found = item.widget() if item is not None else None
                if isinstance(found, FindingRow):
                    self.setTabOrder(before, found.copy)
                    before = found.copy

    def _fail(self, error: Exception) -> None:
        self.again.setEnabled(True)
        self.told.tell_error(describe(error))

    def _sum_up(self, *, ended: bool = False) -> None:
        failed = sum(finding.status == "fail" for finding in self.findings)
        doubtful = sum(finding.status == "warn" for finding in self.findings)
        parts = []
        if failed:
            parts.append(ngettext("{n} thing is wrong", "{n} things are wrong", failed).format(n=failed))
        if doubtful:
            parts.append(ngettext("{n} thing to look at", "{n} things to look at", doubtful).format(n=doubtful))
        found = ", ".join(parts)
        if not ended:
            done = len({finding.check for finding in self.findings})
            told = _("Looking: {done} of {all} checks").format(done=done, all=len(self._places))
            self.summary.tell(told, found, icon="clock")
        elif failed:
            self.summary.tell(found, _("Begin with what is wrong; what to do stands beside it."), "bad", "circle-x")
        elif doubtful:
            self.summary.tell(
                found, _("The program works; what to do stands beside each."), "caution", "triangle-alert"
            )
        else:
            self.summary.tell(_("Everything is in order"), "", "good", "circle-check")

    def _copy(self) -> None:
        ordered = sorted(self.findings, key=lambda finding: position(finding.check))
        copy_text("\n\n".join(map(as_text, ordered)))
        self.told.tell_done(
            _("Copied"),
            _(
                "It holds names and folders of this office: send it to your own IT staff only, save the file for "
                "others."
            ),
        )

    def _preview(self, parts: list[Part]) -> None:
        lead = _("This is all that the file will hold. Names, titles, numbers, addresses and folders are left out.")
        self.preview = BundlePreview(self, _("File for support"), lead, parts)
        self.preview.save_wanted.connect(lambda: self._save(parts))
        self.preview.open()

    def _save(self, parts: list[Part]) -> None:
        proposed = Path.home() / f"antin-ho-tro-{today():%Y%m%d}.zip"
        path = choosing.to_save(self, _("Save the file for support"), proposed, [_("ZIP file (*.zip)")])
        if path is None:
            return

        def write(_job: Job[None]) -> None:
            from app.support.bundle import write

            write(path, parts)

        def done(_nothing: None) -> None:
            hint = _("Send it to whoever helps you with the program.")
            open_it = (_("&Open the folder"), "folder-open", lambda: open_folder(path.parent))
            self.told.tell_done(_("Saved: {path}").format(path=path), hint, [open_it])

        self._saving.start(write, done=done, failed=lambda error: self.told.tell_error(describe(error)))


def _put(place: QVBoxLayout, found: QWidget) -> None:
    """Add a line and give it its room at once; Qt would first draw the page without it."""
    place.addWidget(found)
    found.show()
