"""Levels above B: what is reached, what is told where it is not, and that raising needs no token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.documents.formats import Format
from app.documents.model import DocumentInfo
from app.office import Office
from app.settings import load
from app.signing import pdf
from app.signing.errors import LevelNotOffered
from app.signing.levels import reaches
from app.signing.model import Level, SignatureRequest
from app.signing.upgrade import UpgradeResult, UpgradeStatus
from app.times import now
from app.trust.errors import TimestampUntrustworthy
from app.trust.timestamps import HttpTimestamper
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import office_signing, pdf_samples
from tests.demo.office import DemoOffice
from tests.demo.services import Services

Upgrade = Callable[..., UpgradeResult]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("levels")


@pytest.fixture
def desk(office: DemoOffice, tmp_path: Path) -> Iterator[Office]:
    with Office(load(tmp_path / "data", office.settings_file)) as opened:
        yield opened


def signed(office: DemoOffice, source: Path, target: Path, who: str = "leader", **wishes: Any) -> Path:
    """A PDF signed in software by somebody of the demo office."""
    credential = office.pki.credential(who)
    request = SignatureRequest(
        source, target, credential.certificate, credential.chain[:1], SignatureAlgorithm.RSA_SHA256, now(), **wishes
    )
    preparation = pdf.prepare(request)
    return preparation.complete(office_signing.raw_signature(credential, preparation.to_be_signed, "sha256")).path


@pytest.fixture(scope="module")
def level_b(office: DemoOffice, folder: Path) -> Path:
    return signed(office, pdf_samples.write(folder / "a.pdf"), folder / "b.pdf")


def report_of(desk: Office, path: str | Path | None) -> Any:
    assert path is not None
    (signature,) = desk.verify(Path(path)).signatures
    return signature


@pytest.mark.parametrize("level", [Level.T, Level.LT, Level.LTA])
def test_a_signature_of_level_b_is_raised(desk, level_b, tmp_path, level):
    before = level_b.read_bytes()
    result = desk.upgrader(out=tmp_path).upgrade(level_b, level)
    assert (result.status, result.error, result.warnings) == (UpgradeStatus.UPGRADED, None, [])
    assert (result.level_before, result.level_reached) == (Level.B, level)
    assert level_b.read_bytes() == before
    assert Path(result.output).read_bytes().startswith(before)
    report = report_of(desk, result.output)
    assert report.conclusion == "valid"
    assert report.timestamp_time is not None
    assert [entry.kind for entry in desk.ledger.entries()] == ["upgrade", "file", "verify"]


def test_level_lt_is_proven_by_the_file_alone(desk, level_b, tmp_path, office):
    raised = desk.upgrader(out=tmp_path).upgrade(level_b, Level.LT).output
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "settings.toml").write_text(f'[trust]\nroots = ["{office.pki.root_certificate}"]\n')
    with Office(load(bare), online=False) as recipient:
        assert report_of(recipient, level_b).conclusion == "indeterminate"
        report = report_of(recipient, raised)
    assert (report.conclusion, report.revocation.source) == ("valid", "embedded")


def test_a_file_that_has_the_level_is_left_alone(desk, level_b, tmp_path):
    first = desk.upgrader(out=tmp_path).upgrade(level_b, Level.LT)
    files = sorted(tmp_path.iterdir())
    again = desk.upgrader(out=tmp_path).upgrade(Path(first.output), Level.T)
    assert (again.status, again.output) == (UpgradeStatus.SKIPPED, None)
    assert reaches(again.level_reached, Level.LT)
    assert sorted(tmp_path.iterdir()) == files


def test_level_lta_is_renewed(desk, level_b, tmp_path):
    first = desk.upgrader(out=tmp_path).upgrade(level_b, Level.LTA)
    again = desk.upgrader(out=tmp_path).upgrade(Path(first.output), Level.LTA)
    assert (again.status, again.level_reached) == (UpgradeStatus.UPGRADED, Level.LTA)
    old, new = Path(first.output).read_bytes(), Path(again.output).read_bytes()
    assert new.startswith(old)
    assert new.count(b"/ETSI.RFC3161") == old.count(b"/ETSI.RFC3161") + 1
    assert report_of(desk, again.output).conclusion == "valid"


def test_two_signatures_are_raised_together(desk, office, level_b, tmp_path):
    both = signed(office, level_b, tmp_path / "both.pdf", "seal")
    result = desk.upgrader(out=tmp_path).upgrade(both, Level.LTA)
    assert result.level_reached is Level.LTA
    report = desk.verify(Path(result.output))
    assert [signature.conclusion for signature in report.signatures] == ["valid", "valid"]


def test_a_signature_with_its_own_time_stamp_gets_no_second_one_for_lt(desk, office, tmp_path):
    source = pdf_samples.write(tmp_path / "a.pdf")
    stamper = HttpTimestamper(office.pki.tsa_url, timeout=30)
    level_t = signed(office, source, tmp_path / "t.pdf", level=Level.T, timestamper=stamper)
    result = desk.upgrader(out=tmp_path).upgrade(level_t, Level.LT)
    assert (result.level_before, result.level_reached) == (Level.T, Level.LT)
    assert b"/ETSI.RFC3161" not in Path(result.output).read_bytes()
    assert report_of(desk, result.output).level == "LT"


# A server that fails.


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, "timestamp-unavailable"),
        ({"status": 200, "body": b"<html>welcome</html>"}, "timestamp-untrustworthy"),
        ({"status": 200, "body": bytes.fromhex("30053003020102")}, "timestamp-refused"),
        ({"status": 200, "body": b""}, "timestamp-untrustworthy"),
    ],
    ids=["down", "garbage", "refused", "empty"],
)
def test_a_failing_server_is_told_and_leaves_nothing(desk, services: Services, level_b, tmp_path, fault, code):
    out = tmp_path / "out"
    out.mkdir()
    with services.failing("tsa", **fault):
        result = desk.upgrader(out=out).upgrade(level_b, Level.LT)
    assert result.status is UpgradeStatus.FAILED
    assert result.error is not None
    assert result.error.code == code
    assert (result.level_reached, result.output) == (Level.B, None)
    assert not list(out.iterdir())
    assert not list(desk.ledger.entries())


def test_a_slow_server_is_waited_for(desk, services: Services, level_b, tmp_path):
    with services.failing("tsa", status=0, delay=2.0):
        result = desk.upgrader(out=tmp_path).upgrade(level_b, Level.T)
    assert result.level_reached is Level.T
    assert result.seconds >= 2


class Recorded:
    """Keeps what a time-stamp server answered."""

    def __init__(self, office: DemoOffice, monkeypatch: pytest.MonkeyPatch) -> None:
        from app.trust import exchange

        self.answers: list[bytes] = []
        post = exchange.post

        def recording(*arguments: Any, **options: Any) -> bytes:
            self.answers.append(post(*arguments, **options))
            return self.answers[-1]

        monkeypatch.setattr(exchange, "post", recording)
        self.stamper = HttpTimestamper(office.pki.tsa_url, timeout=30)


@pytest.mark.parametrize("imprint", [bytes(32), bytes([1] * 32)], ids=["of another nonce", "of another imprint"])
def test_an_answer_to_another_request_is_refused(office, services: Services, monkeypatch, imprint):
    recorded = Recorded(office, monkeypatch)
    recorded.stamper.token(imprint, "sha256")
    with services.failing("tsa", status=200, body=recorded.answers[0]), pytest.raises(TimestampUntrustworthy):
        recorded.stamper.token(bytes(32), "sha256")


def test_an_authority_that_nobody_trusts_proves_no_level(desk, office, level_b, tmp_path):
    stranger = f"{office.pki.base_url}/stranger/tsa/tsa"
    result = desk.upgrader(tsa_url=stranger, out=tmp_path).upgrade(level_b, Level.T)
    assert result.level_reached is Level.B
    assert (result.status, result.error.code) == (UpgradeStatus.FAILED, "level-not-proven")


def test_no_server_at_all_is_told(office, level_b, tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[trust]\nroots = ["{office.pki.root_certificate}"]\n')
    with Office(load(tmp_path / "data", settings)) as bare:
        result = bare.upgrader(out=tmp_path).upgrade(level_b, Level.T)
    assert result.error is not None
    assert result.error.code == "timestamper-missing"


def test_missing_evidence_stops_at_level_t_and_says_whose(desk, services: Services, level_b, tmp_path):
    with services.failing("ocsp"), services.failing("crls"):
        result = desk.upgrader(out=tmp_path).upgrade(level_b, Level.LT)
    assert (result.status, result.level_reached) == (UpgradeStatus.UPGRADED, Level.T), result
    (warning,) = result.warnings
    assert warning.code == "evidence-missing"
    with Office(desk.settings) as later:  # a run asks a silent server once
        assert report_of(later, result.output).conclusion == "valid"


def test_what_bears_no_signature_or_a_broken_one_is_refused(desk, samples, level_b, tmp_path):
    assert desk.upgrader(out=tmp_path).upgrade(samples["cong_van_pdf"], Level.T).error.code == "nothing-to-raise"
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(level_b.read_bytes().replace(b"12/QD-UBND", b"13/QD-UBND", 1))
    assert desk.upgrader(out=tmp_path).upgrade(broken, Level.T).error.code == "earlier-signature-broken"
    text = tmp_path / "a.txt"
    text.write_text("văn bản")
    assert desk.upgrader(out=tmp_path).upgrade(text, Level.T).error.code == "levels-not-of-format"
    assert desk.upgrader(out=tmp_path).upgrade(tmp_path / "none.pdf", Level.T).error.code == "file-missing"


def test_a_full_disk_or_closed_folder_is_told(desk, level_b, tmp_path):
    result = desk.upgrader(out=level_b).upgrade(level_b, Level.T)
    assert result.status is UpgradeStatus.FAILED


def test_a_filed_copy_is_renewed_into_the_archive(desk, level_b, tmp_path):
    copy = desk.archive.add(level_b, DocumentInfo(type="Quyết định", number="12"))
    result = desk.upgrader().upgrade(Path(copy.path), Level.LTA)
    assert result.filed is not None, result.error
    assert Path(result.output).is_relative_to(desk.settings.archive_dir)
    assert Path(copy.path).exists()


def test_an_office_signature_gets_its_time_stamp_later(desk, office, samples, tmp_path):
    first = office_signing.sign(samples["cong_van_docx"], tmp_path / "a.docx", office.pki.credential("leader")).path
    both = office_signing.sign(first, tmp_path / "b.docx", office.pki.credential("second")).path
    result = desk.upgrader(out=tmp_path).upgrade(both, Level.T)
    assert (result.level_before, result.level_reached) == (Level.B, Level.T)
    report = desk.verify(Path(result.output))
    assert [signature.level for signature in report.signatures] == ["T", "T"]
    assert report.conclusion in ("valid", "warning")
    more = desk.upgrader(out=tmp_path).upgrade(both, Level.LTA)
    assert (more.level_reached, [warning.code for warning in more.warnings]) == (Level.T, ["level-not-offered"])


def test_what_an_office_signature_does_not_reach_is_told_after_signing(desk, office, samples, tmp_path):
    leader = office.pki.credential("leader")
    stamper = HttpTimestamper(office.pki.tsa_url, timeout=30)
    signed = office_signing.sign(
        samples["cong_van_docx"], tmp_path / "a.docx", leader, level=Level.LTA, timestamper=stamper
    )
    raised = desk.levels.after_signing(
        signed.path, Format.OOXML, leader.certificate, wanted=Level.LTA, made=signed.level, timestamper=stamper
    )
    assert (raised.level, [type(note) for note in raised.notes]) == (Level.T, [LevelNotOffered])
