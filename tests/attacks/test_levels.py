"""The levels of XAdES and CAdES are reached, rest on what the file itself brings, and fall with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.office import Office
from app.settings import Settings
from app.verification.model import Conclusion, FileReport
from tests.attacks.genuine import GENUINE
from tests.attacks.model import Genuine, Workshop

_TOLD = {"B": "B", "T": "T", "C": "T", "X": "T", "X-L": "LT", "LT": "LT", "A": "LTA", "LTA": "LTA"}
_LEVELLED = [
    (sample, level)
    for sample in GENUINE
    for level in [next((part for part in reversed(sample.name.split("_")) if part in _TOLD), "")]
    if level
]


def _verified(settings: Settings, file: Path, *, online: bool) -> FileReport:
    with Office(settings, online=online) as office:
        return office.verifier.verify(file)


@pytest.mark.parametrize(("sample", "level"), _LEVELLED, ids=lambda one: getattr(one, "name", one))
def test_level(workshop: Workshop, settings: Settings, tmp_path: Path, sample: Genuine, level: str) -> None:
    file = sample.make(workshop, tmp_path)
    (signature,) = workshop.verifier.verify(file).signatures
    assert signature.level == _TOLD[level]
    assert (signature.timestamp_time is not None) is (level != "B")
    offline = _verified(settings, file, online=False)
    evidence = _TOLD[level] in ("LT", "LTA")
    assert offline.conclusion is (Conclusion.VALID if evidence else Conclusion.INDETERMINATE)
    assert offline.signatures[0].revocation.source == ("embedded" if evidence else "none")
