"""What a document says of itself, from its lines of text: the rules of Decree 30/2020, appendix I, part I.

The readers of PDF and Office files bring every format to the same :class:`Line`; the rules here know no format.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from app.documents.head_marks import main_document, place, secrecy, secrecy_of, urgency, urgency_of
from app.documents.model import DocumentInfo
from app.documents.text import clean, spelling_key
from app.documents.types import OFFICIAL_LETTER, DocumentType, type_of_symbol, types_by_heading


class Side(Enum):
    """Where a line stands: in the left or right column of a two-column part, or across the page."""

    LEFT = "left"
    RIGHT = "right"
    ACROSS = "across"


class Line(msgspec.Struct, frozen=True):
    """A line of a page, or a paragraph where a format has no lines.

    :ivar text: as :func:`app.documents.text.clean` leaves it; empty for an empty paragraph.
    :ivar bold: None where the format does not tell.
    :ivar centred: None where the format does not tell.
    :ivar page: zero-based.
    :ivar box: left, bottom, right, top from the lower left corner of the upright medium, in units of the page's user
        space (:class:`app.documents.sheet.Sheet`); None without geometry.
    :ivar spaced: much blank stands above, so that the line opens a new part.
    """

    text: str
    side: Side = Side.ACROSS
    bold: bool | None = None
    centred: bool | None = None
    page: int = 0
    box: tuple[float, float, float, float] | None = None
    spaced: bool = False


@dataclass(frozen=True)
class SignatureBlock:
    """The lines above and below which the signature's picture stands (appendix I, part I, II.7)."""

    title: tuple[Line, ...]
    name: Line | None


_HEAD_LINES = 40
#: Of these, with marks and stamps above, the names of agency and state are among the first.
_TOP_LINES = 10
_MAX_SUMMARY_LINES = 8
_MAX_SUMMARY = 500
_MAX_HEADINGS, _MAX_HEADING = 12, 200

_NUMBER = re.compile(
    r"^Số\s*:?[\s.…_]*+(?P<number>\d{1,6}[a-zA-Z]?)?[\s.…_]*+[/\-–]\s*(?P<symbol>[^\W_](?:[^\W_]|\s*[-–/&.]\s*(?=[^\W_]))*)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:^|,|\s)ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})\s*\.?$", re.IGNORECASE)
_OPEN_DATE = re.compile(r"(?:^|,|\s)ngày\s*\d{1,2}(?:\s*tháng(?:\s*\d{1,2}(?:\s*năm)?)?)?$", re.IGNORECASE)
_ABOUT = re.compile(r"^\s*V\s*/\s*v\s*[:.]?\s*", re.IGNORECASE)
_ADDRESSEE = re.compile(r"^Kính gửi\b", re.IGNORECASE)
_BODY = re.compile(
    r"^(?:Căn cứ|Kính gửi|Xét|Theo|Thực hiện|Thi hành|Nhằm|Để|Điều \d|Chương [IVX\d]|Phần [IVX\d]|Mục \d"
    r"|\(?Kèm theo|\(?Ban hành kèm theo|Hôm nay|Thời gian|Địa điểm|Chúng tôi|Ngày \d"
    r"|[IVX]+\.|\d+\.|[a-zđ]\)|[-+•*] ?\w)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^(?:Căn cứ|Kính gửi|Điều 1\b)", re.IGNORECASE)
_RULE = re.compile(r"^[\W_]+$")
_RECIPIENTS = re.compile(r"^Nơi nhận\b", re.IGNORECASE)
_AUTHORITY = re.compile(r"^(?:TM|T/M|KT|K/T|Q|TL|T/L|TUQ|TUN)\s*\.")
#: Whoever decides, in capitals between summary and grounds (appendix III, forms 1.1 to 1.3).
_AUTHOR = re.compile(
    r"(?:CHỦ TỊCH|ỦY BAN|UỶ BAN|HỘI ĐỒNG|BỘ TRƯỞNG|THỦ TƯỚNG|(?:TỔNG )?GIÁM ĐỐC|(?:TỔNG )?CỤC TRƯỞNG|CHI CỤC TRƯỞNG"
    r"|HIỆU TRƯỞNG|VIỆN TRƯỞNG|CHÁNH ÁN|TRƯỞNG BAN|TRƯỞNG PHÒNG|CHÁNH VĂN PHÒNG)\b"
)
_NOTE = re.compile(r"^\(.*\)$")
#: The name of the state and its motto (II.1), beside the agency's name; in capitals and as they are spelled there.
_STATE = re.compile(
    r"(?<=\S)(?<!NƯỚC)\s*"
    r"(?=(?:CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM|Độc lập\s*[-–]\s*Tự do\s*[-–]\s*Hạnh phúc)$)"
)


