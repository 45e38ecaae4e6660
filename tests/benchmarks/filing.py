"""A folder of signed documents filed at once."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from itertools import chain

from app.archive.archive import Archive
from app.archive.batch import BatchOptions
from app.storage.store import open_store
from app.verification.guards import signers
from tests.benchmarks.frame import Bench, Figure

#: As many as in the folder that is verified.
_FILES = 2000


def records(bench: Bench) -> Iterator[Figure]:
    """A folder of signed documents into an empty archive, files read, copied, flushed and entered."""
    files = bench.one_page("bulk-in", _FILES)
    bench.sign("bulk-signed", files)
    signed = bench.filed("bulk-signed")
    archive = Archive(bench.folder / "bulk", lambda: open_store(bench.folder / "bulk.sqlite"))
    archive.indexed()
    started = time.perf_counter()
    cost = _processor()
    outcomes = chain.from_iterable(archive.add_all(signed, BatchOptions(signers=signers)))
    filed = sum(outcome.copy is not None for outcome in outcomes)
    rate, cost = filed / (time.perf_counter() - started), (_processor() - cost) / max(filed, 1)
    archive.close()
    yield Figure(
        f"{_FILES} signed PDFs of a folder filed, with the names of who signed",
        f"{rate:.0f} a second; {cost * 1000:.1f} ms of a processor each",
        "≥ 300 a second",
        rate >= 300 and filed == _FILES,
    )


def _processor() -> float:
    """Seconds of a processor that this process and its ended children took."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
