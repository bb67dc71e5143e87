"""The legend above a chart: which line is which, and what its value is at the cursor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from initplay.charts.series import Series
from initplay.charts.sheet import FILLER, Line, cut, span_width
from initplay.words.numbers import short

_VALUE_WIDTH = 7
"""Room kept for a value, so that the legend stays where it is while the value changes."""
_GAP = 2
_BANDS, _VALUES = 2, 1
"""How much is said beside the names: values with the edges of bands, values."""
_SHORTEST = 5
"""Characters that a name keeps at least."""


def legend(
    series: Sequence[Series],
    others: Sequence[Line],
    cursor: float | None,
    width: int,
    most: int,
    *,
    ascii: bool = False,
) -> list[Line]:
    """At most `most` (≥ 1) rows: an entry for each series, then `others`, with as much said as fits. Names
    that do not fit lose first what all of them say, then their middles; of what has no room even so, it is
    said how many there are."""
    # Behind a name that ends in a digit a value seems to go on with it.
    colon = ":" * any(one.name[-1:].isdigit() for one in series)
    for detail in (_BANDS, _VALUES):
        entries = (_entry(one, series, cursor, detail, colon) for one in series)
        if rows := _packed(chain(entries, others), width, most):
            return rows
    mark = "~" if ascii else "…"
    for names, longest in _shorter_and_shorter([one.name for one in series]):
        short_names = (_both_ends(name, longest, mark) for name in names)
        if rows := _packed(chain(map(_named, series, short_names), others), width, most):
            return rows
    named = [_named(one, _both_ends(name, longest, mark)) for one, name in zip(series, names, strict=True)]
    return _cut_short([*named, *others], width, most)


def _named(one: Series, name: str) -> Line:
    return [(one.mark, one.role), (f" {name}", "label")]


def _shorter_and_shorter(names: Sequence[str]) -> Iterator[tuple[Sequence[str], int]]:
    """The names and the most characters of each: all, without what all say, and then fewer and fewer."""
    longest = max(map(len, names), default=0)
    yield names, longest
    names = without_what_all_say(names)
    longest = max(map(len, names), default=0)
    for most in (longest, *range(longest - 1, _SHORTEST - 1, -1)):
        yield names, most


def without_what_all_say(names: Sequence[str]) -> list[str]:
    """The names, all but the first of those that are alike without the words that they have in common, place
    by place: "sample 1, neuron 2" and "sample 2, neuron 2" become that and "2"."""
    words = [name.split() for name in names]
    found = list(names)
    for count in {len(of_one) for of_one in words if len(of_one) > 1}:
        alike = [place for place, of_one in enumerate(words) if len(of_one) == count]
        differs = [len({words[place][at] for place in alike}) > 1 for at in range(count)]
        for place in alike[1:]:
            kept = [word for word, says_more in zip(words[place], differs, strict=True) if says_more]
            found[place] = " ".join(kept).rstrip(",") or names[place]
    return found if len(set(found)) == len(set(names)) else list(names)


def _both_ends(name: str, most: int, mark: str) -> str:
    """At most `most` characters of a name: names of a kind often differ at their ends."""
    if len(name) <= most:
        return name
    head = most // 2
    end = name[len(name) - (most - head - 1) :].lstrip(FILLER).lstrip()
    return f"{cut(name, head + 1)[:-1].rstrip()}{mark}{end}"


def _cut_short(entries: Sequence[Line], width: int, most: int) -> list[Line]:
    """As many entries as have room, and how many more there are."""
    left = iter(entries)
    _packed(left, width, most)  # up to the first that does not fit
    fitting = len(entries) - len(list(left)) - 1
    for kept in range(fitting, 0, -1):
        more: Line = [(f"+{len(entries) - kept} more", "muted")]
        if rows := _packed([*entries[:kept], more], width, most):
            return rows
    return [list(entries[0])] if entries else [[]]


def in_a_row(entries: Sequence[Line]) -> Line:
    """The entries beside each other."""
    row: Line = []
    for entry in entries:
        if row:
            row.append((" " * _GAP, "label"))
        row.extend(entry)
    return row


def _packed(entries: Iterable[Line], width: int, most: int) -> list[Line] | None:
    """The entries in rows; None where those are more than `most`, without a look at what comes after."""
    rows: list[Line] = [[]]
    taken = 0
    for entry in entries:
        wide = span_width(entry)
        if taken and taken + _GAP + wide > width:
            if len(rows) == most:
                return None
            rows.append([])
            taken = 0
        if taken:
            rows[-1].append((" " * _GAP, "label"))
            taken += _GAP
        rows[-1].extend(entry)
        taken += wide
    return rows


def _entry(one: Series, series: Sequence[Series], cursor: float | None, detail: int, colon: str) -> Line:
    curve, number = one.curve, _number_at(one, series, cursor)
    with_edges = detail == _BANDS and curve.is_band
    text, role = "", "label"
    if number is not None:
        text = short(curve.y[number])
        role = "label" if math.isfinite(curve.y[number]) else "warn"
        text += f" [{short(curve.low[number])}, {short(curve.high[number])}]" if with_edges else ""
    width = _VALUE_WIDTH * 3 if with_edges else _VALUE_WIDTH
    between = colon if text else " " * len(colon)
    return [
        (one.mark, one.role),
        (f" {one.name}", "label"),
        (f"{between} {text:<{width}}", role),
    ]


def _number_at(one: Series, series: Sequence[Series], cursor: float | None) -> int | None:
    """The index of the point whose value is shown: the newest; for theory, the one nearest to it in x."""
    curve = one.curve
    if one.is_measured:
        return one.past - 1 if one.past else None
    measured = (other.curve.x[other.past - 1] for other in series if other.past and other.is_measured)
    x = cursor if cursor is not None else next(measured, None)
    if x is None:
        return None
    finite = (number for number in one.numbers() if math.isfinite(curve.x[number]))
    return min(finite, key=lambda number: abs(curve.x[number] - x), default=None)
