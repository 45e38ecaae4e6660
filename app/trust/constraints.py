"""Name constraints and certificate policies along a path (RFC 5280, 4.2.1.10 and 6.1.3 to 6.1.5)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from app.trust import der
from app.trust.certificate import Certificate, Name, Oids
from app.trust.der import DerError, Element

_ANY_POLICY = "2.5.29.32.0"
_EMAIL_ADDRESS = "1.2.840.113549.1.9.1"

#: Identifier octets of the GeneralName choices.
_EMAIL, _DNS, _DIRECTORY, _URI, _IP = 0x81, 0x82, 0xA4, 0x86, 0x87

_MAX_SUBTREES = 256


class _Subtrees:
    """Permitted and excluded subtrees gathered so far, by kind of name."""

    def __init__(self) -> None:
        self.permitted: list[dict[int, list[bytes]]] = []
        self.excluded: dict[int, list[bytes]] = {}

    def add(self, certificate: Certificate) -> None:
        extension = certificate.extensions.get(Oids.NAME_CONSTRAINTS)
        if extension is None:
            return
        fields = der.read(extension.value).fields()
        permitted, excluded = fields.optional(der.context(0)), fields.optional(der.context(1))
        fields.end()
        if permitted:
            self.permitted.append(_by_kind(permitted))
        if excluded:
            for kind, bases in _by_kind(excluded).items():
                self.excluded.setdefault(kind, []).extend(bases)

    def allow(self, kind: int, name: bytes) -> bool:
        if any(_within(kind, name, base) for base in self.excluded.get(kind, ())):
            return False
        return all(
            kind not in permitted or any(_within(kind, name, base) for base in permitted[kind])
            for permitted in self.permitted
        )


def name_fault(path: Sequence[Certificate], anchor: Certificate) -> Certificate | None:
    """The first certificate whose names its issuers do not allow.

    :param path: from below the anchor down to the certificate judged.
    :param anchor: its own constraints count as well (RFC 5937).
    :raises DerError: a name of a kind that is constrained cannot be compared.
    """
    subtrees = _Subtrees()
    if anchor not in path:
        subtrees.add(anchor)
    for index, certificate in enumerate(path):
        counts = index == len(path) - 1 or not certificate.self_issued
        if counts and not all(subtrees.allow(kind, name) for kind, name in _names(certificate)):
            return certificate
        subtrees.add(certificate)
    return None


def _by_kind(element: Element) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    subtrees = element.children()
    if len(subtrees) > _MAX_SUBTREES:
        raise DerError("too many name constraints")
    for subtree in subtrees:
        fields = subtree.fields()
        base = fields.next()
        if fields.more:
            raise DerError("name constraint with distances")
        found.setdefault(base.tag, []).append(base.inner().raw if base.tag == _DIRECTORY else base.content)
    return found


def _names(certificate: Certificate) -> list[tuple[int, bytes]]:
    """The subject and its alternative names; e-mail addresses in the subject where there is no alternative one."""
    names = [(_DIRECTORY, certificate.subject.raw)] if certificate.subject else []
    extension = certificate.extensions.get(Oids.SUBJECT_ALT_NAME)
    alternatives = der.read(extension.value).expect(der.SEQUENCE).children() if extension else []
    if len(alternatives) > _MAX_SUBTREES:
        raise DerError("too many names")
    names += [(item.tag, item.inner().raw if item.tag == _DIRECTORY else item.content) for item in alternatives]
    if not any(kind == _EMAIL for kind, _ in names):
        names += [(_EMAIL, text.encode()) for kind, text in certificate.subject.attributes if kind == _EMAIL_ADDRESS]
    return names


def _within(kind: int, name: bytes, base: bytes) -> bool:
    if kind == _DIRECTORY:
        own, subtree = Name(name).key, Name(base).key
        return own[: len(subtree)] == subtree
    if kind == _IP:
        half = len(base) // 2
        if len(base) not in (8, 32) or len(name) != half:
            return False
        network = ipaddress.ip_address(base[:half]), int.from_bytes(base[half:], "big")
        return int.from_bytes(name, "big") & network[1] == int(network[0]) & network[1]
    own_text, base_text = (part.decode("ascii", "replace").casefold().rstrip(".") for part in (name, base))
    if kind == _DNS:
        return own_text == base_text or own_text.endswith("." + base_text.lstrip(".")) or not base_text
    if kind == _EMAIL:
        return own_text == base_text if "@" in base_text else _host_within(own_text.rpartition("@")[2], base_text)
    if kind == _URI:
        return _host_within(urlsplit(own_text).hostname or "", base_text)
    raise DerError("name constraint of an unknown kind")


def _host_within(host: str, base: str) -> bool:
    """RFC 5280: a leading period means any host below, else exactly this host."""
    return host.endswith(base) and host != base[1:] if base.startswith(".") else host == base


def policies_hold(path: Sequence[Certificate]) -> bool:
    """Whether a policy remains valid along the path wherever a certificate asks for one.

    Any policy is acceptable to the user, so that a set of policies a level stands for the tree of RFC 5280
    (as RFC 9618 shows, without its exponential growth).

    :param path: from below the anchor down to the certificate judged.
    """
    length = len(path)
    explicit = mapping = inhibit_any = length + 1
    valid = {_ANY_POLICY}
    for index, certificate in enumerate(path):
        last = index == length - 1
        own = _policies(certificate)
        if own is None:
            valid = set()
        else:
            kept = {policy for policy in own - {_ANY_POLICY} if policy in valid or _ANY_POLICY in valid}
            if _ANY_POLICY in own and (inhibit_any > 0 or (not last and certificate.self_issued)):
                kept |= valid
            valid = kept
        if explicit <= 0 and not valid:
            return False
        require, inhibit_mapping = _policy_constraints(certificate)
        if last:
            explicit = max(explicit - 1, 0)
            return not ((explicit == 0 or require == 0) and not valid)
        mapped = _mappings(certificate)
        if any(_ANY_POLICY in (issuer, *subjects) for issuer, subjects in mapped.items()):
            return False
        valid = _map(valid, mapped, allowed=mapping > 0)
        if not certificate.self_issued:
            explicit, mapping, inhibit_any = (max(value - 1, 0) for value in (explicit, mapping, inhibit_any))
        explicit = min(explicit, explicit if require is None else require)
        mapping = min(mapping, mapping if inhibit_mapping is None else inhibit_mapping)
        skip = certificate.extensions.get(Oids.INHIBIT_ANY_POLICY)
        if skip is not None:
            inhibit_any = min(inhibit_any, der.read(skip.value).integer())
    return True


def _map(valid: set[str], mapped: dict[str, set[str]], *, allowed: bool) -> set[str]:
    result = {policy for policy in valid if policy not in mapped}
    if allowed:
        for issuer, subjects in mapped.items():
            if issuer in valid or _ANY_POLICY in valid:
                result |= subjects
    return result


def _policies(certificate: Certificate) -> set[str] | None:
    extension = certificate.extensions.get(Oids.CERTIFICATE_POLICIES)
    if extension is None:
        return None
    return {item.fields().next(der.OID).oid() for item in der.read(extension.value).expect(der.SEQUENCE).children()}


def _mappings(certificate: Certificate) -> dict[str, set[str]]:
    extension = certificate.extensions.get(Oids.POLICY_MAPPINGS)
    found: dict[str, set[str]] = {}
    for pair in der.read(extension.value).expect(der.SEQUENCE).children() if extension else ():
        fields = pair.fields()
        found.setdefault(fields.next(der.OID).oid(), set()).add(fields.next(der.OID).oid())
    return found


def _policy_constraints(certificate: Certificate) -> tuple[int | None, int | None]:
    """requireExplicitPolicy and inhibitPolicyMapping."""
    extension = certificate.extensions.get(Oids.POLICY_CONSTRAINTS)
    if extension is None:
        return None, None
    fields = der.read(extension.value).fields()
    require, inhibit = fields.optional(der.context_primitive(0)), fields.optional(der.context_primitive(1))
    return require.integer() if require else None, inhibit.integer() if inhibit else None
