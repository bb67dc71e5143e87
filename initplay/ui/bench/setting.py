"""What the next run would be: an experiment of a text, with its knobs and a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from initplay.course.agreed import FIRST_SEED
from initplay.course.experiment import Experiment
from initplay.course.knob import Knob, KnobError, Value
from initplay.course.lesson import Code, CourseError
from initplay.course.needs import idle
from initplay.engine.machine import Machine
from initplay.engine.order import Order, to_examine
from initplay.ui.bench.attempt import Attempt
from initplay.words.names import spelled

Scratches = Callable[[str], Mapping[str, str]]
"""What the learner made of a lesson's code on earlier visits, by its slug: texts by name, newest first."""


class Setting:
    """What stands on the screen, and the order that comes of it."""

    def __init__(self, lesson: Code, machine: Machine, scratches: Scratches = lambda slug: {}) -> None:
        self.lesson = lesson
        """Whose experiment it is: a step may run one of another lesson."""
        self._find_scratches = scratches
        self._scratches: dict[str, Mapping[str, str]] = {}
        self._texts: dict[str, str] = {}
        """How the text of each lesson was left, by its slug."""
        self.source = self._text_of(lesson)
        self.experiment: Experiment = lesson.experiments[0]
        self.knobs: dict[str, Value] = self.experiment.defaults()
        self.seed = FIRST_SEED
        self.typed = False
        """Whether the learner edited the text since it was kept; that of a saved run is not the learner's."""
        self.mine = ""
        """What the learner wrote for the lesson's exercise, where the experiment is to run with it."""
        self._machine = machine

    @property
    def edited(self) -> bool:
        """Whether the text is not the lesson's own."""
        return self.source != self.lesson.source

    @property
    def idle(self) -> dict[str, str]:
        """The knobs that do nothing as the others are set, and by which of these; of an edited text nobody
        knows."""
        needs = self.lesson.needs.get(self.experiment.name, {})
        return {} if self.edited or not needs else idle(self.experiment, needs, self.knobs)

    def edit(self, source: str) -> None:
        """Take another text; it is read when it is to run."""
        self.source, self.typed = source, True

    def take_original(self, lesson: Code) -> None:
        """Its own text is another from here on, and is what stands on the screen."""
        self.lesson, self.source = lesson, lesson.source

    def put_up(self, experiment: str, knobs: Mapping[str, Value], lesson: Code | None = None) -> None:
        """Turn to an experiment, of another lesson if one is given, with some of its knobs set and the others
        at their defaults.

        Raises CourseError, SignatureError or KnobError, and leaves everything as it was.
        """
        lesson = lesson or self.lesson
        text = self.source if lesson.slug == self.lesson.slug else self._text_of(lesson)
        found = _find(experiment, lesson, text)
        self.experiment, self.knobs = found, {**found.defaults(), **found.check(knobs)}
        self._texts[self.lesson.slug] = self.source
        self.lesson, self.source = lesson, text

    def _text_of(self, lesson: Code) -> str:
        """As the learner left it on this visit, which begins with the lesson's own."""
        if lesson.slug not in self._texts:
            self._scratches[lesson.slug] = self._find_scratches(lesson.slug)
            self._texts[lesson.slug] = lesson.source
        return self._texts[lesson.slug]

    @property
    def scratches(self) -> Mapping[str, str]:
        """What the learner made of this text on earlier visits, by name, the newest first."""
        return self._scratches.get(self.lesson.slug, {})

    def read_source(self) -> None:
        """Take the knobs from the text as it is now. Raises CourseError or SignatureError."""
        found = _find(self.experiment.name, self.lesson, self.source)
        self.knobs = {knob.name: _kept_or_default(knob, self.knobs) for knob in found.knobs}
        self.experiment = found

    def draw_seed(self) -> None:
        self.seed = random.randrange(1, 10_000)

    def order(self, seeds: tuple[int, ...]) -> Order:
        if self.lesson.examines:
            return to_examine(
                self.lesson.filename,
                self.source,
                self.knobs,
                seeds=seeds,
                device=self._machine.device,
                edited=self.edited,
            )
        return Order(
            lesson=self.lesson.slug,
            experiment=self.experiment.name,
            filename=self.lesson.filename,
            source=self.source,
            knobs=dict(self.knobs),
            seeds=seeds,
            device=self._machine.device,
            data=self._machine.data,
            edited=self.edited,
            mine=self.mine,
        )

    def differs_from(self, attempt: Attempt) -> list[str]:
        """What is not as it was in that run: what `r` would change."""
        order, device = attempt.order, self._machine.device
        changed = [
            f"{spelled(knob.name)} {knob.format(self.knobs[knob.name])}"
            for knob in self.experiment.knobs
            if order.knobs.get(knob.name) != self.knobs[knob.name]
        ]
        if self.seed != attempt.seed:
            changed.append(f"seed {self.seed}")
        if "auto" not in (device, attempt.device) and device != attempt.device:
            changed.append(f"device {device}")
        if self.source != order.source:
            own = "the file's text" if self.lesson.examines else "the lesson's source"
            changed.append("edited source" if self.edited else own)
        if self.mine != order.mine:
            changed.append("your own code" if self.mine else "the lesson's own code")
        return changed


def _find(name: str, lesson: Code, text: str) -> Experiment:
    """The experiment of that name in a text of the lesson's. Raises CourseError or SignatureError."""
    if text == lesson.source and not lesson.examines:  # what is wrong with a user's file nobody has said yet
        return lesson.experiment(name)
    found = {experiment.name: experiment for experiment in lesson.read(text)}
    if name not in found:
        raise CourseError(f"The source on the screen has no experiment {name!r} any more.")
    return found[name]


def _kept_or_default(knob: Knob, values: Mapping[str, Value]) -> Value:
    """The knob's value where it still takes it; it may be new, or its range another."""
    try:
        return knob.check(values[knob.name])
    except (KeyError, KnobError):
        return knob.default
