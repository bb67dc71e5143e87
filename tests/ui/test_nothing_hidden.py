"""What there is not room for is one key away, and what has nothing to show says so."""

from __future__ import annotations

import pytest
from pilots import NARROW, in_lesson, lesson, run, run_to, screen, session, shows, state, tap, until

from initplay.lab.events import Cells, Facts, Finished, Note, Point
from initplay.recording.run import Run, replay
from initplay.ui.bench.outcome import Outcome, _spread
from initplay.ui.bench.printed import broken
from initplay.ui.bench.tiles import SHOWS_ALL, Tile, Tiles, View, lines_of
from initplay.words.numbers import short

LONG = "A sentence that goes on and on, " * 20 + "and ends here."


async def test_all_that_a_run_said_is_one_key_away_and_the_same_key_goes_back(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        run(pilot).add(Note(LONG))
        bench = lesson(pilot).bench
        bench.follow()
        await until(pilot, lambda: shows(pilot, "… o: all that the run said"))
        assert not shows(pilot, "and ends here.")
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "it ended at 5", "and ends here."))
        await pilot.press("o")
        await until(pilot, lambda: bench.tab == "charts" and shows(pilot, "step 5 of 5"))


async def test_what_the_bench_cuts_off_of_a_run_that_said_nothing_stands_there_in_full(home):
    """Verdicts, what was compared and results: the line that leads there counts them."""
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("5", "enter")
        await run_to(pilot)
        run(pilot).notes.items.clear()
        run(pilot).add(Facts({f"result_{number}": number / 7 for number in range(40)}))
        lesson(pilot).bench.follow()
        await until(pilot, lambda: shows(pilot, "… o: all that the run said"))
        assert not shows(pilot, "result 39")
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "Right: 5 units.", "result 39: 5.57"))


async def test_what_is_longer_than_the_screen_is_scrolled_by_the_keys_that_scroll_the_text(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        for number in range(40):
            run(pilot).add(Note(f"note {number}."))
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "note 1."))
        while not shows(pilot, "note 39."):
            before = screen(pilot)
            await pilot.press("pagedown")
            await until(pilot, lambda before=before: screen(pilot) != before)


async def test_where_nothing_was_said_it_says_so(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: shows(pilot, "Nothing: here a run's notes stand in full", "o goes back."))


async def test_a_list_without_runs_says_what_would_fill_it_and_takes_no_key_amiss(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("l")
        await until(pilot, lambda: shows(pilot, "No run yet: r makes the first."))
        await pilot.press("enter", "p", "down", "escape")
        await run_to(pilot)
        await pilot.press("l")
        await until(pilot, lambda: shows(pilot, "run 1") and not shows(pilot, "No run yet"))


async def test_the_only_device_says_that_it_is(home):
    async with in_lesson(home) as pilot:
        await until(pilot, lambda: shows(pilot, "lab ready"))
        tap(pilot, "d")
        await until(
            pilot,
            lambda: [one.message for one in pilot.app._notifications] == ["cpu is the only device here."],
        )


def test_a_note_is_broken_and_loses_no_word():
    lines = broken(f"› {LONG}", 60)
    assert " ".join(line.strip() for line in lines) == f"› {LONG}" and max(map(len, lines)) <= 58


def test_the_lines_of_a_notes_code_stay_lines():
    code = "fc: do this\n\nfor name in names:\n    layer = net.get(name)  # " + "long " * 12
    assert [line.rstrip() for line in broken(f"› {code}", 60)] == [
        "› fc: do this",
        "",
        "  for name in names:",
        "      layer = net.get(name)  # long long long long long",
        "      long long long long long long long",
    ]


def test_a_band_is_said_only_where_seeds_gave_different_values():
    assert _spread([7.8, 8.0]) == " (7.8 to 8)"
    assert _spread([5, 5]) == "" and _spread(None) == ""


@pytest.mark.parametrize("ascii", [False, True])
def test_a_key_for_all_of_a_table_is_named_where_some_is_left_out_and_not_for_signs_that_are_in_it(ascii):
    run = Run()
    run.add(Cells("t", {"layers": "fc1 … fc6", "of": "w~2"}))
    tile = Tile("table", "t")
    for height, left_out in ((6, False), (2, True)):
        title = "".join(text for text, _ in lines_of(tile, View(run, ascii=ascii), 60, height)[0])
        assert (SHOWS_ALL in title) is left_out, title


def test_a_table_whose_rows_come_after_the_cursor_says_so():
    run = Run()
    for step in range(3):
        run.add(Point("c", step, 1.0))
    run.add(Cells("t", {"a": 1}))
    early = lines_of(Tile("table", "t"), View(run, cursor=0), 60, 6)
    assert "its rows come later in the run" in "".join(text for line in early for text, _ in line)


def test_a_table_shows_its_newest_rows_while_they_come_and_begins_at_its_beginning_after_that():
    run = Run()
    for step in range(40):
        run.add(Point("c", step, 1.0))
        run.add(Cells("t", {"digit": step}))

    def shown(cursor: int | None = None) -> str:
        lines = lines_of(Tile("table", "t"), View(run, cursor), 60, 6)
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)

    assert "37 rows above" in shown() and shown().endswith("39")
    run.add(Finished(0.1))
    assert "37 rows below" in shown() and shown().splitlines()[2].strip() == "0"
    assert "rows above" in shown(cursor=20), "what the cursor has come to is the newest row"


