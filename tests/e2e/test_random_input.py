"""No key ends it: thousands of random keys, bytes, pastes, mouse reports and resizes, in a real terminal."""

from __future__ import annotations

import importlib
import os
import pkgutil
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from terminal import INITPLAY, LONG, Terminal, gone
from textual.binding import Binding
from textual.dom import DOMNode

import initplay.ui

EVENTS = 1_000 if "INITPLAY_LONG" in os.environ else 350
"""At each size: a thousand in all in the five minutes that the suite has, three where there is time."""
SIZES = [(80, 24), (140, 40), (40, 12)]

ESCAPE, PASTE, PASTED = b"\x1b", b"\x1b[200~", b"\x1b[201~"
_NAMED = {
    "ctrl+slash": b"\x1f",
    "ctrl+underscore": b"\x1f",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "down": b"\x1b[B",
    "end": b"\x1b[F",
    "enter": b"\r",
    "escape": ESCAPE,
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "shift+f3": b"\x1b[1;2R",
    "full_stop": b".",
    "home": b"\x1b[H",
    "left": b"\x1b[D",
    "pagedown": b"\x1b[6~",
    "pageup": b"\x1b[5~",
    "question_mark": b"?",
    "right": b"\x1b[C",
    "shift+left": b"\x1b[1;2D",
    "shift+right": b"\x1b[1;2C",
    "shift+tab": b"\x1b[Z",
    "slash": b"/",
    "space": b" ",
    "tab": b"\t",
    "up": b"\x1b[A",
}
QUITS = {"q", "ctrl+q"}


def keys_of_every_binding() -> list[bytes]:
    """What a terminal sends for each key that the playground's own classes bind, those that quit left out."""
    for module in pkgutil.walk_packages(initplay.ui.__path__, "initplay.ui."):
        importlib.import_module(module.name)
    names = {
        name
        for kind in _kinds_of(DOMNode)
        if kind.__module__.startswith("initplay.")
        for binding in vars(kind).get("BINDINGS", ())
        if isinstance(binding, Binding)
        for name in binding.key.split(",")
    }
    return [_sent(name) for name in sorted(names - QUITS)]


def _kinds_of(kind: type) -> Iterator[type]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _kinds_of(sub)


def _sent(name: str) -> bytes:
    if name in _NAMED:
        return _NAMED[name]
    if name.startswith("ctrl+"):
        return bytes([ord(name[-1]) & 0x1F])
    assert len(name) == 1, f"say in _NAMED what a terminal sends for {name}"
    return name.encode()


