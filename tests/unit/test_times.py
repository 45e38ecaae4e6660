"""An office's day is Vietnam's day, in whatever time zone the machine lives."""

from __future__ import annotations

import ast
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import times
from app.archive.archive import Archive
from app.documents.model import DocumentInfo
from app.journal.entry import draft

#: The first minutes of a year in Vietnam, while the old one still runs further west.
_NEW_YEAR = dt.datetime(2027, 1, 1, 0, 30, tzinfo=times.VIETNAM)

_SOURCES = sorted(path for folder in ("app", "ui", "pkcs11_bridge") for path in Path(folder).rglob("*.py"))


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_now_and_today_are_the_offices(zone: str) -> None:
    moment = times.now()
    assert (moment.utcoffset(), moment.microsecond) == (dt.timedelta(hours=7), 0)
    assert times.today() - moment.date() in (dt.timedelta(), dt.timedelta(days=1))
    assert draft("sign", {}).time.utcoffset() == dt.timedelta(hours=7)


def test_a_time_is_told_and_read_as_the_office_does(zone: str) -> None:
    in_utc = _NEW_YEAR.astimezone(dt.UTC)
    assert times.day(in_utc) == "01/01/2027"
    assert times.clock(in_utc) == "00:30:00 01/01/2027"
    assert times.aware(dt.datetime(2027, 1, 1, 0, 30)) == _NEW_YEAR
    assert times.aware(in_utc) is in_utc


def test_what_arrives_on_new_years_day_is_filed_in_the_new_year(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: _NEW_YEAR)
    assert Archive.year(DocumentInfo(date=dt.date(2026, 12, 30)), None, incoming=True) == 2027
    assert Archive.year(DocumentInfo(), None, incoming=False) == 2027
    assert Archive.year(DocumentInfo(date=dt.date(2026, 12, 30)), None, incoming=False) == 2026


def test_no_day_is_taken_from_the_machines_time_zone() -> None:
    """What ruff's DTZ rules leave: ``astimezone()`` without a zone is the machine's."""
    found = {
        str(path)
        for path in _SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "astimezone"
        and not (node.args or node.keywords)
    }
    assert len(_SOURCES) > 300
    assert found == {"app/doctor/clock.py"}, "only the doctor looks at the machine's zone"
