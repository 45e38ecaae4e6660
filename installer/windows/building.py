"""``python -m installer msi``: the program, the WiX source, the MSI where the tools for it are.

On Windows the frozen program is built and WiX makes the MSI of it. Elsewhere nothing can be frozen for Windows: wixl
makes an MSI of stand-ins for the program's files, by which the structure is inspected, and the source is what counts.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from installer import icons
from installer.release import notices
from installer.windows import generated

_HERE: Final = Path(__file__).parent
PROGRAMS: Final = ("antin.exe", "antinw.exe", "antin-token-host.exe", "host32/antin-token-host.exe")


class SigningFailed(Exception):
    """The command of ``ANTIN_SIGN_COMMAND`` ended with an error; says which file it was given."""


def build_msi(root: Path, work: Path, version: str, epoch: int) -> list[Path]:
    """The source of the installer as a ZIP, and on Windows the MSI itself.

    :param root: the source tree.
    :param work: folder for all that is made on the way; on Windows ``host32`` in it holds the 32-bit helper, built
        before by a 32-bit Python (``installer/frozen/token_host.spec``).
    :param epoch: the time of all files, in seconds since 1970.
    :raises SigningFailed: the hook for code signing fails.
    :raises subprocess.CalledProcessError: a tool fails; it has said why.
    """
    folder = work / "msi"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    icon = root / "build/antin.ico"
    icons.write_ico(root / "resources/icons/antin.svg", icon)
    if sys.platform != "win32":
        return [_zip_source(root, folder, icon, version, epoch)]
    from installer.frozen.freezing import freeze

    program = freeze(root, work / "frozen", epoch)
    shutil.copytree(work / "host32", program / "host32")
    (program / "notices.txt").write_text(notices.text(root, program), encoding="utf-8")
    for name in PROGRAMS:
        sign(program / name)
    (folder / "generated.wxs").write_text(generated.source(program), encoding="utf-8")
    msi = folder / f"antin-{version}.msi"
    wix = Path(os.environ["WIX"]) / "bin"
    variables = [f"-dVersion={version}", f"-dDist={program}", f"-dIcon={icon}"]
    sources = [_HERE / "antin.wxs", folder / "generated.wxs"]
    subprocess.run([wix / "candle", "-arch", "x64", *variables, "-out", f"{folder}\\", *sources], check=True)
    objects = [folder / "antin.wixobj", folder / "generated.wixobj"]
    subprocess.run([wix / "light", "-sval", "-out", msi, *objects], check=True)
    sign(msi)
    return [msi, _zip_source(root, folder, icon, version, epoch)]


def sign(file: Path) -> None:
    """Have a file signed by the command in ``ANTIN_SIGN_COMMAND``, which gets its path as last argument; nothing is
    done where there is no such command.

    :raises SigningFailed: the command fails.
    """
    command = os.environ.get("ANTIN_SIGN_COMMAND", "")
    if command and subprocess.run([*shlex.split(command), str(file)], check=False).returncode:
        raise SigningFailed(str(file))


def inspected(root: Path, folder: Path, version: str) -> Path:
    """An MSI made by wixl of stand-ins, whose tables can be read with msiinfo.

    Its words are without accents: the library under wixl (libmsi 0.101) ends with a segmentation fault over others.

    :param root: the source tree.
    :param folder: an empty folder for what is made.
    """
    program = folder / "program"
    for name in (*PROGRAMS, "_internal/python311.dll", "_internal/resources/policy.toml"):
        (program / name).parent.mkdir(parents=True, exist_ok=True)
        (program / name).write_bytes(name.encode())
    (folder / "antin.ico").write_bytes(b"icon")
    sources = {
        "antin.wxs": (root / "installer/windows/antin.wxs").read_text(encoding="utf-8"),
        "generated.wxs": generated.source(program),
    }
    for name, text in sources.items():
        (folder / name).write_text(_without_accents(text), encoding="ascii")
    msi = folder / f"antin-{version}.msi"
    variables = [
        word for name in (f"Version={version}", "Dist=program", "Icon=antin.ico", "Wixl=1") for word in ("-D", name)
    ]
    subprocess.run(["wixl", "--arch", "x64", *variables, "--output", msi, *sources], check=True, cwd=folder)  # noqa: S607
    return msi


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", "ignore").decode("ascii")


def _zip_source(root: Path, folder: Path, icon: Path, version: str, epoch: int) -> Path:
    """Everything a Windows machine needs beside the source archive to make the MSI."""
    target = folder / f"antin-{version}-msi-source.zip"
    parts = [
        *sorted((root / "installer/windows").glob("*.*")),
        *sorted((root / "installer/frozen").glob("*.*")),
        root / "installer/icons.py",
        root / ".github/workflows/windows.yml",
        icon,
    ]
    time = datetime.fromtimestamp(epoch, UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in parts:
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), time)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return target
