"""``make release``: every file of a release from the last commit, built twice, kept only where both are the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from installer.frozen.freezing import reproducible_environment
from installer.release import catalogues, sbom

_SUMS: Final = "SHA256SUMS"


class NotReproducible(Exception):
    """Two builds of the same commit differ; says in which files."""


def build_release(root: Path, work: Path, out: Path, version: str, epoch: int) -> list[Path]:
    """Build the release twice, in folders of different names, and compare.

    :param root: the source tree, a git checkout.
    :param work: folder for all that is made on the way.
    :param out: where the files of the release go.
    :param epoch: the time of all files, in seconds since 1970.
    :return: the files: wheel, Debian package, source archives, SBOM, notices, ``SHA256SUMS``.
    :raises NotReproducible: the two differ; nothing is kept.
    :raises subprocess.CalledProcessError: a tool fails; it has said why.
    """
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
        cwd=root,
    ).stdout.strip()
    first, second = (
        _build(root, work / f"release/{name}", commit, version, epoch) for name in ("first", "other-folder")
    )
    differing = sorted(
        name for name in {*_hashes(first), *_hashes(second)} if _hashes(first).get(name) != _hashes(second).get(name)
    )
    if differing:
        raise NotReproducible(", ".join(differing))
    made = [Path(shutil.copy2(file, out / file.name)) for file in sorted(first.iterdir())]
    sums = out / _SUMS
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(_hashes(first).items())), encoding="utf-8")
    return [*made, sums]


def _hashes(folder: Path) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def _build(root: Path, work: Path, commit: str, version: str, epoch: int) -> Path:
    """One build, from an own copy of a commit; the folder of its files."""
    shutil.rmtree(work, ignore_errors=True)
    tree, made = work / "tree", work / "made"
    tree.mkdir(parents=True)
    made.mkdir()
    source = made / f"antin-{version}.tar"
    _run(root, epoch, "git", "archive", f"--prefix=antin-{version}/", f"--output={source}", commit)
    _run(work, epoch, "tar", "-xf", str(source), "--strip-components=1", "-C", str(tree))
    _run(made, epoch, "xz", "--threads=1", source.name)
    catalogues.compile_all(tree, epoch)
    for word in ("deb", "msi"):
        command = [
            sys.executable,
            "-m",
            "installer",
            word,
            "--out",
            str(made),
            "--work",
            str(work / "build"),
            "--version",
            version,
        ]
        _run(tree, epoch, *command)
    _run(tree, epoch, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made))
    shutil.copy(work / "build/notices.txt", made / f"antin-{version}-notices.txt")
    sbom.write(tree, work / "build/frozen/dist/antin", version, made / f"antin-{version}.cdx.json")
    return made


def _run(folder: Path, epoch: int, *command: str) -> None:
    subprocess.run(
        command, check=True, cwd=folder, env=reproducible_environment(epoch) | {"QT_QPA_PLATFORM": "offscreen"}
    )
