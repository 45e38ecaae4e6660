"""The decree's metadata of a document, to be looked at beside its page and corrected (Decree 30/2020, appendix VI)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.archive.model import Recipient, Secrecy, Urgency
from app.documents.types import document_types
from app.i18n import _, pgettext
from ui import theme, wording
from ui.theme import UNIT
from ui.widgets.basic import ScrollPane, column, label, pictogram, row

Kind = Literal["type", "text", "lines", "date", "count", "choice", "recipients"]


@dataclass(frozen=True)
class FieldSpec:
    """One field of the form.

    :ivar name: of the metadata.
    :ivar caption: gives what stands above it, ``&`` before the letter of its shortcut.
    :ivar of: for which documents: ``issued``, ``incoming`` or ``all``.
    :ivar limit: letters of a text, or digits of a number, at most; 0 for no limit.
    :ivar choices: of a choice, beside none; ``none``: gives the word for that.
    """

    name: str
    caption: Callable[[], str]
    kind: Kind = "text"
    of: Literal["issued", "incoming", "all"] = "all"
    limit: int = 0
    choices: tuple[str, ...] = ()
    none: Callable[[], str] = str


SPECS: tuple[FieldSpec, ...] = (
    FieldSpec("type", lambda: _("&Type of document"), "type", limit=100),
    FieldSpec("number", lambda: _("&Number"), limit=11),
    FieldSpec("symbol", lambda: _("S&ymbol"), limit=30),
    FieldSpec("date", lambda: _("&Date"), "date"),
    FieldSpec("arrival_number", lambda: _("Number of arri&val"), "count", "incoming", limit=10),
    FieldSpec("arrived_on", lambda: _("Date of arrival"), "date", "incoming"),
    FieldSpec("summary", lambda: _("Su&mmary"), "lines", limit=500),
    FieldSpec("issuer", lambda: _("Issuing &body"), limit=200),
    FieldSpec("place", lambda: pgettext("of a document", "Place"), limit=100),
    FieldSpec("signer_name", lambda: _("Si&gner"), limit=50),
    FieldSpec("signer_title", lambda: _("Signer's title"), limit=100),
    FieldSpec("urgency", lambda: _("&Urgency"), "choice", choices=get_args(Urgency), none=lambda: _("Ordinary")),
    FieldSpec("secrecy", lambda: _("Mark of secrecy"), "choice", choices=get_args(Secrecy), none=lambda: _("None")),
    FieldSpec("recipients", lambda: _("Recipients, one a line"), "recipients", "issued"),
    FieldSpec("copies_issued", lambda: _("Copies issued"), "count", "issued", limit=3),
    FieldSpec("kept_by", lambda: _("Who keeps the filed copy"), "text", "issued", limit=200),
    FieldSpec("forwarded_on", lambda: _("Date of forwarding"), "date"),
    FieldSpec("handled_by", lambda: _("Unit or person who handles it"), "text", "incoming", limit=1000),
    FieldSpec("handling", lambda: _("Instructions for handling"), "lines", "incoming"),
    FieldSpec("due_date", lambda: _("To be answered by"), "date"),
    FieldSpec("pages", lambda: _("Pages"), "count", limit=3),
    FieldSpec("language", lambda: _("Language"), limit=30),
    FieldSpec("note", lambda: _("Note"), "lines", limit=500),
)


class Lines(QPlainTextEdit):
    """A few lines of text, always as high; Tab leaves them."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setProperty("role", "lines")


