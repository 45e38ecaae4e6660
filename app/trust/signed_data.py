"""A SignedData taken apart and put together again (RFC 5652, section 5.1), every part kept octet for octet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.trust import der
from app.trust.cms import DATA, SIGNED_DATA
from app.trust.der import DerError, Element

_OCSP_RESPONSE: Final = "1.3.6.1.5.5.7.16.2"
#: Version of a SignedData that carries revocation information of other kinds than lists, or signs other than data.
_VERSION_OTHER, _VERSION_TYPED, _VERSION_PLAIN = 5, 3, 1


@dataclass(frozen=True)
class SignerInfo:
    """One signer (RFC 5652, section 5.3).

    :ivar leading: DER of version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm and signature, in this order.
    :ivar digest_algorithm: DER of its AlgorithmIdentifier.
    :ivar value: the signature value.
    :ivar unsigned: DER of each unsigned attribute.
    """

    leading: bytes
    digest_algorithm: bytes
    value: bytes
    unsigned: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, element: Element) -> SignerInfo:
        """:raises DerError: it is not built as one."""
        fields = element.fields()
        leading = [fields.next(der.INTEGER).raw, fields.next(der.SEQUENCE, der.context_primitive(0)).raw]
        digest_algorithm = fields.next(der.SEQUENCE).raw
        attributes = fields.optional(der.context(0))
        leading += [digest_algorithm, attributes.raw if attributes else b"", fields.next(der.SEQUENCE).raw]
        value = fields.next(der.OCTET_STRING)
        unsigned = fields.optional(der.context(1))
        fields.end()
        found = cls(b"".join((*leading, value.raw)), digest_algorithm, value.content, _members(unsigned))
        for _ in found.unsigned_values:
            pass  # so that what is not built as attributes is told here
        return found

    @property
    def unsigned_values(self) -> Iterator[tuple[bytes, bytes]]:
        """Type and value, as DER, of each value of each unsigned attribute."""
        for attribute in self.unsigned:
            fields = der.read(attribute).fields()
            kind = fields.next(der.OID).raw
            for value in fields.next(der.SET).children():
                yield kind, value.raw

    def has_unsigned(self, kind: str) -> bool:
        """:param kind: the dotted type of an attribute."""
        wanted = der.encode_oid(kind)
        return any(found == wanted for found, _ in self.unsigned_values)

    def with_unsigned(self, kind: str, value: bytes) -> SignerInfo:
        """The same with one more unsigned attribute.

        :param value: DER.
        """
        attribute = der.encode(der.SEQUENCE, der.encode_oid(kind) + der.encode(der.SET, value))
        return dataclasses.replace(self, unsigned=(*self.unsigned, attribute))

    @property
    def raw(self) -> bytes:
        """DER of the SignerInfo."""
        unsigned = der.encode(der.context(1), b"".join(self.unsigned)) if self.unsigned else b""
        return der.encode(der.SEQUENCE, self.leading + unsigned)


@dataclass(frozen=True)
class SignedData:
    """A SignedData with any number of signers.

    :ivar digest_algorithms, certificates, crls: DER of each; ``crls`` holds whatever revocation information there is.
    :ivar encapsulated: DER of the content's type and, where it is inside, the content.
    """

    version: int
    digest_algorithms: tuple[bytes, ...]
    encapsulated: bytes
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]

    @classmethod
    def read(cls, data: bytes) -> SignedData:
        """Take a CMS apart.

        :param data: DER of the ContentInfo.
        :raises DerError: it is no signed data, or not built as one.
        """
        outer = der.read(data).fields()
        if outer.next(der.OID).oid() != SIGNED_DATA:
            raise DerError("no signed data")
        fields = outer.next(der.context(0)).inner().fields()
        outer.end()
        version = fields.next(der.INTEGER).integer()
        algorithms = _members(fields.next(der.SET))
        encapsulated = fields.next(der.SEQUENCE)
        certificates, crls = fields.optional(der.context(0)), fields.optional(der.context(1))
        signers = fields.next(der.SET).children()
        fields.end()
        found = cls(
            version,
            algorithms,
            encapsulated.raw,
            _members(certificates),
            _members(crls),
            tuple(map(SignerInfo.read, signers)),
        )
        content = found._encapsulated()[1]
        if content is not None:
            content.expect(der.OCTET_STRING)
        return found

    @property
    def content_type(self) -> bytes:
        """DER of the content's type."""
        return self._encapsulated()[0].raw

    @property
    def content(self) -> bytes | None:
        """What is signed; None for a detached signature."""
        content = self._encapsulated()[1]
        return None if content is None else content.octets()

    def _encapsulated(self) -> tuple[Element, Element | None]:
        fields = der.read(self.encapsulated).fields()
        kind, content = fields.next(der.OID), fields.optional(der.context(0))
        fields.end()
        return kind, content.inner() if content else None

    def with_evidence(self, certificates: Iterable[bytes], crls: Iterable[bytes], ocsps: Iterable[bytes]) -> SignedData:
        """The same with more certificates, lists and answers, each once (RFC 5652, section 10.2; RFC 5940, section 2).

        :param ocsps: DER of each OCSPResponse.
        """
        other = (der.encode(der.context(1), der.encode_oid(_OCSP_RESPONSE) + ocsp) for ocsp in ocsps)
        return dataclasses.replace(
            self,
            certificates=tuple(dict.fromkeys((*self.certificates, *certificates))),
            crls=tuple(dict.fromkeys((*self.crls, *crls, *other))),
        )

    def with_signer(self, signer: SignerInfo, certificates: Iterable[bytes]) -> SignedData:
        """The same with a further signer after the others."""
        return dataclasses.replace(
            self,
            digest_algorithms=tuple(dict.fromkeys((*self.digest_algorithms, signer.digest_algorithm))),
            certificates=tuple(dict.fromkeys((*self.certificates, *certificates))),
            signers=(*self.signers, signer),
        )

    def of(self, signer: SignerInfo) -> bytes:
        """DER of a CMS with that signer alone."""
        return dataclasses.replace(self, signers=(signer,)).written()

    def written(self) -> bytes:
        """DER of the ContentInfo. Signers and what they carry keep their order, so that the first stays the first."""
        parts = [
            der.encode_integer(self._version()),
            der.encode(der.SET, b"".join(self.digest_algorithms)),
            self.encapsulated,
        ]
        for number, members in enumerate((self.certificates, self.crls)):
            if members:
                parts.append(der.encode(der.context(number), b"".join(members)))
        parts.append(der.encode(der.SET, b"".join(signer.raw for signer in self.signers)))
        body = der.encode(der.SEQUENCE, b"".join(parts))
        return der.encode(der.SEQUENCE, der.encode_oid(SIGNED_DATA) + der.encode(der.context(0), body))

    def _version(self) -> int:
        """RFC 5652, section 5.1; never less than it was."""
        needed = _VERSION_PLAIN if self.content_type == der.encode_oid(DATA) else _VERSION_TYPED
        if any(member[0] == der.context(1) for member in self.crls):
            needed = _VERSION_OTHER
        return max(self.version, needed)


def _members(element: Element | None) -> tuple[bytes, ...]:
    return tuple(item.raw for item in element.children()) if element else ()
