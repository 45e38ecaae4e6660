"""Where fuzzing begins: genuine and forged files of every format, and what they consist of."""

from __future__ import annotations

import io
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.targets import TARGETS, Target, is_signed, shown

if TYPE_CHECKING:
    from tests.attacks.model import Workshop

#: A larger file is no seed: each turn would take too long.
_LIMIT = 96 * 1024
#: Whose examiner is a target.
_FORMATS = ("ooxml", "odf", "asic", "cms", "xml")
_RESOURCES = Path(__file__).parents[2] / "resources"


@dataclass(frozen=True)
class Seeds:
    """:ivar files: by format, as :attr:`tests.fuzz.targets.Target.format` has them.
    :ivar genuine: what signatures in them protect (:func:`tests.fuzz.targets.shown`).
    """

    files: dict[str, list[bytes]]
    genuine: frozenset[bytes]

    def of(self, target: Target) -> list[bytes]:
        """What a target begins with, each once."""
        files = (
            [data for group in self.files.values() for data in group]
            if target.format == "*"
            else self.files[target.format]
        )
        return list(dict.fromkeys(_entries(files, target.parts) if target.parts else files))


def collect(workshop: Workshop, wanted: Iterable[str] = (), *, forgeries: bool = True) -> Seeds:
    """Make the seeds of the targets wanted (all), in a demo office whose services run.

    :param forgeries: take them too, beside the genuine files.
    """
    from tests.attacks.model import Attack
    from tests.attacks.table import samples

    formats = {TARGETS[name].format for name in wanted or TARGETS}
    files: dict[str, list[bytes]] = {format_: [] for format_ in formats - {"*"}}
    genuine: set[bytes] = set()
    for sample in samples():
        if not formats & {sample.format, "*"} or (isinstance(sample, Attack) and not forgeries):
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = sample.make(workshop, Path(folder))
            if file.stat().st_size > _LIMIT:
                continue
            files.setdefault(sample.format, []).append(file.read_bytes())
            genuine |= _signed(sample.format, Path(folder))
    for format_ in formats & set(_FORMATS):
        genuine |= _signed(format_, workshop.folder)
    files["trust"] = _trust()
    files["settings"] = [_settings()]
    return Seeds(files, frozenset(genuine))


def _signed(format_: str, folder: Path) -> set[bytes]:
    """What is signed by the files of a folder; forgers leave there what they began with."""
    found: set[bytes] = set()
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_size <= _LIMIT:
            data = file.read_bytes()
            if format_ == "pdf" or is_signed(format_, data):
                found |= shown(format_, data)
    return found


@contextmanager
def workshop() -> Iterator[Workshop]:
    """A demo office of one's own with its services, for a run outside the tests."""
    from tests.attacks.model import Workshop
    from tests.demo.office import build
    from tests.demo.services import Services, listen

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ANTIN_DATA_DIR"] = str(folder / "own")
        listener = listen()
        office = build(folder / "demo", port=listener.getsockname()[1])
        os.environ.update(office.environment)
        (folder / "work").mkdir()
        with Services(office.pki, listener):
            yield Workshop(office, folder / "work")


def _entries(files: list[bytes], pattern: str) -> Iterator[bytes]:
    for data in files:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (archive.read(name) for name in archive.namelist() if re.match(pattern, name))
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError):
            continue


def _trust() -> list[bytes]:
    from tests.unit import trust_material as made

    ca = made.certificate("CA mẫu", ca=True, key=made.rsa_key("ca"))
    leaf = made.certificate("Nguyễn Văn An", issuer=ca)
    shipped = [file.read_bytes() for file in sorted((_RESOURCES / "trust").rglob("*.pem"))[:6]]
    return [
        *shipped,
        leaf.der,
        ca.der,
        made.crl(ca, {7: made.NOW, 8: made.NOW}),
        made.ocsp_answer(leaf, ca, ca),
        made.ocsp_answer(leaf, ca, ca, revoked_at=made.NOW),
        made.timestamp(b""),
    ]


def _settings() -> bytes:
    return (
        b'[agency]\nname = "UBND"\nsignature_holder = ["TM."]\n[tokens]\nsign_timeout = 1.5\n'
        b'[archive]\nroot = "/tmp/a"\n[network]\nonline = false\n'
    )
