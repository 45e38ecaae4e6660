"""Files whose own signer cheats: ranges, CMS values, time stamps and certificates that are not what they say."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from functools import cache

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from app.signing.model import Level
from app.trust import der
from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    Forgery,
    gap,
    ranges,
    re_signed,
    signature_value,
    signed,
    with_range,
    with_time_stamp,
)
from tests.attacks.pdf_genuine import stamped_document

LATER = dt.datetime(2039, 1, 1, tzinfo=dt.UTC)


def range_not_from_start() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 15, length - 15, second, rest)


def range_leaves_gap_before() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length - 100, second, rest)


def range_leaves_gap_after() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second + 100, rest - 100)


def range_ends_early() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second, rest - 30)


def range_overlaps() -> bytes:
    content = signed()
    _, length, second, rest = ranges(content)
    return with_range(content, 0, length, second - 50, rest + 50)


def range_of_other_hexadecimal() -> bytes:
    """The gap lies around another hexadecimal string of the same length in the same file."""
    content = signed()
    _, length, second, _rest = ranges(content)
    decoy = b"<" + b"30" * ((second - length - 2) // 2) + b">"
    bodies = {**samples.objects(), 6: b"<< /Contents %s >>" % decoy}
    content = signed(samples.classic(bodies))
    start = content.index(decoy)
    return with_range(content, 0, start, start + len(decoy), len(content) - start - len(decoy))


def cheating_cms(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    def forge() -> bytes:
        content = signed()
        first, length, second, rest = ranges(content)
        return re_signed(content, content[first : first + length] + content[second : second + rest], change)

    return forge


def second_signer(value: bytes) -> bytes:
    info = cms.ContentInfo.load(value)
    infos = info["content"]["signer_infos"]
    infos.append(infos[0].copy())
    return bytes(info.dump(force=True))


def content_inside(value: bytes) -> bytes:
    info = cms.ContentInfo.load(value)
    info["content"]["encap_content_info"] = {"content_type": "data", "content": b"QUYET DINH"}
    return bytes(info.dump(force=True))


def without_attributes(value: bytes) -> bytes:
    info = cms.ContentInfo.load(value)
    signer = info["content"]["signer_infos"][0]
    del signer["signed_attrs"]
    return bytes(info.dump(force=True))


def wrong_digest() -> bytes:
    return re_signed(signed(), b"something else")


def trailing_element(value: bytes) -> bytes:
    """One more element behind the signers, within the signed data."""
    kind, content = der.read(value).children()
    longer = der.encode(der.SEQUENCE, content.inner().content + der.encode(der.OCTET_STRING, b"evil"))
    return der.encode(der.SEQUENCE, kind.raw + der.encode(der.context(0), longer))


def other_certificate_of_the_key(value: bytes) -> bytes:
    """Another certificate over the signer's key, in the place of the one that the signature names by its hash."""
    who = samples.signer()
    other = samples._certificate("Người khác", who.key, samples._root())
    info = cms.ContentInfo.load(value)
    data = info["content"]
    certificate = cms.CertificateChoices.load(other.public_bytes(Encoding.DER))
    data["certificates"] = [certificate, *data["certificates"]][:1]
    data["signer_infos"][0]["sid"] = cms.SignerIdentifier(
        "issuer_and_serial_number",
        {"issuer": certificate.chosen.issuer, "serial_number": certificate.chosen.serial_number},
    )
    return bytes(info.dump(force=True))


def restamped(content: bytes, token: Callable[[bytes], bytes]) -> bytes:
    """The signature value with another time stamp: what nothing signs of it anybody can change.

    :param token: makes the stamp for a signature value.
    """
    start, end = gap(content)
    value = bytes.fromhex(content[start + 1 : end - 1].decode("ascii"))
    changed = with_time_stamp(value, token(signature_value(value))).hex().encode()
    return content[: start + 1] + changed.ljust(end - start - 2, b"0") + content[end - 1 :]


def stamp_of_another_signature() -> bytes:
    """A genuine time stamp, over something else."""
    stamper = samples.LocalStamper(samples.SIGNED_AT - dt.timedelta(days=300))
    content = signed(level=Level.T, timestamper=samples.LocalStamper())
    return restamped(content, lambda value: stamper.token(bytes(32), "sha256"))


def stamp_of_an_unknown_authority() -> bytes:
    content = signed(level=Level.T, timestamper=samples.LocalStamper())
    stranger = samples.LocalStamper(samples.SIGNED_AT, unknown_authority())
    return restamped(content, lambda value: stranger.token(hashlib.sha256(value).digest(), "sha256"))


