"""What an office really receives, in every format but PDF: all of it has to be accepted."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import docx
import openpyxl
import pptx
from cryptography import x509

from app.signing.model import Scope
from app.trust.timestamps import HttpTimestamper
from app.verification.model import Conclusion
from tests import cades_levels, xades_levels
from tests.attacks import asic
from tests.attacks.asic import EXTENDED, FILES, SIMPLE, listed
from tests.attacks.cms import TEXT, OpenSsl
from tests.attacks.model import Genuine
from tests.attacks.xml import LETTER, SIGNING_TIME, enveloped, invoice, signed
from tests.demo.pki import Pki
from tests.office_signing import changed, replacing, sign
from tests.xml_signing import (
    ASIC_ROOT,
    C14N,
    ENVELOPED,
    EXCLUSIVE,
    Wish,
    complete,
    container,
    list_of,
    sign_odf,
    template,
    write_odt,
)

_Make = Callable[[Pki, Path], Path]
GENUINE: list[Genuine] = []


def _genuine(format: str, *, verdict: Conclusion = Conclusion.VALID, code: str = "") -> Callable[[_Make], _Make]:
    def register(make: _Make) -> _Make:
        _add(format, make.__name__, make, verdict, code)
        return make

    return register


def _add(format: str, name: str, make: _Make, verdict: Conclusion = Conclusion.VALID, code: str = "") -> None:
    GENUINE.append(Genuine(format, name, lambda workshop, folder: make(workshop.pki, folder), verdict, code))


# Office.


def _text(folder: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("Quyết định phê duyệt kế hoạch")
    document.save(str(folder / "plain.docx"))
    return folder / "plain.docx"


def _sheet(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active["A1"] = "Dự toán"
    book.save(folder / "plain.xlsx")
    return folder / "plain.xlsx"


def _slides(folder: Path) -> Path:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Báo cáo"
    show.save(str(folder / "plain.pptx"))
    return folder / "plain.pptx"


def with_macros(source: Path, target: Path) -> Path:
    """A macro-enabled copy of a text document: its main type, and a VBA project with a signature of its own beside."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    return changed(
        source,
        target,
        {
            "word/vbaProject.bin": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
            "[Content_Types].xml": lambda content: replacing("</Types>", types)(replacing(word, macro)(content)),
            "word/_rels/document.xml.rels": replacing(
                "</Relationships>", f'<Relationship Id="rIdVba" Type="{kind}" Target="vbaProject.bin"/></Relationships>'
            ),
        },
    )


def _office(pki: Pki, folder: Path, *, kind: Callable[[Path], Path], signers: tuple[str, ...], scope: Scope) -> Path:
    file = kind(folder)
    for number, signer in enumerate(signers):
        target = folder / f"signed{number}{file.suffix}"
        sign(file, target, pki.credential(signer), scope=scope)
        file = target
    return file


def _macros(folder: Path) -> Path:
    return with_macros(_text(folder), folder / "plain.docm")


for _kind in (_text, _sheet, _slides, _macros):
    for _scope in Scope:
        _add("ooxml", f"{_kind.__name__[1:]}_{_scope}", partial(_office, kind=_kind, signers=("leader",), scope=_scope))
for _signers in (("second",), ("leader", "second"), ("leader", "second", "seal")):
    _add("ooxml", f"signed_by_{'_'.join(_signers)}", partial(_office, kind=_text, signers=_signers, scope=Scope.OFFICE))


def _office_level(pki: Pki, folder: Path, *, level: str) -> Path:
    file = _office(pki, folder, kind=_sheet, signers=("leader",), scope=Scope.OFFICE)
    return xades_levels.raised_package(file, folder / "raised.xlsx", level, pki)


for _level in xades_levels.LEVELS:
    _add("ooxml", f"xades_{_level}", partial(_office_level, level=_level))


# OpenDocument.


def _odf(pki: Pki, folder: Path, *, kind: str, signers: tuple[str, ...]) -> Path:
    plain = write_odt(folder / "plain", "Báo cáo", {"Pictures/dấu đỏ.png": b"\x89PNG", "Configurations2/": b""}, kind)
    return sign_odf(plain, folder / f"signed.{_ODF_SUFFIXES[kind]}", *map(pki.credential, signers))


_ODF_SUFFIXES = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
for _name in _ODF_SUFFIXES:
    _add("odf", _name, partial(_odf, kind=_name, signers=("leader",)))
_add("odf", "two_signers", partial(_odf, kind="text", signers=("leader", "second")))


@_genuine("odf", code="odf-macros")
def macros_signed_with_the_document(pki: Pki, folder: Path) -> Path:
    macros = {"Basic/Standard/Module1.xml": b"<module/>", "META-INF/macrosignatures.xml": b"<signatures/>"}
    plain = write_odt(folder / "plain", "Báo cáo", macros)
    return sign_odf(plain, folder / "signed.odt", pki.credential("leader"))


