"""Seals over the ledger: a cut tail, a chain written anew, a stranger's seal are found, by the program and by the
script that needs only Python and openssl."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from cryptography import x509

from app.custody.custody import Custody
from app.journal.entry import Draft, Entry, decode, encode
from app.journal.export import ExportExists, export
from app.journal.head import Head, write_head
from app.journal.kept_seals import KeptSeals
from app.journal.ledger import Ledger
from app.journal.seal import Standing, content
from app.office import Office
from app.settings import load
from app.signing.model import Act, PinAnswer, SignOptions
from app.signing.pdf_cms import CmsDraft
from app.storage.schema.custody import certificates
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.demo.office import DemoOffice
from tests.demo.pki import Credential, Pki
from tests.office_signing import raw_signature
from tests.pdf_samples import LocalStamper

#: Entries of the ledger that :func:`sealed_once` makes, and where its two seals stand.
SEALS = (3, 7)
LAST = 8


@dataclass(frozen=True)
class Made:
    """A ledger of two sessions: the data folder, and the folder with copies of the seals."""

    data: Path
    copies: Path


@pytest.fixture(scope="module")
def sealed_once(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two sessions of the real desk: sign, file, seal; sign with a time stamp, file, verify, seal, verify. The token is
    in the office's register; its entry there is not of this ledger."""
    folder = tmp_path_factory.mktemp("sealed")
    made = Made(folder / "data", folder / "copies")
    made.data.mkdir()
    settings = made.data / "settings.toml"
    shutil.copy(office.settings_file, settings)
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'seal_copies = ["{made.copies}"]\n')
    with Office(load(made.data)) as opened:
        [token] = [one for one in opened.bridge.tokens() if one.serial == office.tokens["leader"].serial]
        Custody(opened.store, lambda kind, /, **data: None).register(token)
        source = Path(shutil.copy(office.samples["xlsx"], folder / "phụ lục.xlsx"))
        _sign(opened, office, source, SignOptions(act=Act.PLAIN, out=folder / "1"))
        opened.verify(source)
        with_stamp = SignOptions(act=Act.PLAIN, out=folder / "2", level="T", tsa_url=office.pki.tsa_url)  # type: ignore[arg-type]
        _sign(opened, office, source, with_stamp)
        opened.verify(source)
    return made


def _sign(opened: Office, office: DemoOffice, source: Path, options: SignOptions) -> None:
    keys = opened.keys()
    [key] = [key for key in keys if key.token.serial == office.tokens["leader"].serial]
    pin = office.tokens["leader"].pin
    [result] = opened.desk.sign([source], options, key, pin_source=lambda _: PinAnswer(bytearray(pin.encode())))
    assert result.error is None, result.error


@pytest.fixture
def made(sealed_once: Made, tmp_path: Path) -> Made:
    for name in ("data", "copies"):
        shutil.copytree(getattr(sealed_once, name), tmp_path / name)
    return Made(tmp_path / "data", tmp_path / "copies")


@pytest.fixture
def opened(made: Made) -> Iterator[Office]:
    settings = load(made.data)
    journal = msgspec.structs.replace(settings.journal, seal_copies=[str(made.copies)], sealers=[])
    with Office(msgspec.structs.replace(settings, journal=journal)) as office:
        yield office


def _entries(ledger: Ledger) -> list[Entry]:
    return list(ledger.entries())


def _write(ledger: Ledger, entries: list[Entry]) -> None:
    """A chain of these entries made anew, and a head that fits, as somebody who may write all files could."""
    lines, seq, previous = b"", 0, "0" * 64
    for entry in entries:
        made, line = encode(seq + 1, previous, Draft(entry.time, entry.kind, entry.actor, entry.machine, entry.data))
        seq, previous = made.seq, made.hash
        lines += line + b"\n"
    ledger.path.write_bytes(lines)
    (ledger.folder / "ledger.head").unlink()
    write_head(ledger.folder / "ledger.head", Head(seq, previous, len(lines)))


