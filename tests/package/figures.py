"""Size and start of the packaged program: ``python -m tests.package.figures docs/benchmarks.md`` after ``make deb``."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from app.times import today
from tests.package.screen import Screen

_ROOT: Final = Path(__file__).parent.parent.parent
_PROGRAM: Final = _ROOT / "build/frozen/dist/antin"
_RUNS: Final = 7
_SECTION: Final = re.compile(r"(<!-- package begin -->\n).*?(<!-- package end -->)", re.DOTALL)


def main() -> int:
    """Measure, print the table and write it into the document named as argument."""
    (package,) = (_ROOT / "dist").glob("antin_*_amd64.deb")
    tree = _ROOT / "build/deb/root"
    size = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_symlink() or not path.is_dir()) / 1e6
    version = statistics.median(_command("--version") for _ in range(_RUNS))
    window = statistics.median(_window() for _ in range(_RUNS))
    rows = [
        ("installed", f"{size:.1f} MB", "< 200 MB", size < 200),
        ("the .deb itself", f"{package.stat().st_size / 1e6:.0f} MB", "", None),
        ("`antin --version`", f"{version * 1000:.0f} ms", "", None),
        ("from the command to the drawn window", f"{window:.2f} s", "≤ 0.8 s", window <= 0.8),
    ]
    lines = [f"Measured {today().isoformat()} on {os.cpu_count()} cores.", ""]
    lines += ["| what | measured | target | met |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {measured} | {target} | {'' if met is None else 'yes' if met else '**no**'} |"
        for what, measured, target, met in rows
    ]
    table = "\n".join(lines) + "\n"
    sys.stdout.write(table)
    document = Path(sys.argv[1])
    text, count = _SECTION.subn(lambda found: found[1] + table + found[2], document.read_text(encoding="utf-8"))
    assert count == 1, "the document has no section for the package"
    document.write_text(text, encoding="utf-8")
    return 0


def _command(*words: str) -> float:
    """Seconds a command takes."""
    start = time.monotonic()
    subprocess.run([_PROGRAM / "antin", *words], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def _window() -> float:
    """Seconds from the command until something is drawn on a fresh screen, in a home of its own."""
    with tempfile.TemporaryDirectory() as home, Screen() as screen:
        screen.picture()
        environment = {"PATH": "/usr/bin:/bin", "HOME": home, "DISPLAY": screen.display, "LANG": "C.UTF-8"}
        start = time.monotonic()
        process = subprocess.Popen([_PROGRAM / "antin", "open"], env=environment, stderr=subprocess.DEVNULL)
        try:
            return screen.wait_for_window(colours=4) - start
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
