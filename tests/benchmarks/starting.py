"""How fast the program starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.measure import side_by_side

_BIN = Path(sys.executable).parent


def figures(bench: Bench) -> Iterator[Figure]:
    yield _version()
    yield _cold_verify(bench)


def _version() -> Figure:
    walls = side_by_side({"python": [sys.executable, "-c", "pass"], "antin": [_BIN / "antin", "--version"]}, 20)
    ratio = walls["antin"] / walls["python"]
    return Figure(
        "`antin --version` ÷ `python -c pass`", f"{ratio:.2f} ({walls['antin'] * 1000:.0f} ms)", "< 4", ratio < 4
    )


def _cold_verify(bench: Bench) -> Figure:
    bench.sign("cold", bench.one_page("cold-in", 1))
    signed = bench.filed("cold")[0]
    root = bench.office.pki.root_certificate
    data = bench.data_dir("cold-verify")
    ours = [_BIN / "antin", "--data-dir", data, "verify", "--offline", "--trust-root", root, signed]
    peer = [_BIN / "pyhanko", "sign", "validate", "--no-strict-syntax", "--trust", root, signed]
    walls = side_by_side({"pyhanko": peer, "antin": ours}, 7, codes=(0, 1, 4))
    ratio = walls["antin"] / walls["pyhanko"]
    return Figure(
        "cold `antin verify` of a PDF ÷ `pyhanko sign validate`",
        f"{ratio:.2f} ({walls['antin'] * 1000:.0f} ms)",
        "< 0.6",
        ratio < 0.6,
    )
