"""Work measured in a process of its own: ``python -m tests.benchmarks.jobs NAME JSON`` prints figures as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.documents.hashing import sha256_file
from app.documents.reading import read_with_places
from app.office import Office
from app.settings import load
from app.signing.keys import choose
from app.signing.model import Act, PinAnswer, SignOptions, SignResult, Status
from tests.benchmarks.measure import peak_here


def sign(
    data_dir: str,
    token: str,
    pin: str,
    files: list[str],
    module: str | None = None,
    warm: list[str] | None = None,
    act: str = "plain",
    apart: bool = False,
) -> dict[str, float]:
    """Batches at the desk: reading, signing, confirming, filing and ledger included.

    :param warm: files signed before the clock starts, so that imports are not counted.
    :param apart: each file is a batch of its own; the clock is read at the median one.
    :return: wall and process seconds of a batch, wall seconds of hashing its files and those waited for the token, and
        how many files it has.
    """
    options = SignOptions(act=Act(act))
    with Office(load(Path(data_dir)), modules=[Path(module)] if module else None) as office:
        key = choose(office.keys(), token=token, certificate=None)
        desk = office.desk

        def run(names: list[str]) -> dict[str, float]:
            paths = [Path(name) for name in names]
            wall, cpu = time.perf_counter(), time.process_time()
            results = desk.sign(paths, options, key, pin_source=lambda _: PinAnswer(bytearray(pin.encode())))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            _all_signed(results)
            waited = sum(result.token_seconds for result in results)
            return {"wall": wall, "cpu": cpu, "token": waited, "hashing": _hashing(paths), "files": float(len(results))}

        if warm is not None:
            run(warm)
        runs = [run([name]) for name in files] if apart else [run(files)]
    return {name: statistics.median(one[name] for one in runs) for name in runs[0]}


def _hashing(paths: list[Path]) -> float:
    """Wall seconds of hashing each once."""
    started = time.perf_counter()
    for path in paths:
        sha256_file(path)
    return time.perf_counter() - started


def blocks(files: list[str], times: int) -> dict[str, float]:
    """Find the signature block of documents, each in the process that reads pages, which has read one before.

    :return: median and longest wall seconds of one.
    """
    walls = []
    for path in [Path(name) for name in [files[0], *files * times]]:
        started = time.perf_counter()
        reading = read_with_places(path)
        walls.append(time.perf_counter() - started)
        if reading.signature is None:
            raise RuntimeError(f"{path}: no signature block")
    return {"median": statistics.median(walls[1:]), "longest": max(walls[1:])}


def _all_signed(results: list[SignResult]) -> None:
    for result in results:
        if result.status is not Status.SIGNED:
            raise RuntimeError(f"{result.input}: {result.error}")


def verify(
    data_dir: str, files: list[str], warm: str | None = None, crls: list[str] | None = None, times: int = 1
) -> dict[str, float]:
    """Verify files one after the other, ledger included.

    :param warm: a file verified before the clock starts, so that imports are not counted.
    :param crls: revocation lists to use.
    :param times: how often the files are gone through.
    :return: wall and process seconds, how many files, and the wall seconds of hashing each as often.
    """
    paths = [Path(name) for name in files] * times
    with Office(load(Path(data_dir)), online=False, crls=[Path(name) for name in crls or []]) as office:
        if warm is not None:
            office.verify(Path(warm))
        hashing = _hashing(paths)
        wall, cpu = time.perf_counter(), time.process_time()
        conclusions = {str(office.verify(path).conclusion) for path in paths}
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if conclusions - {"valid", "warning", "indeterminate"}:
        raise RuntimeError(f"not the verdict expected: {conclusions}")
    return {"wall": wall, "cpu": cpu, "files": float(len(paths)), "hashing": hashing}


def card(data_dir: str, files: list[str]) -> dict[str, float]:
    """Open the window, drop one file after the other, each on an empty page; the first is not counted.

    :return: median and longest wall seconds from the drop until the card is drawn.
    """
    from PySide6.QtCore import QEventLoop

    from ui.app import application, open_window
    from ui.pages.verify import VerifyPage

    application_ = application()
    walls = []
    with Office(load(Path(data_dir)), online=False) as office:
        window = open_window(office)
        window.resize(1280, 800)
        page = window.pages["verify"]
        assert isinstance(page, VerifyPage)
        for name in files:
            page.clear()
            until = time.perf_counter() + 0.3
            while time.perf_counter() < until:
                application_.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            started = time.perf_counter()
            window.open_files([Path(name)])
            while page.card is None or not page.card.isVisible():
                application_.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            page.card.grab()
            walls.append(time.perf_counter() - started)
        while page.busy:  # the last one is still entered in the ledger
            application_.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        window.close()
    return {"median": statistics.median(walls[1:]), "longest": max(walls[1:])}


_JOBS: dict[str, Callable[..., dict[str, Any]]] = {"sign": sign, "blocks": blocks, "verify": verify, "card": card}

if __name__ == "__main__":
    figures = _JOBS[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps({**figures, "peak": peak_here()}))
