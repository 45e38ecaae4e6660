"""``[Content_Types].xml``: which content type each part has (ISO/IEC 29500-2, section 6.2.3)."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from app.ooxml import names
from app.ooxml.errors import ContentTypes
from app.xmldsig.markup import Element, is_element, parse

NAMESPACE: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_TYPE: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+/[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


class ContentTypeList:
    """The list of a package, which can be extended and written again."""

    def __init__(self, data: bytes) -> None:
        """:raises ContentTypes: anything unknown, doubled or with parameters (29500-2, annex, M1.22)."""
        self._root = parse(data, names.CONTENT_TYPES)
        if self._root.tag != f"{{{NAMESPACE}}}Types":
            raise ContentTypes(detail="root element")
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        for element in self._root:
            if is_element(element):
                self._take(element)

    def _take(self, element: Element) -> None:
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        content_type = attributes.pop("ContentType", "")
        if not _TYPE.match(content_type) or len(element):
            raise ContentTypes(detail=f"content type {content_type[:80]!r}")
        if element.tag == f"{{{NAMESPACE}}}Default" and attributes.keys() == {"Extension"}:
            table, key = self._defaults, attributes["Extension"].lower()
        elif element.tag == f"{{{NAMESPACE}}}Override" and attributes.keys() == {"PartName"}:
            name = names.from_uri(attributes["PartName"])
            if name is None:
                raise ContentTypes(detail=f"part name {str(attributes['PartName'])[:80]!r}")
            table, key = self._overrides, names.key(name)
        else:
            raise ContentTypes(detail="unknown element")
        if key in table:
            raise ContentTypes(detail=f"{key} stands twice")
        table[key] = content_type

    def of(self, name: str) -> str | None:
        """The content type of a part; None where the list gives none."""
        return self._overrides.get(names.key(name)) or self._defaults.get(names.extension(name))

    def ensure(self, name: str, content_type: str, *, by_extension: bool = False) -> None:
        """Give a part its type, by a new entry where the list does not say so yet.

        :param by_extension: prefer an entry for the extension where it has none yet.
        """
        if self.of(name) == content_type:
            return
        extension = names.extension(name)
        if by_extension and extension not in self._defaults and names.key(name) not in self._overrides:
            entry = etree.Element(f"{{{NAMESPACE}}}Default", Extension=extension, ContentType=content_type)
            self._root.insert(0, entry)
        else:
            if names.key(name) in self._overrides:
                raise ContentTypes(detail=f"{name} has another type")
            entry = etree.SubElement(self._root, f"{{{NAMESPACE}}}Override", PartName=name, ContentType=content_type)
        self._take(entry)

    def written(self) -> bytes:
        """The list as a part's content."""
        data: bytes = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return data
