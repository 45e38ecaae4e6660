"""The strict ZIP reader and the copying writer: what they accept, what they refuse, what they write."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents import zip_errors as errors
from app.documents import zip_writer
from app.documents.strict_zip import Limits, StrictZip
from app.documents.zip_writer import copy_archive
from app.errors import AntinError, FileMissing

CONTENT = {"a.txt": b"first" * 100, "folder/b.bin": bytes(range(256)) * 40, "empty": b""}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return written(tmp_path / "plain.zip", zipfile.ZIP_DEFLATED)


def written(path: Path, method: int) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in CONTENT.items():
            made.writestr(name, content)
    return path


def read(path: Path) -> dict[str, bytes]:
    with StrictZip(path) as opened:
        return {name: opened.read(entry, 1 << 20) for name, entry in opened.entries.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_what_others_write(tmp_path: Path, method: int) -> None:
    path = written(tmp_path / "x.zip", method)
    assert read(path) == CONTENT
    with StrictZip(path) as opened:
        entry = opened.entries["folder/b.bin"]
        assert opened.digest(entry, "sha256") == hashlib.sha256(CONTENT["folder/b.bin"]).digest()
        assert opened.stray_bytes == 0


class _Unseekable(io.RawIOBase):
    """A stream that makes zipfile write data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += data
        return len(data)


@pytest.mark.parametrize("wide", [False, True])
def test_reads_data_descriptors(tmp_path: Path, wide: bool) -> None:
    stream = _Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in CONTENT.items():
            with made.open(name, "w", force_zip64=wide) as out:
                out.write(content)
    path = tmp_path / "streamed.zip"
    path.write_bytes(stream.data)
    assert path.read_bytes().count(b"PK\x07\x08") == len(CONTENT)
    assert read(path) == CONTENT


def test_a_descriptor_that_lies_is_noticed(tmp_path: Path) -> None:
    stream = _Unseekable()
    with zipfile.ZipFile(stream, "w") as made, made.open("a", "w") as out:
        out.write(b"content")
    stream.data[stream.data.index(b"PK\x07\x08") + 5] ^= 1
    path = tmp_path / "streamed.zip"
    path.write_bytes(stream.data)
    with pytest.raises(errors.ZipHeadersDiffer):
        StrictZip(path)


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        StrictZip(tmp_path / "none.zip")


def test_limits(archive: Path) -> None:
    with pytest.raises(errors.ZipTooManyEntries):
        StrictZip(archive, Limits(entries=2))
    with pytest.raises(errors.ZipTooLarge):
        StrictZip(archive, Limits(size=1000))
    with pytest.raises(errors.ZipTooLarge):
        StrictZip(archive, Limits(ratio=2, ratio_from=1000))
    with StrictZip(archive) as opened, pytest.raises(errors.ZipTooLarge):
        opened.read(opened.entries["a.txt"], 10)


