"""Events leave in order with what was printed among them, the ending last, and a failure to send is told."""

from __future__ import annotations

import io
import math
import os
import threading
import time
import traceback
from typing import BinaryIO

import pytest
import torch

from initplay.engine import wire
from initplay.lab.events import Cells, Failed, Finished, Note, Picture, Point, Printed, Recorded
from initplay.worker import outbox
from initplay.worker.capture import Deferred
from initplay.worker.outbox import (
    BETWEEN_WRITES,
    MAX_PRINTED,
    MAX_WAITING,
    MAX_WAITING_BYTES,
    OUT_OF_TURN,
    WRITES_PER_SECOND,
    Outbox,
    PrintedStream,
)


class Pipe(io.BytesIO):
    """Keeps what was written, and tells how it came in frames."""

    def __init__(self) -> None:
        super().__init__()
        self.flushes = 0
        self.flushed = threading.Event()

    def flush(self) -> None:
        self.flushes += 1
        self.flushed.set()

    @property
    def frames(self) -> list[list[Recorded]]:
        data, frames = self.getvalue(), []
        while data:
            end = wire.LENGTH_SIZE + wire.length(data[: wire.LENGTH_SIZE])
            report = wire.report(data[wire.LENGTH_SIZE : end])
            assert isinstance(report, wire.Events)
            frames.append(report.events)
            data = data[end:]
        return frames

    @property
    def events(self) -> list[Recorded]:
        return [event for frame in self.frames for event in frame]


def points(count: int) -> list[Recorded]:
    return [Point("c", step, step) for step in range(count)]


def test_every_event_arrives_once_and_in_order() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    for point in points(10_000):
        box.put(point)
    box.end(Finished(1))
    assert pipe.events == [*points(10_000), Finished(1)]
    assert pipe.frames[-1] == [Finished(1)]


def test_a_flood_leaves_in_batches() -> None:
    """After the writes to spare are spent, 30 a second, or whenever as many wait as may."""
    pipe = Pipe()
    began = time.monotonic()
    box = Outbox(pipe)
    for point in points(20_000):
        box.put(point)
    box.end(Finished(1))
    took = time.monotonic() - began
    by_time, by_number = OUT_OF_TURN + WRITES_PER_SECOND * (1 + took), 20_000 / MAX_WAITING
    assert pipe.flushes <= by_time + by_number + 2


def test_an_event_is_on_its_way_before_the_experiment_goes_on() -> None:
    """So that what came just before a crash of the process has been seen."""
    pipe = Pipe()
    box = Outbox(pipe)
    box.put(Note("one"))
    assert pipe.events == [Note("one")]
    box.print("two")
    box.put(Note("three"))
    assert pipe.events == [Note("one"), Printed("two"), Note("three")]
    box.end(Finished(1))


def test_what_waits_on_a_device_is_fetched_by_the_outbox_and_not_by_the_experiment() -> None:
    fetched_by = []

    def build(lists: list) -> Recorded:
        fetched_by.append(threading.current_thread())
        return Point("c", 0, lists[0][0])

    pipe = Pipe()
    box = Outbox(pipe)
    box.put(Deferred([torch.tensor([2.5])], build))
    assert pipe.flushed.wait(10)
    assert fetched_by != [threading.current_thread()]
    box.end(Finished(1))
    assert pipe.events == [Point("c", 0, 2.5), Finished(1)]


def test_printed_text_takes_its_place_among_the_events() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    stream = PrintedStream(box.print)
    for step in range(200):
        print("step", step, file=stream)
        box.put(Point("c", step, step))
    print("the end", file=stream)
    box.end(Finished(1))
    said = ""
    for event in pipe.events:
        if isinstance(event, Printed):
            said += event.text
        elif isinstance(event, Point):
            assert said.splitlines()[-1] == f"step {event.x:.0f}"
    assert said == "".join(f"step {step}\n" for step in range(200)) + "the end\n"


def test_printing_alone_is_shown_without_an_event() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    box.print("hello")
    assert pipe.flushed.wait(10)
    assert pipe.events == [Printed("hello")]
    box.end(Finished(1))


def test_what_is_printed_without_end_is_cut_and_says_so() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    for _ in range(300):
        box.print("x" * 10_000)
    box.put(Note("still here"))
    box.end(Finished(1))
    said = "".join(event.text for event in pipe.events if isinstance(event, Printed))
    assert len(said) < 1.1 * MAX_PRINTED
    assert said.endswith("… what is printed after 1,000,000 characters is not kept\n")
    assert pipe.events[-2:] == [Note("still here"), Finished(1)]


def test_only_text_can_be_printed_and_python_itself_says_so() -> None:
    stream = PrintedStream(lambda text: None)
    with pytest.raises(TypeError, match=r"write\(\) argument must be str, not bytes") as refused:
        stream.write(b"bytes")  # type: ignore[arg-type]
    frames = traceback.extract_tb(refused.value.__traceback__)
    assert [frame.filename for frame in frames] == [__file__]


