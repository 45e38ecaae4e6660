"""How soon a page of results is on screen after the last key, in an archive of a million documents.

``python -m tests.benchmarks.archive_page DATA_DIR QUERIES`` prints the figures as JSON; Qt's platform is ``offscreen``
unless it says otherwise.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.office import Office
from app.settings import load
from tests.benchmarks.archive import queries
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.many_documents import Corpus, build
from tests.benchmarks.measure import peak_here, run

_DOCUMENTS = 1_000_000
_QUERIES = 60
#: Between two keys of somebody who types quickly, in seconds.
_KEYS_APART = 0.12


def records(bench: Bench) -> Iterator[Figure]:
    database = bench.folder / "million.sqlite"
    corpus = build(database, _DOCUMENTS, told=bench.tell) if not database.exists() else Corpus(_DOCUMENTS)
    data = bench.data_dir("archive-page")
    os.link(database, data / "antin.sqlite")
    yield row(data, corpus, _QUERIES)


def row(data_dir: Path, corpus: Corpus, count: int) -> Figure:
    """The figure of a data folder with a full index.

    :param count: queries that are typed.
    """
    typed = [query.text for query in queries(corpus, random.Random(7), count * 2) if query.text][:count]
    command = [sys.executable, "-m", "tests.benchmarks.archive_page", str(data_dir), json.dumps(typed)]
    figures = json.loads(run(command, environment={"QT_QPA_PLATFORM": "offscreen"}).output.splitlines()[-1])
    return Figure(
        f"a page of results on screen after the last key, {count} queries typed, p95",
        f"{figures['p95_ms']:.0f} ms (median {figures['median_ms']:.0f})",
        "< 100 ms",
        figures["p95_ms"] < 100,
    )


def typed_in_page(data_dir: Path, texts: list[str]) -> dict[str, float]:
    """Type queries into Kho văn bản key by key, and see the rows of each.

    :return: ``median_ms`` and ``p95_ms`` from a query's last key until its rows are painted; ``queries``.
    """
    from PySide6.QtCore import QEventLoop

    from app.archive.model import Found, Query
    from ui.app import application, open_window
    from ui.pages.archive import ArchivePage

    application_ = application()
    took = []
    with Office(load(data_dir), online=False, modules=[]) as office:
        window = open_window(office)
        window.resize(1280, 800)
        window.show_page("archive")
        page = window.pages["archive"]
        assert isinstance(page, ArchivePage)
        shown: list[str] = []

        def note(query: Query, _found: Found) -> None:
            page.list.viewport().repaint()
            shown.append(query.text)

        page._search.answered.connect(note)

        def wait(until: float) -> None:
            while time.perf_counter() < until:
                application_.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
                time.sleep(0.001)

        wait(time.perf_counter() + 3)
        for text in texts:
            page.query.clear()
            wait(time.perf_counter() + 0.3)
            for end in range(1, len(text) + 1):
                page.query.setText(text[:end])
                last = time.perf_counter()
                if end < len(text):
                    wait(last + _KEYS_APART)
            wanted = text.strip()
            if shown and shown[-1] == wanted:
                continue
            while not shown or shown[-1] != wanted:
                application_.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
                if time.perf_counter() - last > 30:
                    raise TimeoutError(f"no answer to {text!r}")
            took.append((time.perf_counter() - last) * 1000)
        window.close()
    return {
        "median_ms": statistics.median(took),
        "p95_ms": statistics.quantiles(took, n=20)[-1],
        "queries": float(len(took)),
    }


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps({**typed_in_page(Path(sys.argv[1]), json.loads(sys.argv[2])), "peak": peak_here()}))