def read_fields(lines: Sequence[Line]) -> tuple[DocumentInfo, tuple[SignatureBlock, ...]]:
    """Read the fields of a document.

    :param lines: in reading order, columns unmixed or not; those of a first page decide everything but the signer.
    :return: the fields, None where not found, and the signature blocks, that of the issuing agency first.
    """
    first = [line for line in lines if line.page == 0]
    head = _head(first)
    number, symbol = _number_and_symbol(head)
    heading, kind, rest = _heading(head)
    summary: str | None = None
    if kind is not None and heading is not None:
        summary = _summary_below(first, heading, rest)
    else:
        letter = _letter(head, first)
        if letter is not None:
            kind_name, summary = letter
            kind = types_by_heading()[spelling_key(kind_name)]
        elif symbol is not None:
            kind = type_of_symbol(symbol)
    blocks = tuple(signature_blocks(lines))
    block = blocks[0] if blocks else None
    info = DocumentInfo(
        type=kind.name if kind is not None else None,
        number=number,
        symbol=symbol,
        date=_date(head),
        summary=summary,
        issuer=_issuer(head),
        signer_title=_title(block.title) if block is not None else None,
        signer_name=block.name.text if block is not None and block.name is not None else None,
        secrecy=secrecy(first),
        place=place(head),
        urgency=urgency(first),
        main=main_document(first),
    )
    return info, blocks


def columns_apart(lines: Sequence[Line]) -> list[Line]:
    """The lines with those at the top of page one parted that run from the agency's name into the name of the state
    beside it: where only a letter's width is between them, readers take them for one.

    :return: where a box was parted, its two parts by the length of their texts.
    """
    found: list[Line] = []
    for line in lines[:_TOP_LINES]:
        parted = _STATE.search(line.text) if line.page == 0 else None
        found += [line] if parted is None else _parted(line, parted.start(), parted.end())
    return [*found, *lines[_TOP_LINES:]]


def _parted(line: Line, end: int, start: int) -> list[Line]:
    """:param end: of the text on the left. :param start: of that on the right."""
    left = right = line.box
    if line.box is not None:
        begins, bottom, ends, top = line.box
        middle = begins + (ends - begins) * (end + start) / 2 / len(line.text)
        left, right = (begins, bottom, middle, top), (middle, bottom, ends, top)
    part = msgspec.structs.replace
    return [
        part(line, text=line.text[:end], side=Side.LEFT, centred=None, box=left),
        part(line, text=line.text[start:], side=Side.RIGHT, centred=None, box=right),
    ]


def headings(lines: Sequence[Line]) -> list[str]:
    """What stands in capitals in the head of page one, where kinds of documents have their names."""
    shown = [line for line in _head([line for line in lines if line.page == 0]) if line.side is not Side.LEFT]
    return [line.text[:_MAX_HEADING] for line in shown if _is_capitals(line.text)][:_MAX_HEADINGS]


def head_of(lines: Sequence[Line]) -> list[Line]:
    """The lines of page one above the body."""
    return _head([line for line in lines if line.page == 0])


def _head(first: Sequence[Line]) -> list[Line]:
    """The lines above the body of page one, which begins with the grounds, the addressee or the first article."""
    shown = [line for line in first if line.text][: _HEAD_LINES * 2]
    for index, line in enumerate(shown):
        if line.side is not Side.RIGHT and _OPENING.match(line.text):
            return shown[:index]
    return shown[:_HEAD_LINES]


