"""Knobs: by key, by mouse, by typing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pilots import NARROW, click, in_lesson, lesson, playing, run, run_to, screen, session, shows, tap, until
from textual.geometry import Offset
from textual.widgets import Input

from initplay.lab.events import Axes, Facts, Finished, Point, Started
from initplay.recording.run import replay
from initplay.ui.bench.knobs import _NAME_WIDTH, KnobPanel, KnobView, TypeValue

LESSONS = Path(__file__).parents[2] / "lessons"


def knob(pilot, name: str) -> KnobView:
    return next(view for view in lesson(pilot).query(KnobView) if view.knob.name == name)


async def focus(pilot, name: str) -> KnobView:
    await pilot.press("k")
    await until(pilot, lambda: isinstance(lesson(pilot).focused, KnobView))
    names = [view.knob.name for view in lesson(pilot).query(KnobView)]
    for before in names[: names.index(name)]:
        await until(pilot, lambda before=before: lesson(pilot).focused is knob(pilot, before))
        await pilot.press("down")
    await until(pilot, lambda: lesson(pilot).focused is knob(pilot, name))
    return knob(pilot, name)


@pytest.mark.parametrize("experiment", ["clinic", "net"])
async def test_the_chart_has_room_while_one_of_many_knobs_is_turned(home, experiment):
    started = Started(lesson="sandbox", experiment=experiment, knobs={}, seed=42, device="cpu")
    points = [Point("rms of activations", layer, 1.0) for layer in range(6)]
    said = Facts({f"what came out {number}": number for number in range(12)})
    recording = replay([started, Axes("rms of activations"), *points, said, Finished(1.0)])
    async with playing(home, size=NARROW, lessons=LESSONS, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "o: all that the run said"))
        await pilot.press("k")
        await until(pilot, lambda: lesson(pilot).query_one("#large").size.height >= 10)
        for name in ("lr", "steps"):  # far down
            while not knob(pilot, name).has_focus:
                await pilot.press("down")
            await until(pilot, lambda name=name: shows(pilot, f"▸{name}"))
        assert lesson(pilot).query_one("#large").size.height >= 10


async def test_a_knob_that_another_leaves_out_is_in_brackets_and_says_by_which(home):
    source = (LESSONS / "01_normalize" / "experiment.py").read_text()
    started = Started(lesson="normalize", experiment="train", knobs={}, seed=42, device="cpu", source=source)
    recording = replay([started, Axes("loss"), Point("loss", 0, 1.0), Finished(1.0)])
    async with playing(home, size=NARROW, lessons=LESSONS, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "normalized", "centre") and not shows(pilot, "(centre)"))
        await focus(pilot, "normalized")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "[ ] off", "(centre)"))
        await focus(pilot, "centre")
        await until(pilot, lambda: shows(pilot, "it does nothing while normalized is off"))
        await focus(pilot, "normalized")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "[x] on") and not shows(pilot, "(centre)"))


async def test_arrow_keys_turn_a_slider_and_stop_at_its_ends(home):
    async with in_lesson(home) as pilot:
        await focus(pilot, "steps")
        await pilot.press("right")
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 6)
        await pilot.press("left", "left")
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 4)
        await pilot.press("shift+left")
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 1)
        await pilot.press("backspace")
        await until(
            pilot, lambda: session(pilot).setting.knobs["steps"] == 10 and shows(pilot, "steps", " 10")
        )


@pytest.mark.parametrize("size", [(140, 40), NARROW])
async def test_arrows_go_round_the_knobs_and_a_sign_shows_which(home, size):
    async with in_lesson(home, size=size) as pilot:
        await pilot.press("k")
        for key, name in (("down", "slope"), ("down", "sign"), ("up", "slope"), ("up", "steps")):
            await pilot.press(key)
            await until(pilot, lambda: lesson(pilot).focused is knob(pilot, name))  # noqa: B023
        await until(pilot, lambda: shows(pilot, "▸steps"))
        await pilot.press("up")
        await until(pilot, lambda: lesson(pilot).focused is knob(pilot, "offset") and shows(pilot, "▸offset"))


async def test_tab_leaves_the_knobs_for_the_text(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await focus(pilot, "slope")
        await pilot.press("tab")
        await until(pilot, lambda: lesson(pilot).focused is None and not lesson(pilot).room.has_bench)


async def test_a_choice_shows_its_options_or_its_place_among_them(home):
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "sign"))
        view = knob(pilot, "sign")
        assert view.render().plain.split() == ["sign", "‹up›", "down"]
        long = replace(view.knob, options=("up", "a long one", "another long one", "and a last one"))
        view.put_up(long, "another long one")
        assert view.render().plain.split("sign")[1].strip() == "‹ another long one › 3/4", (
            "its room is 39 columns"
        )


async def test_enter_turns_a_choice_and_a_switch(home):
    async with in_lesson(home) as pilot:
        await focus(pilot, "sign")
        await pilot.press("enter")
        await until(pilot, lambda: session(pilot).setting.knobs["sign"] == "down" and shows(pilot, "‹down›"))
        await pilot.press("down", "enter")
        await until(pilot, lambda: session(pilot).setting.knobs["noisy"] is True and shows(pilot, "[x] on"))
        await pilot.press("right")
        await until(pilot, lambda: session(pilot).setting.knobs["noisy"] is False and shows(pilot, "[ ] off"))


async def test_the_mouse_turns_every_kind_of_knob(home):
    async with in_lesson(home) as pilot:
        track = _NAME_WIDTH + 1
        await click(pilot, knob(pilot, "steps"), track)
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 1)
        last = knob(pilot, "steps")._track - 1
        await click(pilot, knob(pilot, "steps"), track + last)
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 50)
        await click(pilot, knob(pilot, "sign"), track + 2)
        await until(pilot, lambda: session(pilot).setting.knobs["sign"] == "down")
        await click(pilot, knob(pilot, "noisy"), track + 1)
        await until(pilot, lambda: session(pilot).setting.knobs["noisy"] is True)
        await click(pilot, knob(pilot, "offset"), track + 1)
        await until(pilot, lambda: isinstance(pilot.app.screen, TypeValue))


async def test_a_slider_follows_the_mouse_until_it_is_let_go_of(home):
    async with in_lesson(home) as pilot:
        slope = knob(pilot, "slope")
        start = slope.content_region.offset + Offset(_NAME_WIDTH + 1)
        end = start + Offset(slope._track + 3, 2)
        await pilot.mouse_down(offset=start)
        await until(pilot, lambda: session(pilot).setting.knobs["slope"] == 0.1)
        await pilot.hover(offset=end)
        await until(pilot, lambda: session(pilot).setting.knobs["slope"] == 10.0)
        await pilot.mouse_up(offset=end)
        await pilot.hover(offset=start)
        assert session(pilot).setting.knobs["slope"] == 10.0


async def test_a_typed_value_is_taken_and_a_wrong_one_explained(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await focus(pilot, "slope")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "slope: a number from 0.1 to 10"))
        await pilot.press(*"99", "enter")
        await until(
            pilot, lambda: shows(pilot, "slope=99 is out of range: slope takes a number from 0.1 to 10.")
        )
        assert isinstance(pilot.app.screen, TypeValue) and session(pilot).setting.knobs["slope"] == 1.0
        pilot.app.screen.query_one(Input).value = ""
        await pilot.press(*"quick")
        await until(pilot, lambda: shows(pilot, "slope is a number from 0.1 to 10.0. esc leaves it."))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "slope=quick is not a number"))
        pilot.app.screen.query_one(Input).value = ""
        await pilot.press(*"1/4", "enter")
        await until(pilot, lambda: session(pilot).setting.knobs["slope"] == 0.25)
        assert not isinstance(pilot.app.screen, TypeValue)


async def test_escape_leaves_the_value_as_it_was(home):
    async with in_lesson(home) as pilot:
        await focus(pilot, "steps")
        await pilot.press("enter", *"7", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, TypeValue))
        assert session(pilot).setting.knobs["steps"] == 5


async def test_what_is_turned_is_what_runs(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        await focus(pilot, "steps")
        await pilot.press("right")
        await until(pilot, lambda: shows(pilot, "r: steps 6"))
        await run_to(pilot)
        assert run(pilot).facts["steps"] == 6
        started = run(pilot).started
        assert started is not None and started.knobs["steps"] == 6


async def test_a_run_that_goes_on_keeps_the_knobs_it_began_with(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        attempt = session(pilot).attempt
        await focus(pilot, "steps")
        await pilot.press("right")
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == 6)
        assert attempt is not None and attempt.order.knobs["steps"] == 5


async def test_a_new_step_turns_the_knobs_that_are_there(home):
    async with in_lesson(home) as pilot:
        before = list(lesson(pilot).query(KnobView))
        await pilot.press("n")
        await until(
            pilot, lambda: session(pilot).setting.knobs["steps"] == 8 and knob(pilot, "steps").value == 8
        )
        assert list(lesson(pilot).query(KnobView)) == before
        await until(pilot, lambda: re.search(r"steps .*─ 8\b", screen(pilot)))


async def test_another_experiment_has_its_own_knobs(home):
    async with in_lesson(home) as pilot:
        panel, whole = lesson(pilot).query_one(KnobPanel), session(pilot).setting.experiment
        few = replace(whole, knobs=whole.knobs[2:4])
        for experiment in (few, whole, replace(whole, knobs=()), whole):
            await panel.show(experiment, whole.defaults())
            views = list(panel.query(KnobView))
            assert [view.knob for view in views] == list(experiment.knobs)
            assert all(view.knob.name in str(view.tooltip) for view in views)
            assert panel.display == bool(experiment.knobs)
            for view in views:
                await until(pilot, lambda: shows(pilot, view.knob.name))  # noqa: B023


async def test_many_knobs_leave_a_low_screen_to_the_charts_until_the_keyboard_is_on_them(home):
    async with in_lesson(home, "sandbox", step=2, size=NARROW, lessons=LESSONS) as pilot:
        await pilot.press("tab")
        panel = lesson(pilot).query_one(KnobPanel)
        await until(pilot, lambda: panel.size.height == 2)
        await pilot.press("k")
        await until(pilot, lambda: panel.size.height == 3)
        await pilot.press("escape")
        await until(pilot, lambda: panel.size.height == 2)


async def test_who_turns_knobs_for_a_goal_sees_what_is_missing(home):
    """Though another part of the text was in sight."""
    async with in_lesson(home, "scatter", step=2, size=NARROW, lessons=LESSONS) as pilot:
        await pilot.press("1", "enter", "enter")
        await until(pilot, lambda: lesson(pilot).prose.asking)
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "The game is fair all the same"))
        await pilot.press("k")
        await until(pilot, lambda: shows(pilot, "Not yet: what the middle player has"))
        assert not shows(pilot, "The game is fair all the same")


async def test_the_keyboard_begins_at_the_knob_that_the_goal_is_about_until_one_is_turned_here(home):
    """It names the momentum, and neither the first knob nor the one that was turned in the step before."""
    async with in_lesson(home, "optimizer", step=3, lessons=LESSONS) as pilot:
        session(pilot).turn("lr", 0.1)
        await pilot.press("n", "n")  # past the goal that is open here
        await until(pilot, lambda: lesson(pilot).step == 3)
        await pilot.press("k")
        await until(pilot, lambda: lesson(pilot).focused is knob(pilot, "momentum"))
        await pilot.press("down", "right", "escape", "k")
        turned = session(pilot).turned_here
        await until(pilot, lambda: turned != "momentum" and lesson(pilot).focused is knob(pilot, turned))


async def test_the_keyboard_begins_at_a_knob_that_does_something(home):
    """Case a has no patient, though that is the first knob that the goal leaves free, and the last turned."""
    async with in_lesson(home, "sandbox", step=2, lessons=LESSONS) as pilot:
        await pilot.press("k")
        await until(pilot, lambda: lesson(pilot).focused is knob(pilot, "activation"))
        await pilot.press("escape")
        session(pilot).turn("patient", 3)
        assert "patient" in session(pilot).setting.idle
        await pilot.press("k")
        await until(pilot, lambda: lesson(pilot).focused is knob(pilot, "activation"))
        session(pilot).turn("case", "two")
        await pilot.press("escape", "k")
        await until(pilot, lambda: lesson(pilot).focused is knob(pilot, "case"))


async def test_where_a_reached_goal_takes_the_keyboard_from_the_knobs_it_is_said(home):
    async with in_lesson(home, step=3, size=NARROW) as pilot:
        await focus(pilot, "slope")
        tap(pilot, "2", ".", "5", "enter")
        await until(pilot, lambda: session(pilot).setting.knobs["slope"] == 2.5)
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "k the knobs again") and lesson(pilot).focused is None)
        await pilot.press("5")
        await until(pilot, lambda: shows(pilot, "nothing is asked here: k leads to the knobs"))
        await pilot.press("k")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, KnobView))


@pytest.mark.parametrize(("typed", "steps"), [("12", 12), ("√144", 12), ("(5+8)", 13)])
async def test_a_sign_of_a_number_begins_its_value_and_what_follows_at_once_is_in_it(home, typed, steps):
    async with in_lesson(home) as pilot:
        await focus(pilot, "steps")
        tap(pilot, *typed, "enter")
        await until(pilot, lambda: session(pilot).setting.knobs["steps"] == steps)


@pytest.mark.parametrize("name", ["steps", "sign"])
async def test_the_key_bar_says_nothing_of_enter_on_a_knob_that_the_border_does_not(home, name):
    async with in_lesson(home, size=NARROW) as pilot:
        view = await focus(pilot, name)
        await until(pilot, lambda: "⏎ set it " in screen(pilot).splitlines()[-1])
        assert view.enter_does.startswith("⏎ types" if name == "steps" else "⏎ turns it")
