"""What the tests of forgeries share."""

from __future__ import annotations

import pytest

from app.verification.engine import Verifier
from tests.attacks.model import Workshop
from tests.demo.office import DemoOffice


@pytest.fixture(scope="session")
def workshop(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(office, tmp_path_factory.mktemp("workshop"))


@pytest.fixture(scope="session")
def verifier(workshop: Workshop) -> Verifier:
    """The program's own, every root trusted and revocation known: only the document can be at fault."""
    return workshop.verifier
