"""Colours, type and the style sheet made of them.

Every text colour stands at 4.5 : 1 or more (WCAG 2.2, success criterion 1.4.3) on every ground it is used on, in
both themes; :data:`TEXT_PAIRS` lists the pairs and a test computes them. Red is for the seal and a failed verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.paths import RESOURCES

ThemeName = Literal["system", "light", "dark"]

#: The grid of all distances, in device-independent pixels.
UNIT = 8


@dataclass(frozen=True)
class Theme:
    """The named colours of one theme, as ``#rrggbb``."""

    dark: bool
    ground: str
    surface: str
    sunken: str
    rail: str
    border: str
    border_strong: str
    text: str
    text_soft: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    disabled_ground: str
    disabled_text: str
    good: str
    good_soft: str
    caution: str
    caution_soft: str
    bad: str
    bad_soft: str
    neutral: str
    neutral_soft: str
    paper_shadow: str


LIGHT = Theme(
    dark=False,
    ground="#f3f6f6",
    surface="#ffffff",
    sunken="#e7edec",
    rail="#e9efee",
    border="#d5dedd",
    border_strong="#7c8e8c",
    text="#14262a",
    text_soft="#4b5d61",
    accent="#0b6166",
    accent_hover="#094c50",
    on_accent="#ffffff",
    accent_soft="#d5e8e6",
    disabled_ground="#e3e9e8",
    disabled_text="#556567",
    good="#17683a",
    good_soft="#e0f1e6",
    caution="#845000",
    caution_soft="#faeed6",
    bad="#b3261e",
    bad_soft="#fbe8e6",
    neutral="#4f5f64",
    neutral_soft="#e9eeef",
    paper_shadow="#c3cdcc",
)

DARK = Theme(
    dark=True,
    ground="#121a1b",
    surface="#1b2527",
    sunken="#0d1415",
    rail="#0d1415",
    border="#2f3d3f",
    border_strong="#6b7e80",
    text="#e5eeed",
    text_soft="#a7b8b8",
    accent="#58bdb3",
    accent_hover="#7bd0c7",
    on_accent="#05211f",
    accent_soft="#17393a",
    disabled_ground="#253133",
    disabled_text="#8fa1a1",
    good="#7fcd9b",
    good_soft="#173527",
    caution="#e8b75f",
    caution_soft="#382b12",
    bad="#f4948d",
    bad_soft="#42211f",
    neutral="#abb9bc",
    neutral_soft="#28343a",
    paper_shadow="#060a0a",
)

#: Text on ground, as names of :class:`Theme`, for every pair the window uses.
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((text, ground) for text in ("text", "text_soft") for ground in ("ground", "surface", "sunken", "rail")),
    *(("text", ground) for ground in ("accent_soft", "good_soft", "caution_soft", "bad_soft", "neutral_soft")),
    *(
        (tone, ground)
        for tone in ("good", "caution", "bad", "neutral")
        for ground in ("surface", "ground", f"{tone}_soft")
    ),
    ("accent", "surface"),
    ("accent", "ground"),
    ("accent", "rail"),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("disabled_text", "disabled_ground"),
    ("disabled_text", "surface"),
)

Tone = Literal["good", "caution", "bad", "neutral", "accent"]

_current = LIGHT


def current() -> Theme:
    """The theme the window shows now."""
    return _current


def tone_colour(tone: Tone) -> str:
    """The text and icon colour of a tone in the current theme."""
    return str(getattr(_current, tone))


def contrast(one: str, other: str) -> float:
    """Contrast of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def load_fonts() -> None:
    """Register the window's font, Be Vietnam Pro, with the running application."""
    for file in sorted((RESOURCES / "fonts").glob("BeVietnamPro-*.ttf")):
        QFontDatabase.addApplicationFont(str(file))


def named(name: ThemeName) -> Theme:
    """The theme of a name; ``system`` follows the system's colour scheme."""
    scheme = QGuiApplication.styleHints().colorScheme()
    dark = scheme == Qt.ColorScheme.Dark if name == "system" else name == "dark"
    return DARK if dark else LIGHT


