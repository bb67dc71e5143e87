"""A run: the events of one experiment as they were recorded, and questions about them.

`Run.add` is O(1) and draws nothing. A run is a line of *moments*: consecutive events that share a position
(a layer, a training step) are one moment, and the cursor of the scrubber is the number of a moment. What a
chart, table or picture shows at a cursor is read off here, whether the run is live, ended, or loaded.

What a run may take of the memory is bounded: pictures and histograms are decimated, and of what is said the
beginning is kept. Such an event is `Thinned` in the recording; its number and its moment stay.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, overload

from initplay.lab.events import (
    THEORY,
    Axes,
    Band,
    Bins,
    Cells,
    Check,
    Facts,
    Failed,
    Finished,
    Layer,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Recorded,
    Started,
    Stopped,
    Thinned,
    Verdict,
)
from initplay.recording.harmless import harmless_event
from initplay.recording.thinning import Decimated, Gallery, Timed, size_of
from initplay.words.harmless import harmless_line

PICTURED_BYTES = 32 * 2**20
"""What pictures and histograms may take; beyond it they are decimated."""
SAID_BYTES = 8 * 2**20
"""What notes, rows, results and printed text may take each; what comes later is not kept."""
BYTES_OF_A_POINT = 50
BYTES_OF_A_BAND = 250
"""Kept as it came, beside its numbers in the curve."""
_GLANCE = 200
"""Events of a moment that are looked at for what it is about."""
_NOUNS = {"image": "picture", "printed": "piece of printed text"}
"""What an event is called, where that is not its tag."""


LAYERS = "layers"
"""The table that a net's layers are rows of."""
Said = Cells | Check | Layer | Verdict | Note | Facts | Printed


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


class Chart:
    """Everything that was yielded under one chart name."""

    def __init__(self, name: str, gallery: Gallery | None = None, *, edited: bool = False) -> None:
        gallery = gallery or Gallery(PICTURED_BYTES)
        self.name = name
        self.edited = edited
        """Whether an edited text drew it: what that calls theory is not the lesson's."""
        self.axes = Axes(name)
        self.curves: dict[str, Curve] = {}
        self.bins = gallery.new()
        self.pictures = gallery.new()

    @property
    def kind(self) -> str:
        """What it is drawn as: "pictures", "histogram" or "curves"."""
        if self.pictures.items:
            return "pictures"
        return "histogram" if self.bins.items else "curves"

    @property
    def measured(self) -> list[Curve]:
        """The curves that are neither theory nor the reference."""
        curves = self.curves.values()
        return [curve for curve in curves if not curve.is_theory and not self.is_reference(curve)]

    def is_reference(self, curve: Curve) -> bool:
        return bool(self.axes.reference) and curve.series == self.axes.reference

    def curve(self, series: str) -> Curve:
        found = self.curves.get(series)
        if found is None:
            series = harmless_line(series)
            found = self.curves.setdefault(series, Curve(series, self.name))
        return found


