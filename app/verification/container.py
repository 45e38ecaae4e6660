"""References of a signature to the files of the ZIP container it stands in (ODF 1.3 part 2; ETSI EN 319 162-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.documents.zip_errors import ArchiveRejected
from app.trust.model import Problem
from app.verification.model import DocumentFacts
from app.xmldsig.fault import SignatureFault
from app.xmldsig.files import ReferencedFiles, entry_name
from app.xmldsig.signature import Reference

_PROBLEMS_LIMIT: Final = 50
_NAMES_TOLD: Final = 5


def rejected(format: str, error: ArchiveRejected) -> DocumentFacts:
    """The facts of a container that is not read at all."""
    data = tuple((name, str(value)) for name, value in error.data.items())
    return DocumentFacts(format, readable=False, problems=(Problem(error.code, data),))


class SignedFiles(ReferencedFiles):
    """Those files, and whether the references to them hold."""

    def check(self, references: Iterable[Reference]) -> tuple[set[str], list[Problem]]:
        """Check the references to files.

        :return: names of the files that are covered, and a problem for each that does not hold (at most 50).
        :raises SignatureFault: a reference that is not allowed or not supported.
        :raises ArchiveRejected: a file does not unpack.
        """
        covered: set[str] = set()
        problems: list[Problem] = []
        for reference in references:
            name = entry_name(reference.uri)
            if name in covered or reference.enveloped:
                raise SignatureFault("xmldsig-reference", uri=reference.uri[:120])
            covered.add(name)
            entry = self._archive.entries.get(name)
            if entry is None:
                problem = Problem("container-part-missing", (("name", name),))
            elif self.digest(entry, reference) != reference.digest:
                problem = Problem("container-part-changed", (("name", name),))
            else:
                continue
            if len(problems) < _PROBLEMS_LIMIT:
                problems.append(problem)
        return covered, problems


def told(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """``count`` and ``names`` of a sentence about files, the first five named."""
    listed = list(names)
    return ("count", str(len(listed))), ("names", ", ".join(listed[:_NAMES_TOLD]))
