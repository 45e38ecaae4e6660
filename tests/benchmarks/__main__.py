"""``make bench`` and ``make bench-records``: measure, print the table, keep it in the file named.

Every figure that depends on the machine stands as a ratio to a peer measured in the same run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

import tests.benchmarks
from app.times import today
from tests.benchmarks.frame import Bench, Figure, environment
from tests.demo.office import build
from tests.demo.services import Services, listen

#: The functions that yield the rows of a table; its markers in the file bear the same name.
_TABLES = ("figures", "records")


def _areas(table: str, only: str | None) -> Iterator[Callable[[Bench], Iterator[Figure]]]:
    """The functions of that name of the package's modules.

    :param only: of that module alone.
    """
    for module in pkgutil.iter_modules(tests.benchmarks.__path__):
        if module.name != "__main__" and only in (None, module.name):
            found = getattr(importlib.import_module(f"tests.benchmarks.{module.name}"), table, None)
            if found is not None:
                yield found


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*: (.+)", text)
    cpu = found.group(1).strip() if found else platform.processor()
    return f"{os.cpu_count()} × {cpu}, Python {platform.python_version()}, {platform.system()} {platform.release()}"


def _write(path: Path, table: str, figures: list[Figure]) -> None:
    """Put the table between its markers in the file, the rest of which people and other runs write."""
    begin_mark, end_mark = f"<!-- {table} begin -->", f"<!-- {table} end -->"
    rows = "\n".join(
        f"| {figure.what} | {figure.measured} | {figure.target} | {'yes' if figure.holds else '**no**'} |"
        for figure in figures
    )
    written = (
        f"{begin_mark}\nMeasured {today().isoformat()} on {_machine()}.\n\n"
        f"| what | measured | target | met |\n|---|---|---|---|\n{rows}\n{end_mark}"
    )
    text = path.read_text(encoding="utf-8")
    begin, end = text.index(begin_mark), text.index(end_mark) + len(end_mark)
    path.write_text(text[:begin] + written + text[end:], encoding="utf-8")


def _measured(table: str, only: str | None) -> Iterator[Figure]:
    listener = listen()
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name:
        folder = Path(name)
        office = build(folder / "office", port=listener.getsockname()[1])
        with Services(office.pki, listener), environment(office.environment):
            for area in _areas(table, only):
                Bench.tell(f"— {area.__module__.rpartition('.')[2]}")
                yield from area(Bench(office, folder))


def main(words: list[str]) -> int:
    """Measure and tell.

    :return: exit code; 1 where a target was missed.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("file", type=Path, nargs="?", help="keep the table here")
    parser.add_argument("--records", action="store_true", help="the records: archive, custody, ledger")
    parser.add_argument("--only", metavar="AREA", help="one module of tests/benchmarks; nothing is kept")
    asked = parser.parse_args(words)
    # An installed program has its bytecode; let the first, discarded turn write ours.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    table = _TABLES[asked.records]
    figures = []
    for figure in _measured(table, asked.only):
        figures.append(figure)
        print(f"{'met ' if figure.holds else 'MISS'}  {figure.what}: {figure.measured}", flush=True)
    shown = Table("what", "measured", "target", "met")
    for figure in figures:
        shown.add_row(figure.what, figure.measured, figure.target, "yes" if figure.holds else "NO")
    Console().print(shown)
    if asked.file is not None and asked.only is None:
        _write(asked.file, table, figures)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
