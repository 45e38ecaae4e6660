"""What a stopped run left to do, kept in the data folder until it is done."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.signing.model import SignOptions

_NAME = "remaining.json"


class Remaining(msgspec.Struct, frozen=True):
    """The files not yet signed and what was asked for them; never a PIN.

    :ivar token: serial or label; :ivar certificate: SHA-256 or hexadecimal id.
    """

    files: list[str]
    options: SignOptions
    token: str | None = None
    certificate: str | None = None


def _encode(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(kind.__name__)


def keep(data_dir: Path, remaining: Remaining) -> None:
    """Write down what is left, atomically. Relative names are made absolute."""
    absolute = [str(Path(name).absolute()) for name in remaining.files]
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / _NAME
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    encoded = msgspec.json.encode(msgspec.structs.replace(remaining, files=absolute), enc_hook=_encode)
    with temporary.open("wb") as stream:
        stream.write(encoded)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def load(data_dir: Path) -> Remaining | None:
    """What is left, None where nothing is."""
    try:
        raw = (data_dir / _NAME).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(raw, type=Remaining, dec_hook=_decode)


def forget(data_dir: Path) -> None:
    """Nothing is left any more."""
    (data_dir / _NAME).unlink(missing_ok=True)
