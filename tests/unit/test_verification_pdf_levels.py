"""Order and level of PDF signatures whose fields were prepared, or which were raised step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.office import Office
from app.settings import load
from app.signing import pdf
from app.signing.model import Level, SignatureRequest
from app.times import now
from app.verification.model import FileReport
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import office_signing, pdf_samples
from tests.demo.office import DemoOffice


@pytest.fixture
def desk(office: DemoOffice, tmp_path: Path) -> Iterator[Office]:
    with Office(load(tmp_path / "data", office.settings_file)) as opened:
        yield opened


def prepared() -> bytes:
    """A page with an empty signature field for the records office, which stands first in the form."""
    bodies = pdf_samples.objects(page_extra=b"/Annots [6 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 1 >> >>"
    bodies[6] = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (VanThu) /Rect [72 60 200 110] /P 4 0 R /F 4 >>"
    return pdf_samples.classic(bodies)


def signed(office: DemoOffice, source: Path, target: Path, who: str, **wishes: Any) -> Path:
    credential = office.pki.credential(who)
    request = SignatureRequest(
        source, target, credential.certificate, credential.chain[:1], SignatureAlgorithm.RSA_SHA256, now(), **wishes
    )
    preparation = pdf.prepare(request)
    return preparation.complete(office_signing.raw_signature(credential, preparation.to_be_signed, "sha256")).path


def raised(desk: Office, folder: Path, source: Path, level: Level) -> Path:
    folder.mkdir()
    result = desk.upgrader(out=folder).upgrade(source, level)
    assert result.level_reached is level, result
    return Path(str(result.output))


def levels(report: FileReport) -> list[str]:
    return [signature.level for signature in report.signatures]


def test_issued_in_a_prepared_field_after_an_archived_approval(desk, office, tmp_path):
    source = pdf_samples.write(tmp_path / "a.pdf", prepared())
    approved = raised(desk, tmp_path / "1", signed(office, source, tmp_path / "b.pdf", "leader"), Level.LTA)
    sealed = signed(office, approved, tmp_path / "c.pdf", "seal", open_field="VanThu")
    report = desk.verify(raised(desk, tmp_path / "2", sealed, Level.LTA))
    assert report.signatures[-1].name == "VanThu"
    assert [reason.code for signature in report.signatures for reason in signature.reasons] == []
    assert report.conclusion == "valid"
    assert levels(report) == ["LTA", "LTA"]


def test_a_stamp_before_the_evidence_archives_nothing(desk, office, tmp_path):
    source = pdf_samples.write(tmp_path / "a.pdf")
    level_b = signed(office, source, tmp_path / "b.pdf", "leader")
    long_term = raised(desk, tmp_path / "1", level_b, Level.LT)
    assert levels(desk.verify(long_term)) == ["LT"]
    archived = desk.upgrader(out=tmp_path).upgrade(long_term, Level.LTA)
    assert (archived.level_before, archived.level_reached) == (Level.LT, Level.LTA)
    assert levels(desk.verify(Path(str(archived.output)))) == ["LTA"]


def test_the_evidence_of_an_earlier_signature_archives_no_later_one(desk, office, tmp_path):
    source = pdf_samples.write(tmp_path / "a.pdf")
    approved = raised(desk, tmp_path / "1", signed(office, source, tmp_path / "b.pdf", "leader"), Level.LTA)
    sealed = signed(office, approved, tmp_path / "c.pdf", "seal")
    assert levels(desk.verify(sealed)) == ["LTA", "B"]
    assert levels(desk.verify(raised(desk, tmp_path / "2", sealed, Level.LT))) == ["LTA", "LT"]
