"""A widget of one line shows what Textual would draw of its text."""

from __future__ import annotations

import pytest
from pilots import bench, in_lesson, lesson, run_to, until
from rich.segment import Segment
from rich.text import Text
from textual.app import App, ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from initplay.ui.bench.knobs import KnobView
from initplay.ui.bench.scrubber import Scrubber
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.one_line import OneLine
from initplay.ui.widgets.tab_bar import TabBar
from initplay.ui.widgets.title_bar import TitleBar


def looks(strip: Strip) -> list[Segment]:
    """Without where in a text a piece of it stands, which Textual adds for what can be selected."""
    bare = (Segment(text, style.clear_meta_and_links() if style else None) for text, style, _ in strip)
    return list(Segment.simplify(bare))


def in_sight(pilot: Pilot[None], kind: type[OneLine]) -> list[OneLine]:
    return [bar for bar in pilot.app.screen.query(kind) if bar.is_on_screen and bar.size.width]


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_every_bar_of_a_lesson_is_what_textual_would_draw(home, size):
    async with in_lesson(home, size=size) as pilot:
        await run_to(pilot)
        of_a_run = [TitleBar, KeyBar, Scrubber, KnobView]
        of_a_run += [TabBar] * (not lesson(pilot).room.is_narrow)  # its row is the chart's there
        await until(pilot, lambda: all(in_sight(pilot, kind) for kind in of_a_run))
        for bar in in_sight(pilot, OneLine):
            bar.refresh()
            theirs = Widget.render_line(bar, 0)
            width = bar.size.width
            drawn = theirs.adjust_cell_length(width, bar.visual_style.rich_style)
            assert looks(bar.render_line(0)) == looks(drawn), bar


class Said(OneLine):
    words = Text("")

    def render(self) -> Text:
        return self.words


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("short", "short     "),
        ("just fits!", "just fits!"),
        ("more than fits", "more than…"),
        ("one\nof two", "one       "),
        ("汉字汉字汉字", "汉字汉字 …"),
        ("a\tb", "a       b "),
        ("[not markup", "[not mark…"),
    ],
)
async def test_a_text_is_cut_to_its_line(words, seen):
    class Shows(App[None]):
        CSS = "Said { width: 10; height: 2; }"

        def compose(self) -> ComposeResult:
            yield Said()

    app = Shows()
    async with app.run_test() as pilot:
        said = app.query_one(Said)
        said.words = Text(words)
        await pilot.pause()
        assert said.render_line(0).text == seen
        assert said.render_line(1).text == " " * 10
        assert said.words.plain == words


@pytest.mark.parametrize(("size", "styled"), [((140, 40), False), ((80, 24), True)])
async def test_who_has_the_room_restyles_the_widgets_only_where_it_matters(home, size, styled, monkeypatch):
    """Text and bench stand side by side on a wide screen, whatever is asked for."""
    async with in_lesson(home, size=size) as pilot:
        knob = bench(pilot).query(KnobView).first()
        seen = []
        apply = Stylesheet.apply

        def note(sheet, node, **options):
            seen.append(node)
            apply(sheet, node, **options)

        monkeypatch.setattr(type(pilot.app.stylesheet), "apply", note)
        lesson(pilot).action_switch()
        assert (knob in seen) is styled
