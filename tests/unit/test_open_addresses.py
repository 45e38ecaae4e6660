"""What ``antin open`` takes for a file."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from app.cli.opening import _local


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("Công văn.pdf", "Công văn.pdf"),
        ("-x --sign.pdf", "-x --sign.pdf"),
        ("file:///srv/C%C3%B4ng%20v%C4%83n%20%235.pdf", "/srv/Công văn #5.pdf"),
        ("file:///srv/a#b.pdf", "/srv/a#b.pdf"),
        ("file://localhost/srv/a.pdf", "/srv/a.pdf"),
        ("file:/srv/a.pdf", "/srv/a.pdf"),
        ("http://example.vn/a.pdf", "http://example.vn/a.pdf"),
    ],
)
def test_a_path_or_an_address_of_this_computer_names_a_file(given: str, file: str) -> None:
    assert _local(given) == Path(file)


@pytest.mark.parametrize("given", ["", "file:", "file://[", "file://may-khac/srv/a.pdf", "file:///srv/a%00b.pdf"])
def test_anything_else_is_told_before_the_window_opens(given: str) -> None:
    with pytest.raises(click.UsageError):
        _local(given)
