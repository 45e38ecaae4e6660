"""Every parser answers for any octets: those that once broke one, and hundreds of new ones at each run.

``make fuzz MINUTES=n`` searches much longer.
"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks.model import Workshop
from tests.fuzz.seeds import Seeds, collect
from tests.fuzz.targets import TARGETS, FalseValid, Target, shown

_FOUND = sorted(path for path in (Path(__file__).parent / "found").glob("*/*") if path.is_file())
_SPECIAL = [
    b"",
    b"\0",
    b"\x80",
    b"\xff" * 4,
    b"<",
    b"&",
    b"<!DOCTYPE a>",
    b"0\x80",
    b"PK\x03\x04",
    b"endobj",
    b"<< /A ",
    b"-1",
]


@pytest.fixture(scope="session")
def seeds(workshop: Workshop) -> Seeds:
    return collect(workshop, forgeries=False)


def test_what_once_broke_a_parser(seeds: Seeds) -> None:
    for file in _FOUND:
        TARGETS[file.parent.name].run(file.read_bytes(), seeds.genuine)


@st.composite
def _changes(draw: st.DrawFn) -> list[tuple[float, float, bytes]]:
    """Places to overwrite: where (0 to 1), how much (0 to 1, of 40 octets), and what with."""
    part = st.floats(0, 1, exclude_max=True)
    octets = st.one_of(st.binary(max_size=8), st.sampled_from(_SPECIAL))
    return draw(st.lists(st.tuples(part, part, octets), min_size=1, max_size=4))


def _changed(data: bytes, changes: list[tuple[float, float, bytes]]) -> bytes:
    for place, share, octets in changes:
        start = int(place * len(data))
        data = data[:start] + octets + data[start + int(share * 40) :]
    return data


def _entry_changed(data: bytes, which: float, changes: list[tuple[float, float, bytes]]) -> bytes:
    """The archive with one entry changed, all else sound."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError):
        return _changed(data, changes)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(entries):
            archive.writestr(name, _changed(content, changes) if number == int(which * len(entries)) else content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_any_octets_get_an_answer(seeds: Seeds, target: Target) -> None:
    begin = seeds.of(target)
    assert begin

    @settings(
        max_examples=int(os.environ.get("ANTIN_FUZZ_EXAMPLES", "60")),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(range(len(begin))), st.booleans(), st.floats(0, 1, exclude_max=True), _changes())
    def run(number: int, inside: bool, which: float, changes: list[tuple[float, float, bytes]]) -> None:
        data = begin[number]
        altered = _entry_changed(data, which, changes) if inside and target.archive else _changed(data, changes)
        target.run(altered, seeds.genuine)

    run()


@pytest.mark.parametrize("name", ["pdf", "ooxml"])
def test_a_file_that_shows_what_nobody_signed_is_noticed(seeds: Seeds, name: str) -> None:
    """The check for false verdicts can fail: with nothing known as genuine every accepted file is one."""
    accepted = 0
    for data in seeds.of(TARGETS[name]):
        try:
            TARGETS[name].run(data, frozenset())
        except FalseValid:
            accepted += 1
            assert shown(TARGETS[name].format, data) & seeds.genuine
    assert accepted > 2
