"""The keys, each declared once: the bindings of the screens, the help, the palette, the key bar and the
README's table are all made of this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from textual.events import Key as Pressed
    from textual.screen import Screen


@dataclass(frozen=True)
class Key:
    """A key and what it does in one place."""

    keys: str
    """As Textual names them, with commas between; the first is the one that is shown."""
    action: str
    words: str = ""
    """What it does, for the help, the palette and the README; empty where another key says it for both."""
    label: str = ""
    """What it does, for the key bar; empty where it has no place there."""
    shown: str = ""
    """How it is written, where that is not its name."""
    priority: bool = False
    """Whether it comes before whatever is typed."""

    @property
    def name(self) -> str:
        """How it is written in a text."""
        return self.shown or written(self.keys.split(",")[0])


def written(key: str) -> str:
    """A key's name as texts have it."""
    return key.replace("escape", "esc")


@dataclass(frozen=True)
class KeyHelp:
    """A key that works now, what it does in words, and doing it."""

    key: str
    words: str
    do: Callable[[], Awaitable[object]]


KEYS: dict[str, tuple[Key, ...]] = {
    "everywhere": (
        Key("t", "theme", "between dark and light", "theme"),
        Key("q", "quit", "quit; everything is kept, and of a long run it asks first", "quit"),
        Key("i", "reference", "the course's formulas and words", "formulas"),
        Key("question_mark", "help", "this list of keys", "help", shown="?"),
        Key("ctrl+p", "command_palette", "find any of these by name"),
        Key("ctrl+q", "quit_at_once", priority=True),
        Key("ctrl+c", "help_quit"),
    ),
    "home": (
        Key("r", "run", "open the lesson at its open question, or run its experiment", "predict or run"),
        Key("a", "quiz", "a few questions that you missed, asked again", "ask again"),
        Key("A", "quiz_off", "never ask them again; or do so after all"),
        Key("p", "keepsake", "your page: formulas, what surprised you, how far you are", "your page"),
    ),
    "lessons": (
        Key(
            "enter", "select", "open the lesson where you left it; from its end, what was passed over", "open"
        ),
        Key("up", "cursor_up", "choose a lesson", "choose", shown="↑↓"),
        Key("down,j", "cursor_down"),
        Key("k", "cursor_up"),
    ),
    "lesson": (
        Key("enter", "onward", "go on: read, answer, run, see why, next step", "go on"),
        Key("n", "next", "next step", "next"),
        Key("b", "back", "back one step", "back"),
        Key("j", "steps", "jump to a step: all of them, and what is open in each", "steps"),
        Key("u", "write", "write the exercise's code yourself, and have it checked", "write it"),
        Key("U", "mine", "run with your own code of the exercise, and again with the lesson's", "run yours"),
        Key("r", "run", "run the experiment on the bench", "run"),
        Key("space", "pause", "pause and resume the run", "pause"),
        Key("x", "stop", "stop the run; what was recorded stays", "stop"),
        Key("full_stop", "step", "one layer or training step at a time", "step", shown="."),
        Key("left", "scrub(-1)", "back and forth through the run", "scrub", shown="←→"),
        Key("right", "scrub(1)"),
        Key("shift+left", "scrub(-10)", "back by ten"),
        Key("shift+right", "scrub(10)", "forth by ten"),
        Key("home", "scrub_to(0)", "to the first moment of the run"),
        Key("end", "scrub_to(-1)", "to the newest moment of the run"),
        Key("tab", "switch", "between the text and the bench", "text/bench"),
        Key("up", "read(-1)", "scroll the text", shown="↑↓"),
        Key("down", "read(1)"),
        Key("pageup", "read(-10)"),
        Key("pagedown", "read(10)"),
        Key("k", "knobs", "turn the knobs: ↑↓ choose, ←→ turn, digits type", "knobs"),
        Key("p", "pin", "keep this run's curves behind the next ones", "pin"),
        Key("a", "auto", "run again whenever a knob turns, on the same draw"),
        Key("v", "vary", "pin this run, then vary a knob on the same draw", "vary"),
        Key("s", "seed", "draw a new seed", "seed"),
        Key("S", "first_seed", "back to seed 42, which the course was written with"),
        Key("w", "why", "why the numbers are what they are, and where they broke", "why"),
        Key("m", "meanings", "what each result means", "results"),
        Key("f", "fan", "run it over several seeds: median and band", "fan"),
        Key("M", "sweep", "run it over one or two knobs: curves or a map"),
        Key("l", "runs", "the runs of this bench, to go back to one", "runs"),
        Key("y", "copy", "copy the run as a text: knobs, results, command"),
        Key("ctrl+s", "save", "save the run for `initplay replay`"),
        Key("e", "edit", "edit the source; ctrl+r runs it", "edit"),
        Key("c", "chart", "the next chart or table; what the text names comes first", "chart"),
        Key("C", "whole", "the large chart or table in all the room there is"),
        Key("g", "guess", "your prediction; afterwards, what you saw"),
        Key("1", "choose(1)", "answer: choose, or begin to type a number", shown="0-9"),
        *(Key(str(number), f"choose({number})") for number in (0, *range(2, 10))),
        Key("h", "hint", "a hint for the goal"),
        Key("f5", "mine"),
        Key("z", "slow", "slow motion: a few layers a second"),
        Key("o", "printed", "all that the run said and printed, and back", "said"),
        Key("d", "device", "run on the next device of this machine"),
        Key("escape", "home", "back to the course", "home"),
    ),
    "number": (
        Key("enter", "submit", "commit to this number", "commit"),
        Key("up", "nudge(1)", "move your guess on the chart, ←→ a little", "place", shown="↑↓"),
        Key("down", "nudge(-1)"),
        Key("escape", "screen.home", "leave the number as it was", "leave"),
    ),
    "seen": (
        Key("enter", "submit", "keep the line, and see why", "why"),
        Key("escape", "screen.home", "leave the line", "leave"),
    ),
    "knob": (
        Key("left", "turn(-1)", "turn the knob", "turn", shown="←→"),
        Key("right", "turn(1)"),
        Key("shift+right", "turn(10)", "turn it much further"),
        Key("shift+left", "turn(-10)", "turn it much further back"),
        Key("enter", "type", "type the knob's value; turn a choice or a switch", "set it"),
        Key("backspace,delete", "reset", "turn the knob back to its default"),
        Key("down", "neighbour(1)", "next knob, or the one before", "choose", shown="↑↓"),
        Key("up", "neighbour(-1)"),
        Key("escape", "screen.home", "leave the knobs", "leave"),
    ),
    "steps": (
        Key("escape,j,q", "dismiss(None)", "close", "close"),
        Key("1", "choose(1)", "choose a step by its number", shown="0-9"),
        *(Key(str(number), f"choose({number})") for number in (0, *range(2, 10))),
    ),
    "value": (Key("escape", "dismiss(None)", "leave the knob as it was", "cancel"),),
    "sweep": (Key("escape", "leave", "leave; what was typed stays", "leave"),),
    "runs": (
        Key("enter", "select", "show this run again", "show"),
        Key("p", "pin", "pin this run, or let it go", "pin"),
        Key("escape", "leave", "back to the charts", "leave"),
    ),
    "editor": (
        Key("ctrl+r", "run", "run this text", "run this text", priority=True),
        Key("escape", "leave", "leave the editor", "leave the editor", priority=True),
        Key("ctrl+s", "write", "write this text to your file; a lesson's is kept as you type"),
        Key("ctrl+g", "diff", "what you changed of the lesson's text, to put parts back", "diff"),
        Key("ctrl+o", "own_editor", "edit the text in the editor that $EDITOR names", "$EDITOR"),
        Key("ctrl+l", "reset", "put the lesson's own text back", "reset"),
        Key("f4", "scratch", "take up what you wrote here before, the newest first", "scratch copies"),
    ),
    "exercise": (
        Key("ctrl+s", "check", "write it to your file, and check it", "check", priority=True),
        Key("ctrl+r", "check", priority=True),
        Key("f5", "mine", "run the lesson with yours, once it has passed", "run with yours"),
        Key("ctrl+t", "hint", "a hint, each plainer than the one before; then the solution", "hint"),
        Key("ctrl+n", "level", "the next level; each has a file of its own", "level", priority=True),
        Key("ctrl+g", "solution", "the solution beside yours", "solution"),
        Key("escape", "leave", "back to the lesson; everything is kept", "leave", priority=True),
        Key("ctrl+o", "own_editor", "write it in the editor that $EDITOR names", "$EDITOR"),
        Key("ctrl+up", "read(-3)", "scroll what the checks say", shown="ctrl+↑↓"),
        Key("ctrl+down", "read(3)"),
        Key("ctrl+l", "reset", "put back what the level began with", "begin again"),
    ),
    "text": (
        Key("tab", "indent", "indent the line, or the lines that are selected"),
        Key("shift+tab", "dedent", "the other way"),
        Key("ctrl+slash,ctrl+underscore", "comment", "comment the lines out, or in again", shown="ctrl+/"),
        Key("ctrl+f", "find", "find a text, or go to a line by its number: :12"),
        Key("f3", "find_next", "where it stands next"),
        Key("shift+f3", "find_next(True)", "where it stood before"),
    ),
    "hunk": (Key("enter", "put_back", "put the lesson's lines back here", "put back"),),
    "ask": (
        Key("enter,y", "dismiss(True)", "yes", "yes"),
        Key("escape,n", "dismiss(False)", "no", "no"),
    ),
    "help": (Key("escape,question_mark,q,enter", "dismiss(None)", "close", "close"),),
    "meanings": (Key("escape,m,q,enter", "dismiss(None)", "close", "close"),),
    "explain": (
        Key("enter,j", "dismiss(True)", "to the first broken moment", "go there"),
        Key("escape,w,q", "dismiss(False)", "close", "close"),
    ),
    "reference": (
        Key("slash", "search", "search the page", "search", shown="/"),
        Key("escape,i,q", "leave", "close", "close"),
    ),
    "sought": (
        Key("down", "submit", "to the page", "to the page"),
        Key("escape", "screen.leave", "the whole page again", "all again"),
    ),
    "whole": (Key("escape,C,q,enter", "dismiss(None)", "close", "close"),),
    "keepsake": (Key("escape,p,q,enter", "dismiss(None)", "close", "close"),),
    "quiz": (
        Key("enter", "onward", "the next question, once this one is answered", "go on"),
        Key("1", "choose(1)", "answer", shown="1-9"),
        *(Key(str(number), f"choose({number})") for number in range(2, 10)),
        Key("escape", "dismiss(None)", "leave; what is left is asked another time", "leave"),
    ),
    "board": (
        Key("enter", "onward", "open the lesson that most are in, then the next one", "open"),
        Key("left", "turn(-1)", "from lesson to lesson, and the overview of all", "lesson", shown="←→"),
        Key("right", "turn(1)"),
        Key("m", "most", "the lesson that most are in", "where most are"),
        Key("up", "scroll(-1)", "scroll the page", "scroll", shown="↑↓"),
        Key("down", "scroll(1)"),
        Key("pageup", "scroll(-15)"),
        Key("pagedown,space", "scroll(15)"),
        Key("escape,home", "overview", "the overview of all lessons", "overview"),
        Key("n", "names", "who stands where, by the names that they chose", "names"),
        Key("s", "answers", "what is right, or nothing that says it", "answers"),
        Key("q", "quit", "quit; the folder is left as it is", "quit"),
        Key("t", "theme", "between dark and light", "theme"),
        Key("question_mark", "help", "this list of keys", "help", shown="?"),
        Key("ctrl+c,ctrl+q", "quit", priority=True),
    ),
    "find": (Key("escape", "dismiss(None)", "close", "close"),),
    "diff": (Key("escape,ctrl+g,q", "close", "close", "close"),),
}
"""By the place in which they work, in the order of the help."""

