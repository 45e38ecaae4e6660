"""The evidence kept with a filed copy: certificates, revocation lists and answers, and the results of checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from app.verification.model import Conclusion
from ui import choosing, theme, wording
from ui.theme import UNIT
from ui.widgets.basic import Card, Notice, ScrollPane, button, clear, column, label, pictogram, row, selectable
from ui.widgets.flow import Flow
from ui.widgets.report_parts import breakable
from ui.work import Job, Pool

if TYPE_CHECKING:
    from app.archive.evidence import Record
    from app.archive.model import FiledCopy
    from app.keeping import Owing

_KINDS = {
    "certificate": lambda n: ngettext("{n} certificate", "{n} certificates", n),
    "crl": lambda n: ngettext("{n} revocation list", "{n} revocation lists", n),
    "ocsp": lambda n: ngettext("{n} answer about a certificate", "{n} answers about certificates", n),
}


#: While evidence is being gathered, it is looked for that often.
_AGAIN_MS = 700


class EvidencePane(ScrollPane):
    """Of one copy."""

    #: The evidence should be exported: the copy, and the path of the ZIP.
    export_wanted = Signal(object, Path)

    def __init__(self, office: Office) -> None:
        super().__init__(_("Evidence"))
        self._office = office
        self._pool = Pool(1, self)
        self._job: Job[tuple[list[Record], Owing | None]] | None = None
        self._copy: FiledCopy | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._look_again)
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT * 2)
        self.gather = button(_("&Check now and keep the evidence"), "file-badge", clicked=self.gather_now)
        self.gather.setObjectName("evidenceGather")
        self.export = button(_("E&xport as a ZIP…"), "save", clicked=self._choose_target)
        self.export.setObjectName("evidenceExport")
        self.export.setEnabled(False)
        self.notice = Notice()
        self.notice.hide()
        body = QWidget()
        body.setObjectName("scrollBody")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, UNIT, UNIT)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self.notice)
        layout.addLayout(self._list)
        layout.addLayout(Flow(self.gather, self.export))
        layout.addStretch(1)
        self.setWidget(body)

    def show_copy(self, copy: FiledCopy) -> None:
        """Show what is kept of a copy."""
        self._copy = copy
        self.notice.hide()
        self.export.setEnabled(False)
        if self._job is not None:
            self._job.cancel()

        def read() -> tuple[list[Record], Owing | None]:
            records = self._office.keeper.shelf.records(copy.sha256)
            return records, None if records else self._office.keeper.owing(copy.sha256)

        self._job = self._pool.start(lambda _job: read(), done=lambda known: self._show(*known), failed=self._failed)

    def gather_now(self) -> None:
        """Check the copy and keep what the result rests on."""
        copy = self._copy
        if copy is None:
            return
        self.gather.setEnabled(False)
        self.notice.tell(_("The copy is being checked."), icon="clock")
        self.notice.show()

        def done(record: Record | None) -> None:
            self.gather.setEnabled(True)
            self.notice.hide()
            if record is None:
                self.notice.tell(_("Nobody signed this file, so there is nothing to prove."), icon="info")
                self.notice.show()
            elif copy is self._copy:
                self.show_copy(copy)

        self._pool.start(lambda _job: self._office.keeper.keep_evidence(copy), done=done, failed=self._failed)

    def stop(self) -> None:
        self._pool.close()

    def _failed(self, error: Exception) -> None:
        self.gather.setEnabled(True)
        self.notice.tell_error(describe(error))

    def _show(self, records: list[Record], owing: Owing | None) -> None:
        clear(self._list)
        self.export.setEnabled(bool(records))
        if not records:
            self._list.addWidget(self._none_yet(owing))
        for record in reversed(records):
            self._list.addWidget(_card(record))

    def _none_yet(self, owing: Owing | None) -> Card:
        """Why nothing is kept; while it is being gathered, looked at again in a moment."""
        card = Card()
        if owing is None:
            card.body.addWidget(label(_("No evidence is kept of this copy yet."), "strong"))
            told = _("It is gathered after signing and at each look at the archive; of unsigned files there is none.")
        elif owing.why is None:
            card.body.addWidget(label(_("The evidence is being gathered."), "strong"))
            told = _("The lists and answers of the authorities are being fetched; that may take a few seconds.")
            self._again.start()
        else:
            card.body.addWidget(label(_("The evidence could not be gathered yet; it is tried again."), "strong"))
            told = f"{owing.why.message} {owing.why.hint}"
        card.body.addWidget(label(told, "soft"))
        return card

    def _look_again(self) -> None:
        if self._copy is not None and self.isVisible():
            self.show_copy(self._copy)

    def _choose_target(self) -> None:
        copy = self._copy
        if copy is None:
            return
        name = _("Evidence – {file}").format(file=Path(copy.path).stem)
        target = choosing.to_save(self, _("Export the evidence"), Path.home() / f"{name}.zip", [_("ZIP (*.zip)")])
        if target is not None:
            self.export_wanted.emit(copy, target)


def _card(record: Record) -> Card:
    card = Card()
    sign = wording.VERDICTS[Conclusion(record.report["conclusion"])]
    word = label(sign.word, wrap=False)
    word.setProperty("tone", sign.tone)
    card.body.addLayout(row(pictogram(sign.icon, theme.tone_colour(sign.tone)), word, stretch=True))
    card.body.addWidget(selectable(str(record.report.get("summary", ""))))
    counts = {kind: sum(piece.kind == kind for piece in record.pieces) for kind in _KINDS}
    pieces = " · ".join(_KINDS[kind](count).format(n=count) for kind, count in counts.items() if count)
    words = column(spacing=2)
    words.addWidget(selectable(_("Checked {when}").format(when=wording.moment(record.gathered_at)), "soft"))
    if pieces:
        words.addWidget(selectable(_("Kept: {pieces}").format(pieces=pieces), "soft"))
    for signature in record.report.get("signatures", ()):
        certificate = signature.get("certificate") or {}
        told = _("Certificate of {signer}: serial {serial}, issued by {issuer}").format(
            signer=signature.get("signer") or "—",
            serial=breakable(str(certificate.get("serial", "—"))),
            issuer=signature.get("issuer") or "—",
        )
        words.addWidget(selectable(told, "small"))
    card.body.addLayout(words)
    return card
