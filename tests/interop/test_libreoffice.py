"""LibreOffice accepts what we sign: .docx, .xlsx, .pptx and PDF, by RSA and EC keys."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.signing import pdf
from app.signing.model import Level, Scope
from app.trust.timestamps import HttpTimestamper
from app.verification.ooxml import examine
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.interop import libreoffice
from tests.office_signing import changed, raw_signature, replacing, request, sign

KINDS = ("quyet_dinh_docx", "xlsx", "pptx")


@pytest.fixture(scope="module")
def authorities(pki: Pki) -> Sequence[bytes]:
    return pki.certificate("root"), pki.certificate("issuing")


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("signer", ["leader", "second"])
@pytest.mark.parametrize("kind", KINDS)
def test_office_files(
    samples: dict[str, Path],
    pki: Pki,
    authorities: Sequence[bytes],
    tmp_path: Path,
    kind: str,
    signer: str,
    scope: Scope,
) -> None:
    target = tmp_path / samples[kind].name
    sign(samples[kind], target, pki.credential(signer), scope=scope)
    states = libreoffice.verify(target, authorities)
    assert [(state.valid, state.trusted, state.date) for state in states] == [(True, True, 20260302)]


@pytest.mark.parametrize("kind", KINDS)
def test_two_signatures_with_time_stamps(
    samples: dict[str, Path], pki: Pki, services: Services, authorities: Sequence[bytes], tmp_path: Path, kind: str
) -> None:
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    first, second = tmp_path / f"first{samples[kind].suffix}", tmp_path / f"second{samples[kind].suffix}"
    sign(samples[kind], first, pki.credential("leader"), level=Level.T, timestamper=stamper)
    sign(first, second, pki.credential("second"), level=Level.T, timestamper=stamper)
    states = libreoffice.verify(second, authorities)
    assert [(state.valid, state.trusted) for state in states] == [(True, True), (True, True)]


def test_it_notices_a_change(samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path) -> None:
    """Guards the tests above: this second opinion can say no."""
    target = tmp_path / "signed.docx"
    sign(samples["quyet_dinh_docx"], target, pki.credential("leader"))
    forged = changed(target, tmp_path / "forged.docx", {"word/document.xml": replacing("</w:t>", ".</w:t>")})
    assert [state.valid for state in libreoffice.verify(forged, authorities)] == [False]


@pytest.mark.parametrize(
    ("kind", "filter_name"),
    [
        ("quyet_dinh_docx", "MS Word 2007 XML"),
        ("xlsx", "Calc MS Excel 2007 XML"),
        ("pptx", "Impress MS PowerPoint 2007 XML"),
    ],
)
def test_files_that_libreoffice_wrote(
    samples: dict[str, Path],
    pki: Pki,
    authorities: Sequence[bytes],
    tmp_path: Path,
    kind: str,
    filter_name: str,
) -> None:
    """Its relationships hold white space, which it digests wrongly unless we drop it before signing."""
    written, target = tmp_path / f"written{samples[kind].suffix}", tmp_path / f"signed{samples[kind].suffix}"
    libreoffice.running(authorities).store(samples[kind], written, filter_name)
    sign(written, target, pki.credential("leader"))
    assert [state.valid for state in libreoffice.verify(target, authorities)] == [True]
    assert [facts.intact for facts in examine(target).signatures] == [True]


@pytest.mark.parametrize("signer", ["leader", "second"])
def test_pdf(samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path, signer: str) -> None:
    target = tmp_path / "signed.pdf"
    wanted = request(samples["quyet_dinh_pdf"], target, pki.credential(signer))
    preparation = pdf.prepare(wanted)
    preparation.complete(raw_signature(pki.credential(signer), preparation.to_be_signed, "sha256"))
    states = libreoffice.verify(target, authorities)
    assert [(state.valid, state.trusted, state.partial) for state in states] == [(True, True, False)]


def test_what_libreoffice_signs(
    samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path
) -> None:
    """All of its signature holds but the one digest that it computes wrongly, over white space that it leaves.

    Signing after it must not touch that white space: it would break what LibreOffice believes of its own signature
    (that it cannot follow ours, over the same white space, is the same fault).
    """
    target, both = tmp_path / "theirs.docx", tmp_path / "both.docx"
    shutil.copy(samples["quyet_dinh_docx"], target)
    with libreoffice.LibreOffice(authorities, pki.credential("leader")) as office:
        office.sign(target)
        sign(target, both, pki.credential("second"))
        states = office.verify(both)
    assert states[0].valid
    theirs, ours = examine(both).signatures
    assert theirs.certificate == pki.credential("leader").certificate
    assert [(one.code, dict(one.data)) for one in theirs.problems] == [
        ("ooxml-libreoffice-relationships", {"name": "/_rels/.rels"})
    ]
    assert not theirs.intact
    assert ours.intact
