"""The control panel of an experiment: a row for each knob, by key and by mouse."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import ItemGrid, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from initplay.charts.sheet import cut
from initplay.course.arithmetic import begins_number, may_become_number
from initplay.course.experiment import Experiment
from initplay.course.knob import Knob, KnobError, Value
from initplay.ui.keys import bindings
from initplay.ui.pages.over import Over
from initplay.ui.widgets.in_sight import keep_focused_in_sight
from initplay.ui.widgets.one_line import OneLine
from initplay.words.names import spelled

MANY = 5
"""Beyond so many knobs, a low screen has a few in sight until the keyboard is on them: charts come first."""
_NAME_WIDTH = 14
_VALUE_WIDTH = 9
_LEAST_TRACK = 4


class KnobView(OneLine, can_focus=True):
    """One knob: its name, a slider or its choice, and its value. Announces `Turned`."""

    COMPONENT_CLASSES = {
        "knob--name",
        "knob--track",
        "knob--done",
        "knob--handle",
        "knob--value",
        "knob--off",
    }
    BINDINGS = bindings("knob")

    value: reactive[Value] = reactive(0)
    idle: reactive[str] = reactive("")
    """By what it does nothing as yet: "normalized is off"."""

    class Turned(Message):
        """The learner set a knob; the value is one it can take."""

        def __init__(self, name: str, value: Value) -> None:
            self.name = name
            self.value = value
            super().__init__()

    def __init__(self, knob: Knob, value: Value) -> None:
        super().__init__()
        self.put_up(knob, value)

    def put_up(self, knob: Knob, value: Value) -> None:
        """Show this knob, be it another one than before."""
        self.knob = knob
        self.set_reactive(KnobView.value, value)
        enter = "type" if self.is_typed else "turn"
        self.tooltip = f"{spelled(knob.name)} takes {knob.takes}. ←→ turn, enter {enter}, backspace default"
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return (
            1  # else the grid has it rendered to count its lines, which asks for a size that is not known yet
        )

    def render(self) -> Text:
        style = self.get_component_rich_style
        # A sign beside the hue: not every terminal, nor everybody, tells hues apart.
        sign = "▸" if self.has_focus else " "
        called = f"({spelled(self.knob.name)})" if self.idle else spelled(self.knob.name)
        words = cut(called, self._names - 1).ljust(self._names - 1)
        name = Text(f"{sign}{words}", style("knob--name"))
        if self.knob.kind == "switch":
            control = Text(
                "[x] on " if self.value else "[ ] off", style("knob--value" if self.value else "knob--off")
            )
        elif self.knob.is_slider:
            control = self._slider()
        elif self.knob.kind == "choice":
            control = self._choice()
        else:
            control = Text(f"{self.knob.format(self.value)} ✎", style("knob--value"))
        return Text.assemble(name, " ", control)

    def _choice(self) -> Text:
        """The options, the one that is chosen in a bracket; where there is not room for them, it alone with
        its place among them."""
        style = self.get_component_rich_style
        options = self.knob.options
        line = Text()
        for option in options:
            chosen = option == self.value
            line.append(
                f"‹{option}›" if chosen else f" {option} ", style("knob--value" if chosen else "knob--off")
            )
        if line.cell_len + self._names + 1 <= self.size.width:
            return line
        chosen, place, count = f"‹ {self.value} ›", options.index(self.value) + 1, len(options)
        room = self.size.width - self._names - 1 - len(chosen)
        told = (f" {place} of {count}", f" {place}/{count}", "")
        among = next(words for words in told if len(words) <= room or not words)
        return Text.assemble((chosen, style("knob--value")), (among, style("knob--off")))

    def _slider(self) -> Text:
        style = self.get_component_rich_style
        track = self._track
        at = round(self.knob.position(float(self.value)) * (track - 1))
        return Text.assemble(
            ("━" * at, style("knob--done")),
            ("●", style("knob--handle")),
            ("─" * (track - 1 - at), style("knob--track")),
            " ",
            (self.knob.format(self.value), style("knob--value")),
        )

    @property
    def _names(self) -> int:
        """Columns of the name, its sign included: more for a long one, as long as the slider has some."""
        room = self.size.width - _LEAST_TRACK - _VALUE_WIDTH - 2
        return max(_NAME_WIDTH, min(len(self.knob.name) + 1, room))

    @property
    def _track(self) -> int:
        return max(_LEAST_TRACK, min(30, self.size.width - self._names - _VALUE_WIDTH - 2))

    @property
    def is_typed(self) -> bool:
        """Whether its value is typed: of the others, which have few, `enter` takes the next."""
        return self.knob.kind not in ("switch", "choice")

    @property
    def enter_does(self) -> str:
        """What `enter` does here, and how one gets away."""
        if self.idle:
            return f"it does nothing while {self.idle} · esc leaves the knobs"
        enter = "types its value" if self.is_typed else "turns it"
        return f"⏎ {enter} · r runs · esc leaves the knobs"

    def watch_idle(self) -> None:
        self.set_class(bool(self.idle), "-idle")

    def action_turn(self, steps: int) -> None:
        self._turn_to(self.knob.stepped(self.value, steps))

    def action_neighbour(self, by: int) -> None:
        """Hand the keyboard to the knob beside this one, round and round."""
        if by > 0:
            self.screen.focus_next(KnobView)
        else:
            self.screen.focus_previous(KnobView)

    def action_reset(self) -> None:
        self._turn_to(self.knob.default)

    def action_type(self) -> None:
        if self.is_typed:
            self.app.push_screen(TypeValue(self.knob, self.value), self._typed)
        else:
            self.action_turn(1)

    def on_key(self, event: events.Key) -> None:
        """Begin to type its value with a digit, which here is for no question."""
        if self.is_typed and self.knob.is_number and begins_number(event.character or ""):
            event.stop()
            event.prevent_default()
            self.app.push_screen(TypeValue(self.knob, self.value, event.character or ""), self._typed)

    def _typed(self, value: Value | None) -> None:
        if value is not None:
            self._turn_to(value)

    def _turn_to(self, value: Value) -> None:
        if value != self.value:
            self.value = value
            self.post_message(self.Turned(self.knob.name, value))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self.knob.is_slider and self._on_track(event.x):
            self.capture_mouse()
            self._slide_to(event.x)
        elif self.knob.is_slider and event.x <= self._names:
            self.focus()
        else:
            self.action_type()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._slide_to(event.x)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _on_track(self, x: int) -> bool:
        return self._names < x <= self._names + self._track

    def _slide_to(self, x: int) -> None:
        self._turn_to(self.knob.at((x - self._names - 1) / max(1, self._track - 1)))


class TypeValue(Over[Value | None]):
    """Asks for a knob's value in words and figures; closes only with one that the knob can take."""

    BINDINGS = bindings("value")

    def __init__(self, knob: Knob, value: Value, begun: str = "") -> None:
        """`begun` is what was typed of another value already."""
        super().__init__()
        self._knob = knob
        self._value = value
        self._begun = begun

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_subtitle = "enter sets it · esc leaves it"
            yield Static(f"{spelled(self._knob.name)}: {self._knob.takes}", markup=False)
            yield Input(self._begun or self._knob.format(self._value), select_on_focus=not self._begun)
            yield Static("", id="complaint", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        is_none = self._knob.is_number and not may_become_number(event.value)
        complaint = f"{spelled(self._knob.name)} is {self._knob.takes}. esc leaves it." if is_none else ""
        self.query_one("#complaint", Static).update(complaint)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self._knob.parse(event.value))
        except KnobError as error:
            self.query_one("#complaint", Static).update(str(error))


