"""Pictures of the real window with real results: ``python -m tests.ui.screenshots OUTDIR``.

A demo office is made in a temporary folder, its services run, and the window is driven offscreen through its scenes,
once for each look (theme, language, scale), each in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.settings import Settings


@dataclass(frozen=True)
class Look:
    """:ivar scale: of the screen, ``1`` for 96 dots an inch. :ivar size: of the window, width and height."""

    name: str
    theme: str = "light"
    language: str = "vi"
    scale: str = "1"
    size: tuple[int, int] = (1440, 900)


LOOKS = (
    Look("light"),
    Look("dark", theme="dark"),
    Look("english", language="en"),
    Look("small", size=(1280, 720)),
    Look("125-percent", scale="1.25", size=(1280, 800)),
    Look("200-percent", scale="2", size=(1280, 800)),
)


SCENES = ("sign", "check", "archive", "tokens", "year", "setup")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", choices=[look.name for look in LOOKS], action="append")
    parser.add_argument("--scenes", choices=SCENES, action="append", help="only these")
    parser.add_argument("--brief", action="store_true", help="the first scenes of each only")
    parser.add_argument("--home", type=Path, help="make the demo office below this folder, whose name pictures show")
    parser.add_argument("--office", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.office is not None:
        from tests.ui.check_scenes import CheckScenes
        from tests.ui.record_scenes import ArchiveScenes, TokenScenes
        from tests.ui.setup_scenes import SetupScenes
        from tests.ui.year_scenes import YearScenes

        look = next(look for look in LOOKS if look.name == given.look[0])
        scenes = (Scenes, CheckScenes, ArchiveScenes, TokenScenes, YearScenes, SetupScenes)
        of_name = dict(zip(SCENES, scenes, strict=True))
        for name in given.scenes or (["sign", "check"] if given.brief else of_name):
            of_name[name](given.folder, look, given.office, brief=given.brief).play()
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="antin-", dir=given.home) as temporary:
        names = given.scenes or ([] if given.brief else SCENES)
        which = [*(f"--scenes={name}" for name in names), *(["--brief"] if given.brief else [])]
        place = Path(temporary) if given.home is None else given.home
        _shoot(given.folder.absolute(), given.look or [look.name for look in LOOKS], which, place)


def _shoot(folder: Path, looks: list[str], which: list[str], temporary: Path) -> None:
    from tests.demo.office import build
    from tests.demo.services import Services, listen

    listener = listen()
    office = build(temporary / "office", port=listener.getsockname()[1])
    _ = office.samples
    with Services(office.pki, listener):
        if "--scenes=year" in which:
            from tests.ui.year_scenes import YEAR, play_year

            play_year(office, office.root.with_name(YEAR))
        for look in (look for look in LOOKS if look.name in looks):
            environment = {
                **os.environ,
                **office.environment,
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": look.scale,
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            }
            command = [sys.executable, "-m", "tests.ui.screenshots", str(folder), "--look", look.name, *which]
            subprocess.run([*command, "--office", str(office.root)], env=environment, check=True)


class Scenes:
    """One pass through the window in one look.

    :param office: folder of the demo office, its services running.
    :param brief: only the first scenes.
    :param data: data folder whose records are shown; None: a new one.
    """

    def __init__(
        self, folder: Path, look: Look, office: Path, *, brief: bool = False, data: Path | None = None
    ) -> None:
        from app.settings import load
        from tests.demo.office import build

        self._folder = folder
        self._look = look
        self._brief = brief
        self._demo = build(office)
        self._work = Path(tempfile.mkdtemp(prefix="van-ban-", dir=office.parent))
        if data is None:
            data = self._work / "data"
            data.mkdir()
            shutil.copy(self._demo.settings_file, data / "settings.toml")
        self._count = 0
        self._open(load(data))

    def _open(self, settings: Settings) -> None:
        """Open the window on an office of these settings."""
        from app.office import Office
        from ui.app import open_window
        from ui.preferences import Preferences

        preferences = Preferences(settings.data_dir)
        preferences.theme = self._look.theme  # type: ignore[assignment]
        preferences.language = self._look.language  # type: ignore[assignment]
        self._office = Office(settings)
        self._window = open_window(self._office)
        self._window.resize(*self._look.size)

    def play(self) -> None:
        """Drive the window and take the pictures."""
        samples = {name: Path(shutil.copy(path, self._work)) for name, path in self._demo.samples.items()}
        order = ("quyet_dinh_pdf", "cong_van_pdf", "to_trinh_pdf", "thong_bao_pdf", "quyet_dinh_docx", "xlsx", "pptx")
        self._until(lambda: self._window.tokens.plugged is not None)
        self._take("sign-empty")
        self._sign([samples[name] for name in order])
        for name in () if self._brief else ("archive", "tokens", "journal", "settings"):
            self._window.show_page(name)
            self._wait(500)
            if name == "journal":
                self._window.pages[name].check()  # type: ignore[attr-defined]
                self._wait(500)
                self._take("journal-entries")
                self._window.pages[name].show_view("usage")  # type: ignore[attr-defined]
                self._wait(1000)
            self._take(name)
        self._close()

    def _close(self) -> None:
        self._window.close()
        self._office.close()

    def _sign(self, files: list[Path]) -> None:
        page = self._window.pages["sign"]
        page.add(files)
        self._until(lambda: all(entry.info is not None for entry in page.list.files.entries))  # type: ignore[attr-defined]
        setup, pin = page.setup, page.batch.pin  # type: ignore[attr-defined]
        leader = self._demo.tokens["leader"]
        self._until(lambda: setup.keys.box.count() == 3)
        rows = [row for row in range(3) if setup.keys.box.itemData(row).token.serial == leader.serial]
        setup.keys.box.setCurrentIndex(rows[0])
        setup.level.setCurrentIndex(setup.level.findData("T"))
        self._until(lambda: page.preview.page_count > 0)  # type: ignore[attr-defined]
        self._take("sign-files")
        if self._brief:
            return
        self._until(lambda: page.preview.mark is not None)  # type: ignore[attr-defined]
        self._until(setup.mark.page.isVisible)
        setup.mark.page.click()
        self._wait(400)
        page.preview._scroll.ensureWidgetVisible(page.preview.handle)  # type: ignore[attr-defined]
        self._take("sign-mark")
        page.list.choose_row(4)  # type: ignore[attr-defined]
        self._take("sign-word-file")
        setup.formats.as_pdf.setChecked(True)
        self._until(lambda: page.preview.page_count > 0 and page.preview.mark is not None)  # type: ignore[attr-defined]
        self._take("sign-word-file-as-pdf")
        setup.formats.as_pdf.setChecked(False)
        self._acts(page, leader.serial)
        page.list.choose_row(0)  # type: ignore[attr-defined]
        setup.submit.click()
        self._until(pin.isVisible)
        pin.field.setText("000000")
        self._take("sign-pin")
        pin.submit.click()
        self._until(pin._error.isVisible)
        self._take("sign-wrong-pin")
        pin.field.setText(leader.pin)
        pin.submit.click()
        self._until(lambda: sum(entry.result is not None for entry in page.list.files.entries) >= 2)  # type: ignore[attr-defined]
        self._take("sign-progress", settle=0)
        self._until(page.results.isVisible)  # type: ignore[attr-defined]
        self._take("sign-results")

    def _acts(self, page: Any, leader: str) -> None:
        """What other acts ask and show, on names of 120 letters among others."""
        long = self._work / f"{'Báo cáo tình hình thực hiện nhiệm vụ ' * 3}quý IV.csv"
        long.write_text("đơn vị;số\n", encoding="utf-8")
        setup, mark = page.setup, page.setup.mark
        page.add([long])
        self._until(lambda: all(entry.looked is not None for entry in page.list.files.entries))
        box = setup.keys.box
        box.setCurrentIndex(next(at for at in range(3) if box.itemData(at).kind == "organization"))
        page.list.choose_row(3)
        for act, name in (("incoming", "sign-incoming"), ("copy", "sign-copy"), ("plain", "sign-plain")):
            setup.act.setCurrentIndex(setup.act.findData(act))
            if act == "incoming":
                setup.details.arrival_typed.emit("045")
            if act == "plain":
                mark.qr.setChecked(True)
                mark.reason.setText("Xác nhận đã nhận văn bản")
                mark.box.setChecked(True)
            self._until(lambda: page.preview.mark is not None and mark.page.isVisible())
            mark.page.click()
            self._wait(400)
            page.preview._scroll.ensureWidgetVisible(page.preview.handle)
            self._take(name)
        setup.act.setCurrentIndex(setup.act.findData("issue"))
        page._remove_entries([page.list.files.entries[-1]])
        box.setCurrentIndex(next(at for at in range(3) if box.itemData(at).token.serial == leader))

    def _take(self, name: str, settle: int = 400, of: QWidget | None = None) -> None:
        """:param of: what is pictured in the place of the window, such as a dialog."""
        self._wait(settle)
        self._count += 1
        file = self._folder / f"{self._look.name}-{self._count:02}-{name}.png"
        (of or self._window).grab().save(str(file))
        print(file)

    def _until(self, condition: Callable[[], bool]) -> None:
        for _time in range(1200):
            if condition():
                return
            self._wait(25)
        raise TimeoutError(f"a scene of {self._look.name} did not come about")

    def _wait(self, milliseconds: int) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()


if __name__ == "__main__":
    main()
