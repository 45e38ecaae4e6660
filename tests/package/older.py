"""Build the package of an earlier version for the test of upgrading: ``python -m tests.package.older``.

It is this program under a lower number, with the database's tables as they were before the last migration.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent.parent
VERSION: Final = "0.0.9"


def main() -> int:
    """Copy the source tree, take the last migration out of the copy, build its package into ``build/older/dist``."""
    work = _ROOT / "build/older"
    tree = work / "tree"
    shutil.rmtree(work, ignore_errors=True)
    _copy_tree(tree)
    schema = _take_last_migration_out(tree)
    (tree / "app/__init__.py").write_text(f'"""An earlier version."""\n\n__version__ = "{VERSION}"\n', encoding="utf-8")
    sys.stdout.write(f"{VERSION}, tables {schema}\n")
    return subprocess.run(
        [sys.executable, "-m", "installer", "deb", "--out", work / "dist", "--work", work / "work"],
        cwd=tree,
        check=False,
    ).returncode


def _copy_tree(tree: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
        cwd=_ROOT,
    ).stdout.split("\0")
    catalogues = [str(file.relative_to(_ROOT)) for file in (_ROOT / "resources").rglob("*.mo")]
    for name in [*filter(None, listed), *catalogues]:
        if (_ROOT / name).is_file() and not name.startswith("tests/"):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(_ROOT / name, tree / name)


def _take_last_migration_out(tree: Path) -> str:
    """The version of the tables that remains."""
    migrations = sorted((tree / "app/storage/migrations/versions").glob("v[0-9]*.py"))
    last = migrations[-1].read_text(encoding="utf-8")
    before = re.search(r'^down_revision = "(\w+)"', last, re.MULTILINE)
    assert before is not None
    migrations[-1].unlink()
    schema = tree / "app/storage/schema/__init__.py"
    text, count = re.subn(
        r'^VERSION = "\w+"', f'VERSION = "{before[1]}"', schema.read_text("utf-8"), flags=re.MULTILINE
    )
    assert count == 1
    schema.write_text(text, encoding="utf-8")
    return before[1]


if __name__ == "__main__":
    sys.exit(main())
