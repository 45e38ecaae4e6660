"""The manual page and the shells' completions, made from the commands' own definitions."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class

#: Where Debian's shells look for completions, by shell.
COMPLETIONS: Final = {
    "bash": "usr/share/bash-completion/completions/antin",
    "zsh": "usr/share/zsh/vendor-completions/_antin",
    "fish": "usr/share/fish/vendor_completions.d/antin.fish",
}

_WORDS: Final = {
    "en": (
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "COMMANDS",
        "FILES",
        "SEE ALSO",
        "signing desk of a public office",
    ),
    "vi": ("TÊN", "CÚ PHÁP", "MÔ TẢ", "TÙY CHỌN", "CÁC LỆNH", "TỆP", "XEM THÊM", "bàn ký số văn bản của cơ quan"),
}
_OPENING: Final = {
    "en": "Without a command the window opens.",
    "vi": "Không có lệnh nào thì chương trình mở cửa sổ.",
}
_FILES: Final = {
    "en": (
        ("/etc/antin/managed.toml", "settings of the office's IT, which may be locked"),
        ("~/.local/share/antin/", "data folder: settings.toml, records, ledger"),
    ),
    "vi": (
        ("/etc/antin/managed.toml", "thiết lập của bộ phận công nghệ thông tin, có thể khóa"),
        ("~/.local/share/antin/", "thư mục dữ liệu: settings.toml, hồ sơ, nhật ký"),
    ),
}


def manual(language: str, version: str, epoch: int) -> bytes:
    """The page ``antin(1)``, compressed.

    :param language: ``en`` or ``vi``.
    :param epoch: time of the release, in seconds since 1970.
    """
    from app.cli import main

    main._speak("vi" if language == "vi" else "en")
    name, synopsis, description, options, commands, files, see_also, summary = _WORDS[language]
    day = datetime.fromtimestamp(epoch, UTC).date().isoformat()
    context = click.Context(main.antin, info_name="antin")
    main.antin.get_help(context)
    lines = [
        f'.TH ANTIN 1 "{day}" "antin {version}"',
        f".SH {name}",
        rf"antin \- {_roff(summary)}",
        f".SH {synopsis}",
        r"\fBantin\fR [" + _roff(options.lower()) + r"] \fI" + _roff(commands.lower()) + r"\fR …",
        f".SH {description}",
        _roff(_OPENING[language]),
        f".SH {options}",
        *_options(main.antin, context),
        f".SH {commands}",
        *_commands(main.antin, context),
        f".SH {files}",
    ]
    for path, what in _FILES[language]:
        lines += [".TP", rf"\fI{_roff(path)}\fR", _roff(what)]
    lines += [f".SH {see_also}", "/usr/share/doc/antin/"]
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def _commands(group: click.Group, context: click.Context) -> list[str]:
    lines: list[str] = []
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        usage = " ".join(command.collect_usage_pieces(inner))
        lines += [f".SS {_roff(inner.command_path)} {_roff(usage)}"]
        if command.help:
            lines += [_roff(re.sub(r"\s+", " ", command.help.replace("\b", " ")).strip())]
        lines += _options(command, inner)
        if isinstance(command, click.Group):
            lines += _commands(command, inner)
    return lines


def _options(command: click.Command, context: click.Context) -> list[str]:
    lines: list[str] = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            lines += [".TP", rf"\fB{_roff(record[0])}\fR", _roff(record[1]) or r"\&"]
    return lines


def _roff(text: str) -> str:
    """Text as roff reads it."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("\n", " ")
    return rf"\&{text}" if text.startswith((".", "'")) else text


def completion(shell: str) -> str:
    """The script that completes commands, options and file names in a shell.

    :param shell: ``bash``, ``zsh`` or ``fish``.
    """
    from app.cli.main import antin

    kind = get_completion_class(shell)
    assert kind is not None
    return kind(antin, {}, "antin", "_ANTIN_COMPLETE").source() + "\n"


def write(root: Path, version: str, epoch: int) -> None:
    """Put the manual pages and completions into a package's tree.

    :param root: the tree, as it is to lie on the system.
    """
    for language, folder in (("en", "usr/share/man/man1"), ("vi", "usr/share/man/vi/man1")):
        page = root / folder / "antin.1.gz"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(manual(language, version, epoch))
    for shell, place in COMPLETIONS.items():
        file = root / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(completion(shell), encoding="utf-8")
