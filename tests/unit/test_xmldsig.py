"""The parts of XML signatures that all formats share."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from app.verification.xml import examine
from app.xmldsig.canonical import C14N11, Canonicalization, canonical_subset, removed
from app.xmldsig.fault import SignatureFault
from app.xmldsig.markup import C14N, EXCLUSIVE_C14N
from tests.demo.pki import Pki
from tests.xml_signing import DS, ENVELOPED, Wish, complete, template

TREE = b'<a xmlns:p="urn:p" xml:lang="vi" xml:id="i" xml:base="http://example/"><b xml:lang="en"><c p:d="1"/>t</b></a>'


@pytest.mark.parametrize(
    ("algorithm", "prefixes", "expected"),
    [
        (C14N, (), '<c xmlns:p="urn:p" xml:base="http://example/" xml:id="i" xml:lang="en" p:d="1"></c>'),
        (EXCLUSIVE_C14N, (), '<c xmlns:p="urn:p" p:d="1"></c>'),
    ],
)
def test_apex_of_a_subset(algorithm: str, prefixes: tuple[str, ...], expected: str) -> None:
    """C14N 1.0 gives it the ``xml:`` attributes of its ancestors, the nearest counting; the exclusive form none."""
    target = etree.fromstring(TREE)[0][0]
    assert canonical_subset(target, Canonicalization(algorithm, prefixes)).decode() == expected


def test_prefixes_of_the_exclusive_form() -> None:
    root = etree.fromstring('<a xmlns:p="urn:p" xmlns:q="urn:q"><b/></a>')
    assert canonical_subset(root[0], Canonicalization(EXCLUSIVE_C14N, ("p",))) == b'<b xmlns:p="urn:p"></b>'


def test_canonical_xml_1_1() -> None:
    """It does not hand down ``xml:id``; joining ``xml:base`` is not done here and so not accepted."""
    root = etree.fromstring(TREE)
    with pytest.raises(SignatureFault):
        canonical_subset(root[0], Canonicalization(C14N11))
    del root.attrib["{http://www.w3.org/XML/1998/namespace}base"]
    octets = canonical_subset(root[0], Canonicalization(C14N11))
    assert octets == b'<b xmlns:p="urn:p" xml:lang="en"><c p:d="1"></c>t</b>'


@pytest.mark.parametrize("document", ["<a>1<s/>2<b/>3</a>", "<a><b/>1<s>x</s>2</a>", "<a><s/></a>", "<a><s/>2</a>"])
def test_an_element_is_taken_out_and_put_back(document: str) -> None:
    root = etree.fromstring(document)
    (signature,) = root.iter("s")
    with removed(signature):
        inside = etree.tostring(root, method="c14n").decode()
    whole = etree.tostring(root, method="c14n").decode()
    assert whole == etree.tostring(etree.fromstring(document), method="c14n").decode()
    assert inside == whole.replace("<s></s>", "").replace("<s>x</s>", "")


def test_both_paddings_of_rsa(pki: Pki, tmp_path: Path) -> None:
    credential = pki.credential("leader")
    assert isinstance(credential.private_key, rsa.RSAPrivateKey)
    wish = Wish(
        credential,
        [("", (ENVELOPED,))],
        edit=lambda markup: markup.replace("2001/04/xmldsig-more#rsa-sha256", "2007/05/xmldsig-more#sha256-rsa-MGF1"),
    )
    root = etree.fromstring(complete(f"<a>{wish.edit(template(wish))}</a>".encode(), wish))
    (info,) = root.iter(f"{{{DS}}}SignedInfo")
    (value,) = root.iter(f"{{{DS}}}SignatureValue")
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    octets = canonical_subset(info, Canonicalization())
    value.text = base64.b64encode(credential.private_key.sign(octets, pss, hashes.SHA256())).decode()
    (tmp_path / "a.xml").write_bytes(etree.tostring(root))
    (facts,) = examine(tmp_path / "a.xml").signatures
    assert (facts.intact, facts.signature_algorithm) == (True, "rsa-pss-sha256")
