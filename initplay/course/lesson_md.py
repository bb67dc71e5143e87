"""The format of lesson.md: read into steps and blocks, each mistake a sentence that says what to do.

One `# ` heading is the title, each `## ` heading starts a step, and a last `## Sources` closes the lesson.
A fenced block whose info string starts with one of these words is live, unless it stands in a list or in a
quotation; its body is TOML:

| block             | body                                                                               |
|-------------------|------------------------------------------------------------------------------------|
| `lesson`          | `minutes`, `summary`, `part` (a heading on Home); once, above the first step       |
| `run EXPERIMENT`  | knobs: the bench is set to them when the step opens. `run LESSON/EXPERIMENT` is    |
|                   | one of another lesson, by its slug; what is asked and kept belongs to this one.    |
|                   | `shows`, a chart or table of it, is in sight first, in place of the first it draws |
| `predict`         | `ask`, and `result` (with `unit`) or `options` with `answer`; `why`, `hint`         |
| `after`           | Markdown in place of TOML: shown once the predictions above it are settled         |
| `goal`            | `ask`, `why`, `hint`; every other key is a target: a knob or a Result value        |
| `exercise NAME`   | `hint`, `hint_2`, `hint_3`, `experiment` (runs with what the learner wrote), its   |
|                   | `knobs`, a table: `knobs = { depth = 20 }`, and what of it it `shows`              |
| `end`             | `can`, what the learner can do now, and `try`, one thing to try; above `## Sources` |

A step has at most one `run`, above its predictions and goals: they are about it. In a step without one they
are about the last `run` of an earlier step. In a step with an exercise and no `run`, the bench is set to what
the exercise runs. A target is `[low, high]`, both included, or one value.

A number is right within a quarter of the run's, or within another share: `within = 0.05`, or 0 where it must
be exact. Where one draw scatters, `answer` says what theory or many draws come to, as a number or as
arithmetic (`answer = "2**-25"`): guesses are held against that, and the run's own number is told beside it.

A number that `result` settles may be a place on a chart: `mark` names the chart whose x axis it lies on, and
the guess stands there as a line. With `range = [low, high]` it can be placed there as well, by arrows or by a
click, before any run: in whole numbers where both ends are such, and by decades with `log = true`.

A question is answered before its run, or counts as no prediction. A diagnosis says `look = true`: there the
run is looked at first, and settles the answer that is given then. A question about another draw says
`new_seed = true`: only a run with a seed that was not run before settles it.

Where there is room for one chart or table, it is the first: let `shows` name the one that the step asks
about. It has that place from the first event to the last, so let it come early in a run that takes its time.
A step with a `mark` needs no `shows`: that chart is first.

What a block says is shown as it is written: there backticks and stars stay what they are. Everything else in
the file is prose and stays Markdown. A chart or a table that it names in italics (the
table *growth per layer*) stands right behind the first one on the bench: the key `c` brings it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from initplay.course.arithmetic import read_number
from initplay.course.experiment import Experiment, yields_nothing
from initplay.course.knob import KnobError, Value
from initplay.course.lesson import (
    EXERCISE_FILES,
    Block,
    Code,
    CourseError,
    End,
    ExerciseBlock,
    Goal,
    Problem,
    Prose,
    RunBlock,
    Step,
    Target,
)
from initplay.course.live_block import LiveBlock
from initplay.course.pieces import Mistake, Piece, pieces
from initplay.course.prediction import WITHIN, Predict
from initplay.words.nearest import did_you_mean

MOST_PLACED = 1e9
"""How wide the range of a guess may be, and one over how narrow."""
Neighbor = Callable[[str], Code]
"""The code of the lesson of that slug beside this one. Raises CourseError where it cannot be read."""
LIVE = ("lesson", "run", "predict", "after", "goal", "exercise", "end")


def alone(slug: str) -> Code:
    """That of a lesson with no other beside it."""
    raise CourseError(f"there is no lesson {slug!r} beside this one")


@dataclass
class _Draft:
    """A step that is still being read."""

    title: str
    line: int
    blocks: list[Block]


@dataclass
class Reader:
    """Reads one lesson.md from top to bottom, collecting every mistake on the way.

    After `read`, the lesson is right if `problems` is empty.
    """

    folder: Path
    slug: str
    experiments: list[Experiment] | None
    """None where experiment.py could not be read: what depends on it is then not checked."""
    source: str = ""
    """The text of experiment.py; empty where it could not be read."""
    neighbor: Neighbor = alone
    title: str = ""
    summary: str = ""
    part: str = ""
    minutes: int | None = None
    sources: str = ""
    steps: tuple[Step, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    _drafts: list[_Draft] = field(default_factory=list)
    _opening: list[Block] = field(default_factory=list)
    """Text between the title and the first heading of a step: it opens that step."""
    _has_run: bool = False
    _experiment: Experiment | None = None
    """The experiment of the last run block, where that block was right."""
    _address: str = ""
    """As that block names it."""
    _once: set[str] = field(default_factory=set)
    """The kinds of block met so far that may stand only once."""

    def read(self, text: str) -> None:
        """Reads the whole of lesson.md into the fields above."""
        try:
            found = [piece for piece in pieces(text) if piece.kind != "comment"]
        except Mistake as mistake:
            self._note(mistake)
            return
        if not found or found[0].kind != "#":
            self._note(Mistake(1, "the lesson has no title: begin it with a line such as `# Divide by √n`"))
        for piece in found:
            try:
                self._take(piece)
            except Mistake as mistake:
                self._note(mistake)
        self._close()

    def _note(self, mistake: Mistake) -> None:
        self.problems.append(Problem(self.folder / "lesson.md", mistake.line, mistake.message))

    def _take(self, piece: Piece) -> None:
        if piece.kind == "#":
            if self.title:
                raise Mistake(piece.line, "a second title: a lesson has one `# ` heading; steps have `## `")
            self.title = piece.head
        elif piece.kind == "##":
            self._drafts.append(_Draft(piece.head, piece.line, [] if self._drafts else self._opening))
        elif piece.kind == "text":
            self._blocks.append(Prose(piece.body, piece.line))
        else:
            self._take_fence(piece)
        if piece.kind in ("#", "##") and not piece.head:
            raise Mistake(piece.line, "this heading is empty: give it words, or remove it")

    @property
    def _blocks(self) -> list[Block]:
        return self._drafts[-1].blocks if self._drafts else self._opening

    def _take_fence(self, piece: Piece) -> None:
        readers: dict[str, Callable[[LiveBlock], Block | None]] = {
            "run": self._run,
            "predict": self._predict,
            "goal": self._goal,
            "exercise": self._exercise,
            "end": self._end,
        }
        word = piece.head.partition(" ")[0]
        if word == "lesson":
            self._lesson(LiveBlock(piece))
            return
        if word == "after":
            self._after(piece)
            return
        if word not in readers:
            near = did_you_mean(word.lower(), LIVE)
            allowed = f"{', '.join(LIVE)}; for code, its language, such as python or text"
            raise Mistake(piece.line, f"unknown block {word!r}{near}: allowed are {allowed}")
        if not self._drafts:
            raise Mistake(piece.line, f"{word}: stands above the first step: move it below a `## ` heading")
        if word == "run":
            self._has_run, self._experiment = True, None
        block = readers[word](LiveBlock(piece))
        if block is not None:
            self._blocks.append(block)

    def _after(self, piece: Piece) -> None:
        if not any(isinstance(block, Predict) for block in self._blocks):
            raise Mistake(
                piece.line, "after: waits for a prediction: put a `predict` block above it in its step"
            )
        if not piece.body.strip():
            raise Mistake(
                piece.line, "after: is empty: write what is to be read once the prediction is settled"
            )
        self._blocks.append(Prose(piece.body, piece.line + 1, after=True))

    def _lesson(self, body: LiveBlock) -> None:
        if self._drafts or "lesson" in self._once:
            raise Mistake(body.line, "lesson: stands once, between the title and the first step")
        self._once.add("lesson")
        body.allow("minutes", "summary", "part")
        self.summary = body.text("summary")
        self.part = body.text("part")
        minutes = body.table.get("minutes")
        if minutes is not None and (type(minutes) is not int or not 1 <= minutes <= 600):
            raise body.wrong("minutes", "minutes is a whole number from 1 to 600")
        self.minutes = minutes

    def _run(self, body: LiveBlock) -> RunBlock | None:
        lesson, _, name = body.name.rpartition("/")
        code = self._code_of(lesson, body) if lesson not in ("", self.slug) else None
        experiments = self.experiments if code is None else code.experiments
        if experiments is None:
            return None
        names = [experiment.name for experiment in experiments]
        if name not in names:
            whose = f"{code.folder_name}/experiment.py" if code else "experiment.py"
            what = f"{whose} {_lacks(name, names, self.source if code is None else code.source)}"
            what = what if name else "names no experiment"
            form = f"run {lesson}/NAME" if code else "run NAME"
            mend = f"write `{form}` with one of {', '.join(names)}"
            mend = mend if names else f"write a function in {whose} that yields events, and name it here"
            raise Mistake(body.line, f"run: {what}: {mend}")
        experiment = experiments[names.index(name)]
        shows, knobs = body.text("shows"), {key: body.table[key] for key in body.table if key != "shows"}
        block = RunBlock(name, _knobs(body, knobs, experiment), body.line, code, shows)
        self._experiment, self._address = experiment, block.address
        self._refuse_late_run(body)
        return block

    def _code_of(self, lesson: str, body: LiveBlock) -> Code:
        try:
            return self.neighbor(lesson)
        except CourseError as error:
            raise Mistake(body.line, f"run: {error}") from None

    def _refuse_late_run(self, run: LiveBlock) -> None:
        """The bench is set to a step's run when the step opens, so its predictions can be about no other."""
        for block in self._blocks:
            if isinstance(block, RunBlock):
                reason = f"the step {self._drafts[-1].title!r} has a `run` already, on line {block.line}"
                raise Mistake(run.line, f"run: {reason}: keep one, or begin a new step with `## `")
            if isinstance(block, (Predict, Goal)):
                reason = f"stands below what is asked about it on line {block.line}"
                raise Mistake(run.line, f"run: {reason}: move it above that")

    def _predict(self, body: LiveBlock) -> Predict:
        body.allow(
            *("ask", "result", "unit", "mark", "range", "log", "within"),
            *("options", "answer", "look", "new_seed", "why", "hint"),
        )
        if ("result" in body.table) == ("options" in body.table):
            reason = "give either `result`, which a run settles, or `options` with `answer`"
            raise Mistake(body.line, f"predict: {reason}")
        asked = Predict(
            key=self._key("predict", Predict),
            ask=body.text("ask", required=True),
            experiment=self._address if self._experiment else None,
            line=body.line,
            unit=body.text("unit"),
            why=body.text("why"),
            hint=body.text("hint"),
            look=_flag(body, "look"),
            new_seed=_flag(body, "new_seed"),
        )
        if "options" in body.table:
            for key in ("mark", "range", "log", "within"):
                if key in body.table:
                    raise body.wrong(key, f"{key} belongs to `result`: an option is right or it is not")
            options = _options(body)
            return replace(asked, options=options, answer=_answer(body, options))
        self._need_run(body)
        mark, span, log = _place(body)
        return replace(
            asked,
            result=body.text("result", required=True),
            expected=_expected(body),
            within=_within(body),
            mark=mark,
            span=span,
            log=log,
        )

    def _goal(self, body: LiveBlock) -> Goal:
        self._need_run(body)
        names = [name for name in body.table if name not in ("ask", "why", "hint")]
        goal = Goal(
            key=self._key("goal", Goal),
            ask=body.text("ask", required=True),
            experiment=self._address if self._experiment else "",
            targets={name: _target(body, self._experiment, name) for name in names},
            line=body.line,
            why=body.text("why"),
            hint=body.text("hint"),
        )
        if not names:
            raise Mistake(body.line, "goal: no target: add a Result value or a knob: final_std = [0.5, 2]")
        return goal

    def _exercise(self, body: LiveBlock) -> ExerciseBlock:
        if not body.name.isidentifier():
            raise Mistake(body.line, "exercise: needs a name of letters, digits and _: `exercise my_linear`")
        if "exercise" in self._once:
            raise Mistake(body.line, "exercise: a lesson has one exercise: keep one of these blocks")
        self._once.add("exercise")
        body.allow("hint", "hint_2", "hint_3", "experiment", "knobs", "shows")
        missing = [name for name in EXERCISE_FILES if not os.path.isfile(self.folder / name)]
        if missing:
            raise Mistake(body.line, f"exercise: add {', '.join(missing)} to the lesson's folder")
        return ExerciseBlock(
            body.name,
            body.line,
            hint=body.text("hint"),
            hint_2=body.text("hint_2"),
            hint_3=body.text("hint_3"),
            run=self._run_of_mine(body),
        )

    def _run_of_mine(self, body: LiveBlock) -> RunBlock | None:
        """What runs with the learner's code once it passes."""
        name, knobs = body.text("experiment"), body.table.get("knobs", {})
        if not isinstance(knobs, dict) or (knobs and not name):
            raise body.wrong("knobs", "knobs are those of its experiment: knobs = { depth = 20 }")
        if (shows := body.text("shows")) and not name:
            raise body.wrong("shows", 'shows is about its experiment: name that, experiment = "..."')
        if not name or self.experiments is None:
            return None
        known = {found.name: found for found in self.experiments}
        if name not in known:
            raise Mistake(body.line, f"exercise: experiment.py {_lacks(name, known, self.source)}")
        return RunBlock(name, _knobs(body, knobs, known[name]), body.line, shows=shows)

    def _end(self, body: LiveBlock) -> End:
        body.allow("can", "try")
        return End(body.text("can", required=True), body.text("try", required=True), body.line)

    def _need_run(self, body: LiveBlock) -> None:
        if not self._has_run:
            raise Mistake(body.line, f"{body.kind}: put a `run` block above it, whose run settles it")

    def _key(self, kind: str, block_type: type) -> str:
        before = sum(isinstance(block, block_type) for block in self._blocks)
        return f"{self.slug}/{len(self._drafts)}/{kind}/{before + 1}"

    def _close(self) -> None:
        if self._drafts and self._drafts[-1].title.casefold() == "sources":
            self._close_with_sources(self._drafts.pop())
        self._refuse_end_elsewhere()
        if self.title and not self._drafts:
            self._note(Mistake(1, "the lesson has no step: start one with a line such as `## One layer`"))
        broken = bool(self.problems)  # a step may then look empty because its block was refused
        for draft in self._drafts:
            if not draft.blocks and not broken:
                message = f"the step {draft.title!r} is empty: write it, or remove its heading"
                self._note(Mistake(draft.line, message))
        self.steps = tuple(Step(draft.title, tuple(draft.blocks), draft.line) for draft in self._drafts)

    def _refuse_end_elsewhere(self) -> None:
        """It closes the lesson: nothing but Sources stands below it."""
        last = self._drafts[-1].blocks[-1:] if self._drafts else []
        for draft in self._drafts:
            for block in draft.blocks:
                if isinstance(block, End) and block not in last:
                    message = "end: closes the lesson: move it to the end of the last step, above Sources"
                    self._note(Mistake(block.line, message))

    def _close_with_sources(self, draft: _Draft) -> None:
        prose = [block.text for block in draft.blocks if isinstance(block, Prose)]
        if len(prose) < len(draft.blocks):
            self._note(Mistake(draft.line, "a live block stands below Sources: move it into a step above"))
        self.sources = "\n\n".join(prose)


