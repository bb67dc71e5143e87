"""What a terminal sends, sorted before Textual reads it: keys and reports, pastes, and strings to be dropped.

Textual waits for the end of a paste for ever, and reads a control string that it did not ask for (a reply to
somebody else, or half of one after a dropped line) as keys: its letters would run and stop experiments. Here
both end in time, whatever the terminal does.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

ESC = "\x1b"
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
STRINGS = "]PX^_"
"""What follows ESC where a control string begins: OSC, DCS, SOS, PM, APC (ECMA-48, 5.6)."""
STRING_ENDS = "\x07\x9c\x18\x1a"
"""BEL, as xterm has it; ST as one character; CAN and SUB, which call it off. So does ESC with a backslash."""

SILENCE = 0.4
"""Seconds without a character after which a control string or a paste is over."""
LASTS = 0.8
"""Seconds after which a control string is over, and a paste that came no faster than one types."""
TYPED = 200
"""Characters in `LASTS` seconds, more than a key held down gives and less than the slowest line brings."""

AT_ONCE = 256
"""Characters that come together, more than anybody types: a paste whose marks were lost, or never sent."""


@dataclass(frozen=True)
class Pasted:
    """The text of a paste."""

    text: str


class Forget(Enum):
    """The sequence that was begun is no key; whoever reads keys is to forget what it has of it."""

    SEQUENCE = auto()


Piece: TypeAlias = "str | Pasted | Forget"
"""A text for whoever reads keys, or one of the others."""


class Splitter:
    """Sorts a stream of characters; what may be a key is passed on at once.

    Times are seconds of any one clock; `escape_delay` is how long ESC may be the beginning of a sequence.
    """

    def __init__(self, escape_delay: float) -> None:
        self._escape_delay = escape_delay
        self._begun = ""
        """What has come, and has been passed on, of what may begin a paste or a control string."""
        self._string = ""
        """The character that began the control string; empty outside of one."""
        self._escaped = False
        """Whether ESC came last in the control string."""
        self._paste: list[str] | None = None
        """What has come of the paste but for its last characters; None outside of one."""
        self._tail = ""
        """The last characters of the paste, with which its end may have begun."""
        self._heard = 0.0
        """When something came last."""
        self._since = 0.0
        """When the control string began, or the stretch of the paste whose characters are counted."""
        self._count = 0

    def feed(self, text: str, now: float) -> Iterator[Piece]:
        """Take what came; yields its pieces in their order."""
        yield from self.tick(now)
        self._heard = now
        at = 0
        while at < len(text):
            if self._paste is not None:
                at = yield from self._in_paste(self._paste, text, at)
            elif self._string:
                at = yield from self._in_string(text, at)
            elif self._begun:
                at = yield from self._in_sequence(text, at, now)
            else:
                end = text.find(ESC, at)
                end = len(text) if end < 0 else end
                if end - at >= AT_ONCE:
                    yield Pasted(text[at:end])
                elif end > at:
                    yield text[at:end]
                if end < len(text):
                    yield ESC
                    self._begun = ESC
                at = end + 1

    def tick(self, now: float) -> Iterator[Piece]:
        """Give up what has not ended in time; to be called several times a second while nothing comes."""
        silent, lasted = now - self._heard, now - self._since
        if silent >= self._escape_delay:
            self._begun = ""
        if self._string and (
            silent >= SILENCE or lasted >= LASTS or (self._escaped and silent >= self._escape_delay)
        ):
            yield from self._give_up_string()
        if self._paste is not None and (silent >= SILENCE or lasted >= LASTS):
            if silent >= SILENCE or self._count < TYPED:
                yield self._pasted(self._paste)
            self._begin_to_count(now)

    def _begin_to_count(self, now: float) -> None:
        self._since, self._count = now, 0

    def _in_sequence(self, text: str, at: int, now: float) -> Generator[Piece, None, int]:
        sequence, self._begun = self._begun + text[at], ""
        if sequence == PASTE_BEGINS:
            yield Forget.SEQUENCE
            self._paste = []
            self._begin_to_count(now)
        elif sequence == PASTE_ENDS:  # of a paste that was given up
            yield Forget.SEQUENCE
        elif len(sequence) == 2 and text[at] in STRINGS:
            yield Forget.SEQUENCE
            self._string = text[at]
            self._begin_to_count(now)
        else:
            yield text[at]
            if text[at] == ESC:
                self._begun = ESC
            elif PASTE_BEGINS.startswith(sequence) or PASTE_ENDS.startswith(sequence):
                self._begun = sequence
        return at + 1

    def _in_string(self, text: str, at: int) -> Generator[Piece, None, int]:
        character = text[at]
        if self._escaped:
            self._string, self._escaped = "", False
            if character == "\\":
                return at + 1
            yield ESC  # which called the string off, and begins something else
            self._begun = ESC
            return at
        self._escaped = character == ESC
        if character in STRING_ENDS:
            self._string = ""
        self._count += 1
        return at + 1

    def _give_up_string(self) -> Iterator[Piece]:
        if self._escaped:
            yield ESC
        elif not self._count:
            yield ESC + self._string  # it was a key: alt and that character
        self._string, self._escaped = "", False

    def _in_paste(self, paste: list[str], text: str, at: int) -> Generator[Piece, None, int]:
        came = self._tail + text[at:]
        end = came.find(PASTE_ENDS)
        self._count += len(text) - at
        if end < 0:
            cut = max(0, len(came) - len(PASTE_ENDS) + 1)
            paste.append(came[:cut])
            self._tail = came[cut:]
            return len(text)
        at += end + len(PASTE_ENDS) - len(self._tail)
        self._tail = came[:end]
        yield self._pasted(paste)
        return at

    def _pasted(self, paste: list[str]) -> Pasted:
        text = "".join(paste) + self._tail
        self._paste, self._tail = None, ""
        return Pasted(text)
