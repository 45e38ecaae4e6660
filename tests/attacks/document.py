"""The table of forgeries and genuine files as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable

from tests.attacks.model import Attack, Sample

_HEAD = """\
# What the verifier is tried with

Each line is a file that the tests make, and what the verifier has to say of it. `make attacks` makes them all, prints
the verdict, the reasons and the time of each, and ends with an error where one is another; the tests do the same. This
page is written by `python -m tests.attacks --write docs/attacks.md`.
"""


def written(samples: Iterable[Sample]) -> str:
    """Markdown."""
    listed = list(samples)
    parts = [_HEAD]
    for title, forged in (("Forgeries", True), ("Genuine files", False)):
        chosen = [one for one in listed if isinstance(one, Attack) is forged]
        parts.append(f"\n## {title} ({len(chosen)})\n\n| format | file | verdict | reason |\n|---|---|---|---|\n")
        parts.extend(
            f"| {one.format} | {one.name.replace('_', ' ').replace('-', ' ')} | {one.verdict} | {one.code} |\n"
            for one in chosen
        )
    return "".join(parts)
