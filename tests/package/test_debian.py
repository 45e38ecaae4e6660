"""The package's life on a bare system, with the commands of docs/cai-dat.md: an earlier version is installed and used,
this one takes its place while somebody signs, is used in every way, and goes without the office's data."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import installed
from app.storage.schema import VERSION as TABLES
from tests.demo.office import DemoOffice
from tests.package import guide, older
from tests.package.chroot import Chroot
from tests.package.conftest import ROOT
from tests.package.screen import Screen
from tests.package.terminal import Terminal

CLERK, COLLEAGUE = "vanthu", "tiepnhan"
SCREENSHOTS = ROOT / ".screenshots"


@dataclass
class Workstation:
    """A bare system with an earlier version installed, a clerk and one token.

    :ivar home: of the clerk, from outside.
    :ivar environment: of the clerk's session.
    """

    system: Chroot
    home: Path
    environment: dict[str, str]
    pin: str

    @property
    def data(self) -> Path:
        return self.home / ".local/share/antin"

    def antin(self, *words: str | Path, stdin: str = "", code: int | None = 0) -> list[dict[str, object]]:
        """Run the command as the clerk; the rows of its JSON."""
        answer = self.system.run(["antin", *words], CLERK, self.environment, stdin, code)
        return [json.loads(line) for line in answer.out.splitlines() if line.startswith("{")]

    def terminal(self, line: str) -> Terminal:
        """A line for the shell, as the clerk, on a terminal."""
        return Terminal(self.system.command(line, CLERK, self.environment))


@pytest.fixture(scope="module")
def workstation(system: Chroot, older_package: Path, office: DemoOffice) -> Iterator[Workstation]:
    system.run("! command -v python3")
    shutil.copy(older_package, system.root / "root" / older_package.name)
    system.run("apt-get -qq update")
    system.run("DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends softhsm2")
    system.run(guide.command("install"))
    (system.root / "root" / older_package.name).unlink()
    home = system.add_user(CLERK)
    system.add_user(COLLEAGUE)
    system.copy_in(office.root, str(office.root), CLERK)
    system.copy_in(office.settings_file, f"/home/{CLERK}/.local/share/antin/settings.toml", CLERK)
    system.run(["chown", "-R", f"{CLERK}:", f"/home/{CLERK}"])
    yield Workstation(system, home, office.environment, office.tokens["leader"].pin)


@pytest.fixture(scope="module")
def upgraded(workstation: Workstation, package: Path, office: DemoOffice) -> Workstation:
    """The workstation after the upgrade, which came while the clerk was asked for the PIN."""
    system = workstation.system
    assert older.VERSION in system.run(["antin", "--version"]).out
    system.copy_in(office.samples["cong_van_pdf"], f"/home/{CLERK}/cong-van.pdf", CLERK)
    workstation.antin("archive", "add", "cong-van.pdf", "--number", "12", "--symbol", "UBND-VP", "--json")
    assert _tables(workstation) < TABLES
    serial = office.tokens["leader"].serial
    with workstation.terminal(f"antin sign --as plain --token {serial} --out da-ky cong-van.pdf") as terminal:
        terminal.wait_for("Mã PIN của")
        shutil.copy(package, system.root / "root" / package.name)
        system.run(guide.command("install"))
        (system.root / "root" / package.name).unlink()
        terminal.type(workstation.pin)
        assert terminal.wait() == 0, terminal.said
    return workstation


def _tables(workstation: Workstation) -> str:
    """The version of the tables in the clerk's database."""
    (database,) = workstation.data.glob("*.sqlite*")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found)


def _version(package: Path) -> str:
    return package.name.split("_")[1]


def test_who_signs_while_the_package_is_installed_goes_on(upgraded: Workstation, package: Path) -> None:
    (report,) = upgraded.antin("verify", "--json", "da-ky")
    assert report["conclusion"] == "valid", report
    assert _version(package) in upgraded.system.run(["antin", "--version"]).out
    told = upgraded.system.root / "opt/antin" / installed.FILE_NAME
    assert told.read_text(encoding="ascii").strip() == _version(package), "what the running window looks at"


