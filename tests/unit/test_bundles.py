"""Trust bundles: made, signed, taken in; hostile ones leave what was in use as it was."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from app.bundle.changes import changes
from app.bundle.content import Content, pack, unpack
from app.bundle.errors import (
    BundleContentWrong,
    BundleDamaged,
    BundleKeyUnusable,
    BundleOlder,
    BundleSignatureWrong,
    BundleSignerExpired,
    BundleSignerUnknown,
    BundleSignerUnnamed,
    BundleTooLarge,
)
from app.bundle.making import sign, sign_with_key
from app.bundle.store import BundleStore, check_texts
from app.errors import AntinError, FileMissing
from app.settings import BundleSettings, Settings, TrustSettings
from app.storage import writing
from app.trust.shipped import Domain
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.unit.trust_material import CmsMaker, Holder, certificate, crl, ec_key, rsa_key

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
MODULES = '[folders]\nwindows = []\nlinux = ["/opt/token"]\nmacos = []\n\n[[module]]\nvendor = "X"\nlinux = ["x.so"]\n'


def holder(name: str, **options: Any) -> Holder:
    options.setdefault("start", NOW - 400 * DAY)
    options.setdefault("end", NOW + 400 * DAY)
    return certificate(name, **options)


ROOT = holder("CA cơ quan", ca=True)
SIGNER = holder("Nguyễn Quản Trị", key=rsa_key("bundle"))


def pem_key(of: Holder, password: bytes | None = None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return of.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def signed(tmp_path: Path, octets: bytes, by: Holder = SIGNER, *chain: Holder) -> Path:
    key, own, made = tmp_path / "key.pem", tmp_path / "own.pem", tmp_path / "goi.p7m"
    key.write_bytes(pem_key(by))
    own.write_bytes(b"".join(item.certificate.public_bytes(serialization.Encoding.PEM) for item in (by, *chain)))
    made.write_bytes(sign_with_key(octets, key, own))
    return made


def content(number: int = 1, **more: Any) -> Content:
    return Content(number, NOW, "Sở Y tế", **{"anchors": {ROOT.der: Domain.OFFICE}, **more})


def packed(number: int = 1, **more: Any) -> bytes:
    return pack(content(number, **more), check=check_texts)


def settings(tmp_path: Path, **named: list[str]) -> Settings:
    from hashlib import sha256

    named = named or {"signers": [sha256(SIGNER.der).hexdigest()]}
    return Settings(data_dir=tmp_path / "data", base=tmp_path, bundle=BundleSettings(**named))


@pytest.fixture
def entered() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def store(tmp_path: Path, entered: list[dict[str, Any]]) -> BundleStore:
    return BundleStore(
        settings(tmp_path), tmp_path / "all", lambda kind, **data: entered.append({"kind": kind, **data})
    )


def test_a_bundle_taken_in_is_in_use_and_entered(
    tmp_path: Path, store: BundleStore, entered: list[dict[str, Any]]
) -> None:
    assert store.current() is None
    taken = store.take(signed(tmp_path, packed(7)))
    assert [(change.kind, change.change, change.name) for change in taken.changes] == [
        ("anchor", "added", "CA cơ quan")
    ]
    current = store.current()
    assert current is not None
    assert current.content.anchors == {ROOT.der: Domain.OFFICE}
    assert current.content.number == 7
    (entry,) = entered
    assert entry["kind"] == "trust-bundle"
    assert entry["number"] == 7


def test_the_same_again_changes_nothing_and_an_older_one_is_refused(
    tmp_path: Path, store: BundleStore, entered: list[dict[str, Any]]
) -> None:
    newer = signed(tmp_path, packed(2)).read_bytes()
    store.take(signed(tmp_path, packed(2)))
    (tmp_path / "goi.p7m").write_bytes(newer)
    assert store.take(tmp_path / "goi.p7m").changes == []
    for octets in (packed(1), packed(2, anchors={})):
        with pytest.raises(BundleOlder):
            store.take(signed(tmp_path, octets))
    assert len(entered) == 1


def test_the_bundle_for_all_users_holds_for_another_user_and_the_higher_number_counts(tmp_path: Path) -> None:
    first = BundleStore(settings(tmp_path), tmp_path / "all")
    first.take(signed(tmp_path, packed(3)), for_all=True)
    other = msgspec.structs.replace(settings(tmp_path), data_dir=tmp_path / "second")
    second = BundleStore(other, tmp_path / "all")
    assert second.current() is not None
    with pytest.raises(BundleOlder):
        second.take(signed(tmp_path, packed(2)))
    second.take(signed(tmp_path, packed(4)))
    current = second.current()
    assert current is not None
    assert current.content.number == 4
    assert (tmp_path / "all" / "bundle.p7m").stat().st_mode & 0o777 == 0o644


def test_a_signer_below_a_named_authority_may_and_one_below_another_may_not(tmp_path: Path) -> None:
    authority, stranger = holder("CA của tỉnh", ca=True), holder("CA khác", ca=True)
    (tmp_path / "ca.pem").write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    store = BundleStore(settings(tmp_path, authorities=["ca.pem"]), tmp_path / "all")
    with pytest.raises(BundleSignerUnknown):
        store.take(signed(tmp_path, packed(), holder("Quản trị", issuer=stranger, key=rsa_key("x"))))
    store.take(signed(tmp_path, packed(), holder("Quản trị", issuer=authority, key=rsa_key("x"))))
    assert store.current() is not None


def test_another_signer_is_refused_however_alike(tmp_path: Path, store: BundleStore) -> None:
    forged = holder("Nguyễn Quản Trị", key=rsa_key("other"))
    with pytest.raises(BundleSignerUnknown, match="Nguyễn Quản Trị"):
        store.take(signed(tmp_path, packed(), forged))
    with pytest.raises(BundleSignerUnknown):  # the right certificate only carried along
        store.take(signed(tmp_path, packed(), forged, SIGNER))
    assert store.current() is None


def test_without_a_named_signer_nothing_is_taken_in(tmp_path: Path) -> None:
    store = BundleStore(Settings(data_dir=tmp_path / "data", base=tmp_path), tmp_path / "all")
    with pytest.raises(BundleSignerUnnamed):
        store.take(signed(tmp_path, packed()))


@pytest.mark.parametrize(("start", "end"), [(-400, -1), (1, 400)])
def test_a_certificate_not_in_force_signs_no_new_bundle(tmp_path: Path, start: int, end: int) -> None:
    from hashlib import sha256

    late = holder("Nguyễn Quản Trị", key=rsa_key("bundle"), start=NOW + start * DAY, end=NOW + end * DAY)
    named = settings(tmp_path, signers=[sha256(late.der).hexdigest()])
    with pytest.raises(BundleSignerExpired):
        BundleStore(named, tmp_path / "all").take(signed(tmp_path, packed(), late))


def test_a_bundle_in_use_stays_so_when_its_signer_runs_out(tmp_path: Path, store: BundleStore) -> None:
    from app.bundle.signature import check_signer, read_signed

    store.take(signed(tmp_path, packed()))
    taken = read_signed(tmp_path / "data" / "trust" / "bundle.p7m")
    with pytest.raises(BundleSignerExpired):
        check_signer(taken, settings(tmp_path), tmp_path, at=NOW + 800 * DAY)
    check_signer(taken, settings(tmp_path), tmp_path)


def _zip(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _manifest(files: list[dict[str, str]], **more: Any) -> bytes:
    return json.dumps(
        {"format": 1, "number": 1, "made": NOW.isoformat(), "office": "", "files": files, **more}
    ).encode()


def _entry(name: str, kind: str, data: bytes, **more: str) -> dict[str, str]:
    from hashlib import sha256

    return {"name": name, "kind": kind, "sha256": sha256(data).hexdigest(), **more}


def _with(name: str, kind: str, data: bytes, **more: str) -> bytes:
    return _zip(("manifest.json", _manifest([_entry(name, kind, data, **more)])), (name, data))


ISSUED = holder("CA trung gian", ca=True, issuer=ROOT)
LEAF = holder("Cán bộ")
HOSTILE: dict[str, tuple[Callable[[], bytes], type[AntinError]]] = {
    "no ZIP": (lambda: b"PK", BundleDamaged),
    "nothing in it": (lambda: _zip(), BundleDamaged),
    "no manifest": (lambda: _zip(("anchors/a.der", ROOT.der)), BundleDamaged),
    "a file beside the manifest": (lambda: _zip(("manifest.json", _manifest([])), ("a.der", ROOT.der)), BundleDamaged),
    "a file named and not there": (
        lambda: _zip(("manifest.json", _manifest([_entry("a.der", "anchor", ROOT.der)]))),
        BundleDamaged,
    ),
    "a file named twice": (
        lambda: _zip(("manifest.json", _manifest([_entry("a", "crl", b""), _entry("a", "crl", b"")])), ("a", b"")),
        BundleDamaged,
    ),
    "another file than named": (
        lambda: _zip(("manifest.json", _manifest([_entry("a.der", "anchor", b"x")])), ("a.der", ROOT.der)),
        BundleDamaged,
    ),
    "two entries of one name": (lambda: _doubled(), BundleDamaged),
    "a name that leads out": (lambda: _with("../a.der", "anchor", ROOT.der), BundleDamaged),
    "a bomb": (lambda: _with("a.crl", "crl", bytes(60 << 20)), BundleDamaged),
    "another format": (lambda: _zip(("manifest.json", _manifest([], format=2))), BundleDamaged),
    "an unknown key": (lambda: _zip(("manifest.json", _manifest([], settings={}))), BundleDamaged),
    "number nought": (lambda: _zip(("manifest.json", _manifest([], number=0))), BundleDamaged),
    "time without a zone": (lambda: _zip(("manifest.json", _manifest([], made="2026-01-01T00:00:00"))), BundleDamaged),
    "octets before the ZIP": (lambda: b"x" * 64 + packed(), BundleDamaged),
    "a root that another signed": (lambda: _with("a.der", "anchor", ISSUED.der), BundleContentWrong),
    "a person's certificate as root": (lambda: _with("a.der", "anchor", LEAF.der), BundleContentWrong),
    "no certificate as issuer": (lambda: _with("a.der", "intermediate", b"x"), BundleContentWrong),
    "no certificate": (lambda: _with("a.der", "anchor", b"x"), BundleContentWrong),
    "no revocation list": (lambda: _with("a.crl", "crl", ROOT.der), BundleContentWrong),
    "an unknown domain": (lambda: _with("a.der", "anchor", ROOT.der, domain="world"), BundleDamaged),
    "an unknown kind": (lambda: _with("a.toml", "settings", b""), BundleDamaged),
    "a policy that excuses": (
        lambda: _with("policy.toml", "policy", _policy(b'cms-digest-mismatch = "ignore"')),
        BundleContentWrong,
    ),
    "no policy": (lambda: _with("policy.toml", "policy", b"= x"), BundleContentWrong),
    "no list of modules": (lambda: _with("modules.toml", "modules", b"[folders]"), BundleContentWrong),
    "text in another encoding": (lambda: _with("modules.toml", "modules", b"\xff"), BundleContentWrong),
}


def _policy(judgement: bytes) -> bytes:
    table = b'[algorithms]\nretired = 2025-08-15\nweak_hashes = ["sha1"]\nrsa_bits = 2048\nec_bits = 256\n'
    return table + b"[judgement]\n" + judgement + b"\n"


def _doubled() -> bytes:
    with pytest.warns(UserWarning):
        manifest = _manifest([_entry("a.der", "anchor", ROOT.der)])
        return _zip(("manifest.json", manifest), ("a.der", ROOT.der), ("a.der", ISSUED.der))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_content_is_refused_even_rightly_signed(tmp_path: Path, store: BundleStore, kind: str) -> None:
    octets, expected = HOSTILE[kind]
    before = signed(tmp_path, packed(1))
    store.take(before)
    with pytest.raises(expected):
        store.take(signed(tmp_path, octets()))
    current = store.current()
    assert current is not None
    assert current.content.number == 1


def test_a_bundle_cut_short_anywhere_is_refused(tmp_path: Path, store: BundleStore) -> None:
    whole = signed(tmp_path, packed()).read_bytes()
    cut = tmp_path / "cut.p7m"
    for length in [*range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises((BundleDamaged, BundleSignatureWrong)):
            store.take(cut)
    assert store.current() is None


def test_a_changed_octet_changes_nothing_of_what_is_taken_in(tmp_path: Path, store: BundleStore) -> None:
    """Only how the signature names the signer's certificate may be written another way: that is signed by itself."""
    octets = packed()
    whole = bytearray(signed(tmp_path, octets).read_bytes())
    start = whole.index(b"PK\x03\x04")
    changed, refused = tmp_path / "changed.p7m", 0
    places = range(start, len(whole), 37)
    for at in places:
        whole[at] ^= 1
        changed.write_bytes(whole)
        try:
            assert store.look(changed).signed.octets == octets
        except AntinError:
            refused += 1
        whole[at] ^= 1
    assert refused >= len(places) - 3


