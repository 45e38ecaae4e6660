"""``antin verify`` over folders as they are: many files, damaged ones, and people who change their mind."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin


@pytest.fixture
def signed(antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path) -> list[Path]:
    """A signed file of each main format."""
    token = office.tokens["leader"]
    files = [samples["cong_van_pdf"], samples["quyet_dinh_docx"], samples["xlsx"]]
    words = ["sign", "--token", token.serial, "--pin-file", "-", "--json", "--out", tmp_path / "đã ký"]
    answer = antin(*words, *files, stdin=token.pin)
    assert answer.code == 0, answer.err
    return [Path(row["output"]) for row in answer.rows]


def _line(antin: Antin, *words: object) -> list[str]:
    return [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir), *map(str, words)]


def test_a_folder_of_everything(
    antin: Antin, signed: list[Path], samples: dict[str, Path], office: DemoOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "công văn đến"
    folder.mkdir()
    expected: dict[str, str] = {}

    def put(name: str, conclusion: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        expected[name] = conclusion
        return path

    for number in range(12):
        for path in signed:
            shutil.copy(path, put(f"tháng {number}/{number}{path.suffix}", "valid"))
    for name in ("quyet_dinh_pdf", "pptx", "cong_van_docx"):
        shutil.copy(samples[name], put(f"chưa ký {name}{samples[name].suffix}", "unsigned"))
    for path in signed:
        content = bytearray(path.read_bytes())
        put(f"cụt{path.suffix}", "unreadable").write_bytes(content[: len(content) // 2])
        put(f"tên sai{path.suffix}.xml", "indeterminate").write_bytes(content)
    put("rỗng.pdf", "unreadable").touch()
    put("cũ.doc", "unreadable").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    os.mkfifo(put("ống.pdf", "unreadable"))
    put("thiết bị.pdf", "unreadable").symlink_to("/dev/zero")
    put("cửa.docx", "unreadable").symlink_to("/dev/tty")
    put("vòng.pdf", "unreadable").symlink_to(folder / "vòng.pdf")
    (folder / "vòng").symlink_to(folder)
    with zipfile.ZipFile(folder / "hồ sơ.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in signed:
            archive.write(path, f"bên trong/{path.name}")
            expected[f"hồ sơ.zip/bên trong/{path.name}"] = "valid"
    put("ghi chú.txt", "valid").touch()
    del expected["ghi chú.txt"]

    answer = antin("verify", "--json", folder)
    found = {row["path"].removeprefix(f"{folder}/"): row["conclusion"] for row in answer.rows}
    assert len(answer.rows) == len(found)
    wrong = {name: found.get(name) for name in expected if found.get(name) != expected[name]}
    assert found.keys() == expected.keys()
    assert wrong == {}
    assert answer.code == 3
    assert all(row["reasons"] for row in answer.rows if row["conclusion"] == "unreadable")
    entries = [row for row in antin("journal", "list", "--json").rows if row["kind"] == "verify"]
    assert Counter(row["data"]["result"] for row in entries) == Counter(expected.values())
    assert antin("journal", "verify").code == 0

    told = antin("verify", folder)
    last = told.out.splitlines()[-1] if told.out.splitlines()[-1].startswith("Đã kiểm tra") else told.out[-300:]
    assert str(len(expected)) in last


def test_files_that_change_while_a_folder_is_checked(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "đang chép"
    folder.mkdir()
    (pdf,) = (path for path in signed if path.suffix == ".pdf")
    content = pdf.read_bytes()
    names = [folder / f"{number:02}.pdf" for number in range(40)]
    for path in names:
        path.write_bytes(content)
    told = tmp_path / "rows.jsonl"
    with told.open("wb") as out, subprocess.Popen(_line(antin, "verify", "--json", folder), stdout=out) as process:
        while process.poll() is None:
            for number, path in enumerate(names[20:]):
                if number % 4 == 3:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(content[: -1 - number])
                    path.write_bytes(content)
    rows = [json.loads(line) for line in told.read_bytes().splitlines()]
    assert process.returncode in (0, 1, 3)
    found = {Path(row["path"]): row for row in rows}
    assert {found[path]["conclusion"] for path in names[:20]} == {"valid"}
    for row in rows:
        if row["conclusion"] == "valid":
            assert row["sha256"] == found[names[0]]["sha256"], "valid is said of the whole file only"


def _many(signed: list[Path], folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        path = signed[number % len(signed)]
        shutil.copy(path, folder / f"{number:04}{path.suffix}")
    return folder


def test_ctrl_c_leaves_whole_rows_and_no_report(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = _many(signed, tmp_path / "nhiều", 600)
    words = ["verify", "--json", "--jobs", "2", "--report", tmp_path / "báo cáo.xlsx", folder]
    with subprocess.Popen(_line(antin, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rows = [json.loads(line) for line in [first, *process.stdout.read().splitlines()]]
        told = process.stderr.read().decode()
    assert process.returncode == 130
    assert 0 < len(rows) < 600
    assert {row["conclusion"] for row in rows} == {"valid"}
    assert told.strip()
    assert not (tmp_path / "báo cáo.xlsx").exists()
    entries = [row for row in antin("journal", "list", "--json").rows if row["kind"] == "verify"]
    assert {row["path"] for row in rows} == {row["data"]["path"] for row in entries}


def _workers() -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"app.checking_process" in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def test_a_command_that_is_killed_leaves_no_process(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = _many(signed, tmp_path / "nhiều", 600)
    with subprocess.Popen(_line(antin, "verify", "--json", "--jobs", "2", folder), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        own = {
            pid
            for pid in _workers()
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == str(process.pid)
        }
        process.kill()
    assert len(own) == 2
    deadline = time.monotonic() + 60
    while own & _workers():
        assert time.monotonic() < deadline, "the processes outlive the command"
        time.sleep(0.05)
    assert antin("journal", "verify").code == 0


def test_a_bar_is_drawn_on_a_terminal_and_wiped_away(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = _many(signed, tmp_path / "nhiều", 60)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        _line(antin, "verify", "--json", "--jobs", "2", folder),
        stdout=subprocess.PIPE,
        stderr=theirs,
        stdin=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        rows = process.stdout.read().splitlines()
        drawn = b""
        while select.select([ours], [], [], 0.2)[0]:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:
                break
            if not piece:
                break
            drawn += piece
    os.close(ours)
    assert len([json.loads(row) for row in rows]) == 60
    assert "Đang kiểm tra" in drawn.decode()
    assert "/60" in drawn.decode()


def test_nothing_to_check_is_said(antin: Antin, tmp_path: Path) -> None:
    (tmp_path / "rỗng").mkdir()
    answer = antin("verify", "--json", tmp_path / "rỗng")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.strip()


def test_what_is_left_out_of_a_folder_is_told(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "hồ sơ"
    folder.mkdir()
    nothing = antin("verify", "--json", folder)
    assert (nothing.code, nothing.out) == (2, "")
    assert "Không có tệp nào để kiểm tra." in nothing.err
    shutil.copy(signed[0], folder)
    for name in ("hồ sơ.rar", "thư.eml", ".ẩn"):
        (folder / name).touch()
    for words in (["verify"], ["verify", "--json"]):
        told = antin(*words, folder)
        assert told.code == 0
        assert "Bỏ qua 2 tệp không thuộc loại kiểm tra được: hồ sơ.rar, thư.eml" in told.err


def test_one_at_a_time_comes_in_the_order_of_paths(antin: Antin, signed: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "hồ sơ"
    names = ["a.pdf", "b/1.pdf", "b/2.zip", "b/3.pdf", "c.pdf", *(f"d/{number:02}.pdf" for number in range(6))]
    (pdf,) = (path for path in signed if path.suffix == ".pdf")
    for name in reversed(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pdf, folder / name)
    with zipfile.ZipFile(folder / "b/2.zip", "w") as archive:
        archive.write(pdf, "y.pdf")
        archive.write(pdf, "x.pdf")
    found = [row["path"].removeprefix(f"{folder}/") for row in antin("verify", "--jobs", "1", "--json", folder).rows]
    zipped = [name for name in found if name.startswith("b/2.zip/")]
    assert found == [*names[:2], *zipped, *names[3:]]
    assert sorted(zipped) == ["b/2.zip/x.pdf", "b/2.zip/y.pdf"]
