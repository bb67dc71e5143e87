"""A run: the events of one experiment as they were recorded, and questions about them.

`Run.add` is O(1) and draws nothing. A run is a line of *moments*: consecutive events that share a position
(a layer, a training step) are one moment, and the cursor of the scrubber is the number of a moment. What a
chart, table or picture shows at a cursor is read off here, whether the run is live, ended, or loaded.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import msgspec

from initplay.lab.events import (
    THEORY,
    Axes,
    Band,
    Bins,
    Cells,
    Facts,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Recorded,
    Started,
    Stopped,
)
from initplay.words.numbers import spelled


class RunFileError(Exception):
    """A saved run that cannot be read; the message is one sentence."""


class Curve:
    """The points of one series in order of arrival. A band's curve has `low` and `high` beside each `y`."""

    def __init__(self, series: str, chart: str = "") -> None:
        self.series = series
        self.chart = chart
        self.x = array("d")
        self.y = array("d")
        self.low = array("d")
        self.high = array("d")
        self.index = array("q")
        """For each point the number of the event that brought it."""

    @property
    def is_band(self) -> bool:
        return len(self.low) > 0

    @property
    def is_theory(self) -> bool:
        return self.series == THEORY

    def add(self, x: float, y: float, index: int) -> None:
        self.x.append(x)
        self.y.append(y)
        self.index.append(index)
        if self.low:  # a lone point is a band of no width
            self.low.append(y)
            self.high.append(y)

    def add_band(self, band: Band, index: int) -> None:
        if not self.is_band:
            self.low, self.high = self.y[:], self.y[:]
        self.x.append(band.x)
        self.y.append(band.mid)
        self.low.append(band.low)
        self.high.append(band.high)
        self.index.append(index)

    def point(self, index: int) -> Point:
        """The point that event number `index` brought."""
        place = bisect_left(self.index, index)
        return Point(self.chart, self.x[place], self.y[place], self.series)

    def until(self, end: int) -> int:
        """How many of the points came before event number `end`."""
        return bisect_left(self.index, end)


class Timed:
    """Things that replace one another (histograms, pictures), each kept with the event that brought it."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.index = array("q")

    def add(self, item: Any, index: int) -> None:
        self.items.append(item)
        self.index.append(index)

    def until(self, end: int) -> int:
        """How many of the items came before event number `end`."""
        return bisect_left(self.index, end)

    def last(self, end: int) -> Any | None:
        """The newest item that came before event number `end`."""
        count = self.until(end)
        return self.items[count - 1] if count else None


class Chart:
    """Everything that was yielded under one chart name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.axes = Axes(name)
        self.curves: dict[str, Curve] = {}
        self.bins = Timed()
        self.pictures = Timed()

    @property
    def kind(self) -> str:
        """What it is drawn as: "pictures", "histogram" or "curves"."""
        if self.pictures.items:
            return "pictures"
        return "histogram" if self.bins.items else "curves"

    def curve(self, series: str) -> Curve:
        if series not in self.curves:
            self.curves[series] = Curve(series, self.name)
        return self.curves[series]


class Recording(Sequence[Recorded]):
    """A run's events in order. Of a `Point` only its curve is kept, which has the numbers already.

    500,000 points take 25 MB so, and 145 MB as objects; they are made anew when somebody asks for them.
    """

    def __init__(self) -> None:
        self._items: list[Recorded | Curve] = []

    def add(self, item: Recorded | Curve) -> None:
        self._items.append(item)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, number: int) -> Recorded: ...
    @overload
    def __getitem__(self, number: slice) -> list[Recorded]: ...
    def __getitem__(self, number: int | slice) -> Recorded | list[Recorded]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        item = self._items[number]
        return item.point(range(len(self))[number]) if isinstance(item, Curve) else item