def test_a_bare_zip_a_detached_signature_and_a_huge_file_are_refused(tmp_path: Path, store: BundleStore) -> None:
    file = tmp_path / "x.p7m"
    file.write_bytes(packed())
    with pytest.raises(BundleDamaged):
        store.take(file)
    whole = signed(tmp_path, packed())
    os.truncate(whole, (64 << 20) + 1)
    with pytest.raises(BundleTooLarge):
        store.take(whole)
    with pytest.raises(FileMissing):
        store.take(tmp_path / "absent.p7m")


def test_what_somebody_writes_into_the_folder_counts_no_more_than_an_import_would(
    tmp_path: Path, store: BundleStore
) -> None:
    place = tmp_path / "data" / "trust" / "bundle.p7m"
    store.take(signed(tmp_path, packed(1)))
    forged = holder("Kẻ mạo danh", key=rsa_key("other"))
    place.write_bytes(signed(tmp_path, packed(9), forged).read_bytes())
    with pytest.raises(BundleSignerUnknown):
        store.current()
    place.write_bytes(b"x")
    with pytest.raises(BundleDamaged):
        store.current()


@given(st.binary(max_size=400))
def test_any_octets_are_a_bundle_or_refused(octets: bytes) -> None:
    with pytest.raises((BundleDamaged, BundleContentWrong)):
        unpack(octets, Path("x"), check=check_texts)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)))
