"""The cells of a sweep as one recording: curves over one knob, a map over two, a table of any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from initplay.lab.events import (
    NO_NUMBER,
    NOT_THERE,
    SHADES_FROM,
    Axes,
    Band,
    Cells,
    Picture,
    Point,
    Recorded,
)
from initplay.recording.run import Run, replay
from initplay.recording.seeds import Spread, spread
from initplay.sweep.cell import Cell
from initplay.sweep.grid import Grid
from initplay.words.numbers import short

MOST_ROWS = 200
"""Of the table."""
DECADES = 1_000
"""How much larger the largest is than the smallest from where on the axis is logarithmic."""


def summary(grid: Grid, facts: Sequence[str], cells: Iterable[Cell]) -> Run:
    """A chart for each fact where one or two knobs are swept, and a table of all settings; without
    `facts`, of all that a cell has."""
    return replay(events(grid, facts, cells))


def events(grid: Grid, facts: Sequence[str], cells: Iterable[Cell]) -> Iterator[Recorded]:
    """The summary as what is recorded of it, without a beginning and an ending."""
    found: dict[tuple[Any, ...], list[Cell]] = {}
    names: dict[str, None] = {}
    for cell in cells:
        names |= dict.fromkeys(cell.facts)
        found.setdefault(tuple(cell.knobs[name] for name in grid.swept), []).append(cell)
    in_order = (tuple(knobs[name] for name in grid.swept) for knobs in grid.settings())
    return _events(
        grid, facts or list(names), {setting: found[setting] for setting in in_order if setting in found}
    )


def _events(grid: Grid, facts: Sequence[str], at: dict[tuple[Any, ...], list[Cell]]) -> Iterator[Recorded]:
    for fact in facts:
        spreads = {setting: found for setting, some in at.items() if (found := _of(fact, some))}
        if len(grid.swept) == 1 and _is_numeric(*grid.swept.values()):
            yield from _curve(grid, fact, spreads)
        elif len(grid.swept) == 2:
            yield from _map(grid, fact, spreads)
    for setting in list(at)[:MOST_ROWS]:
        yield Cells("sweep", _row(grid, facts, setting, at[setting]))


def _of(fact: str, cells: Sequence[Cell]) -> Spread | None:
    numbers = [float(value) for cell in cells if isinstance(value := cell.facts.get(fact), int | float)]
    return spread(numbers) if numbers else None


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _curve(grid: Grid, fact: str, spreads: dict[tuple[Any, ...], Spread]) -> Iterator[Recorded]:
    (knob,) = grid.swept
    yield Axes(fact, x=knob, y=fact, log_x=knob in grid.logarithmic, log_y=_spans_decades(spreads.values()))
    for (value,), found in sorted(spreads.items()):
        if found.low == found.high:
            yield Point(fact, value, found.mid)
        else:
            yield Band(fact, value, *found)


def _spans_decades(spreads: Iterable[Spread]) -> bool:
    """Whether all but the largest would lie on 0."""
    ends = [end for found in spreads for end in (found.low, found.high) if math.isfinite(end)]
    return bool(ends) and min(ends) > 0 and max(ends) / min(ends) > DECADES


def _map(grid: Grid, fact: str, spreads: dict[tuple[Any, ...], Spread]) -> Iterator[Recorded]:
    """The first knob goes down, the second to the right; what is not there yet or no number is faint."""
    (down, rows), (right, columns) = grid.swept.items()
    mids = {setting: found.mid for setting, found in spreads.items() if math.isfinite(found.mid)}
    if not mids:
        return
    low, high = min(mids.values()), max(mids.values())
    log = _spans_decades(spreads.values())
    pixels = dict.fromkeys(spreads, NO_NUMBER)
    pixels |= {setting: _shade(mid, low, high, log) for setting, mid in mids.items()}
    yield Axes(fact, x=right, y=down)
    yield Picture(
        fact, 0, 1, len(rows), len(columns), low, high,
        bytes(pixels.get((row, column), NOT_THERE) for row in rows for column in columns),
        nonfinite=len(spreads) - len(mids), rows=_named(rows), columns=_named(columns), log=log,
    )  # fmt: skip


def _shade(value: float, low: float, high: float, log: bool) -> int:
    """From `SHADES_FROM` for the lowest to 255 for the highest; in the middle where all are the same."""
    if low == high:
        share = 0.5
    elif log:
        share = math.log(value / low) / math.log(high / low)
    else:
        share = (value - low) / (high - low)
    return SHADES_FROM + round(share * (255 - SHADES_FROM))


def _named(values: Sequence[Any]) -> list[str]:
    """What the rows or columns of a map are called."""
    return [short(value) if isinstance(value, float) else _in_words(value) for value in values]


def _in_words(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _row(grid: Grid, facts: Sequence[str], setting: tuple[Any, ...], cells: Sequence[Cell]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(grid.swept, setting, strict=True)) | {"runs": len(cells)}
    if broken := sum(cell.ending != "finished" for cell in cells):
        row["failed"] = broken
    for fact in facts:
        found = _of(fact, cells)
        if found is None:
            row[fact] = next((cell.facts[fact] for cell in cells if fact in cell.facts), None)
        else:
            row[fact] = found.mid
            if len(cells) > 1:
                row |= {f"{fact} low": found.low, f"{fact} high": found.high}
    return row
