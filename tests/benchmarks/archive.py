"""The archive of a million documents on SQLite: search, filing one, size."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from app.archive.archive import Archive
from app.archive.model import Query
from app.documents.model import DocumentInfo
from app.storage.store import open_store
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.many_documents import LAST_DAY, Corpus, build

_DOCUMENTS = 1_000_000
_SEARCHES, _FILED = 400, 60


def records(bench: Bench) -> Iterator[Figure]:
    database = bench.folder / "million.sqlite"
    corpus = build(database, _DOCUMENTS, told=bench.tell)
    yield from figures_of(database, corpus, bench.folder / "kho")


def figures_of(database: Path, corpus: Corpus, root: Path) -> Iterator[Figure]:
    """The rows of a database made by :func:`build`."""
    size = database.stat().st_size / 1e9
    yield Figure("index of a million documents on SQLite", f"{size:.2f} GB", "< 1.5 GB", size < 1.5)
    # The index knows copies: a root without any would be that of a network folder that is away.
    (root / str(LAST_DAY.year)).mkdir(parents=True, exist_ok=True)
    archive = Archive(root, lambda: open_store(database))
    chance = random.Random(3)
    archive.find(Query("ke hoach"))
    took = [_seconds(archive, query) for query in queries(corpus, chance, _SEARCHES)]
    middle, worst = statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000
    yield Figure(
        f"search in it, {_SEARCHES} queries as typed, p95",
        f"{worst:.0f} ms (median {middle:.1f})",
        "< 50 ms",
        worst < 50,
    )
    filed = sorted(_filing(archive, root, number) for number in range(_FILED))
    worst = filed[int(len(filed) * 0.95)] * 1000
    middle = statistics.median(filed) * 1000
    yield Figure("one document filed into it, p95", f"{worst:.0f} ms (median {middle:.0f})", "< 20 ms", worst < 20)
    archive.close()


def _seconds(archive: Archive, query: Query) -> float:
    started = time.perf_counter()
    archive.find(query, limit=50)
    return time.perf_counter() - started


def queries(corpus: Corpus, chance: random.Random, count: int) -> Iterator[Query]:
    """What people type: words of summaries with and without accents, the beginnings of such a query, numbers, symbols,
    signers, words of the text, each with and without filters."""
    from app.documents.text import fold

    made = 0
    while made < count:
        summary = chance.choice(corpus.summaries).split()
        at = chance.randrange(len(summary) - 3)
        words = summary[at : at + chance.randint(2, 4)]
        number = chance.randint(1, 1900)
        text = chance.choice(
            (
                " ".join(words),
                fold(" ".join(words)),
                fold(" ".join(words))[: chance.randint(1, 12)],
                f"{number}",
                f"{number}/QĐ-UBND",
                f"qd {number} {fold(words[0])}",
                fold(chance.choice(corpus.names)),
                " ".join(chance.choices(corpus.paragraphs[chance.randrange(len(corpus.paragraphs))].split(), k=4)),
                f'"{" ".join(words)}"',
                "",
            )
        )
        year = chance.choice((None, None, chance.randint(2007, 2024)))
        yield Query(
            text,
            year=year,
            type=chance.choice((None, None, "Quyết định", "Báo cáo")),
            signer=chance.choice((None, None, None, chance.choice(corpus.names))),
            incoming=chance.choice((None, None, True, False)),
        )
        made += 1


def _filing(archive: Archive, root: Path, number: int) -> float:
    info = DocumentInfo("Quyết định", str(90_000 + number), "QĐ-UBND", LAST_DAY, f"Về việc thử nghiệm lần {number}")
    source = root.parent / "nguồn.pdf"
    source.write_bytes(b"%PDF-1.7 " + bytes(60_000) + str(number).encode())
    staged = archive.staging(info, suffix=".pdf", source=source)
    staged.write_bytes(source.read_bytes())
    sha256 = f"{number:064x}"
    started = time.perf_counter()
    text = "nội dung của văn bản " * 80
    archive.take(staged, info, sha256=sha256, source=source, signers=["Trần Văn Bình"], format="pdf", text=text)
    return time.perf_counter() - started
