"""How awake the window stays while a batch is read, signed and told of.

``python -m tests.benchmarks.window DATA_DIR TOKEN PIN FILES…`` prints the figures as JSON; the environment names the
SoftHSM2 tokens, and Qt's platform is ``offscreen`` unless it says otherwise.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.office import Office
from app.settings import load
from tests.benchmarks.measure import peak_here, run


def batch(
    data_dir: str, token: str, pin: str, files: list[str], *, environment: dict[str, str] | None = None
) -> dict[str, float]:
    """Sign files in a window of a process of its own; see :func:`signed_in_window` for the figures."""
    arguments = [sys.executable, "-m", "tests.benchmarks.window", data_dir, token, pin, *files]
    done = run(arguments, environment={"QT_QPA_PLATFORM": "offscreen", **(environment or {})})
    figures: dict[str, float] = json.loads(done.output.splitlines()[-1])
    return figures


def signed_in_window(data_dir: Path, token: str, pin: str, files: list[Path]) -> dict[str, float]:
    """Drop files on Ký số, sign them all with the key of a token, see the results.

    :param token: serial of the token.
    :return: ``late_ms`` and ``busy_ms``, the longest time that the event loop kept a beat waiting and the longest that
        the main thread itself worked meanwhile, for the whole of it; ``reading_ms``, ``asking_ms``, ``signing_ms`` and
        ``results_ms``, the first of them for each part, and ``reading_busy_ms`` and so on, the second; ``wall`` seconds
        of the run from the PIN on; ``files``.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    from tests.ui.heartbeat import Heartbeat
    from ui.app import application, open_window
    from ui.pages.sign import SignPage

    application()
    with Office(load(data_dir)) as office:
        window = open_window(office)
        window.resize(1280, 800)
        page = window.pages["sign"]
        assert isinstance(page, SignPage)
        keys = page.setup.keys.box

        def until(condition: Callable[[], bool]) -> None:
            """Let the window go on as it does for a person, in the event loop of Qt."""
            ends = time.perf_counter() + 300
            looking = QTimer()
            looking.setInterval(20)
            looking.timeout.connect(lambda: loop.quit() if condition() or time.perf_counter() > ends else None)
            looking.start()
            loop = QEventLoop()
            loop.exec()
            looking.stop()
            if not condition():
                raise TimeoutError("the window did not come so far")

        assert all(window.pages.values())  # made ahead of time otherwise
        until(lambda: keys.count() > 0 and not window.tokens.looking)
        with Heartbeat() as reading:
            page.add(files)
            until(lambda: all(entry.looked or entry.problem for entry in page.list.files.entries))
        rows = [row for row in range(keys.count()) if keys.itemData(row).token.serial == token]
        keys.setCurrentIndex(rows[0])
        with Heartbeat() as asking:
            page.setup.submit.click()
            until(lambda: page.batch.currentWidget() in (page.batch.pin, page.batch.questions))
            if page.batch.currentWidget() is page.batch.questions:
                page.batch.questions.agree.click()
                until(lambda: page.batch.currentWidget() is page.batch.pin)
        page.batch.pin.field.setText(pin)
        started = time.perf_counter()
        with Heartbeat() as signing:
            page.batch.pin.submit.click()
            until(lambda: not page.batch.running)
        wall = time.perf_counter() - started
        with Heartbeat() as results:
            until(lambda: page.results.isVisible() and bool(page.results.results))
            until(lambda: results.beats > 20)
        signed = sum(entry.signed for entry in page.list.files.entries)
        window.close()
    if signed != len(files):
        act = page.list.files.act
        left = [f"{one.path.name}: {one.state(act)}" for one in page.list.files.entries if not one.signed]
        raise RuntimeError(f"{signed} of {len(files)} were signed; not signed: {left}")
    parts = {"reading": reading, "asking": asking, "signing": signing, "results": results}
    return {
        "late_ms": max(part.latest for part in parts.values()) * 1000,
        "busy_ms": max(part.busiest for part in parts.values()) * 1000,
        **{f"{name}_ms": part.latest * 1000 for name, part in parts.items()},
        **{f"{name}_busy_ms": part.busiest * 1000 for name, part in parts.items()},
        "wall": wall,
        "files": float(signed),
    }


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    told = signed_in_window(Path(sys.argv[1]), sys.argv[2], sys.argv[3], [Path(name) for name in sys.argv[4:]])
    print(json.dumps({**told, "peak": peak_here()}))
