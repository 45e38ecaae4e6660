"""``make demo``: make the office, sign, issue and verify its documents by the real commands, show the result.

Usage: ``python -m tests.demo FOLDER``. With a display and unless ``WINDOW=0`` the window opens on the office
at the end, and the services run until it is closed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.demo.office import DemoOffice, ForeignFolder, build
from tests.demo.pki import Pki
from tests.demo.services import ServicesNotStarted, child, listen
from tests.demo.tokens import DemoToken, SoftHsmMissing

_WORDS = {
    "valid": ("✔ Hợp lệ", "green"),
    "warning": ("✔ Hợp lệ, có lưu ý", "yellow"),
    "indeterminate": ("? Chưa đủ căn cứ", "yellow"),
    "invalid": ("✘ Không hợp lệ", "red"),
    "unsigned": ("– Chưa ký", "bright_black"),
    "unreadable": ("– Không đọc được", "bright_black"),
}
"""Conclusion of the contract → word and colour."""


class CommandFailed(Exception):
    """A command of the demo did not end as it should; says which, and what it said of each file."""

    def __init__(self, words: list[str], done: subprocess.CompletedProcess[str]) -> None:
        """:param words: the command without the program's name."""
        told = [done.stderr.strip()] if done.stderr.strip() else []
        for line in done.stdout.splitlines():
            row = json.loads(line) if line.startswith("{") else {}
            if error := row.get("error"):
                told.append(f"{Path(row['input']).name}: {error['message']} {error['hint']}")
            elif not row:
                told.append(line)
        command = shlex.join(["antin", *words])
        super().__init__("\n".join([f"{command}\nended with exit code {done.returncode}:", *told]))


@dataclass
class Document:
    """What became of one sample.

    :ivar levels: reached, one a signature.
    :ivar filed: the last signed copy in the archive.
    """

    source: Path
    signers: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    filed: Path | None = None


class Demo:
    """The main job on one office, by the commands of the contract."""

    def __init__(self, office: DemoOffice, console: Console) -> None:
        self._office = office
        self._console = console
        self._out = office.root / "out" / time.strftime("%Y-%m-%d %H.%M.%S")
        self.documents = {name: Document(path) for name, path in office.samples.items()}

    @property
    def command(self) -> list[str]:
        """``antin`` on this office."""
        office = self._office
        return [
            *(sys.executable, "-m", "app.cli.entry"),
            *("--data-dir", str(office.data_dir), "--settings", str(office.settings_file)),
        ]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self._office.environment}

    def _rows(self, words: list[str], *, pin: str = "", allowed: tuple[int, ...] = (0,)) -> list[dict[str, Any]]:
        """Run a command with ``--json``.

        :param pin: given on standard input, never as an argument.
        :raises CommandFailed: its exit code is not ``allowed``.
        """
        done = subprocess.run(
            [*self.command, *words, "--json"], input=pin, capture_output=True, text=True, env=self.environment
        )
        if done.returncode not in allowed:
            raise CommandFailed(words, done)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def sign(self, token: DemoToken, act: str, sources: dict[str, Path], *, level: str, filed: bool) -> dict[str, Path]:
        """Sign files with a token.

        :param sources: by the name of the sample that they come from.
        :param filed: into the archive; else into a folder under the office's.
        :return: the signed copies by the same names.
        """
        into = ["--file"] if filed else ["--out", str(self._out)]
        words = ["sign", *map(str, sources.values()), "--as", act, "--token", token.serial, "--level", level, *into]
        with self._console.status(f"{token.holder}: {len(sources)} văn bản…"):
            rows = self._rows([*words, "--pin-file", "-"], pin=f"{token.pin}\n")
        names = {str(path): name for name, path in sources.items()}
        copies = {}
        for row in rows:
            name = names[row["input"]]
            document = self.documents[name]
            document.signers.append(row["signer"])
            document.levels.append(row["level_reached"])
            copies[name] = Path(row["output"])
            if filed:
                document.filed = copies[name]
        return copies

    def run(self) -> None:
        """The leader approves, the clerk issues with the agency's seal, a second person signs the attachments."""
        office, tokens = self._office, self._office.tokens
        self._out.mkdir(parents=True)
        sources = {name: path for name, path in office.samples.items() if name.endswith(("_pdf", "_docx"))}
        approved = self.sign(tokens["leader"], "approve", sources, level="T", filed=False)
        self.sign(tokens["seal"], "issue", approved, level="T", filed=True)
        others = {name: office.samples[name] for name in ("xlsx", "pptx")}
        self.sign(tokens["second"], "plain", others, level="B", filed=True)

    def verify(self) -> dict[Path, dict[str, Any]]:
        """What ``antin verify`` says of every filed copy, by its path."""
        paths = [str(document.filed) for document in self.documents.values()]
        with self._console.status("Đang kiểm tra…"):
            rows = self._rows(["verify", *paths], allowed=(0, 1, 3, 4, 5))
        return {Path(row["path"]): row for row in rows}

    def check_journal(self) -> None:
        """:raises CommandFailed: the chain of the ledger is broken."""
        done = subprocess.run(
            [*self.command, "journal", "verify"], capture_output=True, text=True, env=self.environment
        )
        if done.returncode:
            raise CommandFailed(["journal", "verify"], done)

    def table(self, reports: dict[Path, dict[str, Any]]) -> Table:
        archive = Path(self._rows(["archive", "where"])[0]["path"])
        table = Table(title="Ký số, kiểm tra và lưu văn bản", title_style="bold", caption=f"Kho văn bản: {archive}")
        for heading in ("Văn bản", "Người ký", "Mức", "Kết luận"):
            table.add_column(heading)
        table.add_column("Đã lưu tại", overflow="fold")
        for document in self.documents.values():
            assert document.filed is not None
            place = document.filed.relative_to(archive)
            report = reports[document.filed]
            verdict = Text(*_WORDS[report["conclusion"]])
            if report["conclusion"] != "valid":
                verdict.append(f"\n{report['summary']}", style="default")
            table.add_row(
                document.source.name,
                "\n".join(document.signers),
                "\n".join(document.levels),
                verdict,
                f"{place.parent}/\n{place.name}",
                end_section=True,
            )
        return table


