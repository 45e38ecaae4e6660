"""The PIN stands in no file, output, command line or variable, whatever a run comes to."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.demo.office import DemoOffice
from tests.e2e.command import Antin
from tests.token.build import Misbehaviour, compile_module


def _holding(secret: bytes, folders: list[Path]) -> list[Path]:
    """The files that have the secret in them, those packed in ZIP files too, whole or in UTF-16."""
    spellings = (secret, secret.decode().encode("utf-16-le"))
    found = []
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        contents = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                contents += [packed.read(name) for name in packed.namelist()]
        if any(spelling in content for spelling in spellings for content in contents):
            found.append(path)
    return found


def _said_to_others(process: psutil.Process) -> Iterator[str]:
    """Command lines and variables of a process and all below it."""
    for one in [process, *process.children(recursive=True)]:
        yield from one.cmdline()
        yield from (f"{name}={value}" for name, value in one.environ().items())


@pytest.mark.parametrize("end", ["signed", "wrong PIN", "driver crashes", "program crashes"])
def test_after_a_run_the_pin_is_nowhere(
    antin: Antin,
    office: DemoOffice,
    samples: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    module = compile_module(tmp_path)
    misbehaviour = Misbehaviour(tmp_path / "orders", office.module)
    token = office.tokens["second"]
    pin = "31415926" if end == "wrong PIN" else token.pin
    misbehaviour.order(**{"sign_delay_ms": 1500} if end != "driver crashes" else {"crash_at": "C_Sign"})
    work = tmp_path / "work"
    work.mkdir()
    source = shutil.copy(samples["xlsx"], work)
    words = ["--verbose", "sign", "--module", module, "--token", token.serial, "--pin-file", "-", "--json", source]
    line = [sys.executable, "-X", "faulthandler", "-m", "app.cli.entry", "--data-dir", antin.data_dir, *words]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with subprocess.Popen(
            [str(word) for word in line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=work,
            env={**os.environ, **misbehaviour.environment, "TMPDIR": str(temporary)},
        ) as process:
            assert process.stdin is not None
            process.stdin.write(pin.encode() + b"\n")
            process.stdin.close()
            process.stdin = None
            seen: list[str] = []
            if end in ("signed", "program crashes"):
                _wait_for_signing(misbehaviour, process)
                seen = list(_said_to_others(psutil.Process(process.pid)))
                assert any("pkcs11_bridge.host" in word for word in seen), "the helpers were not looked at"
            if end == "program crashes":
                process.send_signal(11)
            out, err = process.communicate(timeout=100)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert process.returncode == {"signed": 0, "wrong PIN": 3, "driver crashes": 3, "program crashes": -11}[end], err
    assert not [word for word in seen if pin in word]
    assert pin.encode() not in out + err
    bundle = work / "support.zip"
    made = antin("doctor", "--bundle", bundle)
    assert bundle.is_file(), made.out + made.err
    assert pin not in made.out + made.err
    places = [antin.data_dir, work, temporary]
    assert _holding(pin.encode(), places) == []

    with zipfile.ZipFile(bundle, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("planted.txt", f"log in with {pin}")
    planted = antin.data_dir / "deep" / "trace"
    planted.parent.mkdir()
    planted.write_bytes(b"\0" + pin.encode("utf-16-le"))
    assert set(_holding(pin.encode(), places)) == {bundle, planted}, "the way of looking for it does not find it"
    if end == "wrong PIN":  # other tests have the same token, and see its count set back by the right one
        assert antin("sign", "--token", token.serial, "--pin-file", "-", source, stdin=token.pin).code == 0


def _wait_for_signing(misbehaviour: Misbehaviour, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while misbehaviour.calls("C_Sign") == 0 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    assert misbehaviour.calls("C_Sign") > 0
