"""The real window, offscreen, on the real demo office with its SoftHSM2 tokens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.office import Office
from app.settings import Settings
from app.signing.model import Act, PinAnswer, SignOptions
from tests.demo.office import DemoOffice
from tests.ui.person import Person
from ui.app import application, open_window
from ui.preferences import Preferences
from ui.window import MainWindow


@pytest.fixture(scope="session")
def qapp() -> object:
    """The application as the program dresses it."""
    return application()


@pytest.fixture
def signing_office(settings: Settings) -> Iterator[Office]:
    with Office(settings) as office:
        yield office


@pytest.fixture
def window(qtbot: QtBot, signing_office: Office) -> Iterator[MainWindow]:
    Preferences(signing_office.settings.data_dir).theme = "light"
    made = open_window(signing_office)
    made.resize(1280, 800)
    qtbot.waitExposed(made)
    yield made
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "_may_stop", lambda sentence: True)
        made.close()
    made.deleteLater()


@pytest.fixture
def person(qtbot: QtBot, window: MainWindow, office: DemoOffice) -> Person:
    """Somebody at the window, with the PINs of the demo office."""
    return Person(qtbot, window, office)


@pytest.fixture
def documents(samples: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """Copies of the samples that a test may do anything with."""
    folder = tmp_path / "documents"
    folder.mkdir()
    return {name: Path(shutil.copy(path, folder)) for name, path in samples.items()}


@pytest.fixture
def signed_documents(
    signing_office: Office, office: DemoOffice, documents: dict[str, Path], tmp_path: Path
) -> list[Path]:
    """A PDF and a Word file signed by the leader's token, in a folder of the test."""
    keys = signing_office.keys()
    [key] = [key for key in keys if key.token.serial == office.tokens["leader"].serial]
    results = signing_office.desk.sign(
        [documents["quyet_dinh_pdf"], documents["quyet_dinh_docx"]],
        SignOptions(act=Act.APPROVE, out=tmp_path / "signed"),
        key,
        pin_source=lambda request: PinAnswer(bytearray(office.tokens["leader"].pin.encode())),
    )
    assert [result.error for result in results] == [None, None]
    return [Path(result.output or "") for result in results]
