"""What of the results is shown: a chip for each verdict, with its count."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.i18n import _
from app.verification.model import Conclusion
from ui import theme, wording
from ui.widgets.basic import button, set_icon
from ui.widgets.flow import Flow


class ResultFilter(QWidget):
    """Chips of which one is chosen."""

    #: The :class:`Conclusion` chosen, None for all.
    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.chips = {conclusion: self._chip(conclusion) for conclusion in (None, *wording.VERDICTS)}
        self.setLayout(Flow(*self.chips.values()))

    def show_counts(self, counts: Counter[Conclusion], chosen: Conclusion | None) -> None:
        """Show how many files there are of each verdict."""
        for conclusion, chip in self.chips.items():
            count = counts.total() if conclusion is None else counts[conclusion]
            word = _("All") if conclusion is None else wording.VERDICTS[conclusion].word
            chip.setText(f"{word}  {count:,}".replace(",", "."))
            chip.setAccessibleName(chip.text())
            chip.setVisible(bool(count) and (conclusion is None or len(counts) > 1))
            chip.setChecked(conclusion == chosen)

    def _chip(self, conclusion: Conclusion | None) -> QPushButton:
        chip = button("", role="chip", clicked=lambda: self.chosen.emit(conclusion))
        chip.setCheckable(True)
        if conclusion is not None:
            sign = wording.VERDICTS[conclusion]
            set_icon(chip, sign.icon, theme.tone_colour(sign.tone))
        self._group.addButton(chip)
        return chip
