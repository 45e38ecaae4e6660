"""The Debian package, put together from the frozen program and written by nfpm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.installed import FILE_NAME
from installer import icons
from installer.frozen.freezing import even_out
from installer.linux import manual

_HERE: Final = Path(__file__).parent

#: What lies on the system beside the program itself: file of ``files/`` → its place.
_PLACES: Final = {
    "antin.desktop": "usr/share/applications/antin.desktop",
    # Last in the alphabet: where nothing says which program a type opens with, desktops take the first, not these.
    "zz-antin-verify.desktop": "usr/share/applications/zz-antin-verify.desktop",
    "zz-antin-sign.desktop": "usr/share/applications/zz-antin-sign.desktop",
    "antin.metainfo.xml": "usr/share/metainfo/vn.antin.Antin.metainfo.xml",
    "antin-mime.xml": "usr/share/mime/packages/antin.xml",
    "dolphin-antin.desktop": "usr/share/kio/servicemenus/antin.desktop",
    "thunar-antin-sign.desktop": "usr/share/Thunar/sendto/antin-sign.desktop",
    "thunar-antin-verify.desktop": "usr/share/Thunar/sendto/antin-verify.desktop",
    "nautilus_antin.py": "usr/share/nautilus-python/extensions/antin.py",
}

#: When nfpm has a maintainer's script run → its file in ``scripts/``.
_SCRIPTS: Final = {"preinstall": "preinst", "postinstall": "postinst", "postremove": "postrm"}

#: Packages of the system that the program needs. All are on every desktop of Debian 12 or Ubuntu 22.04 and newer; what
#: is not lies in the package (``installer/frozen/left_out.py``).
DEPENDS: Final = [
    "libc6 (>= 2.35)",
    "libstdc++6 (>= 12)",
    "libgcc-s1",
    "libssl3 | libssl3t64",
    "libglib2.0-0 | libglib2.0-0t64",
    "liblzma5",
    "libbrotli1",
    "libbz2-1.0",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libgssapi-krb5-2",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcb-randr0",
    "libxcb-render0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libzstd1",
    "tzdata",
    "zlib1g",
]


def package(root: Path, program: Path, work: Path, version: str, epoch: int, documents: dict[str, Path]) -> Path:
    """Write the package.

    :param root: the source tree.
    :param program: the frozen program's folder.
    :param work: an empty or missing folder for all that is made.
    :param epoch: the time of all files in it, in seconds since 1970.
    :param documents: name in ``/usr/share/doc/antin`` → file: notices, changes, guides.
    :return: the .deb file, in ``work``.
    :raises subprocess.CalledProcessError: nfpm fails; it has said why.
    """
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "root"
    shutil.copytree(program, tree / "opt/antin" / version, symlinks=True)
    _lay_out(root, tree, version, epoch)
    for name, file in documents.items():
        _copy(file, tree / "usr/share/doc/antin" / name)
    even_out(tree, epoch)
    scripts = {when: str(_script(name, work, version)) for when, name in _SCRIPTS.items()}
    recipe = work / "nfpm.yaml"
    recipe.write_text(
        json.dumps(_recipe(tree, version, epoch, scripts), indent=1, ensure_ascii=False), encoding="utf-8"
    )
    target = work / f"antin_{version}_amd64.deb"
    nfpm = Path(sysconfig.get_path("scripts")) / "nfpm"
    subprocess.run(
        [nfpm, "package", "--config", recipe, "--packager", "deb", "--target", target],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)},
    )
    return target


def _lay_out(root: Path, tree: Path, version: str, epoch: int) -> None:
    """Everything but the program."""
    command = tree / "usr/bin/antin"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"/opt/antin/{version}/antin")
    (tree / "opt/antin" / FILE_NAME).write_text(f"{version}\n", encoding="ascii")
    (tree / "etc/antin").mkdir(parents=True)
    for name, place in _PLACES.items():
        _copy(_HERE / "files" / name, tree / place)
    metainfo = tree / _PLACES["antin.metainfo.xml"]
    day = datetime.fromtimestamp(epoch, UTC).date().isoformat()
    text = metainfo.read_text(encoding="utf-8").replace("@VERSION@", version).replace("@DATE@", day)
    metainfo.write_text(text, encoding="utf-8")
    svg = root / "resources/icons/antin.svg"
    _copy(svg, tree / "usr/share/icons/hicolor/scalable/apps/antin.svg")
    for size in icons.SIZES:
        picture = tree / f"usr/share/icons/hicolor/{size}x{size}/apps/antin.png"
        picture.parent.mkdir(parents=True)
        picture.write_bytes(icons.draw(svg, size))
    manual.write(tree, version, epoch)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _script(name: str, work: Path, version: str) -> Path:
    """A maintainer's script with the version and what several share in it."""
    shared = (_HERE / "scripts/in_use.sh").read_text(encoding="utf-8").strip()
    text = (_HERE / f"scripts/{name}.sh").read_text(encoding="utf-8")
    script = work / name
    script.write_text(text.replace("@SHARED@", shared).replace("@VERSION@", version), encoding="utf-8")
    return script


def _recipe(tree: Path, version: str, epoch: int, scripts: dict[str, str]) -> dict[str, Any]:
    """What nfpm is told; YAML reads JSON."""
    time = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "name": "antin",
        "arch": "amd64",
        "platform": "linux",
        "version": version,
        "version_schema": "none",
        "section": "utils",
        "priority": "optional",
        "maintainer": "Ấn Tín <antin@localhost>",
        "description": "signing desk of a public office\n"
        "Signs PDF and Office documents with PKCS#11 tokens, checks signatures,\n"
        "files signed copies and keeps the register of tokens. Works offline.",
        "mtime": time,
        "depends": DEPENDS,
        "recommends": ["pcscd", "libccid", "xdg-utils", "fonts-liberation2 | fonts-liberation"],
        "suggests": ["libreoffice-writer", "python3-nautilus", "thunar"],
        "contents": _contents(tree, time),
        "scripts": scripts,
        "deb": {"compression": "zstd"},
    }


def _contents(tree: Path, time: str) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    for path in sorted(tree.rglob("*")):
        place = f"/{path.relative_to(tree).as_posix()}"
        info = {"owner": "root", "group": "root", "mtime": time}
        if path.is_symlink():
            contents.append({"src": str(path.readlink()), "dst": place, "type": "symlink", "file_info": info})
        elif path.is_dir():
            if place.startswith(("/opt/antin", "/etc/antin", "/usr/share/doc/antin")):
                contents.append({"dst": place, "type": "dir", "file_info": info | {"mode": 0o755}})
        else:
            mode = path.stat().st_mode & 0o777
            contents.append({"src": str(path), "dst": place, "file_info": info | {"mode": mode}})
    return contents
