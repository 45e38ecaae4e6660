"""What a command loads before it does its work: a verification pays for nothing that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.command import Antin

_NEVER = {"sqlalchemy", "alembic", "openpyxl", "typst", "PySide6", "keyring", "pypdfium2", "multiprocessing"}
_OURS = {"app.signing", "app.archive", "app.verification.report", "app.verification.crew", "pkcs11_bridge.client"}


def _loaded(antin: Antin, *words: object) -> set[str]:
    """Names of all modules that a command imports."""
    line = [sys.executable, "-X", "importtime", "-m", "app.cli.entry", "--data-dir", str(antin.data_dir)]
    done = subprocess.run([*line, *map(str, words)], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 5, done.stderr[-2000:]
    rows = (row for row in done.stderr.splitlines() if row.startswith("import time:"))
    return {row.rpartition("|")[2].strip() for row in rows}


@pytest.mark.parametrize(
    ("sample", "needless"),
    [("cong_van_pdf", {"lxml", "pyhanko.sign", "rich"}), ("cong_van_docx", {"pyhanko", "asn1crypto", "rich"})],
)
def test_one_verification_loads_what_its_format_needs(
    antin: Antin, samples: dict[str, Path], sample: str, needless: set[str]
) -> None:
    loaded = _loaded(antin, "verify", "--json", samples[sample])
    assert "app.verification.engine" in loaded
    assert loaded & (_NEVER | _OURS | needless) == set()
