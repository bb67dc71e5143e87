"""How the playground draws: for terminals that can do little, and for lines that are slow."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

FPS, SLOW_FPS = 10, 2
"""Redraws a second of a chart, and of one over a slow line."""
MOST_FPS = 60
_BY_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")


@dataclass(frozen=True)
class Look:
    """What is asked of the screen."""

    ascii: bool = False
    """Whether nothing but ASCII may reach the terminal."""
    fps: int = FPS
    """How often a second a chart of a live run is drawn anew, at most; what a key asks for is not held up."""
    slow_line: bool = False
    """Whether bytes are scarce: nothing moves or blinks, and small charts follow a live run from afar."""

    @property
    def small_fps(self) -> float:
        """How often a second a small chart is drawn anew."""
        return self.fps / 8 if self.slow_line else self.fps

    def words(self, text: str) -> str:
        """What is said, spelled before it is laid out where that must be."""
        if not self.ascii:
            return text
        from initplay.words.spelling import spelled  # of no use to most

        return spelled(text, dot="-")

    def markdown(self, text: str) -> str:
        if not self.ascii:
            return text
        from initplay.words.spelling import spelled_markdown

        return spelled_markdown(text)


ANY_TERMINAL = Look()
"""What is drawn where nothing else was asked for."""


def look_for(*, ascii: bool | None = None, fps: int | None = None, slow_line: bool = False) -> Look:
    """What was asked for; for what was not, what the terminal says of itself."""
    if ascii is None:
        drawn_on = getattr(sys.__stderr__, "encoding", None)
        ascii = bool(why_ascii(os.environ)) or not (drawn_on is None or is_unicode(drawn_on))
    return Look(ascii, fps or (SLOW_FPS if slow_line else FPS), slow_line)


def is_unicode(encoding: str | None) -> bool:
    """Whether a stream of that encoding takes what we draw: PYTHONIOENCODING may say that it does not."""
    return (encoding or "").lower().replace("-", "").startswith("utf")


def why_ascii(environment: Mapping[str, str]) -> str:
    """What says that the terminal shows ASCII alone, in words; empty where nothing does.

    A locale that names no charset, such as C, says nothing: many terminals that show UTF-8 have that one.
    Nor does an LC_CTYPE that Python itself has put there because the system lacks the locale (PEP 538).
    """
    if environment.get("TERM") == "linux":
        return "TERM is linux"
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        named = environment.get(variable, "")
        if not named or (variable == "LC_CTYPE" and named in _BY_PYTHON):
            continue
        charset = named.partition("@")[0].partition(".")[2]
        unicode = charset.lower().replace("-", "") in ("", "utf8")
        return "" if unicode else f"{variable} is {named}"
    return ""
