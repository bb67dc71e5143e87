"""TOML, and where it is wrong: a line and a sentence."""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyrefly: ignore[missing-import]  # installed where Python needs it

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class NotToml(Exception):
    """A text that is not TOML: the line, counted from 1, and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def table_of(text: str) -> dict[str, Any]:
    """What a text of TOML sets. Raises NotToml."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        reason = _PLACE.sub("", str(error))
        raise NotToml(line, f"{reason[:1].lower()}{reason[1:]}") from None
    except ValueError:  # which that of TOML is, too: Python reads no whole number of thousands of digits
        raise NotToml(0, "it has a number of too many digits") from None
    except RecursionError:
        raise NotToml(0, "it is nested too deep") from None


def line_of(key: str, lines: list[str]) -> int | None:
    """The line, counted from 1, that sets a key or opens a table of that name; None where none does."""
    name = rf"""["']?{re.escape(key)}["']?\s*"""
    wanted = re.compile(rf"\s*(?:{name}[.=]|\[\s*{name}\])")
    return next((number for number, line in enumerate(lines, 1) if wanted.match(line)), None)
