"""A line of names, one for each of the panes that share a place."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive

from initplay.ui.widgets.one_line import OneLine


class TabBar(OneLine):
    """The names of panes, one of them open, and a word on the right. Announces `Picked`."""

    COMPONENT_CLASSES = {"tab-bar--tab", "tab-bar--open"}

    tabs: reactive[tuple[tuple[str, str], ...]] = reactive(())
    """The name of each pane, and what its tab says."""
    open: reactive[str] = reactive("")
    aside: reactive[str] = reactive("")

    class Picked(Message):
        def __init__(self, name: str) -> None:
            self.name = name
            super().__init__()

    def render(self) -> Text:
        tab, open_ = (self.get_component_rich_style(f"tab-bar--{name}") for name in ("tab", "open"))
        line = Text()
        for name, label in self.tabs:
            line.append(label, open_ if name == self.open else tab)
            line.append("  ")
        room = self.size.width - line.cell_len
        if room > len(self.aside):
            line.append(self.aside.rjust(room), tab)
        return line

    def on_click(self, event: events.Click) -> None:
        end = 0
        for name, label in self.tabs:
            end += len(label) + 2
            if event.x < end:
                self.post_message(self.Picked(name))
                return
