"""Tokens and modules for the tests of the token bridge; each test has a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkcs11_bridge.client import TokenBridge, TokenSession
from tests.token import softhsm
from tests.token.build import Misbehaviour, compile_module
from tests.token.softhsm import SoftToken


@pytest.fixture(scope="session")
def _filled_token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("softhsm") / "master"
    softhsm.fill(softhsm.initialise(softhsm.configure(folder), "Nguyễn Văn Lãnh Đạo"))
    return folder / "tokens"


@pytest.fixture(scope="session")
def misbehaving_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_module(tmp_path_factory.mktemp("module"))


@pytest.fixture
def soft_token(_filled_token: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    """A SoftHSM2 token with an RSA and an EC key, the only one that ``SOFTHSM2_CONF`` leads to."""
    configuration = softhsm.configure(tmp_path / "softhsm")
    shutil.copytree(_filled_token, tmp_path / "softhsm" / "tokens", dirs_exist_ok=True)
    monkeypatch.setenv("SOFTHSM2_CONF", str(configuration))
    return SoftToken(configuration, "Nguyễn Văn Lãnh Đạo")


@pytest.fixture
def misbehaviour(soft_token: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Misbehaviour:
    """Orders for the misbehaving module, which passes calls on to SoftHSM2 with ``soft_token``."""
    orders = Misbehaviour(tmp_path / "control", softhsm.MODULE)
    for name, value in orders.environment.items():
        monkeypatch.setenv(name, value)
    return orders


@pytest.fixture
def bridge(soft_token: SoftToken) -> Iterator[TokenBridge]:
    """A bridge to SoftHSM2 itself."""
    with TokenBridge([softhsm.MODULE], poll_interval=0.2) as bridge:
        yield bridge


@pytest.fixture
def session(bridge: TokenBridge) -> Iterator[TokenSession]:
    """An open session, not logged in, on SoftHSM2's token."""
    [token] = bridge.tokens()
    with bridge.open(token) as session:
        yield session


@pytest.fixture
def bad_bridge(misbehaviour: Misbehaviour, misbehaving_module: Path) -> Iterator[TokenBridge]:
    """A bridge to the misbehaving module."""
    with TokenBridge([misbehaving_module], poll_interval=0.2) as bridge:
        yield bridge


@pytest.fixture
def bad_session(bad_bridge: TokenBridge) -> Iterator[TokenSession]:
    """An open session, not logged in, on the misbehaving module's token."""
    [token] = bad_bridge.tokens()
    with bad_bridge.open(token) as session:
        yield session
