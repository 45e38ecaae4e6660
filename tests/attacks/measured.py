"""Verifying a file in a process of its own, to know what it costs: ``python -m tests.attacks.measured FILE``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """:ivar seconds: of processor time; ``mebibytes``: most memory held; ``codes``: of the file's reasons."""

    conclusion: str
    codes: list[str]
    seconds: float
    mebibytes: float


def verified(path: Path) -> Cost:
    """Have a file verified by a child that trusts nobody and contacts nothing."""
    command = [sys.executable, "-m", "tests.attacks.measured", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=40)
    return Cost(**json.loads(done.stdout))


def main() -> None:
    from app.trust.path import TrustEvaluator
    from app.trust.store import TrustStore
    from app.verification.engine import Verifier
    from app.verification.policy import Policy

    verifier = Verifier(TrustEvaluator(TrustStore(tuple), None), Policy.load())
    started = time.process_time()
    report = verifier.verify(Path(sys.argv[1]))
    seconds = time.process_time() - started
    reasons = [*report.reasons, *(reason for one in report.signatures for reason in one.reasons)]
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    mebibytes = int(peak.split()[1]) / 1024
    codes = list(dict.fromkeys(reason.code for reason in reasons))
    print(json.dumps({"conclusion": report.conclusion, "codes": codes, "seconds": seconds, "mebibytes": mebibytes}))


if __name__ == "__main__":
    main()
