"""The head of the ledger: where it ends, kept beside it, so that a cut tail is seen.

Two slots are written in turn, each with its own check sum and within a sector of its own, so that a crash while one is
written leaves the other.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from app.decoding import decodable

_SLOT = 4096
_SLOTS = 2


class Head(msgspec.Struct, frozen=True):
    """:ivar seq: number of the last entry, 0 before the first.
    :ivar hash: of that entry; of nothing, 64 zeros.
    :ivar length: of the ledger file up to and with that entry, in bytes.
    """

    seq: int
    hash: str
    length: int


#: Of a ledger without entries.
EMPTY = Head(0, "0" * 64, 0)


def read_head(path: Path) -> Head | None:
    """The newest sound slot; None where there is no file or no sound slot.

    :raises OSError: the file is there and cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    newest = _newest(content)
    return newest and newest[0]


def write_head(path: Path, head: Head) -> None:
    """Write the slot that does not hold the head before this one.

    A new file is brought to the disk. Later slots go there in the system's own time: an entry is on the disk before
    its head is written, so a power cut can only leave an older head, which the next append brings up to date.

    :raises OSError: the system refused.
    """
    record = msgspec.json.encode(head)
    slot = record + b"\n" + hashlib.sha256(record).hexdigest().encode() + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if os.fstat(descriptor).st_size == 0:
            # Both slots take their room now, so that a full disk is met before an entry is written, never after.
            os.write(descriptor, b"\n" * _SLOT * _SLOTS)
            os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        newest = _newest(os.read(descriptor, _SLOT * _SLOTS))
        os.lseek(descriptor, 0 if newest is None else (newest[1] + 1) % _SLOTS * _SLOT, os.SEEK_SET)
        os.write(descriptor, slot.ljust(_SLOT, b"\n"))
    finally:
        os.close(descriptor)


def _newest(content: bytes) -> tuple[Head, int] | None:
    """The newest sound slot and its place."""
    found = [(head, at) for at in range(_SLOTS) if (head := _parse(content[at * _SLOT : (at + 1) * _SLOT])) is not None]
    return max(found, key=lambda slot: slot[0].seq, default=None)


def _parse(slot: bytes) -> Head | None:
    record, _, rest = slot.partition(b"\n")
    if hashlib.sha256(record).hexdigest().encode() != rest[:64]:
        return None
    try:
        return msgspec.json.decode(record, type=decodable(Head))
    except msgspec.DecodeError:
        return None
