"""LibreOffice without a window, with a profile of its own that runs no macros and asks no network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from app.paths import RESOURCES

#: Seconds for one document; an honest one takes a few.
_PATIENCE: Final = 120.0

_FILTERS: Final = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm", "doc", "dot", "odt", "ott"), "writer_pdf_Export"),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "ods"), "calc_pdf_Export"),
    **dict.fromkeys(("pptx", "pptm", "potx", "ppsx", "ppsm", "ppt", "odp"), "impress_pdf_Export"),
    "odg": "draw_pdf_Export",
}
#: PDF/A-2b: every font embedded, nothing that acts (LibreOffice help, “PDF export command line parameters”).
_OPTIONS: Final = '{"SelectPdfVersion":{"type":"long","value":"2"}}'

_COMMON: Final = "/org.openoffice.Office.Common"
#: No macros, no content from elsewhere, links never brought up to date, and a proxy where nobody answers.
_SETTINGS: Final = (
    (f"{_COMMON}/Security/Scripting", "MacroSecurityLevel", "3"),
    (f"{_COMMON}/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"{_COMMON}/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (f"{_COMMON}/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
_PLACES: Final = (
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)


def find() -> LibreOffice | None:
    """The installed LibreOffice; None where there is none."""
    named = shutil.which("soffice") or shutil.which("libreoffice")
    program = named or next((place for place in _PLACES if Path(place).is_file()), None)
    return LibreOffice(Path(program)) if program else None


class LibreOffice:
    """Converts one document at a time; threads may share it.

    :param patience: seconds after which a conversion is given up and the program ended.
    """

    name = "LibreOffice"

    def __init__(self, program: Path, patience: float = _PATIENCE) -> None:
        self._program = program
        self._patience = patience
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def opens(self, kind: str) -> bool:
        return kind in _FILTERS

    def convert(self, source: Path, kind: str, target: Path) -> bool:
        with self._lock:
            home = self._home()
            work = Path(tempfile.mkdtemp(dir=home))
            try:
                document = work / f"document.{kind}"
                shutil.copyfile(source, document)
                self._run(document, _FILTERS[kind], home)
                made = work / "document.pdf"
                if not made.is_file():
                    return False
                with made.open("rb") as reading, target.open("xb") as writing:
                    shutil.copyfileobj(reading, writing)
                return True
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def close(self) -> None:
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _home(self) -> Path:
        """The folder of the profile, made with the first conversion and kept for those that follow."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
            user = Path(self._folder.name) / "profile" / "user"
            user.mkdir(parents=True)
            (user / "registrymodifications.xcu").write_text(_registry(), encoding="utf-8")
            (Path(self._folder.name) / "fonts.conf").write_text(_fonts(), encoding="utf-8")
        return Path(self._folder.name)

    def _run(self, document: Path, filter_name: str, home: Path) -> None:
        """Run the program to its end, and end it with all its children where it takes too long."""
        own_group = sys.platform != "win32"
        process = subprocess.Popen(
            [
                str(self._program),
                f"-env:UserInstallation={(home / 'profile').as_uri()}",
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nolockcheck",
                "--convert-to",
                f"pdf:{filter_name}:{_OPTIONS}",
                "--outdir",
                str(document.parent),
                str(document),
            ],
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=own_group,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            process.wait(self._patience)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                if own_group:
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.wait()


def _environment(home: Path) -> Mapping[str, str]:
    """The program's surroundings: a home of its own, no proxy but the dead one, the shipped fonts too."""
    nowhere = "http://127.0.0.1:9"
    own = {"HOME": str(home), "http_proxy": nowhere, "https_proxy": nowhere, "ftp_proxy": nowhere, "no_proxy": ""}
    if sys.platform != "win32":
        own |= {"FONTCONFIG_FILE": str(home / "fonts.conf"), "SAL_USE_VCLPLUGIN": "svp"}
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | own


def _registry() -> str:
    rows = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{rows}</oor:items>\n"
    )


def _fonts() -> str:
    """The system's fonts and the shipped ones. Tinos stands for Times New Roman where that is missing: the old
    Liberation Serif of the same widths, which LibreOffice would take, lacks most Vietnamese letters."""
    return (
        '<?xml version="1.0"?>\n<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{escape(str(RESOURCES / 'fonts'))}</dir><selectfont><rejectfont><pattern>"
        '<patelt name="family"><string>Liberation Serif</string></patelt></pattern></rejectfont></selectfont>'
        '<match target="pattern"><test name="family"><string>Times New Roman</string></test>'
        '<edit name="family" mode="append" binding="same"><string>Tinos</string></edit></match>'
        '<match target="pattern"><test name="family"><string>Liberation Serif</string></test>'
        '<edit name="family" mode="append" binding="same"><string>Tinos</string></edit></match></fontconfig>\n'
    )
