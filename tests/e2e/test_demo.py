"""``make demo`` once its set-up is done: it works, and works again on the office it has made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.__main__ import make_office
from tests.demo.samples import FILES
from tests.demo.services import Services, listen

_ROOT = Path(__file__).parents[2]


def _demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.demo", str(folder)],
        cwd=_ROOT,
        env={**os.environ, "WINDOW": "0", "COLUMNS": "200", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_demo_works_twice(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    for run in (1, 2):
        done = _demo(folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("✔ Hợp lệ ") == len(FILES), done.stdout
        assert len(list((folder / "out").iterdir())) == run
        archive = folder / "data" / "Kho văn bản" / "2026"
        assert {kind.name for kind in archive.iterdir()} == {
            "Quyết định",
            "Công văn",
            "Tờ trình",
            "Thông báo",
            "Báo cáo",
        }
        assert len([path for path in archive.rglob("*") if path.is_file() and ".antin" not in path.parts]) == run * len(
            FILES
        )


def test_the_demo_says_why_it_stops(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    done = _demo(tmp_path)
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr


def test_the_office_moves_when_another_program_has_its_port(tmp_path: Path) -> None:
    first = make_office(tmp_path / "demo")
    with Services(first.pki):
        assert make_office(first.root).pki.port == first.pki.port, "its own services are no stranger"
    with listen(first.pki.port):
        moved = make_office(first.root)
    assert moved.pki.port != first.pki.port
    assert str(moved.pki.port) in moved.settings_file.read_text(encoding="utf-8")


@pytest.mark.parametrize("packages", [["dpkg"], ["dpkg", "bash"]])
def test_installed_packages_are_left_alone(packages: list[str]) -> None:
    done = subprocess.run(
        [_ROOT / "tests" / "demo" / "debian.sh", *packages], capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
