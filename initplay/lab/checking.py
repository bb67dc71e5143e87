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

import math
import random
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

from initplay.lab.events import Check

SEED = 42
"""Each probe begins with it, whoever answers."""
MOST_NUMBERS = 20_000
"""In one answer; a probe of more than that should say what it asks of them: a mean, a std."""
DEEPEST = 6
"""Lists in lists; more is no answer."""
_SHOWN = 6
"""Numbers of a tensor."""
_FEW = 4
"""Numbers of a tensor that are compared by eye."""


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


class Mistake:
    """A wrong solution that people write, and the sentence that knows it.

    The sentence may say {got} and {right}, which are the answers to the probe it is said of, and {got1} and
    {right1}: of a tensor or a dict the first numbers that differ.
    """

    def __init__(self, says: str, **defines: Any) -> None:
        self.says = says
        self.module = SimpleNamespace(**defines)


@dataclass(frozen=True)
class Array:
    """A tensor as it is compared: its numbers in reading order, whatever their dtype and device."""

    shape: tuple[int, ...]
    numbers: tuple[float, ...]


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


class Answers(Protocol):
    """The learner's code, wherever it runs."""

    right: Any
    """The module with the solution."""

    def of(self, number: int, probe: Probe) -> Answer:
        """What it answers to that probe of the list."""
        ...


class Here:
    """The learner's module in this process, as in a notebook; the solution lies beside the checks."""

    def __init__(self, mine: Any, probes: Sequence[Probe]) -> None:
        self._mine = mine
        beside = Path(probes[0].ask.__code__.co_filename).with_name("solution.py")
        self.right = ModuleType("solution")
        exec(compile(beside.read_text(encoding="utf-8"), str(beside), "exec"), self.right.__dict__)

    def of(self, number: int, probe: Probe) -> Answer:
        return answer(probe, self._mine)


def verdicts(
    mine: Any, probes: Sequence[Probe], mistakes: Sequence[Mistake], *, whole: bool = False
) -> Iterator[Check]:
    """A check for each probe, in their order, once all are answered.

    `whole` lets a mistake speak only if it does what the learner's code does on every probe: for answers so
    small, as counts are, that two mistakes may agree by chance on one of them.
    """
    answers: Answers = mine if hasattr(mine, "of") else Here(mine, probes)
    got = [answers.of(number, probe) for number, probe in enumerate(probes)]
    right = [answer(probe, answers.right) for probe in probes]
    passed = [_same(*both, probe) for *both, probe in zip(got, right, probes, strict=True)]
    known = [] if all(passed) else _known(got, right, probes, mistakes, whole)
    for number, probe in enumerate(probes):
        fits = "" if passed[number] else next((m.says for m, where in known if number in where), "")
        yield Check(
            name=probe.name,
            passed=passed[number],
            expected=shown(right[number]),
            got=shown(got[number]),
            says="" if passed[number] else _sentence(fits, probe, got[number], right[number]),
        )


def _known(
    got: Sequence[Answer],
    right: Sequence[Answer],
    probes: Sequence[Probe],
    mistakes: Sequence[Mistake],
    whole: bool,
) -> list[tuple[Mistake, set[int]]]:
    """The mistakes that do what the learner's code does, and on which failed probes; best ones first."""
    found: list[tuple[int, Mistake, set[int]]] = []
    for mistake in mistakes:
        wrong = [answer(probe, mistake.module) for probe in probes]
        # An AttributeError is like another only if it misses the same attribute.
        like = {
            n for n, p in enumerate(probes) if _same(wrong[n], got[n], p) and wrong[n].said == got[n].said
        }
        tells = {n for n in like if not _same(got[n], right[n], probes[n])}
        if tells and (len(like) == len(probes) or not whole):
            found.append((len(like), mistake, tells))
    found.sort(key=lambda each: -each[0])
    return [(mistake, tells) for _, mistake, tells in found]


def _sentence(fits: str, probe: Probe, got: Answer, right: Answer) -> str:
    if got.trouble:
        return got.trouble
    if fits:
        one, right_one = _first_difference(got, right, probe)
        for name, value in {"got": got, "right": right, "got1": one, "right1": right_one}.items():
            fits = fits.replace(f"{{{name}}}", shown(value))
        return fits
    if "ellipsis" in f"{got.said} {shown(got.value)}".lower():
        return "There is still a `...` to fill in."
    if got.raised:
        where = f" (line {got.line})" if got.line else ""
        return f"It raised {got.raised}{where}{': ' if got.said else '.'}{got.said}"
    if right.raised:
        return f"It raised nothing where {right.raised} is right."
    if got.value is None:
        return f"It gave None where {shown(right)} is right: does it end with `return`?"
    kind, right_kind = _kind(got.value), _kind(right.value)
    if kind != right_kind:
        return f"It gave {kind} where {right_kind} is right."
    where, one, right_one = "", got, right
    if isinstance(right.value, Array) and len(right.value.numbers) > _FEW:
        where = "the first number that differs: "
        one, right_one = _first_difference(got, right, probe)
    return f"{probe.name}: {where}{shown(right_one)} is right, yours gives {shown(one)}."


def _first_difference(got: Answer, right: Answer, probe: Probe) -> tuple[Any, Any]:
    """The first numbers that are not the same, of two tensors or dicts; of anything else, the two."""
    if got.raised or right.raised:
        return got, right
    one, right_one, within = got.value, right.value, probe.within
    while parts := _parts(one, right_one, within):
        one, right_one, within = next(
            (one, right, within) for one, right, within in parts if not alike(one, right, within, probe.slack)
        )
    return one, right_one


