"""Signed OpenDocument packages are genuine."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.verification.odf import examine
from tests.attacks.model import ACCEPTED
from tests.demo.pki import Pki
from tests.office_signing import replacing
from tests.xml_signing import altered, sign_odf, write_odt

_IMAGE = (
    '<draw:image xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{}"/>'
)
_DDE = (
    '<office:dde-source xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' office:dde-application="soffice" office:dde-topic="du-toan.ods" office:dde-item="A1"/>'
)


@pytest.mark.parametrize("signers", [("leader",), ("second",), ("leader", "second")])
def test_genuine(pki: Pki, verifier: Verifier, tmp_path: Path, signers: tuple[str, ...]) -> None:
    plain = write_odt(tmp_path / "plain.odt", "Báo cáo", {"Pictures/dấu đỏ.png": b"\x89PNG", "Configurations2/": b""})
    signed = sign_odf(plain, tmp_path / "signed.odt", *map(pki.credential, signers))
    facts = examine(signed)
    assert [(one.intact, one.coverage, one.problems) for one in facts.signatures] == [(True, Coverage.WHOLE, ())] * len(
        signers
    )
    assert [one.certificate for one in facts.signatures] == [pki.credential(name).certificate for name in signers]
    assert verifier.verify(signed).conclusion in ACCEPTED


def test_what_is_remarked(pki: Pki, verifier: Verifier, tmp_path: Path) -> None:
    macros = {"Basic/script-lc.xml": b"<x/>", "META-INF/macrosignatures.xml": b"<x/>"}
    plain = write_odt(tmp_path / "plain.odt", "Báo cáo", macros)
    linked = altered(
        plain,
        tmp_path / "linked.odt",
        {"styles.xml": replacing("/>", ' xmlns:x="http://www.w3.org/1999/xlink" x:href="http://127.0.0.1:9/a.png"/>')},
    )
    found = sign_odf(linked, tmp_path / "signed.odt", pki.credential("leader"))
    codes = [problem.code for problem in examine(found).problems]
    assert codes == ["odf-macro-signatures", "odf-macros", "odf-external-content"]
    assert verifier.verify(found).conclusion is Conclusion.WARNING


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        (_IMAGE.format("Pictures/a.png"), False),
        (_IMAGE.format("./Object 1"), False),
        (_IMAGE.format("#page"), False),
        (_IMAGE.format("./../a.png"), True),
        (_IMAGE.format("%2e%2e/a.png"), True),
        (_IMAGE.format("Pictures/../../a.png"), True),
        (_IMAGE.format(" ../a.png"), True),
        (_IMAGE.format("http%3A//127.0.0.1:9/a.png"), True),
        (_DDE, True),
    ],
)
def test_what_comes_from_elsewhere_is_told(pki: Pki, tmp_path: Path, markup: str, told: bool) -> None:
    plain = write_odt(tmp_path / "plain.odt", "Báo cáo")
    shown = {"content.xml": replacing("</office:text>", markup + "</office:text>")}
    found = sign_odf(altered(plain, tmp_path / "shown.odt", shown), tmp_path / "a.odt", pki.credential("leader"))
    assert [problem.code for problem in examine(found).problems] == ["odf-external-content"] * told


def test_unsigned(verifier: Verifier, tmp_path: Path) -> None:
    assert verifier.verify(write_odt(tmp_path / "a.odt", "Dự thảo")).conclusion is Conclusion.UNSIGNED
