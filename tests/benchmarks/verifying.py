"""Verification of one file and of folders, and the card in the window."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.measure import in_child, run, two_at_a_time

_BIN = Path(sys.executable).parent


def figures(bench: Bench) -> Iterator[Figure]:
    yield from _warm_verify(bench)
    yield from _folder_verify(bench)
    yield _card(bench)


def _warm_verify(bench: Bench) -> Iterator[Figure]:
    for name, limit in (("cong_van_pdf", 15), ("cong_van_docx", 20)):
        source = bench.office.samples[name]
        bench.sign(f"warm-{name}", [source])
        signed = [str(path) for path in bench.filed(f"warm-{name}")]
        figures = in_child(
            "verify",
            {
                "data_dir": str(bench.folder / f"warm-{name}"),
                "files": signed,
                "warm": signed[0],
                "crls": bench.crls(),
                "times": 100,
            },
        )
        each = figures["cpu"] / figures["files"] * 1000
        yield Figure(
            f"one signed {source.suffix} verified in a warm process, ledger included, process time",
            f"{each:.1f} ms",
            f"< {limit} ms",
            each < limit,
        )


def _folder_verify(bench: Bench) -> Iterator[Figure]:
    """A folder on two cores; the peers are started once for each file, two at a time, on a sample of it."""
    bench.sign("folder", bench.one_page("folder-in", 20))
    signed = bench.filed("folder")
    folder = bench.folder / "2000"
    folder.mkdir()
    copies = [Path(shutil.copy(signed[number % len(signed)], folder / f"{number:04}.pdf")) for number in range(2000)]
    root = bench.office.pki.root_certificate
    lists = [word for path in bench.crls() for word in ("--crl", path)]
    data = bench.data_dir("folder-verify")
    ours = [_BIN / "antin", "--data-dir", data, "verify", "--json", "--offline", "--jobs", "2", *lists, folder]
    pyhanko = [_BIN / "pyhanko", "sign", "validate", "--no-strict-syntax", "--trust", root]
    before = two_at_a_time(["pdfsig"], copies[:200])
    wall = run(ours).wall  # which fails unless all are valid
    after = two_at_a_time(["pdfsig"], copies[200:400])
    rate = len(copies) / wall
    for name, peer, target in (
        ("`pdfsig`, two at a time", 2 / (1 / before + 1 / after), 2),
        ("`pyhanko sign validate`, two at a time", two_at_a_time(pyhanko, copies[:10], codes=(0, 1)), 20),
    ):
        yield Figure(
            f"a folder of {len(copies)} signed PDFs, files a second ÷ {name}",
            f"{rate / peer:.1f} ({rate:.0f} a second)",
            f"≥ {target}",
            rate / peer >= target,
        )


def _card(bench: Bench) -> Figure:
    bench.sign("card", bench.one_page("card-in", 11))
    dropped = in_child(
        "card",
        {"data_dir": str(bench.folder / "card"), "files": [str(path) for path in bench.filed("card")]},
        environment={"QT_QPA_PLATFORM": "offscreen"},
    )
    each = dropped["median"] * 1000
    return Figure("the card in the window after the drop of a signed PDF", f"{each:.0f} ms", "≤ 100 ms", each <= 100)
