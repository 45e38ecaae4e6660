"""Signed XML files: the usual shapes are genuine."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.verification.xml import examine
from tests.attacks.model import ACCEPTED
from tests.attacks.xml import C14N11, LETTER, SIGNING_TIME, enveloped, invoice, signed
from tests.demo.pki import Credential, Pki
from tests.xml_signing import C14N, DS, ENVELOPED, EXCLUSIVE, Wish


@pytest.fixture
def leader(pki: Pki) -> Credential:
    return pki.credential("leader")


# Genuine ones.


@pytest.mark.parametrize("signer", ["leader", "second"])
@pytest.mark.parametrize("uri", ["", "#letter"])
@pytest.mark.parametrize("transforms", [(), (C14N,), (EXCLUSIVE,), (C14N11,), (C14N + "#WithComments",)])
@pytest.mark.parametrize("method", [C14N, EXCLUSIVE, C14N11])
def test_enveloped(
    pki: Pki, verifier: Verifier, tmp_path: Path, signer: str, uri: str, transforms: tuple[str, ...], method: str
) -> None:
    document = LETTER if not uri else LETTER.replace("<?note x?>", "")
    wish = Wish(pki.credential(signer), [(uri, (ENVELOPED, *transforms))], method=method)
    file = signed(tmp_path / "letter.xml", document, wish)
    (facts,) = examine(file).signatures
    assert (facts.intact, facts.coverage, facts.problems) == (True, Coverage.WHOLE, ())
    report = verifier.verify(file)
    assert (report.conclusion in ACCEPTED, report.signatures[0].level) == (True, "B")
    file.write_bytes(file.read_bytes().replace("Phê duyệt".encode(), "Bãi bỏ".encode()))
    assert verifier.verify(file).conclusion is Conclusion.INVALID


def test_enveloping(leader: Credential, verifier: Verifier, tmp_path: Path) -> None:
    content = '<Object Id="doc"><letter xmlns="urn:letter">Phê duyệt</letter></Object>'
    file = signed(tmp_path / "letter.xml", "{0}", Wish(leader, [("#doc", (C14N,))], objects=content))
    (facts,) = examine(file).signatures
    assert (facts.intact, facts.coverage, facts.problems) == (True, Coverage.WHOLE, ())
    assert verifier.verify(file).conclusion in ACCEPTED


def test_attributes_of_xml_are_inherited(leader: Credential, verifier: Verifier, tmp_path: Path) -> None:
    document = '<HDon xml:lang="vi"><DLHDon Id="data"><a>1</a></DLHDon><DSCKS><NBan>{0}</NBan></DSCKS></HDon>'
    file = signed(tmp_path / "a.xml", document, Wish(leader, [("#data", ())]))
    (facts,) = examine(file).signatures
    assert facts.intact
    file.write_bytes(file.read_bytes().replace(b'"vi"', b'"en"'))
    assert not examine(file).signatures[0].intact


def test_invoice_without_code(leader: Credential, verifier: Verifier, tmp_path: Path) -> None:
    """Plain XMLDSig with a signed time, as programs of sellers write it."""
    wish = Wish(leader, [("#data", ()), ("#when", ())], xades=False, objects=SIGNING_TIME)
    file = signed(tmp_path / "invoice.xml", invoice(), wish)
    (facts,) = examine(file).signatures
    assert facts.coverage is Coverage.WHOLE_EXCEPT_METADATA
    assert facts.claimed_time is not None
    assert facts.claimed_time.isoformat() == "2026-03-02T02:30:00+00:00"
    report = verifier.verify(file)
    assert (report.conclusion in ACCEPTED, report.signatures[0].level) == (True, "")


def test_invoice_with_a_code_of_the_tax_authority(
    leader: Credential, pki: Pki, verifier: Verifier, tmp_path: Path
) -> None:
    seller = Wish(leader, [("#data", ())], xades=False)
    authority = Wish(pki.credential("seal"), [("#data", ()), ("#code", ())], "cqt", xades=False)
    document = invoice('<MCCQT Id="code">00ABC</MCCQT>', "<CQT>{1}</CQT>")
    file = signed(tmp_path / "invoice.xml", document, seller, authority)
    facts = examine(file).signatures
    assert [one.intact for one in facts] == [True, True]
    assert [one.problems[-1].code for one in facts] == ["xml-invoice-additions", "xml-frame-known"]
    assert verifier.verify(file).conclusion is Conclusion.WARNING
    file.write_bytes(file.read_bytes().replace(b"00ABC", b"00ABD"))
    assert verifier.verify(file).conclusion is Conclusion.INVALID


def test_utf_16(leader: Credential, verifier: Verifier, tmp_path: Path) -> None:
    file = signed(tmp_path / "a.xml", LETTER, enveloped(leader))
    text = file.read_text(encoding="utf-8").partition("?>")[2]
    file.write_bytes(f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"))
    assert verifier.verify(file).conclusion in ACCEPTED


def test_unsigned(verifier: Verifier, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<?xml version="1.0"?><a/>')
    assert verifier.verify(tmp_path / "a.xml").conclusion is Conclusion.UNSIGNED


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<a b='1'/>" * 600_000, "xmldsig-too-complex"),
        (f'<Signature xmlns="{DS}"/>' * 100_000, "xml-too-many-signatures"),
        ("<a>" * 100_000, "xml-not-plain"),
        ("x" * (40 << 20), "xml-too-large"),
    ],
    ids=["tags", "signatures", "depth", "size"],
)
def test_hostile_structure(tmp_path: Path, verifier: Verifier, body: str, code: str) -> None:
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?><r>{body}</r>")
    report = verifier.verify(tmp_path / "a.xml")
    assert report.conclusion in (Conclusion.UNREADABLE, Conclusion.INVALID)
    assert [reason.code for reason in report.reasons] == [code]
    assert report.seconds < 3
