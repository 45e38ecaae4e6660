"""The version resource of a Windows program, which Explorer and antivirus software show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyInstaller.utils.win32.versioninfo import VSVersionInfo

_VIETNAMESE_UNICODE = "042A04B0"


def version_resource(name: str, version: str) -> VSVersionInfo:
    """The resource of one of the programs.

    :param name: of the program's file, without extension.
    :param version: of the release, three numbers with dots.
    """
    from PyInstaller.utils.win32.versioninfo import (
        FixedFileInfo,
        StringFileInfo,
        StringStruct,
        StringTable,
        VarFileInfo,
        VarStruct,
        VSVersionInfo,
    )

    numbers = (*(int(part) for part in version.split(".")), 0)
    words = {
        "FileDescription": "Ấn Tín",
        "FileVersion": version,
        "InternalName": name,
        "OriginalFilename": f"{name}.exe",
        "ProductName": "Ấn Tín",
        "ProductVersion": version,
    }
    return VSVersionInfo(
        ffi=FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            StringFileInfo(
                [StringTable(_VIETNAMESE_UNICODE, [StringStruct(key, text) for key, text in words.items()])]
            ),
            VarFileInfo([VarStruct("Translation", [0x042A, 0x04B0])]),
        ],
    )
