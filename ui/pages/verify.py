"""Kiểm tra: drop files, read one card a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.errors import describe
from app.i18n import _, ngettext
from app.office import Office
from app.verification.model import Conclusion, FileReport, Reason
from ui import theme, wording
from ui.pages.page import Page
from ui.theme import UNIT
from ui.widgets.basic import EmptyState, Header, button, label, row, set_icon
from ui.widgets.card_list import CardList
from ui.widgets.report_card import ReportCard
from ui.work import Job, Pool


class VerifyPage(Page):
    """Verifies whatever is dropped, two files at a time, and shows a card for each."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._verifying = Pool(2, self)
        self._walking = Pool(1, self)
        self._verifying.changed.connect(self._show_soon)
        self._reports: dict[Path, FileReport] = {}
        self._asked = 0
        self._filter: Conclusion | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(40)
        self._soon.timeout.connect(self._show_state)

        self._choose = button(_("Choose &files…"), "file-plus", clicked=self.choose)
        self._choose.setObjectName("verifyChoose")
        self._clear = button(_("C&lear the list"), "x", role="quiet", clicked=self.clear)
        self._clear.setObjectName("verifyClear")
        self._header = Header(_("Check signatures"), buttons=(self._clear, self._choose))

        self._empty = EmptyState(
            "shield-check",
            _("Drop files or folders here to see whether their signatures hold."),
            _("PDF, Word, Excel and PowerPoint. The files are only read, never changed."),
            _("Choose &files…"),
            "folder-open",
        )
        self._empty.chosen.connect(self.choose)

        self._progress_text = label(role="soft", wrap=False)
        self._progress_text.setObjectName("verifyProgress")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(_("Files checked"))
        self._stop = button(_("&Stop"), "x", clicked=self.cancel)
        self._stop.setObjectName("verifyStop")
        self._progress_row = QWidget()
        self._progress_row.setLayout(row(self._progress_text, self._progress, self._stop, spacing=UNIT * 2))

        self._chip_group = QButtonGroup(self)
        self._chip_of = {conclusion: self._make_chip(conclusion) for conclusion in (None, *wording.VERDICTS)}
        self._chip_row = QWidget()
        self._chip_row.setLayout(row(*self._chip_of.values(), stretch=True))

        self._list = CardList(_("Results"))

        results = QWidget()
        inner = QVBoxLayout(results)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(UNIT * 2)
        inner.addWidget(self._progress_row)
        inner.addWidget(self._chip_row)
        inner.addWidget(self._list, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(results)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3, UNIT * 3, UNIT * 3, UNIT * 2)
        layout.setSpacing(UNIT * 2)
        layout.addWidget(self._header)
        layout.addWidget(self._stack, 1)
        self.files_dropped.connect(self.add)
        self.hovering.connect(self._empty.highlight)
        self._show_state()

    @property
    def busy(self) -> str:
        left = self._verifying.unfinished
        return (
            ngettext("{n} file is still being checked.", "{n} files are still being checked.", left).format(n=left)
            if left
            else ""
        )

    @property
    def cards(self) -> list[ReportCard]:
        """The cards built so far, oldest first; a card is built when it comes near the view."""
        return [card for card in self._list.cards if isinstance(card, ReportCard)]

    @property
    def reports(self) -> list[FileReport]:
        """All that is known, oldest first."""
        return list(self._reports.values())

    def files(self) -> list[Path]:
        return list(self._reports)

    def choose(self) -> None:
        """Ask for files and check them."""
        names, _filter = QFileDialog.getOpenFileNames(
            self,
            _("Files to check"),
            "",
            _("Documents (*.pdf *.docx *.xlsx *.pptx);;All files (*)"),
        )
        if names:
            self.add([Path(name) for name in names])

    def add(self, paths: list[Path]) -> None:
        if any(path.is_dir() for path in paths):
            self._walking.start(
                lambda job: list(_walk(paths, job)),
                done=self._add_files,
                failed=lambda error: self._fail(paths[0], error),
            )
        else:
            self._add_files(paths)

    def _add_files(self, files: list[Path]) -> None:
        if not self._verifying.unfinished:
            self._asked = 0
        for file in dict.fromkeys(files):
            self._asked += 1
            self._verifying.start(
                lambda job, file=file: self.office.verify(file),  # type: ignore[misc]
                done=lambda report, file=file: self._arrived(file, report),  # type: ignore[misc]
                failed=lambda error, file=file: self._fail(file, error),  # type: ignore[misc]
            )
        self._show_state()

    def cancel(self) -> None:
        """Stop checking; what is already known stays."""
        self._walking.cancel_all()
        self._verifying.cancel_all()
        self._show_state()

    def clear(self) -> None:
        """Begin anew with an empty list."""
        self.cancel()
        self._reports.clear()
        self._list.clear()
        self._filter = None
        self._show_state()
        self._empty.button.setFocus()

    def first_focus(self) -> QWidget | None:
        return self._empty.button if self._stack.currentWidget() is self._empty else None

    def stop(self) -> None:
        self._soon.stop()
        self._walking.close()
        self._verifying.close()

    def _fail(self, file: Path, error: Exception) -> None:
        info = describe(error)
        self._arrived(
            file,
            FileReport(
                path=str(file),
                sha256=None,
                format="",
                conclusion=Conclusion.UNREADABLE,
                summary=info.message,
                next_step=info.hint,
                reasons=[Reason(info.code, info.message, info.hint)],
                signatures=[],
                seconds=0.0,
            ),
        )

    def _arrived(self, file: Path, report: FileReport) -> None:
        self._reports.pop(file, None)
        self._reports[file] = report
        self._list.put(file, lambda: ReportCard(report))
        if self._filter is not None and report.conclusion is not self._filter:
            self._choose_filter(None)
        if len(self._reports) == 1 and self._asked == 1:
            card = self._list.card(file)
            assert isinstance(card, ReportCard)
            card.unfold(True)
        self._show_soon()

    def _show_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show_state(self) -> None:
        self._show_chips()
        self._show_progress()

    def _show_chips(self) -> None:
        """Counts by verdict; each is a button that leaves only its cards."""
        counts = Counter(report.conclusion for report in self._reports.values())
        if self._filter is not None and not counts[self._filter]:
            self._choose_filter(None)
        self._chip_row.setVisible(len(self._reports) > 1)
        for conclusion, chip in self._chip_of.items():
            count = len(self._reports) if conclusion is None else counts[conclusion]
            word = _("All") if conclusion is None else wording.VERDICTS[conclusion].word
            chip.setText(f"{word}  {count}")
            chip.setAccessibleName(chip.text())
            chip.setVisible(bool(count) and (conclusion is not None or len(counts) > 1))
            chip.setChecked(conclusion == self._filter)

    def _make_chip(self, conclusion: Conclusion | None) -> QPushButton:
        chip = button("", role="chip", clicked=lambda: self._choose_filter(conclusion))
        chip.setCheckable(True)
        if conclusion is not None:
            sign = wording.VERDICTS[conclusion]
            set_icon(chip, sign.icon, theme.tone_colour(sign.tone))
        self._chip_group.addButton(chip)
        return chip

    def _choose_filter(self, conclusion: Conclusion | None) -> None:
        self._filter = conclusion
        self._chip_of[conclusion].setChecked(True)
        self._list.show_only(lambda file: conclusion in (None, self._reports[Path(str(file))].conclusion))

    def _show_progress(self) -> None:
        left = self._verifying.unfinished
        known = bool(self._reports)
        self._stack.setCurrentIndex(1 if known or left else 0)
        self._choose.setVisible(known or bool(left))
        self._clear.setVisible(known)
        self._progress_row.setVisible(bool(left))
        self._progress.setRange(0, max(1, self._asked))
        self._progress.setValue(self._asked - left)
        self._progress_text.setText(_("Checking: {done} of {total}").format(done=self._asked - left, total=self._asked))
        self.busy_changed.emit()


def _walk(paths: Iterable[Path], job: Job[list[Path]]) -> Iterable[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, subfolders, names in os.walk(path):
            subfolders.sort()
            if job.cancelled.is_set():
                return
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith((".", "~$")))
