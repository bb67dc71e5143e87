"""Which settings a sweep goes through, as they are typed: `depth=1,2,4` and `scale=0.01..1:5:log`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from initplay.course.experiment import Experiment
from initplay.course.knob import Knob, KnobError, Value
from initplay.recording.cell import Cell, key
from initplay.words.names import spelled
from initplay.words.numbers import whole_number

MOST_VALUES = 10_000
"""Of one knob."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values of some knobs; the other knobs stay where they are."""

    fixed: dict[str, Value]
    """The knobs that have one value."""
    swept: dict[str, tuple[Value, ...]]
    """Those that have several, in the order in which they were named."""
    logarithmic: frozenset[str] = frozenset()
    """Those of them whose values stand in equal ratios."""

    @property
    def count(self) -> int:
        return math.prod(len(values) for values in self.swept.values())

    def settings(self) -> Iterator[dict[str, Value]]:
        """A value for every knob; the last one named turns fastest."""
        for values in product(*self.swept.values()):
            yield self.fixed | dict(zip(self.swept, values, strict=True))

    def runs(self, seeds: Iterable[int]) -> Iterator[tuple[int, dict[str, Value]]]:
        """Every setting with each seed: seed after seed, so that early on all settings are there."""
        for seed in seeds:
            for knobs in self.settings():
                yield seed, knobs

    def left(self, seeds: Iterable[int], done: Iterable[Cell]) -> Iterator[tuple[int, dict[str, Value]]]:
        """Those runs of which there is no cell yet."""
        there = {key(cell.knobs, cell.seed) for cell in done}
        for seed, knobs in self.runs(seeds):
            if key(self.place(knobs), seed) not in there:
                yield seed, knobs

    def spelled(self) -> Grid:
        """With the names of what is swept as they are read."""
        swept = {spelled(name): values for name, values in self.swept.items()}
        return replace(self, swept=swept, logarithmic=frozenset(map(spelled, self.logarithmic)))

    def place(self, knobs: Mapping[str, Value]) -> dict[str, Value]:
        """Of a run's knobs those that are swept, by which its cell is known."""
        return {name: knobs[name] for name in self.swept}


def read_grid(experiment: Experiment, assignments: Sequence[str]) -> Grid:
    """The grid of `knob=values` texts: `a,b,c`, or `low..high:count`, with `:log` for equal ratios.

    Raises KnobError: for a text that is none, a value that the knob does not take, a knob named twice.
    """
    values: dict[str, tuple[Value, ...]] = {}
    logarithmic = set()
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise KnobError(
                f"{assignment!r} sets no knob: write it as knob=value, knob=a,b,c or knob=low..high:5."
            )
        knob = experiment.knob(name)
        if name in values:
            raise KnobError(f"{name} is named twice: give all its values in one.")
        if ".." in text and knob.kind != "choice":
            values[name], is_log = _between(knob, text)
            logarithmic |= {name} if is_log else set()
        else:
            values[name] = tuple(dict.fromkeys(map(knob.parse, _listed(knob, text))))
    fixed = experiment.defaults() | {name: found[0] for name, found in values.items() if len(found) == 1}
    swept = {name: found for name, found in values.items() if len(found) > 1}
    return Grid(
        {name: value for name, value in fixed.items() if name not in swept}, swept, frozenset(logarithmic)
    )


def _listed(knob: Knob, text: str) -> list[str]:
    """The values between commas. An option may have commas of its own."""
    options = sorted(map(str, knob.options), key=len, reverse=True)
    values: list[str] = []
    left: str | None = text
    while left is not None:
        value = next((one for one in options if left == one or left.startswith(f"{one},")), None)
        value = left.partition(",")[0] if value is None else value
        values.append(value)
        left = left[len(value) + 1 :] if len(left) > len(value) else None
    return values


_RANGE = re.compile(r"(?P<low>.+)\.\.(?P<high>[^:]+):(?P<count>\d+)(?P<log>:log)?")


def _between(knob: Knob, text: str) -> tuple[tuple[Value, ...], bool]:
    """So many values from low to high, both included; and whether they stand in equal ratios."""
    if not knob.is_number:
        raise KnobError(f"{knob.name}={text}: {knob.name} has no range, as it takes {knob.takes}.")
    shape = _RANGE.fullmatch(text)
    if shape is None:
        raise KnobError(f"{knob.name}={text} is no range: write low..high:count, or low..high:count:log.")
    low, high = (float(knob.parse(end)) for end in shape.group("low", "high"))
    is_log = bool(shape["log"])
    count = whole_number(shape["count"], MOST_VALUES)
    if count is None or count < 2:
        raise KnobError(f"{knob.name}={text}: so many values cannot be; 2 to {MOST_VALUES:,} can.")
    if is_log and min(low, high) <= 0:
        raise KnobError(f"{knob.name}={text}: equal ratios need both ends above 0.")
    shares = [number / (count - 1) for number in range(count)]
    if is_log:
        numbers = [low * (high / low) ** share for share in shares]
    else:
        numbers = [low + (high - low) * share for share in shares]
    numbers[0], numbers[-1] = low, high  # not a rounding away from them, and so perhaps out of range
    whole = isinstance(knob.default, int)
    return tuple(dict.fromkeys(knob.check(round(n) if whole else n) for n in numbers)), is_log
