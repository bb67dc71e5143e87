"""Text without what would steer a terminal that it is written to.

That is: escape sequences, control characters (C0, DEL and C1), the line separators of Unicode, the signs that
turn the direction of writing, and halves of surrogate pairs. Line ends and tabs stay.
"""

from __future__ import annotations

import re

_STEERS = re.compile(
    r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)?"  # CSI, OSC, and any other sequence
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_ONE_LINE = str.maketrans("\t\n\r", "   ")


def harmless(text: str) -> str:
    """The text with its line ends and tabs; the same object where there is nothing to take out."""
    return text if text.isprintable() else _STEERS.sub("", text)


def harmless_line(text: str) -> str:
    """The same on one line: line ends and tabs become spaces."""
    return text if text.isprintable() else harmless(text).translate(_ONE_LINE)