class Hands:
    """One's hands on a keyboard, a mouse and a window's edge, guided by a seed."""

    def __init__(self, seed: int, size: tuple[int, int]) -> None:
        self._random = random.Random(seed)
        self._size = size
        self._keys = keys_of_every_binding()

    def next(self) -> bytes | tuple[int, int]:
        """What the terminal sends next; or its new size, as columns and rows."""
        kinds: list[tuple[int, Callable[[], bytes | tuple[int, int]]]] = [
            (40, self._key),
            (6, self._key_twice),
            (6, self._key_of_no_binding),
            (4, self._palette),
            (4, self._bytes),
            (3, self._paste),
            (3, self._half_a_sequence),
            (3, self._reply),
            (16, self._mouse),
            (4, self._drag),
            (4, self._mouse_of_old),
            (3, self._size_of_window),
            (2, self._focus),
        ]
        weights = [weight for weight, _ in kinds]
        return self._random.choices([kind for _, kind in kinds], weights)[0]()

    def _key(self) -> bytes:
        return self._random.choice(self._keys)

    def _key_twice(self) -> bytes:
        return self._key() * self._random.randint(2, 5)

    def _key_of_no_binding(self) -> bytes:
        pick = self._random
        modified = f"\x1b[1;{pick.randint(2, 16)}{pick.choice('ABCDFHPQRS')}"
        function = f"\x1b[{pick.randint(0, 40)}~"
        code = pick.choice([27, 97, 0xD83D, 0xDE00, 57358, 1 << 31, "", "1:2"])
        kitty = f"\x1b[{code};{pick.choice([1, 5, ''])}u"
        letter = chr(pick.randint(32, 126)).replace("q", "Q")
        control = bytes([pick.choice([*range(0x11), *range(0x12, 0x20)])])
        texts = [modified, function, kitty, f"\x1b{letter}", letter, f"\x1bO{letter}"]
        return pick.choice([*(text.encode() for text in texts), control])

    def _palette(self) -> bytes:
        words = self._random.choice([b"", b"theme", b"why", b"edit", b"home", b"zzz", b"n"])
        ends = self._random.choice([b"", b"\r", b"\r\r", ESCAPE + ESCAPE, b"\x1b[B\r\r", b"\x10"])
        return b"\x10" * self._random.randint(1, 3) + words + ends

    def _bytes(self) -> bytes:
        """Of any value, most of which are no UTF-8; without those that quit."""
        drawn = self._random.randbytes(self._random.randint(1, 12))
        return drawn.replace(b"q", b"Q").replace(b"\x11", b"")

    def _paste(self) -> bytes:
        pick = self._random
        what = pick.choice(
            [
                b"40",
                b"x = 1\r\ny = 2\r",
                bytes(range(0x1B)) + bytes(range(0x1C, 0x20)) + b"\x7f",
                b"\xed\xa0\xbd",  # the first half of a surrogate pair, as CESU-8 has it
                "\N{GRINNING FACE}e\u0301\u2028\x85\u200f".encode(),
                b"a\x1b[Ab\x1b[31mc\x1b]0;d\x07e\x1b",
                b"z" * pick.randint(1_000, 20_000),
                b"long line\n" * pick.randint(100, 2_000),
                PASTE + b"within" + PASTE,
            ]
        )
        return PASTE + what + (b"" if pick.random() < 0.1 else PASTED)

    def _half_a_sequence(self) -> bytes:
        wholes = [b"\x1b[<0;12;5M", b"\x1b[1;5C", PASTE, b"\x1bOP", b"\x1b[?2026;2$y", b"\x1b[48;9;"]
        whole = self._random.choice(wholes)
        return whole[: self._random.randint(1, len(whole) - 1)]

    def _reply(self) -> bytes:
        """Of a terminal to a question nobody asked; some without their end."""
        whole = self._random.choice(
            [
                b"\x1b]11;rgb:0000/0000/0000",
                b"\x1b]52;c;" + b"QUJD" * 200,
                b"\x1bP>|XTerm(390)",
                b"\x1bP1+r544e=787465726d",
                b"\x1b_Gi=31;OK",
                b"\x1b^private",
                b"\x1bXstart",
                b"\x1b[?62;1;4c",
                b"\x1b[12;40R",
                b"\x1b[?2026;2$y",
                b"\x1b[48;24;80;480;640t",
                b"\x1b[48;0;0;0;0t",
                b"\x1b[8;24;80t",
            ]
        )
        ends = [b"\x1b\\", b"\x07", b"\x9c"] if whole[1:2] != b"[" else [b""]
        return whole + self._random.choice([*ends, b""])

    def _place(self) -> tuple[int, int]:
        """Of a cell, counted from 1; seldom outside the window."""
        pick, (columns, rows) = self._random, self._size
        if pick.random() < 0.06:
            return pick.choice([(0, 0), (-3, 4), (columns + 1, rows + 1), (9_999, 9_999), (1, 99_999_999)])
        return pick.randint(1, columns), pick.randint(1, rows)

    def _report(self, button: int, end: str = "M") -> bytes:
        column, row = self._place()
        return f"\x1b[<{button};{column};{row}{end}".encode()

    def _mouse(self) -> bytes:
        pick = self._random
        column, row = self._place()
        click = f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"
        return pick.choice(
            [
                click.encode() * pick.randint(1, 3),
                self._report(pick.choice([0, 1, 2, 4, 8, 16])),
                self._report(pick.choice([0, 1, 2]), "m"),
                self._report(35),
                self._report(64 + pick.randint(0, 3)) * pick.randint(1, 5),
                self._report(pick.randint(0, 300)),
            ]
        )

    def _drag(self) -> bytes:
        """From one place over others, let go at the end or not."""
        moves = b"".join(self._report(32) for _ in range(self._random.randint(1, 8)))
        return self._report(0) + moves + self._random.choice([self._report(0, "m"), b""])

    def _mouse_of_old(self) -> bytes:
        column, row = self._place()
        place = [min(255, max(0, 32 + number)) for number in (column, row)]
        return b"\x1b[M" + bytes([32 + self._random.choice([0, 1, 2, 3, 32, 64, 65]), *place])

    def _size_of_window(self) -> tuple[int, int]:
        pick = self._random
        if pick.random() < 0.5:
            self._size = pick.choice(SIZES)
        else:
            self._size = pick.choice([(1, 1), (2, 2), (300, 90), (pick.randint(1, 200), pick.randint(1, 60))])
        return self._size

    def _focus(self) -> bytes:
        return self._random.choice([b"\x1b[O", b"\x1b[I", b"\x1b[O\x1b[I"])


