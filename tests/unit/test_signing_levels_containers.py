"""Levels of OpenDocument files, ASiC containers and signature files: what is reached, told and renewed."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.documents.asic import ARCHIVE_LIST, NAMESPACE
from app.documents.formats import detect
from app.office import Office
from app.settings import load
from app.signing import asice, cades, odf
from app.signing.model import Level
from app.signing.upgrade import UpgradeStatus
from app.trust import der
from app.trust.timestamps import HttpTimestamper
from app.verification.engine import examiner
from app.xmldsig.canonical import Canonicalization, canonical_subset
from tests.attacks import asic as containers
from tests.cades_levels import ARCHIVE_TIME_STAMP
from tests.demo.office import DemoOffice
from tests.demo.services import Services
from tests.office_signing import contents, raw_signature, request
from tests.unit.trust_material import CmsMaker, Holder
from tests.xades_levels import XADES_141
from tests.xml_signing import DS, XADES, altered, reference_octets, write_odt

FORMATS = ("odt", "asice", "p7s", "p7m", "asics-xades", "asics-cades")
#: One of each way of raising.
WAYS = ("odt", "p7s")


@pytest.fixture
def desk(office: DemoOffice, tmp_path: Path) -> Iterator[Office]:
    with Office(load(tmp_path / "data", office.settings_file)) as opened:
        yield opened


def add(office: DemoOffice, source: Path, target: Path, who: str, **wishes: object) -> Path:
    """Sign a file, or add a signature to a signed one, as the ending of the target says."""
    credential = office.pki.credential(who)
    wanted = request(source, target, credential, **wishes)
    module = {".odt": odf, ".p7s": cades, ".p7m": cades}.get(target.suffix, asice)
    prepare = cades.prepare_further if source.suffix in (".p7s", ".p7m") else module.prepare
    preparation = prepare(wanted)
    value = raw_signature(credential, preparation.to_be_signed, wanted.algorithm.hash_name)
    return preparation.complete(value).path


@pytest.fixture
def make(office: DemoOffice, tmp_path: Path) -> Callable[..., Path]:
    """Makes a file of a format signed at level B by the leader, and by the second leader where asked."""

    def made(format: str, *, second: bool = False, **wishes: object) -> Path:
        leader = office.pki.credential("leader")
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        drawing = folder / "drawing.dwg"
        drawing.write_bytes(b"AC1032" + bytes(range(256)) * 50)
        if format == "odt":
            first = add(office, write_odt(folder / "plain.odt", "Công văn"), folder / "a.odt", "leader", **wishes)
        elif format == "asice":
            first = add(office, drawing, folder / "a.asice", "leader", **wishes)
        elif format == "p7s":
            first = add(office, drawing, folder / "b.dwg.p7s", "leader", **wishes)
        elif format == "p7m":
            holder = Holder(x509.load_der_x509_certificate(leader.certificate), leader.private_key)
            first = folder / "a.dwg.p7m"
            first.write_bytes(CmsMaker(holder, content=drawing.read_bytes(), attached=True).make())
        elif format == "asics-xades":
            first = containers.xades_simple(folder / "a.asics", leader)
        elif format == "asics-cades":
            first = containers.cades_simple(folder / "a.scs", leader)
        else:
            first = containers.cades(folder / "c.asice", leader)
        if not second:
            return first
        target = folder / ("two.dwg.p7s" if format == "p7s" else f"two{first.suffix}")
        return add(office, first, target, "second", **wishes)

    return made


def levels_of(desk: Office, path: str | Path | None) -> list[str]:
    assert path is not None
    report = desk.verify(Path(path))
    assert report.conclusion in ("valid", "warning"), report
    return [signature.level for signature in report.signatures]


@pytest.mark.parametrize(
    ("format", "level"),
    [*((format, Level.LTA) for format in FORMATS), *((way, level) for way in WAYS for level in (Level.T, Level.LT))],
)
def test_a_signature_of_level_b_is_raised(desk, make, tmp_path, format, level):
    first = make(format)
    before = first.read_bytes()
    result = desk.upgrader(out=tmp_path / "out").upgrade(first, level)
    assert (result.status, result.error, result.warnings) == (UpgradeStatus.UPGRADED, None, [])
    assert (result.level_before, result.level_reached) == (Level.B, level)
    assert first.read_bytes() == before
    assert levels_of(desk, result.output) == [str(level)]


@pytest.mark.parametrize("format", WAYS)
def test_level_lt_is_proven_by_the_file_alone(desk, office, make, tmp_path, format):
    first = make(format)
    raised = Path(desk.upgrader(out=tmp_path / "out").upgrade(first, Level.LT).output)
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "settings.toml").write_text(f'[trust]\nroots = ["{office.pki.root_certificate}"]\n')
    with Office(load(bare), online=False) as recipient:
        assert recipient.verify(first).conclusion == "indeterminate"
        report = recipient.verify(raised)
    assert report.conclusion in ("valid", "warning")
    assert report.signatures[0].revocation.source == "embedded"


@pytest.mark.parametrize("format", WAYS)
def test_level_lta_is_renewed(desk, make, tmp_path, format):
    first = desk.upgrader(out=tmp_path / "1").upgrade(make(format), Level.LTA)
    again = desk.upgrader(out=tmp_path / "2").upgrade(Path(first.output), Level.LTA)
    assert (again.status, again.error, again.level_reached) == (UpgradeStatus.UPGRADED, None, Level.LTA)
    assert levels_of(desk, again.output) == ["LTA"]
    renewed = Path(again.output)
    examine = examiner(detect(renewed))
    assert examine is not None
    assert [stamp.intact for stamp in examine(renewed).signatures[0].archive_timestamps] == [True, True]


@pytest.mark.parametrize("format", FORMATS)
def test_two_signatures_are_raised_together(desk, make, tmp_path, format):
    result = desk.upgrader(out=tmp_path / "out").upgrade(make(format, second=True), Level.LTA)
    assert (result.error, result.level_reached) == (None, Level.LTA)
    assert levels_of(desk, result.output) == ["LTA", "LTA"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_further_signature_leaves_an_archived_one_as_it_was(desk, office, make, tmp_path, format):
    archived = Path(desk.upgrader(out=tmp_path / "out").upgrade(make(format), Level.LTA).output)
    beside = {".p7s": ".dwg.p7s"}.get(archived.suffix, archived.suffix)
    second = add(office, archived, tmp_path / f"second{beside}", "second")
    report = desk.verify(second)
    assert [signature.level for signature in report.signatures] == ["LTA", "B"]
    assert [signature.conclusion in ("valid", "warning") for signature in report.signatures] == [True, True]


@pytest.mark.parametrize("format", WAYS)
def test_a_failing_server_is_told_and_leaves_nothing(desk, services: Services, make, tmp_path, format):
    first, out = make(format), tmp_path / "out"
    out.mkdir()
    with services.failing("tsa", status=503):
        result = desk.upgrader(out=out).upgrade(first, Level.LT)
    assert (result.status, result.level_reached, result.output) == (UpgradeStatus.FAILED, Level.B, None)
    assert result.error.code == "timestamp-unavailable"
    assert not list(out.iterdir())


@pytest.mark.parametrize("format", WAYS)
def test_missing_evidence_stops_at_level_t_and_says_whose(desk, services: Services, make, tmp_path, format):
    first = make(format)
    with services.failing("ocsp"), services.failing("crls"):
        result = desk.upgrader(out=tmp_path / "out").upgrade(first, Level.LT)
    assert (result.status, result.level_reached) == (UpgradeStatus.UPGRADED, Level.T), result
    assert [warning.code for warning in result.warnings] == ["evidence-missing"]


def test_a_container_of_lists_is_put_under_a_time_stamp_and_that_renewed(desk, make, tmp_path):
    """The newest stamp covers all there is, the one before with what proves it (EN 319 162-1, annex A.7)."""
    first = Path(desk.upgrader(out=tmp_path / "1").upgrade(make("asice-cades", second=True), Level.LTA).output)
    assert levels_of(desk, first) == ["LTA", "LTA"]
    assert listed_in(first) == set(contents(first)) - {"mimetype", ARCHIVE_LIST, "META-INF/timestamp001.tst"}
    result = desk.upgrader(out=tmp_path / "2").upgrade(first, Level.LTA)
    assert (result.status, result.error, result.warnings) == (UpgradeStatus.UPGRADED, None, [])
    second = Path(result.output)
    assert levels_of(desk, second) == ["LTA", "LTA"]
    assert listed_in(second) == set(contents(second)) - {"mimetype", ARCHIVE_LIST, "META-INF/timestamp002.tst"}
    assert b'ASiCArchiveManifest001.xml" MimeType="text/xml" Rootfile="true"' in contents(second)[ARCHIVE_LIST]
    before, after = contents(first), contents(second)
    assert after["META-INF/ASiCArchiveManifest001.xml"] == before[ARCHIVE_LIST]
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {ARCHIVE_LIST, "META-INF/timestamp001.tst"}
    examine = examiner(detect(second))
    assert [facts.intact for facts in examine(second).signatures] == [True] * 4


def listed_in(container: Path) -> set[str]:
    root = etree.fromstring(contents(container)[ARCHIVE_LIST])
    return {unquote(one.get("URI")) for one in root.iter(f"{{{NAMESPACE}}}DataObjectReference")}


def test_openssl_verifies_the_time_stamp_over_a_container(desk, office, make, tmp_path):
    files = contents(Path(desk.upgrader(out=tmp_path / "1").upgrade(make("asice-cades"), Level.LTA).output))
    (tmp_path / "list").write_bytes(files[ARCHIVE_LIST])
    (tmp_path / "token").write_bytes(files["META-INF/timestamp001.tst"])
    command = ["openssl", "ts", "-verify", "-data", "list", "-in", "token", "-token_in"]
    command += ["-CAfile", str(office.pki.root_certificate), "-untrusted", str(office.pki.root_certificate)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["META-INF/timestamp001.tst", "META-INF/ASiCArchiveManifest001.xml"])
def test_an_earlier_stamp_exchanged_under_a_later_one_is_told(desk, make, tmp_path, name):
    first = Path(desk.upgrader(out=tmp_path / "1").upgrade(make("asice-cades"), Level.LTA).output)
    renewed = Path(desk.upgrader(out=tmp_path / "2").upgrade(first, Level.LTA).output)
    before = contents(first)
    exchanged = before[name] if name in before else before[ARCHIVE_LIST] + b" "
    report = desk.verify(altered(renewed, tmp_path / "forged.asice", {name: exchanged}))
    assert report.conclusion == "indeterminate"
    assert "asic-time-stamp-broken" in {reason.code for reason in report.reasons}


def test_a_failing_server_leaves_a_container_of_lists_at_level_lt(desk, services: Services, make, tmp_path):
    raised = Path(desk.upgrader(out=tmp_path / "1").upgrade(make("asice-cades"), Level.LT).output)
    with services.failing("tsa", status=503):
        result = desk.upgrader(out=tmp_path / "2").upgrade(raised, Level.LTA)
    assert (result.status, result.error.code) == (UpgradeStatus.FAILED, "timestamp-unavailable")


def test_a_container_under_a_time_stamp_of_its_own_is_left_alone(desk, make, tmp_path):
    sealed = altered(make("asice"), tmp_path / "sealed.asice", {"META-INF/timestamp001.tst": b"0\x00"})
    result = desk.upgrader(out=tmp_path / "out").upgrade(sealed, Level.T)
    assert (result.status, result.error.code) == (UpgradeStatus.FAILED, "container-sealed")


def test_a_signature_file_without_its_document_is_told(desk, make, tmp_path):
    alone = tmp_path / "alone" / "x.dwg.p7s"
    alone.parent.mkdir()
    alone.write_bytes(make("p7s").read_bytes())
    result = desk.upgrader(out=tmp_path / "out").upgrade(alone, Level.T)
    assert (result.status, result.error.code) == (UpgradeStatus.FAILED, "signed-content-missing")


# Judged by others than the program


def test_the_archive_time_stamp_of_an_xml_signature_covers_what_the_standard_says(desk, make, tmp_path):
    raised = desk.upgrader(out=tmp_path / "out").upgrade(make("asice"), Level.LTA).output
    files = contents(Path(raised))
    root = etree.fromstring(files["META-INF/signatures001.xml"])
    (signature,) = root.iter(f"{{{DS}}}Signature")
    properties = list(signature.find(f".//{{{XADES}}}UnsignedSignatureProperties"))
    assert [one.tag.rpartition("}")[2] for one in properties] == [
        "SignatureTimeStamp",
        "CertificateValues",
        "RevocationValues",
        "TimeStampValidationData",
        "ArchiveTimeStamp",
    ]
    assert properties[-1].tag == f"{{{XADES_141}}}ArchiveTimeStamp"
    octets = b"".join(
        reference_octets(root, signature, reference, {"drawing.dwg": files["drawing.dwg"]})
        for reference in signature.iterfind(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    )
    over = [signature.find(f"{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    octets += b"".join(canonical_subset(one, Canonicalization()) for one in (*over, *properties[:-1]))
    token = base64.b64decode(properties[-1].findtext(f"{{{XADES}}}EncapsulatedTimeStamp"))
    assert hashlib.sha256(octets).digest() in token


@pytest.mark.parametrize("level", [Level.T, Level.LTA])
@pytest.mark.parametrize("second", [False, True])
def test_openssl_verifies_raised_signature_files(desk, office, make, tmp_path, level, second):
    raised = Path(desk.upgrader(out=tmp_path / "out").upgrade(make("p7s", second=second), level).output)
    assert (der.encode_oid(ARCHIVE_TIME_STAMP) in raised.read_bytes()) == (level is Level.LTA)
    roots = tmp_path / "roots.pem"
    authorities = [x509.load_der_x509_certificate(office.pki.certificate(name)) for name in ("root", "issuing")]
    roots.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in authorities))
    line = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(raised), "-content"]
    line += [str(raised.with_suffix("")), "-CAfile", str(roots), "-purpose", "any", "-out", str(tmp_path / "verified")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    raised.with_suffix("").write_bytes(b"other")
    assert subprocess.run(line, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("format", ["odt", "asice", "p7s"])
def test_signing_itself_reaches_the_level(desk, office, make, tmp_path, format):
    """What the desk does after the token has signed."""
    stamper = HttpTimestamper(office.pki.tsa_url, timeout=30)
    signed = make(format, level=Level.LTA, timestamper=stamper)
    leader = office.pki.credential("leader").certificate
    raised = desk.levels.after_signing(
        signed, detect(signed), leader, wanted=Level.LTA, made=Level.T, timestamper=stamper
    )
    assert (raised.level, raised.notes) == (Level.LTA, ())
    assert levels_of(desk, signed) == ["LTA"]


@pytest.mark.parametrize("format", ["odt", "asice", "p7s"])
def test_only_the_fresh_signature_is_raised_after_signing(desk, office, make, format):
    stamper = HttpTimestamper(office.pki.tsa_url, timeout=30)
    both = make(format, second=True)
    second = office.pki.credential("second").certificate
    raised = desk.levels.after_signing(both, detect(both), second, wanted=Level.LT, made=Level.T, timestamper=stamper)
    assert (raised.level, raised.notes) == (Level.LT, ())
    assert levels_of(desk, both) == ["B", "LT"]
