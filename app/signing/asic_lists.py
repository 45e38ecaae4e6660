"""Writing lists of an ASiC-E container's files: what a CAdES signature or a time stamp is over (EN 319 162-1, annexes
A.4 and A.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from app.documents.asic import NAMESPACE
from app.signing.asic_xades import media_type
from app.xmldsig.draft import digest_markup
from app.xmldsig.markup import escape_attribute
from app.xmldsig.vocabulary import XMLDSIG

SIGNATURE_TYPE: Final = "application/x-pkcs7-signature"
STAMP_TYPE: Final = "application/vnd.etsi.timestamp-token"

_ROOT: Final = ' Rootfile="true"'


def written_list(over: str, kind: str, digests: Mapping[str, bytes], hash_name: str, *, before: str = "") -> bytes:
    """An ASiCManifest.

    :param over: name of the signature or time-stamp file over the list, and ``kind``, its media type.
    :param digests: of the files listed, by name.
    :param before: of those, the list that the time stamp before was over.
    """
    rows = "".join(
        f'<asic:DataObjectReference URI="{escape_attribute(quote(name))}" MimeType="{media_type(name)}"'
        f"{_ROOT if name == before else ''}>{digest_markup(hash_name, digest)}</asic:DataObjectReference>"
        for name, digest in digests.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<asic:ASiCManifest xmlns:asic="{NAMESPACE}" xmlns="{XMLDSIG}">'
        f'<asic:SigReference URI="{over}" MimeType="{kind}"/>{rows}</asic:ASiCManifest>'
    ).encode()
