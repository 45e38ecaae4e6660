"""Part names, content types, relationships, canonical XML: the ground under package signatures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.documents.zip_errors import ArchiveRejected
from app.ooxml import names, relationships
from app.ooxml.content_types import ContentTypeList
from app.ooxml.errors import ContentTypes, RelationshipsDamaged, XmlRejected
from app.ooxml.relationships import Relationship
from app.xmldsig.markup import C14N, C14N_WITH_COMMENTS, EXCLUSIVE_C14N, canonical, canonical_document, parse

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"

#: Text that XML can carry.
_XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\t\n\r&<>\"'"), max_size=40
)


# Names.


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("word/document.xml", "/word/document.xml"),
        ("word/media/ảnh 1.png", "/word/media/%E1%BA%A3nh%201.png"),
        ("word/media/a%20b.png", "/word/media/a%20b.png"),
        ("word/%2Fx", None),
        ("word/%5cx", None),
        ("word/%64ocument.xml", None),
        ("word/%6", None),
        ("word/x.", None),
        ("word//x", None),
    ],
)
def test_part_names(item: str, name: str | None) -> None:
    assert names.from_item(item) == name


def test_equivalent_names() -> None:
    assert names.key("/Word/%e1%ba%a3.XML") == names.key("/word/%E1%BA%A3.xml")
    accented = [names.from_item(item) for item in ("word/á", "word/Á")]
    assert names.key(accented[0] or "") != names.key(accented[1] or "")


@pytest.mark.parametrize(
    ("source", "target", "part"),
    [
        ("/", "word/document.xml", "/word/document.xml"),
        ("/word/document.xml", "styles.xml", "/word/styles.xml"),
        ("/word/document.xml", "../docProps/app.xml", "/docProps/app.xml"),
        ("/word/document.xml", "/word/./a/../styles.xml#top", "/word/styles.xml"),
        ("/word/document.xml", "../../x", None),
        ("/word/document.xml", "#bookmark", None),
        ("/word/document.xml", "https://a.example/x", None),
        ("/word/document.xml", "//a.example/x", None),
        ("/word/document.xml", "x?y", None),
    ],
)
def test_targets(source: str, target: str, part: str | None) -> None:
    assert names.resolve(source, target) == part


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_target_leads_out_of_the_grammar(folder: str, target: str) -> None:
    found = names.resolve("/" + folder, target)
    assert found is None or (names.from_uri(found) == found and ".." not in found.split("/"))


def test_names_of_relationships_parts() -> None:
    assert names.relationships_of("/") == "/_rels/.rels"
    assert names.relationships_of("/word/document.xml") == "/word/_rels/document.xml.rels"
    for source in ("/", "/word/document.xml"):
        assert names.source_of(names.relationships_of(source)) == source
    assert names.source_of("/word/_rels/.rels") is None
    assert names.source_of("/word/rels/document.xml.rels") is None


# Content types.


def _types(body: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0"?><Types xmlns="{namespace}">{body}</Types>'.encode()


_XML_DEFAULT = '<Default Extension="xml" ContentType="application/xml"/>'


def test_content_types() -> None:
    types = ContentTypeList(_types(_XML_DEFAULT + '<Override PartName="/a/B.xml" ContentType="a/b+xml"/>'))
    assert types.of("/A/b.XML") == "a/b+xml"
    assert types.of("/a/c.XML") == "application/xml"
    assert types.of("/a/c.png") is None
    types.ensure("/x.sigs", "s/t", by_extension=True)
    types.ensure("/x.xml", "u/v")
    written = ContentTypeList(types.written())
    assert [written.of(name) for name in ("/y.sigs", "/x.xml", "/y.xml")] == ["s/t", "u/v", "application/xml"]


@pytest.mark.parametrize(
    "body",
    [
        _XML_DEFAULT + '<Default Extension="XML" ContentType="text/plain"/>',
        '<Override PartName="/a" ContentType="a/b"/><Override PartName="/A" ContentType="a/b"/>',
        '<Default Extension="txt" ContentType="text/plain; charset=utf-8"/>',
        '<Default Extension="txt" ContentType=""/>',
        '<Override PartName="a" ContentType="a/b"/>',
        '<Override PartName="/a" ContentType="a/b" x="y"/>',
        '<Other Extension="txt" ContentType="text/plain"/>',
    ],
)
def test_content_types_that_programs_read_differently(body: str) -> None:
    with pytest.raises(ContentTypes):
        ContentTypeList(_types(body))


# Relationships and their transform.


def _part(body: str, attributes: str = "") -> bytes:
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELS}"{attributes}>{body}</Relationships>'.encode()


def test_transform_octets() -> None:
    """The form of reference/ooxml-signatures, section 3.4, to the octet."""
    part = relationships.read(
        _part(
            '\n <!-- x --><Relationship Type="t&amp;&quot;" Target="a&#10;&lt;&gt;&#9;b\'" Id="rId2" />\n'
            '<Relationship Id="rId10" Type="u" Target="https://x/?a=1&amp;b" TargetMode="External"> </Relationship>'
            '<Relationship Id="RID3" Type="u" Target="ư"/><Relationship Id="rId1" Type="u" Target="not chosen"/>'
        ),
        "/_rels/.rels",
        "/",
    )
    assert part.padded
    assert relationships.transformed(part.relationships, {"rId2", "rId10", "RID3"}).decode() == (
        f'<Relationships xmlns="{_RELS}">'
        '<Relationship Id="RID3" Target="ư" TargetMode="Internal" Type="u"></Relationship>'
        '<Relationship Id="rId10" Target="https://x/?a=1&amp;b" TargetMode="External" Type="u"></Relationship>'
        '<Relationship Id="rId2" Target="a&#xA;&lt;>&#x9;b\'" TargetMode="Internal" Type="t&amp;&quot;"></Relationship>'
        "</Relationships>"
    )


_IDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=6)
_RELATIONSHIPS = st.lists(
    st.builds(Relationship, _IDS, _XML_TEXT, _XML_TEXT, st.booleans()), unique_by=lambda one: one.id, max_size=6
)


@given(_RELATIONSHIPS)
def test_what_is_written_reads_back(given_ones: list[Relationship]) -> None:
    part = relationships.read(relationships.written(given_ones), "/_rels/.rels", "/")
    assert list(part.relationships) == given_ones
    assert not part.padded


@given(_RELATIONSHIPS, st.data())
def test_transform_is_what_canonical_xml_makes_of_it(given_ones: list[Relationship], data: Any) -> None:
    """Against libxml2's own C14N of a tree built by other means."""
    ids = {one.id for one in given_ones if data.draw(st.booleans())}
    root = etree.Element(f"{{{_RELS}}}Relationships", nsmap={None: _RELS})
    for one in sorted((one for one in given_ones if one.id in ids), key=lambda one: one.id.encode("utf-16-be")):
        etree.SubElement(
            root,
            f"{{{_RELS}}}Relationship",
            TargetMode="External" if one.external else "Internal",
            Type=one.type,
            Target=one.target,
            Id=one.id,
        )
    buffer = io.BytesIO()
    root.getroottree().write_c14n(buffer)
    assert relationships.transformed(given_ones, ids) == buffer.getvalue()


