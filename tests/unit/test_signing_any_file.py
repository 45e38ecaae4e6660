"""Any file signed: in an ASiC-E container, or with a signature file beside it; keys in software."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.documents.formats import Format, detect
from app.ooxml.errors import OfficeEncrypted
from app.signing import asice, cades
from app.signing.container_errors import (
    ContainerCrowded,
    ContainerUnfit,
    ContentTooLarge,
    EarlierSignaturesUnreadable,
    SignatureFileUnfit,
)
from app.signing.errors import SignatureValueWrong, SignedContentMissing, SourceChanged, UnsupportedFormat
from app.signing.making import making_of
from app.signing.model import Completed, Container, Level
from app.trust.signed_data import SignedData
from app.trust.timestamps import HttpTimestamper
from app.verification import asic, cms
from app.verification.model import Coverage
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.attacks.asic import cades as cades_container
from tests.attacks.asic import cades_simple, xades, xades_simple
from tests.demo.pki import Credential, Pki
from tests.demo.services import Services
from tests.office_signing import TIME, contents, raw_signature, request
from tests.xml_signing import altered


def sign(module: ModuleType, source: Path, target: Path, credential: Credential, **wishes: object) -> Completed:
    wanted = request(source, target, credential, **wishes)
    preparation = module.prepare(wanted)
    return preparation.complete(raw_signature(credential, preparation.to_be_signed, wanted.algorithm.hash_name))


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "Bản vẽ số 1.dwg"
    path.write_bytes(b"AC1032" + bytes(range(256)) * 500)
    return path


# ASiC-E


@pytest.mark.parametrize("signer", ["leader", "second", "p384"])
def test_container_round_trip(drawing: Path, pki: Pki, tmp_path: Path, signer: str) -> None:
    credential = pki.credential(signer)
    completed = sign(asice, drawing, tmp_path / "a.asice", credential, location="Huế")
    assert (completed.level, completed.content) == (Level.B, None)
    (facts,) = asic.examine(completed.path).signatures
    assert (facts.intact, facts.coverage, facts.problems) == (True, Coverage.WHOLE, ())
    assert (facts.certificate, facts.claimed_time) == (credential.certificate, TIME)
    with zipfile.ZipFile(completed.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "mimetype",
            "Bản vẽ số 1.dwg",
            "META-INF/manifest.xml",
            "META-INF/signatures001.xml",
        ]
        assert archive.read(drawing.name) == drawing.read_bytes()
    assert completed.path.read_bytes()[30:69] == b"mimetypeapplication/vnd.etsi.asic-e+zip"


def test_a_further_signature_leaves_the_first_as_it_was(drawing: Path, pki: Pki, tmp_path: Path) -> None:
    first = sign(asice, drawing, tmp_path / "1.asice", pki.credential("leader")).path
    second = sign(asice, first, tmp_path / "2.asice", pki.credential("second")).path
    facts = asic.examine(second).signatures
    assert [one.certificate for one in facts] == [pki.credential(name).certificate for name in ("leader", "second")]
    assert all(one.intact and one.coverage is Coverage.WHOLE for one in facts)
    before, after = contents(first), contents(second)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"META-INF/signatures002.xml"}


def test_a_container_of_another_program_gets_a_further_signature(pki: Pki, tmp_path: Path) -> None:
    foreign = xades(tmp_path / "foreign.asice", pki.credential("leader"))
    signed = sign(asice, foreign, tmp_path / "2.asice", pki.credential("second")).path
    assert [one.intact for one in asic.examine(signed).signatures] == [True, True]


def test_container_time_stamp(drawing: Path, pki: Pki, services: Services, tmp_path: Path) -> None:
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    completed = sign(asice, drawing, tmp_path / "t.asice", pki.credential("second"), level=Level.T, timestamper=stamper)
    (facts,) = asic.examine(completed.path).signatures
    assert (completed.level, [stamp.intact for stamp in facts.timestamps]) == (Level.T, [True])


@pytest.mark.parametrize("make", [cades_container, cades_simple, xades_simple])
def test_containers_of_other_kinds_get_a_further_signature(
    pki: Pki, tmp_path: Path, make: Callable[[Path, Credential], Path]
) -> None:
    first = make(tmp_path / "1.asice", pki.credential("leader"))
    second = sign(asice, first, tmp_path / "2.asice", pki.credential("second")).path
    third = sign(asice, second, tmp_path / "3.asice", pki.credential("p384"), algorithm=SignatureAlgorithm.ECDSA_SHA384)
    facts = asic.examine(third.path).signatures
    names = ("leader", "second", "p384")
    assert [one.certificate for one in facts] == [pki.credential(name).certificate for name in names]
    assert all(one.intact and one.coverage is Coverage.WHOLE for one in facts), facts
    before, after = contents(first), contents(second)
    assert all(after[name] == before[name] for name in before if "signature" not in name)


@pytest.mark.parametrize(
    ("make", "name", "content"),
    [
        (xades, "META-INF/timestamp001.tst", b"0\0"),
        (xades, "META-INF/signature001.p7s", b"0\0"),
        (xades_simple, "META-INF/signatures2.xml", b"<x/>"),
        (xades_simple, "b.txt", b"hai"),
        (cades_simple, "META-INF/signature.p7s", b"0\0"),
        (xades_simple, "META-INF/signatures001.xml", b"<x/>"),
    ],
)
def test_containers_that_are_not_built_as_one_kind_are_told(
    pki: Pki, tmp_path: Path, make: Callable[[Path, Credential], Path], name: str, content: bytes
) -> None:
    odd = altered(make(tmp_path / "1.asice", pki.credential("leader")), tmp_path / "odd.asice", {name: content})
    with pytest.raises((ContainerUnfit, EarlierSignaturesUnreadable)):
        sign(asice, odd, tmp_path / "2.asice", pki.credential("second"))
    assert not (tmp_path / "2.asice").exists()


def test_a_crowded_container_is_told(drawing: Path, pki: Pki, tmp_path: Path) -> None:
    first = sign(asice, drawing, tmp_path / "1.asice", pki.credential("leader")).path
    more = {f"META-INF/signatures{number:03d}.xml": b"<x/>" for number in range(2, 33)}
    with pytest.raises(ContainerCrowded):
        sign(asice, altered(first, tmp_path / "many.asice", more), tmp_path / "x.asice", pki.credential("second"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [("mimetype", "_mimetype"), ("META-INF", "_META-INF"), ("a\nb?.txt", "a_b_.txt"), (b"v\xe3n.txt", "v_n.txt")],
)
def test_names_a_container_may_not_hold(pki: Pki, tmp_path: Path, name: str | bytes, kept: str) -> None:
    source = tmp_path / os.fsdecode(name)
    source.write_bytes(b"x")
    target = tmp_path / "out" / "a.asice"
    target.parent.mkdir()
    sign(asice, source, target, pki.credential("leader"))
    assert kept in contents(target)
    assert [one.coverage for one in asic.examine(target).signatures] == [Coverage.WHOLE]


def test_a_huge_file_is_told_before_it_is_read(pki: Pki, tmp_path: Path) -> None:
    huge = tmp_path / "huge.img"
    with huge.open("wb") as file:
        file.truncate(4 << 30)
    with pytest.raises(ContentTooLarge):
        asice.prepare(request(huge, tmp_path / "a.asice", pki.credential("leader")))


@pytest.mark.parametrize(("module", "name"), [(asice, "a.asice"), (cades, "a.dwg.p7s")])
def test_nothing_is_left_of_what_fails(drawing: Path, pki: Pki, tmp_path: Path, module: ModuleType, name: str) -> None:
    credential, folder = pki.credential("leader"), tmp_path / "out"
    folder.mkdir()
    with pytest.raises(SignatureValueWrong):
        module.prepare(request(drawing, folder / name, credential)).complete(b"\1" * 256)
    preparation = module.prepare(request(drawing, folder / name, credential))
    drawing.write_bytes(b"other")
    with pytest.raises(SourceChanged):
        preparation.complete(raw_signature(credential, preparation.to_be_signed, "sha256"))
    assert list(folder.iterdir()) == []


# CAdES


@pytest.mark.parametrize("signer", ["leader", "second"])
def test_openssl_verifies_a_signature_file(drawing: Path, pki: Pki, tmp_path: Path, signer: str) -> None:
    credential = pki.credential(signer)
    completed = sign(cades, drawing, tmp_path / "out.dwg.p7s", credential)
    assert completed.content == tmp_path / "out.dwg"
    assert completed.content.read_bytes() == drawing.read_bytes()
    roots = tmp_path / "roots.pem"
    authorities = [x509.load_der_x509_certificate(pki.certificate(name)) for name in ("root", "issuing")]
    roots.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in authorities))
    line = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(completed.path), "-content"]
    line += [str(drawing), "-CAfile", str(roots), "-purpose", "any", "-out", str(tmp_path / "verified")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "verified").read_bytes() == drawing.read_bytes()
    drawing.write_bytes(drawing.read_bytes() + b" ")
    assert subprocess.run(line, capture_output=True, check=False).returncode != 0


def test_a_signature_file_names_its_time_and_holds_only_for_its_document(
    drawing: Path, pki: Pki, services: Services, tmp_path: Path
) -> None:
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    wishes = {"level": Level.T, "timestamper": stamper}
    completed = sign(cades, drawing, tmp_path / "out.dwg.p7s", pki.credential("second"), **wishes)
    (facts,) = cms.examine(completed.path).signatures
    assert (facts.intact, facts.coverage, facts.claimed_time) == (True, Coverage.WHOLE, TIME)
    assert (completed.level, [stamp.intact for stamp in facts.timestamps]) == (Level.T, [True])
    assert completed.content is not None
    completed.content.write_bytes(b"other")
    (facts,) = cms.examine(completed.path).signatures
    assert not facts.intact


def further(signed: Path, target: Path, credential: Credential, **wishes: object) -> Path:
    wanted = request(signed, target, credential, **wishes)
    preparation = cades.prepare_further(wanted)
    return preparation.complete(raw_signature(credential, preparation.to_be_signed, wanted.algorithm.hash_name)).path


def verified_by_openssl(signed: Path, content: Path | None, pki: Pki, folder: Path) -> bool:
    roots = folder / "roots.pem"
    authorities = [x509.load_der_x509_certificate(pki.certificate(name)) for name in ("root", "issuing")]
    roots.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in authorities))
    line = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(signed)]
    line += ["-content", str(content)] if content is not None else []
    line += ["-CAfile", str(roots), "-purpose", "any", "-out", str(folder / "verified")]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def test_a_second_signer_in_a_signature_file_leaves_the_first_as_it_was(
    drawing: Path, pki: Pki, tmp_path: Path
) -> None:
    first = sign(cades, drawing, tmp_path / "1.dwg.p7s", pki.credential("leader")).path
    second = further(first, tmp_path / "2.dwg.p7s", pki.credential("second"))
    assert (tmp_path / "2.dwg").read_bytes() == drawing.read_bytes()
    facts = cms.examine(second).signatures
    assert [one.certificate for one in facts] == [pki.credential(name).certificate for name in ("leader", "second")]
    assert all(one.intact and one.coverage is Coverage.WHOLE for one in facts)
    earlier, both = (SignedData.read(path.read_bytes()) for path in (first, second))
    assert both.signers[0].raw == earlier.signers[0].raw
    assert verified_by_openssl(second, tmp_path / "2.dwg", pki, tmp_path)
    (tmp_path / "2.dwg").write_bytes(b"other")
    assert not verified_by_openssl(second, tmp_path / "2.dwg", pki, tmp_path)


@pytest.mark.parametrize("option", [(), ("-stream",), ("-outform", "PEM")], ids=["DER", "BER", "PEM"])
def test_a_second_signer_around_a_content_made_by_openssl(
    drawing: Path, pki: Pki, tmp_path: Path, option: tuple[str, ...]
) -> None:
    leader = pki.credential("leader")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_bytes(leader.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(x509.load_der_x509_certificate(leader.certificate).public_bytes(Encoding.PEM))
    first = tmp_path / "a.dwg.p7m"
    line = ["openssl", "cms", "-sign", "-cades", "-binary", "-nodetach", "-outform", "DER", *option]
    line += ["-in", str(drawing), "-signer", str(certificate), "-inkey", str(key), "-out", str(first)]
    subprocess.run(line, check=True, capture_output=True)
    second = further(first, tmp_path / "b.dwg.p7m", pki.credential("second"))
    facts = cms.examine(second).signatures
    assert [one.certificate for one in facts] == [leader.certificate, pki.credential("second").certificate]
    assert all(one.intact for one in facts), facts
    assert verified_by_openssl(second, None, pki, tmp_path)
    assert (tmp_path / "verified").read_bytes() == drawing.read_bytes()


def test_signature_files_to_which_nothing_is_added_are_told(drawing: Path, pki: Pki, tmp_path: Path) -> None:
    signed = sign(cades, drawing, tmp_path / "1.dwg.p7s", pki.credential("leader")).path
    signed.with_suffix("").unlink()
    with pytest.raises(SignedContentMissing):
        making_of(signed, detect(signed), Container.ASICE)
    (tmp_path / "1.dwg").write_bytes(drawing.read_bytes())
    crowded = signed
    for number in range(2, 17):
        crowded = further(crowded, tmp_path / f"{number}.dwg.p7s", pki.credential("second"))
    with pytest.raises(SignatureFileUnfit):
        further(crowded, tmp_path / "17.dwg.p7s", pki.credential("second"))


# Which way a file goes


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.pdf", b"not a PDF", UnsupportedFormat),
        ("a.docx", b"PK\3\4 damaged", UnsupportedFormat),
        ("a.p7s", b"0\x82\1\0\6\x09*\x86H\x86\xf7\r\1\7\2", SignatureFileUnfit),
    ],
)
@pytest.mark.parametrize("container", list(Container))
def test_what_is_not_what_its_name_says_is_not_wrapped(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], container: Container
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error):
        making_of(path, detect(path), container)


def test_an_encrypted_office_file_is_not_wrapped(tmp_path: Path) -> None:
    with pytest.raises(OfficeEncrypted):
        making_of(tmp_path / "a.docx", Format.ENCRYPTED_OFFICE, Container.ASICE)


def test_which_way_a_file_goes(samples: dict[str, Path], drawing: Path, pki: Pki, tmp_path: Path) -> None:
    plain = tmp_path / "a.xml"
    plain.write_bytes(b"<invoice/>")
    bundle = shutil.make_archive(str(tmp_path / "b"), "zip", tmp_path, drawing.name)
    signed = sign(asice, drawing, tmp_path / "c.asice", pki.credential("leader")).path
    found = {}
    for path in (samples["cong_van_pdf"], samples["xlsx"], drawing, plain, Path(bundle), signed):
        ways = [making_of(path, detect(path), container) for container in Container]
        found[path.suffix] = [(str(way.format), way.suffix, way.beside) for way in ways]
    assert found == {
        ".pdf": [("pdf", ".pdf", "")] * 2,
        ".xlsx": [("ooxml", ".xlsx", "")] * 2,
        ".dwg": [("asice", ".asice", ""), ("cms", ".dwg", ".p7s")],
        ".xml": [("asice", ".asice", ""), ("cms", ".xml", ".p7s")],
        ".zip": [("asice", ".asice", ""), ("cms", ".zip", ".p7s")],
        ".asice": [("asice", ".asice", ""), ("cms", ".asice", ".p7s")],
    }