class KnobPanel(ItemGrid):
    """All knobs of the experiment on the bench."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, min_column_width=34)

    def on_resize(self) -> None:
        keep_focused_in_sight(self)

    def leave(self) -> None:
        """Let go of the keyboard."""
        if isinstance(self.screen.focused, KnobView):
            self.screen.set_focus(None)

    def say_idle(self, idle: Mapping[str, str]) -> None:
        """Mark the knobs that do nothing as the others are set; by name, by which of these."""
        for view in self.query_children(KnobView):
            view.idle = idle.get(view.knob.name, "")

    async def show(self, experiment: Experiment, values: Mapping[str, Value]) -> None:
        """Put up the knobs of an experiment, where they are not there already."""
        self.display = bool(experiment.knobs)
        self.set_class(len(experiment.knobs) > MANY, "-many")
        views = list(self.query_children(KnobView))
        if [(view.knob, view.value) for view in views] == [
            (knob, values[knob.name]) for knob in experiment.knobs
        ]:
            return
        self.leave()  # else the keyboard falls to a neighbour, which may be the editor
        # To mount a view costs more than all else that is done for a step.
        for view, knob in zip(views, experiment.knobs, strict=False):
            view.put_up(knob, values[knob.name])
        missing = [KnobView(knob, values[knob.name]) for knob in experiment.knobs[len(views) :]]
        if missing or len(views) > len(experiment.knobs):
            async with self.batch():
                await self.remove_children(views[len(experiment.knobs) :])
                await self.mount_all(missing)
