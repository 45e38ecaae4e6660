"""The signer's certificate is judged before it signs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.office import Office
from app.paths import RESOURCES
from app.settings import load
from app.signing.errors import HashNotAllowed, KeyNotAllowed, SignerExpired, SignerRevoked
from app.signing.keys import choose
from app.signing.model import PinAnswer, PinRequest, SignOptions, SignResult, Status
from app.signing.signer_check import SignerCheck
from app.system.linux import Linux
from app.times import now
from app.trust.certificate import read_certificate
from app.trust.fetch import Fetcher
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.verification.policy import Policy
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.unit.trust_material import certificate, ec_key, rsa_key

RSA = SignatureAlgorithm.RSA_SHA256
POLICY = (RESOURCES / "policy.toml").read_text(encoding="utf-8")


@pytest.fixture
def check(office: DemoOffice, services: Services, tmp_path: Path) -> SignerCheck:
    roots = [office.pki.certificate("root")]
    store = TrustStore(lambda: roots, lambda: [office.pki.certificate("issuing")])
    trust = TrustEvaluator(store, Fetcher(tmp_path, timeout=10))
    return _checking(trust)


def _checking(trust: TrustEvaluator, policy: Policy | None = None) -> SignerCheck:
    judged = policy or Policy.load()
    return SignerCheck(
        lambda certificate: trust.evaluate(certificate, (), at=now(), usage="signature"),
        lambda certificate, hash_name: judged.weakness_of_new(read_certificate(certificate), hash_name),
    )


def test_a_good_certificate_may_sign(check, office):
    status = check.check(office.pki.certificate("leader"), RSA)
    assert (status.word, status.note) == ("good", None)


@pytest.mark.parametrize(
    ("who", "error"), [("revoked", SignerRevoked), ("expired", SignerExpired), ("future", SignerExpired)]
)
def test_a_revoked_or_expired_one_must_not(check, office, who, error):
    with pytest.raises(error):
        check.check(office.pki.certificate(who), RSA)


def test_unknown_revocation_is_noted(check, office, services: Services):
    with services.failing("ocsp"), services.failing("crls"):
        status = check.check(office.pki.certificate("second"), RSA)
    assert status.word == "revocation-unknown"
    assert status.note is not None
    assert status.note.code == "signer-revocation-unknown"


def test_an_unknown_root_is_noted(check, office):
    status = check.check(office.pki.certificate("leader", stranger=True), RSA)
    assert (status.word, status.note and status.note.code) == ("path-unknown", "signer-path-unknown")


def test_a_batch_asks_the_servers_once(check, office, services: Services):
    for _ in range(20):
        check.check(office.pki.certificate("other"), RSA)
    assert 1 <= len(services.requests) <= 4


Ask = Callable[[PinRequest], PinAnswer]


def signed_by(
    opened: Office, office: DemoOffice, name: str, path: Path, out: Path, ask: Ask | None = None
) -> SignResult:
    token = office.tokens[name]
    key = choose(opened.keys(), token=token.serial, certificate=None)
    answer: Ask = ask or (lambda _: PinAnswer(bytearray(token.pin.encode())))
    (result,) = opened.desk.sign([path], SignOptions(out=out), key, pin_source=answer)
    return result


def test_what_is_not_known_is_told_and_stands_in_the_ledger(office, services: Services, samples, tmp_path):
    with (
        services.failing("ocsp"),
        services.failing("crls"),
        Office(load(tmp_path / "data", office.settings_file)) as opened,
    ):
        result = signed_by(opened, office, "second", samples["cong_van_pdf"], tmp_path)
        assert result.status is Status.SIGNED
        assert [warning.code for warning in result.warnings] == ["signer-revocation-unknown"]
        entry = next(opened.ledger.entries())
        assert entry.data["signer_status"] == "revocation-unknown"


def test_no_pin_is_asked_for_a_revoked_certificate(office, services: Services, samples, tmp_path, monkeypatch):
    asked: list[PinRequest] = []

    def ask(request: PinRequest) -> PinAnswer:
        asked.append(request)
        return PinAnswer(bytearray(office.tokens["leader"].pin.encode()))

    revoked = office.pki.certificate("revoked")
    with Office(load(tmp_path / "data", office.settings_file)) as opened:
        trust = opened.trust
        monkeypatch.setattr(opened, "trust", _Instead(trust, revoked), raising=False)
        result = signed_by(opened, office, "leader", samples["cong_van_pdf"], tmp_path, ask)
    assert (result.status, result.error and result.error.code) == (Status.FAILED, "signer-revoked")
    assert not asked


def test_a_root_trusted_meanwhile_counts_for_the_next_run(office, samples, tmp_path):
    usual = load(tmp_path / "data", office.settings_file)
    trust = msgspec.structs.replace(usual.trust, roots=[])
    with Office(msgspec.structs.replace(usual, trust=trust)) as opened:
        before = signed_by(opened, office, "leader", samples["cong_van_pdf"], tmp_path / "before")
        opened.anchors.add(office.pki.root_certificate)
        opened.renew_trust()
        after = signed_by(opened, office, "leader", samples["cong_van_pdf"], tmp_path / "after")
    assert [warning.code for warning in before.warnings] == ["signer-path-unknown"]
    assert after.status is Status.SIGNED and not after.warnings


class _Instead:
    """Judges another certificate in the place of every one: the demo office has no token with a revoked one."""

    def __init__(self, trust: TrustEvaluator, certificate: bytes) -> None:
        self._trust, self._certificate = trust, certificate

    def evaluate(self, certificate: bytes, *arguments: object, **options: object) -> object:
        return self._trust.evaluate(self._certificate, *arguments, **options)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._trust, name)


def test_a_key_that_the_policy_calls_weak_must_not_sign_before_anything_is_asked(check, office, services: Services):
    with pytest.raises(KeyNotAllowed) as refused:
        check.check(office.pki.certificate("weak"), RSA)
    assert "rsa-1024" in refused.value.message
    assert not services.requests


@pytest.mark.parametrize(
    ("line", "instead", "allowed"),
    [
        ("ec_bits = 256", "ec_bits = 384", {"ecdsa-sha384", "rsa-sha256"}),
        ('weak_hashes = ["sha1"]', 'weak_hashes = ["sha1", "sha256"]', {"ecdsa-sha384"}),
        ("rsa_bits = 2048", "rsa_bits = 3072", {"ecdsa-sha256", "ecdsa-sha384"}),
        ('weak-key-new = "fail"', 'weak-key-new = "warn"', {"ecdsa-sha256", "ecdsa-sha384", "rsa-sha256", "rsa-1024"}),
    ],
)
def test_an_offices_own_policy_says_what_may_sign(line: str, instead: str, allowed: set[str]) -> None:
    assert line in POLICY
    policy = Policy.read(POLICY.replace(line, instead), Path("policy.toml"))
    keys: dict[str, Any] = {"rsa-sha256": rsa_key(), "rsa-1024": rsa_key("weak", 1024), "ecdsa-sha256": ec_key()}
    keys["ecdsa-sha384"] = ec.generate_private_key(ec.SECP384R1())
    found = set()
    for name, key in keys.items():
        signer = read_certificate(certificate("Người ký", key=key).der)
        hash_name = SignatureAlgorithm(name).hash_name if name != "rsa-1024" else "sha256"
        found |= {name} if not policy.weakness_of_new(signer, hash_name) else set()
    assert found == allowed


@pytest.mark.parametrize(
    ("line", "instead", "code"),
    [
        ("rsa_bits = 2048", "rsa_bits = 3072", KeyNotAllowed.code),
        ('weak_hashes = ["sha1"]', 'weak_hashes = ["sha1", "sha256"]', HashNotAllowed.code),
    ],
)
def test_no_pin_is_asked_where_it_staff_forbid_the_algorithm(
    office: DemoOffice, samples: dict[str, Path], tmp_path: Path, line: str, instead: str, code: str
) -> None:
    (tmp_path / "chinh-sach.toml").write_text(POLICY.replace(line, instead), encoding="utf-8")
    managed = tmp_path / "managed.toml"
    managed.write_text('locked = ["trust.policy"]\n[trust]\npolicy = "chinh-sach.toml"\n', encoding="utf-8")

    def ask(request: PinRequest) -> PinAnswer:
        raise AssertionError("a PIN was asked for")

    with Office(load(tmp_path / "data", office.settings_file, system=Linux(managed))) as opened:
        result = signed_by(opened, office, "leader", samples["cong_van_pdf"], tmp_path, ask)
    assert (result.status, result.error and result.error.code) == (Status.FAILED, code)
    assert result.error and "chính sách" in result.error.message.casefold()
