"""LibreOffice calls what the desk signs in OpenDocument files valid and whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.office import Office
from app.settings import load
from app.signing.model import Level
from app.verification.model import Coverage
from app.verification.odf import examine
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.interop import libreoffice
from tests.interop.test_libreoffice_odf import _FILTERS, _SOURCES
from tests.unit.test_signing_odf import sign
from tests.xml_signing import altered, write_odt


@pytest.fixture(scope="module")
def authorities(pki: Pki) -> Sequence[bytes]:
    return pki.certificate("root"), pki.certificate("issuing")


@pytest.mark.parametrize("kind", list(_FILTERS))
def test_valid_and_whole(
    samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path, kind: str
) -> None:
    plain = tmp_path / f"plain.{kind}"
    libreoffice.running(authorities).store(samples[_SOURCES[kind]], plain, _FILTERS[kind])
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind}"
    sign(plain, first, pki.credential("leader"))
    sign(first, second, pki.credential("second"))
    for signed, count in ((first, 1), (second, 2)):
        states = libreoffice.verify(signed, authorities)
        assert [(one.valid, one.trusted, one.partial, one.date) for one in states] == [
            (True, True, False, 20260302)
        ] * count
        assert [(one.intact, one.coverage) for one in examine(signed).signatures] == [(True, Coverage.WHOLE)] * count
    forged = altered(second, tmp_path / f"forged.{kind}", {"content.xml": lambda data: data.replace(b"</", b" </", 1)})
    assert not any(one.valid for one in libreoffice.verify(forged, authorities))


def test_a_signature_of_libreoffice_stays_valid_beneath_ours(
    samples: dict[str, Path], pki: Pki, authorities: Sequence[bytes], tmp_path: Path
) -> None:
    with libreoffice.LibreOffice(authorities, pki.credential("leader")) as office:
        signed = tmp_path / "signed.odt"
        office.store(samples["quyet_dinh_docx"], signed, "writer8")
        office.sign(signed)
        ours = tmp_path / "ours.odt"
        sign(signed, ours, pki.credential("second"))
        assert [(one.valid, one.partial) for one in office.verify(ours)] == [(True, False)] * 2
    assert [one.intact for one in examine(ours).signatures] == [True] * 2


def test_raised_signatures_stay_valid_to_it(
    pki: Pki, office: DemoOffice, authorities: Sequence[bytes], tmp_path: Path
) -> None:
    first, second = tmp_path / "first.odt", tmp_path / "second.odt"
    plain = tmp_path / "plain.odt"
    libreoffice.running(authorities).store(write_odt(tmp_path / "ours.odt", "Tờ trình"), plain, "writer8")
    sign(plain, first, pki.credential("leader"))
    sign(first, second, pki.credential("second"))
    with Office(load(tmp_path / "data", office.settings_file)) as desk:
        for level in (Level.T, Level.LTA):
            raised = desk.upgrader(out=tmp_path / level).upgrade(second, level)
            assert raised.level_reached is level
            states = libreoffice.verify(Path(raised.output or ""), authorities)
            assert [(one.valid, one.trusted, one.partial) for one in states] == [(True, True, False)] * 2
