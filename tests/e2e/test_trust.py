"""The office's own anchors and lists by the real commands, and what is contacted while files are verified."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import pty
import shutil
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.demo.office import DemoOffice
from tests.demo.pki import Pki
from tests.demo.services import Services, listen
from tests.e2e.command import Antin

_WATCHED = """
import json, sys
log = open(sys.argv.pop(1), "a", encoding="utf-8")
def watch(event, args):
    if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        log.write(json.dumps([event, [str(part) for part in args[1:]]]) + "\\n")
        log.flush()
sys.addaudithook(watch)
from app.cli.entry import main
sys.exit(main())
"""
"""Runs the command with every socket, connection and name look-up of its process written down."""


def _watched(antin: Antin, log: Path, *words: object) -> tuple[int, list[dict[str, Any]], list[tuple[str, list[str]]]]:
    """Exit code, rows, and what the watch saw."""
    line = [sys.executable, "-c", _WATCHED, str(log), "--data-dir", str(antin.data_dir), *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=100, env=dict(os.environ), check=False)
    seen = [tuple(json.loads(row)) for row in log.read_text(encoding="utf-8").splitlines()]
    log.unlink()
    return done.returncode, [json.loads(row) for row in done.stdout.splitlines()], seen


def _signed(antin: Antin, office: DemoOffice, out: Path, *files: Path) -> list[Path]:
    token = office.tokens["leader"]
    answer = antin(
        "sign", "--out", out, "--token", token.serial, "--pin-file", "-", "--json", *files, stdin=token.pin
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    shutil.rmtree(antin.data_dir / "cache", ignore_errors=True)  # what signing asked the authority
    return [Path(row["output"]) for row in answer.rows]


def test_anchors_are_listed_withdrawn_and_added(
    antin: Antin, office: DemoOffice, pki: Pki, samples: dict[str, Path], tmp_path: Path
) -> None:
    (signed,) = _signed(antin, office, tmp_path, samples["cong_van_pdf"])
    listed = antin("trust", "list", "--json")
    assert listed.code == 0, listed.err
    by_name = {row["name"]: row for row in listed.rows if row["row"] == "authority"}
    demo, government = by_name["RootCA mẫu"], by_name["RootCA chuyên dùng Chính phủ G2"]
    assert (demo["origin"], demo["domain"]) == ("settings", "office")
    assert (government["origin"], government["domain"], government["enabled"]) == ("shipped", "government", True)
    assert len(by_name) == 10

    assert antin("verify", signed).code == 0
    assert antin("trust", "disable", demo["sha256"][:12]).code == 0
    refused = antin("verify", "--json", signed)
    assert refused.code == 4
    assert refused.rows[0]["signatures"][0]["reasons"][0]["code"] == "chain-distrusted"
    assert antin("trust", "remove", demo["sha256"]).code == 1
    assert antin("trust", "enable", demo["sha256"]).code == 0
    assert antin("verify", signed).code == 0

    wrong = antin("trust", "add", "--sha256", "00" * 32, pki.stranger_root_certificate)
    assert wrong.code == 1
    unasked = antin("trust", "add", pki.stranger_root_certificate)
    assert unasked.code == 2
    assert "--sha256" in unasked.err
    added = antin("trust", "add", "--yes", "--json", "--domain", "public", pki.stranger_root_certificate)
    assert added.code == 0, added.err
    assert "Đã có chứng thư cùng tên “RootCA mẫu” với dấu vân tay khác." in added.err
    again = antin("trust", "add", "--yes", pki.stranger_root_certificate)
    assert again.code == 1
    assert again.err.startswith(f"{pki.stranger_root_certificate} đã được tin cậy từ trước.")
    (stranger,) = added.rows
    assert (stranger["origin"], stranger["domain"], stranger["role"]) == ("added", "public", "anchor")
    assert antin("trust", "remove", stranger["sha256"]).code == 0
    told = antin("trust", "list")
    assert demo["sha256"] in told.out
    assert stranger["sha256"] not in told.out

    kinds = [row["kind"] for row in antin("journal", "list", "--json").rows if row["kind"].startswith("trust")]
    assert kinds == ["trust-disable", "trust-enable", "trust-add", "trust-remove"]
    assert antin("journal", "verify").code == 0


def test_an_office_without_a_network_works_with_imported_lists(
    antin: Antin, office: DemoOffice, pki: Pki, samples: dict[str, Path], tmp_path: Path
) -> None:
    (signed,) = _signed(antin, office, tmp_path, samples["cong_van_pdf"])
    assert antin("verify", "--offline", signed).code == 4
    files = []
    for name in ("issuing", "root"):
        files.append(tmp_path / f"{name}.crl")
        files[-1].write_bytes(pki.crl(name))
    foreign = tmp_path / "foreign.crl"
    foreign.write_bytes(pki.crl("root", stranger=True))
    imported = antin("trust", "import-crl", "--json", foreign, *files)
    assert imported.code == 1
    assert [row.get("outcome", row.get("error", {}).get("code")) for row in imported.rows] == [
        "trust-crl-issuer-unknown",
        "updated",
        "updated",
    ]
    checked = antin("verify", "--offline", "--json", signed)
    assert checked.code == 0, checked.out
    revocation = checked.rows[0]["signatures"][0]["revocation"]
    assert (revocation["status"], revocation["source"]) == ("good", "crl")
    assert revocation["as_of"]
    lists = [row for row in antin("trust", "list", "--json").rows if row["row"] == "list"]
    assert {row["issuer"] for row in lists} == {"RootCA mẫu", "CA mẫu phục vụ cơ quan nhà nước"}
    assert {row["age_days"] for row in lists} <= set(range(8))
    assert antin("trust", "update", "--offline").code == 2


@pytest.mark.parametrize(("answer", "code"), [("\n", 1), ("y\n", 0)])
def test_a_person_at_a_terminal_compares_the_fingerprint(antin: Antin, pki: Pki, answer: str, code: int) -> None:
    terminal, end = pty.openpty()
    line = [sys.executable, "-m", "app.cli.entry", "--data-dir", str(antin.data_dir)]
    line += ["trust", "add", str(pki.stranger_root_certificate)]
    with subprocess.Popen(line, stdin=end, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(end)
        os.write(terminal, answer.encode())
        _, err = process.communicate(timeout=60)
    os.close(terminal)
    assert process.returncode == code, err.decode()
    told = err.decode()
    sha256 = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pki.stranger_root_certificate.read_text())).hexdigest()
    assert sha256 in told
    assert told.index("dấu vân tay khác") < told.index("từng chữ số")
    names = [row["sha256"] for row in antin("trust", "list", "--json").rows if row["row"] == "authority"]
    assert (sha256 in names) is (code == 0)


def test_doctor_tells_lists_that_are_missing_or_outdated(antin: Antin, pki: Pki, tmp_path: Path) -> None:
    def lists() -> tuple[str, str]:
        rows = {row["check"]: row for row in antin("doctor", "--json").rows}
        return rows["lists"]["status"], rows["lists"]["message"]

    assert lists() == ("warn", "Chưa có danh sách thu hồi nào; khi mất mạng sẽ không kết luận được.")
    settings = antin.data_dir / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("online = true", "online = false"), "utf-8")
    assert lists()[0] == "warn"
    old = tmp_path / "cu.crl"
    for days, status in ((40, "warn"), (0, "ok")):
        old.write_bytes(pki.crl("root", at=dt.datetime.now(dt.UTC) - dt.timedelta(days=days)))
        assert antin("trust", "import-crl", old).code == 0
        assert lists()[0] == status
    assert "1" in lists()[1]


def _with_addresses(pdf: bytes, host: str) -> bytes:
    """A PDF that names an address in every place where a viewer would follow one."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    name, text = generic.NameObject, generic.TextStringObject

    def action(kind: str, **entries: Any) -> generic.DictionaryObject:
        items = {name("/S"): name(f"/{kind}")}
        return generic.DictionaryObject(items | {name(f"/{key}"): value for key, value in entries.items()})

    target = generic.DictionaryObject({name("/FS"): name("/URL"), name("/F"): text(f"{host}/form")})
    opened = action("URI", URI=text(f"{host}/open"), Next=action("SubmitForm", F=target, Flags=generic.NumberObject(4)))
    writer.root[name("/OpenAction")] = writer.add_object(opened)
    writer.root[name("/URI")] = generic.DictionaryObject({name("/Base"): text(f"{host}/base")})
    metadata = f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{host}/dtd"><x xmlns="{host}/ns"/>'.encode()
    writer.root[name("/Metadata")] = writer.add_object(generic.StreamObject(stream_data=metadata))
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _replaced(source: Path, target: Path, changes: dict[str, tuple[bytes, bytes]]) -> Path:
    """A ZIP with one replacement in each part named."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            for part, (before, after) in changes.items():
                if item.filename.endswith(part):
                    assert before in content, item.filename
                    content = content.replace(before, after, 1)
            new.writestr(item, content)
    return target


def _hostile(antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, host: str) -> list[Path]:
    """Signed files whose content names ``host``, before signing and after."""
    pdf = tmp_path / "dia-chi.pdf"
    pdf.write_bytes(_with_addresses(samples["cong_van_pdf"].read_bytes(), host))
    external = (
        f'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'attachedTemplate" Target="{host}/template.dotx" TargetMode="External"/></Relationships>'
    )
    docx = _replaced(
        samples["quyet_dinh_docx"],
        tmp_path / "dia-chi.docx",
        {"word/_rels/document.xml.rels": (b"</Relationships>", external.encode())},
    )
    signed_pdf, signed_docx = _signed(antin, office, tmp_path / "ky", pdf, docx)
    entity = _replaced(
        signed_docx,
        tmp_path / "dtd.docx",
        {
            "word/document.xml": (
                b"<w:document ",
                f'<!DOCTYPE w:document SYSTEM "{host}/doc.dtd"><w:document '.encode(),
            )
        },
    )
    reference = _replaced(
        signed_docx,
        tmp_path / "tham-chieu.docx",
        {"_xmlsignatures/sig1.xml": (b'URI="/word/document.xml?', f'URI="{host}/word/document.xml?'.encode())},
    )
    after = tmp_path / "sau-khi-ky.pdf"
    after.write_bytes(_with_addresses(signed_pdf.read_bytes(), host))
    return [signed_pdf, signed_docx, entity, reference, after]


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    return tmp_path / "opened.log"


def test_offline_opens_no_socket(
    antin: Antin, office: DemoOffice, samples: dict[str, Path], tmp_path: Path, opened: Path
) -> None:
    (tmp_path / "ky").mkdir()
    files = _hostile(antin, office, samples, tmp_path, "http://127.0.0.1:9")
    code, rows, seen = _watched(antin, opened, "verify", "--offline", "--json", *files)
    assert code == 1
    assert [row["path"] for row in rows] == list(map(str, files))
    assert seen == []
    _, online, seen = _watched(antin, opened, "verify", "--online", "--json", files[0])
    assert {event for event, _ in seen} >= {"socket.__new__", "socket.connect"}, "the watch itself must work"
    code, offline, seen = _watched(antin, opened, "verify", "--offline", "--json", files[0])
    assert (code, seen) == (0, [])
    before, after = (rows[0]["signatures"][0]["revocation"] for rows in (online, offline))
    assert (after["status"], after["as_of"]) == ("good", before["as_of"]), "what an earlier check kept is used"


def test_no_address_of_a_documents_content_is_contacted(
    antin: Antin,
    office: DemoOffice,
    pki: Pki,
    services: Services,
    samples: dict[str, Path],
    tmp_path: Path,
    opened: Path,
) -> None:
    (tmp_path / "ky").mkdir()
    with listen() as stranger:
        stranger.settimeout(0.2)
        port = stranger.getsockname()[1]
        files = _hostile(antin, office, samples, tmp_path, f"http://127.0.0.1:{port}")
        code, rows, seen = _watched(antin, opened, "verify", "--online", "--json", *files)
        assert code == 1
        assert len(rows) == len(files)
        connected = {args[0] for event, args in seen if event == "socket.connect"}
        assert connected == {str(("127.0.0.1", pki.port))}
        with pytest.raises(TimeoutError):
            stranger.accept()
    by_name = {Path(row["path"]).name: row["conclusion"] for row in rows}
    assert by_name["dtd.docx"] == by_name["tham-chieu.docx"] == by_name["sau-khi-ky.pdf"] == "invalid"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_the_trust_material_is_told_before_the_first_file(
    antin: Antin, samples: dict[str, Path], tmp_path: Path, jobs: int
) -> None:
    files = [samples["cong_van_pdf"], samples["quyet_dinh_docx"]]
    wrong = tmp_path / "khong-phai.pem"
    wrong.write_bytes(b"khong phai")
    for broken in (["--trust-root", wrong], ["--crl", wrong]):
        answer = antin("verify", "--jobs", jobs, *broken, *files)
        assert (answer.code, answer.out) == (2, "")
        assert str(wrong) in answer.err
    decision = antin.data_dir / "trust/anchors" / f"{'0' * 64}.json"
    decision.parent.mkdir(parents=True)
    decision.write_bytes(b"{}")
    answer = antin("verify", "--jobs", jobs, *files)
    assert (answer.code, answer.out) == (2, "")
    assert str(decision) in answer.err
