"""A learner's file, read: whatever else stands in it, in whatever state it is, whatever clocks say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from initplay.classroom.learner import Guess, Learner, learner_of
from initplay.classroom.line import (
    GoalReached,
    Joined,
    Line,
    Missed,
    Passed,
    Predicted,
    Reached,
    Settled,
    clean_name,
    encoded,
    lines_in,
    plain_outcome,
)

slugs = st.sampled_from(["neuron", "blowup", "depth"])
keys = st.builds(lambda slug, step: f"{slug}/{step}/predict/1", slugs, st.integers(1, 3))
levels = st.none() | st.integers(1, 3)
guesses = st.sampled_from([1.0, 2.0, 3.0])
lines: st.SearchStrategy[Line] = st.one_of(
    st.builds(Joined, name=st.text(max_size=30)),
    st.builds(Reached, lesson=slugs, step=st.integers(1, 9), of=st.just(9)),
    st.builds(Predicted, key=keys, guess=guesses),
    st.builds(Settled, key=keys, guess=guesses, outcome=guesses, right=st.none() | st.booleans()),
    st.builds(GoalReached, key=keys),
    st.builds(Passed, lesson=slugs, level=levels),
    st.builds(Missed, lesson=slugs, level=levels, says=st.lists(st.text(max_size=20)).map(tuple)),
)
GARBAGE = (
    b'{"type":"step","lesson":"blowup"}',
    b'{"type":"step","lesson":"blowup","step":0,"of":9}',
    b'{"type":"step","lesson":"' + b"x" * 501 + b'","step":1,"of":9}',
    b'{"type":"predicted","key":"a","guess":"two"}',
    b'{"type":"predicted","key":"a","guess":null}',
    b'{"type":"predicted","key":"a","guess":1e999}',
    b'{"type":"shouted","words":"hello"}',
    b'{"type":"joined","name":"\xff"}',
    b'{"type":"goal","key":"a","at":' + b"[" * 100_000,
    b"[" * 100_000,
    b"\x00\x01\x02",
    b"2,3,4",
)
FEW = settings(max_examples=30)
"""Each example is a file of its own, which costs a millisecond to make up."""


def file_of(*told: Line) -> bytes:
    return b"".join(map(encoded, told))


def test_a_file_comes_to_what_it_says_last():
    learner = learner_of(
        "learner-1.jsonl",
        file_of(
            Joined(name="teal wren"),
            Reached(lesson="blowup", step=5, of=9),
            Predicted(key="blowup/1/predict/1", guess=1.0),
            Predicted(key="blowup/1/predict/1", guess=2.0),
            Settled(key="blowup/1/predict/1", guess=2.0, outcome=3.0, right=False),
            Missed(lesson="blowup", level=1, says=("You left the root out.",)),
            Missed(lesson="blowup", level=1, says=("You left the root out.", "And the mean.")),
            Passed(lesson="blowup", level=1),
            Passed(lesson="blowup"),
            GoalReached(key="blowup/2/goal/1"),
            Reached(lesson="blowup", step=4, of=9),
        ),
    )
    assert learner == Learner(
        "learner-1.jsonl",
        "teal wren",
        "blowup",
        4,
        furthest={"blowup": 5},
        ends={"blowup": 9},
        guesses={"blowup/1/predict/1": Guess(2.0, True, 3.0, False)},
        goals={"blowup/2/goal/1"},
        passed={"blowup": {1}},
        missed={"blowup": {"You left the root out.": None, "And the mean.": None}},
    )


def test_a_file_without_a_name_has_one_made_up_and_ever_the_same():
    data = file_of(Reached(lesson="blowup", step=1, of=9))
    one, again, other = (learner_of(file, data) for file in ("a.jsonl", "a.jsonl", "b.jsonl"))
    assert one and again and other
    assert one.name == again.name != other.name


def test_half_a_line_is_not_there_yet_and_no_mistake():
    whole = file_of(Joined(name="teal wren"), Reached(lesson="blowup", step=1, of=9))
    learner = learner_of("a.jsonl", whole[:-1])
    assert learner
    assert (learner.step, learner.broken) == (0, 0)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    assert all(line is None or encoded(line) for line in lines_in(data))


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_a_line_that_is_none_of_ours_is_counted_and_changes_nothing(garbage):
    told = Joined(name="teal wren"), Reached(lesson="blowup", step=1, of=9)
    learner = learner_of("a.jsonl", encoded(told[0]) + garbage + b"\n" + encoded(told[1]))
    assert learner and learner.broken == 1
    learner.broken = 0
    assert learner == learner_of("a.jsonl", file_of(*told))
    assert learner_of("a.jsonl", garbage + b"\n") is None


@FEW
@given(st.lists(lines, min_size=1, max_size=12), st.data())
def test_a_file_cut_anywhere_is_the_lines_before_the_cut(told, data):
    whole = [encoded(line) for line in told]
    cut = data.draw(st.integers(0, sum(map(len, whole))))
    kept = b"".join(whole)[:cut]
    ended = kept[: kept.rfind(b"\n") + 1]
    assert learner_of("a.jsonl", kept) == learner_of("a.jsonl", ended)


@FEW
@given(st.lists(lines, min_size=1, max_size=12))
def test_what_is_told_twice_after_a_write_that_failed_changes_nothing(told):
    once = learner_of("a.jsonl", file_of(*told))
    assert learner_of("a.jsonl", file_of(*told, *told)) == once


@FEW
@given(st.lists(st.tuples(lines, st.none() | st.integers() | st.text(max_size=9)), min_size=1, max_size=12))
def test_nothing_goes_by_a_clock(told):
    plain = file_of(*(line for line, _ in told))
    assert learner_of("a.jsonl", file_of(*(replace(line, at=at) for line, at in told))) == learner_of(
        "a.jsonl", plain
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Ada \t L. ", "Ada L."),
        ("\x1b[31mred\x1b[m", "red"),
        ("a\u202eb\x00c\ud800", "abc"),
        ("x" * 99, "x" * 24),
        (" \n ", ""),
    ],
)
def test_a_name_is_one_harmless_line(typed, name):
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, None),
        (22.6, 22.6),
        (3, 3),
        (True, "yes"),
        (float("nan"), "NaN"),
        (float("-inf"), "-inf"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_what_a_run_found_is_a_number_or_a_word(found, told):
    assert plain_outcome(found) == told
    line = encoded(Settled(key="a", guess=1.0, outcome=plain_outcome(found)))
    assert [getattr(one, "outcome", "") for one in lines_in(line)] == [told]