def _forget(made: Made, *which: Path) -> None:
    for folder in which:
        (folder / "ledger-seals.jsonl").unlink()


def _resealed(entries: list[Entry], credential: Credential, stamper: LocalStamper | None = None) -> list[Entry]:
    """The entries chained anew, every seal made anew with another key, and stamped by an authority of one's own."""
    done: list[Entry] = []
    for entry in entries:
        data = dict(entry.data)
        if entry.kind == "seal":
            head = done[data["over"]["seq"] - 1]
            signed = content(head.seq, head.hash)
            draft = CmsDraft(
                hashlib.sha256(signed).digest(),
                credential.certificate,
                credential.chain,
                SignatureAlgorithm.RSA_SHA256,
                dt.datetime.now(dt.UTC),
            )
            value = draft.cms_value(raw_signature(credential, draft.to_be_signed, "sha256"))
            data["over"] = {"seq": head.seq, "hash": head.hash}
            stamp = None if stamper is None else stamper.token(hashlib.sha256(value).digest(), "sha256")
            data["cms"] = base64.b64encode(draft.assemble(value, stamp)).decode()
        previous = done[-1].hash if done else "0" * 64
        made, _line = encode(len(done) + 1, previous, Draft(entry.time, entry.kind, entry.actor, entry.machine, data))
        done.append(msgspec.structs.replace(made))
    return done


def _changed(entries: list[Entry]) -> list[Entry]:
    first = msgspec.structs.replace(entries[0], data={**entries[0].data, "signer": "Người Khác"})
    return [first, *entries[1:]]


# What a session leaves


def test_each_session_ends_with_a_seal_over_its_entries(opened: Office, made: Made) -> None:
    entries = _entries(opened.ledger)
    assert [entry.kind for entry in entries] == ["sign", "file", "seal", "verify", "sign", "file", "seal", "verify"]
    for number in SEALS:
        assert entries[number - 1].data["over"] == {"seq": number - 1, "hash": entries[number - 2].hash}
        assert entries[number - 1].data["stamped"], "the settings name a server, and the network may be used"
    check = opened.ledger.verify()
    assert (check.ok, check.entries, check.seals, check.sealed) == (True, LAST, 2, 6)
    assert (check.unproven, check.stamped, check.unsealed) == (None, True, 0)
    assert check.sealed_by == entries[0].data["signer"]
    assert [(seal.seq, seal.over, seal.by, seal.standing) for seal in check.seal_list] == [
        (number, number - 1, check.sealed_by, Standing.OFFICE) for number in SEALS
    ]
    kept = [(folder / "ledger-seals.jsonl").read_bytes() for folder in (made.data, made.copies)]
    assert kept[0] == kept[1] and kept[0].count(b"\n") == 2


def test_without_the_root_nothing_is_proven(made: Made) -> None:
    check = Ledger(made.data).verify()
    assert (check.ok, check.seals, check.sealed, check.unproven) == (True, 2, 0, SEALS[0])


# Found


def test_a_chain_written_anew_does_not_fit_its_seals(opened: Office, made: Made) -> None:
    _write(opened.ledger, _changed(_entries(opened.ledger)))
    check = opened.ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, SEALS[0], "seal")


def test_a_chain_written_anew_without_seals_is_found_by_a_seal_kept_apart(opened: Office, made: Made) -> None:
    _write(opened.ledger, [entry for entry in _changed(_entries(opened.ledger)) if entry.kind != "seal"])
    _forget(made, made.data)
    check = opened.ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, 2, "kept-seal")


def test_a_tail_cut_behind_an_older_seal_is_found_by_a_seal_kept_apart(opened: Office, made: Made) -> None:
    _write(opened.ledger, _entries(opened.ledger)[:4])
    check = opened.ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, 5, "kept-seal")
    _forget(made, made.data)
    assert opened.ledger.verify().code == "kept-seal", "the copy on the other disk is enough"


