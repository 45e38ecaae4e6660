"""Parts of an Office package in the words of people who use it: “picture on slide 2”, “sheet “Budget””.

What a part is comes from its content type, where it is shown from the relationships that lead to it (ISO/IEC 29500-1,
sections 11 to 15, and 29500-2, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from app.i18n import N_, _
from app.ooxml import names, vocabulary
from app.ooxml.package import Package, Part
from app.xmldsig.errors import XmlRejected
from app.xmldsig.markup import is_element, parse

_MAIN = N_("the main text")
_PICTURE = N_("a picture")
_EMBEDDED = N_("an embedded file")
_FONT = N_("an embedded font")
_PROPERTIES = N_("properties of the file (title, author, dates)")
_COMMENTS = N_("comments")
_STYLES = N_("styles")
_SLIDE_PATTERN = N_("a slide pattern")

#: Beginning or end of a content type, in lower case, → what such a part is. The first that fits counts.
_KINDS: Final = (
    ("wordprocessingml.document.main+xml", _MAIN),
    ("wordprocessingml.template.main+xml", _MAIN),
    ("word.document.macroenabled.main+xml", _MAIN),
    ("word.template.macroenabledtemplate.main+xml", _MAIN),
    ("wordprocessingml.document.glossary+xml", N_("building blocks of text")),
    ("wordprocessingml.header+xml", N_("a page header")),
    ("wordprocessingml.footer+xml", N_("a page footer")),
    ("wordprocessingml.footnotes+xml", N_("footnotes")),
    ("wordprocessingml.endnotes+xml", N_("endnotes")),
    ("wordprocessingml.numbering+xml", N_("numbering of paragraphs")),
    ("wordprocessingml.settings+xml", N_("settings of the document")),
    ("wordprocessingml.websettings+xml", N_("settings of the document")),
    ("wordprocessingml.fonttable+xml", N_("the list of fonts")),
    ("wordprocessingml.people+xml", N_("the list of people who commented")),
    ("spreadsheetml.sheet.main+xml", N_("the list of sheets")),
    ("spreadsheetml.template.main+xml", N_("the list of sheets")),
    ("excel.sheet.macroenabled.main+xml", N_("the list of sheets")),
    ("excel.template.macroenabled.main+xml", N_("the list of sheets")),
    ("excel.sheet.binary.macroenabled.main", N_("the list of sheets")),
    ("spreadsheetml.sharedstrings+xml", N_("the words in the cells")),
    ("spreadsheetml.table+xml", N_("a table")),
    ("spreadsheetml.calcchain+xml", N_("the order of calculation")),
    ("spreadsheetml.externallink+xml", N_("a link to another workbook")),
    ("spreadsheetml.connections+xml", N_("connections to outside data")),
    ("spreadsheetml.querytable+xml", N_("connections to outside data")),
    ("spreadsheetml.pivottable+xml", N_("a pivot table")),
    ("spreadsheetml.pivotcachedefinition+xml", N_("data of a pivot table")),
    ("spreadsheetml.pivotcacherecords+xml", N_("data of a pivot table")),
    ("presentationml.presentation.main+xml", N_("the list and order of slides")),
    ("presentationml.slideshow.main+xml", N_("the list and order of slides")),
    ("presentationml.template.main+xml", N_("the list and order of slides")),
    ("powerpoint.presentation.macroenabled.main+xml", N_("the list and order of slides")),
    ("powerpoint.slideshow.macroenabled.main+xml", N_("the list and order of slides")),
    ("presentationml.slidelayout+xml", _SLIDE_PATTERN),
    ("presentationml.slidemaster+xml", _SLIDE_PATTERN),
    ("presentationml.notesslide+xml", N_("speaker's notes")),
    ("presentationml.notesmaster+xml", N_("the pattern of notes pages")),
    ("presentationml.handoutmaster+xml", N_("the pattern of handouts")),
    ("presentationml.presprops+xml", N_("settings of the document")),
    ("presentationml.viewprops+xml", N_("settings of the document")),
    ("presentationml.tablestyles+xml", _STYLES),
    ("comments+xml", _COMMENTS),
    ("commentsextended+xml", _COMMENTS),
    ("commentauthors+xml", _COMMENTS),
    ("threadedcomments+xml", _COMMENTS),
    ("styles+xml", _STYLES),
    ("styleswitheffects+xml", _STYLES),
    ("theme+xml", N_("colours and fonts of the theme")),
    ("drawingml.chart+xml", N_("a chart")),
    ("drawing.chart+xml", N_("a chart")),
    ("drawing+xml", N_("drawings")),
    ("vmldrawing", N_("drawings")),
    ("diagramdata+xml", N_("a diagram")),
    ("printersettings", N_("settings of the printer")),
    ("vbaproject", N_("macros")),
    ("vbadata+xml", N_("macros")),
    ("activex+xml", N_("an ActiveX control")),
    ("activex", N_("an ActiveX control")),
    ("oleobject", _EMBEDDED),
    ("core-properties+xml", _PROPERTIES),
    ("extended-properties+xml", _PROPERTIES),
    ("custom-properties+xml", _PROPERTIES),
    ("customxmlproperties+xml", N_("data that the document may show")),
    ("obfuscatedfont", _FONT),
    ("x-fontdata", _FONT),
    ("digital-signature-origin", N_("the place where signatures are listed")),
    ("digital-signature-xmlsignature+xml", N_("a signature")),
)

#: Beginnings of content types.
_FAMILIES: Final = (
    ("image/", _PICTURE),
    ("audio/", N_("a sound")),
    ("video/", N_("a film")),
    ("application/vnd.openxmlformats-officedocument.", _EMBEDDED),
    ("application/vnd.ms-", _EMBEDDED),
)

_SLIDE, _SHEET, _CHART_SHEET = ".slide+xml", ".worksheet+xml", ".chartsheet+xml"
_RELATIONSHIP_ID: Final = ("/relationships}id",)

#: Most bytes read of the part that lists slides or sheets, most steps back to a part that is shown, most places told.
_LIST_LIMIT, _STEPS, _PLACES = 4 << 20, 4, 3
#: Letters told of a name or address from the file.
_LONGEST = 80


class PartWords:
    """Tells the parts of one opened package."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def told(self, name: str) -> str:
        """What a part or relationship is.

        :param name: of a part; of a relationship the name of the relationships part, ``#`` and its Id; of all
            relationships of a part, the name of the relationships part alone.
        """
        name, _mark, id_ = name.partition("#")
        source = names.source_of(name)
        if source is not None:
            return self._relationship(source, id_) if id_ else self._links(source)
        part = self._package.part(name)
        if part is None:
            return _("a part that is no longer there ({name})").format(name=_short(name))
        return self._placed(part)

    def _links(self, source: str) -> str:
        if source == names.PACKAGE:
            return _("links that begin the document")
        part = self._package.part(source)
        return _("links of: {part}").format(part=self._placed(part) if part else _short(source))

    def _relationship(self, source: str, id_: str) -> str:
        leading = self._package.relationships_from(source)
        relationship = next((one for one in leading.relationships if one.id == id_), None)
        if relationship is None:
            return self._links(source)
        if relationship.external:
            target = _short(relationship.target)
            if relationship.type.lower() in vocabulary.HYPERLINK_RELATIONSHIPS:
                return _("a link out of the document: {target}").format(target=target)
            if relationship.type.lower().endswith("/attachedtemplate"):
                return _("a template loaded from elsewhere: {target}").format(target=target)
            return _("something loaded from elsewhere: {target}").format(target=target)
        target_name = leading.target(relationship)
        part = self._package.part(target_name) if target_name else None
        if part is None:
            return _("a link to nothing: {target}").format(target=_short(relationship.target))
        return _("the link to: {part}").format(part=self._placed(part))

    def _placed(self, part: Part) -> str:
        """What it is and, for what stands within something else, where."""
        own = self._page(part)
        if own is not None:
            return own
        kind = _kind(part)
        if kind is None:
            return _("the part {name}").format(name=_short(part.name))
        places = list(dict.fromkeys(self._places(part)))
        if not places:
            return _(kind)
        shown = ", ".join(places[:_PLACES]) + (", …" if len(places) > _PLACES else "")
        return _("{what} on {where}").format(what=_(kind), where=shown)

    def _places(self, part: Part) -> Iterator[str]:
        """The slides, sheets, headers and notes that lead to a part, the nearest first."""
        seen = {names.key(part.name)}
        near: Iterable[str] = self._sources.get(names.key(part.name), ())
        for _step in range(_STEPS):
            further: list[str] = []
            for key in near:
                source = self._package.parts.get(key)
                if source is None or key in seen:
                    continue
                seen.add(key)
                place = self._page(source) or _container(source)
                if place is not None:
                    yield place
                else:
                    further += self._sources.get(key, ())
            near = further

    def _page(self, part: Part) -> str | None:
        """A slide by its number, a sheet by its name."""
        kind = part.content_type.lower()
        if not kind.endswith((_SLIDE, _SHEET, _CHART_SHEET)):
            return None
        listed = self._listed.get(names.key(part.name))
        if kind.endswith(_SLIDE):
            return _("slide {n}").format(n=listed) if listed else _("a slide that is not shown")
        return _("sheet “{name}”").format(name=listed) if listed else _("a sheet that is not listed")

    @cached_property
    def _sources(self) -> dict[str, list[str]]:
        """Keys of the parts that lead to a part, by its key."""
        found: dict[str, list[str]] = {}
        for leading in self._package.relationships.values():
            for relationship in leading.relationships:
                target = leading.target(relationship)
                if target is not None:
                    found.setdefault(names.key(target), []).append(names.key(leading.source))
        return found

    @cached_property
    def _listed(self) -> dict[str, str]:
        """Numbers of slides and names of sheets, by the key of their part."""
        found: dict[str, str] = {}
        for main in self._package.main_parts():
            part = self._package.part(main) if main else None
            if part is None or part.entry.size > _LIST_LIMIT:
                continue
            try:
                root = parse(self._package.read(part, _LIST_LIMIT), part.name)
            except XmlRejected:
                continue
            leading = self._package.relationships_from(part.name)
            targets = {one.id: leading.target(one) for one in leading.relationships}
            number = 0
            for element in root.iter():
                local = element.tag.rpartition("}")[2] if is_element(element) else ""
                if local not in ("sldId", "sheet"):
                    continue
                number += 1
                id_ = next((value for key, value in element.attrib.items() if key.endswith(_RELATIONSHIP_ID)), "")
                target = targets.get(id_)
                if target is not None:
                    told = str(number) if local == "sldId" else _short(element.get("name") or str(number))
                    found.setdefault(names.key(target), told)
        return found


def _kind(part: Part) -> str | None:
    kind = part.content_type.lower()
    if part.name.lower().startswith("/customxml/"):
        return N_("data that the document may show")
    found = next((told for end, told in _KINDS if kind.endswith(end)), None)
    return found or next((told for start, told in _FAMILIES if kind.startswith(start)), None)


def _container(part: Part) -> str | None:
    """A part of a text document, or a pattern, that shows what it leads to."""
    kind = part.content_type.lower()
    shown = ("main+xml", ".header+xml", ".footer+xml", "notes+xml", "notesslide+xml", "slidelayout+xml")
    if kind.endswith((*shown, "slidemaster+xml")) and "sheet" not in kind and "presentation.main" not in kind:
        found = _kind(part)
        return _(found) if found else None
    return None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
