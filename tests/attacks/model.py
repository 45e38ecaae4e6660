"""One shape for the forgeries of all formats, and for the genuine files that must pass beside them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from app.verification.engine import Verifier
from app.verification.model import Conclusion, FileReport
from tests.demo.office import DemoOffice
from tests.demo.pki import Pki

ACCEPTED = frozenset({Conclusion.VALID, Conclusion.WARNING})

Made = TypeVar("Made")


class Workshop:
    """Where genuine files are made, once each, and where the program's own verifier stands.

    :ivar pki: of the demo office, whose services have to run.
    :ivar folder: holds what was made.
    """

    def __init__(self, office: DemoOffice, folder: Path) -> None:
        """:param folder: an empty one, for the genuine files and the verifier's data."""
        self.pki: Pki = office.pki
        self._office, self.folder = office, folder
        self._made: dict[Callable[..., Any], Any] = {}

    def once(self, make: Callable[[Pki, Path], Made]) -> Made:
        """What ``make`` makes in a folder of its own, made when first asked for."""
        if make not in self._made:
            folder = self.folder / f"made{len(self._made)}"
            folder.mkdir()
            self._made[make] = make(self.pki, folder)
        made: Made = self._made[make]
        return made

    @cached_property
    def verifier(self) -> Verifier:
        """The program's own, every root trusted and revocation known: only the document can be at fault."""
        from app.office import Office
        from app.settings import load
        from tests.attacks import pdf_evidence

        folder = self.folder / "data"
        folder.mkdir()
        (folder / "settings.toml").write_bytes(self._office.settings_file.read_bytes())
        roots, crls = pdf_evidence.write(folder)
        return Office(load(folder), trust_roots=[roots], crls=[crls]).verifier


@dataclass(frozen=True)
class Sample:
    """A file and what the verifier has to say of it.

    :ivar make: writes the file into an empty folder and returns its path.
    :ivar code: of a reason that must be given; empty where none need be.
    """

    format: str
    name: str
    make: Callable[[Workshop, Path], Path]
    verdict: Conclusion
    code: str = ""


class Attack(Sample):
    """A forgery. Its verdict is never one of :data:`ACCEPTED`."""


class Genuine(Sample):
    """What an office really receives. Its verdict is one of :data:`ACCEPTED`."""


@dataclass(frozen=True)
class Outcome:
    """:ivar seconds: of the verification alone."""

    sample: Sample
    report: FileReport
    seconds: float

    @property
    def codes(self) -> list[str]:
        """Of the reasons given, the file's before the signatures', each once."""
        found = [*self.report.reasons, *(reason for one in self.report.signatures for reason in one.reasons)]
        return list(dict.fromkeys(reason.code for reason in found))

    @property
    def fault(self) -> str:
        """What is wrong with the verifier's answer; empty where nothing is."""
        accepted = self.report.conclusion in ACCEPTED
        if isinstance(self.sample, Attack) and accepted:
            return "FALSE VALID"
        if isinstance(self.sample, Genuine) and not accepted:
            return "REFUSED GENUINE FILE"
        if self.report.conclusion is not self.sample.verdict:
            return "OTHER VERDICT"
        if self.sample.code and self.sample.code not in self.codes:
            return "OTHER REASON"
        return ""


def run(sample: Sample, workshop: Workshop, folder: Path) -> Outcome:
    """Make the file in an empty folder and have it verified."""
    file = sample.make(workshop, folder)
    verifier = workshop.verifier
    started = time.monotonic()
    report = verifier.verify(file)
    return Outcome(sample, report, time.monotonic() - started)
