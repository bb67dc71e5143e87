"""What is used of textual-serve: its terminal for browsers, and what that says over a websocket.

The files are private parts of it. Written for textual-serve 1.1; without one of them, `files` says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SCRIPT = "js/textual.js"
_NEEDED = (SCRIPT, "css/xterm.css", "fonts/RobotoMono-VariableFont_wght.ttf")


class NotInstalled(Exception):
    """There is no textual-serve, or another than is known here; one sentence."""


@dataclass(frozen=True)
class Typed:
    text: str


@dataclass(frozen=True)
class Resized:
    width: int
    height: int


@dataclass(frozen=True)
class Pinged:
    what: str


def files() -> Path:
    """The folder of the browser's side. Raises NotInstalled."""
    found = find_spec("textual_serve")
    if found is None or found.origin is None:
        raise NotInstalled(
            "The playground in a browser needs textual-serve: `pip install 'initplay[serve]'` brings it."
        )
    folder = Path(found.origin).parent / "static"
    for name in _NEEDED:
        if not (folder / name).is_file():
            raise NotInstalled(
                f"This textual-serve has no {name}: `pip install 'initplay[serve]'` brings one that is known."
            )
    return folder


def message(text: str) -> Typed | Resized | Pinged | None:
    """What the browser's terminal says; None for what nobody needs, nonsense included.

    Whether the page has the focus is in what is typed, too: its terminal tells as every terminal does.
    """
    try:
        kind, *rest = json.loads(text)
        if kind == "stdin":
            return Typed(str(rest[0]))
        if kind == "resize":
            return Resized(int(rest[0]["width"]), int(rest[0]["height"]))
        if kind == "ping":
            return Pinged(str(rest[0]))
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None
    return None


def pong(what: str) -> str:
    return json.dumps(["pong", what])


def word(sentence: str) -> str:
    """Something to say to the visitor; the terminal passes over it, the page shows it."""
    return json.dumps(["word", sentence])