def test_any_manifest_is_one_or_refused(value: object) -> None:
    for key in ("files", "distrusted", "number", "made", "format", "office"):
        wrong = {"format": 1, "number": 1, "made": NOW.isoformat(), "office": "", "files": [], key: value}
        try:
            found = unpack(_zip(("manifest.json", json.dumps(wrong).encode())), Path("x"), check=check_texts)
        except BundleDamaged:
            continue
        assert not found.anchors


def test_a_killed_import_leaves_the_old_bundle_or_the_new_one(tmp_path: Path, store: BundleStore) -> None:
    program = """
import os, signal, sys
from pathlib import Path
import msgspec
from app.bundle.store import BundleStore
from app.settings import Settings
at, calls = int(sys.argv[2]), 0
def step(event, arguments):
    global calls
    if event in ("open", "os.rename", "os.mkdir") and "bundle.p7m" in str(arguments[0]) + str(arguments[-1]):
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
settings = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Settings, dec_hook=lambda kind, value: Path(value))
store = BundleStore(settings, settings.base / "all")
sys.addaudithook(step)
store.take(settings.base / "goi.p7m")
"""
    (tmp_path / "settings.json").write_bytes(msgspec.json.encode(settings(tmp_path), enc_hook=str))
    numbers, codes = set(), []
    for at in range(1, 12):
        (tmp_path / "data" / "trust" / "bundle.p7m").unlink(missing_ok=True)
        store.take(signed(tmp_path, packed(1)))
        signed(tmp_path, packed(2))
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "settings.json"), str(at)], check=False)
        codes.append(done.returncode)
        current = store.current()
        assert current is not None
        numbers.add(current.content.number)
        if done.returncode == 0:
            break
    assert numbers == {1, 2}
    assert codes[-1] == 0
    assert set(codes[:-1]) == {-signal.SIGKILL}


