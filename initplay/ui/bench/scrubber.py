"""The line under the charts that says which moment of the run they show, and moves it."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive

from initplay.recording.run import Run
from initplay.ui.widgets.one_line import OneLine
from initplay.words.numbers import short

OPEN = " ┄┄"
"""Behind the track of a run that goes on: there is more to come, and nobody knows how much."""


class Scrubber(OneLine):
    """A slider over the moments of a run. Announces `Moved`; shows what it is told."""

    COMPONENT_CLASSES = {"scrubber--track", "scrubber--done", "scrubber--handle", "scrubber--label"}

    moments: reactive[int] = reactive(0)
    cursor: reactive[int] = reactive(0)
    label: reactive[str] = reactive("")
    room: reactive[int] = reactive(0)
    """Columns for the label: as many at each moment, so that the track holds still."""
    goes_on: reactive[bool] = reactive(False)
    """Whether the newest moment is not the last."""

    _is_kept = False
    _experiment = ""

    class Moved(Message):
        """The learner asks for another moment."""

        def __init__(self, cursor: int) -> None:
            self.cursor = cursor
            super().__init__()

    def show(self, run: Run, cursor: int | None, *, experiment: str, hidden: bool) -> None:
        """Show where in a run the cursor stands; None is the newest.

        A single moment needs no slider, but where there was one for the run before of the same it stays.
        """
        self.moments = run.moments
        self.cursor = run.moments - 1 if cursor is None else cursor
        self.goes_on = run.ending is None
        self.label = position_label(run, cursor)
        ends = (position_label(run, moment) for moment in (0, run.moments - 1) if run.moments)
        self.room = max(map(len, (self.label, *ends)))
        self._is_kept = run.moments > 1 or (self._is_kept and experiment == self._experiment)
        self._experiment = experiment
        self.display = self._is_kept and not hidden

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
        if self.goes_on:
            line.append(OPEN, style("scrubber--track"))
        return Text.assemble(line, "  ", (self.label.rjust(self.room), style("scrubber--label")))

    @property
    def _track(self) -> int:
        open_end = len(OPEN) * self.goes_on
        return max(4, self.size.width - max(self.room, len(self.label)) - 2 - open_end)

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
    """Where the cursor stands, by the x axis of what was drawn there: "layer 17 of 28" where that counts,
    "layer 17, down from 28" where it counts down, as the backward pass does, else "z -1.5 · 71 of 201";
    "moment 2 of 3" where no axis has a name. While the run goes on that is of how much it has so far."""
    if not run.moments:
        return ""
    cursor = run.moments - 1 if cursor is None else cursor
    so_far = " so far" if run.ending is None else ""
    newest = bool(so_far) and cursor == run.moments - 1
    count = f"{cursor + 1}{so_far}" if newest else f"{cursor + 1} of {run.moments}{so_far}"
    name = next((chart.axes.x for chart in run.charts_at(cursor) if chart.axes.x), "")
    here, reach = run.position(cursor), run.reach(name)
    if not name or here is None or reach is None:
        return f"moment {count}"
    low, high, whole = reach
    name += ":" if name[-1].isdigit() else ""
    if whole and low >= 0 and high > 0:
        if _counts_down(run, cursor):
            return f"{name} {short(here)}, down from {short(high)}"
        if newest and here == high:
            return f"{name} {short(here)}{so_far}"
        return f"{name} {short(here)} of {short(high)}{so_far}"
    here = 0.0 if abs(here) < 1e-6 * (high - low) else here  # rounding, where steps of a tenth meet 0
    return f"{name} {short(here)} · {count}"


def _counts_down(run: Run, cursor: int) -> bool:
    """Whether it is on a way down of three moments or more, below its top."""
    return _falls(run, cursor) and (_falls(run, cursor - 1) or _falls(run, cursor + 1))


def _falls(run: Run, cursor: int) -> bool:
    """Whether its position is lower than that of the moment before."""
    if not 0 < cursor < run.moments:
        return False
    before, here = run.position(cursor - 1), run.position(cursor)
    return before is not None and here is not None and here < before
