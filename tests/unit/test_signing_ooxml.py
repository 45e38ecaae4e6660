"""Signing Office packages and examining the result, with keys in software."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from app.documents.zip_errors import NotZip
from app.errors import AntinError
from app.ooxml.errors import LegacyOffice, NotOffice, OfficeEncrypted
from app.signing import ooxml as signing
from app.signing.errors import AlgorithmUnfit, SignatureValueWrong, SourceChanged, TimestamperMissing
from app.signing.model import Level, Scope
from app.signing.ooxml_errors import (
    EarlierSignatureCloses,
    MainPartUnfit,
    PartNameUnusual,
    StraySignatureParts,
)
from app.trust.errors import TimestampUnavailable
from app.trust.timestamps import HttpTimestamper
from app.verification.model import Coverage, SignatureFacts
from app.verification.ooxml import examine
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests.demo.pki import Pki
from tests.demo.services import Services
from tests.office_signing import TIME, changed, contents, raw_signature, rebuilt, replacing, request, sign

KINDS = ("quyet_dinh_docx", "xlsx", "pptx")


@pytest.fixture
def docx(samples: dict[str, Path]) -> Path:
    return samples["quyet_dinh_docx"]


def only(path: Path) -> SignatureFacts:
    facts = examine(path)
    assert facts.readable, facts.problems
    assert len(facts.signatures) == 1
    return facts.signatures[0]


def codes(facts: SignatureFacts) -> set[str]:
    return {problem.code for problem in facts.problems}


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("signer", ["leader", "second", "p384"])
@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(samples: dict[str, Path], pki: Pki, tmp_path: Path, kind: str, signer: str, scope: Scope) -> None:
    source = samples[kind]
    before = hashlib.sha256(source.read_bytes()).digest()
    target = tmp_path / source.name
    completed = sign(source, target, pki.credential(signer), scope=scope)

    assert (completed.path, completed.level, list(completed.notes)) == (target, Level.B, [])
    assert hashlib.sha256(source.read_bytes()).digest() == before
    facts = only(target)
    assert facts.intact and facts.supported
    assert facts.coverage in (Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA)
    assert facts.certificate == pki.credential(signer).certificate
    assert facts.claimed_time == TIME
    assert facts.digest_algorithm == "sha256"
    assert codes(facts) <= {"ooxml-metadata-uncovered"}
    if scope is Scope.WIDE:
        assert set(facts.uncovered) <= {"/docProps/core.xml"}


@pytest.mark.parametrize("kind", KINDS)
def test_unchanged_parts_keep_their_compressed_octets_and_order(
    samples: dict[str, Path], pki: Pki, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / samples[kind].name
    sign(samples[kind], target, pki.credential("leader"))
    with zipfile.ZipFile(samples[kind]) as before, zipfile.ZipFile(target) as after:
        assert after.testzip() is None
        assert after.namelist()[: len(before.namelist())] == before.namelist()
        for entry in before.infolist():
            if entry.filename.endswith(".rels") or entry.filename == "[Content_Types].xml":
                continue
            copy = after.getinfo(entry.filename)
            assert (copy.CRC, copy.compress_size, copy.date_time) == (entry.CRC, entry.compress_size, entry.date_time)


@pytest.mark.parametrize(
    ("signer", "algorithm"),
    [
        ("leader", SignatureAlgorithm.RSA_SHA384),
        ("leader", SignatureAlgorithm.RSA_SHA512),
        ("second", SignatureAlgorithm.ECDSA_SHA512),
        ("p384", SignatureAlgorithm.ECDSA_SHA384),
    ],
)
def test_longer_hashes(docx: Path, pki: Pki, tmp_path: Path, signer: str, algorithm: SignatureAlgorithm) -> None:
    target = tmp_path / "signed.docx"
    sign(docx, target, pki.credential(signer), algorithm=algorithm)
    facts = only(target)
    assert facts.intact
    assert facts.signature_algorithm == str(algorithm)
    assert facts.digest_algorithm == algorithm.hash_name


def test_second_signature_leaves_the_first_as_it_was(docx: Path, pki: Pki, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{number}.docx" for number in (1, 2, 3))
    sign(docx, first, pki.credential("leader"))
    sign(first, second, pki.credential("seal"), scope=Scope.WIDE)
    sign(second, third, pki.credential("second"))
    name = "_xmlsignatures/sig1.xml"
    assert contents(first)[name] == contents(second)[name] == contents(third)[name]
    facts = examine(third).signatures
    assert [one.name for one in facts] == [f"/_xmlsignatures/sig{number}.xml" for number in (1, 2, 3)]
    assert all(one.intact and one.coverage is Coverage.WHOLE_EXCEPT_METADATA for one in facts)
    assert [one.certificate for one in facts] == [
        pki.credential(signer).certificate for signer in ("leader", "seal", "second")
    ]


def test_relationships_with_white_space_are_tightened_only_before_the_first_signature(
    docx: Path, pki: Pki, tmp_path: Path
) -> None:
    padded = changed(
        docx,
        tmp_path / "padded.docx",
        {"word/_rels/document.xml.rels": lambda content: content.replace(b"><Relationship ", b">\n  <Relationship ")},
    )
    first, second = tmp_path / "first.docx", tmp_path / "second.docx"
    sign(padded, first, pki.credential("leader"))
    assert b"\n  <" not in contents(first)["word/_rels/document.xml.rels"]
    assert only(first).intact

    repadded = changed(
        first,
        tmp_path / "repadded.docx",
        {"word/_rels/document.xml.rels": lambda content: content.replace(b"><Relationship ", b">\n<Relationship ")},
    )
    assert only(repadded).intact
    sign(repadded, second, pki.credential("seal"))
    assert contents(second)["word/_rels/document.xml.rels"] == contents(repadded)["word/_rels/document.xml.rels"]
    assert all(one.intact for one in examine(second).signatures)


def test_time_stamp(docx: Path, pki: Pki, services: Services, tmp_path: Path) -> None:
    target = tmp_path / "signed.docx"
    completed = sign(
        docx,
        target,
        pki.credential("leader"),
        level=Level.T,
        timestamper=HttpTimestamper(pki.tsa_url, timeout=10),
    )
    assert (completed.level, list(completed.notes)) == (Level.T, [])
    facts = only(target)
    assert facts.intact and facts.coverage is Coverage.WHOLE_EXCEPT_METADATA
    assert [stamp.intact for stamp in facts.timestamps] == [True]
    assert facts.timestamps[0].certificate == pki.certificate("tsa")


def test_time_stamp_of_another_signature_is_not_taken(docx: Path, pki: Pki, services: Services, tmp_path: Path) -> None:
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    stamped, other = tmp_path / "stamped.docx", tmp_path / "other.docx"
    sign(docx, stamped, pki.credential("leader"), level=Level.T, timestamper=stamper)
    sign(docx, other, pki.credential("second"))
    name = "_xmlsignatures/sig1.xml"
    donor = contents(stamped)[name]
    properties = donor[donor.index(b"<xd:UnsignedProperties>") : donor.index(b"</xd:QualifyingProperties>")]
    forged = changed(
        other,
        tmp_path / "forged.docx",
        {name: replacing("</xd:QualifyingProperties>", properties.decode() + "</xd:QualifyingProperties>")},
    )
    facts = only(forged)
    assert facts.intact
    assert [stamp.intact for stamp in facts.timestamps] == [False]


def test_level_is_reached_as_far_as_possible(docx: Path, pki: Pki, services: Services, tmp_path: Path) -> None:
    credential = pki.credential("leader")
    stamper = HttpTimestamper(pki.tsa_url, timeout=10)
    assert sign(docx, tmp_path / "a.docx", credential, level=Level.LTA, timestamper=stamper).level is Level.T

    without = sign(docx, tmp_path / "b.docx", credential, level=Level.T)
    assert without.level is Level.B
    assert [type(note) for note in without.notes] == [TimestamperMissing]

    with services.failing("tsa"):
        failed = sign(
            docx, tmp_path / "c.docx", credential, level=Level.T,
            timestamper=HttpTimestamper(pki.tsa_url, timeout=10, retries=0),
        )  # fmt: skip
    assert failed.level is Level.B
    assert [isinstance(note, TimestampUnavailable) for note in failed.notes] == [True]
    assert only(tmp_path / "c.docx").intact


def test_words_of_the_signer_survive(docx: Path, pki: Pki, tmp_path: Path) -> None:
    target = tmp_path / "signed.docx"
    sign(docx, target, pki.credential("leader"), reason='Phê duyệt <“&”> \x0b "a"\r\nb', location="Cần Thơ & Hậu Giang")
    assert only(target).intact
    markup = contents(target)["_xmlsignatures/sig1.xml"].decode()
    assert "Phê duyệt &lt;“&amp;”&gt;" in markup
    assert "<xd:City>Cần Thơ &amp; Hậu Giang</xd:City>" in markup


def test_names_that_other_programs_stumble_over_are_noted(docx: Path, pki: Pki, tmp_path: Path) -> None:
    source, target = tmp_path / "source.docx", tmp_path / "signed.docx"
    changed(docx, source, {"customXml/ảnh.xml": b"<x/>"})
    completed = sign(source, target, pki.credential("leader"))
    assert [type(note) for note in completed.notes] == [PartNameUnusual]
    assert only(target).coverage is Coverage.WHOLE_EXCEPT_METADATA


def test_a_wrong_signature_value_is_never_written(docx: Path, pki: Pki, tmp_path: Path) -> None:
    target = tmp_path / "signed.docx"
    preparation = signing.prepare(request(docx, target, pki.credential("leader")))
    with pytest.raises(SignatureValueWrong):
        preparation.complete(raw_signature(pki.credential("seal"), preparation.to_be_signed, "sha256"))
    assert not target.exists()


def test_discard_is_harmless(docx: Path, pki: Pki, tmp_path: Path) -> None:
    target = tmp_path / "signed.docx"
    preparation = signing.prepare(request(docx, target, pki.credential("leader")))
    preparation.complete(raw_signature(pki.credential("leader"), preparation.to_be_signed, "sha256"))
    preparation.discard()
    preparation.discard()
    assert only(target).intact


def test_a_target_that_exists_is_not_overwritten(docx: Path, pki: Pki, tmp_path: Path) -> None:
    target = tmp_path / "signed.docx"
    target.write_bytes(b"theirs")
    with pytest.raises(AntinError):
        sign(docx, target, pki.credential("leader"))
    assert target.read_bytes() == b"theirs"


def test_a_source_written_to_while_signing_is_noticed(docx: Path, pki: Pki, tmp_path: Path) -> None:
    source, target = tmp_path / "source.docx", tmp_path / "signed.docx"
    source.write_bytes(docx.read_bytes())
    preparation = signing.prepare(request(source, target, pki.credential("leader")))
    os.utime(source, ns=(1, 1))
    with pytest.raises(SourceChanged):
        preparation.complete(raw_signature(pki.credential("leader"), preparation.to_be_signed, "sha256"))
    assert not target.exists()


@pytest.mark.parametrize("algorithm", [SignatureAlgorithm.RSA_PSS_SHA256, SignatureAlgorithm.ECDSA_SHA256])
def test_algorithms_that_office_cannot_read_are_refused(
    docx: Path, pki: Pki, tmp_path: Path, algorithm: SignatureAlgorithm
) -> None:
    with pytest.raises(AlgorithmUnfit):
        signing.prepare(request(docx, tmp_path / "x.docx", pki.credential("leader"), algorithm=algorithm))


def test_files_that_are_no_office_package_are_refused(docx: Path, pki: Pki, tmp_path: Path) -> None:
    def refused(content: bytes, error: type[AntinError]) -> None:
        source = tmp_path / "source.docx"
        source.write_bytes(content)
        with pytest.raises(error):
            sign(source, tmp_path / "x.docx", pki.credential("leader"))
        assert not (tmp_path / "x.docx").exists()
        facts = examine(source)
        assert not facts.readable
        assert [problem.code for problem in facts.problems] == [error.code]

    refused(b"", NotZip)
    refused(docx.read_bytes()[:-30], NotZip)
    refused(b"%PDF-1.7 \n%%EOF", NotZip)
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    refused((tmp_path / "plain.zip").read_bytes(), NotOffice)
    refused(_compound_file("WordDocument"), LegacyOffice)
    refused(_compound_file("EncryptedPackage"), OfficeEncrypted)


def _compound_file(stream: str) -> bytes:
    """The beginning of a compound file whose directory names a stream."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[0x1E:0x20] = (9).to_bytes(2, "little")
    header[0x30:0x34] = (2).to_bytes(4, "little")
    directory = "Root Entry".encode("utf-16-le").ljust(128, b"\0") + stream.encode("utf-16-le").ljust(384, b"\0")
    return bytes(header) + bytes(1024) + directory


