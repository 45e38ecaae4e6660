"""Questions to the processes that open files, as octets: msgpack, with paths as the system has them, Unicode or not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from app.decoding import decodable

_encoder = msgspec.msgpack.Encoder(enc_hook=os.fsencode)


def packed(message: msgspec.Struct) -> bytes:
    return _encoder.encode(message)


def unpacked(octets: bytes, kind: Any) -> Any:
    """:param kind: a struct type, or a union of such.
    :raises msgspec.DecodeError: these are none."""
    return msgspec.msgpack.decode(octets, type=decodable(kind), dec_hook=_path)


def _path(type_: type, value: Any) -> Path:
    assert type_ is Path
    return Path(os.fsdecode(value))
