"""Which page of the signed revision became which page of the document now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.verification.changes.model import PageKind, PagePair
from app.verification.changes.page_comparer import Seen

#: Longer runs of altered pages are paired in order: finding the best pairs takes the product of their lengths.
_MOST_WEIGHED = 60

#: What pairing two pages is worth though they have no word in common, as scans have not.
_PAIRED = 0.01


@dataclass(frozen=True)
class Step:
    """A pair of pages.

    :ivar kind: what became of them, where no picture needs to be compared to know it.
    """

    pair: PagePair
    kind: PageKind | None = None
    is_same: bool = False


def aligned(before: Sequence[Seen], after: Sequence[Seen], cut: tuple[bool, bool]) -> list[Step]:
    """Pages that are the same stay together, those between them are paired by the words they have in common; what is
    left over was removed or added, or moved where the same page stands elsewhere.

    :param before, after: the first pages of the two revisions, in order.
    :param cut: whether further pages follow in the one or the other; then what is left over at the end is not known to
        be added or removed.
    :return: in the order of the document now.
    """
    if (in_place := _in_place(before, after)) is not None:
        return in_place
    steps: list[Step] = []
    for tag, start, end, start_now, end_now in _matcher(before, after).get_opcodes():
        if tag == "equal":
            steps += [Step(PagePair(start + at, start_now + at), is_same=True) for at in range(end - start)]
            continue
        for old, new in _paired(before[start:end], after[start_now:end_now]):
            pair = PagePair(None if old is None else start + old, None if new is None else start_now + new)
            steps.append(Step(pair, _kind(pair)))
    return _with_moves([step for step in steps if not _is_unknown(step, before, after, cut, steps)], before, after)


def _matcher(before: Sequence[Seen], after: Sequence[Seen]) -> SequenceMatcher[tuple[bytes, bytes]]:
    return SequenceMatcher(None, [_key(seen) for seen in before], [_key(seen) for seen in after], autojunk=False)


def _in_place(before: Sequence[Seen], after: Sequence[Seen]) -> list[Step] | None:
    """Every page with that of its number, where the revisions have as many pages and no other way finds more that
    stayed the same; documents may have many pages that are alike."""
    if not before or before[0].pages != after[0].pages:
        return None
    same = [_key(one) == _key(other) for one, other in zip(before, after, strict=True)]
    if sum(same) < sum(block.size for block in _matcher(before, after).get_matching_blocks()):
        return None
    return [Step(PagePair(page, page), is_same=is_same) for page, is_same in enumerate(same)]


def _key(seen: Seen) -> tuple[bytes, bytes]:
    return seen.picture, seen.words


def _kind(pair: PagePair) -> PageKind | None:
    if pair.before is None:
        return PageKind.ADDED
    return PageKind.REMOVED if pair.after is None else None


def _is_unknown(
    step: Step, before: Sequence[Seen], after: Sequence[Seen], cut: tuple[bool, bool], steps: Sequence[Step]
) -> bool:
    """Whether a page left over has no partner only because the pages behind it were not looked at."""
    if step.kind is None or not any(cut):
        return False
    paired = [known.pair for known in steps if known.kind is None]
    last = paired[-1] if paired else PagePair(-1, -1)
    if step.kind is PageKind.REMOVED:
        return cut[1] and (step.pair.before or 0) > (last.before or 0)
    return cut[0] and (step.pair.after or 0) > (last.after or 0)


def _paired(before: Sequence[Seen], after: Sequence[Seen]) -> Iterator[tuple[int | None, int | None]]:
    """The pairs, in order, that have most words in common together."""
    rows, columns = len(before), len(after)
    if rows == columns or max(rows, columns) > _MOST_WEIGHED:
        both = min(rows, columns)
        yield from ((at, at) for at in range(both))
        yield from ((at, None) for at in range(both, rows))
        yield from ((None, at) for at in range(both, columns))
        return
    worth = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            together = worth[row + 1][column + 1] + _PAIRED + _likeness(before[row], after[column])
            worth[row][column] = max(together, worth[row + 1][column], worth[row][column + 1])
    row = column = 0
    while row < rows or column < columns:
        here = worth[row][column]
        if row < rows and (column == columns or (here == worth[row + 1][column] and rows - row > columns - column)):
            yield row, None
            row += 1
        elif column < columns and (row == rows or here == worth[row][column + 1]):
            yield None, column
            column += 1
        elif here == worth[row + 1][column]:
            yield row, None
            row += 1
        else:
            yield row, column
            row, column = row + 1, column + 1


def _likeness(one: Seen, other: Seen) -> float:
    """Words in common, 0 to 1 (Jaccard, estimated from the sketches)."""
    union = one.sketch | other.sketch
    return len(one.sketch & other.sketch) / len(union) if union else 0.0


def _with_moves(steps: Sequence[Step], before: Sequence[Seen], after: Sequence[Seen]) -> list[Step]:
    """An added page that is the same as a removed one was moved."""
    removed: dict[tuple[bytes, bytes], list[int]] = {}
    for step in steps:
        if step.pair.after is None and step.pair.before is not None:
            removed.setdefault(_key(before[step.pair.before]), []).append(step.pair.before)
    moved: dict[int, int] = {}
    for step in steps:
        if step.pair.before is None and step.pair.after is not None:
            sources = removed.get(_key(after[step.pair.after]))
            if sources:
                moved[step.pair.after] = sources.pop(0)
    gone = set(moved.values())
    return [
        Step(PagePair(moved[step.pair.after], step.pair.after), PageKind.MOVED)
        if step.pair.before is None and step.pair.after in moved
        else step
        for step in steps
        if not (step.pair.after is None and step.pair.before in gone)
    ]
