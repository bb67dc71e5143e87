"""A run as plain text, for a pipe, a log, or a terminal where the playground is not wanted."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from initplay.charts.draw import draw
from initplay.charts.history import history
from initplay.charts.maps import rows_of
from initplay.charts.sheet import Line, as_columns, cut
from initplay.charts.tables import whole_table
from initplay.lab.events import Check, Failed, Finished, Note, Printed, Recorded, Started, Verdict
from initplay.lab.examining.text import table as columns
from initplay.recording.run import LAYERS, Chart, Run
from initplay.recording.seeds import seeds_in_words, seeds_of
from initplay.words.harmless import harmless
from initplay.words.numbers import duration, short_fact

NARROWEST, WIDEST = 20, 100
"""Columns: text is not wrapped tighter, charts are not drawn wider."""
CHART_ROWS = 16
STRIP_ROWS = 12
MOST_MAP_ROWS = 40

_ANSI = {
    "title": "1", "warn": "1;31", "good": "32", "muted": "2", "axis": "2", "theory": "2", "ghost": "2",
    "reference": "2", "cursor": "1", "s0": "36", "s1": "33", "s2": "32", "s3": "35", "s4": "34", "s5": "31",
    "s6": "96", "s7": "95",
}  # fmt: skip
"""The sixteen colours that every terminal has; other roles keep the terminal's own."""


class Reporter:
    """Writes what is said during a run as it comes, and the whole picture at its end."""

    def __init__(self, out: TextIO, *, width: int, styled: bool = False, ascii: bool = False) -> None:
        self._out = out
        self._width = min(max(width, NARROWEST), WIDEST)
        self._styled = styled
        self._ascii = ascii
        self._line_open = False
        """Whether the experiment printed something that its line does not end with."""

    def says(self, event: Recorded) -> bool:
        """Whether `add` has something to write for the event."""
        return isinstance(event, Started | Note | Printed | Verdict)

    def add(self, event: Recorded) -> None:
        """Write the event if it is one that speaks for itself; charts wait for `close`."""
        if isinstance(event, Printed):
            self._write_printed(event.text)
        elif isinstance(event, Started):
            self.write([*opening(event, self._width), []])
        elif isinstance(event, Note):
            self.write(_note(event.text, self._width))
        elif isinstance(event, Verdict):
            self.write(_verdict(event, self._width))

    def close(self, run: Run) -> None:
        """Write the charts, pictures, tables and results, and how the run ended."""
        self.write(closing(run, self._width, self._ascii))

    def _write_printed(self, text: str) -> None:
        """As it was printed, so that what comes in pieces stays on its line."""
        lines = (_plain(line.rstrip("\r").rpartition("\r")[2], self._ascii) for line in text.split("\n"))
        self._out.write("\n".join(lines))
        self._line_open = not text.endswith("\n")
        self._out.flush()

    def write(self, lines: Iterable[Line]) -> None:
        if self._line_open:
            self._out.write("\n")
            self._line_open = False
        for line in lines:
            plain = [(_plain(text, self._ascii), role) for text, role in line]
            self._out.write((_coloured(plain) if self._styled else _text(plain)) + "\n")
        self._out.flush()


def _plain(text: str, ascii: bool) -> str:
    """Without what would move the cursor or change colours; tabs become spaces."""
    text = harmless(text).expandtabs(4)
    if ascii:
        return as_columns(text, ascii=True)
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())


