"""Making PAdES signatures: what is written, what is refused, what stays untouched."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import cms

from app.errors import AntinError, FileMissing, TargetNotWritable
from app.signing.errors import SignatureValueWrong, TimestamperMissing
from app.signing.model import Level, OpenFields, OpenText, SignatureRequest
from app.signing.pdf import check, prepare
from app.signing.pdf_errors import (
    PdfDamaged,
    PdfDynamicForm,
    PdfEncrypted,
    PdfForbidsSigning,
    PdfWithoutPages,
)
from app.verification.pdf import examine
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples
from tests.pdf_samples import SIGNED_AT, LocalStamper, sign, signer


def signed_data(content: bytes, index: int = -1) -> cms.SignedData:
    """The CMS of the signature at ``index`` in order of the file."""
    hexadecimal = re.findall(rb"/Contents <([0-9A-Fa-f]+)>", content)[index]
    return cms.ContentInfo.load(bytes.fromhex(hexadecimal.decode()))["content"]


def request_for(source: Path, target: Path, **options: object) -> SignatureRequest:
    who = signer()
    return SignatureRequest(
        source, target, who.certificate, who.chain, SignatureAlgorithm.RSA_SHA256, SIGNED_AT, **options
    )


@pytest.mark.parametrize("build", [samples.classic, samples.with_object_streams])
def test_update_keeps_every_octet_of_the_original(tmp_path, build):
    source = samples.write(tmp_path / "vb.pdf", build(samples.objects()))
    original = source.read_bytes()
    completed = sign(source, tmp_path / "out.pdf")
    assert source.read_bytes() == original
    assert completed.path.read_bytes().startswith(original)
    assert completed.level is Level.B
    assert not completed.notes


def test_signed_attributes_are_those_of_the_baseline(tmp_path):
    content = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf").path.read_bytes()
    data = signed_data(content)
    info = data["signer_infos"][0]
    attributes = {attribute["type"].native: attribute["values"][0].native for attribute in info["signed_attrs"]}
    start, length, second, rest = map(int, re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", content).groups())
    covered = content[start : start + length] + content[second : second + rest]
    assert second + rest == len(content)
    assert content[length : length + 1] + content[second - 1 : second] == b"<>"
    assert attributes["message_digest"] == hashlib.sha256(covered).digest()
    assert attributes["signing_certificate_v2"]["certs"][0]["cert_hash"] == (
        hashlib.sha256(signer().certificate).digest()
    )
    assert "signing_time" not in attributes
    assert rb"/M (D\07220260512093000\05307\04700\047)" in content  # D:20260512093000+07'00'
    assert b"/ETSI.CAdES.detached" in content


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("rsa", SignatureAlgorithm.RSA_SHA512),
        ("rsa", SignatureAlgorithm.RSA_PSS_SHA256),
        ("p256", SignatureAlgorithm.ECDSA_SHA256),
        ("p384", SignatureAlgorithm.ECDSA_SHA384),
    ],
)
def test_every_algorithm_completes(tmp_path, kind, algorithm):
    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf", signer(kind), algorithm=algorithm)
    assert signed_data(completed.path.read_bytes())["signer_infos"][0]["digest_algorithm"]["algorithm"].native == (
        algorithm.hash_name
    )


def test_time_stamp_is_over_the_signature_value(tmp_path):
    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf", level=Level.T, timestamper=LocalStamper())
    info = signed_data(completed.path.read_bytes())["signer_infos"][0]
    token = info["unsigned_attrs"][0]["values"][0]["content"]["encap_content_info"]["content"].parsed
    assert completed.level is Level.T
    assert token["message_imprint"]["hashed_message"].native == hashlib.sha256(info["signature"].native).digest()


def test_the_signature_itself_has_the_time_stamp_that_levels_above_t_build_on(tmp_path):
    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf", level=Level.LTA, timestamper=LocalStamper())
    assert completed.level is Level.T
    assert not completed.notes


def test_failing_time_stamp_leaves_level_b_and_its_reason(tmp_path):
    class Unreachable(AntinError):
        code = "unreachable"

    class Silent:
        def token(self, imprint: bytes, hash_name: str) -> bytes:
            raise Unreachable(detail="")

    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf", level=Level.T, timestamper=Silent())
    assert completed.level is Level.B
    assert [type(note) for note in completed.notes] == [Unreachable]
    completed = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "c.pdf", level=Level.T)
    assert [type(note) for note in completed.notes] == [TimestamperMissing]


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_wrong_signature_value_is_refused_at_once(tmp_path, kind):
    source, target = samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf"
    who = signer(kind)
    algorithm = SignatureAlgorithm.RSA_SHA256 if kind == "rsa" else SignatureAlgorithm.ECDSA_SHA256
    preparation = prepare(SignatureRequest(source, target, who.certificate, who.chain, algorithm, SIGNED_AT))
    with pytest.raises(SignatureValueWrong):
        preparation.complete(who.sign(b"something else", algorithm))
    preparation.discard()
    preparation.discard()
    assert not target.exists()


def test_second_signature_gets_its_own_field(tmp_path):
    first = sign(samples.write(tmp_path / "a.pdf"), tmp_path / "b.pdf").path
    second = sign(first, tmp_path / "c.pdf", signer("p256")).path
    content = second.read_bytes()
    assert content.startswith(first.read_bytes())
    assert b"(Signature1)" in content
    assert b"(Signature2)" in content


def test_metadata_is_left_alone(tmp_path):
    bodies = samples.objects()
    bodies[6] = b"<< /Title (QD) /ModDate (D:20200101000000Z) >>"
    source = samples.write(tmp_path / "a.pdf", samples.classic(bodies, b"/Info 6 0 R"))
    added = sign(source, tmp_path / "b.pdf").path.read_bytes()[source.stat().st_size :]
    assert b"/Title" not in added
    assert b"/ModDate" not in added


def certified(permission: int) -> bytes:
    bodies = samples.objects()
    bodies[1] = (
        b"<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 6 0 R >> /AcroForm << /SigFlags 3 /Fields [7 0 R] >> >>"
    )
    bodies[6] = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Reference [<< /Type /SigRef"
        b" /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /V /1.2 /P %d >> >>] >>" % permission
    )
    bodies[7] = b"<< /FT /Sig /T (Certified) /V 6 0 R >>"
    return samples.classic(bodies)


def test_certification_without_permission_is_refused_before_the_pin(tmp_path):
    with pytest.raises(PdfForbidsSigning):
        prepare(request_for(samples.write(tmp_path / "a.pdf", certified(1)), tmp_path / "b.pdf"))
    assert not (tmp_path / "b.pdf").exists()
    prepare(request_for(samples.write(tmp_path / "a.pdf", certified(2)), tmp_path / "b.pdf")).discard()


def test_dynamic_form_is_refused(tmp_path):
    bodies = {**samples.objects(), 1: b"<< /Type /Catalog /Pages 2 0 R /NeedsRendering true >>"}
    with pytest.raises(PdfDynamicForm):
        prepare(request_for(samples.write(tmp_path / "a.pdf", samples.classic(bodies)), tmp_path / "b.pdf"))
    bodies[1] = bodies[1].replace(b"true", b"false")
    prepare(request_for(samples.write(tmp_path / "a.pdf", samples.classic(bodies)), tmp_path / "b.pdf")).discard()


def test_hybrid_file_is_signed(tmp_path):
    content = samples.hybrid(samples.objects())
    completed = sign(samples.write(tmp_path / "a.pdf", content), tmp_path / "b.pdf")
    assert completed.path.read_bytes().startswith(content)


def test_encryption_with_empty_user_password_is_kept(tmp_path):
    source = samples.write(tmp_path / "a.pdf", samples.encrypted(samples.classic(samples.objects()), ""))
    signed = sign(source, tmp_path / "b.pdf").path
    assert [signature.intact for signature in examine(signed).signatures] == [True]


def test_encryption_with_authentication_code_is_refused(tmp_path):
    content = samples.encrypted(samples.classic(samples.objects()), "", authenticated=True)
    with pytest.raises(PdfEncrypted):
        prepare(request_for(samples.write(tmp_path / "a.pdf", content), tmp_path / "b.pdf"))


HOSTILE = {
    "empty": b"",
    "text": b"no PDF at all, only words" * 40,
    "header-only": b"%PDF-1.7\n" + b" " * 2000,
    "xref-loop": samples.classic(samples.objects(), b"/Prev 0").replace(b"/Prev 0", b"/Prev 9"),
    "no-root": samples.classic(samples.objects()).replace(b"/Root 1 0 R", b"/Root 99 0 R"),
    "root-is-number": samples.classic({**samples.objects(), 1: b"42"}),
    "pages-loop": samples.classic({**samples.objects(), 2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
    "kids-are-text": samples.classic({**samples.objects(), 2: b"<< /Type /Pages /Kids (x) /Count 1 >>"}),
    "fields-are-text": samples.classic(
        {**samples.objects(), 1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields (x) >> >>"}
    ),
    "deep": samples.classic({**samples.objects(), 1: b"<< /A " + b"[" * 50_000 + b"]" * 50_000 + b" >>"}),
    "self-reference": samples.classic({**samples.objects(), 1: b"1 0 R"}),
}
genuine = samples.classic(samples.objects())
HOSTILE |= {f"cut-{share}": genuine[: len(genuine) * share // 10] for share in range(1, 10)}


@pytest.mark.timeout(40)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_ends_in_a_typed_error_and_leaves_nothing(tmp_path, name):
    source = samples.write(tmp_path / "a.pdf", HOSTILE[name])
    with pytest.raises((PdfDamaged, PdfWithoutPages)):
        prepare(request_for(source, tmp_path / "b.pdf"))
    assert not (tmp_path / "b.pdf").exists()
    assert source.read_bytes() == HOSTILE[name]


@pytest.mark.parametrize("name", [*(name for name in HOSTILE if name.startswith("cut-")), "no-root", "deep"])
def test_what_cannot_be_opened_is_known_without_writing_anything(tmp_path, name):
    source = samples.write(tmp_path / "a.pdf", HOSTILE[name])
    with pytest.raises(PdfDamaged):
        check(source)
    assert list(tmp_path.iterdir()) == [source]


def test_a_sound_document_passes_the_check_signed_or_not(tmp_path):
    source = samples.write(tmp_path / "a.pdf")
    check(source)
    check(sign(source, tmp_path / "b.pdf").path)


def test_password_is_needed(tmp_path):
    source = samples.write(tmp_path / "a.pdf", samples.encrypted(samples.classic(samples.objects()), "bí mật"))
    with pytest.raises(PdfEncrypted):
        prepare(request_for(source, tmp_path / "b.pdf"))
    with pytest.raises(PdfEncrypted):
        check(source)


def form() -> bytes:
    """A document with two text fields, one of them filled, and an empty place for a signature."""
    bodies = samples.objects(page_extra=b"/Annots [6 0 R 7 0 R 8 0 R]")
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R 8 0 R] /DA (/Helv 0 Tf) >> >>"
    widget = b"<< /Type /Annot /Subtype /Widget /P 4 0 R /F 4 /Rect [72 %d 300 %d] /T (%s) %s >>"
    bodies[6] = widget % (600, 620, b"HoTen", b"/FT /Tx /V (A)")
    bodies[7] = widget % (560, 580, b"YKien", b"/FT /Tx")
    bodies[8] = widget % (300, 400, b"Truong", b"/FT /Sig")
    return samples.classic(bodies)


def locks_of(content: bytes) -> list[bytes]:
    return re.findall(rb"/TransformMethod /FieldMDP.*?/Fields \[([^\]]*)\]", content, re.DOTALL)


def test_a_plain_signature_locks_the_form_as_the_signer_saw_it(tmp_path):
    source = samples.write(tmp_path / "a.pdf", form())
    signed = sign(source, tmp_path / "b.pdf").path
    [locked] = locks_of(signed.read_bytes())
    assert re.findall(rb"\(([^)]*)\)", locked) == [b"HoTen", b"YKien"]
    second = sign(signed, tmp_path / "c.pdf").path
    assert [facts.intact for facts in examine(second).signatures] == [True, True]
    assert all(change.kind == "signature-added" for facts in examine(second).signatures for change in facts.changes)


def test_what_a_certification_leaves_open_is_not_locked_by_those_who_sign_after_it(tmp_path):
    certified = sign(
        samples.write(tmp_path / "a.pdf", samples.classic(samples.objects())),
        tmp_path / "b.pdf",
        leaves_open=OpenFields((0, (300, 300, 400, 400)), [OpenText("antin-year", 0, (100, 100, 200, 120))]),
    ).path
    second = sign(certified, tmp_path / "c.pdf").path
    assert locks_of(second.read_bytes()[certified.stat().st_size :]) == []


def test_target_is_never_overwritten(tmp_path):
    target = samples.write(tmp_path / "b.pdf", b"precious")
    with pytest.raises(TargetNotWritable):
        prepare(request_for(samples.write(tmp_path / "a.pdf"), target))
    assert target.read_bytes() == b"precious"


def test_missing_source_and_missing_folder(tmp_path):
    with pytest.raises(FileMissing) as caught:
        prepare(request_for(tmp_path / "none.pdf", tmp_path / "b.pdf"))
    assert caught.value.data["path"] == str(tmp_path / "none.pdf")
    with pytest.raises(FileMissing) as caught:
        prepare(request_for(samples.write(tmp_path / "a.pdf"), tmp_path / "none" / "b.pdf"))
    assert caught.value.data["path"] == str(tmp_path / "none" / "b.pdf")


NO_ROOM = """
import errno, sys
from pathlib import Path
from app.errors import AntinError, FileMissing, TargetNotWritable
from tests import pdf_samples as samples
from tests.full_disk import full_beyond
folder = Path(sys.argv[1])
source = samples.write(folder / "a.pdf")
samples.sign(source, folder / "warm.pdf")
try:
    with full_beyond(int(sys.argv[2])):
        samples.sign(source, folder / "b.pdf")
except AntinError as error:
    assert error.__cause__.errno == errno.EFBIG, error
    print("refused")
assert not (folder / "b.pdf").exists()
"""


@pytest.mark.parametrize("room", [300, 1000, 5000, 13000])
def test_no_half_file_where_the_disk_has_no_room(tmp_path, room):
    """The system stops at every stage: while copying, while appending, while the update is written out."""
    command = [sys.executable, "-c", NO_ROOM, str(tmp_path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "refused\n"


def test_document_without_pages(tmp_path):
    source = samples.write(
        tmp_path / "a.pdf", samples.classic({**samples.objects(), 2: b"<< /Type /Pages /Kids [] /Count 0 >>"})
    )
    with pytest.raises(PdfWithoutPages):
        prepare(request_for(source, tmp_path / "b.pdf"))
