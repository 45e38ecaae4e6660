"""The command group and what all commands share: options, errors, exit codes."""

from __future__ import annotations

import gettext
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import __version__
from app.errors import AntinError, describe
from app.i18n import N_, Language, _, ngettext, set_language
from app.paths import RESOURCES
from pkcs11_bridge.errors import BridgeError

if TYPE_CHECKING:
    from app.office import Office
    from app.settings import Settings

#: Wrong use (contract); also the answer of commands that later versions bring.
EXIT_USAGE = 2
EXIT_TOKEN = 3
#: After Ctrl+C, as shells have it (128 + SIGINT).
EXIT_CANCELLED = 130


class Context:
    """What the options before the command say.

    :ivar settings: read when first asked for.
    """

    def __init__(self, data_dir: Path | None, settings_file: Path | None, language: str | None, verbose: bool) -> None:
        self._data_dir = data_dir
        self._settings_file = settings_file
        self._language = language
        self.verbose = verbose
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            from app.support import observing

            self._settings = self.read_settings()
            observing.start(self._settings.data_dir, "command")
        return self._settings

    @property
    def data_dir(self) -> Path:
        """Where the program keeps everything."""
        from app.settings import default_data_dir

        return (self._data_dir or default_data_dir()).absolute()

    def read_settings(self) -> Settings:
        """The settings as they are written now."""
        from app.settings import load

        settings = load(self._data_dir, self._settings_file)
        if self._language is None:
            _speak(settings.language)
        if settings.locked:
            from app.cli.locked import refuse_locked

            refuse_locked(settings)
        return settings

    def office(self, **options: Any) -> Office:
        from app.office import Office

        office = Office(self.settings, **options)
        click.get_current_context().call_on_close(lambda: _tell_waiting(office))
        return office


def _tell_waiting(office: Office) -> None:
    """At the end of a command, that entries of the ledger wait on this computer for the office's database."""
    if office.settings.database.url and "ledger" in office.__dict__ and (waiting := office.ledger.waiting):
        from app.cli import output

        output.message(
            ngettext(
                "{n} entry of this computer waits for the office's database and will be entered when it is back.",
                "{n} entries of this computer wait for the office's database and will be entered when it is back.",
                waiting,
            ).format(n=waiting)
        )


_COMMANDS = {
    "open": "app.cli.opening",
    "tokens": "app.cli.tokens",
    "pin": "app.cli.change_pin",
    "sign": "app.cli.sign",
    "upgrade": "app.cli.upgrade",
    "preflight": "app.cli.preflight",
    "verify": "app.cli.verify",
    "trust": "app.cli.trust",
    "archive": "app.cli.archive",
    "journal": "app.cli.journal",
    "backup": "app.cli.backup",
    "database": "app.cli.database",
    "settings": "app.cli.settings",
    "bundle": "app.cli.bundle",
    "doctor": "app.cli.doctor",
    "custody": "app.cli.custody",
}


class _LazyGroup(click.Group):
    """Imports a command's module when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[name]).command
        assert isinstance(command, click.Command)
        return _translated(command)

    def get_help(self, ctx: click.Context) -> str:
        _translated(self)
        return super().get_help(ctx)


def _translated(command: click.Command) -> click.Command:
    """The command with its help in the current language."""
    command.help = _(command.help) if command.help else None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = _(parameter.help) if parameter.help else None
    if isinstance(command, click.Group):
        for narrower in command.commands.values():
            _translated(narrower)
    return command


def _speak(language: Language) -> None:
    """Set the language of our sentences and of click's own, which come from the same catalogue by gettext's rules."""
    set_language(language)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("antin", RESOURCES / "locale")
    gettext.textdomain("antin")


def _choose_language(ctx: click.Context, parameter: click.Parameter, value: Language | None) -> Language | None:
    if value is not None:
        _speak(value)
    return value


@click.group(cls=_LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="ANTIN_DATA_DIR",
    help=N_("Folder of everything the program keeps."),
)
@click.option("--settings", "settings_file", type=click.Path(path_type=Path, dir_okay=False), help=N_("Settings file."))
@click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    is_eager=True,
    callback=_choose_language,
    help=N_("Language of what is shown."),
)
@click.option("--verbose", is_flag=True, help=N_("Show details of errors."))
@click.version_option(__version__, prog_name="antin", message="%(prog)s %(version)s")
@click.pass_context
def antin(
    ctx: click.Context, data_dir: Path | None, settings_file: Path | None, lang: str | None, verbose: bool
) -> None:
    ctx.obj = Context(data_dir, settings_file, lang, verbose)
    if ctx.invoked_subcommand is None:
        from app.cli.opening import open_window

        ctx.exit(open_window(ctx.obj))


def run() -> int:
    """Run the command line and turn every error into its sentence, hint and exit code; noted in the program's log."""
    started = time.monotonic()
    code = _run()
    if (observing := sys.modules.get("app.support.observing")) is not None:
        command = next((word for word in sys.argv[1:] if word in _COMMANDS), "")
        observing.end(command, code, time.monotonic() - started)
    return code


def _run() -> int:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell: no file opened later may take its place
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    _speak("vi")
    try:
        code = antin.main(standalone_mode=False)
    except click.Abort:
        sys.stderr.write("\n")
        return EXIT_CANCELLED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (AntinError, BridgeError, OSError) as error:
        return _fail(error)
    except Exception as error:
        if "--verbose" in sys.argv:
            raise
        return _fail(error)
    return code if isinstance(code, int) else 0


def _fail(error: BaseException) -> int:
    from app.cli import output

    info = describe(error)
    output.message(_("Error: {message}").format(message=info.message) + f"\n{info.hint}")
    return EXIT_TOKEN if isinstance(error, BridgeError) else EXIT_USAGE
