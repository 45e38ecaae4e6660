"""Nothing genuine is refused, every problem has its sentence. Forgeries: :mod:`tests.attacks.test_table`."""

from __future__ import annotations

from pathlib import Path
from re import findall

import pytest

import app.verification.pdf as examiner
import app.verification.pdf_changes as changes
from app.verification.changes.sentences import told
from app.verification.model import Change, DocumentFacts
from app.verification.reasons_pdf import REASONS
from tests.attacks.pdf import GENUINE
from tests.attacks.pdf_files import accepted, examined


def codes(facts: DocumentFacts) -> set[str]:
    return {problem.code for item in (facts, *facts.signatures) for problem in item.problems}


@pytest.mark.timeout(40)
@pytest.mark.parametrize("name", GENUINE)
def test_genuine_file_is_accepted(name):
    facts = examined(GENUINE[name]())
    assert accepted(facts), (codes(facts), [signature.changes for signature in facts.signatures])


def test_every_problem_of_pdf_has_its_sentence():
    sources = Path(examiner.__file__).parent.glob("pdf*.py")
    used = {code for source in sources for code in findall(r'"(pdf-[a-z-]+)"', source.read_text("utf-8"))}
    assert used == set(REASONS)


def test_every_kind_of_change_has_its_words():
    source = Path(changes.__file__).read_text("utf-8") + Path(examiner.__file__).read_text("utf-8")
    kinds = set(findall(r'(?:_refuse|_allow|_comment|Change)\(\s*"([a-z-]+)"', source))
    assert len(kinds) >= 12
    for kind in kinds:
        assert told(Change(kind, "/Unheard")) not in ("", "/Unheard"), kind
