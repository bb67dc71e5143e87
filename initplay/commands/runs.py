"""Commands about runs: one without the playground, and one that was saved."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
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

    Keep = Callable[[Run], None]
    """Puts a run that has ended where it stays."""

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
    keep = keeper(save) if save else None
    if seeds > 1:
        recorded = _perform_several(order, as_json, is_plain(plain), keep)
    elif as_json:
        recorded = perform_as_json(order, keep)
    else:
        recorded = perform_as_text(order, is_plain(plain), keep)
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


def keeper(path: Path) -> Keep:
    """What saves a run there, if it began. A place that cannot be written is refused now rather than then."""
    real = _savable(path)

    def keep(recorded: Run) -> None:
        from initplay.recording import saved

        if not recorded.started:
            return
        try:
            saved.save(recorded, real)
        except OSError as error:
            raise Failure(f"The run was not saved: {real} cannot be written ({error.strerror}).") from error

    return keep


def _savable(path: Path) -> Path:
    """Where to save, links followed. What is there stays, and only a saved run is to be written over."""
    from initplay.recording import saved

    real = Path(os.path.realpath(path))
    try:
        if os.path.lexists(real) and not os.path.isfile(real):
            raise Wrong(f"--save {path} is no file: name a new file, such as run.jsonl.")
        if not os.path.lexists(real):
            _try_out(real)
        elif not saved.is_run_or_empty(real):
            raise Wrong(f"--save {path} is there and is no saved run: name a new file.")
        with tempfile.TemporaryFile(dir=real.parent):  # what is there is replaced, not opened
            return real
    except OSError as error:
        raise Wrong(f"--save {path} cannot be written ({error.strerror}): name another place.") from error


def _try_out(path: Path) -> None:
    """Make the file and take it away again: only that tells whether its name can be. Raises OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.unlink()


def perform_as_json(order: Order, keep: Keep | None = None) -> Run:
    def watch(batch: list[Recorded], _recording: Run) -> None:
        for event in batch:
            write_json(event)

    return perform_and_keep(order, keep, watch)


def write_json(event: Recorded) -> None:
    from initplay.recording.saved import to_json

    write_line(to_json(event))


def write_line(json: str) -> None:
    """JSON is UTF-8 whatever the locale; half a surrogate pair is spelt as JSON's own escape."""
    sys.stdout.buffer.write((json + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def perform_as_text(order: Order, plain: bool, keep: Keep | None = None) -> Run:
    writer = reporter(plain)
    with ticking(plain) as ticker:

        def watch(batch: list[Recorded], recording: Run) -> None:
            for event in batch:
                if ticker and writer.says(event):
                    ticker.clear()
                writer.add(event)
            show_how_far(ticker, recording)

        return perform_and_keep(order, keep, watch, writer.close)


def _perform_several(order: Order, as_json: bool, plain: bool, keep: Keep | None) -> Run:
    """Run all of them, then write the one recording that they make."""
    from initplay.lab.events import Progress

    with ticking(plain) as ticker:

        def watch(batch: list[Recorded], recording: Run) -> None:
            for event in batch:
                if ticker and isinstance(event, Progress):
                    ticker.say(f"{event.done:.0f} of {event.total:.0f} {event.label}")
            if ticker and recording.ending:
                ticker.clear()

        def close(recorded: Run) -> None:
            if as_json:
                for event in recorded.events:
                    write_json(event)
            else:
                _report(recorded, plain)

        return perform_and_keep(order, keep, watch, close)


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


def show_how_far(ticker: Ticker | None, recording: Run) -> None:
    """On the ticker's line, which makes room for what is told at the end."""
    if ticker and recording.ending:
        ticker.clear()
    elif ticker:
        ticker.show(recording)


def perform_and_keep(
    order: Order, keep: Keep | None, watch: Watch, close: Callable[[Run], None] | None = None
) -> Run:
    """Run it while `watch` tells of it, keep what came of it, and have `close` tell the rest.

    What is to be kept goes on where nobody reads what is told, or the disk has no room for it: that is raised
    once it is kept. What the engine refuses or cannot do becomes the command's own errors.
    """
    unheard: OSError | None = None

    def watch_while_heard(batch: list[Recorded], recording: Run) -> None:
        nonlocal unheard
        try:
            if not unheard:
                watch(batch, recording)
        except OSError as error:
            if not keep:
                raise
            unheard = error

    recorded = _performed(order, watch_while_heard)
    try:
        if keep:
            keep(recorded)
    finally:  # what cannot be kept is told all the same
        if close and not unheard:
            close(recorded)
    if unheard:
        raise unheard
    return recorded


def _performed(order: Order, watch: Watch) -> Run:
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
