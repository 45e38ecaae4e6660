"""Copies of the ledger's seals in files apart from it: they show a tail that was cut together with its seals."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from app.decoding import decodable
from app.errors import AntinError
from app.journal.entry import Entry
from app.journal.seal import Sealers, read_cms
from app.storage.files import writing_error


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line: the entry of the seal, what it is over, the CMS, the time of the entry (not in lines of earlier
    versions)."""

    seq: int
    hash: str
    over: int
    over_hash: str
    cms: str
    time: dt.datetime | None = None


class KeptSeals:
    """Copies of seals, one JSON object a line, only ever appended.

    :param paths: the files, each best on a disk or share of its own.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    def keep(self, entry: Entry) -> list[AntinError]:
        """Add a seal to every file that can be written. What a crash or a full disk left of an earlier line stays a
        line of its own, which says nothing.

        :return: why others could not be.
        """
        over = entry.data["over"]
        kept = _Kept(entry.seq, entry.hash, over["seq"], over["hash"], entry.data["cms"], entry.time)
        line = msgspec.json.encode(kept) + b"\n"
        failures = []
        for path in self._paths:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                _append(path, line)
            except OSError as error:
                failures.append(writing_error(error, path))
        return failures

    def contradiction(self, hashes: Sequence[bytes], sealers: Sealers) -> int | None:
        """Number of the first entry that a kept seal covers and the ledger has no more, or has otherwise.

        :param hashes: of the entries, in order, as octets.
        :param sealers: tells whose seals count: a kept line that is no seal, or a stranger's, says nothing.
        """
        found = None
        for kept in self._read():
            for seq, hash in ((kept.over, kept.over_hash), (kept.seq, kept.hash)):
                there = 0 < seq <= len(hashes) and hashes[seq - 1].hex() == hash
                if there or (found is not None and seq >= found):
                    continue
                seal = read_cms(kept.over, kept.over_hash, kept.cms)
                if seal is not None and seal.intact and sealers.may_accuse(seal, kept.time):
                    found = max(1, min(seq, len(hashes) + 1))
        return found

    def _read(self) -> Iterator[_Kept]:
        seen = set()
        decoder = msgspec.json.Decoder(decodable(_Kept))
        for path in self._paths:
            try:
                lines = path.read_bytes().split(b"\n")
            except OSError:
                continue
            for line in lines:
                try:
                    kept = decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
                if kept not in seen:
                    seen.add(kept)
                    yield kept


def _append(path: Path, line: bytes) -> None:
    """:raises OSError: the line is not there whole."""
    binary = getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | binary, 0o600)
    try:
        length = os.fstat(descriptor).st_size
        if length:
            os.lseek(descriptor, length - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":
                line = b"\n" + line
        left = memoryview(line)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
