"""Which anchors count: shipped, of the settings, and what the office itself decided."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization

from app.office import Office
from app.paths import RESOURCES
from app.settings import Settings, TrustSettings
from app.trust import pem, shipped
from app.trust.anchors import Anchors, Authority, Origin, Role
from app.trust.certificate import read_certificate
from app.trust.errors import (
    AnchorAmbiguous,
    AnchorFingerprintDiffers,
    AnchorKnown,
    AnchorNotAuthority,
    AnchorOfSettings,
    AnchorUnknown,
    OwnAnchorsDamaged,
    ShippedAnchorsDamaged,
)
from app.trust.shipped import Domain
from app.trust.store import TrustStore
from tests.unit.trust_material import Holder, certificate, ec_key

GOVERNMENT_ROOT = "f04ba4b459a7c9a1b971ad9b1cb833e695a80c79aea63b174b66a70edfe2fdb8"


class Recorder:
    """Keeps what would stand in the ledger."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, **data: Any) -> None:
        self.entries.append((kind, data))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.entries]


@pytest.fixture
def record() -> Recorder:
    return Recorder()


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Settings of an office with the shipped anchors and nothing else."""
    return Settings(data_dir=tmp_path / "data", base=tmp_path)


@pytest.fixture
def anchors(own: Settings, record: Recorder) -> Anchors:
    return Anchors(own, record)


def _file(path: Path, *holders: Holder) -> Path:
    path.write_bytes(b"".join(item.certificate.public_bytes(serialization.Encoding.PEM) for item in holders))
    return path


def _fingerprints(settings: Settings) -> set[str]:
    return {anchor.sha256 for anchor in TrustStore.from_settings(settings).anchors}


def _one(anchors: Anchors, sha256: str) -> Authority:
    (found,) = [item for item in anchors.authorities(issuers=True, removed=True) if item.sha256 == sha256]
    return found


def test_every_shipped_root_is_named_with_its_domain() -> None:
    named = {anchor.sha256: anchor for anchor in shipped.anchors()}
    files = {
        hashlib.sha256(data).hexdigest()
        for path in (RESOURCES / "trust/roots").glob("*")
        for data in pem.certificates(path)
    }
    assert named.keys() == files
    assert [item.sha256 for item in named.values() if item.domain is Domain.GOVERNMENT] == [GOVERNMENT_ROOT]
    assert {item.domain for item in named.values()} == {Domain.GOVERNMENT, Domain.PUBLIC}
    assert all(item.source for item in named.values())
    table = (RESOURCES / "trust/README.md").read_text(encoding="utf-8")
    assert all(sha256 in table for sha256 in named)


def test_an_exchanged_root_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "roots").mkdir()
    _file(tmp_path / "roots/root.pem", certificate("RootCA giả", ca=True))
    (tmp_path / "anchors.toml").write_text(
        f'[[anchor]]\nfile = "roots/root.pem"\nsha256 = "{GOVERNMENT_ROOT}"\ndomain = "government"\nsource = "x"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path)
    with pytest.raises(ShippedAnchorsDamaged):
        shipped.anchors.__wrapped__()
    (tmp_path / "anchors.toml").write_text("[[anchor", encoding="utf-8")
    with pytest.raises(ShippedAnchorsDamaged):
        shipped.anchors.__wrapped__()


def test_issuers_stand_in_the_domain_of_their_root(anchors: Anchors) -> None:
    issuers = [item for item in anchors.authorities(issuers=True) if item.role is Role.ISSUER]
    assert [item.name for item in issuers if item.domain is Domain.GOVERNMENT] == ["CA phục vụ các cơ quan Nhà nước G2"]
    assert len(issuers) == 48


def test_a_disabled_root_stays_in_the_list_and_is_not_trusted(
    own: Settings, anchors: Anchors, record: Recorder
) -> None:
    assert GOVERNMENT_ROOT in _fingerprints(own)
    told = anchors.disable("F0:4B:A4:B4:59")
    assert (told.enabled, told.sha256) == (False, GOVERNMENT_ROOT)
    assert GOVERNMENT_ROOT not in _fingerprints(own)
    assert GOVERNMENT_ROOT in {item.sha256 for item in anchors.authorities()}
    anchors.disable(GOVERNMENT_ROOT)
    assert anchors.enable(GOVERNMENT_ROOT).enabled
    assert GOVERNMENT_ROOT in _fingerprints(own)
    assert record.kinds == ["trust-disable", "trust-enable"]
    assert record.entries[0][1]["certificate"] == GOVERNMENT_ROOT
    assert not list((own.data_dir / "trust").rglob("*.part"))


def test_a_disabled_authority_leads_nowhere_whoever_brings_its_certificate(own: Settings, anchors: Anchors) -> None:
    issuer = next(item for item in anchors.authorities(issuers=True) if item.role is Role.ISSUER)
    data = next(data for data in anchors.issuers() if hashlib.sha256(data).hexdigest() == issuer.sha256)
    read = read_certificate(data)
    assert not TrustStore.from_settings(own).is_distrusted(read)
    anchors.disable(issuer.sha256)
    assert TrustStore.from_settings(own).is_distrusted(read)
    anchors.enable(issuer.sha256)
    anchors.remove(issuer.sha256)
    assert TrustStore.from_settings(own).is_distrusted(read)
    anchors.disable(GOVERNMENT_ROOT)
    assert {hashlib.sha256(data).hexdigest() for data in anchors.distrusted()} == {issuer.sha256, GOVERNMENT_ROOT}


def test_a_removed_root_is_gone_and_comes_back(own: Settings, anchors: Anchors, record: Recorder) -> None:
    anchors.remove(GOVERNMENT_ROOT)
    assert GOVERNMENT_ROOT not in _fingerprints(own) | {item.sha256 for item in anchors.authorities()}
    assert _one(anchors, GOVERNMENT_ROOT).removed
    (back,) = anchors.add(next((RESOURCES / "trust/roots").glob("RootCA*")))
    assert (back.origin, back.domain, back.enabled) == (Origin.SHIPPED, Domain.GOVERNMENT, True)
    assert GOVERNMENT_ROOT in _fingerprints(own)
    assert record.kinds == ["trust-remove", "trust-enable"]


def test_a_removed_root_stays_removed_after_an_update_of_the_program(
    own: Settings, anchors: Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors.remove(GOVERNMENT_ROOT)
    new = certificate("RootCA của bản mới", ca=True)
    sha256 = hashlib.sha256(new.der).hexdigest()
    update = (*shipped.anchors(), shipped.ShippedAnchor(new.der, sha256, Domain.PUBLIC, "bản mới"))
    monkeypatch.setattr(shipped, "anchors", lambda: update)
    assert GOVERNMENT_ROOT not in _fingerprints(own)
    assert sha256 in _fingerprints(own)
    assert _one(Anchors(own), GOVERNMENT_ROOT).removed


def test_a_root_and_its_issuer_are_added_and_removed(
    own: Settings, anchors: Anchors, record: Recorder, tmp_path: Path
) -> None:
    root = certificate("RootCA nội bộ", ca=True)
    issuer = certificate("CA nội bộ", issuer=root, ca=True)
    file = _file(tmp_path / "ca.pem", root, issuer)
    added = anchors.add(file, domain=Domain.GOVERNMENT)
    assert {(item.name, item.role, item.origin) for item in added} == {
        ("RootCA nội bộ", Role.ANCHOR, Origin.ADDED),
        ("CA nội bộ", Role.ISSUER, Origin.ADDED),
    }
    assert {item.domain for item in added} == {Domain.GOVERNMENT}
    store = TrustStore.from_settings(own)
    assert root.der in {item.der for item in store.anchors}
    assert issuer.der in {item.der for item in store.intermediates} - {item.der for item in store.anchors}
    with pytest.raises(AnchorKnown):
        anchors.add(file)
    sha256 = hashlib.sha256(root.der).hexdigest()
    anchors.disable(sha256)
    assert sha256 not in _fingerprints(own)
    (again,) = anchors.add(_file(tmp_path / "root.pem", root))
    assert again.enabled
    anchors.remove(sha256)
    assert sha256 not in _fingerprints(own)
    with pytest.raises(AnchorUnknown):
        anchors.enable(sha256)
    assert record.kinds == ["trust-add", "trust-add", "trust-disable", "trust-add", "trust-remove"]


def test_a_file_is_looked_at_before_it_is_added(anchors: Anchors, own: Settings, tmp_path: Path) -> None:
    root = certificate("RootCA nội bộ", ca=True)
    issuer = certificate("CA nội bộ", issuer=root, ca=True)
    seen = anchors.preview(_file(tmp_path / "ca.pem", root, issuer), domain=Domain.PUBLIC)
    assert [(item.name, item.role, item.domain) for item in seen] == [
        ("RootCA nội bộ", Role.ANCHOR, Domain.PUBLIC),
        ("CA nội bộ", Role.ISSUER, Domain.PUBLIC),
    ]
    assert not (own.data_dir / "trust").exists()
    with pytest.raises(AnchorNotAuthority):
        anchors.preview(_file(tmp_path / "person.pem", certificate("Nguyễn Văn An", issuer=root)))


def test_only_a_self_signed_certificate_becomes_an_anchor(anchors: Anchors, own: Settings, tmp_path: Path) -> None:
    """A root's new key certified by its old one bears the same name twice and is no root by itself."""
    old = certificate("RootCA nội bộ", ca=True)
    rollover = certificate("RootCA nội bộ", issuer=old, ca=True, key=ec_key("khóa mới"))
    (added,) = anchors.add(_file(tmp_path / "rollover.pem", rollover))
    assert added.role is Role.ISSUER
    assert added.sha256 not in _fingerprints(own)


