"""A large PDF is read once while it is signed: what was read back when it was copied is known to whoever confirms the
signature, as long as nobody else wrote to the file."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.hashing import KnownBeginning, sha256_file, state
from app.errors import CopyDiffers, DiskFailing
from app.signing import pdf_draft
from app.signing.model import Completed
from app.signing.pdf import PdfPreparation, prepare
from app.signing.pdf_digest import CHUNK
from app.signing.pdf_draft import Draft
from app.verification.guards import SignatureNotConfirmed, confirm
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples
from tests.pdf_samples import signer
from tests.unit.test_signing_pdf import request_for


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_draft, "_IN_MEMORY", -1)


@pytest.fixture
def prepared(tmp_path: Path) -> PdfPreparation:
    return prepare(request_for(samples.write(tmp_path / "vb.pdf"), tmp_path / "đã ký.pdf"))


def _complete(preparation: PdfPreparation) -> Completed:
    who = signer()
    return preparation.complete(who.sign(preparation.to_be_signed, SignatureAlgorithm.RSA_SHA256))


def _alter(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Write to a file until the system's clock tells the difference."""
    before, until = state(path), time.monotonic() + 10
    content = change(path.read_bytes())
    while state(path) == before:
        assert time.monotonic() < until
        path.write_bytes(content)


def _other_page(content: bytes) -> bytes:
    return content.replace(b"/MediaBox", b"/MediaBux", 1)


def test_what_was_copied_is_not_read_again(prepared: PdfPreparation, monkeypatch: pytest.MonkeyPatch) -> None:
    completed = _complete(prepared)
    known = completed.known
    assert known is not None
    whole = confirm(completed.path, signer().certificate)
    assert whole.sha256 == sha256_file(completed.path)
    assert confirm(completed.path, signer().certificate, known) == whole
    wrong = {name: digest.copy() for name, digest in known.digests.items()}
    for digest in wrong.values():
        digest.update(b"something else")
    with pytest.raises(SignatureNotConfirmed):  # it is these digests that count, and no others were made
        confirm(completed.path, signer().certificate, KnownBeginning(known.state, known.length, wrong))


def test_a_file_that_somebody_writes_to_before_the_token_signs_is_read_whole(prepared: PdfPreparation) -> None:
    _alter(prepared._request.target, _other_page)
    completed = _complete(prepared)
    assert completed.known is None
    with pytest.raises(SignatureNotConfirmed):
        confirm(completed.path, signer().certificate, completed.known)


@pytest.mark.parametrize("other", [False, True], ids=["written to", "exchanged"])
def test_a_file_that_somebody_changes_before_it_is_confirmed_is_read_whole(
    prepared: PdfPreparation, tmp_path: Path, other: bool
) -> None:
    completed = _complete(prepared)
    assert completed.known is not None
    if other:
        (tmp_path / "khác.pdf").write_bytes(_other_page(completed.path.read_bytes()))
        (tmp_path / "khác.pdf").replace(completed.path)
    else:
        _alter(completed.path, _other_page)
    with pytest.raises(SignatureNotConfirmed):
        confirm(completed.path, signer().certificate, completed.known)


def test_the_copy_cannot_be_written_to_any_more(tmp_path: Path) -> None:
    source = samples.write(tmp_path / "vb.pdf")
    draft = Draft(source, tmp_path / "chép.pdf", "sha256")
    draft.stream.seek(source.stat().st_size - 1)
    draft.stream.write(b"x")
    with pytest.raises(PermissionError, match="stays as it is"):
        draft.stream.flush()
    with pytest.raises(PermissionError, match="stays as it is"):
        draft.stream.truncate(3)
    draft.abandon()
    assert not (tmp_path / "chép.pdf").exists()


@pytest.mark.parametrize("size", [3000, 5 * CHUNK + 7])
@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
def test_a_disk_that_keeps_something_else_than_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, hash_name: str
) -> None:
    class Faulty(pdf_draft._Kept):
        def write(self, octets: memoryview, /) -> int:
            return super().write(bytes(octets[:-1]) + bytes([octets[-1] ^ 1]))

    monkeypatch.setattr(pdf_draft, "_Kept", Faulty)
    source, target = tmp_path / "vb.pdf", tmp_path / "chép.pdf"
    source.write_bytes(bytes(size))
    with pytest.raises(CopyDiffers) as raised:
        Draft(source, target, hash_name)
    assert raised.value.data["path"] == source
    assert not target.exists()


class _WithAnEvent(pdf_draft._Source):
    """A source at whose fifth piece something happens."""

    event: Callable[[], None]
    pieces = 0

    def readinto(self, piece: bytearray) -> int:
        self.pieces += 1
        if self.pieces == 5:
            with self._named():
                type(self).event()
        return super().readinto(piece)


@pytest.fixture
def happening(monkeypatch: pytest.MonkeyPatch) -> type[_WithAnEvent]:
    monkeypatch.setattr(pdf_draft, "_Source", _WithAnEvent)
    return _WithAnEvent


@pytest.fixture
def large(tmp_path: Path) -> Path:
    filling = {6: b"<< /Length %d >>\nstream\n%s\nendstream" % (6 * CHUNK, bytes(6 * CHUNK))}
    return samples.write(tmp_path / "lớn.pdf", samples.classic(samples.objects() | filling))


def test_a_file_that_somebody_writes_to_while_it_is_copied_is_read_whole(
    large: Path, tmp_path: Path, happening: type[_WithAnEvent]
) -> None:
    target = tmp_path / "đã ký.pdf"

    def forge() -> None:
        before, until = state(target), time.monotonic() + 10
        with target.open("r+b") as file:
            while state(target) == before:
                assert time.monotonic() < until
                file.seek(large.read_bytes().index(b"/MediaBox") + 5)
                file.write(b"X")
                file.flush()

    happening.event = staticmethod(forge)
    completed = _complete(prepare(request_for(large, target)))
    assert completed.known is None
    with pytest.raises(SignatureNotConfirmed):
        confirm(completed.path, signer().certificate, completed.known)


def test_a_source_that_grows_is_copied_as_long_as_it_was(
    large: Path, tmp_path: Path, happening: type[_WithAnEvent]
) -> None:
    size = large.stat().st_size

    def grow() -> None:
        with large.open("ab") as file:
            file.write(b"more")

    happening.event = staticmethod(grow)
    draft = Draft(large, tmp_path / "chép.pdf", "sha256")
    assert draft.beginning.length == size
    draft.abandon()


def test_a_source_that_cannot_be_read_to_its_end_is_named(
    large: Path, tmp_path: Path, happening: type[_WithAnEvent]
) -> None:
    def fail() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    happening.event = staticmethod(fail)
    with pytest.raises(DiskFailing) as raised:
        Draft(large, tmp_path / "chép.pdf", "sha256")
    assert raised.value.data["path"] == str(large)
    assert not (tmp_path / "chép.pdf").exists()
