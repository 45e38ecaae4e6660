"""Print what the verifier says of every forgery and every genuine file of the tests.

``python -m tests.attacks [--format NAME]… [--write FILE]``: makes a demo office with its services for the time of the
run. Exit 1 where a forgery passes, a genuine file is refused, or a verdict or reason is another than expected.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.attacks.document import written
from tests.attacks.model import Attack, Outcome, Workshop, run
from tests.attacks.table import samples


def main() -> int:
    formats = list(dict.fromkeys(sample.format for sample in samples()))
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--format", action="append", choices=formats, help="only these")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table of what is expected in FILE")
    options = parser.parse_args()
    if options.write is not None:
        options.write.write_text(written(samples()), encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        outcomes = _run(Path(name), options.format or formats)
    wrong = [outcome for outcome in outcomes if outcome.fault]
    forged = sum(isinstance(outcome.sample, Attack) for outcome in outcomes)
    print(
        f"\n{forged} forgeries, {len(outcomes) - forged} genuine files, {len(wrong)} wrong; "
        f"{sum(outcome.seconds for outcome in outcomes):.1f} s, "
        f"the slowest {max(outcome.seconds for outcome in outcomes):.2f} s"
    )
    return 1 if wrong else 0


def _run(folder: Path, formats: list[str]) -> list[Outcome]:
    os.environ["ANTIN_DATA_DIR"] = str(folder / "own")
    from tests.demo.office import build
    from tests.demo.services import Services, listen

    listener = listen()
    office = build(folder / "demo", port=listener.getsockname()[1])
    os.environ.update(office.environment)
    (folder / "work").mkdir()
    outcomes = []
    with Services(office.pki, listener):
        workshop = Workshop(office, folder / "work")
        for number, sample in enumerate(one for one in samples() if one.format in formats):
            own = folder / "work" / f"sample{number}"
            own.mkdir()
            outcomes.append(run(sample, workshop, own))
            _show(outcomes[-1])
    return outcomes


def _show(outcome: Outcome) -> None:
    sample = outcome.sample
    kind = "forged" if isinstance(sample, Attack) else "genuine"
    expected = f"{sample.verdict} {sample.code}".strip()
    print(
        f"{kind:8}{sample.format:7}{sample.name:52}{expected:44}{outcome.report.conclusion:14}"
        f"{outcome.seconds:6.2f}s  {' '.join(outcome.codes)}{f'  <<< {outcome.fault}' if outcome.fault else ''}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
