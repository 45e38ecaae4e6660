"""``antin trust``: the anchors, and the revocation lists at hand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app.cli import output
from app.cli.main import Context
from app.errors import AntinError, describe
from app.i18n import N_, _
from app.times import clock, day
from app.trust import words
from app.trust.shipped import Domain

if TYPE_CHECKING:
    from app.trust.anchors import Anchors, Authority
    from app.trust.kept_lists import KeptList

_JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))


@click.group("trust", help=N_("Which certificate authorities are trusted, and their revocation lists."))
def command() -> None:
    pass


@command.command("list", help=N_("Show the trusted roots and the revocation lists at hand."))
@click.option("--all", "everything", is_flag=True, help=N_("Also issuing authorities, and roots that were removed."))
@_JSON
@click.pass_obj
def list_authorities(context: Context, everything: bool, as_json: bool) -> int:
    with context.office() as office:
        authorities = office.anchors.authorities(issuers=everything, removed=everything)
        lists = office.kept_lists.entries()
    if as_json:
        for authority in authorities:
            _row("authority", authority)
        for kept in lists:
            _row("list", kept, age_days=kept.age_days)
        return 0
    _show_authorities(authorities)
    if lists:
        _show_lists(lists)
    else:
        output.message(_("No revocation list is kept; fetch them with “antin trust update”."))
    return 0


@command.command(
    "add", help=N_("Trust the roots in certificate files; compare the fingerprint with the owner's first.")
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--domain",
    type=click.Choice([*map(str, Domain)]),
    default="office",
    show_default=True,
    help=N_("For whom they vouch."),
)
@click.option("--sha256", default="", metavar="HEX", help=N_("Add it only if this is its SHA-256."))
@click.option("--yes", is_flag=True, help=N_("Do not ask; the fingerprints were compared already."))
@_JSON
@click.pass_obj
def add(context: Context, files: tuple[Path, ...], domain: str, sha256: str, yes: bool, as_json: bool) -> int:
    asks = not (sha256 or yes)
    if asks and (as_json or not sys.stdin.isatty()):
        raise click.UsageError(_("Give the fingerprint with --sha256, or --yes where it was compared already."))
    with context.office() as office:

        def admit(path: Path) -> list[Authority]:
            _compare(office.anchors, path, Domain(domain), asks=asks)
            return office.anchors.add(path, domain=Domain(domain), sha256=sha256)

        return _each(files, admit, as_json)


class _Declined(AntinError):
    code = "trust-declined"
    message_id = N_("{path} was not added.")
    hint_id = N_("Ask the owner for the fingerprint by another way, such as a telephone number that you know.")


def _compare(anchors: Anchors, path: Path, domain: Domain, *, asks: bool) -> None:
    """Show what is about to be trusted, and what else bears its name.

    :param asks: let the person at the terminal decide.
    :raises _Declined: the answer was no.
    """
    known = anchors.authorities(issuers=True)
    trusted = {item.sha256 for item in known if item.enabled}
    new = [item for item in anchors.preview(path, domain=domain) if item.sha256 not in trusted]
    for item in new:
        if asks:
            output.message(f"{item.name}\n  SHA-256 {item.sha256}")
        if any(other.name == item.name and other.enabled for other in known):
            output.message(
                _("There is a “{name}” already, with another fingerprint. This one may be forged.").format(
                    name=item.name
                )
            )
    if asks and new:
        output.message(_("To trust it is to trust every signature that it vouches for."))
        question = _("Is this the fingerprint that the owner publishes, digit by digit?")
        if not click.confirm(question, default=False, err=True):
            raise _Declined(path=path)


@command.command("remove", help=N_("Withdraw authorities, by the first digits of their SHA-256."))
@click.argument("fingerprints", nargs=-1, required=True)
@_JSON
@click.pass_obj
def remove(context: Context, fingerprints: tuple[str, ...], as_json: bool) -> int:
    return _change(context, fingerprints, lambda anchors, text: anchors.remove(text), as_json)


@command.command("enable", help=N_("Let authorities count again."))
@click.argument("fingerprints", nargs=-1, required=True)
@_JSON
@click.pass_obj
def enable(context: Context, fingerprints: tuple[str, ...], as_json: bool) -> int:
    return _change(context, fingerprints, lambda anchors, text: anchors.enable(text), as_json)


@command.command("disable", help=N_("Keep authorities in the list without trusting them."))
@click.argument("fingerprints", nargs=-1, required=True)
@_JSON
@click.pass_obj
def disable(context: Context, fingerprints: tuple[str, ...], as_json: bool) -> int:
    return _change(context, fingerprints, lambda anchors, text: anchors.disable(text), as_json)


@command.command("update", help=N_("Fetch the revocation lists of the known authorities."))
@click.option("--online/--offline", default=None, help=N_("Whether revocation addresses of certificates may be asked."))
@_JSON
@click.pass_obj
def update(context: Context, online: bool | None, as_json: bool) -> int:
    failed = False
    with context.office(online=online) as office:
        for found in office.update_lists():
            failed = failed or str(found.outcome) in ("failed", "refused")
            if as_json:
                _row("update", found)
                continue
            told = found.detail or (words.kept_list(found.kept) if found.kept else "")
            output.message(f"{found.url}: {words.outcome(found.outcome)} – {told}")
    return 1 if failed else 0


@command.command("import-crl", help=N_("Take in revocation lists from files, for offices without a network."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_JSON
@click.pass_obj
def import_crl(context: Context, files: tuple[Path, ...], as_json: bool) -> int:
    failed = False
    with context.office() as office:
        for path in files:
            try:
                for outcome, kept in office.kept_lists.import_file(path, office.trust.store):
                    if as_json:
                        _row("list", kept, outcome=outcome, input=path, age_days=kept.age_days)
                    else:
                        output.message(f"{path}: {words.outcome(outcome)} – {words.kept_list(kept)}")
            except AntinError as error:
                failed = True
                _tell(path, error, as_json)
    return 1 if failed else 0


def _change(
    context: Context, fingerprints: Sequence[str], change: Callable[[Anchors, str], Authority], as_json: bool
) -> int:
    with context.office() as office:
        return _each(fingerprints, lambda text: [change(office.anchors, text)], as_json)


def _each(given: Iterable[Any], change: Callable[[Any], list[Authority]], as_json: bool) -> int:
    """Make each change; one that fails does not keep the others back."""
    failed = False
    for item in given:
        try:
            changed = change(item)
        except AntinError as error:
            failed = True
            _tell(item, error, as_json)
            continue
        for authority in changed:
            if as_json:
                _row("authority", authority)
            else:
                output.message(
                    f"{output.printable(authority.name)} – {words.state(authority)}\n  SHA-256 {authority.sha256}"
                )
    return 1 if failed else 0


def _tell(item: object, error: AntinError, as_json: bool) -> None:
    told = describe(error)
    if as_json:
        output.json_line({"input": str(item), "error": told})
    else:
        message = told.message if str(item) in told.message else f"{item}: {told.message}"
        output.message(f"{message}\n{told.hint}")


def _row(kind: str, found: msgspec.Struct, **more: Any) -> None:
    output.json_line({"row": kind, **msgspec.structs.asdict(found), **more})


def _show_authorities(authorities: Sequence[Authority]) -> None:
    """By domain, each with its whole fingerprint on a line of its own, to be compared and copied."""
    from rich.text import Text

    console = output.console()
    for domain, members in groupby(authorities, key=lambda authority: authority.domain):
        console.print(Text(words.domain(domain), style="bold"))
        for authority in members:
            state = "green" if authority.enabled and authority.role == "anchor" else "bright_black"
            period = f"{day(authority.not_before)} – {day(authority.not_after)}"
            console.print(
                Text.assemble(
                    (f"  {output.printable(authority.name)}\n", "bold" if authority.enabled else "strike"),
                    (f"    {words.state(authority)}", state),
                    f" · {period} · {words.origin(authority.origin)}\n",
                    (f"    {authority.sha256}", "bright_black"),
                )
            )


def _show_lists(lists: Sequence[KeptList]) -> None:
    output.table(
        _("Revocation lists"),
        [_("Authority"), _("Issued"), _("Next one due"), _("Age")],
        ((kept.issuer, clock(kept.this_update), clock(kept.next_update), words.age(kept)) for kept in lists),
    )
