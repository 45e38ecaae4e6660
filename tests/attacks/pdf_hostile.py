"""PDF files of hostile structure: loops, depth, claimed sizes, bombs, numbers of things. Each is answered within
:mod:`tests.attacks.limits`, and none by mistake as valid."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    Bodies,
    current,
    root_number,
    signature_number,
    signed,
    signed_twice,
    update,
)

Make = Callable[[], bytes]

EMPTY_UPDATE = b"xref\ntrailer\n<< /Size %d /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields %s >> >>"


def plain(bodies: Bodies) -> Make:
    """An unsigned document with these objects in the place of its own."""
    return lambda: samples.classic({**samples.objects(), **bodies})


def later(bodies: Bodies, catalog: bytes = b"") -> Make:
    """A signed document with these objects after the signature, and entries added to its catalog."""

    def make() -> bytes:
        content = signed()
        root = root_number(content)
        body = current(content, root).replace(b"/Type /Catalog", b"/Type /Catalog " + catalog)
        return update(content, {**({root: body} if catalog else {}), **bodies})

    return make


def deep_then_long() -> bytes:
    """A value that ends in the first megabyte for who looks for its last word, and goes on for eight."""
    listed = b"[" + b"[" * 70 + b"]" * 70 + b" (endobj) " + b"1 " * 4_000_000 + b"]"
    return plain({1: CATALOG.replace(b"%s", b"6 0 R"), 6: listed})()


def long_fields(count: int, length: int) -> Make:
    """Form fields each of which takes a while to read."""

    def make() -> bytes:
        numbers = range(6, 6 + count)
        listed = b"[%s]" % b" ".join(b"%d 0 R" % number for number in numbers)
        fields = {number: b"<< /T (%d) /X [%s] >>" % (number, b"1 " * length) for number in numbers}
        return plain({1: CATALOG % listed, **fields})()

    return make


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data)


def deflated(megabytes: int, times: int = 1) -> bytes:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _count in range(megabytes)) + packer.flush()
    for _count in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def evidence(body: bytes) -> Make:
    """A stream of the document security store, which the examiner reads."""
    return later({90: body}, b"/DSS << /Certs [90 0 R] /CRLs [90 0 R] /OCSPs [90 0 R] >>")


def metadata_bomb() -> bytes:
    bodies = samples.objects()
    bodies[1] = b"<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>"
    head = b"/Type /Metadata /Subtype /XML /Filter /FlateDecode"
    bodies[6] = stream(head, deflated(80))
    return update(signed(samples.classic(bodies)), {6: stream(head, deflated(81))})


def table_bomb(widths: bytes, entries: int, rows: bytes) -> Make:
    """A small cross-reference stream that unfolds into millions of entries."""

    def make() -> bytes:
        data = zlib.compress(rows)
        out = b"%PDF-1.7\n"
        return out + (
            b"1 0 obj\n<< /Type /XRef /W %s /Size %d /Root 2 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s"
            b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (widths, entries, len(data), data, len(out))
        )

    return make


def packed(entries: bytes, data: bytes) -> Make:
    """A document whose catalog lies in an object stream that claims what it wants."""

    def make() -> bytes:
        out = bytearray(b"%PDF-1.7\n")
        container = len(out)
        out += b"2 0 obj\n" + stream(b"/Type /ObjStm " + entries, data) + b"\nendobj\n"
        table = len(out)
        rows = b"".join(
            bytes([kind]) + place.to_bytes(4, "big") + bytes(2)
            for kind, place in ((0, 0), (2, 2), (1, container), (1, table))
        )
        head = b"/Type /XRef /W [1 4 2] /Size 4 /Root 1 0 R"
        out += b"3 0 obj\n" + stream(head, rows) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % table
        return bytes(out)

    return make


def own_table_as_previous() -> bytes:
    content = samples.classic(samples.objects(), b"/Prev 0400")
    return content.replace(b"/Prev 0400", b"/Prev %04d" % content.index(b"xref\n"))


def many_objects() -> bytes:
    """Two hundred thousand, in a web of references, signed twice so that they are compared."""
    count = 200_000
    bodies = samples.objects()
    bodies |= {number: b"<< /A %d 0 R /B [%d 0 R (text)] >>" % (number + 1, number + 2) for number in range(6, count)}
    bodies[count] = bodies[count + 1] = b"null"
    return signed_twice(samples.classic({**bodies, 1: bodies[1].replace(b">>", b"/X 6 0 R >>")}))


def many_changed_objects() -> bytes:
    """Sixty thousand, all written anew after signing."""
    numbers = range(6, 60_000)
    bodies = samples.objects()
    listed = b" ".join(b"%d 0 R" % number for number in numbers)
    bodies |= dict.fromkeys(numbers, b"<< /A 1 >>")
    content = signed(samples.classic({**bodies, 1: bodies[1].replace(b">>", b"/X [" + listed + b"] >>")}))
    return update(content, dict.fromkeys(numbers, b"<< /A 2 >>"))


def many_annotations() -> bytes:
    """A page with a hundred thousand annotations, one of them moved after signing."""
    numbers = list(range(100, 50_100))

    def listed(order: list[int]) -> bytes:
        return b"[" + b" ".join(b"%d 0 R" % number for number in order) + b"]"

    bodies = samples.objects(page_extra=b"/Annots 6 0 R")
    content = signed(samples.classic({**bodies, 6: listed(numbers)} | dict.fromkeys(range(7, 9), b"null")))
    return update(content, {6: listed([*numbers[1:], numbers[0]])})


def much_changed_evidence() -> bytes:
    """Evidence in ten thousand streams, all written anew."""
    numbers = range(100, 10_100)
    store = b"[" + b" ".join(b"%d 0 R" % number for number in numbers) + b"]"
    content = later({number: stream(b"", b"a") for number in numbers}, b"/DSS << /Certs " + store + b" >>")()
    return update(signed(content), {number: stream(b"", b"b") for number in numbers})


def many_revisions(count: int) -> Make:
    def make() -> bytes:
        content = bytearray(samples.classic(samples.objects()))
        previous = content.rindex(b"xref\n0")
        for _count in range(count):
            start = len(content)
            content += b"xref\ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
                previous,
                start,
            )
            previous = start
        return bytes(content)

    return make


def many_revisions_of_many_fields() -> bytes:
    """Four hundred revisions of a form of fifteen thousand fields, none signed."""
    numbers = range(10, 15_010)
    fields = b"[" + b" ".join(b"%d 0 R" % number for number in numbers) + b"]"
    bodies = {**samples.objects(), 1: CATALOG % fields, **{n: b"<< /FT /Sig /T (a%d) >>" % n for n in numbers}}
    bodies |= dict.fromkeys(range(6, 10), b"null")
    content = bytearray(samples.classic(bodies))
    previous = content.rindex(b"xref\n0")
    for _count in range(400):
        start = len(content)
        content += b"xref\ntrailer\n<< /Size 15010 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
            previous,
            start,
        )
        previous = start
    return bytes(content)


def many_signature_fields(count: int, shared: bool) -> Make:
    def make() -> bytes:
        numbers = range(10, 10 + count)
        fields = b"[" + b" ".join(b"%d 0 R" % number for number in numbers) + b"]"
        signature = b"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <30> /ByteRange [0 10 20 30] >>"
        bodies = {**samples.objects(), 1: CATALOG % fields, 6: signature}
        value = b"6 0 R" if shared else signature
        bodies |= {number: b"<< /FT /Sig /T (a%d) /V %s >>" % (number, value) for number in numbers}
        bodies |= dict.fromkeys(range(7, 10), b"null")
        return samples.classic(bodies)

    return make


def signatures_over_a_large_table() -> bytes:
    """A hundred signature fields over tables of a hundred thousand objects: each looks at all of them."""
    content = signed(samples.classic(samples.objects() | dict.fromkeys(range(6, 100000), b"null")))
    number = signature_number(content)
    fields = range(200_000, 200_099)
    form_number = int(re.findall(rb"/AcroForm (\d+) 0 R", content)[-1])
    listed = b"<< /SigFlags 3 /Fields [ " + b" ".join(b"%d 0 R" % field for field in fields) + b" ] >>"
    bodies = {field: b"<< /FT /Sig /T (a%d) /V %d 0 R >>" % (field, number) for field in fields}
    return update(content, {form_number: listed, **bodies})


def with_signature(entries: bytes) -> Make:
    """A field signed with this dictionary."""
    head = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
    field = b"<< /FT /Sig /T (a) /V 7 0 R >>"
    return plain({1: CATALOG % b"[6 0 R]", 6: field, 7: head + entries + b" >>"})


def subsections(count: int) -> Make:
    def make() -> bytes:
        content = samples.classic(samples.objects())
        return content.replace(b"trailer", b"7 0\n" * count + b"trailer", 1)

    return make


def blanks(before: bytes) -> Make:
    """More blanks before a word of the cross-reference table than are read into memory."""

    def make() -> bytes:
        content = samples.classic(samples.objects())
        at = content.rindex(before)
        return content[:at] + b" " * (24 << 20) + content[at:]

    return make


HOSTILE: dict[str, Make] = {
    "empty": lambda: b"",
    "words": lambda: b"no PDF " * 100,
    # Loops.
    "xref-loop": lambda: samples.classic(samples.objects(), b"/Prev 9"),
    "own-table-as-previous": own_table_as_previous,
    "reference-to-itself": plain({1: b"1 0 R"}),
    "fields-loop": plain({1: CATALOG % b"[6 0 R]", 6: b"<< /T (a) /Kids [6 0 R 6 0 R] >>"}),
    "field-its-own-parent": plain({1: CATALOG % b"[6 0 R]", 6: b"<< /T (a) /FT /Sig /Parent 6 0 R /V 6 0 R >>"}),
    "value-loop": plain({1: CATALOG % b"[6 0 R]", 6: b"<< /FT /Sig /T (a) /V 7 0 R >>", 7: b"7 0 R"}),
    "pages-loop": later({2: b"<< /Type /Pages /Kids [2 0 R 4 0 R] /Count 1 >>"}),
    "page-its-own-parent": later({4: b"<< /Type /Page /Parent 4 0 R /Contents 5 0 R >>"}),
    "names-loop": later({90: b"<< /Kids [90 0 R 90 0 R] >>"}, b"/Names << /EmbeddedFiles 90 0 R >>"),
    "outlines-loop": later({90: b"<< /First 90 0 R /Next 90 0 R /Parent 90 0 R >>"}, b"/Outlines 90 0 R"),
    "length-of-itself": later({5: b"<< /Length 5 0 R >>\nstream\nx\nendstream"}),
    "object-stream-in-itself": packed(b"/N 1 /First 4 /Extends 2 0 R", b"2 0 << /Type /Catalog >>"),
    "object-stream-extends-itself": packed(b"/N 1 /First 4 /Extends 2 0 R", b"1 0 << /Type /Catalog /Pages 2 0 R >>"),
    # Depth.
    "fields-deep": plain(
        {1: CATALOG % b"[6 0 R]"} | {number: b"<< /Kids [%d 0 R] >>" % (number + 1) for number in range(6, 3000)}
    ),
    "pages-deep": later(
        {number: b"<< /Type /Pages /Kids [%d 0 R] >>" % (number + 1) for number in range(90, 20_000)}
        | {2: b"<< /Type /Pages /Kids [90 0 R] >>"}
    ),
    "fields-are-words": plain({1: CATALOG % b"(x)"}),
    "nested-arrays": plain({1: b"<< /A " + b"[" * 100_000 + b" >>"}),
    "nested-value": plain(
        {1: CATALOG % b"[6 0 R]", 6: b"<< /FT /Sig /V " + b"<< /A " * 50_000 + b">>" * 50_000 + b" >>"}
    ),
    "nested-contents": with_signature(b"/Contents " + b"[" * 100_000 + b"]" * 100_000 + b" /ByteRange [0 1 2 3]"),
    "nested-later": later({5: b"<< /A " * 400 + b">>" * 400}),
    # Claimed sizes.
    "huge-size": lambda: samples.classic(samples.objects()).replace(b"/Size 6", b"/Size 999999999999"),
    "huge-table": lambda: samples.classic(samples.objects()).replace(b"xref\n0 6", b"xref\n0 999999999"),
    "table-bomb": table_bomb(b"[1 1 1]", 10_000_000, bytes(30_000_000)),
    "table-without-width": table_bomb(b"[0 0 0]", 900_000_000, b""),
    "table-of-negative-width": table_bomb(b"[1 -4 1]", 100, bytes(1000)),
    "table-of-enormous-width": table_bomb(b"[1 900000000 1]", 100, bytes(1000)),
    "table-of-used": table_bomb(b"[1 1 1]", 3_000_000, b"\x01\x09\x00" * 3_000_000),
    "enormous-length": later({5: b"<< /Length 999999999999 >>\nstream\nx\nendstream"}),
    "negative-length": later({5: b"<< /Length -5 >>\nstream\nx\nendstream"}),
    "length-of-a-million-digits": later({5: b"<< /Length " + b"9" * 1_000_000 + b" >>\nstream\nx\nendstream"}),
    "object-stream-of-a-billion": packed(b"/N 999999999 /First 4", b"1 0 << /Type /Catalog >>"),
    "object-stream-that-begins-late": packed(b"/N 1 /First 999999999", b"1 0 << /Type /Catalog >>"),
    "object-stream-of-negative-size": packed(b"/N -1 /First -1", b"1 0 << /Type /Catalog >>"),
    "blanks-before-the-table": blanks(b"\n0 6"),
    "blanks-before-the-end": blanks(b"startxref"),
    # Bombs.
    "deflated-object-stream": packed(b"/N 1 /First 4 /Filter /FlateDecode", deflated(200)),
    "deflated-twice": packed(b"/N 1 /First 4 /Filter [/FlateDecode /FlateDecode]", deflated(300, 2)),
    "deflated-evidence": evidence(stream(b"/Filter /FlateDecode", deflated(200))),
    "evidence-deflated-thrice": evidence(stream(b"/Filter [/FlateDecode /FlateDecode /FlateDecode]", deflated(300, 3))),
    "predictor": evidence(
        stream(b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 999999999 >>", deflated(1))
    ),
    "predictor-of-one-column": evidence(
        stream(b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 1 >>", deflated(40))
    ),
    "lzw": evidence(stream(b"/Filter /LZWDecode", b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01" * 400_000)),
    "hexadecimal-chain": evidence(stream(b"/Filter [" + b"/ASCIIHexDecode " * 200 + b"]", b"30" * 1_000_000 + b">")),
    "filter-chain": evidence(stream(b"/Filter [" + b"/FlateDecode " * 5_000 + b"]", deflated(1))),
    "deflated-metadata": metadata_bomb,
    "picture": later({5: stream(b"/Type /XObject /Subtype /Image /Width 999999 /Height 999999", b"")}),
    # Numbers of things.
    "many-objects": many_objects,
    "many-changed-objects": many_changed_objects,
    "many-annotations": many_annotations,
    "much-changed-evidence": much_changed_evidence,
    "many-revisions": many_revisions(20_000),
    "many-revisions-of-many-fields": many_revisions_of_many_fields,
    "many-signature-fields": many_signature_fields(10_000, shared=True),
    "many-signatures": many_signature_fields(10_000, shared=False),
    "signatures-over-a-large-table": signatures_over_a_large_table,
    "many-subsections": subsections(300_000),
    "enormous-byterange": with_signature(b"/Contents <30> /ByteRange [" + b"0 1 " * 1_000_000 + b"]"),
    "enormous-contents": with_signature(b"/ByteRange [0 1 2 3] /Contents <" + b"30" * 30_000_000 + b">"),
    "long-strings": plain({1: b"<< /A (" + b"(" * 500_000 + b") >>"}),
    "deep-then-long": deep_then_long,
    "many-long-fields": long_fields(9_000, 950),
    "longest-fields": long_fields(40, 90_000),
    "long-comment": plain({1: b"<< /A %" + b"x" * 10_000_000 + b"\n 1 >>"}),
    "long-blank": plain({1: b" " * 10_000_000 + b"<< /A 1 >>"}),
    "long-name": plain({1: b"<< /" + b"x" * 10_000_000 + b" 1 >>"}),
    "many-keys": plain({1: b"<<" + b"".join(b"/A%d 1 " % number for number in range(300_000)) + b">>"}),
}
