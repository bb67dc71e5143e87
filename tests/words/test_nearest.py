"""What was mistyped is answered with the nearest name there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.words.nearest import did_you_mean


@pytest.mark.parametrize(
    ("name", "names", "said"),
    [
        ("dpeth", ["width", "depth"], " (did you mean 'depth'?)"),
        ("depth", [], ""),
        ("xyz", ["width", "depth"], ""),
        ("widht", ("depth", "width"), " (did you mean 'width'?)"),
    ],
)
def test_the_nearest_name(name, names, said):
    assert did_you_mean(name, names) == said


@given(st.text(max_size=9), st.lists(st.text(max_size=9), max_size=5))
def test_nothing_is_proposed_that_is_not_there(name, names):
    said = did_you_mean(name, names)
    assert said == "" or said in [f" (did you mean {there!r}?)" for there in names]