def _parts(got: Any, right: Any, within: float | Mapping[str, float]) -> list[tuple[Any, Any, Any]]:
    if isinstance(got, dict) and isinstance(right, dict) and got.keys() == right.keys():
        return [(got[name], right[name], _of(within, name)) for name in right]
    if isinstance(got, Array) and isinstance(right, Array) and got.shape == right.shape:
        return [(a, b, within) for a, b in zip(got.numbers, right.numbers, strict=True)]
    return []


def _kind(value: Any) -> str:
    if isinstance(value, Array):
        return f"a tensor of shape {value.shape}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return ", ".join(value)
    if isinstance(value, str):
        return value if value.startswith("<") else "text"
    return {bool: "yes or no", float: "a number"}.get(type(value), "nothing")


def answer(probe: Probe, module: Any, filename: str = "") -> Answer:
    """Put the probe to a module. Whatever that raises is an answer; `filename` is the learner's own text."""
    import torch

    torch.manual_seed(SEED)
    random.seed(SEED)
    try:
        return Answer(plain(probe.ask(module)))
    except BaseException as error:  # noqa: BLE001 (a learner's code may raise anything)
        return Answer(raised=type(error).__name__, said=_said(error), line=_line(error, filename))


def _said(error: BaseException) -> str:
    lines = traceback.format_exception_only(type(error), error)
    return lines[0].strip().splitlines()[0].partition(": ")[2][:300] if lines else ""


def _line(error: BaseException, filename: str) -> int:
    at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    return at[-1] or 0 if at else 0


def plain(value: Any, depth: int = DEEPEST) -> Any:
    """The value as numbers, text, None, `Array`s, and lists and dicts of them.

    Of anything else it is only said what it is: <dict_keys>, <Everything>.
    """
    import numpy
    import torch

    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind in (int, float):
        return (
            float(value)
            if abs(value) < 2**1000 or kind is float
            else f"<an int of {value.bit_length()} bits>"
        )
    if issubclass(kind, numpy.ndarray | numpy.generic):
        value, kind = torch.as_tensor(value), torch.Tensor
    if issubclass(kind, torch.Tensor):
        return _array(value)
    if depth and issubclass(kind, list | tuple) and len(value) <= MOST_NUMBERS:
        return [plain(item, depth - 1) for item in value]
    if depth and kind is dict and len(value) <= MOST_NUMBERS:
        return {str(name): plain(item, depth - 1) for name, item in value.items()}
    return f"<{kind.__name__}>"


def _array(tensor: Any) -> Any:
    import torch

    if tensor.numel() > MOST_NUMBERS or tensor.is_complex():
        what = "complex numbers" if tensor.is_complex() else f"{tensor.numel():,} numbers"
        return f"<a tensor of {what}>"
    numbers = tensor.detach().to("cpu", torch.float64).reshape(-1).tolist()
    return Array(tuple(tensor.shape), tuple(numbers)) if tensor.dim() else numbers[0]


def _same(got: Answer, right: Answer, probe: Probe) -> bool:
    if got.trouble or got.raised != right.raised:
        return False
    return alike(got.value, right.value, probe.within, probe.slack)


def alike(got: Any, right: Any, within: float | Mapping[str, float], slack: float) -> bool:
    """Whether two plain values are the same as far as the tolerance goes; NaN is like NaN."""
    if isinstance(right, Array):
        return (
            isinstance(got, Array)
            and got.shape == right.shape
            and all(alike(*pair, within, slack) for pair in zip(got.numbers, right.numbers, strict=True))
        )
    if isinstance(right, bool) or isinstance(got, bool) or not isinstance(right, float):
        if isinstance(right, list):
            same = isinstance(got, list) and len(got) == len(right)
            return same and all(alike(*pair, within, slack) for pair in zip(got, right, strict=True))
        if isinstance(right, dict):
            return (
                isinstance(got, dict)
                and got.keys() == right.keys()
                and all(alike(got[name], right[name], _of(within, name), slack) for name in right)
            )
        return type(got) is type(right) and got == right
    if not isinstance(got, float):
        return False
    if math.isnan(right) or math.isinf(right):
        return got == right or (math.isnan(right) and math.isnan(got))
    share = within if isinstance(within, float | int) else 1e-5
    return abs(got - right) <= max(share * abs(right), slack)


def _of(within: float | Mapping[str, float], name: str) -> float:
    return within if isinstance(within, float | int) else within.get(name, 1e-5)


def shown(what: Any) -> str:
    """A plain value or an answer in a few words: "(2, 2): 0, 2, 13, 30"."""
    if isinstance(what, Answer):
        return what.raised or ("nothing" if what.trouble else shown(what.value))
    if isinstance(what, Array):
        numbers = ", ".join(map(shown, what.numbers[:_SHOWN])) + (" …" if len(what.numbers) > _SHOWN else "")
        return f"{what.shape}: {numbers}" if len(what.shape) > 1 else numbers or "no numbers"
    if isinstance(what, list):
        return ", ".join(map(shown, what)) or "nothing"
    if isinstance(what, dict):
        return ", ".join(f"{name} {shown(value)}" for name, value in what.items())
    if isinstance(what, float):
        return f"{what:.4g}"
    return {True: "yes", False: "no"}[what] if isinstance(what, bool) else str(what)
