"""Forged and genuine files to begin with."""

from __future__ import annotations

import pytest

from tests.attacks.model import Workshop
from tests.demo.office import DemoOffice


@pytest.fixture(scope="session")
def workshop(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(office, tmp_path_factory.mktemp("workshop"))
