"""What anybody can do to the structure of a signed PDF: signature dictionaries, appended octets, wrapping, tables."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from app.verification.model import Conclusion
from tests import pdf_samples as samples
from tests.attacks.pdf_files import (
    EVIL,
    Forgery,
    current,
    gap,
    ranges,
    root_number,
    signature_number,
    signed,
    signed_twice,
    size_of,
    stream_update,
    update,
)


def renamed(key: bytes) -> Callable[[], bytes]:
    return lambda: signed().replace(b"/" + key, b"/X" + key[1:], 1)


def redefined(entries: bytes) -> Callable[[], bytes]:
    """Universal forgery: the signature dictionary redefined without what it takes to check it."""

    def forge() -> bytes:
        content = signed()
        common = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
        return update(content, {signature_number(content): common + entries + b" >>", 5: EVIL})

    return forge


def copied_signature_over_evil_content() -> bytes:
    """Incremental saving with the signature copied, its old range kept."""
    content = signed()
    number = signature_number(content)
    return update(content, {5: EVIL, number: current(content, number)})


def wrapped() -> bytes:
    """The second part moved to the end, evil content between, the range in a copied dictionary."""
    content = signed()
    _, length, second, rest = ranges(content)
    number = signature_number(content)
    hexadecimal = content[length:second]
    body = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents %s /ByteRange [0 %d %d %d] >>"
    )
    forged = update(
        content, {5: EVIL, number: body % (hexadecimal, length, len(content) + 4000 + len(hexadecimal), rest)}
    )
    return forged.ljust(len(content) + 4000 + len(hexadecimal)) + content[second:]


def appended(octets: bytes) -> Callable[[], bytes]:
    return lambda: signed() + octets


def appended_without_table() -> bytes:
    """Objects without a table, then the old end once more: readers that repair show them."""
    content = signed()
    end = content[content.rindex(b"startxref") :]
    return content + b"5 0 obj\n" + EVIL + b"\nendobj\n" + end


def unlisted_object() -> bytes:
    """A harmless looking update that also carries an object no table names."""
    return update(signed() + b"5 0 obj\n" + EVIL + b"\nendobj\n", {90: b"(harmless)"})


def other_catalog() -> bytes:
    content = signed()
    body = current(content, root_number(content)).replace(b"/Pages 2 0 R", b"/Pages 50 0 R")
    more = {
        49: body,
        50: b"<< /Type /Pages /Kids [51 0 R] /Count 1 >>",
        51: b"<< /Type /Page /Parent 50 0 R /MediaBox [0 0 595 842] /Contents 52 0 R"
        b" /Resources << /Font << /F1 3 0 R >> >> >>",
        52: EVIL,
    }
    return update(content, more, root=49)


def other_generation() -> bytes:
    return update(signed(), {5: EVIL}, generations={5: 1})


def freed_content() -> bytes:
    return update(signed(), {}, freed=(5,))


def freed_and_redefined() -> bytes:
    return update(update(signed(), {}, freed=(5,)), {5: EVIL})


def freed_with_generation(generation: int) -> Callable[[], bytes]:
    """Readers differ on whether such an entry frees the object."""

    def forge() -> bytes:
        forged = update(signed(), {}, freed=(5,))
        return forged.replace(b"0000000000 00001 f", b"0000000000 %05d f" % generation)

    return forge


def moved_to_other_document() -> bytes:
    """Recycled: the whole signature dictionary of one file in another."""
    genuine, other = signed(), signed(samples.classic({**samples.objects(), 5: EVIL}))
    start, end = gap(genuine)
    other_start, other_end = gap(other)
    return other[:other_start] + genuine[start:end] + other[other_end:]


def prefixed() -> bytes:
    return b"%evil\n" + signed()


def stripped_signature() -> bytes:
    content = signed()
    body = re.sub(rb"/AcroForm \d+ 0 R", b"", current(content, root_number(content)))
    return update(content, {root_number(content): body, 5: EVIL})


def replaced_object_stream() -> bytes:
    """An object stream redefined: objects inside change without any entry of their own."""
    content = signed(samples.with_object_streams(samples.objects()))
    number = int(re.findall(rb"(\d+) 0 obj\n<< /Type /ObjStm", content)[0])
    match = re.search(rb"(?s)/Type /ObjStm /N (\d+) /First (\d+) .*?stream\n(.*?)\nendstream", content)
    assert match is not None
    data = zlib.decompress(match[3]).replace(b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 400]")
    body = b"<< /Type /ObjStm /N %s /First %s /Length %d >>\nstream\n%s\nendstream" % (
        match[1],
        match[2],
        len(data),
        data,
    )
    return stream_update(content, {number: body})


def hybrid_update() -> bytes:
    """Evil content only in the hidden half of a hybrid revision."""
    content = signed()
    out = bytearray(content)
    place = len(out)
    out += b"5 0 obj\n" + EVIL + b"\nendobj\n"
    own = size_of(content)
    stream = len(out)
    row = b"\x01" + place.to_bytes(4, "big") + bytes(2)
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [5 1] /Size %d /Root %d 0 R /Length 7 >>\nstream\n%s" % (
        own,
        own + 1,
        root_number(content),
        row,
    )
    out += b"\nendstream\nendobj\n"
    start = len(out)
    previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    out += b"xref\n%d 1\n%010d 00000 n \n" % (own, stream)
    pointers = own + 1, root_number(content), previous, stream, start
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % pointers
    return bytes(out)


def shortened_contents(filling: bytes) -> Callable[[], bytes]:
    """The zeros at the end of the value, which nothing signs, become something else."""

    def forge() -> bytes:
        content = signed()
        end = gap(content)[1]
        return content[: end - len(filling) - 1] + b">" + filling + content[end:]

    return forge


def contents_with(filling: bytes) -> Callable[[], bytes]:
    """The same within the hexadecimal string."""

    def forge() -> bytes:
        content = signed()
        end = gap(content)[1] - 1
        return content[: end - len(filling)] + filling + content[end:]

    return forge


def wrapped_within_the_gap() -> bytes:
    """A second ``/ByteRange`` and evil objects in the gap, an evil table where the signed ``startxref`` points, and
    the signed second part moved behind them."""
    content = signed()
    start, end = gap(content)
    table = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    places = {int(match[1]): match.start() for match in re.finditer(rb"(?<!\d)(\d+) 0 obj", content)}
    moved = len(content) + 4000
    head = content[:end] + b" /ByteRange [0 %d %d %d] /Type /Sig /Filter /Adobe.PPKLite" % (
        start,
        moved,
        len(content) - end,
    )
    head += b" /SubFilter /ETSI.CAdES.detached >>\nendobj\n"
    evil = b"5 0 obj\n" + EVIL + b"\nendobj\n"
    out = bytearray(head.ljust(table) if len(head) <= table else head)
    places[5] = len(content) + 2000
    out += b"xref\n0 1\n0000000000 65535 f \n"
    out += b"".join(b"%d 1\n%010d 00000 n \n" % entry for entry in sorted(places.items()))
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (size_of(content), root_number(content))
    return bytes(out.ljust(places[5]) + evil).ljust(moved) + content[end:]


def table_without_trailer() -> bytes:
    content = signed()
    start = len(content) + len(b"5 0 obj\n" + EVIL + b"\nendobj\n")
    table = b"xref\n5 1\n%010d 00000 n \nstartxref\n%d\n%%%%EOF\n" % (len(content), start)
    return content + b"5 0 obj\n" + EVIL + b"\nendobj\n" + table


def copied_signature_without_table() -> bytes:
    content = signed()
    number = signature_number(content)
    copy = b"%d 0 obj\n%s\nendobj\n" % (number, current(content, number))
    return content + b"5 0 obj\n" + EVIL + b"\nendobj\n" + copy + b"%%EOF\n"


def listed_twice(evil_first: bool) -> Callable[[], bytes]:
    """One table gives two places for one object: programs differ on which counts."""

    def forge() -> bytes:
        content = signed()
        evil = len(content)
        genuine = content.index(b"5 0 obj")
        out = content + b"5 0 obj\n" + EVIL + b"\nendobj\n"
        entries = [b"5 1\n%010d 00000 n \n" % place for place in ((evil, genuine) if evil_first else (genuine, evil))]
        previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
        pointers = size_of(content), root_number(content), previous, len(out)
        trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % pointers
        return out + b"xref\n" + b"".join(entries) + trailer

    return forge


def listed_twice_in_stream() -> bytes:
    """The same in a cross-reference stream whose ``/Index`` overlaps."""
    content = signed()
    evil = b"5 0 obj\n" + EVIL + b"\nendobj\n"
    places = len(content), content.index(b"5 0 obj"), len(content) + len(evil)
    rows = b"".join(b"\x01" + place.to_bytes(4, "big") + bytes(2) for place in places)
    own, previous = size_of(content), int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    dictionary = b"<< /Type /XRef /W [1 4 2] /Index [5 1 5 1 %d 1] /Size %d /Root %d 0 R /Prev %d /Length %d >>" % (
        own,
        own + 1,
        root_number(content),
        previous,
        len(rows),
    )
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % places[2]
    return content + evil + b"%d 0 obj\n" % own + dictionary + b"\nstream\n" + rows + end


def one_of_two_removed() -> bytes:
    """The field of the first of two signatures taken out of the form."""
    content = signed_twice()
    number = int(re.findall(rb"/AcroForm (\d+) 0 R", content)[-1])
    form = current(content, number)
    listed = re.search(rb"/Fields \[ (\d+) 0 R (\d+) 0 R \]", form)
    assert listed is not None
    return update(content, {number: form.replace(listed[0], b"/Fields [ %s 0 R ]" % listed[2])})


def whole_file_twice() -> bytes:
    return signed() + signed()


def suffix_that_closes() -> bytes:
    """Blank lines beyond what the end of a file may bear."""
    return signed() + b"\n" * 3000


FORGERIES: dict[str, Forgery] = {
    "contents-renamed": Forgery(renamed(b"Contents <"), "pdf-signature-incomplete"),
    "byterange-renamed": Forgery(renamed(b"ByteRange"), "pdf-signature-incomplete"),
    "no-contents": Forgery(redefined(b"/ByteRange [0 100 200 300]"), "pdf-signature-incomplete"),
    "no-byterange": Forgery(redefined(b"/Contents <3000>"), "pdf-signature-incomplete"),
    "null-contents": Forgery(redefined(b"/Contents null /ByteRange [0 100 200 300]"), "pdf-contents-malformed"),
    "null-byterange": Forgery(redefined(b"/Contents <3000> /ByteRange null"), "pdf-byterange-malformed"),
    "empty-contents": Forgery(redefined(b"/Contents <> /ByteRange [0 100 200 300]"), "pdf-byterange-gap"),
    "zero-contents": Forgery(redefined(b"/Contents <0000> /ByteRange [0 100 200 300]"), "pdf-byterange-gap"),
    "zero-byterange": Forgery(redefined(b"/Contents <3000> /ByteRange [0 0 0 0]"), "pdf-byterange-gap"),
    "negative-byterange": Forgery(redefined(b"/Contents <3000> /ByteRange [0 -1 -1 10]"), "pdf-byterange-malformed"),
    "two-numbers": Forgery(redefined(b"/Contents <3000> /ByteRange [0 100]"), "pdf-byterange-malformed"),
    "six-numbers": Forgery(redefined(b"/Contents <3000> /ByteRange [0 10 20 10 40 10]"), "pdf-byterange-malformed"),
    "real-numbers": Forgery(redefined(b"/Contents <3000> /ByteRange [0.0 10.5 20 10]"), "pdf-byterange-malformed"),
    "words": Forgery(redefined(b"/Contents (words) /ByteRange (words)"), "pdf-contents-malformed"),
    "signature-is-number": Forgery(
        lambda: update(signed(), {signature_number(signed()): b"42", 5: EVIL}), "pdf-signature-incomplete"
    ),
    "copied-signature": Forgery(copied_signature_over_evil_content, "pdf-byterange-gap"),
    "wrapped": Forgery(wrapped, "pdf-octets-appended"),
    "appended-octets": Forgery(appended(b"\n% and more than blank\n"), "pdf-octets-appended"),
    "appended-object": Forgery(appended(b"5 0 obj\n" + EVIL + b"\nendobj\n"), "pdf-octets-appended"),
    "appended-without-table": Forgery(appended_without_table, "pdf-octets-appended"),
    "unlisted-object": Forgery(unlisted_object, "pdf-object-unlisted"),
    "swapped-catalog": Forgery(other_catalog, "changed-after-signing"),
    "other-generation": Forgery(other_generation, "changed-after-signing"),
    "freed-content": Forgery(freed_content, "changed-after-signing"),
    "freed-and-redefined": Forgery(freed_and_redefined, "changed-after-signing"),
    "moved-to-other-document": Forgery(moved_to_other_document, "digest-mismatch"),
    "prefixed": Forgery(prefixed, "pdf-damaged", Conclusion.UNREADABLE),
    "stripped-signature": Forgery(stripped_signature, "pdf-signature-removed", Conclusion.UNSIGNED),
    "replaced-object-stream": Forgery(replaced_object_stream, "changed-after-signing"),
    "hybrid-update": Forgery(hybrid_update, "changed-after-signing"),
    "freed-generation-0": Forgery(freed_with_generation(0), "changed-after-signing"),
    "freed-generation-65535": Forgery(freed_with_generation(65535), "changed-after-signing"),
    "indirect-contents": Forgery(redefined(b"/Contents 5 0 R /ByteRange [0 100 200 300]"), "pdf-contents-malformed"),
    "indirect-byterange": Forgery(redefined(b"/Contents <3000> /ByteRange 5 0 R"), "pdf-byterange-malformed"),
    "contents-twice": Forgery(
        redefined(b"/Contents <3000> /Contents <30> /ByteRange [0 100 200 300]"), "pdf-signature-incomplete"
    ),
    "enormous-numbers": Forgery(
        redefined(b"/Contents <3000> /ByteRange [0 99999999999999999999 1 1]"), "pdf-byterange-malformed"
    ),
    "padding-in-the-gap": Forgery(shortened_contents(b" " * 64), "pdf-byterange-gap"),
    "name-in-the-gap": Forgery(shortened_contents(b" /Name (Chu tich) /Location (Ha Noi) "), "pdf-byterange-gap"),
    "blank-in-contents": Forgery(contents_with(b" " * 64), "pdf-contents-malformed"),
    "octets-in-contents": Forgery(contents_with(b"4556494c" * 8), "pdf-contents-padding"),
    "wrapped-within-the-gap": Forgery(wrapped_within_the_gap, "pdf-byterange-gap"),
    "table-without-trailer": Forgery(table_without_trailer, "pdf-damaged", Conclusion.UNREADABLE),
    "copied-signature-without-table": Forgery(copied_signature_without_table, "pdf-damaged", Conclusion.UNREADABLE),
    "evil-listed-first": Forgery(listed_twice(True), "pdf-object-twice"),
    "evil-listed-last": Forgery(listed_twice(False), "pdf-object-twice"),
    "listed-twice-in-a-stream": Forgery(listed_twice_in_stream, "pdf-damaged", Conclusion.UNREADABLE),
    "one-of-two-removed": Forgery(one_of_two_removed, "changed-after-signing"),
    "whole-file-twice": Forgery(whole_file_twice, "pdf-octets-appended"),
    "long-suffix": Forgery(suffix_that_closes, "pdf-damaged", Conclusion.UNREADABLE),
    "prefixed-by-a-header": Forgery(lambda: b"%PDF-1.7\n" + signed(), "pdf-damaged", Conclusion.UNREADABLE),
}
