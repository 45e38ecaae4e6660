"""Signing OpenDocument packages and examining the result, with keys in software."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.documents.zip_errors import ZipDuplicate
from app.signing import odf
from app.signing.container_errors import EarlierSignaturesUnreadable, OdfEncrypted, OdfUnfit
from app.signing.errors import AlgorithmUnfit, SignatureValueWrong, SourceChanged, TimestamperMissing
from app.signing.model import Completed, Level
from app.trust.timestamps import HttpTimestamper
from app.verification.model import Coverage
from app.verification.odf import examine
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.demo.pki import Credential, Pki
from tests.demo.services import Services
from tests.office_signing import TIME, contents, raw_signature, request
from tests.xml_signing import altered, write_odt

SIGNATURES = "META-INF/documentsignatures.xml"


def sign(source: Path, target: Path, credential: Credential, **wishes: object) -> Completed:
    wanted = request(source, target, credential, **wishes)
    preparation = odf.prepare(wanted)
    return preparation.complete(raw_signature(credential, preparation.to_be_signed, wanted.algorithm.hash_name))


@pytest.fixture
def odt(tmp_path: Path) -> Path:
    return write_odt(
        tmp_path / "quyết định.odt", "Quyết định phê duyệt <!-- ghi chú -->", {"Pictures/ảnh 1.png": b"\x89PNG"}
    )


@pytest.mark.parametrize("signer", ["leader", "second", "p384"])
def test_round_trip(odt: Path, pki: Pki, tmp_path: Path, signer: str) -> None:
    before = hashlib.sha256(odt.read_bytes()).digest()
    credential = pki.credential(signer)
    completed = sign(odt, tmp_path / "signed.odt", credential, location="Hà Nội")
    assert (completed.level, list(completed.notes)) == (Level.B, [])
    assert hashlib.sha256(odt.read_bytes()).digest() == before
    (facts,) = examine(completed.path).signatures
    assert (facts.intact, facts.supported, facts.coverage, facts.problems) == (True, True, Coverage.WHOLE, ())
    assert facts.certificate == credential.certificate
    assert facts.claimed_time == TIME
    kept = contents(completed.path)
    assert {name: content for name, content in kept.items() if name != SIGNATURES} == contents(odt)
    assert next(iter(kept)) == "mimetype"


def test_a_second_signature_keeps_the_first(odt: Path, pki: Pki, tmp_path: Path) -> None:
    first = sign(odt, tmp_path / "1.odt", pki.credential("leader")).path
    second = sign(first, tmp_path / "2.odt", pki.credential("second")).path
    facts = examine(second).signatures
    assert [one.certificate for one in facts] == [pki.credential(name).certificate for name in ("leader", "second")]
    assert all(one.intact and one.coverage is Coverage.WHOLE for one in facts)
    kept = contents(first)[SIGNATURES].decode().partition("<Signature")[2].removesuffix("</document-signatures>")
    assert kept in contents(second)[SIGNATURES].decode()


def test_time_stamp(odt: Path, pki: Pki, services: Services, tmp_path: Path) -> None:
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    completed = sign(odt, tmp_path / "t.odt", pki.credential("leader"), level=Level.T, timestamper=stamper)
    assert completed.level is Level.T
    (facts,) = examine(completed.path).signatures
    assert facts.intact
    assert [stamp.intact for stamp in facts.timestamps] == [True]
    without = sign(odt, tmp_path / "b.odt", pki.credential("leader"), level=Level.T)
    assert without.level is Level.B
    assert isinstance(without.notes[0], TimestamperMissing)


def test_an_encrypted_document_is_refused(odt: Path, pki: Pki, tmp_path: Path) -> None:
    hidden = altered(
        odt,
        tmp_path / "hidden.odt",
        {"META-INF/manifest.xml": lambda data: data.replace(b"</m:manifest>", b"<m:encryption-data/></m:manifest>")},
    )
    with pytest.raises(OdfEncrypted):
        sign(hidden, tmp_path / "out.odt", pki.credential("leader"))
    assert not (tmp_path / "out.odt").exists()


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, OdfUnfit),
        ({"META-INF/manifest.xml": None}, OdfUnfit),
        ({"META-INF/manifest.xml": b"<!DOCTYPE x><x/>"}, OdfUnfit),
        ({SIGNATURES: b"<signatures/>"}, EarlierSignaturesUnreadable),
        ({SIGNATURES: b"<broken"}, EarlierSignaturesUnreadable),
        ({"Content.xml": b"<x/>"}, ZipDuplicate),
    ],
)
def test_what_is_never_wholly_signed_is_refused(
    odt: Path, pki: Pki, tmp_path: Path, edit: dict[str, bytes | None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        sign(altered(odt, tmp_path / "odd.odt", edit), tmp_path / "out.odt", pki.credential("leader"))
    assert not (tmp_path / "out.odt").exists()


def test_a_wrong_answer_of_the_token_writes_nothing(odt: Path, pki: Pki, tmp_path: Path) -> None:
    preparation = odf.prepare(request(odt, tmp_path / "out.odt", pki.credential("leader")))
    with pytest.raises(SignatureValueWrong):
        preparation.complete(b"\1" * 256)
    assert not (tmp_path / "out.odt").exists()


def test_a_source_written_to_meanwhile_is_told(odt: Path, pki: Pki, tmp_path: Path) -> None:
    credential = pki.credential("leader")
    preparation = odf.prepare(request(odt, tmp_path / "out.odt", credential))
    with odt.open("ab") as file:
        file.write(b" ")
    with pytest.raises(SourceChanged):
        preparation.complete(raw_signature(credential, preparation.to_be_signed, "sha256"))
    assert not (tmp_path / "out.odt").exists()


def test_no_pss(odt: Path, pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(AlgorithmUnfit):
        sign(odt, tmp_path / "x.odt", pki.credential("leader"), algorithm=SignatureAlgorithm.RSA_PSS_SHA256)
