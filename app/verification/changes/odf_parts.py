"""Parts of an OpenDocument package in the words of people who use it (ODF 1.3: part 2, section 3; part 3, 3.1)."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from app.documents.strict_zip import StrictZip
from app.documents.zip_errors import ArchiveRejected
from app.i18n import N_, _
from app.xmldsig.bounded import parse_bounded
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import is_element

_CONTENT: Final = "content.xml"
_CONTENT_LIMIT: Final = 16 << 20
_XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_LONGEST: Final = 80

_FILES: Final = {
    "content.xml": N_("the content"),
    "styles.xml": N_("styles, page headers and footers"),
    "meta.xml": N_("properties of the file (title, author, dates)"),
    "settings.xml": N_("settings of the document"),
    "manifest.rdf": N_("data about the document"),
    "mimetype": N_("the kind of the document"),
    "META-INF/manifest.xml": N_("the list of what the file holds"),
    "META-INF/macrosignatures.xml": N_("signatures of macros"),
    "layout-cache": N_("remembered line breaks"),
}
_FOLDERS: Final = (
    ("Basic/", N_("macros")),
    ("Scripts/", N_("macros")),
    ("Dialogs/", N_("macros")),
    ("Thumbnails/", N_("the small picture of page 1")),
    ("Configurations2/", N_("settings of menus and buttons")),
    ("Fonts/", N_("an embedded font")),
    ("Media/", N_("a sound or film")),
    ("ObjectReplacements/", N_("the picture of an embedded chart or table")),
    ("Object ", N_("an embedded chart or table")),
    ("Versions/", N_("an earlier version of the document")),
)
#: Elements that hold a page, by local name, and the attribute that names them.
_PAGES: Final = {"page": N_("slide “{name}”"), "table": N_("sheet or table “{name}”")}


class OdfPartWords:
    """Tells the files of one opened package."""

    def __init__(self, archive: StrictZip) -> None:
        self._archive = archive

    def told(self, name: str) -> str:
        """What a file of the package is."""
        known = _FILES.get(name) or next((told for start, told in _FOLDERS if name.startswith(start)), None)
        if known is not None:
            return _(known)
        if name.startswith("Pictures/"):
            where = self._pictures.get(name)
            return _("{what} on {where}").format(what=_("a picture"), where=where) if where else _("a picture")
        return _("the part {name}").format(name=_short(name))

    @cached_property
    def _pictures(self) -> dict[str, str]:
        """Slide or sheet on which a picture is shown first, by the picture's name."""
        entry = self._archive.entries.get(_CONTENT)
        if entry is None or entry.size > _CONTENT_LIMIT:
            return {}
        try:
            root = parse_bounded(self._archive.read(entry, _CONTENT_LIMIT), _CONTENT)
        except (SignatureFault, ArchiveRejected):
            return {}
        found: dict[str, str] = {}
        for element in root.iter():
            link = element.get(_XLINK_HREF) if is_element(element) else None
            if not link or not link.removeprefix("./").startswith("Pictures/"):
                continue
            for holder in element.iterancestors():
                sentence = _PAGES.get(holder.tag.rpartition("}")[2])
                name = next((value for key, value in holder.attrib.items() if key.endswith("}name")), None)
                if sentence and name:
                    found.setdefault(link.removeprefix("./"), _(sentence).format(name=_short(name)))
                    break
        return found


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
