"""Predictions are settled by the run and kept; goals are reached by the learner's own runs."""

from __future__ import annotations

import math
import re
import shutil

import pytest
from pilots import (
    CHECKOUT,
    COURSE,
    NARROW,
    bench,
    click,
    in_lesson,
    lesson,
    run,
    run_to,
    screen,
    session,
    shows,
    state,
    tap,
    until,
)
from textual.events import Key
from textual.widgets import Input, Static, TextArea

from initplay.course.course import Course, find_lessons_dir
from initplay.course.prediction import Predict
from initplay.learner.answer import Answer
from initplay.learner.calibration import Calibration, calibrate, predictions_of
from initplay.learner.progress import Prediction, Progress
from initplay.ui.bench.knobs import KnobPanel, KnobView
from initplay.ui.lesson.boxes import NumberBox, SeenBox
from initplay.ui.lesson.onward import Onward
from initplay.ui.lesson.predict_card import (
    BY_A_NUMBER,
    IS_ASKED_FOR,
    IS_TYPED_IN,
    IT_RUNS,
    NO_NUMBER,
    NOT_TAKEN,
    OTHER_FIRST,
    Option,
    PredictCard,
)
from initplay.ui.lesson.screen import AFTER_THE_DIAGNOSIS
from initplay.ui.pages.explain import ExplainScreen


def kept(home, slug: str = "climb"):
    progress = Progress.open(home / "progress.db")
    try:
        return progress.lesson_state(slug)
    finally:
        progress.close()


ASKED = "What did you see? A line, or just enter"


async def guess(pilot, text: str) -> None:
    await pilot.press("g")
    await until(pilot, lambda: isinstance(lesson(pilot).focused, Input))
    await pilot.press(*text, "enter")


async def test_a_number_is_committed_settled_by_the_run_and_kept(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "4.5")
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
        assert not kept(home).predictions[0].settled
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Close: you said 4.5, it was 5 units.", ASKED))
        assert not shows(pilot, "adds the slope."), "the why waits"
    (prediction,) = kept(home).predictions
    assert (prediction.guess, prediction.outcome, prediction.right) == (4.5, 5.0, True)
    assert prediction.settled and prediction.score is not None and 0.9 < prediction.score < 1
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "Close: you said 4.5, it was 5 units.", "adds the slope."))
        await pilot.press("g")
        assert lesson(pilot).focused is None, "what is settled stays"


async def test_what_is_typed_fast_behind_a_number_is_no_part_of_it(home):
    """Over a slow line, or by who knows the keys, they come together."""
    async with in_lesson(home) as pilot:
        for letter in "4.5":
            pilot.app.post_message(Key("full_stop" if letter == "." else letter, letter))
        pilot.app.post_message(Key("enter", "\r"))
        pilot.app.post_message(Key("r", "r"))
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: shows(pilot, "Close: you said 4.5, it was 5 units.", ASKED))
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, SeenBox))
        for letter in "so":
            pilot.app.post_message(Key(letter, letter))
        pilot.app.post_message(Key("enter", "\r"))
        pilot.app.post_message(Key("k", "k"))
        await until(pilot, lambda: isinstance(lesson(pilot).focused, KnobView))
    (prediction,) = kept(home).predictions
    assert (prediction.guess, prediction.seen) == (4.5, "so")


async def test_an_open_guess_is_there_after_a_restart(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "40")
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "Now run it: r") and shows(pilot, "40"))


def option(pilot, text: str) -> Option:
    """Wherever it stands: the order is drawn for each learner."""
    return next(one for one in lesson(pilot).query(Option) if one.text == text)


@pytest.mark.parametrize(
    ("text", "words", "right"),
    [("up", "Right.", True), ("down", "It was: up.", False)],
    ids=["right", "wrong"],
)
async def test_an_option_is_chosen_by_the_number_it_stands_beside(home, text, words, right):
    async with in_lesson(home, step=2) as pilot:
        await pilot.press("9", str(option(pilot, text).place))
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, words, ASKED))
        await pilot.press("g", "enter")
        await until(pilot, lambda: shows(pilot, words, "Nobody turned the sign."))
        assert not shows(pilot, ASKED)
    (prediction,) = kept(home).predictions
    assert (prediction.guess, prediction.right) == ({"down": 1.0, "up": 2.0}[text], right)


async def test_options_stand_in_an_order_of_the_learners_own(home):
    """The same after a restart."""
    orders = []
    for _ in range(2):
        async with in_lesson(home, step=2) as pilot:
            orders.append([one.text for one in lesson(pilot).query(Option)])
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == ["down", "up"]


async def test_an_option_is_chosen_by_click_and_may_be_changed_until_the_run(home):
    async with in_lesson(home, step=2) as pilot:
        down, up = option(pilot, "down"), option(pilot, "up")
        await click(pilot, down, 3)
        await until(pilot, lambda: down.has_class("-chosen"))
        await click(pilot, up, 3)
        await until(pilot, lambda: up.has_class("-chosen") and not down.has_class("-chosen"))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right."))
        await click(pilot, down, 3)
        await pilot.pause()
        assert not down.has_class("-chosen"), "what is settled stays"


