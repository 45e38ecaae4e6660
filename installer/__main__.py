"""Build what is installed: ``python -m installer deb|msi|release``, run with the Python of ``build/venv``.

Everything is made below ``build/`` and ends in ``dist/``. The time in all files is that of the last commit, or
``SOURCE_DATE_EPOCH``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app import __version__

_ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build what the arguments ask for; the paths of what was made are printed."""
    parser = argparse.ArgumentParser(prog="python -m installer", description=__doc__)
    parser.add_argument("what", choices=["deb", "msi", "release"])
    parser.add_argument("--out", type=Path, default=_ROOT / "dist", help="folder of what is made")
    parser.add_argument("--work", type=Path, default=_ROOT / "build", help="folder of what is made on the way")
    parser.add_argument("--version", default=__version__, help="version of a package made for a test of upgrading")
    given = parser.parse_args()
    out, work = given.out.absolute(), given.work.absolute()
    out.mkdir(parents=True, exist_ok=True)
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or _last_commit())
    if given.what == "deb":
        from installer.linux.building import build_deb

        made = [_into(out, build_deb(_ROOT, work, given.version, epoch))]
    elif given.what == "msi":
        from installer.windows.building import build_msi

        made = [_into(out, file) for file in build_msi(_ROOT, work, given.version, epoch)]
    else:
        from installer.release.building import build_release

        made = build_release(_ROOT, work, out, given.version, epoch)
    for file in made:
        sys.stdout.write(f"{file}\n")
    return 0


def _last_commit() -> str:
    return subprocess.run(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
        cwd=_ROOT,
    ).stdout


def _into(folder: Path, file: Path) -> Path:
    return Path(shutil.copy2(file, folder / file.name))


if __name__ == "__main__":
    sys.exit(main())
