"""Events of every kind for hypothesis to draw, and runs made of them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
from hypothesis import strategies as st

from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Cells,
    Facts,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Recorded,
    Started,
    Stopped,
    Thinned,
)
from initplay.recording.run import Run, replay

STARTED = Started(lesson="02_blowup", experiment="chain", knobs={"scale": math.inf}, seed=3, device="cpu")

# One NaN: JSON spells them all alike.
numbers = st.just(math.nan) | st.floats(allow_nan=False)
# What msgpack can carry: no lone surrogates.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
counts = st.integers(0, 2**40)
words = text | st.sampled_from(["nan", "inf", "-inf", "NaN", "\\nan", "\\\\-inf"])
"""Text, some of it such as could be taken for a number."""
facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | words,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
named_facts = st.dictionaries(text, facts, max_size=3)


def bins_of(found: list[int]) -> st.SearchStrategy[Bins]:
    theory = st.just([]) | st.lists(numbers, min_size=len(found), max_size=len(found))
    args = (text, numbers, numbers, numbers, st.just(found), counts, counts, counts)
    return st.builds(Bins, *args, theory=theory)


def picture_of(n: int, height: int, width: int) -> st.SearchStrategy[Picture]:
    size = n * height * width
    sizes = map(st.just, (n, height, width))
    return st.builds(
        Picture, text, numbers, *sizes, numbers, numbers, st.binary(min_size=size, max_size=size)
    )


events: st.SearchStrategy[Recorded] = st.one_of(
    st.builds(Axes, text, text, text, st.booleans(), st.booleans()),
    st.builds(Point, st.sampled_from("ab"), numbers, numbers, st.sampled_from(["measured", "theory"])),
    st.builds(Band, st.sampled_from("ab"), numbers, numbers, numbers, numbers),
    st.lists(counts, max_size=3).flatmap(bins_of),
    st.tuples(*[st.integers(1, 3)] * 3).flatmap(lambda sizes: picture_of(*sizes)),
    st.builds(Cells, text, named_facts),
    st.builds(Progress, numbers, numbers, text),
    st.builds(Note, text),
    st.builds(Facts, named_facts),
    st.builds(Printed, text),
    st.builds(Thinned, st.sampled_from(["image", "row"]), text, st.none() | numbers),
)
endings = st.one_of(
    st.builds(Finished, numbers),
    st.builds(Failed, text, st.none() | st.integers(1, 9999), text),
    st.builds(Stopped, text),
)


def as_wire(recorded: Iterable[Recorded]) -> list[bytes]:
    """Events as bytes, for NaN is not equal to itself."""
    return [msgspec.msgpack.encode(event) for event in recorded]


def a_run(*between: Recorded, ending: Recorded | None = None) -> Run:
    return replay([STARTED, *between, ending or Finished(0.5)])
