"""The command that runs an experiment at many settings and seeds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import is_plain, say
from initplay.commands.root import (
    DEVICES,
    Everywhere,
    Failure,
    Wrong,
    data_option,
    initplay,
)
from initplay.commands.runs import (
    MOST_SEEDS,
    choose_one,
    order_of,
    reporter,
    seeds_from,
    ticking,
    write_line,
)
from initplay.course.agreed import FIRST_SEED
from initplay.words.nearest import did_you_mean
from initplay.words.numbers import duration

if TYPE_CHECKING:
    from initplay.commands.report import Ticker
    from initplay.course.experiment import Experiment
    from initplay.course.lesson import Lesson
    from initplay.engine.order import Order
    from initplay.engine.outcome import Outcome
    from initplay.recording.cell import Cell
    from initplay.sweep.cell import SweepFile
    from initplay.sweep.grid import Grid

MANY = 10_000
"""Runs from which on the estimate is asked about before they are made."""


@initplay.command()
@click.argument("what", metavar="LESSON/EXPERIMENT")
@click.argument("assignments", metavar="[KNOB=A,B,C | KNOB=LOW..HIGH:N[:log]]...", nargs=-1)
@click.option(
    "--seed", metavar="N", type=int, default=FIRST_SEED, help=f"The first; {FIRST_SEED} by default."
)
@click.option("--seeds", metavar="COUNT", type=click.IntRange(1, MOST_SEEDS), help="So many at each.")
@click.option(
    "--fact", "facts", metavar="NAME", multiple=True, help="A result to keep; all numbers by default."
)
@click.option(
    "--workers", metavar="N", type=click.IntRange(1, 1024), help="Runs at once; one more than the cores."
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="A scheduler of Dask, or its --scheduler-file; `local` makes one on this machine.",
)
@click.option(
    "--save", metavar="FILE", type=click.Path(path_type=Path), help="Keep each run, and go on from it."
)
@click.option("--yes", is_flag=True, help=f"Make {MANY:,} runs and more without being asked.")
@click.option("--device", metavar="NAME", help=f"{DEVICES}; by default the CPU, whose cores share the runs.")
@data_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a run, one a line.")
@click.option("--plain", is_flag=True, help="Text without colours, as in a pipe.")
@click.pass_obj
def sweep(
    everywhere: Everywhere,
    what: str,
    assignments: tuple[str, ...],
    seed: int,
    seeds: int | None,
    facts: tuple[str, ...],
    workers: int | None,
    cluster: str | None,
    save: Path | None,
    yes: bool,
    device: str | None,
    data: str | None,
    as_json: bool,
    plain: bool,
) -> int:
    """Run an experiment at every combination of knobs. Each run has a process of its own.

    Example: initplay sweep depth/depth init=default,he depth=1..16:4 --seeds 3 --fact accuracy

    Without knobs it is what the lesson's author made ready: initplay sweep deep/phase
    """
    choose_one(as_json, plain)
    if cluster and workers and cluster != "local":
        raise Wrong("--workers is for this machine: a cluster has as many as it has.")
    lesson, experiment = _find(everywhere, what)
    ready = lesson.sweeps.get(experiment.name)
    if ready and not assignments:
        assignments, facts, seeds = ready.over, facts or ready.facts, seeds or ready.seeds
    all_seeds = seeds_from(seed, seeds or 1)
    grid = _grid(experiment, assignments)
    _check_facts(lesson, experiment, facts)
    order = order_of(
        lesson,
        experiment,
        grid.fixed,
        seeds=all_seeds,
        device=device or everywhere.device or "cpu",
        data=data or everywhere.data or "auto",
    )
    plan = Plan(order, grid, facts, ready.levels if ready else {})
    with ExitStack() as stack:
        file = stack.enter_context(_kept(save, plan)) if save else None
        done = file.done if file else {}
        ticker = stack.enter_context(ticking(is_plain(plain) or as_json))
        executor, at_once = stack.enter_context(_executor(cluster, workers))
        sweeping = Sweeping(plan, executor, at_once, bool(cluster), done, file, as_json, ticker)
        return sweeping.go(ask=not yes, plain=is_plain(plain))


class Plan:
    """Which runs there are: an order at every setting of a grid, for each of its seeds."""

    def __init__(self, order: Order, grid: Grid, facts: Sequence[str], levels: Mapping[str, float]) -> None:
        """`facts` are those to keep; empty for all numbers. `levels` are marked on their charts."""
        self.grid = grid
        self.facts = facts
        self.levels = levels
        self._order = order

    @property
    def count(self) -> int:
        return self.grid.count * len(self._order.seeds)

    def about(self) -> dict[str, Any]:
        """All that the numbers depend on, but for the versions of torch and of the machine."""
        order = self._order
        return {
            "experiment": f"{order.lesson}/{order.experiment}",
            "source": order.source,
            "knobs": {name: list(values) for name, values in self.grid.swept.items()} | order.knobs,
            "seeds": [order.seeds[0], len(order.seeds)],
            "facts": list(self.facts),
            "device": order.device,
            "data": order.data,
        }

    def orders(self, but: Container[str]) -> Iterator[Order]:
        """All runs but those with these keys."""
        from initplay.sweep.cell import key

        for seed, knobs in self.grid.runs(self._order.seeds):
            if key(self.grid.place(knobs), seed) not in but:
                yield self._order.with_seed(seed).with_experiment(self._order.experiment, knobs)


class Interrupted(Exception):
    """A signal asked for an end."""


class FileFull(Exception):
    """The file took no more; why, in the system's words."""


