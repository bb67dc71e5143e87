"""What a terminal sends, sorted before Textual reads it: keys and reports, pastes, and strings to be dropped.

Textual waits for the end of a paste for ever. A report that it did not ask for, or half of one from a bad
line, it takes for keys: its letters would run and stop experiments. Here every one of them ends in time,
whatever the terminal does, and what is no key is dropped.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

ESC, CSI = "\x1b", "\x1b["
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
STRINGS = "]PX^_"
"""What follows ESC where a control string begins: OSC, DCS, SOS, PM, APC (ECMA-48, 5.6)."""
STRING_ENDS = "\x07\x9c\x18\x1a"
"""BEL, as xterm has it; ST as one character; CAN and SUB, which call it off. So does ESC with a backslash."""
REPORTS = "?>="
"""What follows CSI in a report of the terminal about itself; no key has them."""
UNDERSTOOD = "$y"
"""The end of the one report of these that Textual asks for: whether a mode is known (DECRPM)."""
GOES_ON = ("\x1b[M", "\x1b[[")
"""Sequences that go on after what ends any other: old mouse reports, and F1 to F5 of the Linux console."""
LONGEST = 32
"""Characters of a sequence that Textual waits for."""

SILENCE = 0.4
"""Seconds without a character after which a control string or a paste is over."""
LASTS = 0.8
"""Seconds after which a control string is over, and a paste that came no faster than one types."""
TYPED = 200
"""Characters in `LASTS` seconds, more than a key held down gives and less than the slowest line brings."""

AT_ONCE = 256
"""Characters that come together, more than anybody has typed: a paste whose marks are lost or never sent."""


@dataclass(frozen=True)
class Pasted:
    """The text of a paste."""

    text: str


class Sequence(Enum):
    """What becomes of the escape sequence that has come in the texts."""

    NO_KEY = auto()
    """It is none; whoever reads keys is to forget what it has of it."""
    COMPLETE = auto()
    """It has come to its end; who knows no key or report that it is, is to forget it."""


Piece: TypeAlias = "str | Pasted | Sequence"
"""A text for whoever reads keys, or one of the others."""


class Splitter:
    """Sorts a stream of characters; what may be a key is passed on at once.

    Times are seconds of any one clock; `escape_delay` is how long ESC may be the beginning of a sequence.
    """

    def __init__(self, escape_delay: float) -> None:
        self._escape_delay = escape_delay
        self._begun = ""
        """What has come, and has been passed on, of an escape sequence."""
        self._string = ""
        """What has come, without its ESC, of the control string or report; empty outside of one."""
        self._escaped = False
        """Whether ESC came last in it."""
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
        character = text[at]
        sequence, self._begun = self._begun + character, ""
        if sequence == PASTE_BEGINS:
            yield Sequence.NO_KEY
            self._paste = []
            self._begin_to_count(now)
        elif sequence == PASTE_ENDS:  # of a paste that was given up
            yield Sequence.NO_KEY
        elif (len(sequence) == 2 and character in STRINGS) or _is_report(sequence):
            yield Sequence.NO_KEY
            self._string = sequence[1:]
            self._begin_to_count(now)
        else:
            yield character
            if character == ESC:
                self._begun = ESC
            elif sequence == CSI or (sequence.startswith(CSI) and " " <= character <= "?"):
                self._begun = sequence
            elif sequence.startswith(CSI) and sequence not in GOES_ON:
                yield Sequence.COMPLETE
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
        self._count += 1
        is_report = self._string[0] == CSI[1]
        if is_report:
            self._string += character
        if character in STRING_ENDS or (is_report and "@" <= character <= "~"):
            if is_report and self._string.endswith(UNDERSTOOD):
                yield ESC + self._string
            self._string = ""
        return at + 1

    def _give_up_string(self) -> Iterator[Piece]:
        if self._escaped:
            yield ESC
        elif not self._count and self._string in STRINGS:
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


def _is_report(sequence: str) -> bool:
    """Whether a sequence is of the terminal about itself, or of a length that no key has."""
    return sequence.startswith(CSI) and (sequence[2:] in tuple(REPORTS) or len(sequence) > LONGEST)