async def test_a_run_with_other_knobs_settles_nothing(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        session(pilot).setting.knobs["steps"] = 6
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "That was another run: your guess is about steps"))
    assert not kept(home).predictions[0].settled


LATE = "This is after its run, and counts as no prediction."
AFTER_RUN = "Answered after its run, so it counts as no prediction."


def said(pilot) -> str:
    """What the card says of its answer."""
    return str(lesson(pilot).prose.query(".card-verdict").first(Static).content)


def calibration(home):
    return calibrate(predictions_of(Course.load(COURSE).lessons), kept(home).predictions)


async def test_what_is_answered_after_its_run_is_no_prediction_and_stays_so(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
    assert kept(home).shown == (kept(home).shown[0],)
    async with in_lesson(home) as pilot:  # not even after a restart
        await guess(pilot, "5")
        await until(pilot, lambda: said(pilot) == f"{LATE} Run it again: r")
        await run_to(pilot)
        await until(pilot, lambda: said(pilot).startswith(f"Right: 5 units. {AFTER_RUN}"))
    (prediction,) = kept(home).predictions
    assert (prediction.right, prediction.after_run) == (True, True), "what was said is kept"
    assert calibration(home) == Calibration(after_run=1)
    assert calibration(home).in_words() == "1 answered after the run"


async def test_an_answer_that_is_changed_once_its_run_was_seen_is_no_prediction(home):
    """Be it stopped or going on."""
    async with in_lesson(home) as pilot:
        await guess(pilot, "40")
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
        await pilot.press("z")
        tap(pilot, "r")
        await until(pilot, lambda: run(pilot).moments > 0)
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped")
        assert kept(home).shown == (), "the answer was there before it"
        await guess(pilot, "5")
        await until(pilot, lambda: LATE in said(pilot))
    assert kept(home).predictions[0].after_run


async def test_a_diagnosis_comes_after_a_look_at_the_run_which_settles_it(home, tmp_path):
    shutil.copytree(COURSE, tmp_path / "course")
    written = tmp_path / "course" / "01_climb" / "lesson.md"
    written.write_text(written.read_text().replace("```predict\n", "```predict\nlook = true\n", 1))
    async with in_lesson(home, lessons=tmp_path / "course") as pilot:
        await until(pilot, lambda: lesson(pilot).onward is Onward.RUN)
        session(pilot).setting.knobs["steps"] = 6
        await run_to(pilot)
        await guess(pilot, "5")
        await until(pilot, lambda: "Now run it: r" in said(pilot))
        session(pilot).setting.knobs["steps"] = 5
        await run_to(pilot)
        await until(pilot, lambda: said(pilot).startswith("Right: 5 units."))
        assert AFTER_RUN not in said(pilot)
    assert not kept(home).predictions[0].after_run


async def test_one_run_is_enough_for_a_diagnosis(home, tmp_path):
    shutil.copytree(COURSE, tmp_path / "course")
    written = tmp_path / "course" / "01_climb" / "lesson.md"
    written.write_text(written.read_text().replace("```predict\n", "```predict\nlook = true\n", 1))
    async with in_lesson(home, size=NARROW, lessons=tmp_path / "course") as pilot:
        await run_to(pilot)
        await until(pilot, lambda: lesson(pilot).onward is Onward.TYPE)
        lesson(pilot).action_why()
        await until(pilot, lambda: shows(pilot, AFTER_THE_DIAGNOSIS))
        assert not isinstance(pilot.app.screen, ExplainScreen), "it would give the answer away"
        await guess(pilot, "5")
        await until(pilot, lambda: said(pilot).startswith("Right: 5 units."))
        assert lesson(pilot).onward is Onward.WHY and session(pilot).kept.begun == 1
        assert session(pilot).verdicts() == ["◆ Right: 5 units."]
    (prediction,) = kept(home).predictions
    assert prediction.settled and prediction.right and not prediction.after_run


async def test_a_question_about_another_draw_is_settled_by_a_new_seed_alone(home, tmp_path):
    shutil.copytree(COURSE, tmp_path / "course")
    written = tmp_path / "course" / "01_climb" / "lesson.md"
    written.write_text(written.read_text().replace("```predict\n", "```predict\nnew_seed = true\n", 1))
    async with in_lesson(home, lessons=tmp_path / "course") as pilot:
        await run_to(pilot)
        await guess(pilot, "5")
        await until(pilot, lambda: said(pilot) == "Now draw a new seed, and run it: s, then r")
        await run_to(pilot)
        await until(pilot, lambda: said(pilot) == "That was seed 42 again: s draws a new one, then r.")
        await until(pilot, lambda: shows(pilot, "⏎ a new seed, and run it"))
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot).startswith("Right: 5 units."))
        assert AFTER_RUN not in said(pilot), "the same draw again shows nothing of another"
        assert session(pilot).setting.seed != 42
    assert not kept(home).predictions[0].after_run