def test_a_ledger_thrown_away_whole_is_missed(opened: Office, made: Made) -> None:
    opened.ledger.path.unlink()
    (made.data / "ledger.head").unlink()
    check = opened.ledger.verify()
    assert (check.ok, check.first_bad, check.code) == (False, 1, "kept-seal")


def test_seals_of_a_stranger_prove_nothing(opened: Office, made: Made, pki: Pki) -> None:
    """Written anew and sealed anew with a certificate of the same name from another root."""
    _write(opened.ledger, _resealed(_changed(_entries(opened.ledger)), pki.credential("leader", stranger=True)))
    _forget(made, made.data, made.copies)
    check = opened.ledger.verify()
    assert (check.ok, check.sealed, check.unproven) == (True, 0, SEALS[0])


def test_seals_of_another_certificate_of_a_trusted_root_prove_nothing(opened: Office, made: Made, pki: Pki) -> None:
    """Anybody in the country may have such a certificate: the ledger was written anew by a clerk of another office."""
    _write(opened.ledger, _resealed(_changed(_entries(opened.ledger)), pki.credential("other")))
    _forget(made, made.data, made.copies)
    check = opened.ledger.verify()
    assert (check.ok, check.seals, check.sealed) == (True, len(SEALS), 0)
    assert (check.unproven, check.unregistered) == (None, SEALS[0])
    assert {seal.standing for seal in check.seal_list} == {Standing.UNREGISTERED}


def test_the_settings_may_pin_a_sealer_that_the_register_does_not_have(opened: Office, made: Made, pki: Pki) -> None:
    other = pki.credential("other")
    _write(opened.ledger, _resealed(_entries(opened.ledger), other))
    _forget(made, made.data, made.copies)
    pin = hashlib.sha256(other.certificate).hexdigest().upper()
    pin = ":".join(pin[at : at + 2] for at in range(0, len(pin), 2))
    journal = msgspec.structs.replace(opened.settings.journal, sealers=[pin])
    with Office(msgspec.structs.replace(opened.settings, journal=journal)) as pinning:
        check = pinning.ledger.verify()
    assert (check.unregistered, check.sealed, {seal.standing for seal in check.seal_list}) == (
        None,
        LAST - 2,
        {Standing.OFFICE},
    )


@pytest.mark.parametrize(("minutes", "standing"), [(-1, Standing.UNREGISTERED), (1, Standing.OFFICE)])
def test_a_certificate_that_ended_in_the_register_seals_nothing_more(
    opened: Office, minutes: int, standing: Standing
) -> None:
    times = [entry.time for entry in _entries(opened.ledger) if entry.kind == "seal"]
    ended = (min(times) if minutes < 0 else max(times)) + dt.timedelta(minutes=minutes)
    with opened.store().write() as connection:
        connection.execute(certificates.update().values(ended="revoked", ended_at=ended))
    check = opened.ledger.verify()
    assert {seal.standing for seal in check.seal_list} == {standing}
    assert (check.sealed > 0) is (standing is Standing.OFFICE)


def test_a_stranger_s_seal_among_those_kept_apart_accuses_nobody(opened: Office, made: Made, pki: Pki) -> None:
    """Whoever may write to the share of the copies could otherwise have every ledger called broken."""
    stranger = pki.credential("leader", stranger=True)
    forged = _resealed([*_entries(opened.ledger)[:2], _entries(opened.ledger)[2]], stranger)[-1]
    forged = msgspec.structs.replace(forged, seq=99, hash="ab" * 32)
    assert KeptSeals([made.copies / "ledger-seals.jsonl"]).keep(forged) == []
    assert opened.ledger.verify().ok
    assert opened.ledger.verify().sealed == LAST - 2


