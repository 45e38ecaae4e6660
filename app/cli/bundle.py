"""``antin bundle``: trust material for workstations without internet, in one signed file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli import output
from app.cli.main import Context
from app.errors import TargetExists, from_os_error
from app.i18n import N_, _
from app.times import clock

if TYPE_CHECKING:
    from app.bundle.changes import Change
    from app.bundle.store import Bundle

_JSON = click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("bundle", help=N_("Trust material for workstations without internet, in one signed file."))
def command() -> None:
    pass


@command.command("make", help=N_("Put what this office trusts and keeps into one file, and sign it."))
@click.argument("target", type=_FILE)
@click.option("--number", type=click.IntRange(min=1), help=N_("Of this bundle; the time without it."))
@click.option("--policy", type=_FILE, help=N_("A policy file to send."))
@click.option("--modules", type=_FILE, help=N_("A list of token drivers to send."))
@click.option("--key", type=_FILE, help=N_("Sign with this private key (PEM) instead of a token."))
@click.option("--certificate", type=_FILE, help=N_("The certificate of --key, with its issuers behind it."))
@click.option("--password-file", help=N_("File with the password of --key; - reads one line from standard input."))
@click.option("--module", type=click.Path(path_type=Path), help=N_("Use this PKCS#11 module."))
@click.option("--token", help=N_("Serial number, label or nickname of the token."))
@click.option("--cert", help=N_("SHA-256 or id of the certificate, where a token holds several."))
@click.option("--pin-file", help=N_("File with the PIN; - reads one line from standard input."))
@_JSON
@click.pass_obj
def make(
    context: Context,
    target: Path,
    number: int | None,
    policy: Path | None,
    modules: Path | None,
    key: Path | None,
    certificate: Path | None,
    password_file: str | None,
    module: Path | None,
    token: str | None,
    cert: str | None,
    pin_file: str | None,
    as_json: bool,
) -> int:
    from app.bundle.content import pack
    from app.bundle.making import gather, sign, sign_with_key
    from app.bundle.signature import read_signed
    from app.bundle.store import Bundle, check_texts
    from app.cli import pin
    from app.signing.keys import choose
    from app.storage import writing

    if (key is None) != (certificate is None):
        raise click.UsageError(_("--key and --certificate belong together."))
    if key is not None and (token or cert or pin_file or module):
        raise click.UsageError(_("Sign with --key or with a token, not with both."))
    with context.office(modules=None if module is None else [module]) as office:
        content = gather(office, number=number, policy=policy, modules=modules)
        octets = pack(content, check=check_texts)
        if key is not None and certificate is not None:
            made = sign_with_key(octets, key, certificate, _password(password_file))
        else:
            chosen = choose(office.keys(), token=token, certificate=cert)
            made = sign(
                octets,
                chosen.certificate.der,
                office.trust.issuers(chosen.certificate.der),
                chosen.algorithm,
                lambda data: office.desk.sign_octets(chosen, data, pin.source(pin_file)),
            )
        try:
            writing.write_new(target, made)
        except FileExistsError as error:
            raise TargetExists(path=target) from error
    _tell(Bundle(target, content, read_signed(target)), [], as_json)
    return 0


def _password(name: str | None) -> bytes | None:
    """The first line of the file."""
    if name is None:
        return None
    if name == "-":
        return sys.stdin.readline().rstrip("\r\n").encode()
    try:
        lines = Path(name).read_bytes().splitlines()
    except OSError as error:
        raise from_os_error(error, name) from error
    return lines[0] if lines else b""


@command.command("import", help=N_("Take a bundle in, after its signature and its age were checked."))
@click.argument("path", type=_FILE)
@click.option("--for-all", is_flag=True, help=N_("For all users of this computer; an administrator does this."))
@_JSON
@click.pass_obj
def import_bundle(context: Context, path: Path, for_all: bool, as_json: bool) -> int:
    with context.office() as office:
        taken = office.bundles().take(path, for_all=for_all)
    _tell(taken.bundle, taken.changes, as_json)
    if taken.same and not as_json:
        output.message(_("It was in use already; nothing changes."))
    return 0


@command.command("show", help=N_("What is in a bundle, and who signed it; without a file, in the one in use."))
@click.argument("path", type=_FILE, required=False)
@_JSON
@click.pass_obj
def show(context: Context, path: Path | None, as_json: bool) -> int:
    from app.bundle.changes import changes

    with context.office() as office:
        bundle = office.bundles(read_only=True).look(path) if path else office.bundle
        before = office.bundle.content if path and office.bundle else None
    if bundle is None:
        output.message(_("No trust bundle was taken in."))
        return 0
    _tell(bundle, changes(before, bundle.content), as_json)
    return 0


def _tell(bundle: Bundle, changed: list[Change], as_json: bool) -> None:
    from app.bundle import words

    content = bundle.content
    row: dict[str, Any] = {
        "path": bundle.path,
        "number": content.number,
        "made": content.made,
        "office": content.office,
        "signer": bundle.signed.signer,
        "certificate": bundle.signed.sha256,
        "anchors": len(content.anchors),
        "intermediates": len(content.intermediates),
        "crls": len(content.crls),
        "distrusted": sorted(content.distrusted),
        "policy": bool(content.policy),
        "modules": bool(content.modules),
        "changes": changed,
    }
    if as_json:
        output.json_line(row)
        return
    output.text(
        _("Trust bundle {number}, made {made}\n").format(number=content.number, made=clock(content.made))
        + _("Signed by {signer} (SHA-256 {sha256})\n").format(
            signer=output.printable(bundle.signed.signer), sha256=bundle.signed.sha256
        )
        + "  "
        + words.contents(content)
        + "\n"
    )
    for change in changed:
        output.text(f"  {output.printable(words.change(change))}\n")
