"""The ledger: what it keeps, what it notices, what a crash may leave."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import DiskFull, TargetNotWritable
from app.journal.entry import decode
from app.journal.errors import LedgerEntryTooLarge
from app.journal.ledger import Ledger
from tests.full_disk import full_beyond

WRITER = """
import sys
from pathlib import Path
from app.journal.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    entry = ledger.append("sign", number=number, note="văn bản " * int(sys.argv[3]))
    print(entry.hash, flush=True)
"""


def filled(folder: Path, count: int = 6) -> Ledger:
    ledger = Ledger(folder)
    for number in range(count):
        ledger.append("sign", input=Path(f"/văn bản/{number}.pdf"), number=number)
    return ledger


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The files of a ledger before any entry, after one, two and three, so that examples need not flush anew."""
    folder = tmp_path_factory.mktemp("three")
    states: list[dict[str, bytes]] = [{}]
    for count in range(1, 4):
        Ledger(folder).append("sign", input=Path(f"/văn bản/{count}.pdf"), number=count)
        states.append({name: (folder / name).read_bytes() for name in ("ledger.jsonl", "ledger.head")})
    return states


def put(folder: Path, files: dict[str, bytes]) -> Ledger:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Ledger(folder)


def lines(ledger: Ledger) -> list[bytes]:
    return ledger.path.read_bytes().splitlines(keepends=True)


def test_entries_carry_who_when_what(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "dữ liệu")
    before = dt.datetime.now(dt.UTC)
    ledger.append("verify", path="a.pdf", result="valid")
    ledger.append("sign", kind="trùng tên", when=before)
    first, second = ledger.entries()
    assert (first.seq, first.kind, first.data) == (1, "verify", {"path": "a.pdf", "result": "valid"})
    assert first.actor and first.machine and before <= first.time <= second.time
    assert second.previous == first.hash and second.data["kind"] == "trùng tên"
    check = ledger.verify()
    assert (check.ok, check.entries, check.first_bad, check.what) == (True, 2, None, None)


def test_the_chain_can_be_checked_without_the_program(tmp_path: Path) -> None:
    previous = "0" * 64
    for raw in lines(filled(tmp_path)):
        entry = json.loads(raw)
        body = raw.rstrip(b"\n").replace(f',"hash":"{entry["hash"]}"'.encode(), b"")
        assert hashlib.sha256(body).hexdigest() == entry["hash"]
        assert entry["previous"] == previous
        previous = entry["hash"]


def test_entries_of_a_period(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 3)
    times = [entry.time for entry in ledger.entries()]
    assert [entry.seq for entry in ledger.entries(times[1])] == [2, 3]
    assert [entry.seq for entry in ledger.entries(None, times[1])] == [1]


def test_entries_of_a_kind_are_found_without_decoding_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = filled(tmp_path, 20)
    told = ledger.append("correct", document=7, note='"kind":"sign"')
    ledger.append("sign", note='"kind":"correct"')
    decoded = []
    monkeypatch.setattr("app.journal.ledger.decode", lambda line: decoded.append(line) or decode(line))
    assert list(ledger.entries(kinds=("correct",))) == [told]
    assert len(decoded) == 1
    assert [entry.kind for entry in ledger.entries(kinds=("correct", "sign"))] == ["sign"] * 20 + ["correct", "sign"]
    assert list(ledger.entries(end=told.time, kinds=("correct",))) == []


def test_a_new_ledger_is_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "none")
    assert ledger.verify().ok
    assert list(ledger.entries()) == []
    assert not (tmp_path / "none").exists()


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append("sign", input=Path(os.fsdecode(b"v\xe3n.pdf")), names=[os.fsdecode(b"\xff")])
    assert ledger.verify().ok


def test_an_entry_too_large_is_refused(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 1)
    with pytest.raises(LedgerEntryTooLarge):
        ledger.append("sign", note="x" * 300_000)
    assert ledger.verify().entries == 1


# Tampering


@pytest.mark.parametrize("victim", [1, 3, 6])
def test_a_changed_entry(tmp_path: Path, victim: int) -> None:
    ledger = filled(tmp_path)
    content = lines(ledger)
    content[victim - 1] = content[victim - 1].replace(f"/{victim - 1}.pdf".encode(), b"/9.pdf")
    ledger.path.write_bytes(b"".join(content))
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, victim, "changed")


def test_a_changed_entry_with_its_hash_made_anew(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    content = lines(ledger)
    body = content[2].rstrip(b"\n").replace(b"/2.pdf", b"/9.pdf")[:-75] + b"}"
    content[2] = body[:-1] + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'
    ledger.path.write_bytes(b"".join(content))
    check = ledger.verify()
    assert (check.first_bad, check.code) == (4, "inserted")


@pytest.mark.parametrize("victim", [1, 3, 5])
def test_a_removed_entry(tmp_path: Path, victim: int) -> None:
    ledger = filled(tmp_path)
    content = lines(ledger)
    del content[victim - 1]
    ledger.path.write_bytes(b"".join(content))
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, victim, "missing")


