"""What a run lacks of a goal, in a sentence that a learner can act on: which knob to set to what, and which
Result, by what it means, came out otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from initplay.course.knob import Knob
from initplay.course.lesson import Goal, Target
from initplay.words.names import spelled
from initplay.words.numbers import short, short_fact


def shortfall(
    goal: Goal, values: Mapping[str, object], knobs: Sequence[Knob] = (), meanings: Mapping[str, str] = {}
) -> str:
    """Of the knobs and Results of a run, by name, those that the goal asks to be otherwise; empty where it is
    reached. `meanings` says what each Result is."""
    by_name = {knob.name: knob for knob in knobs}
    said = [
        _turn(by_name[name], target, values.get(name))
        if name in by_name
        else _found(_meant(name, meanings), target, values.get(name))
        for name, target in ((name, goal.targets[name]) for name in goal.missed(values))
    ]
    return f"Not yet: {'; '.join(said)}." if said else ""


def _turn(knob: Knob, target: Target, value: object) -> str:
    name = spelled(knob.name)
    if isinstance(target, bool):
        return f"switch {name} {'on' if target else 'off'}"
    return f"set {name} to {_wanted(target, value)} (it was {short_fact(value)})"


def _found(what: str, target: Target, value: object) -> str:
    if isinstance(target, bool):
        clause = what.removeprefix("whether ")
        return f"it is asked that {clause}" if clause != what else f"{what} should be {short_fact(target)}"
    comma = "," * (", " in what)
    if value is None:
        return f"{what}{comma} should be {_wanted(target, value)}, and this run has no such number"
    return f"{what}{comma} is {short_fact(value)} and should be {_wanted(target, value)}"


def _meant(name: str, meanings: Mapping[str, str]) -> str:
    """What the Result is, without what is added behind a colon or a semicolon; else its name."""
    meant = re.split(r"[:;] ", meanings.get(name, ""), maxsplit=1)[0]
    if not meant:
        return spelled(name)
    return meant if meant.startswith(("the ", "what ", "how ", "whether ")) else f"the {meant}"


def _wanted(target: Target, value: object) -> str:
    """What a value that missed its target should be: the end that it is beyond, or the range."""
    if not isinstance(target, tuple):
        return short_fact(target)
    low, high = target
    if math.isinf(high):
        return f"{short(low)} or more"
    if math.isinf(low):
        return f"{short(high)} or less"
    if isinstance(value, int | float) and value > high:
        return f"{short(high)} or less"
    if isinstance(value, int | float) and value < low:
        return f"{short(low)} or more"
    return f"between {short(low)} and {short(high)}"
