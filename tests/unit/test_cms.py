"""CMS signatures: what holds is told to hold, and nothing else."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.trust import cms, der
from app.trust.cms import CmsFacts, read_signed_data
from tests.unit.trust_material import (
    ECDSA_SHA256,
    NOW,
    RSA_SHA256,
    CmsMaker,
    algorithm,
    attribute,
    certificate,
    crl,
    digest_of,
    ess_v2,
    hash_algorithm,
    ocsp_answer,
    pki,
    rsa_key,
    seq,
    timestamp,
)

CONTENT = b"noi dung van ban"


def read(maker: CmsMaker) -> CmsFacts:
    return read_signed_data(maker.make(), digest_of=None if maker.attached else digest_of(CONTENT))


def codes(facts: CmsFacts) -> list[str]:
    return [problem.code for problem in facts.problems]


@pytest.mark.parametrize(
    ("signer", "changes", "name"),
    [
        ("person", {}, "rsa-sha256"),
        ("person", {"hash_name": "sha512"}, "rsa-sha512"),
        ("person", {"hash_name": "sha1"}, "rsa-sha1"),
        ("person", {"pss": True}, "rsa-pss-sha256"),
        ("agency", {}, "ecdsa-sha256"),
        ("agency", {"hash_name": "sha384"}, "ecdsa-sha384"),
        ("person", {"by_key_id": True}, "rsa-sha256"),
        ("person", {"attached": True}, "rsa-sha256"),
        ("person", {"signature_algorithm": algorithm("1.2.840.113549.1.1.1")}, "rsa-sha256"),
    ],
)
def test_a_good_signature_is_intact(signer: str, changes: dict[str, object], name: str) -> None:
    holder = getattr(pki(), signer)
    facts = read(CmsMaker(holder, **changes))
    assert facts.intact
    assert facts.supported
    assert facts.problems == ()
    assert facts.signature_algorithm == name
    assert facts.certificate == holder.der
    assert facts.claimed_time == NOW
    assert facts.signing_certificate


def test_no_signed_attributes_is_told() -> None:
    facts = read(CmsMaker(pki().person, with_attributes=False))
    assert facts.intact
    assert codes(facts) == ["cms-no-signed-attributes"]


def test_no_signing_certificate_is_told() -> None:
    facts = read(CmsMaker(pki().person, with_ess=False))
    assert facts.intact
    assert codes(facts) == ["cms-no-signing-certificate"]
    assert not facts.signing_certificate


OTHER_RSA = rsa_key("other")


@pytest.mark.parametrize(
    ("changes", "code", "supported"),
    [
        ({"digest": b"\x00" * 32}, "digest-mismatch", True),
        ({"content_info_suffix": b"\x00"}, "cms-trailing-data", True),
        ({"signers": 2}, "cms-signer-count", False),
        ({"signers": 0}, "cms-signer-count", False),
        ({"stated_type": cms.TST_INFO}, "cms-content-type-differs", True),
        ({"ess": ess_v2(b"another certificate")}, "cms-signing-certificate-differs", True),
        ({"ess": ess_v2(pki().person.der, serial=1, issuer=b"")}, "cms-signing-certificate-differs", True),
        ({"certificates": []}, "cms-signer-certificate-missing", False),
        ({"certificates": [pki().agency.der]}, "cms-signer-certificate-missing", False),
        ({"digest_algorithm": algorithm("1.2.840.113549.2.5")}, "algorithm-unknown", False),
        ({"signature_algorithm": algorithm("1.3.101.112", b"")}, "algorithm-unknown", False),
        ({"signature_algorithm": algorithm("1.2.840.113549.1.1.13")}, "cms-algorithms-differ", True),
        ({"signature_algorithm": ECDSA_SHA256}, "signature-value-wrong", True),
        ({"content_type": "1.2.3", "with_attributes": False}, "cms-attributes-missing", True),
        (
            {"extra_signed": [attribute(cms.MESSAGE_DIGEST, der.encode(der.OCTET_STRING, b"x" * 32))]},
            "cms-attribute-twice",
            True,
        ),
        (
            {
                "extra_signed": [
                    attribute(
                        cms.ALGORITHM_PROTECTION,
                        seq(
                            hash_algorithm("sha512"),
                            der.encode(der.context(1), der.read(RSA_SHA256).content),
                        ),
                    )
                ]
            },
            "cms-algorithm-protection-differs",
            True,
        ),
    ],
)
def test_a_wrong_signature_is_not_intact(changes: dict[str, object], code: str, supported: bool) -> None:
    facts = read(CmsMaker(pki().person, **changes))
    assert not facts.intact
    assert facts.problems[0].code == code
    assert facts.supported is supported


def test_algorithm_protection_that_agrees_is_accepted() -> None:
    protection = seq(hash_algorithm("sha256"), der.encode(der.context(1), der.read(RSA_SHA256).content))
    facts = read(CmsMaker(pki().person, extra_signed=[attribute(cms.ALGORITHM_PROTECTION, protection)]))
    assert facts.intact
    assert facts.problems == ()


def test_another_content_is_a_mismatch() -> None:
    facts = read_signed_data(CmsMaker(pki().person).make(), digest_of=digest_of(b"khac"))
    assert codes(facts) == ["digest-mismatch"]
    assert not facts.intact


def test_a_changed_signature_value_does_not_verify() -> None:
    data = bytearray(CmsMaker(pki().person).make())
    data[-1] ^= 1
    facts = read_signed_data(bytes(data), digest_of=digest_of(CONTENT))
    assert codes(facts) == ["signature-value-wrong"]


def test_another_key_under_the_same_name_and_serial_is_not_taken() -> None:
    """A certificate that merely bears the signer's issuer and serial is passed over for the one ESS names."""
    person = pki().person
    impostor = certificate("Nguyễn Văn An", issuer=pki().ca, key=OTHER_RSA, serial=person.certificate.serial_number)
    facts = read(CmsMaker(person, certificates=[impostor.der, person.der]))
    assert facts.intact
    assert facts.certificate == person.der
    facts = read(CmsMaker(person, certificates=[impostor.der]))
    assert codes(facts) == ["cms-signing-certificate-differs"]


