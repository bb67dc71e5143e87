"""What a bench held, as bytes: msgpack of the events, as they travel from a run's process.

Runs that people keep are JSON lines (`saved`), to be read by anything; this is for the next start alone, and
there it counts that 60,000 points are back in a third of a second and not in three. Pictures stay bytes, and
NaN needs no spelling. A mark and a checksum come first, so that what was cut, damaged, or written by another
version is no bench at all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from initplay.lab.events import Recorded
from initplay.recording.cell import Cell
from initplay.recording.run import Run, replay

MARK = b"initplay bench 1\n"
"""The number is that of the format; a newer one is not read."""
_BATCH = 1000
"""Events that are encoded or decoded at once: the screen's thread gets its turn in between, and a run that
has no room is given up early."""


class PackedError(Exception):
    """Bytes that are no bench of this version; the message says why."""


class BenchRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run that had ended, with its place on the bench."""

    number: int
    seeds: tuple[int, ...]
    """Those that it was to run over; it may have been stopped before the last."""
    pin: int | None = None
    """Its place among the pinned ones."""
    run: Run
    swept: str = ""
    """What it went over, as it was typed, where it is a sweep."""
    cells: tuple[Cell, ...] = ()
    """Of a sweep that was stopped, what its runs came to, so that it can be gone on with."""
    begun_in: int | None = None
    """The step of the lesson that was open when it was begun, counted from 0."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What stood on the bench of a lesson when it was left."""

    step: int
    """Of the lesson, counted from 0."""
    lesson: str
    """Whose experiment stood on the bench: a step may run one of another lesson."""
    experiment: str
    knobs: dict[str, Any]
    seed: int
    begun: int = 0
    """How many runs there had been."""
    shown: int | None = None
    """The number of the run that was shown."""
    cursor: int | None = None


class Bench(Place, frozen=True, kw_only=True):
    """The same with its runs."""

    runs: tuple[BenchRun, ...] = ()
    """Oldest first."""


class _Run(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    number: int
    seeds: tuple[int, ...]
    pin: int | None
    events: list[msgspec.Raw]
    """Batches of events."""
    swept: str = ""
    cells: list[msgspec.Raw] = []
    begun_in: int | None = None


class _Bench(Place, frozen=True, kw_only=True):
    runs: list[_Run]


_encoder = msgspec.msgpack.Encoder()
_bench_decoder = msgspec.msgpack.Decoder(_Bench)
_cell_decoder = msgspec.msgpack.Decoder(Cell)
_batch_decoder = msgspec.msgpack.Decoder(list[Recorded])


def pack(bench: Bench, room: int) -> tuple[bytes, list[int]]:
    """The bench in about `room` bytes at most: what is shown is kept first, then what is pinned, then the
    newest; a run for which there is no room is left out, and of a sweep first its cells: it is shown all the
    same. With the numbers of the runs that are left out."""
    packed: dict[int, _Run] = {}
    for one in sorted(
        bench.runs, key=lambda one: (one.number == bench.shown, one.pin is not None, one.number)
    )[::-1]:
        batches = _batches(one.run, room)
        if batches is not None:
            room -= sum(map(len, batches))
            cells = _encoded(one.cells, room)
            room -= sum(map(len, cells))
            packed[one.number] = _Run(
                number=one.number,
                seeds=one.seeds,
                pin=one.pin,
                events=[msgspec.Raw(batch) for batch in batches],
                swept=_encodable(one.swept),
                cells=[msgspec.Raw(cell) for cell in cells],
                begun_in=one.begun_in,
            )
    fields = {name: getattr(bench, name) for name in Place.__struct_fields__}
    fields["knobs"] = {name: _encodable(value) for name, value in bench.knobs.items()}
    body = _encoder.encode(_Bench(**fields, runs=[packed[number] for number in sorted(packed)]))
    left_out = sorted({one.number for one in bench.runs} - packed.keys())
    return MARK + zlib.crc32(body).to_bytes(4, "big") + body, left_out


def _batches(run: Run, room: int) -> list[bytes] | None:
    """The events of a run; None where they take more than `room` bytes."""
    batches = []
    for batch in _batched(run.events):
        try:
            batches.append(_encoder.encode(batch))
        except UnicodeEncodeError:
            return None  # half a character, which no run of a process of ours has
        room -= len(batches[-1])
        if room < 0:
            return None
    return batches


def _encoded(cells: Iterable[Cell], room: int) -> list[bytes]:
    """Those that can be, for what is missing is run again; none where they take more than `room` bytes."""
    encoded = []
    for cell in cells:
        try:
            encoded.append(_encoder.encode(cell))
        except UnicodeEncodeError:
            continue  # half a character in a knob
        room -= len(encoded[-1])
        if room < 0:
            return []
    return encoded


def _batched(events: Iterable[Recorded]) -> Iterator[list[Recorded]]:
    following = iter(events)
    while batch := list(islice(following, _BATCH)):
        yield batch


def _encodable(value: Any) -> Any:
    """Text that was typed may hold half a surrogate pair."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def unpack(data: bytes) -> Bench:
    """What `pack` wrote. Raises PackedError."""
    check = len(MARK) + 4
    if not data.startswith(MARK):
        raise PackedError("it does not begin as a bench of this version does")
    body = memoryview(data)[check:]
    if data[len(MARK) : check] != zlib.crc32(body).to_bytes(4, "big"):
        raise PackedError("its checksum is another")
    try:
        found = _bench_decoder.decode(body)
        runs = tuple(
            BenchRun(
                number=one.number,
                seeds=one.seeds,
                pin=one.pin,
                swept=one.swept,
                cells=tuple(map(_cell_decoder.decode, one.cells)),
                begun_in=one.begun_in,
                run=replay(event for batch in one.events for event in _batch_decoder.decode(batch)),
            )
            for one in found.runs
        )
    except (msgspec.MsgspecError, RecursionError) as error:
        raise PackedError(str(error)) from error
    return Bench(**{name: getattr(found, name) for name in Place.__struct_fields__}, runs=runs)
