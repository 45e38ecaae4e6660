"""The real command over a fresh data folder of the demo office."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import Antin


@pytest.fixture
def antin(data_dir: Path) -> Antin:
    return Antin(data_dir)
