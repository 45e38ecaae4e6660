"""``antin sign``: sign files with a token, file the copies."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.main import EXIT_TOKEN, Context
from app.cli.pin import source as pin_source
from app.errors import describe
from app.i18n import N_, _, ngettext
from app.signing.errors import NoSigningKey, PinNotGiven
from app.signing.model import Act, Level, Scope, SignOptions, SignResult, Status
from app.signing.resume import Remaining, forget, keep, load
from pkcs11_bridge.errors import BridgeError

if TYPE_CHECKING:
    from app.office import Office
    from app.signing.desk import DeskEvent
    from app.signing.keys import SigningKey


@click.command("sign", help=N_("Sign PDF and Office files with a token."))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--as",
    "act",
    type=click.Choice([str(act) for act in Act]),
    default="plain",
    show_default=True,
    help=N_("What the signature is for."),
)
@click.option("--module", type=click.Path(path_type=Path), help=N_("Use this PKCS#11 module."))
@click.option("--token", help=N_("Serial or label of the token."))
@click.option("--cert", help=N_("SHA-256 or id of the certificate, where a token holds several."))
@click.option("--pin-file", help=N_("File with the PIN; - reads one line from standard input."))
@click.option("--level", type=click.Choice([str(level) for level in Level]), help=N_("Baseline level."))
@click.option("--tsa", help=N_("Address of the time-stamp server."))
@click.option("--mark", type=click.Path(path_type=Path), help=N_("PNG of the visible mark."))
@click.option("--number", help=N_("Number of the document, where it is not read right."))
@click.option("--symbol", help=N_("Symbol of the document, such as QĐ-UBND."))
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help=N_("Date of the document."))
@click.option("--type", "document_type", help=N_("Type of the document, such as “Quyết định”."))
@click.option("--summary", help=N_("Summary (trích yếu) of the document."))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=N_("Folder for the signed copies."))
@click.option("--file", "into_archive", is_flag=True, help=N_("File the signed copies into the archive (the default)."))
@click.option(
    "--scope", type=click.Choice([str(scope) for scope in Scope]), help=N_("What an Office signature covers.")
)
@click.option("--trust-root", "roots", multiple=True, type=click.Path(path_type=Path), help=N_("Another trusted root."))
@click.option("--resume", is_flag=True, help=N_("Go on with what a stopped run left."))
@click.option("--json", "as_json", is_flag=True, help=N_("JSON Lines on standard output."))
@click.pass_obj
def command(
    context: Context,
    files: tuple[Path, ...],
    act: str,
    module: Path | None,
    token: str | None,
    cert: str | None,
    pin_file: str | None,
    level: str | None,
    tsa: str | None,
    mark: Path | None,
    number: str | None,
    symbol: str | None,
    date: dt.datetime | None,
    document_type: str | None,
    summary: str | None,
    out: Path | None,
    into_archive: bool,
    scope: str | None,
    roots: tuple[Path, ...],
    resume: bool,
    as_json: bool,
) -> int:
    settings = context.settings
    if resume == bool(files):
        raise click.UsageError(_("Name the files to sign, or --resume alone."))
    if out is not None and into_archive:
        raise click.UsageError(_("--out and --file exclude each other."))
    if resume:
        remaining = load(settings.data_dir)
        if remaining is None:
            output.message(_("Nothing is left from an earlier run."))
            return 0
    else:
        options = SignOptions(
            act=Act(act),
            level=Level(level or settings.signing.level),
            tsa_url=tsa or settings.network.tsa_url,
            mark_image=mark.absolute() if mark else None,
            scope=Scope(scope or settings.signing.scope),
            number=number,
            symbol=symbol,
            date=date.date() if date else None,
            document_type=document_type,
            summary=summary,
            out=out.absolute() if out else None,
        )
        remaining = Remaining([str(path) for path in files], options, token, cert)
    with context.office(modules=None if module is None else [module], trust_roots=roots) as office:
        return _Run(office, remaining, pin_file, as_json).go()


class _Run:
    def __init__(self, office: Office, remaining: Remaining, pin_file: str | None, as_json: bool) -> None:
        self._office = office
        self._remaining = remaining
        self._pin_file = pin_file
        self._as_json = as_json

    def go(self) -> int:
        from app.signing.keys import choose

        remaining = self._remaining
        files = [Path(name) for name in remaining.files]
        keys = self._office.keys()
        if not keys:
            for problem in self._office.bridge.problems():
                output.message(f"{problem.module}: {describe(problem).message}")
        try:
            key = choose(keys, token=remaining.token, certificate=remaining.certificate)
        except NoSigningKey as error:
            return self._nothing_signed(error, "")
        cancelled = threading.Event()
        try:
            with _interrupt_cancels(cancelled), self._progress(len(files)) as on_event:
                results = self._office.desk.sign(
                    files,
                    remaining.options,
                    key,
                    pin_source=pin_source(self._pin_file),
                    on_event=on_event,
                    cancelled=cancelled,
                )
        except (BridgeError, PinNotGiven) as error:
            return self._nothing_signed(error, key.holder)
        return self._finish(results, key)

    @contextmanager
    def _progress(self, total: int) -> Iterator[Callable[[DeskEvent], None]]:
        """A bar on a terminal; JSON rows at once as each file is done."""
        lock = threading.Lock()
        if self._as_json:

            def print_row(event: DeskEvent) -> None:
                if event.result is not None:
                    with lock:
                        output.json_line(event.result)

            yield print_row
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=output.console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        ) as progress:
            task = progress.add_task(_("Signing"), total=total)

            def advance(event: DeskEvent) -> None:
                if event.result is not None:
                    progress.advance(task)
                elif event.stage == "signing":
                    progress.update(task, description=_("Signing {name}").format(name=event.file.name))

            yield advance

    def _nothing_signed(self, error: BaseException, signer: str) -> int:
        """The run did not begin: every file is told as skipped, all is kept for ``--resume``."""
        info = describe(error)
        options = self._remaining.options
        if self._as_json:
            for name in self._remaining.files:
                output.json_line(
                    SignResult(
                        input=name,
                        output=None,
                        format="",
                        status=Status.SKIPPED,
                        act=options.act,
                        signer=signer,
                        level_requested=options.level,
                        level_reached=None,
                        sha256=None,
                        seconds=0.0,
                        token_seconds=0.0,
                        error=info,
                    )
                )
        else:
            output.message(f"{info.message}\n{info.hint}")
        keep(self._office.settings.data_dir, self._remaining)
        return EXIT_TOKEN

    def _finish(self, results: list[SignResult], key: SigningKey) -> int:
        if not self._as_json:
            _show(results)
        left = [result.input for result in results if _is_left(result)]
        data_dir = self._office.settings.data_dir
        if left:
            keep(
                data_dir,
                Remaining(left, self._remaining.options, key.token.serial, key.certificate.id.hex()),
            )
        else:
            forget(data_dir)
        if any(result.error is not None and result.error.code == "run-stopped" for result in results) or any(
            result.error is not None and result.error.code in _STOPPING for result in results
        ):
            return EXIT_TOKEN
        return 1 if any(result.status is Status.FAILED for result in results) else 0


def _stopping_codes() -> frozenset[str]:
    def codes(error: type[BridgeError]) -> Iterator[str]:
        yield error.code
        for narrower in error.__subclasses__():
            yield from codes(narrower)

    return frozenset(codes(BridgeError)) | {PinNotGiven.code}


_STOPPING = _stopping_codes()


def _is_left(result: SignResult) -> bool:
    """Whether ``--resume`` should take the file up: it was skipped, or the token failed while it was on."""
    return result.status is Status.SKIPPED or (result.error is not None and result.error.code in _STOPPING)


@contextmanager
def _interrupt_cancels(cancelled: threading.Event) -> Iterator[None]:
    """The first Ctrl+C ends the run after the file on the token; the second ends the program."""
    import signal

    def cancel(number: int, frame: object) -> None:
        cancelled.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _show(results: list[SignResult]) -> None:
    from rich.text import Text

    words = {
        Status.SIGNED: (_("signed"), "green"),
        Status.SKIPPED: (_("skipped"), "yellow"),
        Status.FAILED: (_("failed"), "red"),
    }
    rows = []
    for result in results:
        word, colour = words[result.status]
        told = [result.output or ""]
        if result.error is not None:
            told = [result.error.message, result.error.hint]
        told += [f"{warning.message}" for warning in result.warnings]
        level = str(result.level_reached) if result.level_reached else ""
        rows.append((Path(result.input).name, Text(word, style=colour), level, "\n".join(filter(None, told))))
    output.table("", [_("File"), _("Result"), _("Level"), _("Where, or why")], rows)
    signed = sum(result.status is Status.SIGNED for result in results)
    output.message(ngettext("{n} file signed.", "{n} files signed.", signed).format(n=signed))
