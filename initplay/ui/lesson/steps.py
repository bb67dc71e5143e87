"""The steps of a lesson as a list to jump in, with what is open in each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initplay.learner.open_ends import OpenEnds
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.in_sight import Rows


class StepsScreen(Over[int | None]):
    """Closes with the step that was chosen, counted from 0."""

    BINDINGS = bindings("steps")

    def __init__(
        self, titles: Sequence[str], ends: Sequence[OpenEnds], visited: Collection[int], here: int
    ) -> None:
        """`visited` are the steps that were seen, counted from 1; `here` is the one that is open, from 0."""
        super().__init__()
        self._titles = titles
        self._ends = ends
        self._visited = visited
        self._here = here

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="steps"):
            yield Rows(*map(Option, self._lines()), markup=False)

    def on_mount(self) -> None:
        self.query_one("#steps").border_title = "steps, and what is open in them"
        self._say_how()
        self.query_one(OptionList).highlighted = self._here

    def _lines(self) -> list[Text]:
        width = max(map(len, self._titles))
        return [
            Text.assemble(
                f"{self._mark(number)} {number + 1:>2}  ",
                (title.ljust(width), "bold" if number == self._here else ""),
                (self._open_in_words(number), "dim"),
                no_wrap=True,
                overflow="ellipsis",
            )
            for number, (title, ends) in enumerate(zip(self._titles, self._ends, strict=True))
        ]

    def _open_in_words(self, step: int) -> str:
        """What is open in a step that was seen, or that it was passed over; nothing of those to come."""
        if step + 1 in self._visited:
            return f"  {self._ends[step].counted}"
        return "  not read" if step + 1 < max(self._visited, default=0) else ""

    def _mark(self, step: int) -> str:
        """Not seen yet, with something open, or done with."""
        if step + 1 not in self._visited:
            return "○"
        return "◐" if self._ends[step] else "●"

    def action_choose(self, digit: int) -> None:
        """Choose the next step whose number begins with that digit."""
        options = self.query_one(OptionList)
        begin = [step for step in range(len(self._titles)) if str(step + 1).startswith(str(digit))]
        if begin:
            here = -1 if options.highlighted is None else options.highlighted
            options.highlighted = next((step for step in begin if step > here), begin[0])
        self._say_how(f"there is no step {digit}" if not begin else "")

    def on_key(self, event: Key) -> None:
        """Say what may be pressed, to who presses something else."""
        self._say_how("" if event.key in self.active_bindings else "↑↓ or a number chooses")

    def _say_how(self, words: str = "") -> None:
        self.query_one("#steps").border_subtitle = " · ".join(
            filter(None, (words, "enter goes there · esc closes"))
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)
