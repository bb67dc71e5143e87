"""The learner writes a piece of the lesson, and it is checked where it is written."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pilots import NARROW, WIDE, in_lesson, lesson, notices, run, screen, session, shows, state, tap, until
from textual.pilot import Pilot
from textual.widgets import Input, Static
from textual.widgets.text_area import Selection

from initplay.course.course import find_lessons_dir
from initplay.learner import exercises
from initplay.learner.progress import Progress
from initplay.ui.editor.diff import DiffScreen, HunkView
from initplay.ui.editor.editor import Editor
from initplay.ui.exercise.desk import Desk
from initplay.ui.exercise.screen import ExerciseScreen
from initplay.ui.lesson import held_back
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.ask import AskScreen

WRITTEN = Path(__file__).parent / "written"
RIGHT = "def double(x):\n    return x + x\n"
SQUARED = "def double(x):\n    return x * x\n"


@asynccontextmanager
async def at_desk(home: Path, size: tuple[int, int] = WIDE, level: int = 1) -> AsyncIterator[Pilot[None]]:
    """The exercise open at a level."""
    async with in_lesson(home, "double", step=2, size=size, lessons=WRITTEN) as pilot:
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExerciseScreen) and editor(pilot).has_focus)
        for before in range(1, level):
            await pilot.press("ctrl+n")
            await until(pilot, lambda before=before: desk(pilot).level == before + 1)
        yield pilot


def writing(pilot: Pilot[None]) -> ExerciseScreen:
    shown = next(each for each in pilot.app.screen_stack if isinstance(each, ExerciseScreen))
    assert isinstance(shown, ExerciseScreen)
    return shown


def editor(pilot: Pilot[None]) -> Editor:
    return writing(pilot).editor


def desk(pilot: Pilot[None]) -> Desk:
    return writing(pilot)._desk


async def seen(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all these are on the screen."""
    await until(pilot, lambda: shows(pilot, *texts))


async def said(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all these are beside the text, however they are wrapped there."""

    def words() -> str:
        parts = writing(pilot).query("#verdict Static").results(Static)
        return " ".join(str(part.content) for part in parts if part.display)

    await until(pilot, lambda: all(text in words() for text in texts))


async def check(pilot: Pilot[None], text: str, wanted: str) -> None:
    """Put that text in, and check it."""
    editor(pilot).put(text)
    tap(pilot, "ctrl+s")
    await until(
        pilot, lambda: (found := desk(pilot).verdict) and found.text == text and found.state == wanted
    )


async def test_the_card_says_what_to_write_how_far_one_is_where_and_by_which_key(home):
    async with in_lesson(home, "double", step=2, size=NARROW, lessons=WRITTEN) as pilot:
        path = str(home / "exercises" / "double" / "double_1.py")
        card = ("◇ Write it: double", "twice the number.", "Level 1 of 3, fill the blanks: not begun")
        assert shows(pilot, *card, "u to write it")
        assert path in "".join(screen(pilot).translate(dict.fromkeys(map(ord, "│█ \n"), "")).split())
        assert "u write it" in screen(pilot).splitlines()[-1] and "run yours" not in screen(pilot)
        await pilot.press("b")
        await until(
            pilot, lambda: lesson(pilot).step == 0 and "write it" not in screen(pilot).splitlines()[-1]
        )


async def test_behind_the_last_level_comes_the_first(home):
    async with at_desk(home) as pilot:
        for goes_to in ("the next level", "the next level", "level 1"):
            await check(pilot, RIGHT, "passed")
            await seen(pilot, f"ctrl+n goes to {goes_to}")
            level = desk(pilot).next_level
            await pilot.press("ctrl+n")
            await until(pilot, lambda level=level: desk(pilot).level == level)
        assert desk(pilot).level == 1


async def test_that_it_is_to_be_checked_first_is_not_said_once_it_has_passed(home, tmp_path):
    """The key came while the check went on."""
    gate = tmp_path / "gate"
    waits = f"import os, time\nwhile not os.path.exists({str(gate)!r}):\n    time.sleep(0.01)\n"
    async with at_desk(home, NARROW) as pilot:
        editor(pilot).put(waits + RIGHT)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: (found := desk(pilot).verdict) and found.state == "checking")
        tap(pilot, "f5")
        await seen(pilot, "once every check has passed")
        gate.touch()
        await seen(pilot, "all 3 checks pass")
        await until(pilot, lambda: not shows(pilot, "once every check has passed"))


async def test_the_card_says_of_a_pass_at_no_level_what_progress_says_and_the_solution_is_open(home):
    """As `initplay check` notes it of a file that is not the learner's own of a level."""
    progress = Progress.open(home / "progress.db")
    progress.exercise_passed("double")
    progress.close()
    async with in_lesson(home, "double", step=2, lessons=WRITTEN) as pilot:
        assert shows(pilot, "◆ Write it: double", "fill the blanks: not begun", "✓ passed outside the levels")
        assert "run yours" not in screen(pilot).splitlines()[-1], "that text was not kept"
        await pilot.press("U")
        await until(pilot, lambda: shows(pilot, "no text of yours here has passed: u"))
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExerciseScreen) and editor(pilot).has_focus)
        assert desk(pilot).solution_is_open


