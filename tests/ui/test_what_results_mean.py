"""One key says what each Result on the bench means."""

from __future__ import annotations

import pytest
from pilots import NARROW, WIDE, in_lesson, run_to, screen, session, shows, tap, until

from initplay.ui.bench.outcome import facts_in_words
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.meanings import BAND, SEEDS, UNSAID, MeaningsScreen, meaning_of


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_m_says_what_each_result_means_before_and_after_a_run(home, size):
    async with in_lesson(home, size=size) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: shows(pilot, "last value of the line"))
        assert "last  5" not in screen(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
        await run_to(pilot)
        tap(pilot, "m")
        await until(pilot, lambda: shows(pilot, "last 5", "last value of the line"))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))


async def test_a_name_of_the_learners_own_says_that_nothing_is_known_of_it(home):
    async with in_lesson(home) as pilot:
        source = session(pilot).setting.source
        session(pilot).edit(source.replace("Result(", "Result(mine=3, "))
        await run_to(pilot)
        tap(pilot, "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeaningsScreen))
        await until(pilot, lambda: shows(pilot, "mine 3", UNSAID))


def test_over_several_seeds_the_count_and_each_band_have_a_meaning_too():
    meanings = {"final_rms": "rms at the end"}
    assert meaning_of("final_rms", meanings) == "rms at the end"
    assert meaning_of(f"final_rms{BAND}", meanings) == "the band of final rms over the seeds"
    assert meaning_of("seeds", meanings) == SEEDS
    assert meaning_of("other", meanings) == meaning_of("other_band", meanings) == UNSAID


def test_a_value_does_not_go_on_a_digit_of_its_name():
    facts = {"rms_after_10": 0.5, "rms_after_10_band": [0.4, 0.6], "last": 7}
    assert facts_in_words(facts) == "rms after 10: 0.5 (0.4 to 0.6)   last 7"
