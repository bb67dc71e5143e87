"""Where in a text the reader is, so that it is found again where the lines break elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from textual.geometry import Size
from textual.widget import Widget


class Place(NamedTuple):
    """The line at the top of a pane that scrolls."""

    size: Size
    """What the pane had when it was noted: with that it is the same line again."""
    line: int
    widget: Widget | None
    """In which part of the text it lies."""
    share: float
    """Of that part, which stands above it."""


def place_in(pane: Widget) -> Place:
    line = round(pane.scroll_offset.y)
    for part in pane.children:
        region = part.virtual_region
        if region.y <= line < region.bottom:
            return Place(pane.size, line, part, (line - region.y) / region.height)
    return Place(pane.size, line, None, 0.0)


def line_of(place: Place, pane: Widget) -> int:
    """Where that line is now, as far as that can be told where the text is laid out anew."""
    if place.widget is None or not place.widget.is_attached or place.size == pane.size:
        return place.line
    region = place.widget.virtual_region
    return region.y + int(place.share * region.height)
