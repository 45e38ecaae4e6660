"""What another bundle changes, and what is in one, in words."""

from __future__ import annotations

from app.bundle.changes import Change
from app.bundle.content import Content
from app.i18n import N_, _, ngettext

_CHANGES = {
    ("anchor", "added"): N_("now trusted: {name} ({detail})"),
    ("anchor", "removed"): N_("no longer sent as trusted: {name} ({detail})"),
    ("anchor", "replaced"): N_("vouches for others now: {name} ({detail})"),
    ("distrust", "added"): N_("counts nowhere from now on: {detail}"),
    ("distrust", "removed"): N_("no longer barred: {detail}"),
    ("intermediate", "added"): N_("issuing authority added: {name}"),
    ("intermediate", "removed"): N_("issuing authority no longer sent: {name}"),
    ("crl", "added"): N_("revocation list added: {name} ({detail})"),
    ("crl", "replaced"): N_("newer revocation list: {name} ({detail})"),
    ("crl", "removed"): N_("revocation list no longer sent: {name}"),
    ("policy", "added"): N_("policy of checking added"),
    ("policy", "removed"): N_("policy of checking no longer sent"),
    ("policy", "replaced"): N_("another policy of checking"),
    ("modules", "added"): N_("list of token drivers added"),
    ("modules", "removed"): N_("list of token drivers no longer sent"),
    ("modules", "replaced"): N_("another list of token drivers"),
}


def change(of: Change) -> str:
    """One difference; names in it are as their certificates have them."""
    return _(_CHANGES[of.kind, of.change]).format(name=of.name, detail=of.detail)


def contents(content: Content) -> str:
    """How much of what a bundle brings."""
    return ", ".join(
        (
            ngettext("{n} root", "{n} roots", len(content.anchors)).format(n=len(content.anchors)),
            ngettext("{n} issuing authority", "{n} issuing authorities", len(content.intermediates)).format(
                n=len(content.intermediates)
            ),
            ngettext("{n} revocation list", "{n} revocation lists", len(content.crls)).format(n=len(content.crls)),
            _("with a policy") if content.policy else _("without a policy"),
            _("with a list of drivers") if content.modules else _("without a list of drivers"),
        )
    )
