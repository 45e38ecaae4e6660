"""An entry of the ledger and its canonical line (decision 0006).

A line is a JSON object whose last member is ``hash``: the SHA-256, in hexadecimal, of the same line without that
member. The hash covers the octets as written, so that whatever wrote them, anybody can check it.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.decoding import decodable
from app.journal.errors import LedgerEntryTooLarge
from app.system.account import account_name
from app.times import VIETNAM

#: The longest line, in bytes.
MAX_ENTRY = 256 * 1024

#: Stands as ``previous`` in the first entry.
GENESIS = "0" * 64

_HASH_MEMBER = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
_HASH_LENGTH = len(b',"hash":""}') + 64
#: Octets within which the kind of an entry stands: its number, time and the kind itself take fewer.
_KIND_WITHIN = 160


class Entry(msgspec.Struct, frozen=True):
    """One line of the ledger.

    :ivar seq: 1 for the first entry.
    :ivar kind: ``sign``, ``verify``, ``file``…; ``seal`` where a token signed the head (:mod:`app.journal.seal`);
        ``head-lost`` where the head file was missing when an entry was appended; ``damaged`` stands for a line that is
        no entry, its number in ``data["line"]``.
    :ivar actor: the user of the operating system.
    :ivar previous: hash of the entry before.
    """

    seq: int
    time: dt.datetime
    kind: str
    actor: str
    machine: str
    data: dict[str, Any]
    previous: str
    hash: str = ""


class Draft(msgspec.Struct, frozen=True):
    """What is to be entered, before it has its place in the chain; see :class:`Entry`."""

    time: dt.datetime
    kind: str
    actor: str
    machine: str
    data: dict[str, Any]


def draft(kind: str, data: Mapping[str, object]) -> Draft:
    """An entry of this moment, user and machine.

    :param data: anything msgspec can encode; other values are written as their text.
    """
    plain = {key: _plain(value) for key, value in sorted(data.items())}
    return Draft(dt.datetime.now(VIETNAM), kind, _actor(), _machine(), plain)


def encode(seq: int, previous: str, entry: Draft) -> tuple[Entry, bytes]:
    """The entry at its place, and its line without a line feed.

    :raises LedgerEntryTooLarge: the line would exceed :data:`MAX_ENTRY`.
    """
    made = Entry(seq, entry.time, entry.kind, entry.actor, entry.machine, entry.data, previous)
    raw = msgspec.json.encode(made)
    body = raw[: raw.rindex(b',"hash":""}')] + b"}"
    digest = hashlib.sha256(body).hexdigest()
    line = body[:-1] + b',"hash":"' + digest.encode() + b'"}'
    if len(line) >= MAX_ENTRY:
        raise LedgerEntryTooLarge(size=len(line))
    return msgspec.structs.replace(made, hash=digest), line


_entries = msgspec.json.Decoder(decodable(Entry))


def decode(line: bytes) -> Entry | None:
    """The entry of a line, None where it is none; its hash is not checked."""
    if not _HASH_MEMBER.fullmatch(line[-_HASH_LENGTH:]):
        return None
    try:
        return _entries.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def may_be_of(line: bytes, kinds: Sequence[str]) -> bool:
    """Whether a line can be an entry of one of these kinds, told without decoding it: the canonical form begins with
    number, time and kind, in which nothing is escaped."""
    start = line[:_KIND_WITHIN]
    return any(b'"kind":"%b"' % kind.encode() in start for kind in kinds)


def following(line: bytes, seq: int, previous: str) -> Entry | str:
    """The entry of a line that continues the chain after entry ``seq``; else the code of what is wrong with it.

    :param previous: hash of entry ``seq``.
    :return: ``unreadable``, ``changed``, ``missing`` or ``inserted`` where it does not.
    """
    entry = decode(line)
    if entry is None:
        return "unreadable"
    if hashlib.sha256(line[:-_HASH_LENGTH] + b"}").hexdigest() != entry.hash:
        return "changed"
    if entry.seq > seq + 1:
        return "missing"
    if entry.seq != seq + 1 or entry.previous != previous:
        return "inserted"
    return entry


def _plain(value: object) -> Any:
    builtin = msgspec.to_builtins(value, enc_hook=str, str_keys=True)
    return _writable(builtin)


def _writable(value: Any) -> Any:
    """File names that are no Unicode come as lone surrogates, which JSON cannot carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_writable(key): _writable(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return value


@functools.cache
def _actor() -> str:
    return account_name()


@functools.cache
def _machine() -> str:
    import socket

    return socket.gethostname()
