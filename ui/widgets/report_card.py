"""One verified file: verdict, sentence, next step, and details that unfold."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import _
from app.verification.model import Conclusion, FileReport, Reason, SignatureReport
from ui import icons, theme, wording
from ui.theme import UNIT
from ui.widgets.basic import (
    Card,
    Elided,
    button,
    column,
    copy_text,
    icon_button,
    label,
    pictogram,
    row,
    rule,
    selectable,
)


class ReportCard(Card):
    """The card of one file.

    :ivar report: what it shows.
    """

    unfolded = Signal(bool)

    def __init__(self, report: FileReport) -> None:
        super().__init__(margins=UNIT * 2, spacing=0)
        self.report = report
        self._details: QWidget | None = None
        sign = wording.VERDICTS[report.conclusion]
        name = Path(report.path).name
        self.setAccessibleName(f"{sign.word}: {name}. {report.summary}")

        verdict = label(sign.word, wrap=False)
        verdict.setProperty("tone", sign.tone)
        self.file_name = Elided(name, "strong")
        self.file_name.setToolTip(report.path)
        head = row(verdict, self.file_name, spacing=UNIT * 1)
        head.setStretch(1, 1)

        words = column(spacing=2)
        words.addLayout(head)
        words.addWidget(label(report.summary))
        if report.next_step:
            words.addWidget(label(_("What to do: {step}").format(step=report.next_step), "soft"))

        self.details_button = button(_("Details"), "chevron-down", role="quiet", clicked=self._toggle)
        self.details_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.details_button.setAccessibleName(_("Details of {file}").format(file=name))
        self.copy_button = icon_button(_("Copy the result of {file}").format(file=name), "copy", self._copy)
        self.folder_button = icon_button(
            _("Open the folder of {file}").format(file=name), "folder-open", lambda: open_folder(Path(report.path))
        )
        tools = row(self.copy_button, self.folder_button, self.details_button, spacing=0)

        top = QHBoxLayout()
        top.setSpacing(UNIT * 2)
        top.addWidget(badge(sign), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addLayout(tools)
        top.setAlignment(tools, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(top)

    def unfold(self, open_: bool) -> None:
        """Show or hide the details."""
        if open_ and self._details is None:
            self._details = _details(self.report)
            self.body.addWidget(self._details)
        if self._details is not None:
            self._details.setVisible(open_)
        self.details_button.setText(_("Less") if open_ else _("Details"))
        self.details_button.setIcon(icons.icon("chevron-up" if open_ else "chevron-down", theme.current().accent))
        self.unfolded.emit(open_)

    @property
    def is_unfolded(self) -> bool:
        return self._details is not None and not self._details.isHidden()

    def _toggle(self) -> None:
        self.unfold(not self.is_unfolded)

    def _copy(self) -> None:
        copy_text(report_text(self.report))


def open_folder(file: Path) -> None:
    """Show the folder of a file in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file if file.is_dir() else file.parent)))


def report_text(report: FileReport) -> str:
    """Everything a card can show, as plain text for a message or a file note."""
    lines = [
        f"{wording.VERDICTS[report.conclusion].word}: {Path(report.path).name}",
        report.summary,
        *([_("What to do: {step}").format(step=report.next_step)] if report.next_step else []),
    ]
    for index, signature in enumerate(report.signatures, start=1):
        lines += ["", _signature_title(index, signature)]
        lines += [f"{name}: {value}" for name, value in _signature_rows(signature)]
        lines += [f"- {reason.message} {reason.hint}".rstrip() for reason in signature.reasons]
    lines += [f"- {reason.message} {reason.hint}".rstrip() for reason in report.reasons]
    if report.sha256:
        lines += ["", f"SHA-256: {report.sha256}"]
    return "\n".join(lines)


def badge(sign: wording.Sign) -> QFrame:
    """The icon of a state on its soft ground."""
    frame = QFrame()
    frame.setProperty("role", "notice")
    frame.setProperty("tone", sign.tone)
    frame.setFixedSize(40, 40)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(8, 8, 8, 8)
    layout.addWidget(pictogram(sign.icon, theme.tone_colour(sign.tone), 24))
    return frame