def test_unpacking_stops_at_the_declared_size(tmp_path: Path) -> None:
    """A bomb that declares ten bytes is not unpacked beyond a piece."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb", bytes(200 << 20))
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, 22, 10)
    struct.pack_into("<L", data, data.rindex(b"PK\x01\x02") + 24, 10)
    path.write_bytes(data)
    with StrictZip(path) as opened, pytest.raises(errors.ZipDataDamaged):
        for piece in opened.chunks(opened.entries["bomb"]):
            raise AssertionError(f"{len(piece)} bytes were handed out")


def test_every_cut_is_noticed(archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(len(data)):
        cut.write_bytes(data[:length])
        with pytest.raises(errors.ArchiveRejected):
            StrictZip(cut)


@pytest.mark.parametrize(
    "extra", [struct.pack("<HH", 0x7075, 0), b"\x01", struct.pack("<HH", 0xA220, 9), struct.pack("<HHHH", 9, 0, 9, 0)]
)
def test_extra_fields_that_programs_read_differently(tmp_path: Path, extra: bytes) -> None:
    path = tmp_path / "extra.zip"
    information = zipfile.ZipInfo("a")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(information, b"x")
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, central + 30, len(extra))
    data[central + 47 : central + 47] = extra
    size = struct.unpack_from("<L", data, data.rindex(b"PK\x05\x06") + 12)[0]
    struct.pack_into("<L", data, data.rindex(b"PK\x05\x06") + 12, size + len(extra))
    path.write_bytes(data)
    with pytest.raises(errors.ZipHeadersDiffer):
        StrictZip(path)


def test_names_outside_ascii(tmp_path: Path) -> None:
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("ảnh/Đơn vị.png", b"x")
    assert read(path) == {"ảnh/Đơn vị.png": b"x"}
    data = path.read_bytes().replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")
    path.write_bytes(data)
    with pytest.raises(errors.ZipName):
        StrictZip(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_no_mutation_ends_in_anything_but_the_truth_or_a_typed_error(archive: Path, tmp_path: Path, seed: int) -> None:
    """Whatever survives the checks reads as one other program reads it, too."""
    chance = random.Random(seed)
    data = bytearray(archive.read_bytes())
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path = tmp_path / "mutated.zip"
    path.write_bytes(data)
    try:
        found = read(path)
    except AntinError:
        return
    with zipfile.ZipFile(path) as reference:
        assert found == {name: reference.read(name) for name in reference.namelist()}


def test_copy_keeps_compressed_octets_and_order(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.zip"
    with StrictZip(archive) as source:
        copy_archive(source, target, replaced={"a.txt": b"other"}, added={"new/c.txt": b"c" * 1000, "none": b""})
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(target) as after:
        assert after.testzip() is None
        assert after.namelist() == [*CONTENT, "new/c.txt", "none"]
        assert after.read("a.txt") == b"other"
        assert after.read("new/c.txt") == b"c" * 1000
        old, new = before.getinfo("folder/b.bin"), after.getinfo("folder/b.bin")
        assert (old.compress_size, old.CRC, old.date_time) == (new.compress_size, new.CRC, new.date_time)
    assert read(target) == CONTENT | {"a.txt": b"other", "new/c.txt": b"c" * 1000, "none": b""}


def test_copy_drops_descriptors(tmp_path: Path) -> None:
    stream = _Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in CONTENT.items():
            with made.open(name, "w") as out:
                out.write(content)
    path, target = tmp_path / "streamed.zip", tmp_path / "copy.zip"
    path.write_bytes(stream.data)
    with StrictZip(path) as source:
        copy_archive(source, target, replaced={}, added={})
    assert b"PK\x07\x08" not in target.read_bytes()
    assert read(target) == CONTENT


def test_copy_never_overwrites_and_leaves_nothing_half_written(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.zip"
    target.write_bytes(b"theirs")
    with StrictZip(archive) as source, pytest.raises(AntinError):
        copy_archive(source, target, replaced={}, added={})
    assert target.read_bytes() == b"theirs"

    target.unlink()
    truncated = tmp_path / "truncated.zip"
    with zipfile.ZipFile(truncated, "w") as made:
        made.writestr("large", os.urandom(3 << 20))
    with StrictZip(truncated) as source:
        os.truncate(truncated, 40)
        with pytest.raises(errors.ZipDataDamaged):
            copy_archive(source, target, replaced={}, added={})
    assert not target.exists()


def test_zip64_is_read(tmp_path: Path) -> None:
    """A stored entry above 4 GiB, which takes no room on disk."""
    path, size, wide = tmp_path / "sparse.zip", (4 << 30) + 5, 2**32 - 1
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    with path.open("wb") as out:
        out.write(struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 33, 0, wide, wide, 5, len(extra)) + b"zeros" + extra)
        out.seek(size, io.SEEK_CUR)
        start = out.tell()
        numbers = (45, 45, 0, 0, 0, 33, 0, wide, wide, 5, len(extra), 0, 0, 0, 0, 0)
        out.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", *numbers) + b"zeros" + extra)
        length = out.tell() - start
        out.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, start))
        out.write(struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1))
        out.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, length, wide, 0))
    with StrictZip(path, Limits(size=5 << 30)) as opened:
        assert opened.entries["zeros"].size == size
        assert opened.stray_bytes == 0
    with zipfile.ZipFile(path) as reference:
        assert reference.getinfo("zeros").file_size == size
    with pytest.raises(errors.ZipTooLarge):
        StrictZip(path)


def test_zip64_is_written_where_numbers_need_it(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the boundary at 200 bytes instead of 4 GiB: sizes, offsets and the directory go beyond it."""
    monkeypatch.setattr(zip_writer, "_WIDE_FROM", 200)
    target, added = tmp_path / "copy.zip", {"behind": b"x" * 9, "large": os.urandom(300)}
    with StrictZip(archive) as source:
        copy_archive(source, target, replaced={}, added=added)
    assert target.read_bytes().count(b"PK\x06\x06") == 1
    assert read(target) == CONTENT | added
    with zipfile.ZipFile(target) as reference:
        assert reference.testzip() is None
        assert {name: reference.read(name) for name in reference.namelist()} == CONTENT | added