def _lacks(name: str, names: Iterable[str], source: str) -> str:
    """Why the text has no experiment of that name, as the end of a sentence."""
    if yields_nothing(name, source):
        return f"has a function {name!r} that yields nothing, so that it is no experiment"
    return f"has no {name!r}{did_you_mean(name, names)}"


def _knobs(body: LiveBlock, table: dict[str, Any], experiment: Experiment) -> dict[str, Value]:
    """The knobs of the experiment that a table in the block sets."""
    return {name: _checked(body, experiment, name, table[name]) for name in table}


def _checked(body: LiveBlock, experiment: Experiment, name: str, value: Any) -> Value:
    """The value that the block gives to a knob of the experiment."""
    try:
        return experiment.knob(name).check(value)
    except KnobError as error:
        raise body.wrong(name, str(error).rstrip(".")) from None


def _options(body: LiveBlock) -> tuple[str, ...]:
    options = body.table["options"]
    if not isinstance(options, list) or not all(isinstance(text, str) and text.strip() for text in options):
        raise body.wrong("options", 'options is a list of texts: write options = ["down", "up"]')
    if len(set(options)) < max(2, len(options)):
        raise body.wrong("options", "options needs two or more different texts")
    return tuple(options)


def _answer(body: LiveBlock, options: tuple[str, ...]) -> int:
    answer = body.table.get("answer")
    if type(answer) is not int or not 1 <= answer <= len(options):
        raise body.wrong("answer", f"answer is the number of the right option, from 1 to {len(options)}")
    return answer


