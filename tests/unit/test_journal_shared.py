"""The ledger that workstations share: one chain in the database, and nothing lost while that is away."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import AntinError
from app.journal import shared_book
from app.journal.entry import Draft, Entry, decode, encode
from app.journal.errors import LedgerEntryTooLarge
from app.journal.ledger import Ledger
from app.journal.selection import Wish
from app.storage.errors import StoreUnreachable
from app.storage.schema.journal import ledger_entries, ledger_head
from app.storage.store import Store, open_store

WRITER = """
import sys
from pathlib import Path
from app.journal.ledger import Ledger
from app.storage.store import open_store
store = open_store(sys.argv[1])
ledger = Ledger(Path(sys.argv[2]), store=lambda: store)
for number in range(int(sys.argv[3])):
    print(ledger.append("sign", number=number, note="văn bản").hash, flush=True)
"""


class Switch:
    """A way to the database that can be cut."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.away = False

    def __call__(self) -> Store:
        if self.away:
            raise StoreUnreachable(path="", detail="no answer")
        return self.store


@pytest.fixture
def way(store: Store) -> Switch:
    return Switch(store)


@pytest.fixture
def ledger(way: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """One that asks for the database at every entry, however short before it was away."""
    monkeypatch.setattr(shared_book, "_PATIENCE", 0.0)
    return Ledger(tmp_path / "station", store=way)


def filled(ledger: Ledger, count: int = 6) -> Ledger:
    for number in range(count):
        ledger.append("sign", input=Path(f"/văn bản/{number}.pdf"), number=number)
    return ledger


def _with_waiting(ledger: Ledger, way: Switch) -> Path:
    """Three entries wait; the file that they wait in."""
    way.away = True
    for number in range(3):
        ledger.append("sign", number=number)
    way.away = False
    return ledger.folder / "ledger-waiting" / "ledger.jsonl"


def _without_its_origin(line: bytes) -> bytes:
    """A sound line of somebody else's making."""
    entry = decode(line.rstrip())
    assert entry is not None
    draft = Draft(entry.time, entry.kind, entry.actor, entry.machine, {"origin": "x" * 32})
    return encode(entry.seq, entry.previous, draft)[1] + b"\n"


@pytest.mark.parametrize(
    ("edit", "reason", "entered"),
    [
        (lambda lines: [lines[0], lines[1].replace(b'"number":1', b'"number":9'), lines[2]], "changed", [0, 2]),
        (lambda lines: [lines[0], b"{}\n", lines[2]], "unreadable", [0]),
        (lambda lines: [lines[0], lines[2]], "missing", [0]),
        (lambda lines: lines[:2], "cut", [0, 1]),
        (lambda lines: [*lines[:2], _without_its_origin(lines[2])], "unreadable", [0, 1]),
    ],
)
def test_what_was_changed_while_it_waited_is_not_entered_as_true(
    ledger: Ledger,
    way: Switch,
    edit: Callable[[list[bytes]], list[bytes]],
    reason: str,
    entered: list[int],
) -> None:
    path = _with_waiting(ledger, way)
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))
    assert ledger.verify().ok
    found = list(ledger.entries())
    assert [entry.data["number"] for entry in found if entry.kind == "sign"] == entered
    told = [entry.data for entry in found if entry.kind == "waiting-damaged"]
    assert reason in {one["reason"] for one in told}
    assert len(told) + len(entered) <= 3
    assert (ledger.waiting, len(list(ledger.entries()))) == (0, len(found)), "told once"


def test_lines_and_chain_are_those_of_the_file(ledger: Ledger, tmp_path: Path) -> None:
    shared, alone = list(filled(ledger).entries()), list(filled(Ledger(tmp_path / "alone")).entries())
    assert [(entry.seq, entry.kind, entry.data) for entry in shared] == [
        (entry.seq, entry.kind, entry.data) for entry in alone
    ]
    head, lines = ledger.lines()
    previous, found = "0" * 64, []
    for entry, line in zip(shared, lines, strict=True):
        again, expected = encode(entry.seq, previous, _draft(entry))
        assert (line, again) == (expected, entry)
        previous = entry.hash
        found.append(entry.seq)
    assert (head.seq, head.hash, found) == (6, previous, [1, 2, 3, 4, 5, 6])
    check = ledger.verify()
    assert (check.ok, check.entries, check.waiting) == (True, 6, 0)
    assert not list((tmp_path / "station").glob("*")), "nothing is kept here while the database is there"


def _draft(entry: Entry) -> Draft:
    return Draft(entry.time, entry.kind, entry.actor, entry.machine, entry.data)


