"""The command that runs an experiment at many settings and seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from initplay.commands.output import is_plain
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
    seeds_from,
    ticking,
)
from initplay.commands.sweep_making import MANY, Making
from initplay.commands.sweep_plan import Plan
from initplay.course.agreed import FIRST_SEED
from initplay.words.nearest import did_you_mean

if TYPE_CHECKING:
    from initplay.course.experiment import Experiment
    from initplay.course.lesson import Lesson
    from initplay.sweep.cell import SweepFile
    from initplay.sweep.grid import Grid


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
        done = file.done.values() if file else ()
        ticker = stack.enter_context(ticking(is_plain(plain) or as_json))
        executor, at_once = stack.enter_context(_executor(cluster, workers))
        making = Making(plan, executor, at_once, bool(cluster), done, file, as_json, ticker)
        return making.go(ask=not yes, plain=is_plain(plain))


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
