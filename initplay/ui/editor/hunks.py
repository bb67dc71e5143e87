"""What an edited text changed of the original, in hunks, each of which can be put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 3
"""Lines that did not change, shown above and below those that did."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changes that stand close together."""

    line: int
    """Where it begins in the edited text, counted from 1."""
    lines: tuple[tuple[str, str], ...]
    """Sign and text, as in a unified diff: " " did not change, "-" went, "+" came."""

    @property
    def first_change(self) -> int:
        """The line of the edited text, counted from 1, at which something was changed."""
        return self.line + next(place for place, (sign, _) in enumerate(self.lines) if sign != " ")

    @property
    def before(self) -> list[str]:
        return [text for sign, text in self.lines if sign != "+"]

    @property
    def after(self) -> list[str]:
        return [text for sign, text in self.lines if sign != "-"]


def hunks(original: str, edited: str) -> list[Hunk]:
    """How `edited` differs from `original`, from the top down; nothing where they are the same."""
    old, new = original.split("\n"), edited.split("\n")
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    return [
        Hunk(group[0][3] + 1, tuple(line for opcode in group for line in _signed(opcode, old, new)))
        for group in groups
    ]


def _signed(
    opcode: tuple[str, int, int, int, int], old: list[str], new: list[str]
) -> Iterator[tuple[str, str]]:
    tag, old_from, old_to, new_from, new_to = opcode
    if tag == "equal":
        yield from ((" ", text) for text in new[new_from:new_to])
    else:
        yield from (("-", text) for text in old[old_from:old_to])
        yield from (("+", text) for text in new[new_from:new_to])


def put_back(edited: str, hunk: Hunk) -> str:
    """The edited text without that hunk, which must be one of its own."""
    lines = edited.split("\n")
    start = hunk.line - 1
    lines[start : start + len(hunk.after)] = hunk.before
    return "\n".join(lines)
