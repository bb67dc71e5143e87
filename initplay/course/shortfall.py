"""What a run lacks of a goal, in a sentence that a learner can act on: which knob to set to what, and which
Result, by what it means, came out otherwise. A choice that the learner is to find is not named."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from initplay.course.knob import Knob
from initplay.course.lesson import Goal, Target
from initplay.words.names import spelled
from initplay.words.numbers import short, short_apart, short_fact

KNOBS_TURNED = "the number of knobs "
"""What a Result is that counts what the learner turned: of that it is said what to do."""


def shortfall(
    goal: Goal,
    values: Mapping[str, object],
    knobs: Sequence[Knob] = (),
    meanings: Mapping[str, str] = {},
    given: Mapping[str, object] = {},
) -> str:
    """Of the knobs and Results of a run, by name, those that the goal asks to be otherwise; empty where it is
    reached. `meanings` says what each Result is, and `given` what the step began with."""
    by_name = {knob.name: knob for knob in knobs}
    said = [
        _turn(by_name[name], target, values.get(name), is_known=_is_known(goal, by_name[name], given))
        if name in by_name
        else _found(_meant(name, meanings), target, values.get(name))
        for name, target in ((name, goal.targets[name]) for name in goal.missed(values))
    ]
    return f"Not yet: {'; '.join(said)}." if said else ""


def _is_known(goal: Goal, knob: Knob, given: Mapping[str, object]) -> bool:
    """Whether the learner has what the knob is to be set to: the task names it, the step began with it, or it
    is no choice. A choice that is neither is the answer."""
    target = goal.targets[knob.name]
    if knob.kind != "choice" or target == given.get(knob.name, knob.default):
        return True
    return re.search(rf"(?<!\w){re.escape(str(target))}(?!\w)", goal.ask, re.IGNORECASE) is not None


def _turn(knob: Knob, target: Target, value: object, *, is_known: bool) -> str:
    name = spelled(knob.name)
    if not is_known:
        return f"{name} is not what is asked yet (it was {short_fact(value)})"
    if isinstance(target, bool):
        return f"switch {name} {'on' if target else 'off'}"
    return f"set {name} to {_wanted(target, value)} (it was {_told_from(target, value)})"


def _found(what: str, target: Target, value: object) -> str:
    if what.startswith(KNOBS_TURNED) and isinstance(target, int) and isinstance(value, int):
        return _turn_so_many(target, value)
    if isinstance(target, bool):
        clause = what.removeprefix("whether ")
        return f"it is asked that {clause}" if clause != what else f"{what} should be {short_fact(target)}"
    comma = "," * (", " in what)
    if value is None:
        return f"{what}{comma} should be {_wanted(target, value)}, and this run has no such number"
    return f"{what}{comma} is {_told_from(target, value)} and should be {_wanted(target, value)}"


def _told_from(target: Target, value: object) -> str:
    """The value in as many digits as tell it from the end that it is beyond: 1.014 where that is 1.01."""
    if not (isinstance(target, tuple) and isinstance(value, float)):
        return short_fact(value)
    low, high = target
    return short_apart(value, high if value > high else low)[0]


def _turn_so_many(target: int, turned: int) -> str:
    knobs = f"turn {target} knob{'s' * (target != 1)}"
    count = f"{turned or 'none'} {'is' if turned < 2 else 'are'}"
    return f"{knobs}, {count} turned so far" if turned < target else f"{knobs} alone, {count} turned"


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
