"""A second user on the same computer reads nothing of what the program keeps."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app import data_folder
from app.journal.ledger import Ledger
from app.storage.store import open_store

FIRST: dict[str, Callable[[Path], object]] = {
    "the window": data_folder.make_ready,
    "the ledger": lambda folder: Ledger(folder).append("verify", path="a.pdf"),
    "the database": lambda folder: open_store(folder / "antin.sqlite").close(),
}


@pytest.mark.parametrize("who", FIRST)
def test_a_data_folder_is_made_for_its_user_alone(tmp_path: Path, who: str) -> None:
    folder, before = tmp_path / "du-lieu" / "van-thu", os.umask(0o022)
    try:
        FIRST[who](folder)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_rights_of_a_folder_that_is_there_are_its_owners(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    data_folder.make_ready(tmp_path)
    Ledger(tmp_path).append("verify", path="a.pdf")
    assert tmp_path.stat().st_mode & 0o777 == 0o770
