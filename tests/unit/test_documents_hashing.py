"""Digests of parts of a file: the same as hashlib's, and no octet read twice without need."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.hashing import PrefixDigests, pieces, sha256_file

CONTENT = bytes(range(256)) * 4096


class Counted(io.BytesIO):
    """:ivar octets: how many were read."""

    octets = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        length = super().readinto(buffer)
        self.octets += length
        return length


@st.composite
def _ranges(draw: st.DrawFn) -> list[tuple[int, int]]:
    cuts = sorted(draw(st.lists(st.integers(0, len(CONTENT)), min_size=1, max_size=5)))
    places = [0, *cuts]
    if len(places) % 2:
        places.append(places[-1])
    return list(zip(places[::2], places[1::2], strict=True))


@given(st.lists(st.tuples(st.sampled_from(["sha1", "sha256", "sha512"]), _ranges()), min_size=1, max_size=6))
def test_whatever_the_ranges_and_their_order_the_digests_are_right(
    asked: list[tuple[str, list[tuple[int, int]]]],
) -> None:
    digests = PrefixDigests(io.BytesIO(CONTENT))
    for name, ranges in asked:
        octets = b"".join(CONTENT[start:end] for start, end in ranges)
        assert digests(name, ranges) == hashlib.new(name, octets).digest()


def test_a_signature_and_the_whole_file_cost_one_pass() -> None:
    file = Counted(CONTENT)
    digests = PrefixDigests(file)
    gap, size = (len(CONTENT) - 900, len(CONTENT) - 500), len(CONTENT)
    digests("sha256", [(0, gap[0]), (gap[1], size)])
    assert digests("sha256", [(0, size)]) == hashlib.sha256(CONTENT).digest()
    assert file.octets == size + (size - gap[1])


def test_a_file_shorter_than_it_was_ends_where_it_ends(tmp_path: Path) -> None:
    digests = PrefixDigests(io.BytesIO(CONTENT))
    assert digests("sha256", [(0, len(CONTENT) + 10)]) == hashlib.sha256(CONTENT).digest()


@pytest.mark.parametrize("more", [-(1 << 20), -1, 0, 10])
def test_much_is_read_ahead_and_comes_as_it_stands(more: int) -> None:
    content = CONTENT * 6
    file = Counted(b"before" + content)
    file.seek(6)
    wanted = len(content) + more
    assert b"".join(bytes(piece) for piece in pieces(file, wanted)) == content[:wanted]
    assert file.octets == min(wanted, len(content))


def test_who_needs_no_more_of_it_ends_the_reading() -> None:
    file = Counted(CONTENT * 6)
    reading = pieces(file, len(CONTENT) * 6)
    assert bytes(next(reading)) == CONTENT
    reading.close()
    assert file.octets <= 2 * len(CONTENT)


def test_an_unknown_hash(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="md9"):
        PrefixDigests(io.BytesIO(CONTENT))("md9", [(0, 1)])


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    assert sha256_file(tmp_path / "a") == hashlib.sha256(CONTENT).hexdigest()
