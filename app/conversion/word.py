"""Microsoft Word on Windows, driven through its automation interface by PowerShell.

Written after the documentation of Word's object model (Documents.Open, Document.ExportAsFixedFormat,
Application.AutomationSecurity); not run by the tests, see docs/verification.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

#: Seconds for one document.
_PATIENCE: Final = 180.0
_KINDS: Final = frozenset({"docx", "docm", "dotx", "dotm", "doc", "dot"})

#: wdExportFormatPDF 17; msoAutomationSecurityForceDisable 3; paths come by the environment, never as text of a script.
_SCRIPT: Final = """
$ErrorActionPreference = 'Stop'
$word = New-Object -ComObject Word.Application
try {
  $word.Visible = $false
  $word.DisplayAlerts = 0
  $word.AutomationSecurity = 3
  $word.Options.UpdateLinksAtOpen = $false
  $document = $word.Documents.Open($env:ANTIN_SOURCE, $false, $true, $false)
  try {
    $document.ExportAsFixedFormat($env:ANTIN_TARGET, 17, $false, 0, 0, 1, 1, 0, $true, $true, 0, $true, $true, $true)
  } finally { $document.Close($false) }
} finally { $word.Quit() }
"""


def find() -> Word | None:
    """Word, where its class is registered; None elsewhere."""
    if sys.platform == "win32":
        import winreg

        try:
            winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, r"Word.Application\CLSID"))
        except OSError:
            return None
        return Word()
    return None


class Word:
    """Converts Word's own kinds of files, as PDF/A."""

    name = "Microsoft Word"

    def opens(self, kind: str) -> bool:
        return kind in _KINDS

    def convert(self, source: Path, kind: str, target: Path) -> bool:
        paths = {"ANTIN_SOURCE": str(source.absolute()), "ANTIN_TARGET": str(target.absolute())}
        try:
            done = subprocess.run(
                [_powershell(), "-NoProfile", "-NonInteractive", "-Command", _SCRIPT],
                env=os.environ | paths,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and target.is_file()

    def close(self) -> None:
        """Word ends with every conversion."""


def _powershell() -> str:
    """The one of the system, wherever the search path leads."""
    return str(Path(os.environ["SYSTEMROOT"]) / "System32" / "WindowsPowerShell" / "v1.0" / "powershell.exe")
