"""The lesson screen: prose on the left, the bench on the right; one at a time where there is no room."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget

from initplay.course.arithmetic import begins_number
from initplay.course.asked_knob import asked_knob
from initplay.course.knob import Value
from initplay.course.lesson import Lesson
from initplay.engine.machine import Machine
from initplay.learner.open_ends import open_ends
from initplay.learner.progress import Progress
from initplay.look import ANY_TERMINAL, Look
from initplay.recording.breakage import wreck
from initplay.recording.run import Run
from initplay.recording.why import all_well
from initplay.ui.bench.attempt import Attempt
from initplay.ui.bench.bench import Bench
from initplay.ui.bench.knobs import KnobView
from initplay.ui.bench.left import Left
from initplay.ui.bench.runs import RunsPane
from initplay.ui.bench.session import Session, Starter
from initplay.ui.bench.shelf import Shelf
from initplay.ui.bench.tiles import Tiles
from initplay.ui.editor.pane import SourcePane
from initplay.ui.keys import action_of, bindings, is_for_nothing, no_such_key, written
from initplay.ui.lesson.answers import Answers
from initplay.ui.lesson.boxes import NumberBox, SeenBox, takes_letters
from initplay.ui.lesson.earlier import EarlierVisit
from initplay.ui.lesson.edits import Edits
from initplay.ui.lesson.held_back import HeldBack
from initplay.ui.lesson.keeping import RunKeeper
from initplay.ui.lesson.onward import TO_GOAL, Held, Onward, onward
from initplay.ui.lesson.own_code import OwnCode
from initplay.ui.lesson.predict_card import PredictCard
from initplay.ui.lesson.refusals import why_not
from initplay.ui.lesson.room import HEIGHTS, WIDTHS, Room
from initplay.ui.lesson.step import StepPane
from initplay.ui.lesson.steps import StepsScreen
from initplay.ui.lesson.visit import Visit
from initplay.ui.pages.explain import ExplainScreen
from initplay.ui.pages.meanings import MeaningsScreen
from initplay.ui.pages.sweep import SweepScreen, Typed
from initplay.ui.pages.whole import WholeScreen
from initplay.ui.terminal.textual_private.late import is_gone
from initplay.ui.widgets.key_bar import KeyBar
from initplay.ui.widgets.title_bar import TitleBar

SOON_EXPLAINED = 20_000
"""Events of a run that are looked through for something to explain as soon as it has ended."""
AFTER_THE_DIAGNOSIS = "w says why once you have answered what you see"

_RUNS_MINE = "runs with yours"


class LessonScreen(Screen[bool]):
    """Walks through one lesson, step by step. Closes with whether that was by going on from its last step."""

    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    AUTO_FOCUS = ""
    BINDINGS = bindings("lesson")

    def __init__(
        self,
        lesson: Lesson,
        engine: Starter,
        machine: Machine,
        progress: Progress,
        *,
        step: int = 0,
        run_at_once: bool = False,
        recording: Run | None = None,
        shelf: Shelf | None = None,
        look: Look = ANY_TERMINAL,
    ) -> None:
        """`shelf` has what earlier visits left on the bench."""
        super().__init__()
        self.lesson = lesson
        self.step = step
        self._machine = machine
        self._progress = progress
        self._run_at_once = run_at_once
        self._recording = recording
        self._look = look
        self._visit = Visit(lesson, progress, begun=recording is None)
        self._answers = Answers(lesson, progress, self._attempts_here, self._visit.begin)
        self._keeper = RunKeeper(self)
        self.room = Room(self, lambda: self.prose)
        self._edits = Edits(progress, lambda: self.session.setting, self.notify)
        self._own_code = OwnCode(lesson, engine, progress)
        self._begun_before = 0
        """How many runs there were when this step was opened."""
        self._marked_for: Attempt | None = None
        """The run that the guess is marked on, or not."""
        self._reminded = False
        """Whether it was said that a goal of this step is open."""
        self._goes_on = False
        """Whether a run does, as the cards have been told."""
        self._has_left_knobs = False
        """Whether the keyboard has just left them, without a key."""
        self.session = Session(
            lesson,
            engine,
            machine,
            self._follow,
            scratches=self._edits.set_aside,
            look=self._look_at_file,
            # What a run does to this machine may be anything: what was typed is kept first.
            before_run=self._edits.keep,
            settle=self._answers.settle,
            results_wanted=self._answers.results_wanted,
        )
        self._held_back = HeldBack(self.session, self._say_why_not)
        self._earlier = EarlierVisit(
            lesson,
            machine,
            shelf or Shelf(),
            self.session,
            keeps=recording is None,
            leave=lambda: self.session.leave(self.step),
            take=self._take_back,
            show=lambda: self.call_later(self.bench.take_back),
        )

    def compose(self) -> ComposeResult:
        self.room.fit(self.app.size)
        yield TitleBar()
        with Horizontal(id="lesson"):
            yield self._new_prose()
            yield Bench(self.session, self._look, id="bench")
        yield KeyBar()

    def _new_prose(self) -> StepPane:
        return StepPane(self.lesson, self._answers, self._own_code.desk, self._own_code.trouble, id="prose")

    def _look_at_file(self) -> None:
        """A text is to run: take in what another program made of its file. A lesson's has none."""

    async def on_mount(self) -> None:
        self._edits.begin(self.set_interval)
        self._earlier.begin(self.set_interval)
        self.watch(self.prose, "scroll_y", self._show_onward, init=False)
        self.watch(self.prose, "virtual_size", self._follow_text, init=False)
        self.watch(self, "focused", self._show_onward, init=False)
        self.watch(self, "focused", self._make_room_for_charts, init=False)
        self.watch(self, "focused", self._follow_keyboard, init=False)
        with self.bench.shown_once():
            await self._open_step(self.step)
            if self._earlier.take_back():
                await self.bench.take_back()
            else:
                self.call_after_refresh(self._earlier.ask)
            self.show_machine()
        if self._run_at_once and self._answers.waiting:
            self._run_at_once = False
            self.prose.lead_to_question()
        if self._run_at_once or self._recording is not None:
            self._show_bench()
            if self.step == 0:
                self.prose.begin()
        if self._recording is not None:
            await self.bench.show_recording(self._recording)
        elif self._run_at_once:
            await self.bench.run()

    def _attempts_here(self) -> list[Attempt]:
        """Those that were begun since this step was opened, and the one on the bench if it was begun in it
        before: a look ahead or back takes nothing from that."""
        shown = self.session.attempt
        return [
            one
            for one in self.session.kept.all
            if one.number > self._begun_before or (one is shown and one.begun_in == self.step)
        ]

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

    def _follow(self) -> None:
        """The session has changed; it may do so before there is a bench to show it, and after."""
        if self._goes_on != (self.session.going is not None):
            self._goes_on = not self._goes_on
            self._visit.begin()
            self._show_cards()  # which say to run it only where nothing runs
        for bench in self.walk_children(Bench):
            if self.session.attempt is not self._marked_for and self.query(StepPane):
                self._show_prediction()  # what was said of one run is no mark for another
            else:
                bench.follow()

    def _follow_keyboard(self, before: Widget | None, now: Widget | None) -> None:
        """Cards name a key only where letters are keys."""
        if not is_gone(self) and takes_letters(before) != takes_letters(now):
            self._show_cards()

    def _show_cards(self) -> None:
        for card in self.query(PredictCard):
            card.show()

    def show_machine(self) -> None:
        """Say on the title bar what runs here; that may be known before there is one, and after."""
        for bar in self.walk_children(TitleBar):
            bar.state = self._machine.described
        self._follow()

    async def _open_step(self, step: int) -> None:
        self.step = step
        opened = self.lesson.steps[step]
        run = opened.run
        self._reminded = False
        self.room.end_reading()
        # Text and bench are laid out and painted once, together.
        with self.app.batch_update(), self.bench.shown_once():
            self.session.begin_step(step)
            self._begun_before = self.session.kept.begun
            if run:
                self.bench.shows = {f"{(run.code or self.lesson).slug}/{run.experiment}": opened.shows}
                self.bench.named = opened.names
                self.query_one(Tiles).begin_anew()
                await self.bench.put_up(run.experiment, run.knobs, run.code)
                self.session.show_again(step)
            self._edits.say_what_was_set_aside()
            self._answers.open_step(step, self.session.setting.knobs)
            await self.prose.show(step)
            self._show_prediction()
        bar = self.query_one(TitleBar)
        bar.place = self.lesson.title
        self._visit.open_step(step)
        if self.lesson.in_course:
            bar.place = f"{self.lesson.number:02} {self.lesson.title}"
            bar.step = f"step {step + 1} of {len(self.lesson.steps)}"
        self.refresh_bindings()
        self._show_onward()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing now; leave plain letters to whoever is typing."""
        if action == "switch":
            return self.room.is_narrow
        if action == "back":
            return self.step > 0
        if action in ("next", "steps"):
            return self.lesson.in_course or len(self.lesson.steps) > 1
        if action == "write":
            return self._own_code.can_be_written_in(self.step)
        if action == "mine":
            return self._own_code.can_run_in(self.step) or bool(self.session.setting.mine)
        return action == "device" or self.session.can(action)

    def offers(self, action: str) -> bool:
        """Whether the key bar is to name a key that works: `w` only where there is something to explain, none
        that leads to where the keyboard is."""
        if action == "knobs":
            return not isinstance(self.focused, KnobView)
        if action == "runs":
            return not isinstance(self.focused, RunsPane)
        attempt = self.session.attempt
        if action != "why" or attempt is None or attempt.live:
            return True
        return len(attempt.run.events) > SOON_EXPLAINED or bool(attempt.reasons)

    # Moving through the lesson

    @property
    def onward(self) -> Onward:
        """What `enter` does now."""
        prose = self.prose
        card, goal = prose.open_prediction, prose.open_goal
        has_run = self.lesson.steps[self.step].run is not None
        to_run = has_run and self._is_before_any_run and not self._answers.settled
        looks_first = card is not None and card.answer.predict.look and to_run
        return onward(
            running=self.session.going is not None,
            paused=self.session.going is not None and self.session.going.paused,
            asking=prose.asking is not None,
            guessed=card is not None and card.answer.guess is not None,
            edited=self.session.setting.edited,
            strays=self._is_of_another or not self._asked.items() <= self.session.setting.knobs.items(),
            anew=card is not None and card.answer.predict.new_seed and not self.session.draws_anew,
            asks=card.asks if card is not None and prose.is_in_sight(card) and not looks_first else None,
            unread=prose.unread and not self.room.is_charts,  # then the room is the chart's
            to_run=to_run,
            goal=goal is not None,
            hinted=goal is not None and goal.challenge.hinted,
            last=self.step + 1 == len(self.lesson.steps),
            examines=self.lesson.examines,
        )

    @property
    def _is_before_any_run(self) -> bool:
        """Of this step."""
        return not self._attempts_here()

    @property
    def _asks_for_number(self) -> bool:
        """Whether the next thing to do is to type one, before any run: `.` begins it, as nothing is there
        to step through."""
        return self.onward in (Onward.TYPE, Onward.PLACE) and self._is_before_any_run

    @property
    def _asked(self) -> Mapping[str, Value]:
        """The knobs on the bench as the step's predictions are about them."""
        return self._answers.asked(self.session.setting.experiment)

    @property
    def _is_of_another(self) -> bool:
        """Whether another experiment is on the bench than the step's, as after a look at an earlier run."""
        run, setting = self.lesson.steps[self.step].run, self.session.setting
        own = run and ((run.code or self.lesson).slug, run.experiment)
        return run is not None and own != (setting.lesson.slug, setting.experiment.name)

    async def action_onward(self) -> None:
        """Do what comes next, as the line below the text says."""
        step = self.onward
        if step is Onward.WHY:
            # One run may have settled more than one: the first comes last, for it is the one that is read.
            for card in reversed(self.prose.all_asking):
                card.see("")
        elif step in TO_GOAL:
            self.action_knobs()
        elif step is Onward.RUN_AS_ASKED:
            await self._run_as_asked()
        elif step is Onward.RUN_ANEW:
            self.session.draw_seed()
            await self._run()
        elif step in (Onward.RUN, Onward.RUN_GUESSED, Onward.RUN_EDITED, Onward.AGAIN):
            await self._run()
        elif step is Onward.READ:
            self.prose.read_on()
            if self._attempts_here():  # before that, what it leads to is the run
                self.call_after_refresh(self._make_room_to_read)
        elif step is Onward.CHOOSE and (card := self.prose.open_prediction):
            self.prose.point(card)
            card.say_how()
        elif step in (Onward.TYPE, Onward.PLACE):
            self.action_guess()
        elif step not in (Onward.WAIT, Onward.PAUSED):
            await self.action_next()
        self._show_onward()

    def _make_room_for_charts(self) -> None:
        if not is_gone(self):
            self.room.to_charts(isinstance(self.focused, KnobView))

    def _make_room_to_read(self) -> None:
        if not is_gone(self):
            self.room.to_reading()
            self._show_onward()

    def _follow_text(self) -> None:
        # In a window of another width the text is another number of lines before it stands where it stood.
        self.call_after_refresh(self._make_room_for_text)

    def _make_room_for_text(self) -> None:
        if not is_gone(self):
            self.prose.bring_top_back()
            self.room.follow_text()
            self._show_onward()

    def on_step_pane_resized(self) -> None:
        self.room.follow_window()
        self._show_onward()  # other lines of it are in sight

    def _show_onward(self) -> None:
        """Say below the text what `enter` does, be it to what has the keyboard."""
        self.call_after_refresh(self._say_onward)

    def _say_onward(self) -> None:
        if not is_gone(self) and self.query(StepPane):
            words = self.session.says or self.enter_in_words
            self.prose.border_subtitle = words.replace("⏎", "enter") if self._look.ascii else words

    @property
    def enter_in_words(self) -> str:
        """What `enter` does now, be it to what has the keyboard."""
        return self._held_in_words or self.onward_in_words

    @property
    def _held_in_words(self) -> str:
        """What `enter` does where it is not for the lesson; empty where it is."""
        focused = self.focused
        if isinstance(focused, KnobView):
            return focused.enter_does
        if isinstance(focused, NumberBox) and focused.is_none:
            return Held.NO_NUMBER.value
        held = ((NumberBox, Held.NUMBER), (SeenBox, Held.SEEN), (RunsPane, Held.RUNS))
        words = next((held.value for kind, held in held if isinstance(focused, kind)), "")
        return words or (Held.OTHER.value if focused is not None else "")

    @property
    def onward_in_words(self) -> str:
        card, below = self.prose.open_prediction, self.prose.lines_below
        options = len(card.answer.order) if card else 0
        words = self.onward.value.format(options=options, below=f"{below} line{'s' * (below != 1)}")
        if self.onward is Onward.LEAVE and self._own_code.is_asked_in(self.step):
            words += self._own_code.invites
        if self._has_left_knobs:
            return f"{words} · k the knobs again"
        return f"{words} · ↓ sources" if self.prose.sources_below and not below else words

    async def action_next(self) -> None:
        if (card := self.prose.open_goal) and not self._reminded and self.onward not in TO_GOAL:
            self._reminded = True
            card.remind()
            self.prose.point(card)
        elif self.step + 1 < len(self.lesson.steps):
            if not self._held_back.holds_to_step("n", self.lesson.steps[self.step + 1].run):
                self.room.to_text()
                await self._open_step(self.step + 1)
        elif not self.holds_back("n", "leaves"):
            self.dismiss(True)

    async def action_back(self) -> None:
        before = max(0, self.step - 1)
        if not self._held_back.holds_to_step("b", self.lesson.steps[before].run):
            self.room.to_text()
            await self._open_step(before)

    def holds_back(self, key: str, does: str) -> bool:
        """Whether a key that would stop a run is held back, to say what would be lost."""
        return self._held_back.holds(key, does)

    def action_steps(self) -> None:
        """List the steps, to jump to one."""
        state = self._progress.lesson_state(self.lesson.slug)
        titles = [step.title for step in self.lesson.steps]
        ends = open_ends(self.lesson, state)
        self.app.push_screen(StepsScreen(titles, ends, state.visited, self.step), self._jump_to_step)

    async def _jump_to_step(self, step: int | None) -> None:
        if step is not None and not self._held_back.holds_to_step("j", self.lesson.steps[step].run):
            self.room.to_text()
            await self._open_step(step)

    def _show_bench(self) -> None:
        self.room.to_bench()
        self._show_onward()

    def action_switch(self) -> None:
        if self.room.has_bench:
            if self.focused is not None and self.bench in self.focused.ancestors:
                self.set_focus(None)  # before it is out of sight
            self.room.to_text()
            self._show_onward()
        else:
            self._show_bench()

    def action_read(self, lines: int) -> None:
        """Scroll the text or, where it is open, what the run said."""
        reads_log = self.bench.tab == "printed" and (self.room.is_split or not self.room.is_narrow)
        (self.bench.printed if reads_log else self.prose).scroll_relative(y=lines, animate=False)

    def action_home(self) -> None:
        """Leave one thing: what has the focus, a pane of the bench, the bench where it hides the text, and in
        the end the lesson, whose runs are kept."""
        if self.focused is not None:
            self.set_focus(None)
        elif self.bench.tab != "charts":
            self.bench.open_tab("charts")
        elif self.room.is_split:
            self.action_switch()
        elif not self.holds_back("esc", "leaves"):
            self.dismiss(False)

    # Answering

    def action_guess(self) -> None:
        if card := self.prose.card_to_type_in:
            if card.on_chart and not card.answer.asking:
                self._show_bench()  # the guess may be placed there
            self.prose.point(card)
            card.ask()
        elif card := self.prose.open_prediction:
            self.prose.point(card)
            card.say_how()
        else:
            self._say_why_not(self._why_not("guess"))

    def action_choose(self, number: int) -> None:
        """Choose an option; the digits of a number are no binding."""
        if (card := self.prose.open_prediction) is None:
            knobs = ": k leads to the knobs" if self.session.setting.experiment.knobs else ""
            self._say_why_not(f"{self._why_not('choose')}{knobs}")
        elif not card.choose(number):
            card.say_how()

    def on_key(self, event: Key) -> None:
        """Begin a number with its first sign, and say of a key that does nothing why."""
        card = self.prose.open_prediction
        self._say_why_not("")
        self._has_left_knobs = False
        self._held_back.follow(written(event.key))
        begins = begins_number(event.character or "") or (event.character == "." and self._asks_for_number)
        if self.focused is None and card and card.takes_number and begins:
            event.stop()
            card.begin(event.character or "")
        elif (action := action_of(event.key)) and event.key not in self.active_bindings:
            self._say_why_not(self._why_not(action))
        elif isinstance(self.focused, KnobView | RunsPane | None) and is_for_nothing(event, self):
            self._say_why_not(no_such_key(event))

    def _why_not(self, action: str) -> str:
        """Why a key does nothing now, in a few words."""
        attempt = self.session.attempt
        return why_not(
            action,
            state=self.session.state if attempt else None,
            others=bool(self.session.kept.attempts),
            exercise=self._own_code.step,
            here=self.step + 1,
            swept=attempt is not None and bool(attempt.swept),
        )

    def _say_why_not(self, words: str) -> None:
        """Say it where it is in sight: in the line of the bench or, where that is not, below the text."""
        if words != self.session.says:
            self.session.says = words
            self._follow()
            self._show_onward()

    def _say_status(self) -> None:
        """Say what a key has changed of the next run, where the line of the bench is out of sight."""
        if self.room.is_narrow and not self.room.has_bench:
            self._say_why_not(self.session.status)

    def action_hint(self) -> None:
        if card := self.prose.hint():
            self.prose.point(card)
            self._show_onward()
        else:
            self._say_why_not(self._why_not("hint"))

    def on_predict_card_changed(self, message: PredictCard.Changed) -> None:
        self._show_prediction()
        self._show_onward()
        is_typed = takes_letters(self.focused)
        if not is_typed:
            self._show_cards()  # the others say whether another is open
        if not self.room.is_split:
            if not message.told:
                self.prose.lead_to_question()  # where there is another, and it is out of sight
        elif message.told and not self.prose.asking:
            self.prose.read_why(message.told)
            self.call_after_refresh(self._make_room_to_read)
        elif self.prose.why is None:
            self.prose.point((None if is_typed else self.prose.unanswered) or self.prose.spot)
            self._make_room_to_choose()

    def on_bench_opened(self, message: Bench.Opened) -> None:
        self.room.to_pane(message.whole)

    def on_tiles_pointed(self, message: Tiles.Pointed) -> None:
        self.prose.place(message.x, final=message.final)

    def on_bench_ended(self) -> None:
        self._earlier.keep()
        reached = self.prose.follow()
        self._show_prediction()
        self._show_onward()
        if reached and isinstance(self.focused, KnobView):
            self.set_focus(None)  # what comes next is to read on, and no further turn
            self._has_left_knobs = True
        if self.room.is_split:
            self.prose.point(self.prose.asking or reached or self.prose.spot)
            self._make_room_to_choose()

    def _make_room_to_choose(self) -> None:
        """Who may choose an answer sees all of them, though they are more than the few lines of the text."""
        card = self.prose.unanswered
        if card is not None and card.asks is Onward.CHOOSE and self.prose.spot is card:
            self.call_after_refresh(self._make_room_to_read)

    def _show_prediction(self) -> None:
        attempt = self.session.attempt
        other = attempt is not None and self._answers.is_another_run(attempt)
        self._marked_for = attempt
        self.bench.show_prediction(self.prose.guess_on(other), self.prose.asks)

    # Writing

    def action_write(self) -> None:
        if page := self._own_code.open(self._machine):
            self._visit.begin()
            self.app.push_screen(page, self._leave_desk)

    async def _leave_desk(self, runs_mine: bool | None) -> None:
        self._own_code.close()
        self.prose.follow()
        self.refresh_bindings()
        if runs_mine and not self.holds_back("f5", _RUNS_MINE):
            await self._run_mine()

    async def action_mine(self) -> None:
        """Run with the learner's code or, where it ran with that, with the lesson's own."""
        held = self._held_back
        key = "f5" if held.pressed == "f5" else "U"  # a click on the line of keys presses none
        was_promised = held.key == key and held.does == _RUNS_MINE
        mine = self.session.setting.mine and not was_promised
        if self.holds_back(key, "runs without yours" if mine else _RUNS_MINE):
            return
        if mine:
            self._show_bench()
            await self.bench.run_without_mine()
        else:
            await self._run_mine()

    async def _run_mine(self) -> None:
        assert self._own_code.desk, "it is there where there is a key for it"
        if not (text := self._own_code.desk.passed_text):
            self.notify("Your code that passed was not kept: check it again.", markup=False)
            return
        if (block := self.lesson.exercise_block) and block.run:
            if what_runs := self._own_code.desk.what_runs:
                self.notify(what_runs, markup=False)
            self._show_bench()
            await self.bench.run_with(text, block.run)

    # Running

    async def action_run(self) -> None:
        if not self.holds_back("r", "begins anew"):
            await self._run()

    async def _run(self) -> None:
        self._show_bench()
        await self.bench.run()

    async def _run_as_asked(self) -> None:
        """What the step's predictions are about, whatever stands on the bench."""
        if self._is_of_another and (run := self.lesson.steps[self.step].run):
            await self.bench.put_up(run.experiment, run.knobs, run.code)
        self.session.turn_to(self._asked)
        await self._run()

    async def action_fan(self) -> None:
        if not self.holds_back("f", "begins several"):
            self._show_bench()
            await self.bench.run_seeds()

    def action_sweep(self) -> None:
        """Ask what to run it over, and do so."""
        if self.lesson.examines:
            self._say_why_not(self._why_not("sweep"))
            return
        session = self.session
        name = session.setting.experiment.name
        page = SweepScreen(name, session.proposed_sweep, session.complaint_of_sweep, session.sweep_in_words)
        self.app.push_screen(page, self._sweep)

    async def _sweep(self, typed: Typed | None) -> None:
        if typed:
            self.session.keep_typed_sweep(typed.text)
        if typed and typed.runs:
            self._show_bench()
            self._earlier.keep()
            await self.bench.sweep(typed.text)

    def action_pause(self) -> None:
        self.session.pause_or_resume()
        self._show_onward()

    def action_step(self) -> None:
        self._look_at_bench()
        self.bench.step()
        self._show_onward()  # a run that goes on is held by it

    def action_stop(self) -> None:
        self.session.stop()

    def action_slow(self) -> None:
        self.session.toggle_slow()
        self._say_status()

    def action_auto(self) -> None:
        self.session.toggle_auto()
        self._say_status()

    def action_vary(self) -> None:
        self._show_bench()
        self.bench.vary(self._asked_knob)

    def action_seed(self) -> None:
        self.session.draw_seed()
        self._show_onward()
        self._say_status()

    def action_first_seed(self) -> None:
        self.session.go_back_to_first_seed()
        self._show_onward()
        self._say_status()

    def action_device(self) -> None:
        if self.session.can("device"):
            self._machine.choose_next_device()
        else:
            self.notify(f"{self._machine.device} is the only device here.", markup=False)

    # Looking at it

    def action_scrub(self, by: int) -> None:
        self._look_at_bench()
        self.bench.scrub(by)

    def action_scrub_to(self, cursor: int) -> None:
        self._look_at_bench()
        self.bench.scrub_to(cursor)

    def _look_at_bench(self) -> None:
        """Give it back the room that the text was read in: what a key moves on it is to be seen."""
        if self.room.is_narrow:
            self._show_bench()

    def action_pin(self) -> None:
        self.session.toggle_pin()
        self._say_status()

    def action_runs(self) -> None:
        self._show_bench()
        self.bench.open_runs()

    def action_chart(self) -> None:
        self._show_bench()
        if not self.bench.next_tile():
            self._say_why_not(self._why_not("chart"))

    def action_whole(self) -> None:
        """Give the large chart or table all the room there is."""
        tiles = self.query_one(Tiles)
        if draw := tiles.whole():
            self.app.push_screen(WholeScreen(draw, tiles, lambda: tiles.drawn_of))
        else:
            self._say_why_not(self._why_not("whole"))

    def action_knobs(self) -> None:
        self._show_bench()
        if not self.bench.focus_knobs(self._asked_knob):
            self._say_why_not(self._why_not("knobs"))
        elif self.room.is_split and (goal := self.prose.open_goal) and not self.prose.open_prediction:
            self.prose.point(goal)  # it is what they are turned for

    @property
    def _asked_knob(self) -> str:
        """The knob that the open goal, or else the open prediction, is about, of those that do something."""
        goal, prediction = self.prose.open_goal, self.prose.open_prediction
        setting = self.session.setting
        knobs = [knob for knob in setting.experiment.knobs if knob.name not in setting.idle]
        asked = [goal.challenge.goal] if goal else [prediction.answer.predict] if prediction else []
        return "".join(asked_knob(one, knobs, setting.knobs) for one in asked)

    def action_printed(self) -> None:
        """Open all that the run said, or go back from it."""
        self._show_bench()
        self.bench.open_tab("charts" if self.bench.tab == "printed" else "printed")

    async def action_edit(self) -> None:
        self._show_bench()
        await self.bench.open_source()

    def action_why(self) -> None:
        card = self.prose.unanswered
        if card is not None and card.answer.predict.look:
            self._say_why_not(AFTER_THE_DIAGNOSIS)
        elif attempt := self.session.attempt:
            can_jump = not attempt.swept and wreck(attempt.run) is not None
            sentences = attempt.reasons or [all_well(attempt.run)]
            self.app.push_screen(ExplainScreen(sentences, can_jump), self._jump)

    def action_meanings(self) -> None:
        experiment = self.session.setting.experiment.name
        facts = self.session.attempt.run.facts if self.session.attempt else {}
        self.app.push_screen(MeaningsScreen(self.session.setting.lesson.meanings.get(experiment, {}), facts))

    def _jump(self, wanted: bool | None) -> None:
        if wanted:
            self._show_bench()
            self.bench.scrub_to_wreck()

    # Keeping

    def action_copy(self) -> None:
        if attempt := self.session.attempt:
            self._keeper.copy(attempt.run, attempt.lesson.source)

    def action_save(self) -> None:
        if attempt := self.session.attempt:
            self._keeper.save(attempt.run)

    def on_source_pane_edited(self) -> None:
        self._edits.typed()

    def on_source_pane_write_wanted(self, message: SourcePane.WriteWanted) -> None:
        self._write_text(message.text)

    def _write_text(self, text: str) -> None:
        """Keep it where the text of a lesson is kept."""
        self._edits.keep_now()

    def _take_back(self, left: Left) -> None:
        """Go on with what an earlier visit left."""
        self._begun_before += left.kept.begun
        self.session.take_back(left, self.step)

    def on_unmount(self) -> None:
        self._edits.keep()
        self.session.stop()
        self._earlier.end()
