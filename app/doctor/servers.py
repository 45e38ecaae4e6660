"""Servers that signing and checking ask: whether they answer, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Responder, Workplace
from app.i18n import _

#: An answer that took longer is told, in seconds: every signature at level T waits for it.
_SLOW = 5.0

#: No more issuers' servers are asked.
_MOST = 8


def tsa(workplace: Workplace) -> Iterator[Finding]:
    """The time-stamp server that is set, asked for a time stamp."""
    stamp = workplace.stamp()
    url = workplace.office.settings.network.tsa_url
    if stamp is None:
        yield Finding(
            "tsa",
            "warn",
            _("No time-stamp server is set."),
            _(
                "To sign with a proven time, enter its address under “Settings”, “Go through the first set-up again”, "
                "step 4."
            ),
        )
    elif stamp.error is not None:
        error = stamp.error
        yield Finding(
            "tsa", "fail", error.message, error.hint, error.code, {"milliseconds": _milliseconds(stamp.seconds)}
        )
    else:
        yield _answered("tsa", url, stamp.seconds)


def ocsp(workplace: Workplace) -> Iterator[Finding]:
    """The servers that say whether the certificates on the tokens were revoked, each asked about one."""
    if not workplace.office.online:
        told = _("Not asked: nothing may be contacted (network.online).")
        yield Finding("ocsp", "ok", told, facts={"network": "offline"})
        return
    responders = workplace.responders()[:_MOST]
    if not responders:
        told = _("No certificate at hand names such a server.")
        yield Finding("ocsp", "ok", told, facts={"servers": 0})
    for responder in responders:
        yield _asked(workplace, responder)


def _asked(workplace: Workplace, responder: Responder) -> Finding:
    from app.trust.certificate import read_certificate
    from app.trust.der import DerError
    from app.trust.exchange import FetchFailed, post
    from app.trust.ocsp import MAX_SIZE, read_ocsp, request

    network = workplace.office.settings.network
    question, _nonce = request(read_certificate(responder.certificate), read_certificate(responder.issuer))
    started = time.monotonic()
    try:
        answer = post(
            responder.url,
            question,
            content_type="application/ocsp-request",
            accept="application/ocsp-response",
            timeout=network.fetch_timeout,
            limit=MAX_SIZE,
            proxy=network.proxy,
        )
        if read_ocsp(answer) is None:
            raise FetchFailed(_("the server answers with an error"), may_retry=True)
    except (FetchFailed, DerError) as error:
        seconds = time.monotonic() - started
        return Finding(
            "ocsp",
            "warn",
            _("{url} does not answer: {detail}").format(url=responder.url, detail=error),
            _(
                "Check the network, then look again; if web pages open, ask IT staff to let this address through. "
                "Until then signatures are made, but whether certificates were revoked stays open."
            ),
            facts={"milliseconds": _milliseconds(seconds)},
        )
    return _answered("ocsp", responder.url, time.monotonic() - started)


def _answered(check: str, url: str, seconds: float) -> Finding:
    facts: dict[str, Fact] = {"milliseconds": _milliseconds(seconds)}
    told = _("{url}, answered in {n} ms").format(url=url, n=_milliseconds(seconds))
    if seconds > _SLOW:
        hint = _("The server or the network is slow: signing takes so much longer. Try again later, or ask IT staff.")
        return Finding(check, "warn", told, hint, facts=facts)
    return Finding(check, "ok", told, facts=facts)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
