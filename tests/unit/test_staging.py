"""Files on their way to a final name."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from app.errors import AntinError
from app.storage import staging
from app.storage.staging import is_staging, staging_path


def test_names_are_new_recognised_and_keep_the_extension(tmp_path: Path) -> None:
    paths = {staging_path(tmp_path / "2026", ".PDF") for _turn in range(50)}
    assert len(paths) == 50
    assert all(is_staging(path.name) and path.suffix == ".pdf" and not path.exists() for path in paths)
    assert not is_staging("12_QĐ-UBND.pdf")


@pytest.mark.parametrize("suffix", [".p/../df", "", ".pdf\n", "." + "x" * 99])
def test_an_extension_that_is_none_is_left_out(tmp_path: Path, suffix: str) -> None:
    path = staging_path(tmp_path, suffix)
    assert path.parent == tmp_path
    assert path.suffix == ""


def test_leftovers_of_a_killed_program_go_when_no_run_is_taken_up_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_looked_at", set())
    old, young, copy = tmp_path / ".antin-aa.pdf", tmp_path / ".antin-bb.pdf", tmp_path / "12_QĐ-UBND.pdf"
    for path in (old, young, copy):
        path.write_bytes(b"x")
    over_tet = time.time() - 30 * 24 * 3600
    os.utime(young, (over_tet, over_tet))
    long_ago = time.time() - 91 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    os.utime(copy, (long_ago, long_ago))
    staging_path(tmp_path, ".pdf")
    assert sorted(tmp_path.iterdir()) == sorted([young, copy])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AntinError) as refused:
        staging_path(tmp_path / "file" / "2026", ".pdf")
    assert refused.value.code == "target-not-writable"
