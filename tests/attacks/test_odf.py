"""No forgery of an OpenDocument package is ever called valid."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from app.office import Office
from app.settings import load
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.verification.odf import examine
from app.verification.policy import Policy
from tests.attacks.odf import ATTACKS, Attack, Victim, make_victim
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.office_signing import replacing
from tests.xml_signing import altered, sign_odf, write_odt

ACCEPTED = (Conclusion.VALID, Conclusion.WARNING)


@pytest.fixture(scope="module")
def victim(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return make_victim(
        tmp_path_factory.mktemp("victim"), pki.credential("leader"), pki.credential("leader", stranger=True)
    )


@pytest.fixture(scope="module")
def verifier(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """The program's own, with the demo root trusted and revocation known: only the document can be at fault."""
    folder = tmp_path_factory.mktemp("verifier")
    shutil.copy(office.settings_file, folder / "settings.toml")
    return Office(load(folder)).verifier


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
    plain = write_odt(tmp_path / "plain.odt", "Báo cáo", {"Basic/script-lc.xml": b"<x/>"})
    linked = altered(
        plain,
        tmp_path / "linked.odt",
        {"styles.xml": replacing("/>", ' xmlns:x="http://www.w3.org/1999/xlink" x:href="http://127.0.0.1:9/a.png"/>')},
    )
    signed = sign_odf(linked, tmp_path / "signed.odt", pki.credential("leader"))
    found = altered(signed, tmp_path / "found.odt", {"META-INF/macrosignatures.xml": b"<x/>"})
    codes = [problem.code for problem in examine(found).problems]
    assert codes == ["odf-macro-signatures", "odf-macros", "odf-external-content"]
    assert verifier.verify(found).conclusion is Conclusion.WARNING


def test_unsigned(verifier: Verifier, tmp_path: Path) -> None:
    assert verifier.verify(write_odt(tmp_path / "a.odt", "Dự thảo")).conclusion is Conclusion.UNSIGNED


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_forgery(victim: Victim, verifier: Verifier, tmp_path: Path, attack: Attack) -> None:
    forged = attack.forge(victim, tmp_path)
    started = time.monotonic()
    facts = examine(forged)
    report = verifier.verify(forged)
    assert time.monotonic() - started < 5
    problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
    assert not attack.code or attack.code in {problem.code for problem in problems}, problems
    policy = Policy.load()
    for problem in problems:
        assert "{" not in policy.sentence(problem.code, dict(problem.data)).message
        assert policy.sentence(problem.code, {}).message != policy.sentence("no-such-code", {}).message
    assert report.conclusion not in (*ACCEPTED, Conclusion.UNSIGNED)
