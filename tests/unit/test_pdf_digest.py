"""What is copied under a new signature is digested on the way, as it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from app.signing.pdf_digest import CHUNK
from app.signing.pdf_update import copy


@pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
@pytest.mark.parametrize("size", [0, 3000, CHUNK, 3 * CHUNK + 5])
@pytest.mark.parametrize("end", [b"%%EOF", b"%%EOF\n"])
def test_the_copy_and_its_source_are_digested_in_one_reading(
    tmp_path: Path, hash_name: str, size: int, end: bytes
) -> None:
    source, target = tmp_path / "văn bản.pdf", tmp_path / "chép.pdf"
    source.write_bytes(os.urandom(size) + end)
    beginning = copy(source, target, hash_name)
    assert beginning.source_sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    written = target.read_bytes()
    assert written == source.read_bytes().removesuffix(b"\n") + b"\n"
    assert beginning.length == len(written)
    with target.open("ab") as file:
        file.write(b"update<gap>end")
    gap = (len(written) + 6, len(written) + 11)
    with target.open("rb") as file:
        digest = beginning.continued(file, gap, gap[1] + 3)
    assert digest == hashlib.new(hash_name, written + b"updateend").digest()
