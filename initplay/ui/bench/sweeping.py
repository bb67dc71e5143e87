"""A sweep on the bench: many runs, as many at once as there are cores to spare, and one recording of them,
which is their summary and is made anew as they end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Protocol

from initplay.course.knob import KnobError
from initplay.engine.order import Order
from initplay.engine.running import RETRIES, Running, Take, was_killed
from initplay.lab.events import (
    Ending,
    Facts,
    Failed,
    Finished,
    Note,
    Progress,
    Recorded,
    Started,
    Stopped,
)
from initplay.recording.cell import Cell, key
from initplay.sweep.cell import cell_of
from initplay.sweep.summary import events, fullest_first
from initplay.ui.bench.attempt import Attempt
from initplay.ui.bench.sweep_line import Asked, asked
from initplay.words.names import spelled
from initplay.words.numbers import short

EVERY = 0.25
"""Seconds between two summaries; more where one takes long."""
TO_BEGIN = 0.03
"""Seconds that a run takes beside those that it counts, roughly."""
MAX_NAMED = 6
"""Of the results that a sweep kept."""
_SHARE = 0.1
"""Of the time, that summaries may take of the screen's."""


class Engine(Protocol):
    """What starts runs of which there are many."""

    def start_among_many(self, order: Order, take: Take) -> Running: ...


def seconds_a_run(earlier: Attempt, at_once: int) -> float | None:
    """How much longer each run makes a sweep where so many go on side by side, by an earlier one or by an
    earlier sweep; None where it tells nothing of that."""
    ending, progress = earlier.run.ending, earlier.run.progress
    if not isinstance(ending, Finished) or earlier.seed_count > 1:
        return None
    if not earlier.swept:
        return (ending.seconds + TO_BEGIN) / at_once
    done = progress.done - earlier.had if progress else 0
    return ending.seconds / done if done > 0 else None


def same_sweep(earlier: Attempt, order: Order, wanted: Asked) -> bool:
    """Whether an earlier attempt was this very sweep: its runs would come to the same again."""
    alike = earlier.order.with_experiment(earlier.order.experiment, order.knobs) == order
    if not (earlier.swept and alike):
        return False
    try:
        return asked(earlier.experiment, earlier.swept, earlier.order.knobs) == wanted
    except KnobError:
        return False


def in_words(sweep: Attempt) -> str:
    """What a sweep came to: `with depth 20 · 90 of 90 runs · 5 seeds from 42 · results: loss`."""
    progress, others, seeds = sweep.run.progress, "", 1
    with contextlib.suppress(KnobError):  # the lesson's knobs are others by now
        found = asked(sweep.experiment, sweep.swept, sweep.order.knobs)
        seeds, others = found.seeds, _turned(sweep, but=found.named)
    parts = [f"with {others}"] if others else []
    parts += [f"{short(progress.done)} of {short(progress.total)} runs"] if progress else []
    parts.append(f"{seeds} seeds from {sweep.seed}" if seeds > 1 else f"seed {sweep.seed}")
    facts = [spelled(name) for name in sweep.drawn]
    more = f" and {len(facts) - MAX_NAMED} more" if len(facts) > MAX_NAMED else ""
    parts += [f"results: {', '.join(facts[:MAX_NAMED])}{more}"] if facts else []
    return " · ".join(parts)


def _turned(sweep: Attempt, but: set[str]) -> str:
    """The knobs that it does not go over and that stood elsewhere than at their defaults."""
    return ", ".join(
        f"{spelled(knob.name)} {knob.format(value)}"
        for knob in sweep.experiment.knobs
        if knob.name not in but and (value := sweep.order.knobs[knob.name]) != knob.default
    )


