"""What is two columns wide in a chart or a table stands there whole, and moves nothing."""

from __future__ import annotations

import pytest
from pilots import in_lesson, run_to, screen, session, shows, until

from initplay.charts.sheet import FILLER


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
