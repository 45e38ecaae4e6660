"""The trust bundle of IT staff: which one is in use; another one, looked at before it is taken in."""

from __future__ import annotations

import datetime as dt
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.bundle import words
from app.bundle.changes import Change
from app.bundle.content import Content
from app.bundle.store import Bundle, Taken
from app.errors import ErrorInfo
from app.i18n import _, ngettext
from app.system import here
from ui import wording
from ui.theme import UNIT
from ui.widgets.authority_row import fingerprint
from ui.widgets.basic import Card, Notice, button, clear, column, copy_text, icon_button, label, row, rule, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import breakable, facts

#: Changes shown one by one; of more the number is told.
_SHOWN = 40


class BundleCard(Card):
    """What is in use, and an offer of another.

    :param signers_named: whether the settings say who signs bundles; without that none is taken in.
    """

    import_asked = Signal()
    #: Path of the file to be taken in.
    accepted = Signal(Path)
    dropped = Signal()

    def __init__(self, *, signers_named: bool) -> None:
        super().__init__()
        self.setObjectName("trustBundle")
        self.import_button = button(_("Import a &bundle…"), "file-plus", clicked=self.import_asked.emit)
        self.import_button.setObjectName("trustBundleImport")
        self._use = column(spacing=UNIT)
        self.notice = Notice()
        self.notice.hide()
        self.offer = QWidget()
        self._offer = QVBoxLayout(self.offer)
        self._offer.setContentsMargins(0, 0, 0, 0)
        self._offer.setSpacing(UNIT)
        self.offer.hide()
        self.body.addWidget(label(_("Trust bundle of IT staff"), "heading"))
        lead = _("One signed file with roots, revocation lists, policy and drivers, for computers without internet.")
        self.body.addWidget(label(lead, "soft"))
        self.body.addLayout(self._use)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.offer)
        self.body.addLayout(Flow(self.import_button))
        if not signers_named:
            self.import_button.setEnabled(False)
            why = _("The settings do not say who signs trust bundles: IT staff name the certificate first.")
            self.import_button.setToolTip(why)
            self.import_button.setAccessibleDescription(why)
            self.body.addWidget(label(why, "small"))

    def show_current(self, bundle: Bundle | None) -> None:
        """Show the bundle in use."""
        clear(self._use)
        if bundle is None:
            self._use.addWidget(label(_("None is in use."), "soft"))
            return
        every = bundle.path.parent == here().machine_dir()
        rows = _identity(bundle)
        if (due := bundle.content.next_list_due()) is not None:
            rows.append((_("Next list due"), wording.moment(due)))
        rows.append((_("It counts for"), _("all users of this computer") if every else _("you alone")))
        self._use.addLayout(facts(rows))

    def show_offer(self, path: Path, found: Taken) -> None:
        """Show what taking in a bundle would change, and ask.

        :param found: as :meth:`app.bundle.store.BundleStore.offered` gives it.
        """
        clear(self._offer)
        self.notice.hide()
        if found.same:
            self._close_offer()
            self.notice.tell(_("This very bundle is in use already."), tone="good", icon="circle-check")
            self.notice.show()
            return
        take = button(_("&Take it in"), "check", role="primary", clicked=lambda: self.accepted.emit(path))
        take.setObjectName("trustBundleTake")
        leave = button(_("Do not take it in"), "x", role="quiet", clicked=self._drop)
        leave.setObjectName("trustBundleLeave")
        self._offer.addWidget(rule())
        self._offer.addWidget(label(_("Another bundle is offered"), "strong"))
        self._offer.addLayout(facts([(_("File"), str(path)), *_identity(found.bundle)]))
        self._offer.addWidget(label(_("What it would change"), "strong"))
        for told in _told(found.changes):
            self._offer.addWidget(selectable(f"• {breakable(told)}"))
        self._offer.addWidget(label(_("It would count for you alone. For all users an administrator runs:"), "soft"))
        command = _for_all(path)
        shown = selectable(breakable(command))
        shown.setAccessibleName(command)
        line = row(shown, icon_button(_("Copy the command"), "copy", lambda: copy_text(command)))
        line.setStretch(0, 1)
        self._offer.addLayout(line)
        self._offer.addLayout(Flow(take, leave))
        self.import_button.hide()
        self.offer.show()
        take.setFocus()

    def tell_taken(self, taken: Taken) -> None:
        """What came of taking a bundle in."""
        self._close_offer()
        hint = _("It counts from the next file checked.")
        if any(change.kind == "modules" for change in taken.changes):
            hint += " " + _("Its list of drivers counts from the next start of the program.")
        told = _("Bundle {number} is in use.").format(number=taken.bundle.content.number)
        self.notice.tell(told, hint, "good", "circle-check")
        self.notice.show()

    def tell_error(self, error: ErrorInfo) -> None:
        """Why a bundle is not taken in."""
        self._close_offer()
        self.notice.tell_error(error)

    def _drop(self) -> None:
        self._close_offer()
        self.dropped.emit()

    def _close_offer(self) -> None:
        clear(self._offer)
        self.offer.hide()
        self.import_button.show()


def _identity(bundle: Bundle) -> list[tuple[str, str]]:
    content = bundle.content
    return [
        (_("Number of the bundle"), _number(content)),
        (_("Made"), _made(content)),
        (_("Signed by"), bundle.signed.signer),
        (_("SHA-256 of it"), fingerprint(bundle.signed.sha256)),
        (_("It brings"), words.contents(content)),
    ]


def _number(content: Content) -> str:
    return f"{content.number} ({content.office})" if content.office else str(content.number)


def _made(content: Content) -> str:
    days = max(0, (dt.datetime.now(dt.UTC) - content.made).days)
    ago = ngettext("{n} day ago", "{n} days ago", days).format(n=days)
    return f"{wording.moment(content.made)} ({ago})" if days else wording.moment(content.made)


def _told(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return [_("nothing but its number")]
    told = [words.change(change) for change in changes[:_SHOWN]]
    if (more := len(changes) - _SHOWN) > 0:
        told.append(ngettext("{n} more change", "{n} more changes", more).format(n=more))
    return told


def _for_all(path: Path) -> str:
    """The command by which an administrator takes a bundle in for all users."""
    command = ["antin", "bundle", "import", "--for-all", str(path)]
    return subprocess.list2cmdline(command) if here().name == "windows" else "sudo " + shlex.join(command)
