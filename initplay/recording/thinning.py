"""Things of a run kept in the order in which they came, and what of them is kept where bytes are scarce.

Pictures and histograms replace one another over time, so they can be decimated: every second one is kept,
then every fourth, and so on.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import compress
from sys import getsizeof
from typing import Any

from initplay.lab.events import Bins, Cells, Check, Facts, Layer, Note, Picture, Printed, Verdict

FIRST_AND_NEWEST = 2**62
"""A stride that nothing but these two survives."""


_OBJECT = 200
"""Bytes of an event without what it holds."""
_NUMBER = 36
"""Bytes of a number in a list."""


def size_of(event: Bins | Picture | Cells | Check | Layer | Verdict | Note | Facts | Printed) -> int:
    """The bytes that an event takes, roughly."""
    if isinstance(event, Picture):
        return _OBJECT + len(event.pixels)
    if isinstance(event, Bins):
        return _OBJECT + _NUMBER * (len(event.counts) + len(event.theory))
    if isinstance(event, Note | Printed):
        return _OBJECT + getsizeof(event.text)
    if isinstance(event, Layer):
        return _OBJECT + 10 * _NUMBER + sum(map(getsizeof, (event.name, event.kind, event.scheme)))
    if isinstance(event, Verdict):
        return _OBJECT + sum(map(getsizeof, (event.layer, event.text, event.change)))
    if isinstance(event, Check):
        return _OBJECT + sum(map(getsizeof, (event.name, event.expected, event.got, event.says)))
    return _OBJECT + _size_of_value(event.cells if isinstance(event, Cells) else event.values)


def _size_of_value(value: Any) -> int:
    if isinstance(value, str):
        return getsizeof(value)
    if isinstance(value, dict):
        return sum(map(getsizeof, value)) + sum(map(_size_of_value, value.values()))
    if isinstance(value, list):
        return _NUMBER + sum(map(_size_of_value, value))
    return _NUMBER


class Timed:
    """Things in the order in which they came, each with the number of the event that brought it."""

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


class Decimated(Timed):
    """Pictures or histograms of one chart: the first, the newest, the first that holds a value that is not
    finite, and every `stride`-th of the others."""

    def __init__(self) -> None:
        super().__init__()
        self.stride = 1
        self.size = 0
        """Bytes of what is kept, roughly."""
        self._numbers = array("q")
        """For each kept item how many came before it."""
        self._sizes = array("q")
        self._came = 0
        self._broken = -1
        """The number of the first that holds a value that is not finite."""

    def take(self, item: Any, index: int, size: int) -> list[int]:
        """Keep an item of `size` bytes. Returns the event of the one before, if that is let go for it."""
        gone = [] if not self.items or self._stays(self._numbers[-1]) else [self.drop_newest()]
        self.add(item, index)
        self._numbers.append(self._came)
        self._sizes.append(size)
        self.size += size
        if item.nonfinite and self._broken < 0:
            self._broken = self._came
        self._came += 1
        return gone

    def drop_newest(self) -> int:
        """Let go of the newest item, and return the number of its event."""
        self.items.pop()
        self._numbers.pop()
        self.size -= self._sizes.pop()
        return self.index.pop()

    def thin(self, stride: int) -> list[int]:
        """Keep every `stride`-th from now on; returns the events of those that are let go."""
        self.stride = stride
        stay = [self._stays(number) for number in self._numbers[:-1]] + [True] * bool(self.items)
        gone = [index for index, stays in zip(self.index, stay, strict=True) if not stays]
        self.items = list(compress(self.items, stay))
        self.index, self._numbers, self._sizes = (
            array("q", compress(column, stay)) for column in (self.index, self._numbers, self._sizes)
        )
        self.size = sum(self._sizes)
        return gone

    def _stays(self, number: int) -> bool:
        """Whether item `number` is kept once it is not the newest any more."""
        return number % self.stride == 0 or number == self._broken


class Gallery:
    """All pictures and histograms of a run, within a budget of bytes.

    Once it is spent, the fullest charts are decimated until a quarter of it is free. Where that cannot be
    because there are too many charts, each keeps what must stay, and what no longer fits is let go. What a
    picture costs is constant on average, since whatever is looked through has grown by that quarter.
    """

    def __init__(self, budget: int) -> None:
        self.size = 0
        self._budget = budget
        self._charts: list[Decimated] = []
        self._crowded = False

    def new(self) -> Decimated:
        """A place for the pictures or the histograms of one chart."""
        chart = Decimated()
        chart.stride = FIRST_AND_NEWEST if self._crowded else 1
        self._charts.append(chart)
        return chart

    def emptied(self, chart: Decimated) -> Decimated:
        """A new place instead of one whose things nobody will ask for."""
        self._charts.remove(chart)
        self.size -= chart.size
        return self.new()

    def take(self, into: Decimated, item: Any, index: int, size: int) -> list[int]:
        """Keep an item; returns the numbers of the events that are let go for it, its own perhaps."""
        before = into.size
        gone = into.take(item, index, size)
        self.size += into.size - before
        if self.size > self._budget and not self._crowded:
            gone += self._make_room()
        if self.size > self._budget:
            self.size -= size
            gone.append(into.drop_newest())
        return gone

    def _make_room(self) -> list[int]:
        wanted = self._budget * 3 // 4
        gone: list[int] = []
        while self.size > wanted:
            before = len(gone)
            for chart in sorted(self._charts, key=lambda chart: chart.size, reverse=True):
                if self.size > wanted:
                    gone += self._thin(chart, chart.stride * 2)
            if len(gone) == before:
                self._crowded = True
                for chart in self._charts:
                    gone += self._thin(chart, FIRST_AND_NEWEST)
                break
        return gone

    def _thin(self, chart: Decimated, stride: int) -> list[int]:
        before = chart.size
        gone = chart.thin(stride)
        self.size += chart.size - before
        return gone
