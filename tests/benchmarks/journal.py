"""A ledger of 100,000 entries: checked, looked through, counted; and what an entry and a report cost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from app.documents.letterhead import Letterhead
from app.journal.entry import Draft
from app.journal.export import export
from app.journal.file_book import FileBook
from app.journal.ledger import Ledger
from app.journal.report import save
from app.journal.seal import content
from app.journal.selection import Wish
from app.journal.usage import Period, usage
from app.office import Office
from app.settings import load
from app.signing.pdf_cms import CmsDraft
from app.times import VIETNAM
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.benchmarks.frame import Bench, Figure
from tests.demo.pki import Credential
from tests.office_signing import raw_signature

_ENTRIES, _SESSIONS = 100_000, 200
#: The certificates of the demo office are older than that.
_BEGIN = dt.datetime.now(VIETNAM) - dt.timedelta(days=300)


def records(bench: Bench) -> Iterator[Figure]:
    """Rows of ``make bench-records``."""
    folder = bench.data_dir("ledger")
    credential = bench.office.pki.credential("leader")
    settings = load(folder)
    journal = msgspec.structs.replace(settings.journal, sealers=[hashlib.sha256(credential.certificate).hexdigest()])
    with Office(msgspec.structs.replace(settings, journal=journal)) as office:
        _fill(folder, office.ledger, credential)
        yield _check(office.ledger)
        yield from _look(office.ledger)
        yield _append(office.ledger)
        yield from _report(bench.folder, office.ledger)
        yield _export(bench.folder, office.ledger)


def _fill(folder: Path, ledger: Ledger, credential: Credential) -> None:
    """Entries of signing, filing and checking, a session's seal after each 500th."""
    book = FileBook(folder)
    each = _ENTRIES // _SESSIONS
    for session in range(_SESSIONS):
        book.append([_draft(session * each + number) for number in range(each - 1)])
        head = ledger.head()
        signed = content(head.seq, head.hash)
        algorithm = SignatureAlgorithm.RSA_SHA256
        draft = CmsDraft(
            hashlib.sha256(signed).digest(),
            credential.certificate,
            credential.chain,
            algorithm,
            dt.datetime.now(dt.UTC),
        )
        value = draft.cms_value(raw_signature(credential, draft.to_be_signed, "sha256"))
        over = {"seq": head.seq, "hash": head.hash}
        data = {"over": over, "cms": base64.b64encode(draft.assemble(value)).decode()}
        book.append([Draft(_at((session + 1) * each), "seal", "vanthu", "may-van-thu", data)])


def _at(number: int) -> dt.datetime:
    return _BEGIN + dt.timedelta(minutes=4 * number)


def _draft(number: int) -> Draft:
    path = f"/home/vanthu/Văn bản/Công văn số {number} về việc chuyển đổi số.pdf"
    digest = f"{number:064x}"
    if number % 3 == 0:
        data: dict[str, object] = {
            "input": path,
            "input_sha256": digest,
            "output_sha256": digest,
            "act": "issue",
            "type": "Công văn",
            "level": "T",
            "token": "8A7F1123",
            "certificate": "c" * 64,
            "signer": "Ủy ban nhân dân phường Phong Điền",
            "unit": f"Đơn vị {number % 20}",
            "key": "organization",
            "result": "signed",
        }
    else:
        data = {"path": path, "sha256": digest, "result": "valid"}
    kind = ("sign", "file", "verify")[number % 3]
    return Draft(_at(number), kind, "vanthu", "may-van-thu", data)


def _check(ledger: Ledger) -> Figure:
    seconds = _timed(lambda: ledger.verify())
    check = ledger.verify()
    assert check.ok and check.seals == _SESSIONS and check.sealed, check
    return Figure(
        f"{_ENTRIES:,} entries of the ledger checked, {_SESSIONS} seals among them, process time",
        f"{seconds:.2f} s",
        "< 2 s",
        seconds < 2,
    )


def _look(ledger: Ledger) -> Iterator[Figure]:
    begin = _BEGIN + dt.timedelta(days=30)
    wish = Wish(begin, begin + dt.timedelta(days=90), ["sign"])
    seconds = _timed(lambda: ledger.select(wish))
    yield Figure(
        "the same chosen by period and kind, process time", f"{seconds * 1000:.0f} ms", "< 500 ms", seconds < 0.5
    )
    chosen = ledger.select(Wish())
    reads = [_once(lambda at=at: chosen.read(at, 50)) for at in range(0, _ENTRIES, 997)]  # type: ignore[misc]
    worst = statistics.quantiles(reads, n=20)[-1] * 1000
    yield Figure("fifty of them read from anywhere, p95", f"{worst:.1f} ms", "< 20 ms", worst < 20)


def _append(ledger: Ledger) -> Figure:
    costs = [_once(lambda: ledger.append("verify", path="/a.pdf", result="valid")) for _ in range(200)]
    median = statistics.median(costs) * 1000
    return Figure("one entry more, on the disk", f"{median:.1f} ms", "< 5 ms", median < 5)


def _report(folder: Path, ledger: Ledger) -> Iterator[Figure]:
    period = Period(_BEGIN.date(), _BEGIN.date() + dt.timedelta(days=364))

    def count() -> object:
        return usage(ledger.entries(period.start, period.end), period, documents=lambda _: None, devices=lambda _: None)

    seconds = _timed(count)
    yield Figure("the figures of a period counted from them, process time", f"{seconds:.2f} s", "< 2 s", seconds < 2)
    found = usage(ledger.entries(), period, documents=lambda _: None, devices=lambda _: None)
    head = Letterhead("Ủy ban nhân dân phường Phong Điền", "", "")
    for ending in (".pdf", ".xlsx"):
        seconds = _once(lambda ending=ending: save(folder / f"usage{ending}", found, head))  # type: ignore[misc]
        yield Figure(f"the usage report written as {ending}", f"{seconds:.2f} s", "< 1 s", seconds < 1)


def _export(folder: Path, ledger: Ledger) -> Figure:
    seconds = _once(lambda: export(ledger, folder / "ledger.zip"))
    return Figure("the ledger exported", f"{seconds:.1f} s", "< 5 s", seconds < 5)


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _timed(work: Callable[[], object]) -> float:
    """Process time of the middle one of five turns, in seconds, after one that is not counted."""
    work()
    costs = []
    for _ in range(5):
        started = time.process_time()
        work()
        costs.append(time.process_time() - started)
    return statistics.median(costs)
