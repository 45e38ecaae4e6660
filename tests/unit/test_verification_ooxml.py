"""The examiner on genuine signatures of other shapes than ours, and on what it must remark."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import FileMissing
from app.i18n import N_
from app.ooxml import relationships
from app.signing.model import Scope
from app.verification.model import Coverage, SignatureFacts
from app.verification.ooxml import examine
from app.verification.reasons_ooxml import REASONS
from app.xmldsig.markup import canonical_document, parse
from tests.demo.pki import Pki
from tests.office_signing import changed, contents, rebuilt, replacing, resigned, sign

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
MDSSI = "http://schemas.openxmlformats.org/package/2006/digital-signature"
MAIN = "/word/document.xml?ContentType=application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELS_TYPE = "?ContentType=application/vnd.openxmlformats-package.relationships+xml"


@pytest.fixture(scope="module")
def signed(samples: dict[str, Path], pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("signed") / "signed.docx"
    sign(samples["quyet_dinh_docx"], target, pki.credential("leader"))
    return target


def only(path: Path) -> SignatureFacts:
    facts = examine(path)
    assert facts.readable, facts.problems
    assert len(facts.signatures) == 1
    return facts.signatures[0]


def codes(facts: SignatureFacts) -> list[str]:
    return [problem.code for problem in facts.problems]


def _without(pattern: str) -> Callable[[str], str]:
    return lambda markup: re.sub(pattern, "", markup, flags=re.S)


def _digest_of(reference_uri: str, octets: bytes, transforms: str) -> Callable[[str], str]:
    """Replace a reference of the manifest by one with transforms, over other octets."""
    value = base64.b64encode(hashlib.sha256(octets).digest()).decode()

    def edit(markup: str) -> str:
        start = markup.index(f'<Reference URI="{reference_uri}">')
        end = markup.index("</Reference>", start)
        method = '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        return (
            f'{markup[:start]}<Reference URI="{reference_uri}">{transforms}{method}<DigestValue>{value}</DigestValue>'
            f"{markup[end:]}"
        )

    return edit


def test_office_2007_signs_without_xades(signed: Path, pki: Pki, tmp_path: Path) -> None:
    def edit(markup: str) -> str:
        markup = _without(r'<Reference Type="http://uri.etsi.org/01903#SignedProperties".*?</Reference>')(markup)
        return _without(r"<Object><xd:QualifyingProperties.*?</Object>")(markup)

    facts = only(resigned(signed, tmp_path / "x.docx", pki.credential("leader"), edit))
    assert facts.intact and facts.coverage is Coverage.WHOLE_EXCEPT_METADATA
    assert facts.certificate == pki.credential("leader").certificate
    assert "xmldsig-certificate-not-named" in codes(facts)
    assert facts.claimed_time is not None


def test_sha1_is_told_by_the_facts(signed: Path, pki: Pki, tmp_path: Path) -> None:
    facts = only(
        resigned(
            signed,
            tmp_path / "x.docx",
            pki.credential("leader"),
            lambda markup: markup.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"),
        )
    )
    assert facts.intact
    assert (facts.digest_algorithm, facts.signature_algorithm) == ("sha1", "rsa-sha1")


def test_second_version_of_signing_certificate(signed: Path, pki: Pki, tmp_path: Path) -> None:
    def edit(markup: str) -> str:
        markup = re.sub(r"<xd:IssuerSerial>.*?</xd:IssuerSerial>", "", markup)
        return markup.replace("xd:SigningCertificate>", "xd:SigningCertificateV2>")

    facts = only(resigned(signed, tmp_path / "x.docx", pki.credential("leader"), edit))
    assert facts.intact and "xmldsig-certificate-not-named" not in codes(facts)


def test_exclusive_canonicalization(signed: Path, pki: Pki, tmp_path: Path) -> None:
    method = "<CanonicalizationMethod Algorithm="
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"

    def edit(markup: str) -> str:
        return markup.replace(f'{method}"{C14N}"/>', f'{method}"{exclusive}"/>')

    assert only(resigned(signed, tmp_path / "x.docx", pki.credential("leader"), edit)).intact


def test_pretty_printed_signature(signed: Path, pki: Pki, tmp_path: Path) -> None:
    facts = only(
        resigned(signed, tmp_path / "x.docx", pki.credential("leader"), lambda markup: markup.replace("><", ">\r\n  <"))
    )
    assert facts.intact


def test_canonical_xml_of_a_part(signed: Path, pki: Pki, tmp_path: Path) -> None:
    octets = canonical_document(parse(contents(signed)["word/document.xml"], "x"))
    edit = _digest_of(MAIN, octets, f'<Transforms><Transform Algorithm="{C14N}"/></Transforms>')
    resigned_file = resigned(signed, tmp_path / "x.docx", pki.credential("leader"), edit)
    assert only(resigned_file).intact
    forged = changed(resigned_file, tmp_path / "y.docx", {"word/document.xml": replacing("</w:t>", ".</w:t>")})
    assert codes(only(forged)) == ["ooxml-part-changed"]


def test_relationships_chosen_by_type(signed: Path, pki: Pki, tmp_path: Path) -> None:
    part = relationships.read(contents(signed)["word/_rels/document.xml.rels"], "x", "/word/document.xml")
    kinds = {relationship.type for relationship in part.relationships}
    groups = "".join(
        f'<g:RelationshipsGroupReference xmlns:g="{MDSSI}" SourceType="{kind}"/>' for kind in sorted(kinds)
    )
    transforms = (
        f'<Transforms><Transform Algorithm="{relationships.TRANSFORM}">{groups}</Transform>'
        f'<Transform Algorithm="{C14N}"/></Transforms>'
    )
    octets = relationships.transformed(part.relationships, {one.id for one in part.relationships})
    edit = _digest_of(f"/word/_rels/document.xml.rels{RELS_TYPE}", octets, transforms)
    facts = only(resigned(signed, tmp_path / "x.docx", pki.credential("leader"), edit))
    assert facts.intact and facts.coverage is Coverage.WHOLE_EXCEPT_METADATA


def test_faulty_relationships_of_libreoffice_are_named(signed: Path, pki: Pki, tmp_path: Path) -> None:
    """Its digest counts white space as an element; the signature stays invalid, but the reader learns why."""
    part = relationships.read(contents(signed)["word/_rels/document.xml.rels"], "x", "/word/document.xml")
    octets = relationships.transformed(part.relationships, {one.id for one in part.relationships})
    octets = octets.replace(b"><", b"><text></text><", 1)
    name = f"/word/_rels/document.xml.rels{RELS_TYPE}"
    markup = contents(signed)["_xmlsignatures/sig1.xml"].decode()
    transforms = markup[markup.index(name) :].partition(">")[2].partition("<DigestMethod")[0]
    edited = resigned(signed, tmp_path / "x.docx", pki.credential("leader"), _digest_of(name, octets, transforms))
    facts = only(edited)
    assert not facts.intact
    assert codes(facts) == ["ooxml-libreoffice-relationships"]


def test_evidence_of_long_term_signatures_is_handed_on(signed: Path, pki: Pki, tmp_path: Path) -> None:
    def element(name: str, octets: bytes) -> str:
        return f"<xd:{name}>{base64.b64encode(octets).decode()}</xd:{name}>"

    crl, issuer = pki.crl(), pki.certificate("issuing")
    values = (
        "<xd:UnsignedProperties><xd:UnsignedSignatureProperties>"
        f"<xd:CertificateValues>{element('EncapsulatedX509Certificate', issuer)}</xd:CertificateValues>"
        f"<xd:RevocationValues><xd:CRLValues>{element('EncapsulatedCRLValue', crl)}</xd:CRLValues>"
        f"<xd:OCSPValues>{element('EncapsulatedOCSPValue', b'ocsp')}</xd:OCSPValues></xd:RevocationValues>"
        "</xd:UnsignedSignatureProperties></xd:UnsignedProperties></xd:QualifyingProperties>"
    )
    extended = changed(
        signed, tmp_path / "x.docx", {"_xmlsignatures/sig1.xml": replacing("</xd:QualifyingProperties>", values)}
    )
    facts = only(extended)
    assert facts.intact
    assert (facts.embedded_crls, facts.embedded_ocsps) == ((crl,), (b"ocsp",))
    assert issuer in facts.certificates


def test_custom_xml_that_office_leaves_unsigned(signed: Path, pki: Pki, tmp_path: Path) -> None:
    unsigned = changed(signed, tmp_path / "x.docx", {"customXml/item9.xml": b"<x/>"})
    facts = only(unsigned)
    assert facts.coverage is Coverage.PARTIAL
    assert codes(facts) == ["ooxml-custom-xml-uncovered"]


def test_unsigned_file(samples: dict[str, Path]) -> None:
    facts = examine(samples["xlsx"])
    assert facts.readable and not facts.signatures
    assert "ooxml-signature-cut-off" not in [problem.code for problem in facts.problems]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        examine(tmp_path / "none.docx")


def test_external_content_is_remarked(samples: dict[str, Path], tmp_path: Path) -> None:
    link = (
        '<Relationship Id="rIdE" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        'Target="https://a.example/x.png" TargetMode="External"/></Relationships>'
    )
    edited = changed(
        samples["quyet_dinh_docx"],
        tmp_path / "x.docx",
        {"word/_rels/document.xml.rels": replacing("</Relationships>", link)},
    )
    problem = next(one for one in examine(edited).problems if one.code == "ooxml-external-content")
    assert dict(problem.data) == {"target": "https://a.example/x.png"}


def test_every_reason_has_words_and_a_known_severity() -> None:
    for code, (sentence, hint, severity) in REASONS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", code)
        assert N_(sentence).endswith((".", "}")) and hint
        assert severity in ("fail", "indeterminate", "warn", "info")


@pytest.mark.parametrize("seed", range(6))
def test_mutations_inside_parts_never_pass_unnoticed(
    samples: dict[str, Path], pki: Pki, tmp_path: Path, seed: int
) -> None:
    """Bytes changed at random inside the parts of a document signed with the wide scope."""
    source = tmp_path / "signed.docx"
    sign(samples["quyet_dinh_docx"], source, pki.credential("second"), scope=Scope.WIDE, chain=())
    original = contents(source)
    chance = random.Random(seed)
    covering = (Coverage.WHOLE, Coverage.WHOLE_EXCEPT_METADATA)
    signed_names = [name for name in original if name != "docProps/core.xml" and original[name]]
    for _ in range(60):
        entries = dict(original)
        name = chance.choice(signed_names)
        content = bytearray(entries[name])
        position = chance.randrange(len(content))
        content[position] ^= 1 << chance.randrange(8)
        entries[name] = bytes(content)
        mutated = rebuilt(entries, tmp_path / "mutated.docx")
        facts = examine(mutated)
        if facts.readable and any(one.intact and one.coverage in covering for one in facts.signatures):
            assert _means_the_same(name, original[name], entries[name]), (name, position)


def _means_the_same(name: str, before: bytes, after: bytes) -> bool:
    """Whether a part that is not digested as it lies says the same: content types of parts that are not there, and
    markup but for the Ids of the relationships that lead to the signature."""
    if name == "[Content_Types].xml":
        return True

    def said(content: bytes) -> bytes:
        return re.sub(rb' Id="rId[^"]*"', b"", canonical_document(parse(content, "x")))

    return said(before) == said(after)
