"""No forgery of an Office package is ever called valid."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from pathlib import Path

import docx
import openpyxl
import pytest

from app.office import Office
from app.settings import load
from app.signing.model import Scope
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage, DocumentFacts
from app.verification.ooxml import examine
from app.verification.reasons_ooxml import REASONS
from tests.attacks.ooxml import ATTACKS, MAIN_RELS, TYPES, Attack, Verdict, Victim
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.office_signing import changed, sign

ACCEPTED = (Conclusion.VALID, Conclusion.WARNING)

_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


@pytest.fixture(scope="module")
def victim(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    folder = tmp_path_factory.mktemp("victim")

    def document(name: str, text: str) -> Path:
        made = docx.Document()
        made.add_paragraph(text)
        made.part.relate_to("https://phongdien.example/", _LINK, is_external=True)
        made.save(str(folder / name))
        return folder / name

    plain = document("plain.docx", "Quyết định phê duyệt kế hoạch")
    without_styles = changed(
        plain,
        folder / "without-styles.docx",
        {
            "word/styles.xml": None,
            TYPES: lambda content: content.replace(b"/word/styles.xml", b"/word/absent.xml"),
            MAIN_RELS: lambda content: content.replace(b"styles.xml", b"fontTable.xml"),
        },
    )
    book = openpyxl.Workbook()
    book.active["A1"] = "Dự toán"
    book.save(folder / "plain.xlsx")
    credential = pki.credential("leader")
    for source, target in (
        (plain, "signed.docx"),
        (without_styles, "bare.docx"),
        (folder / "plain.xlsx", "signed.xlsx"),
    ):
        sign(source, folder / target, credential, scope=Scope.OFFICE)
    return Victim(
        plain=plain,
        signed=folder / "signed.docx",
        bare=folder / "bare.docx",
        sheet=folder / "signed.xlsx",
        other=document("other.docx", "Quyết định bãi bỏ kế hoạch"),
        credential=credential,
        stranger=pki.credential("leader", stranger=True),
    )


@pytest.fixture(scope="module")
def verifier(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """The program's own, with the demo root trusted and revocation known: only the document can be at fault."""
    folder = tmp_path_factory.mktemp("verifier")
    shutil.copy(office.settings_file, folder / "settings.toml")
    return Office(load(folder)).verifier


def verdict(facts: DocumentFacts) -> Verdict:
    if not facts.readable:
        return Verdict.REJECTED
    if not facts.signatures:
        return Verdict.UNSIGNED
    if not all(one.intact for one in facts.signatures):
        return Verdict.INVALID
    covering = (Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA)
    return Verdict.GENUINE if all(one.coverage in covering for one in facts.signatures) else Verdict.PARTIAL


@pytest.mark.parametrize("signed", ["signed", "bare", "sheet"])
def test_the_victims_files_are_genuine(victim: Victim, verifier: Verifier, signed: str) -> None:
    assert verdict(examine(getattr(victim, signed))) is Verdict.GENUINE
    assert verifier.verify(getattr(victim, signed)).conclusion in ACCEPTED


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_forgery(victim: Victim, verifier: Verifier, tmp_path: Path, attack: Attack) -> None:
    forged = attack.forge(victim, tmp_path)
    tracemalloc.start()
    started = time.monotonic()
    facts = examine(forged)
    seconds = time.monotonic() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
    codes = {problem.code for problem in problems}
    assert (verdict(facts), attack.code in codes) == (attack.verdict, True), problems
    assert codes <= REASONS.keys()
    for problem in problems:
        for sentence in REASONS[problem.code][:2]:
            assert sentence.format(**dict(problem.data))
    if attack.verdict is not Verdict.GENUINE:
        assert verifier.verify(forged).conclusion not in ACCEPTED
    assert seconds < 5
    assert peak < 64 << 20
