"""The source on the screen is what runs, and what is wrong with it is said there."""

from __future__ import annotations

from pilots import NARROW, in_lesson, lesson, notices, run, run_to, session, shows, state, tap, until
from textual.widgets import Static, TextArea

from initplay.learner.progress import Progress
from initplay.ui.lesson.onward import Onward


async def edit(pilot, old: str, new: str) -> TextArea:
    """Open the editor and type over what stands there."""
    if not isinstance(lesson(pilot).focused, TextArea):
        await pilot.press("e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, TextArea))
    editor = lesson(pilot).query_one(TextArea)
    row = next(number for number, line in enumerate(editor.text.split("\n")) if old in line)
    column = editor.document.get_line(row).index(old)
    editor.move_cursor((row, column))
    editor.move_cursor((row, column + len(old)), select=True)
    await pilot.press(*(new or ["delete"]))
    await until(pilot, lambda: session(pilot).setting.source == editor.text)
    return editor


async def test_an_edit_runs_without_being_saved(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "FACTOR = 1", "FACTOR = 3")
        await until(pilot, lambda: shows(pilot, "source (edited)"))
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished")
        assert run(pilot).facts["last"] == 15
        started = run(pilot).started
        assert started is not None and "FACTOR = 3" in started.source


async def test_letters_go_into_the_text_and_nowhere_else(home):
    async with in_lesson(home) as pilot:
        editor = await edit(pilot, "FACTOR = 1", "FACTOR = 1  # quick brown fox xnbrspktcegzodh? .123")
        assert "# quick brown fox xnbrspktcegzodh? .123" in editor.text
        assert lesson(pilot).step == 0 and session(pilot).attempt is None and pilot.app.is_running
        await pilot.press("escape", "n")
        await until(pilot, lambda: lesson(pilot).step == 1)
        assert "quick brown fox" in session(pilot).setting.source


async def test_escape_hands_the_keys_back_to_the_lesson(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "FACTOR = 1", "FACTOR = 2")
        await pilot.press("escape")
        await until(pilot, lambda: lesson(pilot).focused is None)


async def test_knobs_that_go_away_do_not_hand_the_keys_to_the_editor(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "FACTOR = 1", "FACTOR = 2")
        await pilot.press("escape", "k")
        await until(pilot, lambda: lesson(pilot).focused is not None)
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1 and lesson(pilot).focused is None)


async def test_an_edit_is_kept_at_once(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "FACTOR = 1", "FACTOR = 8")
        await pilot.press("escape", "q")  # sooner than anything is written by the clock
        await until(pilot, lambda: not pilot.app.is_running)
    progress = Progress.open(home / "progress.db")
    assert "FACTOR = 8" in (progress.edit("climb") or "")
    progress.close()


async def test_the_key_that_saves_elsewhere_says_where_the_text_is_kept_and_saves_no_run(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        await edit(pilot, "FACTOR = 1", "FACTOR = 1")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any("the lesson's own text" in words for words in notices(pilot)))
        await edit(pilot, "FACTOR = 1", "FACTOR = 2")
        tap(pilot, "ctrl+s")
        kept = f"Your text is kept in {home / 'progress.db'}: the next time f4 takes it up."
        await until(pilot, lambda: any(words.startswith(kept) for words in notices(pilot)))
        progress = Progress.open(home / "progress.db")
        assert "FACTOR = 2" in (progress.edit("climb") or "")
        progress.close()
        assert not (home / "runs").exists()
        await pilot.press("escape", "ctrl+s")
        await until(pilot, lambda: any("Saved as" in words for words in notices(pilot)))


