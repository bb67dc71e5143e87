"""What differs between how two runs were started, or between one and what would run next, in words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from initplay.lab.events import Started
from initplay.recording.seeds import seeds_in_words, seeds_of
from initplay.words.names import spelled
from initplay.words.numbers import short_fact

_ABSENT = object()


def differences(one: Started, other: Started) -> list[str]:
    """Each thing that is not the same in both, as "scale 1 → 0.1"; empty where `other` is `one` again.

    The knobs come first, in their order, then seeds, device, digits, versions and source.
    """
    if not same_experiment(one, other):
        return [f"another experiment: {_place(one, other)} → {_place(other, one)}"]
    found = [*_knobs(one, other), *_seeds(one, other)]
    found += [
        f"{name} {before or '–'} → {after or '–'}"
        for name in ("device", "data", "torch", "initplay")
        if (before := str(getattr(one, name))) != (after := str(getattr(other, name)))
    ]
    if one.source != other.source:
        found.append(f"source, {_changed_lines(one.source, other.source)}")
    if one.mine != other.mine:
        found.append(_whose(one.mine, other.mine))
    return [" ".join(words.split()) for words in found]


def set_otherwise(one: Started, other: Started) -> list[str]:
    """What `other` was set to where that is not as in `one`: "lr 0.2", "seed 7". Nothing where it is another
    experiment, in which all is."""
    if not same_experiment(one, other):
        return []
    names = (name for name in other.knobs if not _same(one.knobs.get(name, _ABSENT), other.knobs[name]))
    found = [f"{spelled(name)} {_shown(other.knobs[name], one.knobs.get(name, _ABSENT))}" for name in names]
    seeds = seeds_of(other)
    return [*found, *([f"seed {seeds[0]}"] if len(seeds) == 1 and seeds != seeds_of(one) else [])]


def in_words(one: Started, other: Started) -> str:
    """The differences as the rest of a sentence that begins "against run 1: "."""
    found = differences(one, other)
    if not found:
        return "the same in everything"
    only_knobs = same_experiment(one, other) and len(found) == len(_knobs(one, other))
    same = " · same seed" if len(seeds_of(one)) == 1 else " · same seeds"
    return ", ".join(found) + (same if only_knobs else "")


def other_code_alone(one: Started, other: Started) -> bool:
    """Whether they differ in nothing but with whose code of the exercise they ran: the lesson's or one's
    own."""
    return bool(one.mine) != bool(other.mine) and differences(one, other) == [_whose(one.mine, other.mine)]


def same_experiment(one: Started, other: Started) -> bool:
    return (one.lesson, one.experiment) == (other.lesson, other.experiment)


def _place(one: Started, other: Started) -> str:
    return spelled(one.experiment) if one.lesson == other.lesson else f"{one.lesson}/{one.experiment}"


def _knobs(one: Started, other: Started) -> list[str]:
    found = []
    for name in dict.fromkeys([*one.knobs, *other.knobs]):
        before, after = one.knobs.get(name, _ABSENT), other.knobs.get(name, _ABSENT)
        if not _same(before, after):
            found.append(f"{name.replace('_', ' ')} {_shown(before, after)} → {_shown(after, before)}")
    return found


def _whose(before: str, after: str) -> str:
    """With whose code of the exercise they ran."""
    if before and after:
        return f"your own code, {_changed_lines(before, after)}"
    return "with your own code" if after else "with the lesson's own code"


def _seeds(one: Started, other: Started) -> list[str]:
    """That there are more or fewer of them; else that they are others."""
    before, after = seeds_of(one), seeds_of(other)
    if len(before) != len(after):
        return [f"{len(before)} seed{'s' if len(before) > 1 else ''} → {len(after)}"]
    if before == after:
        return []
    if len(before) == 1:
        return [f"seed {before[0]} → {after[0]}"]
    return [f"{seeds_in_words(before)} → {seeds_in_words(after)}"]


def _same(one: Any, other: Any) -> bool:
    """As numbers are, but a switch is none, and NaN is NaN again."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other or repr(one) == repr(other)


def _shown(value: Any, beside: Any) -> str:
    """In three digits, or in as many as tell it from the other."""
    if value is _ABSENT:
        return "–"
    if beside is _ABSENT or short_fact(value) != short_fact(beside):
        return short_fact(value)
    if isinstance(value, float) and isinstance(beside, float):
        digits = (digits for digits in range(4, 17) if f"{value:.{digits}g}" != f"{beside:.{digits}g}")
        return f"{value:.{next(digits, 17)}g}"
    return repr(value)


@lru_cache(maxsize=32)  # asked for anew at every tick of the screen
def _changed_lines(before: str, after: str) -> str:
    """ "3 lines": those that are new or changed, and those taken away with nothing in their place."""
    old, new = before.split("\n"), after.split("\n")
    # What is alike at both ends is left out, for the matcher guesses where there are many lines.
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    count = sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")
    return f"{count} line{'s' if count != 1 else ''}"


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines both begin with."""
    differing = (place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(differing, min(len(old), len(new)))
