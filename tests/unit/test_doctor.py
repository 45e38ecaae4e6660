"""The doctor's checks on workstations on which something is wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from app import token_devices
from app.doctor import clock, drivers, installation, records, servers, trust
from app.doctor.examination import CHECKS, Check, examine
from app.doctor.finding import CHECK_TITLES, STATUSES, WORDS, Finding
from app.doctor.workplace import Responder, Stamped, Workplace
from app.errors import DiskFull
from app.office import Office
from app.settings import BundleSettings, Settings
from app.support import harmless
from app.system import here, smart_cards
from app.system.smart_cards import Reader, Readers, Service
from app.token_devices import Device
from pkcs11_bridge.protocol import PinState
from tests.demo.pki import Pki
from tests.unit import test_bundles as bundles
from tests.unit.test_module_discovery import elf
from tests.unit.trust_material import crl


@pytest.fixture
def opened(settings: Settings) -> Iterator[Office]:
    with Office(settings) as office:
        yield office


@pytest.fixture
def workplace(opened: Office) -> Workplace:
    return Workplace(opened)


def changed(office: Office, section: str, **values: object) -> Workplace:
    """A workplace with other settings of one section."""
    part = msgspec.structs.replace(getattr(office.settings, section), **values)
    office.settings = msgspec.structs.replace(office.settings, **{section: part})
    return Workplace(office)


def test_every_check_has_its_title_and_its_facts_are_harmless(opened: Office) -> None:
    findings = list(examine(opened))
    assert {finding.check for finding in findings} == {check.name for check in CHECKS} == CHECK_TITLES.keys()
    for finding in findings:
        assert finding.status in STATUSES
        for value in finding.facts.values():
            known = isinstance(value, int | float) or value in WORDS | harmless.drivers()
            assert known or harmless.version(value) == value, (finding.check, value)


def test_checks_run_side_by_side_and_one_that_hangs_holds_up_none(opened: Office) -> None:
    meeting = threading.Barrier(3, timeout=60)
    stuck = threading.Event()

    def meets(_workplace: Workplace) -> Iterator[Finding]:
        meeting.wait()
        yield Finding("fonts", "ok", "")

    def hangs(_workplace: Workplace) -> Iterator[Finding]:
        stuck.wait(100)
        yield Finding("archive", "ok", "")

    def breaks(_workplace: Workplace) -> Iterator[Finding]:
        yield Finding("ledger", "ok", "")
        raise DiskFull(path="x")

    checks = [
        *(Check(name, meets, lambda _settings: 60.0) for name in ("fonts", "display", "program")),
        Check("archive", hangs, lambda _settings: 0.3),
        Check("ledger", breaks, lambda _settings: 60.0),
    ]
    found = list(examine(opened, checks))
    stuck.set()
    by_check = {finding.check: finding for finding in found}
    assert by_check["fonts"].status == "ok"
    assert (by_check["archive"].status, by_check["archive"].code) == ("warn", "check-timeout")
    assert [finding.code for finding in found if finding.check == "ledger"] == ["", "disk-full"]
    assert by_check["ledger"].hint


def test_a_driver_of_the_other_word_size_is_told_as_such(opened: Office, tmp_path: Path) -> None:
    module = tmp_path / "libviettel-ca_v6.so"
    module.write_bytes(elf(32, 3))
    missing = tmp_path / "missing.so"
    office = Office(opened.settings, modules=[module, missing])
    with office:
        found = list(drivers.modules(Workplace(office)))
    assert [(finding.status, finding.code) for finding in found] == [
        ("warn", "module-word-size"),
        ("warn", "module-unusable"),
    ]
    assert "32-bit" in found[0].message and "64-bit" in found[0].message
    assert "không có tệp này" in found[1].message


def test_no_driver_at_all(opened: Office) -> None:
    with Office(opened.settings, modules=[]) as office:
        [found] = drivers.modules(Workplace(office))
        [none] = drivers.tokens(Workplace(office))
    assert (found.status, none.status) == ("warn", "warn")
    assert found.hint and none.hint


@pytest.mark.parametrize("state", [state for state in PinState if state is not PinState.OK])
def test_a_pin_that_is_not_well_says_what_to_do(workplace: Workplace, state: PinState) -> None:
    token = msgspec.structs.replace(workplace.tokens()[0], pin_state=state)
    workplace.tokens = lambda: [token]
    [found] = drivers.tokens(workplace)
    assert found.status == ("fail" if state is PinState.LOCKED else "warn") and found.hint


def test_a_token_that_two_drivers_show_is_told_once(opened: Office, tmp_path: Path) -> None:
    first = opened.modules[0]
    second = Path(shutil.copy(first.resolve(), tmp_path / "libsofthsm2.so"))
    with Office(opened.settings, modules=[first, second]) as office:
        found = list(drivers.duplicates(Workplace(office)))
        serials = {token.serial for token in office.bridge.tokens()}
    assert len(found) == len(serials) and {finding.status for finding in found} == {"warn"}
    assert all(str(second) in finding.message and finding.hint for finding in found)


_BIT4ID = "Bit4id TokenME EVO v2 00 00"
_CARD = (Reader(_BIT4ID, True),)


@pytest.mark.parametrize(
    ("seen", "devices", "status", "words"),
    [
        (Readers(Service.STOPPED), [], "ok", ""),
        (Readers(Service.STOPPED), [Device("ePass")], "fail", "systemctl"),
        (Readers(Service.MISSING), [Device("ePass")], "fail", "apt install"),
        (Readers(Service.RUNNING), [], "ok", ""),
        (Readers(Service.RUNNING, _CARD), [Device(_BIT4ID)], "fail", "ghi trên thiết bị"),
        (Readers(Service.RUNNING, _CARD), [Device(_BIT4ID, "VGCA (Bit4id)")], "fail", "VGCA (Bit4id)"),
        (Readers(Service.RUNNING), [Device("eToken", "VGCA (SafeNet)")], "fail", "VGCA (SafeNet)"),
        (Readers(Service.RUNNING, _CARD), [Device(_BIT4ID, "VGCA (Bit4id)", True)], "fail", "đã được cài"),
        (Readers(Service.RUNNING, (Reader("ACS ACR39", False),)), [Device("ACS ACR39")], "ok", ""),
    ],
    ids=["unneeded", "stopped", "missing", "none", "unknown", "lacking", "no card", "installed", "empty reader"],
)
def test_readers(
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    seen: Readers,
    devices: list[Device],
    status: str,
    words: str,
) -> None:
    monkeypatch.setattr(smart_cards, "readers", lambda: seen)
    monkeypatch.setattr(token_devices, "plugged", lambda: devices)
    [found] = drivers.readers(workplace)
    assert found.status == status
    assert words in found.hint if words else not found.hint


def test_a_clock_that_is_behind_what_was_written(workplace: Workplace) -> None:
    written = workplace.office.settings.data_dir / "settings.toml"
    ahead = time.time() + 3 * 86400
    os.utime(written, (ahead, ahead))
    [found] = clock.clock(workplace)
    assert (found.status, found.facts["against"]) == ("fail", "files")
    assert found.facts["behind_seconds"] == pytest.approx(3 * 86400, abs=120)
    assert found.hint


@pytest.mark.parametrize(("minutes", "status"), [(-20, "fail"), (20, "fail"), (1, "ok")])
def test_a_clock_that_differs_from_a_time_stamp(workplace: Workplace, minutes: int, status: str) -> None:
    now = dt.datetime.now(dt.UTC)
    workplace.stamp = lambda: Stamped(now, 0.2, now - dt.timedelta(minutes=minutes))
    [found] = clock.clock(workplace)
    assert found.facts == {"offset_seconds": pytest.approx(60 * minutes, abs=2), "against": "stamp"}
    assert found.status == status or (status, found.status) == ("ok", "warn"), "the time zone of this computer"


def test_a_clock_without_time_stamps_is_held_against_a_server_s(opened: Office) -> None:
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

    class Late(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(404)
            self.send_header("Date", f"{yesterday:%a, %d %b %Y %H:%M:%S} GMT")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        workplace = changed(opened, "network", tsa_url="")
        workplace.responders = lambda: [Responder(f"http://127.0.0.1:{server.server_port}/ocsp", b"", b"")]
        [found] = clock.clock(workplace)
        server.shutdown()
    assert (found.status, found.facts["against"]) == ("fail", "server")
    assert found.facts["offset_seconds"] == pytest.approx(86400, abs=60)


def test_servers_are_timed(workplace: Workplace) -> None:
    [stamped], [asked] = list(servers.tsa(workplace)), list(servers.ocsp(workplace))
    for found in (stamped, asked):
        assert found.status == "ok"
        assert isinstance(found.facts["milliseconds"], int)


def test_servers_that_do_not_answer(opened: Office) -> None:
    workplace = changed(opened, "network", tsa_url="http://127.0.0.1:9/tsa")
    [found] = servers.tsa(workplace)
    assert (found.status, found.code) == ("fail", "timestamp-unavailable")
    assert found.hint
    [responder] = workplace.responders()
    silent = Responder("http://127.0.0.1:9/", responder.certificate, responder.issuer)
    workplace.responders = lambda: [silent]
    [found] = servers.ocsp(workplace)
    assert found.status == "warn" and found.hint


def test_nobody_is_asked_where_nothing_may_be_contacted(offline_settings: Settings, pki: Pki) -> None:
    with Office(offline_settings) as office:
        [found] = servers.ocsp(Workplace(office))
    assert (found.status, found.facts) == ("ok", {"network": "offline"})


def test_roots_that_have_ended(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    late = max(anchor.not_after for anchor in workplace.office.trust.store.anchors)

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return moment

    monkeypatch.setattr(trust.dt, "datetime", Later)
    moment = late - dt.timedelta(days=10)
    [ending] = trust.anchors(workplace)
    moment = late + dt.timedelta(days=1)
    [ended] = trust.anchors(workplace)
    assert (ending.status, ended.status) == ("warn", "fail")
    assert ending.hint and ended.hint


def test_revocation_lists_are_counted_and_outdated_ones_named(opened: Office, pki: Pki, tmp_path: Path) -> None:
    [none] = trust.lists(Workplace(opened))
    assert none.status == "warn" and none.hint
    file = tmp_path / "thu-hoi.crl"
    file.write_bytes(pki.crl())
    opened.kept_lists.import_file(file, opened.trust.store)
    [some] = trust.lists(Workplace(opened))
    assert (some.status, some.facts["lists"]) == ("ok", 1)


def test_the_trust_bundle_and_its_lists(offline_settings: Settings, tmp_path: Path) -> None:
    def looked(office: Office) -> tuple[Finding, Finding]:
        office.renew_trust()
        workplace = Workplace(office)
        [bundle], [lists] = trust.bundle(workplace), trust.lists(workplace)
        return bundle, lists

    with Office(offline_settings) as office:
        assert looked(office)[0].status == "ok"
    named = BundleSettings(signers=[hashlib.sha256(bundles.SIGNER.der).hexdigest()])
    with Office(msgspec.structs.replace(offline_settings, bundle=named)) as office:
        missing, lists = looked(office)
        assert (missing.status, lists.status) == ("warn", "warn") and "import --for-all" in missing.hint
        fresh = crl(bundles.ROOT, at=bundles.NOW)
        office.bundles().take(bundles.signed(tmp_path, bundles.packed(1, crls=(fresh,))))
        current, lists = looked(office)
        assert (current.status, current.facts["due_in_days"], lists.status) == ("ok", 6, "ok")
        assert "Nguyễn Quản Trị" in current.message
        old = crl(bundles.ROOT, at=bundles.NOW - 9 * bundles.DAY, until=bundles.NOW - 2 * bundles.DAY)
        office.bundles().take(bundles.signed(tmp_path, bundles.packed(2, crls=(old,))))
        outdated, lists = looked(office)
        assert (outdated.status, lists.status) == ("warn", "ok") and "import --for-all" in outdated.hint
        (tmp_path / "moi.crl").write_bytes(fresh)
        office.kept_lists.import_file(tmp_path / "moi.crl", office.trust.store)
        assert looked(office)[0].status == "ok"
    with Office(msgspec.structs.replace(offline_settings, bundle=BundleSettings(signers=["00" * 32]))) as office:
        found = {finding.check: finding for finding in examine(office, [*CHECKS[:1], *CHECKS[7:10]])}
    assert {finding.code for finding in found.values()} == {"bundle-signer-unknown"}
    assert found["bundle"].status == "fail" and found["bundle"].hint
    held_up = [found[check] for check in ("modules", "anchors", "lists")]
    assert {(finding.status, finding.message) for finding in held_up} == {("warn", held_up[0].message)}


def test_a_data_folder_on_a_network_drive(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(here()), "is_remote", lambda _system, _path: True)
    [data], [archive] = list(records.data(workplace)), list(records.archive(workplace))
    assert (data.status, archive.status) == ("warn", "ok")
    assert "ổ đĩa mạng" in data.message and "database.url" in data.hint


def test_a_folder_that_cannot_be_written(opened: Office) -> None:
    folder = opened.settings.archive_dir
    folder.write_bytes(b"")
    [found] = records.archive(Workplace(opened))
    assert found.status == "fail" and found.hint and found.code
    assert folder.read_bytes() == b""


def test_little_room(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records.shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(9, 8, 1 << 20))
    [found] = records.data(workplace)
    assert (found.status, found.facts["free_mib"]) == ("warn", 1)


def test_the_database(workplace: Workplace) -> None:
    office = workplace.office
    [none] = records.database(workplace)
    office.store()
    [made] = records.database(workplace)
    assert (none.facts["kind"], made.facts["kind"], made.status) == ("unset", "sqlite", "ok")
    office.close()
    office._store = None
    (office.settings.data_dir / "antin.sqlite").write_bytes(b"no database" * 100)
    found = list(examine(office, [check for check in CHECKS if check.name == "database"]))
    assert [(finding.status, finding.code) for finding in found] == [("fail", "store-damaged")]


def test_a_session_without_a_screen(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    [found] = installation.display(workplace)
    assert (found.status, found.code) == ("warn", "no-display")


def test_fonts_that_are_missing_or_cut(workplace: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts = Path(shutil.copytree(installation.RESOURCES / "fonts", tmp_path / "fonts"))
    monkeypatch.setattr(installation, "RESOURCES", tmp_path)
    assert [found.status for found in installation.fonts(workplace)] == ["ok"]
    (fonts / "Tinos-Regular.ttf").write_bytes(b"")
    [found] = installation.fonts(workplace)
    assert found.status == "fail" and found.hint


def test_the_doctor_costs_nothing_until_it_is_asked() -> None:
    heavy = ("sqlalchemy", "pyhanko", "lxml", "cryptography")
    program = f"import app.doctor.examination, sys; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
