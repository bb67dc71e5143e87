"""A key or a mouse report for what is no more on the screen, or not yet laid out, is dropped.

Small apps of Textual's own, in which each of them ends the app, or goes on for ever, as Textual has it.
"""

from __future__ import annotations

import asyncio

import pytest
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.css.query import NoMatches
from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.widgets import Label, OptionList

from initplay.ui.terminal.textual_private import late
from initplay.ui.terminal.textual_private.late import is_gone, is_of_what_is_gone, is_of_what_is_not_there

REPLACED = [
    (Screen, "dismiss"),
    (Screen, "get_widget_and_offset_at"),
    (Screen, "_on_resize"),
    (OptionList, "action_page_up"),
    (OptionList, "action_page_down"),
    (OptionList, "_on_click"),
    (App, "_handle_exception"),
    (MessagePump, "_dispatch_message"),
]


@pytest.fixture(autouse=True)
def replaced(monkeypatch):
    """For one test alone."""
    for owner, name in REPLACED:
        monkeypatch.setattr(owner, name, vars(owner)[name])
    late.let_what_comes_late_pass()
    changed = [name for owner, name in REPLACED if "textual_private" in vars(owner)[name].__module__]
    assert len(changed) == len(REPLACED)


class Page(ModalScreen[str]):
    def compose(self) -> ComposeResult:
        yield Label("page")

    def ask(self) -> None:
        self.query_one(Label)


class Small(App[None]):
    def compose(self) -> ComposeResult:
        yield Label("text under the pointer")
        yield OptionList("one", "two")


async def test_a_page_that_is_closed_twice_closes_nothing_else():
    results: list[str | None] = []
    async with Small().run_test() as pilot:
        page = Page()
        await pilot.app.push_screen(page, results.append)
        page.dismiss("first")
        page.dismiss("second")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 1
        assert results == ["first"]


async def test_a_page_under_another_is_not_closed_by_the_key_that_was_for_it():
    async with Small().run_test() as pilot:
        below, above = Page(), Page()
        await pilot.app.push_screen(below)
        await pilot.app.push_screen(above)
        below.dismiss()
        await pilot.pause()
        assert pilot.app.screen is above


async def test_a_text_that_has_just_been_removed_is_not_selected():
    async with Small().run_test() as pilot:
        label = pilot.app.query_one(Label)
        screen = pilot.app.screen
        assert screen.get_widget_and_offset_at(3, 0)[0] is label
        label.remove()
        while label.is_attached:
            await asyncio.sleep(0)
        assert screen.get_widget_and_offset_at(3, 0) == (None, None)


@pytest.mark.parametrize("key", ["pagedown", "pageup"])
async def test_a_list_without_room_turns_no_page(key):
    async with Small().run_test() as pilot:
        options = pilot.app.query_one(OptionList)
        options.styles.height = 0
        options.focus()
        await pilot.pause()
        options.set_options(["one", "two", "three"])
        options.highlighted = 2
        await pilot.press(key)
        assert pilot.app.is_running


async def test_a_click_on_an_option_that_is_gone_chooses_none():
    async with Small().run_test() as pilot:
        options = pilot.app.query_one(OptionList)
        before = options.highlighted
        click = events.Click(options, 1, 1, 0, 0, 1, False, False, False, 1, 1, Style(meta={"option": 7}))
        options.post_message(click)
        await pilot.pause()
        assert pilot.app.is_running and options.highlighted == before


async def test_what_a_closed_page_asks_of_its_widgets_is_nobodys_error():
    async with Small().run_test() as pilot:
        page = Page()
        await pilot.app.push_screen(page)
        assert not is_gone(page)
        page.dismiss()
        await pilot.pause()
        assert is_gone(page)
        with pytest.raises(NoMatches) as raised:
            page.ask()
        assert is_of_what_is_gone(raised.value)
        with pytest.raises(NoMatches) as raised:
            pilot.app.screen.query_one(Page)
        assert not is_of_what_is_gone(raised.value), "of what is there, it is one"
        assert not is_of_what_is_gone(ValueError())


async def test_who_asks_something_of_what_is_gone_goes_on():
    async with Small().run_test() as pilot:
        label, options = pilot.app.query_one(Label), pilot.app.query_one(OptionList)
        await label.remove()
        options.call_later(lambda: label.query_one(OptionList))
        await pilot.pause()
        options.focus()
        before = options.highlighted
        await pilot.press("down")
        assert options.highlighted != before


async def test_what_is_asked_of_a_page_that_is_not_built_yet_is_too_soon():
    async with Small().run_test() as pilot:
        page = Page()
        pilot.app.push_screen(page)
        with pytest.raises(NoMatches) as raised:
            page.ask()
        assert is_of_what_is_not_there(raised.value) and not is_of_what_is_gone(raised.value)
        await pilot.pause()
        page.ask()


class Busy(Screen[None]):
    """Has something to do after each change of its size, as ours have; ends it when that never ends."""

    sizes = 0

    def on_resize(self) -> None:
        self.sizes += 1
        self.call_later(self.app.exit if self.sizes > 30 else lambda: None)


async def test_two_sizes_at_once_come_to_rest():
    async with Small().run_test(size=(80, 24)) as pilot:
        screen = Busy()
        await pilot.app.push_screen(screen)
        for width in (60, 80):
            screen.post_message(events.Resize(Size(width, 24), Size(width, 24)))
            screen.call_later(lambda: None)
        for _ in range(50):
            await pilot.pause()
        assert screen.sizes <= 30
        assert screen.outer_size == Size(80, 24)


async def test_a_layout_of_a_moment_before_does_not_take_the_place_of_a_new_size():
    async with Small().run_test(size=(80, 24)) as pilot:
        screen, laid_out = Screen[None](), asyncio.Event()
        await pilot.app.push_screen(screen)
        screen.call_later(laid_out.wait)
        pilot.app.post_message(events.Resize(Size(100, 30), Size(100, 30)))
        while pilot.app.size != Size(100, 30) or pilot.app._resize_event is not None:
            await asyncio.sleep(0.001)  # the screen, which waits, is to be told before what follows
        screen.post_message(events.Resize(Size(80, 24), Size(80, 24)))
        laid_out.set()
        for _ in range(5):
            await pilot.pause()
        assert screen.outer_size == Size(100, 30)