def test_a_name_of_another_kind_is_refused(samples: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    source = tmp_path / "source.docx"
    source.write_bytes(samples["xlsx"].read_bytes())
    with pytest.raises(MainPartUnfit):
        sign(source, tmp_path / "x.docx", pki.credential("leader"))


def test_macro_documents_can_be_signed(docx: Path, pki: Pki, tmp_path: Path) -> None:
    source = changed(
        docx,
        tmp_path / "source.docm",
        {
            "[Content_Types].xml": replacing(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                "application/vnd.ms-word.document.macroEnabled.main+xml",
            )
        },
    )
    target = tmp_path / "signed.docm"
    sign(source, target, pki.credential("leader"))
    assert only(target).coverage is Coverage.WHOLE_EXCEPT_METADATA


def test_remains_of_a_cut_off_signature_are_refused(docx: Path, pki: Pki, tmp_path: Path) -> None:
    signed = tmp_path / "signed.docx"
    sign(docx, signed, pki.credential("leader"))
    cut = changed(signed, tmp_path / "cut.docx", {"_rels/.rels": contents(docx)["_rels/.rels"]})
    with pytest.raises(StraySignatureParts):
        sign(cut, tmp_path / "x.docx", pki.credential("leader"))


def test_an_earlier_signature_that_covers_the_list_of_signatures_closes_the_document(
    docx: Path, pki: Pki, tmp_path: Path
) -> None:
    signed = tmp_path / "signed.docx"
    sign(docx, signed, pki.credential("leader"))
    reference = (
        '<Manifest><Reference URI="/_xmlsignatures/_rels/origin.sigs.rels?ContentType='
        'application/vnd.openxmlformats-package.relationships+xml"><DigestMethod '
        'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue></DigestValue></Reference>'
    )
    closed = changed(signed, tmp_path / "closed.docx", {"_xmlsignatures/sig1.xml": replacing("<Manifest>", reference)})
    with pytest.raises(EarlierSignatureCloses):
        sign(closed, tmp_path / "x.docx", pki.credential("seal"))


def test_an_origin_without_signatures_is_used_again(docx: Path, pki: Pki, tmp_path: Path) -> None:
    """What Office programs leave behind when a signature is removed."""
    signed, emptied, target = (tmp_path / f"{name}.docx" for name in ("signed", "emptied", "target"))
    sign(docx, signed, pki.credential("leader"))
    leading = "_xmlsignatures/_rels/origin.sigs.rels"
    changed(
        signed,
        emptied,
        {
            "_xmlsignatures/sig1.xml": None,
            leading: lambda content: re.sub(rb"<Relationship .*</Relationship>", b"", content),
        },
    )
    sign(emptied, target, pki.credential("seal"))
    assert only(target).coverage is Coverage.WHOLE_EXCEPT_METADATA
    assert contents(target)["_rels/.rels"] == contents(emptied)["_rels/.rels"]


def test_an_origin_at_another_place_is_kept(docx: Path, pki: Pki, tmp_path: Path) -> None:
    """Where .NET's packaging library puts it."""
    signed, moved, target = (tmp_path / f"{name}.docx" for name in ("signed", "moved", "target"))
    sign(docx, signed, pki.credential("leader"))
    entries = contents(signed)
    place = "package/services/digital-signature"
    entries[f"{place}/origin.sigs"] = entries.pop("_xmlsignatures/origin.sigs")
    leading = entries.pop("_xmlsignatures/_rels/origin.sigs.rels")
    entries[f"{place}/_rels/origin.sigs.rels"] = replacing('"sig1.xml"', '"/_xmlsignatures/sig1.xml"')(leading)
    entries["_rels/.rels"] = replacing("_xmlsignatures/origin.sigs", f"{place}/origin.sigs")(entries["_rels/.rels"])
    rebuilt(entries, moved)
    assert only(moved).intact
    sign(moved, target, pki.credential("seal"))
    facts = examine(target).signatures
    assert [(one.intact, one.coverage) for one in facts] == [(True, Coverage.WHOLE_EXCEPT_METADATA)] * 2


def test_memory_does_not_grow_with_the_document(docx: Path, pki: Pki, tmp_path: Path) -> None:
    source, target = tmp_path / "large.docx", tmp_path / "signed.docx"
    shutil.copy(docx, source)
    with zipfile.ZipFile(source, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("customXml/item77.xml", os.urandom(40 << 20))
    examine(docx)
    tracemalloc.start()
    sign(source, target, pki.credential("leader"))
    assert only(target).intact
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
