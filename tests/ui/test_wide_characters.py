"""What is two columns wide in a chart or a table stands there whole, and moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pilots import in_lesson, run_to, screen, session, shows, until

from initplay.charts.sheet import FILLER, as_columns, without_fillers
from initplay.ui.widgets.plot import changed

WORDS = st.text("a損精失度b", min_size=4, max_size=4)


@given(WORDS, WORDS)
@example("損失", "精度")
def test_where_one_half_changes_the_other_does(before, after):
    """What is written for a change is no half: it ends where the screen has an end of a character."""
    old, new = as_columns(before).ljust(8), as_columns(after).ljust(8)
    stretches = list(changed([(old, "label")], [(new, "label")]))
    for start, end in stretches:
        assert FILLER not in (old[start], new[start]) and FILLER not in (
            *old[end : end + 1],
            *new[end : end + 1],
        )
    kept = {column for column in range(8) if not any(start <= column < end for start, end in stretches)}
    assert all(old[column] == new[column] for column in kept) and without_fillers(new).strip() == after


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_names_in_any_script_are_shown_and_move_no_border(home, size):
    async with in_lesson(home, size=size) as pilot:
        setting = session(pilot).setting
        setting.source = setting.source.replace('x="step"', 'x="歩数"').replace("Result(last", "Result(最後")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "歩数", "最後"))
        strips = pilot.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {size[0]}
        assert FILLER not in screen(pilot)
