"""No key does nothing without a word, and the line below the text says what `enter` does now."""

from __future__ import annotations

import pytest
from pilots import NARROW, WIDE, in_lesson, lesson, notices, playing, run_to, screen, session, shows, until
from textual.widgets import OptionList

from initplay.ui.bench.knobs import KnobView
from initplay.ui.keys import KEYS, action_of
from initplay.ui.lesson.onward import Onward
from initplay.ui.lesson.refusals import why_not

REFUSED = {
    "h": "no goal is open in this step",
    "u": "this lesson has no exercise",
    "f5": "this lesson has no exercise",
    "w": "there is no run yet: r",
    "left": "there is no run yet: r",
    "space": "nothing runs now",
    "x": "nothing runs now",
    "b": "this is the first step",
    "S": "the seed is 42 already",
}


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_key_that_does_nothing_says_why_until_the_next_key(home, size):
    async with in_lesson(home, size=size) as pilot:
        for key, words in REFUSED.items():
            await pilot.press(key)
            await until(pilot, lambda: shows(pilot, words))  # noqa: B023
        await pilot.press("s")
        await until(pilot, lambda: not shows(pilot, REFUSED["S"]))
        await run_to(pilot)
        await pilot.press("h")
        await until(pilot, lambda: shows(pilot, REFUSED["h"]))
        assert screen(pilot).splitlines()[-2].strip("╰─╯│ ").startswith(REFUSED["h"]) or size == WIDE
        await pilot.press("left")
        await until(pilot, lambda: not shows(pilot, REFUSED["h"]))


async def test_what_a_key_changes_of_the_next_run_is_said_though_the_bench_is_out_of_sight(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("s")
        await until(
            pilot, lambda: lesson(pilot).prose.border_subtitle == f"seed {session(pilot).setting.seed}"
        )
        assert session(pilot).setting.seed != 42
        await pilot.press("a")
        await until(pilot, lambda: shows(pilot, f"seed {session(pilot).setting.seed} · auto"))
        await pilot.press("S")
        await until(pilot, lambda: shows(pilot, "seed 42 · auto"))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_why_a_key_did_nothing_is_not_said_any_more_once_a_run_was_made_without_a_key(home, size):
    async with in_lesson(home, size=size) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: shows(pilot, REFUSED["w"]))
        await lesson(pilot).action_run()  # as by a click on the key bar
        await until(pilot, lambda: shows(pilot, "✓ run 1") and not shows(pilot, REFUSED["w"]))
        await until(pilot, lambda: lesson(pilot).prose.border_subtitle == lesson(pilot).enter_in_words)


async def test_a_run_of_another_experiment_is_one(home):
    async with in_lesson(home, "trouble") as pilot:
        await run_to(pilot, "failed")
        await pilot.press("n", "n")
        await until(pilot, lambda: session(pilot).attempt is None)
        await pilot.press("w")
        await until(pilot, lambda: shows(pilot, "no run of this experiment yet: r"))


async def test_a_digit_where_nothing_is_asked_and_a_chart_where_there_is_no_other(home):
    async with in_lesson(home, step=3) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: shows(pilot, "nothing is asked here"))
        await pilot.press("c")
        await until(pilot, lambda: shows(pilot, "there is no other chart"))
        await pilot.press("h")
        await until(pilot, lambda: shows(pilot, "Turn the slope.") and not shows(pilot, "no other chart"))


@pytest.mark.parametrize("state", [None, "waiting", "running", "finished"])
@pytest.mark.parametrize("exercise", [None, 2, 3])
def test_there_is_a_reason_for_every_key_that_can_be_refused(state, exercise):
    for action in {action_of(name) for key in KEYS["lesson"] for name in key.keys.split(",")}:
        words = why_not(action, state=state, exercise=exercise, here=3)
        assert len(words) <= 40
        assert words or action in ALWAYS, action


ALWAYS = {
    *("onward", "next", "steps", "run", "read", "auto", "seed", "meanings", "fan", "runs", "edit", "slow"),
    *("printed", "device", "home"),
}
"""What these do, they can always do, or they say themselves why not."""


async def test_the_border_says_what_enter_does_while_a_knob_has_the_keyboard(home):
    async with in_lesson(home) as pilot:
        said = lambda: str(lesson(pilot).prose.border_subtitle)  # noqa: E731
        await run_to(pilot)
        before = "type a number, or ⏎ and a formula"
        await until(pilot, lambda: said() == before)
        await pilot.press("k")
        await until(pilot, lambda: said() == "⏎ types its value · r runs · esc leaves the knobs")
        for _ in range(2):
            await pilot.press("down")
        await until(pilot, lambda: said().startswith("⏎ turns it"))
        await pilot.press("escape")
        await until(pilot, lambda: said() == before)
        await pilot.press("l")
        await until(pilot, lambda: said() == "⏎ shows this run · esc the charts")
        await pilot.press("escape", "g")
        await until(pilot, lambda: said() == "⏎ commits to it · esc leaves it")


async def test_enter_leads_to_the_knobs_of_a_goal_and_on_once_it_is_reached(home):
    async with in_lesson(home, size=NARROW, step=3) as pilot:
        await run_to(pilot)
        here = lesson(pilot)
        for _ in range(
            9
        ):  # enter reads on, at once or where there is more room, until the goal is all there is
            await pilot.pause()
            await until(
                pilot,
                lambda: (
                    isinstance(here.focused, KnobView) or here.prose.border_subtitle == here.onward_in_words
                ),
            )
            if isinstance(here.focused, KnobView):
                break
            assert here.onward in (Onward.READ, Onward.GOAL)
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(here.focused, KnobView))
        session(pilot).setting.knobs["slope"] = 2.5
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Slope times steps."))
        assert lesson(pilot).focused is None


async def test_a_digit_chooses_among_the_steps(home):
    async with in_lesson(home, "trouble") as pilot:
        await pilot.press("j", "6")
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).highlighted == 5)
        await pilot.press("9")
        await until(pilot, lambda: shows(pilot, "there is no step 9"))
        await pilot.press("z")
        await until(pilot, lambda: shows(pilot, "↑↓ or a number chooses · enter goes there · esc closes"))
        await pilot.press("down")
        await until(pilot, lambda: not shows(pilot, "a number chooses") and shows(pilot, "enter goes there"))
        await pilot.press("3", "enter")
        await until(pilot, lambda: shows(pilot, "step 3 of 7"))


async def test_a_letter_that_is_no_key_says_so_with_a_knob_chosen_too(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("E")
        await until(pilot, lambda: shows(pilot, "E is no key here: ? lists them"))
        await pilot.press("k")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, KnobView) and not shows(pilot, "no key"))
        await pilot.press("E")
        await until(pilot, lambda: shows(pilot, "E is no key here: ? lists them"))


async def test_a_key_that_does_nothing_on_home_says_why(home):
    async with playing(home, size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "Press enter to begin"))
        await pilot.press("E", "E", "E", "p", "E")
        said = ["E is no key here: ? lists them", "Your page begins with your first lesson."]
        await until(pilot, lambda: notices(pilot) == said)