async def test_a_mistake_is_said_then_mended_and_the_lesson_runs_with_it(home):
    async with at_desk(home, NARROW) as pilot:
        assert editor(pilot).selected_text == "...", "it begins at the first blank"
        await pilot.press("f5")
        await seen(pilot, "F5 runs the lesson with yours once every check has passed")
        await pilot.press("x", "ctrl+s")
        await seen(pilot, "✗ 1 of 3 checks pass")
        await seen(pilot, "You squared: 9 where 6 is right.")
        assert not shows(pilot, "expected 6"), "what its sentence says is not said again"
        await seen(pilot, "✗ twice 3", "✗ twice -1.5", "✓ twice 0")
        assert editor(pilot).size.height >= 11, "the text has most rows"
        await pilot.press("backspace", "2")
        await seen(pilot, "before your last changes")
        await pilot.press("ctrl+r")
        await until(
            pilot, lambda: shows(pilot, "✓ all 3 checks pass", "1 fill the blanks ✓", "F5 runs chart")
        )
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen) and state(pilot) == "finished")
        assert run(pilot).facts["whose"] == "yours"
        await seen(pilot, "with your own code", "seed 42", "Your code is in use; U runs the lesson's")
        before = session(pilot).attempt
        await pilot.press("U")
        await until(pilot, lambda: session(pilot).attempt is not before and state(pilot) == "finished")
        assert run(pilot).facts["whose"] == "the lesson's"
        await until(pilot, lambda: not shows(pilot, "with your own code"))
        await seen(pilot, "The lesson's code beside yours (run 1): other results: whose yours → the")
    kept = Progress.open(home / "progress.db")
    assert kept.exercise_state("double").passed == (1,)
    kept.close()
    async with in_lesson(home, "double", step=2, lessons=WRITTEN) as pilot:
        assert shows(pilot, "◆ Write it: double", "✓ passed at level 1", "U runs chart with yours")
        await pilot.press("U")
        await until(pilot, lambda: state(pilot) == "finished")
        assert run(pilot).facts["whose"] == "yours"
        await pilot.press("b")
        await until(pilot, lambda: lesson(pilot).step == 0)
        assert session(pilot).setting.mine == "", "another step is the lesson's again"


async def test_a_text_that_cannot_be_run_has_its_line_marked_and_the_cursor_stays(home):
    async with at_desk(home, NARROW, level=3) as pilot:
        text = "# a line\n" * 30 + "def double(x:\n    return x\n" + "# the end\n" * 5
        editor(pilot).put(text)
        editor(pilot).move_cursor((33, 3), center=True)
        await pilot.press("ctrl+s")
        await seen(pilot, "✗ it cannot be run", "double_3.py stopped at line 31")
        await seen(pilot, "31✗ def double(x:")
        assert editor(pilot).cursor_location == (33, 3)
        row = editor(pilot).cursor_location[0] - editor(pilot).scroll_offset.y
        assert 0 <= row < editor(pilot).size.height, "what is being typed is in sight"
        await pilot.press("enter", "x")
        await seen(pilot, "before your last changes")


async def test_a_check_that_goes_on_says_so_and_gives_way_to_the_next(home):
    async with at_desk(home, level=3) as pilot:
        await check(pilot, "print('hello')\nwhile True: pass\n", "checking")
        await seen(pilot, "… checking", "so far")
        await check(pilot, "print('hello')\n" + RIGHT, "passed")
        await seen(pilot, "✓ all 3 checks pass")


