"""What a sweep came to, in sentences: where each result is least and most, and where it is no number."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from initplay.recording.cell import Cell, numbers_of
from initplay.recording.seeds import spread
from initplay.words.names import spelled
from initplay.words.numbers import short, short_fact

MOST_SETTINGS = 3
"""That are named of those at which a result is no number."""


def told(cells: Sequence[Cell], drawn: Collection[str]) -> list[str]:
    """A sentence or two for each result that is drawn and is a number in some run; of several runs at a
    setting their median counts, as on the charts."""
    facts = dict.fromkeys(name for cell in cells for name in cell.facts)
    at: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        at.setdefault(tuple(cell.knobs.items()), []).append(cell)
    shown = [fact for fact in facts if fact in drawn or spelled(fact) in drawn]
    said = [words for fact in shown for words in _of(spelled(fact), _medians(fact, at))]
    if said and len(cells) > len(at):
        said[-1] += " Of several seeds the median counts."
    return said


def _medians(fact: str, at: Mapping[tuple[Any, ...], Sequence[Cell]]) -> dict[tuple[Any, ...], float]:
    found = {}
    for setting, cells in at.items():
        numbers = [float(cell.facts[fact]) for cell in cells if fact in numbers_of(cell.facts)]
        if numbers:
            found[setting] = spread(numbers).mid
    return found


def _of(name: str, medians: Mapping[tuple[Any, ...], float]) -> Iterator[str]:
    finite = {setting: mid for setting, mid in medians.items() if math.isfinite(mid)}
    broken = [setting for setting in medians if setting not in finite]
    if finite:
        least, most = min(finite, key=finite.__getitem__), max(finite, key=finite.__getitem__)
        low, high = short(finite[least]), short(finite[most])
        if low == high:
            yield f"{name}: {low} at each of {len(finite)} settings."
        else:
            yield f"{name}: least {low} at {_named(least)}; most {high} at {_named(most)}."
    if broken:
        named = "; ".join(map(_named, broken[:MOST_SETTINGS]))
        more = f" and {len(broken) - MOST_SETTINGS} more" if len(broken) > MOST_SETTINGS else ""
        yield f"{name}: NaN or inf at {len(broken)} of {len(medians)} settings: {named}{more}."


def _named(setting: tuple[tuple[str, Any], ...]) -> str:
    return ", ".join(f"{spelled(knob)} {_value(value)}" for knob, value in setting)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return short_fact(value)