def test_a_home_that_cannot_be_written_is_told_and_loses_nothing(tmp_path: Path, store: BundleStore) -> None:
    from app.errors import TargetNotWritable

    (tmp_path / "data").write_text("in the way")
    with pytest.raises(TargetNotWritable):
        store.take(signed(tmp_path, packed()))
    assert store.current() is None


def test_of_two_imports_at_once_the_newer_one_stays(
    tmp_path: Path, store: BundleStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = (signed(tmp_path, packed(number)).rename(tmp_path / f"{number}.p7m") for number in (1, 2))
    replace, replacing, newer_in = writing.replace, threading.Event(), threading.Event()

    def slowly(path: Path, octets: bytes, *, mode: int | None = None) -> None:
        if octets == older.read_bytes():
            replacing.set()
            newer_in.wait(1)
        replace(path, octets, mode=mode)

    def take_newer() -> None:
        replacing.wait(60)
        store.take(newer)
        newer_in.set()

    monkeypatch.setattr(writing, "replace", slowly)
    with ThreadPoolExecutor(2) as people:
        for taken in [people.submit(store.take, older), people.submit(take_newer)]:
            taken.result()
    current = store.current()
    assert current is not None and current.content.number == 2


def test_changes_are_told_one_by_one(tmp_path: Path) -> None:
    other = holder("CA thứ hai", ca=True)
    lists = [crl(ROOT, at=NOW - days * DAY) for days in (5, 1)]
    before = content(1, crls=(lists[0],), policy=_policy(b"").decode())
    after = content(2, anchors={other.der: Domain.PUBLIC}, crls=(lists[1],), modules=MODULES)
    told = {(change.kind, change.change, change.name) for change in changes(before, after)}
    assert told == {
        ("anchor", "added", "CA thứ hai"),
        ("anchor", "removed", "CA cơ quan"),
        ("crl", "replaced", "CA cơ quan"),
        ("policy", "removed", ""),
        ("modules", "added", ""),
    }
    moved = changes(content(1), content(2, anchors={ROOT.der: Domain.GOVERNMENT}))
    assert [(change.change, change.detail) for change in moved] == [("replaced", "government")]


def test_the_same_content_gives_the_same_octets() -> None:
    assert packed(5, modules=MODULES) == packed(5, modules=MODULES)


@pytest.mark.parametrize("algorithm", ["rsa", "p256"])
def test_a_key_file_signs_with_its_own_certificate_only(tmp_path: Path, algorithm: str) -> None:
    by = holder("Quản trị", key=rsa_key("k") if algorithm == "rsa" else ec_key("k"))
    (tmp_path / "key.pem").write_bytes(pem_key(by, b"mat khau"))
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_bytes(by.certificate.public_bytes(serialization.Encoding.PEM))
    other.write_bytes(LEAF.certificate.public_bytes(serialization.Encoding.PEM))
    assert sign_with_key(packed(), tmp_path / "key.pem", own, b"mat khau")
    for certificate_file, password in ((own, None), (own, b"wrong"), (other, b"mat khau")):
        with pytest.raises(BundleKeyUnusable):
            sign_with_key(packed(), tmp_path / "key.pem", certificate_file, password)
    with pytest.raises(BundleKeyUnusable):
        sign_with_key(packed(), own, own)


def test_openssl_reads_and_checks_a_bundle(tmp_path: Path) -> None:
    made = signed(tmp_path, packed(3))
    inside = tmp_path / "inside.zip"
    subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-noverify", "-inform", "DER", "-in", made, "-out", inside],
        check=True,
        capture_output=True,
    )
    assert inside.read_bytes() == packed(3)


