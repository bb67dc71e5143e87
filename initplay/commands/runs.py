"""Commands about runs: one without the playground, and one that was saved."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from initplay.commands.output import is_ascii, is_plain, say, text_out, width
from initplay.commands.root import (
    Everywhere,
    Failure,
    Wrong,
    data_option,
    device_option,
    initplay,
    play,
    usable_data,
)
from initplay.course.agreed import FIRST_SEED
from initplay.opening import has_terminal, is_terminal

if TYPE_CHECKING:
    from initplay.commands.report import Reporter, Ticker
    from initplay.course.course import Course
    from initplay.course.experiment import Experiment
    from initplay.course.knob import Value
    from initplay.course.lesson import Lesson
    from initplay.engine.headless import Watch
    from initplay.engine.order import Order
    from initplay.lab.events import Recorded
    from initplay.recording.run import Run

LARGEST_SEED = 2**63 - 1  # a seed travels to the worker as 64 bits
MOST_SEEDS = 1000


@initplay.command()
@click.argument("what", metavar="LESSON/EXPERIMENT")
@click.argument("knobs", metavar="[KNOB=VALUE]...", nargs=-1)
@click.option("--seed", metavar="N", type=int, default=FIRST_SEED, help=f"{FIRST_SEED} by default.")
@click.option(
    "--seeds",
    metavar="COUNT",
    type=click.IntRange(1, MOST_SEEDS),
    default=1,
    help="So many seeds, from --seed on: their median and range; from 20 on 5 % to 95 %.",
)
@device_option
@data_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object per event per line.")
@click.option("--plain", is_flag=True, help="Text without colours, as in a pipe.")
@click.option(
    "--save", metavar="RUN.jsonl", type=click.Path(path_type=Path), help="Keep the run for `replay`."
)
@click.pass_obj
def run(
    everywhere: Everywhere,
    what: str,
    knobs: tuple[str, ...],
    seed: int,
    seeds: int,
    device: str | None,
    data: str | None,
    as_json: bool,
    plain: bool,
    save: Path | None,
) -> int:
    """Run an experiment without the playground. It computes the same, and shows it at the end.

    Example: initplay run blowup/chain depth=50 scale=1/512**0.5
    """
    choose_one(as_json, plain)
    order = _order(
        everywhere.course(),
        what,
        knobs,
        seeds=seeds_from(seed, seeds),
        device=device or everywhere.device or "auto",
        data=data or everywhere.data or "auto",
    )
    save = savable(save) if save else None
    if seeds > 1:
        recorded = _perform_several(order, as_json, is_plain(plain))
    else:
        recorded = perform_as_json(order) if as_json else perform_as_text(order, is_plain(plain))
    if save:
        keep(recorded, save)
    return 0 if recorded.state == "finished" else 1


def _order(
    course: Course, what: str, knobs: tuple[str, ...], *, seeds: tuple[int, ...], device: str, data: str
) -> Order:
    from initplay.course.knob import KnobError
    from initplay.course.lesson import CourseError

    try:
        lesson, experiment = course.find_experiment(what)
        values = experiment.parse(knobs)
    except (CourseError, KnobError) as error:
        raise Wrong(str(error)) from error
    return order_of(lesson, experiment, values, seeds=seeds, device=device, data=data)


def order_of(
    lesson: Lesson,
    experiment: Experiment,
    knobs: dict[str, Value],
    *,
    seeds: tuple[int, ...],
    device: str,
    data: str,
) -> Order:
    """The lesson's own text, to be run so."""
    from initplay.engine.order import Order

    return Order(
        lesson=lesson.slug,
        experiment=experiment.name,
        filename=lesson.filename,
        source=lesson.source,
        knobs=knobs,
        seeds=seeds,
        device=device,
        data=usable_data(data),
    )


def choose_one(as_json: bool, plain: bool) -> None:
    """Of the two forms of output."""
    if as_json and plain:
        raise Wrong("--json and --plain are two forms of output: choose one.")


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """So many seeds, from --seed on."""
    if not 0 <= first <= LARGEST_SEED:
        raise Wrong(f"--seed {first} is out of range: a seed is a whole number from 0 to {LARGEST_SEED}.")
    if first + count - 1 > LARGEST_SEED:
        raise Wrong(f"--seeds {count} from --seed {first} on goes past the last seed, {LARGEST_SEED}.")
    return tuple(range(first, first + count))


def keep(recorded: Run, path: Path) -> None:
    """Save the run, if it began."""
    from initplay.recording import saved

    if not recorded.started:
        return
    try:
        saved.save(recorded, path)
    except OSError as error:
        raise Failure(f"The run was not saved: {path} cannot be written ({error.strerror}).") from error


