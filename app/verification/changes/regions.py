"""Where two pictures of a page differ, and which words stand there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from PIL import Image, ImageChops, ImageFilter

from app.documents.page_words import Word
from app.verification.changes.model import Box

#: Both pictures are drawn by the same program: less than this (of 255) is rounding.
_LEAST = 12
#: Side of the tiles by which pixels that differ are gathered.
_TILE = 8
#: Places told of one page; what is left is told as one.
MOST = 24
#: Letters told of one place.
_LONGEST = 160


def differing(before: Image.Image, after: Image.Image) -> list[Box]:
    """The places where two pictures of the same size differ, in reading order; empty where they are the same.

    Pixels that differ belong to one place where no more than two tiles lie between them, or four on one line.

    :return: at most :data:`MOST` boxes.
    """
    red, green, blue = ImageChops.difference(before, after).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    if most.getbbox() is None:
        return []
    marks = most.point([255 * (value >= _LEAST) for value in range(256)])
    tiles = marks.reduce(_TILE).point([255 * (value > 0) for value in range(256)])
    found: list[tuple[int, int, int, int]] = []
    for left, top, right, bottom in _connected(tiles):
        area = left * _TILE, top * _TILE, min(right * _TILE, marks.width), min(bottom * _TILE, marks.height)
        tight = marks.crop(area).getbbox()
        if tight is not None:
            found.append((area[0] + tight[0], area[1] + tight[1], area[0] + tight[2], area[1] + tight[3]))
    found.sort(key=lambda box: (box[1] // (2 * _TILE), box[0]))
    if len(found) > MOST:
        found = [*found[: MOST - 1], _union(found[MOST - 1 :])]
    width, height = before.size
    return [Box(box[0] / width, box[1] / height, box[2] / width, box[3] / height) for box in found]


def _connected(tiles: Image.Image) -> list[tuple[int, int, int, int]]:
    """Bounds, in tiles, of the groups of marked tiles."""
    width, height = tiles.size
    around = tiles.filter(ImageFilter.MaxFilter(3))
    for step in (-1, 1):
        around = ImageChops.lighter(around, around.crop((step, 0, width + step, height)))
    grown = bytearray(around.tobytes())
    marked = tiles.tobytes()
    groups: list[tuple[int, int, int, int]] = []
    for start in range(width * height):
        if not grown[start]:
            continue
        grown[start] = 0
        waiting, inside = [start], []
        while waiting:
            at = waiting.pop()
            if marked[at]:
                inside.append(divmod(at, width))
            row, column = divmod(at, width)
            for near_row in range(max(0, row - 1), min(height, row + 2)):
                for near in range(near_row * width + max(0, column - 1), near_row * width + min(width, column + 2)):
                    if grown[near]:
                        grown[near] = 0
                        waiting.append(near)
        rows, columns = zip(*inside, strict=True)
        groups.append((min(columns), min(rows), max(columns) + 1, max(rows) + 1))
    return groups


def _union(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def words_in(words: Sequence[Word], box: Box) -> list[Word]:
    """The words that a place touches, in the order of the page's content."""
    return [word for word in words if _touches(word, box)]


def _touches(word: Word, box: Box) -> bool:
    left, top, right, bottom = word.box
    middle = (box.top + box.bottom) / 2
    on_line = box.top <= word.middle <= box.bottom or top <= middle <= bottom
    return on_line and left < box.right and right > box.left


def different(before: Sequence[Word], after: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    """Old and new words without those that both begin or end with."""
    start = _alike(before, after)
    before, after = before[start:], after[start:]
    end = _alike(before[::-1], after[::-1])
    return before[: len(before) - end], after[: len(after) - end]


def _alike(before: Sequence[Word], after: Sequence[Word]) -> int:
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].text == pair[1].text, pairs))


def text_of(words: Sequence[Word]) -> str:
    """The words as told, cut at 160 letters."""
    text = " ".join(word.text for word in words)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def lines_of(words: Sequence[Word]) -> tuple[Box, ...]:
    """Where words stand: words of one line have one box. At most :data:`MOST`."""
    lines: list[Box] = []
    for word in words:
        left, top, right, bottom = word.box
        last = lines[-1] if lines else None
        if last is not None and last.top <= word.middle <= last.bottom and left >= last.left:
            lines[-1] = Box(last.left, min(last.top, top), max(last.right, right), max(last.bottom, bottom))
        else:
            lines.append(Box(left, top, right, bottom))
    return tuple(lines[:MOST])