def test_an_entry_too_large_is_refused(ledger: Ledger) -> None:
    filled(ledger, 1)
    with pytest.raises(LedgerEntryTooLarge):
        ledger.append("sign", note="x" * 300_000)
    assert ledger.verify().entries == 1


def test_entries_are_found_by_position_period_kind_and_words(ledger: Ledger) -> None:
    filled(ledger, 5)
    ledger.append("verify", path="/tmp/Công văn Phong Điền.pdf", result="valid")
    times = [entry.time for entry in ledger.entries()]
    assert [entry.seq for entry in ledger.select(Wish()).read(4, 10)] == [5, 6]
    assert [entry.seq for entry in ledger.select(Wish(start=times[1], end=times[3])).read(0, 9)] == [2, 3]
    assert [entry.seq for entry in ledger.select(Wish(kinds=["verify"])).read(0, 9)] == [6]
    assert [entry.seq for entry in ledger.select(Wish(text="cong van phong dien")).read(0, 9)] == [6]
    assert len(ledger.select(Wish(text="cong van khac"))) == 0


def test_entries_of_a_kind_are_chosen_by_the_database_and_among_those_that_wait(ledger: Ledger, way: Switch) -> None:
    told = ledger.append("correct", document=7)
    ledger.append("sign", note='"kind":"correct"')
    way.away = True
    ledger.append("correct", document=8)
    way.away = False
    assert [entry.data["document"] for entry in ledger.entries(kinds=("correct",))] == [7, 8]
    assert next(ledger.entries(kinds=("correct",))) == told


# Many at once, and killed


def _writers(url: str, folder: Path, count: int, each: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(folder / str(number)), str(each)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]


