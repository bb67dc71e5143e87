"""Which curves of a crowd are drawn: as many as a frame has time for, more than anybody tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from initplay.charts.series import Series

ROOM = 60_000
"""What there is time for in one drawing, in points of a line whose x are those of the line before: 8 ms."""
_A_LINE, _A_BAND = 800, 4_000
"""In such points, what a curve takes besides; the edges of a band are dotted."""
_A_LOOK = 30
"""And what a curve takes that is not drawn."""
_OF_ITS_OWN_X, _OUT_OF_ORDER, _WITH_GAPS = 4, 2, 3
"""And what a point takes besides, where x are the curve's own, where they do not rise, and where points have
no place."""
_DECIMATED, _DECIMATED_BAND = 4_900, 27_000
"""What a curve takes of which few points stand for many. How few changes as it grows, and what is drawn of a
run that goes on shall not: so this is no less than what the longest line takes that is drawn whole."""
_LEAST_SHARE = 2 / 3
"""Of the room, which pinned runs leave to the one that is shown."""
_GOLDEN = (5**0.5 - 1) / 2


def drawn_of(
    shown: Sequence[Series], behind: Sequence[Sequence[Series]], *, log_y: bool
) -> tuple[list[Series], list[list[Series]]]:
    """Of the run that is shown and of those behind it, the curves that are drawn: all if there is room."""
    work_behind = [_work(pinned, log_y) for pinned in behind]
    room = max(ROOM - _A_LOOK * sum(map(len, [shown, *behind])), 0)
    kept_free = min(sum(map(sum, work_behind)), (1 - _LEAST_SHARE) * room)
    drawn, taken = _spread(shown, _work(shown, log_y), room - kept_free, log_y)
    left = max(room - taken, 0)
    drawn_behind: dict[int, list[Series]] = {}
    # Who needs little leaves the rest to the others.
    for number in sorted(range(len(behind)), key=lambda number: sum(work_behind[number])):
        share = left / (len(behind) - len(drawn_behind))
        drawn_behind[number], taken = _spread(behind[number], work_behind[number], share, log_y)
        left = max(left - taken, 0)
    return drawn, [drawn_behind[number] for number in range(len(behind))]


def _spread(
    several: Sequence[Series], work: Sequence[int], room: float, log_y: bool
) -> tuple[list[Series], int]:
    """Those there is room for, at least one, and the room that they take: the lowest, the highest, the first,
    the last, and others at even distances; none of which nothing is seen.

    The multiples of the golden ratio, less their whole parts, are spread evenly however many there are
    (Knuth, The Art of Computer Programming, volume 3, section 6.4). So one that comes or leaves moves no
    other.
    """
    if sum(work) <= room:
        return list(several), sum(work)
    ends = {number: one.decimation.y.ends(log_y) for number, one in enumerate(several)}
    seen = [number for number, its in ends.items() if its] or [0]
    outermost = {seen[0], seen[-1]}
    if ends[seen[0]]:
        outermost |= {min(seen, key=lambda number: ends[number][0]), max(seen, key=lambda n: ends[n][1])}
    kept: list[int] = []
    taken = 0
    for number in sorted(seen, key=lambda number: (number not in outermost, number * _GOLDEN % 1)):
        if kept and taken + work[number] > room:
            break
        kept.append(number)
        taken += work[number]
    return [several[number] for number in sorted(kept)], taken


def _work(several: Sequence[Series], log_y: bool) -> list[int]:
    """What it takes to draw each of them, in points."""
    return [_work_of(one, before, log_y) for before, one in pairwise([*several[:1], *several])]


def _work_of(one: Series, before: Series, log_y: bool) -> int:
    points = one.decimation
    if points.is_decimated:
        return _DECIMATED_BAND if one.curve.is_band else _DECIMATED
    of_a_point = lines = 3 if one.curve.is_band else 1
    # In the middle of a step one may have a point more than the other.
    both = min(len(one.curve.x), len(before.curve.x))
    if memoryview(before.curve.x)[:both] != memoryview(one.curve.x)[:both]:
        of_a_point += _OF_ITS_OWN_X
    if not points.x_rises:
        of_a_point += _OUT_OF_ORDER
    if not (points.y.is_finite and points.edges.is_finite) or (log_y and points.y.low <= 0):
        of_a_point += lines * _WITH_GAPS
    # By the hundred, so that what is drawn of a run that goes on changes now and then.
    count = -(-len(one.curve.x) // 100) * 100
    return (_A_BAND if one.curve.is_band else _A_LINE) + of_a_point * count
