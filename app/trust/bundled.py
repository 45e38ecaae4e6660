"""Trust material that IT staff sent in one signed file, as the stores of trust take it (:mod:`app.bundle` reads it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.trust.shipped import Domain


@dataclass(frozen=True)
class Bundled:
    """What a bundle brings.

    :ivar anchors: DER of roots with the domain of each.
    :ivar intermediates, crls: DER.
    :ivar source: told as where they come from.
    """

    anchors: Mapping[bytes, Domain] = field(default_factory=dict)
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    source: str = ""


NOTHING = Bundled()
