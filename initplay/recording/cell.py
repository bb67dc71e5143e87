"""What one run of a sweep came to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from initplay.recording.saved import with_text_escaped
from initplay.words.names import spelled
from initplay.words.numbers import without_nonfinite

OF_ANY_KIND = ("knobs", "facts")
"""The fields whose values may be text as well as numbers."""


class Cell(msgspec.Struct, frozen=True):
    """A setting of the knobs that are swept, a seed, and what came out."""

    knobs: dict[str, Any]
    seed: int
    facts: dict[str, Any]
    """Those that were asked for."""
    ending: str
    """ "finished", "failed" or "stopped"."""
    message: str = ""
    """Where it did not finish, why."""
    seconds: float = 0.0

    def spelled(self) -> Cell:
        """With the names of its knobs and results as they are read."""
        knobs, facts = ({spelled(name): at for name, at in of.items()} for of in (self.knobs, self.facts))
        return msgspec.structs.replace(self, knobs=knobs, facts=facts)

    def as_json(self) -> str:
        """A line, without its end, spelled as a saved run is: NaN is "nan", and text stays text."""
        fields = msgspec.to_builtins(self)
        for name in OF_ANY_KIND:
            fields[name] = with_text_escaped(fields[name])
        return json.dumps({"type": "cell", **without_nonfinite(fields)}, ensure_ascii=False)


def numbers_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a summary can draw."""
    return {
        name: value
        for name, value in facts.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def key(knobs: Mapping[str, Any], seed: int) -> str:
    """What tells a cell from the others of its sweep."""
    return json.dumps([sorted(knobs.items()), seed])
