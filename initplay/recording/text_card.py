"""A run as a short text to paste into a mail: what it was, what came out, and how to do it again."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator

from initplay.lab.events import EXAMINE, Started
from initplay.recording.run import Run
from initplay.recording.seeds import are_consecutive, seeds_in_words, seeds_of
from initplay.words.harmless import harmless
from initplay.words.numbers import short_fact

_DATA = {"MNIST 5k": "embedded", "MNIST 70k": "full"}
"""What `--data` takes, by what the digits are called."""


def card(run: Run, lesson_source: str | None = None) -> str:
    """The run as a text, with what was edited where the lesson's own text is given too.

    Raises ValueError for a run that never started.
    """
    started = run.started
    if started is None:
        raise ValueError("a run that never started has no card")
    facts = (seeds_in_words(seeds_of(started)), started.device, started.data)
    lines = [
        f"initplay {started.lesson}/{started.experiment} · {run.state}",
        " · ".join(part for part in facts if part),
        f"torch {started.torch} · initplay {started.initplay}",
        "",
    ]
    width = max((len(name) for name in [*started.knobs, *run.facts]), default=0)
    lines += [f"  {name:<{width}}  {_shown(value)}" for name, value in started.knobs.items() if value != ""]
    if run.facts:
        lines += ["", *(f"  {name:<{width}}  {_shown(value)}" for name, value in run.facts.items())]
    for verdict in run.verdicts:
        lines += ["", f"! {verdict.text}", *(f"    {line}" for line in (verdict.change or "").splitlines())]
    return "\n".join([*lines, "", *_again(run, started, lesson_source), ""])


def command(run: Run) -> str:
    """The shell command that runs it again, on the same device and digits, if its source is the lesson's.

    Of seeds that are not consecutive it names the first. Digits from a folder of the learner's own are not
    named, for only the learner has them. Raises ValueError for a run that never started.
    """
    started = run.started
    if started is None:
        raise ValueError("a run that never started has no command")
    if started.lesson == EXAMINE:
        return " ".join(shlex.quote(word) for word in _examining(started))
    seeds = seeds_of(started)
    knobs = [f"{name}={_typed(value)}" for name, value in started.knobs.items()]
    words = ["initplay", "run", f"{started.lesson}/{started.experiment}", *knobs]
    words += ["--seed", str(seeds[0])]
    if len(seeds) > 1 and are_consecutive(seeds):
        words += ["--seeds", str(len(seeds))]
    words += ["--device", started.device]
    if started.data in _DATA:
        words += ["--data", _DATA[started.data]]
    return " ".join(shlex.quote(word) for word in words)


def _examining(started: Started) -> Iterator[str]:
    """The words of the command that examines a net of the user's file again."""
    knobs = started.knobs
    name = f":{knobs['name']}" if knobs.get("name") else ""
    yield from ("initplay", "examine", f"{started.filename or started.experiment}{name}")
    for knob, value in knobs.items():
        if knob != "name" and value != "":
            yield from (f"--{knob}", str(value))
    yield from ("--seed", str(seeds_of(started)[0]), "--device", started.device)


def _again(run: Run, started: Started, lesson_source: str | None) -> Iterator[str]:
    """The command, after what must be known of it, and before the edit that it does not make."""
    edited = started.edited or lesson_source not in (None, started.source)
    if edited:
        own = "examines the file as it is" if started.lesson == EXAMINE else "runs the lesson's own"
        yield f"The text was edited; the command {own}."
    if started.mine:
        yield "It ran with your own code of the exercise; the command runs the lesson's."
    if not are_consecutive(seeds_of(started)):
        yield "The command runs the first seed; the others need one each."
    yield f"  {command(run)}"
    if lesson_source is not None and lesson_source != started.source:
        yield from ["", "The edit:", "", *_edit(lesson_source, started.source)]
    if started.mine:
        yield from ["", "Your own code:", "", *(f"  {harmless(line)}" for line in started.mine.splitlines())]


def _edit(lesson_source: str, source: str) -> Iterator[str]:
    """A unified diff, as `patch` takes it."""
    before, after = lesson_source.split("\n"), source.split("\n")
    for line in difflib.unified_diff(before, after, "lesson", "edited", lineterm=""):
        yield harmless(line)


def _shown(value: object) -> str:
    return " ".join(short_fact(value).split())


def _typed(value: object) -> str:
    """As a knob takes it, with every digit that matters to repeat the run."""
    return str(value).lower() if isinstance(value, bool) else str(value)
