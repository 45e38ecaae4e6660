"""Drivers of tokens (PKCS#11 modules), card readers, and the tokens themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from app import token_devices
from app.doctor.finding import Fact, Finding
from app.doctor.workplace import Workplace
from app.errors import describe
from app.i18n import N_, _, ngettext
from app.system import here, smart_cards
from app.system.smart_cards import Readers, Service
from app.token_devices import Device

#: What the bridge says of files that are no modules, in words of the catalogue.
_DETAILS = (
    N_("the file is missing"),
    N_("the file is empty"),
    N_("the file is no shared library"),
    N_("no file, but a folder or a device"),
    N_("the file is no PKCS#11 module: it exports no C_GetFunctionList"),
)

#: SoftHSM has its keys in files: no reader has such a token in it.
_SOFTWARE = "SoftHSM"


#: What to do about the PIN of a token, by its state.
_PIN_HINTS = {
    "low": N_("A wrong PIN was typed before. Type the right one slowly the next time; that sets the count back."),
    "final-try": N_(
        "One more wrong PIN locks the token. Do not guess: ask its holder, or have the issuer give it a new PIN."
    ),
    "locked": N_("Only the issuer can unlock the token."),
    "not-set": N_("The token has no PIN yet: its issuer, or the program that came with it, gives it one."),
}


def modules(workplace: Workplace) -> Iterator[Finding]:
    """Which drivers were found, and those that cannot be used."""
    office = workplace.office
    found = office.modules
    workplace.tokens()
    problems = office.bridge.problems()
    for problem in problems:
        told = describe(problem)
        detail = f" ({_(problem.detail)})" if problem.detail else ""
        message = f"{problem.module}: {told.message}{detail}"
        yield Finding("modules", "warn", message, told.hint, told.code, {"driver": Path(problem.module).name})
    if not found:
        yield Finding(
            "modules",
            "warn",
            _("No PKCS#11 driver was found."),
            _(
                "Install the driver of the token's vendor; if it is in an unusual place, name its file under "
                "“Settings”, “Go through the first set-up again”, step 2."
            ),
            facts={"found": 0},
        )
    elif len(problems) < len(found):
        broken = {problem.module for problem in problems}
        working = [str(module) for module in found if str(module) not in broken]
        facts: dict[str, Fact] = {"found": len(found), "working": len(working)}
        yield Finding("modules", "ok", ", ".join(working), facts=facts | _drivers(working))


def _drivers(working: list[str]) -> dict[str, Fact]:
    return {f"driver{number}": Path(module).name for number, module in enumerate(working[:9], start=1)}


def duplicates(workplace: Workplace) -> Iterator[Finding]:
    """Tokens that two drivers show: the first one is used, the other may take the token from it."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for token in workplace.tokens():
        if token.module not in shown[token.serial]:
            shown[token.serial].append(token.module)
    twice = {serial: paths for serial, paths in shown.items() if len(paths) > 1}
    for serial, paths in twice.items():
        yield Finding(
            "duplicates",
            "warn",
            _("The token {serial} is shown by two drivers: {first} (used) and {other}.").format(
                serial=serial, first=paths[0], other=", ".join(paths[1:])
            ),
            _(
                "It works. If the token is sometimes not found, remove the driver that is not used, or name the one to "
                "use in the settings (tokens.modules) and turn off tokens.use_known_modules."
            ),
            facts={"drivers": len(paths)},
        )
    if not twice:
        yield Finding("duplicates", "ok", _("No token is shown by two drivers."))


def readers(workplace: Workplace) -> Iterator[Finding]:
    """Whether the system's service for readers runs, and whether a token is plugged in that no driver shows."""
    seen = smart_cards.readers()
    devices = token_devices.plugged()
    shown = {token.serial for token in workplace.tokens() if not token.model.startswith(_SOFTWARE)}
    cards = [reader.name for reader in seen.readers if reader.card]
    facts: dict[str, Fact] = {
        "service": str(seen.service),
        "readers": len(seen.readers),
        "cards": len(cards),
        "devices": len(devices),
        "tokens": len(shown),
    }
    if seen.service is not Service.RUNNING and (not workplace.tokens() or len(devices) > len(shown)):
        yield _without_service(seen, facts)
        return
    named = [device for device in devices if device.vendor]
    if max(len(cards), len(named)) > len(shown):
        yield _not_recognised(cards or [device.name for device in named], named, facts)
        return
    if seen.service is not Service.RUNNING:
        told = _("{what} The tokens found do not need it.").format(what=_state(seen))
        yield Finding("readers", "ok", told, facts=facts)
        return
    count = len(seen.readers)
    told = ngettext("{n} reader", "{n} readers", count).format(n=count)
    names = ": " + ", ".join(reader.name for reader in seen.readers) if count else ""
    yield Finding("readers", "ok", _("The service is running; {readers}.").format(readers=told + names), facts=facts)


def _not_recognised(names: list[str], devices: list[Device], facts: dict[str, Fact]) -> Finding:
    """:param devices: those whose vendors the shipped list knows."""
    lacking = next((device for device in devices if not device.installed), None)
    if lacking is not None:
        hint = _(
            "Install the driver of {vendor}: ask who issued the token, or IT staff. Then unplug the token, plug it in "
            "and look again."
        ).format(vendor=lacking.vendor)
    elif devices:
        hint = _("Its driver is installed. Unplug the token, plug it in and look again; then install the driver anew.")
    else:
        hint = _(
            "Install the driver of the token's vendor: its name stands on the token or in the papers that came "
            "with it. Then unplug the token, plug it in and look again."
        )
    told = _("A token is plugged in that no driver recognises: {names}.").format(names=", ".join(names))
    return Finding("readers", "warn" if facts["tokens"] else "fail", told, hint, facts=facts)


def _state(seen: Readers) -> str:
    if seen.service is Service.MISSING:
        return _("The service for card readers is not installed.")
    return _("The service for card readers is not running.")


def _without_service(seen: Readers, facts: dict[str, Fact]) -> Finding:
    if here().name == "windows":
        hint = _("Open “Services”, look for “Smart Card” and start it. Ask IT staff if you may not.")
    elif seen.service is Service.MISSING:
        hint = _("Ask IT staff to install it: “sudo apt install pcscd”.")
    else:
        hint = _("Ask IT staff to start it: “sudo systemctl enable --now pcscd.socket”.")
    return Finding("readers", "fail" if facts["devices"] else "warn", _state(seen), hint, facts=facts)


def tokens(workplace: Workplace) -> Iterator[Finding]:
    """The tokens plugged in and the state of their PINs."""
    from app.signing.keys import PIN_WORDS

    found = workplace.tokens()
    if not found:
        yield Finding(
            "tokens",
            "warn",
            _("No token is plugged in."),
            _("Plug in a token and run this again."),
            facts={"tokens": 0},
        )
    for token in found:
        state = str(token.pin_state)
        yield Finding(
            "tokens",
            "fail" if state == "locked" else "ok" if state == "ok" else "warn",
            f"{token.label} ({token.serial}): {_(PIN_WORDS[token.pin_state])}",
            _(_PIN_HINTS[state]) if state in _PIN_HINTS else "",
            facts={"certificates": len(token.certificates)},
        )
