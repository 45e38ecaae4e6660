"""Imports a little at a time: all that a module needs, in small turns, and nothing that it does not import itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ui.importing import Imports
from ui.pages.making import MODULES, PageMaker

_LOOK = """
import sys, time
from ui.importing import Imports
from ui.pages.making import MODULES
loaded = set(sys.modules)
imports, turns = Imports(sys.argv[1]), 1
while not imports.go_on(0):
    turns += 1
ahead = set(sys.modules) - loaded
__import__(sys.argv[1])
print(turns, len(ahead), len(set(sys.modules) - loaded - ahead))
print(*sorted(ahead))
"""
_AT_ONCE = """
import sys
from ui.importing import Imports
from ui.pages.making import MODULES
loaded = set(sys.modules)
__import__(sys.argv[1])
print(*sorted(set(sys.modules) - loaded))
"""


def _run(script: str, module: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", script, module], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_page_is_imported_in_many_turns_and_nothing_more_than_at_once() -> None:
    [figures, ahead] = _run(_LOOK, "ui.pages.archive")
    turns, count, left = map(int, figures.split())
    assert left == 0
    assert turns > count / 2 > 40
    [at_once] = _run(_AT_ONCE, "ui.pages.archive")
    assert set(ahead.split()) == set(at_once.split())


def test_every_page_has_its_module() -> None:
    methods = {name.replace("_", "-") for name in vars(PageMaker) if not name.startswith("_")}
    assert methods == MODULES.keys()
    assert all(Path(*name.split(".")).with_suffix(".py").is_file() for name in MODULES.values())


def test_what_is_missing_is_left_to_whoever_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "ui"
    package.mkdir()
    (package / "with_and_without.py").write_text(
        "try:\n    import no_such_library\nexcept ImportError:\n    found = False\nimport colorsys\n", encoding="utf-8"
    )
    (package / "broken.py").write_text("from ui.no_such_page import Page\n", encoding="utf-8")
    import ui

    monkeypatch.setattr(ui, "__path__", [*ui.__path__, str(package)])
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert Imports("ui.with_and_without").go_on(60) and "colorsys" in sys.modules
    assert sys.modules["ui.with_and_without"].found is False
    assert Imports("ui.broken").go_on(60) and Imports("ui.pages.no_such_page").go_on(60)
    assert "ui.broken" not in sys.modules
    del sys.modules["ui.with_and_without"]
