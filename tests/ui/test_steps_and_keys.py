"""Walking through a lesson, and the keys: bar, help, palette, theme."""

from __future__ import annotations

import pytest
from pilots import (
    CHECKOUT,
    NARROW,
    bench,
    click,
    in_lesson,
    lesson,
    playing,
    resize,
    run,
    run_to,
    screen,
    session,
    shows,
    until,
)
from textual.binding import Binding
from textual.command import CommandPalette

from initplay.learner.progress import Progress
from initplay.ui.bench.bench import Bench
from initplay.ui.home import HomeScreen
from initplay.ui.keys import KEYS
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.help import HelpScreen
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.tab_bar import TabBar


async def test_n_and_b_walk_through_the_steps_and_set_the_bench(home):
    async with in_lesson(home) as pilot:
        assert shows(pilot, "step 1 of 3", "How high")
        assert session(pilot).setting.knobs["steps"] == 5
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "step 2 of 3", "Which way"))
        assert session(pilot).setting.knobs["steps"] == 8
        await pilot.press("b")
        await until(pilot, lambda: shows(pilot, "step 1 of 3", "How high"))
        assert session(pilot).setting.knobs["steps"] == 5
        await pilot.press("b")
        assert lesson(pilot).step == 0


async def test_what_a_step_changes_is_shown_on_the_bench_once(home, monkeypatch):
    """The end of what was, another setting and another prediction are three changes, and one key."""
    shown = []
    show = Bench._show

    def counted(bench: Bench) -> None:
        shown.append(bench.session.setting.knobs["steps"])
        show(bench)

    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "lab ready"))  # which is shown too
        monkeypatch.setattr(Bench, "_show", counted)
        await pilot.press("n")
        await until(pilot, lambda: shows(pilot, "step 2 of 3", "Which way"))
        assert shown == [8]


async def test_the_last_step_shows_the_sources_and_leads_home(home):
    async with in_lesson(home, step=3) as pilot:
        assert shows(pilot, "Sources", "This lesson is for tests.")
        await pilot.press("n", "n")  # past a goal that is open
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
    assert Progress.open(home / "progress.db").lesson_state("climb").visited == (3,)


async def test_holding_n_down_is_no_trouble(home):
    async with in_lesson(home, "trouble") as pilot:
        await pilot.press(*"nnbnbbnnn")
        await until(pilot, lambda: shows(pilot, "step 4 of 7", "Yields no event"))
        assert session(pilot).setting.experiment.name == "no_event"


async def test_a_key_that_would_do_nothing_is_not_offered(home):
    async with in_lesson(home, size=(200, 40)) as pilot:
        bar = lesson(pilot).query_one(KeyBar)
        assert not {"back", "pause", "stop", "scrub", "pin"} & {entry.label for entry in bar._fitting()}
        await run_to(pilot)
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1)
        assert {"back", "scrub", "pin"} <= {entry.label for entry in bar._fitting()}


async def test_a_key_that_leads_to_where_the_keyboard_is_has_no_place_on_the_bar(home):
    async with in_lesson(home, size=(200, 40)) as pilot:
        bar = lesson(pilot).query_one(KeyBar)
        for key, label in (("k", "knobs"), ("l", "runs")):
            assert label in {entry.label for entry in bar._fitting()}
            await pilot.press(key)
            await until(pilot, lambda label=label: label not in {entry.label for entry in bar._fitting()})
            await pilot.press("escape")


async def test_a_click_on_the_key_bar_does_what_the_key_does(home):
    async with in_lesson(home) as pilot:
        bar = lesson(pilot).query_one(KeyBar)
        await click(pilot, bar, screen(pilot).splitlines()[-1].index("next"))
        await until(pilot, lambda: shows(pilot, "step 2 of 3"))


async def test_help_is_the_last_key_of_the_bar_however_narrow(home):
    async with in_lesson(home, size=NARROW) as pilot:
        assert screen(pilot).splitlines()[-1].endswith("? help")
        await resize(pilot, 30, 24)
        await until(pilot, lambda: screen(pilot).splitlines()[-1].endswith("? help"))