def test_the_earlier_version_stays_until_the_next_installation_only(upgraded: Workstation, package: Path) -> None:
    folders = upgraded.system.root / "opt/antin"
    assert (folders / older.VERSION / "antin").is_file(), "it was in use when the new one came"
    shutil.copy(package, upgraded.system.root / "root" / package.name)
    upgraded.system.run(guide.command("install-offline"))
    assert {path.name for path in folders.iterdir()} == {_version(package), installed.FILE_NAME}


def test_the_records_are_taken_over(upgraded: Workstation) -> None:
    (row,) = upgraded.antin("archive", "search", "12/UBND-VP", "--json")
    assert str(row["path"]).endswith(".pdf")
    upgraded.antin("archive", "check", "--json", code=None)
    assert _tables(upgraded) == TABLES
    answer = upgraded.system.run(guide.command("backup"), CLERK, upgraded.environment)
    assert (upgraded.home / "sao-luu.zip").is_file(), answer.err


def test_the_doctor_finds_an_installation_that_works(upgraded: Workstation, package: Path) -> None:
    answer = upgraded.system.run(guide.command("check"), CLERK, upgraded.environment, code=None)
    assert f"antin {_version(package)}" in answer.out
    rows = upgraded.antin("doctor", "--json", code=None)
    failed = [row for row in rows if row["status"] == "fail"]
    assert rows and not failed, failed


def test_a_document_is_signed_and_verified_with_the_guides_commands(upgraded: Workstation, office: DemoOffice) -> None:
    only_one = _one_token(upgraded, office)
    upgraded.system.copy_in(office.samples["cong_van_pdf"], f"/home/{CLERK}/van-ban.pdf", CLERK)
    shutil.rmtree(upgraded.home / "da-ky", ignore_errors=True)
    command = upgraded.system.command(guide.command("sign"), CLERK, upgraded.environment | only_one)
    with Terminal(command) as terminal:
        terminal.wait_for("Mã PIN của")
        terminal.type(upgraded.pin)
        assert terminal.wait() == 0, terminal.said
    assert "HỢP LỆ" in terminal.said


def _one_token(workstation: Workstation, office: DemoOffice) -> dict[str, str]:
    """The environment in which only the leader's token is plugged in."""
    from tests.demo import tokens

    label, home = office.tokens["leader"].label, Path(f"/home/{CLERK}")
    tokens_of_all = office.root / "tokens"
    one = workstation.home / "token"
    for folder in tokens_of_all.iterdir():
        if label.encode() in (folder / "token.object").read_bytes():
            shutil.copytree(folder, one / folder.name)
    assert len(list(one.iterdir())) == 1, tokens.PLANS
    (workstation.home / "softhsm2.conf").write_text(f"directories.tokendir = {home}/token\n", encoding="utf-8")
    workstation.system.run(["chown", "-R", f"{CLERK}:", home])
    return {"SOFTHSM2_CONF": f"{home}/softhsm2.conf"}


def test_the_window_opens(upgraded: Workstation, suite: str) -> None:
    files = f"/home/{CLERK}/van-ban.pdf"
    with Screen() as screen:
        command = upgraded.system.command(
            ["antin", "open", "--verify", "--", files], CLERK, upgraded.environment | {"DISPLAY": screen.display}
        )
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            screen.wait_for_window(colours=4)
            _wait_for_stillness(screen)
            screen.save(SCREENSHOTS / f"package-{suite}.png")
            assert process.poll() is None
            again = upgraded.system.run(["antin", "open"], CLERK, upgraded.environment | {"DISPLAY": screen.display})
            assert again.code == 0, "a second start hands over to the running window"
        finally:
            process.terminate()
            _, said = process.communicate(timeout=30)
    assert "Traceback" not in said, said


def _wait_for_stillness(screen: Screen) -> None:
    """Wait until two pictures half a second apart are the same."""
    deadline = time.monotonic() + 30
    before = screen.picture().tobytes()
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = screen.picture().tobytes()
        if now == before:
            return
        before = now


def test_without_a_screen_it_says_so(upgraded: Workstation) -> None:
    answer = upgraded.system.run(["antin", "open"], CLERK, upgraded.environment, code=2)
    assert "màn hình" in answer.err


