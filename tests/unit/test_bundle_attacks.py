"""What somebody would try against trust bundles: weak or revoked signers, older ones, imports that were cut off."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from app.bundle import store as bundle_store
from app.bundle.errors import BundleContentWrong, BundleOlder, BundleSignatureWrong, BundleSignerUnknown
from app.bundle.store import BundleStore
from app.journal.ledger import Ledger
from app.journal.selection import Wish
from app.office import Office
from app.paths import RESOURCES
from app.settings import TrustSettings, load
from tests.unit.test_bundles import DAY, NOW, holder, packed, settings, signed
from tests.unit.trust_material import CmsMaker, crl, rsa_key


def test_a_named_signer_with_a_key_that_can_be_broken_is_refused(tmp_path: Path) -> None:
    from hashlib import sha256

    weak = holder("Khóa yếu", key=rsa_key("weak", 1024))
    made = tmp_path / "weak.p7m"
    made.write_bytes(CmsMaker(weak, packed(), attached=True).make())
    store = BundleStore(settings(tmp_path, signers=[sha256(weak.der).hexdigest()]), tmp_path / "all")
    with pytest.raises(BundleSignatureWrong, match="1024"):
        store.take(made)


def test_a_signer_whom_a_list_at_hand_revokes_brings_nothing_new_in(tmp_path: Path) -> None:
    authority = holder("CA của tỉnh", ca=True)
    by = holder("Quản trị", issuer=authority, key=rsa_key("x"))
    (tmp_path / "ca.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "ca.crl").write_bytes(crl(authority, {by.certificate.serial_number: NOW - DAY}, at=NOW))
    plain = settings(tmp_path, authorities=["ca.pem"])
    informed = msgspec.structs.replace(plain, trust=TrustSettings(crls=["ca.crl"]))
    BundleStore(plain, tmp_path / "all").take(signed(tmp_path, packed(1), by))
    with pytest.raises(BundleSignerUnknown):
        BundleStore(informed, tmp_path / "all").take(signed(tmp_path, packed(2), by))
    current = BundleStore(informed, tmp_path / "all").current()
    assert current is not None
    assert current.content.number == 1, "what was taken in stays"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data")


@pytest.fixture
def store(tmp_path: Path, ledger: Ledger) -> BundleStore:
    return BundleStore(settings(tmp_path), tmp_path / "all", ledger.append, lambda: entries(ledger))


def entries(ledger: Ledger) -> list[dict[str, Any]]:
    found = ledger.select(Wish(kinds=(bundle_store.ENTRY,)))
    return [entry.data for entry in found.read(0, len(found))]


def test_an_older_bundle_is_refused_although_the_newer_one_was_deleted(tmp_path: Path, store: BundleStore) -> None:
    newer = signed(tmp_path, packed(5)).rename(tmp_path / "newer.p7m")
    store.take(newer)
    (tmp_path / "data" / "trust" / "bundle.p7m").unlink()
    for octets in (packed(4), packed(5, anchors={})):
        with pytest.raises(BundleOlder, match="5"):
            store.take(signed(tmp_path, octets))
    store.take(newer)
    store.take(signed(tmp_path, packed(6)))
    current = store.current()
    assert current is not None
    assert current.content.number == 6


def test_a_ledger_that_cannot_be_read_keeps_no_bundle_out(tmp_path: Path, ledger: Ledger, store: BundleStore) -> None:
    ledger.path.mkdir(parents=True)
    unrecorded = BundleStore(settings(tmp_path), tmp_path / "all", None, lambda: entries(ledger))
    assert unrecorded.take(signed(tmp_path, packed(1))).bundle.content.number == 1


def test_an_import_that_was_cut_off_before_the_ledger_is_entered_by_the_next(
    tmp_path: Path, ledger: Ledger, store: BundleStore
) -> None:
    made = signed(tmp_path, packed(3))
    BundleStore(settings(tmp_path), tmp_path / "all").take(made)
    assert entries(ledger) == []
    for _again in range(2):
        assert store.take(made).same
    (entry,) = entries(ledger)
    assert entry["number"] == 3
    assert entry["certificate"] == store.look(made).signed.sha256


def test_the_bundle_of_all_users_has_its_rights_before_it_has_its_name(
    tmp_path: Path, store: BundleStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, an administrator's import would leave what no user can read, and stop them all."""
    target, replace, seen = tmp_path / "all" / "bundle.p7m", Path.replace, []

    def looked_at(path: Path, to: Path) -> Path:
        seen.append((to, path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777))
        return replace(path, to)

    monkeypatch.setattr(Path, "replace", looked_at)
    before = os.umask(0o077)
    try:
        store.take(signed(tmp_path, packed(1)), for_all=True)
    finally:
        os.umask(before)
    assert seen == [(target, 0o644, 0o755)]
    target.chmod(0o600)
    store.take(signed(tmp_path, packed(1)), for_all=True)
    assert target.stat().st_mode & 0o777 == 0o644


