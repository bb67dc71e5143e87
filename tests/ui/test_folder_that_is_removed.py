"""The folder that progress is kept in goes while the playground is open, and comes back."""

import shutil

from pilots import in_lesson, lesson, notices, until

from initplay.learner.progress import Progress

MEMORY = "Progress is kept in memory only, until it can be written: "


async def test_that_it_went_is_said_in_the_lesson_and_on_home_and_nothing_is_lost(home, monkeypatch):
    monkeypatch.setattr("initplay.learner.away.PAUSE", 0.0)
    async with in_lesson(home) as pilot:
        shutil.rmtree(home)
        home.write_text("a file where the folder was")
        await pilot.press("n")
        await until(pilot, lambda: any(said.startswith(MEMORY) for said in notices(pilot)))
        assert lesson(pilot).step == 1
        await pilot.press("escape")
        await until(pilot, lambda: MEMORY in troubles(pilot))
        await pilot.press("enter")
        home.unlink()
        await pilot.press("n")
        await until(pilot, lambda: any("on disk again" in said for said in notices(pilot)))
        await pilot.press("escape")
        await until(pilot, lambda: MEMORY not in troubles(pilot))
    assert visited(home) == (1, 2, 3)


def visited(home) -> tuple[int, ...]:
    progress = Progress.open(home / "progress.db")
    try:
        return progress.lesson_state("climb").visited
    finally:
        progress.close()


def troubles(pilot) -> str:
    """What Home says does not work."""
    return str(pilot.app.screen_stack[0].query_one("#troubles").render())


async def test_a_folder_that_can_be_made_again_is_and_holds_all_that_it_held(home):
    async with in_lesson(home) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: lesson(pilot).step == 1)
        shutil.rmtree(home)
        await pilot.press("n")
        await until(pilot, lambda: any("was gone: it is written again" in said for said in notices(pilot)))
    assert visited(home) == (1, 2, 3)