def test_a_second_person_has_records_of_their_own(upgraded: Workstation) -> None:
    rows = upgraded.system.run(["antin", "archive", "search", "12/UBND-VP", "--json"], COLLEAGUE).out
    assert rows == ""
    assert (upgraded.system.root / f"home/{COLLEAGUE}/.local/share/antin").is_dir()
    answer = upgraded.system.run(["antin", "verify", "--offline", f"/home/{CLERK}/van-ban.pdf"], COLLEAGUE, code=None)
    assert "Traceback" not in answer.err


def test_a_home_that_cannot_be_written_is_told(upgraded: Workstation, office: DemoOffice) -> None:
    system = upgraded.system
    home = system.add_user("chidoc")
    system.copy_in(office.samples["cong_van_pdf"], "/home/chidoc/van-ban.pdf", "chidoc")
    system.run(["chmod", "a-w", "/home/chidoc"])
    answer = system.run(["antin", "archive", "add", "van-ban.pdf"], "chidoc", code=None)
    assert answer.code != 0
    assert "/home/chidoc" in answer.err and "Traceback" not in answer.err
    assert sorted(path.name for path in home.iterdir() if not path.name.startswith(".")) == ["van-ban.pdf"]


def test_managed_settings_hold_for_everybody(upgraded: Workstation) -> None:
    managed = upgraded.system.root / "etc/antin/managed.toml"
    managed.write_text(guide.block("managed"), encoding="utf-8")
    try:
        said = upgraded.system.run(guide.command("settings"), COLLEAGUE).out
        assert "tsa.ca.gov.vn" in said
        rows = upgraded.system.run(["antin", "settings", "--json"], COLLEAGUE).out.splitlines()
        (tsa,) = [row for row in map(json.loads, rows) if row["name"] == "network.tsa_url"]
        assert (tsa["origin"], tsa["locked"]) == ("managed", True)
        upgraded.system.run(guide.command("templates"), COLLEAGUE)
        assert list((upgraded.system.root / f"home/{COLLEAGUE}/mau-chinh-sach").rglob("*.admx"))
    finally:
        managed.unlink()


def test_every_library_finds_what_it_needs(upgraded: Workstation, package: Path) -> None:
    folder = f"/opt/antin/{_version(package)}/_internal"
    lines = upgraded.system.run(
        f"for file in $(find {folder} -name '*.so*' -type f); do LD_LIBRARY_PATH={folder} ldd $file | "
        'sed -n "s|^\\s*\\(.*\\) => not found|$file \\1|p"; done'
    ).out.splitlines()
    # GTK's own look and file dialogs, where GTK is.
    assert [line for line in lines if "libqgtk3.so" not in line] == []


def test_a_command_starts_without_the_windows_libraries(upgraded: Workstation, package: Path) -> None:
    said = upgraded.system.run(["antin", "--version"], environment={"LD_DEBUG": "libs"}).err
    assert "libpython3" in said and "libQt6" not in said
    support = upgraded.system.root / "opt/antin" / _version(package) / "_internal/shiboken6/files.dir"
    assert (support / "shibokensupport/signature/loader.pyc").is_file(), "else PySide6 compiles it at each start"


def test_it_fits_ubuntu_22_04_and_is_small(upgraded: Workstation, package: Path) -> None:
    folder = upgraded.system.root / "opt/antin" / _version(package)
    newest = (0, 0)
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and (".so" in file.name or file.parent == folder):
            symbols = subprocess.run(["objdump", "-T", file], capture_output=True, text=True, check=False).stdout
            for word in symbols.split():
                name, _, version = word.strip("()").partition("GLIBC_2.")
                if not name and version.isdigit():
                    newest = max(newest, (2, int(version)))
    assert (2, 17) < newest <= (2, 35)
    listed = upgraded.system.run(["dpkg", "--listfiles", "antin"]).out.split("\n")
    files = [upgraded.system.root / name.lstrip("/") for name in listed if name]
    octets = sum(path.lstat().st_size for path in files if path.is_symlink() or not path.is_dir())
    assert 100_000_000 < octets < 200_000_000


def test_a_file_that_arrived_changed_is_found(upgraded: Workstation, package: Path) -> None:
    root = upgraded.system.root / "root"
    shutil.copy(package, root / package.name)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    (root / "SHA256SUMS").write_text(f"{digest}  {package.name}\n{'0' * 64}  absent.whl\n", encoding="ascii")
    assert package.name in upgraded.system.run(guide.command("checksums")).out
    with (root / package.name).open("ab") as file:
        file.write(b"\n")
    upgraded.system.run(guide.command("checksums"), code=1)
    (root / package.name).unlink()