def savable(path: Path) -> Path:
    """Where to save, links followed. Refused now rather than after the run; what is there stays, and is
    written over only where it is a saved run."""
    from initplay.recording import saved

    real = path.resolve()
    if os.path.exists(real) and not os.path.isfile(real):
        raise Wrong(f"--save {path} is no file: name a new file, such as run.jsonl.")
    try:
        if os.path.exists(real) and not saved.is_run_or_empty(real):
            raise Wrong(f"--save {path} is there and is no saved run: name a new file.")
        with tempfile.TemporaryFile(dir=real.parent):
            return real
    except OSError as error:
        raise Wrong(f"--save {path} cannot be written ({error.strerror}): name another place.") from error


def perform_as_json(order: Order) -> Run:
    def watch(batch: list[Recorded], _recording: Run) -> None:
        for event in batch:
            write_json(event)

    return performed(order, watch)


def write_json(event: Recorded) -> None:
    from initplay.recording.saved import to_json

    write_line(to_json(event))


def write_line(json: str) -> None:
    """JSON is UTF-8 whatever the locale; half a surrogate pair is spelt as JSON's own escape."""
    sys.stdout.buffer.write((json + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def perform_as_text(order: Order, plain: bool) -> Run:
    writer = reporter(plain)
    with ticking(plain) as ticker:

        def watch(batch: list[Recorded], recording: Run) -> None:
            for event in batch:
                if ticker and writer.says(event):
                    ticker.clear()
                writer.add(event)
            if ticker:
                ticker.show(recording)

        recorded = performed(order, watch)
    writer.close(recorded)
    return recorded


def _perform_several(order: Order, as_json: bool, plain: bool) -> Run:
    """Run all of them, then write the one recording that they make."""
    from initplay.lab.events import Progress

    with ticking(plain) as ticker:

        def watch(batch: list[Recorded], _recording: Run) -> None:
            for event in batch:
                if ticker and isinstance(event, Progress):
                    ticker.say(f"{event.done:.0f} of {event.total:.0f} {event.label}")

        recorded = performed(order, watch)
    if as_json:
        for event in recorded.events:
            write_json(event)
    else:
        _report(recorded, plain)
    return recorded


def _report(recorded: Run, plain: bool) -> None:
    writer = reporter(plain)
    for event in recorded.events:
        writer.add(event)
    writer.close(recorded)


def reporter(plain: bool) -> Reporter:
    """Writes to stdout, in colours if it is not to be plain."""
    from initplay.commands.report import Reporter

    return Reporter(text_out(), width=width(), styled=not plain, ascii=is_ascii())


@contextmanager
def ticking(plain: bool) -> Iterator[Ticker | None]:
    """A line that says how far it is, until there is something to show; None where nobody watches."""
    from initplay.commands.report import Ticker

    if plain or not is_terminal(sys.stderr):
        yield None
        return
    ticker = Ticker(sys.stderr, width())
    ticker.say("starting torch ...")
    try:
        yield ticker
    finally:
        ticker.clear()


def performed(order: Order, watch: Watch) -> Run:
    """Run it; what the engine refuses or cannot do becomes the command's own errors."""
    from initplay.engine.headless import EngineBroken, Refused, perform

    try:
        return perform(order, watch)
    except Refused as error:
        raise Wrong(str(error)) from error
    except EngineBroken as error:
        raise Failure(str(error)) from error


@initplay.command()
@click.argument("file", metavar="RUN.jsonl", type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="As text on stdout, also on a terminal.")
@click.option(
    "--picture",
    metavar="FILE.svg|FILE.png",
    type=click.Path(path_type=Path),
    help="Write a chart as a picture, and open nothing.",
)
@click.option("--chart", metavar="NAME", help="Which chart; the first by default.")
@click.option("--at", metavar="X", type=float, help="As it stood at that layer or step; the end by default.")
@click.pass_obj
def replay(
    everywhere: Everywhere, file: Path, plain: bool, picture: Path | None, chart: str | None, at: float | None
) -> int:
    """Look at a saved run. It opens in the playground, or as text where there is no terminal."""
    from initplay.recording import saved

    try:
        recorded = saved.load(file)
    except saved.RunFileError as error:
        raise Wrong(str(error)) from error
    if picture is not None:
        from initplay.commands.picture import write_picture

        write_picture(recorded, picture, chart, at)
        say(f"Wrote {picture}.")
        return 0
    if chart is not None or at is not None:
        raise Wrong("--chart and --at say which --picture is meant: add --picture FILE.svg.")
    if not plain and has_terminal():
        return play(everywhere, recording=recorded)
    _report(recorded, is_plain(plain))
    return 0
