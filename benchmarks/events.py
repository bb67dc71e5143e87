"""What one event costs, from the lesson's `yield` to the recording: the processor's time on both sides."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from functools import partial

import torch

from benchmarks.figures import Figure, median
from initplay.engine import wire
from initplay.engine.order import Order
from initplay.lab.events import Histogram
from initplay.recording.run import Run
from initplay.worker.capture import capture
from initplay.worker.control import Control
from initplay.worker.outbox import Outbox
from initplay.worker.perform import perform

COUNT = 20_000
MOST_POINT, MOST_HISTOGRAM = 8e-6, 15e-6
_POINTS = f"""
from initplay.lab import Point

def points():
    for x in range({COUNT}):
        yield Point("chart", float(x), 1.0)
"""


def events(quick: bool) -> Iterator[Figure]:
    times = 5 if quick else 25
    record_points()  # torch's first use of anything is slow
    taken = [spent(record_points) / COUNT for _ in range(times)]
    yield median("a point of plain numbers, from yield to recording", taken, MOST_POINT)
    histogram = Histogram("chart", torch.randn(512))
    for _ in range(100):
        capture(histogram)
    taken = [spent(partial(capture_often, histogram)) / COUNT for _ in range(times)]
    yield median("a histogram of 512 values, in the run's process", taken, MOST_HISTOGRAM)


def record_points() -> None:
    """As a run does it, but for the pipe between the two processes."""
    pipe = io.BytesIO()
    order = Order(
        lesson="points", experiment="points", filename="points.py", source=_POINTS, knobs={}, seeds=(1,),
        device="cpu", data="embedded",
    )  # fmt: skip
    outbox = Outbox(pipe)
    outbox.end(perform(wire.Start(order=order, seed=1, threads=1), Control(), outbox))
    run = Run()
    pipe.seek(0)
    while prefix := pipe.read(wire.LENGTH_SIZE):
        report = wire.report(pipe.read(wire.length(prefix)))
        assert isinstance(report, wire.Events)
        for event in report.events:
            run.add(event)
    assert run.moments == COUNT, run.ending


def capture_often(histogram: Histogram) -> None:
    for _ in range(COUNT):
        capture(histogram)


def spent(work: Callable[[], None]) -> float:
    """Seconds on the processor, which others on the machine change less than those on the clock."""
    began = time.process_time()
    work()
    return time.process_time() - began
