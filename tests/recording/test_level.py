"""A shade tells on which side of a level its value lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from initplay.lab.events import SHADES_FROM
from initplay.recording.level import first_shade_at
from initplay.sweep.summary import _shade

values = st.floats(1e-6, 1e6)


@given(st.lists(values, min_size=1, max_size=5), values, st.booleans())
def test_every_value_is_shaded_on_its_side_of_the_level(found, level, log):
    low, high = min(found), max(found)
    for value in found:
        shade = _shade(value, low, high, log, level)
        assert SHADES_FROM <= shade <= 255
        assert (shade >= first_shade_at(level, low, high, log)) == (value >= level)


@given(values, values, st.booleans())
def test_also_where_an_end_is_the_level(one, other, log):
    low, high = min(one, other), max(one, other)
    for level in (low, high):
        first = first_shade_at(level, low, high, log)
        sides = [_shade(value, low, high, log, level) >= first for value in (low, high)]
        assert sides == [low >= level, high >= level]