def _expected(body: LiveBlock) -> float | None:
    """What theory or many draws say, as a number or as arithmetic; None where the run settles it."""
    if "answer" not in body.table:
        return None
    answer = body.table["answer"]
    try:
        number = read_number(answer) if isinstance(answer, str) else answer
    except ValueError as error:
        raise body.wrong("answer", f"answer {error}") from None
    if type(number) not in (int, float) or not math.isfinite(number):
        raise body.wrong("answer", "with `result`, answer is the number that theory or many draws say")
    return number


def _flag(body: LiveBlock, name: str) -> bool:
    value = body.table.get(name, False)
    if not isinstance(value, bool):
        raise body.wrong(name, f"{name} is true or false")
    return value


def _within(body: LiveBlock) -> float:
    within = body.table.get("within", WITHIN)
    if type(within) not in (int, float) or not 0 <= within <= 9:
        raise body.wrong("within", "within is the share by which a number may be off, from 0 (exact) to 9")
    return within


def _place(body: LiveBlock) -> tuple[str, tuple[float, float] | None, bool]:
    """The chart on whose x axis a guess lies, from where to where it may, and whether by decades."""
    mark, log = body.text("mark"), _flag(body, "log")
    if "range" not in body.table:
        if log:
            raise body.wrong("log", "log is about a range: add one, such as range = [1, 1000]")
        return mark, None, False
    if not mark:
        raise body.wrong("range", 'range is a place on a chart: name the chart, mark = "..."')
    ends = body.table["range"]
    low, high = ends if _as_range(ends if isinstance(ends, list) else []) else (0, 0)
    if not low < high or math.isinf(low) or math.isinf(high):
        raise body.wrong("range", "range is two numbers, the lower first: write range = [1, 100]")
    if not MOST_PLACED >= high - low >= 1 / MOST_PLACED:
        raise body.wrong("range", f"range is as wide as {1 / MOST_PLACED:g} to {MOST_PLACED:g}")
    if log and low <= 0:
        raise body.wrong("range", "range begins above 0 where log is true: write range = [1, 1000]")
    if log and high < 10 * low:
        raise body.wrong("range", "range spans ten times or more where log is true: write range = [1, 1000]")
    return mark, (low, high), log


