"""``antin sign``: sign files with a token, file the copies."""

from __future__ import annotations

import datetime as dt
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from click.core import ParameterSource

from app.cli import output
from app.cli.long_work import interrupt_cancels, progress_bar
from app.cli.main import EXIT_TOKEN, Context
from app.cli.pin import source as pin_source
from app.cli.results import show
from app.cli.sign_questions import PAPER_KIND, SIGNATURES_LOST, SIGNER_DIFFERS, answered
from app.errors import describe
from app.i18n import N_, _, ngettext
from app.signing.control import RunControl
from app.signing.errors import Cancelled, NoSigningKey, NoSuchKey, PinNotGiven
from app.signing.model import (
    Act,
    Container,
    CopyForm,
    Level,
    PinAnswer,
    PinRequest,
    PinSource,
    Scope,
    SignOptions,
    SignResult,
    Status,
)
from app.signing.resume import KeptRun, Remaining, begin, has_stopped, take
from pkcs11_bridge.errors import BridgeError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from app.office import Office
    from app.settings import Settings
    from app.signing.desk import DeskEvent
    from app.signing.keys import SigningKey


@click.command("sign", help=N_("Sign files with a token."))
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
@click.option("--token", help=N_("Serial number, label or nickname of the token."))
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
@click.option(
    "--container",
    type=click.Choice([str(container) for container in Container]),
    default="asice",
    show_default=True,
    help=N_("For files of other kinds: put them into a container, or put a signature file beside them."),
)
@click.option("--as-pdf", is_flag=True, help=N_("Turn Office documents into PDF first, and sign the PDF."))
@click.option(
    "--copy-form",
    type=click.Choice([str(form) for form in CopyForm]),
    default=str(CopyForm.SAO_Y),
    show_default=True,
    help=N_("Form of the copy."),
)
@click.option("--arrival-number", help=N_("Number under which an incoming document is registered."))
@click.option("--arrival-date", type=click.DateTime(["%Y-%m-%d"]), help=N_("Day of its arrival; today without it."))
@click.option(
    "--mark-template",
    help=N_(
        "Words of a plain mark, or their name in the settings; fields as {name}, {organization}, {time}, {reason}."
    ),
)
@click.option("--reason", help=N_("Why it is signed; the signature states it."))
@click.option("--qr", is_flag=True, help=N_("Show the document's hash as a QR code in a plain mark."))
@click.option("--signer-differs-ok", is_flag=True, help=N_("Sign although the document names somebody else."))
@click.option("--paper-kind-ok", is_flag=True, help=N_("Sign although documents of the kind stay on paper."))
@click.option("--signatures-lost-ok", is_flag=True, help=N_("Turn signed Office documents into PDF without them."))
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
    container: str,
    as_pdf: bool,
    copy_form: str,
    arrival_number: str | None,
    arrival_date: dt.datetime | None,
    mark_template: str | None,
    reason: str | None,
    qr: bool,
    signer_differs_ok: bool,
    paper_kind_ok: bool,
    signatures_lost_ok: bool,
    roots: tuple[Path, ...],
    resume: bool,
    as_json: bool,
) -> int:
    settings = context.settings
    if resume == bool(files):
        raise click.UsageError(_("Name the files to sign, or --resume alone."))
    if Act(act) is not Act.PLAIN and (mark_template or qr):
        raise click.UsageError(
            _("--mark-template and --qr belong to --as plain; the other acts have marks of their own.")
        )
    if Act(act) is not Act.INCOMING and (arrival_number or arrival_date):
        raise click.UsageError(_("--arrival-number and --arrival-date belong to --as incoming."))
    if arrival_date and not arrival_number:
        raise click.UsageError(_("--arrival-date wants --arrival-number."))
    names = _each_once(files)
    if Act(act) is Act.ISSUE and number and sum(name.lower().endswith(".pdf") for name in names) > 1:
        raise click.UsageError(_("--number with --as issue belongs to one document: name one PDF file."))
    if out is not None and into_archive:
        raise click.UsageError(_("--out and --file exclude each other."))
    kept = None
    if resume:
        _refuse_new_wishes()
        kept = take(settings.data_dir)
        if kept is None:
            output.message(_("Nothing is left from an earlier run."))
            return 0
        remaining = kept.remaining
        if token or cert:
            remaining = msgspec.structs.replace(remaining, token=token, certificate=cert)
    else:
        options = SignOptions(
            act=Act(act),
            level=Level(level or settings.signing.level),
            tsa_url=tsa or settings.network.tsa_url,
            mark_image=mark.absolute() if mark else None,
            scope=Scope(scope or settings.signing.scope),
            container=Container(container),
            as_pdf=as_pdf,
            number=number,
            symbol=symbol,
            date=date.date() if date else None,
            document_type=document_type,
            summary=summary,
            copy_form=CopyForm(copy_form),
            arrival_number=arrival_number or "",
            arrival_date=arrival_date.date() if arrival_date else None,
            mark_template=_template(settings, mark_template),
            reason=reason or "",
            qr=qr,
            accepts=(
                *(SIGNER_DIFFERS if signer_differs_ok else ()),
                *(PAPER_KIND if paper_kind_ok else ()),
                *(SIGNATURES_LOST if signatures_lost_ok else ()),
            ),
            out=out.absolute() if out else None,
        )
        remaining = Remaining(names, options, token, cert)
    remaining = msgspec.structs.replace(
        remaining,
        module=str(module.absolute()) if module else remaining.module,
        trust_roots=[str(root.absolute()) for root in roots] or remaining.trust_roots,
    )
    modules = None if remaining.module is None else [Path(remaining.module)]
    with context.office(modules=modules, trust_roots=[Path(root) for root in remaining.trust_roots]) as office:
        return _Run(office, remaining, kept, pin_file, as_json).go()


