"""Signing keys: which certificates of the plugged-in tokens can sign, and whose they are."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import AntinError
from app.i18n import N_, _
from app.signing.errors import AmbiguousKey, CertificateUnusable, NoSigningKey, NoSuchKey
from app.times import day
from pkcs11_bridge.protocol import PinState, SignatureAlgorithm, TokenCertificate, TokenInfo

_ALGORITHMS = {
    "rsa": SignatureAlgorithm.RSA_SHA256,
    "ec-p256": SignatureAlgorithm.ECDSA_SHA256,
    "ec-p384": SignatureAlgorithm.ECDSA_SHA384,
    "ec-p521": SignatureAlgorithm.ECDSA_SHA512,
}

#: What to say of a token's PIN.
PIN_WORDS = {
    PinState.OK: N_("PIN in order"),
    PinState.LOW: N_("a wrong PIN was typed before"),
    PinState.FINAL_TRY: N_("ONE try left before the token locks"),
    PinState.LOCKED: N_("LOCKED"),
    PinState.NOT_SET: N_("no PIN set yet"),
}

_COMMON_NAME = "2.5.4.3"
#: Bits of KeyUsage (RFC 5280, section 4.2.1.3).
_DIGITAL_SIGNATURE, _NON_REPUDIATION = 0, 1
#: Bits; regulations of electronic signatures ask for 2048 or more (Circular 15/2025, appendix I).
_SHORTEST_RSA = 2048


@dataclass(frozen=True)
class Registered:
    """What the office says of a token.

    :ivar nickname: what people call it; empty where they call it nothing.
    :ivar kinds: ``person`` or ``organization`` by the SHA-256 of certificates that are not what they look like.
    """

    nickname: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)


_UNREGISTERED = Registered()


@dataclass(frozen=True)
class SigningKey:
    """A certificate on a token, as a person chooses it.

    :ivar key: ``rsa-2048``, ``ec-p256``…
    :ivar kind: ``person``, ``organization`` or ``unknown``: by the certificate's subject, as the register of tokens
        corrects it (:func:`app.trust.holder.settled_kind`).
    :ivar nickname: of the token; empty where it has none.
    :ivar why: why it is not usable, in the current language; empty where it is.
    """

    token: TokenInfo
    certificate: TokenCertificate
    holder: str
    organization: str
    kind: str
    issuer: str
    key: str
    serial: str
    not_before: dt.datetime
    not_after: dt.datetime
    usable: bool
    why: str
    nickname: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.certificate.der).hexdigest()

    @property
    def unit(self) -> str:
        """The unit that the certificate's subject names, else the organization."""
        from app.trust.certificate import read_certificate
        from app.trust.holder import UNIT

        return read_certificate(self.certificate.der).subject.first(UNIT) or self.organization

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """The algorithm signed with by default: PKCS#1 v1.5 for RSA (what the tokens in use offer), the
        curve's own hash for EC."""
        return _ALGORITHMS[self.key.split("-")[0] if self.key.startswith("rsa") else self.key]

    @property
    def token_name(self) -> str:
        """What people call the token: its nickname, or its label."""
        return self.nickname or self.token.label

    @property
    def choice(self) -> str:
        """How messages name it: holder, name of the token, and its serial number."""
        return f"{self.holder} ({self.token_name}, {self.token.serial})"


def keys_of(
    tokens: Iterable[TokenInfo],
    now: dt.datetime | None = None,
    *,
    registered: Callable[[str], Registered] = lambda serial: _UNREGISTERED,
) -> list[SigningKey]:
    """All certificates of the tokens but those of authorities, usable or not.

    :param now: the time at which the period is judged; the clock's without it.
    :param registered: what the office says of the token of a serial number.
    """
    moment = now or dt.datetime.now(dt.UTC)
    keys = (
        _key(token, certificate, registered(token.serial), moment)
        for token in tokens
        for certificate in token.certificates
    )
    return [key for key in keys if key is not None]


