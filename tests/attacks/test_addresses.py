"""Whatever addresses stand in a document, only those of the certificates' own authorities are ever contacted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from app.office import Office
from app.settings import Settings
from tests import pdf_samples
from tests.attacks.model import Workshop
from tests.attacks.ooxml import make_victim
from tests.attacks.xml import LETTER, enveloped, signed
from tests.demo.pki import Pki
from tests.office_signing import changed, replacing, sign
from tests.xml_signing import C14N, Wish, altered, complete, container, list_of, sign_odf, template, write_odt

#: Nobody listens there.
ELSEWHERE = "http://127.0.0.1:9"

_Make = Callable[[Workshop, Path], Path]
FILES: dict[str, _Make] = {}


def _file(make: _Make) -> _Make:
    FILES[make.__name__] = make
    return make


@_file
def xml(workshop: Workshop, folder: Path) -> Path:
    body = (
        f'<?xml-stylesheet href="{ELSEWHERE}/a.xsl"?><v:letter xmlns:v="urn:letter" Id="letter" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:letter {ELSEWHERE}/a.xsd">'
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{ELSEWHERE}/b.xml"/>{{0}}</v:letter>'
    )
    return signed(folder / "a.xml", body, enveloped(workshop.pki.credential("leader")))


@_file
def xml_with_external_entities(workshop: Workshop, folder: Path) -> Path:
    file = signed(folder / "a.xml", LETTER, enveloped(workshop.pki.credential("leader")))
    doctype = f'<!DOCTYPE l SYSTEM "{ELSEWHERE}/a.dtd" [<!ENTITY % p SYSTEM "{ELSEWHERE}/p.dtd"> %p;]>'
    file.write_bytes(file.read_bytes().replace(b"<v:letter", doctype.encode() + b"<v:letter", 1))
    return file


@_file
def xml_with_outside_references(workshop: Workshop, folder: Path) -> Path:
    retrieval = f'<RetrievalMethod URI="{ELSEWHERE}/key"/>'
    wish = Wish(workshop.pki.credential("leader"), [(f"{ELSEWHERE}/a.xml", (C14N,))], extra_key_info=retrieval)
    document = LETTER.replace("{0}", template(wish)).encode()
    (folder / "a.xml").write_bytes(complete(document, wish, {f"{ELSEWHERE}/a.xml": b"<x/>"}))
    return folder / "a.xml"


@_file
def package(workshop: Workshop, folder: Path) -> Path:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="x{kind}" Type="{office}/{kind}" Target="{ELSEWHERE}/{kind}" TargetMode="External"/>'
        for kind in ("image", "attachedTemplate", "oleObject", "frame", "hyperlink", "subDocument")
    )
    plain = changed(
        workshop.once(make_victim).plain,
        folder / "plain.docx",
        {
            "word/_rels/document.xml.rels": replacing("</Relationships>", links + "</Relationships>"),
        },
    )
    sign(plain, folder / "a.docx", workshop.pki.credential("leader"))
    return folder / "a.docx"


@_file
def odf(workshop: Workshop, folder: Path) -> Path:
    link = f'<draw:image xmlns:draw="urn:d" xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{ELSEWHERE}/a.png"/>'
    plain = altered(
        write_odt(folder / "plain", "x"), folder / "linked", {"content.xml": replacing("</text:p>", f"{link}</text:p>")}
    )
    return sign_odf(plain, folder / "a.odt", workshop.pki.credential("leader"))


@_file
def asic(workshop: Workshop, folder: Path) -> Path:
    uri = f"{ELSEWHERE}/a.txt"
    markup = list_of(
        "http://uri.etsi.org/02918/v1.2.1#",
        "XAdESSignatures",
        [Wish(workshop.pki.credential("leader"), [(uri, ())])],
        {uri: b"x"},
    )
    entries = {"mimetype": b"application/vnd.etsi.asic-e+zip", "a.txt": b"x", "META-INF/signatures.xml": markup}
    return container(entries, folder / "a.asice")


@_file
def pdf(workshop: Workshop, folder: Path) -> Path:
    bodies = pdf_samples.objects(page_extra=b"/Annots [6 0 R]")
    address = ELSEWHERE.encode()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI (%s/open) >> >>" % address
    bodies[6] = (
        b"<< /Type /Annot /Subtype /Link /Rect [1 1 9 9] /A << /S /GoToR /F << /FS /URL /F (%s/a.pdf) >> /D [0 /Fit] "
        b"/Next << /S /SubmitForm /F << /FS /URL /F (%s/form) >> >> >> >>" % (address, address)
    )
    source = pdf_samples.write(folder / "plain.pdf", pdf_samples.classic(bodies))
    return pdf_samples.sign(source, folder / "a.pdf").path


@pytest.mark.parametrize("name", FILES)
def test_only_the_authorities_are_asked(
    workshop: Workshop, pki: Pki, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = FILES[name](workshop, tmp_path)
    asked: list[object] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: object) -> None:
        asked.append(address)
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", watched)
    with Office(settings, online=True) as office:
        report = office.verifier.verify(file)
    assert report.conclusion
    assert set(asked) <= {("127.0.0.1", pki.port)}


def test_the_guard_sees_what_is_asked(
    workshop: Workshop, pki: Pki, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    connect = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda self, address: (asked.append(address), connect(self, address))[1]
    )
    with Office(settings, online=True) as office:
        office.verifier.verify(workshop.once(make_victim).signed)
    assert ("127.0.0.1", pki.port) in asked
