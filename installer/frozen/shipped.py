"""Which Python distributions the package carries: those of ``requirements/run.lock`` that this system needs."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement

from installer.frozen.left_out import MODULES


def locked(root: Path) -> dict[str, str]:
    """Name and version of every distribution the program runs on, on this system and Python.

    :param root: the source tree.
    """
    found: dict[str, str] = {}
    for line in (root / "requirements/run.lock").read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                found[requirement.name] = next(iter(requirement.specifier)).version
    return found


def distributions(root: Path) -> list[str]:
    """The names of those that go into the package, sorted.

    :param root: the source tree.
    """
    return sorted(name for name in locked(root) if name.replace("-", "_") not in MODULES)
