"""``make deb``: notices, the frozen program, the package."""

from __future__ import annotations

from pathlib import Path

from installer.frozen.freezing import freeze
from installer.linux import deb
from installer.release import notices


def build_deb(root: Path, work: Path, version: str, epoch: int) -> Path:
    """Build the Debian package.

    :param root: the source tree, with compiled catalogues.
    :param work: folder for all that is made on the way.
    :param version: of the package.
    :param epoch: the time of all files in it, in seconds since 1970.
    :return: the .deb file.
    """
    program = freeze(root, work / "frozen", epoch)
    licences = work / "notices.txt"
    licences.write_text(notices.text(root, program), encoding="utf-8")
    return deb.package(root, program, work / "deb", version, epoch, documents(root, licences))


def documents(root: Path, licences: Path) -> dict[str, Path]:
    """What lies in ``/usr/share/doc/antin``: name there → file.

    :param licences: the notices of everything that is shipped.
    """
    return {
        "copyright": licences,
        "CHANGELOG.md": root / "CHANGELOG.md",
        **{
            file.name: file
            for file in sorted((root / "docs").glob("*.md"))
            if file.name.startswith(("huong-dan", "cai-dat"))
        },
    }
