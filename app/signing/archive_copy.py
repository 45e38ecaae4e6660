"""The signed copy of a ZIP container: written from a source that nobody else wrote to in the meantime."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from app.documents.strict_zip import StrictZip
from app.documents.zip_writer import copy_archive
from app.signing.errors import SourceChanged
from app.signing.model import Completed, Level, SignatureRequest


class Opened(Protocol):
    """A container that is held open."""

    def close(self) -> None: ...


_Container = TypeVar("_Container", bound=Opened)
_Preparation = TypeVar("_Preparation")


def holding_open(container: _Container, prepare: Callable[[_Container], _Preparation]) -> _Preparation:
    """Prepare over an open container, which is closed again only where that fails."""
    try:
        return prepare(container)
    except BaseException:
        container.close()
        raise


def exchange(archive: StrictZip, path: Path, contents: Mapping[str, bytes]) -> None:
    """Exchange a container for a copy of it, flushed to disk.

    :param path: of the container itself.
    :param contents: of entries that are new or to be replaced, by name.
    :raises AntinError: the copy cannot be written; the container is as it was.
    """
    copy = path.with_name(f"{path.stem}.raised{path.suffix}")
    replaced = {name: content for name, content in contents.items() if name in archive.entries}
    added = {name: content for name, content in contents.items() if name not in archive.entries}
    copy_archive(archive, copy, replaced=replaced, added=added)
    archive.close()
    copy.replace(path)


@dataclass(frozen=True)
class Signed:
    """What a signature changes in a container.

    :ivar replaced, added: contents by name of the entry.
    """

    level: Level
    notes: Sequence[Exception] = ()
    replaced: Mapping[str, bytes] = field(default_factory=dict)
    added: Mapping[str, bytes] = field(default_factory=dict)


class ArchivePreparation(ABC):
    """A container ready for the token; keeps the source open until completed or discarded."""

    #: See :class:`app.signing.model.Preparation`.
    to_be_signed: bytes
    source_sha256 = ""

    def __init__(self, request: SignatureRequest, archive: StrictZip) -> None:
        self._request = request
        self._archive = archive
        self._fingerprint = archive.fingerprint()

    @abstractmethod
    def _signed(self, signature: bytes) -> Signed:
        """
        :raises SignatureValueWrong: the token's answer does not verify with the certificate.
        """

    def complete(self, signature: bytes) -> Completed:
        """Write the signed container to the target, flushed to disk.

        :param signature: RSA octets, or ECDSA ``r‖s`` of fixed length.
        :raises SignatureValueWrong: it does not verify with the certificate; nothing is written.
        :raises SourceChanged: the source was written to since it was prepared.
        :raises AntinError: the target cannot be written.
        """
        target = self._request.target
        try:
            signed = self._signed(signature)
            self._refuse_changed()
            copy_archive(self._archive, target, replaced=signed.replaced, added=signed.added)
            try:
                self._refuse_changed()
            except SourceChanged:
                target.unlink(missing_ok=True)
                raise
            return Completed(target, signed.level, signed.notes)
        finally:
            self.discard()

    def discard(self) -> None:
        """Close the source; there is nothing on disk to remove."""
        self._archive.close()

    def _refuse_changed(self) -> None:
        if self._archive.fingerprint() != self._fingerprint:
            raise SourceChanged(path=self._request.source)
