"""Lines as bits: of each column of dots one number, whose lowest bit is the dot at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import add, or_

from initplay.charts.cells import CHARACTERS, DOTS_UP, Cells, joined
from initplay.charts.dots import GAP, Stroke, Trace
from initplay.charts.sheet import BLANK

Bits = list[int]

_ALL_FOUR = (1 << DOTS_UP) - 1
"""Times the lowest dot of a character, all dots of its column."""


def lined(traces: Iterable[Trace], width: int) -> Bits:
    """The dots of straight lines from each column of a trace to the next, and in each."""
    bits = [0] * width
    for trace in traces:
        x0, y0, low, high = GAP, 0, 0, 0
        for x1, first, last in zip(*trace, strict=True):
            lowest, highest = (first, last) if first < last else (last, first)
            if x1 == x0 + 1:  # up to halfway in that column, and from there in this one
                if first > y0:
                    half = (y0 + first) >> 1
                    if half > high:
                        high = half
                    if half < lowest:
                        lowest = half + 1
                elif first < y0:
                    half = (y0 + first + 1) >> 1
                    if half < low:
                        low = half
                    if half > highest:
                        highest = half - 1
                bits[x0] |= (2 << high) - (1 << low)
            elif x0 != GAP:
                bits[x0] |= (2 << high) - (1 << low)
                if x1 != GAP:
                    _slant(bits, x0, y0, x1, first)
            x0, y0, low, high = x1, last, lowest, highest
        if x0 != GAP:
            bits[x0] |= (2 << high) - (1 << low)
    return bits


def _slant(bits: Bits, x0: int, y0: int, x1: int, y1: int) -> None:
    """A line over columns between two that are drawn: one dot in each if it is flat, else one in each row."""
    run, rise = x1 - x0, y1 - y0
    twice = 2 * run
    if abs(rise) <= run:
        at = twice * y0 + run
        for x in range(x0 + 1, x1):
            at += 2 * rise
            bits[x] |= 1 << at // twice
    elif rise > 0:  # up to halfway to the next column
        bottom, at = 1 << y0, twice * y0 + rise
        for x in range(x0, x1):
            top = 2 << at // twice
            bits[x] |= top - bottom
            bottom = top
            at += 2 * rise
        bits[x1] |= (2 << y1) - bottom
    else:
        top, at = 2 << y0, twice * y0 + rise
        for x in range(x0, x1):
            bottom = 1 << -(-at // twice)
            bits[x] |= top - bottom
            top = bottom
            at += 2 * rise
        bits[x1] |= top - (1 << y1)


def dotted(traces: Iterable[Trace], width: int, height: int, every: int, dash: int) -> Bits:
    """Dashes of so many dots, at even distances along each piece."""
    bits = [0] * width
    upward, downward = _patterns(every, dash, height)
    below = _below(height)
    for trace in traces:
        x0, y0, far = GAP, 0, 0
        for x1, first, last in zip(*trace, strict=True):
            rise = first - y0
            if x1 == x0 + 1:
                if rise > 1:
                    drawn, half = upward[(far - y0) % every], below[y0 + rise // 2 + 1]
                    bits[x0] |= drawn & (half ^ below[y0 + 1])
                    bits[x1] |= drawn & (below[first + 1] ^ half)
                    far += rise
                elif rise < -1:
                    drawn, half = downward[-(far + y0) % every], below[y0 - -rise // 2]
                    bits[x0] |= drawn & (below[y0] ^ half)
                    bits[x1] |= drawn & (half ^ below[first])
                    far -= rise
                else:
                    far += 1
                    if far % every < dash:
                        bits[x1] |= 1 << first
            elif x1 == GAP:
                x0 = GAP
                continue
            elif x0 == GAP:
                far = 0
                bits[x1] |= 1 << first
            else:
                length = max(x1 - x0, abs(rise))
                for step in range(1, length + 1):
                    if (far + step) % every < dash:
                        x, y = x0 + round((x1 - x0) * step / length), y0 + round(rise * step / length)
                        bits[x] |= 1 << y
                far += length
            if last > first:
                bits[x1] |= upward[(far - first) % every] & (below[last + 1] ^ below[first + 1])
                far += last - first
            elif last < first:
                bits[x1] |= downward[-(far + first) % every] & (below[first] ^ below[last])
                far += first - last
            x0, y0 = x1, last
    return bits


@lru_cache
def _patterns(every: int, dash: int, height: int) -> tuple[list[int], list[int]]:
    """Which dots of a column a line has that goes up it, and one that goes down it: for each distance of the
    first dot of a dash from the bottom."""
    repeated = ((1 << every * (height // every + 2)) - 1) // ((1 << every) - 1)
    upward = ((1 << dash) - 1) * repeated
    downward = (1 | (1 << every) - (2 << every - dash)) * repeated
    return [upward >> by for by in range(every)], [downward >> by for by in range(every)]


@lru_cache
def _below(height: int) -> list[int]:
    """All dots of a column below each of its dots."""
    return [(1 << dot) - 1 for dot in range(height + 1)]


def put_bits(cells: Cells, drawn: Sequence[tuple[Stroke, Bits]], ascii: bool) -> None:
    """Strokes over what is there, the last on top: a character has the dots of all, and the role of the last
    that has one in it."""
    rows, last = len(cells), len(cells) - 1
    looks = [(stroke.character, stroke.role) for stroke, _ in reversed(drawn)]
    columns = list(zip(*(bits for _, bits in reversed(drawn)), strict=True))
    lefts, rights = (columns, columns) if ascii else (columns[::2], columns[1::2])
    bottoms = int("1" * rows, 2 if ascii else 16)  # the lowest dot of each character
    for column, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        all_left, all_right = reduce(or_, left), reduce(or_, right)
        free = (all_left if ascii else _bottoms_of(all_left | all_right)) & bottoms
        if not free:
            continue
        free_dots = free if ascii else _ALL_FOUR * free
        digits = map(add, f"{all_left:0{rows}x}", f"{all_right:0{rows}x}")
        characters = () if ascii else list(map(CHARACTERS.__getitem__, digits))
        for (character, role), dots in zip(looks, map(or_, left, right), strict=True):
            seen = dots & free_dots
            if not seen:
                continue
            own = seen if ascii else _bottoms_of(seen) & free
            free ^= own
            free_dots = free if ascii else _ALL_FOUR * free
            while own:
                top = own.bit_length() - 1
                own ^= 1 << top
                row = last - (top if ascii else top // DOTS_UP)
                line, cell = cells[row], (character if ascii else characters[row], role)
                line[column] = cell if line[column] is BLANK else joined(line[column], cell)
            if not free:
                break


def _bottoms_of(dots: int) -> int:
    """Of each character of a column, as its lowest bit, whether it has any of the dots; mind no other bit."""
    return dots | dots >> 1 | dots >> 2 | dots >> 3