async def test_what_it_printed_is_shown(home):
    async with at_desk(home) as pilot:
        await check(pilot, "def double(x):\n    print('got', x)\n    return 2 * x\n", "passed")
        await said(pilot, "it printed:\ngot 3\ngot -1.5\ngot 0")


async def test_what_it_printed_is_in_sight_on_a_small_screen(home):
    """Whoever prints looks for a mistake: it stands before the list of the checks."""
    async with at_desk(home, NARROW) as pilot:
        await check(pilot, "def double(x):\n    print('got', x)\n    return x * x\n", "missed")
        await seen(pilot, "You squared", "it printed: got 3 got -1.5 got 0")


async def test_long_answers_stand_one_below_the_other(home):
    async with at_desk(home, NARROW) as pilot:
        await check(pilot, f"def double(x):\n    return {'9' * 70!r}\n", "missed")
        await until(pilot, lambda: any(line.startswith("got 999") for line in screen(pilot).splitlines()))


async def test_a_home_that_takes_nothing_is_said_and_the_text_is_checked_all_the_same(tmp_path, monkeypatch):
    """A file where the folder should be, which stops root too."""
    nowhere = tmp_path / "nowhere"
    nowhere.write_text("")
    monkeypatch.setenv("INITPLAY_HOME", str(nowhere))
    async with at_desk(nowhere, NARROW) as pilot:
        await said(pilot, "could not be written (Not a directory). Your text is on the screen alone.")
        await check(pilot, RIGHT, "passed")
        await seen(pilot, "✓ all 3 checks pass", "1 fill the blanks ✓")
    assert nowhere.read_text() == ""


async def test_each_level_keeps_its_text_its_cursor_and_what_can_be_undone(home):
    async with at_desk(home) as pilot:
        await pilot.press("7")
        first = editor(pilot).text
        await pilot.press("ctrl+n")
        await until(pilot, lambda: desk(pilot).level == 2 and "return" not in editor(pilot).text)
        await pilot.press("8", "ctrl+n", "9", "ctrl+n")
        assert desk(pilot).level == 1 and editor(pilot).text == first
        await pilot.press("ctrl+z")
        assert editor(pilot).text == desk(pilot).start
        texts = [Path(desk(pilot).file.path.parent, f"double_{level}.py").read_text() for level in (2, 3)]
        assert "8" in texts[0] and "9" in texts[1]
        await pilot.press("ctrl+n", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
        await seen(pilot, "Level 2 of 3, write the body: begun")


async def test_hints_come_one_by_one_then_the_solution_is_asked_for_once(home):
    async with at_desk(home) as pilot:
        for hint in ("Hint 1 of 3: What is x + x?", "Hint 2 of 3: A product", "Hint 3 of 3: 2 * x"):
            await pilot.press("ctrl+t")
            await seen(pilot, hint)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExerciseScreen))
        await seen(pilot, "seen: 3 of 3 hints")
        assert not shows(pilot, "3 of 3 hints, the solution")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(pilot.app.screen, DiffScreen) and shows(pilot, "- return 2 * x")
        )
        await until(pilot, lambda: isinstance(pilot.app.screen.focused, HunkView))
        await pilot.press("enter")
        await pilot.press("escape")
        await until(pilot, lambda: editor(pilot).text == desk(pilot).exercise.answer)
        await seen(pilot, "seen: 3 of 3 hints, the solution")
        await pilot.press("ctrl+g")
        await seen(pilot, "Yours is the solution, line by line.")


