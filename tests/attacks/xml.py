"""Signed XML files of the usual shapes, and forgeries of them (W3C Note "XML Signature Best Practices")."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.verification.model import Conclusion
from tests.attacks.model import Attack
from tests.demo.pki import Credential, Pki
from tests.xml_signing import C14N, DS, ENVELOPED, Wish, complete, template

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


_Forge = Callable[[Pki, Path], Path]
ATTACKS: list[Attack] = []


def attack(code: str, verdict: Conclusion = Conclusion.INVALID) -> Callable[[_Forge], _Forge]:
    def register(forge: _Forge) -> _Forge:
        _add(forge.__name__, forge, code, verdict)
        return forge

    return register


def _add(name: str, forge: _Forge, code: str, verdict: Conclusion = Conclusion.INVALID) -> None:
    ATTACKS.append(Attack("xml", name, lambda workshop, folder: forge(workshop.pki, folder), verdict, code))


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


@attack("xml-frame", Conclusion.INDETERMINATE)
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


@attack("xml-uncovered", Conclusion.INVALID)
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


@attack("xml-not-plain", Conclusion.UNREADABLE)
def entity(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<v:letter", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><v:letter')


@attack("xml-not-plain", Conclusion.UNREADABLE)
def entity_bomb(pki: Pki, folder: Path) -> Path:
    steps = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 20}">' for n in range(9))
    return _edited(pki, folder, "<v:letter", f'<!DOCTYPE x [<!ENTITY e0 "x">{steps}]><v:letter')


@attack("xml-not-plain", Conclusion.UNREADABLE)
def default_attributes(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<v:letter", '<!DOCTYPE x [<!ATTLIST t state CDATA "void">]><v:letter')


@attack("xml-not-plain", Conclusion.UNREADABLE)
def entity_in_utf_16(pki: Pki, folder: Path) -> Path:
    file = entity(pki, folder)
    text = file.read_text(encoding="utf-8").partition("?>")[2]
    file.write_bytes(f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"))
    return file


@attack("xml-not-plain", Conclusion.UNREADABLE)
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


@attack("xmldsig-manifest", Conclusion.INDETERMINATE)
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


@attack("xml-part-signed", Conclusion.INDETERMINATE)
def another_signer_adds_a_text(pki: Pki, folder: Path) -> Path:
    first = Wish(pki.credential("leader"), [("#a", ())])
    second = Wish(pki.credential("second"), [("#b", ())], "sig2")
    document = '<doc><a Id="a">Đồng ý</a><b Id="b">chi 5 tỷ đồng</b>{0}{1}</doc>'
    return signed(folder / "forged.xml", document, first, second)


@attack("xml-invoice-code-unsigned", Conclusion.INDETERMINATE)
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


def _transformed(pki: Pki, folder: Path, algorithm: str) -> Path:
    old, new = f'<Transform Algorithm="{C14N}"/>', f'<Transform Algorithm="{algorithm}"/>'
    return _edited(pki, folder, old, new)


def _referring(pki: Pki, folder: Path, uri: str) -> Path:
    """A signature whose value is genuine over a reference that leads elsewhere."""
    wish = Wish(pki.credential("leader"), [(uri, ())])
    document = LETTER.replace("{0}", template(wish)).encode()
    (folder / "forged.xml").write_bytes(complete(document, wish, {uri: b"x"}))
    return folder / "forged.xml"


for _name, _uri, _code, _verdict in (
    ("web", "http://127.0.0.1:9/a.xml", "xml-external-reference", Conclusion.INDETERMINATE),
    ("file", "file:///etc/hostname", "xml-external-reference", Conclusion.INDETERMINATE),
    ("beside", "a.xml", "xml-external-reference", Conclusion.INDETERMINATE),
    ("nowhere", "#nothing", "xmldsig-reference", Conclusion.INVALID),
    ("xpointer", "#xpointer(/)", "xmldsig-reference", Conclusion.INVALID),
):
    _add(f"reference_{_name}", partial(_referring, uri=_uri), _code, _verdict)
for _name, _algorithm in {
    "xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "xpath": "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "xpath_filter": "http://www.w3.org/2002/06/xmldsig-filter2",
    "base64": DS + "base64",
    "enveloped_twice": ENVELOPED,
}.items():
    _add(f"transform_{_name}", partial(_transformed, algorithm=_algorithm), "xmldsig-transform")


for _name, _algorithm in {"dsa": DS + "dsa-sha1", "hmac": DS + "hmac-sha1", "unknown": "urn:unknown"}.items():
    _add(
        f"signature_algorithm_{_name}",
        lambda pki, folder, algorithm=_algorithm: _edited(  # type: ignore[misc]
            pki, folder, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", algorithm
        ),
        "xmldsig-signature-algorithm",
        Conclusion.INDETERMINATE,
    )


# What nobody signs is shown by browsers and style sheets all the same.

_XHTML = "http://www.w3.org/1999/xhtml"
_SHOWN = f'<h:h1 xmlns:h="{_XHTML}">QUYẾT ĐỊNH 99/QĐ-UBND</h:h1>'


def _with_unsigned(pki: Pki, folder: Path, *, unsigned: str) -> Path:
    return _edited(pki, folder, "Phê duyệt", "Phê duyệt", unsigned=unsigned)


for _name, _unsigned in {
    "page": _SHOWN,
    "style": f'<xd:CompleteCertificateRefs><h:style xmlns:h="{_XHTML}">*{{display:none}}</h:style>'
    "</xd:CompleteCertificateRefs>",
    "countersignature": f"<xd:CounterSignature>{_SHOWN}</xd:CounterSignature>",
    "text": "QUYẾT ĐỊNH 99/QĐ-UBND",
}.items():
    _add(
        f"unsigned_properties_with_a_{_name}", partial(_with_unsigned, unsigned=_unsigned), "xmldsig-object-not-signed"
    )


@attack("xmldsig-object-not-signed")
def page_beside_the_certificate(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<X509Certificate>", _SHOWN + "<X509Certificate>")


@attack("xmldsig-object-not-signed")
def text_before_the_properties(pki: Pki, folder: Path) -> Path:
    return _edited(pki, folder, "<xd:SignedProperties", "QUYẾT ĐỊNH<xd:SignedProperties")


@attack("xmldsig-name-beside", Conclusion.INDETERMINATE)
def name_of_another_beside_the_certificate(pki: Pki, folder: Path) -> Path:
    """Style sheets of invoices and returns show it as the signer's."""
    name = "<X509SubjectName>CN=Trần Thị Bình,O=Cục thuế</X509SubjectName>"
    return _edited(pki, folder, "<X509Certificate>", name + "<X509Certificate>")


def _named(pki: Pki, folder: Path, *, name: str, comment: str) -> Path:
    """A comment, which no signature covers, is the document for the program that the name calls for."""
    file = _edited(pki, folder, "<?note", f"<!--{comment}--><?note")
    return file.rename(folder / name)


_PDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
_add(
    "page_in_a_comment", partial(_named, name="forged.html", comment="> <h1>QUYẾT ĐỊNH</h1> "),
    "format-other-than-named", Conclusion.INDETERMINATE,
)  # fmt: skip
_add(
    "pdf_in_a_comment", partial(_named, name="forged.pdf", comment=_PDF),
    "format-other-than-named", Conclusion.INDETERMINATE,
)  # fmt: skip
