"""What the tests of forgeries share."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.verification.engine import Verifier
from tests.attacks.model import Workshop
from tests.demo.office import DemoOffice

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lines are counted while the unit tests run the same code; counting here would take half as much time again."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session")
def workshop(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(office, tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="session")
def verifier(workshop: Workshop) -> Verifier:
    """The program's own, every root trusted and revocation known: only the document can be at fault."""
    return workshop.verifier
