"""The store on SQLite and on PostgreSQL: made, brought up to date, written by many, refused."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.errors import DiskFull, TargetNotWritable
from app.storage.errors import StoreBusy, StoreConflict, StoreDamaged, StoreTooNew, StoreUnreachable
from app.storage.migrating import migrate
from app.storage.schema import VERSION, metadata
from app.storage.store import Store, open_store

STORES = Path(__file__).with_name("stores")
OPENING = "import sys; from app.storage.store import open_store; open_store(sys.argv[1])"


@pytest.fixture
def marks(store: Store) -> Store:
    """A store with a table of the test's own."""
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE marks (word TEXT NOT NULL UNIQUE)")
    return store


def words(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.exec_driver_sql("SELECT word FROM marks").scalars())


def add(connection: sa.Connection, word: str) -> None:
    connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": word})


# Made and brought up to date


def test_migrations_lead_to_the_tables(store: Store) -> None:
    with store.read() as connection:
        assert differences(connection) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == VERSION


def differences(connection: sa.Connection) -> list[object]:
    """Between the tables that are and those of the schema; what only one of the two databases has (full-text indexes)
    is made by the migrations and stands in no schema."""
    known = {table.name for table in metadata.tables.values()}

    def of_the_schema(object: object, name: str | None, type: str, reflected: bool, compare_to: object) -> bool:
        return not (type == "table" and reflected and name not in known)

    context = MigrationContext.configure(connection, opts={"include_object": of_the_schema})
    return list(compare_metadata(context, metadata))


def test_a_file_is_opened_safely(tmp_path: Path) -> None:
    store = open_store(tmp_path / "new" / "antin.sqlite")
    with store.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}
    store.close()


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_a_store_of_this_version_opens_without_alembic(empty_url: str, there: bool) -> None:
    if there:
        open_store(empty_url).close()
    run = subprocess.run(
        [sys.executable, "-c", f"{OPENING}; print('alembic' in sys.modules)", empty_url],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "False"


def test_reading_documents_and_the_ledger_load_no_database() -> None:
    code = (
        "import sys, app.journal.ledger, app.archive.archive, app.documents.reading, app.documents.formats;"
        "print([name for name in ('sqlalchemy', 'alembic', 'psycopg', 'lxml', 'pypdfium2') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
        return
    server = request.getfixturevalue("database_server")
    url: str = server.create()
    yield url
    server.drop(url)


def test_many_make_the_store_at_once(empty_url: str) -> None:
    runs = [subprocess.Popen([sys.executable, "-c", OPENING, empty_url], stderr=subprocess.PIPE) for _ in range(4)]
    assert [run.communicate()[1] for run in runs] == [b""] * 4
    with contextlib.closing(open_store(empty_url)) as store, store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(VERSION,)]


def test_a_new_database_has_what_the_migrations_lead_to(
    request: pytest.FixtureRequest, empty_url: str, tmp_path: Path
) -> None:
    with contextlib.closing(open_store(empty_url)) as made, made.read() as connection:
        created = described(connection)
    if empty_url.startswith("sqlite"):
        server, other = None, f"sqlite:///{tmp_path}/migrated.sqlite"
    else:
        server = request.getfixturevalue("database_server")
        other = server.create()
    engine = sa.create_engine(other)
    with engine.begin() as connection:
        migrate(connection, None, other)
    with engine.connect() as connection:
        migrated = described(connection)
    engine.dispose()
    if server is not None:
        server.drop(other)
    assert created == migrated
    assert {"documents", "ledger_head", "search_heads", "alembic_version"} <= created.keys()


def described(connection: sa.Connection) -> dict[str, object]:
    """All that a database says of its tables, and the rows with which it begins."""
    found = sa.inspect(connection)
    tables: dict[str, object] = {}
    for name in found.get_table_names():
        indexes = [
            (one["name"], one["column_names"], one["unique"], sorted((k, str(v)) for k, v in options.items()))
            for one in found.get_indexes(name)
            if isinstance(options := one.get("dialect_options", {}), dict)
        ]
        is_index = name.startswith("search_") and not name.endswith("_config")
        rows = [] if is_index else connection.execute(sa.text(f"SELECT * FROM {name}")).all()
        tables[name] = (
            [(one["name"], str(one["type"]), one["nullable"], one["default"]) for one in found.get_columns(name)],
            found.get_pk_constraint(name),
            sorted(map(repr, found.get_foreign_keys(name))),
            sorted(map(repr, found.get_unique_constraints(name))),
            sorted(indexes),
            sorted(map(repr, rows)),
        )
    if connection.dialect.name == "sqlite":
        virtual = "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'"
        tables |= {row.name: row.sql for row in connection.exec_driver_sql(virtual)}
    return tables


@pytest.mark.parametrize("version", sorted({path.name.partition(".")[0] for path in STORES.glob("*.sql")}))
def test_a_database_of_an_earlier_version_is_brought_up_to_date(empty_url: str, version: str) -> None:
    """Of every version that was given out, as it was dumped then with an office's first documents."""
    restore(version, empty_url)
    with contextlib.closing(open_store(empty_url)) as store, store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(VERSION,)]
        assert differences(connection) == []
        kept = {
            str(value)
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
            for value in row
        }
    for value in ("1" * 64, "5" * 64, "2025/Công văn/05_UBND-VX_mời-dự-hội-nghị.docx", "SỞ TƯ PHÁP"):
        assert value in kept


