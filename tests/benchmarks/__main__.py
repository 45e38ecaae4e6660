"""``make bench``: measure, print the table, keep it in the file named.

Every figure that depends on the machine stands as a ratio to a peer measured in the same run.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.files import large_docx, large_pdf, linked_docx
from tests.benchmarks.measure import in_child, run, side_by_side, two_at_a_time
from tests.demo.office import DemoOffice, build
from tests.demo.services import Services, listen

BIN = Path(sys.executable).parent
_BEGIN, _END = "<!-- figures begin -->", "<!-- figures end -->"


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
    def __init__(self, office: DemoOffice, folder: Path) -> None:
        self._office = office
        self._folder = folder

    def figures(self) -> Iterator[Figure]:
        yield self._version()
        yield self._cold_verify()
        yield self._batch()
        yield self._slow_token()
        yield from self._large_docx()
        yield from self._large_pdf()
        yield from self._warm_verify()
        yield from self._folder_verify()
        yield self._many_relationships()
        yield self._card()

    def _data_dir(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        shutil.copy(self._office.settings_file, folder / "settings.toml")
        return folder

    def _sign(self, name: str, files: list[Path], **more: object) -> dict[str, float]:
        token = self._office.tokens["leader"]
        return in_child(
            "sign",
            {
                "data_dir": str(self._data_dir(name)),
                "token": token.serial,
                "pin": token.pin,
                "files": [str(path) for path in files],
                **more,
            },
            environment=self._office.environment,
        )

    def _one_page(self, folder: str, count: int) -> list[Path]:
        """Copies of a one-page sample, each with a number of its own so that none is taken for another."""
        source = self._office.samples["cong_van_pdf"]
        target = self._folder / folder
        target.mkdir()
        return [Path(shutil.copy(source, target / f"cong-van-{number:03d}.pdf")) for number in range(count)]

    def _filed(self, data_dir: str) -> list[Path]:
        archive = self._folder / data_dir / "Kho văn bản"
        return sorted(path for path in archive.rglob("*") if path.is_file() and not path.name.startswith("."))

    def _version(self) -> Figure:
        walls = side_by_side({"python": [sys.executable, "-c", "pass"], "antin": [BIN / "antin", "--version"]}, 20)
        ratio = walls["antin"] / walls["python"]
        return Figure(
            "`antin --version` ÷ `python -c pass`", f"{ratio:.2f} ({walls['antin'] * 1000:.0f} ms)", "< 4", ratio < 4
        )

    def _cold_verify(self) -> Figure:
        self._sign("cold", self._one_page("cold-in", 1))
        signed = self._filed("cold")[0]
        root = self._office.pki.root_certificate
        data = self._data_dir("cold-verify")
        ours = [BIN / "antin", "--data-dir", data, "verify", "--offline", "--trust-root", root, signed]
        peer = [BIN / "pyhanko", "sign", "validate", "--no-strict-syntax", "--trust", root, signed]
        walls = side_by_side({"pyhanko": peer, "antin": ours}, 7, codes=(0, 1, 4))
        ratio = walls["antin"] / walls["pyhanko"]
        return Figure(
            "cold `antin verify` of a PDF ÷ `pyhanko sign validate`",
            f"{ratio:.2f} ({walls['antin'] * 1000:.0f} ms)",
            "< 0.6",
            ratio < 0.6,
        )

    def _batch(self) -> Figure:
        figures = self._sign("batch", self._one_page("batch-in", 100))
        rate = figures["files"] / figures["wall"]
        return Figure(
            "100 one-page PDFs on SoftHSM2, ledger and filing included", f"{rate:.0f} a second", "≥ 25", rate >= 25
        )

    def _slow_token(self) -> Figure:
        from tests.token.build import Misbehaviour, compile_module

        module = compile_module(self._folder)
        misbehaviour = Misbehaviour(self._folder / "misbehave.txt", self._office.module)
        misbehaviour.order(sign_delay_ms=300)
        with _environment(misbehaviour.environment):
            figures = self._sign("slow", self._one_page("slow-in", 100), module=str(module))
        own = 0.3 * figures["files"]
        ratio = figures["wall"] / own
        return Figure(
            "the same 100 on a token of 300 ms ÷ the token's own time", f"{ratio:.3f}", "≤ 1.10", ratio <= 1.10
        )

    def _large_docx(self) -> Iterator[Figure]:
        path = large_docx(self._folder / "anh.docx")
        size = path.stat().st_size / (1 << 20)
        small = str(self._office.samples["cong_van_docx"])
        figures = self._sign("docx", [path], warm=small)
        yield Figure(
            f"a .docx of {size:.0f} MiB signed, process time",
            f"{figures['cpu']:.2f} s",
            "< 0.6 s",
            figures["cpu"] < 0.6,
        )
        checked = in_child(
            "verify",
            {
                "data_dir": str(self._folder / "docx"),
                "files": [str(path) for path in self._filed("docx") if path.stat().st_size > 1 << 20],
                "warm": small,
            },
        )
        yield Figure("the same verified, process time", f"{checked['cpu']:.2f} s", "< 0.25 s", checked["cpu"] < 0.25)

    def _large_pdf(self) -> Iterator[Figure]:
        path = large_pdf(self._folder / "quet.pdf")
        figures = self._sign("pdf", [path])
        yield Figure(
            "a PDF of 500 MiB signed, peak memory", f"{figures['peak']:.0f} MiB", "< 200", figures["peak"] < 200
        )
        checked = in_child(
            "verify",
            {
                "data_dir": str(self._folder / "pdf"),
                "files": [str(path) for path in self._filed("pdf")],
                "warm": str(self._office.samples["cong_van_pdf"]),
                "times": 5,
            },
        )
        peak, ratio = checked["peak"], checked["wall"] / checked["hashing"]
        yield Figure("the same verified, peak memory", f"{peak:.0f} MiB", "< 200", peak < 200)
        yield Figure("the same verified ÷ its SHA-256 alone", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5)

    def _crls(self) -> list[str]:
        """The demo authorities' revocation lists, as files."""
        folder = self._folder / "crls"
        folder.mkdir(exist_ok=True)
        for issuer in ("issuing", "root"):
            (folder / f"{issuer}.crl").write_bytes(self._office.pki.crl(issuer))
        return [str(path) for path in sorted(folder.iterdir())]

    def _warm_verify(self) -> Iterator[Figure]:
        for name, limit in (("cong_van_pdf", 15), ("cong_van_docx", 20)):
            source = self._office.samples[name]
            self._sign(f"warm-{name}", [source])
            signed = [str(path) for path in self._filed(f"warm-{name}")]
            figures = in_child(
                "verify",
                {
                    "data_dir": str(self._folder / f"warm-{name}"),
                    "files": signed,
                    "warm": signed[0],
                    "crls": self._crls(),
                    "times": 100,
                },
            )
            each = figures["cpu"] / figures["files"] * 1000
            yield Figure(
                f"one signed {source.suffix} verified in a warm process, ledger included, process time",
                f"{each:.1f} ms",
                f"< {limit} ms",
                each < limit,
            )

    def _folder_verify(self) -> Iterator[Figure]:
        """A folder on two cores; the peers are started once for each file, two at a time, on a sample of it."""
        self._sign("folder", self._one_page("folder-in", 20))
        signed = self._filed("folder")
        folder = self._folder / "2000"
        folder.mkdir()
        copies = [
            Path(shutil.copy(signed[number % len(signed)], folder / f"{number:04}.pdf")) for number in range(2000)
        ]
        root = self._office.pki.root_certificate
        lists = [word for path in self._crls() for word in ("--crl", path)]
        data = self._data_dir("folder-verify")
        ours = [BIN / "antin", "--data-dir", data, "verify", "--json", "--offline", "--jobs", "2", *lists, folder]
        pyhanko = [BIN / "pyhanko", "sign", "validate", "--no-strict-syntax", "--trust", root]
        before = two_at_a_time(["pdfsig"], copies[:200])
        wall = run(ours).wall  # which fails unless all are valid
        after = two_at_a_time(["pdfsig"], copies[200:400])
        rate = len(copies) / wall
        for name, peer, target in (
            ("`pdfsig`, two at a time", 2 / (1 / before + 1 / after), 2),
            ("`pyhanko sign validate`, two at a time", two_at_a_time(pyhanko, copies[:10], codes=(0, 1)), 20),
        ):
            yield Figure(
                f"a folder of {len(copies)} signed PDFs, files a second ÷ {name}",
                f"{rate / peer:.1f} ({rate:.0f} a second)",
                f"≥ {target}",
                rate / peer >= target,
            )

    def _many_relationships(self) -> Figure:
        small = self._office.samples["cong_van_docx"]
        path = linked_docx(self._folder / "lien-ket.docx", small)
        self._sign("links", [path])
        checked = in_child(
            "verify",
            {
                "data_dir": str(self._folder / "links"),
                "files": [str(path) for path in self._filed("links")],
                "warm": str(small),
            },
        )
        return Figure(
            "a signed .docx of 20,000 relationships verified, process time",
            f"{checked['cpu']:.2f} s",
            "< 0.6 s",
            checked["cpu"] < 0.6,
        )

    def _card(self) -> Figure:
        self._sign("card", self._one_page("card-in", 11))
        dropped = in_child(
            "card",
            {"data_dir": str(self._folder / "card"), "files": [str(path) for path in self._filed("card")]},
            environment={"QT_QPA_PLATFORM": "offscreen"},
        )
        each = dropped["median"] * 1000
        return Figure(
            "the card in the window after the drop of a signed PDF", f"{each:.0f} ms", "≤ 100 ms", each <= 100
        )


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
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


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*: (.+)", text)
    cpu = found.group(1).strip() if found else platform.processor()
    return f"{os.cpu_count()} × {cpu}, Python {platform.python_version()}, {platform.system()} {platform.release()}"


