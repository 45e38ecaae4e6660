"""The words of preflight: what was found in a document, how grave it is, what can be put right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec


class Severity(StrEnum):
    """How grave a finding is.

    ``STOP``: it is not signed as it is. ``ASK``: what others see may differ from what is signed; a person should
    decide. ``WARN``: worth knowing. ``INFO``: a property of the document.
    """

    STOP = "stop"
    ASK = "ask"
    WARN = "warn"
    INFO = "info"


class Found(msgspec.Struct, frozen=True):
    """A fact of the document. ``data`` fills the sentence of its code."""

    code: str
    data: dict[str, str] = {}


class Inspection(msgspec.Struct, frozen=True):
    """What an inspector found.

    :ivar signed: it bears a signature, be it a broken one; such a file is never repaired.
    :ivar fonts: names of the fonts that it uses, without the marks of subsets; PDF and Word files only.
    """

    found: list[Found]
    signed: bool = False
    fonts: list[str] = []


class Finding(msgspec.Struct, frozen=True):
    """What a person is told.

    :ivar message: the consequence. :ivar hint: what to do.
    :ivar mendable: :func:`app.preflight.check.repair` puts it right on a copy.
    """

    code: str
    severity: Severity
    message: str
    hint: str
    mendable: bool


@dataclass(frozen=True)
class Preflight:
    """The findings on one file, the gravest first.

    :ivar format: of the content, as in the command contract.
    """

    path: Path
    format: str
    findings: Sequence[Finding]
    signed: bool = False

    @property
    def severity(self) -> Severity | None:
        """Of the gravest finding; None where there is none."""
        return self.findings[0].severity if self.findings else None

    @property
    def mendable(self) -> bool:
        """Whether a repaired copy would differ."""
        return any(finding.mendable for finding in self.findings)


#: Names shown of a longer list.
_SHOWN = 5
_LONGEST = 80


def named(code: str, names: Sequence[str]) -> Found:
    """A finding about named things: ``count`` of them, and the first five ``names``."""
    once = list(dict.fromkeys(names))
    shown = ", ".join(name[:_LONGEST] for name in once[:_SHOWN]) + ("…" if len(once) > _SHOWN else "")
    return Found(code, {"count": str(len(names)), "names": shown})


def listed(names: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """A finding for each code of which there are named things, as :func:`named`."""
    return (named(code, those) for code, those in names.items() if those)


def counted(counts: Mapping[str, int]) -> Iterator[Found]:
    """A finding for each code that was counted at all."""
    return (Found(code, {"count": str(count)}) for code, count in counts.items() if count)
