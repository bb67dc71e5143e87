"""Where what a command says goes, and as what."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any

from initplay.look import is_unicode
from initplay.opening import is_dumb, is_terminal
from initplay.words.spelling import SPELL, spelled


def is_plain(asked: bool) -> bool:
    return asked or not is_terminal(sys.stdout) or is_dumb() or bool(os.environ.get("NO_COLOR"))


def is_ascii() -> bool:
    return not is_unicode(sys.stdout.encoding)


def width() -> int:
    return size().columns


def size() -> os.terminal_size:
    """The terminal's; 80x24 where it names none, of which Python 3.10 says that it has no columns."""
    found = shutil.get_terminal_size()
    return os.terminal_size((found.columns or 80, found.lines or 24))


def text_out() -> Any:
    """stdout, such that a character it has none for is spelled in ASCII and no crash."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors=SPELL)
    return sys.stdout


def say(text: str) -> None:
    print(spelled(text) if is_ascii() else text, file=text_out())


def print_json(value: Any) -> None:
    say(json.dumps(value, indent=2, ensure_ascii=True, default=str))
