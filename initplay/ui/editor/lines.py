"""What a key makes of lines of Python: indentation, comments, and where a text is found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from initplay.words.blanks import blanks_in

INDENT = " " * 4
_OPENING, _CLOSING = "([{", ")]}"
_STRING = re.compile(r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' """, re.X)
_LEAVES = ("return", "raise", "break", "continue", "pass")
"""What ends a block: the next line stands further out."""


def indent_after(line: str) -> str:
    """The indentation of the line that follows this one, or this part of one."""
    indent = line[: len(line) - len(line.lstrip())]
    code = _STRING.sub('""', line).partition("#")[0].rstrip()  # without what brackets and # are not in
    depth = _depth(code)
    if code.endswith(":") or depth > 0:
        return indent + INDENT
    words = code.split()
    if words and words[0] in _LEAVES and depth == 0 and indent.endswith(INDENT):
        return indent[: -len(INDENT)]
    return indent


def _depth(code: str) -> int:
    """How many brackets it leaves open; below 0 where it closes more than it opens."""
    return sum(map(code.count, _OPENING)) - sum(map(code.count, _CLOSING))


def indented(lines: Sequence[str]) -> list[str]:
    """The lines one step further in; empty ones stay empty."""
    return [INDENT + line if line.strip() else line for line in lines]


def dedented(lines: Sequence[str]) -> list[str]:
    """The lines one step further out, as far as each goes."""
    return [line.removeprefix("\t") if line.startswith("\t") else _out(line) for line in lines]


def _out(line: str) -> str:
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(len(INDENT), spaces) :]


def commented(lines: Sequence[str]) -> list[str]:
    """The lines as comments or, where all of them are, as code again; empty ones stay empty."""
    full = [line for line in lines if line.strip()]
    if full and all(line.lstrip().startswith("#") for line in full):
        return [_uncommented(line) for line in lines]
    edge = min((len(line) - len(line.lstrip()) for line in full), default=0)
    return [f"{line[:edge]}# {line[edge:]}" if line.strip() else line for line in lines]


def _uncommented(line: str) -> str:
    before, _, after = line.partition("#")
    return before + after.removeprefix(" ")


def found(
    lines: Sequence[str], text: str, start: tuple[int, int], *, back: bool = False
) -> tuple[int, int] | None:
    """Where the text stands next from `start`, round and round; None where it is not at all.

    Capitals matter only where the text has one.
    """
    if not text:
        return None
    if text == text.lower():
        lines = [line.lower() if len(line.lower()) == len(line) else line for line in lines]
    row, column = start
    places = [(number, place) for number, line in enumerate(lines) for place in _places(line, text)]
    if back:
        before = [place for place in places if place < (row, column)]
        return (before or places or [None])[-1]
    return next((place for place in places if place >= (row, column)), places[0] if places else None)


def _places(line: str, text: str) -> list[int]:
    places, place = [], line.find(text)
    while place >= 0:
        places.append(place)
        place = line.find(text, place + len(text))
    return places


def first_blank(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the first one begins and ends; where there is none, the end of the text twice. The text is
    Python."""
    for line, begin, end in blanks_in(text)[:1]:
        return (line - 1, begin), (line - 1, end)
    lines = text.split("\n")
    end = len(lines) - 1, len(lines[-1])
    return end, end
