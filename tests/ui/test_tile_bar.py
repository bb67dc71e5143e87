"""The list of what a run has to show: never cut without a sign, and each name is there for the mouse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pilots import bench, click, in_lesson, playing, run_to, screen, until

from initplay.lab.events import Finished, Point, Started
from initplay.recording.run import Run, replay
from initplay.ui.bench.tile_bar import TileBar, window
from initplay.ui.bench.tiles import Tile, TilePlot, Tiles

BETWEEN = 3


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(0, 11), st.integers(1, 120))
def test_the_chosen_one_is_shown_and_with_it_as_many_as_fit(widths, chosen, room):
    chosen %= len(widths)
    shown = window(widths, chosen, room, 9, 9)
    assert chosen in shown

    def taken(names: range) -> int:
        signs = 9 * (names.start > 0) + 9 * (names.stop < len(widths))
        return signs + sum(widths[number] for number in names) + BETWEEN * (len(names) - 1)

    assert taken(shown) <= room or len(shown) == 1
    if taken(range(len(widths))) <= room:
        assert shown == range(len(widths))
    elif taken(shown) <= room and shown.stop < len(widths):
        assert taken(range(shown.start, shown.stop + 1)) > room, "one more would not have fitted"


class Counted(list[int]):
    """Counts how many of its items are looked at."""

    looks = 0

    def __iter__(self):
        for item in super().__iter__():
            self.looks += 1
            yield item

    def __getitem__(self, place):
        found = super().__getitem__(place)
        self.looks += len(found) if isinstance(found, list) else 1
        return found


@pytest.mark.parametrize("chosen", [0, 999, 1_999])
def test_a_thousand_names_are_looked_at_a_few_times_each(chosen):
    widths = Counted([12] * 2_000)
    assert chosen in window(widths, chosen, 78, 9, 9)
    assert widths.looks < 5 * len(widths)


def many(count: int = 9) -> Run:
    started = Started(lesson="climb", experiment="climb", knobs={}, seed=1, device="cpu")
    points = [Point(f"chart number {n}", x, float(x)) for x in range(5) for n in range(count)]
    return replay([started, *points, Finished(1.0)])


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_names_that_do_not_fit_are_counted_and_a_click_goes_to_the_next_of_them(home, size):
    async with playing(home, size=size, recording=many()) as pilot:
        await until(pilot, lambda: "chart number 0" in screen(pilot))
        bar = bench(pilot).query_one(TileBar)
        await until(pilot, lambda: bar.size.width)
        line = bar.render().plain
        assert "more" in line and len(line) <= bar.size.width
        seen = set()
        for _ in range(9):
            tiles = bench(pilot).query_one(Tiles)
            name = tiles.query_one("#large", TilePlot).tile.name  # pyrefly: ignore[missing-attribute]
            seen.add(name)
            await until(pilot, lambda: bar.render().plain.rstrip() in screen(pilot))
            line = bar.render().plain
            assert name in line
            if not line.rstrip().endswith("more"):
                break
            await click(pilot, bar, line.rindex("more"))
            await until(pilot, lambda name=name: bench(pilot).query_one("#large", TilePlot).tile.name != name)  # pyrefly: ignore
        assert "chart number 8" in bar.render().plain


async def test_a_click_on_a_name_makes_it_the_large_one(home):
    async with in_lesson(home, size=(80, 24)) as pilot:
        await run_to(pilot)
        bar = bench(pilot).query_one(TileBar)
        await until(pilot, lambda: bar.size.width and "spread, all" in bar.render().plain)
        await click(pilot, bar, bar.render().plain.index("spread, all") + 1)
        large = bench(pilot).query_one("#large", TilePlot)
        await until(pilot, lambda: large.tile and large.tile.title == "spread, all")


async def test_many_charts_are_compared_a_few_times_each(home, monkeypatch):
    """Each tile was compared with the large one, which was looked for among all of them each time."""
    count, compared = 300, 0

    def same(tile: Tile, other: object) -> bool:
        nonlocal compared
        compared += 1
        return isinstance(other, Tile) and (tile.kind, tile.name) == (other.kind, other.name)

    async with playing(home, recording=many(count)) as pilot:
        await until(pilot, lambda: "chart number 0" in screen(pilot))
        monkeypatch.setattr(Tile, "__eq__", same)
        tiles = bench(pilot).query_one(Tiles)
        last = Tile("chart", f"chart number {count - 1}")
        tiles.choose(last)
        assert compared < 20 * count
        await until(pilot, lambda: tiles.query_one("#large", TilePlot).tile == last)
