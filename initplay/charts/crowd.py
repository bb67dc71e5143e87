"""Which curves of a crowd are drawn: as many as a frame has time for, more than anybody tells apart."""

from __future__ import annotations

from collections.abc import Sequence

from initplay.charts.series import Series

ROOM = 64_000
"""What there is time for in one drawing, in points of a line whose x are those of the line before: 8 ms."""
_A_LINE = 1_000
"""In such points, what a line takes besides."""
_OF_ITS_OWN_X, _OUT_OF_ORDER, _WITH_GAPS = 3, 2, 3
"""And what a point takes besides, where x are the line's own, where they do not rise, and where points have
no place."""
_DECIMATED = 5
"""What a point takes that stands for many: there are few, far from each other."""
_LINES_OF_A_BAND = 3
_LEAST_SHARE = 2 / 3
"""Of the room, which pinned runs leave to the one that is shown."""
_GOLDEN = (5**0.5 - 1) / 2


def drawn_of(
    shown: Sequence[Series], behind: Sequence[Sequence[Series]], *, log_y: bool
) -> tuple[list[Series], list[list[Series]]]:
    """Of the run that is shown and of those behind it, the curves that are drawn: all if there is room."""
    work = _work(shown, log_y)
    work_behind = [_work(pinned, log_y) for pinned in behind]
    reserved = min(sum(map(sum, work_behind)), (1 - _LEAST_SHARE) * ROOM)
    numbers = _spread(shown, work, ROOM - reserved)
    left = ROOM - sum(work[number] for number in numbers)
    drawn_behind = [
        [pinned[number] for number in _spread(pinned, its, left / len(behind))]
        for pinned, its in zip(behind, work_behind, strict=True)
    ]
    return [shown[number] for number in numbers], drawn_behind


def _spread(several: Sequence[Series], work: Sequence[int], room: float) -> Sequence[int]:
    """The numbers of those there is room for, at least one: the first, the last, the lowest, the highest, and
    others at even distances.

    The multiples of the golden ratio, less their whole parts, are spread evenly however many there are
    (Knuth, The Art of Computer Programming, volume 3, section 6.4). So one that comes or leaves moves no
    other.
    """
    numbers = range(len(several))
    if sum(work) <= room:
        return numbers
    outermost = {
        numbers[0],
        numbers[-1],
        min(numbers, key=lambda number: several[number].decimation.y.low),
        max(numbers, key=lambda number: several[number].decimation.y.high),
    }
    kept: list[int] = []
    for number in sorted(numbers, key=lambda number: (number not in outermost, number * _GOLDEN % 1)):
        room -= work[number]
        if kept and room < 0:
            break
        kept.append(number)
    return sorted(kept)


def _work(several: Sequence[Series], log_y: bool) -> list[int]:
    """What it takes to draw each of them, in points."""
    works: list[int] = []
    for before, one in zip([*several[:1], *several], several, strict=False):
        numbers, points = one.numbers(), one.decimation
        of_a_point = 1
        if not isinstance(numbers, range):
            of_a_point = _DECIMATED
        elif memoryview(before.curve.x) != memoryview(one.curve.x):
            of_a_point += _OF_ITS_OWN_X
        if not points.x_rises:
            of_a_point += _OUT_OF_ORDER
        if not (points.y.is_finite and points.edges.is_finite) or (log_y and points.y.low <= 0):
            of_a_point += _WITH_GAPS
        lines = _LINES_OF_A_BAND if one.curve.is_band else 1
        works.append(lines * (_A_LINE + of_a_point * len(numbers)))
    return works