def test_content_inside_where_a_detached_one_is_expected() -> None:
    facts = read_signed_data(CmsMaker(pki().person, attached=True).make(), digest_of=digest_of(CONTENT))
    assert codes(facts) == ["cms-content-inside"]
    assert not facts.intact
    facts = read_signed_data(CmsMaker(pki().person).make(), digest_of=None)
    assert codes(facts) == ["cms-content-missing"]


def test_signed_attributes_do_not_pass_as_content() -> None:
    """The old trick: attributes once signed are presented as a content without attributes."""
    person = pki().person
    attributes = der.encode(der.SET, b"".join(sorted(CmsMaker(person)._attributes())))
    facts = read(CmsMaker(person, content=attributes, attached=True, with_attributes=False))
    assert codes(facts) == ["cms-attributes-as-content"]
    assert not facts.intact


def test_timestamps_and_evidence_are_read() -> None:
    material = pki()
    list_, answer = crl(material.ca), ocsp_answer(material.person, material.ca, material.responder)
    archival = seq(
        der.encode(der.context(0), seq(list_)),
        der.encode(der.context(1), seq(answer)),
    )
    basic = der.read(answer).children()[1].inner().children()[1].octets()
    values = seq(der.encode(der.context(0), seq(list_)), der.encode(der.context(1), seq(basic)))
    facts = read(
        CmsMaker(
            material.person,
            extra_signed=[attribute(cms.ADOBE_REVOCATION, archival)],
            extra_unsigned=[attribute(cms.REVOCATION_VALUES, values)],
            timestamp=timestamp,
        )
    )
    assert facts.intact
    assert facts.embedded_crls == (list_, list_)
    assert facts.embedded_ocsps == (answer, answer)
    [stamp] = facts.timestamps
    assert stamp.intact
    assert stamp.time == NOW
    assert cms.SIGNATURE_TIME_STAMP in facts.unsigned_attributes


def test_openssl_agrees(tmp_path: Path) -> None:
    """The maker's signatures are what the rest of the world calls CMS, and openssl's are read here."""
    material = pki()
    made = tmp_path / "made.p7s"
    made.write_bytes(CmsMaker(material.person).make())
    (tmp_path / "content").write_bytes(CONTENT)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", str(made), "-content", str(tmp_path / "content")]
    subprocess.run([*command, "-noverify", "-binary", "-out", "/dev/null"], check=True, capture_output=True)

    from cryptography.hazmat.primitives import serialization

    key = material.person.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(material.person.certificate.public_bytes(serialization.Encoding.PEM))
    for options in ([], ["-noattr"], ["-keyopt", "rsa_padding_mode:pss"], ["-cades"], ["-keyid"], ["-nodetach"]):
        out = tmp_path / "openssl.p7s"
        command = ["openssl", "cms", "-sign", "-binary", "-in", str(tmp_path / "content"), "-outform", "DER"]
        command += ["-signer", str(tmp_path / "cert.pem"), "-inkey", str(tmp_path / "key.pem"), "-out", str(out)]
        subprocess.run([*command, *options], check=True, capture_output=True)
        facts = read_signed_data(out.read_bytes(), digest_of=None if options == ["-nodetach"] else digest_of(CONTENT))
        assert facts.intact, (options, facts.problems)


def test_huge_and_deep_input_ends_soon() -> None:
    started = time.monotonic()
    deep = b"\x30\x84\x00\xff\xff\xff" * 100_000
    assert not read_signed_data(deep, digest_of=digest_of(b"")).supported
    nested = b"\x05\x00"
    for _ in range(3000):
        nested = der.encode(der.SEQUENCE, nested)
    assert not read_signed_data(nested, digest_of=digest_of(b"")).supported
    facts = read(CmsMaker(pki().person, extra_unsigned=[attribute("1.2.3.4", nested)]))
    assert facts.intact
    assert codes(read_signed_data(b"\x30" * (65 * 1024 * 1024), digest_of=digest_of(b""))) == ["cms-too-large"]
    many = seq(der.encode_oid(cms.SIGNED_DATA), der.encode(der.context(0), seq(b"\x05\x00" * 1_000_000)))
    assert not read_signed_data(many, digest_of=digest_of(b"")).supported
    assert time.monotonic() - started < 15


def test_indefinite_lengths_are_refused() -> None:
    facts = read_signed_data(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\x00\x00", digest_of=digest_of(b""))
    assert codes(facts) == ["cms-malformed"]
    assert not facts.supported


GOOD = CmsMaker(pki().person, timestamp=timestamp).make()
BASE = read_signed_data(GOOD, digest_of=digest_of(CONTENT))


@settings(max_examples=400)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_changed_octet_raises_or_changes_what_was_signed(position: int, mask: int) -> None:
    changed = bytearray(GOOD)
    changed[position] ^= mask
    facts = read_signed_data(bytes(changed), digest_of=digest_of(CONTENT))
    if facts.intact:
        assert facts.certificate == BASE.certificate
        assert facts.claimed_time == BASE.claimed_time
        assert facts.digest_algorithm == "sha256"


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_random_octets_never_raise(data: bytes) -> None:
    assert not read_signed_data(data, digest_of=digest_of(CONTENT)).intact
    assert not read_signed_data(GOOD[: len(data)] + data, digest_of=digest_of(CONTENT)).intact
