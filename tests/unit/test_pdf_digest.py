"""What is copied under a new signature is digested on the way, as it is."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest

from app.documents.hashing import state
from app.signing import pdf_draft
from app.signing.pdf_digest import CHUNK
from app.signing.pdf_draft import Draft


@pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
@pytest.mark.parametrize("size", [0, 3000, CHUNK, 3 * CHUNK + 5])
@pytest.mark.parametrize("end", [b"%%EOF", b"%%EOF\n"])
@pytest.mark.parametrize("in_memory", [True, False])
def test_the_copy_and_its_source_are_digested_in_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hash_name: str, size: int, end: bytes, in_memory: bool
) -> None:
    if not in_memory:
        monkeypatch.setattr(pdf_draft, "_IN_MEMORY", -1)
    source, target = tmp_path / "văn bản.pdf", tmp_path / "chép.pdf"
    source.write_bytes(os.urandom(size) + end)
    copied = source.read_bytes().removesuffix(b"\n") + b"\n"
    draft = Draft(source, target, hash_name)
    beginning = draft.beginning
    assert isinstance(draft.stream, BytesIO) is in_memory
    assert beginning.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert beginning.length == draft.stream.tell() == len(copied)
    draft.stream.write(b"update<gap>end")
    gap = (len(copied) + 6, len(copied) + 11)
    assert beginning.continued(draft.stream, gap, gap[1] + 3) == (
        hashlib.new(hash_name, copied + b"updateend").digest()
    )
    draft.write()
    known = draft.complete(gap[0], b"[new]")
    assert target.read_bytes() == copied + b"update[new]end"
    if in_memory:
        assert known is None
    else:
        assert known is not None
        assert (known.state, known.length) == (state(target), len(source.read_bytes()))
        assert known.digests[hash_name].digest() == hashlib.new(hash_name, source.read_bytes()).digest()


def test_an_abandoned_draft_leaves_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "văn bản.pdf", tmp_path / "chép.pdf"
    source.write_bytes(b"%PDF-1.7")
    draft = Draft(source, target, "sha256")
    assert target.exists()
    draft.abandon()
    assert not target.exists()
