"""The legend above a chart: which line is which, and what its value is at the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from initplay.charts.series import Series
from initplay.charts.sheet import Line, span_width
from initplay.words.numbers import short

_VALUE_WIDTH = 7
"""Room kept for a value, so that the legend stays where it is while the value changes."""
_GAP = 2
_BANDS, _VALUES, _NAMES = 2, 1, 0
"""How much is said: values with the edges of bands, values, names alone."""


def legend(
    series: Sequence[Series], others: Sequence[Line], cursor: float | None, width: int, most: int
) -> list[Line]:
    """At most `most` (≥ 1) rows: an entry for each series, then `others`, with as much said as fits."""
    rows: list[Line] = [[]]
    for detail in (_BANDS, _VALUES, _NAMES):
        entries = [_entry(one, series, cursor, detail) for one in series]
        rows = _packed([*entries, *others], width)
        if len(rows) <= most:
            return rows
    rest = [span for row in rows[most:] for span in (("  ", "label"), *row)]
    return [*rows[: most - 1], [*rows[most - 1], *rest]]


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
    entry: Line = [(one.mark, one.role), (f" {one.curve.series}", "label")]
    if detail == _NAMES:
        return entry
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
