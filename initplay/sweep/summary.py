"""The cells of a sweep as one recording: of each fact a curve over one knob, a map over two, and a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
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
from initplay.recording.cell import Cell
from initplay.recording.level import first_shade_at
from initplay.recording.run import Run, replay
from initplay.recording.seeds import Spread, spread
from initplay.sweep.grid import Grid
from initplay.words.numbers import short

MOST_ROWS = 200
"""Of a table."""
MOST_COLUMNS = 8
"""Of numbers beside each other, where a table is laid out as a map is."""
_NO_LEVELS: Mapping[str, float] = {}
DECADES = 1_000
"""How much larger the largest is than the smallest from where on the axis is logarithmic."""


def summary(
    grid: Grid, facts: Sequence[str], cells: Iterable[Cell], levels: Mapping[str, float] = _NO_LEVELS
) -> Run:
    """A chart for each fact where one or two knobs are swept, and a table for each; without `facts`, for all
    that a cell has. `levels` has, of some facts, a value that parts the settings: charts show where."""
    return replay(events(grid, facts, cells, levels))


def events(
    grid: Grid, facts: Sequence[str], cells: Iterable[Cell], levels: Mapping[str, float] = _NO_LEVELS
) -> Iterator[Recorded]:
    """The summary as what is recorded of it, without a beginning and an ending."""
    found: dict[tuple[Any, ...], list[Cell]] = {}
    names: dict[str, None] = {}
    for cell in cells:
        names |= dict.fromkeys(cell.facts)
        found.setdefault(tuple(cell.knobs[name] for name in grid.swept), []).append(cell)
    in_order = {setting: found[setting] for setting in _places(grid) if setting in found}
    return _events(grid, facts or fullest_first(names, chain(*found.values())), in_order, levels)


def fullest_first(facts: Iterable[str], cells: Iterable[Cell]) -> list[str]:
    """In their order but for the first: that is one that no other has more numbers of, since the first
    picture is the one that is looked at."""
    counts = dict.fromkeys(facts, 0)
    for cell in cells:
        for fact in counts:
            value = cell.facts.get(fact)
            counts[fact] += isinstance(value, int | float) and math.isfinite(value)
    fullest = sorted(counts, key=lambda fact: -counts[fact])[:1]
    return list(dict.fromkeys([*fullest, *counts]))


def _places(grid: Grid) -> Iterator[tuple[Any, ...]]:
    """The values of what is swept, at each setting in order."""
    return (tuple(knobs[name] for name in grid.swept) for knobs in grid.settings())


def _events(
    grid: Grid, facts: Sequence[str], at: dict[tuple[Any, ...], list[Cell]], levels: Mapping[str, float]
) -> Iterator[Recorded]:
    for fact in facts:
        spreads = {setting: found for setting, some in at.items() if (found := _of(fact, some))}
        if len(grid.swept) == 1 and _is_numeric(*grid.swept.values()):
            yield from _curve(grid, fact, spreads, levels.get(fact))
        elif len(grid.swept) == 2:
            yield from _map(grid, fact, spreads, levels.get(fact))
    for fact in facts:
        yield from _table(grid, fact, at)


def _of(fact: str, cells: Sequence[Cell]) -> Spread | None:
    numbers = [float(value) for cell in cells if isinstance(value := cell.facts.get(fact), int | float)]
    return spread(numbers) if numbers else None


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _curve(
    grid: Grid, fact: str, spreads: dict[tuple[Any, ...], Spread], level: float | None
) -> Iterator[Recorded]:
    (knob,) = grid.swept
    mark = "" if level is None else f"level {short(level)}"
    log_y = _spans_decades(end for found in spreads.values() for end in (found.low, found.high))
    log_x = knob in grid.logarithmic
    yield Axes(fact, x=knob, y=fact, log_x=log_x, log_y=log_y, reference=mark)
    for (value,), found in sorted(spreads.items()):
        if found.low == found.high:
            yield Point(fact, value, found.mid)
        else:
            yield Band(fact, value, *found)
    if level is not None:
        yield from (Point(fact, value, level, mark) for (value,) in sorted(spreads))


def _spans_decades(numbers: Iterable[float]) -> bool:
    """Whether all but the largest would lie on 0. Numbers that are 0 do not count: charts say of those that
    they have no place on a logarithmic axis."""
    finite = [number for number in numbers if math.isfinite(number)]
    above = [number for number in finite if number > 0]
    return bool(above) and min(finite) >= 0 and max(above) / min(above) > DECADES


def _map(
    grid: Grid, fact: str, spreads: dict[tuple[Any, ...], Spread], level: float | None
) -> Iterator[Recorded]:
    """The first knob goes down, the second to the right; what is not there yet or no number is faint. Where
    shades stand for ratios, a 0 has the lowest, and it is said how many there are."""
    (down, rows), (right, columns) = grid.swept.items()
    mids = {setting: found.mid for setting, found in spreads.items() if math.isfinite(found.mid)}
    if not mids:
        return
    above = [mid for mid in mids.values() if mid > 0]
    # The lowest shade is on one side of a level: there a 0 and the least of what is above it are on the same.
    log = _spans_decades(mids.values()) and (level is None or len(above) == len(mids) or level > min(above))
    shaded = above if log else list(mids.values())
    low, high = min(shaded), max(shaded)
    pixels = dict.fromkeys(spreads, NO_NUMBER)
    pixels |= {setting: _shade(mid, low, high, log, level) for setting, mid in mids.items()}
    yield Axes(fact, x=right, y=down)
    yield Picture(
        fact, 0, 1, len(rows), len(columns), low, high,
        bytes(pixels.get((row, column), NOT_THERE) for row in rows for column in columns),
        nonfinite=len(spreads) - len(mids), rows=_named(rows), columns=_named(columns), log=log,
        level=level, zeros=len(mids) - len(shaded),
    )  # fmt: skip


def _shade(value: float, low: float, high: float, log: bool, level: float | None) -> int:
    """From `SHADES_FROM` for the lowest to 255 for the highest; in the middle where all are the same. It is
    on the value's side of the level."""
    if low == high:
        share = 0.5
    elif log:
        share = math.log(max(value, low) / low) / math.log(high / low)
    else:
        share = (value - low) / (high - low)
    shade = SHADES_FROM + round(share * (255 - SHADES_FROM))
    if level is None:
        return shade
    first = first_shade_at(level, low, high, log)
    return max(shade, first) if value >= level else min(shade, first - 1)


