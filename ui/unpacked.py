"""Files of ZIPs, written out one by one to be looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.work import Pool

if TYPE_CHECKING:
    from app.verification.bundle import Member


class Unpacked(QObject):
    """Copies that cannot be written to, in a temporary folder that goes when :meth:`stop` is called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Pool(1, self)
        self._folder = tempfile.TemporaryDirectory(prefix="antin-", ignore_cleanup_errors=True)
        self._files: dict[Member, Path] = {}

    def use(self, member: Member, action: Callable[[Path], object], failed: Callable[[Exception], None]) -> None:
        """Do something with the copy of a file, written in a thread where it is not there yet.

        :param action: called with its path; not where something else was asked for meanwhile.
        :param failed: called with what stood in the way.
        """
        self._pool.cancel_all()
        if (known := self._files.get(member)) is not None:
            action(known)
            return

        def done(path: Path) -> None:
            self._files[member] = path
            action(path)

        self._pool.start(lambda _job: self._write(member), done=done, failed=failed)

    def forget(self, member: Member) -> None:
        """Write the file anew when it is next asked for."""
        self._files.pop(member, None)

    def clear(self) -> None:
        """Forget all files."""
        self._pool.cancel_all()
        self._files.clear()

    def stop(self) -> None:
        """Wait until no thread writes any more, and delete the copies."""
        self._pool.close()
        self._folder.cleanup()

    def _write(self, member: Member) -> Path:
        from app.verification.bundle import Bundles

        with Bundles() as bundles:
            path = bundles.extract(member, Path(tempfile.mkdtemp(dir=self._folder.name)))
        path.chmod(0o400)
        return path
