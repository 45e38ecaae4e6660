"""The office's certificates: a root, an issuing authority, the subscribers and those who vouch for them.

Certomancer issues the certificates from one declarative configuration with fixed dates and serial numbers over
freshly generated keys. Keys, certificates and configuration stay in one folder and are served from it later, by
any process.

Two hierarchies are made: ``demo``, which the office trusts, and ``stranger``, which bears the same names over
other keys and which nobody trusts.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asn1crypto import pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from certomancer.registry import PKIArchitecture

AGENCY = "Ủy ban nhân dân xã Phong Điền"
PLACE = "Cần Thơ"
LEADER = "Nguyễn Văn An"
SECOND = "Trần Thị Bích Ngọc"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_DAY = dt.timedelta(days=1)
_RENEW_BEFORE = 30 * _DAY
_CONFIGURATION = "certomancer.json"


@dataclass(frozen=True)
class Subscriber:
    """A person or an office with a certificate.

    :ivar key: ``rsa-2048``, ``rsa-1024``, ``ec-p256`` or ``ec-p384``.
    :ivar since: days from the making of the PKI to the beginning of validity, negative in the past.
    :ivar until: the same, to its end.
    :ivar revoked: the same, to the revocation; None where there is none.
    """

    name: str
    common_name: str
    key: str = "rsa-2048"
    since: int = -2 * 365
    until: int = 5 * 365
    revoked: int | None = None


SUBSCRIBERS = (
    Subscriber("leader", LEADER),
    Subscriber("seal", AGENCY),
    Subscriber("second", SECOND, key="ec-p256"),
    Subscriber("other", "Lê Hoàng Minh"),
    Subscriber("p384", "Đặng Thu Hà", key="ec-p384"),
    Subscriber("weak", "Bùi Quốc Khánh", key="rsa-1024"),
    Subscriber("expired", "Phạm Văn Dũng", since=-4 * 365, until=-365),
    Subscriber("future", "Võ Thị Lan", since=365),
    Subscriber("revoked", "Huỳnh Tấn Phát", revoked=-180),
)

_STRANGERS = (Subscriber("leader", LEADER), Subscriber("seal", AGENCY))


def _generate(kind: str) -> PrivateKey:
    family, _, size = kind.partition("-")
    if family == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=int(size))
    return ec.generate_private_key({"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[size])


def _extension(name: str, value: Any, *, critical: bool = False, schema: str | None = None) -> dict[str, Any]:
    content = {"value": value} if schema is None else {"smart-value": {"schema": schema, "params": value}}
    return {"id": name, "critical": critical, **content}


def _evidence(issuer: str) -> list[dict[str, Any]]:
    """Where a certificate of ``issuer`` says that its issuer, its CRL and its OCSP responder are found."""
    return [
        _extension("crl_distribution_points", {"crl-repo-names": [issuer]}, schema="crl-dist-url"),
        _extension(
            "authority_information_access",
            {"ocsp-responder-names": [issuer], "ca-issuer-links": [{"repo": issuer}]},
            schema="aia-urls",
        ),
    ]


def _usage(*bits: str) -> dict[str, Any]:
    return _extension("key_usage", list(bits), critical=True, schema="key-usage")


def _authority(issuer: str | None, path_length: int | None) -> list[dict[str, Any]]:
    constraints = {"ca": True} if path_length is None else {"ca": True, "path_len_constraint": path_length}
    own = [_extension("basic_constraints", constraints, critical=True), _usage("key_cert_sign", "crl_sign")]
    return own + (_evidence(issuer) if issuer else [])


def _architecture(subscribers: tuple[Subscriber, ...], today: dt.datetime) -> dict[str, Any]:
    def certificate(issuer: str, since: int, until: int, extensions: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "issuer": issuer,
            "serial": secrets.randbits(63) | 1 << 62,
            "validity": {
                "valid-from": (today + since * _DAY).isoformat(),
                "valid-to": (today + until * _DAY).isoformat(),
            },
            "extensions": extensions,
        }

    def responder(issuer: str) -> dict[str, Any]:
        extensions = [
            _usage("digital_signature"),
            _extension("extended_key_usage", ["ocsp_signing"]),
            _extension("ocsp_no_check", None),
        ]
        return certificate(issuer, -5 * 365, 10 * 365, extensions)

    stamping = [
        _usage("digital_signature"),
        _extension("extended_key_usage", ["time_stamping"], critical=True),
        *_evidence("issuing"),
    ]
    certificates = {
        "root": certificate("root", -8 * 365, 20 * 365, _authority(None, None)),
        "issuing": certificate("root", -6 * 365, 15 * 365, _authority("root", 0)),
        "root-ocsp": responder("root"),
        "issuing-ocsp": responder("issuing"),
        "tsa": certificate("issuing", -5 * 365, 10 * 365, stamping),
    }
    for person in subscribers:
        extensions = [
            _extension("basic_constraints", {"ca": False}, critical=True),
            _usage("digital_signature", "non_repudiation"),
            *_evidence("issuing"),
        ]
        spec = certificate("issuing", person.since, person.until, extensions)
        if person.revoked is not None:
            spec["revocation"] = {
                "revoked-since": (today + person.revoked * _DAY).isoformat(),
                "reason": "key_compromise",
            }
        certificates[person.name] = spec
    office = {"organization-name": AGENCY, "locality-name": PLACE}
    operator = {"organization-name": "Đơn vị chứng thực mẫu"}
    issuers = ("root", "issuing")
    return {
        "entity-defaults": {"country-name": "VN"},
        "entities": {
            "root": {"common-name": "RootCA mẫu", **operator},
            "issuing": {"common-name": "CA mẫu phục vụ cơ quan nhà nước", **operator},
            "root-ocsp": {"common-name": "OCSP RootCA mẫu", **operator},
            "issuing-ocsp": {"common-name": "OCSP CA mẫu", **operator},
            "tsa": {"common-name": "TSA mẫu", **operator},
            **{person.name: {"common-name": person.common_name, **office} for person in subscribers},
        },
        "certs": certificates,
        "services": {
            "ocsp": {name: {"for-issuer": name, "responder-cert": f"{name}-ocsp"} for name in issuers},
            "crl-repo": {name: {"for-issuer": name, "simulated-update-schedule": "P7D"} for name in issuers},
            "cert-repo": {name: {"for-issuer": name} for name in issuers},
            "time-stamping": {"tsa": {"signing-cert": "tsa", "certs-to-embed": ["issuing"]}},
        },
    }


def create(folder: Path, port: int) -> None:
    """Generate all keys, issue all certificates, valid around today, and write them into ``folder``.

    :param port: of the loopback services that the certificates name.
    """
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    members = {"demo": SUBSCRIBERS, "stranger": _STRANGERS}
    kinds = {
        (label, name): kind
        for label, subscribers in members.items()
        for name, kind in (
            *((name, "rsa-2048") for name in ("root", "issuing", "root-ocsp", "issuing-ocsp", "tsa")),
            *((person.name, person.key) for person in subscribers),
        )
    }
    with ThreadPoolExecutor() as pool:
        keys = dict(zip(kinds, pool.map(_generate, kinds.values()), strict=True))
    keysets: dict[str, Any] = {label: {"path-prefix": f"keys/{label}", "keys": {}} for label in members}
    for (label, name), key in keys.items():
        subscriber = any(person.name == name for person in members[label])
        _write_key(folder / "keys" / label / name, key)
        keysets[label]["keys"][name] = {
            "path": f"{name}.pub" if subscriber else f"{name}.pem",
            "public-only": subscriber,
        }
    configuration: dict[str, Any] = {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": keysets,
        "pki-architectures": {label: _architecture(subscribers, today) for label, subscribers in members.items()},
    }
    pki = Pki(folder, configuration)
    for label, architecture in configuration["pki-architectures"].items():
        for name, specification in architecture["certs"].items():
            file = folder / "certificates" / label / f"{name}.pem"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(pem.armor("CERTIFICATE", pki.certificate(name, stranger=label == "stranger")))
            specification["certificate-file"] = str(file.relative_to(folder))
    (folder / _CONFIGURATION).write_text(json.dumps(configuration, ensure_ascii=False, indent=1), encoding="utf-8")


def _write_key(stem: Path, key: PrivateKey) -> None:
    """Both halves: ``stem.pem`` (PKCS#8, for its owner only) and ``stem.pub``."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    private, public = stem.with_suffix(".pem"), stem.with_suffix(".pub")
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@dataclass(frozen=True)
class Credential:
    """A private key in software with its certificate.

    :ivar certificate: DER.
    :ivar chain: DER of the issuers, the nearest first, the root last.
    """

    private_key: PrivateKey
    certificate: bytes
    chain: tuple[bytes, ...]


class Pki:
    """The certificates and keys of a folder that :func:`create` has filled."""

    def __init__(self, folder: Path, configuration: dict[str, Any] | None = None) -> None:
        if configuration is None:
            configuration = json.loads((folder / _CONFIGURATION).read_text(encoding="utf-8"))
        self.folder = folder
        self._configuration = configuration

    @cached_property
    def architectures(self) -> dict[str, PKIArchitecture]:
        """The hierarchies ``demo`` and ``stranger`` as certomancer serves them."""
        from certomancer.registry import CertomancerConfig

        from tests.demo import signing_backend

        signing_backend.install()
        config = CertomancerConfig(
            self._configuration,
            key_search_dir=str(self.folder),
            config_search_dir=str(self.folder),
            lazy_load_keys=True,
        )
        return {label.value: architecture for label, architecture in config.pki_archs.items()}

    @property
    def base_url(self) -> str:
        return str(self._configuration["external-url-prefix"])

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    @property
    def tsa_url(self) -> str:
        """Where RFC 3161 requests are posted."""
        return f"{self.base_url}/demo/tsa/tsa"

    @property
    def ocsp_url(self) -> str:
        """The responder for certificates of the issuing authority."""
        return f"{self.base_url}/demo/ocsp/issuing"

    @property
    def crl_url(self) -> str:
        """The CRL of the issuing authority, DER."""
        return f"{self.base_url}/demo/crls/issuing/latest.crl"

    @property
    def root_crl_url(self) -> str:
        return f"{self.base_url}/demo/crls/root/latest.crl"

    @property
    def root_certificate(self) -> Path:
        """The trusted root, a PEM file."""
        return self._certificate_file("root")

    @property
    def issuing_certificate(self) -> Path:
        """The issuing authority, a PEM file."""
        return self._certificate_file("issuing")

    @property
    def stranger_root_certificate(self) -> Path:
        """The root of the same name that the office does not trust, a PEM file."""
        return self._certificate_file("root", stranger=True)

    def _certificate_file(self, name: str, *, stranger: bool = False) -> Path:
        return self.folder / "certificates" / ("stranger" if stranger else "demo") / f"{name}.pem"

    def certificate(self, name: str, *, stranger: bool = False) -> bytes:
        """DER of a certificate by its name: ``root``, ``issuing``, ``tsa``, or that of a :class:`Subscriber`."""
        from certomancer.registry import CertLabel

        architecture = self.architectures["stranger" if stranger else "demo"]
        return bytes(architecture.get_cert(CertLabel(name)).dump())

    def private_key(self, name: str, *, stranger: bool = False) -> PrivateKey:
        file = self.folder / "keys" / ("stranger" if stranger else "demo") / f"{name}.pem"
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return key

    def credential(self, name: str, *, stranger: bool = False) -> Credential:
        """Key and certificates for signing in software; names as in :meth:`certificate`."""
        chain = {"root": (), "issuing": ("root",), "root-ocsp": ("root",)}.get(name, ("issuing", "root"))
        return Credential(
            self.private_key(name, stranger=stranger),
            self.certificate(name, stranger=stranger),
            tuple(self.certificate(issuer, stranger=stranger) for issuer in chain),
        )

    def crl(self, issuer: str = "issuing", *, stranger: bool = False, at: dt.datetime | None = None) -> bytes:
        """The CRL of ``issuing`` or ``root`` in force at a time (now), DER."""
        from certomancer.registry import ServiceLabel

        services = self.architectures["stranger" if stranger else "demo"].service_registry
        return bytes(services.get_crl(ServiceLabel(issuer), at or dt.datetime.now(dt.UTC)).dump())

    def is_current(self) -> bool:
        """Whether what should be valid today will be so for a month, and ``future`` is not valid yet."""
        now = dt.datetime.now(dt.UTC)
        validity = {
            name: (dt.datetime.fromisoformat(spec["validity"]["valid-from"]),
                   dt.datetime.fromisoformat(spec["validity"]["valid-to"]))
            for name, spec in self._configuration["pki-architectures"]["demo"]["certs"].items()
        }  # fmt: skip
        expected = {person.name for person in SUBSCRIBERS}
        usable = [name for name in expected if name not in ("expired", "future")]
        return (
            expected <= validity.keys()
            and all(validity[name][0] <= now < validity[name][1] - _RENEW_BEFORE for name in usable)
            and validity["expired"][1] < now
            and validity["future"][0] > now + _RENEW_BEFORE
        )
