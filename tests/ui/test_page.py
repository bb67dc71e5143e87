"""A page of Markdown as one widget: how it is set, and what is copied from it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from bundled import COURSE
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pilots import in_lesson, lesson, screen, until
from textual.geometry import Offset
from textual.selection import Selection

from initplay.course.lesson import Prose
from initplay.ui.widgets.page import Page
from initplay.ui.widgets.typeset import LEAST_WIDTH, parse, typeset

LESSONS = Path(__file__).parents[2] / "lessons"


def rows(markdown: str, width: int) -> list[str]:
    return [row.content.plain for row in typeset(parse(markdown), width)]


def styles(markdown: str) -> dict[str, str]:
    """What is styled, and how."""
    return {
        row.content.plain[span.start : span.end]: str(span.style)
        for row in typeset(parse(markdown), 60)
        for span in row.content.spans
    }


@pytest.mark.parametrize(
    ("markdown", "width", "wanted"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one\n\ntwo", 20, ["one", "", "two"]),
        ("a line  \nbroken", 20, ["a line", "broken"]),
        ("# Title\n\ntext\n\n## Part\n\ntext", 20, ["Title", "", "text", "", "Part", "text"]),
        ("- one two\n- three", 7, ["• one", "  two", "• three"]),
        ("- one\n\n- two", 20, ["• one", "", "• two"]),
        ("- one\n  - deep\n- two", 20, ["• one", "  • deep", "• two"]),
        ("9. nine\n10. ten", 20, [" 9. nine", "10. ten"]),
        ("> said\n> so", 20, ["▌ said so"]),
        ("***", 5, ["─────"]),
        ("    a\n\n      b", 8, ["  a     ", "        ", "    b   "]),
        ("```\nabcdefgh\n```", 8, ["  abcdef", "  gh    "]),
        ("![a picture](x.png) &amp; <b>text</b>", 30, ["a picture & text"]),
        ("one\n\n<!-- unseen -->\n\ntwo", 30, ["one", "", "two"]),
    ],
)
def test_how_blocks_are_set(markdown, width, wanted):
    assert rows(markdown, width) == wanted


def test_a_table_is_framed_and_aligned():
    assert rows("| n | std |\n|:--|--:|\n| one | 1 |\n| two | 22.6 |", 40) == [
        "┌─────┬──────┐",
        "│ n   │  std │",
        "├─────┼──────┤",
        "│ one │    1 │",
        "│ two │ 22.6 │",
        "└─────┴──────┘",
    ]


def test_a_table_that_is_too_wide_wraps_in_its_cells_and_has_rules_then():
    assert rows("| a | b |\n|---|---|\n| one two three | x |\n| four | y |", 13) == [
        "┌───────┬───┐",
        "│ a     │ b │",
        "├───────┼───┤",
        "│ one   │ x │",
        "│ two   │   │",
        "│ three │   │",
        "├───────┼───┤",
        "│ four  │ y │",
        "└───────┴───┘",
    ]


def test_a_table_without_names_of_columns_has_no_row_for_them():
    assert rows("| | |\n|---|---|\n| a | 1 |\n| b | 2 |", 20) == [
        "┌───┬───┐",
        "│ a │ 1 │",
        "│ b │ 2 │",
        "└───┴───┘",
    ]


def test_what_is_emphasized_is_styled():
    styled = styles("**bold**, *slanted*, `code` and [a link](https://example.org)\n\n# Title\n\n- item")
    assert styled["bold"] == "bold" and styled["slanted"] == "italic" and styled["code"] == ".page--code"
    assert "example.org" in styled["a link"] and "underline" in styled["a link"]
    assert styled["Title"] == ".page--h1" and styled["• "] == ".page--bullet"


def test_code_in_a_language_is_highlighted():
    assert styles("```python\nfor x in y: pass\n```")["for"] == "$text-accent"


def test_code_that_is_too_long_goes_on_from_a_blank_and_never_inside_of_a_word():
    names = rows("```\nfor name in layers.0 layers.6:\n    go\n```", 26)
    assert [row.rstrip() for row in names] == ["  for name in layers.0", "  layers.6:", "      go"]
    assert rows(f"```\n    {'x' * 30}\n```", 24) == [f"      {'x' * 18}", f"  {'x' * 12}{' ' * 10}"]


def lesson_pages() -> list[str]:
    prose = [
        block.text
        for lesson in COURSE.lessons
        for step in lesson.steps
        for block in step.blocks
        if isinstance(block, Prose)
    ]
    return [
        *prose,
        *(lesson.sources for lesson in COURSE.lessons),
        (LESSONS / "reference.md").read_text("utf-8"),
    ]


def written_words(markdown: str) -> str:
    """The text of all blocks, without white space."""
    texts = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        number = f"{token.info}." if token.type == "list_item_open" and token.info else ""
        texts += [child.content for child in token.children or []] or [number or token.content]
    return "".join("".join(texts).split())


@pytest.mark.parametrize("width", [24, 50, 76, 200])
def test_every_page_of_the_course_fits_and_keeps_every_word(width):
    pages = lesson_pages()
    assert len(pages) > 60
    for markdown in pages:
        set_ = typeset(parse(markdown), width)
        assert max(row.content.cell_length for row in set_) <= width
        if "|---" not in markdown:
            shown = "".join(
                "".join(row.content.plain[row.margin :].removeprefix("• ").split()) for row in set_
            )
            assert shown == written_words(markdown)


@given(st.text(alphabet="ab *_`#>-|\n 1.[]()~\t中", max_size=200), st.integers(0, 40))
def test_any_text_can_be_set_at_any_width(markdown, width):
    for row in typeset(parse(markdown), width):
        assert "\n" not in row.content.plain
        assert row.margin <= len(row.content.plain)


def test_a_page_with_no_room_is_set_as_if_it_had_a_little():
    assert rows("one two", 0) == rows("one two", LEAST_WIDTH)


async def shown_page(pilot) -> Page:
    await until(pilot, lambda: lesson(pilot).query(Page) and lesson(pilot).query(Page)[0].size.width)
    return lesson(pilot).query(Page)[0]


LONG = """\
A paragraph that is so long that it takes more than one row.

