"""The cells of a sweep as one recording: curves over one knob, a map over two, a table of any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from initplay.lab.events import Axes, Band, Cells, Picture, Point, Recorded
from initplay.recording.run import Run, replay
from initplay.recording.seeds import Spread, spread
from initplay.sweep.cell import Cell
from initplay.sweep.grid import Grid

MOST_ROWS = 200
"""Of the table."""
DECADES = 1_000
"""How much larger the largest is than the smallest from where on the axis is logarithmic."""
PIXELS = 4
"""A setting in a map is so many pixels high and wide, lest it be a dot."""


def summary(grid: Grid, facts: Sequence[str], cells: Iterable[Cell]) -> Run:
    """A chart for each fact where one or two knobs are swept, and a table of all settings."""
    at: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        at.setdefault(tuple(cell.knobs[name] for name in grid.swept), []).append(cell)
    return replay(_events(grid, facts, at))


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
    shade = {setting: round(255 * (mid - low) / ((high - low) or 1)) for setting, mid in mids.items()}
    lines = [
        bytes(shade.get((row, column), 0) for column in columns for _ in range(PIXELS))
        for row in rows
        for _ in range(PIXELS)
    ]
    name = f"{fact}: {_ends(down, rows)} downward, {_ends(right, columns)} to the right"
    yield Picture(
        name, 0, 1, len(rows) * PIXELS, len(columns) * PIXELS, low, high, b"".join(lines),
        nonfinite=len(rows) * len(columns) - len(mids),
    )  # fmt: skip


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


def _ends(knob: str, values: Sequence[Any]) -> str:
    first, last = (f"{value:.3g}" if isinstance(value, float) else value for value in (values[0], values[-1]))
    return f"{knob} {first} to {last}"