README_TABLES = {
    "In a lesson": ("lesson", "everywhere"),
    "On a knob": ("knob",),
    "In the editor": ("editor", "text"),
    "In an exercise": ("exercise",),
}


def bindings(where: str) -> list[BindingType]:
    """The keys of a place, for a class's `BINDINGS`."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=bool(key.label),
            key_display=key.shown or None,
            priority=key.priority,
            tooltip=key.words,
            id=f"{where}.{key.action}",
        )
        for key in KEYS[where]
    ]


def action_of(key: str, where: str = "lesson") -> str:
    """The action of a key in a place, without what it is called with; empty where it has none there."""
    return _ACTIONS[where].get(key, "")


_ACTIONS = {
    where: {name: key.action.partition("(")[0] for key in keys for name in key.keys.split(",")}
    for where, keys in KEYS.items()
}


def is_for_nothing(event: Pressed, screen: Screen[Any]) -> bool:
    """Whether a letter or a sign is no key of what is on the screen, as it stands."""
    return event.is_printable and event.key not in screen.active_bindings


def no_such_key(event: Pressed) -> str:
    return f"{event.character} is no key here: ? lists them"


def is_declared(binding: Binding) -> bool:
    """Whether it is one of ours, and not what a widget of Textual's brings along, such as "Scroll Left"."""
    where, _, action = (binding.id or "").partition(".")
    return any(key.action == action for key in KEYS.get(where, ()))


def keys_of(screen: Screen[Any]) -> list[KeyHelp]:
    """Every key that does something on a screen now, in the order of its declaration."""
    found: dict[str, KeyHelp] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        words = binding.tooltip
        if active.enabled and words and is_declared(binding):
            key = screen.app.get_key_display(binding)
            do = partial(screen.app.run_action, binding.action, active.node)
            found.setdefault(words, KeyHelp(key, words, do))
    return list(found.values())


def as_markdown() -> str:
    """The README's tables of keys, two keys beside each other."""
    return "\n\n".join("\n".join(_table(title, places)) for title, places in README_TABLES.items())


def _table(title: str, places: tuple[str, ...]) -> Iterator[str]:
    listed = [key for place in places for key in KEYS[place] if key.words]
    half = (len(listed) + 1) // 2
    rows = [f"`{key.name}` | {key.words}" for key in listed]
    rows += [" | "] * (2 * half - len(rows))
    yield f"{title}:\n\n| key | does | key | does |\n|---|---|---|---|"
    yield from (f"| {left} | {right} |" for left, right in zip(rows[:half], rows[half:], strict=True))
