from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.package.chroot import Chroot, debootstrap

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / "build/chroots"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "suite" in metafunc.fixturenames:
        suites = os.environ.get("SUITES", "bookworm").split()
        metafunc.parametrize("suite", suites, scope="module", indirect=True)


@pytest.fixture(scope="module")
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _package(folder: Path) -> Path:
    packages = sorted(folder.glob("antin_*_amd64.deb"))
    assert len(packages) == 1, f"one package in {folder}, by `make deb`"
    return packages[0]


@pytest.fixture(scope="session")
def package() -> Path:
    """The package of this version."""
    return _package(ROOT / "dist")


@pytest.fixture(scope="session")
def older_package() -> Path:
    """A package of an earlier version, whose database has the tables of its time (tests/package/older.py)."""
    return _package(ROOT / "build/older/dist")


@pytest.fixture(scope="module")
def system(suite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroot]:
    """A bare system of a suite, gone after the module."""
    folder = tmp_path_factory.mktemp("systems") / suite
    made = debootstrap(suite, folder, CACHE)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
