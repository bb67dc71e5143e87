"""Keys that come together are given out in turn, each once what the one before it causes is done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pilots import until
from textual.app import App, ComposeResult
from textual.events import Event, InputEvent, Key, MouseScrollDown, Paste
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Label

from initplay.ui.editor.editor import Editor
from initplay.ui.typed_ahead import Follower, TypedAhead


class InTurn(App[None]):
    """Gives out keys as the playground does, and notes what is given out."""

    def __init__(self) -> None:
        super().__init__()
        self.typed_ahead = TypedAhead(self, self._give)
        self.given: list[str] = []

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent | Paste) and not event.is_forwarded:
            await self.typed_ahead.take(event)
        else:
            await super().on_event(event)

    async def _give(self, event: Event) -> None:
        self.given.append(event.key if isinstance(event, Key) else type(event).__name__)
        await super().on_event(event)

    def press(self, *keys: str) -> None:
        """All at once, as a terminal does that was not read for a moment."""
        for key in keys:
            self.post_message(Key(key, key if len(key) == 1 else None))


class Asked(ModalScreen[str]):
    """Hands the keyboard to its second line, by a message."""

    BINDINGS = [("escape", "dismiss('left')")]

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    def on_mount(self) -> None:
        self.query_one("#second").focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Asks(InTurn):
    """Opens a page two messages after its key."""

    BINDINGS = [("o", "wish"), ("d", "drop")]

    class Wished(Message):
        pass

    class Wanted(Message):
        pass

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield Label("o asks")

    def action_wish(self) -> None:
        self.screen.post_message(self.Wished())

    def on_asks_wished(self) -> None:
        self.post_message(self.Wanted())

    def on_asks_wanted(self) -> None:
        self.push_screen(Asked(), self.answers.append)


@asynccontextmanager
async def asking() -> AsyncIterator[tuple[Asks, Pilot[None]]]:
    app = Asks()
    async with app.run_test() as pilot:
        yield app, pilot


async def test_letters_go_to_the_page_that_a_key_opens_and_the_next_key_to_what_it_leaves():
    async with asking() as (app, pilot):
        app.press("o", "a", "o", "backspace", "b", "enter", "o", "c", "escape", "o", "d", "enter")
        await until(pilot, lambda: app.answers == ["ab", "left", "d"])


async def test_a_paste_and_the_mouse_come_in_their_turn():
    async with asking() as (app, pilot):
        app.press("o", "a")
        app.post_message(Paste("xyz"))
        app.post_message(MouseScrollDown(None, 1, 1, 0, 1, 0, False, False, False))
        app.press("b", "enter")
        await until(pilot, lambda: app.answers == ["axyzb"])
        assert app.given == ["o", "a", "Paste", "MouseScrollDown", "b", "enter"]


async def test_a_key_that_comes_alone_waits_for_nothing():
    async with asking() as (app, pilot):
        await app.typed_ahead.take(Key("x", "x"))
        assert app.given == ["x"]
        await pilot.pause()


async def test_a_key_whose_handler_fails_holds_up_no_other():
    async with asking() as (app, pilot):

        async def fail(event: Event) -> None:
            raise ValueError(event)

        app.typed_ahead._give = fail
        with pytest.raises(ValueError, match="Key"):
            await app.typed_ahead.take(Key("x", "x"))
        app.typed_ahead._give = app._give
        app.press("o", "a", "enter")
        await until(pilot, lambda: app.answers == ["a"])


async def test_a_key_for_a_widget_that_goes_holds_up_no_other():
    async with asking() as (app, pilot):
        app.press("o", "a")
        await until(pilot, lambda: app.given == ["o", "a"] and isinstance(app.screen, Asked))
        box = app.screen.query_one("#second", Input)
        app.press("b")
        await until(pilot, lambda: "b" in app.given)
        await box.remove()
        app.press("c", "enter")
        await until(pilot, lambda: app.answers == ["c"])


class Busy(Screen[None]):
    """Does not come to an end, until it is let, with what a key has told it."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def on_asks_wished(self) -> None:
        await self.let.wait()


async def comes(true: Callable[[], object]) -> None:
    """Wait for it, though a screen is busy."""

    async def look() -> None:
        while not true():
            await asyncio.sleep(0.001)

    await asyncio.wait_for(look(), 60)


async def test_a_screen_that_does_not_answer_holds_up_no_second_ctrl_q():
    async with asking() as (app, _):
        busy = Busy()
        await app.push_screen(busy)
        app.press("o", "x", "ctrl+q")
        await comes(lambda: len(app.typed_ahead._waiting) == 2)
        assert app.given == ["o"]
        app.press("ctrl+q")
        await comes(lambda: app.given == ["o", "ctrl+q"])
        busy.let.set()


class Alone(InTurn):
    """An editor and nothing else."""

    TEXT = "def f(x):\n    return x\n"

    def compose(self) -> ComposeResult:
        yield Editor(self.TEXT)


async def test_an_editor_takes_bound_keys_and_letters_in_their_order():
    app = Alone()
    async with app.run_test() as pilot:
        editor = app.query_one(Editor)
        editor.focus()
        await until(pilot, lambda: editor.has_focus)
        editor.move_cursor((1, 12))
        app.press("backspace", "backspace", "y", "up", "end", "z", "left", "delete", "ctrl+u", "w")
        await until(pilot, lambda: editor.text == "w\n    returny\n")


async def test_what_is_typed_while_keys_are_held_is_given_out_after_it():
    app = InTurn()
    async with app.run_test() as pilot:
        app.typed_ahead.hold()
        app.press("a", "b", "c")
        await pilot.pause()
        assert app.given == []
        app.typed_ahead.let_go()
        while len(app.given) < 3:
            await pilot.pause()
        assert app.given == ["a", "b", "c"]


async def test_a_follower_that_is_given_up_holds_up_no_other(monkeypatch):
    """As one that was held to be lost, and goes on: each of two would be what the other waits for."""
    went_on = Counter[Follower]()
    go_on = Follower._go_on

    async def counted(follower: Follower, wait: int) -> None:
        went_on[follower] += 1
        assert went_on[follower] < 100, "it would do nothing else any more"
        await go_on(follower, wait)

    monkeypatch.setattr(Follower, "_go_on", counted)
    monkeypatch.setattr(Follower, "is_lost", property(lambda follower: True))
    app = InTurn()
    async with app.run_test() as pilot:
        app.press(*"abcdefgh")
        await until(pilot, lambda: app.given == list("abcdefgh") and app.typed_ahead._follower is None)
