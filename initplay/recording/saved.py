"""Runs as files: one JSON object a line, as `initplay run --json` writes it.

JSON lacks NaN and the infinities, so they are the strings "nan", "inf" and "-inf". Where a value may be text
as well as a number (in knobs, results and the cells of a row), text that reads like one of the three has a
backslash before it, and text that reads like such an escape has one more.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from initplay.lab.events import Point, Recorded, Started, Stopped
from initplay.recording.run import Run
from initplay.recording.sound import fault
from initplay.words.numbers import without_nonfinite
from initplay.words.plain_file import contents, opened
from initplay.words.whole import whole

_OF_ANY_KIND = ("values", "cells", "knobs")
"""The fields whose values may be text as well as numbers."""
_NONFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_LONGEST_FIRST = 2**24
"""Bytes of a first line that are read: no run has as many in its knobs, and some files have no lines."""
_READS_LIKE_ONE = re.compile(r"\\*(nan|inf|-inf)")


class RunFileError(Exception):
    """A saved run that cannot be read; the message is one sentence."""


def save(run: Run, path: Path) -> None:
    """Write the run to a file, whole or not at all. Raises OSError."""
    with whole(path) as beside, beside.open("x", encoding="utf-8") as file:
        file.writelines(to_json(event) + "\n" for event in run.events)


def is_run_or_empty(path: Path) -> bool:
    """Whether a file holds no more than a run, by its first line: then another may be written over it.
    Raises OSError."""
    with opened(path) as file:
        line = file.readline(_LONGEST_FIRST)
    if not line:
        return True
    try:
        from_json(line.decode("utf-8"))
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        return False
    return True


def load(path: Path) -> Run:
    """Read what `save` or `initplay run --json` wrote.

    A run cut off in the middle of its last line is kept up to there and counts as stopped.
    Raises RunFileError with a sentence for a file that is no run, or more than one.
    """
    run = Run()
    for number, event in enumerate(_read(path), 1):
        if isinstance(event, Started) and run.started:
            raise RunFileError(f"{path}, line {number}, begins a second run: keep each run in its own file.")
        if run.ending:
            raise RunFileError(f"{path}, line {number}, comes after the end of the run: take it out.")
        run.add(event)
    if run.started is None:
        raise RunFileError(f"{path} holds no run: its first line should be a `started` event.")
    if run.ending is None:
        run.add(Stopped(f"{path.name} ends before the run does."))
    return run


def _read(path: Path) -> Iterator[Recorded]:
    try:
        text = contents(path).decode("utf-8")
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise RunFileError(f"{path} is not a saved run: it is not text.") from error
    if not text.strip():
        raise RunFileError(f"{path} is empty: it holds no run.")
    # Not splitlines, which also breaks at characters that JSON leaves as they are.
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            event = from_json(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            if number == len(lines) and number > 1:
                return
            if number == 1 and _is_of_a_sweep(line):
                raise RunFileError(
                    f"{path} holds the runs of a sweep, not one run: the command that made it, given again, "
                    "shows what they came to."
                ) from error
            raise RunFileError(f"{path}, line {number}, is not an event of a run: {error}.") from error
        if wrong := fault(event):
            raise RunFileError(f"{path}, line {number}: {wrong}.")
        yield event


def _is_of_a_sweep(line: str) -> bool:
    """Whether it is the first line of what `initplay sweep --save` keeps."""
    try:
        return msgspec.json.decode(line, type=dict[str, Any]).get("type") == "sweep"
    except msgspec.MsgspecError:
        return False


def to_json(event: Recorded) -> str:
    """One event as a line of JSON, without its end."""
    if isinstance(event, Point) and _is_plain(event.x) and _is_plain(event.y):
        # Most events are points, and a long run has 500,000 of them.
        chart, series = _quoted(event.chart), _quoted(event.series)
        return f'{{"type": "point", "chart": {chart}, "x": {event.x}, "y": {event.y}, "series": {series}}}'
    fields = msgspec.to_builtins(event)
    for name in _OF_ANY_KIND:
        if name in fields:
            fields[name] = with_text_escaped(fields[name])
    return json.dumps(without_nonfinite(fields), ensure_ascii=False, allow_nan=False)


def _is_plain(number: object) -> bool:
    return type(number) is float and math.isfinite(number)


@lru_cache(maxsize=64)
def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def from_json(line: str) -> Recorded:
    """The event of one line that `to_json` wrote.

    Raises msgspec.MsgspecError where it is none, RecursionError where its brackets nest without end.
    """
    fields = msgspec.json.decode(line)
    for name in _OF_ANY_KIND:
        if isinstance(fields, dict) and name in fields:
            fields[name] = read_back(fields[name])
    return msgspec.convert(fields, Recorded, strict=False)


def with_text_escaped(value: Any) -> Any:
    """Text that reads like a number which JSON lacks gets a backslash, so that it stays text."""
    if isinstance(value, str):
        return "\\" + value if _READS_LIKE_ONE.fullmatch(value) else value
    if isinstance(value, dict):
        return {key: with_text_escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_text_escaped(inner) for inner in value]
    return value


def read_back(value: Any) -> Any:
    """Numbers that were spelled as numbers again, and text without its escape."""
    if isinstance(value, str):
        if value in _NONFINITE:
            return _NONFINITE[value]
        return value[1:] if value[:1] == "\\" and _READS_LIKE_ONE.fullmatch(value) else value
    if isinstance(value, dict):
        return {key: read_back(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [read_back(inner) for inner in value]
    return value