def test_an_open_office_learns_of_changes(own: Settings, tmp_path: Path) -> None:
    root = certificate("RootCA nội bộ", ca=True)
    with Office(own) as office:
        before = office.trust
        assert before.store.anchors
        (added,) = office.anchors.add(_file(tmp_path / "root.pem", root))
        assert added.sha256 not in {anchor.sha256 for anchor in office.trust.store.anchors}
        office.renew_trust()
        assert office.trust is not before
        assert added.sha256 in {anchor.sha256 for anchor in office.trust.store.anchors}


def test_what_is_no_authority_is_not_added(anchors: Anchors, own: Settings, tmp_path: Path) -> None:
    root = certificate("RootCA nội bộ", ca=True)
    for wrong in (certificate("Nguyễn Văn An", issuer=root), certificate("Tự ký"), certificate("X", issuer=root)):
        with pytest.raises(AnchorNotAuthority):
            anchors.add(_file(tmp_path / "wrong.pem", wrong))
        with pytest.raises(AnchorNotAuthority):
            anchors.add(_file(tmp_path / "both.pem", root, wrong))
    assert not (own.data_dir / "trust").exists()


def test_only_the_certificate_meant_is_added(anchors: Anchors, tmp_path: Path) -> None:
    root, other = certificate("RootCA nội bộ", ca=True), certificate("RootCA khác", ca=True)
    meant = hashlib.sha256(root.der).hexdigest()
    with pytest.raises(AnchorFingerprintDiffers):
        anchors.add(_file(tmp_path / "other.pem", other), sha256=meant)
    with pytest.raises(AnchorFingerprintDiffers):
        anchors.add(_file(tmp_path / "two.pem", root, other), sha256=meant)
    spaced = " ".join(meant[at : at + 4].upper() for at in range(0, 64, 4))
    assert anchors.add(_file(tmp_path / "root.pem", root), sha256=spaced)[0].sha256 == meant


