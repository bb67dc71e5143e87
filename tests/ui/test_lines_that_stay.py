"""Of the editor's lines only those are made and painted anew that differ from what they were."""

from __future__ import annotations

import pytest
from pilots import in_lesson, tap, until
from textual.geometry import Region

from initplay.ui.editor.editor import Editor


@pytest.fixture
def paints_over_a_slow_line() -> None:
    """Not here, where it is asked what is painted."""


async def open_editor(pilot) -> Editor:
    tap(pilot, "e")
    await until(pilot, lambda: bool(pilot.app.screen.query(Editor)) and editor(pilot).has_focus)
    await settled(pilot)
    rows_to_paint(editor(pilot))  # those that were painted because of what was over them
    return editor(pilot)


def editor(pilot) -> Editor:
    return pilot.app.screen.query_one(Editor)


async def settled(pilot) -> None:
    """Wait until what there is to see of the editor is painted, and paint what a frame that waits would.

    Regions that are to be painted say nothing of that: a layout paints all, and leaves them.
    """
    area = editor(pilot)
    rows = range(area.scrollable_content_region.height)
    await pilot.pause()
    await until(pilot, lambda: all(area._drawn.get(y) == area._line_of(y) for y in rows))
    area.render_lines(Region(0, 0, *area.size))


def rows_to_paint(area: Editor) -> set[int]:
    """Of those in sight, were all to be painted."""
    area.refresh()
    return painted(area)


def painted(area: Editor) -> set[int]:
    """The rows in sight that the compositor takes when it draws next, and draws."""
    regions = area._exchange_repaint_regions()
    for region in regions:
        area.render_lines(region)
    rows = {y for region in regions for y in region.line_range}
    return rows & set(range(area.scrollable_content_region.height))


async def test_what_is_as_it_was_is_not_painted_though_the_whole_is_to_be(home):
    async with in_lesson(home) as pilot:
        area = await open_editor(pilot)
        assert rows_to_paint(area) == set()
        area.move_cursor((0, 0))
        await settled(pilot)
        y = area.cursor_location[0] - area.scroll_offset.y
        area.insert("x = 1  # ")
        assert rows_to_paint(area) == {y}


async def test_a_text_that_never_ends_colours_all_below_it_and_a_mark_its_line(home):
    async with in_lesson(home) as pilot:
        area = await open_editor(pilot)
        area.move_cursor((0, 0))
        area.insert("pass\n")
        await settled(pilot)
        row = area.scroll_offset.y + 2
        area.mark(row + 1)
        assert rows_to_paint(area) == {2}
        area.mark(None)
        await settled(pilot)
        area.insert('"""', (area.scroll_offset.y, 0))
        assert len(rows_to_paint(area)) > 3


async def test_a_line_of_which_a_part_was_painted_is_painted_whole(home):
    """Something over it was painted between the edit and the editor's turn: a notice, or a dialog."""
    async with in_lesson(home) as pilot:
        area = await open_editor(pilot)
        area.move_cursor((0, 0))
        await settled(pilot)
        y = area.cursor_location[0] - area.scroll_offset.y
        for _ in range(3):  # what was made for the part is not made again for the whole
            area.insert("x = 1  # ")
            area.render_lines(Region(0, y, 10, 1))
            assert painted(area) == {y}
        assert rows_to_paint(area) == set()


async def test_another_theme_paints_all(home):
    async with in_lesson(home) as pilot:
        area = await open_editor(pilot)
        drawn = vars(area)["_drawn"]
        before = dict(drawn)
        tap(pilot, "escape")
        await until(pilot, lambda: not area.has_focus)
        tap(pilot, "t")
        await until(pilot, lambda: all(drawn.get(y) != strip for y, strip in before.items()))
