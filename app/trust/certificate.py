"""X.509 certificates (RFC 5280, section 4), read strictly and once."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.trust import der
from app.trust.der import DerError, Element

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A certificate larger than this is refused; real ones have one to three kilobytes.
MAX_SIZE = 64 * 1024

_MAX_RELATIVE_NAMES = 100


class Oids:
    """Object identifiers of extensions and attributes (RFC 5280, appendix A)."""

    SUBJECT_KEY_ID = "2.5.29.14"
    KEY_USAGE = "2.5.29.15"
    SUBJECT_ALT_NAME = "2.5.29.17"
    BASIC_CONSTRAINTS = "2.5.29.19"
    NAME_CONSTRAINTS = "2.5.29.30"
    CRL_DISTRIBUTION_POINTS = "2.5.29.31"
    CERTIFICATE_POLICIES = "2.5.29.32"
    POLICY_MAPPINGS = "2.5.29.33"
    AUTHORITY_KEY_ID = "2.5.29.35"
    POLICY_CONSTRAINTS = "2.5.29.36"
    EXTENDED_KEY_USAGE = "2.5.29.37"
    INHIBIT_ANY_POLICY = "2.5.29.54"
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1"
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
    KP_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
    KP_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
    AD_OCSP = "1.3.6.1.5.5.7.48.1"
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2"


#: Extensions whose meaning is honoured here; any other that is critical makes a certificate unusable (RFC 5280, 4.2).
_PROCESSED = {
    Oids.SUBJECT_KEY_ID,
    Oids.KEY_USAGE,
    Oids.SUBJECT_ALT_NAME,
    Oids.BASIC_CONSTRAINTS,
    Oids.NAME_CONSTRAINTS,
    Oids.CRL_DISTRIBUTION_POINTS,
    Oids.CERTIFICATE_POLICIES,
    Oids.POLICY_MAPPINGS,
    Oids.AUTHORITY_KEY_ID,
    Oids.POLICY_CONSTRAINTS,
    Oids.EXTENDED_KEY_USAGE,
    Oids.INHIBIT_ANY_POLICY,
    Oids.AUTHORITY_INFO_ACCESS,
    Oids.OCSP_NO_CHECK,
}


@dataclass(frozen=True)
class Extension:
    """One extension; ``value`` is the DER inside its OCTET STRING."""

    critical: bool
    value: bytes


class Name:
    """A distinguished name, compared as RFC 5280, section 7.1, asks: case, width and spaces do not count.

    :ivar raw: DER of the Name.
    :ivar attributes: of the relative names in their order, pairs of dotted type and text.
    """

    __slots__ = ("__dict__", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @cached_property
    def relative_names(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        names = []
        for rdn in der.read(self.raw).expect(der.SEQUENCE).children():
            pairs = []
            for pair in rdn.expect(der.SET).children():
                fields = pair.fields()
                kind, value = fields.next(der.OID).oid(), fields.next()
                fields.end()
                try:
                    text = value.text()
                except DerError:
                    text = "#" + value.raw.hex()
                pairs.append((kind, text))
            names.append(tuple(pairs))
        return tuple(names)

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        return tuple(pair for rdn in self.relative_names for pair in rdn)

    def first(self, kind: str) -> str:
        """Text of the last attribute of that dotted type (the most specific one), or an empty string."""
        found = ""
        for attribute, text in self.attributes:
            if attribute == kind:
                found = text
        return found

    @cached_property
    def key(self) -> tuple[frozenset[tuple[str, str]], ...]:
        """What two equal names have in common."""
        return tuple(frozenset((kind, _prepare(text)) for kind, text in rdn) for rdn in self.relative_names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and (self.raw == other.raw or self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)

    def __bool__(self) -> bool:
        return bool(self.relative_names)


def read_name(element: Element) -> Name:
    """The name in an element, so that comparing it later does not fail.

    :raises DerError: it is none, or has more than 100 relative names.
    """
    name = Name(element.raw)
    if len(name.relative_names) > _MAX_RELATIVE_NAMES:
        raise DerError("name too long")
    return name


def _prepare(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Certificate:
    """A certificate's fields.

    :ivar der: the whole certificate.
    :ivar tbs: DER of what its issuer signed.
    :ivar algorithm: its signature's AlgorithmIdentifier.
    :ivar spki: DER of its SubjectPublicKeyInfo.
    :ivar signers: what was found of who signed it, by the SHA-256 of the issuer's certificate.
    :raises DerError: not a certificate of version 1 to 3, or not DER.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_SIZE:
            raise DerError("certificate too large")
        outer = der.read(data).fields()
        tbs = outer.next(der.SEQUENCE)
        self.der = data
        self.tbs = tbs.raw
        self.algorithm: Element = outer.next(der.SEQUENCE)
        self.signature = outer.next().bits()
        self.signers: dict[str, bool] = {}
        outer.end()
        fields = tbs.fields()
        version = fields.optional(der.context(0))
        self.version = version.inner().integer() + 1 if version else 1
        if self.version not in (1, 2, 3):
            raise DerError("certificate version")
        self.serial = fields.next(der.INTEGER).integer()
        if fields.next(der.SEQUENCE).raw != self.algorithm.raw:
            raise DerError("the two signature algorithms differ")
        self.issuer = read_name(fields.next(der.SEQUENCE))
        validity = fields.next().fields()
        self.not_before, self.not_after = validity.next().time(), validity.next().time()
        self.subject = read_name(fields.next(der.SEQUENCE))
        self.spki = fields.next(der.SEQUENCE).raw
        fields.optional(der.context_primitive(1))
        fields.optional(der.context_primitive(2))
        extensions = fields.optional(der.context(3))
        fields.end()
        if extensions and self.version != 3:
            raise DerError("extensions in an old version")
        self.extensions: Mapping[str, Extension] = read_extensions(extensions.inner() if extensions else None)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def self_issued(self) -> bool:
        """Subject and issuer are the same name."""
        return self.subject == self.issuer

    @cached_property
    def public_key(self) -> Any:
        """The key as `cryptography` has it.

        :raises ValueError, cryptography.exceptions.UnsupportedAlgorithm: a key that cannot be used.
        """
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        return load_der_public_key(self.spki)

    @cached_property
    def key_bits(self) -> bytes:
        """The subjectPublicKey without its header: what OCSP's issuerKeyHash is taken over."""
        fields = der.read(self.spki).fields()
        fields.next()
        return fields.next().bits()

    @cached_property
    def is_ca(self) -> bool:
        return self.basic_constraints[0]

    @cached_property
    def basic_constraints(self) -> tuple[bool, int | None]:
        """Whether it is a CA, and its pathLenConstraint (RFC 5280, 4.2.1.9)."""
        extension = self.extensions.get(Oids.BASIC_CONSTRAINTS)
        if extension is None:
            return False, None
        fields = der.read(extension.value).fields()
        flag = fields.optional(der.BOOLEAN)
        length = fields.optional(der.INTEGER)
        fields.end()
        limit = length.integer() if length else None
        if limit is not None and limit < 0:
            raise DerError("negative path length")
        return bool(flag and flag.boolean()), limit

    @cached_property
    def key_usage(self) -> set[int] | None:
        """Bit numbers of KeyUsage (RFC 5280, 4.2.1.3), None where it is absent."""
        extension = self.extensions.get(Oids.KEY_USAGE)
        return None if extension is None else der.read(extension.value).expect(der.BIT_STRING).bit_numbers()

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """Dotted purposes, None where the extension is absent."""
        extension = self.extensions.get(Oids.EXTENDED_KEY_USAGE)
        if extension is None:
            return None
        return tuple(purpose.oid() for purpose in der.read(extension.value).expect(der.SEQUENCE).children())

    @cached_property
    def subject_key_id(self) -> bytes | None:
        extension = self.extensions.get(Oids.SUBJECT_KEY_ID)
        return None if extension is None else der.read(extension.value).octets()

    @cached_property
    def authority_key_id(self) -> bytes | None:
        """The keyIdentifier of the issuer's key, where the certificate gives one."""
        extension = self.extensions.get(Oids.AUTHORITY_KEY_ID)
        if extension is None:
            return None
        identifier = der.read(extension.value).fields().optional(der.context_primitive(0))
        return identifier.content if identifier else None

    @property
    def unknown_critical_extensions(self) -> list[str]:
        """Dotted types of critical extensions that this program does not honour."""
        critical = {kind for kind, found in self.extensions.items() if found.critical}
        return sorted(critical - _PROCESSED)

    def access_locations(self, method: str) -> tuple[str, ...]:
        """Addresses of AuthorityInfoAccess for a method such as :data:`Oids.AD_OCSP`."""
        return tuple(address for kind, address in self._access if kind == method)

    @cached_property
    def _access(self) -> tuple[tuple[str, str], ...]:
        extension = self.extensions.get(Oids.AUTHORITY_INFO_ACCESS)
        if extension is None:
            return ()
        found = []
        for description in der.read(extension.value).expect(der.SEQUENCE).children():
            fields = description.fields()
            kind, location = fields.next(der.OID).oid(), fields.next()
            if location.tag == der.context_primitive(6):
                found.append((kind, location.content.decode("ascii", "replace")))
        return tuple(found)


def read_extensions(element: Element | None) -> Mapping[str, Extension]:
    """Extensions by their dotted type.

    :raises DerError: one type stands twice (RFC 5280, 4.2), or no such structure.
    """
    found: dict[str, Extension] = {}
    for item in element.expect(der.SEQUENCE).children() if element else ():
        fields = item.fields()
        kind = fields.next(der.OID).oid()
        critical = fields.optional(der.BOOLEAN)
        value = fields.next().octets()
        fields.end()
        if kind in found:
            raise DerError("an extension stands twice")
        found[kind] = Extension(bool(critical and critical.boolean()), value)
    return MappingProxyType(found)


@lru_cache(maxsize=512)
def read_certificate(data: bytes) -> Certificate:
    """The certificate of these octets; the same object for the same octets.

    :raises DerError: as :class:`Certificate`.
    """
    return Certificate(data)