async def test_help_has_every_key_that_works(home):
    async with in_lesson(home, size=(140, 60)) as pilot:
        await run_to(pilot)
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        hidden_now = {"pause and resume the run", "stop the run; what was recorded stays"}
        hidden_now.add("between the text and the bench")
        hidden_now.add("back to seed 42, which the course was written with")
        hidden_now |= {key.words for key in KEYS["lesson"] if key.action in ("write", "mine")}
        for binding in LessonScreen.BINDINGS:
            assert isinstance(binding, Binding)
            words = binding.tooltip or binding.description
            assert not words or shows(pilot, words) == (words not in hidden_now), words
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, LessonScreen))


async def test_help_closes_by_any_likely_key_and_the_app_stays(home):
    async with playing(home) as pilot:
        for closing in ("question_mark", "q", "enter", "escape"):
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
            await pilot.press(closing)
            await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
        assert pilot.app.is_running


async def test_the_command_palette_does_what_a_key_does(home):
    async with in_lesson(home) as pilot:
        seed = session(pilot).setting.seed
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"draw a new")
        await until(pilot, lambda: shows(pilot, "Draw a new seed"))
        await pilot.press("enter")
        await until(pilot, lambda: session(pilot).setting.seed != seed)


async def test_the_theme_is_kept(home):
    async with playing(home) as pilot:
        assert pilot.app.current_theme.dark
        await pilot.press("t")
        await until(pilot, lambda: not pilot.app.current_theme.dark)
    async with playing(home) as pilot:
        assert not pilot.app.current_theme.dark


async def test_a_theme_chosen_in_the_palette_is_kept(home):
    async with playing(home) as pilot:
        pilot.app.theme = "nord"
        await pilot.pause()
    async with playing(home) as pilot:
        assert pilot.app.theme == "nord"


async def test_a_theme_that_is_gone_is_no_reason_not_to_start(home):
    progress = Progress.open(home / "progress.db")
    progress.set_setting("theme", "of-another-version")
    progress.close()
    async with playing(home) as pilot:
        await until(pilot, lambda: shows(pilot, "A line that climbs"))


async def test_narrow_shows_the_text_or_the_bench_under_the_lines_that_count(home):
    async with in_lesson(home, size=(80, 18)) as pilot:
        assert shows(pilot, "The line goes up", "What is the last value?") and not shows(
            pilot, "charts source"
        )
        await pilot.press("tab")
        await until(pilot, lambda: shows(pilot, "What is the last value?", "charts source printed"))
        await until(pilot, lambda: not shows(pilot, "The line goes up"))
        await pilot.press("up", "up", "up", "up")
        await until(pilot, lambda: shows(pilot, "The line goes up", "charts source printed"))
        await pilot.press("tab")
        await until(pilot, lambda: not shows(pilot, "charts source printed"))
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "✓ run 1", "step 5 of 5"))


async def test_on_a_narrow_screen_the_source_and_the_list_of_runs_have_all_the_room(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "What is the last value?", "✓ run 1"))
        for key in ("e", "l"):
            await pilot.press(key)
            await until(pilot, lambda: not shows(pilot, "What is the last value?"))
            await pilot.press("escape", "c")
            await until(pilot, lambda: shows(pilot, "What is the last value?"))


@pytest.mark.parametrize("name", ["printed", "source"])
async def test_the_tabs_of_the_bench_open_by_click(home, name):
    async with in_lesson(home) as pilot:
        bar = lesson(pilot).query_one(TabBar)
        await click(pilot, bar, "charts  source  printed".index(name))
        await until(pilot, lambda: bench(pilot).tab == name)
        await click(pilot, bar, 0)
        await until(pilot, lambda: bench(pilot).tab == "charts" and shows(pilot, "press r to run"))


async def test_escape_leaves_what_has_the_focus_and_then_the_lesson(home):
    async with in_lesson(home) as pilot:
        await pilot.press("k")
        await until(pilot, lambda: lesson(pilot).focused is not None)
        await pilot.press("escape")
        await until(pilot, lambda: lesson(pilot).focused is None)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))


async def test_a_look_at_a_step_of_another_experiment_takes_the_run_off_no_bench(home):
    async with in_lesson(home, "relu_halving", lessons=CHECKOUT / "lessons") as pilot:
        ran = await run_to(pilot)
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1 and session(pilot).attempt is None)
        await pilot.press("b")
        await until(pilot, lambda: lesson(pilot).step == 0 and session(pilot).attempt is not None)
        assert run(pilot) is ran
        await until(pilot, lambda: shows(pilot, "✓ run 1 · finished"))
