"""Names that Office packages use: relationship types, content types, namespaces.

Sources: ISO/IEC 29500-1 section 15 and annex A, 29500-2 annex E; the strict forms of 29500-1 annex A (purl.oclc.org).
"""

from __future__ import annotations

from typing import Final

from app.xmldsig.vocabulary import SIGNED_PROPERTIES_TYPE as SIGNED_PROPERTIES_TYPE
from app.xmldsig.vocabulary import XADES as XADES
from app.xmldsig.vocabulary import XMLDSIG as XMLDSIG

XADES_141: Final = "http://uri.etsi.org/01903/v1.4.1#"
OBJECT_TYPE: Final = XMLDSIG + "Object"
PACKAGE_SIGNATURE: Final = "http://schemas.openxmlformats.org/package/2006/digital-signature"
OFFICE_SIGNATURE: Final = "http://schemas.microsoft.com/office/2006/digsig"

ORIGIN_RELATIONSHIP: Final = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
SIGNATURE_RELATIONSHIP: Final = (
    "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature"
)
ORIGIN_TYPE: Final = "application/vnd.openxmlformats-package.digital-signature-origin"
SIGNATURE_TYPE: Final = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"

_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/officedocument/2006/relationships/"
_STRICT: Final = "http://purl.oclc.org/ooxml/officedocument/relationships/"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships/"

#: In lower case, because LibreOffice spells some of them so.
OFFICE_DOCUMENT_RELATIONSHIPS: Final = frozenset({_TRANSITIONAL + "officedocument", _STRICT + "officedocument"})
HYPERLINK_RELATIONSHIPS: Final = frozenset({_TRANSITIONAL + "hyperlink", _STRICT + "hyperlink"})
MACRO_RELATIONSHIP: Final = "http://schemas.microsoft.com/office/2006/relationships/vbaproject"
FOREIGN_CHUNK_RELATIONSHIPS: Final = frozenset({_TRANSITIONAL + "afchunk", _STRICT + "afchunk"})

_CORE: Final = "core"
_THUMBNAIL: Final = "thumbnail"

#: Relationship type in lower case → which kind of metadata.
METADATA_RELATIONSHIPS: Final = {
    _PACKAGE + "metadata/core-properties": _CORE,
    _TRANSITIONAL + "metadata/core-properties": _CORE,
    _STRICT + "metadata/core-properties": _CORE,
    _TRANSITIONAL + "extended-properties": "extended",
    _STRICT + "extendedproperties": "extended",
    _TRANSITIONAL + "custom-properties": "custom",
    _STRICT + "customproperties": "custom",
    _PACKAGE + "metadata/thumbnail": _THUMBNAIL,
    _TRANSITIONAL + "metadata/thumbnail": _THUMBNAIL,
    _STRICT + "metadata/thumbnail": _THUMBNAIL,
}
CORE_PROPERTIES: Final = _CORE
METADATA_TYPES: Final = {
    _CORE: frozenset({"application/vnd.openxmlformats-package.core-properties+xml"}),
    "extended": frozenset({"application/vnd.openxmlformats-officedocument.extended-properties+xml"}),
    "custom": frozenset({"application/vnd.openxmlformats-officedocument.custom-properties+xml"}),
    _THUMBNAIL: frozenset(
        {"image/jpeg", "image/jpg", "image/png", "image/gif", "image/x-wmf", "image/x-emf", "image/wmf", "image/emf"}
    ),
}

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml."

#: File name ending → content type of the main part that it must hold.
MAIN_TYPES: Final = {
    ".docx": _WORD + "document.main+xml",
    ".dotx": _WORD + "template.main+xml",
    ".docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
    ".dotm": "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ".xlsx": _SHEET + "sheet.main+xml",
    ".xltx": _SHEET + "template.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xltm": "application/vnd.ms-excel.template.macroEnabled.main+xml",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
    ".pptx": _SLIDES + "presentation.main+xml",
    ".potx": _SLIDES + "template.main+xml",
    ".ppsx": _SLIDES + "slideshow.main+xml",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
}

#: Endings that Office programs open although no package of the kinds above belongs under them.
FOREIGN_ENDINGS: Final = frozenset({".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".pot", ".rtf", ".wps", ".et"})