async def test_enter_puts_the_knobs_back_where_a_guess_is_about_others(home):
    """Else it would run on and on, and settle nothing."""
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        session(pilot).turn("steps", 6)
        await run_to(pilot)
        await until(pilot, lambda: said(pilot) == "That was another run: your guess is about steps 5.")
        await until(pilot, lambda: shows(pilot, "⏎ the knobs as asked, and run it"))
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot).startswith("Right: 5 units."))


async def test_enter_puts_up_what_a_guess_is_about_where_an_earlier_run_put_up_another(home, tmp_path):
    lessons = tmp_path / "lessons"
    shutil.copytree(COURSE, lessons)
    text = (lessons / "01_climb" / "lesson.md").read_text(encoding="utf-8")
    before, first, behind = text.partition("```run climb\nsteps = 5\n```")
    asks_about_fall = before.replace("How high", "How deep") + "```run fall\n```\n\n## How high\n\n"
    (lessons / "01_climb" / "lesson.md").write_text(asks_about_fall + first + behind, encoding="utf-8")
    with (lessons / "01_climb" / "experiment.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef fall():\n    yield Result(last=-1.0)\n")
    async with in_lesson(home, lessons=lessons) as pilot:
        await run_to(pilot)
        fallen = session(pilot).attempt
        assert fallen is not None
        await pilot.press("n")
        await until(pilot, lambda: session(pilot).setting.experiment.name == "climb")
        await guess(pilot, "5")
        await bench(pilot).show_attempt(fallen)
        assert session(pilot).setting.experiment.name == "fall"
        await run_to(pilot)
        await until(pilot, lambda: said(pilot) == "That was fall: your guess is about climb.")
        await until(pilot, lambda: shows(pilot, "⏎ the knobs as asked, and run it"))
        await pilot.press("enter")
        await until(pilot, lambda: said(pilot).startswith("Right: 5 units."))


@pytest.mark.parametrize("knob", [None, 6], ids=["the run", "another run"])
async def test_a_run_with_other_knobs_shows_nothing_of_the_answer(home, knob):
    async with in_lesson(home) as pilot:
        if knob:
            session(pilot).setting.knobs["steps"] = knob
        await run_to(pilot)
        session(pilot).setting.knobs["steps"] = 5
        await guess(pilot, "5")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right: 5 units."))
    assert kept(home).predictions[0].after_run == (knob is None)
    assert calibration(home).numbers == (1 if knob else 0)


async def test_the_keyboard_is_free_again_once_a_guess_is_placed_by_the_mouse(home):
    async with in_lesson(home) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        lesson(pilot).prose.query(PredictCard).first().place(4.0, final=True)
        await until(pilot, lambda: shows(pilot, "Now run it: r") and lesson(pilot).focused is None)
        await run_to(pilot)


async def test_another_step_begins_without_the_verdicts_of_the_one_before(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "◆ Right: 5 units"))
        await pilot.press("a", "n", "b")
        await until(pilot, lambda: shows(pilot, "step 1 of 3") and not shows(pilot, "◆ Right: 5 units"))
        assert not shows(pilot, "auto")


async def test_a_run_settles_nothing_that_was_not_guessed(home):
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        await guess(pilot, "5")
        await until(pilot, lambda: shows(pilot, "Run it again: r"))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right: 5 units."))


async def test_what_is_typed_into_a_guess_does_nothing_else(home):
    async with in_lesson(home) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, Input))
        before = (session(pilot).setting.seed, lesson(pilot).step, pilot.app.theme)
        typed = "nbrxspkeczodthg1q?. 2e1"
        await pilot.press(*["space" if letter == " " else letter for letter in typed])
        await pilot.press("left", "right", "home", "end")
        box = lesson(pilot).query_one(Input)
        assert isinstance(lesson(pilot).focused, Input)
        assert (session(pilot).setting.seed, lesson(pilot).step, pilot.app.theme) == before
        assert session(pilot).attempt is None and bench(pilot).tab == "charts"
        assert pilot.app.is_running and box.value == typed


async def type_in(pilot, text: str) -> None:
    """As a terminal does, whatever the letters: Pilot has no key for some of them."""
    for letter in text:
        pilot.app.post_message(Key(letter, letter))
    await pilot.pause()
    await pilot.press("enter")


REFUSED = {
    "": "A number, such as 40, 70%,",
    "-": "Your guess is written '-', where a",
    "1e": "where a * is",
    "1e999": "Your guess is no finite number.",
    "0,5": "with a comma",
    "5 units": "Your guess is written '5 units'",
}


