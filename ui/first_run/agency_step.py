"""First step: what the agency is called, and its seal in its real size."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QImageReader

from app.errors import describe
from app.i18n import _
from app.office import Office
from app.storage.files import writing_error
from ui import choosing
from ui.first_run.field import Field, beside
from ui.first_run.seal_preview import SealPreview
from ui.first_run.step import Step
from ui.theme import UNIT
from ui.widgets.basic import button, column, row
from ui.work import Job, Pool

#: Of a seal on paper, in millimetres; outside it is a slip of the keyboard.
_LEAST_MM, _MOST_MM = 10.0, 60.0
#: Pixels along an edge above which a picture is no seal but a mistake.
_MOST_PIXELS = 8000


class AgencyStep(Step):
    settings = ("agency.name", "agency.parent", "agency.place", "agency.seal_image", "agency.seal_diameter_mm")

    def __init__(self, office: Office) -> None:
        super().__init__(
            office,
            _("The agency"),
            _("Its names stand on minutes, registers and reports; its seal on the copies that it issues."),
        )
        agency = office.settings.agency
        self._pool = Pool(1, self)
        self._look: Job[QImage] | None = None
        self._image = QImage()
        self._source: Path | None = None
        self.name = Field(
            "firstName",
            _("Name of the a&gency"),
            _("As it stands at the head of its documents, such as “Ủy ban nhân dân xã Phong Điền”."),
        )
        self.parent_agency = Field(
            "firstParent", _("Agency a&bove it"), _("Stands above the name on minutes and reports; may stay empty.")
        )
        self.place = Field("firstPlace", _("&Place"), _("Stands before the date of minutes, such as “Phong Điền”."))
        choose = button(_("&Choose…"), "folder-open", clicked=self._choose)
        choose.setObjectName("firstSealChoose")
        choose.setAccessibleName(_("Choose the picture of the seal"))
        self.seal = Field(
            "firstSeal",
            _("Picture of the s&eal"),
            _("A PNG picture of the red seal, its ground transparent. The program keeps a copy of its own."),
            choose,
        )
        self.diameter = Field(
            "firstDiameter",
            _("Its width on paper, in &millimetres"),
            _("As measured on the seal itself; the picture beside shows it in that size."),
        )
        self.preview = SealPreview()
        for field, value in (
            (self.name, agency.name),
            (self.parent_agency, agency.parent),
            (self.place, agency.place),
            (self.seal, agency.seal_image),
            (self.diameter, _written(agency.seal_diameter_mm)),
        ):
            field.line.setText(value)
        seal = column(spacing=UNIT * 2)
        seal.addWidget(self.seal)
        seal.addWidget(self.diameter)
        seal.addStretch(1)
        pictured = row(spacing=UNIT * 3)
        pictured.addLayout(seal, 1)
        pictured.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.name)
        self.body.addLayout(beside(self.parent_agency, self.place))
        self.body.addLayout(pictured)
        self.body.addWidget(self.notice)
        for setting, field in zip(self.settings, self._fields, strict=True):
            field.line.textChanged.connect(lambda _text: self.changed.emit())
            if setting in self.locked_settings:
                field.lock()
                if field is self.seal:
                    choose.setEnabled(False)
        self.seal.line.textChanged.connect(lambda _text: self._read())
        self.diameter.line.textChanged.connect(lambda _text: self._show())
        self._read()

    @property
    def _fields(self) -> tuple[Field, ...]:
        return (self.name, self.parent_agency, self.place, self.seal, self.diameter)

    @property
    def millimetres(self) -> float | None:
        """The width typed; None where it is none."""
        try:
            typed = float(self.diameter.text.replace(",", "."))
        except ValueError:
            return None
        return typed if _LEAST_MM <= typed <= _MOST_MM else None

    @property
    def problem(self) -> str:
        return self.seal.problem or self.diameter.problem

    def values(self) -> dict[str, Any]:
        agency = self.office.settings.agency
        typed = {
            "agency.name": (self.name.text, agency.name),
            "agency.parent": (self.parent_agency.text, agency.parent),
            "agency.place": (self.place.text, agency.place),
            "agency.seal_image": (self.seal.text, agency.seal_image),
            "agency.seal_diameter_mm": (self.millimetres or agency.seal_diameter_mm, agency.seal_diameter_mm),
        }
        return {
            name: now for name, (now, before) in typed.items() if now != before and name not in self.locked_settings
        }

    def saving(self) -> Callable[[], dict[str, Any]]:
        values, source, base = self.values(), self._source, self.office.settings.base

        def save() -> dict[str, Any]:
            if source is not None and "agency.seal_image" in values:
                values["agency.seal_image"] = _kept(source, base)
            return values

        return save

    def stop(self) -> None:
        self._pool.close()

    def _choose(self) -> None:
        if (path := choosing.one_to_open(self, _("Picture of the seal"), [_("Pictures (*.png)")])) is not None:
            self.seal.line.setText(str(path))

    def _read(self) -> None:
        """Look at the picture named, off the main thread: it may be large, or on a share."""
        if self._look is not None:
            self._look.cancel()
        self._source, self._image = None, QImage()
        if not self.seal.text:
            self._look = None
            self.seal.tell("")
            self._show()
            return
        path = self.office.settings.resolve(self.seal.text)
        self._look = self._pool.start(
            lambda _job: _picture(path), done=lambda image: self._seen(path, image), failed=self._not_seen
        )

    def _seen(self, path: Path, image: QImage) -> None:
        self._source, self._image = path, image
        self.seal.tell("")
        self._show()

    def _not_seen(self, error: Exception) -> None:
        self.seal.tell(str(error) if isinstance(error, ValueError) else describe(error))
        self._show()

    def _show(self) -> None:
        wanted = _("A number from {least} to {most}.").format(least=f"{_LEAST_MM:g}", most=f"{_MOST_MM:g}")
        self.diameter.tell("" if self.millimetres is not None else wanted)
        self.preview.show_seal(self._image, self.millimetres or 0.0)
        self.changed.emit()


def _kept(source: Path, folder: Path) -> str:
    """Keep a picture beside the settings, whatever becomes of the file it was chosen from; nothing is written over.

    :return: its name there.
    :raises TargetNotWritable, DiskFull: it cannot be kept.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = source.read_bytes()
        for count in itertools.count(1):
            target = folder / ("con-dau.png" if count == 1 else f"con-dau-{count}.png")
            if target == source or (target.exists() and target.read_bytes() == content):
                break
            if not target.exists():
                with target.open("xb") as file:
                    file.write(content)
                break
    except OSError as error:
        raise writing_error(error, folder) from error
    return target.name


def _written(millimetres: float) -> str:
    return f"{millimetres:g}".replace(".", ",")


def _picture(path: Path) -> QImage:
    """A picture that can be a seal.

    :raises ValueError: a sentence why it cannot.
    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.read(1)
    reader = QImageReader(str(path))
    size = reader.size()
    if bytes(reader.format().data()) != b"png" or not size.isValid():
        raise ValueError(_("This is no PNG picture."))
    if max(size.width(), size.height()) > _MOST_PIXELS:
        raise ValueError(_("This picture is too large: at most {n} pixels along an edge.").format(n=_MOST_PIXELS))
    image = reader.read()
    if image.isNull():
        raise ValueError(_("This picture is damaged."))
    return image