def test_the_reader_service_can_be_installed(upgraded: Workstation) -> None:
    upgraded.system.run(guide.command("readers"))
    assert (upgraded.system.root / "usr/sbin/pcscd").is_file()


def test_the_desktop_knows_it_and_keeps_its_defaults(upgraded: Workstation, tmp_path: Path) -> None:
    applications = upgraded.system.root / "usr/share/applications"
    entries = sorted(applications.glob("*antin*.desktop"))
    subprocess.run(["desktop-file-validate", *entries], check=True)
    metainfo = list((upgraded.system.root / "usr/share/metainfo").glob("*.xml"))
    subprocess.run(["appstreamcli", "validate", "--no-net", *metainfo], check=True, stdout=subprocess.DEVNULL)
    for entry in entries:
        shutil.copy(entry, tmp_path)
    (tmp_path / "xpdf.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=A reader\nExec=xpdf %f\nMimeType=application/pdf;\n", encoding="utf-8"
    )
    subprocess.run(["update-desktop-database", tmp_path], check=True)
    cache = (tmp_path / "mimeinfo.cache").read_text(encoding="utf-8")
    (line,) = [line for line in cache.splitlines() if line.startswith("application/pdf=")]
    assert line.partition("=")[2].split(";")[0] == "xpdf.desktop", "another reader stays the default"
    assert "zz-antin-sign.desktop" in line and "zz-antin-verify.desktop" in line


def test_manual_and_completions_know_every_command(upgraded: Workstation) -> None:
    from app.cli.main import _COMMANDS

    for place in ("man1", "vi/man1"):
        page = gzip.decompress((upgraded.system.root / f"usr/share/man/{place}/antin.1.gz").read_bytes()).decode()
        assert [name for name in _COMMANDS if f".SS antin {name}" not in page] == []
        done = subprocess.run(["man", "--warnings", "-l", "-"], input=page, capture_output=True, text=True, check=True)
        assert done.stderr == ""
    answer = upgraded.system.run(
        ["antin"], CLERK, {"_ANTIN_COMPLETE": "bash_complete", "COMP_WORDS": "antin ver", "COMP_CWORD": "1"}
    )
    assert answer.out.split() == ["plain,verify"]


#: Asks the extension for the menu of files, as the file manager does; libnautilus-extension itself is the system's.
_MENU = """
import sys, gi
there = gi.Repository.get_default().enumerate_versions("Nautilus")
gi.require_version("Nautilus", max(there))
sys.path.insert(0, "/usr/share/nautilus-python/extensions")
import antin
from gi.repository import Gio

class File:
    def __init__(self, path):
        self.get_location = lambda: Gio.File.new_for_path(path)
        self.is_directory = lambda: False

for names in (["/a/Công văn.PDF", "/a/b.docx"], ["/a/b.asice"], ["/a/b.txt"]):
    items = antin.AntinMenu().get_file_items([File(name) for name in names])
    print(*(item.get_property("name") for item in items))
"""


def test_nautilus_offers_what_can_be_done_with_files(upgraded: Workstation) -> None:
    upgraded.system.run(guide.command("nautilus"))
    said = upgraded.system.run(["python3", "-c", _MENU]).out
    assert said.splitlines() == ["Antin::sign Antin::verify", "Antin::verify", ""]


def test_removal_leaves_the_offices_data(upgraded: Workstation) -> None:
    before = {path: path.lstat().st_size for path in upgraded.data.rglob("*") if path.is_file()}
    assert before
    managed = upgraded.system.root / "etc/antin/managed.toml"
    managed.write_text('language = "en"\n', encoding="utf-8")
    upgraded.system.run(guide.command("remove"))
    assert not (upgraded.system.root / "opt/antin").exists()
    assert not (upgraded.system.root / "usr/bin/antin").is_symlink()
    assert {path: path.lstat().st_size for path in upgraded.data.rglob("*") if path.is_file()} == before
    assert managed.read_text(encoding="utf-8") == 'language = "en"\n'


def test_every_command_of_the_guide_was_run() -> None:
    """By the tests above: this one says nothing when it is run alone."""
    assert set(guide.blocks()) == guide.used