def _named(values: Sequence[Any]) -> list[str]:
    """What the rows or columns of a map are called."""
    return [short(value) if isinstance(value, float) else _in_words(value) for value in values]


def _as_row(value: Any) -> Any:
    """What a knob stands at, as a table has it: a switch is on or off there as it is on the map."""
    return _in_words(value) if isinstance(value, bool) else value


def _in_words(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _table(grid: Grid, fact: str, at: dict[tuple[Any, ...], list[Cell]]) -> Iterator[Recorded]:
    """The numbers of one fact, so that all columns have room: as its map has them where each setting has one
    run, else a row for each setting."""
    name = f"{fact} by {', '.join(grid.swept)}" if grid.swept else fact
    if grid.count > MOST_ROWS:
        name += f" (the first {MOST_ROWS} of {grid.count:,} settings)"
    shown = {setting: at[setting] for setting in islice(_places(grid), MOST_ROWS) if setting in at}
    rows = _rows_of_map(grid, fact, shown) if _is_like_map(grid, shown) else _rows(grid, fact, shown)
    return (Cells(name, row) for row in rows)


def _is_like_map(grid: Grid, at: dict[tuple[Any, ...], list[Cell]]) -> bool:
    if len(grid.swept) != 2 or any(len(cells) > 1 for cells in at.values()):
        return False
    down, across = grid.swept
    names = [down, *_named(grid.swept[across])]
    return len(names) <= MOST_COLUMNS + 1 and len(set(names)) == len(names)


def _rows_of_map(grid: Grid, fact: str, at: dict[tuple[Any, ...], list[Cell]]) -> Iterator[dict[str, Any]]:
    """The first knob goes down, the second to the right; blank is what is not there yet."""
    (down, rows), (_, columns) = grid.swept.items()
    for row in rows:
        there = {
            name: _value(fact, at[row, column])
            for column, name in zip(columns, _named(columns), strict=True)
            if (row, column) in at
        }
        if there:
            yield {down: _as_row(row)} | there


def _rows(grid: Grid, fact: str, at: dict[tuple[Any, ...], list[Cell]]) -> Iterator[dict[str, Any]]:
    """The median over the runs of each setting, and where there are several how far they reach."""
    for setting, cells in at.items():
        row = dict(zip(grid.swept, map(_as_row, setting), strict=True)) | {fact: _value(fact, cells)}
        found = _of(fact, cells)
        if found and len(cells) > 1:
            row |= {"low": found.low, "high": found.high}
        row["runs"] = len(cells)
        if broken := sum(cell.ending != "finished" for cell in cells):
            row["failed"] = broken
        yield row


def _value(fact: str, cells: Sequence[Cell]) -> Any:
    """The median of what is a number, else the first of what is there; None where nothing is."""
    if found := _of(fact, cells):
        return found.mid
    return next((cell.facts[fact] for cell in cells if fact in cell.facts), None)