async def test_while_a_line_is_open_no_card_says_that_a_letter_is_a_key(home):
    """Neither the one whose number is typed anew nor another, and not in the editor."""

    def cards() -> list[str]:
        return [str(says.content) for says in lesson(pilot).prose.query(".card-verdict").results(Static)]

    run_it = "Now run it: r"
    async with in_lesson(home, "backward", step=2, lessons=find_lessons_dir()) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: cards() == [OTHER_FIRST, ""])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        await until(pilot, lambda: cards() == [IS_TYPED_IN, ""])
        await pilot.press("escape")
        await until(pilot, lambda: cards() == [OTHER_FIRST, ""])
        await pilot.press("5", "enter")
        await until(pilot, lambda: cards() == [run_it, run_it])
        await pilot.press("g")
        await until(pilot, lambda: cards() == [IS_TYPED_IN, IS_ASKED_FOR])
        await pilot.press("escape", "e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, TextArea))
        await until(pilot, lambda: cards() == [IS_TYPED_IN, IS_TYPED_IN])


async def test_a_number_that_is_typed_and_left_is_said_to_be_no_guess_yet(home):
    """It stood there as if it were one, and the run was held against the one before."""
    async with in_lesson(home, "activations", step=1, lessons=find_lessons_dir()) as pilot:
        card = lesson(pilot).prose.query_one(PredictCard)
        await pilot.press("9", "escape")
        await until(pilot, lambda: said(pilot) == NOT_TAKEN.format("9"))
        assert card.answer.guess is None
        await pilot.press("g", "enter")
        await until(pilot, lambda: said(pilot) == "Now run it: r")
        await pilot.press("g", "7", "escape")
        await until(pilot, lambda: said(pilot) == NOT_TAKEN.format("7"))
        assert card.answer.guess == 9
        await pilot.press("g", "9", "escape")
        await until(pilot, lambda: said(pilot) == "Now run it: r")
        await pilot.press("g", "1", "slash", "escape")
        await until(pilot, lambda: said(pilot).startswith("Your guess is written '1/'"))
        await pilot.press("g", *"1/3", "enter")
        await until(pilot, lambda: "Now run it: r" in said(pilot))
        await pilot.press("g", *["backspace"] * 3, "escape")
        await until(pilot, lambda: lesson(pilot).prose.query_one(NumberBox).value == "0.333333333333")
        await pilot.press("n", "b")
        await until(pilot, lambda: lesson(pilot).prose.query_one(NumberBox).value == "0.333333333333")
        await until(pilot, lambda: said(pilot) == "Now run it: r")


@pytest.mark.parametrize("split", [False, True], ids=["text", "bench"])
async def test_the_other_question_of_a_step_comes_before_its_run(home, split):
    """After that its answer would be no prediction."""
    async with in_lesson(home, "backward", step=7, size=NARROW, lessons=find_lessons_dir()) as pilot:
        first, second = lesson(pilot).prose.query(PredictCard)

        def said() -> list[str]:
            return [str(card.query_one(".card-verdict", Static).content) for card in (first, second)]

        if split:
            await pilot.press("tab")
        await pilot.press(*"4096", "enter")
        await until(pilot, lambda: said() == [OTHER_FIRST, ""])
        await until(pilot, lambda: lesson(pilot).prose.is_in_sight(second))
        assert lesson(pilot).onward is Onward.CHOOSE
        await pilot.press("enter")
        await until(pilot, lambda: "1 to 3" in said()[1] and lesson(pilot).focused is None)
        await pilot.press("2")
        await until(pilot, lambda: said() == ["Now run it: r"] * 2)
        assert lesson(pilot).onward is Onward.RUN_GUESSED


async def test_a_guess_that_is_no_number_is_explained(home):
    """And is committed as no other: the box keeps what was typed."""
    async with in_lesson(home) as pilot:
        for text, why in REFUSED.items():
            await pilot.press("g")
            await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
            await type_in(pilot, text)
            await until(pilot, lambda why=why: shows(pilot, why))
            box = lesson(pilot).query_one(NumberBox)
            assert box.value == text
            box.value = ""
            lesson(pilot).set_focus(None)
            lesson(pilot).query_one(".card-verdict", Static).update("")
    assert kept(home).predictions == ()


WORKED_OUT = {
    "70%": ("70% is 0.7. Now run it: r", 0.7),
    "ln 10": ("ln 10 is 2.303. Now run it: r", math.log(10)),
    "-ln(0.1)": ("-ln(0.1) is 2.303. Now run it: r", math.log(10)),
    "√512": ("√512 is 22.63. Now run it: r", math.sqrt(512)),
    "3e-8": ("Now run it: r", 3e-8),
}


async def test_arithmetic_is_committed_as_what_it_comes_to_and_the_card_says_so(home):
    """One guess after the other: it may be changed until the run."""
    async with in_lesson(home) as pilot:
        for text, (worked_out, number) in WORKED_OUT.items():
            await pilot.press("g")
            await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
            lesson(pilot).query_one(NumberBox).value = ""
            await type_in(pilot, text)
            await until(pilot, lambda text=worked_out: said(pilot) == text)
            assert kept(home).predictions[0].guess == pytest.approx(number), text


async def test_keys_typed_into_a_number_are_said_to_be_none_at_once_and_go_with_the_keyboard(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "a number is asked for · esc leaves it"))
        await until(pilot, lambda: said(pilot) == NO_NUMBER)
        await pilot.press("b", "j", "escape")
        await until(pilot, lambda: said(pilot) == "" and not shows(pilot, "nbj"))
        await pilot.press("g", "l")
        await until(pilot, lambda: lesson(pilot).query_one(NumberBox).value == "l")
        assert said(pilot) == "", "it may become ln 10"
        await pilot.press("escape", "n")
        await until(pilot, lambda: shows(pilot, "Which way does it go?"))


