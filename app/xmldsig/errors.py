"""Why XML was not read."""

from __future__ import annotations

from app.documents.zip_errors import ArchiveRejected
from app.i18n import N_


class XmlRejected(ArchiveRejected):
    """A document type declaration, a foreign encoding, or text that is no XML; ``name``: the part."""

    code = "opc-xml"
    message_id = N_("The part {name} is not the plain XML that it has to be.")
    hint_id = N_("Open it in the program that made it, save it under a new name and use that copy.")


class XmlTooComplex(XmlRejected):
    """More tags and attributes than an honest part holds; ``name``: the part."""

    code = "opc-xml-too-complex"
    message_id = N_("The part {name} holds more tags than can be checked here.")