def test_many_bring_an_earlier_version_up_to_date_at_once(empty_url: str) -> None:
    restore("0001", empty_url)
    runs = [subprocess.Popen([sys.executable, "-c", OPENING, empty_url], stderr=subprocess.PIPE) for _ in range(3)]
    assert [run.communicate()[1] for run in runs] == [b""] * 3
    with contextlib.closing(open_store(empty_url)) as store, store.read() as connection:
        assert differences(connection) == []


def restore(version: str, url: str) -> None:
    """Play a dump into an empty database."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript((STORES / f"{version}.sqlite.sql").read_text(encoding="utf-8"))
        return
    with psycopg.connect(url) as server:
        server.execute((STORES / f"{version}.postgresql.sql").read_text(encoding="utf-8"))  # type: ignore[call-overload]


def test_a_store_of_a_newer_program(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew):
        open_store(store_url)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_a_newer_program_changed_the_tables_while_this_one_was_open(marks: Store, store_url: str) -> None:
    other = open_store(store_url)
    with other.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew), marks.write() as connection:
        add(connection, "late")
    assert words(marks) == set()
    other.close()


# Written by many


def test_a_write_is_undone_by_an_error(marks: Store) -> None:
    with pytest.raises(ZeroDivisionError), marks.write() as connection:
        add(connection, "a")
        raise ZeroDivisionError
    assert words(marks) == set()


def test_one_writes_at_a_time_and_sees_what_the_one_before_wrote(marks: Store, store_url: str) -> None:
    """Find the greatest, write one more: without a lock two find the same."""
    code = """
import sys
import sqlalchemy as sa
from app.storage.store import open_store
store = open_store(sys.argv[1])
for _ in range(25):
    with store.write() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM marks").scalar()
        connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": str(count)})
"""
    runs = [subprocess.Popen([sys.executable, "-c", code, store_url], stderr=subprocess.PIPE) for _ in range(4)]
    assert [run.communicate()[1] for run in runs] == [b""] * 4
    assert words(marks) == set(map(str, range(100)))


def test_a_reader_sees_one_moment(marks: Store) -> None:
    with marks.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM marks").scalar()

        def write() -> None:
            with marks.write() as writing:
                add(writing, "a")

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert connection.exec_driver_sql("SELECT count(*) FROM marks").scalar() == before == 0
    assert words(marks) == {"a"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores opened from here on wait a tenth of a second for a lock."""
    monkeypatch.setattr("app.storage.sqlite._BUSY_MS", 100)
    monkeypatch.setattr("app.storage.postgresql._LOCK_MS", 100)


def test_another_writer_is_waited_for_then_named(impatient: None, marks: Store) -> None:
    done, holding = threading.Event(), threading.Event()

    def hold() -> None:
        with marks.write():
            holding.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    with pytest.raises(StoreBusy), marks.write():
        pass
    done.set()
    thread.join()
    with marks.write() as connection:
        add(connection, "a")
    assert words(marks) == {"a"}


def test_work_that_met_with_another_is_done_again(marks: Store) -> None:
    turns = iter([StoreConflict(path=""), StoreConflict(path=""), None])

    def work(connection: sa.Connection) -> str:
        add(connection, "a")
        error = next(turns)
        if error is not None:
            raise error
        return "done"

    assert marks.transact(work) == "done"
    assert words(marks) == {"a"} and next(turns, "none left") == "none left"


def test_work_that_always_meets_with_another_is_given_up(marks: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.store.random.uniform", lambda low, high: 0)

    def work(connection: sa.Connection) -> None:
        raise StoreConflict(path="")

    with pytest.raises(StoreConflict):
        marks.transact(work)


def test_a_mistake_of_the_program_is_not_blamed_on_the_database(marks: Store) -> None:
    with marks.write() as connection:
        add(connection, "a")
    with pytest.raises(sa.exc.IntegrityError) as caught, marks.write() as connection:
        add(connection, "a")
    assert "parameters hidden" in str(caught.value)


# Refused


def test_a_full_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "antin.sqlite")
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (content BLOB)")
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than there are
    with pytest.raises(DiskFull), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(1000000))")
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM filler").scalar() == 0
    store.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "antin.sqlite").write_bytes(b"%PDF-1.7 " * 1000)
    with pytest.raises(StoreDamaged):
        open_store(tmp_path / "antin.sqlite")


def test_a_file_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "antin.sqlite"
    store = open_store(path)
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (content BLOB)")
        connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(200000))")
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[: 4096 * 2] + b"\xff" * (len(content) - 4096 * 2))
    with pytest.raises(StoreDamaged):
        damaged = open_store(path)
        with damaged.read() as connection:
            connection.exec_driver_sql("SELECT sum(length(content)) FROM filler").scalar()


def test_a_place_where_no_store_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "antin.sqlite", tmp_path):
        with pytest.raises(TargetNotWritable):
            open_store(path)


@pytest.mark.parametrize("url", ["postgres-typo://antin:bí-mật@127.0.0.1/antin", "oracle+cx_oracle://antin:bí-mật@h/x"])
def test_a_server_that_this_program_cannot_speak_to(url: str) -> None:
    with pytest.raises(StoreUnreachable) as caught:
        open_store(url)
    assert "bí-mật" not in str(caught.value)
