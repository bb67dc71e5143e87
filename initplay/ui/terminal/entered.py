"""Events from the terminal, cleaned before any widget gets them."""

from __future__ import annotations

import re

from textual import events
from textual.geometry import Size

SMALLEST = Size(20, 5)
"""Columns and rows; a smaller window shows a part of what is drawn for this one.

Nothing can be read in it, and where a widget has no width at all, Textual's wrapping of words fails.
"""

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
"""All that Python's `splitlines` takes for the end of a line, but for the one that we write."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` with newlines for every end of a line, without control characters but tabs and without the mark
    that files begin with, and with U+FFFD for an unpaired surrogate, which UTF-8 cannot encode."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _CONTROLS.sub("", _NEWLINES.sub("\n", text)))


def cleaned(event: events.Event) -> events.Event | None:
    """The event with clean text, or a size to draw in; None for the key of an unpaired surrogate."""
    if isinstance(event, events.Paste):
        text = clean(event.text)
        return event if text == event.text else events.Paste(text)
    if isinstance(event, events.Key) and event.character and _SURROGATES.search(event.character):
        return None
    if isinstance(event, events.Resize) and event.size != (size := _at_least(event.size)):
        return events.Resize(size, size, size)
    return event


def _at_least(size: Size) -> Size:
    return Size(max(size.width, SMALLEST.width), max(size.height, SMALLEST.height))
