"""A run names so many charts, tables and curves, and no more."""

from __future__ import annotations

import pytest
import torch

from initplay.lab.events import Axes, Band, Histogram, Image, Note, Point, Row
from initplay.worker.named import MAX_CHARTS, MAX_CURVES, Named
from initplay.worker.values import EventError

KINDS = {
    "point": lambda name: Point(name, 0, 0),
    "band": lambda name: Band(name, 0, 0, 0, 0),
    "histogram": lambda name: Histogram(name, torch.ones(1)),
    "image": lambda name: Image(name, torch.ones(1, 1)),
    "axes": lambda name: Axes(name),
    "row": lambda name: Row(name, a=1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_or_table_too_many_is_refused(kind):
    named = Named()
    for number in range(MAX_CHARTS):
        named.add(KINDS[kind](f"name {number}"))
        named.add(KINDS[kind]("name 0"))
    with pytest.raises(EventError, match="more than 1,000 charts and tables"):
        named.add(KINDS[kind]("one more"))


@pytest.mark.parametrize("kind", ["point", "band"])
def test_a_curve_too_many_is_refused_and_other_charts_have_as_many(kind):
    event = {"point": lambda c, s: Point(c, 0, 0, s), "band": lambda c, s: Band(c, 0, 0, 0, 0, s)}[kind]
    named = Named()
    for chart in ("one", "two"):
        for number in range(MAX_CURVES):
            named.add(event(chart, f"series {number}"))
    with pytest.raises(EventError, match="more than 200 curves in the chart 'two'"):
        named.add(event("two", "one more"))


def test_what_names_nothing_is_none_of_them():
    named = Named()
    for number in range(2 * MAX_CHARTS):
        named.add(Note(f"note {number}"))