@cache
def unknown_root() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Of the same name as the trusted one."""
    key = rsa.generate_private_key(65537, 2048)
    return key, samples._certificate("Cơ quan chứng thực thử nghiệm", key, None, authority=True)


@cache
def unknown_authority() -> samples.SoftwareSigner:
    key = rsa.generate_private_key(65537, 2048)
    certificate = samples._certificate("Dấu thời gian thử nghiệm", key, unknown_root(), stamping=True)
    return samples.SoftwareSigner(key, certificate.public_bytes(Encoding.DER), ())


def document_stamp_of(imprint: bool) -> Callable[[], bytes]:
    """A document time stamp over something else, or of an authority nobody knows."""

    def forge() -> bytes:
        if imprint:
            return stamped_document(token=lambda _digest: samples.LocalStamper().token(bytes(32), "sha256"))
        stranger = samples.LocalStamper(samples.SIGNED_AT, unknown_authority())
        return stamped_document(token=lambda digest: stranger.token(digest, "sha256"))

    return forge


@cache
def issued_by(issuer: str) -> samples.SoftwareSigner:
    """:param issuer: ``stranger`` of the trusted root's name, ``subscriber`` who is no authority, or ``self``."""
    key = rsa.generate_private_key(65537, 2048)
    name = "Nguyễn Thị Kiểm Thử"
    if issuer == "self":
        return samples.SoftwareSigner(key, samples._certificate(name, key, None).public_bytes(Encoding.DER), ())
    if issuer == "stranger":
        own = samples._certificate(name, key, unknown_root()).public_bytes(Encoding.DER)
        return samples.SoftwareSigner(key, own, (unknown_root()[1].public_bytes(Encoding.DER),))
    subscriber = samples.signer()
    assert isinstance(subscriber.key, rsa.RSAPrivateKey)
    above = subscriber.key, x509.load_der_x509_certificate(subscriber.certificate)
    own = samples._certificate(name, key, above).public_bytes(Encoding.DER)
    return samples.SoftwareSigner(key, own, (subscriber.certificate, *subscriber.chain))


def signed_later() -> bytes:
    """The signing time stated in the dictionary lies in the future."""
    content = signed()
    first, length, second, rest = ranges(content)
    later = content.replace(b"(D\\07220260512093000", b"(D\\07220390512093000")
    assert later != content
    return re_signed(later, later[first : first + length] + later[second : second + rest])


def raw_value() -> bytes:
    """adbe.x509.rsa_sha1: a bare RSA value with the certificate beside it, as PDF 1.3 had it (ISO 32000-1, table 257);
    whole and genuine, but no CMS."""
    who = samples.signer()
    assert isinstance(who.key, rsa.RSAPrivateKey)
    content = signed(reason="x" * 3 * len(who.certificate))
    reason = re.search(rb"/Reason \(x+\)", content)
    assert reason is not None
    beside = b"/Cert <%s>" % who.certificate.hex().encode()
    content = content.replace(reason[0], beside.ljust(len(reason[0])))
    content = content.replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ")
    first, length, second, rest = ranges(content)
    octets = content[first : first + length] + content[second : second + rest]
    value = der.encode(der.OCTET_STRING, who.key.sign(octets, padding.PKCS1v15(), hashes.SHA1()))
    start, end = gap(content)
    return content[: start + 1] + value.hex().encode().ljust(end - start - 2, b"0") + content[end - 1 :]


FORGERIES: dict[str, Forgery] = {
    "range-not-from-start": Forgery(range_not_from_start, "pdf-byterange-start"),
    "range-gap-before": Forgery(range_leaves_gap_before, "pdf-byterange-gap"),
    "range-gap-after": Forgery(range_leaves_gap_after, "pdf-byterange-gap"),
    "range-ends-early": Forgery(range_ends_early, "pdf-byterange-not-revision"),
    "range-overlaps": Forgery(range_overlaps, "pdf-byterange-gap"),
    "range-of-other-hexadecimal": Forgery(range_of_other_hexadecimal, "pdf-byterange-gap"),
    "second-signer": Forgery(cheating_cms(second_signer), "cms-signer-count"),
    "content-inside": Forgery(cheating_cms(content_inside), "cms-content-inside"),
    "without-attributes": Forgery(cheating_cms(without_attributes), "signature-value-wrong"),
    "octets-after-cms": Forgery(cheating_cms(lambda value: value + b"\0\0evil"), "pdf-contents-padding"),
    "wrong-digest": Forgery(wrong_digest, "digest-mismatch"),
    "unknown-kind": Forgery(
        lambda: signed().replace(b"/ETSI.CAdES.detached", b"/ETSI.CAdES.detachee"),
        "pdf-subfilter-unknown",
        Conclusion.INDETERMINATE,
    ),
    "raw-value": Forgery(raw_value, "pdf-subfilter-unknown", Conclusion.INDETERMINATE),
    "element-behind-the-signers": Forgery(cheating_cms(trailing_element), "cms-malformed"),
    "two-values": Forgery(cheating_cms(lambda value: value + value), "pdf-contents-padding"),
    "other-certificate-of-the-key": Forgery(
        cheating_cms(other_certificate_of_the_key), "cms-signing-certificate-differs"
    ),
    "stamp-of-another-signature": Forgery(stamp_of_another_signature, "timestamp-not-intact", Conclusion.INDETERMINATE),
    "stamp-of-an-unknown-authority": Forgery(
        stamp_of_an_unknown_authority, "timestamp-untrusted", Conclusion.INDETERMINATE
    ),
    "document-stamp-of-something-else": Forgery(document_stamp_of(imprint=True), "pdf-later-signature-broken"),
    "document-stamp-of-an-unknown-authority": Forgery(
        document_stamp_of(imprint=False), "timestamp-untrusted", Conclusion.INDETERMINATE
    ),
    "root-of-the-same-name": Forgery(
        lambda: signed(who=issued_by("stranger")), "chain-root-namesake", Conclusion.INDETERMINATE
    ),
    "subscriber-as-authority": Forgery(
        lambda: signed(who=issued_by("subscriber")), "chain-not-a-ca", Conclusion.INDETERMINATE
    ),
    "own-certificate": Forgery(lambda: signed(who=issued_by("self")), "chain-self-made", Conclusion.INDETERMINATE),
    "signed-in-the-future": Forgery(signed_later, "claimed-time-in-future", Conclusion.INDETERMINATE),
}
