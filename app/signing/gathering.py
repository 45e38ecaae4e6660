"""Evidence for levels LT and LTA: what is known of the certificates that a signature and its time stamps use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.signing.errors import EvidenceMissing
from app.trust.evidence import Evidence
from app.trust.holder import holder
from app.trust.model import RevocationStatus, TrustFacts

if TYPE_CHECKING:
    from app.trust.model import TimestampFacts
    from app.trust.path import Usage

#: What is known of a certificate now, and the evidence for it; ``others`` may stand between it and an anchor.
Gather = Callable[[bytes, Sequence[bytes], "Usage"], tuple[TrustFacts, Evidence]]


@dataclass(frozen=True)
class Used:
    """A certificate that needs evidence.

    :ivar certificate: DER; ``others``: those that come along with it.
    :ivar usage: what it was used for.
    """

    certificate: bytes
    others: tuple[bytes, ...]
    usage: Usage


def authorities(stamps: Iterable[TimestampFacts]) -> tuple[Used, ...]:
    """The certificates of time-stamp authorities, as far as their stamps name them."""
    return tuple(
        Used(stamp.certificate, stamp.certificates, "timestamp") for stamp in stamps if stamp.certificate is not None
    )


class Gathering:
    """Gathers the evidence for one file; of every certificate once."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._known: dict[bytes, tuple[TrustFacts, Evidence]] = {}

    def evidence(self, used: Iterable[Used]) -> Evidence:
        """Fresh evidence for certificates. One that has run out has its evidence from before; nothing more can be had.

        :raises EvidenceMissing: what can be had of one does not suffice.
        """
        found = Evidence()
        for one in used:
            if one.certificate not in self._known:
                self._known[one.certificate] = self._gather(one.certificate, one.others, one.usage)
            facts, evidence = self._known[one.certificate]
            if facts.trusted and not facts.in_period:
                continue
            status = facts.revocation.status
            if not facts.trusted or facts.problems or status is not RevocationStatus.GOOD:
                why = facts.problems[0].code if facts.problems else f"revocation-{status}"
                raise EvidenceMissing(holder=holder(one.certificate).name, why=why)
            found += evidence
        return found