def _text(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def _coloured(line: Line) -> str:
    return "".join(f"\x1b[{_ANSI[role]}m{text}\x1b[m" if role in _ANSI else text for text, role in line)


def opening(started: Started, width: int) -> list[Line]:
    """What is run, and on what."""
    knobs = " ".join(f"{name}={_knob(value)}" for name, value in started.knobs.items())
    facts = [seeds_in_words(seeds_of(started)), started.device, started.data, f"torch {started.torch}"]
    facts += ["edited text"] if started.edited else []
    where = " · ".join(fact for fact in facts if fact)
    lines: list[Line] = [[(f"{started.lesson}/{started.experiment}", "title")]]
    lines += [[("  " + part, "label")] for part in textwrap.wrap(knobs, width - 2)]
    return lines + [[("  " + part, "muted")] for part in textwrap.wrap(where, width - 2)]


def closing(run: Run, width: int, ascii: bool) -> list[Line]:
    """Everything that a run recorded, as it stands at its end."""
    lines: list[Line] = []
    for chart in run.charts.values():
        lines += _with_gap(_chart(chart, width, ascii))
    if run.checks:
        lines += _with_gap(checks(run.checks, width))
    for name, rows in run.tables.items():
        if name == LAYERS and run.layers:  # as `initplay examine` writes it
            drawn = [[(line, "label")] for line in columns(run.layers, width)]
        else:
            drawn = whole_table(rows.items, width, ascii)
        lines += _with_gap([[(name, "title")], *drawn])
    if run.facts:
        lines += _with_gap([[("results", "title")], *_facts(run.facts, width, ascii)])
    if run.thinned:
        lines += _with_gap([[(part, "muted")] for part in textwrap.wrap(run.thinned, width)])
    return lines + list(_ending(run, width))


def checks(found: Sequence[Check], width: int) -> Iterator[Line]:
    """Which checks passed; below the first that did not, what is right and what came, and why."""
    first = next((check for check in found if check.failed), None)
    for check in found:
        name = check.name if check.reached else f"{check.name} (not reached)"
        yield [_mark(check), (f"  {cut(name, width - 8, False)}", "label")]
        if check is first:
            yield [("        right  ", "muted"), (cut(check.expected, width - 15, False), "label")]
            yield [("        yours  ", "muted"), (cut(check.got, width - 15, False), "label")]
            yield from ([("        " + part, "warn")] for part in textwrap.wrap(check.says, width - 8))


def _mark(check: Check) -> tuple[str, str]:
    if check.passed:
        return "ok    ", "good"
    return ("failed", "warn") if check.failed else ("-     ", "muted")


def _with_gap(lines: Iterable[Line]) -> list[Line]:
    return [*lines, []]


def _chart(chart: Chart, width: int, ascii: bool) -> Iterator[Line]:
    if chart.kind == "pictures":
        # Shades need more colours than a pipe has, so they are characters.
        newest = chart.pictures.items[-1]
        rows = min(rows_of(newest), MOST_MAP_ROWS) if newest.rows else CHART_ROWS
        yield from _without_blank_end(draw(chart, width, rows, ascii=True))
        return
    yield from draw(chart, width, CHART_ROWS, ascii=ascii)
    if len(chart.bins.items) > 1:
        yield []
        yield from history(chart, width, STRIP_ROWS, ascii=True)


def _without_blank_end(lines: list[Line]) -> list[Line]:
    while lines and not _text(lines[-1]):
        lines = lines[:-1]
    return lines


def _facts(facts: dict[str, Any], width: int, ascii: bool) -> Iterator[Line]:
    names = max(len(name) for name in facts)
    for name, value in facts.items():
        room = max(width - names - 4, 8)
        said = cut(as_columns(short_fact(value, room), ascii), room, ascii)
        yield [(f"  {name:<{names}}  ", "muted"), (said, "label")]


def _knob(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _note(text: str, width: int) -> list[Line]:
    wrapped = [part for line in text.splitlines() for part in textwrap.wrap(line, width - 2)]
    return [
        [("· " if number == 0 else "  ", "muted"), (part, "label")] for number, part in enumerate(wrapped)
    ]


def _verdict(verdict: Verdict, width: int) -> list[Line]:
    """What is wrong with a net, and below it the code that mends it, as it is to be copied."""
    change = (verdict.change or "").splitlines()
    return [*_note(verdict.text, width), *([("    " + line, "label")] for line in change)]


def _ending(run: Run, width: int) -> Iterator[Line]:
    ending = run.ending
    if isinstance(ending, Finished):
        yield [("finished", "good"), (f" in {duration(ending.seconds)}", "muted")]
    elif isinstance(ending, Failed):
        yield from _sentence("failed", "warn", ending.message, width)
        yield from ([("  " + line, "muted")] for line in ending.traceback.splitlines())
    elif ending is not None:
        yield from _sentence("stopped", "warn", ending.message or f"after {_count(run)}", width)


def _count(run: Run) -> str:
    number = len(run.events) - 2  # neither the beginning nor the end
    return f"{max(number, 0):,} event{'' if number == 1 else 's'}"


def _sentence(word: str, role: str, text: str, width: int) -> Iterator[Line]:
    first, *rest = textwrap.wrap(f"{word}: {text}", width) or [word]
    yield [(word, role), (first[len(word) :], "label")]
    yield from ([(part, "label")] for part in rest)


class Ticker:
    """One line on a terminal that says how far a run has come, at most ten times a second."""

    EVERY = 0.1

    def __init__(self, out: TextIO, width: int) -> None:
        self._out = out
        self._width = width - 1
        self._shown = 0
        self._drawn_at = -math.inf
        self._began: float | None = None

    def show(self, run: Run) -> None:
        now = time.monotonic()
        if now - self._drawn_at >= self.EVERY:
            self._drawn_at = now
            self.say(self._words(run, now))

    def say(self, words: str) -> None:
        words = cut(as_columns(words, ascii=True), self._width, ascii=True)
        self._out.write("\r" + words.ljust(self._shown) + "\r")
        self._out.flush()
        self._shown = len(words)

    def clear(self) -> None:
        if self._shown:
            self.say("")

    def _words(self, run: Run, now: float) -> str:
        progress = run.progress
        share = progress.done / progress.total if progress and progress.total > 0 else math.nan
        if progress is None or not math.isfinite(share):
            return f"{len(run.events):,} events"
        self._began = now if self._began is None else self._began
        share = min(max(share, 0.0), 1.0)
        bar = ("#" * round(20 * share)).ljust(20, ".")
        left = f", {duration((now - self._began) * (1 - share) / share)} left" if share > 0.02 else ""
        return f"[{bar}] {share:.0%} {progress.label}{left}"
