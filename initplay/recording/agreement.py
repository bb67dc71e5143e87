"""Whether two runs came to the same, in words: their results, and the curves and tables that both have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from initplay.recording.run import Run
from initplay.words.names import listed, spelled
from initplay.words.numbers import short_fact

MOST_NAMED = 3
"""Results, charts and tables that are told of."""
NEAR = 1e-3
"""The share by which points may differ that are the same to three digits."""
Place = tuple[str, str]
"""A chart and one of its series, or a table and nothing."""


def agreement(one: Run, other: Run) -> str:
    """What was compared and is the same, or which of the results are others; and where one of them has
    curves or tables that the other has not, which are its learner's own. `other` is the one that is shown."""
    if changed := _other_results(one, other):
        return changed
    before, after = dict(_parts(one)), dict(_parts(other))
    both = dict.fromkeys(place for place in before if place in after)
    exact = repr(one.facts) == repr(other.facts)
    differing = []
    for place in both:
        if before[place] != after[place]:
            exact = False
            if not _near(before[place], after[place]):
                differing.append(place[0])
    apart = [(name, series) for name, series in [*before, *after] if (name, series) not in both]
    # It comes first: who reads one line of the sentence is not to take the rest for all.
    rest = ""
    if apart:
        drawn = "is shown beside it" if set(apart) & after.keys() else "is drawn in the other run"
        rest = f"yours {drawn}, in {_named([name for name, _ in apart])}"
        rest += f"{_one_line(apart, before) or _one_line(apart, after)}; the rest has "
    if differing:
        return f"{rest}the same results, other numbers in {_named(differing)}"
    if not exact:
        return f"{rest}the same results to three digits, not to the last one"
    compared = ["results"]
    compared += ["curves"] * any(series for _, series in both) + ["tables"] * (not all(s for _, s in both))
    return f"{rest}the same {listed(compared)}"


def _one_line(apart: Sequence[Place], parts: Mapping[Place, list[list[Any]]]) -> str:
    """The first two curves of a chart that are one line, one of them the learner's own; of the run that has
    those."""
    for one, other in combinations(parts, 2):
        curves = one[0] == other[0] and (one in apart or other in apart)
        if curves and _near(parts[one], parts[other]):
            return f", where “{spelled(one[1])}” and “{spelled(other[1])}” are one line"
    return ""


def _other_results(one: Run, other: Run) -> str:
    before, after = one.facts, other.facts
    changed = [
        f"{spelled(name)} {shown} → {now}"
        for name in dict.fromkeys([*before, *after])
        if (shown := short_fact(before.get(name))) != (now := short_fact(after.get(name)))
    ]
    if not changed:
        return ""
    more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    return f"other results: {', '.join(changed[:MOST_NAMED])}{more}"


def _parts(run: Run) -> Iterator[tuple[Place, list[list[Any]]]]:
    """All curves and tables, by their places, as rows of values in which NaN is told as text."""
    for name, chart in run.charts.items():
        for curve in chart.curves.values():
            columns = (curve.x, curve.y, curve.low, curve.high)
            yield (name, curve.series or name), [[_value(v) for v in column] for column in columns]
    for name, rows in run.tables.items():
        yield (name, ""), [[_value(v) for pair in row.items() for v in pair] for row in rows.items]


def _value(value: Any) -> Any:
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def _near(one: list[list[Any]], other: list[list[Any]]) -> bool:
    if [len(row) for row in one] != [len(row) for row in other]:
        return False
    pairs = (pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True))
    return all(a == b or _near_numbers(a, b) for a, b in pairs)


def _near_numbers(a: Any, b: Any) -> bool:
    return isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=NEAR)


def _named(names: Sequence[str]) -> str:
    """Each once, in quotes: “a”, “b” and 2 more."""
    each = [f"“{spelled(name)}”" for name in dict.fromkeys(names)]
    more = len(each) - MOST_NAMED
    return listed([*each[:MOST_NAMED], f"{more} more"] if more > 0 else each)
