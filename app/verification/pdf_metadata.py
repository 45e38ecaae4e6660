"""What saving a PDF again writes into its metadata: dates and the name of the program (ISO 32000-2, 14.3)."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from app.documents.pdf_reader import FAULTS

#: Keys of the document information dictionary (ISO 32000-2, table 349).
INFO_OF_SAVING: Final = frozenset({"/ModDate", "/Producer"})
#: Properties of the packet (ISO 16684-1, 8.3, 8.4; ISO 32000-2, 14.3.3), by namespace and name.
_PACKET_OF_SAVING: Final = frozenset(
    {
        ("http://ns.adobe.com/xap/1.0/", "ModifyDate"),
        ("http://ns.adobe.com/xap/1.0/", "MetadataDate"),
        ("http://ns.adobe.com/xap/1.0/mm/", "InstanceID"),
        ("http://ns.adobe.com/pdf/1.3/", "Producer"),
    }
)


def says_the_same(old: Any, new: Any) -> bool:
    """Whether two metadata streams say the same but for when, and by what program, the file was saved.

    They are compared as parsed, so that it does not matter how a program writes a property. A packet that cannot be
    read, that declares a document type, or gives a property twice says the same as none.
    """
    if not (isinstance(old, generic.StreamObject) and isinstance(new, generic.StreamObject)):
        return False
    try:
        packets = [stream.read_data(DecodePurpose.XMP_METADATA) for stream in (old, new)]
        return packets[0] == packets[1] or _properties(packets[0]) == _properties(packets[1])
    except FAULTS:
        return False


def _properties(packet: bytes) -> dict[tuple[str, str], object]:
    """The properties of a packet, those of saving left out.

    :raises ValueError: see above.
    """
    from pyhanko.pdf_utils.metadata.xmp_xml import parse_xmp

    if b"<!D" in packet.replace(b"\0", b""):
        raise ValueError("document type")
    found: dict[tuple[str, str], object] = {}
    for structure in parse_xmp(BytesIO(packet)):
        for name, value in structure:
            key = name.ns, name.local_name
            if key in found:
                raise ValueError("property given twice")
            found[key] = value
    return {key: value for key, value in found.items() if key not in _PACKET_OF_SAVING}
