"""Files under a name of their own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from app.errors import AntinError, DiskFull, FileInUse, FileMissing, TargetNotWritable
from app.storage.files import flush_file, flush_folder, rename_new, writing_error


@pytest.fixture(params=["hard links", "no hard links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system as it is here, and one without hard links (FAT, some network shares)."""
    if request.param == "no hard links":

        def refuse(*args: object, **more: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("links")
def test_a_free_name_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_text("mới")
    rename_new(source, tmp_path / "b")
    assert not source.exists() and (tmp_path / "b").read_text() == "mới"


@pytest.mark.usefixtures("links")
def test_a_taken_name_is_left_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("mới")
    target.write_text("cũ")
    with pytest.raises(FileExistsError):
        rename_new(source, target)
    assert (source.read_text(), target.read_text()) == ("mới", "cũ")
    with pytest.raises(FileExistsError):
        rename_new(source, tmp_path)
    assert source.exists()


def test_a_dangling_link_is_a_taken_name(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("mới")
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        rename_new(source, target)
    assert not (tmp_path / "nowhere").exists()


def test_flushing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    flush_file(tmp_path / "a")
    flush_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        flush_file(tmp_path / "b")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EFBIG, DiskFull),
        (errno.EACCES, TargetNotWritable),
        (errno.EROFS, TargetNotWritable),
        (errno.ENAMETOOLONG, TargetNotWritable),
        (errno.EBUSY, FileInUse),
        (errno.ENOENT, FileMissing),
    ],
)
def test_what_a_refused_write_is_called(number: int, kind: type[AntinError]) -> None:
    error = writing_error(OSError(number, os.strerror(number)), Path("/kho/a.pdf"))
    assert type(error) is kind and "/kho/a.pdf" in str(error)
