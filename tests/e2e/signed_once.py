"""What has to be so after any run, however often its program was killed: each document is signed and filed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.documents.hashing import sha256_file
from app.journal.ledger import Ledger
from app.storage.staging import is_staging


def copies_in(folder: Path) -> list[Path]:
    """The files under their final names."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".antin" not in path.parts)
    return [path for path in found if not is_staging(path.name)]


def each_signed_once(data_dir: Path, files: Sequence[Path], folder: Path) -> list[Path]:
    """One entry and one filed copy a file, and nothing left to be done; the copies."""
    ledger = Ledger(data_dir)
    assert ledger.verify().ok
    entries = list(ledger.entries())
    signed = [entry.data for entry in entries if entry.kind == "sign"]
    assert Counter(data["input"] for data in signed) == Counter(map(str, files))
    assert Counter(e.data["sha256"] for e in entries if e.kind == "file") == Counter(d["output_sha256"] for d in signed)
    copies = copies_in(folder)
    assert sorted(sha256_file(path) for path in copies) == sorted(data["output_sha256"] for data in signed)
    assert list((data_dir / "remaining").iterdir()) == []
    return copies
