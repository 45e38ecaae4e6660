"""All checks, side by side, each with its limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from app.bundle.errors import UNUSABLE
from app.doctor import clock, drivers, installation, records, servers, trust
from app.doctor.finding import Finding
from app.doctor.workplace import Workplace
from app.errors import describe
from app.i18n import _
from app.support import log

if TYPE_CHECKING:
    from app.office import Office
    from app.settings import Settings


class Check(NamedTuple):
    """A check: its name, what does it, and after how many seconds nobody waits for it any longer."""

    name: str
    look: Callable[[Workplace], Iterator[Finding]]
    limit: Callable[[Settings], float]


def _of_tokens(settings: Settings) -> float:
    return settings.tokens.call_timeout * 2 + 5


def _of_network(settings: Settings) -> float:
    return settings.network.fetch_timeout * 2 + 5


def _of_this_computer(_settings: Settings) -> float:
    return 20.0


CHECKS = (
    Check("modules", drivers.modules, _of_tokens),
    Check("duplicates", drivers.duplicates, _of_tokens),
    Check("readers", drivers.readers, _of_tokens),
    Check("tokens", drivers.tokens, _of_tokens),
    Check("clock", clock.clock, _of_network),
    Check("tsa", servers.tsa, _of_network),
    Check("ocsp", servers.ocsp, lambda settings: _of_tokens(settings) + _of_network(settings)),
    Check("anchors", trust.anchors, _of_this_computer),
    Check("lists", trust.lists, _of_this_computer),
    Check("bundle", trust.bundle, _of_this_computer),
    Check("data", records.data, _of_this_computer),
    Check("database", records.database, lambda _settings: 45.0),
    Check("archive", records.archive, _of_this_computer),
    Check("ledger", records.ledger, lambda _settings: 120.0),
    Check("settings", installation.settings, _of_this_computer),
    Check("program", installation.program, _of_this_computer),
    Check("display", installation.display, _of_this_computer),
    Check("fonts", installation.fonts, _of_this_computer),
    Check("crashes", installation.crashes, _of_this_computer),
)


def examine(office: Office, checks: Sequence[Check] = CHECKS) -> Iterator[Finding]:
    """Look at everything. A check that breaks is itself a finding, and so is one that does not end.

    :return: findings as they are known; those of one check stand together.
    """
    workplace = Workplace(office)
    ended: SimpleQueue[tuple[str, list[Finding], float]] = SimpleQueue()
    started = time.monotonic()
    for check in checks:
        threading.Thread(target=_look, args=(check, workplace, ended), name=f"check {check.name}", daemon=True).start()
    limits = {check.name: check.limit(office.settings) for check in checks}
    while limits:
        patience = started + min(limits.values()) - time.monotonic()
        try:
            name, findings, seconds = ended.get(timeout=max(0.0, patience))
        except Empty:
            for name in [name for name, limit in limits.items() if time.monotonic() >= started + limit]:
                yield from _told(name, [_late(name, limits.pop(name))], time.monotonic() - started)
            continue
        if limits.pop(name, None) is not None:
            yield from _told(name, findings, seconds)


def _look(check: Check, workplace: Workplace, ended: SimpleQueue[tuple[str, list[Finding], float]]) -> None:
    started = time.monotonic()
    findings: list[Finding] = []
    try:
        findings += check.look(workplace)
    except Exception as error:
        told = describe(error)
        if told.code in UNUSABLE and check.name != "bundle":
            findings.append(_held_up(check.name, told.code))
        else:
            findings.append(Finding(check.name, "fail", told.message, told.hint, told.code))
    ended.put((check.name, findings, time.monotonic() - started))


def _told(name: str, findings: list[Finding], seconds: float) -> list[Finding]:
    for finding in findings:
        log.note("checked", check=name, status=finding.status, error=finding.code, seconds=round(seconds, 3))
    return findings


def _held_up(name: str, code: str) -> Finding:
    """What cannot be looked at because of the trust bundle, which a finding of its own tells."""
    return Finding(
        name,
        "warn",
        _("This cannot be looked at while the trust bundle cannot be used."),
        _("Put right first what stands beside “Trust bundle of IT staff”; then look again."),
        code,
    )


def _late(name: str, limit: float) -> Finding:
    return Finding(
        name,
        "warn",
        _("This did not answer within {n:.0f} seconds.").format(n=limit),
        _("Look at this once more in a minute. If it stays so, send the file for support."),
        "check-timeout",
        {"seconds": limit},
    )