def _target(body: LiveBlock, experiment: Experiment | None, name: str) -> Target:
    """What a goal asks of a knob of the experiment, or of a Result value where no knob has the name."""
    value = body.table[name]
    target = _as_range(value) if isinstance(value, list) else value
    if not isinstance(target, (tuple, int, float, str)) or target != target:
        raise body.wrong(name, f"{name} is a range {name} = [low, high] with low <= high, or one value")
    knob = next((knob for knob in experiment.knobs if knob.name == name), None) if experiment else None
    if experiment is None or knob is None:
        return target
    if not isinstance(target, tuple):
        return _checked(body, experiment, name, value)
    if isinstance(knob.default, (str, bool)):
        raise body.wrong(name, f"{name} takes {knob.takes}: give it one value, not a range")
    if (knob.low is not None and target[1] < knob.low) or (knob.high is not None and target[0] > knob.high):
        raise body.wrong(name, f"{name} can never lie in {value}: it takes {knob.takes}")
    return target


def _as_range(values: list[Any]) -> tuple[float, float] | None:
    """The closed range that a list of two numbers gives, or None; infinite ends are fine, NaN is not."""
    if len(values) != 2 or not all(type(value) in (int, float) for value in values):
        return None
    low, high = values
    return (float(low), float(high)) if low <= high else None
