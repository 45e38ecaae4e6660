"""Fuzz every parser: ``python -m tests.fuzz MINUTES [--target NAME]… [--keep FOLDER]``.

The minutes are shared out among the targets, two of which run at a time. Every input that breaks one is kept in
``tests/fuzz/found/TARGET/``, where ``make test`` plays it again for ever. Exit 1 where there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.fuzz.seeds import Seeds, collect, workshop
from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parent / "found"
_SIDE_BY_SIDE = 2
#: Seconds and MiB for one input; five times what a verification may take, for the instrumentation.
_TIME, _MEMORY = 25, 1200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("minutes", type=float)
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="only these")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="folder of the inputs that reach new code")
    options = parser.parse_args()
    names = options.target or list(TARGETS)
    options.keep.mkdir(exist_ok=True)
    with workshop() as made:
        seeds = collect(made, names)
    seeds_file = options.keep / "seeds"
    if seeds_file.exists():  # inputs kept from earlier runs descend from what was genuine then
        seeds = replace(seeds, genuine=seeds.genuine | pickle.loads(seeds_file.read_bytes()).genuine)
    seeds_file.write_bytes(pickle.dumps(seeds))
    seconds = options.minutes * 60 * min(_SIDE_BY_SIDE, len(names)) / len(names)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        counts = list(pool.map(lambda name: _fuzz(name, seeds, seeds_file, options.keep, seconds), names))
    return 1 if sum(counts) else 0


def _fuzz(name: str, seeds: Seeds, seeds_file: Path, keep: Path, seconds: float) -> int:
    """Fuzz one target for that long.

    :return: how many different defects it showed.
    """
    corpus, broken = keep / name, keep / f"{name}.broken"
    corpus.mkdir(exist_ok=True)
    broken.mkdir(exist_ok=True)
    for data in seeds.of(TARGETS[name]):
        (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
    until = time.monotonic() + seconds
    defects: dict[str, Path] = {}
    turns = 0
    while (left := int(until - time.monotonic())) > 0:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.process", name, str(seeds_file)),
                *(f"-max_total_time={left}", f"-timeout={_TIME}", f"-rss_limit_mb={_MEMORY}", "-max_len=131072"),
                *(f"-artifact_prefix={broken}/", "-print_final_stats=1", str(corpus)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        turns += sum(map(int, re.findall(r"number_of_executed_units: (\d+)", run.stdout)))
        if run.returncode == 0:
            break
        written = re.search(r"Test unit written to (\S+)", run.stdout)
        if written is None:
            print(f"{name}: the fuzzer ended with {run.returncode}\n{run.stdout[-4000:]}", flush=True)
            return max(1, len(defects))
        what = _what(run.stdout)
        if what not in defects:
            defects[what] = _kept(name, Path(written[1]))
            print(f"{name}: {what}\n    {defects[what]}", flush=True)
    print(f"{name:16}{turns:>9} inputs   {len(list(corpus.iterdir())):>6} kept   {len(defects)} defects", flush=True)
    return len(defects)


def _what(told: str) -> str:
    """The exception and where it rose, or libFuzzer's own words."""
    lines = told.splitlines()
    for number, line in enumerate(lines):
        if "Uncaught Python exception" in line:
            places = [found for found in lines[number:] if found.lstrip().startswith("File ")]
            return f"{lines[number + 1].strip()[:120]} ({places[-1].strip()[:120]})" if places else lines[number + 1]
    found = re.search(r"(?:ERROR|SUMMARY): libFuzzer: (.*)", told)
    return found[1] if found else "unknown"


def _kept(name: str, file: Path) -> Path:
    data = file.read_bytes()
    kept = FOUND / name / hashlib.sha1(data).hexdigest()[:16]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return kept


if __name__ == "__main__":
    sys.exit(main())
