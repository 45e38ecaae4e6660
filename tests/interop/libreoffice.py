"""LibreOffice as a second opinion on our signatures: headless, driven by UNO from the system's own Python.

It says nothing about forgeries (it calls many of them valid); it says whether other programs read what we write.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.demo.pki import Credential

_START_SECONDS = 60
_SYSTEM_PYTHON = "/usr/bin/python3"
_START_AGAIN = 81
_TRUSTED = "CT,C,C"


@dataclass(frozen=True)
class SignatureState:
    """What LibreOffice says of one signature.

    :ivar valid: value and digests hold.
    :ivar trusted: its certificate leads to one of the certificate authorities given.
    :ivar partial: always true for Office packages, where LibreOffice itself leaves the metadata unsigned.
    :ivar subject: the signer's name.
    :ivar date: claimed day, as ``YYYYMMDD``.
    """

    valid: bool
    trusted: bool
    partial: bool
    subject: str
    date: int


class LibreOfficeFailed(Exception):
    pass


class LibreOffice:
    """A running LibreOffice that trusts some certificate authorities; a context manager."""

    def __init__(self, ca_certificates: Sequence[bytes], signer: Credential | None = None) -> None:
        """
        :param ca_certificates: DER.
        :param signer: whose key :meth:`sign` uses.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="antin-libreoffice-", ignore_cleanup_errors=True)
        root = Path(self._folder.name)
        database = f"sql:{root / 'nss'}"
        (root / "nss").mkdir()
        _certutil("-N", "-d", database, "--empty-password")
        for number, certificate in enumerate(ca_certificates):
            file = root / f"{number}.der"
            file.write_bytes(certificate)
            _certutil("-A", "-d", database, "-n", f"ca-{number}", "-t", _TRUSTED, "-i", str(file))
        if signer is not None:
            _import_key(root, database, signer)
        pipe = f"antin{uuid.uuid4().hex}"
        environment = os.environ | {"MOZILLA_CERTIFICATE_FOLDER": database, "HOME": str(root)}
        command = [
            _program(),
            f"-env:UserInstallation={(root / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
        ]
        _make_profile(command, environment)
        script = Path(__file__).with_name("libreoffice_uno.py")
        self._helper = subprocess.Popen(
            [_SYSTEM_PYTHON, str(script), pipe, str(_START_SECONDS), *command, f"--accept=pipe,name={pipe};urp;"],
            env={name: value for name, value in environment.items() if not name.startswith("PYTHON")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def __enter__(self) -> LibreOffice:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def verify(self, path: Path) -> list[SignatureState]:
        """What LibreOffice says of the signatures in a .docx, .xlsx, .pptx, .odt… or .pdf.

        :raises LibreOfficeFailed: it could not read the file or stopped working.
        """
        answer = self._ask(path=str(path.resolve()))
        return [
            SignatureState(one["valid"], one["certificate_status"] == 0, one["partial"], one["subject"], one["date"])
            for one in answer["signatures"]
        ]

    def store(self, source: Path, target: Path, filter_name: str) -> None:
        """Open a document and save it anew, as LibreOffice writes it.

        :param filter_name: such as ``MS Word 2007 XML``.
        """
        self._ask(path=str(source.resolve()), store=str(target.resolve()), filter=filter_name)

    def sign(self, path: Path) -> None:
        """Let LibreOffice sign an Office package in place."""
        self._ask(sign=str(path.resolve()))

    def close(self) -> None:
        assert self._helper.stdin is not None and self._helper.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._helper.stdin.close()
        try:
            self._helper.wait(20)
        except subprocess.TimeoutExpired:
            self._helper.kill()
            self._helper.wait()
        self._helper.stdout.close()
        self._folder.cleanup()

    def _ask(self, **order: str) -> dict[str, Any]:
        assert self._helper.stdin is not None
        self._helper.stdin.write(json.dumps(order) + "\n")
        self._helper.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._helper.stdout is not None
        line = self._helper.stdout.readline()
        if not line:
            raise LibreOfficeFailed("it stopped working")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LibreOfficeFailed(answer["error"])
        return answer


_running: tuple[tuple[bytes, ...], LibreOffice] | None = None


def verify(path: Path, ca_certificates: Sequence[bytes]) -> list[SignatureState]:
    """As :meth:`LibreOffice.verify`, with one LibreOffice kept for all calls that trust the same authorities.

    :param ca_certificates: DER.
    """
    return running(ca_certificates).verify(path)


def running(ca_certificates: Sequence[bytes]) -> LibreOffice:
    """The LibreOffice that trusts these authorities (DER), started where none or another runs."""
    global _running
    trusted = tuple(ca_certificates)
    if _running is None or _running[0] != trusted:
        _stop()
        _running = trusted, LibreOffice(trusted)
        atexit.register(_stop)
    return _running[1]


def _stop() -> None:
    global _running
    if _running is not None:
        _running[1].close()
        _running = None


def _program() -> str:
    """The program itself, not its starting script, so that ending it by its id ends all of it."""
    for folder in ("/usr/lib/libreoffice/program", "/opt/libreoffice/program"):
        program = Path(folder) / "soffice.bin"
        if program.exists():
            return str(program)
    raise LibreOfficeFailed("LibreOffice is not installed (Debian: libreoffice-core-nogui, libreoffice-writer-nogui)")


def _make_profile(command: Sequence[str], environment: dict[str, str]) -> None:
    """The first start only writes the profile and asks, by its exit code, to be started again."""
    first = subprocess.run(
        [*command, "--terminate_after_init"], env=environment, capture_output=True, timeout=_START_SECONDS
    )
    if first.returncode not in (0, _START_AGAIN):
        raise LibreOfficeFailed(f"it ended with {first.returncode} at its first start")


def _import_key(root: Path, database: str, signer: Credential) -> None:
    file = root / "signer.p12"
    encryption = serialization.BestAvailableEncryption(b"x")
    certificate = x509.load_der_x509_certificate(signer.certificate)
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(b"signer", signer.private_key, certificate, None, encryption)
    )
    subprocess.run(["pk12util", "-i", str(file), "-d", database, "-W", "x", "-K", ""], check=True, capture_output=True)


def _certutil(*arguments: str) -> None:
    subprocess.run(["certutil", *arguments], check=True, capture_output=True)
