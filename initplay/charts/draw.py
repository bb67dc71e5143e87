"""What a chart is drawn as: curves, a histogram, pictures, or a sentence where there is no room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from initplay.charts.curves import Curves
from initplay.charts.guess import Guess
from initplay.charts.histograms import draw_histogram
from initplay.charts.pictures import draw_pictures
from initplay.charts.series import NEWEST
from initplay.charts.sheet import Grid, Line, sentence
from initplay.recording.run import Chart
from initplay.words.numbers import short

NOTHING: Mapping[str, Sequence[str]] = MappingProxyType({})
SMALLEST = (12, 4)
"""Columns and rows below which a chart is a line of text."""


def draw(
    chart: Chart,
    width: int,
    height: int,
    *,
    end: int | None = None,
    cursor: float | None = None,
    ascii: bool = False,
    pinned: Sequence[tuple[str, Chart]] = (),
    guess: Guess | None = None,
    apart: Mapping[str, Sequence[str]] = NOTHING,
) -> list[Line]:
    """The chart as exactly `height` lines of exactly `width` columns; never raises, whatever was recorded.

    end: the number of the event before which the state is shown (`Run.end`); None shows the newest.
    cursor: the x to mark; the legend gives the values there, and what comes after is drawn as a ghost.
    pinned: labels and charts of other runs, drawn behind.
    guess: a place on the x axis that the learner predicted.
    apart: by labels of pinned runs, what they were set to otherwise, for the legend where it has room.
    """
    if width < 1 or height < 1:
        return [[] for _ in range(max(height, 0))]
    stop = end if end is not None else NEWEST
    if _is_small(width, height):
        return sentence(_in_words(chart, stop, width), width, height, ascii, "label")
    if chart.kind == "pictures":
        return draw_pictures(chart, width, height, stop, ascii)
    if chart.kind == "histogram":
        return draw_histogram(chart, width, height, stop, ascii, pinned)
    if not _has_axes(chart, guess):
        return sentence(f"{chart.name}: nothing yet", width, height, ascii)
    return Curves(chart, width, height, stop, cursor, ascii, pinned, guess, apart).lines()


def place_of(
    column: int,
    chart: Chart,
    width: int,
    height: int,
    *,
    end: int | None = None,
    cursor: float | None = None,
    ascii: bool = False,
    pinned: Sequence[tuple[str, Chart]] = (),
    guess: Guess | None = None,
    apart: Mapping[str, Sequence[str]] = NOTHING,
) -> float | None:
    """The x at the middle of a column, for a chart that `draw` drew with the same arguments.

    Beside the axis it is the nearer end; None where there is no x axis.
    """
    if _is_small(width, height) or chart.kind != "curves" or not _has_axes(chart, guess):
        return None
    stop = end if end is not None else NEWEST
    sheet = Curves(chart, width, height, stop, cursor, ascii, pinned, guess, apart)
    area, across, _ = sheet.laid_out(Grid(width, height, ascii))
    return across.value(area.at(column))


def _is_small(width: int, height: int) -> bool:
    return width < SMALLEST[0] or height < SMALLEST[1]


def _has_axes(chart: Chart, guess: Guess | None) -> bool:
    """Whether axes can be drawn: there is a point, or the range of a guess."""
    has_points = any(len(curve.index) for curve in chart.curves.values())
    return has_points or (guess is not None and guess.span is not None)


def _in_words(chart: Chart, end: int, width: int) -> str:
    """The chart in a few words, where there is no room to draw it."""
    newest = [curve.y[curve.until(end) - 1] for curve in chart.curves.values() if curve.until(end)]
    value = short(newest[-1]) if newest and chart.kind == "curves" else ""
    both = f"{chart.name} {value}".strip()
    return both if len(both) <= width or not value else value
