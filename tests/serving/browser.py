"""A browser's terminal without a browser: a line to a playground, and pyte to read what it draws."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

import pyte
from aiohttp import ClientSession, WSMsgType

LONG = 90
"""Seconds; a limit for what takes two."""
PATIENCE = 5
"""Seconds after which a key that nothing came of is pressed again."""
FOR_OTHER_TERMINALS = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[\?u")
"""Requests and key protocols that pyte would print as text."""


class Page:
    """One tab. Use it in an `async with` block."""

    def __init__(
        self, session: ClientSession, site: str, tab: str, size: tuple[int, int] = (100, 30)
    ) -> None:
        """`session` has the visitor's cookies; `site` is like `http://localhost:8000`."""
        self._session, self._site, self._tab, self._size = session, site, tab, size
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.words: list[str] = []
        """What the server said to the visitor."""
        self.why = ""
        """With what it closed the line."""

    async def __aenter__(self) -> Page:
        async with self._session.get(f"{self._site}/") as page:
            assert page.status == 200
        width, height = self._size
        self._line = await self._session.ws_connect(
            f"{self._site}/ws/{self._tab}?width={width}&height={height}", origin=self._site
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.close()

    async def send(self, text: str) -> None:
        await self._line.send_str(json.dumps(["stdin", text]))

    async def press(self, key: str, *texts: str) -> None:
        """Press it until all these are on the screen: what comes as the terminal is taken anew is dropped."""
        deadline = time.monotonic() + LONG
        while not self.shows(*texts):
            assert time.monotonic() < deadline, f"{key!r} does nothing; it shows:\n{self.text}"
            await self.send(key)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.until(*texts), PATIENCE)

    async def run_first(self) -> None:
        """From Home: open the first lesson, and run it."""
        await self.until("A line that climbs")
        await self.send("\r")
        await self.until("step 1 of 3")
        await self.send("r")
        await self.until("run 1 · finished")

    async def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        await self._line.send_str(json.dumps(["resize", {"width": width, "height": height}]))

    @property
    def text(self) -> str:
        # `screen.display` asks of each character how wide it is; what follows a wide one is empty.
        rows, columns, buffer = range(self.screen.lines), range(self.screen.columns), self.screen.buffer
        return "\n".join("".join([buffer[row][column].data for column in columns]).rstrip() for row in rows)

    def shows(self, *texts: str) -> bool:
        shown = " ".join(self.text.replace("│", " ").split())
        return all(text in shown for text in texts)

    async def until(self, *texts: str) -> None:
        """Wait until all these are on the screen."""
        await self.wait_for(lambda: self.shows(*texts), f"{texts} on the screen")

    async def wait_for(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + LONG
        while not true():
            try:  # not by a timeout of `receive`, which begins anew with each ping
                going = await asyncio.wait_for(self._take(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                raise AssertionError(f"waited in vain for {what}; it shows:\n{self.text}") from None
            assert going, f"the line ended before {what}: {self.why}\n{self.text}"

    async def closed(self) -> str:
        """Wait for the end of the line; with what it was closed."""
        deadline = time.monotonic() + LONG
        while await asyncio.wait_for(self._take(), deadline - time.monotonic()):
            pass
        return self.why

    async def _take(self) -> bool:
        came = await self._line.receive()
        if came.type is WSMsgType.BINARY:
            self._stream.feed(FOR_OTHER_TERMINALS.sub(b"", came.data))
        elif came.type is WSMsgType.TEXT:
            kind, what = json.loads(came.data)
            if kind == "word":
                self.words.append(what)
        else:
            self.why = str(came.extra or "")
            return False
        return True
