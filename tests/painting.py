"""pyte, with short ways for what nearly all of a frame is made of: narrow characters, and their colours."""

from __future__ import annotations

import re
from functools import lru_cache

import pyte
from pyte import modes
from pyte.charsets import LAT1_MAP
from pyte.screens import Char
from wcwidth import wcwidth

_COLOURS = re.compile(r"\x1b\[([\d;]*)m")
_narrow: set[str] = set()
"""Characters of which it is known that they are one cell wide."""


class Screen(pyte.Screen):
    """Which makes each character in each of its colours once."""

    @property
    def text(self) -> str:
        """What stands on it. `display` asks how wide each character is; what follows a wide one is empty."""
        rows, columns = range(self.lines), range(self.columns)
        lines = ("".join([self.buffer[row][column].data for column in columns]).rstrip() for row in rows)
        return "\n".join(lines)

    def draw(self, data: str) -> None:
        if not self._is_simple(data):
            super().draw(data)
            return
        line = self.buffer[self.cursor.y]
        for column, character in enumerate(data, self.cursor.x):
            line[column] = _cell(character, self.cursor.attrs)
        self.cursor.x += len(data)
        self.dirty.add(self.cursor.y)

    def _is_simple(self, data: str) -> bool:
        """Whether it goes into the rest of the line, a character a cell, over what stands there."""
        return (
            self.cursor.x + len(data) <= self.columns
            and modes.IRM not in self.mode
            and not self.charset
            and self.g0_charset is LAT1_MAP
            and _all_narrow(data)
        )

    def select_graphic_rendition(self, *attrs: int) -> None:
        if modes.DECSCNM in self.mode:  # what is plain is another thing there
            super().select_graphic_rendition(*attrs)
            return
        key = self.cursor.attrs, attrs
        if key not in _renditions:
            super().select_graphic_rendition(*attrs)
            _renditions[key] = self.cursor.attrs
        self.cursor.attrs = _renditions[key]


_renditions: dict[tuple[Char, tuple[int, ...]], Char] = {}
"""What the attributes of before become."""


@lru_cache(100_000)
def _cell(character: str, attributes: Char) -> Char:
    return attributes._replace(data=character)


def _all_narrow(data: str) -> bool:
    if not _narrow.issuperset(data):
        _narrow.update(character for character in data if wcwidth(character) == 1)
    return _narrow.issuperset(data)


class Stream(pyte.ByteStream):
    """Which reads an escape sequence for colours at once, and not by its characters."""

    def feed(self, data: bytes) -> None:  # type: ignore[override]
        if self.listener is None or not self.use_utf8:
            super().feed(data)
            return
        text = self.utf8_decoder.decode(data)
        place = 0
        while place < len(text):
            if not self._taking_plain_text:
                self._taking_plain_text = self._send_to_parser(text[place])
                place += 1
            elif plain := self._text_pattern.match(text, place):
                self.listener.draw(plain[0])
                place = plain.end()
            elif colours := _COLOURS.match(text, place):
                self.listener.select_graphic_rendition(*_numbers(colours[1]))
                place = colours.end()
            else:
                self._taking_plain_text = False


@lru_cache(100_000)
def _numbers(text: str) -> tuple[int, ...]:
    """As pyte reads them."""
    return tuple(min(int(number or 0), 9999) for number in text.split(";"))