def apply(name: ThemeName) -> Theme:
    """Dress the running application.

    :param name: ``system`` follows the system's colour scheme.
    :return: the theme now current.
    """
    global _current
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("no QApplication is running")
    _current = named(name)
    font = QFont("Be Vietnam Pro")
    font.setPixelSize(14)
    application.setFont(font)
    application.setPalette(_palette(_current))
    application.setStyleSheet(_style_sheet(_current))
    return _current


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for where, colour in (
        (role.Window, theme.ground),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.ground),
        (role.Text, theme.text),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.on_accent),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.text_soft),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.Light, theme.surface),
        (role.Midlight, theme.border),
        (role.Mid, theme.border),
        (role.Dark, theme.border_strong),
        (role.Shadow, theme.paper_shadow),
        (role.Accent, theme.accent),
    ):
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, where, QColor(theme.disabled_text))
    return palette


def _style_sheet(theme: Theme) -> str:
    icons = (RESOURCES / "icons").as_posix()
    tint = "dark" if theme.dark else "light"
    return f"""
* {{ outline: 0; }}
QToolTip {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border_strong};
    padding: 4px 8px; }}

#rail {{ background: {theme.rail}; border-right: 1px solid {theme.border}; }}
#brand {{ font-size: 18px; font-weight: 600; color: {theme.text}; }}
#railButton {{ background: transparent; border: 2px solid transparent; border-radius: 8px; padding: 8px 10px;
    text-align: left; color: {theme.text_soft}; font-weight: 500; }}
#railButton:hover {{ background: {theme.accent_soft}; color: {theme.text}; }}
#railButton:checked {{ background: {theme.accent_soft}; color: {theme.accent}; font-weight: 600; }}
#railButton:focus {{ border-color: {theme.accent}; }}
#stepButton {{ background: transparent; border: 2px solid transparent; border-radius: 8px; padding: 8px 10px;
    text-align: left; color: {theme.text}; font-weight: 500; }}
#stepButton:hover {{ background: {theme.accent_soft}; }}
#stepButton:checked {{ background: {theme.accent_soft}; color: {theme.accent}; font-weight: 600; }}
#stepButton:focus {{ border-color: {theme.accent}; }}
#statusLine {{ background: {theme.surface}; border-top: 1px solid {theme.border}; }}
#statusButton {{ background: transparent; border: 2px solid transparent; border-radius: 6px; padding: 2px 8px;
    text-align: left; color: {theme.text_soft}; }}
#statusButton:hover {{ color: {theme.text}; background: {theme.accent_soft}; }}
#statusButton:focus {{ border-color: {theme.accent}; }}

QLabel[role="title"] {{ font-size: 24px; font-weight: 600; color: {theme.text}; }}
QLabel[role="heading"] {{ font-size: 16px; font-weight: 600; color: {theme.text}; }}
QLabel[role="strong"] {{ font-weight: 600; color: {theme.text}; }}
QLabel[role="soft"] {{ color: {theme.text_soft}; }}
QLabel[role="small"] {{ color: {theme.text_soft}; font-size: 13px; }}
QLabel[role="verdict"] {{ font-size: 26px; font-weight: 600; }}
QLabel[role="label"] {{ color: {theme.text_soft}; font-size: 13px; font-weight: 500; }}
QLabel[tone="good"] {{ color: {theme.good}; font-weight: 600; }}
QLabel[tone="caution"] {{ color: {theme.caution}; font-weight: 600; }}
QLabel[tone="bad"] {{ color: {theme.bad}; font-weight: 600; }}
QLabel[tone="neutral"] {{ color: {theme.neutral}; font-weight: 600; }}
QLabel[tone="accent"] {{ color: {theme.accent}; font-weight: 600; }}
QLabel[role="picture"] {{ background: #ffffff; border-radius: 6px; padding: 2px 6px; }}
QLabel:focus {{ border: 1px solid {theme.accent}; border-radius: 4px; }}

QFrame[role="card"] {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 8px; }}
QFrame[role="notice"][tone="good"] {{ background: {theme.good_soft}; border-radius: 8px; }}
QFrame[role="notice"][tone="caution"] {{ background: {theme.caution_soft}; border-radius: 8px; }}
QFrame[role="notice"][tone="bad"] {{ background: {theme.bad_soft}; border-radius: 8px; }}
QFrame[role="notice"][tone="neutral"] {{ background: {theme.neutral_soft}; border-radius: 8px; }}
QFrame[role="notice"][tone="accent"] {{ background: {theme.accent_soft}; border-radius: 8px; }}
QFrame[role="verdict"] {{ border-top-left-radius: 7px; border-top-right-radius: 7px; }}
QFrame[role="verdict"][tone="good"] {{ background: {theme.good_soft}; }}
QFrame[role="verdict"][tone="caution"] {{ background: {theme.caution_soft}; }}
QFrame[role="verdict"][tone="bad"] {{ background: {theme.bad_soft}; }}
QFrame[role="verdict"][tone="neutral"] {{ background: {theme.neutral_soft}; }}
QFrame[role="sunken"] {{ background: {theme.ground}; border-radius: 8px; }}
QFrame[role="rule"] {{ background: {theme.border}; border: 0; }}
QFrame[role="drop"] {{ background: {theme.surface}; border: 2px dashed {theme.border_strong}; border-radius: 16px; }}
QFrame[role="drop"][over="true"] {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}

QPushButton {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border_strong};
    border-radius: 8px; padding: 7px 15px; font-weight: 500; min-height: 20px; }}
QPushButton:hover {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 6px 14px; }}
QPushButton:disabled {{ background: {theme.disabled_ground}; color: {theme.disabled_text};
    border-color: {theme.border}; }}
QPushButton[role="primary"] {{ background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
    font-weight: 600; }}
QPushButton[role="primary"]:hover {{ background: {theme.accent_hover}; border-color: {theme.accent_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {theme.text}; }}
QPushButton[role="primary"]:disabled {{ background: {theme.disabled_ground}; color: {theme.disabled_text};
    border-color: {theme.border}; }}
QPushButton[role="quiet"], QPushButton[role="fold"], QToolButton {{ background: transparent; color: {theme.accent};
    border: 2px solid transparent; border-radius: 6px; padding: 4px 8px; font-weight: 500; }}
QPushButton[role="quiet"]:hover, QPushButton[role="fold"]:hover, QToolButton:hover {{
    background: {theme.accent_soft}; }}
QPushButton[role="quiet"]:focus, QPushButton[role="fold"]:focus, QToolButton:focus {{ border-color: {theme.accent};
    padding: 4px 8px; }}
QPushButton[role="fold"], QPushButton[role="fold"]:focus {{ padding-left: 0; }}
QPushButton[role="quiet"]:disabled, QToolButton:disabled {{ color: {theme.disabled_text}; background: transparent; }}
QPushButton[role="chip"] {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 14px;
    padding: 3px 11px; font-weight: 500; color: {theme.text}; }}
QPushButton[role="chip"]:hover {{ border-color: {theme.accent}; }}
QPushButton[role="chip"]:checked {{ background: {theme.accent_soft}; border-color: {theme.accent};
    color: {theme.text}; }}
QPushButton[role="chip"]:focus {{ border: 2px solid {theme.accent}; padding: 2px 10px; }}

QLineEdit, QPlainTextEdit, QComboBox, QDateEdit {{ background: {theme.surface}; color: {theme.text};
    border: 1px solid {theme.border_strong}; border-radius: 6px; padding: 5px 9px; min-height: 20px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
QPlainTextEdit {{ padding: 2px 5px; }}
QPlainTextEdit[role="lines"] {{ min-height: 62px; max-height: 62px; }}
QLineEdit:focus, QComboBox:focus, QDateEdit:focus {{ border: 2px solid {theme.accent}; padding: 4px 8px; }}
QPlainTextEdit:focus {{ border: 2px solid {theme.accent}; padding: 1px 4px; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{ background: {theme.disabled_ground};
    color: {theme.disabled_text}; border-color: {theme.border}; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: 0; width: 28px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url("{icons}/arrow-{tint}.svg"); width: 14px; height: 14px; }}
QComboBox QLineEdit {{ border: 0; padding: 0; background: transparent; }}
QComboBox QAbstractItemView {{ background: {theme.surface}; border: 1px solid {theme.border_strong}; padding: 4px;
    selection-background-color: {theme.accent_soft}; selection-color: {theme.text}; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 2px 4px; }}
QCheckBox {{ spacing: 8px; padding: 3px 2px; border: 1px solid transparent; border-radius: 4px; }}
QCheckBox:focus {{ border-color: {theme.accent}; }}
QCheckBox:disabled {{ color: {theme.disabled_text}; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {theme.border_strong}; border-radius: 4px;
    background: {theme.surface}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
    image: url("{icons}/tick-{tint}.svg"); }}
QCheckBox::indicator:disabled {{ background: {theme.disabled_ground}; border-color: {theme.border}; }}

QListView, QTableView, QTreeView {{ background: {theme.surface}; border: 1px solid {theme.border}; border-radius: 8px;
    padding: 4px;
    alternate-background-color: {theme.ground}; gridline-color: {theme.border};
    selection-background-color: {theme.accent_soft}; selection-color: {theme.text}; }}
QListView:focus, QTableView:focus, QTreeView:focus {{ border: 2px solid {theme.accent}; padding: 3px; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 6px; color: {theme.text}; }}
QListWidget::item:selected {{ background: {theme.accent_soft}; }}
QTableView::item {{ padding: 4px 8px; border: 0; }}
QTreeView::item {{ padding: 5px 4px; border: 0; color: {theme.text}; }}
QTreeView::item:hover {{ background: {theme.ground}; }}
QTreeView::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
QTreeView::branch {{ background: {theme.surface}; }}
QTreeView::branch:has-children:closed {{ image: url("{icons}/arrow-right-{tint}.svg"); }}
QTreeView::branch:has-children:open {{ image: url("{icons}/arrow-{tint}.svg"); }}
QSplitter::handle {{ background: transparent; }}
QLineEdit[wrong="true"] {{ border: 2px solid {theme.caution}; padding: 4px 8px; }}
QTableView::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
QHeaderView {{ background: {theme.surface}; border: 0; }}
QHeaderView::section {{ background: {theme.surface}; color: {theme.text_soft}; border: 0;
    border-bottom: 1px solid {theme.border}; padding: 6px 11px; font-size: 13px; font-weight: 500; }}
QTableCornerButton::section {{ background: {theme.surface}; border: 0; }}

QFileDialog {{ backward-icon: url("{icons}/back-{tint}.svg"); forward-icon: url("{icons}/forward-{tint}.svg");
    filedialog-parent-directory-icon: url("{icons}/parent-{tint}.svg"); }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollArea[role="page"]:focus {{ border: 2px solid {theme.accent}; border-radius: 8px; }}
#scrollBody {{ background: transparent; }}
#previewGround {{ background: {theme.sunken}; }}
QFrame[role="preview"] {{ background: {theme.sunken}; border: 1px solid {theme.border}; border-radius: 8px; }}
QProgressBar {{ background: {theme.sunken}; border: 0; border-radius: 4px; max-height: 8px; min-height: 8px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 4px; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle {{ background: {theme.border_strong}; border-radius: 4px; min-height: 32px; min-width: 32px; }}
QScrollBar::handle:hover {{ background: {theme.text_soft}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {theme.surface}; border: 1px solid {theme.border_strong}; padding: 4px; }}
QMenu::item {{ padding: 6px 16px; border-radius: 4px; }}
QMenu::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
"""
