"""How numbers are written on the screen, three digits that matter and never nine; and whole ones read."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any


def short(value: float, digits: int = 3) -> str:
    """`value` with three significant digits: 0.318, 27.5, 1.2e5, -3.4e-8, 512, "NaN", "inf", "-inf".

    Or with so many `digits`, where three do not tell two numbers apart.

    Whole numbers below 100,000 are written out; -0 is 0.
    """
    if isinstance(value, int) and abs(value) <= 99_999:
        return str(int(value))
    try:
        value = float(value)
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if value == round(value) and abs(value) <= 99_999:
        return str(int(value))
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -3 <= power < digits:
        return _trim(f"{value:.{digits - 1 - power}f}")
    if digits <= power < 5:
        return str(round(value))
    return f"{_trim(mantissa)}e{power}"


def short_apart(low: float, high: float) -> tuple[str, str]:
    """Both `short`, with as many digits as tell them apart."""
    said = short(low), short(high)
    for digits in range(4, 18):  # as many as a float has
        if said[0] != said[1] or low == high:
            break
        said = short(low, digits), short(high, digits)
    return said


def rounds_to(value: float, guess: float) -> bool:
    """Whether `guess` is `value` in as many digits as the guess has, two at least: 0.35 of 0.3536. The zeros
    at the end of a whole number are none."""
    if not (math.isfinite(value) and math.isfinite(guess)):
        return False
    written = Decimal(repr(float(guess))).normalize()
    _, digits, exponent = written.as_tuple()
    half = Decimal(5).scaleb(int(exponent) - 1)
    return len(digits) >= 2 and abs(Decimal(repr(float(value))) - written) <= half


def whole_number(digits: str, most: int) -> int | None:
    """The number that is written in digits alone; None where it is none, or above `most`.

    `int` reads no more than some thousands of digits, and raises of more.
    """
    needed = digits.lstrip("0")
    if not digits.isdecimal() or len(needed) > len(str(most)):
        return None
    number = int(needed or "0")
    return number if number <= most else None


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_fact(value: Any, width: int = 24) -> str:
    """A value of a `Result` or a `Row`: yes/no, "–" for None, numbers `short`, lists cut to about `width`."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return short(value)
    if isinstance(value, (list, tuple)):
        return _short_list(value, width)
    return str(value)


def _short_list(values: list[Any] | tuple[Any, ...], width: int) -> str:
    """As many of the values as go into `width`, and at least one, with the count of the rest."""
    text = ""
    for number, value in enumerate(values):
        piece = short_fact(value, max(width - len(text), 1))
        if number and len(text) + 2 + len(piece) > width:
            return f"[{text}, … {len(values) - number} more]"
        text += f", {piece}" if number else piece
    return f"[{text}]"


def duration(seconds: float) -> str:
    """A length of time: 0.42 ms, 38 ms, 4.2 s, 42 s, 3 min 5 s, 2 h 7 min; "–" where it is not known."""
    if not math.isfinite(seconds) or seconds < 0:
        return "–"
    if seconds < 0.9995:
        return f"{short(seconds * 1000) if seconds < 0.0095 else round(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _pair(whole, 60, "min", "s")
    return _pair(round(whole / 60), 60, "h", "min")


def about(seconds: float) -> str:
    """A length of time that is no more than reckoned, in two digits at most: 6 s, 95 s, 47 min, 3 h."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    if seconds < 99.5 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600):,} h"


def _pair(amount: int, per: int, large: str, small: str) -> str:
    rest = amount % per
    return f"{amount // per} {large} {rest} {small}" if rest else f"{amount // per} {large}"


def without_nonfinite(value: Any) -> Any:
    """For JSON, which lacks them: NaN and the infinities, at any depth, as "nan", "inf" and "-inf"."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: without_nonfinite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_nonfinite(inner) for inner in value]
    return value
