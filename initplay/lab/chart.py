"""A chart that an experiment draws: its name and axes said once, then what is drawn, a line each.

    std = Chart("std by layer", x="layer", y="std", log_y=True)
    yield std.at(layer, x.std(), theory=factor**layer)

What is yielded is recorded as `Axes`, once a run and before all else of the chart, and the events themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from initplay.lab.events import THEORY, Axes, Band, Histogram, Image, Point


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """What one `yield` draws: events, and the axes of the chart that they belong to."""

    axes: Axes
    events: tuple[Point | Band | Histogram | Image, ...]


class Chart:
    """A chart by its name, the names of its axes, and which of them are logarithmic.

    `reference` names the series that is computed and yet no theory of what is measured, such as the loss of a
    guess: `loss.at(step, math.log(10), series="ten equal guesses")`. It is drawn in dashes.

    Charts are shown in the order in which something was first drawn on them. Numbers may be Python's or
    one-element tensors. Raises TypeError for a name that is no text.
    """

    def __init__(
        self,
        name: str,
        x: str = "",
        y: str = "",
        log_x: bool = False,
        log_y: bool = False,
        reference: str = "",
    ) -> None:
        for what, text in ("name", name), ("x", x), ("y", y), ("reference", reference):
            if not isinstance(text, str):
                raise TypeError(f"A Chart's {what} must be text, not {text!r:.60} ({type(text).__name__}).")
        self.name = name
        self.axes = Axes(name, x, y, bool(log_x), bool(log_y), reference)

    def __repr__(self) -> str:
        return f"Chart({self.name!r})"

    def at(self, x: Any, y: Any, theory: Any = None, series: str = "measured") -> Drawn:
        """A point of one series and, with `theory`, one of the theory line at the same x."""
        point = Point(self.name, x, y, series)
        if theory is None:
            return Drawn(self.axes, (point,))
        return Drawn(self.axes, (point, Point(self.name, x, theory, THEORY)))

    def band(
        self, x: Any, low: Any, mid: Any, high: Any, theory: Any = None, series: str = "measured"
    ) -> Drawn:
        """A middle with what lies around it and, with `theory`, a point of the theory line at the same x."""
        band = Band(self.name, x, low, mid, high, series)
        if theory is None:
            return Drawn(self.axes, (band,))
        return Drawn(self.axes, (band, Point(self.name, x, theory, THEORY)))

    def histogram(
        self,
        tensor: Any,
        at: Any = 0,
        range: tuple[float, float] | None = None,
        theory: Callable[[Any], Any] | None = None,
    ) -> Drawn:
        """The distribution of a tensor's values, whatever its shape; `range` fixes the edges of the bins.

        With `theory`, which gives the share of all values that lies below a value, the density that the
        values should have is drawn over it.
        """
        return Drawn(self.axes, (Histogram(self.name, tensor, at, range, theory),))

    def image(self, tensor: Any, at: Any = 0) -> Drawn:
        """One picture (height, width), or several in a row (n, height, width)."""
        return Drawn(self.axes, (Image(self.name, tensor, at),))
