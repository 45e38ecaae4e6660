"""Changing values of the user's ``settings.toml``; what people wrote around them stays as it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.decoding import decodable
from app.errors import from_os_error
from app.settings.errors import SettingsInvalid
from app.settings.model import Settings
from app.storage.files import writing_error
from app.storage.locks import held

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

#: Seconds that one who writes waits for another.
_PATIENCE = 30.0


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Set values in a settings file; comments, order and all other values stay. The file is made where it is missing,
    and replaced whole or not at all. Who writes at the same time waits, so that nothing that one of two wrote is lost.

    :param path: such as ``settings.toml`` of the data folder.
    :param values: by the settings' names, such as ``agency.name``; None takes a setting out.
    :raises SettingsInvalid: the file cannot be read as settings, or could not with these values.
    :raises TargetNotWritable, DiskFull: it cannot be written.
    :raises FileInUse: another process has been writing it for half a minute.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with held(path.with_name(f".{path.name}.lock"), patience=_PATIENCE):
            _replace(path, _changed(path, values))
    except OSError as error:
        raise writing_error(error, path) from error


def _changed(path: Path, values: Mapping[str, Any]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(_text(path))
        for name, value in values.items():
            _set(document, name, value)
        written = tomlkit.dumps(document)
        msgspec.toml.decode(written, type=decodable(Settings))
    except (TOMLKitError, msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise SettingsInvalid(path=path, detail=str(error)) from error
    return written


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise from_os_error(error, path) from error


def _set(document: TOMLDocument, name: str, value: Any) -> None:
    import tomlkit

    section, _, key = name.rpartition(".")
    if section and section not in document:
        if value is None:
            return
        document[section] = tomlkit.table()
    table: Any = document[section] if section else document
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _replace(path: Path, written: str) -> None:
    """:raises OSError: the system refused; what was there is untouched."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            staged.chmod(path.stat().st_mode & 0o777)
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