def test_ids_are_sorted_by_utf16_code_units() -> None:
    pair = [Relationship("\uff21", "t", "a"), Relationship("\U00010400", "t", "b")]
    octets = relationships.transformed(pair, {one.id for one in pair}).decode()
    assert octets.index("\U00010400") < octets.index("\uff21")


@pytest.mark.parametrize(
    "body",
    [
        '<Relationship Id="a" Type="t" Target="x"/><Relationship Id="a" Type="t" Target="y"/>',
        '<Relationship Id="a" Type="t"/>',
        '<Relationship Id="" Type="t" Target="x"/>',
        '<Relationship Id=" a" Type="t" Target="x"/>',
        '<Relationship Id="a" Type="t" Target="x" TargetMode="internal"/>',
        '<Relationship Id="a" Type="t" Target="x" Other="y"/>',
        '<Relationship Id="a" Type="t" Target="x"><Relationship Id="b" Type="t" Target="y"/></Relationship>',
        '<Relationship Id="a" Type="t" Target="x">text</Relationship>',
        "text",
        '<r:Relationship xmlns:r="urn:x" Id="a" Type="t" Target="x"/>',
    ],
)
def test_relationships_that_programs_read_differently(body: str) -> None:
    with pytest.raises(RelationshipsDamaged):
        relationships.read(_part(body), "/_rels/.rels", "/")


@given(st.binary(max_size=200) | _XML_TEXT.map(lambda text: _part(text)))
def test_any_octets_end_in_relationships_or_a_typed_error(octets: bytes) -> None:
    try:
        relationships.read(octets, "/_rels/.rels", "/")
    except ArchiveRejected:
        pass


def test_free_id() -> None:
    taken = [Relationship("rId1", "t", "x"), Relationship("RID2", "t", "x")]
    assert relationships.free_id(taken) == "rId3"


# Canonical XML (reference/ooxml-signatures, section 4, items 1 and 2).


def test_canonical_element_below_a_default_namespace() -> None:
    """lxml alone would write xmlns="" on the innermost elements."""
    root = parse(b'<a xmlns="urn:x"><b><d><e/></d></b></a>', "x")
    expected = b'<b xmlns="urn:x"><d><e></e></d></b>'
    assert canonical(root[0]) == expected
    assert canonical(root[0], EXCLUSIVE_C14N) == expected
    assert etree.tostring(root[0], method="c14n", with_tail=False) != expected


def test_namespaces_in_scope_count() -> None:
    root = parse(b'<a xmlns="urn:x" xmlns:u="urn:u"><b/> tail</a>', "x")
    assert canonical(root[0]) == b'<b xmlns="urn:x" xmlns:u="urn:u"></b>'
    assert canonical(root[0], EXCLUSIVE_C14N) == b'<b xmlns="urn:x"></b>'


def test_canonical_document_keeps_what_stands_beside_the_root() -> None:
    root = parse(b'<?xml version="1.0"?><?p i?><!-- c --><a b="1"  a=\'2\'/>', "x")
    assert canonical_document(root, C14N) == b'<?p i?>\n<a a="2" b="1"></a>'
    assert canonical_document(root, C14N_WITH_COMMENTS) == b'<?p i?>\n<!-- c -->\n<a a="2" b="1"></a>'


def test_unknown_canonicalization_is_refused() -> None:
    with pytest.raises(ValueError, match="urn:x"):
        canonical(parse(b"<a/>", "x"), "urn:x")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a><a/>",
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="iso-8859-1"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>&undefined;</a>",
    ],
)
def test_xml_that_is_refused(document: bytes) -> None:
    with pytest.raises(XmlRejected):
        parse(document, "x")
