"""Fresh signatures are confirmed by a process of its own after the first few, and never by its silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents import child
from app.documents.hashing import sha256_file
from app.verification import confirming, guards
from app.verification.confirming import Confirmer
from app.verification.guards import SignatureNotConfirmed, confirm
from tests.attacks import pdf_files


@pytest.fixture
def confirmer() -> Iterator[Confirmer]:
    made = Confirmer(few=0)
    yield made
    made.close()


def _until_it_runs(confirmer: Confirmer, path: Path, certificate: bytes) -> None:
    assert confirmer(path, certificate) == confirm(path, certificate)
    assert confirmer._starting is not None
    confirmer._starting.join()


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, bytes]:
    """A signed document, and its signer's certificate."""
    path = tmp_path / "đã ký.pdf"
    path.write_bytes(pdf_files.signed())
    (signature,) = guards.signatures_of(path)
    assert signature.certificate is not None
    return path, signature.certificate


def test_the_process_confirms_what_is_in_order(
    confirmer: Confirmer, signed: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    _until_it_runs(confirmer, *signed)
    expected = confirm(*signed)
    monkeypatch.delattr(confirming, "confirm")  # nothing is looked at here any more
    assert confirmer(*signed) == expected
    assert expected.signers
    assert expected.sha256 == sha256_file(signed[0])


def test_what_the_process_does_not_confirm_is_refused_with_the_cause(
    confirmer: Confirmer, signed: tuple[Path, bytes]
) -> None:
    path, certificate = signed
    _until_it_runs(confirmer, path, certificate)
    content = bytearray(path.read_bytes())
    content[content.index(b"/MediaBox") + 12] ^= 1
    path.write_bytes(content)
    with pytest.raises(SignatureNotConfirmed):
        confirmer(path, certificate)
    with pytest.raises(SignatureNotConfirmed):
        confirmer(path, b"another certificate")


def test_a_lost_process_costs_nothing_but_time(confirmer: Confirmer, signed: tuple[Path, bytes]) -> None:
    _until_it_runs(confirmer, *signed)
    confirmer._process.give_up()
    assert confirmer(*signed) == confirm(*signed)


def test_a_process_that_does_not_start_hinders_nobody(
    confirmer: Confirmer, signed: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "command_of", lambda module: [str(signed[0].parent / "none")])
    _until_it_runs(confirmer, *signed)
    assert confirmer(*signed) == confirm(*signed)