class Field(QWidget):
    """One field with its caption, and under it what is doubtful or wrong."""

    changed = Signal()

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._organs: dict[str, str] = {}
        self.edit = self._editor(spec.kind)
        text = spec.caption()
        self.edit.setAccessibleName(text.replace("&", ""))
        self.edit.setObjectName(f"metadata-{spec.name}")
        caption = label(text, "label", wrap=False)
        caption.setBuddy(self.edit)
        self._parts = column(spacing=2)
        self.setLayout(self._parts)
        self._parts.addWidget(caption)
        self._parts.addWidget(self.edit)

    def show_value(self, value: object) -> None:
        """Show what is known; empty for None."""
        edit = self.edit
        if isinstance(edit, QComboBox):
            edit.setCurrentText(str(value or "") if edit.isEditable() else "")
            if not edit.isEditable():
                edit.setCurrentIndex(max(0, edit.findData(value or "")))
            return
        if self.spec.kind == "recipients":
            recipients = [one for one in value if isinstance(one, Recipient)] if isinstance(value, list) else []
            self._organs = {one.name: one.organ_id for one in recipients}
            text = "\n".join(one.name for one in recipients)
        elif isinstance(value, dt.date):
            text = wording.day(value)
        else:
            text = "" if value is None else str(value)
        if isinstance(edit, QPlainTextEdit):
            edit.setPlainText(text)
        elif isinstance(edit, QLineEdit):
            edit.setText(text)
            edit.setCursorPosition(0)

    def value(self) -> object:
        """What stands there; None for nothing.

        :raises ValueError: no date, or no number.
        """
        text = self._text()
        if self.spec.kind == "recipients":
            names = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
            return [Recipient(self._organs.get(name, ""), name) for name in names]
        text = " ".join(text.split())
        if not text:
            return None
        if self.spec.kind == "date":
            return date_of(text)
        if self.spec.kind == "count":
            if not text.isascii() or not text.isdigit():
                raise ValueError(text)
            return int(text)
        return text

    def doubt(self, on: bool) -> None:
        """Say that the value was guessed and should be compared with the page."""
        self._tell(_("Not certain: compare it with the page") if on else "")

    def check(self) -> bool:
        """Say beside the field what is wrong with it, if anything is."""
        try:
            value = self.value()
        except ValueError:
            self._tell(_("Write it as dd/mm/yyyy") if self.spec.kind == "date" else _("Write a whole number"))
            return False
        limit = self.spec.limit
        if limit and isinstance(value, str | int) and len(str(value)) > limit:
            self._tell(_("At most {n} letters; there are {there}").format(n=limit, there=len(str(value))))
            return False
        return True

    @cached_property
    def _told(self) -> tuple[QLabel, QLabel]:
        """The mark and the words under the field, made when there is first something to say: of most there never is."""
        mark, word = pictogram("circle-question-mark", theme.tone_colour("caution"), 16), label("", "small")
        word.setProperty("tone", "caution")
        told = row(mark, word, spacing=4)
        told.setStretch(1, 1)
        self._parts.addLayout(told)
        return mark, word

    def _tell(self, text: str) -> None:
        if text or "_told" in vars(self):
            mark, word = self._told
            word.setText(text)
            mark.setVisible(bool(text))
            word.setVisible(bool(text))
        self.edit.setAccessibleDescription(text)

    def _text(self) -> str:
        if isinstance(self.edit, QPlainTextEdit):
            return self.edit.toPlainText()
        if isinstance(self.edit, QComboBox):
            return self.edit.currentText() if self.edit.isEditable() else str(self.edit.currentData() or "")
        assert isinstance(self.edit, QLineEdit)
        return self.edit.text()

    def _editor(self, kind: Kind) -> QWidget:
        if kind in ("type", "choice"):
            box = QComboBox()
            box.setMinimumContentsLength(12)
            if kind == "type":
                box.setEditable(True)
                box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
                box.addItems([known.name for known in document_types()])
            else:
                box.addItem(self.spec.none(), "")
                for choice in self.spec.choices:
                    box.addItem(choice, choice)
            box.currentTextChanged.connect(lambda _text: self.changed.emit())
            return box
        if kind in ("lines", "recipients"):
            text = Lines()
            text.textChanged.connect(self.changed.emit)
            return text
        line = QLineEdit()
        line.setMinimumWidth(UNIT * 8)
        if kind == "date":
            line.setPlaceholderText(_("dd/mm/yyyy"))
        line.textChanged.connect(lambda _text: self.changed.emit())
        return line


def date_of(text: str) -> dt.date:
    """A date as people write it.

    :raises ValueError: it is none.
    """
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise ValueError(text)


class MetadataForm(ScrollPane):
    """All fields of a document, or those alone that somebody should look at.

    :param parent: where it is to be shown.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Information about the document"), parent)
        body = QWidget()
        body.setObjectName("scrollBody")
        self.setWidget(body)
        self.fields = {spec.name: Field(spec, body) for spec in SPECS}
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2, 0, UNIT, UNIT)
        layout.setSpacing(UNIT)
        pairs = {"number": "symbol", "arrival_number": "arrived_on", "urgency": "secrecy"}
        for name, field in self.fields.items():
            field.changed.connect(self.changed)
            if name in pairs:
                beside = row(field, self.fields[pairs[name]], spacing=UNIT)
                beside.setStretch(1, 1)
                field.setMaximumWidth(UNIT * 15)
                layout.addLayout(beside)
            elif name not in pairs.values():
                layout.addWidget(field)
        layout.addStretch(1)

    def show_values(self, values: Mapping[str, object], doubts: Collection[str], *, incoming: bool) -> None:
        """Show a document's metadata.

        :param values: by name of the field.
        :param doubts: names of the fields that a person should look at.
        """
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.show_value(values.get(name))
            field.doubt(name in doubts)
            field.blockSignals(False)
        self.of_kind(incoming=incoming)
        self.verticalScrollBar().setValue(0)

    def of_kind(self, *, incoming: bool) -> None:
        """Show the fields of issued or of received documents."""
        kind = "incoming" if incoming else "issued"
        for field in self.fields.values():
            field.setVisible(field.spec.of in ("all", kind))

    def values(self) -> dict[str, object] | None:
        """What stands in the fields shown; None where something is wrong, which is told beside it."""
        shown = [field for field in self.fields.values() if not field.isHidden()]
        wrong = [field for field in shown if not field.check()]
        if wrong:
            wrong[0].edit.setFocus()
            self.ensureWidgetVisible(wrong[0])
            return None
        return {field.spec.name: field.value() for field in shown}

    def focus(self, name: str) -> None:
        """Give a field the keyboard."""
        field = self.fields[name]
        field.edit.setFocus()
        self.ensureWidgetVisible(field)