@pytest.mark.parametrize("kept", [0, 2, 5])
def test_a_cut_tail(tmp_path: Path, kept: int) -> None:
    ledger = filled(tmp_path)
    ledger.path.write_bytes(b"".join(lines(ledger)[:kept]))
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, kept + 1, "cut")


def test_a_ledger_removed_whole(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    ledger.path.unlink()
    assert ledger.verify().code == "cut"


def test_a_cut_is_still_seen_after_the_next_entries(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    ledger.path.write_bytes(b"".join(lines(ledger)[:4]))
    ledger.append("sign", number=7)
    ledger.append("sign", number=8)
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, 5, "missing")


def test_entries_put_in_or_moved(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    content = lines(ledger)
    for changed, bad in (
        ([content[0], content[0], *content[1:]], 2),
        ([content[0], content[2], content[1], *content[3:]], 2),
        ([*content, content[-1]], 7),
    ):
        ledger.path.write_bytes(b"".join(changed))
        check = ledger.verify()
        assert (check.ok, check.first_bad) == (False, bad)


def test_a_foreign_line(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    content = lines(ledger)
    ledger.path.write_bytes(b"".join([*content[:3], b"{}\n", *content[3:]]))
    assert (ledger.verify().first_bad, ledger.verify().code) == (4, "unreadable")
    assert [entry.kind for entry in ledger.entries()].count("damaged") == 1


def test_a_removed_head_is_seen_now_and_after_the_next_entry(tmp_path: Path) -> None:
    ledger = filled(tmp_path)
    ledger.path.write_bytes(b"".join(lines(ledger)[:4]))
    (tmp_path / "ledger.head").unlink()
    assert ledger.verify().code == "head"
    ledger.append("sign", number=7)
    check = ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, 5, "head")


def test_an_old_head_put_back_does_not_hide_a_cut(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 3)
    head = (tmp_path / "ledger.head").read_bytes()
    filled(tmp_path, 3)
    ledger.path.write_bytes(b"".join(lines(ledger)[:2]))
    (tmp_path / "ledger.head").write_bytes(head)
    assert ledger.verify().code == "cut"


@settings(max_examples=150)
@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_every_single_byte_counts(
    tmp_path_factory: pytest.TempPathFactory, three: list[dict[str, bytes]], at: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("byte")
    ledger = put(folder, three[3])
    content = bytearray(ledger.path.read_bytes())
    at %= len(content)
    if content[at] == value:
        return
    content[at] = value
    ledger.path.write_bytes(content)
    check = ledger.verify()
    assert not check.ok and check.first_bad in (1, 2, 3)
    list(ledger.entries())
    ledger.append("sign", number=4)
    assert not ledger.verify().ok


# Crashes


@settings(max_examples=120)
@given(cut=st.integers(1, 400))
def test_a_write_cut_short_loses_nothing_and_accuses_nobody(
    tmp_path_factory: pytest.TempPathFactory, three: list[dict[str, bytes]], cut: int
) -> None:
    """The power fails while the third entry is written, before the head knows it."""
    folder = tmp_path_factory.mktemp("torn")
    ledger = put(folder, three[2])
    third = three[3]["ledger.jsonl"][len(three[2]["ledger.jsonl"]) :]
    written = third[:cut]
    with ledger.path.open("ab") as file:
        file.write(written)
    complete = len(written) >= len(third) - 1
    check = ledger.verify()
    assert check.ok and check.entries == (3 if complete else 2) and check.unfinished is not complete
    ledger.append("sign", number=4)
    check = ledger.verify()
    assert check.ok and check.entries == (4 if complete else 3) and not check.unfinished
    aside = list(folder.glob("ledger-unfinished-*"))
    assert [path.read_bytes() for path in aside] == ([] if complete else [written])


def test_blocks_of_zeros_after_a_power_cut(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 2)
    with ledger.path.open("ab") as file:
        file.write(bytes(300))
    assert ledger.verify().ok
    ledger.append("sign", number=3)
    assert ledger.verify() == ledger.verify() and ledger.verify().entries == 3


def test_a_torn_head_leaves_the_other_slot(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 4)
    head = bytearray((tmp_path / "ledger.head").read_bytes())
    head[10:40] = bytes(30)
    (tmp_path / "ledger.head").write_bytes(head)
    assert ledger.verify().ok
    ledger.append("sign", number=5)
    assert (ledger.verify().ok, ledger.verify().entries) == (True, 5)


@pytest.mark.parametrize("sizes", [(2, 2, 2), (1, 2, 4), (3, 1, 2)])
def test_a_torn_head_after_entries_written_together_leaves_the_other_slot(
    tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    ledger = Ledger(tmp_path)
    for size in sizes:
        before = (tmp_path / "ledger.head").read_bytes() if ledger.path.exists() else b""
        ledger.append_all("verify", [{"number": number} for number in range(size)])
    after = (tmp_path / "ledger.head").read_bytes()
    torn = bytes(0 if old != new else new for old, new in zip(before, after, strict=True))
    (tmp_path / "ledger.head").write_bytes(torn)
    check = ledger.verify()
    assert check.ok, check
    ledger.append("sign", number=0)
    assert (ledger.verify().ok, ledger.verify().entries) == (True, sum(sizes) + 1)
    assert all(entry.kind != "head-lost" for entry in ledger.entries())


def test_entries_written_together_are_a_chain_like_any(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 2)
    together = ledger.append_all("verify", [{"path": Path(f"{number}.pdf")} for number in range(50)])
    assert [entry.seq for entry in together] == list(range(3, 53))
    assert list(ledger.entries())[2:] == together
    assert (ledger.verify().ok, ledger.verify().entries) == (True, 52)
    assert ledger.append_all("verify", []) == []
    with pytest.raises(LedgerEntryTooLarge):
        ledger.append_all("verify", [{"path": "a"}, {"path": "a" * (1 << 19)}])
    assert ledger.verify().entries == 52, "all or none"


@pytest.mark.parametrize("whole", range(4))
def test_entries_written_together_are_cut_short_by_a_power_failure(tmp_path: Path, whole: int) -> None:
    ledger = filled(tmp_path, 2)
    head = (tmp_path / "ledger.head").read_bytes()
    size = ledger.path.stat().st_size
    ledger.append_all("verify", [{"number": number} for number in range(4)])
    lines = ledger.path.read_bytes()[size:].splitlines(keepends=True)
    with ledger.path.open("r+b") as file:
        file.truncate(size + sum(map(len, lines[:whole])) + 40)
    (tmp_path / "ledger.head").write_bytes(head)
    check = ledger.verify()
    assert (check.ok, check.entries, check.unfinished) == (True, 2 + whole, True)
    ledger.append("sign", number=9)
    assert (ledger.verify().ok, ledger.verify().entries) == (True, 3 + whole)


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """Two writers at a time, both killed at a random moment; what was acknowledged must be there."""
    acknowledged: list[str] = []
    chance = random.Random(7)
    for _ in range(10):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path), "100000", "40"], stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            acknowledged.append(writer.stdout.readline().strip())
        time.sleep(chance.uniform(0.0, 0.05))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            rest = writer.communicate()[0]
            acknowledged += [line for line in rest.splitlines() if len(line) == 64]
        check = Ledger(tmp_path).verify()
        assert check.ok, check
    known = {entry.hash for entry in Ledger(tmp_path).entries()}
    assert len(acknowledged) > 20 and known.issuperset(acknowledged)


# Many at once


def test_many_processes_and_threads(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "40", "1"], stdout=subprocess.DEVNULL)
        for _ in range(4)
    ]
    ledger = Ledger(tmp_path)

    def write() -> None:
        for number in range(40):
            ledger.append("verify", number=number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert ledger.verify().ok
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0] * 4
    check = ledger.verify()
    assert (check.ok, check.entries) == (True, 320)


