"""Large and crowded files, signed and verified."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.files import large_docx, large_pdf, linked_docx
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.measure import in_child

#: How many files of a kind are signed, each once: the archive looks at a copy of the same size before it takes another.
_TIMES = 3


def figures(bench: Bench) -> Iterator[Figure]:
    with bench.on_memory_disk() as (memory, where):
        yield from _large_docx(memory, where)
    with bench.on_memory_disk() as (memory, where):
        yield from _large_pdf(memory, where)
    yield _many_relationships(bench)


def _large_docx(bench: Bench, where: str) -> Iterator[Figure]:
    paths = [large_docx(bench.folder / f"anh-{number}.docx") for number in range(_TIMES)]
    size = paths[0].stat().st_size / (1 << 20)
    small = str(bench.office.samples["cong_van_docx"])
    figures = bench.sign("docx", paths, warm=[small], apart=True)
    wall = figures["wall"]
    yield Figure(f"a .docx of {size:.0f} MiB signed{where}", f"{wall:.2f} s", "< 0.45 s", wall < 0.45)
    warm, *large = sorted(bench.filed("docx"), key=lambda path: path.stat().st_size)
    cpu = median(
        in_child("verify", {"data_dir": str(bench.folder / "docx"), "files": [str(path)], "warm": str(warm)})["cpu"]
        for path in large
    )
    yield Figure("the same verified, process time", f"{cpu:.2f} s", "< 0.25 s", cpu < 0.25)


def _large_pdf(bench: Bench, where: str) -> Iterator[Figure]:
    paths = [large_pdf(bench.folder / f"quet-{number}.pdf") for number in range(_TIMES)]
    figures = bench.sign("pdf", paths, warm=[str(bench.office.samples["cong_van_pdf"])], apart=True)
    ratio = figures["wall"] / figures["hashing"]
    yield Figure(
        f"a PDF of 500 MiB signed ÷ its SHA-256 alone{where}",
        f"{ratio:.2f} ({figures['wall']:.2f} s)",
        "≤ 2",
        ratio <= 2,
    )
    yield Figure("the same, peak memory", f"{figures['peak']:.0f} MiB", "< 200", figures["peak"] < 200)
    checked = in_child(
        "verify",
        {
            "data_dir": str(bench.folder / "pdf"),
            "files": [str(path) for path in bench.filed("pdf") if path.stat().st_size > 1 << 20][:1],
            "warm": str(bench.office.samples["cong_van_pdf"]),
            "times": 5,
        },
    )
    peak, ratio = checked["peak"], checked["wall"] / checked["hashing"]
    yield Figure("the same verified, peak memory", f"{peak:.0f} MiB", "< 200", peak < 200)
    yield Figure("the same verified ÷ its SHA-256 alone", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5)


def _many_relationships(bench: Bench) -> Figure:
    small = bench.office.samples["cong_van_docx"]
    path = linked_docx(bench.folder / "lien-ket.docx", small)
    bench.sign("links", [path])
    checked = in_child(
        "verify",
        {
            "data_dir": str(bench.folder / "links"),
            "files": [str(path) for path in bench.filed("links")],
            "warm": str(small),
        },
    )
    return Figure(
        "a signed .docx of 20,000 relationships verified, process time",
        f"{checked['cpu']:.2f} s",
        "< 0.6 s",
        checked["cpu"] < 0.6,
    )
