"""The first line of every screen."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive

from initplay.ui.widgets.one_line import OneLine

LEAST_OF_A_TITLE = 10
"""Columns in which one lesson can be told from another."""


class TitleBar(OneLine):
    """What one is looking at on the left, what runs it on the right."""

    COMPONENT_CLASSES = {"title-bar--name", "title-bar--place", "title-bar--state"}

    place: reactive[str] = reactive("")
    step: reactive[str] = reactive("")
    state: reactive[str] = reactive("")

    def render(self) -> Text:
        style = self.get_component_rich_style
        name = Text(" initplay", style("title-bar--name"))
        room = self.size.width - len(name)
        state = _within(Text(f"  {self.state} ", style("title-bar--state")), room)
        step = Text(f"  ·  {self.step}" if self.step else "", style("title-bar--place"))
        # Where there is not room for everything, it is the long title that gives way; that of a lesson to a
        # few letters, and then the rest goes.
        if step and room - state.cell_len - step.cell_len < LEAST_OF_A_TITLE:
            state = Text()
            step = step if room - step.cell_len >= LEAST_OF_A_TITLE else Text()
        left = room - state.cell_len - step.cell_len
        place = _within(Text(f"  {self.place}", style("title-bar--place")), left)
        gap = " " * max(0, room - place.cell_len - step.cell_len - state.cell_len)
        return Text.assemble(name, place, step, gap, state)


def _within(words: Text, room: int) -> Text:
    """As much of it as there is room for; Rich's cut to no columns leaves all of it."""
    if room <= 0:
        return Text()
    words.truncate(room, overflow="ellipsis")
    return words
