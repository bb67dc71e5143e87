"""Checks of what a learner wrote: by what it does, never by how it is written.

A lesson's `checks.py` has probes and mistakes. A probe calls the learner's code and says what came out. The
same probe is put to the solution, and what differs fails. Then each known mistake, which is a wrong
solution with a sentence, is put to the probes too: the one that does what the learner's code does knows what
went wrong.

    def sums(mine):
        return mine.layer(X, W, B)

    PROBES = [Probe("four sums, cut off at 0", sums)]
    MISTAKES = [Mistake("You left ReLU out: {got}, not {right}.", layer=lambda x, w, b: x @ w.T + b)]

    def checks(mine):
        yield from verdicts(mine, PROBES, MISTAKES)

`mine` is the learner's module, or a stand-in for one that lives in another process. Nothing but plain
numbers, text and lists of them is compared, so an object that says it equals everything is only what it is.
"""

from __future__ import annotations

import random
import re
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

from initplay.lab.events import Check
from initplay.lab.plain import alike, first_difference, kind_of, plain, shown, without_their_shape
from initplay.words.names import listed

NOT_REACHED = "It was not reached: what else is wrong comes first."
"""Of a check that is no failed one of its own."""
SEED = 42
"""Each probe begins with it, whoever answers."""


@dataclass(frozen=True)
class Probe:
    """One question that is put to the learner's code, to the solution and to the known mistakes."""

    name: str
    """What it asks, in a few words a learner understands; the check is called that."""
    ask: Callable[[Any], Any]
    """From a module to what came out: numbers, text, tensors, None, or lists and dicts of them."""
    within: float | Mapping[str, float] = 1e-5
    """How far a number may be from the right one, as a share of it; by name where the answer is a dict."""
    slack: float = 1e-6
    """How far it may be as a difference, for what should be 0."""
    says: str = ""
    """What to say of another answer that no known mistake explains; written as a mistake's sentence."""
    beside: bool = False
    """Whether it asks about something beside the answer, as what became of the arguments: where the code
    fails other probes and raises here, that is not reached, and no slip of its own."""


class Mistake:
    """A wrong solution that people write, and the sentence that knows it.

    The sentence may say {got} and {right}, which are the answers to the probe that tells them apart,
    {got.std} for one of their named numbers, and {got1} for the first number that differs.
    """

    def __init__(self, says: str, **defines: Any) -> None:
        self.says = says
        self.module = SimpleNamespace(**defines)
        self._given: dict[Callable[[Any], Any], Answer] = {}

    def answer(self, probe: Probe) -> Answer:
        """What it answers, which is the same each time."""
        if probe.ask not in self._given:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is wrong on purpose
                self._given[probe.ask] = answer(probe, self.module)
        return self._given[probe.ask]


@dataclass(frozen=True)
class Answer:
    """What came of a probe: a plain value, or what was raised, or why nothing came."""

    value: Any = None
    raised: str = ""
    """The name of the exception."""
    said: str = ""
    """What it said."""
    line: int = 0
    """The line of the learner's text that was run then; 0 for none."""
    trouble: str = ""
    """A sentence: it took too long, or its process is gone."""

    def __str__(self) -> str:
        return self.raised or ("nothing" if self.trouble else shown(self.value))


class Answers(Protocol):
    """The learner's code, wherever it runs."""

    right: Any
    """The module with the solution."""

    def of(self, number: int, probe: Probe) -> Answer:
        """What it answers to that probe of the list."""
        ...


class Here:
    """A module in this process, beside the one with the solution."""

    def __init__(self, mine: Any, right: Any) -> None:
        self._mine = mine
        self.right = right

    def of(self, number: int, probe: Probe) -> Answer:
        return answer(probe, self._mine)


def _solution_beside(probes: Sequence[Probe]) -> ModuleType:
    """In a notebook or a test the solution lies beside the checks, where most questions are written."""
    beside = (Path(probe.ask.__code__.co_filename).with_name("solution.py") for probe in probes)
    path = next(path for path in beside if path.exists())
    return _module("solution", path.read_text(encoding="utf-8"))