@contextlib.contextmanager
def _services(pki: Pki) -> Any:
    """The services of ``pki``: those that another run of the demo serves now, else a child process."""
    with contextlib.ExitStack() as stack:
        if not _are_served(pki):
            stack.enter_context(child(pki.folder))
        yield


def _are_served(pki: Pki) -> bool:
    """Whether the port of ``pki`` hands out the issuing certificate of ``pki``."""
    try:
        with urllib.request.urlopen(f"{pki.base_url}/demo/certs/issuing/ca.crt", timeout=1) as reply:
            return bool(reply.read() == pki.certificate("issuing"))
    except (urllib.error.URLError, OSError):
        return False


def make_office(root: Path) -> DemoOffice:
    """The office under ``root``, made anew on another port where a stranger now listens on its own."""
    office = build(root)
    if _are_served(office.pki):
        return office
    try:
        listen(office.pki.port).close()
    except OSError:
        with listen() as listener:
            port = listener.getsockname()[1]
        return build(root, port=port)
    return office


def _has_display() -> bool:
    wanted = os.environ.get("WINDOW", "1") != "0"
    return wanted and bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "win32")


def main(root: Path) -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    started = time.monotonic()
    try:
        office = make_office(root)
        console.print(f"Văn phòng mẫu: [bold]{office.root}[/]")
        for token in office.tokens.values():
            console.print(f"  Thiết bị [bold]{token.label}[/] · số {token.serial} · PIN {token.pin}")
        demo = Demo(office, console)
        with _services(office.pki):
            demo.run()
            reports = demo.verify()
            demo.check_journal()
            console.print(demo.table(reports))
            console.print(f"Sổ nhật ký nguyên vẹn. Hết {time.monotonic() - started:.1f} giây.")
            if _has_display():
                console.print("Đang mở cửa sổ; đóng cửa sổ để kết thúc.")
                return subprocess.run(demo.command, env=demo.environment).returncode
    except (CommandFailed, ServicesNotStarted, SoftHsmMissing, ForeignFolder) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    console.print(
        "Để dùng lệnh trên văn phòng này (máy chủ cấp dấu thời gian và thu hồi chỉ chạy trong lúc make demo):",
        f"  export SOFTHSM2_CONF={shlex.quote(str(office.softhsm_conf))}",
        f"  alias antin={shlex.quote(shlex.join(demo.command))}",
        sep="\n", markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    console.print("Để mở cửa sổ trên văn phòng này, chạy [bold]make demo[/] ở nơi có màn hình, không đặt WINDOW=0.")
    return 0 if all(report["conclusion"] in ("valid", "warning") for report in reports.values()) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
