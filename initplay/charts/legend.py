"""The legend above a chart: which line is which, and what its value is at the cursor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from initplay.charts.series import Series
from initplay.charts.sheet import Line, span_width
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
    for detail in (_BANDS, _VALUES):
        entries = [_entry(one, series, cursor, detail) for one in series]
        if len(rows := _packed([*entries, *others], width)) <= most:
            return rows
    entries = []
    for names in _shorter_and_shorter([one.name for one in series], "~" if ascii else "…"):
        named = [
            [(one.mark, one.role), (f" {name}", "label")] for one, name in zip(series, names, strict=True)
        ]
        entries = [*named, *others]
        if len(rows := _packed(entries, width)) <= most:
            return rows
    return _cut_short(entries, width, most)


def _shorter_and_shorter(names: Sequence[str], mark: str) -> Iterator[Sequence[str]]:
    """The names, without what all say, and then with less and less of the middle of the longest."""
    yield names
    yield (names := without_what_all_say(names))
    for most in range(max(map(len, names), default=0) - 1, _SHORTEST - 1, -1):
        yield [_both_ends(name, most, mark) for name in names]


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
    return f"{name[:head].rstrip()}{mark}{name[len(name) - (most - head - 1) :].lstrip()}"


def _cut_short(entries: Sequence[Line], width: int, most: int) -> list[Line]:
    """As many entries as have room, and how many more there are."""
    for kept in range(len(entries) - 1, 0, -1):
        more: Line = [(f"+{len(entries) - kept} more", "muted")]
        if len(rows := _packed([*entries[:kept], more], width)) <= most:
            return rows
    return _packed(entries[:1], width)


def in_a_row(entries: Sequence[Line]) -> Line:
    """The entries beside each other."""
    row: Line = []
    for entry in entries:
        if row:
            row.append((" " * _GAP, "label"))
        row.extend(entry)
    return row


def _packed(entries: Sequence[Line], width: int) -> list[Line]:
    rows: list[Line] = [[]]
    for entry in entries:
        if rows[-1] and span_width(rows[-1]) + _GAP + span_width(entry) > width:
            rows.append([])
        if rows[-1]:
            rows[-1].append((" " * _GAP, "label"))
        rows[-1].extend(entry)
    return rows


def _entry(one: Series, series: Sequence[Series], cursor: float | None, detail: int) -> Line:
    entry: Line = [(one.mark, one.role), (f" {one.name}", "label")]
    curve, number = one.curve, _number_at(one, series, cursor)
    with_edges = detail == _BANDS and curve.is_band
    text, role = "", "label"
    if number is not None:
        text = short(curve.y[number])
        role = "label" if math.isfinite(curve.y[number]) else "warn"
        text += f" [{short(curve.low[number])}, {short(curve.high[number])}]" if with_edges else ""
    return [*entry, (f" {text:<{_VALUE_WIDTH * 3 if with_edges else _VALUE_WIDTH}}", role)]


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