# The disk


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    ledger = filled(tmp_path, 2)
    size = ledger.path.stat().st_size
    with full_beyond(size + 100), pytest.raises(DiskFull):
        ledger.append("sign", number=3)
    assert ledger.path.stat().st_size == size
    ledger.append("sign", number=3)
    assert (ledger.verify().ok, ledger.verify().entries) == (True, 3)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetNotWritable):
        Ledger(tmp_path / "file" / "data").append("sign")


def test_a_file_system_that_nobody_may_write_to() -> None:
    ledger = Ledger(Path("/sys/kernel"))
    with pytest.raises(TargetNotWritable):
        ledger.append("sign")
    assert ledger.verify().ok and list(ledger.entries()) == []


def test_a_clock_set_back_breaks_no_chain_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.journal import entry

    class Clock(dt.datetime):
        shift = dt.timedelta()

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.now(tz) + cls.shift

    monkeypatch.setattr(entry, "dt", SimpleNamespace(datetime=Clock))
    ledger = filled(tmp_path, 2)
    assert ledger.verify().clock_back is None
    Clock.shift = -dt.timedelta(hours=2)
    ledger.append("sign", number=3)
    Clock.shift = dt.timedelta()
    ledger.append("sign", number=4)
    check = ledger.verify()
    assert (check.ok, check.entries, check.clock_back) == (True, 4, 3)


def test_an_auditor_reads_a_copy_without_the_lock(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b", ignore=shutil.ignore_patterns("*.lock"))
    (tmp_path / "b" / "ledger.lock").mkdir()
    assert Ledger(tmp_path / "b").verify().entries == 6


def test_an_entry_costs_little(tmp_path: Path) -> None:
    """Of the processor: disks of test machines may be slow. On an SSD an entry takes under 2 ms
    (docs/decisions/0006-ledger.md)."""
    ledger = filled(tmp_path, 1)
    started = time.process_time()
    for number in range(100):
        ledger.append("sign", number=number)
    assert time.process_time() - started < 5
