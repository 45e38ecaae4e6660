"""Minutes of a handover, and how quickly signing learns what the register says.

``python -m tests.benchmarks.custody FOLDER`` prints the figures as JSON; it is run in a process of its own, so that the
first minutes pay for every import and font.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.measure import run

_DEVICES = 200


def figures(bench: Bench) -> Iterator[Figure]:
    """Rows of the custody of tokens."""
    folder = bench.folder / "custody"
    folder.mkdir()
    took = json.loads(run([sys.executable, "-m", "tests.benchmarks.custody", folder]).output)
    yield Figure(
        "minutes of a handover of 10 tokens, the first in a process with its imports · the next ones",
        f"{took['first'] * 1000:.0f} ms · {took['next'] * 1000:.0f} ms",
        "under 400 ms",
        took["first"] < 0.4,
    )
    yield Figure(
        f"what signing asks of a register of {_DEVICES} tokens: once a look at the tokens · once a file; the first "
        "against importing SQLAlchemy",
        f"{took['glance'] * 1000:.1f} ms · {took['held'] * 1000:.2f} ms; {took['glance'] / took['sqlalchemy']:.0%}",
        "under 10 %",
        took["glance"] < 0.1 * took["sqlalchemy"],
    )


def _glance(folder: Path) -> dict[str, float]:
    from app.custody.glance import Glance

    def never() -> object:
        raise AssertionError

    quick = Glance(folder, folder / "antin.sqlite", never)  # type: ignore[arg-type]
    quick.look()
    started = time.perf_counter()
    quick.look()
    looked = time.perf_counter()
    for number in range(20):
        quick.held(f"A{number}")
    return {"glance": looked - started, "held": (time.perf_counter() - looked) / 20}


def _register(folder: Path) -> None:
    from app.custody.custody import Custody, Happening
    from app.custody.identity import DeviceFacts
    from app.custody.model import Person
    from app.custody.states import EventKind
    from app.storage.store import open_store

    store = open_store(folder / "antin.sqlite")

    def append(kind: str, /, **data: object) -> object:
        return None

    custody = Custody(lambda: store, append)
    who = Person("Lê Thị Hoa", "Văn thư", "Văn phòng")
    for number in range(_DEVICES):
        custody.register_by_hand(DeviceFacts(f"A{number}", "Bit4id", "TokenME EVO"))
        custody.record(f"A{number}", Happening(EventKind.RECEIVED, receiver=who))
        custody.record(f"A{number}", Happening(EventKind.CONFIRMED))
    store.close()


def _main(folder: Path) -> dict[str, float]:
    begun = time.perf_counter()
    import msgspec

    from app.custody.minutes import Agency, HandedDevice, MinutesContent, render
    from app.custody.model import DeviceCertificate, Kind, Person
    from app.custody.states import EventKind

    now = dt.datetime.now(dt.UTC)
    certificate = DeviceCertificate(
        1, "0" * 64, "Ủy ban nhân dân xã Phong Điền", "", "5403a1b2", "CA", now, now, Kind.ORGANIZATION
    )
    content = MinutesContent(
        kind=EventKind.HANDED_OVER,
        agency=Agency("Ủy ban nhân dân xã Phong Điền", "", "Phong Điền"),
        number="05/BB-UBND",
        at=now,
        place="",
        giver=Person("Lê Thị Hoa", "Văn thư", "Văn phòng"),
        receiver=Person("Trần Văn Bốn", "Văn thư", "Văn phòng"),
        witness=None,
        permission=None,
        devices=[
            HandedDevice(f"A{number}", "Bit4id TokenME EVO", "", Kind.ORGANIZATION, [certificate], "", "", None, "hỏng")
            for number in range(10)
        ],
        reason="Thay đổi vị trí công tác",
    )
    render(content)
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    for number in range(5):
        render(msgspec.structs.replace(content, number=f"{number}/BB-UBND"))
    following = (time.perf_counter() - begun) / 5
    begun = time.perf_counter()
    import sqlalchemy  # noqa: F401 - what is measured

    imported = time.perf_counter() - begun
    _register(folder)
    return {"first": first, "next": following, "sqlalchemy": imported, **_glance(folder)}


if __name__ == "__main__":
    print(json.dumps(_main(Path(sys.argv[1]))))