def _number_and_symbol(head: Sequence[Line]) -> tuple[str | None, str | None]:
    for line in sorted(head, key=lambda line: line.side is not Side.LEFT):
        found = _NUMBER.match(line.text)
        if found is None:
            continue
        symbol = re.sub(r"\s+", "", found["symbol"]).replace("–", "-")
        if any(letter.isupper() for letter in symbol):
            return found["number"], symbol
    return None, None


def _date(head: Sequence[Line]) -> dt.date | None:
    for index, line in enumerate(head):
        found = _DATE.search(line.text)
        if found is None and _OPEN_DATE.search(line.text):
            following = next((other for other in head[index + 1 :] if other.side is line.side), None)
            found = _DATE.search(f"{line.text} {following.text}") if following is not None else None
        if found is None:
            continue
        try:
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            return None
    return None


def _gap(above: Line | None, line: Line) -> float:
    """Blank between two lines in points; 0 where they have no places."""
    return above.box[1] - line.box[3] if above is not None and above.box and line.box else 0.0


def _apart(above: Line, line: Line, usual: float) -> bool:
    """Whether a line is set further off than its neighbours.

    :param usual: blank between lines of the same part, in points.
    """
    return line.spaced and (line.box is None or _gap(above, line) > usual * 1.3)


def _is_capitals(text: str) -> bool:
    return text.isupper() and not _RULE.match(text)


def _heading(head: Sequence[Line]) -> tuple[Line | None, DocumentType | None, str]:
    """The line with the type's name in capitals, the type, and what of the summary stands on the same line."""
    kinds = types_by_heading()
    copy: tuple[Line, DocumentType] | None = None
    for line in head:
        if line.side is Side.LEFT:
            continue
        kind = kinds.get(spelling_key(line.text)) if _is_capitals(line.text) else None
        if kind is not None and not kind.is_copy:
            return line, kind, ""
        if kind is not None and copy is None:
            copy = line, kind
        if kind is None and line.side is Side.ACROSS:
            words = line.text.split(" ")
            for count in (2, 3):
                opening = " ".join(words[:count])
                kind = kinds.get(spelling_key(opening)) if _is_capitals(opening) and len(words) > count else None
                if kind is not None and not kind.is_copy and not words[count].startswith((":", "-")):
                    return line, kind, " ".join(words[count:])
    if copy is not None:
        return copy[0], copy[1], ""
    return None, None, ""


def _summary_below(lines: Sequence[Line], heading: Line, rest: str) -> str | None:
    parts = [rest] if rest else []
    start = next(index for index, line in enumerate(lines) if line is heading)
    above, usual = heading, 0.0
    for line in lines[start + 1 :]:
        if line.side is not Side.ACROSS and line.centred is not True:
            continue
        if not line.text:
            if parts:
                break
            continue
        if _RULE.match(line.text):
            break
        if parts and (
            _apart(above, line, usual)
            or line.centred is False
            or (above.bold is True and line.bold is False)
            or (_is_capitals(line.text) and not _is_capitals(parts[-1]))
        ):
            break
        if not parts and (line.centred is False or (heading.bold is True and line.bold is False and line.spaced)):
            break
        if _BODY.match(line.text) or _NUMBER.match(line.text) or _NOTE.match(line.text):
            break
        if _is_capitals(line.text) and _AUTHOR.match(line.text):
            break
        parts.append(line.text)
        above, usual = line, usual or _gap(above, line)
        if len(parts) == _MAX_SUMMARY_LINES:
            break
    return _joined(parts)


def _letter(head: Sequence[Line], first: Sequence[Line]) -> tuple[str, str | None] | None:
    """An official letter: ``V/v …`` under the number, or an addressee without any type's name."""
    for index, line in enumerate(head):
        if line.side is Side.RIGHT or not _ABOUT.match(line.text):
            continue
        parts = [_ABOUT.sub("", line.text)]
        before = next((other for other in reversed(head[:index]) if other.side is line.side), None)
        above, usual = line, _gap(before, line)
        for further in head[index + 1 :]:
            if further.side is not line.side:
                continue
            if (
                _apart(above, further, usual)
                or _RULE.match(further.text)
                or _DATE.search(further.text)
                or secrecy_of(further.text)
                or urgency_of(further.text)
            ):
                break
            if len(parts) == _MAX_SUMMARY_LINES or _is_capitals(further.text):
                break
            parts.append(further.text)
            above = further
        return OFFICIAL_LETTER, _joined(parts)
    if any(_ADDRESSEE.match(line.text) for line in first[: _HEAD_LINES * 2]):
        return OFFICIAL_LETTER, None
    return None


