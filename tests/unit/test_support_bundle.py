"""Nothing in the file for support says whose it is, wherever that was written before."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import unicodedata
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import msgspec
import pytest

from app import __version__
from app.doctor.finding import Finding
from app.errors import TargetExists
from app.office import Office
from app.settings import Settings, load
from app.support import bundle, crashes, harmless, log
from tests.demo.office import DemoOffice

SECRETS = {
    "person": "Đặng Thị Kim Thoa",
    "part of a name": "Thoa",
    "place": "Trường Khánh",
    "part of a title": "điều động",
    "agency": "Ủy ban nhân dân xã Trường Khánh",
    "title": "Về việc điều động cán bộ địa chính",
    "number": "1347/QĐ-UBND",
    "file name": "Quyết định điều động.pdf",
    "user": "kimthoa.dt",
    "home": "/home/kimthoa.dt/Bàn làm việc",
    "host": "may-tram-vanthu-07",
    "server": "tsa.truongkhanh.example",
    "PIN": "73915468",
    "password": "Mật-khẩu-Kho-9",
    "token serial": "5A77C0FFEE19",
    "certificate serial": "54010123456789abcdef",
    "subject": "CN=Đặng Thị Kim Thoa,O=UBND xã Trường Khánh,L=Sóc Trăng,C=VN",
}


def forms(secret: str) -> set[bytes]:
    """A text as it may stand in a file: composed or not, without accents, escaped, in other encodings."""
    decomposed = unicodedata.normalize("NFD", secret)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace("Đ", "D").replace("đ", "d")
    texts: set[str] = set()
    for text in (unicodedata.normalize("NFC", secret), decomposed, bare):
        texts |= {text, text.lower(), text.upper(), quote(text), quote_plus(text), json.dumps(text)[1:-1]}
    found = {text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {base64.b64encode(secret.encode()), secret.encode().hex().encode()}
    found |= {text.encode("cp1258") for text in texts if text.isascii()}
    return {form for form in found if len(form) > 3}


def found_in(path: Path, secrets: dict[str, str]) -> set[str]:
    """Which secrets stand anywhere in a ZIP: in its octets, its names and comments, or what is packed in it."""
    with zipfile.ZipFile(path) as packed:
        names = [*packed.namelist(), *(info.comment.decode() for info in packed.infolist()), packed.comment.decode()]
        contents = [path.read_bytes(), "\n".join(names).encode(), *(packed.read(name) for name in packed.namelist())]
    whole = b"\0\0".join([*contents, *(content.lower() for content in contents)])
    return {name for name, secret in secrets.items() if any(form in whole for form in forms(secret))}


@pytest.fixture
def planted(data_dir: Path, office: DemoOffice, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, list[Finding]]:
    """Every place that the program writes to or reads from, full of secrets."""
    whole = " ".join(SECRETS.values())
    settings_file = data_dir / "settings.toml"
    written = settings_file.read_text(encoding="utf-8")
    written = written.replace(
        'name = "', f'parent = "{SECRETS["agency"]}"\nsignature_holder = "{SECRETS["person"]}"\nname = "', 1
    )
    settings_file.write_text(
        written.replace(
            "tsa_url = ",
            f'proxy = "http://{SECRETS["user"]}:{SECRETS["password"]}@{SECRETS["server"]}:8080"\ntsa_url = ',
            1,
        ),
        encoding="utf-8",
    )
    settings = load(data_dir)
    assert settings.agency.parent == SECRETS["agency"]
    for name in ("USER", "USERNAME", "LOGNAME", "HOSTNAME", "COMPUTERNAME", "HOME", "SSH_CLIENT"):
        monkeypatch.setenv(name, whole)
    with Office(settings) as opened:
        opened.ledger.append("sign", input=SECRETS["home"], signer=SECRETS["subject"], token=SECRETS["token serial"])
    kept = settings.archive_dir / "2026" / SECRETS["file name"]
    kept.parent.mkdir(parents=True)
    kept.write_text(whole, encoding="utf-8")
    _plant_log(data_dir, whole)
    _plant_crashes(data_dir, whole)
    secrets = list(SECRETS.values())
    findings = [
        Finding(
            "data", "fail", whole, whole, SECRETS["user"], {"free_mib": 17, "place": SECRETS["home"], "by": secrets[0]}
        ),
        Finding("tokens", "ok", whole, whole, facts={"serial": SECRETS["token serial"], "certificates": 3}),
        Finding("modules", "ok", whole, facts={"driver1": "libsofthsm2.so", "driver2": f"{SECRETS['home']}/x.so"}),
    ]
    return settings, findings


def _plant_log(data_dir: Path, whole: str) -> None:
    now = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)
    fields = ("process", "version", "command", "error", "check", "status")
    lines = [msgspec.json.encode(log.Line(now, 7, "error", **{field: whole})) for field in fields]  # type: ignore[arg-type]
    lines += [msgspec.json.encode(log.Line(now, 7, "error", error=word)) for word in SECRETS.values()]
    lines += [msgspec.json.encode(log.Line(now, 7, "crash", places=(whole, f"app/{SECRETS['user']}.py:3")))]
    lines += [msgspec.json.encode({"time": now, "pid": 7, "event": whole, whole: whole}), whole.encode()]
    lines += [whole.encode("utf-16"), b'{"time": "' + whole.encode()]
    lines += [msgspec.json.encode(log.Line(now, 41, "ended", "command", command="sign", code=0, seconds=1.5))]
    folder = log.folder(data_dir)
    folder.mkdir()
    (folder / "antin.log").write_bytes(b"\n".join(lines))
    (folder / "antin.log.1").write_text(whole, encoding="utf-8")
    (folder / SECRETS["file name"]).write_text(whole, encoding="utf-8")


def _plant_crashes(data_dir: Path, whole: str) -> None:
    now = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)
    folder = crashes.folder(data_dir)
    folder.mkdir()
    report = crashes.Report(now, "stopped", whole, whole, whole, (whole, f"{SECRETS['user']}:3"), whole, whole)
    (folder / "one.json").write_bytes(msgspec.json.encode(report))
    (folder / "two.told").write_text(whole, encoding="utf-8")
    for number, word in enumerate(SECRETS.values()):
        report = crashes.Report(now, "module", "1.0", error=word, places=(f"{word}:3",), driver=word, call=word)
        (folder / f"{number}.json").write_bytes(msgspec.json.encode(report))
    (folder / f"running-{SECRETS['user']}-1.trace").write_text(
        f"Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"
        f'  File "{SECRETS["home"]}/app/office.py", line 12 in {SECRETS["user"]}\n'
        f'  File "{SECRETS["home"]}/{SECRETS["file name"]}", line 3 in {SECRETS["person"]}\n\n{whole}\n',
        encoding="utf-8",
    )


def test_no_secret_planted_anywhere_is_in_it(
    planted: tuple[Settings, list[Finding]], office: DemoOffice, tmp_path: Path
) -> None:
    path = tmp_path / "ho-tro.zip"
    parts = bundle.compose(*planted)
    bundle.write(path, parts)
    tokens = {f"token {name}": token.serial for name, token in office.tokens.items()}
    holders = {f"holder {name}": token.holder for name, token in office.tokens.items()}
    more = {"data folder": str(planted[0].data_dir), "this host": os.uname().nodename}
    assert found_in(path, SECRETS | tokens | holders | more) == set()
    assert [part.name for part in parts] == zipfile.ZipFile(path).namelist(), "what was shown is what is saved"


def test_the_search_for_secrets_finds_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "planted.zip"
    for name, secret in SECRETS.items():
        for form in (secret.encode(), unicodedata.normalize("NFD", secret).encode("utf-16-le"), quote(secret).encode()):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("log.txt", b"\0" + form)
            assert name in found_in(path, {name: secret}), form


def test_what_support_needs_is_in_it(planted: tuple[Settings, list[Finding]]) -> None:
    texts = {part.name: part.text for part in bundle.compose(*planted)}
    assert "data: fail" in texts["doctor.txt"] and "free_mib=17" in texts["doctor.txt"]
    assert "driver1=libsofthsm2.so" in texts["doctor.txt"]
    assert f"antin {__version__}" in texts["versions.txt"]
    assert "network.proxy = (set) (user)" in texts["settings.txt"]
    assert "network.online = true" in texts["settings.txt"]
    assert "command=sign code=0 seconds=1.500" in texts["log.txt"]
    assert "lines not shown" in texts["log.txt"]
    assert "Segmentation fault" in texts["crashes.txt"] and "app/office.py:12" in texts["crashes.txt"]


def test_a_file_for_support_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ho-tro.zip"
    path.write_bytes(b"mine")
    with pytest.raises(TargetExists):
        bundle.write(path, [bundle.Part("README.txt", "")])
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/an/.venv/lib/python3.11/site-packages/app/office.py", "app/office.py:5"),
        (r"C:\Users\An\AppData\Ấn Tín\ui\pages\sign.py", "ui/pages/sign.py:5"),
        ("/home/an/app/nguyen_van_an.py", "█████:5"),
        ("/home/an/lib/site-packages/pyhanko/sign/nguyen.py", "pyhanko:5"),
        ("/usr/lib/python3.11/threading.py", "threading:5"),
        ("/home/nguyen/van_an.py", "█████:5"),
        ("<string>", "█████:5"),
    ],
)
def test_a_line_of_a_traceback_names_the_program_s_files_only(file: str, shown: str) -> None:
    assert harmless.place(file, 5) == shown
    assert harmless.placed(shown) == (shown if "█" not in shown else harmless.BLACK)


def test_a_log_and_reports_that_a_disk_or_a_hand_spoilt_keep_nobody_from_support(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    (data / "crashes").mkdir()
    good = b'{"time":"2026-01-02T00:00:00Z","pid":1,"event":"error","error":"disk-full"}\n'
    spoilt = (
        good.replace(b"disk-full", b"\xff\xfe"),
        good.replace(b'"pid":1', b'"pid":1,"more":' + b"[" * 100_000),
        good.replace(b"2026-01-02T00:00:00Z", b"0001-01-01T00:00:00+14:00"),
        good.replace(b"2026-01-02T00:00:00Z", b"0001-01-01T00:00:00"),
        b"\0" * 4096 + b"\n",
    )
    (data / "logs" / "antin.log").write_bytes(b"".join(spoilt) + good)
    for number, line in enumerate((*spoilt, good)):
        report = line.replace(b'"pid":1', b'"kind":"error","version":"1.0"')
        (data / "crashes" / f"{number}.json").write_bytes(report)
    parts = {part.name: part.text for part in bundle.compose(Settings(data_dir=data), [])}
    assert parts["log.txt"].splitlines() == [
        "2026-01-02T00:00:00Z 1 error error=disk-full",
        f"{len(spoilt)} lines not shown",
    ]
    assert parts["crashes.txt"].count("2026-01-02T00:00:00Z error antin 1.0") == 1
    assert len(crashes.reports(data)) == 1
