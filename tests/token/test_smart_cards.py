"""The system's service for card readers, asked through a library built after pcsc-lite's own header."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.system.smart_cards import Reader, Readers, Service, readers


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("pcsc") / "libpcsclite.so.1"
    source = Path(__file__).with_name("pcsc.c")
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fPIC", "-shared"]
    subprocess.run([os.environ.get("CC", "cc"), *flags, "-o", str(target), str(source)], check=True)
    return str(target)


def test_readers_and_the_cards_in_them(library: str) -> None:
    assert readers(library) == Readers(
        Service.RUNNING, (Reader("Bit4id TokenME EVO v2 00 00", True), Reader("Đầu đọc thẻ 01 00", False))
    )


def test_no_reader(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSC_NO_READERS", "1")
    assert readers(library) == Readers(Service.RUNNING)


def test_a_service_that_does_not_run(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSC_NO_SERVICE", "1")
    assert readers(library) == Readers(Service.STOPPED)


def test_a_system_without_the_library() -> None:
    assert readers("libno-such-library.so.9") == Readers(Service.MISSING)
