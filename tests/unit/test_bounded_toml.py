"""TOML that would take all memory or all of the stack ends in a sentence."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from app.bounded_toml import MAX_SIZE, load, loads
from app.bundle.content import Content
from app.bundle.store import check_texts
from app.settings import ManagedInvalid, SettingsInvalid
from app.settings import load as load_settings
from app.system import ManagedUnreadable
from app.system.linux import Linux
from app.times import now
from app.verification.policy import Policy, PolicyInvalid

NESTED = "a = " + "[" * 5000
BOMBS = {
    "a dotted name": ".".join("a" * 50_000) + " = 1",
    "a dotted name with blanks": " \t. ".join("a" * 50_000) + " = 1",
    "quoted parts": ".".join(['"a b"'] * 50_000) + " = 1",
    "bare quotes": ".".join(["''"] * 50_000) + " = 1",
    "a table's name": f"[{'.'.join('a' * 50_000)}]",
    "a name in an inline table": f"a = {{ {'.'.join('a' * 50_000)} = 1 }}",
    "nested lists": NESTED,
    "nested tables": "a = " + "{a = " * 5000,
    "size": "#" * (MAX_SIZE + 1),
}


def _within_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_little_memory(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.toml"
    file.write_text(BOMBS[name], encoding="utf-8")
    program = """
import sys
from pathlib import Path
from app.bounded_toml import load
try:
    load(Path(sys.argv[1]))
except ValueError as error:
    sys.exit(f"refused: {error}")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, file], preexec_fn=_within_memory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("refused: "), done.stderr[-300:]


def test_what_people_write_is_read_as_before(tmp_path: Path) -> None:
    text = 'a.b."c.d" = "1.2.3.4 và ............................................"\r\n[x.y]\nz = [[1], [2]]\n'
    (tmp_path / "a.toml").write_bytes(text.encode())
    expected = {
        "a": {"b": {"c.d": "1.2.3.4 và ............................................"}},
        "x": {"y": {"z": [[1], [2]]}},
    }
    assert load(tmp_path / "a.toml") == expected
    with pytest.raises(ValueError, match="end of document"):
        loads("a = ")


def test_every_file_of_settings_is_read_so(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for text in (NESTED, BOMBS["a dotted name"], BOMBS["size"]):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsInvalid):
            load_settings(tmp_path, system=Linux(tmp_path / "none.toml"))
        with pytest.raises((ManagedUnreadable, ManagedInvalid)):
            load_settings(tmp_path / "data", system=Linux(file))
        with pytest.raises(PolicyInvalid):
            Policy.load(file)
        for content in (Content(1, now(), policy=text), Content(1, now(), modules=text)):
            with pytest.raises(ValueError, match=r"nested|parts|larger"):
                check_texts(content)
