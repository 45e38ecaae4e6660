"""What another bundle changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from app.bundle.content import Content, Kind
from app.times import day
from app.trust.crl import read_crl
from app.trust.holder import COMMON_NAME, holder


class Change(msgspec.Struct, frozen=True):
    """One difference between two bundles.

    :ivar name: of the authority; of a revocation list, that of its authority; empty for policy and module list.
    :ivar detail: SHA-256 of a certificate, day of issue of a list.
    """

    kind: Kind | Literal["distrust"]
    change: Literal["added", "removed", "replaced"]
    name: str = ""
    detail: str = ""


def changes(before: Content | None, after: Content) -> list[Change]:
    """:param before: None where there was none.
    :return: anchors first, since they weigh most."""
    earlier = before or Content(0, after.made)
    found = [
        *(Change("distrust", "added", "", sha256) for sha256 in sorted(after.distrusted - earlier.distrusted)),
        *(Change("distrust", "removed", "", sha256) for sha256 in sorted(earlier.distrusted - after.distrusted)),
        *_certificates("anchor", earlier.anchors, after.anchors),
        *_certificates("intermediate", earlier.intermediates, after.intermediates),
        *_lists(earlier, after),
    ]
    for kind, old, new in (("policy", earlier.policy, after.policy), ("modules", earlier.modules, after.modules)):
        if old != new:
            how: Literal["added", "removed", "replaced"] = "replaced" if old and new else "added" if new else "removed"
            found.append(Change(kind, how))  # type: ignore[arg-type]
    domains = [der for der, domain in after.anchors.items() if earlier.anchors.get(der, domain) is not domain]
    return found + [Change("anchor", "replaced", holder(der).name, after.anchors[der]) for der in domains]


def _certificates(kind: Kind, before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[Change]:
    from hashlib import sha256

    old, new = set(before), set(after)
    for der in sorted(new - old, key=lambda der: holder(der).name):
        yield Change(kind, "added", holder(der).name, sha256(der).hexdigest())
    for der in sorted(old - new, key=lambda der: holder(der).name):
        yield Change(kind, "removed", holder(der).name, sha256(der).hexdigest())


def _lists(before: Content, after: Content) -> Iterator[Change]:
    """A list that takes the place of another of the same authority counts as replaced."""
    old, new = ({_list_name(der): der for der in content.crls} for content in (before, after))
    for name, der in sorted(new.items()):
        if name not in old:
            yield Change("crl", "added", name, _issued(der))
        elif old[name] != der:
            yield Change("crl", "replaced", name, _issued(der))
    for name in sorted(old.keys() - new.keys()):
        yield Change("crl", "removed", name, _issued(old[name]))


def _list_name(der: bytes) -> str:
    issuer = read_crl(der).issuer
    return issuer.first(COMMON_NAME) or next((text for _kind, text in issuer.attributes), "")


def _issued(der: bytes) -> str:
    return day(read_crl(der).this_update)
