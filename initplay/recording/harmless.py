"""Events whose text cannot steer the terminal that it is shown on.

Names are on one line; notes, messages, values and printed text keep their lines. The source of a run stays as
it is, for it is run again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from initplay.lab.events import (
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
from initplay.words.harmless import harmless, harmless_line


def harmless_event(event: Recorded) -> Recorded:
    """The event itself, or a copy where some of its text had to be changed."""
    changed = {}
    for field, clean in _FIELDS[type(event)].items():
        value = getattr(event, field)
        cleaned = clean(value)
        if cleaned is not value:
            changed[field] = cleaned
    return msgspec.structs.replace(event, **changed) if changed else event


def _text(text: str) -> str:
    cleaned = harmless(text)
    return cleaned.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cleaned else cleaned


def _text_or_none(text: str | None) -> str | None:
    return None if text is None else _text(text)


def _values(values: dict[str, Any]) -> dict[str, Any]:
    return values if _is_harmless(values) else _cleaned(values)


def _is_harmless(value: Any) -> bool:
    if type(value) in (int, float, bool, type(None)):
        return True
    if isinstance(value, str):
        return value.isprintable()
    if isinstance(value, dict):
        return all(map(str.isprintable, value)) and all(map(_is_harmless, value.values()))
    return not isinstance(value, (list, tuple)) or all(map(_is_harmless, value))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {harmless_line(name): _cleaned(inner) for name, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, (list, tuple)) else value


_FIELDS: dict[type, dict[str, Callable[[Any], Any]]] = {
    Axes: {"chart": harmless_line, "x": harmless_line, "y": harmless_line, "reference": harmless_line},
    Point: {"chart": harmless_line, "series": harmless_line},
    Band: {"chart": harmless_line, "series": harmless_line},
    Bins: {"chart": harmless_line},
    Picture: {"chart": harmless_line},
    Cells: {"table": harmless_line, "cells": _values},
    Progress: {"label": harmless_line},
    Check: {"name": harmless_line, "expected": harmless_line, "got": harmless_line, "says": _text},
    Layer: {"name": harmless_line, "kind": harmless_line, "scheme": _text_or_none},
    Verdict: {"layer": harmless_line, "text": _text, "change": _text_or_none},
    Note: {"text": _text},
    Facts: {"values": _values},
    Started: {
        "lesson": harmless_line,
        "experiment": harmless_line,
        "knobs": _values,
        "device": harmless_line,
        "data": harmless_line,
        "torch": harmless_line,
        "initplay": harmless_line,
        "filename": harmless_line,
    },
    Printed: {"text": harmless},
    Thinned: {"what": harmless_line, "chart": harmless_line},
    Finished: {},
    Failed: {"message": _text, "traceback": _text},
    Stopped: {"message": _text},
}
