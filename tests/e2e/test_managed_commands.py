"""The commands on a workstation that IT staff manage: locks that hold, trust bundles from one office to another."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.demo.office import DemoOffice
from tests.e2e.command import Answer, Antin

#: The command on a system whose managed file and folder for all users are others. Only the test's own program says so:
#: no option or variable of the real one does.
_PROGRAM = """
import sys
from pathlib import Path
from app import system
from app.system.linux import Linux
place = Path(sys.argv.pop(1))
system.here = lambda: Linux(place / "managed.toml", place / "all")
from app.cli.entry import main
sys.exit(main())
"""


class ManagedAntin(Antin):
    """``antin`` on a computer whose managed file lies in ``place``."""

    def __init__(self, data_dir: Path, place: Path) -> None:
        super().__init__(data_dir)
        self.place = place
        place.mkdir(exist_ok=True)

    def __call__(self, *words: object, stdin: str = "", env: dict[str, str] | None = None) -> Answer:
        line = [sys.executable, "-c", _PROGRAM, str(self.place), *map(str, words)]
        done = subprocess.run(
            line,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            env={**os.environ, "ANTIN_DATA_DIR": str(self.data_dir), **(env or {})},
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def managed(data_dir: Path, tmp_path: Path) -> ManagedAntin:
    return ManagedAntin(data_dir, tmp_path / "computer")


def test_settings_are_told_with_origin_and_lock(managed: ManagedAntin) -> None:
    (managed.place / "managed.toml").write_text('locked = ["language"]\n[agency]\nname = "Sở Y tế"\n')
    answer = managed("settings", "--json")
    assert answer.code == 0, answer.err
    rows = {row["name"]: row for row in answer.rows}
    assert rows["agency.name"] == {
        "name": "agency.name",
        "value": "Sở Y tế",
        "origin": "managed",
        "where": str(managed.place / "managed.toml"),
        "locked": False,
        "overruled": True,
    }
    assert rows["language"]["locked"] is True
    assert rows["tokens.modules"]["origin"] == "user"
    assert rows["network.proxy"]["origin"] == "default"
    assert rows["data_dir"]["origin"] == "command"
    told = managed("settings", "--explain")
    assert 'agency.name = "Sở Y tế"' in told.out
    assert "đã khóa" in " ".join(told.out.split())
    assert "Tên đầy đủ như ghi trên văn bản." in " ".join(told.out.split())


@pytest.mark.parametrize(
    "words",
    [
        ("--lang", "en", "trust", "list"),
        ("sign", "--tsa", "http://127.0.0.1:1/own", "{pdf}"),
        ("sign", "--level", "T", "{pdf}"),
        ("sign", "--module", "/opt/own/p11.so", "{pdf}"),
        ("upgrade", "--tsa", "http://127.0.0.1:1/own", "--level", "T", "{pdf}"),
        ("verify", "--trust-root", "{root}", "{pdf}"),
        ("verify", "--crl", "{root}", "{pdf}"),
        ("verify", "--online", "{pdf}"),
        ("trust", "update", "--online"),
        ("trust", "add", "--yes", "{root}"),
        ("--settings", "{own}", "verify", "{pdf}"),
        ("--data-dir", "{folder}", "verify", "{pdf}"),
    ],
    ids=lambda words: " ".join(word for word in words if not word.startswith("{")),
)
def test_a_locked_value_is_not_escaped(
    managed: ManagedAntin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, words: tuple[str, ...]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[network]\nonline = true\n", encoding="utf-8")
    (managed.place / "managed.toml").write_text(
        f"""locked = true
