"""The signer's certificate is judged before it signs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.office import Office
from app.settings import load
from app.signing.errors import SignerExpired, SignerRevoked
from app.signing.keys import choose
from app.signing.model import PinAnswer, PinRequest, SignOptions, SignResult, Status
from app.signing.signer_check import SignerCheck
from app.times import now
from app.trust.fetch import Fetcher
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from tests.demo.office import DemoOffice
from tests.demo.services import Services


@pytest.fixture
def check(office: DemoOffice, services: Services, tmp_path: Path) -> SignerCheck:
    roots = [office.pki.certificate("root")]
    store = TrustStore(lambda: roots, lambda: [office.pki.certificate("issuing")])
    trust = TrustEvaluator(store, Fetcher(tmp_path, timeout=10))
    return SignerCheck(lambda certificate: trust.evaluate(certificate, (), at=now(), usage="signature"))


def test_a_good_certificate_may_sign(check, office):
    status = check.check(office.pki.certificate("leader"))
    assert (status.word, status.note) == ("good", None)


@pytest.mark.parametrize(
    ("who", "error"), [("revoked", SignerRevoked), ("expired", SignerExpired), ("future", SignerExpired)]
)
def test_a_revoked_or_expired_one_must_not(check, office, who, error):
    with pytest.raises(error):
        check.check(office.pki.certificate(who))


def test_unknown_revocation_is_noted(check, office, services: Services):
    with services.failing("ocsp"), services.failing("crls"):
        status = check.check(office.pki.certificate("second"))
    assert status.word == "revocation-unknown"
    assert status.note is not None
    assert status.note.code == "signer-revocation-unknown"


def test_an_unknown_root_is_noted(check, office):
    status = check.check(office.pki.certificate("leader", stranger=True))
    assert (status.word, status.note and status.note.code) == ("path-unknown", "signer-path-unknown")


def test_a_batch_asks_the_servers_once(check, office, services: Services):
    for _ in range(20):
        check.check(office.pki.certificate("other"))
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


class _Instead:
    """Judges another certificate in the place of every one: the demo office has no token with a revoked one."""

    def __init__(self, trust: TrustEvaluator, certificate: bytes) -> None:
        self._trust, self._certificate = trust, certificate

    def evaluate(self, certificate: bytes, *arguments: object, **options: object) -> object:
        return self._trust.evaluate(self._certificate, *arguments, **options)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._trust, name)