class Sweeping:
    """The runs of a plan being made."""

    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        at_once: int,
        is_far: bool,
        done: dict[str, Cell],
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
        self._had = len(done)
        self._keys = frozenset(done)
        self._cells: list[Cell] = list(done.values())
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

        left = self._plan.orders(but=self._keys)
        made = spread(self._executor, outcome_of, left, self._at_once, batches=self._is_far)
        for order, outcome in made:
            self._add(order, outcome)

    def _ask(self) -> None:
        """Make one run, and say how long all of them will take."""
        from initplay.engine.outcome import outcome_of

        order = next(self._plan.orders(but=self._keys))
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
        from initplay.recording.cell import Cell

        knobs, seed = self._plan.grid.place(order.knobs), order.seeds[0]
        if is_lost := isinstance(outcome, Exception):
            cell = Cell(knobs, seed, {}, "failed", f"Its worker was lost: {outcome}.")
        else:
            cell = Cell(
                knobs, seed, self._kept(outcome.facts), outcome.ending, outcome.message, outcome.seconds
            )
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

    def _kept(self, facts: dict[str, Any]) -> dict[str, Any]:
        from initplay.recording.cell import numbers_of

        if self._plan.facts:
            return {name: facts.get(name) for name in self._plan.facts}
        return numbers_of(facts)

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
            say(f"finished: {len(self._cells):,} runs, {made:,} of them now in {duration(took)}")

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


def _find(everywhere: Everywhere, what: str) -> tuple[Lesson, Experiment]:
    from initplay.course.lesson import CourseError

    try:
        return everywhere.course().find_experiment(what)
    except CourseError as error:
        raise Wrong(str(error)) from error


def _grid(experiment: Experiment, assignments: Sequence[str]) -> Grid:
    from initplay.course.knob import KnobError
    from initplay.sweep.grid import read_grid

    try:
        return read_grid(experiment, assignments)
    except KnobError as error:
        raise Wrong(str(error)) from error


def _check_facts(lesson: Lesson, experiment: Experiment, facts: Sequence[str]) -> None:
    from initplay.course.meanings import results_of

    known = results_of(lesson, experiment.name)
    for fact in facts:
        if known and fact not in known:
            near = did_you_mean(fact, known)
            raise Wrong(f"{experiment.name} has no result {fact!r}{near}: it has {', '.join(known)}.")


@contextmanager
def _kept(path: Path, plan: Plan) -> Iterator[SweepFile]:
    from initplay.sweep.cell import SweepFile, SweepFileError

    try:
        file = SweepFile(path, plan.about())
    except SweepFileError as error:
        raise Wrong(str(error)) from error
    except OSError as error:
        raise Wrong(f"--save {path} cannot be written ({error.strerror}): name another place.") from error
    try:
        yield file
    finally:
        file.close()


@contextmanager
def _executor(cluster: str | None, workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Threads that wait for processes of this machine, or a cluster; and how many runs there are at once."""
    from initplay.engine import outcome
    from initplay.engine.cores import cores

    # Each is nice, so that whoever else works here goes first. While one ends and the next is made, its core
    # has the one that is more.
    at_once = workers or (cores() if cluster else cores() + 1)
    if cluster:
        from initplay.sweep.cluster import NoCluster
        from initplay.sweep.cluster import cluster as of_dask

        try:
            with of_dask(cluster, at_once) as executor_and_count:
                yield executor_and_count
        except NoCluster as error:
            raise Failure(str(error)) from error
        return
    executor = ThreadPoolExecutor(at_once)
    try:
        yield executor, at_once
    finally:
        executor.shutdown(wait=False, cancel_futures=True)  # first, lest a thread begin what waits
        outcome.close()  # what still runs ends with its engine, and so nothing is waited for
        executor.shutdown()


def _interrupt(_number: int, _frame: object) -> None:
    raise Interrupted
