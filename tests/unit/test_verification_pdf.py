"""Facts of PDF signatures: what is told of genuine ones, and that no octets bring the examiner down."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import FileMissing
from app.signing.model import Level, Mark
from app.verification.changes.sentences import told
from app.verification.model import Change, Coverage
from app.verification.pdf import examine
from app.verification.pdf_ranges import unlisted_object
from pkcs11_bridge.protocol import SignatureAlgorithm
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    EVIL,
    accepted,
    examined,
    form,
    gap,
    signed,
    signed_twice,
    text_field,
    update,
)
from tests.attacks.pdf_genuine import certified_and, filled
from tests.pdf_samples import SIGNED_AT, LocalStamper, signer, stamper_identity


@pytest.mark.parametrize(
    ("kind", "algorithm", "name"),
    [
        ("rsa", SignatureAlgorithm.RSA_SHA256, "rsa-sha256"),
        ("rsa", SignatureAlgorithm.RSA_PSS_SHA384, "rsa-pss-sha384"),
        ("p256", SignatureAlgorithm.ECDSA_SHA256, "ecdsa-sha256"),
        ("p384", SignatureAlgorithm.ECDSA_SHA384, "ecdsa-sha384"),
    ],
)
def test_facts_of_a_genuine_signature(kind, algorithm, name):
    facts = examined(signed(who=signer(kind), algorithm=algorithm))
    (found,) = facts.signatures
    assert facts.readable
    assert found.name == "Signature1"
    assert found.intact
    assert found.coverage is Coverage.WHOLE
    assert found.certificate == signer(kind).certificate
    assert set(signer(kind).chain) <= set(found.certificates)
    assert found.signature_algorithm == name
    assert found.digest_algorithm == algorithm.hash_name
    assert found.claimed_time == SIGNED_AT
    assert found.changes == ()
    assert found.problems == ()


def test_time_stamp_is_told():
    (found,) = examined(signed(level=Level.T, timestamper=LocalStamper())).signatures
    (stamp,) = found.timestamps
    assert stamp.intact
    assert stamp.time == SIGNED_AT
    assert stamp.certificate == stamper_identity().certificate


def test_unsigned_document():
    facts = examined(samples.classic(samples.objects()))
    assert facts.readable
    assert facts.signatures == ()
    assert facts.problems == ()


def test_missing_file(tmp_path):
    with pytest.raises(FileMissing):
        examine(tmp_path / "none.pdf")


def test_encrypted_document_says_so():
    facts = examined(samples.encrypted(samples.classic(samples.objects()), "bí mật"))
    assert not facts.readable
    assert [problem.code for problem in facts.problems] == ["pdf-encrypted"]


def test_further_signature_is_told_with_its_page():
    first = signed(samples.classic(samples.objects(3)))
    mark = Mark(1, (300.5, 300, 500, 360.25), text="Văn thư")
    facts = examined(signed(first, who=signer("p256"), mark=mark))
    assert facts.signatures[0].changes == (Change("signature-added", "Signature2", 2),)
    assert facts.signatures[0].coverage is Coverage.WHOLE
    assert facts.signatures[1].changes == ()


def test_size_of_the_signed_revision_is_told():
    first = signed()
    assert [one.signed_size for one in examined(first).signatures] == [len(first)]
    both = signed(first, who=signer("p256"))
    assert [one.signed_size for one in examined(both).signatures] == [len(first), len(both)]
    assert [one.signed_size for one in examined(update(first, {5: EVIL})).signatures] == [len(first)]


def test_changed_content_is_told_with_its_page():
    content = signed(samples.classic(samples.objects(3)))
    (found,) = examined(update(content, {7: EVIL})).signatures
    assert found.changes == (Change("content-changed", "/Contents", 2),)
    assert not found.changes_allowed
    assert found.coverage is Coverage.EARLIER_REVISION
    assert found.intact


def test_permitted_filling_is_told():
    (found,) = examined(certified_and(2, filled)()).signatures
    assert found.changes == (Change("form-filled", "HoTen", 1, value="Nguyen Van A"),)
    assert found.changes_allowed


def test_value_filled_in_is_told_on_one_line():
    value = rb"Tr\n B \(99\)"
    (found,) = examined(certified_and(2, lambda _content: {6: text_field(b"HoTen", value)})()).signatures
    assert found.changes[0].value == "Tr B (99)"
    assert "HoTen" in told(found.changes[0])
    assert "Tr B (99)" in told(found.changes[0])
    (emptied,) = examined(certified_and(2, lambda _content: {6: text_field(b"HoTen", b" ")})()).signatures
    assert emptied.changes[0].value == ""


def test_long_value_is_cut():
    (found,) = examined(certified_and(2, lambda _content: {6: text_field(b"HoTen", b"a" * 9999)})()).signatures
    assert 100 < len(found.changes[0].value) <= 200


def test_both_revisions_are_judged_on_their_own():
    content = signed_twice()
    facts = examined(update(content, {5: EVIL}))
    assert [signature.coverage for signature in facts.signatures] == [Coverage.EARLIER_REVISION] * 2


def test_no_octet_of_the_file_can_be_changed():
    content = signed(form(b"A"))
    start, end = gap(content)
    chance = random.Random(7)
    places = [place for place in range(len(content)) if not start < place < end - 1]
    for place in chance.sample(places, 250):
        forged = bytearray(content)
        forged[place] ^= chance.choice((1, 2, 16, 32, 128))
        assert not accepted(examined(bytes(forged))), place


def test_no_digit_of_the_value_can_be_changed():
    content = signed()
    start, end = gap(content)
    chance = random.Random(8)
    # Unsigned parts of the CMS would not matter, but a signature of level B has none but its certificates.
    for place in chance.sample(range(start + 1, end - 1), 120):
        forged = bytearray(content)
        forged[place] = ord("1") if forged[place : place + 1] != b"1" else ord("2")
        facts = examined(bytes(forged))
        if accepted(facts):
            (found,) = facts.signatures
            assert set(found.certificates) != set(examined(content).signatures[0].certificates), place


def cut(share: int) -> bytes:
    content = signed_twice()
    return content[: len(content) * share // 20]


@pytest.mark.timeout(40)
@pytest.mark.parametrize("share", range(1, 20))
def test_truncated_file_is_never_accepted(share):
    assert not accepted(examined(cut(share)))


def test_answer_for_any_octets():
    content = signed_twice(form(b"A"))
    chance = random.Random(9)
    for _attempt in range(150):
        forged = bytearray(content)
        for _count in range(chance.randint(1, 40)):
            place = chance.randrange(len(forged))
            forged[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        examined(bytes(forged))


def test_object_across_two_windows_is_seen(tmp_path):
    (tmp_path / "file").write_bytes(b" " * ((1 << 20) - 3) + b"5 0 obj\n<< >>\nendobj\n")
    size = (tmp_path / "file").stat().st_size
    with (tmp_path / "file").open("rb") as file:
        assert unlisted_object(file, 0, size, set())
        assert not unlisted_object(file, 0, size, {(1 << 20) - 3})
        assert not unlisted_object(file, 0, size, {(1 << 20) - 5})


LARGE = """
import re, sys
from pathlib import Path
from tests import pdf_samples as samples
from tests.pdf_samples import sign
from app.verification.pdf import examine
folder = Path(sys.argv[1])
first = sign(folder / "a.pdf", folder / "b.pdf").path
second = sign(first, folder / "c.pdf").path
facts = examine(second)
assert [found.coverage.value for found in facts.signatures] == ["whole", "whole"], facts
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def test_large_file_passes_with_little_memory(tmp_path):
    """A stream of 230 MB, signed twice and examined: 200 MB of memory must do, and far less does."""
    length = 230 << 20
    bodies = samples.objects(page_extra=b"/PieceInfo 6 0 R")
    content = samples.classic({**bodies, 6: b"<< /Length %d >>\nstream\n\nendstream" % length})
    place, table = content.index(b"\nendstream", content.index(b"%d >>" % length)), content.rindex(b"xref\n0")
    tail = content[place:].replace(b"startxref\n%d" % table, b"startxref\n%d" % (table + length))
    with (tmp_path / "a.pdf").open("wb") as file:
        file.write(content[:place])
        file.seek(length, 1)
        file.write(tail)
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 120
