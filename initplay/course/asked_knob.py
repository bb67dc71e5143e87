"""Which knob a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from initplay.course.knob import Knob, Value
from initplay.course.lesson import Goal
from initplay.course.prediction import Predict
from initplay.words.names import spelled


def asked_knob(about: Goal | Predict, knobs: Sequence[Knob], values: Mapping[str, Value]) -> str:
    """The name of the knob that a goal wants elsewhere than `values` have it; else of the first that is named
    in what is asked, but for those that stand as the goal wants them; else of the first that it leaves free,
    where the first of all is to stay. Empty where there is none."""
    names = [knob.name for knob in knobs]
    targets = about.targets if isinstance(about, Goal) else {}
    missed = about.missed(values) if isinstance(about, Goal) else ()
    if elsewhere := [name for name in missed if name in names]:
        return elsewhere[0]
    free = [name for name in names if name not in targets]
    places = {name: place for name in free if (place := _place(name, about.ask)) >= 0}
    if places:
        return min(places, key=places.__getitem__)
    return free[0] if free and free[0] != names[0] else ""


def _place(name: str, text: str) -> int:
    """Where a text names a knob, as the panel spells it or as it is; -1 where it does not, but in a root or a
    fraction."""
    found = re.search(rf"(?<![\w√/])({re.escape(name)}|{re.escape(spelled(name))})(?!\w)", text)
    return found.start() if found else -1