def test_the_office_knows_which_bundles_its_ledger_has(tmp_path: Path) -> None:
    with Office(settings(tmp_path)) as office:
        newer = signed(tmp_path, packed(5))
        office.bundles().take(newer)
        (tmp_path / "data" / "trust" / "bundle.p7m").unlink()
        with pytest.raises(BundleOlder):
            office.bundles(read_only=True).offered(signed(tmp_path, packed(4)))


def test_a_policy_that_a_bundle_brings_is_told(tmp_path: Path) -> None:
    """A bundle of the user's own folder decides what counts as valid: whoever asks is told so."""
    from click.testing import CliRunner

    from app.cli.main import antin

    data = tmp_path / "data"
    data.mkdir()
    named = settings(tmp_path).bundle.signers[0]
    (data / "settings.toml").write_text(f'[bundle]\nsigners = ["{named}"]\n', encoding="utf-8")

    def told() -> dict[str, Any]:
        shown = CliRunner().invoke(antin, ["--data-dir", str(data), "settings", "--json"])
        rows = {row["name"]: row for row in map(json.loads, shown.stdout.splitlines())}
        return {key: rows["trust.policy"][key] for key in ("origin", "where")}

    assert told() == {"origin": "default", "where": ""}
    policy = (RESOURCES / "policy.toml").read_text(encoding="utf-8")
    with Office(load(data)) as office:
        office.bundles().take(signed(tmp_path, packed(1, policy=policy)))
    assert told() == {"origin": "bundle", "where": str(data / "trust" / "bundle.p7m")}
    (tmp_path / "van-ban.txt").write_text("x", encoding="utf-8")
    checked = CliRunner().invoke(antin, ["--data-dir", str(data), "verify", str(tmp_path / "van-ban.txt")])
    assert "Nguyễn Quản Trị" in checked.stderr


@pytest.mark.parametrize(
    ("system", "folder", "name"),
    [
        ("linux", ".", "x.so"),
        ("linux", "tai-ve", "x.so"),
        ("linux", "/usr/lib", "../../home/x.so"),
        ("macos", "", "x.dylib"),
        ("windows", "System32", "x.dll"),
        ("windows", "\\\\Windows", "x.dll"),
        ("windows", "%ProgramFiles%", "C:x.dll"),
        ("windows", "C:\\\\Windows", "..\\\\x.dll"),
    ],
)
def test_no_list_of_drivers_names_the_working_folder(tmp_path: Path, system: str, folder: str, name: str) -> None:
    folders = {"linux": "[]", "macos": "[]", "windows": "[]", system: f'["{folder}"]'}
    text = "[folders]\n" + "".join(f"{key} = {value}\n" for key, value in folders.items())
    text += f'[[module]]\nvendor = "X"\n{system} = ["{name}"]\n'
    with pytest.raises(BundleContentWrong, match=r"absolute|leads out"):
        packed(1, modules=text)
    assert packed(1, modules=(RESOURCES / "pkcs11-modules.toml").read_text(encoding="utf-8"))