def test_roots_of_the_settings_are_switched_off_but_not_removed(
    own: Settings, record: Recorder, tmp_path: Path
) -> None:
    root = certificate("RootCA của tỉnh", ca=True)
    _file(tmp_path / "root.pem", root)
    settings = msgspec.structs.replace(own, trust=TrustSettings(roots=["root.pem"], use_shipped_anchors=False))
    anchors, sha256 = Anchors(settings, record), hashlib.sha256(root.der).hexdigest()
    (told,) = anchors.authorities(issuers=True)
    assert (told.origin, told.domain, told.source) == (Origin.SETTINGS, Domain.OFFICE, str(tmp_path / "root.pem"))
    with pytest.raises(AnchorOfSettings):
        anchors.remove(sha256)
    anchors.disable(sha256)
    assert _fingerprints(settings) == set()
    named = TrustStore.from_settings(settings, extra_roots=[tmp_path / "root.pem"])
    assert {item.sha256 for item in named.anchors} == {sha256}, "a root named for one run is trusted in it"


@pytest.mark.parametrize("fingerprint", ["", "f04b", "00000000", "không phải", "*"])
def test_a_fingerprint_must_name_something(anchors: Anchors, fingerprint: str) -> None:
    with pytest.raises(AnchorUnknown):
        anchors.disable(fingerprint)


def test_a_fingerprint_must_name_one_thing(anchors: Anchors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.trust.anchors.MIN_FINGERPRINT", 1)
    with pytest.raises(AnchorAmbiguous):
        anchors.disable("1")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"sha256":"00","since":"2026-01-01T00:00:00Z"}'])
def test_a_damaged_decision_stops_everything(own: Settings, anchors: Anchors, content: bytes) -> None:
    """It might be the one that withdraws a root: going on without it would trust that root again."""
    anchors.disable(GOVERNMENT_ROOT)
    (file,) = (own.data_dir / "trust/anchors").glob("*.json")
    file.write_bytes(content)
    with pytest.raises(OwnAnchorsDamaged):
        TrustStore.from_settings(own)


def test_another_certificate_put_into_a_decision_is_noticed(own: Settings, anchors: Anchors, tmp_path: Path) -> None:
    root, other = certificate("RootCA nội bộ", ca=True), certificate("RootCA khác", ca=True)
    anchors.add(_file(tmp_path / "root.pem", root))
    (file,) = (own.data_dir / "trust/anchors").glob("*.json")
    word = msgspec.json.decode(file.read_bytes())
    word["certificate"] = msgspec.to_builtins(other.der)
    file.write_bytes(msgspec.json.encode(word))
    with pytest.raises(OwnAnchorsDamaged):
        TrustStore.from_settings(own)


def test_a_change_that_cannot_be_entered_is_taken_back(own: Settings, tmp_path: Path) -> None:
    def full(kind: str, **data: Any) -> None:
        raise OSError(28, "No space left on device")

    anchors = Anchors(own, full)
    with pytest.raises(OSError):
        anchors.disable(GOVERNMENT_ROOT)
    with pytest.raises(OSError):
        anchors.add(_file(tmp_path / "root.pem", certificate("RootCA nội bộ", ca=True)))
    assert GOVERNMENT_ROOT in _fingerprints(own)
    assert len(anchors.authorities()) == 9
