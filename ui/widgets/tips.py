"""Texts of strangers in tool tips, which Qt would take for HTML where they look like it."""

from __future__ import annotations

from html import escape


def plain(text: str) -> str:
    """The text as a tool tip that shows it as it stands: no markup in it is obeyed, no picture it names is loaded."""
    return "<qt>{}</qt>".format("<br>".join(map(escape, text.split("\n")))) if "<" in text else text
