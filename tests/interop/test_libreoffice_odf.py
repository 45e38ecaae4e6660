"""LibreOffice and the examiner of OpenDocument agree on each other's signatures."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.verification.model import Coverage
from app.verification.odf import examine
from tests.demo.pki import Pki
from tests.interop import libreoffice
from tests.office_signing import replacing
from tests.xml_signing import altered, sign_odf

_FILTERS = {"odt": "writer8", "ods": "calc8", "odp": "impress8"}
_SOURCES = {"odt": "quyet_dinh_docx", "ods": "xlsx", "odp": "pptx"}


@pytest.fixture(scope="module")
def authorities(pki: Pki) -> Sequence[bytes]:
    return pki.certificate("root"), pki.certificate("issuing")


def test_what_libreoffice_signs(
    samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path
) -> None:
    with libreoffice.LibreOffice(authorities, pki.credential("leader")) as office:
        for kind, filter_name in _FILTERS.items():
            signed = tmp_path / f"signed.{kind}"
            office.store(samples[_SOURCES[kind]], signed, filter_name)
            office.sign(signed)
            (facts,) = examine(signed).signatures
            assert (facts.intact, facts.coverage, facts.problems) == (True, Coverage.WHOLE, ())
            assert facts.certificate == pki.credential("leader").certificate
            assert facts.claimed_time is not None
            forged = altered(signed, tmp_path / f"forged.{kind}", {"content.xml": replacing("</", " </")})
            assert not examine(forged).signatures[0].intact


@pytest.mark.parametrize("signer", ["leader", "second"])
def test_what_the_tests_sign(
    samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path, signer: str
) -> None:
    """So the attacks start from files that another program calls genuine."""
    plain, signed = tmp_path / "plain.odt", tmp_path / "signed.odt"
    libreoffice.running(authorities).store(samples["quyet_dinh_docx"], plain, "writer8")
    shutil.copy(plain, signed)
    sign_odf(plain, signed, pki.credential(signer))
    states = libreoffice.verify(signed, authorities)
    assert [(state.valid, state.trusted, state.partial) for state in states] == [(True, True, False)]
    assert [facts.intact for facts in examine(signed).signatures] == [True]
