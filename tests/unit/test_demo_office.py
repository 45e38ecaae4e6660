"""The demo office is what the other tests take it for."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509

from app.settings import Settings
from tests.demo.office import DemoOffice, ForeignFolder, build
from tests.demo.pki import AGENCY, Pki
from tests.demo.services import Services, ServicesNotStarted, child, listen


def openssl(*arguments: object) -> str:
    return subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, check=True, timeout=20
    ).stdout


def test_tokens_sign_with_the_certified_key(office: DemoOffice, tmp_path: Path) -> None:
    """A child process logs in with the PIN of each token; openssl checks the signature by the certificate."""
    script = (
        "import sys, pkcs11; from pkcs11 import ObjectClass, Attribute as A, Mechanism as M\n"
        "module, serial, pin, key_id, mechanism = sys.argv[1:]\n"
        "t = next(t for t in pkcs11.lib(module).get_tokens() if t.serial == serial.encode())\n"
        "with t.open(user_pin=pin) as s:\n"
        "    [c] = s.get_objects({A.CLASS: ObjectClass.CERTIFICATE})\n"
        "    assert c[A.ID] == bytes.fromhex(key_id)\n"
        "    [k] = s.get_objects({A.CLASS: ObjectClass.PRIVATE_KEY, A.ID: c[A.ID]})\n"
        "    assert k[A.SENSITIVE] and not k[A.EXTRACTABLE]\n"
        "    sys.stdout.write((k.sign(bytes(32), mechanism=M[mechanism])).hex())\n"
    )
    assert {name: token.serial for name, token in office.tokens.items()}.keys() == {"leader", "seal", "second"}
    for name, token in office.tokens.items():
        mechanism = "ECDSA" if name == "second" else "SHA256_RSA_PKCS"
        arguments = [office.module, token.serial, token.pin, token.key_id.hex(), mechanism]
        reply = subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=True, timeout=20
        )
        signature = bytes.fromhex(reply.stdout)
        key = x509.load_der_x509_certificate(token.certificate).public_key()
        if name == "second":
            assert len(signature) == 64
        else:
            (tmp_path / "signature").write_bytes(signature)
            (tmp_path / "data").write_bytes(bytes(32))
            (tmp_path / "certificate.der").write_bytes(token.certificate)
            openssl("x509", "-in", tmp_path / "certificate.der", "-inform", "der", "-pubkey", "-noout",
                    "-out", tmp_path / "key.pem")  # fmt: skip
            told = openssl("dgst", "-sha256", "-verify", tmp_path / "key.pem", "-signature", tmp_path / "signature",
                           tmp_path / "data")  # fmt: skip
            assert told == "Verified OK\n"
        assert key.public_numbers() == office.pki.private_key(name).public_key().public_numbers()


def test_labels_fit_a_token(office: DemoOffice) -> None:
    """CK_TOKEN_INFO holds 32 bytes of UTF-8 (PKCS#11, 3.2)."""
    assert all(len(token.label.encode()) <= 32 for token in office.tokens.values())
    assert len({token.pin for token in office.tokens.values()}) == 3


def test_subscribers_are_valid_as_named(pki: Pki) -> None:
    now = dt.datetime.now(dt.UTC)

    def period(name: str) -> tuple[dt.datetime, dt.datetime]:
        certificate = x509.load_der_x509_certificate(pki.certificate(name))
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc

    for name in ("leader", "seal", "second", "other", "p384", "weak", "revoked", "tsa", "issuing", "root"):
        since, until = period(name)
        assert since < now < until, name
    assert period("expired")[1] < now < period("future")[0]
    seal = x509.load_der_x509_certificate(pki.certificate("seal")).subject
    names = [
        seal.get_attributes_for_oid(oid)[0].value for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)
    ]
    assert names == [AGENCY, AGENCY]


@pytest.mark.parametrize(("name", "status"), [("leader", "good"), ("revoked", "revoked")])
def test_ocsp_and_crl_agree(pki: Pki, services: Services, tmp_path: Path, name: str, status: str) -> None:
    certificate = x509.load_der_x509_certificate(pki.certificate(name))
    (tmp_path / "certificate.der").write_bytes(pki.certificate(name))
    openssl("x509", "-in", tmp_path / "certificate.der", "-inform", "der", "-out", tmp_path / "certificate.pem")
    told = openssl("ocsp", "-issuer", pki.issuing_certificate, "-cert", tmp_path / "certificate.pem",
                   "-url", pki.ocsp_url, "-CAfile", pki.root_certificate)  # fmt: skip
    assert f"certificate.pem: {status}" in told
    with urllib.request.urlopen(pki.crl_url, timeout=10) as reply:
        crl = x509.load_der_x509_crl(reply.read())
    revoked = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    assert (revoked is not None) == (status == "revoked")
    assert services.requests == ["/demo/ocsp/issuing", "/demo/crls/issuing/latest.crl"]


