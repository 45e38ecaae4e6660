"""Every PDF of hostile structure is answered in time, within bounded memory and without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.limits import MEGABYTES, SECONDS, Measuring
from tests.attacks.pdf_files import signed
from tests.attacks.pdf_hostile import HOSTILE

#: A machine under load takes this much longer for the same work, in seconds of the processor too.
_SLOWER = 4
#: What is too large to be compared lacks evidence; it is not known to be altered.
TOO_LARGE = {"many-objects", "many-changed-objects"}


@pytest.fixture(scope="module")
def measuring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measuring]:
    genuine = tmp_path_factory.mktemp("genuine") / "signed.pdf"
    genuine.write_bytes(signed())
    with Measuring(genuine) as child:
        yield child


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_structure_is_answered(measuring: Measuring, tmp_path: Path, name: str) -> None:
    file = tmp_path / "hostile.pdf"
    file.write_bytes(HOSTILE[name]())
    cost = measuring.verify(file)
    assert cost.conclusion not in ("valid", "warning")
    assert cost.seconds < _SLOWER * SECONDS
    assert cost.megabytes < MEGABYTES
    assert cost.changes <= 1000
    assert name not in TOO_LARGE or "changed-after-signing" not in cost.codes
