"""The names of everything that a run has to show, where not all of it is in sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from rich.text import Text
from textual import events
from textual.message import Message

from initplay.look import ANY_TERMINAL, Look
from initplay.ui.widgets.one_line import OneLine

_KEY = "c "
_BETWEEN = " · "


def window(widths: Sequence[int], chosen: int, room: int, before: int, after: int) -> range:
    """Which of some names beside each other are shown in `room` columns: as many as fit, the chosen one of
    them, the first ones if they can be.

    before, after: columns for the sign that there are more on that side, each with what parts it from a name.
    """

    ends = [0, *accumulate(widths)]

    def taken(first: int, end: int) -> int:
        signs = (before if first else 0) + (after if end < len(widths) else 0)
        return signs + ends[end] - ends[first] + len(_BETWEEN) * (end - first - 1)

    for first in range(chosen + 1):
        if taken(first, len(widths)) <= room:
            return range(first, len(widths))
        end = chosen + 1
        while end < len(widths) and taken(first, end) <= room:
            end += 1
        if end > chosen + 1:
            return range(first, end - 1)
    return range(chosen, chosen + 1)


class TileBar(OneLine):
    """Shows names, one of them the chosen one; where it is too narrow it says how many there are besides.

    Announces `Picked`.
    """

    COMPONENT_CLASSES = {"tile-bar--name", "tile-bar--chosen"}

    class Picked(Message):
        """The learner wants the tile with this number."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    def __init__(self, look: Look = ANY_TERMINAL, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look = look
        self._names: list[str] = []
        self._chosen = 0

    def show(self, names: list[str], chosen: int) -> None:
        if (names, chosen) != (self._names, self._chosen):
            self._names, self._chosen = names, chosen
            self.refresh()

    def render(self) -> Text:
        name, chosen = (self.get_component_rich_style(f"tile-bar--{what}") for what in ("name", "chosen"))
        line = Text(_KEY, chosen)
        for place, (words, number) in enumerate(self._pieces()):
            line.append(_BETWEEN if place else "", name)
            line.append(words, chosen if number == self._chosen else name)
        return line

    def _pieces(self) -> Iterator[tuple[str, int]]:
        """What is written, from left to right, and the number of the tile that a click there is for."""
        if not self._names:
            return
        names = [self._look.words(name) for name in self._names]
        room = self.size.width - len(_KEY)
        sign = len(_BETWEEN) + len(f"{len(names)} more")
        shown = window([len(name) for name in names], self._chosen, room, sign, sign)
        if shown.start:
            yield f"{shown.start} more", shown.start - 1
        yield from ((names[number], number) for number in shown)
        if shown.stop < len(names):
            yield f"{len(names) - shown.stop} more", shown.stop

    def on_click(self, event: events.Click) -> None:
        end = len(_KEY)
        for words, number in self._pieces():
            end += len(words) + len(_BETWEEN)
            if event.x < end:
                self.post_message(self.Picked(number))
                return
