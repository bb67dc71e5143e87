"""The playground in headless Chromium: what a person does there."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from typing import Any

import pyte
import pytest

pytest.importorskip("textual_serve", reason="nothing is served without textual-serve")
pytest.importorskip("playwright", reason="these tests need playwright")
from browser import FOR_OTHER_TERMINALS, LONG
from playwright import async_api as playwright  # pyrefly: ignore[missing-import]
from test_serve_command import TOKEN, serving

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("shares_a_fork_server")]

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is none of {', '.join(NAMES)}")
    async with playwright.async_playwright() as at_work:
        browser = await at_work.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Tab:
    """One tab; what its terminal is sent is painted here too, for a browser's terminal paints pixels."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._begin)

    def _begin(self, line: Any) -> None:
        columns, rows = map(int, re.findall(r"=(\d+)", line.url))
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        line.on("framereceived", self._paint)
        line.on("framesent", self._resize)

    def _paint(self, payload: bytes | str) -> None:
        if isinstance(payload, bytes):
            self._stream.feed(FOR_OTHER_TERMINALS.sub(b"", payload))

    def _resize(self, payload: bytes | str) -> None:
        if size := re.match(r'\["resize",{"width":(\d+),"height":(\d+)}', str(payload)):
            self.screen.resize(int(size[2]), int(size[1]))

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def until(self, *texts: str) -> None:
        """Wait until all these stand in its terminal, and the terminal is what one sees."""
        await self._until("document.body.classList.contains('-playing')")
        deadline = time.monotonic() + LONG
        while not all(text in " ".join(self._text().replace("│", " ").split()) for text in texts):
            assert time.monotonic() < deadline, f"waited in vain for {texts}:\n{self._text()}"
            await asyncio.sleep(0.05)
        assert not self.errors

    async def _until(self, true: str) -> None:
        """Not by playwright's own waiting, which is for frames that a busy machine does not paint."""
        deadline = time.monotonic() + LONG
        while not await self._is(true):
            assert time.monotonic() < deadline, f"waited in vain for {true}"
            await asyncio.sleep(0.05)

    async def _is(self, true: str) -> bool:
        """False, too, while one page goes and the next comes: then there is nothing to ask."""
        try:
            return bool(await self.page.evaluate(true))
        except playwright.Error as error:
            if "context was destroyed" not in str(error):
                raise
            return False

    def _text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def until_it_says(self, text: str) -> None:
        await self._until(f"document.body.innerText.includes('{text}')")


async def test_a_morning_in_a_browser(tmp_path, chromium):
    async with serving(tmp_path, "--max", "2") as at:
        context = await chromium.new_context(viewport={"width": 1000, "height": 700})
        tab = Tab(await context.new_page())
        await tab.page.goto(at.link)
        await tab.until("A line that climbs", "lab ready")
        await tab.press("Enter")
        await tab.until("What is the last value?")
        await tab.press("5", "Enter")  # a prediction
        await tab.until("press r to run")
        await tab.press("r")
        await tab.until("run 1 · finished")
        await tab.press("e")  # an edit
        await tab.until("FACTOR = 1")
        await tab.page.keyboard.type("# mine\n")
        await tab.until("# mine")
        await tab.press("Escape")
        await tab.page.set_viewport_size({"width": 1300, "height": 560})
        await tab.until("run 1")
        await tab.page.reload()
        await tab.until("step 1 of 3", "run 1")

        second = Tab(await context.new_page())
        await second.page.goto(at.link)
        await second.until("A line that climbs")
        third = Tab(await context.new_page())
        await third.page.goto(at.link)
        await third.until_it_says("you are the next")

        await second.press("q")
        await second.until_it_says("You left. Your work is kept.")
        await third.until("A line that climbs")
        await third.press("q")
        await third.until_it_says("You left.")
        await second.page.click("#back")
        await second.until("A line that climbs")


async def test_an_idle_visitor_is_let_go_and_comes_back_by_the_button(tmp_path, chromium):
    async with serving(tmp_path, "--idle", "0.2") as at:
        tab = Tab(await chromium.new_page())
        await tab.page.goto(at.link)
        await tab.until("A line that climbs")
        await tab.until_it_says("There was no key for 0.2 minutes. Your work is kept.")
        await tab.press("Enter")  # the button has the focus
        await tab.until("A line that climbs")


async def test_the_token_in_a_form(tmp_path, chromium):
    async with serving(tmp_path, "--token", TOKEN) as at:
        tab = Tab(await chromium.new_page())
        await tab.page.goto(at.link)
        await tab.page.fill("input", "a-token-that-is-wrong")
        await tab.page.click("button")
        await tab.until_it_says("That is not the token")
        await tab.page.fill("input", TOKEN)
        await tab.page.click("button")
        await tab.until("A line that climbs")
        assert TOKEN not in tab.page.url


async def test_a_page_of_another_site_reaches_nothing(tmp_path, chromium):
    """127.0.0.1 and localhost are two sites to a browser."""
    async with serving(tmp_path, "--no-token") as at:
        page = await chromium.new_page()
        await page.goto(f"{at.site.replace('localhost', '127.0.0.1')}/static/css/xterm.css")
        opened = await page.evaluate(
            """address => new Promise(done => {
                const line = new WebSocket(address);
                line.onopen = () => done(true);
                line.onerror = () => done(false);
            })""",
            f"{at.site.replace('http', 'ws')}/ws/{'1' * 32}",
        )
        assert opened is False
