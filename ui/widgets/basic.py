"""Small parts: texts, buttons, notices, the place to drop files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFontMetrics,
    QGuiApplication,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import ErrorInfo
from app.i18n import _
from ui import icons, theme
from ui.theme import UNIT, Tone
from ui.widgets import tips

#: Between a button's pictogram and its text, beside what the style puts there.
ICON_GAP = 4

#: From the edge of a quiet button to its words, border and padding of the style sheet together.
QUIET_PADDING = 10


def line_field(name: str, spoken: str) -> QLineEdit:
    """A line to be typed in, which says by itself what belongs there as long as it is empty.

    :param name: of the object. :param spoken: what a screen reader calls it.
    """
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(spoken)
    made.setPlaceholderText(spoken)
    made.setMinimumWidth(UNIT * 10)
    return made


def label(text: str = "", role: str = "", *, wrap: bool = True) -> QLabel:
    """A text.

    :param role: ``title``, ``heading``, ``strong``, ``soft``, ``small``, ``label`` or none.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def selectable(text: str, role: str = "") -> QLabel:
    """A text that can be selected and copied with the mouse."""
    made = label(text, role)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setCursor(Qt.CursorShape.IBeamCursor)
    return made


def button(text: str, icon: str = "", *, role: str = "", clicked: Callable[[], object] | None = None) -> QPushButton:
    """A button that says what happens.

    :param text: with an ``&`` before the letter of its shortcut.
    :param role: ``primary``, ``quiet``, ``chip`` or none.
    """
    made = QPushButton(text)
    made.setAccessibleName(text.replace("&", ""))
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    if icon:
        shown = theme.current()
        colour = {"primary": shown.on_accent, "quiet": shown.accent}.get(role, shown.text)
        set_icon(made, icon, colour)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def set_icon(where: QAbstractButton, name: str, colour: str) -> None:
    """Put a pictogram before the text of a button."""
    where.setIcon(icons.icon(name, colour, theme.current().disabled_text, gap=ICON_GAP))
    where.setIconSize(QSize(20 + ICON_GAP, 20))


def icon_button(name: str, icon: str, clicked: Callable[[], object]) -> QToolButton:
    """A button of an icon alone; its name is the tool tip and what a screen reader says."""
    made = QToolButton()
    shown = theme.current()
    made.setIcon(icons.icon(icon, shown.accent, shown.disabled_text))
    made.setIconSize(QSize(18, 18))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.clicked.connect(lambda: clicked())
    return made


def pictogram(name: str, colour: str, size: int = 20) -> QLabel:
    """A picture beside a text that says the same."""
    made = QLabel()
    made.setFixedSize(size, size)
    show_pictogram(made, name, colour)
    return made


def show_pictogram(where: QLabel, name: str, colour: str) -> None:
    ratio = max(2.0, where.devicePixelRatioF())
    where.setPixmap(icons.pixmap(name, colour, where.width(), ratio))


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet selects by."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule() -> QFrame:
    made = QFrame()
    made.setProperty("role", "rule")
    made.setFixedHeight(1)
    return made


def column(*, margins: int = 0, spacing: int = UNIT) -> QVBoxLayout:
    made = QVBoxLayout()
    made.setContentsMargins(margins, margins, margins, margins)
    made.setSpacing(spacing)
    return made


def row(*widgets: QWidget, spacing: int = UNIT, stretch: bool = False) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        made.addWidget(widget)
    if stretch:
        made.addStretch(1)
    return made


