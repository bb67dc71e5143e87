"""The bench: shows a session, and hands it what the learner does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from initplay.charts.guess import Guess
from initplay.course.knob import Value
from initplay.course.lesson import Code, RunBlock
from initplay.lab.events import Failed
from initplay.look import ANY_TERMINAL, Look
from initplay.recording.run import Run
from initplay.ui.bench.attempt import Attempt
from initplay.ui.bench.knobs import KnobPanel, KnobView
from initplay.ui.bench.outcome import Outcome, facts_in_words
from initplay.ui.bench.printed import PrintedLog
from initplay.ui.bench.runs import RunsPane
from initplay.ui.bench.scrubber import Scrubber
from initplay.ui.bench.session import Session
from initplay.ui.bench.standing import instead_of_charts
from initplay.ui.bench.status import StatusLine
from initplay.ui.bench.tiles import Tiles, View
from initplay.ui.editor.pane import SourcePane
from initplay.ui.terminal.textual_private.frames import paint_now
from initplay.ui.terminal.textual_private.late import is_gone
from initplay.ui.widgets.tab_bar import TabBar

AUTO_AFTER = 0.15
"""Seconds that a knob must rest before it is run with."""
WHOLE = ("source", "printed", "runs")
"""Panes that need all the room there is."""
GATED = ("stop", "pause", "step", "pin", "scrub", "copy", "device", "first_seed")
"""Actions that stand for all whose keys come and go with what the session has."""


class Bench(Vertical):
    """Shows one session: its run as charts, its knobs, its source, and how it stands."""

    class Ended(Message):
        """The run that is shown has come to its end."""

    class Opened(Message):
        """Another of its panes is in sight; `whole` is one that needs all the room there is."""

        def __init__(self, *, whole: bool) -> None:
            self.whole = whole
            super().__init__()

    def __init__(self, session: Session, look: Look = ANY_TERMINAL, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.session = session
        self._look = look
        self.guess: Guess | None = None
        """A prediction of the step that is a place on a chart."""
        self.shows: Mapping[str, str] = {}
        """By what is run, the chart or table of it that is in sight first."""
        self.named: tuple[str, ...] = ()
        """What the text of the step calls by name: charts and tables that come next to the first."""
        self.asks = ""
        """What the text asks of the learner after a run, and by which key: the text may be out of sight."""
        self.file = ""
        """The name of the user's own file, where the text is from one and may be written there."""
        self._composed = False
        self._holding = 0
        """How many there are that will have all brought up to date at their end."""
        self._watched: Attempt | None = None
        """The run that is shown, while it goes on."""
        self._from_editor: Attempt | None = None
        """The latest run, where it was begun from the editor."""
        self._able: list[bool] = []
        """What decides which keys do something."""
        self._ticked: tuple[Run, int, str] | None = None
        """The run, the number of its events and what it waited for, as the last tick showed them."""

    def compose(self) -> ComposeResult:
        yield TabBar()
        with ContentSwitcher(initial="charts", id="panes"):
            yield Tiles(self._look, id="charts")
            yield PrintedLog(id="printed")
            yield RunsPane(id="runs")
        yield Scrubber(id="scrubber")
        yield Outcome(self._look, id="outcome")
        yield Static("… o: all that the run said", id="more", markup=False)
        yield KnobPanel(id="knobs")
        yield StatusLine(id="status")

    async def on_mount(self) -> None:
        # Both rest while nothing runs, so that an idle screen costs nothing.
        self._ticker = self.set_interval(1 / self._look.fps, self._tick, pause=True)
        self._rest = self.set_interval(AUTO_AFTER, self._run_with_knob, pause=True)
        self._composed = True
        # A frame may be drawn before what a run said is laid out.
        self.watch(self.query_one(Outcome), "virtual_size", self._show_more, init=False)
        await self._show_knobs()
        self.follow()

    def on_unmount(self) -> None:
        self.session.stop()

    @property
    def _up(self) -> bool:
        """Whether the widgets are there to be brought up to date; a closing screen loses them one by one."""
        return self._composed and not is_gone(self)

    # What the learner does

    async def run(self, *, from_editor: bool = False) -> None:
        """Run what stands on the screen; back to the editor, if it began there and fails at a line of it."""
        begun = self.session.run()
        self._from_editor = self.session.attempt if begun and from_editor else None
        await self._after_run(begun)

    async def run_with(self, mine: str, block: RunBlock) -> None:
        """Run an experiment with what the learner wrote for the exercise."""
        await self._after_run(self.session.run_with(mine, block))

    async def run_without_mine(self) -> None:
        await self._after_run(self.session.run_without_mine())

    async def run_seeds(self) -> None:
        await self._after_run(self.session.run_seeds())

    async def sweep(self, typed: str) -> None:
        """Run it at many settings."""
        await self._after_run(self.session.sweep(typed))

    async def _run_with_knob(self) -> None:
        self._rest.pause()
        if self.session.due:
            await self._after_run(self.session.run_if_due())

    async def _after_run(self, begun: bool) -> None:
        if not begun:
            self._show_trouble()
            return
        await self._show_knobs()  # an edited text may have others
        self.open_tab("charts")

    async def put_up(self, experiment: str, knobs: Mapping[str, Value], lesson: Code | None = None) -> bool:
        """Set the bench to an experiment, of another lesson if one is given; False, with a sentence on the
        screen, where that cannot be."""
        done = self.session.put_up(experiment, knobs, lesson)
        await self._after_putting_up(done)
        return done

    async def take_back(self) -> None:
        """Show what the session has taken back of an earlier visit."""
        await self._show_knobs()
        self.follow()

    async def show_recording(self, run: Run) -> None:
        """Put a saved run on the bench."""
        self.session.show_recording(run)
        await self._after_putting_up(True)

    async def show_attempt(self, attempt: Attempt) -> None:
        """Put an earlier run back on the bench."""
        done = self.session.show_attempt(attempt)
        await self._after_putting_up(done)
        if done:
            self.screen.set_focus(None)
            self.open_tab("charts")

    async def _after_putting_up(self, done: bool) -> None:
        if done:
            self.query_one(KnobPanel).leave()
            await self._leave_other_source()
            await self._show_knobs()
        else:
            self._show_trouble()

    async def _leave_other_source(self) -> None:
        """Close the editor where the text in it is not that of the lesson whose experiment is put up."""
        for pane in self.query(SourcePane):
            if pane.original != self.session.setting.lesson.source:
                if self.tab == "source":
                    self.open_tab("charts")
                await pane.remove()

    def step(self) -> None:
        """One moment on: of the run while it goes on, of the recording after that."""
        self.session.step()
        self._leave_source()

    def scrub(self, by: int) -> None:
        """Move the cursor by so many moments."""
        self.session.scrub(by)
        self._leave_source()

    def scrub_to(self, cursor: int) -> None:
        """Show a moment, counted from 0; -1 is the newest."""
        run = self.session.attempt.run if self.session.attempt else Run()
        self.session.scrub_to(cursor if cursor >= 0 else run.moments - 1)
        self._leave_source()

    def scrub_to_wreck(self) -> None:
        self.session.scrub_to_wreck()
        self.open_tab("charts")

    def _leave_source(self) -> None:
        if self.tab == "source" and self.session.can("scrub"):
            self.open_tab("charts")

    def focus_knobs(self, asked: str = "") -> bool:
        """Put the keyboard on the knob that was turned last in this step, else on the one that is asked
        about, on the one that was turned last at all, or on the first; none that does nothing, where another
        does something; ↑↓ go on to others. Whether there are any."""
        knobs = {view.knob.name: view for view in self.query(KnobView)}
        wanted = (self.session.turned_here, asked, self.session.turned, *knobs)
        there = [name for name in wanted if name in knobs]
        for name in sorted(there, key=lambda name: name in self.session.setting.idle)[:1]:
            self.screen.set_focus(knobs[name])
        return bool(knobs)

    def vary(self, asked: str = "") -> None:
        """Keep this run behind the next ones, and hand the keyboard to a knob, each turn of which runs."""
        self.session.vary()
        self.focus_knobs(asked)

    def next_tile(self) -> bool:
        """Make the next chart the large one; whether there is another."""
        self.open_tab("charts")
        return self.query_one(Tiles).choose_next()

    # Tabs

    @property
    def tab(self) -> str:
        return self.query_one(ContentSwitcher).current or "charts"

    def open_tab(self, name: str) -> None:
        if name != self.tab:
            switcher = self.query_one(ContentSwitcher)
            if self.screen.focused is not None and switcher in self.screen.focused.ancestors:
                self.screen.set_focus(None)  # before it is out of sight
            switcher.current = name
            self.post_message(self.Opened(whole=name in WHOLE))
        self.follow()

    async def open_source(self) -> None:
        """Open the editor; it is built when it is first wanted."""
        switcher = self.query_one(ContentSwitcher)
        if not self.query(SourcePane):
            setting = self.session.setting
            pane = SourcePane(
                setting.source,
                setting.lesson.source,
                setting.scratches,
                read=setting.lesson.read,
                file=self.file,
                id="source",
            )
            await switcher.mount(pane)
            self.query_one(SourcePane).go_to(setting.experiment.line)
            if self.session.attempt and self.session.attempt.state == "failed":
                self._show_ending(self.session.attempt)
        self.open_tab("source")
        self.query_one(SourcePane).enter()

    def take_original(self, source: str) -> None:
        """The user's file has this text in it now."""
        self.session.take_original(source)
        for pane in self.query(SourcePane):
            pane.take_original(source)

    def open_runs(self) -> None:
        """List the runs of this bench, to go back to one or to pin it; first the one that is shown."""
        self.open_tab("runs")
        pane = self.query_one(RunsPane)
        pane.choose(self.session.attempt)
        self.screen.set_focus(pane)

    # What the widgets report

    async def on_runs_pane_picked(self, message: RunsPane.Picked) -> None:
        await self.show_attempt(message.attempt)

    def on_runs_pane_pin_wanted(self, message: RunsPane.PinWanted) -> None:
        self.session.toggle_pin(message.attempt)

    def on_runs_pane_left(self) -> None:
        self.screen.set_focus(None)
        self.open_tab("charts")

    async def on_tab_bar_picked(self, message: TabBar.Picked) -> None:
        if message.name == "source":
            await self.open_source()
        elif message.name == "runs":
            self.open_runs()
        else:
            self.open_tab(message.name)

    def on_scrubber_moved(self, message: Scrubber.Moved) -> None:
        self.scrub_to(message.cursor)

    def on_knob_view_turned(self, message: KnobView.Turned) -> None:
        self.session.turn(message.name, message.value)
        self.query_one(KnobPanel).say_idle(self.session.setting.idle)
        if self.session.due:
            self._rest.reset()
            self._rest.resume()

    def on_source_pane_edited(self, message: SourcePane.Edited) -> None:
        if message.original == self.session.setting.lesson.source:  # not of an editor that was closed since
            self.session.edit(message.text)

    async def on_source_pane_run_wanted(self) -> None:
        await self.run(from_editor=True)

    # Showing

    def follow(self) -> None:
        """Bring everything on the bench up to date with the session."""
        if self._holding or not self._up:
            return
        self._show()
        attempt, watched = self.session.attempt, self._watched
        self._watched = attempt if attempt and attempt.live else None
        if self._watched:
            self._ticker.resume()
        elif attempt and attempt is watched:
            self._close(attempt)

    @contextmanager
    def shown_once(self) -> Iterator[None]:
        """Of a key that changes several things, show what came of it all, once."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            self.follow()

    def show_prediction(self, guess: Guess | None, asks: str) -> None:
        """Mark on a chart what the learner predicted, and say what is asked about what came out."""
        self.guess, self.asks = guess, asks
        self.follow()

    def _close(self, attempt: Attempt) -> None:
        self._show_ending(attempt)
        self.post_message(self.Ended())
        self.call_later(self._paint_end)
        ending = attempt.run.ending
        failed_at_line = isinstance(ending, Failed) and ending.line is not None
        if failed_at_line and attempt is self._from_editor and self.tab == "charts":
            self.call_later(self.open_source)

    def _paint_end(self) -> None:
        """Paint the last word once all have heard of it: up to 17 ms sooner, of a run of 20."""
        if self._up:
            self.screen.call_later(paint_now, self.screen)

    def _show_ending(self, attempt: Attempt) -> None:
        """In the editor, if it has been opened: what the run died of, and where if its text stands there."""
        started = attempt.run.started
        same = started is not None and started.source == self.session.setting.source
        for pane in self.query(SourcePane):
            pane.show_ending(attempt.run.ending, of_this_text=same)

    def _show_trouble(self) -> None:
        """In the editor, if it has been opened: why nothing was run or put up."""
        if self.session.trouble:
            for pane in self.query(SourcePane):
                pane.say(*self.session.trouble)

    async def _show_knobs(self) -> None:
        setting, panel = self.session.setting, self.query_one(KnobPanel)
        await panel.show(setting.experiment, setting.knobs)
        panel.say_idle(setting.idle)

    def _tick(self) -> None:
        attempt = self.session.attempt
        waits = attempt.status if attempt and attempt.state == "waiting" else ""
        recorded = (attempt.run, len(attempt.run.events), waits) if attempt else None
        if recorded == self._ticked:  # held, or between two yields: only the time left may be another
            self._show_status()
        else:
            self._ticked = recorded
            self._show()
        if attempt is None or not attempt.live:
            self._ticker.pause()

    def _show(self) -> None:
        session, tab = self.session, self.tab
        run = session.attempt.run if session.attempt else Run()
        able = [session.can(action) for action in GATED]
        if able != self._able:
            self._able = able
            self.screen.refresh_bindings()
        self._show_charts(run)
        said, parted = session.verdicts(self.asks), session.parted
        if tab == "printed":
            ended = [*said, *parted, facts_in_words(run.facts)] if run.ending else []
            of_run = [self._look.words(sentence) for sentence in ended if sentence]
            self.query_one(PrintedLog).show(run, of_run)
        if tab == "runs":
            self.query_one(RunsPane).show(session.kept, session.attempt)
        editing = tab in ("source", "printed")  # then the text has the room
        experiment = self._experiment
        is_sweep = session.attempt is not None and bool(session.attempt.swept)  # it has no moments of its own
        scrubber = self.query_one(Scrubber)
        scrubber.show(run, session.cursor, experiment=experiment, hidden=editing or is_sweep)
        outcome = self.query_one(Outcome)
        outcome.show(run, session.cursor, said, parted, experiment=experiment, hidden=editing)
        self.call_after_refresh(self._show_more)
        self._show_tabs(run)
        self._show_status()

    def _show_more(self) -> None:
        """Say where the rest is, if there is not room for all that the run said."""
        if self._up:
            outcome = self.query_one(Outcome)
            line = self.query_one("#more")
            # Who reads a why, or works in few rows, has that line nowhere: the room is another then.
            has_line = line.styles.max_height is None or bool(line.styles.max_height.cells)
            overflows = outcome.display and has_line and outcome.overflows
            outcome.set_class(overflows, "-overflows")
            line.display = overflows

    @property
    def printed(self) -> PrintedLog:
        """All that the run said."""
        return self.query_one(PrintedLog)

    @property
    def _experiment(self) -> str:
        """What was run, of what is shown; empty before the first run."""
        attempt = self.session.attempt
        if attempt is None:
            return ""
        return f"{attempt.order.lesson}/{attempt.order.experiment} {attempt.swept}".rstrip()

    def _show_charts(self, run: Run) -> None:
        session = self.session
        others = [attempt for attempt in session.pinned if attempt is not session.attempt]
        pinned = tuple((other.label, other.run) for other in others)
        view = View(
            run,
            session.cursor,
            pinned,
            self._look.ascii,
            self.guess,
            self._experiment,
            self.shows.get(self._experiment, ""),
            self.named,
        )
        self.query_one(Tiles).show(view, instead_of_charts(session.attempt, session.setting.experiment))

    def _show_tabs(self, run: Run) -> None:
        setting = self.session.setting
        bar = self.query_one(TabBar)
        bar.tabs = (
            ("charts", "charts"),
            ("source", "source (edited)" if setting.edited else "source"),
            ("printed", "printed ●" if run.printed else "printed"),
            ("runs", self.session.kept.in_words),
        )
        bar.open = self.tab
        name = setting.experiment.name
        bar.aside = name if setting.lesson.examines else f"{setting.lesson.slug}/{name}"

    def _show_status(self) -> None:
        self.query_one(StatusLine).show(self.session.state, self.session.status)
