"""Colours and weights as a terminal is told them: what it knows already is not said again.

Each piece of a line comes with all of its style, and is followed by a reset: half of what a chart that moves
sends is that. SGR, "select graphic rendition", is `ESC [ 1;38;5;74 m` (ECMA-48, section 8.3.117).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

RESET = "0"
_ON = frozenset("123456789")
"""Parameters that switch something on, as bold, and nothing off."""
_SGR = re.compile(r"\x1b\[([\d;:]*)m")
_PLACES = re.compile(r"(?:\x1b\[\d+;\d+H)*")
"""Where to write next, which is the same in any style."""


@dataclass(frozen=True)
class Style:
    """Of a character."""

    foreground: str = ""
    background: str = ""
    """Parameters that choose them; empty for the terminal's own."""
    others: frozenset[str] = frozenset()


def without_repeats(painted: str) -> str:
    """The same cells in the same styles, whatever the terminal's was before; with fewer bytes where each
    style begins with a reset, as rich's do."""
    first, *pieces = _SGR.split(painted)
    said = [first]
    now = wanted = ""  # not known
    for parameters, text in zip(pieces[::2], pieces[1::2], strict=True):
        if parameters in ("", RESET):
            wanted = RESET
        elif wanted == RESET:
            wanted = parameters
        else:  # on top of another style: what comes of both is left to the terminal
            said += [_change(now, wanted)] if now != wanted else []
            said.append(f"\x1b[{parameters}m")
            now = wanted = ""
        if now != wanted and not _PLACES.fullmatch(text):
            said.append(_change(now, wanted))
            now = wanted
        said.append(text)
    if now != wanted:
        said.append(_change(now, wanted))
    return "".join(said)


@lru_cache(4096)
def _change(now: str, wanted: str) -> str:
    """What makes one style of the other; both as all their parameters, `now` empty where it is not known."""
    if wanted == RESET:
        return f"\x1b[{RESET}m"
    anew = f"\x1b[{RESET};{wanted}m"
    if not now:
        return anew
    before, after = _style(now), _style(wanted)
    colours = [(before.foreground, after.foreground), (before.background, after.background)]
    can_add = before.others <= after.others <= _ON and all(new or not old for old, new in colours)
    added = [*sorted(after.others - before.others), *(new for old, new in colours if new != old)]
    more = f"\x1b[{';'.join(added)}m" if added else ""
    return more if can_add and len(more) < len(anew) else anew


@lru_cache(4096)
def _style(parameters: str) -> Style:
    """What they choose together."""
    style = Style()
    rest = iter(parameters.split(";"))
    for one in rest:
        if one in ("", RESET):
            style = Style()
        elif one == "58":  # of the underline, with numbers of its own behind it
            return replace(style, others=style.others | {one})
        elif one in ("38", "48"):
            kind = next(rest, "")
            colour = ";".join([one, kind, *(next(rest, "") for _ in range(3 if kind == "2" else 1))])
            style = replace(style, foreground=colour) if one == "38" else replace(style, background=colour)
        elif re.fullmatch(r"3\d|9[0-7]", one):
            style = replace(style, foreground="" if one == "39" else one)
        elif re.fullmatch(r"4\d|10[0-7]", one):
            style = replace(style, background="" if one == "49" else one)
        else:
            style = replace(style, others=style.others | {one})
    return style
