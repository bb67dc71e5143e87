"""The runs of a sweep being made, and what is told of them meanwhile and at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

import click

from initplay.commands.output import say
from initplay.commands.root import Failure, Wrong
from initplay.commands.runs import reporter, write_line
from initplay.words.numbers import duration

if TYPE_CHECKING:
    from initplay.commands.report import Ticker
    from initplay.commands.sweep_plan import Plan
    from initplay.engine.order import Order
    from initplay.engine.outcome import Outcome
    from initplay.recording.cell import Cell
    from initplay.sweep.cell import SweepFile

MANY = 10_000
"""Runs from which on the estimate is asked about before they are made."""


class Interrupted(Exception):
    """A signal asked for an end."""


class FileFull(Exception):
    """The file took no more; why, in the system's words."""


class Making:
    """Has an executor make the runs of a plan, and tells how they go."""

    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        at_once: int,
        is_far: bool,
        done: Iterable[Cell],
        file: SweepFile | None,
        as_json: bool,
        ticker: Ticker | None,
    ) -> None:
        self._plan = plan
        self._executor = executor
        self._at_once = at_once
        self._is_far = is_far
        """Whether to hand over a run takes as long as a short one."""
        self._file = file
        self._as_json = as_json
        self._ticker = ticker
        self._cells: list[Cell] = list(done)
        self._had = len(self._cells)
        self._began = time.monotonic()

    def go(self, *, ask: bool, plain: bool) -> int:
        from initplay.engine.headless import on_signals
        from initplay.sweep.spread import ExecutorGone

        ending, trouble = "finished", ""
        try:
            with on_signals(_interrupt):
                if ask and self._plan.count - self._had >= MANY:
                    self._ask()
                for cell in self._cells[: self._had] if self._as_json else ():
                    write_line(cell.as_json())
                self._make()
        except Interrupted:
            ending = "stopped"
        except ExecutorGone:
            ending, trouble = "failed", "The cluster is gone"
        except FileFull as error:
            ending, trouble = "failed", f"The sweep's file cannot take more ({error})"
        if self._ticker:
            self._ticker.clear()
        self._tell(ending, plain)
        if trouble:
            raise Failure(f"{trouble}, with {self._missing} to go: {self._how_to_go_on}.")
        return 0 if ending == "finished" and all(cell.ending == "finished" for cell in self._cells) else 1

    def _make(self) -> None:
        from initplay.engine.outcome import outcome_of
        from initplay.sweep.spread import spread

        left = self._plan.orders(but=self._cells)
        made = spread(self._executor, outcome_of, left, self._at_once, batches=self._is_far)
        for order, outcome in made:
            self._add(order, outcome)

    def _ask(self) -> None:
        """Make one run, and say how long all of them will take."""
        from initplay.engine.outcome import outcome_of

        order = next(self._plan.orders(but=self._cells))
        began = time.monotonic()
        outcome = outcome_of(order)
        one = outcome.seconds or time.monotonic() - began  # the latter has torch's start in it
        runs = self._plan.count - self._had
        each = f"{runs:,} runs at about {duration(one)} each, {self._at_once} at once"
        estimate = f"{each}: {duration(runs * one / self._at_once)}"
        if not sys.stdin.isatty():
            raise Wrong(f"{estimate}; --yes makes them.")
        click.confirm(f"{estimate}. Make them?", abort=True, err=True)

    def _add(self, order: Order, outcome: Outcome | Exception) -> None:
        cell = self._plan.cell(order, outcome)
        is_lost = isinstance(outcome, Exception)
        if self._file and not is_lost:  # nothing came of it, and so it is made again
            try:
                self._file.add(cell)
            except OSError as error:
                raise FileFull(error.strerror) from error
        self._cells.append(cell)
        if self._as_json:
            write_line(cell.as_json())
        if self._ticker:
            self._ticker.say(self._progress())

    def _progress(self) -> str:
        made, took = len(self._cells) - self._had, time.monotonic() - self._began
        left = self._plan.count - len(self._cells)
        broken = sum(cell.ending != "finished" for cell in self._cells)
        words = f"{len(self._cells):,} of {self._plan.count:,} runs, {made / took:.3g} a second"
        words += f", {duration(left * took / made)} left" if left else ""
        return words + (f", {broken:,} failed" if broken else "")

    def _tell(self, ending: str, plain: bool) -> None:
        took = time.monotonic() - self._began
        broken = [cell for cell in self._cells if cell.ending != "finished"]
        if self._as_json:
            write_line(
                json.dumps({"type": ending, "seconds": took, "runs": len(self._cells), "failed": len(broken)})
            )
            return
        self._draw(plain)
        if broken:
            say(
                f"{len(broken):,} of {len(self._cells):,} runs did not finish. The first: {broken[0].message}"
            )
        if ending == "stopped":
            say(f"stopped with {self._missing} to go: {self._how_to_go_on}.")
        elif ending == "finished":
            made = len(self._cells) - self._had
            runs = f"{len(self._cells):,} run{'s' * (len(self._cells) != 1)}"
            say(f"finished: {runs}, {made:,} of them now in {duration(took)}")

    @property
    def _missing(self) -> str:
        return f"{self._plan.count - len(self._cells):,} of {self._plan.count:,} runs"

    @property
    def _how_to_go_on(self) -> str:
        return "the same command goes on from its file" if self._file else "with --save FILE it could go on"

    def _draw(self, plain: bool) -> None:
        from initplay.sweep.summary import summary

        plan = self._plan
        reporter(plain).close(summary(plan.grid, plan.facts, self._cells, plan.levels))


def _interrupt(_number: int, _frame: object) -> None:
    raise Interrupted
