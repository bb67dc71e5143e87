"""One experiment from its source text to its ending, whatever the text does."""

from __future__ import annotations

import os
import random
import sys
from contextlib import redirect_stderr, redirect_stdout
from time import monotonic  # by name, for lessons may replace what time holds
from types import FrameType, GeneratorType
from typing import Any

import numpy
import torch

from initplay import __version__
from initplay.engine.order import Order
from initplay.engine.wire import Start
from initplay.lab.events import (
    THEORY,
    Axes,
    Band,
    Bins,
    Ending,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Started,
    Stopped,
)
from initplay.lab.examining.refused import Refused as NotExamined
from initplay.lab.mnist import dataset
from initplay.lab.yours import yours_of
from initplay.worker import devices, source
from initplay.worker.capture import Captured, Deferred, capture, parts
from initplay.worker.control import Control, StopRun
from initplay.worker.judge import judged
from initplay.worker.named import Named
from initplay.worker.outbox import Box, PrintedStream
from initplay.worker.pupil import CannotBegin
from initplay.worker.values import EventError

MAX_EVENTS = 500_000
"""A longer run would cost the screen hundreds of megabytes."""


def performed(start: Start, control: Control, box: Box) -> Ending:
    """How the run ended, of which the box has all that it yielded and printed."""
    printed = PrintedStream(box.print)
    with redirect_stdout(printed), redirect_stderr(printed):
        return perform(start, control, box)


def perform(start: Start, control: Control, outbox: Box) -> Ending:
    """Run it, put its events into the outbox as they come, and return how it ended.

    Lesson code may raise anything, SystemExit and KeyboardInterrupt included; each becomes a `Failed`.
    """
    order = start.order
    what = order.experiment if order.examines else f"{order.lesson}/{order.experiment}"
    began = monotonic()
    try:
        _prepare(start, outbox)
        generator = _generator(order, outbox)
        if not isinstance(generator, GeneratorType):
            raise source.SourceError(f"{what} is no experiment: it must yield its events.")
        _drain(generator, order.filename, control, outbox, what)
    except StopRun:
        return Stopped()
    except (devices.DeviceError, dataset.DataError, source.SourceError, NotExamined) as error:
        return Failed(str(error))
    except _Refused as error:
        return Failed(str(error), error.line)
    except CannotBegin as error:
        return error.failure
    except BaseException as error:  # noqa: BLE001 (see the docstring)
        return source.explain(error, order.filename, what)
    return Finished(monotonic() - began - control.held_seconds)


def _generator(order: Order, outbox: Box) -> Any:
    """What yields the order's events: the lesson's experiment, or the checks of what a learner wrote."""
    if order.checks:
        return judged(order, outbox.print)
    if order.examines:
        return _examined(order)
    if order.mine:
        yours_of(source.load_as("mine", order.mine, "your own code"))
    module = source.load(order.source, order.filename)
    return source.experiment(module, order.experiment)(**order.knobs)


def _examined(order: Order) -> Any:
    """The events of examining a net of the user's file."""
    # Here, and not when the fork server imports this: most runs have no use for it.
    from initplay.lab.examining.experiment import examined

    folder = os.path.dirname(os.path.abspath(order.filename))
    device = devices.resolve(order.device)
    return examined(lambda: source.load(order.source, order.filename), folder, device=device, **order.knobs)


def _prepare(start: Start, outbox: Box) -> None:
    """Make torch as a fresh notebook would find it, on the device and with the seed asked for."""
    order = start.order
    device = devices.resolve(order.device)
    warning = dataset.use(order.data)
    outbox.put(
        Started(
            lesson=order.lesson,
            experiment=order.experiment,
            knobs=order.knobs,
            seed=start.seed,
            device=device,
            data=dataset.describe(),
            torch=str(torch.__version__),
            initplay=__version__,
            source=order.source,
            edited=order.edited,
            mine=order.mine,
            filename=order.filename if order.examines else "",
        )
    )
    if warning:
        outbox.put(Note(warning))
    if "digits" in order.source and not dataset.is_mnist():
        outbox.put(
            Note(f"The digits are {dataset.describe()}: what the lesson's text says of them is MNIST's.")
        )
    torch.set_num_threads(start.threads)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.set_flush_denormal(False)
    # On the CPU a default device only costs: it doubles the time of a small operation.
    torch.set_default_device(None if device == "cpu" else device)
    devices.begin_with_seed(start.seed, device)
    random.seed(start.seed)
    numpy.random.seed(start.seed % 2**32)


class _Refused(Exception):
    """Something the experiment yielded cannot be taken."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


def _drain(
    generator: GeneratorType[Any, Any, Any], filename: str, control: Control, outbox: Box, what: str
) -> None:
    """Take what is yielded; hold before the first of each moment where the learner asks for that."""
    position: float | None = None
    axes: dict[str, Axes] = {}
    named = Named()
    count = 0
    try:
        for yielded in generator:
            events = parts(yielded, axes)
            count += len(events)
            if count > MAX_EVENTS:
                raise EventError(
                    f"yielded more than {MAX_EVENTS:,} events, the most that is kept; yield less often"
                )
            captured = [capture(event) for event in events]
            for event in events:
                named.add(event)
            if control.holds:
                here = _position(captured, events)
                # What comes before the first position belongs to its moment.
                control.gate(new_moment=here is not None and position is not None and here != position)
                position = position if here is None else here
            outbox.put(*captured)
    except EventError as error:
        line = _line_of_yield(generator, filename)
        raise _Refused(f"{what}, line {line}, {error}.", line) from error
    finally:
        _close(generator, filename)


def _line_of_yield(generator: GeneratorType[Any, Any, Any], filename: str) -> int | None:
    """The innermost line of the lesson's own text: behind `yield from`, that of the part's `yield`."""
    line = None
    inner: object = generator
    while isinstance(inner, GeneratorType):
        frame: FrameType | None = inner.gi_frame
        if frame and frame.f_code.co_filename == filename:
            line = frame.f_lineno
        inner = inner.gi_yieldfrom
    return line


def _close(generator: GeneratorType[Any, Any, Any], filename: str) -> None:
    """Let it clean up. How the run ended stands already, so what goes wrong here is only shown."""
    try:
        generator.close()
    except BaseException as error:  # noqa: BLE001 (lesson code may raise anything)
        print(source.traceback_of(error, filename), end="", file=sys.stderr)


def _position(captured: list[Captured], events: tuple[object, ...]) -> float | None:
    """Where the run is with what one `yield` drew: a layer, a step or another x, where it is known by now.

    As in `Run`, theory moves nothing.
    """
    for taken, event in zip(captured, events, strict=True):
        if isinstance(event, Point | Band) and event.series == THEORY:
            continue
        if isinstance(taken, Point | Band):
            return taken.x
        if isinstance(taken, Bins | Picture | Deferred) and taken.at is not None:
            return taken.at
    return None
