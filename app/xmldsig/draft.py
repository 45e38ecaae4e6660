"""Writing XML signatures: a Signature element whose references are digested, that waits for its value.

Markup is written without white space between elements and base64 without line breaks: Office programs and LibreOffice
each refuse a deviation (reference/ooxml-signatures, section 3.5).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from app.xmldsig.algorithms import DIGEST_IDENTIFIERS
from app.xmldsig.markup import Element, canonical
from app.xmldsig.unsigned_writing import add_timestamp, encoded
from app.xmldsig.vocabulary import XMLDSIG

_DS: Final = f"{{{XMLDSIG}}}"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class SignatureDraft:
    """A Signature element without its value.

    References to its own parts get their digests here; those to anything else bear theirs already.

    :param signature: where it stands in its document.
    :param hash_name: of its own parts; a hashlib name.
    :ivar to_be_signed: the canonical SignedInfo.
    """

    def __init__(self, signature: Element, hash_name: str) -> None:
        self._signature = signature
        for reference in signature.iterfind(f"{_DS}SignedInfo/{_DS}Reference"):
            if not reference.get("URI").startswith("#"):
                continue
            target = signature.find(f".//*[@Id='{reference.get('URI')[1:]}']")
            digest = hashlib.new(hash_name, canonical(target), usedforsecurity=False).digest()
            reference.find(f"{_DS}DigestValue").text = encoded(digest)
        self.to_be_signed = canonical(signature.find(f"{_DS}SignedInfo"))

    def set_value(self, value: bytes) -> bytes:
        """Put the signature value in.

        :param value: RSA octets, or ``r‖s``.
        :return: the octets that a signature time stamp stamps (XAdES, section 7.3: the canonical SignatureValue).
        """
        element = self._signature.find(f"{_DS}SignatureValue")
        element.text = encoded(value)
        return canonical(element)

    def set_timestamp(self, token: bytes) -> None:
        """Add a signature time stamp.

        :param token: DER TimeStampToken.
        """
        add_timestamp(self._signature, token)


def digest_markup(hash_name: str, value: bytes = b"") -> str:
    """DigestMethod and DigestValue in the default namespace.

    :param value: empty where :class:`SignatureDraft` puts it in.
    """
    return f'<DigestMethod Algorithm="{DIGEST_IDENTIFIERS[hash_name]}"/><DigestValue>{encoded(value)}</DigestValue>'


def own_reference(kind: str, identifier: str, hash_name: str, transform: str = "") -> str:
    """A Reference to a part of the signature itself.

    :param kind: its Type; ``transform``: the one canonicalization, or none.
    """
    transforms = f'<Transforms><Transform Algorithm="{transform}"/></Transforms>' if transform else ""
    type_ = f'Type="{kind}" ' if kind else ""
    return f'<Reference {type_}URI="#{identifier}">{transforms}{digest_markup(hash_name)}</Reference>'


def key_info(certificates: Iterable[bytes]) -> str:
    """KeyInfo with certificates (DER), each once."""
    listed = "".join(f"<X509Certificate>{encoded(one)}</X509Certificate>" for one in dict.fromkeys(certificates))
    return f"<KeyInfo><X509Data>{listed}</X509Data></KeyInfo>"


def plain_text(text: str) -> str:
    """The text without the characters that XML 1.0 cannot carry."""
    return _NOT_XML.sub("", text)