async def test_a_chart_or_table_without_room_has_all_there_is_one_key_away(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await pilot.press("C")
        await until(pilot, lambda: shows(pilot, "nothing is drawn yet: r"))
        ran = await run_to(pilot)
        for depth in range(30):
            ran.add(
                Cells(
                    "layers", {"quantity": f"layer {depth} looks like " + "torch's default " * 5, "n": depth}
                )
            )
        lesson(pilot).bench.follow()
        tiles = lesson(pilot).query_one(Tiles)
        await pilot.press("C")
        await until(
            pilot,
            lambda: shows(pilot, "esc closes", "● measured") and len(screen(pilot).split("measured")) == 2,
        )
        await pilot.press("escape")
        tiles.choose(Tile("table", "layers"))
        await until(pilot, lambda: shows(pilot, "layers", "C: all of it", "rows below", "layer 0"))
        await pilot.press("C")
        await until(
            pilot, lambda: shows(pilot, "esc closes", "layer 0 looks") and not shows(pilot, "rows below")
        )
        while not shows(pilot, "layer 29 looks"):
            before = screen(pilot)
            await pilot.press("pagedown")
            await until(pilot, lambda before=before: screen(pilot) != before)
        await pilot.press("C")
        await until(pilot, lambda: shows(pilot, "C: all of it"))


async def test_a_chart_that_has_all_the_room_grows_with_its_run(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await lesson(pilot).bench.put_up("wait", {})
        tap(pilot, "r")
        await until(pilot, lambda: shows(pilot, "● measured"))
        await pilot.press("C")
        for _ in range(2):
            await until(pilot, lambda: shows(pilot, "esc closes"))
            before = screen(pilot)
            await until(pilot, lambda before=before: screen(pilot) != before)
        session(pilot).stop()
        await until(pilot, lambda: state(pilot) == "stopped")
        last = short(run(pilot).charts["time"].curves["measured"].y[-1])
        await until(pilot, lambda: shows(pilot, "esc closes", f"measured {last}"))


async def test_runs_of_several_seeds_that_drew_the_same_number_of_points_are_told_apart(home):
    """Each is a recording of its own, and the page that shows one is to show the next."""
    async with in_lesson(home) as pilot:
        await run_to(pilot)
        tiles = lesson(pilot).query_one(Tiles)
        assert tiles.drawn_of is None, "no more will come"
        seen = []
        for _ in range(2):
            going = replay(run(pilot).events[:-1])
            tiles.show(View(going), "")
            seen.append((going, tiles.drawn_of))
        assert None not in (seen[0][1], seen[1][1]) and seen[0][1] != seen[1][1]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (80, 18), (80, 12)])
async def test_whether_there_is_more_is_the_same_at_a_second_look(home, size):
    """And while a why is read, where the line that says so has no room."""
    async with in_lesson(home, size=size) as pilot:  # its run has two rows to say
        bench = lesson(pilot).bench
        await run_to(pilot)
        for reads in (False, True):
            lesson(pilot).set_class(reads, "-reading")
            await pilot.pause()
            looks = set()
            for _ in range(4):
                bench._show_more()
                await pilot.pause()
                looks.add(bench.query_one(Outcome).has_class("-overflows"))
            assert len(looks) == 1, reads