async def test_a_goal_says_what_is_missing_and_is_kept_once_reached(home):
    async with in_lesson(home, step=3) as pilot:
        await pilot.press("h")
        await until(pilot, lambda: shows(pilot, "Turn the slope."))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Not yet: the last value of the line is 10"))
    async with in_lesson(home, step=3) as pilot:
        session(pilot).setting.knobs["slope"] = 2.5
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "◆ Goal · reached in 2 runs", "Slope times steps."))
    assert len(kept(home).goals) == 1
    async with in_lesson(home, step=3) as pilot:
        await until(pilot, lambda: shows(pilot, "◆ Goal · reached in 2 runs", "Slope times steps."))


async def test_a_hint_leaves_what_is_missing_and_is_offered_once(home):
    async with in_lesson(home, step=3) as pilot:
        await run_to(pilot)
        missing = "Not yet: the last value of the line is 10"
        await until(pilot, lambda: shows(pilot, missing, "h a hint"))
        await pilot.press("h")
        await until(pilot, lambda: shows(pilot, "Turn the slope.", missing) and not shows(pilot, "h a hint"))


async def test_a_narrow_screen_says_on_the_bench_what_the_run_settled(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await guess(pilot, "50")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "You were off: you said 50, it was 5 units."))


async def test_a_failed_run_settles_nothing(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        session(pilot).setting.source = session(pilot).setting.source.replace(
            "yield Note", "raise RuntimeError\n    yield Note"
        )
        await run_to(pilot, "failed")
        await pilot.pause()
        assert shows(pilot, "Now run it: r")


async def test_a_guess_kept_by_another_version_of_the_lesson_is_no_trouble(home):
    progress = Progress.open(home / "progress.db")
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
    key = kept(home).predictions[0].key
    progress.predicted(key, "forty")
    progress.close()
    assert kept(home).predictions == (Prediction(key, "forty"),)
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "a number (units): type it"))


async def say_what_was_seen(pilot, words: str) -> None:
    await pilot.press("g")
    await until(pilot, lambda: isinstance(lesson(pilot).focused, SeenBox))
    await pilot.press(*["space" if letter == " " else letter for letter in words], "enter")


async def test_what_was_seen_is_kept_and_shown_with_the_why_when_the_step_is_opened_again(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "40")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "You were off: you said 40, it was 5 units.", ASKED))
        assert lesson(pilot).focused is None, "it takes no focus that was not asked for"
        await say_what_was_seen(pilot, "a line r n q")
        told = ("it was 5 units.", "You saw: a line r n q", "Each step adds the slope.")
        await until(pilot, lambda: shows(pilot, *told))
        assert lesson(pilot).focused is None and not lesson(pilot).query(SeenBox)
        await pilot.press("n", "b")
        await until(pilot, lambda: shows(pilot, *told))
    assert kept(home).predictions[0].seen == "a line r n q"
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, *told))


async def test_a_why_that_was_not_asked_for_is_there_when_one_comes_back(home):
    async with in_lesson(home, step=2) as pilot:
        await pilot.press(str(option(pilot, "down").place))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "It was: up.", ASKED))
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 2)
        await pilot.press("b")
        await until(pilot, lambda: shows(pilot, "It was: up. Nobody turned the sign."))
        assert not shows(pilot, ASKED)
        await pilot.press("g")
        assert lesson(pilot).focused is None


async def test_escape_leaves_the_line_and_what_stands_in_it(home):
    async with in_lesson(home, step=2) as pilot:
        await pilot.press(str(option(pilot, "up").place))
        await run_to(pilot)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, SeenBox))
        await pilot.press("u", "p", "escape")
        await until(pilot, lambda: lesson(pilot).focused is None)
        assert shows(pilot, ASKED, "up") and kept(home, "climb").predictions[0].seen == ""
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 2)


async def test_on_a_narrow_screen_question_verdict_and_why_stand_on_the_bench(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("5", "enter", "enter")
        asked = ("What is the last value?", "Right: 5 units.", "What did you see?", "✓ run 1", "steps 5")
        await until(pilot, lambda: shows(pilot, *asked))
        assert not shows(pilot, "◆ Right")  # once is enough
        await say_what_was_seen(pilot, "five")
        why = ("What is the last value?", "You saw: five", "Each step adds the slope.", "✓ run 1")
        await until(pilot, lambda: shows(pilot, *why))


async def test_enter_leads_through_a_step_and_says_what_it_does_next(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "type a number, or ⏎ and a formula"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, NumberBox))
        await pilot.press("5", "enter")
        await until(pilot, lambda: shows(pilot, "⏎ run it, to settle your guess"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "⏎ the why · g what you saw, first"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Each step adds the slope.", "⏎ next step"))
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "Which way does it go?", "1-2 answers"))
        await pilot.press("g")
        await until(pilot, lambda: shows(pilot, "Answer by its number: 1 to 2"))