class Sweeping(Running):
    """Pausing it lets those end that go on, and begins no other."""

    def __init__(
        self,
        order: Order,
        over: Asked,
        facts: Sequence[str],
        wanted: Sequence[str],
        levels: Mapping[str, float],
        take: Take,
        engine: Engine,
        at_once: int,
        cells: list[Cell],
        started: Started | None = None,
    ) -> None:
        """The order's own seed is the first. `facts` are those to draw; empty for all numbers. Before them
        come those of `wanted` that there are. `levels` are marked on their charts. `cells` grows by what the
        runs come to; those that are in it are not run, and are drawn at once where `started`, of the sweep
        that they are of, is given."""
        super().__init__(order)
        self._grid = over.grid
        self._facts = facts
        self._wanted = wanted
        self._levels = levels
        self._take = take
        self._engine = engine
        self._at_once = at_once
        seeds = range(order.seeds[0], order.seeds[0] + over.seeds)
        self._left: Iterator[Order] = (
            order.with_seed(seed).with_experiment(order.experiment, knobs)
            for seed, knobs in over.grid.left(seeds, cells)
        )
        self._killed: Counter[str] = Counter()
        """How often the process of a run was, by its key."""
        self._count = over.runs
        self._going: set[Running] = set()
        self._cells = cells
        self._started = started
        self._has_begun = False
        """Whether a run of its own has."""
        self._ending: Ending | None = None
        self._paused = False
        self._due: asyncio.TimerHandle | None = None
        """When the next summary is drawn."""
        self._took = 0.0
        """Seconds that the last one took."""
        self._began = time.monotonic()
        self._begin_more()
        if cells:
            self._plan()

    @property
    def before(self) -> int | None:
        return next((one.before for one in self._going if one.before is not None), None)

    @property
    def awaits_lab(self) -> bool:
        return any(one.awaits_lab for one in self._going)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._begin_more()

    def step(self) -> None:
        """Its runs have no moments of their own here."""

    def slow(self, per_second: float | None) -> None:
        """Nor a pace."""

    def stop(self) -> None:
        if self._ending is None:
            self._ending = Stopped()
            for running in list(self._going):
                running.stop()
            self._end_if_over()

    def _begin_more(self) -> None:
        while not self._paused and self._ending is None and len(self._going) < self._at_once:
            if (order := next(self._left, None)) is None:
                break
            heard = _Heard()
            running = self._engine.start_among_many(order, partial(self._hear, heard))
            heard.running = running
            self._going.add(running)
        self._end_if_over()

    def _hear(self, heard: _Heard, batch: list[Recorded]) -> None:
        for event in batch:
            if isinstance(event, Started):
                self._started = self._started or self.order.beginning(event)
                self._has_begun = True
            elif isinstance(event, Facts):
                heard.facts |= event.values
        if heard.running and isinstance(ending := batch[-1], Finished | Failed | Stopped):
            self._going.discard(heard.running)
            if not isinstance(ending, Stopped):
                self._take_in(heard.running.order, heard.facts, ending)
            self._plan()
            self._begin_more()

    def _take_in(self, order: Order, facts: dict[str, Any], ending: Finished | Failed) -> None:
        state, message = ("failed", ending.message) if isinstance(ending, Failed) else ("finished", "")
        if self._ending is None and was_killed(message) and self._may_be_made_again(order):
            self._left = chain([order], self._left)
        elif self._has_begun:
            self._cells.append(cell_of(self._grid, order.knobs, order.seeds[0], facts, state, message))
        else:  # it could not even begin, and so no other can: all are to be run yet
            self._ending = self._ending or ending

    def _may_be_made_again(self, order: Order) -> bool:
        """Whether a run that was killed may; it is counted."""
        run = key(self._grid.place(order.knobs), order.seeds[0])
        self._killed[run] += 1
        return self._killed[run] <= RETRIES

    def _plan(self) -> None:
        """Draw what there is soon, but not for each run."""
        if self._due is None and self._ending is None:
            wait = max(EVERY, self._took / _SHARE) if self._took else 0.0
            self._due = asyncio.get_running_loop().call_later(wait, self._show)

    def _show(self) -> None:
        self._due = None
        if self.live and self._started:
            began = time.monotonic()
            self._take(self._recording(self._started))
            self._took = time.monotonic() - began

    def _recording(self, started: Started) -> list[Recorded]:
        progress = Progress(len(self._cells), self._count, "runs")
        levels = {spelled(name): level for name, level in self._levels.items()}
        cells = (cell.spelled() for cell in self._cells)
        summed_up = events(self._grid.spelled(), list(map(spelled, self._drawn)), cells, levels)
        return [started, *summed_up, *self._notes(), progress]

    @property
    def _drawn(self) -> list[str]:
        """The results, in order: the first is the first picture."""
        there = dict.fromkeys(name for cell in self._cells for name in cell.facts)
        first = (name for name in self._wanted if name in there)
        return list(dict.fromkeys([*first, *(self._facts or fullest_first(there, self._cells))]))

    def _notes(self) -> Iterable[Note]:
        failed = [cell for cell in self._cells if cell.ending == "failed"]
        if failed:
            yield Note(f"{len(failed)} of {len(self._cells)} runs failed. The first: {failed[0].message}")

    def _end_if_over(self) -> None:
        waits = self._paused and self._ending is None and len(self._cells) < self._count
        if not self.live or self._going or waits:
            return
        self.live = False
        if self._due:
            self._due.cancel()
        ending = self._ending or Finished(time.monotonic() - self._began)
        self._take([*(self._recording(self._started) if self._started else ()), ending])


class _Heard:
    """What is known of a run that goes on."""

    def __init__(self) -> None:
        self.running: Running | None = None
        self.facts: dict[str, Any] = {}