def _details(report: FileReport) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(UNIT * 7, UNIT * 2, 0, 0)
    layout.setSpacing(UNIT * 2)
    for index, signature in enumerate(report.signatures, start=1):
        layout.addWidget(rule())
        sign = wording.VERDICTS[signature.conclusion]
        word = label(sign.word, wrap=False)
        word.setProperty("tone", sign.tone)
        title = Elided(_signature_title(index, signature), "heading", Qt.TextElideMode.ElideRight)
        heading = row(pictogram(sign.icon, theme.tone_colour(sign.tone)), title, word)
        heading.setStretch(1, 1)
        layout.addLayout(heading)
        for reason in signature.reasons:
            layout.addLayout(_reason(reason))
        layout.addLayout(_grid(_signature_rows(signature)))
    if report.reasons:
        layout.addWidget(rule())
        for reason in report.reasons:
            layout.addLayout(_reason(reason))
    layout.addWidget(rule())
    layout.addLayout(
        _grid([(_("File"), report.path), (_("SHA-256"), report.sha256 or "—")]),
    )
    return box


def _reason(reason: Reason) -> QHBoxLayout:
    words = column(spacing=0)
    words.addWidget(selectable(reason.message))
    if reason.hint:
        words.addWidget(selectable(reason.hint, "soft"))
    line = QHBoxLayout()
    line.setSpacing(UNIT)
    line.addWidget(pictogram("info", theme.current().text_soft, 18), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(words, 1)
    return line


def _grid(rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(UNIT * 2)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, 168)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(label(name, "soft", wrap=False), at, 0, Qt.AlignmentFlag.AlignTop)
        shown = selectable(_breakable(value))
        shown.setAccessibleName(f"{name}: {value}")
        grid.addWidget(shown, at, 1)
    return grid


def _breakable(text: str) -> str:
    """Long words (digests, paths) get places where a line may break; what is copied by the button has none."""
    return " ".join(
        word if len(word) <= 40 else "\u200b".join(word[at : at + 16] for at in range(0, len(word), 16))
        for word in text.split(" ")
    )


def _signature_title(index: int, signature: SignatureReport) -> str:
    return _("Signature {n}: {signer}").format(n=index, signer=signature.signer or _("signer not known"))


def _signature_rows(signature: SignatureReport) -> list[tuple[str, str]]:
    """The facts of a signature in the order people ask for them: who, when, what, and how that is known."""
    rows = [
        (_("Signer"), signature.signer or "—"),
        (_("Organisation"), signature.organization or "—"),
        (_("Certificate issued by"), signature.issuer or "—"),
        (_("Signing time (as claimed)"), wording.moment(signature.claimed_time)),
        (_("Time stamp"), wording.moment(signature.timestamp_time) if signature.timestamp_time else _("None")),
        (_("Level"), signature.level or "—"),
    ]
    if signature.conclusion is not Conclusion.INVALID:
        rows.append((_("What it protects"), wording.coverage(signature.coverage)))
    if signature.uncovered:
        rows.append((_("Not protected"), ", ".join(signature.uncovered)))
    for change in signature.changes:
        where = _("page {n}").format(n=change.page) if change.page else ""
        rows.append((_("Changed afterwards"), " · ".join(part for part in (change.what, where) if part)))
    rows.append(
        (
            _("Revocation"),
            wording.revocation(signature.revocation.status, signature.revocation.source, signature.revocation.as_of),
        )
    )
    if (certificate := signature.certificate) is not None:
        rows += [
            (
                _("Certificate period"),
                _("{start} to {end}").format(
                    start=wording.day(certificate.not_before), end=wording.day(certificate.not_after)
                ),
            ),
            (_("Certificate serial"), certificate.serial),
            (_("Certificate SHA-256"), certificate.sha256),
        ]
    if signature.path:
        rows.append((_("Path of trust"), " → ".join(signature.path)))
    indication = signature.indication.value + (f" · {signature.sub_indication}" if signature.sub_indication else "")
    rows.append((_("EN 319 102-1"), indication))
    return rows
