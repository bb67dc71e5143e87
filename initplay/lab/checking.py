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
import re
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


class Mistake:
    """A wrong solution that people write, and the sentence that knows it.

    The sentence may say {got} and {right}, which are the answers to the probe that tells them apart, and
    {got.std} for one of their named numbers; {got1} and {right1} are the first numbers that differ.
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
    """What it said, with the line of the learner's text that was run."""
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

    `whole` names a mistake only to those whose code does the same on every probe: where answers are small
    counts, two mistakes may well agree on some of them.
    """
    answers: Answers = mine if hasattr(mine, "of") else Here(mine, probes)
    got = [answers.of(number, probe) for number, probe in enumerate(probes)]
    right = [answer(probe, answers.right) for probe in probes]
    passed = [_same(*both, probe) for *both, probe in zip(got, right, probes, strict=True)]
    known = [] if all(passed) else _known(got, right, probes, mistakes, len(probes) if whole else 1)
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
    fewest: int,
) -> list[tuple[Mistake, set[int]]]:
    """The mistakes that do what the learner's code does, and on which failed probes; best ones first.

    Whoever gets right what a mistake gets wrong has not made it. Nor has one whose code does something else
    on most of what the mistake fails: a few answers may be the same by chance. `fewest` must be the same.
    """
    failed = [n for n, probe in enumerate(probes) if not _same(got[n], right[n], probe)]
    found: list[tuple[int, Mistake, set[int]]] = []
    for mistake in mistakes:
        some = {n: answer(probes[n], mistake.module) for n in failed}
        if not any(_same(got[n], some[n], probes[n], alike_in_words=True) for n in failed):
            continue
        wrong = [some.get(n) or answer(probe, mistake.module) for n, probe in enumerate(probes)]
        fails = {n for n, probe in enumerate(probes) if not _same(wrong[n], right[n], probe)}
        like = {n for n, probe in enumerate(probes) if _same(got[n], wrong[n], probe, alike_in_words=True)}
        made = fails <= set(failed)
        if made and len(like) >= fewest and 0 < len(fails) <= 2 * len(fails & like):
            found.append((len(like), mistake, fails & like))
    found.sort(key=lambda each: -each[0])
    return [(mistake, tells) for _, mistake, tells in found]


def _sentence(fits: str, probe: Probe, got: Answer, right: Answer) -> str:
    if got.trouble:
        return got.trouble
    if "ellipsis" in got.said + shown(got):
        return f"A blank, `...`, is still to be filled in{_line_of(got)}."
    if missing := re.fullmatch(r"module '\w+' has no attribute '(\w+)'", got.said):
        return f"There is no `{missing[1]}` in it: is the name spelled so?"
    if fits:
        return _filled(fits, got, right, probe)
    if got.raised:
        instead = f", where {right.raised} is right" if right.raised else ""
        return f"It raised {got.raised}{f': {got.said}' if got.said else ''}{instead}."
    if probe.says:
        return _filled(probe.says, got, right, probe)
    if right.raised:
        return f"{probe.name}: it should raise {right.raised}, and gave {shown(got)}."
    if got.value is None:
        return f"It gave None where {shown(right)} is right: does it end with `return`?"
    if (kinds := (_kind(got.value), _kind(right.value)))[0] != kinds[1]:
        return f"{probe.name}: it gave {kinds[0]} where {kinds[1]} is right."
    where, *both = _first_difference(got.value, right.value, probe.within, probe.slack)
    both = _without_their_shape(*both)
    digits = next((d for d in (4, 6, 9) if shown(both[0], d) != shown(both[1], d)), 17)
    return f"{probe.name}{where}: {shown(both[1], digits)} is right, yours gives {shown(both[0], digits)}."


def _filled(says: str, got: Answer, right: Answer, probe: Probe) -> str:
    """The sentence with what {got}, {right}, {got.std} and {got1} stand for."""
    values = _without_their_shape(got.value, right.value)
    firsts = values
    if _kind(got.value) == _kind(right.value):
        _, *firsts = _first_difference(got.value, right.value, probe.within, probe.slack)

    def number(found: re.Match[str]) -> str:
        which, at = (got, 0) if found[1] == "got" else (right, 1)
        named = values[at] if isinstance(values[at], dict) else {}
        value = firsts[at] if found[2] == "1" else named.get((found[2] or "")[1:], values[at])
        return which.raised or shown(value)

    return re.sub(r"\{(got|right)(1|\.[^}]+)?\}", number, says)


def _without_their_shape(got: Any, right: Any) -> tuple[Any, Any]:
    """Two tensors of one shape as their numbers alone: the shape is not the matter then."""
    if isinstance(got, Array) and isinstance(right, Array) and got.shape == right.shape:
        flat = (len(got.numbers),)
        return Array(flat, got.numbers), Array(flat, right.numbers)
    return got, right


def _kind(value: Any) -> str:
    """What sort of value it is, so that one is not compared with another by its numbers."""
    if isinstance(value, Array):
        return f"a tensor of shape {value.shape}"
    if isinstance(value, list):
        return f"{len(value)} result{'' if len(value) == 1 else 's'} in a list or tuple"
    if isinstance(value, str):
        return value if value.startswith("<") else "text"
    if isinstance(value, dict):
        return f"({', '.join(value)})"
    return {float: "one number", bool: "yes or no"}.get(type(value), "nothing")


def _first_difference(
    got: Any, right: Any, within: float | Mapping[str, float], slack: float
) -> tuple[str, Any, Any]:
    """Where two values of one kind begin to differ (", entry 7"), and both of them there."""
    parts: list[tuple[str, Any, Any, float | Mapping[str, float]]] = []
    if isinstance(right, Array) and len(right.numbers) > _SHOWN:
        pairs = zip(got.numbers, right.numbers, strict=True)
        parts = [(f", entry {_place(n, right.shape)}", *both, within) for n, both in enumerate(pairs)]
    elif isinstance(right, list):
        pairs = zip(got, right, strict=True)
        parts = [(f", result {n}", *both, within) for n, both in enumerate(pairs, 1)]
    elif isinstance(right, dict) and got.keys() == right.keys():
        parts = [(f", {name}", got[name], right[name], _of(within, name)) for name in right]
    for where, ours, theirs, share in parts:
        if not alike(ours, theirs, share, slack):
            if _kind(ours) != _kind(theirs):
                return where, ours, theirs
            deeper, *both = _first_difference(ours, theirs, share, slack)
            return where + deeper, both[0], both[1]
    return "", got, right


def _place(number: int, shape: tuple[int, ...]) -> str:
    """The index of an entry from its place in reading order: [2, 0]."""
    index: list[int] = []
    for size in reversed(shape):
        number, at = divmod(number, size)
        index.insert(0, at)
    return str(index)


def _line_of(answer: Answer) -> str:
    found = re.search(r" \(line \d+\)$", answer.said)
    return found[0] if found else ""


def answer(probe: Probe, module: Any, filename: str = "") -> Answer:
    """Put the probe to a module. Whatever that raises is an answer; `filename` is the learner's own text."""
    import torch

    torch.manual_seed(SEED)
    random.seed(SEED)
    try:
        return Answer(plain(probe.ask(module)))
    except BaseException as error:  # noqa: BLE001 (a learner's code may raise anything)
        return Answer(raised=type(error).__name__, said=_said(error, filename))


