"""Signed XML files: the usual shapes are genuine, and no forgery of one is ever called valid."""

from __future__ import annotations

import re
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from app.office import Office
from app.settings import load
from app.verification.engine import Verifier
from app.verification.model import Conclusion, Coverage
from app.verification.policy import Policy
from app.verification.xml import examine
from tests.demo.office import DemoOffice
from tests.demo.pki import Credential, Pki
from tests.xml_signing import C14N, DS, ENVELOPED, EXCLUSIVE, Wish, complete, template

ACCEPTED = (Conclusion.VALID, Conclusion.WARNING)
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"


def signed(target: Path, document: str, *wishes: Wish) -> Path:
    """Put signatures into a document where it says ``{0}``, ``{1}``…, made in this order."""
    octets = document
    for number, wish in enumerate(wishes):
        octets = octets.replace(f"{{{number}}}", wish.edit(template(wish)))
    data = octets.encode()
    for wish in wishes:
        data = complete(data, wish)
    target.write_bytes(data)
    return target


LETTER = (
    '<?xml version="1.0"?><?note x?><v:letter xmlns:v="urn:letter" Id="letter">'
    "<to>UBND</to><t>Phê duyệt</t>{0}</v:letter>"
)
INVOICE = (
    '<HDon><DLHDon Id="data"><TTChung><SHDon>15</SHDon></TTChung><NDHDon><TgTTTBSo>1000000</TgTTTBSo></NDHDon></DLHDon>'
    "{more}<DSCKS><NBan>{0}</NBan>{cqt}</DSCKS></HDon>"
)
SIGNING_TIME = (
    '<Object Id="when"><SignatureProperties xmlns=""><SignatureProperty Target="#sig">'
    "<SigningTime>2026-03-02T09:30:00</SigningTime></SignatureProperty></SignatureProperties></Object>"
)


def invoice(more: str = "", cqt: str = "") -> str:
    return INVOICE.replace("{more}", more).replace("{cqt}", cqt)


