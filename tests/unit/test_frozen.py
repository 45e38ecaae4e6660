"""The packaged program: how it starts, what it starts beside itself, what is left out of it."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import runpy
import sys
from gettext import GNUTranslations
from pathlib import Path

import pytest

from app import __version__
from app.cli import frozen
from installer.frozen.left_out import MODULES, is_left_out
from installer.frozen.slimming import is_kept, newest_copies
from installer.release.catalogues import compile_all

ROOT = Path(__file__).parent.parent.parent


def test_the_helpers_are_the_modules_that_are_run() -> None:
    """Every module that can be run by itself, but the command and the tokens' child, which is a program of its own."""
    runnable = set()
    for file in (ROOT / "app").rglob("*.py"):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        if any(isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in body):
            runnable.add(".".join(file.relative_to(ROOT).with_suffix("").parts))
    assert runnable - {"app.cli.entry"} == frozen.HELPERS
    assert all(importlib.util.find_spec(name) for name in frozen.HELPERS)


def test_a_helper_is_run_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **how: ran.append((name, how, sys.argv[1:])))
    monkeypatch.setattr(sys, "argv", ["antin", "--run=app.documents.page_reader", "one"])
    assert frozen.main() == 0
    assert ran == [("app.documents.page_reader", {"run_name": "__main__", "alter_sys": True}, ["one"])]


def test_nothing_else_is_run_that_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runpy, "run_module", lambda *words, **how: pytest.fail("run"))
    for module in ("http.server", "app.cli.entry", ""):
        monkeypatch.setattr(sys, "argv", ["antin", f"--run={module}"])
        assert frozen.main() == 2


def test_other_arguments_are_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["antin", "--version"])
    assert frozen.main() == 0
    assert capsys.readouterr().out == f"antin {__version__}\n"


@pytest.mark.parametrize(
    ("former", "after"), [("/usr/local/lib", "/usr/local/lib"), (None, None)], ids=["set before", "not set before"]
)
def test_other_programs_do_not_get_our_libraries(
    monkeypatch: pytest.MonkeyPatch, former: str | None, after: str | None
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/antin/_internal")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    if former is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", former)
    frozen.give_back_library_path()
    assert os.environ.get("LD_LIBRARY_PATH") == after
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_run_from_its_source_it_leaves_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/home/van-thu/lib")
    frozen.give_back_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/home/van-thu/lib"


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("libstdc++.so.6", True),
        ("libcrypto.so.3", True),
        ("libsqlite3.so.0", False),
        ("libxcb.so.1", True),
        ("libxcb-cursor.so.0", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqminimal.so", True),
        ("PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so", False),
        ("PySide6/Qt/translations/qtbase_vi.qm", True),
        ("resources/locale/vi/LC_MESSAGES/antin.mo", False),
        ("resources/locale/vi/LC_MESSAGES/antin.po", True),
        ("keyring-25.7.0.dist-info/entry_points.txt", False),
        ("keyring-25.7.0.dist-info/RECORD", True),
        ("psycopg_binary.libs/libpq-e9b5c9ac.so.5.18", False),
        ("psycopg_binary.libs/libcrypto-3a0647ea.so.3", True),
        ("pillow.libs/libzstd-40ad5e7e.so.1.5.7", True),
        ("rich-15.0.0.dist-info/licenses/LICENSE", True),
        ("rich-15.0.0.dist-info/METADATA", False),
    ],
)
def test_what_is_left_out(name: str, left_out: bool) -> None:
    assert is_left_out(name) is left_out


def test_the_program_imports_nothing_that_is_left_out() -> None:
    imported = set()
    for file in [path for folder in ("app", "ui", "pkcs11_bridge") for path in (ROOT / folder).rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    assert "lxml.etree" in imported
    assert [name for name in imported if any(name == out or name.startswith(f"{out}.") for out in MODULES)] == []


def test_of_a_library_that_two_wheels_bring_the_newest_stays(tmp_path: Path) -> None:
    for name in (
        "a.libs/libjpeg-e87d2658.so.62.2.0",
        "b.libs/libjpeg-6dc8d115.so.62.10.0",
        "b.libs/libtiff-20b7e810.so.6",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "libjpeg-e87d2658.so.62.2.0").symlink_to("a.libs/libjpeg-e87d2658.so.62.2.0")
    found = newest_copies(tmp_path)
    assert {key: file.name for key, file in found.items()} == {
        ("libjpeg", "62"): "libjpeg-6dc8d115.so.62.10.0",
        ("libtiff", "6"): "libtiff-20b7e810.so.6",
    }


def test_vietnamese_and_english_stay_in_icus_data() -> None:
    for item in (
        "coll/vi.res",
        "root.res",
        "vi_VN.res",
        "coll/ucadata.icu",
        "nfkc.nrm",
        "likelySubtags.res",
        "icuver.res",
    ):
        assert is_kept(item), item
    for item in ("coll/zh.res", "fr.res", "lang/de.res", "ibm-37_P100-1995.cnv", "brkitr/thaidict.dict", "uk_UA.res"):
        assert not is_kept(item), item


def test_catalogues_are_compiled_to_the_same_octets_at_any_time(tmp_path: Path) -> None:
    text = tmp_path / "resources/locale/vi/LC_MESSAGES/antin.po"
    text.parent.mkdir(parents=True)
    text.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Sign"\nmsgstr "Ký số"\n',
        encoding="utf-8",
    )
    compile_all(tmp_path, 1_700_000_000)
    with text.with_suffix(".mo").open("rb") as stream:
        compiled = GNUTranslations(stream)
    assert compiled.gettext("Sign") == "Ký số"
    assert compiled.info()["pot-creation-date"] == "2023-11-14 22:13+0000"


def test_the_version_has_its_changes() -> None:
    """One place says the version; the changelog has a section for it."""
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(__version__)}\]", changes, re.MULTILINE)
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
