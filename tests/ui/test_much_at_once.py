"""A run that says much costs the screen no more than what can be seen of it."""

from __future__ import annotations

from pilots import bench, playing, shows, tap, until
from textual.widgets import Static

from initplay.lab.events import Facts, Finished, Note, Point, Recorded, Started
from initplay.recording.run import Run, replay
from initplay.ui.bench.outcome import MOST_FACTS
from initplay.ui.bench.outcome import Facts as FactsLine
from initplay.ui.bench.printed import MAX_LINES, broken


def recorded(*events: Recorded) -> Run:
    started = Started(lesson="climb", experiment="climb", knobs={}, seed=1, device="cpu")
    return replay([started, Point("c", 0, 0.0), *events, Finished(1.0)])


async def test_of_many_results_the_first_stand_there_and_a_page_has_all(home):
    run = recorded(Facts({f"r{number}": number for number in range(2_000)}))
    async with playing(home, recording=run) as pilot:
        await until(pilot, lambda: shows(pilot, "r0: 0", "r1: 1"))
        text = bench(pilot).query_one(FactsLine).render().plain
        assert f"r{MOST_FACTS - 1}: {MOST_FACTS - 1}" in text and f"r{MOST_FACTS}:" not in text
        assert text.endswith("and 1,800 more (m: all of them)")
        tap(pilot, "m")
        await until(pilot, lambda: shows(pilot, "what the results mean", "r0 0"))
        (page,) = pilot.app.screen.query("#meanings Static").results(Static)
        assert "r1999  1999" in str(page.content)


async def test_of_many_notes_so_many_are_laid_out_as_are_kept_and_once(home):
    run = recorded(*(Note(f"note {number}") for number in range(4 * MAX_LINES)))
    broken.cache_clear()
    async with playing(home, recording=run) as pilot:
        await until(pilot, lambda: shows(pilot, f"note {4 * MAX_LINES - 1}"))
        tap(pilot, "o")
        await until(pilot, lambda: shows(pilot, f"› note {3 * MAX_LINES + 10}"))
        assert broken.cache_info().misses <= MAX_LINES
