"""XAdES signature files of ASiC containers (ETSI EN 319 162-1, annex A.5)."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from functools import cache
from typing import Final

from lxml import etree

from app.documents.asic import NAMESPACE
from app.signing.model import SignatureRequest
from app.signing.xades import append_detached
from app.trust.algorithms import SignatureScheme
from app.xmldsig.detached import FileReference
from app.xmldsig.markup import Element

_UNKNOWN_KIND: Final = "application/octet-stream"


class XadesFile:
    """A signature file in which one signature waits for its value.

    :param root: what the signature is put into, after those that are there.
    :param references: to all files of the container that are signed.
    """

    def __init__(
        self, root: Element, request: SignatureRequest, scheme: SignatureScheme, references: Sequence[FileReference]
    ) -> None:
        self._root = root
        self.draft = append_detached(root, request, scheme, references, prefix="S-")

    @classmethod
    def new(cls, request: SignatureRequest, scheme: SignatureScheme, references: Sequence[FileReference]) -> XadesFile:
        """A file with this signature alone."""
        root = etree.fromstring(f'<asic:XAdESSignatures xmlns:asic="{NAMESPACE}"/>')
        return cls(root, request, scheme, references)

    def written(self) -> bytes:
        """The file's content."""
        octets: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)
        return octets


def signature_file(number: int) -> str:
    """The name of a signature file of ASiC-E."""
    return f"META-INF/signatures{number:03d}.xml"


@cache
def _known_types() -> mimetypes.MimeTypes:
    """Those that Python itself knows, the same on every system."""
    return mimetypes.MimeTypes()


def media_type(name: str) -> str:
    """The media type of a file by its name."""
    return _known_types().guess_type(name, strict=True)[0] or _UNKNOWN_KIND
