"""Verification in a child process that measures what each file costs and is never let near a network.

Time is that of the processor, so that a busy machine does not count; memory is the peak of one file's verification.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

#: What the verifier of an office may take for one file of hostile structure.
SECONDS: Final = 5.0
MEGABYTES: Final = 300
#: Beyond this the child is ended by the system, whatever it does.
_ADDRESS_SPACE: Final = 2 << 30
_PROCESSOR_SECONDS: Final = 30

_CHILD: Final = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({space}, {space}))

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(2, b"a network was asked for\\n")
        os._exit(77)

sys.addaudithook(refuse)
from pathlib import Path
from app.trust.path import TrustEvaluator
from app.trust.store import TrustStore
from app.verification.engine import Verifier
from app.verification.policy import Policy

verifier = Verifier(TrustEvaluator(TrustStore(tuple), None), Policy.load())
verifier.verify(Path(sys.argv[1]))
for line in sys.stdin:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + {seconds}
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    Path("/proc/self/clear_refs").write_text("5")
    report = verifier.verify(Path(line.rstrip("\\n")))
    after = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text()
    print(json.dumps({{
        "seconds": after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime,
        "megabytes": int(status.split("VmHWM:")[1].split()[0]) // 1024,
        "conclusion": report.conclusion,
        "codes": [reason.code for one in (report, *report.signatures) for reason in one.reasons],
        "changes": sum(len(one.changes) for one in report.signatures),
    }}), flush=True)
"""


@dataclass(frozen=True)
class Cost:
    """What the verification of one file took, and what it said.

    :ivar seconds: of the processor.
    :ivar megabytes: the most memory that the whole process held meanwhile.
    :ivar changes: how many are listed, over all signatures.
    """

    seconds: float
    megabytes: int
    conclusion: str
    codes: list[str]
    changes: int

    @property
    def within(self) -> bool:
        return self.seconds < SECONDS and self.megabytes < MEGABYTES


class Died(Exception):
    """The child ended instead of answering: it crashed, took too much or asked for a network; with what it said."""


class Measuring:
    """The child, for as many files as are asked for. A context manager."""

    def __init__(self, warm_up: Path) -> None:
        """:param warm_up: a file verified once beforehand, so that imports do not count."""
        code = _CHILD.format(space=_ADDRESS_SPACE, seconds=_PROCESSOR_SECONDS)
        self._child = subprocess.Popen(
            [sys.executable, "-c", code, str(warm_up)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def __enter__(self) -> Measuring:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.communicate()

    def verify(self, path: Path) -> Cost:
        """:raises Died: see there."""
        assert self._child.stdin is not None and self._child.stdout is not None and self._child.stderr is not None
        try:
            self._child.stdin.write(f"{path}\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._child.stdout.readline()
        if not line:
            raise Died(f"{path.name}: exit {self._child.wait()}: {self._child.stderr.read()[-2000:]}")
        return Cost(**json.loads(line))