async def test_enter_changes_nothing_while_a_run_goes_on(home):
    async with in_lesson(home, size=NARROW) as pilot:
        tap(pilot, "z", "r")  # slow motion
        await until(pilot, lambda: shows(pilot, "▶ run 1", "⏎ waits for the run"))
        tap(pilot, "space")
        await until(pilot, lambda: state(pilot) == "paused")
        await until(pilot, lambda: shows(pilot, "‖ run 1", "the run is paused · space goes on"))
        tap(pilot, "enter", "tab")
        await until(pilot, lambda: not lesson(pilot).room.has_bench)
        assert state(pilot) == "paused" and session(pilot).kept.begun == 1


async def test_a_look_ahead_and_back_leaves_a_run_that_goes_on_and_one_that_has_ended(home):
    """Each step of this lesson has the same experiment: the run stays on the bench meanwhile."""
    async with in_lesson(home, size=NARROW) as pilot:
        await guess(pilot, "5")
        await until(pilot, lambda: lesson(pilot).onward is Onward.RUN_GUESSED)
        tap(pilot, "z", "r")  # slow motion
        await until(pilot, lambda: state(pilot) == "running")
        tap(pilot, "n", "n", "b", "b")
        await until(pilot, lambda: lesson(pilot).step == 0 and shows(pilot, "How high", IT_RUNS))
        assert not shows(pilot, "Now run it") and lesson(pilot).onward is Onward.WAIT
        tap(pilot, "z")
        await until(pilot, lambda: lesson(pilot).onward is Onward.WHY)
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).onward is Onward.NEXT)
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1)
        assert lesson(pilot).onward is Onward.CHOOSE
        await pilot.press("b")
        await until(pilot, lambda: lesson(pilot).step == 0 and lesson(pilot).onward is Onward.NEXT)
        assert session(pilot).kept.begun == 1


async def test_a_step_needs_no_run_once_all_that_it_asks_is_settled(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        await run_to(pilot)
        await say_what_was_seen(pilot, "")
    async with in_lesson(home) as pilot:
        assert session(pilot).kept.begun == 0
        await until(pilot, lambda: shows(pilot, "⏎ next step"))


async def test_a_step_that_asks_nothing_is_run_again_only_where_its_run_is_gone(home):
    """In a step that was not run, the run of the one before is none."""
    async with in_lesson(home, step=3) as pilot:
        await run_to(pilot)
        await pilot.press("b")
        await until(pilot, lambda: lesson(pilot).step == 1)
        assert lesson(pilot)._is_before_any_run
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 2)
        assert not lesson(pilot)._is_before_any_run


async def test_a_digit_where_the_keyboard_is_elsewhere_is_told_how_a_number_is_begun(home):
    async with in_lesson(home) as pilot:
        await pilot.press("l", "1", "escape")
        await until(pilot, lambda: shows(pilot, BY_A_NUMBER))
        assert not shows(pilot, "1 to 0")


def answer_of(outcome: float, guess: float, unit: str = "", **asked) -> Answer:
    predict = Predict("a/1/predict/1", "?", "chain", 1, result="n", unit=unit, **asked)
    answer = Answer(predict, guess)
    answer.settle({"n": outcome})
    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answer_of(0.3943, 0.394), "Right: 0.394."),
        (answer_of(0.3536, 0.35), "Right: 0.354."),
        (answer_of(8.9, 9.3, expected=1.25**10), "Right: 9.31; the run that settled it gave 8.9."),
        (answer_of(0.22, 0.22, expected=0.05**0.5), "Right: 0.224; the run that settled it gave 0.22."),
        (answer_of(0.3536, 0.36), "Close: you said 0.36, it was 0.354."),
        (answer_of(0.3536, 0.35, within=0), "You were off: you said 0.35, it was 0.354."),
        (answer_of(1, 1, "steps"), "Right: 1 step."),
        (answer_of(0.3943, 0.3941, within=0), "You were off: you said 0.3941, it was 0.3943."),
        (answer_of(2e8, 200_000_001, within=0), "You were off: you said 200000001, it was 200000000."),
        (answer_of(1, 1, "loss"), "Right: 1 loss."),
        (answer_of(1, 1, "ms"), "Right: 1 ms."),
        (answer_of(1, 40, "steps"), "You were off: you said 40, it was 1 step."),
        (answer_of(28, 30, "layers"), "Close: you said 30, it was 28 layers."),
        (
            answer_of(1.9e-8, 3e-8, expected=2**-25),
            "Close: you said 3e-8, it is 2.98e-8; the run that settled it gave 1.9e-8.",
        ),
        (answer_of(2.0, 2, expected=2), "Right: 2."),
        (answer_of(1.9, 2, expected=2), "Right: 2; the run that settled it gave 1.9."),
        (answer_of(float("nan"), 2), "You said 2; the run gave no number for it."),
    ],
)
def test_a_verdict_says_each_number_once(answer, words):
    assert answer.in_words == words