class ScrollPane(QScrollArea):
    """What scrolls up and down where it is given less room than it takes; Tab passes it over.

    :param name: of the part, for those who hear the window.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)


def scrolling(layout: QLayout, name: str) -> ScrollPane:
    """A :class:`ScrollPane` of that name.

    :param layout: of what is in it.
    """
    body = QWidget()
    body.setObjectName("scrollBody")
    body.setLayout(layout)
    made = ScrollPane(name)
    made.setWidget(body)
    return made


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def copy_text(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


class Elided(QLabel):
    """One line that gives way in its middle (file names) and shows the whole in its tool tip."""

    def __init__(
        self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle, least: int = 8
    ) -> None:
        super().__init__()
        self._mode = mode
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(tips.plain(text))
        self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * self._least, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = metrics.elidedText(self.text(), self._mode, self.contentsRect().width())
        painter.drawText(self.contentsRect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


class Notice(QFrame):
    """Something to know, beside its cause: icon, sentence, hint, a button to copy it."""

    def __init__(self, sentence: str = "", hint: str = "", tone: Tone = "neutral", icon: str = "info") -> None:
        super().__init__()
        self.setProperty("role", "notice")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 10, 8, 10)
        layout.setSpacing(10)
        self._icon = pictogram(icon, theme.current().text)
        self._sentence = label(role="strong")
        self._hint = label()
        words = column(spacing=2)
        words.addWidget(self._sentence)
        words.addWidget(self._hint)
        self._copy = icon_button(_("Copy this message"), "copy", lambda: copy_text(self.whole_text()))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self.tell(sentence, hint, tone, icon)

    def tell(
        self, sentence: str, hint: str = "", tone: Tone = "neutral", icon: str = "info", *, copy: bool = False
    ) -> None:
        """Show a sentence and a hint."""
        set_property(self, "tone", tone)
        show_pictogram(self._icon, icon, theme.tone_colour(tone))
        self._sentence.setText(sentence)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._copy.setVisible(copy)
        self.setAccessibleName(self.whole_text())

    def tell_error(self, error: ErrorInfo) -> None:
        """Show an error with its hint; it can be copied, with its code."""
        self._code = error.code
        self.tell(error.message, error.hint, "caution", "triangle-alert", copy=True)
        self.setVisible(True)

    def whole_text(self) -> str:
        code = getattr(self, "_code", "")
        lines = [self._sentence.text(), self._hint.text(), f"[{code}]" if code else ""]
        return "\n".join(line for line in lines if line)


def dropped_files(mime: QMimeData) -> list[Path]:
    """The local files and folders of a drop."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class EmptyState(QFrame):
    """What a page shows before it has anything: one sentence that teaches and one button."""

    chosen = Signal()

    def __init__(
        self, icon: str, sentence: str, more: str, action: str, action_icon: str, *, drop: bool = True
    ) -> None:
        super().__init__()
        if drop:
            self.setProperty("role", "drop")
        inner = QWidget()
        inner.setFixedWidth(576)
        words = QVBoxLayout(inner)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(UNIT)
        words.addWidget(pictogram(icon, theme.current().accent, 48), 0, Qt.AlignmentFlag.AlignHCenter)
        words.addSpacing(UNIT)
        for text, role in ((sentence, "heading"), (more, "soft")):
            if text:
                line = label(text, role)
                line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                words.addWidget(line)
        words.addSpacing(UNIT)
        self.button = button(action, action_icon, role="primary", clicked=self.chosen.emit)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(inner)
        middle.addStretch(1)
        layout.addLayout(middle)
        layout.addStretch(3)

    def highlight(self, over: bool) -> None:
        """Show that a drop would land here."""
        set_property(self, "over", "true" if over else "false")


class Header(QWidget):
    """Title of a page with its buttons at the right."""

    def __init__(self, title: str, lead: str = "", buttons: Iterable[QWidget] = ()) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addStrut(40)
        words = column(spacing=0)
        self.title = Elided(title, "title", Qt.TextElideMode.ElideRight)
        words.addWidget(self.title)
        self.lead = Elided(lead, "soft", Qt.TextElideMode.ElideRight)
        if not lead:
            self.lead.hide()
        words.addWidget(self.lead)
        layout.addLayout(words, 1)
        tools = QWidget()
        tools.setLayout(row(*buttons))
        layout.addWidget(tools, 0, Qt.AlignmentFlag.AlignTop)


class Card(QFrame):
    """A white sheet with a vertical layout."""

    def __init__(self, *, margins: int = UNIT * 2, spacing: int = UNIT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.body: QBoxLayout = QVBoxLayout(self)
        self.body.setContentsMargins(margins, margins, margins, margins)
        self.body.setSpacing(spacing)

    def tab_stops(self) -> list[QWidget]:
        """The card's controls in the order Tab visits them."""
        return [child for child in self.findChildren(QAbstractButton) if child.focusPolicy() & Qt.FocusPolicy.TabFocus]


class DropTarget(QWidget):
    """A widget onto which files may be dropped; tells of the drop and of the hovering before."""

    files_dropped = Signal(list)
    hovering = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.hovering.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.hovering.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.hovering.emit(False)
        if files := dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.files_dropped.emit(files)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.setAcceptDrops(self.isEnabled())