class Run:
    """One recorded run. Feed it with `add`, ask it with a cursor (0 is the first moment, -1 the newest)."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.ending: Finished | Failed | Stopped | None = None
        self.events = Recording()
        self.charts: dict[str, Chart] = {}
        self.tables: dict[str, Timed] = {}
        self.notes = Timed()
        self.facts: dict[str, Any] = {}
        self.printed: list[str] = []
        self.progress: Progress | None = None
        self._positions = array("d")
        self._starts = array("q")
        self._rising = True
        """Whether every moment's position is greater than the one before."""

    def add(self, event: Recorded) -> None:
        index = len(self.events)
        if isinstance(event, Point):
            curve = self._chart(event.chart).curve(event.series)
            curve.add(event.x, event.y, index)
            self.events.add(curve)
            if event.series != THEORY:
                self._mark(event.x, index)
            return
        self.events.add(event)
        if isinstance(event, Bins):
            self._chart(event.chart).bins.add(event, index)
            self._mark(event.at, index)
        elif isinstance(event, Picture):
            self._chart(event.chart).pictures.add(event, index)
            self._mark(event.at, index)
        elif isinstance(event, Band):
            self._chart(event.chart).curve(event.series).add_band(event, index)
            if event.series != THEORY:
                self._mark(event.x, index)
        elif isinstance(event, Axes):
            self._chart(event.chart).axes = event
        elif isinstance(event, Cells):
            self.tables.setdefault(event.table, Timed()).add(event.cells, index)
        elif isinstance(event, Note):
            self.notes.add(event.text, index)
        elif isinstance(event, Facts):
            self.facts.update(event.values)
        elif isinstance(event, Printed):
            self.printed.append(event.text)
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, Started):
            self.started = event
        else:
            self.ending = event

    def _chart(self, name: str) -> Chart:
        if name not in self.charts:
            self.charts[name] = Chart(name)
        return self.charts[name]

    def _mark(self, position: float, index: int) -> None:
        """Begin a new moment where the position changes; theory alone never moves time."""
        last = self._positions[-1] if self._positions else -math.inf
        if last != position or not self._positions:
            self._rising = self._rising and last <= position  # NaN rises nowhere
            self._positions.append(position)
            self._starts.append(index)

    @property
    def state(self) -> str:
        """ "running", "finished", "failed" or "stopped"."""
        if self.ending is None:
            return "running"
        return {Finished: "finished", Failed: "failed", Stopped: "stopped"}[type(self.ending)]

    @property
    def moments(self) -> int:
        return len(self._starts)

    def position(self, cursor: int) -> float | None:
        """Layer, step or other x of a moment; None while there is none."""
        return self._positions[cursor] if self.moments else None

    def end(self, cursor: int) -> int:
        """The number of the first event after the moment: `events[:end]` is the state at the cursor."""
        cursor = cursor % self.moments if self.moments else -1
        return self._starts[cursor + 1] if 0 <= cursor < self.moments - 1 else len(self.events)

    def moment_of(self, number: int) -> int:
        """The moment that event `number` belongs to; 0 for what came before the first."""
        return max(0, bisect_right(self._starts, number) - 1)

    def moment_at(self, position: float) -> int:
        """The moment whose position is nearest to `position`; 0 while there is none."""
        near: Iterable[int] = range(self.moments)
        if self._rising:
            after = bisect_left(self._positions, position)
            near = range(max(0, after - 1), min(self.moments, after + 1))
        return min(near, key=lambda cursor: _distance(self._positions[cursor], position), default=0)

    def rows(self, table: str, cursor: int) -> list[dict[str, Any]]:
        timed = self.tables[table]
        return timed.items[: timed.until(self.end(cursor))]

    def save(self, path: Path) -> None:
        """Write the run as one JSON object a line, whole or not at all."""
        # Not `tempfile`, whose files nobody else may read.
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with beside.open("x", encoding="utf-8") as file:
                file.writelines(to_json(event) + "\n" for event in self.events)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read what `save` or `initplay run --json` wrote.

        A run cut off in the middle of its last line is kept up to there and counts as stopped.
        Raises RunFileError with a sentence for a file that is no run.
        """
        run = cls()
        for event in _read(path):
            run.add(event)
        if run.started is None:
            raise RunFileError(f"{path} holds no run: its first line should be a `started` event.")
        if run.ending is None:
            run.add(Stopped(f"{path.name} ends before the run does."))
        return run


def _read(path: Path) -> Iterator[Recorded]:
    try:
        # Not splitlines, which also breaks at characters that JSON leaves as they are.
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise RunFileError(f"{path} is not a saved run: it is not text.") from error
    for number, line in enumerate(lines, 1):
        try:
            yield from_json(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            if number == len(lines) and number > 1:
                return
            raise RunFileError(f"{path}, line {number}, is not an event of a run: {error}.") from error


def _distance(one: float, other: float) -> float:
    """How far apart two positions are; NaN is far from everything but itself, as each infinity is."""
    if one == other or (math.isnan(one) and math.isnan(other)):
        return 0.0
    distance = abs(one - other)
    return math.inf if math.isnan(distance) else distance


_SPELLED = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_json(event: Recorded) -> str:
    """One line of JSON; NaN and the infinities, which JSON lacks, are the strings "nan", "inf", "-inf"."""
    return json.dumps(spelled(msgspec.to_builtins(event)), ensure_ascii=False, allow_nan=False)


def from_json(line: str) -> Recorded:
    """The event of one line that `to_json` wrote.

    Raises msgspec.MsgspecError where it is none, RecursionError where its brackets nest without end.
    """
    fields = msgspec.json.decode(line)
    for name in ("values", "cells", "knobs"):
        if isinstance(fields, dict) and name in fields:
            fields[name] = _unspell(fields[name])
    return msgspec.convert(fields, Recorded, strict=False)


def _unspell(value: Any) -> Any:
    if isinstance(value, str):
        return _SPELLED.get(value, value)
    if isinstance(value, dict):
        return {key: _unspell(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unspell(inner) for inner in value]
    return value


def replay(events: Iterable[Recorded]) -> Run:
    """A run made of these events."""
    run = Run()
    for event in events:
        run.add(event)
    return run
