"""Ledger entries in words."""

from __future__ import annotations

import datetime as dt

from app.journal.entry import Entry
from app.journal.words import what


def _entry(kind: str, **data: object) -> Entry:
    return Entry(1, dt.datetime(2026, 11, 12, tzinfo=dt.UTC), kind, "vanthu", "may-1", data, "0" * 64)


def test_a_signature_thrown_away_is_not_called_signed() -> None:
    assert what(_entry("sign", result="signed")) == "Ký số"
    assert what(_entry("sign", result="self-check-failed")) == "Ký không thành"


def test_kinds_are_words_and_an_unknown_one_is_shown_as_it_is() -> None:
    assert what(_entry("verify", result="valid")) == "Kiểm tra"
    assert what(_entry("file", archive=True)) == "Lưu vào kho"
    assert what(_entry("file", archive=False)) == "Lưu vào thư mục"
    assert what(_entry("of-a-later-version")) == "of-a-later-version"
