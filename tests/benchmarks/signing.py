"""Batches at the signing desk, and where the mark of a page belongs."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import window
from tests.benchmarks.frame import Bench, Figure, environment
from tests.benchmarks.measure import in_child


def figures(bench: Bench) -> Iterator[Figure]:
    yield _batch(bench)
    yield _warm_batch(bench)
    yield _slow_token(bench)
    yield _window(bench)
    yield _block(bench)


def _batch(bench: Bench) -> Figure:
    figures = bench.sign("batch", bench.one_page("batch-in", 100))
    rate = figures["files"] / figures["wall"]
    return Figure(
        "100 one-page PDFs on SoftHSM2, ledger and filing included", f"{rate:.0f} a second", "≥ 25", rate >= 25
    )


def _warm_batch(bench: Bench) -> Figure:
    first, *files = bench.one_page("warm-in", 201)
    figures = bench.sign("warm", files, warm=[str(first)])
    rate = figures["files"] / figures["wall"]
    return Figure(
        "200 one-page PDFs on SoftHSM2 in a process that has signed before", f"{rate:.0f} a second", "≥ 40", rate >= 40
    )


def _slow_token(bench: Bench) -> Figure:
    from tests.token.build import Misbehaviour, compile_module

    module = compile_module(bench.folder)
    misbehaviour = Misbehaviour(bench.folder / "misbehave.txt", bench.office.module)
    misbehaviour.order(sign_delay_ms=300)
    with environment(misbehaviour.environment):
        figures = bench.sign("slow", bench.one_page("slow-in", 200), module=str(module), act="approve")
    signatures = misbehaviour.calls("C_Sign")
    assert signatures == figures["files"] + 1, "one a file, and one over the ledger at the end of the session"
    ratio = figures["wall"] / (0.3 * signatures)
    return Figure(
        "200 approved with the leader's mark on a token of 300 ms ÷ the token's own time for 201 signatures",
        f"{ratio:.3f}",
        "≤ 1.03",
        ratio <= 1.03,
    )


def _window(bench: Bench) -> Figure:
    token = bench.office.tokens["leader"]
    files = [str(path) for path in bench.one_page("window-in", 200)]
    figures = window.batch(
        str(bench.data_dir("window")), token.serial, token.pin, files, environment=bench.office.environment
    )
    late = figures["late_ms"]
    return Figure(
        "a beat of the window's event loop while 200 files are read, signed and told of: the latest came late by",
        f"{late:.0f} ms ({figures['busy_ms']:.0f} ms at work)",
        "≤ 50 ms",
        late <= 50,
    )


def _block(bench: Bench) -> Figure:
    samples = [path for name, path in bench.office.samples.items() if name.endswith("_pdf")]
    found = in_child("blocks", {"files": [str(path) for path in samples], "times": 25})
    each = found["median"] * 1000
    return Figure("the signature block of a page found", f"{each:.0f} ms", "< 30 ms", each < 30)
