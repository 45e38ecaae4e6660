"""What all tests share: the demo office, and a program that keeps its hands off the user's own things."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
os.environ.pop("ANTIN_DATA_DIR", None)

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app import i18n

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

    from app.settings import Settings
    from app.storage.store import Store
    from tests.demo.database import DatabaseServer
    from tests.demo.office import DemoOffice
    from tests.demo.pki import Pki
    from tests.demo.services import Services


# The same examples at every run, however slow the machine: what is new is searched for by ``make fuzz``.
hypothesis_settings.register_profile(
    "antin", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("antin")

#: Settings of whoever starts the tests, for a terminal and for PostgreSQL's client. Proxies go as well: the services of
#: the demo office are on this machine.
_OF_THE_STARTER = ("FORCE_COLOR", "NO_COLOR", "LINES", "TTY_", "PG")
#: Folders whose tests share what is dear to make: one worker runs all of each.
_TOGETHER = ("tests/fuzz/", "tests/interop/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Tests go to workers one by one, but for :data:`_TOGETHER`. (Groups by mark are lost between pytest 9.2 and xdist
    3.8.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((folder for folder in _TOGETHER if nodeid.startswith(folder)), nodeid)

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's data, configuration and cache folders are empty ones of this session; tables are as wide as a
    terminal usually is; characters are UTF-8, without which Qt complains on standard error."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        patch.setenv("COLUMNS", "80")
        patch.setenv("LC_ALL", "C.UTF-8")
        for name in list(os.environ):
            if name.startswith(_OF_THE_STARTER) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _vietnamese() -> Iterator[None]:
    """Every test begins in the default language, whatever the one before it chose."""
    i18n.set_language("vi")
    yield
    i18n.set_language("vi")


@pytest.fixture(scope="session")
def _served_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoOffice, Services]]:
    from tests.demo.office import build
    from tests.demo.services import Services, listen

    listener = listen()
    office = build(tmp_path_factory.mktemp("office") / "demo", port=listener.getsockname()[1])
    with Services(office.pki, listener) as services, pytest.MonkeyPatch.context() as patch:
        for name, value in office.environment.items():
            patch.setenv(name, value)
        yield office, services


@pytest.fixture(scope="session")
def office(_served_office: tuple[DemoOffice, Services]) -> DemoOffice:
    """The demo office of this session, its services running and ``SOFTHSM2_CONF`` set."""
    return _served_office[0]


@pytest.fixture
def services(_served_office: tuple[DemoOffice, Services]) -> Services:
    """The running services, with no requests remembered from earlier tests."""
    running = _served_office[1]
    running.requests.clear()
    return running


@pytest.fixture(scope="session")
def pki(office: DemoOffice) -> Pki:
    return office.pki


@pytest.fixture(scope="session")
def samples(office: DemoOffice) -> dict[str, Path]:
    """The sample documents by name. Shared: copy one before changing it."""
    return office.samples


@pytest.fixture
def data_dir(office: DemoOffice, tmp_path: Path) -> Path:
    """A fresh data folder with the office's settings in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(office.settings_file, folder / "settings.toml")
    return folder


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    """The office's settings over a fresh data folder: online, demo root, SoftHSM2."""
    from app.settings import load

    return load(data_dir)


@pytest.fixture
def offline_settings(settings: Settings) -> Settings:
    """The same with the network switched off."""
    import msgspec

    return msgspec.structs.replace(settings, network=msgspec.structs.replace(settings.network, online=False))


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    """A PostgreSQL server of this session (one a worker). Started where a test wants it."""
    from tests.demo.database import DatabaseServer

    with DatabaseServer() as server:
        yield server


@pytest.fixture(scope="session")
def _database_template(database_server: DatabaseServer) -> str:
    """A database with the tables of this version and no rows."""
    from app.storage.store import open_store

    url = database_server.create()
    open_store(url).close()
    return url


@pytest.fixture
def postgresql_url(database_server: DatabaseServer, _database_template: str) -> Iterator[str]:
    """URL, with the password, of a fresh database on PostgreSQL that has its tables."""
    url = database_server.create(_database_template)
    yield url
    database_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What ``open_store`` takes, of a fresh database: a SQLite file, then one on PostgreSQL. Both are strings, so that
    other processes can be given them."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    return f"sqlite:///{tmp_path / 'antin.sqlite'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store, first on SQLite, then on PostgreSQL."""
    from app.storage.store import open_store

    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def records_settings(request: pytest.FixtureRequest, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """:func:`settings` with the records on SQLite, then on PostgreSQL, for :class:`~app.office.Office` and, since they
    are in the data folder's ``settings.toml``, for commands. The password is where libpq looks for it."""
    from app.settings import load

    if request.param == "postgresql":
        from tests.demo.database import PASSWORD

        url = request.getfixturevalue("postgresql_url")
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        without = "postgresql://antin@" + url.rpartition("@")[2]
        with (data_dir / "settings.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[database]\nurl = "{without}"\n')
    return load(data_dir)
