"""The lesson screen: prose on the left, the bench on the right; one at a time where there is no room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen

from initplay.course.knob import Value
from initplay.course.lesson import Lesson, RunBlock
from initplay.engine.lab import Lab
from initplay.learner import saved as keeping
from initplay.learner.progress import Progress
from initplay.look import ANY_TERMINAL, Look
from initplay.recording.breakage import wreck
from initplay.recording.run import Run
from initplay.recording.text_card import card
from initplay.ui.bench.bench import Bench
from initplay.ui.bench.tiles import Tiles
from initplay.ui.editor.pane import SourcePane
from initplay.ui.lesson.step import StepPane
from initplay.ui.pages.explain import ExplainScreen
from initplay.ui.widgets.bars import KeyBar, TitleBar

EDIT_KEPT_AFTER = 0.5
"""Seconds without typing."""
WIDE = 100
"""Columns from which prose and bench stand side by side."""


def _choices() -> list[Binding]:
    """1 to 9, of which help shows the first alone."""
    first = Binding("1", "choose(1)", "", key_display="1-9", show=False, tooltip="choose an answer")
    return [first, *(Binding(str(number), f"choose({number})", "", show=False) for number in range(2, 10))]


class LessonScreen(Screen[None]):
    """Walks through one lesson, step by step."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-middle"), (32, "-high")]
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("n", "next", "next", tooltip="next step"),
        Binding("b", "back", "back", tooltip="back one step"),
        Binding("r", "run", "run", tooltip="run the experiment on the bench"),
        Binding("space", "pause", "pause", tooltip="pause and resume the run"),
        Binding("x", "stop", "stop", tooltip="stop the run; what was recorded stays"),
        Binding("full_stop", "step", "step", key_display=".", tooltip="one layer or training step at a time"),
        Binding("left", "scrub(-1)", "scrub", key_display="←→", tooltip="back and forth through the run"),
        Binding("right", "scrub(1)", "", show=False),
        Binding("shift+left", "scrub(-10)", "back by ten", show=False),
        Binding("shift+right", "scrub(10)", "forth by ten", show=False),
        Binding("home", "scrub_to(0)", "to the first moment of the run", show=False),
        Binding("end", "scrub_to(-1)", "to the newest moment of the run", show=False),
        Binding("tab", "switch", "text/bench", tooltip="between the text and the bench"),
        Binding("up", "read(-1)", "", key_display="↑↓", show=False, tooltip="scroll the text"),
        Binding("down", "read(1)", "", show=False),
        Binding("pageup", "read(-10)", "", show=False),
        Binding("pagedown", "read(10)", "", show=False),
        Binding("k", "knobs", "knobs", tooltip="turn the knobs: tab next, ←→ turn, enter type"),
        Binding("p", "pin", "pin", tooltip="keep this run's curves behind the next ones"),
        Binding("a", "auto", "auto", show=False, tooltip="run again whenever a knob turns, on the same draw"),
        Binding("v", "vary", "vary", tooltip="pin this run, then vary a knob on the same draw"),
        Binding("s", "seed", "seed", tooltip="draw a new seed"),
        Binding("w", "why", "why", tooltip="why the numbers are what they are, and where they broke"),
        Binding("f", "fan", "fan", tooltip="run it over several seeds: median and band"),
        Binding("l", "runs", "runs", tooltip="the runs of this bench, to go back to one"),
        Binding("y", "copy", "copy", show=False, tooltip="copy the run as a text: knobs, results, command"),
        Binding("ctrl+s", "save", "save", show=False, tooltip="save the run for `initplay replay`"),
        Binding("e", "edit", "edit", tooltip="edit the source; ctrl+r runs it"),
        Binding("c", "chart", "chart", tooltip="make the next chart the large one"),
        Binding("g", "guess", "guess", show=False, tooltip="your prediction; afterwards, what you saw"),
        *_choices(),
        Binding("h", "hint", "hint", show=False, tooltip="a hint for the goal"),
        Binding("z", "slow", "slow motion", show=False, tooltip="slow motion: a few layers a second"),
        Binding("o", "printed", "printed output", show=False, tooltip="what the experiment printed"),
        Binding("d", "device", "device", tooltip="run on the next device of this machine"),
        Binding("escape", "home", "home", tooltip="back to the course"),
    ]

    def __init__(
        self,
        lesson: Lesson,
        lab: Lab,
        progress: Progress,
        *,
        step: int = 0,
        run_at_once: bool = False,
        recording: Run | None = None,
        look: Look = ANY_TERMINAL,
    ) -> None:
        super().__init__()
        self.lesson = lesson
        self.step = step
        self._lab = lab
        self._progress = progress
        self._run_at_once = run_at_once
        self._recording = recording
        self._look = look
        self._bench: Bench | None = None
        """At hand for `check_action`, which is asked about every key at every paint of the key bar."""
        self._unsaved: str | None = None
        """What was typed into the editor and is not kept yet."""
        self._asked: dict[str, Value] = {}
        """The knobs that the step set: a prediction is about a run with these."""

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with Horizontal(id="lesson"):
            yield StepPane(self.lesson, self._progress, id="prose")
            edit = self._progress.edit(self.lesson.slug)
            # What a run does to this machine may be anything: what was typed is kept first.
            keep = self._keep_edit
            self._bench = Bench(self.lesson, self._lab, edit, before_run=keep, look=self._look, id="bench")
            yield self._bench
        yield KeyBar()

    async def on_mount(self) -> None:
        # Not at every key, but soon after the last one.
        self._save_edit = self.set_interval(EDIT_KEPT_AFTER, self._keep_edit, pause=True)
        self.set_class(self._run_at_once or self._recording is not None, "-bench")
        await self._open_step(self.step)
        self.show_lab()
        if self._recording is not None:
            await self.bench.show_recording(self._recording)
        elif self._run_at_once:
            await self.bench.run()

    @property
    def bench(self) -> Bench:
        return self.query_one(Bench)

    @property
    def prose(self) -> StepPane:
        return self.query_one(StepPane)

    @property
    def reading(self) -> str:
        """How to read the large chart, for the help."""
        return self.query_one(Tiles).reading

    def show_lab(self) -> None:
        """Say on the title bar what runs here; the lab may speak before there is one, and after."""
        for bar in self.query(TitleBar):
            bar.state = self._lab.described

    async def _open_step(self, step: int) -> None:
        self.step = step
        self.bench.begin_step()
        setting = [block for block in self.lesson.steps[step].blocks if isinstance(block, RunBlock)]
        with self.app.batch_update():  # text and knobs are laid out and painted once, together
            await self.prose.show(step)
            if setting:
                await self.bench.put_up(setting[0].experiment, setting[0].knobs)
        self._asked = dict(self.bench.knobs)
        self._show_prediction()
        self._progress.reach(self.lesson.slug, step + 1, len(self.lesson.steps))
        bar = self.query_one(TitleBar)
        bar.place = f"{self.lesson.number:02} {self.lesson.title}"
        bar.step = f"step {step + 1} of {len(self.lesson.steps)}"
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing now; leave plain letters to whoever is typing."""
        if action == "switch":
            return self.has_class("-narrow")
        if action == "back":
            return self.step > 0
        if self._bench is None:
            return True
        attempt = self._bench.attempt
        live = attempt is not None and attempt.live
        if action == "stop":
            return self._bench.trials.going is not None
        if action == "pause":
            return live
        if action in ("pin", "why", "vary"):
            return attempt is not None and attempt.run.moments > 0
        if action in ("scrub", "scrub_to"):
            return attempt is not None and attempt.run.moments > 1
        if action == "step":
            return live or (attempt is not None and attempt.run.moments > 1)
        if action in ("copy", "save"):
            return attempt is not None and attempt.run.started is not None
        if action == "device":
            return len(self._lab.devices) > 1
        return True

    async def action_next(self) -> None:
        if self.step + 1 < len(self.lesson.steps):
            self.remove_class("-bench")
            await self._open_step(self.step + 1)
        else:
            self.dismiss(None)

    async def action_back(self) -> None:
        self.remove_class("-bench")
        await self._open_step(max(0, self.step - 1))

    async def action_run(self) -> None:
        self.add_class("-bench")
        await self.bench.run()

    def action_pause(self) -> None:
        self.bench.toggle_pause()

    def action_step(self) -> None:
        self.bench.step()

    def action_scrub(self, by: int) -> None:
        self.bench.scrub(by)

    def action_scrub_to(self, cursor: int) -> None:
        attempt = self.bench.attempt
        if attempt is not None:
            self.bench.scrub_to(cursor if cursor >= 0 else attempt.run.moments - 1)

    def action_switch(self) -> None:
        self.toggle_class("-bench")

    def action_read(self, lines: int) -> None:
        """Scroll the text, which is shown for that where it is out of sight."""
        self.remove_class("-bench")
        self.prose.scroll_relative(y=lines, animate=False)

    def action_pin(self) -> None:
        self.bench.toggle_pin()

    async def action_fan(self) -> None:
        self.add_class("-bench")
        await self.bench.run_fan()

    def action_runs(self) -> None:
        self.add_class("-bench")
        self.bench.open_runs()

    def action_why(self) -> None:
        attempt = self.bench.attempt
        if attempt is not None:
            can_jump = wreck(attempt.run) is not None
            self.app.push_screen(ExplainScreen(self.bench.explain(), can_jump), self._jump)

    def action_copy(self) -> None:
        """Onto the clipboard by every way there is, and into a file, which is the one that always works."""
        attempt = self.bench.attempt
        if attempt is None:
            return
        text = card(attempt.run, attempt.seed_count)
        self.app.copy_to_clipboard(text)
        keeping.hand_to_tmux(text)
        self._kept("Copied. It is also in", keeping.save_card, attempt.run, text)

    def action_save(self) -> None:
        if attempt := self.bench.attempt:
            self._kept("Saved as", keeping.save_run, attempt.run)

    def _kept(self, words: str, keep: Callable[..., Path], *what: object) -> None:
        try:
            self.notify(f"{words} {keep(*what)}.", markup=False)
        except keeping.NotKept as error:
            self.notify(str(error), severity="warning", markup=False)

    def _jump(self, wanted: bool | None) -> None:
        if wanted:
            self.add_class("-bench")
            self.bench.jump_to_wreck()

    def action_auto(self) -> None:
        self.bench.toggle_auto()

    def action_vary(self) -> None:
        self.add_class("-bench")
        self.bench.vary()

    def action_seed(self) -> None:
        self.bench.new_seed()

    def action_device(self) -> None:
        self._lab.next_device()

    async def action_edit(self) -> None:
        self.add_class("-bench")
        await self.bench.open_source()

    def action_stop(self) -> None:
        self.bench.trials.stop()

    def action_chart(self) -> None:
        self.add_class("-bench")
        self.bench.next_tile()

    def action_knobs(self) -> None:
        self.add_class("-bench")
        self.bench.focus_knobs()

    def action_guess(self) -> None:
        self.remove_class("-bench")
        if card := self.prose.card_to_type_in:
            card.ask()

    def action_choose(self, number: int) -> None:
        if card := self.prose.open_prediction:
            card.choose(number)

    def action_slow(self) -> None:
        self.bench.toggle_slow()

    def action_hint(self) -> None:
        self.remove_class("-bench")
        self.prose.hint()

    def action_printed(self) -> None:
        self.add_class("-bench")
        self.bench.open_tab("printed")

    def action_home(self) -> None:
        """Leave what has the focus; with nothing focused, leave the lesson."""
        if self.focused is not None:
            self.set_focus(None)
        else:
            self.dismiss(None)

    def on_bench_ended(self, message: Bench.Ended) -> None:
        self.bench.say(message.attempt, self.prose.settle(message.attempt, self._asked))
        self._show_prediction()

    def on_predict_card_guessed(self) -> None:
        self._show_prediction()

    def on_predict_card_placed(self) -> None:
        self._show_prediction()

    def on_predict_card_seen(self) -> None:
        self._show_prediction()

    def _show_prediction(self) -> None:
        self.bench.show_prediction(self.prose.guess, self.prose.asks)

    def on_tiles_pointed(self, message: Tiles.Pointed) -> None:
        self.prose.place(message.x, final=message.final)

    def on_source_pane_edited(self, message: SourcePane.Edited) -> None:
        self._unsaved = message.text
        self._save_edit.reset()
        self._save_edit.resume()

    def on_unmount(self) -> None:
        self._keep_edit()

    def _keep_edit(self) -> None:
        """Keep the learner's text, so that the next start has it too."""
        self._save_edit.pause()
        if self._unsaved is None:
            return
        if self._unsaved == self.lesson.source:
            self._progress.drop_edit(self.lesson.slug)
        else:
            self._progress.save_edit(self.lesson.slug, self._unsaved)
        self._unsaved = None
