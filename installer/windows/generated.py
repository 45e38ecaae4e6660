"""The part of the WiX source that follows from the program's files and the types it opens: ``generated.wxs``."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final
from xml.sax.saxutils import quoteattr

#: Names GUIDs of components: the same path has the same one in every version, as Windows Installer wants.
_NAMESPACE: Final = uuid.UUID("a6a2a4a2-3f3e-4f52-9d6b-4b1f6f0f2e77")

#: Types that can be signed, and those that can only be checked beside them.
SIGNED: Final = ("pdf", "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "odt", "ods", "odp")
CHECKED: Final = (*SIGNED, "asice", "sce", "asics", "scs", "p7s", "p7m")

_CLASSES: Final = r"SOFTWARE\Classes"


def source(program: Path) -> str:
    """The WiX fragments ``ProgramFiles`` and ``Types``.

    :param program: the frozen program's folder; its files are named relative to the variable ``Dist``.
    """
    files = sorted(path.relative_to(program).as_posix() for path in program.rglob("*") if path.is_file())
    folders = sorted({folder.as_posix() for name in files for folder in PurePosixPath(name).parents} - {"."})
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!-- Written by installer/windows/generated.py. -->",
        '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">',
        "  <Fragment>",
    ]
    for folder in folders:
        path = PurePosixPath(folder)
        lines += [
            f'    <DirectoryRef Id="{_folder(path.parent)}">',
            f'      <Directory Id="{_folder(path)}" Name={quoteattr(path.name)} />',
            "    </DirectoryRef>",
        ]
    for name in files:
        guid = str(uuid.uuid5(_NAMESPACE, name)).upper()
        lines += [
            f'    <DirectoryRef Id="{_folder(PurePosixPath(name).parent)}">',
            f'      <Component Id="{_id("c", name)}" Guid="{guid}" Win64="yes">',
            f'        <File Id="{_id("f", name)}" Source={quoteattr(f"$(var.Dist)/{name}")} KeyPath="yes" />',
            "      </Component>",
            "    </DirectoryRef>",
        ]
    lines += ['    <ComponentGroup Id="ProgramFiles">']
    lines += [f'      <ComponentRef Id="{_id("c", name)}" />' for name in files]
    lines += ["    </ComponentGroup>", "  </Fragment>", "  <Fragment>", '    <DirectoryRef Id="INSTALLDIR">']
    lines += ['      <Component Id="Types" Guid="3B7C6C25-4D0E-4A0B-8E43-0B7A5D2C6D14" Win64="yes">']
    lines += [f"        {value}" for value in _types()]
    lines += ["      </Component>", "    </DirectoryRef>", "  </Fragment>", "</Wix>"]
    return "\n".join(lines) + "\n"


def _id(kind: str, name: str) -> str:
    return f"{kind}{sha256(name.encode()).hexdigest()[:40]}"


def _folder(path: PurePosixPath) -> str:
    return "INSTALLDIR" if path == PurePosixPath(".") else _id("d", path.as_posix())


def _types() -> Iterator[str]:
    """What Explorer knows of the types: our program among others in “Open with”, our verbs in the menu. No type's own
    program is changed."""
    yield _value(r"SOFTWARE\Antin\Types", "Known", "1", key_path=True)
    for extension in CHECKED:
        yield _value(r"SOFTWARE\Antin\Capabilities\FileAssociations", f".{extension}", "Antin.Document")
        yield _value(rf"{_CLASSES}\.{extension}\OpenWithProgids", "Antin.Document", "")
        yield from _verb(extension, "Verify", "Kiểm tra chữ ký")
    for extension in SIGNED:
        yield from _verb(extension, "Sign", "Ký số…")


def _verb(extension: str, verb: str, words: str) -> Iterator[str]:
    key = rf"{_CLASSES}\SystemFileAssociations\.{extension}\shell\Antin.{verb}"
    yield _value(key, "MUIVerb", words)
    yield _value(key, "Icon", "[INSTALLDIR]antinw.exe,0")
    yield _value(key, "MultiSelectModel", "Player")
    yield _value(rf"{key}\command", None, f'"[INSTALLDIR]antinw.exe" open --{verb.lower()} -- "%1"')


def _value(key: str, name: str | None, value: str, key_path: bool = False) -> str:
    named = f" Name={quoteattr(name)}" if name is not None else ""
    marked = ' KeyPath="yes"' if key_path else ""
    return f'<RegistryValue Root="HKLM" Key={quoteattr(key)}{named} Type="string" Value={quoteattr(value)}{marked} />'
