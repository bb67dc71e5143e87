"""Who takes a message is who Textual finds, and a callback is given what Textual would give it."""

from __future__ import annotations

from functools import partial, wraps
from inspect import signature
from typing import cast

import pytest
from textual import events, messages
from textual._callback import _count_parameters
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static, TextArea

from initplay.ui.app import Playground
from initplay.ui.bench.bench import Bench
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.terminal.textual_private.messages import find_who_takes_a_message_once, parameters

KINDS = [Playground, LessonScreen, Bench, Button, Input, OptionList, Static, TextArea, Widget, App]
MESSAGES = [
    events.Key("a", "a"),
    events.Mount(),
    events.Resize((80, 24), (80, 24)),  # type: ignore[arg-type]
    events.ScreenResume(),
    events.Show(),
    events.Idle(),
    messages.Update(cast(Widget, None)),
    Bench.Ended(),
    Button.Pressed(Button("x")),
]
TEXTUALS = MessagePump._get_dispatch_methods


def taking(
    pump: MessagePump, message: Message, *, stopped_by: type | None = None
) -> list[tuple[type, object]]:
    """The classes that take it, and their functions; those before `stopped_by`, if that stops it."""
    message._no_default_action = False
    found = []
    for cls, method in pump._get_dispatch_methods(message.handler_name, message):
        found.append((cls, method.__func__))  # type: ignore[attr-defined]
        if cls is stopped_by:
            message._no_default_action = True
    return found


@pytest.fixture
def as_textual_has_it(monkeypatch):
    monkeypatch.setattr(MessagePump, "_get_dispatch_methods", TEXTUALS)
    return TEXTUALS


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_methods_take_a_message(kind, as_textual_has_it):
    pump = object.__new__(kind)
    expected = [taking(pump, message) for message in MESSAGES]
    find_who_takes_a_message_once()
    assert MessagePump._get_dispatch_methods is not as_textual_has_it
    for _ in range(2):  # the second time from memory
        assert [taking(pump, message) for message in MESSAGES] == expected


def test_a_class_may_stop_a_message_for_those_that_it_comes_from(as_textual_has_it):
    pump, key = object.__new__(TextArea), events.Key("a", "a")
    (first, function), *others = taking(pump, key)
    find_who_takes_a_message_once()
    assert others
    assert taking(pump, key, stopped_by=first) == [(first, function)]


def plain(a, b): ...
def with_more(a, *rest, b=1, **named): ...


@wraps(plain)
def wrapped(*everything): ...


class Owner:
    def method(self, a): ...

    @classmethod
    def of_class(cls, a, b): ...

    @staticmethod
    def of_none(a): ...

    def __call__(self, a): ...


CALLBACKS = [plain, with_more, wrapped, lambda: 0, lambda a, /, *, b: 0, partial(plain, 1), len]
METHODS = [Owner().method, Owner.method, Owner.of_class, Owner.of_none, Owner()]


@pytest.mark.parametrize("callback", [*CALLBACKS, *METHODS])
def test_a_callback_has_as_many_parameters_as_its_signature(callback):
    assert parameters(callback, _count_parameters) == len(signature(callback).parameters)