OPTIONS = Predict("a/1/predict/1", "?", "chain", 1, options=("up", "down", "neither"), answer=2)


@pytest.mark.parametrize(
    ("kept_before", "guess"),
    [
        (Prediction(OPTIONS.key, 3.0, 2, False, 0.0, settled=True), 3.0),
        (Prediction(OPTIONS.key, 3.0), 3.0),
        (Prediction(OPTIONS.key, 3.0, 2.8, True, 0.97, settled=True), None),
        (Prediction(OPTIONS.key, 3.0, 3, True, 1.0, settled=True), None),
        (Prediction(OPTIONS.key, 2.5), None),
        (Prediction(OPTIONS.key, 40.0), None),
        (Prediction(OPTIONS.key, float("nan")), None),
    ],
)
def test_a_number_kept_where_options_are_asked_now_is_no_option(kept_before, guess):
    answer = Answer.of(OPTIONS, kept_before)
    assert answer.guess == guess
    assert answer.open == (guess is None or not kept_before.settled)


THEORY = Predict("a/1/predict/1", "?", "chain", 1, result="n", expected=35, unit="steps")


@pytest.mark.parametrize("found", [38, 35, float("nan"), None])
def test_what_theory_says_and_a_draw_gave_is_the_same_when_it_is_opened_again(found):
    first = Answer(THEORY, 40.0)
    verdict = first.settle({"n": found})
    again = Answer.of(
        THEORY, Prediction(THEORY.key, 40.0, first.found, verdict.right, verdict.score, settled=True)
    )
    assert (again.in_words, again.verdict) == (first.in_words, verdict)
    assert (again.outcome, again.measured) == (first.outcome, first.measured) == (35, found)


def test_what_was_kept_before_the_lesson_named_what_theory_says_is_held_against_it():
    answer = Answer.of(THEORY, Prediction(THEORY.key, 60.0, 60, True, 1.0, settled=True))
    assert answer.in_words == "You were off: you said 60, it is 35 steps; the run that settled it gave 60."


async def test_the_draw_is_kept_where_theory_is_in_the_lesson(home, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(COURSE, course)
    text = course / "01_climb" / "lesson.md"
    text.write_text(text.read_text().replace('result = "last"', 'result = "last"\nanswer = 6'))
    told = "Right: 6 units; the run that settled it gave 5."
    async with in_lesson(home, lessons=course) as pilot:
        await guess(pilot, "6")
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, told))
    assert kept(home).predictions[0].outcome == 5
    async with in_lesson(home, lessons=course) as pilot:
        await until(pilot, lambda: shows(pilot, told))


async def test_what_comes_after_waits_until_the_prediction_is_settled_and_what_was_seen_is_said(home):
    async with in_lesson(home, step=2) as pilot:
        await until(pilot, lambda: shows(pilot, "the rest, once your prediction is settled"))
        await pilot.press(str(option(pilot, "up").place))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right.", ASKED))
        assert not shows(pilot, "A slope of one")
        await pilot.press("g", "enter")
        await until(pilot, lambda: shows(pilot, "A slope of one"))
        assert not shows(pilot, "the rest, once")
    async with in_lesson(home, step=2) as pilot:
        await until(pilot, lambda: shows(pilot, "A slope of one"))


async def test_who_runs_without_a_guess_may_read_on(home):
    """The run has shown what came out; with other knobs it has not."""
    async with in_lesson(home, step=2) as pilot:
        session(pilot).setting.knobs["steps"] = 6
        await run_to(pilot)
        await pilot.pause()
        assert not shows(pilot, "A slope of one")
        session(pilot).setting.knobs["steps"] = 8
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "A slope of one"))
    assert kept(home).predictions == ()


async def test_digits_that_come_faster_than_the_keyboard_changes_hands_are_one_number(home):
    async with in_lesson(home, size=NARROW) as pilot:
        tap(pilot, "2", "8", ".", "5", "enter")
        await until(pilot, lambda: shows(pilot, "28.5", "Now run it: r"))


async def test_a_number_may_begin_with_its_point_where_one_is_asked_for(home):
    """Where there is no run yet that `.` would step through."""
    async with in_lesson(home) as pilot:
        pilot.app.post_message(Key("full_stop", "."))
        tap(pilot, *"5**2", "enter")
        await until(pilot, lambda: shows(pilot, "0.25", "Now run it: r"))


@pytest.mark.parametrize(("typed", "said"), [("(3-5)/2", "-1"), ("√512", "√512 is 22.63"), ("½", "½ is 0.5")])
async def test_a_number_may_begin_with_any_sign_that_is_no_key(home, typed, said):
    async with in_lesson(home, size=NARROW) as pilot:
        tap(pilot, *typed, "enter")
        await until(pilot, lambda: shows(pilot, said, "Now run it: r"))