class Recording(Sequence[Recorded]):
    """A run's events in order. Of a `Point` only its curve is kept, which has the numbers already.

    500,000 points take 25 MB so, and 145 MB as objects; they are made anew when somebody asks for them.
    """

    def __init__(self) -> None:
        self._items: list[Recorded | Curve] = []

    def add(self, item: Recorded | Curve) -> None:
        self._items.append(item)

    def replace(self, number: int, event: Recorded) -> None:
        self._items[number] = event

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
    """One recorded run. Feed it with `add`, ask it with a cursor (0 is the first moment, -1 the newest).

    Text is cleaned on its way in, so that no name or note can steer a terminal.
    """

    def __init__(self) -> None:
        self.started: Started | None = None
        self.ending: Finished | Failed | Stopped | None = None
        self.events = Recording()
        self.charts: dict[str, Chart] = {}
        self.tables: dict[str, Timed] = {}
        self.notes = Timed()
        self.checks: list[Check] = []
        self.layers: list[Layer] = []
        self.verdicts: list[Verdict] = []
        self.facts: dict[str, Any] = {}
        self.printed: list[str] = []
        self.progress: Progress | None = None
        self._gallery = Gallery(PICTURED_BYTES)
        self._said: Counter[str] = Counter()
        """Bytes of what was said, by the tag of the event."""
        self._thinned: Counter[tuple[str, str]] = Counter()
        """How many events were let go, by tag and chart or table."""
        self._bands = 0
        self._reach: dict[str, tuple[float, float, bool]] = {}
        """Of the moments that each chart began: lowest and highest position, and whether all are whole."""
        self._positions = array("d")
        self._starts = array("q")

    def add(self, event: Recorded) -> None:
        """Record the next event. O(1), on average over pictures and histograms."""
        index = len(self.events)
        if isinstance(event, Point):
            curve = self._chart(event.chart).curve(event.series)
            curve.add(event.x, event.y, index)
            self.events.add(curve)
            if not curve.is_theory:
                self._mark(event.x, index, curve.chart)
            return
        self._add_other(harmless_event(event), index)

    def _add_other(self, event: Recorded, index: int) -> None:
        self.events.add(event)
        if isinstance(event, Bins):
            self._mark(event.at, index, event.chart)
            self._keep_in_gallery(self._chart(event.chart).bins, event, index)
        elif isinstance(event, Picture):
            self._mark(event.at, index, event.chart)
            self._keep_in_gallery(self._chart(event.chart).pictures, event, index)
        elif isinstance(event, Band):
            self._bands += 1
            self._chart(event.chart).curve(event.series).add_band(event, index)
            if event.series != THEORY:
                self._mark(event.x, index, event.chart)
        elif isinstance(event, Axes):
            self._chart(event.chart).axes = event
        elif isinstance(event, Said):
            self._keep_what_is_said(event, index)
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, Started):
            self.started = event
        elif isinstance(event, Thinned):
            self._thinned[event.what, event.chart] += 1
            if event.at is not None:
                self._mark(event.at, index, event.chart)
        elif isinstance(event, Finished | Failed | Stopped):
            self.ending = event

    def _keep_in_gallery(self, timed: Decimated, event: Bins | Picture, index: int) -> None:
        for number in self._gallery.take(timed, event, index, size_of(event)):
            gone = self.events[number]
            assert isinstance(gone, Bins | Picture)
            self._let_go(number, Thinned(_tag(gone), gone.chart, gone.at))

    def _keep_what_is_said(self, event: Said, index: int) -> None:
        """Add it to what there is of its kind, while that is less than what may be kept."""
        tag, size = _tag(event), size_of(event)
        if self._said[tag] + size > SAID_BYTES:
            self._let_go(index, Thinned(tag, event.table if isinstance(event, Cells) else ""))
            return
        self._said[tag] += size
        if isinstance(event, Cells):
            self.tables.setdefault(event.table, Timed()).add(event.cells, index)
        elif isinstance(event, Note):
            self.notes.add(event.text, index)
        elif isinstance(event, Check):
            self.checks.append(event)
        elif isinstance(event, Layer):
            self.layers.append(event)
            self.tables.setdefault(LAYERS, Timed()).add(_row_of(event), index)
        elif isinstance(event, Verdict):
            self.verdicts.append(event)
            self.notes.add("\n".join(part for part in (event.text, event.change) if part), index)
        elif isinstance(event, Facts):
            self.facts.update(event.values)
        else:
            self.printed.append(event.text)

    def _let_go(self, number: int, instead: Thinned) -> None:
        self.events.replace(number, instead)
        self._thinned[instead.what, instead.chart] += 1

    def _chart(self, name: str) -> Chart:
        found = self.charts.get(name)
        if found is None:
            name = harmless_line(name)
            found = self.charts.get(name) or self.charts.setdefault(
                name, Chart(name, self._gallery, edited=self._has_edited_theory)
            )
        return found

    @property
    def _has_edited_theory(self) -> bool:
        """Whether an edited text says what theory is: of a user's net the instrument does."""
        return self.started is not None and self.started.edited and not self.started.filename

    def _mark(self, position: float, index: int, chart: str) -> None:
        """Begin a new moment where the position changes; theory alone never moves time."""
        last = self._positions[-1] if self._positions else -math.inf
        if last != position or not self._positions:
            self._positions.append(position)
            self._starts.append(index)
            position = self._positions[-1]  # as a float
            low, high, whole = self._reach.get(chart) or (position, position, True)
            whole = whole and position.is_integer()
            self._reach[chart] = (min(low, position), max(high, position), whole)

    def keep_what_is_combined(self) -> None:
        """Let go of pictures and of what is said, of a run that is one of many: `seeds.combine` reads curves,
        histograms and facts."""
        self.events = Recording()
        self.tables, self.notes, self.printed = {}, Timed(), []
        self._said.clear()
        for chart in self.charts.values():
            chart.pictures = self._gallery.emptied(chart.pictures)

    @property
    def state(self) -> str:
        """ "running", "finished", "failed" or "stopped"."""
        if self.ending is None:
            return "running"
        return {Finished: "finished", Failed: "failed", Stopped: "stopped"}[type(self.ending)]

    @property
    def size(self) -> int:
        """The bytes that it takes, roughly."""
        seen = self._gallery.size + sum(self._said.values())
        return seen + len(self.events) * BYTES_OF_A_POINT + self._bands * BYTES_OF_A_BAND

    @property
    def thinned(self) -> str:
        """What was let go to save memory, in a sentence; empty where nothing was."""
        if not self._thinned:
            return ""
        gone = sorted(self._thinned.items())  # a replay lets them go in another order
        parts = [f"{count:,} {_named(what, chart, count)}" for (what, chart), count in gone]
        return f"To save memory, these are not kept: {', '.join(parts)}."

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

    def charts_at(self, cursor: int) -> list[Chart]:
        """The charts that were drawn on in a moment, in that order; of a long one, in its beginning."""
        if not self.moments:
            return []
        start = self._starts[cursor]
        numbers = range(start, min(self.end(cursor), start + _GLANCE))
        names = (getattr(self.events[number], "chart", None) for number in numbers)
        return [self.charts[name] for name in dict.fromkeys(names) if name in self.charts]

    def reach(self, x_name: str) -> tuple[float, float, bool] | None:
        """The lowest and the highest position of moments along an x axis of that name, if there are any, and
        whether all of them are whole numbers."""
        found = [
            self._reach[name]
            for name, chart in self.charts.items()
            if chart.axes.x == x_name and name in self._reach
        ]
        if not found:
            return None
        lows, highs, whole = zip(*found, strict=True)
        return min(lows), max(highs), all(whole)

    def moment_of(self, number: int) -> int:
        """The moment that event `number` belongs to; 0 for what came before the first."""
        return max(0, bisect_right(self._starts, number) - 1)

    def rows(self, table: str, cursor: int) -> list[dict[str, Any]]:
        timed = self.tables[table]
        return timed.items[: timed.until(self.end(cursor))]


def _named(what: str, chart: str, count: int) -> str:
    """The kind of some events that were let go: "pictures of weights", "rows of layers", "notes"."""
    first, *rest = _NOUNS.get(what, what).split()
    noun = " ".join([first + ("s" if count != 1 else ""), *rest])
    return f"{noun} of {chart}" if chart else noun


def _row_of(layer: Layer) -> dict[str, Any]:
    """A layer as a row of the table; what few layers have, where this one has it."""
    few = {"dead": layer.dead, "saturated": layer.saturated}
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "looks like": layer.scheme,
        "rms": layer.rms,
        "theory": layer.theory_rms,
        "gradient": layer.grad_rms,
        "update": layer.update_ratio,
        **{name: share for name, share in few.items() if share is not None},
    }


def _tag(event: Recorded) -> str:
    return str(type(event).__struct_config__.tag)


def replay(events: Iterable[Recorded]) -> Run:
    """A run made of these events."""
    run = Run()
    for event in events:
        run.add(event)
    return run
