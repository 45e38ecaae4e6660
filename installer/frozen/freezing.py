"""The frozen program: PyInstaller's one folder, made smaller, the same octets every time it is made.

One-file programs are not made: they unpack themselves at each start, which is slow and which virus scanners report.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from installer.frozen.shiboken import compile_support
from installer.frozen.slimming import slim


def freeze(root: Path, work: Path, epoch: int) -> Path:
    """Build the program's folder.

    :param root: the source tree, with compiled catalogues.
    :param work: an empty or missing folder for all that is made.
    :param epoch: the time that files claim to be from, in seconds since 1970.
    :return: the folder with ``antin`` in it.
    :raises subprocess.CalledProcessError: PyInstaller fails; it has said why.
    """
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run(
        [
            sys.executable,
            *("-m", "PyInstaller", "--noconfirm", "--log-level=WARN"),
            *("--distpath", str(work / "dist"), "--workpath", str(work / "work")),
            str(root / "installer/frozen/antin.spec"),
        ],
        check=True,
        cwd=root,
        env=reproducible_environment(epoch) | {"PYINSTALLER_CONFIG_DIR": str(work / "cache")},
    )
    folder = work / "dist/antin"
    if sys.platform.startswith("linux"):
        compile_support(folder / "_internal", work)
        slim(folder / "_internal", work)
        (folder / "antin-token-host").symlink_to("antin")
    even_out(folder, epoch)
    return folder


def reproducible_environment(epoch: int) -> dict[str, str]:
    """The environment in which two runs of a build tool make the same octets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    return kept | {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def even_out(folder: Path, epoch: int) -> None:
    """Give every file below a folder the same time, and rights that do not depend on who built it."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or (path.stat().st_mode & 0o100 and not path.name.endswith((".toml", ".ttf")))
            path.chmod(0o755 if runs else 0o644)
            os.utime(path, (epoch, epoch))
