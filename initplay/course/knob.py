"""One control of an experiment: what it may be set to, how that is typed, shown and stepped through."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from initplay.course.arithmetic import as_typed, read_number

Kind: TypeAlias = Literal["range", "log range", "choice", "switch", "input"]
Value: TypeAlias = int | float | str | bool

_SWITCH_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_SWITCH_WORDS |= {"false": False, "no": False, "off": False, "0": False}
INT64 = 2**63  # an int travels to the worker as 64 bits


class KnobError(ValueError):
    """A value that a knob cannot take; one sentence that says what it can."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One control: what it is called, where it starts, and what it may be set to."""

    name: str
    kind: Kind
    default: Value
    """Its type is the knob's type: an int slider has an int default, a float slider a float one."""
    low: float | None = None
    high: float | None = None
    """Both ends belong to the slider; None where the kind is not a range."""
    options: tuple[Value, ...] = ()
    """What a choice chooses from, in the order to show them."""

    @property
    def is_slider(self) -> bool:
        """Whether the knob has a position: a range, linear or logarithmic."""
        return self.kind in ("range", "log range")

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, of a slider or of none."""
        return self.kind in ("range", "log range", "input") and not isinstance(self.default, str)

    @property
    def takes(self) -> str:
        """What the knob accepts, as the end of a sentence: `a whole number from 1 to 200`."""
        if self.kind == "choice":
            return "one of " + ", ".join(str(option) for option in self.options)
        if self.kind == "switch":
            return "true or false"
        if isinstance(self.default, str):
            return "text"
        noun = "a whole number" if isinstance(self.default, int) else "a number"
        if self.low is None or self.high is None:
            return noun
        return f"{noun} from {as_typed(self.low)} to {as_typed(self.high)}"

    def parse(self, text: str) -> Value:
        """The value that was typed, checked.

        Numbers may be constant arithmetic (`1/512**0.5`); an int knob takes any spelling of a whole number
        (`1e2`); a switch takes true, yes, on, 1 and their opposites. Raises KnobError.
        """
        if self.kind == "choice":
            return self._option(text)
        if self.kind == "switch":
            return self._switch(text)
        if isinstance(self.default, str):
            return text
        try:
            number = read_number(text)
        except ValueError:
            raise self._error(text, f"is not {'a whole number' if self._whole else 'a number'}") from None
        return self._checked_number(number, shown=text)

    def check(self, value: object) -> Value:
        """`value` as the knob's own type, or KnobError where it is of another type or out of range."""
        if self.kind == "choice":
            for option in self.options:
                if is_same(value, option):
                    return option
            raise self._error(value, "is not an option")
        if self.kind == "switch" or isinstance(self.default, str):
            if type(value) is type(self.default):
                return value  # type: ignore[return-value]  # bool or str, as the default is
            raise self._error(value, f"is not {self.takes}")
        return self._checked_number(value, shown=value)

    def format(self, value: Value) -> str:
        """`value` in a few characters, such that `parse` gives it back (a float: nearly).

        A float that someone would have typed is shown as typed; any other keeps three significant digits,
        or as many as the slider's own resolution asks for.
        """
        if isinstance(value, bool):
            return "on" if value else "off"
        if self.kind == "choice" or not isinstance(value, float):
            return str(value)
        if float(f"{value:.6g}") == value:
            return as_typed(value)
        for digits in range(3, 17):
            rounded = float(f"{value:.{digits}g}")
            if self._holds(rounded) and abs(rounded - value) <= self._resolution(value):
                return as_typed(rounded, digits)
        return repr(value)

    def position(self, value: float) -> float:
        """Where `value` lies on the slider: 0 at `low`, 1 at `high`."""
        low, high = self._bounds()
        value = min(max(value, low), high)
        if self.kind == "log range":
            return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return (value - low) / (high - low)

    def at(self, position: float) -> int | float:
        """The value at a position of the slider (clamped to 0..1), rounded to what a step resolves."""
        low, high = self._bounds()
        if position <= 0:
            return low
        if position >= 1:
            return high
        if self.kind == "log range":
            return self._rounded(math.exp(math.log(low) + (math.log(high) - math.log(low)) * position))
        return self._rounded(low + (high - low) * position)

    def stepped(self, value: Value, steps: int) -> Value:
        """`value` moved by arrow keys: `steps` to the right, or to the left when negative.

        A slider goes to the next round value, of which its default is one, and stops at its ends; a choice
        and a switch go round; an input has no steps and stays.
        """
        if self.kind == "switch":
            return bool(value) ^ bool(steps % 2)
        if self.kind == "choice":
            return self.options[(self.options.index(value) + steps) % len(self.options)]
        if not self.is_slider or isinstance(value, str):
            return value
        for _ in range(abs(steps)):
            moved = self._next(value, 1 if steps > 0 else -1)
            if moved == value:
                break
            value = moved
        return value

    @property
    def _whole(self) -> bool:
        return isinstance(self.default, int)

    def _option(self, text: str) -> Value:
        for option in self.options:
            if text.strip() == str(option):
                return option
        raise self._error(text, "is not an option")

    def _switch(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in _SWITCH_WORDS:
            raise self._error(text, "is neither on nor off")
        return _SWITCH_WORDS[word]

    def _checked_number(self, value: object, shown: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._error(shown, f"is not {'a whole number' if self._whole else 'a number'}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(shown, "is not a finite number")
        if self._whole and value != int(value):
            raise self._error(shown, "is not a whole number")
        if not self._holds(value):
            raise self._error(shown, "is out of range")
        return int(value) if self._whole else float(value)

    def _holds(self, number: float) -> bool:
        if self.low is not None and self.high is not None:
            return self.low <= number <= self.high
        return -INT64 <= number < INT64 if self._whole else abs(number) <= sys.float_info.max

    def _error(self, value: object, problem: str) -> KnobError:
        shown = str(value)
        if len(shown) > 40 or not shown.isprintable():
            shown = repr(shown[:40])
        limits = self.takes + (" that fits in 64 bits" if self.kind == "input" and self._whole else "")
        return KnobError(f"{self.name}={shown} {problem}: {self.name} takes {limits}.")

    def _bounds(self) -> tuple[int | float, int | float]:
        if self.low is None or self.high is None:
            raise TypeError(f"{self.name} is a {self.kind}: only a slider has positions")
        return self.low, self.high

    def _resolution(self, value: float) -> float:
        """The smallest difference that matters on this knob: half a percent of its span."""
        if self.kind == "range":
            low, high = self._bounds()
            return (high - low) / 200
        low, high = self._bounds() if self.kind == "log range" else (1, math.inf)
        return abs(value) * min(1, math.log(high) - math.log(low)) / 200

    def _rounded(self, number: float) -> int | float:
        """`number` rounded to what the slider resolves, and kept between its ends."""
        low, high = self._bounds()
        if self._whole:
            rounded = round(number)
        elif self.kind == "log range":
            rounded = float(f"{number:.{_log_digits(low, high)}g}")
        else:
            rounded = round(number, -math.floor(math.log10((high - low) / 200)))
        return min(max(rounded, low), high)

    def _next(self, value: int | float, direction: int) -> int | float:
        """The stop beside `value`, or the end of the slider. From a value between two stops, one that is next
        to it is none."""
        low, high = self._bounds()
        stops = _stops(self)
        hair = 0.0 if value in stops else 0.2 if self.kind == "log range" else 1e-6
        if direction > 0:
            return next(
                (stop for stop in stops if stop > value and self.steps_between(value, stop) > hair), high
            )
        down = reversed(stops)
        return next((stop for stop in down if stop < value and self.steps_between(value, stop) > hair), low)

    @property
    def _unit(self) -> float:
        """What one step of an arrow key is, on the slider's own scale: a number, or decades."""
        low, high = self._bounds()
        if self.kind != "log range":
            return _step_size(low, high, self._whole)
        decades = math.log10(high) - math.log10(low)
        return min(max(1 / 20, decades / 200), decades / 50)

    def steps_between(self, one: float, other: float) -> float:
        """How many steps of the arrow keys lie between two values."""
        if self.kind == "log range":
            return abs(math.log10(one) - math.log10(other)) / self._unit
        return abs(one - other) / self._unit

    def grid(self) -> Iterator[int | float]:
        """The round values between the ends, in order, those of a kind as often as they come."""
        low, high = self._bounds()
        is_log, unit = self.kind == "log range", self._unit
        first, last = (math.log10(low), math.log10(high)) if is_log else (low, high)
        for index in range(math.floor(first / unit), math.ceil(last / unit) + 1):
            round_value = 10 ** (unit * index) if is_log else unit * index
            if low < round_value < high:
                yield self._rounded(round_value)


@lru_cache(maxsize=256)  # asked for at each press of an arrow key
def _stops(knob: Knob) -> tuple[int | float, ...]:
    """Where the arrow keys halt, from one end to the other: both, the default, and the round values that are
    no nearer to it than half a step. One way and back again leads to where one was."""
    assert knob.low is not None and knob.high is not None and isinstance(knob.default, int | float)
    grid = (value for value in knob.grid() if knob.steps_between(value, knob.default) > 0.5)
    return tuple(sorted({knob.low, *grid, knob.default, knob.high}))


def is_same(left: object, right: object) -> bool:
    """Whether two values are the same option: True is not 1, though Python says they are equal."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _log_digits(low: float, high: float) -> int:
    """Significant digits that tell 200 positions apart on a logarithmic slider."""
    return max(3, 1 + math.ceil(-math.log10((math.log(high) - math.log(low)) / 200)))


def _step_size(low: float, high: float, whole: bool) -> int | float:
    """A round step, 1, 2 or 5 times a power of ten, that crosses the slider in at most 200 (100) steps."""
    wanted = (high - low) / (200 if whole else 100)
    if whole and wanted <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= wanted * (1 - 1e-9))
    return round(step) if whole else step