language = "vi"
data_dir = "{managed.data_dir}"
[signing]
level = "B"
[tokens]
modules = ["{office.module}"]
use_known_modules = false
[network]
online = false
tsa_url = "{office.pki.tsa_url}"
[trust]
roots = ["{office.pki.root_certificate}"]
crls = []
own_anchors = false
"""
    )
    given = {
        "{pdf}": samples["quyet_dinh_pdf"],
        "{root}": office.pki.stranger_root_certificate,
        "{own}": own,
        "{folder}": tmp_path / "elsewhere",
    }
    answer = managed(*(given.get(word, word) for word in words))
    assert answer.code in (1, 2)
    told = " ".join(answer.err.split())
    assert str(managed.place / "managed.toml")[-20:] in told.replace(" ", "") or "own_anchors" in told
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("variable", ["ANTIN_DATA_DIR", "XDG_DATA_HOME", "HOME", "USER", "XDG_CONFIG_DIRS"])
def test_no_variable_of_the_environment_leads_away_from_a_lock(
    managed: ManagedAntin, tmp_path: Path, variable: str
) -> None:
    (managed.place / "managed.toml").write_text(
        f'locked = true\ndata_dir = "{managed.data_dir}"\n[network]\nonline = false\n'
    )
    other = tmp_path / "other"
    for folder in (other, other / "antin"):
        folder.mkdir()
        (folder / "settings.toml").write_text("[network]\nonline = true\n")
        (folder / "managed.toml").write_text("")
    answer = managed("settings", "--json", env={variable: str(other)})
    if variable == "ANTIN_DATA_DIR":
        assert answer.code == 2
        assert "data_dir" in answer.err
    else:
        rows = {row["name"]: row["value"] for row in answer.rows}
        assert rows["network.online"] is False
        assert rows["data_dir"] == str(managed.data_dir)


def test_a_home_in_which_nothing_can_be_written_is_told_and_settings_are_still_shown(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    antin = ManagedAntin(tmp_path / "home" / "data", tmp_path / "computer")
    assert antin("settings", "--json").code == 0
    (tmp_path / "x.p7m").write_bytes(b"x")
    answer = antin("bundle", "import", tmp_path / "x.p7m")
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_managed_file_that_cannot_be_used_stops_every_command_with_its_reason(managed: ManagedAntin) -> None:
    (managed.place / "managed.toml").write_text("[network]\nonlin = true\n")
    answer = managed("trust", "list")
    assert answer.code == 2
    assert "onlin" in answer.err
    assert "managed.toml" in answer.err
    assert "Traceback" not in answer.err


def test_a_network_locked_on_hinders_no_command_that_needs_none(managed: ManagedAntin) -> None:
    (managed.place / "managed.toml").write_text("locked = true\n[network]\nonline = true\n")
    shown = managed("bundle", "show")
    assert shown.code == 0, shown.err
    taken = managed("trust", "import-crl", managed.place / "managed.toml")
    assert taken.code == 1, taken.err
    assert "--offline" not in taken.err


def test_a_bundle_made_with_a_token_makes_a_workstation_without_internet_trust(
    antin: Antin, managed: ManagedAntin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path
) -> None:
    token = office.tokens["leader"]
    signed = antin(
        "sign", "--out", tmp_path, "--token", token.serial, "--pin-file", "-", "--json", samples["quyet_dinh_pdf"],
        stdin=token.pin,
    )  # fmt: skip
    assert signed.code == 0, signed.err
    document = signed.rows[0]["output"]
    lists = tmp_path / "lists.crl"
    for issuer in ("root", "issuing"):
        lists.write_bytes(office.pki.crl(issuer))
        assert antin("trust", "import-crl", lists).code == 0
    bundle = tmp_path / "goi.p7m"
    made = antin("bundle", "make", bundle, "--token", token.serial, "--pin-file", "-", "--json", stdin=token.pin)
    assert made.code == 0, made.err
    (row,) = made.rows
    assert row["anchors"] >= 1
    assert row["crls"] == 2
    assert antin("bundle", "make", bundle, "--token", token.serial, "--pin-file", "-", stdin=token.pin).code == 2

    (managed.data_dir / "settings.toml").write_text("[tokens]\nuse_known_modules = false\n", encoding="utf-8")
    for kept in ("trust", "cache"):
        (managed.data_dir / kept).rename(tmp_path / f"{kept}-of-the-other")
    fingerprint = sha256(office.pki.certificate(token.name)).hexdigest()
    assert row["certificate"] == fingerprint
    (managed.place / "managed.toml").write_text(f'locked = true\n[bundle]\nsigners = ["{fingerprint}"]\n')
    before = managed("verify", "--offline", "--json", document)
    assert before.rows[0]["conclusion"] == "indeterminate"
    shown = managed("bundle", "show", bundle, "--json")
    assert shown.rows[0]["number"] == row["number"]
    taken = managed("bundle", "import", "--for-all", bundle)
    assert taken.code == 0, taken.err
    assert "tin cậy thêm" in taken.out
    after = managed("verify", "--offline", "--json", document)
    assert after.rows[0]["conclusion"] in ("valid", "warning"), after.rows[0]

    second = ManagedAntin(tmp_path / "second-user", managed.place)
    found = second("verify", "--offline", "--json", document).rows[0]
    assert found["conclusion"] in ("valid", "warning"), found
    again = managed("bundle", "import", bundle)
    assert again.code == 0
    assert "không có gì thay đổi" in again.err
    (managed.place / "managed.toml").write_text(f'locked = true\n[bundle]\nsigners = ["{"0" * 64}"]\n')
    refused = managed("verify", "--offline", "--json", document)
    assert refused.code == 2
    assert "bundle.signers" in refused.err
