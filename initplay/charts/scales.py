"""Scales: from values to places along an axis, with limits that hold still and round ticks."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from initplay.words.numbers import short

_STEPS = (1.0, 1.2, 1.5, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
"""Where limits may stand within a decade: apart enough to hold still, near enough to fill the room."""
_SMALLEST = 1e-300
_FARTHEST = sys.float_info.max
_LEAST_EXPONENT, _GREATEST_EXPONENT = -323.0, math.nextafter(math.log10(_FARTHEST), 0)
"""Beyond them a power of ten is 0 or too large for a float, though the decades of an axis may end there."""
_FLAT = 1e-5
"""Below this share of their size, differences are rounding, not a shape to magnify."""
_NEAR = 1 / 16
"""Of an axis: what a round end may add to it where there is little room."""
_TRIES = 4
"""Steps tried, each about half of the one before; two ticks are on the axis after at most three."""
_PARTS = (0.0, math.log10(2), math.log10(5))
"""Of a decade, where the limits of an axis of less than one may stand."""
_DECADES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Tick = tuple[float, str]
"""A place along the axis, from 0 to 1, and its label."""


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`; both are exponents of ten where `log` is true."""

    low: float
    high: float
    log: bool = False
    whole: bool = False
    """Whether only whole numbers make sense as ticks, as for layers and steps."""

    def at(self, value: float) -> float | None:
        """Where `value` lies, from 0 to 1, and the nearer end if it lies outside.

        None if it has no place: NaN, inf, and on a logarithmic axis what is not above 0.
        """
        return self.places((value,))[0]

    def places(self, values: Sequence[float]) -> list[float | None]:
        """Where each of the values lies, as `at` has it."""
        low, high = self._limits
        width = high - low
        return [
            (value - low) / width if low < value < high
            else 0.0 if -math.inf < value <= low
            else 1.0 if high <= value < math.inf
            else None
            for value in self._straight(values)
        ]  # fmt: skip

    def dots(self, values: Sequence[float], size: int, cut: bool = False) -> list[int | None]:
        """On which of `size` dots along the axis each of the values lies; None for one that has no place and,
        where it is `cut`, for one outside."""
        low, high = self._limits
        width, last = high - low, size - 1
        values = self._straight(values)
        is_finite = values and math.isfinite(sum(values))
        if is_finite and low <= min(values) and (max(values) - low) / width * size < size:  # as most are
            return list(map(int, [(value - low) / width * size for value in values]))
        least, most = (low, high) if cut else (-_FARTHEST, _FARTHEST)
        return [
            (dot if (dot := int((value - low) / width * size)) < size else last) if low < value < high
            else 0 if least <= value <= low
            else last if high <= value <= most
            else None
            for value in values
        ]  # fmt: skip

    @property
    def half(self) -> float:
        """Half the distance of the limits, which itself may be larger than any float."""
        return self.high / 2 - self.low / 2

    @property
    def may_grow(self) -> bool:
        """Whether limits a few times as far away still are floats."""
        return self.log or max(-self.low, self.high) <= _FARTHEST / 16

    @cached_property
    def _is_halved(self) -> bool:
        """Whether places are found among halves, where a difference of two values could overflow."""
        return not self.log and math.isinf(self.high - self.low)

    @cached_property
    def _limits(self) -> tuple[float, float]:
        """The limits, among which places are found."""
        return (self.low / 2, self.high / 2) if self._is_halved else (self.low, self.high)

    def _straight(self, values: Sequence[float]) -> Sequence[float]:
        """The values as `_limits` are; NaN for what a logarithmic axis has no place for."""
        if self._is_halved:
            return [value / 2 for value in values]
        if not self.log:
            return values
        return [math.log10(value) if 0 < value < math.inf else math.nan for value in values]

    def value(self, at: float) -> float:
        """What lies at a place from 0 to 1: the way back from `at`. The nearer end for a place outside."""
        low, high = self._limits
        place = low + min(max(at, 0.0), 1.0) * (high - low)
        if self._is_halved:
            return min(2 * place, self.high)  # which may be the largest float
        return 10.0 ** min(max(place, _LEAST_EXPONENT), _GREATEST_EXPONENT) if self.log else place

    def placed(self, values: Sequence[float]) -> list[float]:
        """Those of the values that have a place."""
        low = 0.0 if self.log else -math.inf
        return [value for value in values if low < value < math.inf]

    def holds(self, value: float) -> bool:
        """Whether `value` has a place that is not outside the limits."""
        return self.held((value,))[0]

    def held(self, values: Sequence[float]) -> list[bool]:
        """Of each of the values, whether the axis holds it."""
        low, high = self.low, self.high
        if self.log:
            return [0 < value < math.inf and low <= math.log10(value) <= high for value in values]
        return [low <= value <= high for value in values]

    def ticks(self, most: int) -> list[Tick]:
        """About `most` ticks at round values, and two at least: a single one says nothing of the distance."""
        if self.log:
            return self._log_ticks(max(most, 2))
        low, high = self._limits
        width = (high - low) / max(most, 1)
        step = round_step(min(2 * width, _FARTHEST) if self._is_halved else width)
        for _ in range(_TRIES):
            if len(self._multiples(step)) < 2:
                step = round_step(step * 0.4)
        step = max(step, 1.0) if self.whole else step
        values = [k * step for k in self._multiples(step)]
        places = zip(values, self._straight(values), strict=True)
        return [((place - low) / (high - low), tick_label(value, step)) for value, place in places]

    def _multiples(self, step: float) -> range:
        """Which multiples of a step are on the axis."""
        return range(math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6) + 1)

    def _log_ticks(self, most: int) -> list[Tick]:
        """Powers of ten; where an axis has few of them, 2 and 5 times them; at worst, its ends."""
        low, high = math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9)
        widest = _decade_step(max(high - low, 1), most)
        stride = next(
            (step for step in reversed(_DECADES) if step <= widest and high // step > -(-low // step)), 1
        )
        plain = low >= -3 and high <= 4
        ticks = [
            (self._share(exponent), power_of_ten(exponent, plain))
            for exponent in range(-(-low // stride) * stride, high + 1, stride)
        ]
        if len(ticks) < 2 or (high - low == 1 and most >= 4):
            ticks += [
                (self._share(place), short(10.0**place))
                for exponent in range(low - 1, high + 1)
                for place in (exponent + math.log10(2), exponent + math.log10(5))
                if self.low - 1e-9 <= place <= min(self.high + 1e-9, _GREATEST_EXPONENT)
            ]
        if len(ticks) < 2:
            ticks = [(0.0, short(10.0**self.low)), (1.0, short(10.0 ** min(self.high, _GREATEST_EXPONENT)))]
        return sorted(ticks)

    def _share(self, place: float) -> float:
        return min(max((place - self.low) / (self.high - self.low), 0.0), 1.0)


def power_of_ten(exponent: int, plain: bool) -> str:
    """Its label: written out if `plain`, else by its exponent."""
    return short(10.0**exponent) if plain else f"1e{exponent}"


def _decade_step(decades: int, most: int) -> int:
    return next((step for step in _DECADES if decades <= step * most), _DECADES[-1])


def round_step(at_least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `at_least` (> 0); where none is a float,
    the power below."""
    power = 10.0 ** math.floor(math.log10(at_least))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0, 20.0) if m * power >= at_least * (1 - 1e-9))
    return step if step < math.inf else power


def _step_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return min(next(m * power for m in (*_STEPS, 12.0) if m * power >= value * (1 - 1e-9)), _FARTHEST)


def _step_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (0.8, *_STEPS) if m * power <= value * (1 + 1e-9))


def tick_label(value: float, step: float) -> str:
    """`value` with the digits that tell it from its neighbours a `step` away, and no more."""
    if abs(value) < step / 2:
        return "0"
    digits = max(math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(step) + 1e-9), 0)
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    plain = f"{value:.{decimals}f}"
    if abs(value) < 99_999.5 and decimals <= 4 + (abs(value) >= 1):
        return plain
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return min(f"{mantissa}e{int(exponent)}", plain, key=len)


def linear(values: Sequence[float], whole: bool = False, flat: float = _FLAT) -> Scale:
    """An axis that holds all finite `values`; where these differ by less than the share `flat` of their size,
    one from 0.

    Its limits are a function of the smallest and the largest value and move in steps, so that the axis
    holds still while a curve grows.
    """
    if values and math.isfinite(sum(values)):  # then all of them are, and none need be looked at alone
        finite = values
    else:
        finite = [value for value in values if -math.inf < value < math.inf] or [0.0]
    return Scale(*round_limits(min(finite), max(finite), flat), whole=whole)


def linear_to_ends(values: Sequence[float], whole: bool = False) -> Scale:
    """An axis that ends where the values do, or at a round value near by: of few rows each stands for a round
    value, and round ends that are farther away would leave some of them empty."""
    rounded = linear(values, whole)
    finite = list(filter(math.isfinite, values))
    if not finite or is_flat(min(finite), max(finite)):
        return rounded
    near = (rounded.high - rounded.low) * _NEAR
    low, high = min(finite), max(finite)
    low = rounded.low if rounded.low == 0 or low - rounded.low <= near else low
    high = rounded.high if rounded.high == 0 or rounded.high - high <= near else high
    return Scale(low, high, whole=whole)


def is_flat(low: float, high: float, flat: float = _FLAT) -> bool:
    """Whether two values differ by rounding alone."""
    return high - low <= flat * max(abs(low), abs(high))


def round_limits(low: float, high: float, flat: float = _FLAT) -> tuple[float, float]:
    """Round limits around [low, high], always some way apart; 0 is one of them where it is not far away."""
    size = max(abs(low), abs(high))
    if size < _SMALLEST:
        return -1.0, 1.0
    if high <= 0:
        lower, upper = round_limits(-high, -low, flat)
        return -upper, -lower
    if is_flat(low, high, flat):
        return 0.0, _step_up(min(high * 2, _FARTHEST))
    if low < 0:
        return -_step_up(max(-low, size * 1e-12)), _step_up(max(high, size * 1e-12))
    if low <= high / 2:
        return 0.0, _step_up(high)
    step = round_step((high - low) / 4)
    return math.floor(low / step + 1e-9) * step, min(math.ceil(high / step - 1e-9) * step, _FARTHEST)


def logarithmic(values: Iterable[float]) -> Scale:
    """An axis of whole decades around the positive finite `values`; by several where there are many, and from
    one of 1, 2, 5 times a power of ten to another where all lie within a decade."""
    positive = [value for value in values if 0 < value < math.inf] or [1.0]
    least, most = math.log10(min(positive)), math.log10(max(positive))
    if most - least < 1 - 1e-9:
        return Scale(*_within_a_decade(least, most), log=True)
    low, high = math.floor(least + 1e-9), math.ceil(most - 1e-9)
    step = _decade_step(high - low, 6)
    return Scale(low // step * step, -(-high // step) * step, log=True)


def _within_a_decade(least: float, most: float) -> tuple[float, float]:
    """The nearest limits around two exponents of ten, always some way apart."""
    decades = range(math.floor(least) - 1, math.ceil(most) + 2)
    places = [decade + part for decade in decades for part in _PARTS]
    below = [place for place in places if place <= least + 1e-9]
    above = [place for place in places if place >= most - 1e-9]
    return (below[-1], above[0]) if below[-1] < above[0] else (below[-2], above[1])


def has_place_by_steps(value: float) -> bool:
    """Whether a logarithmic axis may end there."""
    return _SMALLEST < value < math.inf


def logarithmic_to_ends(values: Iterable[float]) -> Scale:
    """An axis that ends where the positive finite `values` end, by steps, as a linear one does: of an x axis,
    along which nothing grows by decades, whole decades would leave much empty."""
    positive = list(filter(has_place_by_steps, values))
    if not positive:
        return logarithmic(values)
    least, most = min(positive), max(positive)
    # A step of floats may end a hair inside: 6 · 0.1 is more than 0.6.
    low, high = math.log10(min(least, _step_down(least))), math.log10(max(most, _step_up(most)))
    if high - low < math.log10(2):
        low, high = low - math.log10(2) / 2, high + math.log10(2) / 2
    return Scale(low, high, log=True)


@dataclass(frozen=True)
class SymmetricLog:
    """Linear within ±`knee`, logarithmic beyond, both ways: for values whose size spans many decades."""

    knee: float
    low: float
    high: float
    """The limits as `place` gives them."""

    def place(self, value: float) -> float:
        size = abs(value)
        if size > 1e15 * self.knee:
            return math.copysign(math.log10(size) - math.log10(self.knee), value)
        return math.copysign(math.log10(1 + size / self.knee), value)

    def at(self, value: float) -> float | None:
        if not math.isfinite(value):
            return None
        return (min(max(self.place(value), self.low), self.high) - self.low) / (self.high - self.low)

    def places(self, values: Sequence[float]) -> list[float | None]:
        """Where each of the values lies, as `at` has it."""
        return [self.at(value) for value in values]

    def _powers(self, step: int) -> list[int]:
        """The exponents of the powers of ten above the knee that are on the axis, every `step`-th."""
        base = math.floor(math.log10(self.knee)) + 1
        reach = max(-self.low, self.high) + 1e-9
        powers = []
        exponent = -(-base // step) * step
        while exponent < 308 and self.place(10.0**exponent) <= reach:
            powers.append(exponent)
            exponent += step
        return powers

    def ticks(self, most: int) -> list[Tick]:
        """Zero and powers of ten, the same on both sides; one of them at least, where one is on the axis, and
        one in the outer half of it, for near to zero all would lie in one row."""
        reach = max(-self.low, self.high)
        widest = _decade_step(math.ceil(reach), max(most // 2, 1))
        found = (self._powers(step) for step in reversed(_DECADES) if step <= widest)
        powers = next(
            (some for some in found if some and self.place(10.0 ** some[-1]) >= reach / 2), self._powers(1)
        )
        ticks = [(-self.low / (self.high - self.low), "0")]
        for exponent in powers:
            place = self.place(10.0**exponent)
            ticks += [
                (self.at(side * 10.0**exponent) or 0.0, f"{'-' if side < 0 else ''}1e{exponent}")
                for side in (-1, 1)
                if self.low - 1e-9 <= side * place <= self.high + 1e-9
            ]
        return sorted(tick for tick in ticks if 0 <= tick[0] <= 1)