def enveloped(credential: Credential, **fields: object) -> Wish:
    return Wish(credential, [("", (ENVELOPED, C14N))], **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def verifier(office: DemoOffice, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    folder = tmp_path_factory.mktemp("verifier")
    shutil.copy(office.settings_file, folder / "settings.toml")
    return Office(load(folder)).verifier


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


# Forgeries.

_Forge = Callable[[Pki, Path], Path]
ATTACKS: dict[str, tuple[_Forge, str]] = {}


def attack(code: str) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        ATTACKS[forge.__name__.strip("_")] = forge, code
        return forge

    return register


def _edited(pki: Pki, folder: Path, old: str, new: str, *, uri: str = "", **fields: object) -> Path:
    document = LETTER.replace("<?note x?>", "") if uri else LETTER
    wish = Wish(pki.credential("leader"), [(uri, (ENVELOPED, C14N))], **fields)  # type: ignore[arg-type]
    file = signed(folder / "forged.xml", document, wish)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def _rewritten(pki: Pki, folder: Path, edit: Callable[[str, str, str], str], *, around: bool = True) -> Path:
    """Give the genuine root element and its Signature to ``edit``, which arranges them anew.

    :param around: the reference names the root by its Id, else a child beside the signature.
    """
    if around:
        file = _edited(pki, folder, "Phê duyệt", "Phê duyệt", uri="#letter")
    else:
        document = '<doc><body Id="body">Phê duyệt</body>{0}</doc>'
        file = signed(folder / "forged.xml", document, Wish(pki.credential("leader"), [("#body", (C14N,))]))
    text = file.read_text(encoding="utf-8").partition("?>")[2].strip()
    found = re.search(r"<Signature .*</Signature>", text, re.DOTALL)
    assert found is not None
    file.write_text(edit(text, text.replace(found[0], ""), found[0]), encoding="utf-8")
    return file


FORGED = '<v:letter xmlns:v="urn:letter" Id="{}"><to>UBND</to><t>Bãi bỏ</t>{}</v:letter>'


@attack("xmldsig-duplicate-id")
def wrapped_with_the_same_id(pki: Pki, folder: Path) -> Path:
    return _rewritten(pki, folder, lambda whole, bare, signature: FORGED.format("letter", signature + bare))


@attack("xmldsig-duplicate-id")
def wrapped_with_the_same_id_in_another_spelling(pki: Pki, folder: Path) -> Path:
    forged = FORGED.replace(" Id=", " ID=")
    return _rewritten(pki, folder, lambda whole, bare, signature: forged.format("letter", signature + bare))


@attack("xmldsig-reference")
def wrapped_beside_the_signature(pki: Pki, folder: Path) -> Path:
    """The signed element is no longer around the signature, as the transform asks."""
    return _rewritten(pki, folder, lambda whole, bare, signature: FORGED.format("other", signature + bare))


@attack("xml-uncovered")
def wrapped_around_the_signed(pki: Pki, folder: Path) -> Path:
    return _rewritten(pki, folder, lambda whole, bare, signature: FORGED.format("other", whole))


@attack("xml-uncovered")
def moved_into_an_extension(pki: Pki, folder: Path) -> Path:
    def edit(whole: str, bare: str, signature: str) -> str:
        body = re.search(r"<body.*</body>", bare)
        assert body is not None
        return f'<doc><body Id="b">Bãi bỏ</body><ext>{body[0]}</ext>{signature}</doc>'

    return _rewritten(pki, folder, edit, around=False)


@attack("xmldsig-reference")
def moved_into_the_signature(pki: Pki, folder: Path) -> Path:
    def edit(whole: str, bare: str, signature: str) -> str:
        body = re.search(r"<body.*</body>", bare)
        assert body is not None
        moved = body[0].replace("<body", '<body xmlns=""')
        signature = signature.replace("</Signature>", f"<Object><x>{moved}</x></Object></Signature>")
        return f'<doc><body Id="b">Bãi bỏ</body>{signature}</doc>'

    return _rewritten(pki, folder, edit, around=False)


@attack("xml-frame")
def framed_anew(pki: Pki, folder: Path) -> Path:
    """Nothing is added but the name around: the decision becomes one of those withdrawn."""
    return _rewritten(pki, folder, lambda whole, bare, signature: f"<withdrawn>{whole}</withdrawn>")


@attack("xml-uncovered")
def attribute_added_to_the_frame(pki: Pki, folder: Path) -> Path:
    return _rewritten(
        pki, folder, lambda whole, bare, signature: whole.replace("<doc>", '<doc state="void">'), around=False
    )


@attack("xml-uncovered")
def text_added_to_the_frame(pki: Pki, folder: Path) -> Path:
    return _rewritten(pki, folder, lambda whole, bare, signature: whole.replace("<doc>", "<doc>Void "), around=False)


@attack("xml-uncovered")
def style_sheet_added(pki: Pki, folder: Path) -> Path:
    sheet = '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/a.xsl"?>'
    return _rewritten(pki, folder, lambda whole, bare, signature: sheet + whole)


@attack("xml-content-changed")
def style_sheet_added_where_all_is_signed(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<?note x?>", '<?xml-stylesheet href="a.xsl"?>')


@attack("xml-comment-in-text")
def comment_in_text(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "Phê duyệt", "Phê<!-- --> duyệt")


@attack("xmldsig-comment")
def comment_in_the_signature(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<DigestValue>", "<DigestValue><!-- -->")


@attack("xml-not-plain")
def entity(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<v:letter", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><v:letter')


@attack("xml-not-plain")
def entity_bomb(pki: Pki, folder: Path) -> Path:
    steps = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 20}">' for n in range(9))
    return _edited(pki, folder, "<v:letter", f'<!DOCTYPE x [<!ENTITY e0 "x">{steps}]><v:letter')


@attack("xml-not-plain")
def default_attributes(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<v:letter", '<!DOCTYPE x [<!ATTLIST t state CDATA "void">]><v:letter')


@attack("xml-not-plain")
def entity_in_utf_16(pki: Pki, folder: Path) -> Path:
    file = entity(pki, folder)
    text = file.read_text(encoding="utf-8").partition("?>")[2]
    file.write_bytes(f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"))
    return file


@attack("xml-not-plain")
def encoding_of_few_programs(pki: Pki, folder: Path) -> Path:
    file = _edited(pki, folder, "Phê duyệt", "Phê duyệt")
    text = file.read_text(encoding="utf-8").partition("?>")[2]
    file.write_bytes(b'<?xml version="1.0" encoding="UTF-7"?>' + text.encode("utf-7"))
    return file


@attack("xmldsig-markup")
def second_key_info(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "</KeyInfo>", "</KeyInfo><KeyInfo/>")


@attack("xmldsig-signature-value")
def reference_removed(pki: Pki, folder: Path) -> Path:
    file = _edited(pki, folder, "Phê duyệt", "Bãi bỏ")
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'<Reference URI="">.*?</Reference>', "", text, count=1), encoding="utf-8")
    return file


@attack("xmldsig-signature-value")
def digest_exchanged(pki: Pki, folder: Path) -> Path:
    """The digest is put right by the forger, who cannot put the value right."""
    file = _edited(pki, folder, "Phê duyệt", "Bãi bỏ")
    wish = enveloped(pki.credential("leader", stranger=True))
    certificate, value = (r"<X509Certificate>.*?</X509Certificate>", r"<SignatureValue>.*?</SignatureValue>")
    text = file.read_text(encoding="utf-8")
    done = complete(text.encode(), wish).decode()
    for pattern in (certificate, value):
        kept = re.search(pattern, text, re.DOTALL)
        assert kept is not None
        done = re.sub(pattern, lambda found, kept=kept: kept[0], done, flags=re.DOTALL)  # type: ignore[misc]
    file.write_text(done, encoding="utf-8")
    return file


@attack("xmldsig-markup")
def second_signed_info(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<SignatureValue>", "<SignedInfo/><SignatureValue>")


@attack("xmldsig-markup")
def text_in_the_signature(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<KeyInfo>", "Bãi bỏ<KeyInfo>")


@attack("xmldsig-object-not-signed")
def object_added(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "</KeyInfo>", "</KeyInfo><Object>Bãi bỏ</Object>")


@attack("xmldsig-markup")
def properties_of_another_signature(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, 'Target="#sig"', 'Target="#other"')


@attack("xmldsig-certificate-mismatch")
def certificate_of_another(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "x", "x", certificates=[pki.credential("second").certificate])


@attack("xmldsig-manifest")
def signed_by_way_of_a_manifest(pki: Pki, folder: Path) -> Path:
    manifest = '<Object Id="m"><Manifest><Reference URI=""/></Manifest></Object>'
    wish = Wish(pki.credential("leader"), [("#m", ())], objects=manifest)
    return signed(folder / "forged.xml", LETTER, wish)


@attack("xml-nothing-signed")
def signs_only_itself(pki: Pki, folder: Path) -> Path:
    return signed(folder / "forged.xml", "{0}", Wish(pki.credential("leader"), []))


@attack("xml-nothing-signed")
def signs_only_its_time(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#when", ())], objects=SIGNING_TIME)
    return signed(folder / "forged.xml", LETTER, wish)


@attack("xml-part-signed")
def another_signer_adds_a_text(pki: Pki, folder: Path) -> Path:
    first = Wish(pki.credential("leader"), [("#a", ())])
    second = Wish(pki.credential("second"), [("#b", ())], "sig2")
    document = '<doc><a Id="a">Đồng ý</a><b Id="b">chi 5 tỷ đồng</b>{0}{1}</doc>'
    return signed(folder / "forged.xml", document, first, second)


@attack("xml-invoice-code-unsigned")
def invoice_code_invented(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#data", ())], xades=False)
    return signed(folder / "forged.xml", invoice("<MCCQT>00ABC</MCCQT>"), wish)


@attack("xml-uncovered")
def second_invoice(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#data", ())], xades=False)
    return signed(folder / "forged.xml", invoice("<DLHDon><SHDon>16</SHDon></DLHDon>"), wish)


@attack("xml-uncovered")
def second_invoice_inside_an_addition(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#data", ())], xades=False)
    hidden = "<DLQRCode><DLHDon><SHDon>16</SHDon></DLHDon></DLQRCode>"
    return signed(folder / "forged.xml", invoice(hidden), wish)


@attack("xml-uncovered")
def invoice_code_beside_an_attribute(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#data", ())], xades=False)
    document = invoice("<DLQRCode>x</DLQRCode>").replace("<HDon>", '<HDon state="void">')
    return signed(folder / "forged.xml", document, wish)


def _referring(pki: Pki, folder: Path, uri: str) -> Path:
    """A signature whose value is genuine over a reference that leads elsewhere."""
    wish = Wish(pki.credential("leader"), [(uri, ())])
    document = LETTER.replace("{0}", template(wish)).encode()
    (folder / "forged.xml").write_bytes(complete(document, wish, {uri: b"x"}))
    return folder / "forged.xml"


for _name, _uri, _code in (
    ("web", "http://127.0.0.1:9/a.xml", "xml-external-reference"),
    ("file", "file:///etc/hostname", "xml-external-reference"),
    ("beside", "a.xml", "xml-external-reference"),
    ("nowhere", "#nothing", "xmldsig-reference"),
    ("xpointer", "#xpointer(/)", "xmldsig-reference"),
):
    ATTACKS[f"reference_{_name}"] = (
        lambda pki, folder, uri=_uri: _referring(pki, folder, uri),  # type: ignore[misc]
        _code,
    )
for _name, _algorithm in {
    "xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "xpath": "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "xpath_filter": "http://www.w3.org/2002/06/xmldsig-filter2",
    "base64": DS + "base64",
    "enveloped_twice": ENVELOPED,
}.items():
    ATTACKS[f"transform_{_name}"] = (
        lambda pki, folder, algorithm=_algorithm: _edited(  # type: ignore[misc]
            pki, folder, f'<Transform Algorithm="{C14N}"/>', f'<Transform Algorithm="{algorithm}"/>'
        ),
        "xmldsig-transform",
    )


@pytest.mark.parametrize("name", ATTACKS)
def test_forgery(pki: Pki, verifier: Verifier, tmp_path: Path, name: str) -> None:
    forge, code = ATTACKS[name]
    forged = forge(pki, tmp_path)
    tracemalloc.start()
    started = time.monotonic()
    facts = examine(forged)
    report = verifier.verify(forged)
    assert time.monotonic() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
    assert code in {problem.code for problem in problems}, problems
    for problem in problems:
        told = Policy.load().sentence(problem.code, dict(problem.data)).message
        assert "{" not in told and "does not know:" not in told
    assert report.conclusion not in (*ACCEPTED, Conclusion.UNSIGNED)


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


def test_no_address_is_asked(pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    for name in ("reference_web", "style_sheet_added", "entity"):
        forge, code = ATTACKS[name]
        facts = examine(forge(pki, tmp_path))
        problems = [*facts.problems, *(problem for one in facts.signatures for problem in one.problems)]
        assert code in {problem.code for problem in problems}
