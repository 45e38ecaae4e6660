"""What a database server does to those who work with it: refuses, cuts off, dies, comes back."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring.backend
import pytest
import sqlalchemy as sa

from app.errors import DiskFull
from app.office import Office
from app.settings import Settings, SettingsInvalid, load
from app.storage import address
from app.storage.errors import (
    StoreBusy,
    StoreConflict,
    StorePasswordMissing,
    StoreReadOnly,
    StoreUnreachable,
)
from app.storage.schema.base import Moment
from app.storage.store import Store, open_store
from app.times import VIETNAM
from tests.demo.database import PASSWORD, DatabaseServer


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Store]:
    opened = open_store(postgresql_url)
    with opened.write() as connection:
        connection.exec_driver_sql("CREATE TABLE marks (word TEXT NOT NULL)")
    yield opened
    opened.close()


def add(store: Store, word: str) -> None:
    with store.write() as connection:
        connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": word})


def words(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.exec_driver_sql("SELECT word FROM marks").scalars())


def test_times_come_back_in_utc_whatever_zone_the_server_answers_in(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Ho_Chi_Minh")
    moment = sa.Table("moments", sa.MetaData(), sa.Column("at", Moment))
    written = dt.datetime(2027, 1, 1, 0, 30, tzinfo=VIETNAM)
    store = open_store(postgresql_url)
    try:
        with store.write() as connection:
            moment.create(connection)
            connection.execute(moment.insert().values(at=written))
            assert connection.exec_driver_sql("SHOW TimeZone").scalar() == "Asia/Ho_Chi_Minh"
            (read,) = connection.execute(sa.select(moment.c.at)).scalars()
    finally:
        store.close()
    assert (read, read.tzinfo) == (written, dt.UTC)


class OwnKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets with the test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(username)


@pytest.fixture
def own_keyring() -> Iterator[OwnKeyring]:
    before = keyring.get_keyring()
    own = OwnKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def without_password(url: str) -> str:
    return "postgresql://antin@" + url.rpartition("@")[2]


# The address and its password


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://antin:secret@server/antin",
        "postgresql://antin@server/antin?password=secret",
        "postgresql://antin@server/antin?sslmode=verify-full&sslpassword=secret",
        "postgresql://antin@server/antin?sslp%61ssword=secret",
        "sqlite:///somewhere.sqlite",
        "mysql://antin@server/antin",
        "postgresql://antin@server",
        "postgresql://[::1/antin",
        "server",
    ],
)
def test_an_address_that_settings_may_not_have(tmp_path: Path, url: str) -> None:
    (tmp_path / "settings.toml").write_text(f'[database]\nurl = "{url}"\n')
    with pytest.raises(SettingsInvalid) as refused:
        load(tmp_path)
    assert "database.url" in refused.value.message and "secret" not in refused.value.message


def test_the_password_comes_from_the_keyring(postgresql_url: str, own_keyring: OwnKeyring) -> None:
    url = without_password(postgresql_url)
    address.store_password(url, PASSWORD)
    assert list(own_keyring.kept.values()) == [PASSWORD]
    open_store(url).close()
    address.store_password(url, "")
    address.store_password(url, "")
    assert own_keyring.kept == {}
    with pytest.raises(StorePasswordMissing) as missing:
        open_store(url)
    assert "127.0.0.1" in missing.value.message


def test_a_wrong_password(postgresql_url: str, own_keyring: OwnKeyring) -> None:
    url = without_password(postgresql_url)
    address.store_password(url, "sai rồi")
    with pytest.raises(StoreUnreachable) as refused:
        open_store(url)
    assert "antin" in refused.value.message and "sai rồi" not in refused.value.message


def test_a_computer_without_a_keyring_says_so() -> None:
    with pytest.raises(address.KeyringUnusable):
        address.store_password("postgresql://antin@server/antin", PASSWORD)


def test_the_password_is_given_by_a_command(
    postgresql_url: str, own_keyring: OwnKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner, Result

    from app.cli.main import antin

    url = without_password(postgresql_url)
    (tmp_path / "settings.toml").write_text(f'[database]\nurl = "{url}"\n')
    words = ["--data-dir", str(tmp_path), "database"]

    def run(*more: str, given: str = "") -> Result:
        return CliRunner().invoke(antin, [*words, *more], input=given, standalone_mode=False)

    assert isinstance(run("check").exception, StorePasswordMissing)
    assert run("password", "--password-file", "-", given=f"{PASSWORD}\n").return_value == 0
    assert own_keyring.kept == {("antin", url): PASSWORD}
    assert run("check", "--json").return_value == 0
    assert run("password", given=f"{PASSWORD}\n").return_value == 0
    assert run("password", "--forget").return_value == 0
    assert own_keyring.kept == {}
    (tmp_path / "settings.toml").write_text("")
    assert getattr(run("password").exception, "code", "") == "no-shared-database"


def test_the_office_works_on_the_database_of_its_settings(records_settings: Settings) -> None:
    with Office(records_settings) as office:
        store = office.store()
        assert store is office.store()
        assert store.is_server == bool(records_settings.database.url)
        assert (records_settings.data_dir / "antin.sqlite").exists() == (not store.is_server)


# The server refuses


def test_no_server_there(database_server: DatabaseServer) -> None:
    from tests.demo.services import listen

    with listen() as taken:
        port = taken.getsockname()[1]
    with pytest.raises(StoreUnreachable) as refused:
        open_store(f"postgresql://antin:x@127.0.0.1:{port}/antin")
    assert str(port) in refused.value.message


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.demo.services import listen

    monkeypatch.setattr("app.storage.postgresql._CONNECT_S", 2)
    with listen() as silent, pytest.raises(StoreUnreachable):
        open_store(f"postgresql://antin:x@127.0.0.1:{silent.getsockname()[1]}/antin")


def test_no_such_database(database_server: DatabaseServer) -> None:
    with pytest.raises(StoreUnreachable) as refused:
        open_store(database_server.url.rpartition("/")[0] + "/none")
    assert "none" in refused.value.message


def test_a_standby_that_only_reads(store: Store, database_server: DatabaseServer, postgresql_url: str) -> None:
    name = postgresql_url.rpartition("/")[2]
    database_server.execute(database_server.url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    other = open_store(postgresql_url)
    assert words(other) == []
    with pytest.raises(StoreReadOnly):
        add(other, "a")
    other.close()


def test_a_user_who_may_not_write(store: Store, database_server: DatabaseServer, postgresql_url: str) -> None:
    database_server.execute(postgresql_url, "ALTER TABLE marks OWNER TO owner")
    with pytest.raises(StoreReadOnly):
        add(store, "a")


@pytest.mark.parametrize(
    ("state", "kind"), [("53100", DiskFull), ("40001", StoreConflict), ("53300", StoreUnreachable)]
)
def test_a_state_of_the_server_has_a_sentence(store: Store, state: str, kind: type[Exception]) -> None:
    with pytest.raises(kind), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO marks VALUES ('a')")
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'told' USING ERRCODE = '{state}'; END $$")
    assert words(store) == []


def test_two_that_wait_for_each_other(store: Store) -> None:
    """One is undone and done again; both are entered."""
    add(store, "a")
    add(store, "b")
    meeting = threading.Barrier(2)
    turns: list[str] = []

    def work(first: str, second: str) -> None:
        def change(connection: sa.Connection) -> None:
            turns.append(first)
            connection.execute(sa.text("UPDATE marks SET word = word WHERE word = :word"), {"word": first})
            if turns.count(first) == 1:
                meeting.wait(20)
            connection.execute(sa.text("UPDATE marks SET word = word WHERE word = :word"), {"word": second})
            connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": f"after {first}"})

        store.transact(change, area=first)

    threads = [threading.Thread(target=work, args=pair) for pair in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words(store) == ["a", "after a", "after b", "b"] and len(turns) > 2


# The server cuts off


def test_a_statement_that_takes_too_long(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.postgresql._STATEMENT_MS", 700)
    store = open_store(postgresql_url)
    with pytest.raises(StoreBusy), store.read() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    with store.read(unhurried=True) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.9)")
    store.close()


def test_a_workstation_that_hangs_holds_nobody_up(
    store: Store, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.postgresql._IDLE_MS", 1000)
    hanging = open_store(postgresql_url)
    with pytest.raises((StoreBusy, StoreUnreachable)), hanging.write() as connection:
        connection.exec_driver_sql("INSERT INTO marks VALUES ('hung')")
        add(store, "went on")
        connection.exec_driver_sql("INSERT INTO marks VALUES ('hung')")
    assert words(store) == ["went on"]
    add(hanging, "woke up")
    assert words(store) == ["went on", "woke up"]
    hanging.close()


def test_a_connection_that_was_cut_is_made_anew(
    store: Store, database_server: DatabaseServer, postgresql_url: str
) -> None:
    add(store, "before")
    cut = (
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{postgresql_url.rpartition('/')[2]}'"
    )
    database_server.execute(database_server.url, cut)
    add(store, "after")
    with pytest.raises(StoreUnreachable), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO marks VALUES ('lost')")
        database_server.execute(database_server.url, cut)
        connection.exec_driver_sql("INSERT INTO marks VALUES ('lost')")
    assert words(store) == ["after", "before"]


WRITER = """
import sys
import sqlalchemy as sa
from app.storage.store import open_store
store = open_store(sys.argv[1])
for number in range(1_000_000):
    with store.write() as connection:
        connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": str(number)})
        connection.execute(sa.text("INSERT INTO marks VALUES (:word)"), {"word": f"{number} again"})
    print(number, flush=True)
"""


def test_a_server_killed_while_it_writes() -> None:
    """Everything that was said to be written is there, nothing by half, and the program goes on when it is back."""
    with DatabaseServer() as server:
        url = server.create()
        store = open_store(url)
        with store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE marks (word TEXT NOT NULL)")
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None and writer.stderr is not None
        said = [writer.stdout.readline().strip() for _ in range(20)]
        server.kill()
        said += writer.stdout.read().split()  # not communicate(): it would lose what readline() had read ahead
        error = writer.stderr.read()
        writer.wait(timeout=60)
        assert "StoreUnreachable" in error
        with pytest.raises(StoreUnreachable):
            words(store)
        server.start()
        there = words(store)
        whole = {word for word in there if not word.endswith("again")}
        assert whole >= set(said) and len(whole) - len(said) <= 1
        assert sorted([*whole, *(f"{word} again" for word in whole)]) == there
        add(store, "goes on")
        store.close()