def test_a_kept_line_that_was_torn_spoils_no_other(opened: Office, made: Made, roots: Path, tmp_path: Path) -> None:
    """A disk was full, a computer went out: the next seal is kept on a line of its own, and still tells of a cut."""
    for folder in (made.data, made.copies):
        path = folder / "ledger-seals.jsonl"
        first, second = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(first + second[: len(second) // 2])
    kept = made.copies / "ledger-seals.jsonl"
    last = [entry for entry in _entries(opened.ledger) if entry.kind == "seal"][-1]
    assert KeptSeals([kept]).keep(last) == []
    assert kept.read_bytes().endswith(b"\n") and kept.read_bytes().count(b"\n") == 3
    assert _script(opened.ledger, roots, tmp_path, kept)[0] == 0
    (tmp_path / "ledger.zip").unlink()
    _write(opened.ledger, _entries(opened.ledger)[:4])
    assert opened.ledger.verify().code == "kept-seal"
    code, said = _script(opened.ledger, roots, tmp_path, kept)
    assert code == 1 and "BROKEN: a kept seal" in said, said


def test_the_script_ends_with_a_verdict_on_a_torn_kept_line(
    opened: Office, made: Made, roots: Path, tmp_path: Path
) -> None:
    kept = made.copies / "ledger-seals.jsonl"
    kept.write_bytes(kept.read_bytes()[:-20])
    code, said = _script(opened.ledger, roots, tmp_path, kept)
    assert code == 0 and "WHOLE" in said, said


def test_seals_of_a_certificate_out_of_its_time_prove_nothing(opened: Office, made: Made, pki: Pki) -> None:
    _write(opened.ledger, _resealed(_entries(opened.ledger), pki.credential("expired")))
    _forget(made, made.data, made.copies)
    assert opened.ledger.verify().unproven == SEALS[0]


def test_a_time_stamp_of_a_stranger_proves_no_time(opened: Office, made: Made, pki: Pki) -> None:
    """It says that the certificate had not expired yet."""
    expired = pki.credential("expired")
    within = x509.load_der_x509_certificate(expired.certificate).not_valid_after_utc - dt.timedelta(days=1)
    _write(opened.ledger, _resealed(_entries(opened.ledger), expired, LocalStamper(within)))
    _forget(made, made.data, made.copies)
    check = opened.ledger.verify()
    assert (check.ok, check.seals, check.sealed, check.unproven) == (True, len(SEALS), 0, SEALS[0])


def test_only_a_stamp_that_counts_is_told(made: Made) -> None:
    [sealer] = {seal.certificate for seal in Ledger(made.data).verify().seal_list}
    ledger = Ledger(
        made.data, judge=lambda certificate, others, at, usage: usage == "signature", own=lambda: {sealer: None}
    )
    check = ledger.verify()
    seal = next(entry for entry in reversed(_entries(Ledger(made.data))) if entry.kind == "seal")
    assert (check.sealed, check.stamped, check.sealed_at) == (6, False, seal.time)


def test_a_seal_moved_to_another_place_does_not_hold(opened: Office) -> None:
    entries = _entries(opened.ledger)
    _write(opened.ledger, [*entries[:3], entries[2], *entries[3:]])
    assert opened.ledger.verify().code == "seal"


def test_a_kept_line_that_is_no_seal_accuses_nobody(opened: Office, made: Made) -> None:
    with (made.copies / "ledger-seals.jsonl").open("ab") as file:
        file.write(b'{"seq":99,"hash":"00","over":98,"over_hash":"11","cms":"AAAA"}\nnonsense\n')
    assert opened.ledger.verify().ok


def test_a_clock_set_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path)
    ledger.append("verify", path="a")
    ledger.append("verify", path="b")
    entries = _entries(ledger)

    entries.append(msgspec.structs.replace(entries[1], time=entries[1].time - dt.timedelta(hours=3)))
    _write(ledger, entries)
    check = ledger.verify()
    assert (check.ok, check.clock_back) == (True, 3)


# The script


@pytest.fixture
def roots(pki: Pki, tmp_path: Path) -> Path:
    path = tmp_path / "roots.pem"
    path.write_bytes(pki.root_certificate.read_bytes())
    return path


def _script(ledger: Ledger, roots: Path, folder: Path, *kept: Path) -> tuple[int, str]:
    """Export, unpack elsewhere, and run the script in a Python without this program."""
    export(ledger, folder / "ledger.zip")
    out = folder / "unpacked"
    with zipfile.ZipFile(folder / "ledger.zip") as archive:
        archive.extractall(out)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(out / "check_ledger.py"), str(out), str(roots), *map(str, kept)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_script_finds_a_whole_ledger_whole(opened: Office, made: Made, roots: Path, tmp_path: Path) -> None:
    code, said = _script(opened.ledger, roots, tmp_path, made.copies / "ledger-seals.jsonl")
    *seals, whole = said.splitlines()
    assert (code, whole) == (0, f"WHOLE: {LAST} entries; the seals cover entries 1 to 6")
    signer = next(entry for entry in _entries(opened.ledger) if entry.kind == "sign").data["signer"]
    [seal, _later] = opened.ledger.verify().seal_list
    fingerprint = ":".join(seal.certificate[at : at + 2] for at in range(0, 64, 2)).upper()
    for number, line in zip(SEALS, seals, strict=True):
        assert f"entry {number}" in line and signer in line and fingerprint in line, line


def test_the_script_is_short_and_needs_nothing() -> None:
    from app.paths import RESOURCES

    lines = (RESOURCES / "check_ledger.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 30


def _edit(ledger: Ledger, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    ledger.path.write_bytes(b"".join(edit(ledger.path.read_bytes().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("edit", "entry"),
    [
        (lambda lines: [lines[0].replace(b'"plain"', b'"issue"'), *lines[1:]], "entry 1"),
        (lambda lines: [*lines[:3], *lines[4:]], "entry 4"),
        (lambda lines: [*lines[:3], lines[3], *lines[3:]], "entry 5"),
        (lambda lines: lines[:5], "cut off"),
    ],
)
def test_the_script_finds_what_was_changed_cut_or_inserted(
    opened: Office,
    roots: Path,
    tmp_path: Path,
    edit: Callable[[list[bytes]], list[bytes]],
    entry: str,
) -> None:
    _edit(opened.ledger, edit)
    code, said = _script(opened.ledger, roots, tmp_path)
    assert code == 1 and entry in said, said


def test_the_script_finds_a_chain_written_anew(opened: Office, roots: Path, tmp_path: Path) -> None:
    _write(opened.ledger, _changed(_entries(opened.ledger)))
    code, said = _script(opened.ledger, roots, tmp_path)
    assert code == 1 and f"entry {SEALS[0]}" in said, said


def test_the_script_finds_a_stranger_s_seals(opened: Office, roots: Path, tmp_path: Path, pki: Pki) -> None:
    _write(opened.ledger, _resealed(_changed(_entries(opened.ledger)), pki.credential("leader", stranger=True)))
    code, said = _script(opened.ledger, roots, tmp_path)
    assert code == 1 and f"entry {SEALS[0]}" in said, said


def test_the_script_finds_a_cut_tail_by_a_seal_kept_apart(
    opened: Office, made: Made, roots: Path, tmp_path: Path
) -> None:
    _write(opened.ledger, _entries(opened.ledger)[:4])
    assert _script(opened.ledger, roots, tmp_path)[0] == 0, "nothing in it tells that there was more"
    (tmp_path / "ledger.zip").unlink()
    code, said = _script(opened.ledger, roots, tmp_path, made.copies / "ledger-seals.jsonl")
    assert code == 1 and "7" in said, said


def test_an_export_writes_over_nothing(opened: Office, tmp_path: Path) -> None:
    target = tmp_path / "sổ.zip"
    target.write_text("mine")
    with pytest.raises(ExportExists):
        export(opened.ledger, target)
    assert target.read_text() == "mine"
    assert decode(opened.ledger.path.read_bytes().splitlines()[0]) is not None