# ASiC.


def _asic_xades(pki: Pki, folder: Path, *, kind: bytes, files: dict[str, bytes], signers: tuple[str, ...]) -> Path:
    return asic.xades(folder / "signed.asice", *map(pki.credential, signers), files=files, kind=kind)


_ONE = {"quyet-dinh.txt": FILES["Quyết định.txt"]}
_add("asic", "extended_xades", partial(_asic_xades, kind=EXTENDED, files=FILES, signers=("leader",)))
_add("asic", "extended_two_signers", partial(_asic_xades, kind=EXTENDED, files=FILES, signers=("leader", "second")))
_add("asic", "simple_xades", partial(_asic_xades, kind=SIMPLE, files=_ONE, signers=("second",)))


@_genuine("asic")
def document_with_archives_inside(pki: Pki, folder: Path) -> Path:
    """Stored, so that the records of the inner archives stand in the outer file as they are."""
    files = {"du-toan.xlsx": _sheet(folder).read_bytes(), "quyet-dinh.docx": _text(folder).read_bytes()}
    packed = asic.xades(folder / "packed.asice", pki.credential("leader"), files=files)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(folder / "stored.asice", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return folder / "stored.asice"


def _asic_xades_level(pki: Pki, folder: Path, *, level: str) -> Path:
    wish = Wish(pki.credential("leader"), [("quyet-dinh.txt", ())])
    markup = list_of(ASIC_ROOT, "XAdESSignatures", [wish], _ONE)
    signatures = xades_levels.raised(markup, level, pki, _ONE)
    return container({"mimetype": SIMPLE, **_ONE, asic.SIGNATURES: signatures}, folder / "signed.asics")


def _asic_cades_level(pki: Pki, folder: Path, *, level: str, simple: bool) -> Path:
    files = _ONE if simple else FILES
    manifest = listed(files)
    content = next(iter(files.values())) if simple else manifest
    signature = cades_levels.signed(content, pki.credential("leader"), level, pki)
    entries = {"mimetype": SIMPLE if simple else EXTENDED, **files}
    entries |= {"META-INF/signature.p7s": signature} if simple else {asic.LIST: manifest, asic.CADES: signature}
    return container(entries, folder / "signed.asice")


for _level in xades_levels.LEVELS:
    _add("asic", f"xades_{_level}", partial(_asic_xades_level, level=_level))
for _level in cades_levels.LEVELS:
    _add("asic", f"simple_cades_{_level}", partial(_asic_cades_level, level=_level, simple=True))
    _add("asic", f"extended_cades_{_level}", partial(_asic_cades_level, level=_level, simple=False))


@_genuine("asic")
def signed_and_archived(pki: Pki, folder: Path) -> Path:
    """A time stamp over the list of all files, the signature among them (EN 319 162-1, annex A.7)."""
    manifest = listed(FILES)
    files = {**FILES, asic.LIST: manifest}
    files[asic.CADES] = cades_levels.signed(manifest, pki.credential("leader"), "LT", pki)
    archived = listed(files, "META-INF/timestamp001.tst")
    token = HttpTimestamper(pki.tsa_url, timeout=10).token(hashlib.sha256(archived).digest(), "sha256")
    evidence = {"META-INF/ASiCArchiveManifest.xml": archived, "META-INF/timestamp001.tst": token}
    return container({"mimetype": EXTENDED, **files, **evidence}, folder / "archived.asice")


# CMS.


def _cms(pki: Pki, folder: Path, *, level: str, attached: bool) -> Path:
    (folder / "công văn.txt").write_bytes(TEXT)
    target = folder / ("công văn.p7m" if attached else "công văn.txt.p7s")
    target.write_bytes(cades_levels.signed(TEXT, pki.credential("leader"), level, pki, attached=attached))
    return target


def _openssl(pki: Pki, folder: Path, *, options: tuple[str, ...], signers: tuple[str, ...] = ("leader",)) -> Path:
    (folder / "congvan.txt").write_bytes(TEXT)
    suffix = ".p7m" if "-nodetach" in options else ".p7s"
    return OpenSsl(pki, folder).sign(folder / "congvan.txt", folder / f"congvan.txt{suffix}", *options, signers=signers)


for _level in cades_levels.LEVELS:
    for _attached in (False, True):
        _add(
            "cms", f"cades_{_level}_{'attached' if _attached else 'detached'}",
            partial(_cms, level=_level, attached=_attached),
        )  # fmt: skip
for _name, _options in {
    "openssl_der": ("-outform", "DER", "-cades"),
    "openssl_pem": ("-outform", "PEM", "-cades"),
    "openssl_stream": ("-stream", "-nodetach", "-outform", "DER", "-cades"),
    "openssl_pss": ("-outform", "DER", "-cades", "-keyopt", "rsa_padding_mode:pss"),
    "openssl_sha512": ("-outform", "DER", "-cades", "-md", "sha512", "-nodetach"),
}.items():
    _add("cms", _name, partial(_openssl, options=_options))
_add(
    "cms", "openssl_two_signers", partial(_openssl, options=("-outform", "DER", "-cades"), signers=("leader", "second"))
)
_add("cms", "without_attributes", partial(_openssl, options=("-outform", "DER", "-noattr")), Conclusion.WARNING)


# XML.

_RETURN = (
    '<HSoThueDTu xmlns="http://kekhaithue.gdt.gov.vn/TKhaiThue"><HSoKhaiThue id="_NODE_TO_SIGN"><TTinChung>'
    "<maTKhai>842</maTKhai></TTinChung><CTieuTKhaiChinh><ct22>1000</ct22></CTieuTKhaiChinh></HSoKhaiThue>"
    "<CKyDTu>{0}</CKyDTu></HSoThueDTu>"
)
_BESIDE = '<doc Id="doc"><body Id="body">Phê duyệt</body>{0}</doc>'


def _xml(pki: Pki, folder: Path, *, document: str, wish: Callable[[Pki], Wish], level: str = "B") -> Path:
    file = signed(folder / "signed.xml", document, wish(pki))
    if level != "B":
        file.write_bytes(xades_levels.raised(file.read_bytes(), level, pki))
    return file


def _enveloped(pki: Pki) -> Wish:
    return enveloped(pki.credential("leader"))


def _enveloped_by_id(pki: Pki) -> Wish:
    return Wish(pki.credential("second"), [("#doc", (ENVELOPED, EXCLUSIVE))])


def _enveloping(pki: Pki) -> Wish:
    content = '<Object Id="content"><letter xmlns="urn:letter">Phê duyệt</letter></Object>'
    return Wish(pki.credential("leader"), [("#content", (C14N,))], objects=content)


for _level in ("B", *xades_levels.LEVELS):
    _add("xml", f"enveloped_{_level}", partial(_xml, document=LETTER, wish=_enveloped, level=_level))
    _add("xml", f"enveloping_{_level}", partial(_xml, document="{0}", wish=_enveloping, level=_level))
_add("xml", "enveloped_by_id", partial(_xml, document=_BESIDE, wish=_enveloped_by_id))


@_genuine("xml", code="xml-frame-known")
def invoice_of_a_seller(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#data", ()), ("#when", ())], xades=False, objects=SIGNING_TIME)
    return signed(folder / "invoice.xml", invoice(), wish)


@_genuine("xml", verdict=Conclusion.WARNING, code="xml-invoice-additions")
def invoice_with_a_code_of_the_tax_authority(pki: Pki, folder: Path) -> Path:
    seller = Wish(pki.credential("leader"), [("#data", ())], xades=False)
    authority = Wish(pki.credential("seal"), [("#data", ()), ("#code", ())], "cqt", xades=False)
    document = invoice('<MCCQT Id="code">00ABC</MCCQT>', "<CQT>{1}</CQT>")
    return signed(folder / "invoice.xml", document, seller, authority)


@_genuine("xml")
def tax_return_enveloped(pki: Pki, folder: Path) -> Path:
    """As the tax authority's program signs: the whole document, by plain XMLDSig with RSA key value and subject."""
    wish = Wish(pki.credential("leader"), [("", (ENVELOPED,))], xades=False)
    return signed(folder / "return.xml", _RETURN, wish)


@_genuine("xml", code="xml-frame-known")
def tax_return_by_id(pki: Pki, folder: Path) -> Path:
    wish = Wish(pki.credential("leader"), [("#_NODE_TO_SIGN", ())], xades=False)
    return signed(folder / "return.xml", _RETURN, wish)


@_genuine("xml")
def holder_named_beside_the_certificate(pki: Pki, folder: Path) -> Path:
    signer = pki.credential("leader")
    name = x509.load_der_x509_certificate(signer.certificate).subject.rfc4514_string()
    data = f"<X509Data><X509SubjectName>{name}</X509SubjectName></X509Data>"
    return signed(folder / "return.xml", _RETURN, Wish(signer, [("", (ENVELOPED,))], xades=False, extra_key_info=data))


@_genuine("xml", code="xmldsig-countersignature")
def countersigned(pki: Pki, folder: Path) -> Path:
    """A signature over the value of the first, among its unsigned properties (EN 319 132-1, 5.2.7)."""
    counter = Wish(pki.credential("second"), [("#value", ())], "counter")
    wish = enveloped(
        pki.credential("leader"), unsigned=f"<xd:CounterSignature>{template(counter)}</xd:CounterSignature>"
    )
    made = signed(folder / "signed.xml", LETTER, wish)
    named = made.read_bytes().replace(b"<SignatureValue>", b'<SignatureValue Id="value">', 1)
    made.write_bytes(complete(named, counter))
    return made
