"""Trust material that IT staff sent in one signed file, as the stores of trust take it (:mod:`app.bundle` reads it)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.trust.shipped import Domain

_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


@dataclass(frozen=True)
class Bundled:
    """What a bundle brings.

    :ivar anchors: DER of roots with the domain of each.
    :ivar intermediates, crls: DER.
    :ivar distrusted: SHA-256 of authorities that count nowhere, whoever trusts them.
    :ivar made: aware; when it was made.
    :ivar source: told as where they come from.
    """

    anchors: Mapping[bytes, Domain] = field(default_factory=dict)
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    distrusted: frozenset[str] = frozenset()
    made: dt.datetime = _EPOCH
    source: str = ""


NOTHING = Bundled()
