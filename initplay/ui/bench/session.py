"""What the bench is about: what is to run, the runs that came of it, and what is shown of them.

No Textual here: the bench shows a session, and what the learner does becomes a call on it.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Protocol

from initplay.course.agreed import FIRST_SEED
from initplay.course.experiment import Experiment, SignatureError
from initplay.course.knob import KnobError, Value
from initplay.course.lesson import Code, CourseError, Lesson, RunBlock
from initplay.engine.engine import side_by_side
from initplay.engine.machine import Machine
from initplay.engine.order import Order
from initplay.engine.running import Running, Take
from initplay.lab.events import Recorded, Started
from initplay.recording.breakage import wreck
from initplay.recording.run import Run
from initplay.recording.seeds import seeds_of
from initplay.ui.bench.attempt import OF_AN_ATTEMPT, Attempt, beside_other_code, parting
from initplay.ui.bench.kept import Kept
from initplay.ui.bench.left import Left
from initplay.ui.bench.setting import Scratches, Setting
from initplay.ui.bench.standing import standing
from initplay.ui.bench.stopwatch import Clock, Stopwatch
from initplay.ui.bench.sweep_line import Asked, asked, proposed
from initplay.ui.bench.sweeping import Sweeping, same_sweep, seconds_a_run
from initplay.words.numbers import duration

FAN_SEEDS = 8
SLOW_MOTION = 4.0
"""Moments a second."""


class Starter(Protocol):
    """The engine, as far as a session needs it."""

    def start(
        self, order: Order, take: Take, *, paused: bool = False, pace: float | None = None
    ) -> Running: ...

    def start_among_many(self, order: Order, take: Take) -> Running: ...


class Trouble(NamedTuple):
    """Why nothing was run, or put up."""

    sentence: str
    line: int | None = None
    """Of the source, counted from 1, where it lies in one."""


class Session:
    """Runs the experiments of one lesson. `changed` is called whenever there is something else to show, but
    not at the events of a run that goes on: whoever shows those looks ten times a second."""

    def __init__(
        self,
        lesson: Lesson,
        engine: Starter,
        machine: Machine,
        changed: Callable[[], None],
        *,
        scratches: Scratches = lambda slug: {},
        look: Callable[[], None] = lambda: None,
        before_run: Callable[[], None] = lambda: None,
        settle: Callable[[Attempt], list[str]] = lambda attempt: [],
        results_wanted: Callable[[Attempt], list[str]] = lambda attempt: [],
        clock: Clock = time.monotonic,
    ) -> None:
        """`scratches` has what the learner made of a lesson's text. `look` is called before the text is read
        that is to run, and may put another in its place. `before_run` is called before a run, and
        before the text of another lesson takes this one's place. `settle` says what a run that ends while it
        is shown decides, in a sentence each. `results_wanted` are those that a sweep shows first."""
        self._lesson = lesson
        self.setting = Setting(lesson, machine, scratches)
        self.kept = Kept()
        self.attempt: Attempt | None = None
        """The run that is shown."""
        self.cursor: int | None = None
        """The moment that is shown; None follows the newest."""
        self.slow = False
        self.auto = False
        """Whether every turn of a knob runs again."""
        self.due = False
        """Whether a knob was turned that is to be run with once it rests."""
        self.turned = ""
        """The knob that was turned last."""
        self.turned_here = ""
        """The same of the step that is open."""
        self._open_step: int | None = None
        """The step of the lesson that is open."""
        self._typed_sweeps: dict[tuple[str, str], str] = {}
        """What was last typed into the page of sweeps, by lesson and experiment."""
        self.trouble: Trouble | None = None
        self.says = ""
        """Why the last key did nothing; it has the line of the bench until the next key."""
        self._engine = engine
        self._machine = machine
        self._changed = changed
        self._look = look
        self._before_run = before_run
        self._settle = settle
        self._results_wanted = results_wanted
        self._clock = clock

    # What is to run

    def put_up(self, experiment: str, knobs: Mapping[str, Value], lesson: Code | None = None) -> bool:
        """Turn to an experiment, of another lesson if one is given, with some of its knobs set; what was
        recorded stays on the screen while it is of the same experiment. False, with a trouble to show, where
        that cannot be."""
        lesson = lesson or self._lesson
        if lesson.slug != self.setting.lesson.slug:
            self._before_run()
        try:
            self.setting.put_up(experiment, knobs, lesson)
        except (SignatureError, CourseError, KnobError) as error:
            return self._refuse(error)
        self.trouble, self.due = None, False
        if self.attempt and not self.attempt.is_of(lesson, experiment):
            self.stop()
            self.attempt, self.cursor = None, None
        self._changed()
        return True

    def leave(self, step: int) -> Left:
        """What there is on the bench, for when the learner comes back to that step."""
        setting = self.setting
        return Left(
            kept=self.kept,
            shown=self.attempt,
            cursor=self.cursor,
            step=step,
            lesson=setting.lesson.slug,
            experiment=setting.experiment.name,
            knobs=dict(setting.knobs),
            seed=setting.seed,
        )

    def take_back(self, left: Left, step: int) -> None:
        """Go on with what an earlier visit left: with its runs, and unless there has been a run or a turn of
        a knob since, with what stood on the screen as far as it is of this step."""
        untouched = not self.kept.attempts and not self.turned and self.setting.seed == FIRST_SEED
        self.kept.put_before(left.kept)
        for attempt in left.kept.all:
            attempt.verdicts = []  # they are about a step, and that was opened anew
        if untouched:
            self._put_up_again(left, step)
        self.kept.trim(self.attempt)
        self._changed()

    def _put_up_again(self, left: Left, step: int) -> None:
        setting = self.setting
        setting.seed = left.seed
        if left.shown and left.shown.is_of(setting.lesson, setting.experiment.name):
            self.attempt, self.cursor = left.shown, None
            if left.cursor is not None and left.shown.run.moments:
                self.cursor = max(0, min(left.shown.run.moments - 1, left.cursor))
        here = (step, setting.lesson.slug, setting.experiment.name)
        if here == (left.step, left.lesson, left.experiment):
            try:
                setting.knobs = setting.experiment.check(left.knobs)
            except KnobError:
                return  # the lesson's text has been changed since: its knobs stay as the step sets them

    def begin_step(self, step: int | None = None) -> None:
        """Turn to a step of the lesson, and let go of what was about the one before: a run over several
        seeds, verdicts, running by itself."""
        self._open_step, self.turned_here = step, ""
        if self.going and self.going.seed_count > 1:
            self.stop()
        self.auto = self.due = False
        self.setting.mine = ""
        for attempt in self.kept.attempts:
            attempt.verdicts = []
        self._changed()

    def ends_in(self, run: RunBlock | None) -> bool:
        """Whether a run goes on that could not go on in a step with that run: `begin_step` ends what is of
        several seeds, and `put_up` what is of another experiment."""
        going = self.going
        if going is None:
            return False
        another = run is not None and not going.is_of(run.code or self._lesson, run.experiment)
        return another or going.seed_count > 1

    def edit(self, source: str) -> None:
        """Take another text; it is read when it is to run."""
        self.setting.edit(source)
        self.trouble = None
        self._changed()

    def take_original(self, source: str) -> None:
        """The file behind the text has this in it now: the lesson's own text is another from here on."""
        self._lesson = replace(self._lesson, source=source)
        self.setting.take_original(self._lesson)
        self.trouble = None
        self._changed()

    def turn(self, knob: str, value: Value) -> None:
        self.setting.knobs[knob], self.due = value, self.auto
        self.turned = self.turned_here = knob
        self._changed()

    def turn_to(self, knobs: Mapping[str, Value]) -> None:
        """Several at once, for a run that is asked for."""
        self.setting.knobs.update(knobs)
        self._changed()

    def draw_seed(self) -> None:
        self.setting.draw_seed()
        self._changed()

    def go_back_to_first_seed(self) -> None:
        self.setting.seed = FIRST_SEED
        self._changed()

    def run_with(self, mine: str, block: RunBlock) -> bool:
        """Run an experiment of the lesson with what the learner wrote for the exercise; the knobs stay where
        it is on the screen already. False, with a trouble to show, where that cannot be."""
        on_screen = (self.setting.lesson.slug, self.setting.experiment.name)
        is_up = on_screen == (self._lesson.slug, block.experiment)
        if not is_up and not self.put_up(block.experiment, block.knobs):
            return False
        self.setting.mine = mine
        return self.run()

    def run_without_mine(self) -> bool:
        """Run what stands on the screen with the lesson's own code; False, with a trouble to show, where the
        text cannot be read."""
        self.setting.mine = ""
        return self.run()

    def _refuse(self, error: Exception) -> bool:
        self.trouble = Trouble(str(error), error.line if isinstance(error, SignatureError) else None)
        self._changed()
        return False

    # Running it

    def run(self) -> bool:
        """Run what stands on the screen; False, with a trouble to show, where the text cannot be read."""
        return self._run((self.setting.seed,))

    def run_seeds(self) -> bool:
        """Run it over several seeds, for the median and the band."""
        return self._run(tuple(range(self.setting.seed, self.setting.seed + FAN_SEEDS)))

    @property
    def proposed_sweep(self) -> str:
        """What a sweep of the experiment may go over, as it is typed: what was typed last, or swept last, of
        this experiment; else what there is ready."""
        setting = self.setting
        swept = [one.swept for one in self.kept.all if one.swept and self._is_of_setting(one)]
        if typed := self._typed_sweeps.get(self._experiment) or "".join(swept[-1:]):
            return typed
        ready = setting.lesson.sweeps.get(setting.experiment.name)
        if ready and not self.turned:
            return shlex.join(ready.over)
        return proposed(setting.experiment, self.turned)

    def keep_typed_sweep(self, typed: str) -> None:
        """Have it there when a sweep of this experiment is asked for again."""
        self._typed_sweeps[self._experiment] = typed

    @property
    def _experiment(self) -> tuple[str, str]:
        return self.setting.lesson.slug, self.setting.experiment.name

    def _is_of_setting(self, attempt: Attempt) -> bool:
        return attempt.is_of(self.setting.lesson, self.setting.experiment.name)

    def sweep_in_words(self, typed: str) -> str:
        """How many runs that would be and, by an earlier run, about how long; empty while it is no sweep."""
        try:
            over = asked(self.setting.experiment, typed, self.setting.knobs)
        except KnobError:
            return ""
        runs, seeds = over.runs, over.seeds
        words = f"{over.grid.count:,} settings, {seeds} seed{'s' * (seeds > 1)} each: {runs:,} runs"
        if earlier := self._to_go_on_with(over):
            there = len(earlier.cells)
            words += f", {there:,} of them done"
            runs -= there
        alike = (one for one in reversed(self.kept.all) if self._is_of_setting(one))
        took = (seconds for one in alike if (seconds := seconds_a_run(one, side_by_side("cpu"))))
        each = next(took, None)
        return f"{words}, about {duration(runs * each)}" if each else words

    def _to_go_on_with(self, over: Asked) -> Attempt | None:
        """The latest sweep that was this one and came to something, unless it came to its end."""
        order = self.setting.order((self.setting.seed,)).on("cpu")
        begun = (one for one in reversed(self.kept.all) if one.cells or one.state == "finished")
        latest = next((one for one in begun if same_sweep(one, order, over)), None)
        return latest if latest and latest.state != "finished" else None

    def complaint_of_sweep(self, typed: str) -> str:
        """Why that is no sweep of what stands on the screen; empty where it is one."""
        try:
            self.setting.read_source()
            asked(self.setting.experiment, typed, self.setting.knobs)
        except (SignatureError, CourseError, KnobError) as error:
            return str(error)
        return ""

    def sweep(self, typed: str) -> bool:
        """Run what stands on the screen at many settings; False, with a trouble to show, where that cannot
        be."""
        self._look()
        if complaint := self.complaint_of_sweep(typed):
            self.trouble = Trouble(complaint)
            self._changed()
            return False
        setting = self.setting
        over = asked(setting.experiment, typed, setting.knobs)
        ready = setting.lesson.sweeps.get(setting.experiment.name)
        facts = ready.facts if ready and over.assignments == ready.over else ()
        earlier = self._to_go_on_with(over)
        cells = list(earlier.cells) if earlier else []
        self.trouble, self.due = None, False
        self._before_run()
        self.stop()
        attempt = self._new_attempt((setting.seed,))
        attempt.order = attempt.order.on("cpu")
        attempt.swept, attempt.cells = typed, cells
        attempt.had = len(cells)
        attempt.running = Sweeping(
            attempt.order,
            over,
            facts,
            self._results_wanted(attempt),
            ready.levels if ready else {},
            partial(self._take, attempt),
            self._engine,
            side_by_side("cpu"),
            cells,
            earlier.run.started if earlier else None,
        )
        self._show(attempt)
        return True

    def run_if_due(self) -> bool:
        """Run with a knob that has come to rest, unless something else came between."""
        return self.due and self.run()

    def _run(self, seeds: tuple[int, ...]) -> bool:
        self.due = False
        self._look()
        try:
            self.setting.read_source()
        except (SignatureError, CourseError) as error:
            return self._refuse(error)
        self.trouble = None
        self._before_run()
        self.stop()
        attempt = self._new_attempt(seeds)
        attempt.slow = self.slow
        pace = SLOW_MOTION if self.slow else None
        attempt.running = self._engine.start(attempt.order, partial(self._take, attempt), pace=pace)
        self._show(attempt)
        return True

    @property
    def draws_anew(self) -> bool:
        """Whether a run with the seed that stands on the screen is another draw than those that were seen."""
        return self._is_another_draw((self.setting.seed,))

    def _is_another_draw(self, seeds: tuple[int, ...]) -> bool:
        orders = [attempt.order for attempt in self.kept.all if self._is_of_setting(attempt)]
        seen = {FIRST_SEED, *(seed for order in orders for seed in order.seeds)}
        return not seen.issuperset(seeds)

    def _new_attempt(self, seeds: tuple[int, ...]) -> Attempt:
        attempt = Attempt(
            number=self.kept.begun + 1,
            order=self.setting.order(seeds),
            lesson=self.setting.lesson,
            experiment=self.setting.experiment,
            watch=Stopwatch(self._clock),
            new_draw=self._is_another_draw(seeds),
            begun_in=self._open_step,
        )
        self.kept.add(attempt)
        return attempt

    def _take(self, attempt: Attempt, events: list[Recorded]) -> None:
        attempt.take(events)
        if attempt is self.attempt and self.cursor is not None and self.cursor >= attempt.run.moments:
            self.cursor = None  # several seeds go only as far together as the shortest of them
        if attempt.live:
            return
        self.says = ""
        if attempt is self.attempt and not attempt.swept:
            attempt.verdicts = self._settle(attempt)
        self.kept.trim(self.attempt)
        self._changed()

    @property
    def going(self) -> Attempt | None:
        """The run that goes on; it is always the latest, for the one before was stopped when that began."""
        return next((attempt for attempt in self.kept.attempts[-1:] if attempt.live), None)

    def stop(self) -> None:
        if self.going:
            self.going.stop()

    def pause_or_resume(self) -> None:
        if self.attempt and self.attempt.live:
            self.attempt.pause_or_resume()
            if not self.attempt.paused:
                self.cursor = None
            self._changed()

    def step(self) -> None:
        """One moment on: of the run while it goes on, of the recording after that."""
        if self.attempt and self.attempt.live:
            self.attempt.step()
            self.cursor = None
            self._changed()
        else:
            self.scrub(1)

    def toggle_slow(self) -> None:
        self.slow = not self.slow
        if self.going:
            self.going.set_pace(SLOW_MOTION if self.slow else None)
        self._changed()

    def toggle_auto(self) -> None:
        """Run again whenever a knob turns: the seed stays, so only the knob is another."""
        self.auto, self.due = not self.auto, False
        self._changed()

    # What is shown

    def scrub(self, by: int) -> None:
        """Move the cursor by so many moments."""
        if self.attempt:
            self.scrub_to((self.attempt.run.moments - 1 if self.cursor is None else self.cursor) + by)

    def scrub_to(self, cursor: int) -> None:
        """Show a moment; the last one of a run that goes on follows it."""
        if self.attempt and (moments := self.attempt.run.moments):
            cursor = max(0, min(moments - 1, cursor))
            self.cursor = None if self.attempt.live and cursor == moments - 1 else cursor
            self._changed()

    def scrub_to_wreck(self) -> None:
        """Show the first moment at which a number was no longer one."""
        if self.attempt and (moment := wreck(self.attempt.run)) is not None:
            self.scrub_to(moment)

    def toggle_pin(self, attempt: Attempt | None = None) -> None:
        """Keep a run, by default the one that is shown, behind the next ones, or let it go."""
        attempt = attempt or self.attempt
        if attempt and attempt.run.moments:
            self.kept.toggle_pin(attempt)
            self._changed()

    def vary(self) -> None:
        """Keep this run behind the next ones, and run again at every turn of a knob: on the same draw, so
        that what differs on the charts comes of that knob alone."""
        if self.attempt and self.attempt.run.moments:
            if self.attempt not in self.kept.pinned:
                self.kept.toggle_pin(self.attempt)
            self.setting.seed, self.auto = self.attempt.seed, True
            self._changed()

    def show_recording(self, run: Run) -> None:
        """Put a saved run on the bench, with the source and the knobs it ran with, and with a trouble to show
        where that source cannot be run again."""
        started = run.started
        assert started is not None, "what is loaded from a file has started"
        code = self._code_of(started)
        if code.experiments and self.setting.lesson.slug != code.slug:
            self.setting.put_up(code.experiments[0].name, {}, code)  # whose text the recorded one replaces
        if started.source:
            self.setting.source = started.source
        runs_again = self.put_up(started.experiment, started.knobs, code)
        self.setting.seed, self.setting.mine = started.seed, started.mine
        attempt = self._new_attempt(seeds_of(started))
        attempt.run = run
        if not runs_again:
            attempt.experiment = Experiment(started.experiment, (), "", 1)
            attempt.order = attempt.order.with_experiment(started.experiment, dict(started.knobs))
        self._show(attempt)

    def _code_of(self, started: Started) -> Code:
        """Whose experiment was recorded: of the lesson from which the open step borrows, or its own."""
        on_bench = self.setting.lesson
        return on_bench if on_bench.slug == started.lesson else self._lesson

    def show_attempt(self, attempt: Attempt) -> bool:
        """Put an earlier run back on the bench, with its knobs and its seed; False where that cannot be."""
        if not self.put_up(attempt.experiment.name, attempt.order.knobs, attempt.lesson):
            return False
        self.setting.seed, self.setting.mine = attempt.seed, attempt.order.mine
        self._show(attempt)
        return True

    def show_again(self, step: int) -> None:
        """Where nothing is shown, put the latest run of that step back that is of what is on the bench and
        has something to show; the knobs stay as they are."""
        if self.attempt is None:
            here = (one for one in reversed(self.kept.all) if one.begun_in == step and one.run.moments)
            if found := next(filter(self._is_of_setting, here), None):
                self._show(found)

    def _show(self, attempt: Attempt) -> None:
        self.attempt, self.cursor, self.says = attempt, None, ""
        self.kept.trim(attempt)
        self._changed()

    # What there is to say

    def can(self, action: str) -> bool:
        """Whether an action would do something now, by the name that its key has."""
        if action == "stop":
            return self.going is not None
        if action == "device":
            return len(self._machine.devices) > 1
        if action == "first_seed":
            return self.setting.seed != FIRST_SEED
        return self.attempt.can(action) if self.attempt else action not in OF_AN_ATTEMPT

    def verdicts(self, asks: str = "") -> list[str]:
        """What the run that is shown has settled, with what is asked about it."""
        settled = self.attempt.verdicts if self.attempt else []
        return [*settled[:-1], f"{settled[-1]} {asks}"] if settled and asks else settled

    @property
    def pinned(self) -> list[Attempt]:
        """Those of the experiment that is on the bench, the latest pin last: others have other charts."""
        return [pin for pin in self.kept.pinned if self._is_of_setting(pin)]

    @property
    def parted(self) -> list[str]:
        """Where the run that is shown parts from one of several seeds that is pinned, whether the learner's
        own code does as the lesson's, and what had to go for want of memory."""
        if self.attempt is None:
            return []
        parted = [words for pin in self.pinned for words in parting(pin, self.attempt)]
        parted += beside_other_code(self.attempt, self.kept.all)
        return [*parted, *(words for words in (self.attempt.run.thinned, self.kept.says) if words)]

    @property
    def state(self) -> str:
        """That of the run that is shown; "idle" before the first, "failed" where there is a trouble."""
        if self.trouble:
            return "failed"
        return self.attempt.state if self.attempt else "idle"

    @property
    def status(self) -> str:
        """One line: how the run stands and what `r` would change of it, or what the first one will be."""
        if self.says:
            return self.says
        modes = ["slow motion"] * (self.slow and self.state != "running") + ["auto"] * self.auto
        if self.attempt is None and self.setting.edited:
            modes.append("edited source")
        if self.trouble:
            return f"✗ {self.trouble.sentence}"
        if self.attempt is None:
            return " · ".join([f"seed {self.setting.seed}", *modes])
        pending = self.setting.differs_from(self.attempt)
        return standing(self.attempt, pinned=self.pinned, modes=modes, pending=pending)