def test_workstations_append_at_once(ledger: Ledger, store_url: str, tmp_path: Path) -> None:
    filled(ledger, 1)
    writers = _writers(store_url, tmp_path, 3, 25)
    threads = [threading.Thread(target=filled, args=(ledger, 15)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hashes = [line for writer in writers for line in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    check = ledger.verify()
    assert (check.ok, check.entries) == (True, 1 + 75 + 30)
    assert {entry.hash for entry in ledger.entries()} >= set(hashes) and len(hashes) == 75


def test_writers_killed_in_the_middle_leave_a_whole_chain(ledger: Ledger, store_url: str, tmp_path: Path) -> None:
    filled(ledger, 1)
    acknowledged: list[str] = []
    chance = random.Random(5)
    for turn in range(2):
        writers = _writers(store_url, tmp_path / str(turn), 2, 100_000)
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(chance.randint(2, 12)):
                acknowledged.append(writer.stdout.readline().strip())
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            acknowledged += [line for line in writer.communicate()[0].splitlines() if len(line) == 64]
    filled(ledger, 1)
    check = ledger.verify()
    assert check.ok, check
    assert {entry.hash for entry in ledger.entries()} >= set(acknowledged)


# The database is away


def test_what_happens_while_the_database_is_away_is_entered_when_it_is_back(
    ledger: Ledger, way: Switch, tmp_path: Path
) -> None:
    filled(ledger, 2)
    way.away = True
    kept = ledger.append("sign", input="/a.pdf", number=7)
    ledger.append("verify", path="/b.pdf", result="valid")
    assert ledger.waiting == 2
    with pytest.raises(StoreUnreachable):
        ledger.verify()
    with pytest.raises(StoreUnreachable):
        list(ledger.entries())
    assert Ledger(tmp_path / "station", store=way).waiting == 2, "the next program knows of them"
    way.away = False
    ledger.append("sign", number=9)
    entries = list(ledger.entries())
    assert [entry.kind for entry in entries] == ["sign", "sign", "sign", "verify", "sign"]
    entered = entries[2]
    assert (entered.time, entered.actor) == (kept.time, kept.actor)
    waited = entered.data.pop("waited")
    assert entered.data == {"input": "/a.pdf", "number": 7}
    assert (waited["seq"], waited["hash"]) == (1, kept.hash)
    check = ledger.verify()
    assert (check.ok, check.entries, check.waiting, check.clock_back) == (True, 5, 0, None)


def test_looking_at_the_ledger_enters_what_waits(ledger: Ledger, way: Switch) -> None:
    way.away = True
    filled(ledger, 3)
    way.away = False
    assert (ledger.verify().entries, ledger.waiting) == (3, 0)


def test_entries_that_wait_are_read_last(ledger: Ledger, way: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the database comes back for reading only."""
    filled(ledger, 1)
    way.away = True
    ledger.append("sign", number=5)
    way.away = False

    def refuse(*given: object, **more: object) -> list[Entry]:
        raise StoreUnreachable(path="", detail="read-only")

    monkeypatch.setattr("app.journal.database_book.DatabaseBook.append", refuse)
    assert [entry.data["number"] for entry in ledger.entries()] == [0, 5]
    assert ledger.verify().waiting == 1


def test_a_commit_without_an_answer_is_entered_once(
    ledger: Ledger, way: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.journal.database_book import DatabaseBook

    real = DatabaseBook.append

    def lost(book: DatabaseBook, drafts: list[tuple[str, Draft]]) -> list[Entry]:
        real(book, drafts)
        way.away = True
        raise StoreUnreachable(path="", detail="the connection was lost")

    monkeypatch.setattr(DatabaseBook, "append", lost)
    ledger.append("sign", number=1)
    monkeypatch.setattr(DatabaseBook, "append", real)
    assert ledger.waiting == 1
    way.away = False
    ledger.append("sign", number=2)
    assert [entry.data["number"] for entry in ledger.entries()] == [1, 2]
    assert ledger.verify().ok


def test_a_lost_mark_enters_nothing_twice(ledger: Ledger, way: Switch, tmp_path: Path) -> None:
    way.away = True
    filled(ledger, 4)
    way.away = False
    ledger.append("sign", number=9)
    (tmp_path / "station" / "ledger-waiting" / "entered").unlink()
    ledger.append("sign", number=10)
    assert [entry.data["number"] for entry in ledger.entries()] == [0, 1, 2, 3, 9, 10]


def test_neither_database_nor_disk(ledger: Ledger, way: Switch, tmp_path: Path) -> None:
    way.away = True
    (tmp_path / "station").write_text("")
    with pytest.raises(AntinError) as caught:
        ledger.append("sign", number=1)
    assert caught.value.code == "target-not-writable"


def test_a_server_that_stops_while_entries_are_made(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections are ended from its own side, as by a restart."""
    monkeypatch.setattr(shared_book, "_PATIENCE", 0.0)
    store = open_store(postgresql_url)
    ledger = Ledger(tmp_path, store=lambda: store)
    admin = sa.create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://"), pool_size=1)
    done = threading.Event()

    def cut() -> None:
        with admin.connect() as connection:
            for _ in range(40):
                connection.execute(
                    sa.text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
                if done.wait(0.02):
                    return

    cutter = threading.Thread(target=cut)
    cutter.start()
    for number in range(60):
        ledger.append("sign", number=number)
    done.set()
    cutter.join()
    admin.dispose()
    ledger.append("sign", number=60)
    check = ledger.verify()
    assert (check.ok, check.entries, ledger.waiting) == (True, 61, 0)
    assert sorted(entry.data["number"] for entry in ledger.entries()) == list(range(61))
    store.close()


# Tampering


@pytest.fixture
def tamper(store: Store) -> Iterator[Callable[[sa.Executable], None]]:
    def run(statement: sa.Executable) -> None:
        with store.write() as connection:
            connection.execute(statement)

    yield run


def test_what_was_done_to_the_tables_is_found(ledger: Ledger, tamper: Callable[[sa.Executable], None]) -> None:
    filled(ledger)
    entries = ledger_entries
    with_nine = sa.func.replace(entries.c.line, "/2.pdf", "/9.pdf")
    tamper(entries.update().where(entries.c.seq == 3).values(line=with_nine))
    assert (ledger.verify().first_bad, ledger.verify().code) == (3, "changed")
    tamper(entries.delete().where(entries.c.seq == 3))
    assert (ledger.verify().first_bad, ledger.verify().code) == (3, "missing")


def test_a_cut_tail(ledger: Ledger, tamper: Callable[[sa.Executable], None]) -> None:
    filled(ledger)
    tamper(ledger_entries.delete().where(ledger_entries.c.seq > 4))
    assert (ledger.verify().first_bad, ledger.verify().code) == (5, "cut")
    ledger.append("sign", number=7)
    assert (ledger.verify().first_bad, ledger.verify().code) == (5, "missing"), "for good"


def test_an_entry_beyond_the_head(ledger: Ledger, tamper: Callable[[sa.Executable], None]) -> None:
    entries = list(filled(ledger).entries())
    tamper(ledger_head.update().values(seq=5, hash=entries[4].hash))
    assert ledger.verify().code == "head"


def test_a_removed_head(ledger: Ledger, tamper: Callable[[sa.Executable], None]) -> None:
    filled(ledger)
    tamper(ledger_head.delete())
    assert ledger.verify().code == "head"
    ledger.append("sign", number=7)
    assert ledger.verify().code == "head", "for good"