#: What may be said anew with ``--resume``; everything else is as the run was asked for.
_OF_EVERY_RUN = {"module", "token", "cert", "pin_file", "roots", "resume", "as_json"}


def _refuse_new_wishes() -> None:
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in _OF_EVERY_RUN and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                _("--resume goes on as the run was begun; {option} cannot be changed.").format(option=parameter.opts[0])
            )


def _template(settings: Settings, wanted: str | None) -> str:
    """A template of the settings by its name, else the words themselves; ``\\n`` begins a line."""
    if wanted is None:
        return ""
    return settings.signing.mark_templates.get(wanted, wanted).replace("\\n", "\n")


def _each_once(files: Sequence[Path]) -> list[str]:
    """The files as given, without those named before, be it by another name."""
    first: dict[str, str] = {}
    for path in files:
        first.setdefault(os.path.realpath(path), str(path))
    return list(first.values())


class _Run:
    def __init__(
        self, office: Office, remaining: Remaining, kept: KeptRun | None, pin_file: str | None, as_json: bool
    ) -> None:
        self._office = office
        self._remaining = remaining
        self._kept = kept
        self._pin_file = pin_file
        self._as_json = as_json
        self._control = RunControl()
        self._unheard: OSError | None = None
        self._told: set[int] = set()

    def go(self) -> int:
        try:
            return self._go()
        finally:
            if self._kept is not None:
                self._kept.close()

    def _go(self) -> int:
        from app.signing.keys import choose

        ended = self._end_filings()
        remaining = self._remaining
        if not remaining.files:
            return self._finish(ended)
        keys = self._office.keys()
        if not keys:
            for problem in self._office.bridge.problems():
                output.message(f"{problem.module}: {describe(problem).message}")
        try:
            key = choose(keys, token=remaining.token, certificate=remaining.certificate)
        except (NoSigningKey, NoSuchKey) as error:
            return self._nothing_signed(error, "")
        if self._pin_file is None:
            try:
                options = answered(self._office, list(map(Path, remaining.files)), remaining.options, key)
            except Cancelled as error:
                output.message(error.message)
                return 1
            self._remaining = remaining = msgspec.structs.replace(remaining, options=options)
            refused = self._refused(key)
            if refused:
                return self._finish([*ended, *refused])
        kept = self._keep(msgspec.structs.replace(remaining, token=key.token.serial, certificate=key.sha256))
        try:
            with interrupt_cancels(self._control.cancel), self._progress() as (on_event, asking):
                results = self._office.desk.sign(
                    [Path(name) for name in remaining.files],
                    remaining.options,
                    key,
                    pin_source=asking(pin_source(self._pin_file)),
                    on_event=lambda event: self._heard(event, on_event),
                    control=self._control,
                    corrected=self._own_options(),
                    notes=kept,
                )
        except (BridgeError, PinNotGiven) as error:
            return self._nothing_signed(error, key.holder)
        if self._unheard is not None:
            raise self._unheard
        return self._finish([*ended, *results])

    def _end_filings(self) -> list[SignResult]:
        """File what an interrupted run had signed but not filed; no token is needed for it."""
        if self._kept is None or not self._kept.filings:
            return []
        ended = self._office.desk.end_filings(self._kept.filings, self._remaining.options, self._kept)
        self._kept.leave_out(ended)
        left = self._kept.remaining
        self._remaining = msgspec.structs.replace(self._remaining, files=left.files, own=left.own)
        if self._as_json:
            for result in ended.values():
                output.json_line(result)
        return list(ended.values())

    def _refused(self, key: SigningKey) -> list[SignResult]:
        """Why no file would be signed, so that no PIN is asked; empty where one would."""
        files = list(map(Path, self._remaining.files))
        refused = self._office.refusals(files, self._remaining.options, key, self._own_options())
        for at, result in enumerate(refused):
            if self._kept is not None:
                self._kept.done(at)
            if self._as_json:
                output.json_line(result)
        return refused

    def _own_options(self) -> dict[Path, SignOptions]:
        return {Path(self._remaining.files[at]): own for at, own in self._remaining.own.items()}

    def _keep(self, remaining: Remaining) -> KeptRun:
        if self._kept is None:
            self._kept = begin(self._office.settings.data_dir, remaining)
        return self._kept

    def _heard(self, event: DeskEvent, tell: Callable[[DeskEvent], None]) -> None:
        """Tell. A reader that went away ends the run as Ctrl+C does."""
        if event.result is not None:
            self._told.add(event.index)
        try:
            tell(event)
        except OSError as error:
            self._unheard = error
            self._control.cancel()

    @contextmanager
    def _progress(self) -> Iterator[tuple[Callable[[DeskEvent], None], Callable[[PinSource], PinSource]]]:
        """A bar on a terminal; JSON rows at once as each file is done.

        :return: what is told of each step, and what makes the bar give way to the question for a PIN.
        """
        if self._as_json:
            lock = threading.Lock()

            def print_row(event: DeskEvent) -> None:
                if event.result is not None:
                    with lock:
                        output.json_line(event.result)

            yield print_row, lambda source: source
            return
        bar = _Bar(len(self._remaining.files))
        try:
            yield bar.advance, bar.giving_way
        finally:
            bar.stop()

    def _nothing_signed(self, error: BaseException, signer: str) -> int:
        """The run did not begin: every file is told as skipped, all is kept for ``--resume``."""
        self._keep(self._remaining)
        info = describe(error)
        options = self._remaining.options
        if self._as_json:
            for name in (name for at, name in enumerate(self._remaining.files) if at not in self._told):
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
        return EXIT_TOKEN

    def _finish(self, results: list[SignResult]) -> int:
        if not self._as_json:
            _show(results)
        if any(map(has_stopped, results)):
            return EXIT_TOKEN
        return 1 if any(result.status is Status.FAILED for result in results) else 0


