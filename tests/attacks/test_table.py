"""No forgery of any format passes, each is refused for the right reason; nothing genuine is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.verification.policy import Policy
from tests.attacks.document import written
from tests.attacks.model import Sample, Workshop, run
from tests.attacks.table import samples

SAMPLES = samples()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.format}-{sample.name}")
def test_verdict(workshop: Workshop, tmp_path: Path, sample: Sample) -> None:
    outcome = run(sample, workshop, tmp_path)
    assert not outcome.fault, (outcome.report.conclusion, outcome.codes)
    reasons = [*outcome.report.reasons, *(reason for one in outcome.report.signatures for reason in one.reasons)]
    unknown = Policy.load().sentence("no-such-code", {}).message.partition("no-such-code")[0]
    for reason in reasons:
        assert "{" not in reason.message + reason.hint
        assert not reason.message.startswith(unknown)
    assert outcome.seconds < 5


def test_names_are_unique() -> None:
    names = [(sample.format, sample.name) for sample in SAMPLES]
    assert len(set(names)) == len(names)


def test_the_table_in_the_documentation_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "attacks.md"
    assert page.read_text(encoding="utf-8") == written(SAMPLES)
