"""Keys that come faster than they are answered: each waits until the one before it has had its effect."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key, Paste

from initplay.ui.terminal.textual_private.busy import has_more, is_busy

WAY_OUT = "ctrl+q"
"""Pressed again while it waits, it waits no longer: whoever does not answer must not keep a learner in."""


class TypedAhead:
    """Gives out what is typed, one key or paste at a time, and what the mouse does in its turn.

    A key goes from whoever has the keyboard up to the app, which does what it is bound to. What comes of it
    goes on in messages: to open a page, to hand the keyboard on. So the next key is given out when nobody on
    that way has anything to do, and the keyboard is where it was then.
    """

    def __init__(self, app: App[Any], give: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._give = give
        self._waiting: deque[Event] = deque()
        self._follower: Follower | None = None
        """Behind the last key, as long as that may have something to do."""
        self._held = False

    async def take(self, event: Event) -> None:
        """Give it out, now or in its turn."""
        if _leads_out(event) and any(map(_leads_out, self._waiting)):
            await self._give(event)
            return
        self._waiting.append(event)
        if self._follower is None or self._follower.is_lost:
            await self._give_next()

    def hold(self) -> None:
        """Give out nothing until `let_go`: what the last key began has the text that the next are for."""
        self._held = True

    def let_go(self) -> None:
        self._held = False
        self._app.call_later(self._give_if_nobody_does)

    async def _give_if_nobody_does(self) -> None:
        if self._follower is None:
            await self._give_next()

    async def _give_next(self) -> None:
        if self._follower:
            self._follower.give_up()
        self._follower = None
        while self._waiting and self._follower is None and not self._held:
            event = self._waiting.popleft()
            if not isinstance(event, Key | Paste):
                await self._give(event)
                continue
            # Made before, for the key may take the keyboard from who had it.
            self._follower = Follower(self._app, self._go_on)
            try:
                await self._give(event)
            finally:
                self._follower.set_out()

    async def _go_on(self, follower: Follower) -> None:
        if follower is self._follower:
            await self._give_next()


def _leads_out(event: Event) -> bool:
    return isinstance(event, Key) and event.key == WAY_OUT


class Follower:
    """Waits for whoever is busy between who had the keyboard and the app; then between who has it by now and
    the app, until that is the same one and nobody is busy."""

    def __init__(self, app: App[Any], back: Callable[[Follower], Awaitable[None]]) -> None:
        self._app = app
        self._back = back
        self._holder = self._who_has_the_keyboard
        self._at: DOMNode = app
        self._waits = 0
        """How often it has begun to wait."""

    @property
    def _who_has_the_keyboard(self) -> DOMNode:
        stack = self._app.screen_stack
        return (stack[-1].focused or stack[-1]) if stack else self._app

    @property
    def is_lost(self) -> bool:
        """Whether it waits for one who has ended."""
        return not (self._at.is_attached or self._at.is_running)

    def give_up(self) -> None:
        """Another follows from here on. Two at one place would each be what the other waits for, and the
        playground would do nothing else any more."""
        self._waits += 1

    def set_out(self) -> None:
        """To be called where the key was given out."""
        if not self._waits_for_another():
            self._wait_for(self._app)

    def _waits_for_another(self) -> bool:
        return any(
            (has_more(node) if node is self._at else is_busy(node)) and self._wait_for(node)
            for node in self._holder.ancestors_with_self
        )

    def _wait_for(self, node: DOMNode) -> bool:
        """False where it takes no messages any more."""
        if not node.call_later(self._go_on, self._waits + 1):
            return False
        self._waits += 1
        self._at = node
        return True

    async def _go_on(self, wait: int) -> None:
        if wait != self._waits:  # it has given up, or waits elsewhere
            return
        if self._waits_for_another():
            return
        if self._holder is not (holder := self._who_has_the_keyboard):
            self._holder = holder
            self.set_out()
        elif self._at is not self._app:
            self._wait_for(self._app)  # who gives out the next key
        else:
            await self._back(self)
