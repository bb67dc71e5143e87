"""Events on their way up: gathered as they are yielded, sent in batches by a thread of its own."""

from __future__ import annotations

import codecs
import io
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic  # by name, for lessons may replace what time holds
from typing import Any, BinaryIO, Protocol

from initplay.engine.wire import event_frames
from initplay.lab.events import Ending, Facts, Failed, Finished, Picture, Point, Printed, Recorded, Started
from initplay.worker.capture import Captured, Deferred, is_on_device, settle

WRITES_PER_SECOND = 30
BETWEEN_WRITES = 1 / WRITES_PER_SECOND
OUT_OF_TURN = 5
"""Writes in a row that need not wait for that. Each wakes who reads them: 50 us of a run."""
MAX_WAITING = 2_000
"""Events; past this the experiment itself sends, so that a flood waits for the reader."""
MAX_WAITING_BYTES = 8 * 2**20
"""The same for what the events hold: eight pictures of the largest size."""
MAX_PRINTED = 1_000_000
"""Characters a run; a terminal shows far less, and a loop that prints for ever must not fill memory."""


class Box(Protocol):
    """Where an experiment's events and what it prints go."""

    def put(self, *captured: Captured) -> None: ...

    def print(self, text: str) -> None: ...


class FactsBox:
    """Of a run among many: what came of it, in one write at its end. All else is let go."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._started: list[Recorded] = []
        self._facts: dict[str, Any] = {}
        self._on_device: list[Captured] = []

    def put(self, *captured: Captured) -> None:
        """Take events. Raises what went wrong with fetching numbers from a device."""
        for event in captured:
            if isinstance(event, Deferred):
                if is_on_device(event):
                    self._on_device.append(event)
                if len(self._on_device) >= MAX_WAITING:
                    self._fetch()
            elif isinstance(event, Facts):
                self._fetch()  # the last to come counts
                self._facts.update(event.values)
            elif isinstance(event, Started):
                self._started.append(event)

    def print(self, text: str) -> None:
        """Nobody reads it."""

    def _fetch(self) -> None:
        for event in settle(self._on_device) if self._on_device else ():
            if isinstance(event, Facts):
                self._facts.update(event.values)
        self._on_device.clear()

    def end(self, ending: Ending) -> None:
        try:
            self._fetch()
        except Exception as error:  # noqa: BLE001 (it is said in the ending)
            ending = Failed(f"The last events could not be read: {error}.")
        facts: list[Recorded] = [Facts(self._facts)] if self._facts else []
        for frame in event_frames([*self._started, *facts, ending]):
            self._pipe.write(frame)
        self._pipe.flush()


class Outbox:
    """Gathers one run's events and writes them up the pipe, on average at most 30 times a second.

    As long as that leaves writes to spare, an event is written before the experiment goes on: should its next
    line take the process down, what it yielded until then has been seen.
    """

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._waiting: deque[Captured] = deque()
        """Put in at one end and taken out at the other, both of which need no lock."""
        self._bytes_put = self._bytes_sent = 0
        """Of what is large in the events: what was put, and, where `_sending` is held, what was written."""
        self._printed_length = 0
        self._counting = threading.Lock()
        self._sending = threading.Lock()
        self._filled = threading.Event()
        self._closed = threading.Event()
        self._failure: Exception | None = None
        self._may_write_at = monotonic() - (OUT_OF_TURN - 1) * BETWEEN_WRITES
        """From when on an event is written before the experiment goes on: each write puts it off, and a rest
        lets it fall back. It changes where `_sending` is held."""
        self._thread = threading.Thread(target=self._send_now_and_then, daemon=True)
        self._thread.start()

    def put(self, *captured: Captured) -> None:
        """Take events. Raises what went wrong with sending earlier ones, as an error of the device."""
        if self._failure:
            raise self._failure
        waits_for_device = False
        for event in captured:
            self._waiting.append(event)
            if type(event) is not Point:  # most are, and are bounded by their number
                self._bytes_put += _size(event)
                waits_for_device = waits_for_device or is_on_device(event)
        is_full = len(self._waiting) >= MAX_WAITING or self._bytes_put - self._bytes_sent >= MAX_WAITING_BYTES
        # What is still on a device has to be waited for, which is the thread's part.
        if is_full or (monotonic() >= self._may_write_at and not waits_for_device):
            self.send()
        else:
            self._wake()

    def _wake(self) -> None:
        if not self._filled.is_set():  # to ask costs a tenth of telling it
            self._filled.set()

    def print(self, text: str) -> None:
        with self._counting:
            if self._printed_length > MAX_PRINTED:
                return
            self._printed_length += len(text)
            if self._printed_length > MAX_PRINTED:
                text = (
                    f"{text[:MAX_PRINTED]}\n… what is printed after {MAX_PRINTED:,} characters is not kept\n"
                )
        self._waiting.append(Printed(text))
        self._wake()

    def send(self) -> None:
        """Write everything that waits."""
        with self._sending:
            self._write_waiting()
            self._pipe.flush()

    def _write_waiting(self) -> None:
        """Where `_sending` is held: by who writes, and by who takes note of what went wrong with it."""
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if waiting:
            now = monotonic()
            earliest = now - (OUT_OF_TURN - 1) * BETWEEN_WRITES
            self._may_write_at = min(max(self._may_write_at, earliest), now) + BETWEEN_WRITES
            self._bytes_sent += sum(map(_size, waiting))
            self._write(_with_whole_texts(settle(waiting)))

    def _write(self, events: list[Recorded]) -> None:
        for frame in event_frames(events):
            self._pipe.write(frame)

    def end(self, ending: Ending) -> None:
        """Write what is left and how the run ended, which is last; nothing may be put after this."""
        with self._sending:
            try:
                self._write_waiting()
            except Exception as error:  # noqa: BLE001 (it is said in the ending)
                self._failure = error
            if self._failure and isinstance(ending, Finished):
                ending = Failed(f"The last events could not be sent: {self._failure}.")
            self._write([ending])
            self._pipe.flush()
            self._closed.set()
        self._filled.set()
        self._thread.join()

    def _send_now_and_then(self) -> None:
        while True:
            self._filled.wait()
            self._filled.clear()
            with self._sending:
                if self._closed.is_set():
                    return
                try:
                    self._write_waiting()
                    self._pipe.flush()
                except Exception as error:  # noqa: BLE001 (`put` raises it where it can be told)
                    self._failure = error
                    return
            self._closed.wait(BETWEEN_WRITES)


def _size(captured: Captured) -> int:
    """Bytes of what is large in an event; the others are bounded by their number."""
    if type(captured) is Deferred:
        return captured.size
    return len(captured.pixels) if type(captured) is Picture else 0


def _with_whole_texts(events: list[Recorded]) -> list[Recorded]:
    """The events with what was printed between two of them as one text, which `print` writes in pieces."""
    whole: list[Recorded] = []
    pieces: list[str] = []
    for event in events:
        if isinstance(event, Printed):
            pieces.append(event.text)
            continue
        if pieces:
            whole.append(Printed("".join(pieces)))
            pieces.clear()
        whole.append(event)
    return [*whole, Printed("".join(pieces))] if pieces else whole


class PrintedStream(io.TextIOWrapper):
    """Stands in for sys.stdout and sys.stderr while an experiment runs.

    It is one of Python's own, so that it refuses in Python's own words what cannot be printed, without a
    line of ours in the learner's traceback. For half of a surrogate pair, which has no UTF-8, it prints "?".
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(
            _Printed(write),  # type: ignore[arg-type]
            encoding="utf-8",
            errors="replace",
            newline="\n",
            write_through=True,
        )


class _Printed(io.RawIOBase):
    """Where the bytes of a PrintedStream go."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        if text := self._decoder.decode(bytes(data)):
            self._write(text)
        return len(data)

    def writable(self) -> bool:
        return True