def _write(path: Path, figures: list[Figure]) -> None:
    """Put the table between the markers of the file, the rest of which people write."""
    rows = "\n".join(
        f"| {figure.what} | {figure.measured} | {figure.target} | {'yes' if figure.holds else '**no**'} |"
        for figure in figures
    )
    table = (
        f"{_BEGIN}\nMeasured {dt.date.today().isoformat()} on {_machine()}.\n\n"
        f"| what | measured | target | met |\n|---|---|---|---|\n{rows}\n{_END}"
    )
    text = path.read_text(encoding="utf-8")
    begin, end = text.index(_BEGIN), text.index(_END) + len(_END)
    path.write_text(text[:begin] + table + text[end:], encoding="utf-8")


def main(target: Path) -> int:
    # An installed program has its bytecode; let the first, discarded turn write ours.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures = []
    listener = listen()
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as name:
        folder = Path(name)
        office = build(folder / "office", port=listener.getsockname()[1])
        with Services(office.pki, listener), _environment(office.environment):
            for figure in Bench(office, folder).figures():
                figures.append(figure)
                print(f"{'met ' if figure.holds else 'MISS'}  {figure.what}: {figure.measured}", flush=True)
    table = Table("what", "measured", "target", "met")
    for figure in figures:
        table.add_row(figure.what, figure.measured, figure.target, "yes" if figure.holds else "NO")
    Console().print(table)
    _write(target, figures)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
