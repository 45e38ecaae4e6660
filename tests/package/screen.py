"""A screen without a monitor: Xvfb on this machine, reached from the bare system by the network they share."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType

from PIL import Image, ImageGrab

_PATIENCE = 60.0


class Screen:
    """A running Xvfb.

    :ivar display: the value of DISPLAY.
    """

    def __init__(self, width: int = 1366, height: int = 768) -> None:
        read, write = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-ac", "-noreset"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = f":{answer.readline().strip()}"

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)

    def picture(self) -> Image.Image:
        return ImageGrab.grab(xdisplay=self.display)

    def wait_for_window(self, colours: int = 2) -> float:
        """Wait until something is drawn.

        :param colours: at least so many different ones have to be there.
        :return: the time, by the monotonic clock.
        """
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            small = self.picture().resize((160, 90), Image.Resampling.NEAREST)
            if len(small.getcolors(maxcolors=160 * 90) or ()) >= colours:
                return time.monotonic()
        raise AssertionError("no window was drawn")

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture().save(path)
