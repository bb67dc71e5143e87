"""What goes down one end of the wire comes out of the other, and nothing else does."""

from __future__ import annotations

import math
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.engine import wire
from initplay.engine.order import Order
from initplay.lab.events import Bins, Cells, Facts, Failed, Note, Picture, Point, Printed, Recorded

numbers = st.floats(allow_nan=True, allow_infinity=True)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | text,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
named = st.dictionaries(text, facts, max_size=3)
events: st.SearchStrategy[Recorded] = st.one_of(
    st.builds(Point, text, numbers, numbers, text),
    st.builds(Bins, text, numbers, numbers, numbers, st.lists(st.integers(0, 2**50), max_size=4)),
    st.builds(Picture, text, numbers, *[st.integers(0, 99)] * 3, numbers, numbers, st.binary(max_size=20)),
    st.builds(Cells, text, named),
    st.builds(Facts, named),
    st.builds(Failed, text, st.none() | st.integers(0, 2**60), text),
)
reports = st.one_of(
    st.builds(
        wire.Ready, text, st.lists(st.builds(wire.Device, text, text, st.none() | st.integers(0, 2**60)))
    ),
    st.builds(wire.Broken, text),
    st.builds(wire.Events, st.lists(events, max_size=4)),
)
seeds = st.integers(-(2**63), 2**63 - 1)
orders = st.builds(
    Order,
    lesson=text,
    experiment=text,
    filename=text,
    source=text,
    knobs=named,
    seeds=st.lists(seeds, max_size=3).map(tuple),
    device=text,
    data=text,
    edited=st.booleans(),
)
commands = st.one_of(
    st.builds(
        wire.Start,
        order=orders,
        seed=seeds,
        threads=st.integers(1, 99),
        among_many=st.booleans(),
        paused=st.booleans(),
        pace=st.none() | numbers,
    ),
    *(st.builds(kind) for kind in (wire.Examine, wire.Warm, wire.Pause, wire.Resume, wire.Step, wire.Stop)),
    st.builds(wire.Pace, st.none() | numbers),
)
whole = st.integers(-(2**63), 2**63 - 1)
requests = st.builds(wire.Fork, whole) | st.builds(wire.Signal, whole, whole)
notices = st.one_of(
    st.builds(wire.Hello, whole),
    st.builds(wire.Broken, text),
    st.builds(wire.Forked, whole, whole),
    st.builds(wire.Exited, whole, whole, text),
)


def body(frame: bytes) -> bytes:
    assert wire.length(frame[: wire.LENGTH_SIZE]) == len(frame) - wire.LENGTH_SIZE
    return frame[wire.LENGTH_SIZE :]


@given(reports)
def test_a_report_arrives_as_it_was_sent(report: wire.Report) -> None:
    frame = wire.frame(report)
    # As bytes, for NaN is not equal to itself.
    assert wire.frame(wire.report(body(frame))) == frame
    assert type(wire.report(body(frame))) is type(report)


@given(commands)
def test_a_command_arrives_as_it_was_sent(command: wire.Command) -> None:
    frame = wire.frame(command)
    assert wire.frame(wire.command(body(frame))) == frame


@given(requests)
def test_a_request_arrives_as_it_was_sent(request: wire.Request) -> None:
    assert wire.request(body(wire.frame(request))) == request


@given(notices)
def test_a_notice_arrives_as_it_was_sent(notice: wire.Notice) -> None:
    assert wire.notice(body(wire.frame(notice))) == notice


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e308])
def test_every_float_keeps_its_value(number: float) -> None:
    report = wire.report(body(wire.frame(wire.Events([Point("c", 0, number)]))))
    assert isinstance(report, wire.Events)
    (point,) = report.events
    assert isinstance(point, Point)
    assert repr(point.y) == repr(number)


@given(st.binary(max_size=200))
def test_garbage_is_refused_with_one_kind_of_error(garbage: bytes) -> None:
    for read in (wire.report, wire.command, wire.request, wire.notice):
        try:
            message = read(garbage)
        except wire.WireError:
            continue
        assert isinstance(message, msgspec.Struct)


def test_a_length_past_the_cap_is_refused() -> None:
    assert wire.length(struct.pack(">I", wire.MAX_FRAME)) == wire.MAX_FRAME
    with pytest.raises(wire.WireError, match="claims"):
        wire.length(struct.pack(">I", wire.MAX_FRAME + 1))


def test_events_that_fit_no_frame_together_travel_in_several_in_order() -> None:
    sent = [Printed(f"{number} " + "x" * 4_000_000) for number in range(9)]
    frames = list(wire.event_frames([*sent]))
    assert len(frames) > 1
    assert all(len(frame) <= wire.MAX_FRAME + wire.LENGTH_SIZE for frame in frames)
    received = [wire.report(body(frame)) for frame in frames]
    assert [
        event for report in received if isinstance(report, wire.Events) for event in report.events
    ] == sent


def test_one_event_that_fits_no_frame_is_refused() -> None:
    with pytest.raises(wire.WireError, match="longer than"):
        list(wire.event_frames([Note("small"), Printed("x" * (wire.MAX_FRAME + 1))]))


def test_half_characters_travel_as_question_marks() -> None:
    """Python text may hold lone surrogates, which no UTF-8 has; the rest of the event arrives unharmed."""
    sent: list[Recorded] = [
        Facts({"caf\ud800": ["\udfff!", 1.5]}),
        Picture("c\ud800", 0, 1, 1, 2, 0, 1, b"\xff\x00"),
        Note("fine"),
    ]
    report = wire.report(body(wire.frame(wire.Events([*sent]))))
    assert isinstance(report, wire.Events)
    assert report.events == [
        Facts({"caf?": ["?!", 1.5]}),
        Picture("c?", 0, 1, 1, 2, 0, 1, b"\xff\x00"),
        Note("fine"),
    ]
