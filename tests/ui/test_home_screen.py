"""Home: the course, what the learner has done of it, and what is wrong."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from pilots import (
    COURSE,
    NARROW,
    lesson,
    playground,
    playing,
    read_to,
    run,
    screen,
    session,
    shows,
    state,
    tap,
    until,
)
from textual.widgets import OptionList

from initplay.course.course import Course, find_lessons_dir
from initplay.learner.progress import Progress
from initplay.learner.schema import SCHEMA_VERSION
from initplay.ui.home import HomeScreen, lesson_line
from initplay.ui.lesson.screen import LessonScreen


def chosen(pilot) -> int | None:
    return pilot.app.screen.query_one(OptionList).highlighted


def kept(home: Path) -> Progress:
    return Progress.open(home / "progress.db")


async def test_a_first_start_lists_the_course_and_says_what_to_press(home):
    async with playing(home, size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "Press enter to begin"))
        assert shows(pilot, "○ 01 A line that climbs not begun 3 min")
        assert shows(pilot, "One curve, one histogram, and knobs of every kind.")
        assert shows(pilot, "○ 02 Things that go wrong not begun 1 min")
        assert chosen(pilot) == 0


async def test_enter_leads_from_a_first_start_to_the_first_question_and_on_to_its_run(home):
    async with playing(home, size=NARROW, lessons=find_lessons_dir()) as pilot:
        await until(pilot, lambda: shows(pilot, "Press enter to begin"))
        await pilot.press("enter")
        question = "Sample 2 is [3, 4], neuron 2 has the weights [6, 8]. What does it say?"
        await until(pilot, lambda: shows(pilot, "A neuron multiplies each input"))
        while not shows(pilot, question):  # how far down it is depends on the text
            tap(pilot, "enter")
            await pilot.pause()
        assert session(pilot).attempt is None
        await pilot.press("5", "0", "enter", "enter")
        await until(pilot, lambda: shows(pilot, question, "Right: 50.", "✓ run 1 · finished in"))
        assert run(pilot).facts


async def run_first(pilot):
    """Open the first lesson, and run it unanswered."""
    tap(pilot, "enter")
    await until(pilot, lambda: lesson(pilot).prose.border_title)
    tap(pilot, "r")


async def test_r_leads_to_the_open_question_and_runs_where_none_is_open(home):
    async with playing(home, size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "r predict or run"))
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "What is the last value?", "a number (units): type it"))
        card = lesson(pilot).prose.open_prediction
        assert card and lesson(pilot).prose.is_in_sight(card) and session(pilot).attempt is None
        await pilot.press("5", "enter")
        await until(pilot, lambda: card.answer.guess == 5)
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "r predict or run"))
        tap(pilot, "r")
        await until(pilot, lambda: state(pilot) == "finished" and shows(pilot, "Right: 5 units"))


async def test_a_key_that_comes_before_the_list_is_not_lost(home):
    app = playground(home)
    async with app.run_test() as pilot:
        app.screen_stack[-1].query_one(OptionList).highlighted = None
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "What is the last value?"))


async def test_a_lab_that_cannot_be_started_is_said_and_a_run_fails_with_the_same_words(home, monkeypatch):
    monkeypatch.delenv("INITPLAY_FORK_SERVER", raising=False)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    async with playing(home, size=NARROW) as pilot:
        words = "The lab cannot be started: No such file or directory."
        await until(pilot, lambda: shows(pilot, f"! {words}") and not shows(pilot, "lab loading"))
        await run_first(pilot)
        await until(pilot, lambda: state(pilot) == "failed" and shows(pilot, words))


async def test_a_course_with_no_lesson_that_works_says_so(home, tmp_path):
    for number in (1, 2):
        (tmp_path / "course" / f"0{number}_broken{number}").mkdir(parents=True)
    async with playing(home, lessons=tmp_path / "course") as pilot:
        await until(pilot, lambda: shows(pilot, "01_broken1/lesson.md", "is missing:"))
        await pilot.press("r", "enter")
        await until(pilot, lambda: pilot.app.is_running)


async def test_each_lesson_says_how_far_the_learner_is(home):
    progress = kept(home)
    read_to(progress, "climb", 2, 3)
    read_to(progress, "trouble", 7, 7)
    progress.close()
    async with playing(home) as pilot:
        await until(pilot, lambda: shows(pilot, "◐ 01 A line that climbs step 2 of 3"))
        assert shows(pilot, "● 02 Things that go wrong done")
        assert shows(pilot, "1 of 2 lessons done")


async def test_a_lesson_whose_end_was_seen_is_not_done_and_what_is_open_is_said(home):
    progress = kept(home)
    progress.reach("trouble", 7, 7)
    progress.reach("climb", 3, 3)
    progress.close()
    async with playing(home, size=NARROW) as pilot:
        await until(pilot, lambda: shows(pilot, "0 of 2 lessons done"))
        assert shows(
            pilot, "◐ 01 A line that climbs 2 not read · 0 of 1 goal", "◐ 02 Things that go wrong 6 not read"
        )
        assert chosen(pilot) == 0
        assert shows(pilot, "1 goal open in step 3 · steps 1, 2 not read")
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "step 1 of 3"))
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "step 2 of 3"))
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "1 of 2 lessons done", "done · 2 unanswered · 0 of 1 goal"))


async def test_home_says_how_well_the_learner_predicts_in_one_line_of_80_columns(home):
    progress = kept(home)
    read_to(progress, "climb", 3, 3)
    progress.settled("climb/1/predict/1", 4.0, 5.0, True, 0.9)
    progress.settled("climb/2/predict/1", 2.0, 2, True, 1.0)
    progress.close()
    async with playing(home, size=NARROW) as pilot:
        # The second of two lines comes with the next layout; one number is too few to say anything of.
        await until(pilot, lambda: "   1 of 1 choices right" in screen(pilot))
        assert shows(pilot, "1 of 2 lessons done")


@pytest.mark.parametrize("few", ["none", "sixteen"])
async def test_the_chosen_lesson_is_told_by_more_than_a_dark_hue(home, monkeypatch, few):
    if few == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 0)
        pilot.app.set_class(few == "sixteen", "-few-colours")
        options = pilot.app.screen.query_one(OptionList)
        row = options.get_component_styles("option-list--option-highlighted")
        others = options.get_component_styles("option-list--option")
        assert row.background.brightness > 0.8 > 0.2 > others.background.brightness


async def test_enter_goes_on_where_one_was(home):
    progress = kept(home)
    read_to(progress, "trouble", 4, 7)
    progress.close()
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, "step 4 of 7"))
        assert session(pilot).setting.experiment.name == "no_event"


async def test_after_a_lesson_that_is_done_the_next_one_is_chosen(home):
    progress = kept(home)
    read_to(progress, "climb", 3, 3)
    progress.close()
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 1)


async def test_who_goes_on_from_the_last_step_finds_the_next_lesson_chosen(home):
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 0)
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).lesson.slug == "climb")
        while isinstance(pilot.app.screen, LessonScreen):
            await pilot.press("n")  # twice where a goal is open
            await pilot.pause()
        await until(pilot, lambda: chosen(pilot) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).lesson.slug == "trouble")


async def test_the_list_is_up_to_date_when_one_comes_back(home):
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 0)
        await pilot.press("down", "enter")
        await until(pilot, lambda: lesson(pilot).lesson.slug == "trouble")
        await pilot.press("n", "n")
        await until(pilot, lambda: shows(pilot, "step 3 of 7"))
        await pilot.press("escape")
        await until(pilot, lambda: shows(pilot, "◐ 02 Things that go wrong step 3 of 7"))
        assert chosen(pilot) == 1


async def test_a_click_on_a_lesson_opens_it(home):
    async with playing(home) as pilot:
        await until(pilot, lambda: chosen(pilot) == 0)
        await pilot.click(OptionList, offset=(20, 3))
        await until(pilot, lambda: lesson(pilot).lesson.slug == "trouble")


async def test_a_broken_lesson_is_named_and_the_others_are_there(home, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(COURSE, course)
    (course / "02_trouble" / "experiment.py").write_text("def raises(:\n")
    async with playing(home, lessons=course) as pilot:
        await until(pilot, lambda: shows(pilot, "A line that climbs"))
        assert shows(pilot, "02_trouble/experiment.py:1: this is not Python")
        assert not shows(pilot, "Things that go wrong")


async def test_a_damaged_progress_file_is_put_aside_with_a_sentence(home):
    (home / "progress.db").write_bytes(b"no database " * 100)
    async with playing(home) as pilot:
        await until(pilot, lambda: shows(pilot, "! The progress file was damaged"))
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).step == 0)
    assert list(home.glob("progress.corrupt-*")), sorted(home.iterdir())
    assert kept(home).lesson_state("climb").step == 1


async def test_a_progress_file_of_a_newer_version_is_left_alone(home):
    progress = kept(home)
    progress._store.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    progress.close()
    before = (home / "progress.db").read_bytes()
    async with playing(home) as pilot:
        await until(pilot, lambda: shows(pilot, "from a newer initplay"))
        await pilot.press("enter")
        await until(pilot, lambda: lesson(pilot).step == 0)
    assert (home / "progress.db").read_bytes() == before


async def test_a_home_that_cannot_be_written_is_said_and_the_lessons_work(home):
    home.rmdir()
    home.write_text("a file where the folder should be")
    async with playing(home) as pilot:
        await until(pilot, lambda: "not" in screen(pilot) and "! " in screen(pilot))
        await run_first(pilot)
        await until(pilot, lambda: state(pilot) == "finished")


@pytest.mark.own_fork_server
async def test_the_lab_that_cannot_be_loaded_is_said_on_home_and_on_the_bench(home, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch_cpu.so: no such file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    async with playing(home) as pilot:
        broken = "! torch cannot be loaded: libtorch_cpu.so: no such file."
        await until(pilot, lambda: shows(pilot, "lab broken", broken))
        await run_first(pilot)
        await until(pilot, lambda: shows(pilot, "✗ run 1 · torch cannot be loaded"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


@pytest.mark.own_fork_server
async def test_a_run_that_waits_for_a_lab_that_breaks_fails_with_the_reason(home, tmp_path, monkeypatch):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    (tmp_path / "torch.py").write_text(f"open({str(gate)!r}).read()\nraise ImportError('no libtorch')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    async with playing(home) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: state(pilot) == "waiting")
        gate.write_text("go on")
        await until(pilot, lambda: state(pilot) == "failed")
        await until(pilot, lambda: shows(pilot, "✗ run 1 · torch cannot be loaded: no libtorch."))


def test_of_a_lesson_that_is_done_it_is_said_that_its_exercise_is_open_where_there_is_room(home):
    found = Course.load(find_lessons_dir()).find("relu_halving")
    progress = kept(home)
    read_to(progress, found.slug, len(found.steps), len(found.steps))
    line, cut_short = (
        lesson_line(found, progress.lesson_state(found.slug), width, brief=True).plain for width in (90, 60)
    )
    assert f"{found.title} " in line and " · exercise open " in line and len(line) <= 90
    assert "done" in cut_short and "exercise" not in cut_short
    longer = Course.load(find_lessons_dir()).find("normalize")
    read_to(progress, longer.slug, len(longer.steps), len(longer.steps))
    titled = lesson_line(longer, progress.lesson_state(longer.slug), 90, brief=True).plain
    assert "Give the first layer" in titled and "… " in titled and " · exercise open " in titled
    progress.exercise_passed(found.slug)
    done = lesson_line(found, progress.lesson_state(found.slug), 90, brief=True).plain
    assert "done" in done and "exercise" not in done
    progress.close()
