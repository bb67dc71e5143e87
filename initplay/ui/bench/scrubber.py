"""The line under the charts that says which moment of the run they show, and moves it."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from initplay.recording.run import Run
from initplay.words.numbers import short


class Scrubber(Widget):
    """A slider over the moments of a run. Announces `Moved`; shows what it is told."""

    COMPONENT_CLASSES = {"scrubber--track", "scrubber--done", "scrubber--handle", "scrubber--label"}
    ALLOW_SELECT = False

    moments: reactive[int] = reactive(0)
    cursor: reactive[int] = reactive(0)
    label: reactive[str] = reactive("")

    class Moved(Message):
        """The learner asks for another moment."""

        def __init__(self, cursor: int) -> None:
            self.cursor = cursor
            super().__init__()

    def show(self, run: Run, cursor: int | None, *, hidden: bool) -> None:
        """Show where in a run the cursor stands; None is the newest. A single moment needs no slider."""
        self.moments = run.moments
        self.cursor = run.moments - 1 if cursor is None else cursor
        self.label = position_label(run, cursor)
        self.display = run.moments > 1 and not hidden

    def render(self) -> Text:
        track = self._track
        style = self.get_component_rich_style
        if self.moments < 2:
            line = Text("─" * track, style("scrubber--track"))
        else:
            at = round(self.cursor / (self.moments - 1) * (track - 1))
            line = Text.assemble(
                ("━" * at, style("scrubber--done")),
                ("●", style("scrubber--handle")),
                ("─" * (track - 1 - at), style("scrubber--track")),
            )
        return Text.assemble(line, "  ", (self.label, style("scrubber--label")), no_wrap=True, end="")

    @property
    def _track(self) -> int:
        return max(4, self.size.width - len(self.label) - 2)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._move_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._move_to(event.x)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_mouse_scroll_up(self) -> None:
        self.post_message(self.Moved(max(0, self.cursor - 1)))

    def on_mouse_scroll_down(self) -> None:
        self.post_message(self.Moved(min(self.moments - 1, self.cursor + 1)))

    def _move_to(self, x: int) -> None:
        if self.moments > 1:
            share = min(1, max(0, x / max(1, self._track - 1)))
            self.post_message(self.Moved(round(share * (self.moments - 1))))


def position_label(run: Run, cursor: int | None) -> str:
    """Where the cursor stands: "layer 17 of 28" by the name of an x axis, else "moment 2 of 3"."""
    if not run.moments:
        return ""
    cursor = run.moments - 1 if cursor is None else cursor
    name = next((chart.axes.x for chart in run.charts.values() if chart.axes.x), "")
    here, last = run.position(cursor), run.position(run.moments - 1)
    if not name or here is None or last is None:
        return f"moment {cursor + 1} of {run.moments}"
    return f"{name} {short(here)} of {short(last)}"