async def test_what_is_typed_is_in_the_file_without_a_key_and_at_leaving_at_once(home):
    async with at_desk(home) as pilot:
        path = desk(pilot).file.path
        await pilot.press(*"abc")
        await until(pilot, lambda: "abc" in path.read_text())
        tap(pilot, "d", "e", "f", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
        assert "abcdef" in path.read_text()
        await pilot.press("u")
        await until(pilot, lambda: editor(pilot).has_focus and editor(pilot).cursor_location[1] > 0)
        tap(pilot, "g", "ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
    assert "abcdefg" in path.read_text()


async def test_what_another_program_writes_is_taken_in(home):
    async with at_desk(home) as pilot:
        path = desk(pilot).file.path
        path.write_text(SQUARED)
        await until(pilot, lambda: editor(pilot).text == SQUARED)
        await check(pilot, SQUARED, "missed")
        await pilot.press("ctrl+z")
        assert editor(pilot).text == desk(pilot).start, "even that can be undone"


@pytest.mark.parametrize(("key", "text"), [("enter", SQUARED), ("escape", RIGHT)])
async def test_where_both_were_changed_it_asks(home, key, text):
    async with at_desk(home) as pilot:
        path = desk(pilot).file.path
        editor(pilot).put(RIGHT)
        desk(pilot).edit(RIGHT)
        path.write_text(SQUARED)
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        asked = pilot.app.screen
        await until(pilot, lambda: any("another text" in str(part.content) for part in asked.query(Static)))
        await pilot.press(key)
        await until(pilot, lambda: editor(pilot).text == text and path.read_text() == text)


async def test_a_disk_that_takes_nothing_is_said_and_the_text_is_checked_all_the_same(home, monkeypatch):
    def full(self, *_, **__):
        raise OSError(28, os.strerror(28))

    async with at_desk(home, NARROW) as pilot:
        monkeypatch.setattr(exercises.Path, "write_bytes", full)
        await check(pilot, RIGHT, "passed")
        await seen(pilot, "could not be written (No space left on device)")
        await seen(pilot, "Your text is on the screen alone", "✓ all 3 checks pass")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
        await pilot.press("u")
        await until(pilot, lambda: editor(pilot).text == RIGHT)
        monkeypatch.undo()
        await until(pilot, lambda: desk(pilot).file.path.read_text() == RIGHT)
        await until(pilot, lambda: not shows(pilot, "could not be written"))


async def test_a_file_that_is_no_text_is_said_and_left_alone(home):
    path = home / "exercises" / "double" / "double_1.py"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\x00")
    async with at_desk(home) as pilot:
        await said(pilot, "since it is in UTF-16: save it as UTF-8")
        await check(pilot, RIGHT, "passed")
        assert path.read_bytes() == b"\xff\xfe\x00"
        path.unlink()
        await until(pilot, lambda: path.exists() and path.read_text() == RIGHT)
        await until(pilot, lambda: not desk(pilot).file.trouble)
        await until(pilot, lambda: not writing(pilot).query_one("#problem").display)


async def test_a_level_begins_again_by_an_edit_that_can_be_undone(home):
    async with at_desk(home) as pilot:
        await pilot.press("5", "ctrl+l")
        await until(pilot, lambda: editor(pilot).text == desk(pilot).start)
        assert notices(pilot) == ["The level begins again. ctrl+z brings your text back."]
        assert editor(pilot).selected_text == "..."
        await pilot.press("ctrl+z")
        assert "5" in editor(pilot).text


async def test_a_level_that_is_not_begun_begins_again_without_a_word(home):
    async with at_desk(home) as pilot:
        await pilot.press("right", "ctrl+l")
        await until(pilot, lambda: editor(pilot).selected_text == "...")
        assert editor(pilot).text == desk(pilot).start and notices(pilot) == []


async def test_a_check_leads_to_the_first_blank_that_is_left(home):
    text = "def double(x):\n" + "    # a line\n" * 40 + "    y = ...\n    return y[..., 0]\n"
    async with at_desk(home, NARROW) as pilot:
        editor(pilot).put(text)
        editor(pilot).move_cursor((0, 0))
        await pilot.press("ctrl+s")
        await seen(pilot, "still to be filled in (line 42)")
        await until(pilot, lambda: editor(pilot).selected_text == "...")
        assert editor(pilot).cursor_location == (41, 11)
        await until(pilot, lambda: shows(pilot, "y = ..."))
        editor(pilot).move_cursor((3, 2))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is lesson(pilot))
        await pilot.press("u")
        await seen(pilot, "still to be filled in (line 42)", "# a line")
        assert editor(pilot).selection == Selection.cursor((3, 2)), "it leads once"
        await pilot.press("ctrl+n", "ctrl+n", "ctrl+n")
        await until(pilot, lambda: desk(pilot).level == 1)
        assert editor(pilot).selection == Selection.cursor((3, 2))


async def test_a_terminal_that_cannot_be_lent_is_said(home, monkeypatch):
    monkeypatch.setenv("VISUAL", "true")
    async with at_desk(home) as pilot:
        await pilot.press("ctrl+o")
        await said(pilot, "This terminal cannot be handed to another editor.")
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(pilot.app.screen.focused, Input))