def _module(name: str, text: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def verdicts(
    mine: Any, probes: Sequence[Probe], mistakes: Sequence[Mistake], *, whole: bool = False
) -> Iterator[Check]:
    """A check for each probe, in their order, once all are answered.

    `whole` lets a mistake speak only if it does what the learner's code does on every probe: for answers so
    small, as counts are, that two mistakes may agree by chance on one of them.
    """
    answers: Answers = mine if hasattr(mine, "of") else Here(mine, _solution_beside(probes))
    got = [answers.of(number, probe) for number, probe in enumerate(probes)]
    right = [answer(probe, answers.right) for probe in probes]
    blanks = getattr(answers, "blanks", ())  # of a text; a module has none
    passed = list(map(_same, got, right, probes))
    unreached = _unreached(got, passed, probes)
    known = [] if all(passed) else _known(got, right, probes, mistakes, whole)
    for number, probe in enumerate(probes):
        fits = next((m.says for m, where in known if number in where), "")
        if passed[number]:
            says = ""
        elif number in unreached:
            says = NOT_REACHED
        else:
            says = _sentence(fits, probe, got[number], right[number], blanks)
        yield Check(
            name=probe.name,
            passed=passed[number],
            expected=str(right[number]),
            got=str(got[number]),
            says=says,
            reached=number not in unreached,
        )


def _unreached(got: Sequence[Answer], passed: Sequence[bool], probes: Sequence[Probe]) -> set[int]:
    """The probes after the one that the code's process did not survive; and where others failed, those about
    something beside the answer that came to no end."""
    troubled = [n for n, answer in enumerate(got) if answer.trouble]
    fails = any(not ok and not probe.beside for ok, probe in zip(passed, probes, strict=True))
    beside = [
        n for n, probe in enumerate(probes) if fails and probe.beside and not passed[n] and got[n].raised
    ]
    return {*troubled[1:], *beside}


def _known(
    got: Sequence[Answer],
    right: Sequence[Answer],
    probes: Sequence[Probe],
    mistakes: Sequence[Mistake],
    whole: bool,
) -> list[tuple[Mistake, set[int]]]:
    """The mistakes that do what the learner's code does, and on which failed probes; best ones first.

    Whoever gets right what a mistake gets wrong has not made it. Nor has one whose code does something else
    on most of what the mistake fails: a few answers may be the same by chance.
    """
    failed = {n for n, probe in enumerate(probes) if not _same(got[n], right[n], probe)}
    found: list[tuple[int, Mistake, set[int]]] = []
    for mistake in mistakes:
        like, fails = set[int](), set[int]()
        for n, probe in enumerate(probes):
            wrong = mistake.answer(probe)
            if _same(got[n], wrong, probe, alike_in_words=True):
                like.add(n)
            elif whole:
                break
            if not _same(wrong, right[n], probe):
                fails.add(n)
            if not fails <= failed or 2 * len(fails - like) >= len(failed):
                break
        else:
            if len(fails) < 2 * len(fails & like):
                found.append((len(like), mistake, fails & like))
    found.sort(key=lambda each: -each[0])
    return [(mistake, tells) for _, mistake, tells in found]


def _same(got: Answer, right: Answer, probe: Probe, alike_in_words: bool = False) -> bool:
    """Whether they are; errors by their names, or by what they say too."""
    if got.trouble or got.raised != right.raised or (alike_in_words and got.said != right.said):
        return False
    return alike(got.value, right.value, probe.within, probe.slack)


def _sentence(fits: str, probe: Probe, got: Answer, right: Answer, blanks: Sequence[int] = ()) -> str:
    if got.trouble:
        return got.trouble
    if "ellipsis" in f"{got.said} {got}":
        return _unfilled(blanks or [got.line])
    if missing := re.fullmatch(r"module '\w+' has no attribute '(\w+)'", got.said):
        return f"There is no `{missing[1]}` in it: is the name spelled so?"
    if got.value == "<coroutine>":
        return "It gives a coroutine, which does nothing until it is awaited: write `def`, without `async`."
    if fits:
        return _filled(fits, probe, got, right)
    if got.raised:
        instead = f", where {right.raised} is right" if right.raised else ""
        said = f": {got.said}" if got.said else ""
        return f"It raised {got.raised}{_at(got)}{said}{instead}."
    if probe.says:
        return _filled(probe.says, probe, got, right)
    if right.raised:
        return f"{probe.name}: it should raise {right.raised}, and gave {got}."
    if got.value is None:
        return f"It gave None where {right} is right: does it end with `return`?"
    if (kinds := (kind_of(got.value), kind_of(right.value)))[0] != kinds[1]:
        return f"{probe.name}: it gave {kinds[0]} where {kinds[1]} is right."
    where, *both = first_difference(got.value, right.value, probe.within, probe.slack)
    if (kinds := [kind_of(each) for each in both])[0] != kinds[1] and shown(both[0]) == shown(both[1]):
        return f"{probe.name}{where}: it gave {kinds[0]} where {kinds[1]} is right."
    both = without_their_shape(*both)
    digits = next((d for d in (4, 6, 9) if shown(both[0], d) != shown(both[1], d)), 17)
    return f"{probe.name}{where}: {shown(both[1], digits)} is right, yours gives {shown(both[0], digits)}."


def _unfilled(blanks: Sequence[int]) -> str:
    """Where they stand, for the code goes on past a blank until that is used; or where it stopped, where that
    is not known."""
    lines = list(dict.fromkeys(str(line) for line in blanks if line))
    if len(blanks) == 1:
        return f"A blank, `...`, is still to be filled in{f' (line {lines[0]})' if lines else ''}."
    where = f"line{'s' if len(lines) > 1 else ''} {listed(lines)}"
    return f"{len(blanks)} blanks, `...`, are still to be filled in ({where})."


def _filled(says: str, probe: Probe, got: Answer, right: Answer) -> str:
    """The sentence with what {got}, {right}, {got.std} and {got1} stand for."""
    values = without_their_shape(got.value, right.value)

    def number(found: re.Match[str]) -> str:
        place = 0 if found[1] == "got" else 1
        if found[2] and kind_of(got.value) == kind_of(right.value):
            return shown(first_difference(*values, probe.within, probe.slack, number=True)[1 + place])
        named = values[place] if isinstance(values[place], dict) else {}
        return (got, right)[place].raised or shown(named.get(found[3], values[place]))

    return re.sub(r"\{(got|right)(1)?(?:\.([^}]+))?\}", number, says)


def answer(probe: Probe, module: Any, filename: str = "") -> Answer:
    """Put the probe to a module. Whatever that raises is an answer; `filename` is the learner's own text."""
    import torch

    # torch.manual_seed writes down its caller's stack for each kind of device, for when that is first used;
    # a probe runs on the CPU, and most take less time than that.
    torch.default_generator.manual_seed(SEED)
    random.seed(SEED)
    try:
        with torch.enable_grad():  # whatever it switches off is on again for the next
            return Answer(plain(probe.ask(module)))
    except BaseException as error:  # noqa: BLE001 (a learner's code may raise anything)
        return Answer(raised=type(error).__name__, said=_said(error), line=_line(error, filename))


def _said(error: BaseException) -> str:
    """Its first line, without the name that Python 3.12 and newer ask whether one meant."""
    try:
        lines = str(error).strip().splitlines()
    except BaseException:  # noqa: BLE001 (a learner's error may be unable to say itself)
        return ""
    return lines[0][:300].rstrip(".") if lines else ""


def _line(error: BaseException, filename: str) -> int:
    at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    return at[-1] or 0 if at else 0


def _at(answer: Answer) -> str:
    return f" (line {answer.line})" if answer.line else ""


def audited(exercises: list[Any]) -> Iterator[Check]:
    """Whether exercises can be learned from, for their authors.

    Each is a list of the lesson's folder, checks, solution, and what the learner starts from at each level.
    The solution must pass, no start may, and each known mistake must fail. What comes is named after the file
    that it is about, and says what is wrong with that.
    """
    for folder, checks_text, solution_text, starts in exercises:
        checks, right = _module("checks", checks_text), _module("solution", solution_text)
        failed = next((check for check in checks.checks(Here(right, right)) if not check.passed), None)
        trouble = f"does not pass its own checks: {failed.name}. {failed.says}" if failed else ""
        yield Check(f"{folder}/solution.py", failed is None, says=trouble)
        for level, start in enumerate(starts, 1):
            passes = all(check.passed for check in checks.checks(Here(_module("mine", start), right)))
            trouble = f"level {level} passes its checks before anything is filled in"
            yield Check(f"{folder}/exercise.py", not passes, says=trouble if passes else "")
        answers = [answer(probe, right) for probe in checks.PROBES]
        for mistake in checks.MISTAKES:
            given = (answer(probe, mistake.module) for probe in checks.PROBES)
            fails = not all(map(_same, given, answers, checks.PROBES))
            told = textwrap.shorten(mistake.says, 60, placeholder=" …")
            trouble = f"the mistake that is told {told!r} passes every check, as solution.py does"
            yield Check(f"{folder}/checks.py", fails, says="" if fails else trouble)