def test_a_weak_digest_is_refused(tmp_path: Path, store: BundleStore) -> None:
    made = tmp_path / "weak.p7m"
    made.write_bytes(CmsMaker(SIGNER, packed(), hash_name="sha1", attached=True).make())
    with pytest.raises(BundleSignatureWrong):
        store.take(made)


def test_what_a_bundle_brings_is_used(tmp_path: Path, store: BundleStore) -> None:
    from app.trust.anchors import Anchors, Origin
    from app.trust.errors import AnchorsNotDecidedHere
    from app.trust.store import TrustStore

    found = crl(ROOT, at=NOW)
    store.take(signed(tmp_path, packed(1, intermediates=(ISSUED.der,), crls=(found,))))
    current = store.current()
    assert current is not None
    plain = msgspec.structs.replace(
        settings(tmp_path), trust=TrustSettings(use_shipped_anchors=False, own_anchors=False)
    )
    brought = current.content.bundled(str(current.path))
    trust = TrustStore.from_settings(plain, bundled=brought)
    assert [anchor.der for anchor in trust.anchors] == [ROOT.der]
    assert [item.der for item in trust.intermediates] == [ISSUED.der]
    assert trust.crls == (found,)
    assert trust.domain_of(trust.anchors[0]) is Domain.OFFICE
    anchors = Anchors(plain, bundled=brought)
    (told,) = anchors.authorities()
    assert told.origin is Origin.BUNDLE
    with pytest.raises(AnchorsNotDecidedHere):
        anchors.disable(told.sha256)
    (tmp_path / "them.pem").write_bytes(holder("Tự thêm", ca=True).certificate.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(AnchorsNotDecidedHere):
        anchors.add(tmp_path / "them.pem")
    free = msgspec.structs.replace(plain, trust=TrustSettings(use_shipped_anchors=False))
    Anchors(free).add(tmp_path / "them.pem")
    assert [item.name for item in anchors.authorities()] == ["CA cơ quan"], "written past the lock, and in vain"
    assert Anchors(free, bundled=brought).disable(told.sha256).enabled is False


def test_a_bundle_takes_trust_away_whoever_gave_it(tmp_path: Path, store: BundleStore) -> None:
    from app.trust import shipped
    from app.trust.anchors import Anchors
    from app.trust.certificate import read_certificate
    from app.trust.errors import AnchorsNotDecidedHere
    from app.trust.store import TrustStore

    added = holder("Tự thêm", ca=True)
    (tmp_path / "them.pem").write_bytes(added.certificate.public_bytes(serialization.Encoding.PEM))
    plain = settings(tmp_path)
    Anchors(plain).add(tmp_path / "them.pem")
    given = shipped.anchors()[0]
    barred = frozenset({given.sha256, read_certificate(added.der).sha256})
    store.take(signed(tmp_path, packed(1, distrusted=barred)))
    current = store.current()
    assert current is not None
    brought = current.content.bundled("goi.p7m")
    trust = TrustStore.from_settings(plain, bundled=brought)
    assert not barred & {anchor.sha256 for anchor in trust.anchors}
    assert all(trust.is_distrusted(read_certificate(der)) for der in (given.certificate, added.der))
    anchors = Anchors(plain, bundled=brought)
    for sha256 in barred:
        with pytest.raises(AnchorsNotDecidedHere, match="goi"):
            anchors.enable(sha256)
    assert {item.sha256 for item in Anchors(plain).authorities()} >= barred
    again = changes(current.content, content(2))
    assert {(change.kind, change.change) for change in again} == {("distrust", "removed")}


def test_after_a_change_of_signers_a_new_bundle_mends_what_the_old_one_stops(tmp_path: Path) -> None:
    from hashlib import sha256

    BundleStore(settings(tmp_path), tmp_path / "all").take(signed(tmp_path, packed(5)))
    successor = holder("Trần Kế Nhiệm", key=rsa_key("successor"))
    store = BundleStore(settings(tmp_path, signers=[sha256(successor.der).hexdigest()]), tmp_path / "all")
    with pytest.raises(BundleSignerUnknown):
        store.current()
    store.take(signed(tmp_path, packed(6), successor))
    current = store.current()
    assert current is not None
    assert current.signed.signer == "Trần Kế Nhiệm"
    store.take(signed(tmp_path, packed(7), successor), for_all=True)
    (tmp_path / "all" / "bundle.p7m").write_bytes(b"x")
    with pytest.raises(BundleDamaged):
        store.take(signed(tmp_path, packed(8), successor))
    store.take(signed(tmp_path, packed(8), successor), for_all=True)


def test_a_token_signs_by_the_same_way() -> None:
    by = holder("Quản trị", key=ec_key("token"))

    def raw(octets: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        pair = utils.decode_dss_signature(by.key.sign(octets, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(32) for number in pair)

    assert sign(packed(), by.der, (), SignatureAlgorithm.ECDSA_SHA256, raw)