async def test_a_visit_begins_with_the_lesson_s_own_text_and_has_the_edit_as_a_scratch_copy(home):
    progress = Progress.open(home / "progress.db")
    progress.save_edit("climb", "FACTOR = 7\n")
    progress.set_edit_aside("climb")
    progress.save_edit("climb", "FACTOR = 8\n")
    progress.close()
    async with in_lesson(home) as pilot:
        setting = session(pilot).setting
        assert not setting.edited
        await until(
            pilot, lambda: any("kept as scratch 2" in one.message for one in pilot.app._notifications)
        )
        await pilot.press("e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, TextArea))
        await pilot.press("f4")
        await until(pilot, lambda: setting.source == "FACTOR = 8\n" and shows(pilot, "scratch 2, 1 of 2"))
        await pilot.press("f4")
        await until(pilot, lambda: setting.source == "FACTOR = 7\n" and shows(pilot, "source (edited)"))


async def test_what_an_edited_text_gives_settles_nothing_and_says_so(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("5", "enter")
        await edit(pilot, "FACTOR = 1", "FACTOR = 3")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished")
        said = ("Edited source settles nothing. e, then ctrl+l: the lesson's own text.", "⏎ run your edit")
        await until(pilot, lambda: shows(pilot, *said, "✓ run 1 · edited source"))
        assert lesson(pilot).onward is Onward.RUN_EDITED
        await pilot.press("enter")
        await until(pilot, lambda: shows(pilot, *said, "✓ run 2 · edited source"))
        await pilot.press("e", "ctrl+l", "ctrl+r")
        await until(pilot, lambda: shows(pilot, "Right: 5 units.", "✓ run 3 · finished"))


async def test_a_text_that_cannot_run_is_refused_with_a_sentence(home):
    async with in_lesson(home) as pilot:
        for old, new, says in (
            ("yield Note(", "yield Note((", "this is not Python"),
            ("steps: Range[1, 50]", "steps: Range[50, 1]", "steps has bounds in the wrong order"),
            ("def climb(", "def clamber(", "no experiment 'climb'"),
            ("offset: float = 0.0", "offset: float", "default"),
        ):
            editor = await edit(pilot, old, new)
            tap(pilot, "ctrl+r")
            status = lesson(pilot).query_one("#status", Static)
            await until(pilot, lambda: "✗" in str(status.content) and says in str(status.content))  # noqa: B023
            await pilot.press("ctrl+l")
            await until(pilot, lambda: editor.text == lesson(pilot).lesson.source)  # noqa: B023
        assert session(pilot).attempt is None


async def test_a_refused_text_runs_once_it_is_mended(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "FACTOR = 1", "FACTOR = (1")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: shows(pilot, "this is not Python"))
        await edit(pilot, "FACTOR = (1", "FACTOR = 2")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished")
        await until(pilot, lambda: not shows(pilot, "this is not Python"))
        assert run(pilot).facts["last"] == 10


async def test_an_edited_signature_changes_the_knobs(home):
    async with in_lesson(home) as pilot:
        await edit(pilot, "offset: float = 0.0", "offset: float = 0.0, extra: bool = True")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: shows(pilot, "extra [x] on"))


async def test_the_line_that_raised_is_named_and_shown(home):
    async with in_lesson(home, "trouble") as pilot:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, TextArea))
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "failed")
        editor = lesson(pilot).query_one(TextArea)
        await until(pilot, lambda: "mistake" in editor.document.get_line(editor.cursor_location[0]))
        line = editor.cursor_location[0] + 1
        await until(pilot, lambda: shows(pilot, f"at line {line}", "RuntimeError: the author's mistake"))
        assert len(run(pilot).charts["before"].curve("measured").x) == 2, "what came before is there"


async def test_the_lesson_s_own_text_can_be_put_back(home):
    async with in_lesson(home) as pilot:
        editor = await edit(pilot, "FACTOR = 1", "FACTOR = 9")
        await pilot.press("ctrl+l")
        await until(pilot, lambda: editor.text == lesson(pilot).lesson.source)
        await until(pilot, lambda: not shows(pilot, "source (edited)"))
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished")
        assert run(pilot).facts["last"] == 5


async def test_copy_with_nothing_selected_does_nothing(home):
    async with in_lesson(home) as pilot:
        editor = await edit(pilot, "FACTOR = 1", "FACTOR = 3")
        await pilot.press("ctrl+c", "super+c", "x")
        await until(pilot, lambda: "FACTOR = 3x" in editor.text)


async def test_the_editors_key_bar_has_no_enter_which_begins_a_line(home):
    async with in_lesson(home) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: shows(pilot, "run this text"))
        assert not shows(pilot, "go on")


async def test_who_puts_back_a_text_that_is_not_changed_is_told(home):
    async with in_lesson(home) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: shows(pilot, "run this text"))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: any("Nothing is changed" in words for words in notices(pilot)))