def one_module_each(keys: Iterable[SigningKey]) -> list[SigningKey]:
    """The keys without those that a module named before shows too: a vendor's and OpenSC, which read the same token
    and give it labels of their own."""
    modules: dict[tuple[str, bytes], str] = {}
    return [
        key
        for key in keys
        if modules.setdefault((key.token.serial, key.certificate.der), key.token.module) == key.token.module
    ]


def _key(
    token: TokenInfo, certificate: TokenCertificate, registered: Registered, now: dt.datetime
) -> SigningKey | None:
    from app.trust import algorithms
    from app.trust.certificate import read_certificate
    from app.trust.holder import settled_kind

    try:
        parsed = read_certificate(certificate.der)
        if parsed.is_ca:
            return None
        kind_of_key = algorithms.key_name(certificate.der)
        holder = algorithms.holder(certificate.der)
        usage = parsed.key_usage
    except (AntinError, ValueError):
        return None
    why = _hindrance(parsed.not_before, parsed.not_after, usage, kind_of_key, now)
    return SigningKey(
        token=token,
        certificate=certificate,
        holder=holder.name,
        organization=holder.organization,
        kind=settled_kind(holder.kind, registered.kinds.get(hashlib.sha256(certificate.der).hexdigest())),
        issuer=parsed.issuer.first(_COMMON_NAME),
        key=kind_of_key,
        serial=f"{parsed.serial:x}",
        not_before=parsed.not_before,
        not_after=parsed.not_after,
        usable=not why,
        why=why,
        nickname=registered.nickname,
    )


def _hindrance(
    not_before: dt.datetime, not_after: dt.datetime, usage: set[int] | None, key: str, now: dt.datetime
) -> str:
    """Why a certificate cannot sign; empty where it can."""
    if now < not_before:
        return _("it is not valid before {date}").format(date=day(not_before))
    if now > not_after:
        return _("it expired on {date}").format(date=day(not_after))
    if usage is not None and not usage & {_DIGITAL_SIGNATURE, _NON_REPUDIATION}:
        return _("it is not made for signing")
    kind, _dash, size = key.partition("-")
    if kind == "rsa":
        return _("its key is too short ({key})").format(key=key) if int(size) < _SHORTEST_RSA else ""
    return "" if key in _ALGORITHMS else _("its kind of key ({key}) is not supported").format(key=key)


def choose(keys: Sequence[SigningKey], *, token: str | None, certificate: str | None) -> SigningKey:
    """The one key that the words of a command mean.

    :param token: serial number, label or nickname of the token.
    :param certificate: SHA-256 of the certificate (8 digits or more of it), or its hexadecimal id on the token.
    :raises NoSigningKey: nothing is plugged in that could sign. :raises NoSuchKey: nothing fits.
    :raises AmbiguousKey: several fit. :raises CertificateUnusable: the one that fits cannot be used.
    """
    if not keys:
        raise NoSigningKey()
    fitting = [
        key for key in keys if token is None or token in (key.token.serial, key.token.label, key.nickname or None)
    ]
    if certificate is not None:
        wanted = certificate.lower().replace(":", "")
        fitting = [
            key
            for key in fitting
            if key.certificate.id.hex() == wanted or (len(wanted) >= 8 and key.sha256.startswith(wanted))
        ]
    if not fitting:
        raise NoSuchKey(wanted=", ".join(filter(None, (token, certificate))))
    usable = [key for key in fitting if key.usable]
    if not usable:
        raise CertificateUnusable(holder=fitting[0].holder, why=fitting[0].why)
    if len(usable) > 1:
        raise AmbiguousKey(choices="; ".join(map(_told_apart, usable)))
    return usable[0]


def _told_apart(key: SigningKey) -> str:
    """A choice with what tells it from another certificate of the same token, be it for the same key."""
    return f"{key.choice}: {key.sha256[:16]}, {day(key.not_before)} – {day(key.not_after)}"
