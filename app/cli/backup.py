"""``antin backup``: everything the office keeps in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.main import Context
from app.i18n import N_, _
from app.times import clock

if TYPE_CHECKING:
    from app.storage.backup import Manifest


@click.command("backup", help=N_("Back up the records, the ledger and the settings; put a backup back."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-archive", is_flag=True, help=N_("Back up the filed documents, too."))
@click.option(
    "--check", "only_check", is_flag=True, help=N_("Read a backup and compare its hashes; nothing is changed.")
)
@click.option("--restore", is_flag=True, help=N_("Put this backup back; what is there already is not overwritten."))
@click.option(
    "--replace", is_flag=True, help=N_("With --restore: back up what is there, then put the backup in its place.")
)
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(
    context: Context, file: Path, with_archive: bool, only_check: bool, restore: bool, replace: bool, as_json: bool
) -> int:
    if with_archive + only_check + restore > 1 or (replace and not restore):
        raise click.UsageError(_("These options exclude each other."))
    if restore:
        return _restore(context, file, replace, as_json)
    if only_check:
        return _check(file, as_json)
    from app.backing_up import back_up

    with context.office() as office:
        manifest = back_up(office, file, archive=with_archive)
    if as_json:
        output.json_line({"path": file, **_told(manifest)})
    else:
        output.message(
            _("Backed up: {path} ({count} files, {size} MB)").format(
                path=file, count=len(manifest.members), size=_megabytes(manifest.size)
            )
        )
        if not with_archive:
            output.message(_("The filed documents themselves are not in it; --with-archive takes them in."))
    return 0


def _check(file: Path, as_json: bool) -> int:
    from contextlib import closing

    from app.storage.backup import Backup

    with closing(Backup(file)) as backup:
        backup.check()
        manifest = backup.manifest
    if as_json:
        output.json_line({"path": file, **_told(manifest)})
    else:
        output.message(
            _("The backup of {time} is whole: {count} files.").format(
                time=clock(manifest.made), count=len(manifest.members)
            )
        )
    return 0


def _restore(context: Context, file: Path, replace: bool, as_json: bool) -> int:
    from app.backing_up import restore

    with context.office() as office:
        done, before = restore(office, file, replace=replace)
    if as_json:
        told = {"files": done.files, "set_aside": done.set_aside, "before": before}
        output.json_line({"path": file, **_told(done.manifest), **told})
        return 0
    output.message(
        _("The backup of {time} was put back: {count} files.").format(time=clock(done.manifest.made), count=done.files)
    )
    for path in done.set_aside:
        output.message(_("What was there before is kept as {path}.").format(path=path))
    if before is not None:
        output.message(_("What was there before is kept as {path}.").format(path=before))
    return 0


def _told(manifest: Manifest) -> dict[str, object]:
    return {
        "made": manifest.made,
        "program": manifest.program,
        "archive": manifest.archive,
        "files": len(manifest.members),
        "size": manifest.size,
    }


def _megabytes(octets: int) -> str:
    return f"{octets / 1e6:.1f}"