def _joined(parts: Sequence[str]) -> str | None:
    text = clean(" ".join(parts)).rstrip(" .;:,_-")
    return text[:_MAX_SUMMARY] or None


def _issuer(head: Sequence[Line]) -> str | None:
    """The agency's name in capitals, top left; the superior agency above it is set in lighter type (II.2.b)."""
    names: list[Line] = []
    for line in head:
        if line.side is not Side.LEFT:
            continue
        if not _is_capitals(line.text) or _is_mark(line.text) or _NUMBER.match(line.text):
            if names:
                break
            continue
        names.append(line)
    own = [line for line in names if line.bold]
    return clean(" ".join(line.text for line in own or names)) or None


def _is_mark(text: str) -> bool:
    return secrecy_of(text) is not None or urgency_of(text) is not None


def signature_blocks(lines: Sequence[Line]) -> list[SignatureBlock]:
    """Titles and names of those who sign, each block once, that of the issuing agency first: beside ``Nơi nhận``, then
    below lines such as ``TM.`` or ``KT.``. A document of several agencies has one for each (appendix I, part I, II.7).
    """
    found: dict[int, SignatureBlock] = {}
    for block in _blocks(lines):
        found.setdefault(id(block.title[0]), block)
    return list(found.values())


def _blocks(lines: Sequence[Line]) -> Iterator[SignatureBlock]:
    for index, line in enumerate(lines):
        if _RECIPIENTS.match(line.text) and line.side is not Side.RIGHT:
            if line.box is not None:
                limit = line.box[3] + 70
                page = [other for other in lines if other.page == line.page and other.side is Side.RIGHT and other.text]
                beside = [other for other in page if other.box is not None and other.box[1] < limit]
            else:
                beside = [other for other in lines[index:] if other.side is Side.RIGHT and other.text]
                beside = beside or [other for other in lines[max(0, index - 12) : index] if other.side is Side.RIGHT]
            block = _block_of(beside)
            if block is not None:
                yield block
    authorities = [(index, line) for index, line in enumerate(lines) if _AUTHORITY.match(line.text)]
    for index, line in sorted(authorities, key=lambda one: one[1].side is Side.LEFT):
        near = [other for other in lines[index : index + 24] if other.page == line.page]
        block = _block_of([other for other in near if other.side is line.side and other.text])
        if block is not None and block.name is not None:
            yield block


def _block_of(lines: Sequence[Line]) -> SignatureBlock | None:
    title: list[Line] = []
    for line in lines:
        if _NOTE.match(line.text) or _RULE.match(line.text):
            continue
        if _is_capitals(line.text) and not _DATE.search(line.text):
            title.append(line)
        elif title and _is_name(line.text):
            return SignatureBlock(tuple(title[:6]), line)
        elif title and len(title) >= 1 and line.text.islower():
            break
    return SignatureBlock(tuple(title[:6]), None) if title else None


_RANKS = re.compile(
    r"^(?:(?:GS|PGS|TS|ThS|BS|KS|CN|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy|Thiếu tướng|Trung tướng|Dr)\.?\s*)+",
    re.IGNORECASE,
)


def _is_name(text: str) -> bool:
    words = _RANKS.sub("", text).split(" ")
    return 2 <= len(words) <= 7 and all(re.sub("[-'’]", "", word).isalpha() and word[0].isupper() for word in words)


def _title(lines: Sequence[Line]) -> str | None:
    """One line: what follows ``TM. …`` or ``KT. …`` is parted by a comma, a title over several lines joined."""
    text = previous = ""
    for line in lines:
        if previous:
            text += ", " if _AUTHORITY.match(previous) else " "
        text += line.text
        previous = line.text
    return text or None
