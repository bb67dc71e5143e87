"""A bench comes back from its bytes as it was, and any bytes that are none of ours are refused."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from recordings import a_run, as_wire, endings, events

from initplay.lab.events import Point, Recorded
from initplay.recording.cell import Cell
from initplay.recording.packed import MARK, Bench, BenchRun, PackedError, pack, unpack

ROOM = 2**20


def a_bench(*runs: BenchRun, shown: int | None = None) -> Bench:
    return Bench(
        step=2,
        lesson="climb",
        experiment="climb",
        knobs={"steps": 7, "slope": 0.5, "sign": "down", "noisy": True},
        seed=43,
        begun=9,
        shown=shown,
        cursor=3,
        runs=runs,
    )


def a_bench_run(number: int, points: int = 3, pin: int | None = None) -> BenchRun:
    run = a_run(*(Point("c", x, x) for x in range(points)))
    return BenchRun(number=number, seeds=(42, 43), pin=pin, run=run)


@settings(max_examples=40)
@given(st.lists(events, max_size=20), endings)
def test_a_bench_comes_back_as_it_was(between: list[Recorded], ending: Recorded) -> None:
    """Events of every kind, with NaN and infinities."""
    run = a_run(*between, ending=ending)
    bench = a_bench(BenchRun(number=4, seeds=(42, 43), pin=1, run=run), shown=4)
    back = unpack(pack(bench, ROOM)[0])
    assert as_wire(back.runs[0].run.events) == as_wire(run.events)
    fields = ("step", "lesson", "experiment", "knobs", "seed", "begun", "shown", "cursor")
    assert [getattr(back, name) for name in fields] == [getattr(bench, name) for name in fields]
    assert [(one.number, one.seeds, one.pin) for one in back.runs] == [(4, (42, 43), 1)]


def test_a_run_of_more_than_one_batch_comes_back_whole() -> None:
    bench = a_bench(a_bench_run(1, points=2500))
    assert len(unpack(pack(bench, ROOM)[0]).runs[0].run.events) == 2502


def test_what_is_shown_is_kept_first_then_the_pinned_then_the_newest() -> None:
    runs = [a_bench_run(1), a_bench_run(2, pin=0), a_bench_run(3), a_bench_run(4), a_bench_run(5, points=900)]
    bench = a_bench(*runs, shown=3)
    size = len(pack(a_bench(runs[0]), ROOM)[0]) - len(pack(a_bench(), ROOM)[0])
    for count, kept in enumerate([[], [3], [2, 3], [2, 3, 4], [1, 2, 3, 4]]):
        packed, left_out = pack(bench, count * size)
        assert [one.number for one in unpack(packed).runs] == kept, count
        assert left_out == [number for number in range(1, 6) if number not in kept]
        assert len(packed) <= len(pack(a_bench(), 0)[0]) + count * size


def test_half_a_character_costs_no_more_than_what_it_is_in() -> None:
    """As a broken paste may leave it in a knob."""
    bench = msgspec.structs.replace(a_bench(a_bench_run(1)), knobs={"name": "a\udc80"})
    back = unpack(pack(bench, ROOM)[0])
    assert (back.knobs, len(back.runs)) == ({"name": "a?"}, 1)
    cells = tuple(Cell({"name": name}, 42, {"last": 1.0}, "finished") for name in ("a\udc80", "b"))
    swept = msgspec.structs.replace(a_bench_run(1), swept="name=a\udc80,b", cells=cells)
    (one,) = unpack(pack(a_bench(swept), ROOM)[0]).runs
    assert (one.swept, one.cells) == ("name=a?,b", cells[1:])


def test_the_cells_of_a_sweep_take_their_part_of_the_room_and_go_before_its_run() -> None:
    cells = tuple(Cell({"steps": steps}, 42, {"last": 0.5 * steps}, "finished") for steps in range(500))
    swept = msgspec.structs.replace(a_bench_run(2), swept="steps=0..499:500", cells=cells)
    whole, _ = pack(a_bench(swept), ROOM)
    assert unpack(whole).runs[0].cells == cells
    packed, left_out = pack(a_bench(a_bench_run(1), swept, shown=2), room := len(whole) // 2)
    assert [(one.number, one.cells) for one in unpack(packed).runs] == [(1, ()), (2, ())]
    assert not left_out and len(packed) < room
    packed, left_out = pack(a_bench(a_bench_run(1, points=300), swept, shown=2), len(whole))
    assert (left_out, unpack(packed).runs[0].cells) == ([1], cells), "no other run has their room too"


PACKED, _ = pack(a_bench(a_bench_run(1), a_bench_run(2, pin=0), shown=2), ROOM)


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_a_byte_that_is_another_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= change
    with pytest.raises(PackedError):
        unpack(bytes(damaged))


@given(st.integers(0, len(PACKED) - 1))
def test_a_file_that_was_cut_is_noticed(length: int) -> None:
    with pytest.raises(PackedError):
        unpack(PACKED[:length])


@settings(max_examples=40)
@given(
    st.binary(max_size=60) | st.recursive(st.none() | st.integers(0, 9), st.lists).map(msgspec.msgpack.encode)
)
@example(b"\x91" * 100_000)
@example(msgspec.msgpack.encode({"step": 1}))
def test_bytes_with_a_checksum_that_are_no_bench_are_refused(body: bytes) -> None:
    with pytest.raises(PackedError):
        unpack(MARK + zlib.crc32(body).to_bytes(4, "big") + body)


def test_a_bench_of_a_newer_version_is_refused() -> None:
    assert PACKED.startswith(MARK)
    with pytest.raises(PackedError, match="does not begin"):
        unpack(PACKED.replace(MARK, b"initplay bench 2\n"))


def test_a_sweep_with_what_is_no_cell_is_refused() -> None:
    cell = Cell({"steps": 1}, 42, {}, "finished")
    packed, _ = pack(a_bench(msgspec.structs.replace(a_bench_run(1), swept="steps=1,2", cells=(cell,))), ROOM)
    body = packed[len(MARK) + 4 :].replace(b"\xa4seed\x2a", b"\xa4seeb\x2a")
    with pytest.raises(PackedError, match="seed"):
        unpack(MARK + zlib.crc32(body).to_bytes(4, "big") + body)


def test_a_bench_of_events_that_this_version_does_not_know_is_refused() -> None:
    body = PACKED[len(MARK) + 4 :].replace(b"finished", b"fantasia")
    with pytest.raises(PackedError, match="fantasia"):
        unpack(MARK + zlib.crc32(body).to_bytes(4, "big") + body)
