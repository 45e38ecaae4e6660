"""Locked settings that cannot both hold: said at the start, rather than where a clerk can do nothing about it."""

from __future__ import annotations

from collections.abc import Iterator

from app.settings.errors import ManagedContradiction
from app.settings.model import Settings


def check_contradictions(settings: Settings, origin: str) -> None:
    """:param origin: where IT staff set things.
    :raises ManagedContradiction: two that only they can change."""
    for names in _found(settings):
        if settings.locked.issuperset(names):
            one, *others = names
            raise ManagedContradiction(
                origin=origin, one=_told(settings, one), other=", ".join(_told(settings, name) for name in others)
            )


def _found(settings: Settings) -> Iterator[tuple[str, ...]]:
    """Names of settings whose values leave nothing that works."""
    if settings.signing.level != "B" and not settings.network.tsa_url:
        yield "signing.level", "network.tsa_url"
    tokens, trust, bundle = settings.tokens, settings.trust, settings.bundle
    if not tokens.use_known_modules and not tokens.modules:
        yield "tokens.use_known_modules", "tokens.modules"
    named = trust.roots or trust.own_anchors or bundle.signers or bundle.authorities
    if not trust.use_shipped_anchors and not named:
        yield "trust.use_shipped_anchors", "trust.roots", "trust.own_anchors", "bundle.signers", "bundle.authorities"


def _told(settings: Settings, name: str) -> str:
    from app.settings.definitions import value_of

    return f"{name} = {value_of(settings, name)!r}"