async def test_an_exercise_that_cannot_be_read_is_said_in_the_lesson(home, tmp_path):
    folder = tmp_path / "course" / "01_double"
    folder.mkdir(parents=True)
    for file in (WRITTEN / "01_double").iterdir():
        if file.is_file():
            folder.joinpath(file.name).write_bytes(file.read_bytes())
    folder.joinpath("checks.py").write_bytes(b"\xff")
    async with in_lesson(home, "double", step=2, lessons=folder.parent) as pilot:
        await until(pilot, lambda: shows(pilot, "Write it"))
        said = str(pilot.app.screen.query_one("ExerciseCard .card-ask", Static).content)
        assert "checks.py" in said and "is not UTF-8" in said  # on the screen they break where the path does
        await pilot.press("u")
        assert isinstance(pilot.app.screen, LessonScreen)


async def test_the_text_is_read_from_its_top_with_the_blank_in_view_and_chosen_again_after_leaving(home):
    async with in_lesson(home, "neuron", step=8, size=NARROW, lessons=find_lessons_dir()) as pilot:
        for _ in range(2):
            await pilot.press("u")
            await seen(pilot, '"""Write `layer(x, w, b)`', "sums = ...")
            assert editor(pilot).selected_text == "..."
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is lesson(pilot))


async def test_what_is_right_and_what_came_are_told_where_the_sentence_leaves_one_out(home):
    async with at_desk(home, size=NARROW) as pilot:
        editor(pilot).text = "def double(x):\n    return 1 / 0\n"
        await pilot.press("ctrl+s")
        await seen(pilot, "It raised ZeroDivisionError (line 2)", "expected 6 got ZeroDivisionError")


async def test_the_run_says_that_its_text_is_not_the_one_that_was_on_the_screen(home):
    async with at_desk(home, size=NARROW) as pilot:
        editor(pilot).text = RIGHT
        await pilot.press("ctrl+s")
        await seen(pilot, "✓ all 3 checks pass")
        editor(pilot).text = SQUARED
        await pilot.press("f5")
        said = "This runs your code that passed last, at level 1"
        await until(pilot, lambda: any(said in one.message for one in pilot.app._notifications))
        await until(pilot, lambda: state(pilot) == "finished")
        started = run(pilot).started
        assert started and started.mine == RIGHT


@pytest.mark.parametrize("key", ["U", "f5"])
async def test_running_with_ones_own_code_ends_no_long_run_unasked(home, monkeypatch, key):
    monkeypatch.setattr(held_back, "LONG_RUN", 0.0)
    async with at_desk(home, size=NARROW) as pilot:
        await check(pilot, RIGHT, "passed")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))
        tap(pilot, "z", "r", "space")  # slowly, so that it is held before its end
        await until(pilot, lambda: state(pilot) == "paused")
        going = session(pilot).attempt
        await pilot.press(key)
        await seen(pilot, f"{key} again stops the run", "and runs with yours")
        assert going and going.live
        await pilot.press(key)
        await until(pilot, lambda: not going.live and state(pilot) == "finished")
        assert run(pilot).facts["whose"] == "yours"


async def test_f5_twice_from_the_desk_runs_with_ones_own_code(home, monkeypatch):
    async with at_desk(home, size=NARROW) as pilot:
        await check(pilot, RIGHT, "passed")
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen) and state(pilot) == "finished")
        tap(pilot, "z", "r", "space")
        await until(pilot, lambda: state(pilot) == "paused")
        monkeypatch.setattr(held_back, "LONG_RUN", 0.0)
        begun = session(pilot).kept.begun
        await pilot.press("u")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExerciseScreen))
        await pilot.press("f5")
        await seen(pilot, "f5 again stops the run", "and runs with yours")
        await pilot.press("f5")
        await until(pilot, lambda: session(pilot).kept.begun > begun and state(pilot) == "finished")
        assert run(pilot).facts["whose"] == "yours"
