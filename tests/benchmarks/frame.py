"""What every benchmark is made of: a demo office, a folder to work in, and rows of the table.

A module of this package whose name is that of an area (``signing``, ``archive``…) yields its rows from a function
``figures(bench)`` for ``make bench``, or ``records(bench)`` for ``make bench-records``, or has both.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.measure import in_child
from tests.demo import samples, texts
from tests.demo.office import DemoOffice

#: Where Linux keeps files in memory.
_MEMORY_DISK = Path("/dev/shm")


@dataclass(frozen=True)
class Figure:
    """A row of the table.

    :ivar holds: whether the target was met.
    """

    what: str
    measured: str
    target: str
    holds: bool


class Bench:
    """A demo office and a folder for what is measured with.

    :ivar folder: everything in it is thrown away at the end.
    """

    def __init__(self, office: DemoOffice, folder: Path) -> None:
        self.office = office
        self.folder = folder

    @contextmanager
    def on_memory_disk(self) -> Iterator[tuple[Bench, str]]:
        """The same office with a folder that no disk slows down, and how a row says so; this one's folder where the
        system has none."""
        if not _MEMORY_DISK.is_dir():
            yield self, ""
            return
        with tempfile.TemporaryDirectory(prefix="antin-bench-", dir=_MEMORY_DISK) as name:
            yield Bench(self.office, Path(name)), ", on a memory disk"

    @staticmethod
    def tell(progress: str) -> None:
        """Say how far something that takes minutes is; on standard error, as it is no figure."""
        print(progress, file=sys.stderr, flush=True)

    def data_dir(self, name: str) -> Path:
        """A fresh data folder with the demo office's settings."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(self.office.settings_file, folder / "settings.toml")
        return folder

    def sign(self, name: str, files: list[Path], **more: object) -> dict[str, float]:
        """Sign files in one batch, in a process of its own.

        :param name: of the data folder, made for it.
        :param more: see :func:`tests.benchmarks.jobs.sign`.
        """
        token = self.office.tokens["leader"]
        return in_child(
            "sign",
            {
                "data_dir": str(self.data_dir(name)),
                "token": token.serial,
                "pin": token.pin,
                "files": [str(path) for path in files],
                **more,
            },
            environment=self.office.environment,
        )

    def one_page(self, folder: str, count: int) -> list[Path]:
        """Official letters of one page, each of another number."""
        target = self.folder / folder
        target.mkdir()
        files = []
        for number in range(1, count + 1):
            path = target / f"cong-van-{number:03d}.pdf"
            path.write_bytes(samples.pdf(replace(texts.LETTER, symbol=f"{number}/UBND-VP")))
            files.append(path)
        return files

    def filed(self, data_dir: str) -> list[Path]:
        """The filed copies of a data folder."""
        archive = self.folder / data_dir / "Kho văn bản"
        return sorted(
            path
            for path in archive.rglob("*")
            if path.is_file() and ".antin" not in path.parts and not path.name.startswith(".")
        )

    def crls(self) -> list[str]:
        """The demo authorities' revocation lists, as files."""
        folder = self.folder / "crls"
        folder.mkdir(exist_ok=True)
        for issuer in ("issuing", "root"):
            (folder / f"{issuer}.crl").write_bytes(self.office.pki.crl(issuer))
        return [str(path) for path in sorted(folder.iterdir())]


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Have variables set for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