@pytest.mark.parametrize(
    ("write", "printed"),
    [
        (lambda stream: print("α", 1, file=stream), "α 1\n"),
        (lambda stream: print("no end", end="", file=stream), "no end"),
        (lambda stream: stream.write("a\r\nb"), "a\r\nb"),
        (lambda stream: stream.writelines(["a", "b"]), "ab"),
        (lambda stream: stream.write("\ud83d"), "?"),
        (lambda stream: stream.buffer.write("α".encode()), "α"),
        (lambda stream: [stream.buffer.write(byte) for byte in (b"\xce", b"\xb1")], "α"),
        (lambda stream: stream.buffer.write(b"\xff"), "\ufffd"),
    ],
)
def test_what_is_printed_arrives_at_once_as_text(write, printed) -> None:
    said: list[str] = []
    stream = PrintedStream(said.append)
    write(stream)
    assert "".join(said) == printed
    assert stream.encoding == "utf-8" and not stream.isatty()


def broken(lists: list) -> Recorded:
    raise RuntimeError("the device fell over")


def test_a_failure_to_fetch_is_raised_at_the_next_event() -> None:
    """As an error of an accelerator is, which shows long after the operation that made it."""
    pipe = Pipe()
    box = Outbox(pipe)
    box.put(Deferred([torch.ones(1)], broken))
    box._thread.join(10)
    with pytest.raises(RuntimeError, match="fell over"):
        box.put(Note("next"))
    box.end(Failed("told"))
    assert pipe.events[-1] == Failed("told")


def test_a_failure_with_the_last_events_makes_the_run_a_failed_one() -> None:
    pipe = Pipe()
    box = Outbox(pipe)
    box.put(Deferred([torch.ones(1)], broken))
    box.end(Finished(1))
    assert pipe.events == [Failed("The last events could not be sent: the device fell over.")]


def test_an_event_that_cannot_travel_is_told_and_not_lost() -> None:
    """Not even one of a kind that nobody thought of."""
    pipe = Pipe()
    box = Outbox(pipe)
    with pytest.raises(TypeError):
        box.put(Cells("t", {"strange": {1, object()}}))
    box.end(Finished(1))
    assert pipe.events == [Finished(1)]


class Closed(Pipe):
    def write(self, data: object, /) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_that_is_gone_ends_the_experiment() -> None:
    box = Outbox(Closed())
    with pytest.raises(BrokenPipeError):
        for point in points(MAX_WAITING + OUT_OF_TURN + 1):
            box.put(point)
    with pytest.raises(BrokenPipeError):
        box.end(Finished(1))


def test_a_reader_that_sleeps_holds_the_flood() -> None:
    """Memory stays small: past what may wait the experiment waits for the reader."""
    read_fd, write_fd = os.pipe()
    with os.fdopen(read_fd, "rb") as reader, os.fdopen(write_fd, "wb") as writer:
        box = Outbox(writer)
        reached = 0

        def flood() -> None:
            nonlocal reached
            for point in points(100_000):
                box.put(point)
                reached += 1
            box.end(Finished(1))
            writer.close()

        thread = threading.Thread(target=flood, daemon=True)
        thread.start()
        taken = _read_all(reader, first=lambda: reached)
        thread.join(10)
    assert taken[0] < 20_000
    assert taken[1][-1] == Finished(1)
    assert len(taken[1]) == 100_001


def _read_all(reader: BinaryIO, first) -> tuple[int, list[Recorded]]:
    """How far the flood had come when reading began, once it stood still, and then everything."""
    before = -1
    while before != first() or before < MAX_WAITING:
        before = first()
        time.sleep(0.05)
    events: list[Recorded] = []
    while prefix := reader.read(wire.LENGTH_SIZE):
        report = wire.report(reader.read(wire.length(prefix)))
        assert isinstance(report, wire.Events)
        events += report.events
    return before, events


def test_the_spare_writes_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow experiment always has one: each of its events is written at once."""
    clock = [0.0]
    monkeypatch.setattr(outbox, "monotonic", lambda: clock[0])
    pipe = Pipe()
    box = Outbox(pipe)
    for point in points(OUT_OF_TURN):
        box.put(point)
        assert pipe.events[-1] == point
    assert box._may_write_at == pytest.approx(BETWEEN_WRITES)  # they are spent
    clock[0] += 2.5 * BETWEEN_WRITES
    box.print("and where something was printed just before, for which the thread was woken")
    box.put(Note("seen"))
    assert pipe.events[-1] == Note("seen")
    assert box._may_write_at == pytest.approx(clock[0], abs=0.51 * BETWEEN_WRITES)
    box.end(Finished(1))


def test_nothing_follows_the_ending_though_a_thread_of_the_lesson_prints_on() -> None:
    class Printing(Pipe):
        def write(self, data: object, /) -> int:
            if isinstance(data, bytes) and b"finished" in data:
                box.print("late")
            return super().write(data)  # type: ignore[arg-type]

    for _ in range(20):
        pipe = Printing()
        box = Outbox(pipe)
        box.put(Note("one"))
        box.end(Finished(1))
        assert pipe.events == [Note("one"), Finished(1)]


def test_what_waits_is_bounded_by_its_bytes_too() -> None:
    """Twenty large pictures are never held at once, though a thousand small events may be."""
    pipe = Pipe()
    box = Outbox(pipe)
    box._may_write_at = math.inf  # nothing is written out of turn
    most = 0
    for at in range(20):
        box.put(Picture("c", at, 1, 1000, 1000, 0, 1, bytes(1_000_000)))
        most = max(most, sum(isinstance(event, Picture) for event in list(box._waiting)))
    box.end(Finished(1))
    assert most * 1_000_000 < MAX_WAITING_BYTES + 1_000_000
    assert [event.at for event in pipe.events if isinstance(event, Picture)] == list(range(20))