async def test_a_guess_is_no_mark_on_the_chart_of_a_run_that_is_about_something_else(home):
    lessons = find_lessons_dir()
    async with in_lesson(home, "blowup", step=3, lessons=lessons) as pilot:
        await pilot.press("2", "8", "enter")
        await run_to(pilot)
        await until(pilot, lambda: bench(pilot).guess is not None)
        session(pilot).turn("scale", 0.5)
        await run_to(pilot)
        await until(pilot, lambda: bench(pilot).guess is None)


async def page_of(pilot, lines: int) -> set[str]:
    """Which lines of the end of a text are on the screen, once the last of them in sight is painted."""
    prose = lesson(pilot).prose
    last = lines - 1 - (prose.virtual_size.height - prose.scroll_offset.y - prose.size.height)
    await until(pilot, lambda: shows(pilot, f"line {last}."))
    return set(re.findall(r"line \d+\.", screen(pilot)))


async def test_a_why_is_read_with_the_chart_in_sight_and_a_long_one_in_pages(home, tmp_path):
    shutil.copytree(COURSE, tmp_path / "course")
    written = tmp_path / "course" / "01_climb" / "lesson.md"
    text = written.read_text()
    for lines in (3, 30):
        after = "\n".join(
            ["\n```after", *(f"    line {number}." for number in range(lines)), "```\n\n## Which way"]
        )
        written.write_text(text.replace("## Which way", after, 1))
        async with in_lesson(home, size=NARROW, lessons=tmp_path / "course") as pilot:
            await guess(pilot, "5")
            await run_to(pilot)
            await until(pilot, lambda: lesson(pilot).onward is Onward.WHY)
            await pilot.press("enter")
            await until(
                pilot, lambda: shows(pilot, "Each step adds the slope.", "line 2.", "● measured", "last 5")
            )
            assert lesson(pilot).query_one("#large").size.height >= 7
            assert shows(pilot, "✓ run 1 · finished in"), "what a key does to the run is seen"
            seen: set[str] = set()
            while lesson(pilot).onward is Onward.READ:
                below = lesson(pilot).prose.lines_below
                await until(pilot, lambda below=below: shows(pilot, f"⏎ read on · {below} line"))
                seen |= await page_of(pilot, lines)
                await pilot.press("enter")
                await until(pilot, lambda below=below: lesson(pilot).prose.lines_below < below)
                await until(pilot, lambda: shows(pilot, "● measured"))
            await until(pilot, lambda: shows(pilot, "⏎ next step"))
            seen |= await page_of(pilot, lines)
            assert len(seen) == lines
            await pilot.press("r")
            await until(pilot, lambda: lesson(pilot).query_one(KnobPanel).size.height > 0)
        (home / "progress.db").unlink()


@pytest.mark.parametrize("key", ["left", "home", "full_stop"])
@pytest.mark.parametrize("size", [NARROW, (80, 18)])
async def test_who_scrubs_while_the_why_is_read_sees_the_bench(home, key, size):
    """At 80x24 the slider had given its room to the text, and in fewer rows all of the bench."""
    async with in_lesson(home, "relu_halving", step=3, size=size, lessons=CHECKOUT / "lessons") as pilot:
        await pilot.press("1")
        await run_to(pilot)
        await until(pilot, lambda: lesson(pilot).onward is Onward.WHY)
        await pilot.press("enter")
        scrubber = lesson(pilot).query_one("#scrubber")
        await until(pilot, lambda: scrubber.size.height == 0 or not lesson(pilot).room.has_bench)
        await pilot.press(key)
        await until(pilot, lambda: scrubber.size.height > 0 and lesson(pilot).room.has_bench)


async def test_while_a_run_goes_on_nobody_is_told_to_run_it(home):
    async with in_lesson(home) as pilot:
        await guess(pilot, "5")
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
        await bench(pilot).put_up("wait", {})
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "⏎ waits for the run", IT_RUNS))
        assert not shows(pilot, "Now run it")
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped" and shows(pilot, "Now run it: r"))
        assert not shows(pilot, IT_RUNS)


async def test_of_two_playgrounds_the_first_verdict_stays(home):
    async with in_lesson(home) as pilot:
        other = Progress.open(home / "progress.db")
        await guess(pilot, "40")
        await until(pilot, lambda: kept(home).predictions)
        (prediction,) = kept(home).predictions
        other.settled(prediction.key, 7, 7, True, 1.0)
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "You were off: you said 40"))
    (prediction,) = kept(home).predictions
    assert (prediction.guess, prediction.right) == (7, True)


async def test_a_question_that_is_another_now_may_be_answered_again(home):
    progress = Progress.open(home / "progress.db")
    progress.settled("climb/2/predict/1", 9, 9, False, 0.0)
    async with in_lesson(home, step=2) as pilot:
        await pilot.press(str(option(pilot, "up").place))
        await until(pilot, lambda: shows(pilot, "Now run it: r"))
        assert not kept(home).predictions[0].settled
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "Right."))
    (prediction,) = kept(home).predictions
    assert (prediction.guess, prediction.right) == (2.0, True)