def _stamp(pki: Pki, folder: Path) -> str:
    """Ask for a time stamp and have openssl check it; what openssl reads in it."""
    (folder / "data").write_bytes(b"data")
    openssl("ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", folder / "query")
    request = urllib.request.Request(
        pki.tsa_url, (folder / "query").read_bytes(), {"Content-Type": "application/timestamp-query"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        (folder / "reply").write_bytes(reply.read())
    openssl("ts", "-verify", "-queryfile", folder / "query", "-in", folder / "reply", "-CAfile", pki.root_certificate)
    return openssl("ts", "-reply", "-in", folder / "reply", "-text")


def test_time_stamps(pki: Pki, services: Services, tmp_path: Path) -> None:
    with services.at(dt.datetime(2025, 3, 4, 5, 6, 7, tzinfo=dt.UTC)):
        assert "Time stamp: Mar  4 05:06:07 2025 GMT" in _stamp(pki, tmp_path)
    assert f" {dt.datetime.now(dt.UTC).year} GMT" in _stamp(pki, tmp_path)


def test_services_fail_on_request(pki: Pki, services: Services, tmp_path: Path) -> None:
    with services.failing("tsa", status=503), pytest.raises(urllib.error.HTTPError) as caught:
        _stamp(pki, tmp_path)
    assert caught.value.code == 503
    _stamp(pki, tmp_path)


def test_strangers_bear_the_same_names_over_other_keys(pki: Pki) -> None:
    for name in ("root", "issuing", "leader", "seal"):
        ours, theirs = (x509.load_der_x509_certificate(pki.certificate(name, stranger=s)) for s in (False, True))
        assert ours.subject == theirs.subject
        assert ours.public_key() != theirs.public_key()


def test_settings_lead_to_the_office(office: DemoOffice, settings: Settings, offline_settings: Settings) -> None:
    assert [Path(module) for module in settings.tokens.modules] == [office.module]
    assert [settings.resolve(root) for root in settings.trust.roots] == [office.pki.root_certificate]
    assert settings.data_dir != office.data_dir
    assert (settings.network.online, offline_settings.network.online) == (True, False)
    assert settings.network.tsa_url == office.pki.tsa_url


def test_an_office_is_taken_up_again_or_made_anew(office: DemoOffice, tmp_path: Path) -> None:
    root = tmp_path / "again"
    shutil.copytree(office.root, root)
    again = build(root)
    assert again.tokens == office.tokens
    assert os.fspath(root / "tokens") in again.softhsm_conf.read_text(encoding="utf-8")
    (again.data_dir / "filed").write_text("gone with the old office")
    state = json.loads((root / "office.json").read_text(encoding="utf-8"))
    (root / "office.json").write_text(json.dumps({**state, "made_by": "an older version"}), encoding="utf-8")
    anew = build(root)
    assert anew.tokens["leader"].certificate != office.tokens["leader"].certificate
    assert not (anew.data_dir / "filed").exists()


@pytest.mark.parametrize(("name", "bound"), [("leader", "valid-to"), ("future", "valid-from")])
def test_certificates_near_their_end_are_not_current(pki: Pki, name: str, bound: str) -> None:
    configuration = json.loads((pki.folder / "certomancer.json").read_text(encoding="utf-8"))
    assert Pki(pki.folder, configuration).is_current()
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    configuration["pki-architectures"]["demo"]["certs"][name]["validity"][bound] = soon.isoformat()
    assert not Pki(pki.folder, configuration).is_current()


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    (tmp_path / "data").mkdir()
    with pytest.raises(ForeignFolder):
        build(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "thesis.docx"]


def test_services_of_the_demo_end_with_their_parent(office: DemoOffice, tmp_path: Path) -> None:
    root = tmp_path / "again"
    shutil.copytree(office.root / "pki", root)
    configuration = json.loads((root / "certomancer.json").read_text(encoding="utf-8"))
    with listen() as listener:
        port = listener.getsockname()[1]
    configuration["external-url-prefix"] = f"http://127.0.0.1:{port}"
    (root / "certomancer.json").write_text(json.dumps(configuration), encoding="utf-8")
    with child(root):
        with urllib.request.urlopen(Pki(root).crl_url, timeout=10) as reply:
            assert reply.status == 200
        with pytest.raises(ServicesNotStarted), child(root):
            pass
    with listen(port):
        pass