class _Bar:
    """A bar on standard error where that is a terminal, shown from the first signature on."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._drawn: Progress | None = None
        self._task: TaskID | None = None

    def advance(self, event: DeskEvent) -> None:
        if not sys.stderr.isatty():
            return
        if self._drawn is None:
            self._drawn = progress_bar()
            self._task = self._drawn.add_task(_("Signing"), total=self._total)
        assert self._task is not None
        if event.result is not None:
            self._drawn.advance(self._task)
        elif event.stage == "signing":
            name = output.printable(event.file.name)
            self._drawn.update(self._task, description=_("Signing {name}").format(name=name))
            self._drawn.start()

    def giving_way(self, source: PinSource) -> PinSource:
        def ask(request: PinRequest) -> PinAnswer | None:
            self.stop()
            return source(request)

        return ask

    def stop(self) -> None:
        if self._drawn is not None:
            self._drawn.stop()


def _show(results: list[SignResult]) -> None:
    words = {
        Status.SIGNED: (_("signed"), "green"),
        Status.SKIPPED: (_("skipped"), "yellow"),
        Status.FAILED: (_("failed"), "red"),
    }
    show((result, words[result.status], [result.level_reached]) for result in results)
    signed = sum(result.status is Status.SIGNED for result in results)
    output.message(ngettext("{n} file signed.", "{n} files signed.", signed).format(n=signed))