def _said(error: BaseException, filename: str) -> str:
    lines = traceback.format_exception_only(type(error), error)
    said = lines[0].strip().splitlines()[0].partition(": ")[2][:300] if lines else ""
    at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    where = f" (line {at[-1]})" if at else ""
    return f"{said}{where}".strip()


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


def _same(got: Answer, right: Answer, probe: Probe, alike_in_words: bool = False) -> bool:
    """Whether they are; errors by their names, or by what they say too."""
    if got.trouble or got.raised != right.raised:
        return False
    if alike_in_words and got.said.removesuffix(_line_of(got)) != right.said.removesuffix(_line_of(right)):
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


def shown(what: Any, digits: int = 4) -> str:
    """A plain value or an answer in a few words: "(2, 2): 0, 2, 13, 30"."""
    if isinstance(what, Answer):
        return what.raised or ("nothing" if what.trouble else shown(what.value, digits))
    if isinstance(what, Array):
        numbers = ", ".join(shown(number, digits) for number in what.numbers[:_SHOWN])
        numbers += " …" if len(what.numbers) > _SHOWN else ""
        return f"{what.shape}: {numbers}" if len(what.shape) > 1 else numbers or "no numbers"
    if isinstance(what, list):
        return ", ".join(shown(item, digits) for item in what) or "nothing"
    if isinstance(what, dict):
        return ", ".join(f"{name} {shown(value, digits)}" for name, value in what.items())
    if isinstance(what, float):
        return f"{what:.{digits}g}"
    return {True: "yes", False: "no"}[what] if isinstance(what, bool) else str(what)


def of_draws(w: Any) -> dict[str, Any]:
    """What can be said of a tensor of at least 2,000 draws, whoever drew them and in which order.

    A uniform draw ("box") has a fourth moment of 1.8 stds to the fourth, a normal one ("bell") of 3.
    """
    w = w.detach().double()
    std = w.std()
    fourth = ((w - w.mean()) / std).pow(4).mean()
    return {
        "std": std,
        "mean 0": bool(w.mean().abs() < 6 * std / math.sqrt(w.numel())),
        "form": "box" if 1.6 < fourth < 2 else "bell" if 2.6 < fourth < 3.4 else "neither bell nor box",
        "each drawn": len(w.unique()) > 0.9 * w.numel(),
    }
