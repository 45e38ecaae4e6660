"""Batches at the signing desk."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.frame import Bench, Figure, environment


def figures(bench: Bench) -> Iterator[Figure]:
    yield _batch(bench)
    yield _slow_token(bench)


def _batch(bench: Bench) -> Figure:
    figures = bench.sign("batch", bench.one_page("batch-in", 100))
    rate = figures["files"] / figures["wall"]
    return Figure(
        "100 one-page PDFs on SoftHSM2, ledger and filing included", f"{rate:.0f} a second", "≥ 25", rate >= 25
    )


def _slow_token(bench: Bench) -> Figure:
    from tests.token.build import Misbehaviour, compile_module

    module = compile_module(bench.folder)
    misbehaviour = Misbehaviour(bench.folder / "misbehave.txt", bench.office.module)
    misbehaviour.order(sign_delay_ms=300)
    with environment(misbehaviour.environment):
        figures = bench.sign("slow", bench.one_page("slow-in", 100), module=str(module))
    own = 0.3 * figures["files"]
    ratio = figures["wall"] / own
    return Figure("the same 100 on a token of 300 ms ÷ the token's own time", f"{ratio:.3f}", "≤ 1.10", ratio <= 1.10)
