"""No forgery passes, for the right reason; nothing genuine is refused."""

from __future__ import annotations

import pytest

from app.verification.model import DocumentFacts
from app.verification.reasons_pdf import REASONS
from tests.attacks.pdf import ATTACKS, EXPECTED, GENUINE, accepted, examined


def codes(facts: DocumentFacts) -> set[str]:
    return {problem.code for item in (facts, *facts.signatures) for problem in item.problems}


@pytest.mark.timeout(5)
@pytest.mark.parametrize("name", ATTACKS)
def test_forgery_is_refused(name):
    facts = examined(ATTACKS[name]())
    assert not accepted(facts)
    assert EXPECTED[name] in codes(facts)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("name", GENUINE)
def test_genuine_file_is_accepted(name):
    facts = examined(GENUINE[name]())
    assert accepted(facts), (codes(facts), [signature.changes for signature in facts.signatures])


def test_every_problem_of_pdf_has_its_sentence():
    from pathlib import Path
    from re import findall

    import app.verification.pdf as examiner

    sources = Path(examiner.__file__).parent.glob("pdf*.py")
    used = {code for source in sources for code in findall(r'"(pdf-[a-z-]+)"', source.read_text("utf-8"))}
    assert used == set(REASONS)
