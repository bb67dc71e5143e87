"""How many keys each step of the course takes at 80x24, and how often text and bench take turns in it.

Walked in a real terminal, with the real lessons and runs, by one who presses what the line below the text
says: `enter` where it leads, an answer where one is asked for, and past goals, which are left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from benchmarks.figures import Figure, Unmeasured
from benchmarks.launch import INITPLAY
from benchmarks.painted import Painted
from benchmarks.runs import LESSONS
from benchmarks.terminal import terminal
from initplay.ui.lesson.onward import Held, Onward

COLUMNS, ROWS = 80, 24
MOST_KEYS, MOST_TURNS = 7, 1
"""Six keys, and one more where a step asks two things: an answer after the run is no prediction."""
ASTRAY = 20
"""Keys in a step from which on one goes in circles."""
LONGEST_RUN = 1800.0
"""Seconds: on a machine that others use the leaderboard trains for minutes."""
QUICK_LESSONS = 2
ENTER = "\r"
ANSWERS: dict[Onward | Held, str] = {
    Onward.TYPE: "1",
    Onward.PLACE: "1",
    Onward.CHOOSE: "1",
    Onward.GOAL: "n",
}
"""What is pressed where `enter` does not lead on; a goal is left open."""
LEADS: tuple[Onward | Held, ...] = (*Onward, Held.NUMBER)
_PLACE = re.compile(r"initplay +(\d\d) .*step (\d+) of (\d+)")


@dataclass
class Taken:
    """What one step took."""

    lesson: int
    step: int
    """Counted from 1."""
    keys: list[Onward | Held] = field(default_factory=list)
    """What each key was for."""
    benches: list[bool] = field(default_factory=list)
    """Whether the bench had the screen, each time that it was another than before."""

    def look(self, *, has_bench: bool) -> None:
        if self.benches[-1:] != [has_bench]:
            self.benches.append(has_bench)

    @property
    def turns(self) -> int:
        return len(self.benches) - 1

    @property
    def name(self) -> str:
        return f"lesson {self.lesson:02} step {self.step}"

    @property
    def in_words(self) -> str:
        return f"{self.turns} turns; {', '.join(key.name.lower() for key in self.keys)}"


def walk(quick: bool) -> Iterator[Figure]:
    lessons = sum(folder.is_dir() for folder in LESSONS.iterdir())
    count = QUICK_LESSONS if quick else lessons
    steps: list[Taken] = []
    with terminal([*INITPLAY, "--no-ascii"], columns=COLUMNS, rows=ROWS) as opened:
        painted = Painted(opened, COLUMNS, ROWS)
        painted.wait_for(lambda: "lab ready" in painted.text, "lab")
        painted.rest()
        for _ in range(count):
            painted.press(ENTER)
            steps += walked(painted)
    yield Figure(f"steps walked at {COLUMNS} x {ROWS}", f"{len(steps)} in {count} lessons")
    keys = {step.name: len(step.keys) for step in steps}
    turns = {step.name: step.turns for step in steps}
    yield most("keys of the step that takes most", keys, MOST_KEYS)
    yield most("turns of the step that turns most", turns, MOST_TURNS)
    for step in steps:
        if len(step.keys) > MOST_KEYS or step.turns > MOST_TURNS:
            yield Figure(f"  over: {step.name}", step.in_words)


def most(what: str, counts: dict[str, int], budget: int) -> Figure:
    """The largest count, and the first of those that have it."""
    worst = max(counts, key=lambda name: counts[name])
    others = sum(count == counts[worst] for count in counts.values()) - 1
    also = f", and {others} more" if others else ""
    kept = counts[worst] <= budget
    return Figure(what, f"{counts[worst]} ({worst}{also})", f"<= {budget}", kept, counted=True)


def walked(painted: Painted) -> list[Taken]:
    """Through a lesson that was opened, to where it is left."""
    steps: list[Taken] = []
    while place := _PLACE.search(painted.rows[0]):
        lesson, step, total = map(int, place.groups())
        if not steps or steps[-1].step != step:
            steps.append(Taken(lesson, step))
        go_on(painted, steps[-1])
    if not steps or [step.step for step in steps] != list(range(1, total + 1)):
        raise Unmeasured(f"Not every step was met, of {[step.name for step in steps]}; now:\n{painted.text}")
    return steps


def go_on(painted: Painted, here: Taken) -> None:
    """Press what leads on, or wait for the run."""
    here.look(has_bench=not painted.rows[1].startswith("╭"))  # the text's frame
    leads = said(painted)
    if leads is Onward.WAIT:
        painted.wait_for(lambda: Onward.WAIT.value not in line_below(painted), "end of the run", LONGEST_RUN)
        painted.rest()
        return
    here.keys.append(leads)
    if len(here.keys) > ASTRAY:
        raise Unmeasured(f"{here.name}: {here.in_words}; the screen shows:\n{painted.text}")
    painted.press(ANSWERS.get(leads, ENTER))


def said(painted: Painted) -> Onward | Held:
    """What the line below the text says of `enter`: of two that begin alike, the longer one."""
    found = [leads for leads in LEADS if in_words(leads).search(line_below(painted))]
    if not found:
        raise Unmeasured(f"Nothing leads on; the screen shows:\n{painted.text}")
    return max(found, key=lambda leads: len(leads.value))


def line_below(painted: Painted) -> str:
    return " ".join(row for row in painted.rows if "──" in row)


@cache
def in_words(leads: Onward | Held) -> re.Pattern[str]:
    """As it stands on the screen, with numbers in its places."""
    return re.compile(re.sub(r"\\{\w+\\}", r"\\d+[ \\w]*", re.escape(leads.value)))
