"""A profile on a network drive: the database does without what needs memory shared on one computer."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app import system
from app.storage.store import open_store
from app.system.linux import Linux


@pytest.mark.parametrize(("kind", "mode"), [("nfs4", "truncate"), ("cifs", "truncate"), ("ext4", "wal")])
def test_the_journal_of_the_database_fits_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, mode: str
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:4 / {tmp_path} rw - {kind} server:/home rw\n")
    monkeypatch.setattr(system, "here", lambda: Linux(mounts=mounts))
    file = tmp_path / "antin.sqlite"
    for _again in range(2):
        open_store(file).close()
        with sa.create_engine(f"sqlite:///{file}").connect() as connection:
            found = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        assert (found == "wal") is (mode == "wal")
    assert (mode == "wal") or not list(tmp_path.glob("antin.sqlite-*m"))
