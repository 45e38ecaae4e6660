"""The store: made, brought up to date, refused."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.errors import TargetNotWritable
from app.storage.errors import StoreBusy, StoreDamaged, StoreTooNew, StoreUnreachable
from app.storage.schema import VERSION, metadata
from app.storage.schema.archive import filed_copies
from app.storage.store import open_store


def test_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    store = open_store(tmp_path / "new" / "antin.sqlite")
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == VERSION
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1}
    store.close()


def test_the_tables_are_right_for_postgresql() -> None:
    from sqlalchemy.dialects import postgresql

    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(sa.schema.CreateTable(table).compile(dialect=postgresql.dialect()))


def test_an_up_to_date_store_opens_without_alembic(tmp_path: Path) -> None:
    open_store(tmp_path / "antin.sqlite").close()
    code = (
        "import sys; from app.storage.store import open_store; open_store(sys.argv[1]); print('alembic' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "antin.sqlite")], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


def test_reading_documents_and_the_ledger_load_no_database() -> None:
    code = (
        "import sys, app.journal.ledger, app.archive.archive, app.documents.reading, app.documents.formats;"
        "print([name for name in ('sqlalchemy', 'alembic', 'lxml', 'pypdfium2') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_many_make_the_store_at_once(tmp_path: Path) -> None:
    code = "import sys; from app.storage.store import open_store; open_store(sys.argv[1])"
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "antin.sqlite")], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [run.communicate()[1] for run in runs] == [b""] * 4


def test_a_write_is_undone_by_an_error(tmp_path: Path) -> None:
    store = open_store(tmp_path / "antin.sqlite")
    row = {
        "path": "a",
        "year": 2026,
        "type": "Khác",
        "signers": [],
        "format": "pdf",
        "size": 1,
        "sha256": "0" * 64,
        "incoming": False,
        "words": "",
        "signer_words": "",
    }
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute(filed_copies.insert().values(filed_at=datetime.now(UTC), **row))
        raise ZeroDivisionError
    with store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(filed_copies)).scalar() == 0
    store.close()


def test_a_store_of_a_newer_program(tmp_path: Path) -> None:
    path = tmp_path / "antin.sqlite"
    store = open_store(path)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew):
        open_store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "antin.sqlite").write_bytes(b"%PDF-1.7 " * 1000)
    with pytest.raises(StoreDamaged):
        open_store(tmp_path / "antin.sqlite")


def test_a_place_where_no_store_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "antin.sqlite", tmp_path):
        with pytest.raises(TargetNotWritable):
            open_store(path)


def test_another_writer_is_waited_for_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.sqlite._BUSY_MS", 100)
    store = open_store(tmp_path / "antin.sqlite")
    done = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        with store.write():
            holding.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    with pytest.raises(StoreBusy), store.write():
        pass
    done.set()
    thread.join()
    with store.write():
        pass
    store.close()


@pytest.mark.parametrize("url", ["postgres-typo://antin:bí-mật@127.0.0.1/antin", "oracle+cx_oracle://antin:bí-mật@h/x"])
def test_a_server_that_this_program_cannot_speak_to(url: str) -> None:
    with pytest.raises(StoreUnreachable) as caught:
        open_store(url)
    assert "bí-mật" not in str(caught.value)


def test_a_url_of_sqlite(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/antin.sqlite")
    with store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(filed_copies)).scalar() == 0
    store.close()
