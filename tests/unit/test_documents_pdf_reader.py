"""What stands between the words of a cross-reference table is not read octet by octet for ever."""

from __future__ import annotations

from io import BytesIO

import pytest

from app.documents.pdf_reader import FAULTS, open_reader
from tests import pdf_samples as samples

_MANY = 2 << 20


class Counted(BytesIO):
    """:ivar reads: how often it was read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("blank", [b" ", b"\n", b"%x\n"])
@pytest.mark.parametrize("word", [b"xref\n0", b"0 6\n", b"trailer", b"<< /Size", b"startxref"])
def test_blanks_without_end_are_given_up(blank: bytes, word: bytes) -> None:
    content = samples.classic(samples.objects())
    at = content.rindex(word)
    stream = Counted(content[:at] + blank * (_MANY // len(blank)) + content[at:])
    try:
        open_reader(stream)
    except FAULTS:
        pass
    assert stream.reads < _MANY // 3


def test_a_last_line_without_end_is_given_up() -> None:
    stream = Counted(b"%PDF-1.7\n" + b"x" * _MANY)
    with pytest.raises(FAULTS):
        open_reader(stream)
    assert stream.reads < 100


@pytest.mark.parametrize("updates", [1, 500])
def test_a_document_of_many_updates_is_read(updates: int) -> None:
    content = samples.classic(samples.objects())
    for _ in range(updates):
        before, start = content.rindex(b"startxref\n") + 10, len(content)
        previous = int(content[before : content.index(b"\n", before)])
        identity = b"/ID [<%s> <%s>]" % (b"0f" * 16, b"1e" * 16)
        content += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d %s >>\n" % (
            previous,
            identity,
        )
        content += b"startxref\n%d\n%%%%EOF\n" % start
    assert open_reader(BytesIO(content)).root["/Type"] == "/Catalog"