- An item that is as long, and so goes on too.

<!-- -->

    code()
"""


async def test_what_is_copied_is_the_text_and_not_the_rows_of_it(home):
    async with in_lesson(home) as pilot:
        page = Page(LONG)
        page.styles.width = 24
        await lesson(pilot).prose.mount(page)
        await until(pilot, lambda: page.size.width == 24)
        assert page.get_selection(Selection(None, None)) == (
            "A paragraph that is so long that it takes more than one row.\n\n"
            "• An item that is as long, and so goes on too.\n\ncode()",
            "\n",
        )
        assert page.get_selection(Selection(Offset(2, 0), Offset(4, 1))) == (
            "paragraph that is so long",
            "\n",
        )


async def test_text_is_selected_by_mouse(home):
    async with in_lesson(home) as pilot:
        page = await shown_page(pilot)
        first = screen(pilot).splitlines()[page.content_region.y][page.content_region.x :]
        at = page.content_region.offset
        await pilot.mouse_down(offset=at)
        await pilot.hover(offset=at + Offset(5, 0))
        await pilot.mouse_up(offset=at + Offset(5, 0))
        await until(pilot, lambda: pilot.app.screen.get_selected_text())
        selected = pilot.app.screen.get_selected_text()
        assert selected and first.startswith(selected)


async def test_a_page_is_set_anew_at_another_width(home):
    async with in_lesson(home) as pilot:
        page = Page(LONG)
        await lesson(pilot).prose.mount(page)
        heights = []
        for width in (40, 20, 40):
            page.styles.width = width
            await until(pilot, lambda: page.size.width == width)  # noqa: B023
            await pilot.pause()
            heights.append(page.size.height)
        assert heights[0] == heights[2] and all(a != b for a, b in pairwise(heights))
