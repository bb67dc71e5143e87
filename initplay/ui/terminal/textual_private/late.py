"""Keys, mouse reports and sizes that come late: for what is no more on the screen, or not yet laid out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from traceback import walk_tb

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.geometry import Offset
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import WorkerFailed


def let_what_comes_late_pass() -> None:
    """Drop a key or a mouse report for something that is no more on the screen, or not yet laid out.

    Textual looks for it, does not find it, and ends the app.
    """
    _dismiss_a_screen_once()
    _find_no_widget_that_is_removed()
    _choose_no_option_that_is_not_shown()
    _ask_nothing_of_what_is_gone()
    _resize_to_what_is()


def _dismiss_a_screen_once() -> None:
    """Two keys that close a page may both be on their way to it: the second closed what is under the page."""
    dismiss = Screen.dismiss

    def dismiss_if_on_top(screen: Screen, result: object = None) -> AwaitComplete:
        if screen.app.screen_stack[-1:] != [screen]:
            return AwaitComplete()
        return dismiss(screen, result)

    Screen.dismiss = dismiss_if_on_top  # type: ignore[method-assign]


def _find_no_widget_that_is_removed() -> None:
    """A widget stays under the pointer until the next layout, without a parent (Textualize/textual#6643)."""
    find = getattr(Screen, "get_widget_and_offset_at", None)
    if find is None:
        return

    def find_attached(screen: Screen, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        widget, offset = find(screen, x, y)
        return (widget, offset) if widget is None or widget.is_attached else (None, None)

    Screen.get_widget_and_offset_at = find_attached  # type: ignore[method-assign]


def _choose_no_option_that_is_not_shown() -> None:
    """A list without room has no lines to turn a page of; a click is on an option the list had before."""
    for name in ("action_page_up", "action_page_down"):
        turn = getattr(OptionList, name)

        def turn_what_is_laid_out(options: OptionList, turn: Callable[[OptionList], None] = turn) -> None:
            with suppress(KeyError, IndexError):  # of the line that the option or the page begins with
                turn(options)

        setattr(OptionList, name, turn_what_is_laid_out)

    click = getattr(OptionList, "_on_click", None)
    if click is None:
        return

    async def click_what_is_there(options: OptionList, event: events.Click) -> None:
        if event.style.meta.get("option", 0) < options.option_count:
            await click(options, event)

    OptionList._on_click = click_what_is_there  # type: ignore[method-assign]


def _ask_nothing_of_what_is_gone() -> None:
    """A page that is being closed has no widgets any more, but messages and timers that ask for them.

    The error is caught where the message is handled: further up, whoever handles it would be ended by it.
    """
    dispatch = getattr(MessagePump, "_dispatch_message", None)
    if dispatch is not None:

        async def dispatch_what_matters(pump: MessagePump, message: Message) -> None:
            try:
                await dispatch(pump, message)
            except NoMatches as error:
                if not is_of_what_is_gone(error):
                    raise

        MessagePump._dispatch_message = dispatch_what_matters  # type: ignore[method-assign]

    handle = getattr(App, "_handle_exception", None)
    if handle is not None:

        def handle_what_matters(app: App[object], error: Exception) -> None:
            if not is_of_what_is_gone(error):
                handle(app, error)

        App._handle_exception = handle_what_matters  # type: ignore[method-assign]


def is_of_what_is_gone(error: Exception) -> bool:
    """Whether something was looked for in a part of the screen that is gone, or is being removed."""
    asked = _asked(error)
    return asked is not None and is_gone(asked)


def is_of_what_is_not_there(error: Exception) -> bool:
    """Whether something was looked for in a part of the screen that is gone, or that is not built yet."""
    asked = _asked(error)
    return asked is not None and (is_gone(asked) or not asked.is_mounted)


def _asked(error: BaseException) -> Widget | None:
    """The widget in which something was looked for in vain, if that is the error."""
    if isinstance(error, WorkerFailed):
        return _asked(error.error)
    if not isinstance(error, NoMatches):
        return None
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    asked = frames[-1].f_locals.get("self") if frames else None
    return asked if isinstance(asked, Widget) else None


def is_gone(widget: Widget) -> bool:
    """Whether a widget is no part of the screen any more, or is being removed, and its own before it."""
    lineage = [node for node in widget.ancestors_with_self if isinstance(node, Widget)]
    return (
        not widget.is_attached
        or lineage[-1] not in widget.app.screen_stack
        or any(getattr(node, "_pruning", False) for node in lineage)
    )


def _resize_to_what_is() -> None:
    """Give a screen the size that the terminal has, whatever size its event tells.

    A layout posts the screen's size to the screen. Of two sizes in its queue each would ask for the other,
    for ever; and Textual keeps the last of two resizes in a row, so that a layout of a moment before would
    take the place of the terminal's new size.
    """
    resize = getattr(Screen, "_on_resize", None)
    if resize is None:
        return

    async def resize_to_what_is(screen: Screen, event: events.Resize) -> None:
        size = screen.app.size
        await resize(screen, event if event.size == size else events.Resize(size, size))

    Screen._on_resize = resize_to_what_is  # type: ignore[method-assign]
