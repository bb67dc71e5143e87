"""Two runs side by side: what differs between how they were started, in words."""

from __future__ import annotations

import difflib
from typing import Any

from initplay.lab.events import Started
from initplay.numbers import short_fact


def differences(one: Started, other: Started) -> list[str]:
    """Each thing that is not the same in both, as "scale 1 → 0.1"; empty where `other` is `one` again."""
    if (one.lesson, one.experiment) != (other.lesson, other.experiment):
        return [f"another experiment: {one.experiment} → {other.experiment}"]
    found = [
        f"{name.replace('_', ' ')} {_shown(one.knobs.get(name))} → {_shown(other.knobs.get(name))}"
        for name in dict.fromkeys([*one.knobs, *other.knobs])
        if one.knobs.get(name) != other.knobs.get(name)
    ]
    found += [
        f"{name} {before} → {after}"
        for name in ("seed", "device", "data", "torch")
        if (before := getattr(one, name)) != (after := getattr(other, name))
    ]
    if one.source != other.source:
        found.append(f"source, {_changed_lines(one.source, other.source)}")
    return found


def in_words(one: Started, other: Started) -> str:
    """The differences as the rest of a sentence that begins "against run 1: "."""
    found = differences(one, other)
    if not found:
        return "the same in everything"
    same_draw = one.seed == other.seed and not any(difference.startswith("source") for difference in found)
    return ", ".join(found) + (" · same seed" if same_draw else "")


def _shown(value: Any) -> str:
    return "–" if value is None else short_fact(value)


def _changed_lines(before: str, after: str) -> str:
    """ "3 lines" for the lines that are new or changed, or those taken away where none is."""
    lines = [line[:1] for line in difflib.ndiff(before.splitlines(), after.splitlines())]
    count = max(lines.count("+"), lines.count("-"))
    return f"{count} line{'s' if count != 1 else ''}"
