"""One fault of a net, as the rules that look for faults give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from initplay.lab.examining.cures import Cure
from initplay.lab.examining.xray import Xray

Judge = Callable[[Xray], tuple[bool, str]]
"""Whether a look shows the fault mended, and what it shows in words."""


@dataclass
class Finding:
    """One fault, the cures that may help, the likeliest first, and how to tell."""

    layer: str
    text: str
    """A sentence without its end, for what the cure gives follows it."""
    cures: list[Cure] = field(default_factory=list)
    judge: Judge | None = None
    only_if_cured: bool = False
    """Whether it is worth a word only where something helps."""
    fills_head: bool = False
    """Whether its cures fill the net's head too."""


def listed(names: Sequence[str], most: int = 4) -> str:
    """The first of the names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def one_or_more(found: Sequence[object], one: str, several: str) -> str:
    """The words for one, with its subject, or for several."""
    return one if len(found) == 1 else several


def layer_of(parameter: str) -> str:
    """The layer that has a parameter of that name; of one of the net's own its name."""
    return parameter.rpartition(".")[0] or parameter