def bring_back(terminal: Terminal) -> None:
    """ctrl+z stops it while one's own editor has the terminal, as it should; and a shell brings it back."""
    process = terminal.process
    with suppress(psutil.NoSuchProcess):
        if process.poll() is None and psutil.Process(process.pid).status() == psutil.STATUS_STOPPED:
            process.send_signal(signal.SIGCONT)


SIGNALS = {b"\x03": 130, b"\x1c": -signal.SIGQUIT}
"""What the keyboard's signals end a program with."""


class Storm:
    """Sends what the hands do to a playground, which is opened again where they found a way to quit."""

    def __init__(self, home: Path, seed: int, size: tuple[int, int]) -> None:
        self._home = home
        self._size = size
        self._hands = Hands(seed, size)
        self._pauses = random.Random(seed)
        self.sent: list[bytes | tuple[int, int]] = []
        """Since the last start."""

    def run(self, events: int) -> None:
        while events:
            events = self._run_one(events)

    def _run_one(self, events: int) -> int:
        """As many events as it takes to quit, or all; how many are left."""
        env = {"VISUAL": "true"}
        with Terminal(self._home, size=self._size, command=INITPLAY, env=env) as terminal:
            terminal.until("? help", "lab ready")
            family = terminal.family()
            terminal.painted = False
            while events and terminal.running:
                self._do(terminal, self._hands.next())
                events -= 1
            if terminal.running:
                self._ask_for_help(terminal)
            if terminal.running:
                terminal.send("\x11")
            assert terminal.wait() in self._endings(), self._story(terminal)
            assert b"Traceback" not in terminal.written, self._story(terminal)
            assert all(terminal.restored().values()), terminal.restored()
            assert gone([*family, *terminal.left()])
        return events

    def _endings(self) -> set[int]:
        """Exit codes: 0, or that of a signal that was typed behind a key that quits, when the terminal was
        the shell's again."""
        typed = b"".join(event for event in self.sent if isinstance(event, bytes))
        return {0, *(code for key, code in SIGNALS.items() if key in typed)}

    def _do(self, terminal: Terminal, event: bytes | tuple[int, int]) -> None:
        self.sent.append(event)
        bring_back(terminal)
        try:
            if isinstance(event, bytes):
                terminal.send(event)
            else:
                terminal.resize(*event)
        except OSError:  # it has quit
            return
        terminal.read(self._pauses.choice([0, 0, 0, 0, 0, 0, 0.02, 0.05]))

    def _ask_for_help(self, terminal: Terminal) -> None:
        """Out of whatever it is in, which may still be behind with what was sent, or be about to quit."""
        terminal.read(1.5)  # what never ends is given up by then
        terminal.painted = True
        terminal.resize(100, 30)
        deadline = time.monotonic() + 4 * LONG
        while terminal.running and not terminal.shows("esc closes"):
            assert time.monotonic() < deadline, f"no answer:\n{terminal.text}\n{self._story(terminal)}"
            self._do(terminal, ESCAPE)
            terminal.read(0.3)
            self._do(terminal, b"?")
            answered_by = time.monotonic() + 1
            while terminal.running and not terminal.shows("esc closes") and time.monotonic() < answered_by:
                terminal.read()

    def _story(self, terminal: Terminal) -> str:
        last = "\n".join(map(repr, self.sent[-12:]))
        return f"sent at last:\n{last}\nwritten at last:\n{terminal.written[-6000:].decode(errors='replace')}"


@pytest.mark.parametrize(("size", "seed"), [(size, 100 + number) for number, size in enumerate(SIZES)])
def test_no_input_ends_it(tmp_path, size, seed):
    """Hundreds of events: no traceback, no process left behind, and a screen that answers afterwards."""
    Storm(tmp_path, seed, size).run(EVENTS)
