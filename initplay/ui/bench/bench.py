"""The bench: one experiment with its knobs, its run, and everything that shows the run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from initplay.charts.guess import Guess
from initplay.course.experiment import Experiment, SignatureError, experiments
from initplay.course.knob import KnobError, Value
from initplay.course.lesson import CourseError, Lesson
from initplay.engine.lab import Lab, LabError
from initplay.lab.events import Failed
from initplay.look import ANY_TERMINAL, Look
from initplay.recording.breakage import explain, wreck
from initplay.recording.run import Run
from initplay.ui.bench.attempt import Attempt, FanAttempt, parting, position_label
from initplay.ui.bench.knobs import KnobPanel, KnobView
from initplay.ui.bench.outcome import Outcome
from initplay.ui.bench.printed import PrintedLog
from initplay.ui.bench.runs import RunsPane
from initplay.ui.bench.scrubber import Scrubber
from initplay.ui.bench.standing import SIGNS, standing
from initplay.ui.bench.tiles import Tiles, View
from initplay.ui.bench.trials import SLOW_MOTION, Trials
from initplay.ui.editor.pane import SourcePane
from initplay.ui.widgets.bars import TabBar

FAN_SEEDS = 8
FIRST_SEED = 42
AUTO_AFTER = 0.15
"""Seconds that a knob must rest before it is run with."""


class Bench(Vertical):
    """Runs the experiments of one lesson. The lab is the app's; what it reports arrives at `take`."""

    class Ended(Message):
        """A run has come to its end."""

        def __init__(self, attempt: Attempt) -> None:
            self.attempt = attempt
            super().__init__()

    def __init__(
        self,
        lesson: Lesson,
        lab: Lab,
        source: str | None = None,
        *,
        before_run: Callable[[], None] = lambda: None,
        look: Look = ANY_TERMINAL,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._before_run = before_run
        self._lab = lab
        self._look = look
        self._lesson = lesson
        self.source = source if source is not None else lesson.source
        self.experiment: Experiment = lesson.experiments[0]
        self.knobs: dict[str, Value] = self.experiment.defaults()
        self.seed = FIRST_SEED
        self.trials = Trials(lesson, lab, heard=self._show_progress, refused=self._complain)
        self.attempt: Attempt | None = None
        """The run that is shown."""
        self.cursor: int | None = None
        """The moment that is shown; None follows the newest."""
        self.guess: Guess | None = None
        """A prediction of the step that is a place on a chart."""
        self.asks = ""
        """What the text asks of the learner after a run, and by which key: the text may be out of sight."""
        self._composed = False
        self._slow = False
        self._auto = False
        self._from_editor: Attempt | None = None
        """The latest run, where it was begun from the editor."""
        self._able: tuple[object, ...] = ()
        """What decides which keys do something."""
        self._turned = ""
        """The knob that was turned last."""
        self._problem = ""
        self._ticked: tuple[Run, int] | None = None
        """The run and the number of its events that the last tick showed."""

    def compose(self) -> ComposeResult:
        yield TabBar()
        with ContentSwitcher(initial="charts", id="panes"):
            yield Tiles(self._look, id="charts")
            yield PrintedLog(id="printed")
            yield RunsPane(id="runs")
        yield Scrubber(id="scrubber")
        yield Outcome(self._look, id="outcome")
        yield KnobPanel(id="knobs")
        yield Static("", id="status", markup=False)

    async def on_mount(self) -> None:
        # Both rest while nothing runs, so that an idle screen costs nothing.
        self._ticker = self.set_interval(1 / self._look.fps, self._tick, pause=True)
        self._rerun = self.set_interval(AUTO_AFTER, self._run_again, pause=True)
        self._composed = True
        await self.query_one(KnobPanel).show(self.experiment, self.knobs)
        self.refresh_all()

    def on_unmount(self) -> None:
        self.trials.stop()

    @property
    def _up(self) -> bool:
        """Whether the widgets are there to be brought up to date; a closing screen loses them one by one."""
        return self._composed and not self._pruning

    async def put_up(self, experiment: str, knobs: Mapping[str, Value]) -> bool:
        """Set the bench to an experiment with some of its knobs set; what was recorded stays on the screen
        while it is of the same experiment. False, with a sentence on the screen, where that cannot be."""
        try:
            found = self._find(experiment)
            values = {**found.defaults(), **found.check(knobs)}
        except (SignatureError, CourseError, KnobError) as error:
            self._complain(str(error))
            return False
        self.experiment, self.knobs, self._problem = found, values, ""
        if self.attempt and self.attempt.experiment.name != found.name:
            self.trials.stop()
            self.attempt, self.cursor = None, None
        await self.query_one(KnobPanel).show(found, values)
        self.refresh_all()
        return True

    def _find(self, name: str) -> Experiment:
        """The experiment as the text on the screen has it."""
        if self.source == self._lesson.source:
            return self._lesson.experiment(name)
        found = {experiment.name: experiment for experiment in experiments(self.source)}
        if name not in found:
            raise CourseError(f"The source on the screen has no experiment {name!r} any more.")
        return found[name]

    # What the learner does

    async def run(self, *, from_editor: bool = False) -> None:
        """Run what stands on the screen; back to the editor, if it began there and fails at a line of it."""
        if await self._readable():
            attempt = Attempt(*self._request(), slow=self._slow)
            self._from_editor = attempt if from_editor else None
            self._begin(attempt)

    async def run_fan(self) -> None:
        """Run it over several seeds, and show the median and the band."""
        if await self._readable():
            seeds = range(self.seed, self.seed + FAN_SEEDS)
            self._begin(FanAttempt(*self._request(), seeds=seeds, source=self.source))

    def _request(self) -> tuple[int, str, Experiment, dict[str, Value], int, str]:
        """What `r` asks for now: the next number, lesson, experiment, knobs, seed and device."""
        number, knobs = self.trials.next_number, dict(self.knobs)
        return number, self._lesson.slug, self.experiment, knobs, self.seed, self._lab.device

    async def _readable(self) -> bool:
        return self.source == self._lesson.source or await self._read_signature()

    def _begin(self, attempt: Attempt) -> None:
        self._before_run()
        try:
            self.trials.begin(attempt, self.source)
        except LabError as error:
            self._complain(str(error))
            return
        self.attempt = attempt
        self.cursor = None
        self._problem = ""
        if self.tab != "printed":
            self.open_tab("charts")
        self.refresh_all()
        self._ticker.resume()

    async def _read_signature(self) -> bool:
        """Take the knobs from the edited text; False, with a sentence on the screen, where it has none."""
        try:
            found = self._find(self.experiment.name)
        except SignatureError as error:
            self._complain(str(error), error.line)
            return False
        except CourseError as error:
            self._complain(str(error))
            return False
        kept = {}
        for knob in found.knobs:
            try:
                kept[knob.name] = knob.check(self.knobs[knob.name])
            except (KeyError, KnobError):  # new, or its range has changed
                kept[knob.name] = knob.default
        if (found.knobs, kept) != (self.experiment.knobs, self.knobs):
            self.knobs = kept
            await self.query_one(KnobPanel).show(found, kept)
        self.experiment = found
        return True

    def toggle_pause(self) -> None:
        if self.attempt and self.attempt.live:
            self.attempt.paused = not self.attempt.paused
            if self.attempt.paused:
                self._lab.pause()
            else:
                self.cursor = None
                self._lab.resume()
            self.refresh_all()

    def step(self) -> None:
        """One moment on: of the run while it lives, of the recording after that."""
        if self.attempt and self.attempt.live:
            self.attempt.paused = True
            self.cursor = None
            self._lab.step()
            self.refresh_all()
        else:
            self.scrub(1)

    def toggle_auto(self) -> None:
        """Run again whenever a knob turns: the seed stays, so only the knob is another."""
        self._auto = not self._auto
        self.refresh_all()

    def toggle_slow(self) -> None:
        self._slow = not self._slow
        if self.attempt and self.attempt.live:
            self.attempt.slow = self._slow
            self._lab.slow(SLOW_MOTION if self._slow else None)
        self.refresh_all()

    def scrub(self, by: int) -> None:
        """Move the cursor by so many moments."""
        if self.attempt and self.attempt.run.moments:
            here = self.attempt.run.moments - 1 if self.cursor is None else self.cursor
            self.scrub_to(here + by)

    def scrub_to(self, cursor: int) -> None:
        """Show a moment; the last one of a live run goes on following it."""
        if self.attempt and (moments := self.attempt.run.moments):
            if self.tab == "source":
                self.open_tab("charts")
            cursor = max(0, min(moments - 1, cursor))
            self.cursor = None if self.attempt.live and cursor == moments - 1 else cursor
            self.refresh_all()

    def jump_to_wreck(self) -> None:
        """Show the first moment at which a number was no longer one."""
        if self.attempt and (moment := wreck(self.attempt.run)) is not None:
            self.open_tab("charts")
            self.scrub_to(moment)

    def explain(self) -> list[str]:
        """What there is to say about the run's numbers, in sentences."""
        return explain(self.attempt.run) if self.attempt else []

    def new_seed(self) -> None:
        self.seed = random.randrange(1, 10_000)
        self.refresh_all()

    def toggle_pin(self, attempt: Attempt | None = None) -> None:
        """Keep a run, by default the one on the bench, behind the next ones, or let it go."""
        attempt = attempt or self.attempt
        if attempt is None or not attempt.run.moments:
            return
        self.trials.toggle_pin(attempt)
        self.refresh_all()

    def focus_knobs(self) -> None:
        """Put the keyboard on the knob that was turned last, or the first; tab goes on to the next."""
        knobs = list(self.query(KnobView))
        for view in [view for view in knobs if view.knob.name == self._turned] or knobs[:1]:
            view.focus()

    def vary(self) -> None:
        """Keep this run behind the next ones, and run again at every turn of a knob: on the same draw, so
        that what differs on the charts comes of that knob alone."""
        if self.attempt is None or not self.attempt.run.moments:
            return
        if self.attempt not in self.trials.pinned:
            self.trials.toggle_pin(self.attempt)
        self.seed = self.attempt.seed
        self._auto = True
        self.focus_knobs()
        self.refresh_all()

    def next_tile(self) -> None:
        self.open_tab("charts")
        self.query_one(Tiles).choose_next()

    # Tabs

    @property
    def tab(self) -> str:
        return self.query_one(ContentSwitcher).current or "charts"

    def open_tab(self, name: str) -> None:
        self.query_one(ContentSwitcher).current = name
        self.refresh_all()

    async def open_source(self) -> None:
        """Open the editor; it is built when it is first wanted."""
        switcher = self.query_one(ContentSwitcher)
        if not self.query(SourcePane):
            await switcher.mount(SourcePane(self.source, self._lesson.source, id="source"))
            self.query_one(SourcePane).go_to(self.experiment.line)
            if self.attempt and self.attempt.state == "failed":
                self._show_ending(self.attempt)
        self.open_tab("source")
        self.query_one(SourcePane).enter()

    def open_runs(self) -> None:
        """List the runs of this bench, to go back to one or to pin it."""
        self.open_tab("runs")
        self._show_runs()
        self.query_one(RunsPane).focus()

    async def on_runs_pane_picked(self, message: RunsPane.Picked) -> None:
        await self.show_attempt(message.attempt)

    def on_runs_pane_pin_wanted(self, message: RunsPane.PinWanted) -> None:
        self.toggle_pin(message.attempt)
        self._show_runs()

    def on_runs_pane_left(self) -> None:
        self.screen.set_focus(None)
        self.open_tab("charts")

    def _show_runs(self) -> None:
        self.query_one(RunsPane).show(self.trials.attempts, self.attempt, self.trials.pinned)

    # What the lab and the widgets report

    def _show_progress(self, attempt: Attempt) -> None:
        """See to what is on the screen of a run of which something was heard."""
        if not self._up:
            return
        if attempt is self.attempt:
            self._ticker.resume()
            if not attempt.live:
                self._close(attempt)
        if not attempt.live and self.tab == "runs":
            self._show_runs()

    def say(self, attempt: Attempt, verdicts: list[str]) -> None:
        """Show what a run has settled; where there is no room for the text, it is seen here first."""
        attempt.verdicts = verdicts
        self.refresh_all()

    def begin_step(self) -> None:
        """Let go of what was about the step before: a fan that goes on, its verdicts, running by itself."""
        self.trials.stop_fan()
        self._auto = False
        for attempt in self.trials.attempts:
            attempt.verdicts = []

    def show_prediction(self, guess: Guess | None, asks: str) -> None:
        """Mark on a chart what the learner predicted, and say what is asked about what came out."""
        self.guess, self.asks = guess, asks
        self.refresh_all()

    async def show_recording(self, run: Run) -> None:
        """Put a saved run on the bench, with the source and the knobs it ran with."""
        started = run.started
        assert started is not None, "Run.load refuses a run that never started"
        if started.source:
            self.source = started.source
        await self.put_up(started.experiment, started.knobs)
        self.seed = started.seed
        self.attempt = Attempt(*self._request(), run=run)
        self.trials.add(self.attempt)
        self.cursor = None
        self.refresh_all()

    async def show_attempt(self, attempt: Attempt) -> None:
        """Put an earlier run back on the bench, with its knobs and its seed."""
        if not await self.put_up(attempt.experiment.name, attempt.knobs):
            return
        self.seed = attempt.seed
        self.attempt = attempt
        self.cursor = None
        self.screen.set_focus(None)
        self.open_tab("charts")
        self.refresh_all()

    def _close(self, attempt: Attempt) -> None:
        self._show_ending(attempt)
        self.refresh_all()
        self.post_message(self.Ended(attempt))
        failed = isinstance(attempt.run.ending, Failed) and attempt.run.ending.line is not None
        if failed and attempt is self._from_editor and self.tab == "charts":
            self.call_later(self.open_source)

    def _show_ending(self, attempt: Attempt) -> None:
        """In the editor, if it has been opened: what the run died of, and where if its text stands there."""
        ending, started = attempt.run.ending, attempt.run.started
        same = started is not None and started.source == self.source
        for pane in self.query(SourcePane):
            if isinstance(ending, Failed):
                pane.say(ending.message, ending.line if same else None, of_run=True)
            else:
                pane.clear_run()

    def on_scrubber_moved(self, message: Scrubber.Moved) -> None:
        self.scrub_to(message.cursor)

    def on_knob_view_turned(self, message: KnobView.Turned) -> None:
        self.knobs[message.name] = message.value
        self._turned = message.name
        self._show_status()
        if self._auto:
            self._rerun.reset()
            self._rerun.resume()

    async def _run_again(self) -> None:
        self._rerun.pause()
        await self.run()

    def on_source_pane_edited(self, message: SourcePane.Edited) -> None:
        self.source = message.text
        self._problem = ""  # of the text as it was; the editor looks at it anew
        self._show_tabs()
        self._show_status()

    async def on_source_pane_run_wanted(self) -> None:
        await self.run(from_editor=True)

    # Showing

    def _tick(self) -> None:
        recorded = (self.attempt.run, len(self.attempt.run.events)) if self.attempt else None
        if recorded == self._ticked:  # held, or between two yields: only the time left may be another
            self._show_status()
        else:
            self._ticked = recorded
            self.refresh_all()
        if self.attempt is None or not self.attempt.live:
            self._ticker.pause()

    def refresh_all(self) -> None:
        """Bring everything on the bench up to date with the run and the cursor."""
        if not self._up:
            return
        run = self.attempt.run if self.attempt else Run()
        able = (self.attempt and self.attempt.live, min(run.moments, 2), self.trials.going is not None)
        if able != self._able:
            self._able = able
            self.screen.refresh_bindings()
        self._show_charts(run)
        if self.tab == "printed":
            self.query_one(PrintedLog).show(run)
        scrubber = self.query_one(Scrubber)
        scrubber.moments = run.moments
        scrubber.cursor = run.moments - 1 if self.cursor is None else self.cursor
        scrubber.label = position_label(run, self.cursor)
        editing = self.tab == "source"  # then the text has the room
        scrubber.display = run.moments > 1 and not editing
        outcome = self.query_one(Outcome)
        outcome.show(run, self.cursor, self._verdicts())
        outcome.display = outcome.display and not editing
        self._show_tabs()
        self._show_status()

    def _verdicts(self) -> list[str]:
        """What the run on the screen has settled, and where it parts from a fan that is pinned."""
        if self.attempt is None:
            return []
        parted = [verdict for pin in self.trials.pinned for verdict in parting(pin, self.attempt)]
        settled = self.attempt.verdicts
        if settled and self.asks:
            settled = [*settled[:-1], f"{settled[-1]} {self.asks}"]
        return [*settled, *parted]

    def _show_charts(self, run: Run) -> None:
        others = [attempt for attempt in self.trials.pinned if attempt is not self.attempt]
        pinned = tuple((other.label, other.run) for other in others)
        if self.attempt is None:
            empty = f"{self.experiment.doc}\n\npress r to run" if self.experiment.doc else "press r to run"
        else:
            empty = {"waiting": "the lab is getting ready", "failed": "no chart: the run failed"}.get(
                self.attempt.state, "nothing to draw yet"
            )
        self.query_one(Tiles).show(View(run, self.cursor, pinned, self._look.ascii, self.guess), empty)

    def _show_tabs(self) -> None:
        edited = self.source != self._lesson.source
        printed = self.attempt is not None and bool(self.attempt.run.printed)
        bar = self.query_one(TabBar)
        bar.tabs = (
            ("charts", "charts"),
            ("source", "source (edited)" if edited else "source"),
            ("printed", "printed ●" if printed else "printed"),
            ("runs", f"runs {len(self.trials.attempts)}" if self.trials.attempts else "runs"),
        )
        bar.open = self.tab
        bar.aside = f"{self._lesson.slug}/{self.experiment.name}"

    async def on_tab_bar_picked(self, message: TabBar.Picked) -> None:
        if message.name == "source":
            await self.open_source()
        elif message.name == "runs":
            self.open_runs()
        else:
            self.open_tab(message.name)

    def _complain(self, problem: str, line: int | None = None) -> None:
        self._problem = problem
        for pane in self.query(SourcePane):
            pane.say(problem, line)
        self._show_status()

    def _show_status(self) -> None:
        """One line: how the run stands, or what the next one will be."""
        status = self.query_one("#status", Static)
        attempt = self.attempt
        state = "failed" if self._problem else attempt.state if attempt else "idle"
        for name in ("idle", *SIGNS):
            status.set_class(name == state, f"-{name}")
        if self._problem:
            words = f"✗ {self._problem}"
        elif attempt is None:
            words = " · ".join([f"seed {self.seed}", *self._modes])
        else:
            words = standing(
                attempt,
                time.monotonic(),
                pinned=self.trials.pinned,
                experiment=self.experiment,
                knobs=self.knobs,
                seed=self.seed,
                modes=self._modes,
            )
        status.update(words, layout=state == "failed")  # else it has one line, and needs no layout

    @property
    def _modes(self) -> list[str]:
        """The switches that are on; a run that goes on says itself that it is slow."""
        said = self.attempt is not None and self.attempt.state == "running"
        return ["slow motion"] * (self._slow and not said) + ["auto"] * self._auto
